package testca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"time"

	pkcs12 "software.sslmate.com/src/go-pkcs12"
)

// Identity is a key with its certificate and the chain above it, the issuing
// CA first and without the root.
type Identity struct {
	Signer      crypto.Signer
	Certificate *x509.Certificate
	Chain       []*x509.Certificate
}

// Algorithm names a kind of key.
type Algorithm string

// The kinds of keys that can be issued.
const (
	RSA2048 Algorithm = "RSA-2048" // the default
	RSA1024 Algorithm = "RSA-1024" // too weak to sign with
	RSA4096 Algorithm = "RSA-4096"
	P256    Algorithm = "P-256"
	P384    Algorithm = "P-384"
	P521    Algorithm = "P-521"
)

// Option changes what is issued.
type Option func(*issue)

// issue is one certificate under way.
type issue struct {
	template  *x509.Certificate
	algorithm Algorithm
}

// WithKey chooses the kind of key.
func WithKey(alg Algorithm) Option { return func(i *issue) { i.algorithm = alg } }

// WithUsage replaces the key usage, digitalSignature and nonRepudiation.
func WithUsage(u x509.KeyUsage) Option {
	return func(i *issue) { i.template.KeyUsage = u }
}

// WithValidity replaces the period of validity.
func WithValidity(notBefore, notAfter time.Time) Option {
	return func(i *issue) { i.template.NotBefore, i.template.NotAfter = notBefore, notAfter }
}

// WithSources replaces the addresses that the certificate names: of the OCSP
// responder, the revocation list and the issuer's certificate.
func WithSources(ocsp, crl, issuer []string) Option {
	return func(i *issue) {
		i.template.OCSPServer, i.template.CRLDistributionPoints, i.template.IssuingCertificateURL = ocsp, crl, issuer
	}
}

// Person issues to a natural person of an organisation; name and organisation
// may be Vietnamese.
func (a *Authority) Person(name, organisation string, opts ...Option) (*Identity, error) {
	return a.issue(pkix.Name{
		Country:            []string{"VN"},
		Organization:       []string{organisation},
		OrganizationalUnit: []string{"sohoa TEST"},
		CommonName:         name,
	}, opts)
}

// Agency issues to an office, whose name is the common name.
func (a *Authority) Agency(name string, opts ...Option) (*Identity, error) {
	return a.issue(pkix.Name{
		Country:            []string{"VN"},
		OrganizationalUnit: []string{"sohoa TEST"},
		CommonName:         name,
	}, opts)
}

func (a *Authority) issue(subject pkix.Name, opts []Option) (*Identity, error) {
	t := a.template(subject, signerYears)
	t.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	a.addURLs(t)
	i := &issue{template: t, algorithm: RSA2048}
	for _, o := range opts {
		o(i)
	}
	key, err := newKey(i.algorithm)
	if err != nil {
		return nil, fmt.Errorf("make a key for %s: %w", subject.CommonName, err)
	}
	p, err := a.sign(i.template, a.issuing, key)
	if err != nil {
		return nil, err
	}
	return &Identity{Signer: p.key, Certificate: p.cert, Chain: []*x509.Certificate{a.issuing.cert}}, nil
}

func (a *Authority) addURLs(t *x509.Certificate) {
	if a.baseURL == "" {
		return
	}
	t.OCSPServer = []string{a.baseURL + "/ocsp"}
	t.CRLDistributionPoints = []string{a.baseURL + "/issuing.crl"}
	t.IssuingCertificateURL = []string{a.baseURL + "/issuing.cer"}
}

func newKey(alg Algorithm) (crypto.Signer, error) {
	switch alg {
	case RSA1024:
		return rsa.GenerateKey(rand.Reader, 1024)
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	case P256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case P384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case P521:
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	}
	return nil, fmt.Errorf("unknown kind of key %q", alg)
}

// PKCS12 packs the key, its certificate and the chain as a .p12 file
// (RFC 7292, AES-256) under password.
func (id *Identity) PKCS12(password string) ([]byte, error) {
	b, err := pkcs12.Modern.Encode(id.Signer, id.Certificate, id.Chain, password)
	if err != nil {
		return nil, fmt.Errorf("pack the key of %s: %w", id.Certificate.Subject.CommonName, err)
	}
	return b, nil
}

// PEM is the certificate alone.
func (id *Identity) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: id.Certificate.Raw})
}
