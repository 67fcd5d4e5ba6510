package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// one returns the only value of the only signed attribute of a type. Absent
// attributes are nil; repeated ones are an error.
func (s *Signer) one(oid asn1.ObjectIdentifier) (cryptobyte.String, error) {
	var found cryptobyte.String
	for _, a := range s.signed {
		if !a.oid.Equal(oid) {
			continue
		}
		if found != nil || len(a.values) != 1 {
			return nil, fmt.Errorf("attribute %v is repeated: %w", oid, ErrMalformed)
		}
		found = a.values[0]
	}
	return found, nil
}

// MessageDigest is the signed digest of the content, or an error when there
// are no signed attributes, the attribute is missing or repeated, or the
// content-type attribute is missing or differs from the content's type
// (RFC 5652, 11.1 and 11.2).
func (s *Signer) MessageDigest() ([]byte, error) {
	ct, err := s.one(oidContentType)
	if err != nil {
		return nil, err
	}
	var oid asn1.ObjectIdentifier
	if !ct.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(s.contentType) {
		return nil, malformed("content-type attribute")
	}
	md, err := s.one(oidMessageDigest)
	if err != nil {
		return nil, err
	}
	var digest cryptobyte.String
	if !md.ReadASN1(&digest, tag.OCTET_STRING) {
		return nil, malformed("message-digest attribute")
	}
	return digest, nil
}

// IsData reports whether the content type is id-data, as in signatures.
func (m *Message) IsData() bool { return m.contentType.Equal(oidData) }

// SigningTime is the signing-time attribute: what the signer claims.
func (s *Signer) SigningTime() (time.Time, bool) {
	v, err := s.one(oidSigningTime)
	if err != nil || v == nil {
		return time.Time{}, false
	}
	var t time.Time
	if v.PeekASN1Tag(tag.UTCTime) {
		return t, v.ReadASN1UTCTime(&t)
	}
	ok := v.ReadASN1GeneralizedTime(&t)
	return t, ok
}

// Binding reports whether the signer bound a certificate by the
// signing-certificate attribute, version 1 or 2 (RFC 5035), and fails with
// ErrBinding when that is another one than Certificate.
func (s *Signer) Binding() (bool, error) {
	v2, err := s.one(oidSigningCertV2)
	if err != nil {
		return true, err
	}
	v1, err := s.one(oidSigningCert)
	if err != nil {
		return true, err
	}
	if v2 != nil {
		if err := s.bound(v2, true); err != nil {
			return true, err
		}
	}
	if v1 != nil {
		if err := s.bound(v1, false); err != nil {
			return true, err
		}
	}
	return v1 != nil || v2 != nil, nil
}

// bound compares the first ESSCertID of v with the signer's certificate.
func (s *Signer) bound(v cryptobyte.String, v2 bool) error {
	var attr, ids, id, digest, issuerSerial cryptobyte.String
	if !v.ReadASN1(&attr, tag.SEQUENCE) || !attr.ReadASN1(&ids, tag.SEQUENCE) || !ids.ReadASN1(&id, tag.SEQUENCE) {
		return malformed("signing-certificate attribute")
	}
	hash := Hash{crypto.SHA1, "SHA-1"}
	if v2 {
		hash = Hash{crypto.SHA256, "SHA-256"}
		if id.PeekASN1Tag(tag.SEQUENCE) {
			a, err := readAlgorithm(&id)
			if err != nil {
				return err
			}
			if hash, err = hashOf(a.oid); err != nil {
				return err
			}
		}
	}
	if !id.ReadASN1(&digest, tag.OCTET_STRING) {
		return malformed("signing-certificate attribute")
	}
	if s.Certificate == nil || !bytes.Equal(hash.Sum(s.Certificate.Raw), digest) {
		return ErrBinding
	}
	if !id.ReadOptionalASN1(&issuerSerial, nil, tag.SEQUENCE) {
		return malformed("signing-certificate attribute")
	}
	return issuerMatches(issuerSerial, s.Certificate)
}

// issuerMatches checks an optional IssuerSerial against cert.
func issuerMatches(issuerSerial cryptobyte.String, cert *x509.Certificate) error {
	if issuerSerial.Empty() {
		return nil
	}
	var names, directory, name cryptobyte.String
	serial := new(big.Int)
	if !issuerSerial.ReadASN1(&names, tag.SEQUENCE) || !issuerSerial.ReadASN1Integer(serial) {
		return malformed("issuer and serial number")
	}
	if serial.Cmp(cert.SerialNumber) != 0 {
		return ErrBinding
	}
	if !names.ReadASN1(&directory, explicit(4)) || !directory.ReadASN1Element(&name, tag.SEQUENCE) {
		return nil // another form of name says nothing
	}
	if !bytes.Equal(name, cert.RawIssuer) {
		return ErrBinding
	}
	return nil
}

// Timestamps are the signature timestamp tokens among the unsigned attributes,
// in DER. Each must cover Value.
func (s *Signer) Timestamps() [][]byte {
	var out [][]byte
	for _, a := range s.unsigned {
		if a.oid.Equal(oidTimestampToken) {
			out = append(out, a.values...)
		}
	}
	return out
}

// Revocation is the revocation information among the attributes: lists and OCSP
// answers in DER, from Adobe's RevocationInfoArchival, which is signed (ISO
// 32000-2, 12.8.3.3.2), and from revocation-values (ETSI EN 319 122-1, A.1.5).
// What cannot be read is left out.
func (s *Signer) Revocation() (lists, answers [][]byte) {
	for _, a := range slices.Concat(s.signed, s.unsigned) {
		if !a.oid.Equal(oidAdobeArchival) && !a.oid.Equal(oidRevocationVals) {
			continue
		}
		for _, v := range a.values {
			value := cryptobyte.String(v)
			var both cryptobyte.String
			if !value.ReadASN1(&both, tag.SEQUENCE) {
				continue
			}
			lists = append(lists, sequenceIn(&both, 0)...)
			answers = append(answers, sequenceIn(&both, 1)...)
		}
	}
	return lists[:min(len(lists), maxCRLs)], answers[:min(len(answers), maxCRLs)]
}

// sequenceIn are the elements of the optional SEQUENCE OF under explicit tag n.
func sequenceIn(from *cryptobyte.String, n uint8) [][]byte {
	var wrapped, list cryptobyte.String
	var out [][]byte
	if !from.ReadOptionalASN1(&wrapped, nil, explicit(n)) || !wrapped.ReadASN1(&list, tag.SEQUENCE) {
		return nil
	}
	for !list.Empty() {
		var one cryptobyte.String
		if !list.ReadASN1Element(&one, tag.SEQUENCE) {
			return out
		}
		out = append(out, one)
	}
	return out
}
