// Package revocation reads what OCSP answers (RFC 6960) and revocation lists
// (RFC 5280, 5) say about one certificate, from bytes that may be hostile.
//
// A Statement is returned only when the piece is about that certificate, is
// signed by its issuer or, for answers, by a responder that the issuer gave the
// task to, and covers certificates of that kind. Whether the time that it
// speaks about is the right one, whether the responder itself was good, and
// whether the algorithms are strong enough, is for the caller.
//
// Work is bounded: answers by sohoa.MaxOCSPBytes, lists by sohoa.MaxCRLBytes, and
// each signature is verified once per issuer. Values belong to one goroutine.
package revocation

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"sohoa/signing/validation/cms"
)

// Errors of pieces that cannot be read, and of those that say nothing usable
// about a certificate.
var (
	ErrMalformed = errors.New("malformed revocation information")
	ErrOther     = errors.New("about another certificate")
	ErrSignature = errors.New("not signed by the issuer, nor for it")
	ErrResponder = errors.New("signed by somebody whom the issuer did not give the task")
	ErrScope     = errors.New("does not cover certificates of this kind")
)

// Reasons of revocation that are told apart (RFC 5280, 5.3.1).
const (
	reasonKeyCompromise = 1
	reasonCACompromise  = 2
	reasonHold          = 6
)

// Statement is what a piece says about a certificate.
type Statement struct {
	Produced time.Time // when it was signed, by its own word
	Since    time.Time // it speaks about this time (thisUpdate)
	Next     time.Time // a newer one comes by then; zero if it does not say

	Revoked bool
	At      time.Time // of the revocation, or since when the key is suspected
	Hold    bool      // suspended, not revoked for good

	// ExpiredSince says that certificates that ended after it are still spoken
	// about: archive cut-off, expiredCertsOnCRL. Zero says nothing of the kind.
	ExpiredSince time.Time

	Signer *x509.Certificate // the issuer, or its responder
	Hash   cms.Hash          // of the signature
}

// Extensions.
var (
	oidReason         = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidAuthorityKey   = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidInvalidityDate = asn1.ObjectIdentifier{2, 5, 29, 24}
	oidDelta          = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidScope          = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidExpiredCerts   = asn1.ObjectIdentifier{2, 5, 29, 60}
	oidNonce          = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	oidNoCheck        = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidArchiveCutoff  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}
	oidBasicResponse  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
)

// NoCheck reports whether a responder's certificate asks not to be checked
// (RFC 6960, 4.2.2.2.1).
func NoCheck(c *x509.Certificate) bool {
	for _, e := range c.Extensions {
		if e.Id.Equal(oidNoCheck) {
			return true
		}
	}
	return false
}

func malformed(what string) error { return fmt.Errorf("%s: %w", what, ErrMalformed) }

// generalized reads a GeneralizedTime element that is all of der.
func generalized(der []byte) (t time.Time, ok bool) {
	s := cryptobyte.String(der)
	return t, s.ReadASN1GeneralizedTime(&t) && s.Empty()
}

// signed is the outer form that answers and lists share: what is signed, how,
// and the signature value.
type signed struct {
	tbs, algorithm, value []byte

	verified map[string]outcome // by the signer's certificate
}

// outcome is that of verifying one signature.
type outcome struct {
	hash cms.Hash
	err  error
}

// by verifies the signature with a certificate's key.
func (s *signed) by(c *x509.Certificate) (cms.Hash, error) {
	key := string(c.Raw)
	if o, ok := s.verified[key]; ok {
		return o.hash, o.err
	}
	hash, err := cms.CheckSignature(c, s.algorithm, s.tbs, s.value)
	if s.verified == nil {
		s.verified = map[string]outcome{}
	}
	s.verified[key] = outcome{hash, err}
	return hash, err
}
