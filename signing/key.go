package signing

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"time"

	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"sohoa"
)

// Key is a key that signs at once, with its certificate and those above it,
// the issuer first and without the root.
type Key struct {
	Signer      crypto.Signer
	Certificate *x509.Certificate
	Chain       []*x509.Certificate
}

// LoadPKCS12 opens a .p12 or .pfx file. It fails with the Problem
// sign.password, or with what Check finds as of now.
func LoadPKCS12(data []byte, password string) (*Key, error) {
	private, cert, above, err := pkcs12.DecodeChain(data, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, problem(sohoa.ErrInvalid, "sign.password", "PKCS#12")
	}
	if err != nil {
		return nil, detailed(sohoa.ErrInvalid, "sign.key", err, "PKCS#12")
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return nil, problem(sohoa.ErrInvalid, "sign.key", name(cert))
	}
	return NewKey(signer, cert, above)
}

// NewKey joins a key with its certificate, and finds the certificates above
// it among those given, in any order. It fails with what Check finds as of now.
func NewKey(signer crypto.Signer, cert *x509.Certificate, above []*x509.Certificate) (*Key, error) {
	k := &Key{Signer: signer, Certificate: cert, Chain: Chain(cert, above)}
	if err := k.Check(time.Now()); err != nil {
		return nil, err
	}
	return k, nil
}

// Chain picks the certificates above cert out of a bag, in order, up to the
// root, which is left out.
func Chain(cert *x509.Certificate, bag []*x509.Certificate) []*x509.Certificate {
	var out []*x509.Certificate
	for range bag {
		next := issuer(cert, bag)
		if next == nil || bytes.Equal(next.RawIssuer, next.RawSubject) {
			break
		}
		out = append(out, next)
		cert = next
	}
	return out
}

func issuer(cert *x509.Certificate, bag []*x509.Certificate) *x509.Certificate {
	for _, c := range bag {
		if bytes.Equal(c.RawSubject, cert.RawIssuer) && cert.CheckSignatureFrom(c) == nil {
			return c
		}
	}
	return nil
}

// Certificates returns the certificate and its chain.
func (k *Key) Certificates() []*x509.Certificate {
	return append([]*x509.Certificate{k.Certificate}, k.Chain...)
}

// Sign makes the signature value for p.
func (k *Key) Sign(ctx context.Context, p *Prepared) ([]byte, error) {
	values, _, err := k.SignDigests(ctx, p.Algorithm, [][]byte{p.Digest()})
	if err != nil {
		return nil, err
	}
	return values[0], nil
}

// Check returns a Problem unless the key belongs to its certificate and the
// certificate is good for signing documents at t. Revocation is not checked.
func (k *Key) Check(t time.Time) error {
	public, ok := k.Signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(k.Certificate.PublicKey) {
		return problem(sohoa.ErrInvalid, "sign.key-mismatch", name(k.Certificate))
	}
	return checkCertificate(k.Certificate, t)
}

// checkCertificate returns a Problem unless c may sign documents at t.
func checkCertificate(c *x509.Certificate, t time.Time) error {
	const signs = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	switch {
	case t.Before(c.NotBefore) || t.After(c.NotAfter):
		return problem(sohoa.ErrInvalid, "sign.key-expired", name(c), day(c.NotBefore), day(c.NotAfter))
	case c.KeyUsage != 0 && c.KeyUsage&signs == 0:
		return problem(sohoa.ErrInvalid, "sign.key-usage", name(c))
	case !strong(c.PublicKey):
		return problem(sohoa.ErrInvalid, "sign.key-weak", name(c))
	}
	return nil
}

// day is a date as people in Việt Nam write it.
func day(t time.Time) string { return t.In(sohoa.Hanoi).Format("02/01/2006") }

// strong reports whether a public key is of a kind that we sign with.
func strong(public crypto.PublicKey) bool {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() >= minRSABits
	case *ecdsa.PublicKey:
		bits := k.Curve.Params().BitSize
		return bits == 256 || bits == 384 || bits == 521
	}
	return false
}
