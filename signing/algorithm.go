package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Algorithm names how a signature value is computed over the SHA-256 of the
// signed attributes.
type Algorithm string

// The algorithms.
const (
	RSAPKCS1 Algorithm = "RSASSA-PKCS1-v1_5"
	RSAPSS   Algorithm = "RSASSA-PSS"
	ECDSA    Algorithm = "ECDSA"
)

// algorithmFor is the algorithm that a certificate's key signs with.
func algorithmFor(c *x509.Certificate, pss bool) (Algorithm, error) {
	switch c.PublicKey.(type) {
	case *rsa.PublicKey:
		if pss {
			return RSAPSS, nil
		}
		return RSAPKCS1, nil
	case *ecdsa.PublicKey:
		return ECDSA, nil
	}
	return "", fmt.Errorf("no algorithm for a %T", c.PublicKey)
}

// Options are what crypto.Signer needs to make a signature value over a digest.
func (a Algorithm) Options() crypto.SignerOpts {
	if a == RSAPSS {
		return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	}
	return crypto.SHA256
}

// valueSize is the largest signature value of a key, bytes.
func valueSize(public crypto.PublicKey) int {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return k.Size()
	case *ecdsa.PublicKey:
		return 2*((k.Curve.Params().BitSize+7)/8+2) + 4 // DER of two integers
	}
	return 0
}

// Verify checks a signature value over digest, and returns it as CMS wants
// it: tokens give the bare halves of an ECDSA value, CMS has them in DER.
func (a Algorithm) Verify(public crypto.PublicKey, digest, value []byte) ([]byte, error) {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if a == RSAPSS {
			return value, rsa.VerifyPSS(k, crypto.SHA256, digest, value, &rsa.PSSOptions{SaltLength: sha256Size})
		}
		return value, rsa.VerifyPKCS1v15(k, crypto.SHA256, digest, value)
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(k, digest, value) {
			return value, nil
		}
		der, ok := joinHalves(value, (k.Curve.Params().BitSize+7)/8)
		if ok && ecdsa.VerifyASN1(k, digest, der) {
			return der, nil
		}
		return nil, errors.New("ECDSA verification failed")
	}
	return nil, fmt.Errorf("no algorithm for a %T", public)
}

const sha256Size = 32

// joinHalves turns r||s into DER.
func joinHalves(value []byte, n int) ([]byte, bool) {
	if len(value) != 2*n {
		return nil, false
	}
	der, err := asn1.Marshal([]*big.Int{new(big.Int).SetBytes(value[:n]), new(big.Int).SetBytes(value[n:])})
	return der, err == nil
}

var (
	oidSHA256      = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidRSA         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidPSS         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidECDSASHA256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

// addIdentifier writes the AlgorithmIdentifier of a signature value.
func (a Algorithm) addIdentifier(b *cryptobyte.Builder) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		switch a {
		case RSAPKCS1:
			b.AddASN1ObjectIdentifier(oidRSA)
			b.AddASN1NULL() // explicit: RFC 3370, 3.2
		case RSAPSS:
			b.AddASN1ObjectIdentifier(oidPSS)
			addPSSParameters(b)
		case ECDSA:
			b.AddASN1ObjectIdentifier(oidECDSASHA256)
		}
	})
}

// Parameters are the parameters in the algorithm's identifier, DER: those of
// RSASSA-PSS, nil for the others, which have none to choose.
func (a Algorithm) Parameters() []byte {
	if a != RSAPSS {
		return nil
	}
	var b cryptobyte.Builder
	addPSSParameters(&b)
	return b.BytesOrPanic()
}

// addPSSParameters writes RSASSA-PSS-params for SHA-256 (RFC 4055, 3.1).
func addPSSParameters(b *cryptobyte.Builder) {
	tag := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag(0), addSHA256)
		b.AddASN1(tag(1), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidMGF1)
				addSHA256(b)
			})
		})
		b.AddASN1(tag(2), func(b *cryptobyte.Builder) { b.AddASN1Int64(sha256Size) })
	})
}

// addSHA256 writes the AlgorithmIdentifier of SHA-256, without parameters as
// RFC 5754, 2 prefers.
func addSHA256(b *cryptobyte.Builder) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidSHA256) })
}
