package evidence

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"sohoa"
	"sohoa/signing/validation/revocation"
)

// demand is what a piece of evidence has to say.
type demand struct {
	cert, issuer *x509.Certificate
	when         time.Time // the status must be known for this time
	after        bool      // and be from then or later; otherwise be current then
	listOnly     bool      // a revocation list, no OCSP answer
}

// piece is what a record says about a certificate.
type piece struct {
	revocation.Statement
	record    *record
	responder *x509.Certificate // needs evidence of its own; or nil
}

func (p *piece) putInto(s *Set) {
	if p.record.list != nil {
		s.CRLs = join(s.CRLs, p.record.der)
	} else {
		s.OCSPs = join(s.OCSPs, p.record.der)
	}
}

// clockSkew is how much other clocks may differ from ours.
const clockSkew = 5 * time.Minute

// shortLife is how long an OCSP answer is current that does not say how long.
const shortLife = 24 * time.Hour

// ends is the time up to which p is current.
func (p *piece) ends() time.Time {
	if p.Next.IsZero() {
		return p.Since.Add(shortLife)
	}
	return p.Next
}

// meets returns a Problem unless p says what is wanted. A signer whose
// certificate was revoked only after the signature was good when it signed; an
// authority that was ever revoked is not relied upon. Once a certificate has
// ended, its authority need not tell about it any more.
func (d demand) meets(p *piece) error {
	end := d.cert.NotAfter
	early := problem(sohoa.ErrUnavailable, "sign.evidence-early", name(d.cert), p.ends().UTC().Format("02/01/2006 15:04 UTC"))
	switch {
	case p.Revoked && !(d.after && p.At.After(d.when)):
		return problem(sohoa.ErrVerification, "sign.evidence-revoked", name(d.cert), day(p.At))
	case !p.Revoked && p.Since.After(end) && (p.ExpiredSince.IsZero() || p.ExpiredSince.After(end)):
		return problem(sohoa.ErrVerification, "sign.evidence-late", name(d.cert), day(end))
	case d.after && p.Since.Before(d.when):
		return early
	case !d.after && p.ends().Before(d.when):
		return early
	}
	return nil
}

// day is a date as people in Việt Nam write it.
func day(t time.Time) string { return t.In(sohoa.Hanoi).Format("02/01/2006") }

// isRevoked reports whether err is the finding that a certificate was revoked:
// no other answer outweighs it.
func isRevoked(err error) bool { return hasCode(err, "sign.evidence-revoked") }

func hasCode(err error, code string) bool {
	var p *sohoa.Problem
	return errors.As(err, &p) && p.Code == code
}

// find looks for a piece among what is known; nil if there is none.
func (d demand) find(known *Known) (*piece, error) {
	var found *piece
	for _, r := range known.records {
		p, err := r.about(d.cert, d.issuer)
		if err != nil || d.listOnly && r.list == nil {
			continue
		}
		err = d.meets(p)
		if isRevoked(err) {
			return nil, err
		}
		if err == nil && found == nil {
			found = p
		}
	}
	return found, nil
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

// askOne has one address answer, if what it answered before does not do.
func (c *Collector) askOne(ctx context.Context, d demand, s source) (*piece, error) {
	e, err := c.memory.take(ctx, s.key(d.cert))
	if err != nil {
		return nil, err
	}
	defer c.memory.put(e)
	now := c.Time()
	if p, err := e.recall(d, now); p != nil || err != nil {
		return p, err
	}
	p, err := c.fetch(ctx, d, s, e)
	if err == nil {
		err = p.current(now)
	}
	if err == nil {
		e.record, e.failure = p.record, nil
		err = d.meets(p)
	}
	if err == nil {
		return p, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // says nothing about the address
	}
	var known *sohoa.Problem
	if !errors.As(err, &known) {
		err = detailed(sohoa.ErrVerification, "sign.evidence-answer", err, s.url)
	}
	e.fail(err, now)
	return nil, err
}

// key is what the answer of s is kept under: a list is about all certificates.
func (s source) key(cert *x509.Certificate) string {
	if s.list {
		return s.url
	}
	return s.url + " " + string(cert.Raw)
}

// fetch asks one address and reads what it says.
func (c *Collector) fetch(ctx context.Context, d demand, s source, e *entry) (*piece, error) {
	var der []byte
	var err error
	if s.list {
		der, err = c.get(ctx, question{url: s.url, limit: sohoa.MaxCRLBytes})
	} else {
		der, err = c.askResponder(ctx, d, s.url, e)
	}
	if err != nil {
		return nil, err
	}
	r, err := readRecord(der, s.list)
	if err != nil {
		return nil, err
	}
	return r.about(d.cert, d.issuer)
}

// current returns an error unless p holds now.
func (p *piece) current(now time.Time) error {
	if p.Since.After(now.Add(clockSkew)) {
		return fmt.Errorf("the answer is from the future, %s", p.Since.Format(time.RFC3339))
	}
	if p.ends().Before(now.Add(-clockSkew)) {
		return fmt.Errorf("the answer expired at %s", p.ends().Format(time.RFC3339))
	}
	return nil
}
