package revocation

import (
	"bytes"
	"crypto"
	_ "crypto/sha1" // CertID and responder IDs are made with it
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa"
)

// Bounds on an answer.
const (
	maxSingles   = 500
	maxAnswerers = 8 // certificates that are tried as the responder's
)

// Answer is an OCSP answer.
type Answer struct {
	Produced     time.Time
	Certificates []*x509.Certificate // that came along
	Nonce        []byte              // of the request, sent back; nil without one

	signed
	responder cryptobyte.String // Name, or the hash of a key
	byKey     bool
	singles   []single
	unknown   bool // has a critical extension
}

// single is a SingleResponse (RFC 6960, 4.2.1).
type single struct {
	hash              crypto.Hash // 0 is one that is not known
	nameHash, keyHash []byte
	serial            *big.Int
	status            tag.Tag
	revokedAt         time.Time
	reason            int
	since, next       time.Time
	cutoff            time.Time
	unknown           bool
}

func explicit(n uint8) tag.Tag { return tag.Tag(n).ContextSpecific().Constructed() }

// ParseAnswer reads an OCSPResponse, or the BasicOCSPResponse inside one.
func ParseAnswer(der []byte) (*Answer, error) {
	if len(der) > sohoa.MaxOCSPBytes {
		return nil, malformed("OCSP answer that is too large")
	}
	a := &Answer{}
	basic, err := unwrap(der)
	if err != nil {
		return nil, err
	}
	return a, a.parse(basic)
}

// unwrap is the BasicOCSPResponse in an OCSPResponse.
func unwrap(der cryptobyte.String) (cryptobyte.String, error) {
	input := der
	var outer, holder, response, octets cryptobyte.String
	var status int
	var oid asn1.ObjectIdentifier
	if !input.ReadASN1(&outer, tag.SEQUENCE) || !input.Empty() {
		return nil, malformed("OCSP answer")
	}
	if !outer.PeekASN1Tag(tag.ENUM) {
		return der, nil
	}
	if !outer.ReadASN1Enum(&status) || status != 0 || !outer.ReadASN1(&holder, explicit(0)) {
		return nil, malformed("OCSP answer without a result")
	}
	if !holder.ReadASN1(&response, tag.SEQUENCE) || !response.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidBasicResponse) ||
		!response.ReadASN1(&octets, tag.OCTET_STRING) {
		return nil, malformed("OCSP answer of another kind")
	}
	return octets, nil
}

func (a *Answer) parse(basic cryptobyte.String) error {
	var outer, tbs, algorithm, wrapped, certs cryptobyte.String
	var value asn1.BitString
	if !basic.ReadASN1(&outer, tag.SEQUENCE) || !outer.ReadASN1Element(&tbs, tag.SEQUENCE) ||
		!outer.ReadASN1Element(&algorithm, tag.SEQUENCE) || !outer.ReadASN1BitString(&value) ||
		!outer.ReadOptionalASN1(&wrapped, nil, explicit(0)) {
		return malformed("OCSP answer")
	}
	a.tbs, a.algorithm, a.value = tbs, algorithm, value.RightAlign()
	if !wrapped.Empty() && !wrapped.ReadASN1(&certs, tag.SEQUENCE) {
		return malformed("certificates of an OCSP answer")
	}
	for !certs.Empty() && len(a.Certificates) < maxAnswerers {
		var one cryptobyte.String
		if !certs.ReadASN1Element(&one, tag.SEQUENCE) {
			return malformed("certificates of an OCSP answer")
		}
		if c, err := x509.ParseCertificate(one); err == nil {
			a.Certificates = append(a.Certificates, c)
		}
	}
	return a.parseData(tbs)
}

