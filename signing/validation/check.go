package validation

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"

	"sohoa/signing/validation/cms"
	"sohoa/signing/validation/pdfrev"
)

// embedded is what the Contents of a signature holds.
type embedded struct {
	message *cms.Message
	signer  *cms.Signer
	token   *cms.Token // of a document timestamp
	bound   bool       // the signer bound a certificate
	unknown bool       // an algorithm is not supported
}

// checkCryptography reads the CMS of s and checks that it signs the covered
// bytes. The error is that of reading the file.
func (v *validator) checkCryptography(ctx context.Context, s *found) error {
	if err := s.parseContents(); errors.Is(err, cms.ErrUnsupported) {
		s.unsupported()
		return nil
	} else if err != nil {
		s.fail(TotalFailed, FormatFailure, "cms.malformed")
		return nil
	}
	s.describe()
	if len(bytes.Trim(s.message.Padding, "\x00")) > 0 {
		s.fail(TotalFailed, FormatFailure, "contents.padding")
	}
	s.checkFilter()
	if !v.inFile(s) {
		return nil
	}
	hash := s.signer.Digest
	if s.token != nil {
		hash = s.token.Digest
	} else if s.SubFilter == "adbe.pkcs7.sha1" {
		hash = sha1Hash
	}
	covered, err := v.digest(ctx, s, hash)
	if err != nil {
		return err
	}
	if s.token != nil {
		s.checkToken(covered)
		return nil
	}
	if content, ok := s.contentDigest(covered); ok {
		s.checkDigest(content)
		s.checkSigner(content)
	}
	return nil
}

// parseContents reads the message, which must have exactly one signer.
func (s *found) parseContents() error {
	if s.Type == TypeTimestamp {
		t, err := cms.ParseToken(s.contents.Value)
		if err != nil {
			return err
		}
		s.token, s.message, s.signer = t, t.Message, t.Signers[0]
		return nil
	}
	m, err := cms.Parse(s.contents.Value)
	if err != nil {
		return err
	}
	s.message = m
	if len(m.Signers) == 0 {
		return cms.ErrMalformed
	}
	s.signer = m.Signers[0]
	if len(m.Signers) > 1 {
		s.fail(TotalFailed, FormatFailure, "signers.count", strconv.Itoa(len(m.Signers)))
	}
	return nil
}

// describe fills in who signed, as the certificate says.
func (s *found) describe() {
	s.Algorithm = s.signer.Algorithm()
	c := s.signer.Certificate
	if c == nil {
		return
	}
	s.Signer, s.Issuer = c.Subject.CommonName, c.Issuer.CommonName
	s.Organisation = strings.Join(c.Subject.Organization, ", ")
	if c.SerialNumber != nil {
		s.Serial = c.SerialNumber.Text(16)
	}
}

// checkFilter requires that the kind of signature is one of those we know and
// that the message has its form.
func (s *found) checkFilter() {
	switch s.SubFilter {
	case "ETSI.RFC3161":
		switch s.view.Resolve(s.dict["Type"]) {
		case pdfrev.Name("DocTimeStamp"):
		case nil:
			s.fail(Indeterminate, SigConstraintsFailure, "timestamp.type")
		default:
			s.fail(TotalFailed, FormatFailure, "timestamp.type")
		}
	case "ETSI.CAdES.detached", "adbe.pkcs7.detached":
		if s.Type == TypeTimestamp {
			s.fail(TotalFailed, FormatFailure, "subfilter.unknown", s.SubFilter)
		} else if !s.message.Detached {
			s.fail(TotalFailed, FormatFailure, "cms.encapsulated")
		} else if !s.message.IsData() {
			s.fail(TotalFailed, FormatFailure, "cms.malformed")
		}
	case "adbe.pkcs7.sha1":
		if s.message.Detached {
			s.fail(TotalFailed, FormatFailure, "cms.malformed")
		}
	default:
		s.fail(Indeterminate, GenericFailure, "subfilter.unknown", s.SubFilter)
	}
}

