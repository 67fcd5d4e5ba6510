package revocation

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa"
)

// List is a certificate revocation list. Its entries, of which there may be very
// many, stay as they are and are looked through when they are asked for.
type List struct {
	signed
	issuer      []byte
	since, next time.Time
	entries     cryptobyte.String
	key         []byte    // that of the signer, by its own word; nil if it does not say
	scope       []byte    // IssuingDistributionPoint, or nil
	expired     time.Time // expiredCertsOnCRL
	unfit       bool      // a delta, or with a critical extension that is not known
	found       map[string]entry
}

// entry is what a list says about a serial number.
type entry struct {
	listed     bool
	at         time.Time
	reason     int
	suspicious time.Time // invalidityDate
}

// ParseList reads a CertificateList.
func ParseList(der []byte) (*List, error) {
	if len(der) > sohoa.MaxCRLBytes {
		return nil, malformed("revocation list that is too large")
	}
	l := &List{found: map[string]entry{}}
	input := cryptobyte.String(der)
	var outer, tbs, algorithm cryptobyte.String
	var value asn1.BitString
	if !input.ReadASN1(&outer, tag.SEQUENCE) || !input.Empty() || !outer.ReadASN1Element(&tbs, tag.SEQUENCE) ||
		!outer.ReadASN1Element(&algorithm, tag.SEQUENCE) || !outer.ReadASN1BitString(&value) {
		return nil, malformed("revocation list")
	}
	l.tbs, l.algorithm, l.value = tbs, algorithm, value.RightAlign()
	return l, l.parse(tbs)
}

// parse reads TBSCertList (RFC 5280, 5.1).
func (l *List) parse(tbs cryptobyte.String) error {
	var data, issuer, entries, extensions cryptobyte.String
	if !tbs.ReadASN1(&data, tag.SEQUENCE) || !data.SkipOptionalASN1(tag.INTEGER) || !data.SkipASN1(tag.SEQUENCE) ||
		!data.ReadASN1Element(&issuer, tag.SEQUENCE) || !readTime(&data, &l.since) {
		return malformed("revocation list")
	}
	if data.PeekASN1Tag(tag.UTCTime) || data.PeekASN1Tag(tag.GeneralizedTime) {
		if !readTime(&data, &l.next) {
			return malformed("revocation list")
		}
	}
	if !data.ReadOptionalASN1(&entries, nil, tag.SEQUENCE) || !data.ReadOptionalASN1(&extensions, nil, explicit(0)) || !data.Empty() {
		return malformed("revocation list")
	}
	l.issuer, l.entries = issuer, entries
	l.unfit = eachExtension(extensions, l.extension) != nil
	return nil
}

func readTime(from *cryptobyte.String, t *time.Time) bool {
	if from.PeekASN1Tag(tag.UTCTime) {
		return from.ReadASN1UTCTime(t)
	}
	return from.ReadASN1GeneralizedTime(t)
}

// extension takes in an extension of the list, if it is known.
func (l *List) extension(oid asn1.ObjectIdentifier, value []byte) bool {
	switch {
	case oid.Equal(oidDelta):
		l.unfit = true
		return false // and it is critical
	case oid.Equal(oidScope):
		l.scope = value
	case oid.Equal(oidExpiredCerts):
		l.expired, _ = generalized(value)
	case oid.Equal(oidAuthorityKey):
		input := cryptobyte.String(value)
		var id, key cryptobyte.String
		if input.ReadASN1(&id, tag.SEQUENCE) && id.ReadOptionalASN1(&key, nil, tag.Tag(0).ContextSpecific()) {
			l.key = key
		}
	default:
		return false
	}
	return true
}

// Issuer is the name of the list's issuer, DER.
func (l *List) Issuer() []byte { return l.issuer }

// About is what the list says about cert, which issuer issued. It fails with
// ErrOther, ErrSignature or ErrScope. The list of an issuer with the same name
// and another key is ErrOther.
func (l *List) About(cert, issuer *x509.Certificate) (Statement, error) {
	if !bytes.Equal(l.issuer, cert.RawIssuer) || l.otherKey(issuer) {
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
	e, err := l.find(cert)
	if err != nil {
		return Statement{}, err
	}
	s := Statement{Produced: l.since, Since: l.since, Next: l.next, ExpiredSince: l.expired, Signer: issuer, Hash: hash,
		Revoked: e.listed, At: e.at, Hold: e.reason == reasonHold}
	// A key that was stolen counts as revoked from when the theft is suspected
	// (RFC 5280, 5.3.2).
	stolen := e.reason == reasonKeyCompromise || e.reason == reasonCACompromise
	if stolen && !e.suspicious.IsZero() && e.suspicious.Before(s.At) {
		s.At = e.suspicious
	}
	return s, nil
}

// otherKey reports whether the list says that another key than issuer's signed
// it.
func (l *List) otherKey(issuer *x509.Certificate) bool {
	return len(l.key) > 0 && len(issuer.SubjectKeyId) > 0 && !bytes.Equal(l.key, issuer.SubjectKeyId)
}

// find looks cert up among the entries.
func (l *List) find(cert *x509.Certificate) (entry, error) {
	serial := cert.SerialNumber.String()
	if e, ok := l.found[serial]; ok {
		return e, nil
	}
	want, err := asn1.Marshal(cert.SerialNumber)
	if err != nil {
		return entry{}, malformed("serial number")
	}
	var e entry
	for entries := l.entries; !entries.Empty(); {
		var one, number cryptobyte.String
		if !entries.ReadASN1(&one, tag.SEQUENCE) || !one.ReadASN1Element(&number, tag.INTEGER) {
			return entry{}, malformed("entry of a revocation list")
		}
		if bytes.Equal(number, want) {
			if e, err = readEntry(one); err != nil {
				return entry{}, err
			}
		}
	}
	l.found[serial] = e
	return e, nil
}

// readEntry reads what follows the serial number.
func readEntry(one cryptobyte.String) (entry, error) {
	e := entry{listed: true}
	if !readTime(&one, &e.at) {
		return e, malformed("entry of a revocation list")
	}
	// What is critical and not known makes it no less revoked.
	eachExtension(one, func(oid asn1.ObjectIdentifier, value []byte) bool {
		input := cryptobyte.String(value)
		switch {
		case oid.Equal(oidReason):
			input.ReadASN1Enum(&e.reason)
		case oid.Equal(oidInvalidityDate):
			e.suspicious, _ = generalized(value)
		}
		return true
	})
	return e, nil
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
