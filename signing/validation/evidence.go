package validation

import (
	"bytes"
	"crypto/x509"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"sohoa/signing/validation/pdfrev"
)

// maxEvidence bounds the certificates, OCSP answers and CRLs that are read
// from a document security store, each.
const maxEvidence = 300

// evidence is what the document security store holds.
type evidence struct {
	certificates []*x509.Certificate
	answers      [][]byte // OCSP, DER
	lists        []*x509.RevocationList
	revision     int // 1-based revision that first had a store, 0 without one
}

// readEvidence reads the store of the newest revision (ISO 32000-2, 12.8.4.3).
func (v *validator) readEvidence() {
	newest := v.file.View(len(v.file.Revisions) - 1)
	store := newest.Dict(newest.Root()["DSS"])
	for _, der := range streams(newest, store["Certs"]) {
		if c, err := x509.ParseCertificate(der); err == nil {
			v.evidence.certificates = append(v.evidence.certificates, c)
		}
	}
	v.evidence.answers = streams(newest, store["OCSPs"])
	for _, der := range streams(newest, store["CRLs"]) {
		v.evidence.addList(der)
	}
	for i := range v.file.Revisions {
		if view := v.file.View(i); view.Dict(view.Root()["DSS"]) != nil {
			v.evidence.revision = i + 1
			return
		}
	}
}

func (e *evidence) addList(der []byte) {
	if l, err := x509.ParseRevocationList(der); err == nil {
		e.lists = append(e.lists, l)
	}
}

// streams decodes the streams that list names.
func streams(view pdfrev.View, list pdfrev.Object) [][]byte {
	a, _ := view.Resolve(list).(pdfrev.Array)
	var out [][]byte
	for _, o := range a[:min(len(a), maxEvidence)] {
		s, ok := view.Resolve(o).(*pdfrev.Stream)
		if !ok {
			continue
		}
		if b, err := view.Decoded(s); err == nil {
			out = append(out, b)
		}
	}
	return out
}

// status is what one piece of evidence says.
type status struct {
	since   time.Time // it speaks about this time
	revoked bool
	at      time.Time // of the revocation
}

// checkRevocation looks for evidence in the file about the signer. Evidence
// from before the proven time says nothing about that time, unless it says
// revoked.
func (v *validator) checkRevocation(s *found, chain []*x509.Certificate, at proof) {
	if len(chain) < 2 {
		return
	}
	for _, der := range s.message.CRLs {
		v.evidence.addList(der)
	}
	for _, st := range v.evidence.about(chain[0], chain[1]) {
		if st.revoked && !at.time.Before(st.at) {
			s.Revocation = RevocationRevoked
			s.revoked(st, at)
			return
		}
		if !st.since.Before(at.time) {
			s.Revocation = RevocationGood
		}
	}
}

func (s *found) revoked(st status, at proof) {
	if at.by == ProofNone {
		s.fail(Indeterminate, RevokedNoPOE, "certificate.revoked", day(st.at))
		return
	}
	s.fail(TotalFailed, Revoked, "certificate.revoked", day(st.at))
}

// about is what the evidence says about cert, which issuer issued.
func (e *evidence) about(cert, issuer *x509.Certificate) []status {
	var out []status
	for _, der := range e.answers {
		r, err := ocsp.ParseResponseForCert(der, cert, issuer)
		if err != nil || r.Status == ocsp.Unknown || !mayAnswer(r, issuer) {
			continue
		}
		out = append(out, status{r.ThisUpdate, r.Status == ocsp.Revoked, r.RevokedAt})
	}
	for _, l := range e.lists {
		if !bytes.Equal(l.RawIssuer, cert.RawIssuer) || l.CheckSignatureFrom(issuer) != nil {
			continue
		}
		st := status{since: l.ThisUpdate}
		for _, r := range l.RevokedCertificateEntries {
			if r.SerialNumber.Cmp(cert.SerialNumber) == 0 {
				st.revoked, st.at = true, r.RevocationTime
			}
		}
		out = append(out, st)
	}
	return out
}

// mayAnswer reports whether the signer of r is the issuer or was given the
// task by it (RFC 6960, 4.2.2.2).
func mayAnswer(r *ocsp.Response, issuer *x509.Certificate) bool {
	c := r.Certificate
	return c == nil || c.Equal(issuer) ||
		c.CheckSignatureFrom(issuer) == nil && slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) &&
			!r.ThisUpdate.Before(c.NotBefore) && !r.ThisUpdate.After(c.NotAfter)
}
