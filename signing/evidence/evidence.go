// Package evidence collects what proves, years later and offline, that a
// certificate was good when it was used: the chain above it, OCSP answers
// (RFC 6960) and revocation lists (RFC 5280, 5).
//
// What holds for every piece that is returned:
//
//   - It was verified: it is signed by the issuer of the certificate or by a
//     responder to which that issuer gave the task, it is about that
//     certificate, it is current, and it does not say revoked.
//   - The chain leads to a root that the caller named; no system store.
//   - It was asked for at an address that a certificate names, within bounds of
//     time and size. Loopback and private addresses are asked only where the
//     caller lists them, and redirections are not followed.
//
// What speaks about a signer must be from after the signature: a list from
// this morning does not know of a theft at noon. What speaks about the
// authorities and timestamp units above and beside it must be current.
package evidence

import (
	"bytes"
	"context"
	"crypto/x509"
	"net/http"
	"sync"
	"time"

	"sohoa"
)

// Set is evidence as a document security store holds it (ISO 32000-2,
// 12.8.4.3): DER, each piece once.
type Set struct {
	Certificates [][]byte
	OCSPs        [][]byte // OCSPResponse
	CRLs         [][]byte // CertificateList
}

// Add puts what o has, and s has not, into s.
func (s *Set) Add(o *Set) {
	s.Certificates = join(s.Certificates, o.Certificates...)
	s.OCSPs = join(s.OCSPs, o.OCSPs...)
	s.CRLs = join(s.CRLs, o.CRLs...)
}

// join appends what is not there yet.
func join(list [][]byte, more ...[]byte) [][]byte {
next:
	for _, m := range more {
		for _, have := range list {
			if bytes.Equal(have, m) {
				continue next
			}
		}
		list = append(list, m)
	}
	return list
}

// Need is a certificate that was used, for which evidence is wanted.
type Need struct {
	Certificate *x509.Certificate
	Bag         []*x509.Certificate // help to find the chain; not trusted
	Used        time.Time           // proven time of use: the chain was valid then

	// Until is the time for which its status must be known, if it is not a
	// signer: that of the next timestamp over it, or now.
	Until time.Time
	// Signer says that the status must be from Used or later.
	Signer bool
}

// Collector collects evidence. What it was answered it keeps, within bounds,
// and uses again while that is current and says what is wanted. So documents
// that were all timestamped before evidence is collected for the first of them
// cost one question about each certificate. An address that fails is left alone
// for a minute. It is safe for concurrent use; its fields must not be changed
// once it is in use.
type Collector struct {
	Roots   *x509.CertPool   // what chains must lead to; nil trusts none
	Hosts   []string         // "host" or "host:port" that may be asked; none permits every public address
	Timeout time.Duration    // of one question; 0 is sohoa.EvidenceTimeout
	Now     func() time.Time // nil is time.Now

	once   sync.Once
	client *http.Client
	memory memory
}

// Collect returns the chain of n and, for each certificate in it but the root,
// a piece that says that it is good. The root is there for readers who look for
// the signer of its revocation list; nobody is to trust it for that. What have already says is not asked
// for again. The error is a Problem: sign.evidence-chain,
// sign.evidence-revoked, sign.evidence-none, or about the first address
// asked sign.evidence-unavailable, sign.evidence-answer, sign.evidence-refused,
// sign.evidence-late or, what time will mend, sign.evidence-early; or it is
// ctx's.
func (c *Collector) Collect(ctx context.Context, n Need, have *Known) (*Set, error) {
	known := have
	if known == nil {
		known = &Known{}
	}
	chain, err := c.chain(ctx, n, known)
	if err != nil {
		return nil, err
	}
	out := &Set{}
	for i, cert := range chain[:len(chain)-1] {
		d := demand{cert: cert, issuer: chain[i+1], when: n.Until}
		if n.Signer {
			d.when, d.after = n.Used, i == 0
		}
		out.Certificates = join(out.Certificates, cert.Raw)
		if err := c.prove(ctx, d, known, out); err != nil {
			return nil, err
		}
	}
	out.Certificates = join(out.Certificates, chain[len(chain)-1].Raw)
	return out, nil
}

// Time is the collector's present.
func (c *Collector) Time() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// prove puts into out a piece that meets d: one that is known, or one that is
// asked for.
func (c *Collector) prove(ctx context.Context, d demand, known *Known, out *Set) error {
	found, err := d.find(known)
	if found == nil && err == nil {
		found, err = c.ask(ctx, d)
	}
	if err != nil {
		return err
	}
	found.putInto(out)
	if found.responder == nil {
		return nil
	}
	// The responder's certificate does not say that it needs no check. A list
	// of its issuer must vouch for it; its own word does not.
	return c.prove(ctx, demand{cert: found.responder, issuer: d.issuer, when: d.when, listOnly: true}, known, out)
}

// ask asks the addresses in the certificate until one answer meets d.
func (c *Collector) ask(ctx context.Context, d demand) (*piece, error) {
	var first error
	for _, s := range d.sources() {
		p, err := c.askOne(ctx, d, s)
		if err == nil {
			return p, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if isRevoked(err) {
			return nil, err
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = problem(sohoa.ErrInvalid, "sign.evidence-none", name(d.cert))
	}
	return nil, first
}

// problem makes a Problem.
func problem(kind error, code string, args ...string) *sohoa.Problem {
	return &sohoa.Problem{Kind: kind, Code: code, Args: args}
}

// detailed is problem with err as detail for operators.
func detailed(kind error, code string, err error, args ...string) *sohoa.Problem {
	p := problem(kind, code, args...)
	p.Detail = err.Error()
	return p
}

// name is what to call a certificate's subject.
func name(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}
