package validation_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
	"golang.org/x/crypto/ocsp"

	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// pki is an authority whose every certificate, answer and list the tests make
// themselves, also such as no authority should make.
type pki struct {
	root, issuing, unit pair
	serial              int64
}

type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newPKI(t testing.TB) *pki {
	t.Helper()
	p := &pki{}
	p.root = p.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Root"}, IsCA: true}, pair{})
	p.issuing = p.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Issuing"}, IsCA: true}, p.root)
	p.unit = p.stampUnit(t, p.issuing)
	return p
}

// issue makes a certificate below parent, of the next serial number; template
// may leave out everything but its subject.
func (p *pki) issue(t testing.TB, template *x509.Certificate, parent pair) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.serial++
	template.SerialNumber = big.NewInt(p.serial)
	if template.NotBefore.IsZero() {
		template.NotBefore = now.AddDate(-4, 0, 0)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = now.AddDate(16, 0, 0)
	}
	if template.BasicConstraintsValid = template.IsCA; template.IsCA {
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	} else {
		template.KeyUsage = x509.KeyUsageDigitalSignature
	}
	if parent.cert == nil {
		parent = pair{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.cert, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return pair{cert, key}
}

// person is somebody with a certificate of the issuing authority.
func (p *pki) person(t testing.TB) *testca.Identity {
	t.Helper()
	made := p.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Nguyễn Vĩnh Nghĩa"}, NotAfter: now.AddDate(2, 0, 0)}, p.issuing)
	return &testca.Identity{Signer: made.key, Certificate: made.cert, Chain: []*x509.Certificate{p.issuing.cert}}
}

// responder is somebody to whom by gives OCSP.
func (p *pki) responder(t testing.TB, by pair, change func(*x509.Certificate)) pair {
	t.Helper()
	c := &x509.Certificate{Subject: pkix.Name{CommonName: "Responder"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}}
	if change != nil {
		change(c)
	}
	return p.issue(t, c, by)
}

func noCheck(c *x509.Certificate) {
	c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: asn1.NullBytes}}
}

func (p *pki) stampUnit(t testing.TB, by pair) pair {
	t.Helper()
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		t.Fatal(err)
	}
	return p.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "TSA"}, NotAfter: now.AddDate(5, 0, 0),
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}}}, by)
}

// answer is an OCSP answer about cert by signer, an hour after the time of the
// tests unless change says otherwise.
func (p *pki) answer(t testing.TB, cert *x509.Certificate, signer pair, change func(*ocsp.Response)) []byte {
	t.Helper()
	r := ocsp.Response{Status: ocsp.Good, SerialNumber: cert.SerialNumber, ThisUpdate: now.Add(time.Hour), NextUpdate: now.Add(25 * time.Hour), IssuerHash: crypto.SHA1}
	if !signer.cert.Equal(p.issuing.cert) {
		r.Certificate = signer.cert
	}
	if change != nil {
		change(&r)
	}
	der, err := ocsp.CreateResponse(p.issuing.cert, signer.cert, r, signer.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// list is a revocation list by signer, an hour after the time of the tests
// unless change says otherwise.
func (p *pki) list(t testing.TB, signer pair, change func(*x509.RevocationList)) []byte {
	t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: now.Add(time.Hour), NextUpdate: now.Add(25 * time.Hour)}
	if change != nil {
		change(l)
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, signer.cert, signer.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// revoking puts a certificate on a list.
func revoking(cert *x509.Certificate, at time.Time, reason int, extra ...pkix.Extension) func(*x509.RevocationList) {
	return func(l *x509.RevocationList) {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: cert.SerialNumber, RevocationTime: at, ReasonCode: reason, ExtraExtensions: extra})
	}
}

// extended gives a list an extension.
func extended(oid asn1.ObjectIdentifier, value []byte) func(*x509.RevocationList) {
	return func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: oid, Critical: true, Value: value})
	}
}

// stampAt is a timestamp unit whose clock stands still.
type stampAt struct {
	*pki
	at time.Time
}

// Respond implements stampUnit.
func (s stampAt) Respond(request []byte) ([]byte, error) {
	req, err := timestamp.ParseRequest(request)
	if err != nil {
		return nil, err
	}
	ts := &timestamp.Timestamp{HashAlgorithm: req.HashAlgorithm, HashedMessage: req.HashedMessage, Time: s.at, Nonce: req.Nonce,
		Policy: asn1.ObjectIdentifier{1, 2, 3}, AddTSACertificate: true, Certificates: []*x509.Certificate{s.issuing.cert}}
	return ts.CreateResponseWithOpts(s.unit.cert, s.unit.key, crypto.SHA256)
}

// signed is a file with a timestamped signature by id, made at the time of the
// tests.
func (p *pki) signed(t testing.TB, id *testca.Identity) []byte {
	t.Helper()
	return handmade{id: id, cms: stamped(id, stampAt{p, now}, same)}.sign(t, build(base))
}

// archived adds a document timestamp in a field of its own.
func (p *pki) archived(t testing.TB, pdf []byte, at time.Time) []byte {
	t.Helper()
	num := 400
	for hasObject(pdf, num) {
		num += 10
	}
	h := handmade{num: num, field: "Archive" + itoa(num), subFilter: "ETSI.RFC3161", cms: func(t testing.TB, content []byte) []byte {
		return token(t, stampAt{p, at}, content)
	}}
	return h.signAs(t, pdf, "DocTimeStamp")
}

// trusting are options that trust the authority, two hours after the time of the
// tests.
func (p *pki) trusting() validation.Options {
	return validation.Options{Now: now.Add(2 * time.Hour), Roots: []validation.Root{{World: "test", Certificate: p.root.cert}}}
}
