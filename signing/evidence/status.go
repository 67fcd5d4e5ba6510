package evidence

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"

	"sohoa"
)

// demand is what a piece of evidence has to say.
type demand struct {
	cert, issuer *x509.Certificate
	when         time.Time // the status must be known for this time
	after        bool      // and be from then or later; otherwise be current then
	listOnly     bool      // a revocation list, no OCSP answer
}

// piece is a verified OCSP answer or revocation list.
type piece struct {
	ocsp, crl []byte // one of them
	since     time.Time
	next      time.Time // zero if it does not say
	revoked   bool
	at        time.Time         // of the revocation
	responder *x509.Certificate // needs evidence of its own; or nil
}

func (p *piece) putInto(s *Set) {
	if p.ocsp != nil {
		s.OCSPs = join(s.OCSPs, p.ocsp)
	}
	if p.crl != nil {
		s.CRLs = join(s.CRLs, p.crl)
	}
}

// clockSkew is how much other clocks may differ from ours.
const clockSkew = 5 * time.Minute

// shortLife is how long an OCSP answer is current that does not say how long.
const shortLife = 24 * time.Hour

// ends is the time up to which p is current.
func (p *piece) ends() time.Time {
	if p.next.IsZero() {
		return p.since.Add(shortLife)
	}
	return p.next
}

// meets returns a Problem unless p says what is wanted. A signer whose
// certificate was revoked only after the signature was good when it signed; an
// authority that was ever revoked is not relied upon.
func (d demand) meets(p *piece) error {
	switch {
	case p.revoked && !(d.after && p.at.After(d.when)):
		return problem(sohoa.ErrVerification, "sign.evidence-revoked", name(d.cert), p.at.UTC().Format("02/01/2006"))
	case d.after && p.since.Before(d.when):
		return problem(sohoa.ErrUnavailable, "sign.evidence-early", name(d.cert), p.ends().UTC().Format("02/01/2006 15:04 UTC"))
	case !d.after && p.ends().Before(d.when):
		return problem(sohoa.ErrUnavailable, "sign.evidence-early", name(d.cert), p.ends().UTC().Format("02/01/2006 15:04 UTC"))
	}
	return nil
}

// isRevoked reports whether err is the finding that a certificate was revoked:
// no other answer outweighs it.
func isRevoked(err error) bool {
	var p *sohoa.Problem
	return errors.As(err, &p) && p.Code == "sign.evidence-revoked"
}

// find looks for a piece in s; nil if there is none.
func (d demand) find(s *Set) (*piece, error) {
	var found *piece
	for _, p := range d.pieces(s) {
		err := d.meets(p)
		if isRevoked(err) {
			return nil, err
		}
		if err == nil && found == nil {
			found = p
		}
	}
	return found, nil
}

