package revocation

import (
	"bytes"
	"crypto/x509"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa"
)

// List is a certificate revocation list.
type List struct {
	signed
	list    *x509.RevocationList
	scope   []byte    // IssuingDistributionPoint, or nil
	expired time.Time // expiredCertsOnCRL
	unfit   bool      // a delta, or with a critical extension that is not known
	entries map[string]int
}

// ParseList reads a CertificateList.
func ParseList(der []byte) (*List, error) {
	if len(der) > sohoa.MaxCRLBytes {
		return nil, malformed("revocation list that is too large")
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, malformed(err.Error())
	}
	l := &List{list: list}
	l.tbs, l.value = list.RawTBSRevocationList, list.Signature
	input := cryptobyte.String(list.Raw)
	var outer, algorithm cryptobyte.String
	if !input.ReadASN1(&outer, tag.SEQUENCE) || !outer.SkipASN1(tag.SEQUENCE) || !outer.ReadASN1Element(&algorithm, tag.SEQUENCE) {
		return nil, malformed("revocation list")
	}
	l.algorithm = algorithm
	l.readExtensions()
	return l, nil
}

func (l *List) readExtensions() {
	for _, e := range l.list.Extensions {
		switch {
		case e.Id.Equal(oidDelta):
			l.unfit = true
		case e.Id.Equal(oidScope):
			l.scope = e.Value
		case e.Id.Equal(oidExpiredCerts):
			l.expired, _ = generalized(e.Value)
		case e.Critical:
			l.unfit = true
		}
	}
}

// Issuer is the name of the list's issuer, DER.
func (l *List) Issuer() []byte { return l.list.RawIssuer }

// About is what the list says about cert, which issuer issued. It fails with
// ErrOther, ErrSignature or ErrScope. The list of an issuer with the same name
// and another key is ErrOther.
func (l *List) About(cert, issuer *x509.Certificate) (Statement, error) {
	if !bytes.Equal(l.list.RawIssuer, cert.RawIssuer) || l.otherKey(issuer) {
		return Statement{}, ErrOther
	}
	if l.unfit || l.scope != nil && !inScope(l.scope, cert) {
		return Statement{}, ErrScope
	}
	if issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return Statement{}, ErrSignature
	}
	hash, err := l.by(issuer)
	if err != nil {
		return Statement{}, ErrSignature
	}
	s := Statement{Produced: l.list.ThisUpdate, Since: l.list.ThisUpdate, Next: l.list.NextUpdate,
		ExpiredSince: l.expired, Signer: issuer, Hash: hash}
	if i, ok := l.find(cert); ok {
		l.revoked(&s, l.list.RevokedCertificateEntries[i])
	}
	return s, nil
}

// otherKey reports whether the list says that another key than issuer's signed
// it.
func (l *List) otherKey(issuer *x509.Certificate) bool {
	return len(l.list.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 && !bytes.Equal(l.list.AuthorityKeyId, issuer.SubjectKeyId)
}

// find looks cert up among the entries, of which there may be very many.
func (l *List) find(cert *x509.Certificate) (int, bool) {
	if l.entries == nil {
		l.entries = make(map[string]int, len(l.list.RevokedCertificateEntries))
		for i, e := range l.list.RevokedCertificateEntries {
			l.entries[string(e.SerialNumber.Bytes())] = i
		}
	}
	i, ok := l.entries[string(cert.SerialNumber.Bytes())]
	return i, ok
}

// revoked fills in what an entry says. A key that was stolen counts as revoked
// from when the theft is suspected (RFC 5280, 5.3.2).
func (l *List) revoked(s *Statement, e x509.RevocationListEntry) {
	s.Revoked, s.At, s.Hold = true, e.RevocationTime, e.ReasonCode == reasonHold
	if e.ReasonCode != reasonKeyCompromise && e.ReasonCode != reasonCACompromise {
		return
	}
	for _, ext := range e.Extensions {
		if t, ok := generalized(ext.Value); ok && ext.Id.Equal(oidInvalidityDate) && t.Before(s.At) {
			s.At = t
		}
	}
}

// inScope reads IssuingDistributionPoint (RFC 5280, 5.2.5): the list must be
// about certificates of cert's kind, for all reasons, and of its own issuer.
func inScope(scope []byte, cert *x509.Certificate) bool {
	input := cryptobyte.String(scope)
	var fields cryptobyte.String
	if !input.ReadASN1(&fields, tag.SEQUENCE) || !input.Empty() {
		return false
	}
	for !fields.Empty() {
		var body cryptobyte.String
		var kind tag.Tag
		if !fields.ReadAnyASN1(&body, &kind) {
			return false
		}
		set := len(body) == 1 && body[0] != 0
		switch {
		case kind == explicit(0):
			if !published(body, cert) {
				return false
			}
		case kind == tag.Tag(1).ContextSpecific(): // end entities only
			if set && cert.IsCA {
				return false
			}
		case kind == tag.Tag(2).ContextSpecific(): // authorities only
			if set && !cert.IsCA {
				return false
			}
		case kind == tag.Tag(4).ContextSpecific() && !set: // not indirect
		default: // some reasons, indirect, attribute certificates
			return false
		}
	}
	return true
}

// published reports whether a list for the distribution point is one that the
// certificate names: authorities split long lists, and each part is silent
// about the certificates of the others.
func published(point cryptobyte.String, cert *x509.Certificate) bool {
	var names, uri cryptobyte.String
	if !point.ReadASN1(&names, explicit(0)) {
		return false // relative to the issuer's name
	}
	for !names.Empty() {
		var kind tag.Tag
		if !names.ReadAnyASN1(&uri, &kind) {
			return false
		}
		if kind == tag.Tag(6).ContextSpecific() && slices.Contains(cert.CRLDistributionPoints, string(uri)) {
			return true
		}
	}
	return false
}
