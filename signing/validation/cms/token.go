package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// Token is an RFC 3161 timestamp token.
type Token struct {
	*Message
	Time    time.Time // genTime, UTC
	Digest  Hash      // of the message imprint
	Imprint []byte
	Serial  *big.Int
}

// ParseToken reads a timestamp token. It has exactly one signer.
func ParseToken(b []byte) (*Token, error) {
	m, err := Parse(b)
	if err != nil {
		return nil, err
	}
	if !m.contentType.Equal(oidTSTInfo) || m.Detached || len(m.Signers) != 1 {
		return nil, malformed("not a timestamp token")
	}
	t := &Token{Message: m, Serial: new(big.Int)}
	return t, t.parseInfo(m.Content)
}

// parseInfo reads a TSTInfo (RFC 3161, 2.4.2).
func (t *Token) parseInfo(info cryptobyte.String) error {
	var seq, imprint, digest, genTime cryptobyte.String
	var version int
	var policy asn1.ObjectIdentifier
	if !info.ReadASN1(&seq, tag.SEQUENCE) || !seq.ReadASN1Integer(&version) || !seq.ReadASN1ObjectIdentifier(&policy) {
		return malformed("timestamp")
	}
	if version != 1 || !seq.ReadASN1(&imprint, tag.SEQUENCE) {
		return malformed("timestamp")
	}
	var err error
	if t.Digest, err = readHash(&imprint); err != nil {
		return err
	}
	if !imprint.ReadASN1(&digest, tag.OCTET_STRING) || !seq.ReadASN1Integer(t.Serial) || !seq.ReadASN1(&genTime, tag.GeneralizedTime) {
		return malformed("timestamp")
	}
	t.Imprint = digest
	t.Time, err = parseTime(string(genTime))
	return err
}

// parseTime reads a GeneralizedTime in UTC, with or without a fraction.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse("20060102150405.999999999Z", s)
	if err != nil || !strings.HasSuffix(s, "Z") {
		return time.Time{}, fmt.Errorf("time %.40q: %w", s, ErrMalformed)
	}
	return t.UTC(), nil
}

// Covers checks that the token is over the parts: its imprint is their digest,
// and its own digest and signature are right. Trust is for the caller.
func (t *Token) Covers(parts ...[]byte) error {
	if !bytes.Equal(t.Digest.Sum(parts...), t.Imprint) {
		return fmt.Errorf("timestamp is over something else: %w", ErrSignature)
	}
	return t.Verify()
}

// Verify checks the token in itself: its digest, its binding to a certificate
// and its signature are right. What it is over, Imprint, is for the caller.
func (t *Token) Verify() error {
	s := t.Signers[0]
	md, err := s.MessageDigest()
	if err != nil {
		return err
	}
	if !bytes.Equal(s.Digest.Sum(t.Content), md) {
		return fmt.Errorf("timestamp was changed: %w", ErrSignature)
	}
	if s.Certificate == nil {
		return fmt.Errorf("timestamp without its certificate: %w", ErrBinding)
	}
	if _, err := s.Binding(); err != nil {
		return err
	}
	return s.Verify()
}

// MayStamp reports whether cert is for timestamps and nothing else (RFC 3161,
// 2.3: a critical extended key usage with only id-kp-timeStamping).
func MayStamp(cert *x509.Certificate) bool {
	usage := cert.ExtKeyUsage
	if len(usage) != 1 || usage[0] != x509.ExtKeyUsageTimeStamping || len(cert.UnknownExtKeyUsage) > 0 {
		return false
	}
	for _, e := range cert.Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 37}) {
			return e.Critical
		}
	}
	return false
}