// inFile reports whether the byte range of s names bytes of the file, in order.
func (v *validator) inFile(s *found) bool {
	b, end := s.Covers.ByteRange, s.coverEnd()
	return end >= 0 && end <= v.file.Size() && b[0] >= 0 && b[1] >= 0 && b[0]+b[1] <= b[2] && b[0]+b[1] >= b[0]
}

// contentDigest is the digest of what the message signs: the covered bytes or,
// in adbe.pkcs7.sha1, their SHA-1, which it encapsulates. Other encapsulated
// content is no part of the document.
func (s *found) contentDigest(covered []byte) ([]byte, bool) {
	if s.message.Detached && s.SubFilter != "adbe.pkcs7.sha1" {
		return covered, true
	}
	if s.message.Detached || s.SubFilter != "adbe.pkcs7.sha1" || !bytes.Equal(covered, s.message.Content) {
		s.fail(TotalFailed, HashFailure, "digest.mismatch")
		return nil, false
	}
	return s.signer.Digest.Sum(s.message.Content), true
}

// checkDigest compares the digest of the content with the one that was signed.
func (s *found) checkDigest(content []byte) {
	if !s.signer.Attributes {
		s.DigestOK = s.signer.VerifyDigest(content) == nil
		s.fail(Indeterminate, SigConstraintsFailure, "attributes.missing")
		return
	}
	signed, err := s.signer.MessageDigest()
	if err != nil {
		s.fail(TotalFailed, FormatFailure, "attributes.malformed")
		return
	}
	if s.DigestOK = bytes.Equal(content, signed); !s.DigestOK {
		s.fail(TotalFailed, HashFailure, "digest.mismatch")
	}
}

// checkSigner checks the signature value and that its certificate is the one
// that the signer meant.
func (s *found) checkSigner(content []byte) {
	if s.signer.Certificate == nil {
		s.fail(Indeterminate, NoSigningCertificate, "certificate.missing")
		return
	}
	err := s.signer.VerifyDigest(content)
	s.SignatureOK = err == nil
	if errors.Is(err, cms.ErrUnsupported) {
		s.unsupported()
	} else if err != nil {
		s.fail(TotalFailed, SigCryptoFailure, "signature.wrong")
	}
	s.checkBinding()
}

func (s *found) unsupported() {
	s.unknown = true
	s.fail(Indeterminate, GenericFailure, "algorithm.unsupported")
}

func (s *found) checkBinding() {
	bound, err := s.signer.Binding()
	s.bound = bound && err == nil
	switch {
	case errors.Is(err, cms.ErrBinding):
		s.fail(Indeterminate, SigConstraintsFailure, "certificate.not-bound")
	case err != nil:
		s.fail(TotalFailed, FormatFailure, "attributes.malformed")
	case !bound && s.SubFilter == "ETSI.CAdES.detached":
		s.fail(Indeterminate, SigConstraintsFailure, "certificate.unbound")
	}
}

// checkToken checks a document timestamp.
func (s *found) checkToken(covered []byte) {
	s.ClaimedTime = s.token.Time
	if s.DigestOK = bytes.Equal(covered, s.token.Imprint); !s.DigestOK {
		s.fail(TotalFailed, HashFailure, "digest.mismatch")
	}
	if s.signer.Certificate == nil {
		s.fail(Indeterminate, NoSigningCertificate, "certificate.missing")
		return
	}
	err := s.token.Verify()
	s.SignatureOK = err == nil
	switch {
	case errors.Is(err, cms.ErrBinding):
		s.fail(Indeterminate, SigConstraintsFailure, "certificate.not-bound")
	case errors.Is(err, cms.ErrUnsupported):
		s.unsupported()
	case err != nil:
		s.fail(TotalFailed, SigCryptoFailure, "signature.wrong")
	}
}
