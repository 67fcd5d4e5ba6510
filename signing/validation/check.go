package validation

import (
	"bytes"
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
// bytes.
func (v *validator) checkCryptography(s *found) {
	if err := s.parseContents(); err != nil {
		code := "cms.malformed"
		if errors.Is(err, cms.ErrUnsupported) {
			s.unsupported()
			return
		}
		s.fail(TotalFailed, FormatFailure, code)
		return
	}
	s.describe()
	if len(bytes.Trim(s.message.Padding, "\x00")) > 0 {
		s.fail(TotalFailed, FormatFailure, "contents.padding")
	}
	s.checkFilter()
	covered, ok := v.covered(s)
	if !ok {
		return
	}
	if s.token != nil {
		v.checkToken(s, covered)
		return
	}
	s.checkDigest(covered)
	s.checkSigner(covered)
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

// covered are the parts of the file that the byte range names.
func (v *validator) covered(s *found) ([][]byte, bool) {
	b, end := s.Covers.ByteRange, s.coverEnd()
	if end < 0 || end > v.file.Size() || b[0] < 0 || b[1] < 0 || b[0]+b[1] > b[2] || b[0]+b[1] < b[0] {
		return nil, false
	}
	return [][]byte{v.file.Bytes(b[0], b[0]+b[1]), v.file.Bytes(b[2], end)}, true
}

// checkDigest compares the covered bytes with the digest that was signed.
func (s *found) checkDigest(covered [][]byte) {
	content := covered
	if !s.message.Detached {
		// adbe.pkcs7.sha1 encapsulates the SHA-1 of the covered bytes. Other
		// encapsulated content is no part of the document.
		if s.SubFilter != "adbe.pkcs7.sha1" || !bytes.Equal(sha1Hash.Sum(covered...), s.message.Content) {
			s.fail(TotalFailed, HashFailure, "digest.mismatch")
			return
		}
		content = [][]byte{s.message.Content}
	}
	if !s.signer.Attributes {
		s.DigestOK = s.signer.Verify(content...) == nil
		s.fail(Indeterminate, SigConstraintsFailure, "attributes.missing")
		return
	}
	signed, err := s.signer.MessageDigest()
	if err != nil {
		s.fail(TotalFailed, FormatFailure, "attributes.malformed")
		return
	}
	if s.DigestOK = bytes.Equal(s.signer.Digest.Sum(content...), signed); !s.DigestOK {
		s.fail(TotalFailed, HashFailure, "digest.mismatch")
	}
}

// checkSigner checks the signature value and that its certificate is the one
// that the signer meant.
func (s *found) checkSigner(covered [][]byte) {
	if s.signer.Certificate == nil {
		s.fail(Indeterminate, NoSigningCertificate, "certificate.missing")
		return
	}
	content := covered
	if !s.message.Detached {
		content = [][]byte{s.message.Content}
	}
	err := s.signer.Verify(content...)
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
func (v *validator) checkToken(s *found, covered [][]byte) {
	s.ClaimedTime = s.token.Time
	if s.DigestOK = bytes.Equal(s.token.Digest.Sum(covered...), s.token.Imprint); !s.DigestOK {
		s.fail(TotalFailed, HashFailure, "digest.mismatch")
	}
	if s.signer.Certificate == nil {
		s.fail(Indeterminate, NoSigningCertificate, "certificate.missing")
		return
	}
	err := s.token.Covers(covered...)
	s.SignatureOK = err == nil
	switch {
	case errors.Is(err, cms.ErrBinding):
		s.fail(Indeterminate, SigConstraintsFailure, "certificate.not-bound")
	case errors.Is(err, cms.ErrUnsupported):
		s.unsupported()
	case err != nil && s.DigestOK:
		s.fail(TotalFailed, SigCryptoFailure, "signature.wrong")
	}
}