// parseData reads ResponseData (RFC 6960, 4.2.1).
func (a *Answer) parseData(tbs cryptobyte.String) error {
	var data, singles, extensions cryptobyte.String
	var kind tag.Tag
	if !tbs.ReadASN1(&data, tag.SEQUENCE) || !data.SkipOptionalASN1(explicit(0)) || !data.ReadAnyASN1(&a.responder, &kind) {
		return malformed("OCSP answer")
	}
	switch kind {
	case explicit(1):
	case explicit(2):
		a.byKey = true
		if !a.responder.ReadASN1(&a.responder, tag.OCTET_STRING) {
			return malformed("responder of an OCSP answer")
		}
	default:
		return malformed("responder of an OCSP answer")
	}
	if !data.ReadASN1GeneralizedTime(&a.Produced) || !data.ReadASN1(&singles, tag.SEQUENCE) ||
		!data.ReadOptionalASN1(&extensions, nil, explicit(1)) {
		return malformed("OCSP answer")
	}
	a.unknown = eachExtension(extensions, func(oid asn1.ObjectIdentifier, value []byte) bool {
		nonce := cryptobyte.String(value)
		return oid.Equal(oidNonce) && nonce.ReadASN1Bytes(&a.Nonce, tag.OCTET_STRING)
	}) != nil
	for !singles.Empty() {
		s, err := readSingle(&singles)
		if err != nil || len(a.singles) == maxSingles {
			return malformed("statement of an OCSP answer")
		}
		a.singles = append(a.singles, s)
	}
	return nil
}

func readSingle(from *cryptobyte.String) (single, error) {
	var s single
	var seq, id, status, next, extensions cryptobyte.String
	var has bool
	if !from.ReadASN1(&seq, tag.SEQUENCE) || !seq.ReadASN1(&id, tag.SEQUENCE) || !s.readID(id) ||
		!seq.ReadAnyASN1(&status, &s.status) || !seq.ReadASN1GeneralizedTime(&s.since) ||
		!seq.ReadOptionalASN1(&next, &has, explicit(0)) || has && !next.ReadASN1GeneralizedTime(&s.next) ||
		!seq.ReadOptionalASN1(&extensions, nil, explicit(1)) {
		return s, ErrMalformed
	}
	if s.status == explicit(1) {
		var reason cryptobyte.String
		if !status.ReadASN1GeneralizedTime(&s.revokedAt) || !status.ReadOptionalASN1(&reason, &has, explicit(0)) ||
			has && !reason.ReadASN1Enum(&s.reason) {
			return s, ErrMalformed
		}
	}
	s.unknown = eachExtension(extensions, func(oid asn1.ObjectIdentifier, value []byte) bool {
		if oid.Equal(oidArchiveCutoff) {
			s.cutoff, _ = generalized(value)
		}
		return oid.Equal(oidArchiveCutoff)
	}) != nil
	return s, nil
}

// readID reads a CertID (RFC 6960, 4.1.1).
func (s *single) readID(id cryptobyte.String) bool {
	var algorithm, name, key cryptobyte.String
	var oid asn1.ObjectIdentifier
	s.serial = new(big.Int)
	if !id.ReadASN1(&algorithm, tag.SEQUENCE) || !algorithm.ReadASN1ObjectIdentifier(&oid) ||
		!id.ReadASN1(&name, tag.OCTET_STRING) || !id.ReadASN1(&key, tag.OCTET_STRING) || !id.ReadASN1Integer(s.serial) {
		return false
	}
	s.nameHash, s.keyHash = name, key
	s.hash = map[string]crypto.Hash{
		"1.3.14.3.2.26": crypto.SHA1, "2.16.840.1.101.3.4.2.1": crypto.SHA256,
		"2.16.840.1.101.3.4.2.2": crypto.SHA384, "2.16.840.1.101.3.4.2.3": crypto.SHA512,
	}[oid.String()]
	return true
}

// eachExtension shows known each extension of a list in its SEQUENCE; it fails
// if one is malformed, or critical and not known.
func eachExtension(wrapped cryptobyte.String, known func(asn1.ObjectIdentifier, []byte) bool) error {
	var list cryptobyte.String
	if wrapped.Empty() {
		return nil
	}
	if !wrapped.ReadASN1(&list, tag.SEQUENCE) {
		return malformed("extensions")
	}
	for !list.Empty() {
		var one, value cryptobyte.String
		var oid asn1.ObjectIdentifier
		var critical bool
		if !list.ReadASN1(&one, tag.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&oid) ||
			one.PeekASN1Tag(tag.BOOLEAN) && !one.ReadASN1Boolean(&critical) || !one.ReadASN1(&value, tag.OCTET_STRING) {
			return malformed("extension")
		}
		if !known(oid, value) && critical {
			return fmt.Errorf("critical extension %v: %w", oid, ErrScope)
		}
	}
	return nil
}

