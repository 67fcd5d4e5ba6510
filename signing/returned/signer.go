package returned

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/validation"
	"sohoa/signing/validation/cms"
)

// Subject is what a certificate must say of its subject. Parts that are empty
// say nothing. Letters are compared in NFC, of either case, blanks as one:
// certificates often have names in capitals.
type Subject struct {
	Name         string // common name
	Organisation string // one of the organisations, or of their units
	Number       string // serial number or user ID of the subject, e.g. CCCD:001099000001
}

var (
	oidSerialNumber = asn1.ObjectIdentifier{2, 5, 4, 5}
	oidUserID       = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}
)

// matches reports whether c says what s asks for.
func (s Subject) matches(c *x509.Certificate) bool {
	return (s.Name == "" || equal(s.Name, c.Subject.CommonName)) &&
		(s.Organisation == "" || contains(slices.Concat(c.Subject.Organization, c.Subject.OrganizationalUnit), s.Organisation)) &&
		(s.Number == "" || contains(numbers(c.Subject), s.Number))
}

func numbers(name pkix.Name) []string {
	var out []string
	for _, a := range name.Names {
		if s, ok := a.Value.(string); ok && (a.Type.Equal(oidSerialNumber) || a.Type.Equal(oidUserID)) {
			out = append(out, s)
		}
	}
	return out
}

func contains(list []string, want string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return equal(s, want) })
}

func equal(a, b string) bool { return strings.EqualFold(plain(a), plain(b)) }

// plain is s as names are compared.
func plain(s string) string { return norm.NFC.String(strings.Join(strings.Fields(s), " ")) }

// checkSigner requires that the signature is sound in itself, over the whole
// file but for evidence behind it, and by an expected certificate.
func (c *check) checkSigner(context.Context) error {
	s := &c.Signature
	if !s.Intact() {
		return broken(s)
	}
	var err error
	if c.Certificate, err = c.signer(); err != nil {
		return detailed(sohoa.ErrVerification, "returned.broken", err)
	}
	expected := slices.ContainsFunc(c.want.Certificates, c.Certificate.Equal)
	if len(c.want.Certificates) == 0 {
		expected = c.want.Subject.matches(c.Certificate)
	}
	if !expected {
		return problem(sohoa.ErrForbidden, "returned.signer", name(c.Certificate))
	}
	if s.Certifies > 0 {
		return problem(sohoa.ErrInvalid, "returned.certifies")
	}
	return nil
}

// broken is why a signature is not sound in itself.
func broken(s *validation.Signature) error {
	code := "returned.broken"
	if s.Covers.Revision == 0 || !s.Covers.GapOK {
		code = "returned.partial"
	}
	return detailed(sohoa.ErrVerification, code, findings(s))
}

// findings are the reasons of a verdict, for operators.
func findings(s *validation.Signature) error {
	var all []error
	for _, r := range s.Reasons {
		all = append(all, errors.New(r.Code+": "+r.Text(sohoa.English)))
	}
	if len(all) == 0 {
		all = append(all, fmt.Errorf("%s %s", s.Indication, s.Sub))
	}
	return errors.Join(all...)
}

// signer is the certificate whose key made the signature, which was verified.
func (c *check) signer() (*x509.Certificate, error) {
	r := c.Signature.Covers.ByteRange // intact: four numbers around Contents
	hexed := make([]byte, r[2]-r[1])
	if err := readAt(c.back, hexed, r[1]); err != nil {
		return nil, err
	}
	hexed = bytes.Join(bytes.Fields(bytes.Trim(hexed, "<>")), nil)
	der := make([]byte, hex.DecodedLen(len(hexed)))
	if _, err := hex.Decode(der, hexed); err != nil {
		return nil, err
	}
	m, err := cms.Parse(der)
	if err != nil {
		return nil, err
	}
	if len(m.Signers) != 1 || m.Signers[0].Certificate == nil {
		return nil, errors.New("not one signer with a certificate")
	}
	return m.Signers[0].Certificate, nil
}

// verdicts are the problems of findings that keep a sound signature from
// passing. Those that are not here are returned.invalid.
var verdicts = map[string]string{
	"certificate.out-of-bounds": "returned.expired",
	"certificate.not-yet-valid": "returned.expired",
	"timestamp.out-of-bounds":   "returned.expired",
	"certificate.revoked":       "returned.revoked",
	"certificate.usage":         "returned.usage",
	"chain.none":                "returned.untrusted",
	"chain.weak":                "returned.weak",
	"key.weak":                  "returned.weak",
	"algorithm.weak":            "returned.weak",
	"algorithm.broken":          "returned.weak",
	"algorithm.unsupported":     "returned.weak",
	"file.trailing-bytes":       "returned.trailing",
}

// checkVerdict requires that the signature passed.
func (c *check) checkVerdict(context.Context) error {
	s := &c.Signature
	if s.Indication == validation.TotalPassed {
		return nil
	}
	code := "returned.invalid"
	for _, r := range s.Reasons {
		if known, ok := verdicts[r.Code]; ok && r.Indication != "" {
			code = known
			break
		}
	}
	args := []string{name(c.Certificate)}
	return detailed(sohoa.ErrVerification, code, findings(s), args...)
}

// checkFollowers requires that whoever signs next can, if that was so before.
func (c *check) checkFollowers(ctx context.Context) error {
	refusal := c.next(ctx, c.back)
	if refusal == nil || ctx.Err() != nil {
		return refusal
	}
	if err := c.next(ctx, c.sent); err != nil {
		return ctx.Err() // it was not possible before
	}
	var p *sohoa.Problem
	if !errors.As(refusal, &p) {
		return refusal
	}
	code := "returned.ambiguous"
	if p.Code == "sign.refused-certified" || p.Code == "sign.refused-locked" {
		code = "returned.certifies"
	}
	return detailed(sohoa.ErrInvalid, code, p)
}

// next tries to prepare another signature on f.
func (c *check) next(ctx context.Context, f File) error {
	_, err := signing.Prepare(ctx, f, f.Size, []*x509.Certificate{c.Certificate}, signing.Request{Time: c.Certificate.NotBefore})
	return err
}

// name is what to call a certificate's subject.
func name(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}
