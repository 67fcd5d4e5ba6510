package testca

import (
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"
)

// Revocation says when and why a certificate was revoked.
type Revocation struct {
	Time   time.Time `json:"time"`
	Reason int       `json:"reason"` // RFC 5280, 5.3.1
}

// statusValidity is how long an OCSP answer or a CRL is current.
const statusValidity = 24 * time.Hour

// Revoke revokes a certificate that the issuing CA issued. An authority in a
// folder keeps it there, and another process that serves the authority knows
// it at once.
func (a *Authority) Revoke(c *x509.Certificate, r Revocation) error {
	list, err := a.revocations()
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	list[c.SerialNumber.String()] = r
	a.revoked = list
	return a.keepRevocations()
}

// revocations are what was revoked so far, by serial number.
func (a *Authority) revocations() (map[string]Revocation, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.readRevocations(); err != nil {
		return nil, err
	}
	return maps.Clone(a.revoked), nil
}

// CRL returns the issuing CA's revocation list as of now, DER.
func (a *Authority) CRL() ([]byte, error) { return a.front().list() }

// RootCRL returns the root's revocation list as of now, DER. It is empty.
func (a *Authority) RootCRL() ([]byte, error) { return a.front().crl(a.root, nil) }

// front gives out status information under a fault.
type front struct {
	*Authority
	fault func() Fault
}

func (a *Authority) front() front { return front{a, a.statusFault} }

// period is from when to when status information is current.
func (d front) period() (from, to time.Time) {
	from = d.clock.now()
	switch d.fault() {
	case FaultExpired:
		from = from.Add(-2 * statusValidity)
	case FaultEarly:
		from = from.Add(-time.Hour)
	case FaultFuture:
		from = from.Add(statusValidity)
	}
	return from, from.Add(statusValidity)
}

// list is the revocation list of the issuing CA.
func (d front) list() ([]byte, error) {
	if d.fault() == FaultIssuer {
		other, err := d.other()
		if err != nil {
			return nil, err
		}
		return d.crl(other.issuing, nil)
	}
	revoked, err := d.revocations()
	if err != nil {
		return nil, err
	}
	return d.crl(d.issuing, revoked)
}

func (d front) crl(issuer pair, revoked map[string]Revocation) ([]byte, error) {
	var list []x509.RevocationListEntry
	for _, serial := range slices.Sorted(maps.Keys(revoked)) {
		n, _ := new(big.Int).SetString(serial, 10)
		r := revoked[serial]
		list = append(list, x509.RevocationListEntry{SerialNumber: n, RevocationTime: r.Time, ReasonCode: r.Reason})
	}
	from, to := d.period()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number:                    big.NewInt(from.Unix()),
		ThisUpdate:                from,
		NextUpdate:                to,
		RevokedCertificateEntries: list,
	}, issuer.cert, issuer.key)
	if err != nil {
		return nil, fmt.Errorf("make revocation list: %w", err)
	}
	return der, nil
}