// Serials are the serial numbers of the certificates that the answer is about.
func (a *Answer) Serials() []*big.Int {
	var out []*big.Int
	for _, s := range a.singles {
		out = append(out, s.serial)
	}
	return out
}

// About is what the answer says about cert, which issuer issued. Certificates
// in bag may be the responder's, if the answer did not bring it along. It fails
// with ErrOther, ErrSignature, ErrResponder or ErrScope.
func (a *Answer) About(cert, issuer *x509.Certificate, bag []*x509.Certificate) (Statement, error) {
	i := slices.IndexFunc(a.singles, func(s single) bool { return s.names(cert, issuer) })
	if i < 0 || a.singles[i].status == tag.Tag(2).ContextSpecific() {
		return Statement{}, ErrOther
	}
	s := a.singles[i]
	out := Statement{Produced: a.Produced, Since: s.since, Next: s.next, ExpiredSince: s.cutoff, At: s.revokedAt}
	out.Revoked, out.Hold = s.status == explicit(1), s.reason == reasonHold
	if a.unknown || s.unknown || !out.Revoked && s.status != tag.Tag(0).ContextSpecific() {
		return Statement{}, ErrScope
	}
	var err error
	out.Signer, err = a.signer(issuer, bag, s.since)
	if err != nil {
		return Statement{}, err
	}
	out.Hash, err = a.by(out.Signer)
	return out, err
}

// names reports whether s is about cert, which issuer issued.
func (s *single) names(cert, issuer *x509.Certificate) bool {
	if s.hash == 0 || s.serial.Cmp(cert.SerialNumber) != 0 {
		return false
	}
	key, ok := keyBits(issuer)
	sum := func(b []byte) []byte { h := s.hash.New(); h.Write(b); return h.Sum(nil) }
	return ok && bytes.Equal(s.nameHash, sum(issuer.RawSubject)) && bytes.Equal(s.keyHash, sum(key))
}

// keyBits are the bits of a certificate's key, which hashes of keys are over.
func keyBits(c *x509.Certificate) ([]byte, bool) {
	info := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	var seq cryptobyte.String
	var bits asn1.BitString
	ok := info.ReadASN1(&seq, tag.SEQUENCE) && seq.SkipASN1(tag.SEQUENCE) && seq.ReadASN1BitString(&bits)
	return bits.RightAlign(), ok
}

// signer finds who signed the answer, and that they might at the time.
func (a *Answer) signer(issuer *x509.Certificate, bag []*x509.Certificate, at time.Time) (*x509.Certificate, error) {
	tried, failure := 0, ErrSignature
	for _, c := range slices.Concat([]*x509.Certificate{issuer}, a.Certificates, bag) {
		if !a.identifies(c) {
			continue
		}
		if tried++; tried > maxAnswerers {
			break
		}
		if _, err := a.by(c); err != nil {
			continue
		}
		if mayAnswer(c, issuer, at) {
			return c, nil
		}
		failure = ErrResponder
	}
	return nil, failure
}

// identifies reports whether the responder that the answer names may be c.
func (a *Answer) identifies(c *x509.Certificate) bool {
	if !a.byKey {
		return bytes.Equal(a.responder, c.RawSubject)
	}
	key, ok := keyBits(c)
	h := crypto.SHA1.New()
	h.Write(key)
	return ok && bytes.Equal(a.responder, h.Sum(nil))
}

// mayAnswer reports whether c is the issuer, or was given the task by it and
// was valid at the time (RFC 6960, 4.2.2.2).
func mayAnswer(c, issuer *x509.Certificate, at time.Time) bool {
	if c.Equal(issuer) {
		return true
	}
	return bytes.Equal(c.RawIssuer, issuer.RawSubject) && c.CheckSignatureFrom(issuer) == nil &&
		slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) &&
		(c.KeyUsage == 0 || c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0) &&
		!at.Before(c.NotBefore) && !at.After(c.NotAfter)
}
