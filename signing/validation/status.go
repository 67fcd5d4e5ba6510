package validation

import (
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"sohoa/signing/validation/revocation"
)

// need is the time for which the status of a certificate is wanted.
type need struct {
	time  time.Time
	after bool // the evidence must be from then or later; otherwise current then
	plain bool // only evidence that the issuer signed itself

	// relied is until when the issuer may be relied on: evidence that is not
	// known to have existed by then may be forged with its key.
	relied time.Time
}

// shortLife is how long evidence is current that does not say how long.
const shortLife = 24 * time.Hour

// met reports whether a statement that a certificate is good is about the time.
func (n need) met(s revocation.Statement) bool {
	if n.after {
		return !s.Since.Before(n.time)
	}
	until := s.Next
	if until.IsZero() {
		until = s.Since.Add(shortLife)
	}
	return !s.Since.Before(n.time) || !until.Before(n.time)
}

// path judges the certificates of a chain, of which the last is a trust anchor,
// for the proven time at. Evidence about a signer must be from then or later:
// what is older cannot know of a theft in between. From the top down, what an
// authority signed counts only if it is known to have existed before that
// authority was revoked (the sliding of EN 319 102-1, 5.6.2.2).
func (v *validator) path(chain []*x509.Certificate, at proof, signer bool) []Certificate {
	out := make([]Certificate, len(chain))
	top := len(chain) - 1
	out[top] = describeCertificate(chain[top])
	out[top].Revocation = RevocationAnchor
	relied := v.now.Add(clockSkew)
	for i := top - 1; i >= 0; i-- {
		out[i] = v.judgeCertificate(chain[i], chain[i+1], need{time: at.time, after: signer && i == 0, relied: relied})
		if r := out[i].RevokedAt; !r.IsZero() && r.Before(relied) {
			relied = r
		}
	}
	return out
}

// heard is a statement that counts, and the piece that makes it.
type heard struct {
	revocation.Statement
	*Evidence
}

// judgeCertificate looks for evidence in the file about cert, which issuer
// issued.
func (v *validator) judgeCertificate(cert, issuer *x509.Certificate, n need) Certificate {
	out := describeCertificate(cert)
	var all []heard
	for _, p := range v.evidence.of(cert) {
		s, err := p.about(cert, issuer, v.evidence.certificates)
		if errors.Is(err, revocation.ErrOther) {
			continue
		}
		if err != nil {
			out.ignore(p, refusal(err))
			continue
		}
		e, code := v.weigh(p, s, cert, issuer, n)
		if code != "" {
			out.ignore(p, code)
			continue
		}
		all = append(all, heard{s, e})
	}
	out.conclude(all, n)
	return out
}

// ignore notes that p does not count.
func (c *Certificate) ignore(p *piece, code string) {
	r := Reason{Code: code, Args: []string{string(p.place), p.digest.String()[:8]}}
	if !slices.ContainsFunc(c.Ignored, func(have Reason) bool { return have.Code == code }) {
		c.Ignored = append(c.Ignored, r)
	}
}

// refusal is the code of what is wrong with a piece in itself.
func refusal(err error) string {
	switch {
	case errors.Is(err, revocation.ErrResponder):
		return "evidence.responder"
	case errors.Is(err, revocation.ErrScope):
		return "evidence.scope"
	}
	return "evidence.forged"
}

// weigh says why a statement that is signed as it should be does not count, if
// so, given when it is known to have existed.
func (v *validator) weigh(p *piece, s revocation.Statement, cert, issuer *x509.Certificate, n need) (*Evidence, string) {
	known := v.existed(p.end)
	late := known.time.Add(clockSkew)
	delegated := !s.Signer.Equal(issuer)
	switch {
	case s.Since.After(late):
		return nil, "evidence.in-future"
	case known.time.After(s.Signer.NotAfter):
		return nil, "evidence.undated"
	case known.time.After(n.relied):
		return nil, "evidence.issuer-revoked"
	case !v.opts.Policy.hash(s.Hash, known.time) || !v.opts.Policy.key(s.Signer, known.time):
		return nil, "evidence.weak"
	case !s.Revoked && s.Since.After(cert.NotAfter) && (s.ExpiredSince.IsZero() || s.ExpiredSince.After(cert.NotAfter)):
		return nil, "evidence.after-end"
	case delegated && n.plain:
		return nil, "evidence.responder"
	}
	e := v.describeEvidence(p, s, known)
	if !delegated {
		return e, ""
	}
	e.Responder = v.judgeResponder(s.Signer, issuer, need{time: s.Since, plain: true, relied: n.relied})
	if !e.Responder.Revocation.settled() {
		return nil, "evidence.responder-unchecked"
	}
	if r := e.Responder.RevokedAt; !r.IsZero() && known.time.After(r) {
		return nil, "evidence.responder-unchecked"
	}
	return e, ""
}

