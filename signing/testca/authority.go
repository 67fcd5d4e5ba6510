// Package testca is a certificate authority for tests and demonstrations. It
// issues what a signature needs (people's and agencies' certificates, a
// timestamp authority, revocation answers), each marked "sohoa TEST" in its
// subject, and it misbehaves on request.
//
// Nothing that it issues is worth anything: its keys lie beside the documents
// that they sign. An Authority is safe for concurrent use.
package testca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"sync"
	"sync/atomic"
	"time"
)

// Clock tells the time. A nil Clock is time.Now.
type Clock func() time.Time

// now is the time by c, in UTC and whole seconds as certificates have it.
func (c Clock) now() time.Time {
	if c == nil {
		return time.Now().UTC().Truncate(time.Second)
	}
	return c().UTC().Truncate(time.Second)
}

// Authority is a root, an issuing CA below it, and a timestamp unit.
type Authority struct {
	root    pair
	issuing pair
	tsa     pair
	clock   Clock
	baseURL string
	dir     string       // where it is kept; "" is in memory only
	slow    atomic.Int64 // nanoseconds that FaultSlow takes

	mu      sync.Mutex
	revoked map[string]Revocation // by serial number, decimal; guarded by mu

	fault     Fault // of status information; guarded by mu
	responder *pair // to which OCSP was given; guarded by mu
	requests  atomic.Int64

	strangerOnce sync.Once
	stranger     *Authority
	strangerErr  error
}

// pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// Validity of what is issued. Subscribers get three years and timestamp units
// five, the longest that Vietnamese law allows.
const (
	caYears     = 20
	signerYears = 3
	tsaYears    = 5
)

// New makes an authority whose certificates begin at the time of clock, with
// ECDSA P-256 keys. It lives in memory only.
func New(clock Clock) (*Authority, error) { return NewAt(clock, "") }

// NewAt is New for an authority that is reachable: certificates name
// baseURL+"/ocsp", "/issuing.crl" and "/issuing.cer", which Handler serves.
func NewAt(clock Clock, baseURL string) (*Authority, error) {
	a := newAuthority(clock)
	a.baseURL = baseURL
	var err error
	if a.root, err = a.makeRoot(); err != nil {
		return nil, fmt.Errorf("make root: %w", err)
	}
	if a.issuing, err = a.makeIssuing(); err != nil {
		return nil, fmt.Errorf("make issuing authority: %w", err)
	}
	if a.tsa, err = a.makeTSA(a.issuing, x509.ExtKeyUsageTimeStamping); err != nil {
		return nil, fmt.Errorf("make timestamp unit: %w", err)
	}
	return a, nil
}

func newAuthority(clock Clock) *Authority {
	a := &Authority{clock: clock, revoked: map[string]Revocation{}}
	a.SetSlowness(slowness)
	return a
}

// RenewTSA gives the timestamp unit a new key, and a certificate for the usual
// time from now on. It must not run while the unit is asked.
func (a *Authority) RenewTSA() error {
	unit, err := a.makeTSA(a.issuing, x509.ExtKeyUsageTimeStamping)
	if err == nil {
		a.tsa = unit
	}
	return err
}

// Root returns the trust anchor.
func (a *Authority) Root() *x509.Certificate { return a.root.cert }

// BaseURL is the address below which certificates say that the authority is;
// "" if they do not say.
func (a *Authority) BaseURL() string { return a.baseURL }

// Issuing returns the certificate of the CA that issues to people, agencies
// and the timestamp unit.
func (a *Authority) Issuing() *x509.Certificate { return a.issuing.cert }

// Pool returns a new pool that holds the root alone.
func (a *Authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.root.cert)
	return p
}

// authorityName is the subject of an authority. The year is in it, as in those
// of real ones: with two keys under one name, some readers take the wrong one.
func (a *Authority) authorityName(kind string) pkix.Name {
	return pkix.Name{Country: []string{"VN"}, Organization: []string{"sohoa TEST"},
		CommonName: fmt.Sprintf("sohoa TEST %s CA %d", kind, a.clock.now().Year())}
}

func (a *Authority) makeRoot() (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	t := a.template(a.authorityName("Root"), caYears)
	caTemplate(t, 1)
	return a.sign(t, pair{t, key}, key)
}

func (a *Authority) makeIssuing() (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	t := a.template(a.authorityName("Issuing"), caYears)
	caTemplate(t, 0)
	if a.baseURL != "" {
		t.CRLDistributionPoints = []string{a.baseURL + "/root.crl"}
	}
	return a.sign(t, a.root, key)
}

// template is what all certificates have in common.
func (a *Authority) template(subject pkix.Name, years int) *x509.Certificate {
	start := a.clock.now()
	return &x509.Certificate{
		SerialNumber: newSerial(),
		Subject:      subject,
		NotBefore:    start.Add(-time.Hour),
		NotAfter:     start.AddDate(years, 0, 0),
	}
}

func caTemplate(t *x509.Certificate, pathLen int) {
	t.IsCA, t.BasicConstraintsValid = true, true
	t.MaxPathLen, t.MaxPathLenZero = pathLen, pathLen == 0
	t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
}

// sign issues t to key by issuer.
func (a *Authority) sign(t *x509.Certificate, issuer pair, key crypto.Signer) (pair, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, issuer.cert, key.Public(), issuer.key)
	if err != nil {
		return pair{}, fmt.Errorf("issue %s: %w", t.Subject.CommonName, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return pair{}, fmt.Errorf("issue %s: %w", t.Subject.CommonName, err)
	}
	return pair{cert, key}, nil
}

// newSerial returns a random positive 127-bit number.
func newSerial() *big.Int {
	b := make([]byte, 16)
	rand.Read(b) // never fails since Go 1.24
	b[0] &= 0x7f
	b[15] |= 1
	return new(big.Int).SetBytes(b)
}