// pieces are those in s that speak about the certificate.
func (d demand) pieces(s *Set) []*piece {
	var out []*piece
	for _, der := range s.OCSPs {
		if a, err := readAnswer(der, d.cert, d.issuer); err == nil && !d.listOnly {
			out = append(out, d.fromAnswer(a))
		}
	}
	for _, der := range s.CRLs {
		if p, err := d.fromList(der); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// source is an address that a certificate names.
type source struct {
	url  string
	list bool // a revocation list
}

// sources are the addresses to ask, in order: an OCSP answer is smaller and
// newer than a list.
func (d demand) sources() []source {
	var out []source
	if !d.listOnly {
		for _, u := range firstFew(d.cert.OCSPServer) {
			out = append(out, source{u, false})
		}
	}
	for _, u := range firstFew(d.cert.CRLDistributionPoints) {
		out = append(out, source{u, true})
	}
	return out
}

// askOne asks one address and verifies the answer.
func (c *Collector) askOne(ctx context.Context, d demand, s source) (*piece, error) {
	p, err := c.read(ctx, d, s)
	var known *sohoa.Problem
	if err == nil {
		err = p.current(c.Time())
	}
	if err != nil && !errors.As(err, &known) {
		err = detailed(sohoa.ErrVerification, "sign.evidence-answer", err, s.url)
	}
	if err != nil {
		return nil, err
	}
	return p, d.meets(p)
}

func (c *Collector) read(ctx context.Context, d demand, s source) (*piece, error) {
	if s.list {
		der, err := c.get(ctx, question{url: s.url, limit: sohoa.MaxCRLBytes})
		if err != nil {
			return nil, err
		}
		return d.fromList(der)
	}
	body, nonce, err := request(d.cert, d.issuer)
	if err != nil {
		return nil, err
	}
	der, err := c.get(ctx, question{url: s.url, body: body, limit: sohoa.MaxOCSPBytes})
	if err != nil {
		return nil, err
	}
	a, err := readAnswer(der, d.cert, d.issuer)
	if err != nil {
		return nil, err
	}
	return d.fromAnswer(a), a.fits(nonce)
}

// current returns an error unless p holds now.
func (p *piece) current(now time.Time) error {
	if p.since.After(now.Add(clockSkew)) {
		return fmt.Errorf("the answer is from the future, %s", p.since.Format(time.RFC3339))
	}
	if p.ends().Before(now.Add(-clockSkew)) {
		return fmt.Errorf("the answer expired at %s", p.ends().Format(time.RFC3339))
	}
	return nil
}

func (d demand) fromAnswer(a *answer) *piece {
	return &piece{ocsp: a.Raw, since: a.ThisUpdate, next: a.NextUpdate,
		revoked: a.Status == ocsp.Revoked, at: a.RevokedAt, responder: a.unchecked(d.issuer)}
}

// fromList verifies a revocation list and looks the certificate up in it.
func (d demand) fromList(der []byte) (*piece, error) {
	l, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(l.RawIssuer, d.cert.RawIssuer) {
		return nil, errors.New("the revocation list is another issuer's")
	}
	if err := l.CheckSignatureFrom(d.issuer); err != nil {
		return nil, fmt.Errorf("verify the revocation list: %w", err)
	}
	if err := d.inScope(l); err != nil {
		return nil, err
	}
	p := &piece{crl: l.Raw, since: l.ThisUpdate, next: l.NextUpdate}
	for _, r := range l.RevokedCertificateEntries {
		if r.SerialNumber.Cmp(d.cert.SerialNumber) == 0 {
			p.revoked, p.at = true, r.RevocationTime
		}
	}
	return p, nil
}

var (
	oidDelta = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidScope = asn1.ObjectIdentifier{2, 5, 29, 28}
)

// inScope returns an error unless the list is about all certificates of the
// kind: no delta, no part by reasons (RFC 5280, 5.2).
func (d demand) inScope(l *x509.RevocationList) error {
	for _, e := range l.Extensions {
		switch {
		case e.Id.Equal(oidDelta):
			return errors.New("the revocation list is a delta")
		case e.Id.Equal(oidScope):
			if !d.covered(e.Value) {
				return errors.New("the revocation list is not about certificates of this kind")
			}
		case e.Critical:
			return fmt.Errorf("the revocation list has the critical extension %v", e.Id)
		}
	}
	return nil
}

// covered reads IssuingDistributionPoint (RFC 5280, 5.2.5).
func (d demand) covered(value []byte) bool {
	input := cryptobyte.String(value)
	var fields cryptobyte.String
	if !input.ReadASN1(&fields, cbasn1.SEQUENCE) || !input.Empty() {
		return false
	}
	for !fields.Empty() {
		var body cryptobyte.String
		var tag cbasn1.Tag
		if !fields.ReadAnyASN1(&body, &tag) {
			return false
		}
		set := len(body) == 1 && body[0] != 0
		switch tag &^ 0x20 {
		case cbasn1.Tag(0).ContextSpecific():
			if !d.published(body) {
				return false
			}
		case cbasn1.Tag(1).ContextSpecific(): // end entities only
			if set && d.cert.IsCA {
				return false
			}
		case cbasn1.Tag(2).ContextSpecific(): // authorities only
			if set && !d.cert.IsCA {
				return false
			}
		default: // some reasons, indirect, attributes
			return false
		}
	}
	return true
}

// published reports whether a list for the distribution point is one that the
// certificate names: authorities split long lists, and each part is silent
// about the certificates of the others.
func (d demand) published(point cryptobyte.String) bool {
	var names, uri cryptobyte.String
	if !point.ReadASN1(&names, cbasn1.Tag(0).ContextSpecific().Constructed()) {
		return false // relative to the issuer's name
	}
	for !names.Empty() {
		var tag cbasn1.Tag
		if !names.ReadAnyASN1(&uri, &tag) {
			return false
		}
		if tag == cbasn1.Tag(6).ContextSpecific() && slices.Contains(d.cert.CRLDistributionPoints, string(uri)) {
			return true
		}
	}
	return false
}
