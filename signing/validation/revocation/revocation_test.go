package revocation_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"sohoa"
	"sohoa/signing/validation/revocation"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// issuer is an authority with one certificate below it.
type issuer struct {
	cert, leaf *x509.Certificate
	key        *ecdsa.PrivateKey
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key}
	i.cert = i.issue(t, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign})
	i.leaf = i.issue(t, &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Somebody"}})
	return i
}

func (i *issuer) issue(t testing.TB, c *x509.Certificate) *x509.Certificate {
	t.Helper()
	c.NotBefore, c.NotAfter = noon.Add(-time.Hour), noon.AddDate(1, 0, 0)
	parent := i.cert
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, i.key.Public(), i.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func (i *issuer) answer(t testing.TB, change func(*ocsp.Response)) []byte {
	t.Helper()
	r := ocsp.Response{Status: ocsp.Good, SerialNumber: i.leaf.SerialNumber, ThisUpdate: noon, NextUpdate: noon.Add(time.Hour), IssuerHash: crypto.SHA256}
	if change != nil {
		change(&r)
	}
	der, err := ocsp.CreateResponse(i.cert, i.cert, r, i.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func (i *issuer) list(t testing.TB, entries ...x509.RevocationListEntry) []byte {
	t.Helper()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: noon,
		NextUpdate: noon.Add(time.Hour), RevokedCertificateEntries: entries}, i.cert, i.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestAnswer(t *testing.T) {
	i := newIssuer(t)
	a, err := revocation.ParseAnswer(i.answer(t, func(r *ocsp.Response) {
		r.Status, r.RevokedAt, r.RevocationReason = ocsp.Revoked, noon.Add(-time.Minute), 1
	}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.About(i.leaf, i.cert, nil)
	if err != nil || !s.Revoked || s.Hold || !s.At.Equal(noon.Add(-time.Minute)) || !s.Since.Equal(noon) || !s.Next.Equal(noon.Add(time.Hour)) {
		t.Errorf("About = %+v, %v; want revoked a minute before noon", s, err)
	}
	if !s.Signer.Equal(i.cert) || s.Hash.Name != "SHA-256" {
		t.Errorf("signed by %s with %s, want the authority with SHA-256", s.Signer.Subject, s.Hash.Name)
	}
	other := newIssuer(t) // same name, same serial numbers, another key
	if _, err := a.About(other.leaf, other.cert, nil); !errors.Is(err, revocation.ErrOther) {
		t.Errorf("About a certificate of another authority = %v, want %v", err, revocation.ErrOther)
	}
	if _, err := a.About(i.cert, i.cert, nil); !errors.Is(err, revocation.ErrOther) {
		t.Errorf("About another certificate = %v, want %v", err, revocation.ErrOther)
	}
}

func TestList(t *testing.T) {
	i := newIssuer(t)
	der := i.list(t, x509.RevocationListEntry{SerialNumber: i.leaf.SerialNumber, RevocationTime: noon, ReasonCode: 6})
	l, err := revocation.ParseList(der)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := l.About(i.leaf, i.cert); err != nil || !s.Revoked || !s.Hold || !s.At.Equal(noon) {
		t.Errorf("About = %+v, %v; want on hold since noon", s, err)
	}
	if s, err := l.About(i.issue(t, &x509.Certificate{SerialNumber: big.NewInt(3)}), i.cert); err != nil || s.Revoked {
		t.Errorf("About one that is not listed = %+v, %v; want good", s, err)
	}
	der[len(der)-1] ^= 1
	if l, err = revocation.ParseList(der); err != nil {
		t.Fatal(err)
	}
	if _, err := l.About(i.leaf, i.cert); !errors.Is(err, revocation.ErrSignature) {
		t.Errorf("About by a forged list = %v, want %v", err, revocation.ErrSignature)
	}
}

func TestTooLarge(t *testing.T) {
	if _, err := revocation.ParseAnswer(make([]byte, sohoa.MaxOCSPBytes+1)); !errors.Is(err, revocation.ErrMalformed) {
		t.Errorf("ParseAnswer of too much = %v", err)
	}
	if _, err := revocation.ParseList(make([]byte, sohoa.MaxCRLBytes+1)); !errors.Is(err, revocation.ErrMalformed) {
		t.Errorf("ParseList of too much = %v", err)
	}
}

func FuzzParseAnswer(f *testing.F) {
	i := newIssuer(f)
	f.Add(i.answer(f, nil))
	f.Add(i.answer(f, func(r *ocsp.Response) { r.Certificate = i.leaf }))
	f.Add(i.answer(f, func(r *ocsp.Response) { r.Status, r.RevokedAt, r.IssuerHash = ocsp.Revoked, noon, crypto.SHA1 }))
	f.Add([]byte{0x30, 0x03, 0x0a, 0x01, 0x03}) // try later
	f.Fuzz(func(t *testing.T, der []byte) {
		a, err := revocation.ParseAnswer(der)
		if err != nil {
			return
		}
		a.Serials()
		if s, err := a.About(i.leaf, i.cert, a.Certificates); err == nil && s.Signer == nil {
			t.Errorf("a statement without a signer: %+v", s)
		}
	})
}

func FuzzParseList(f *testing.F) {
	i := newIssuer(f)
	f.Add(i.list(f))
	f.Add(i.list(f, x509.RevocationListEntry{SerialNumber: i.leaf.SerialNumber, RevocationTime: noon}))
	f.Fuzz(func(t *testing.T, der []byte) {
		l, err := revocation.ParseList(der)
		if err != nil {
			return
		}
		if s, err := l.About(i.leaf, i.cert); err == nil && s.Signer == nil {
			t.Errorf("a statement without a signer, by the issuer %x", l.Issuer())
		}
	})
}