// judgeResponder judges the certificate of a responder: free of checks, or with
// evidence that its issuer signed itself.
func (v *validator) judgeResponder(responder, issuer *x509.Certificate, n need) *Certificate {
	if revocation.NoCheck(responder) {
		c := describeCertificate(responder)
		c.Revocation = RevocationNoCheck
		return &c
	}
	c := v.judgeCertificate(responder, issuer, n)
	return &c
}

func (v *validator) describeEvidence(p *piece, s revocation.Statement, known proof) *Evidence {
	e := &Evidence{Kind: EvidenceCRL, Place: p.place, Revision: v.revisionOf(p.end), SHA256: p.digest.String(),
		ProducedAt: s.Produced.UTC(), ThisUpdate: s.Since.UTC(), NextUpdate: s.Next, Issuer: displayName(s.Signer)}
	if p.answer != nil {
		e.Kind = EvidenceOCSP
	}
	if !s.Next.IsZero() {
		e.NextUpdate = s.Next.UTC()
	}
	if known.by != ProofNone {
		e.ProvenAt = known.time
	}
	return e
}

// conclude sets what all statements together say. That a certificate was
// revoked outweighs all others; that it is on hold, all that are not newer.
func (c *Certificate) conclude(all []heard, n need) {
	var good, hold *heard
	for i := range all {
		h := &all[i]
		switch {
		case h.Revoked && !h.Hold:
			if c.RevokedAt.IsZero() || h.At.Before(c.RevokedAt) {
				c.RevokedAt, c.Evidence = h.At.UTC(), h.Evidence
			}
		case h.Hold && h.Revoked:
			if hold == nil || h.Since.After(hold.Since) {
				hold = h
			}
		case good == nil || n.met(h.Statement) && !n.met(good.Statement) || !n.met(good.Statement) && h.Since.After(good.Since):
			good = h
		}
	}
	switch {
	case !c.RevokedAt.IsZero() && !c.RevokedAt.After(n.time):
		c.Revocation = RevocationRevoked
	case hold != nil && !hold.At.After(n.time) && (good == nil || !good.Since.After(hold.Since)):
		c.Revocation, c.Evidence = RevocationOnHold, hold.Evidence
	case !c.RevokedAt.IsZero():
		c.Revocation = RevocationGood // then; it was revoked later
	case good != nil && n.met(good.Statement):
		c.Revocation, c.Evidence = RevocationGood, good.Evidence
	case good != nil:
		c.Revocation, c.Evidence = RevocationOutdated, good.Evidence
	case hold != nil:
		c.Revocation, c.Evidence = RevocationGood, hold.Evidence // then; it was suspended later
	}
}

// pathReasons are the findings about a chain at a time: what was revoked, and
// evidence that is not what it claims to be, with nothing genuine beside it.
func pathReasons(certificates []Certificate) []Reason {
	var out []Reason
	for i, c := range certificates {
		switch {
		case c.Revocation == RevocationRevoked && i == 0:
			out = append(out, Reason{"certificate.revoked", []string{day(c.RevokedAt)}, Indeterminate, RevokedNoPOE})
		case c.Revocation == RevocationRevoked:
			out = append(out, Reason{"authority.revoked", []string{c.Subject, day(c.RevokedAt)}, Indeterminate, RevokedCANoPOE})
		case c.Revocation == RevocationOnHold:
			out = append(out, Reason{"certificate.on-hold", []string{c.Subject}, Indeterminate, TryLater})
		case c.Revocation == RevocationNotChecked && c.suspicious():
			out = append(out, Reason{"evidence.none-genuine", []string{c.Subject}, Indeterminate, TryLater})
		}
	}
	return out
}

// suspicious reports whether there is evidence that claims to be about c, and
// is not signed by those who could know.
func (c *Certificate) suspicious() bool {
	return slices.ContainsFunc(c.Ignored, func(r Reason) bool {
		return r.Code == "evidence.forged" || r.Code == "evidence.responder"
	})
}
