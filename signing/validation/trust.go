package validation

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"strings"
	"time"

	"sohoa"
	"sohoa/signing/validation/cms"
)

var sha1Hash = cms.Hash{Func: crypto.SHA1, Name: "SHA-1"}

// proof is a time at which something is known to have existed.
type proof struct {
	time time.Time
	by   Proof
}

// checkTrust judges the signatures from the newest to the oldest, so that a
// trusted document timestamp proves the time of all that it covers.
func (v *validator) checkTrust(ctx context.Context) error {
	best := proof{v.now, ProofNone}
	for _, s := range slices.Backward(v.found) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.signer == nil || s.signer.Certificate == nil {
			continue
		}
		if s.token != nil {
			best = v.trustToken(s, best)
			continue
		}
		v.trustSigner(s, v.signatureTime(s, best))
	}
	return nil
}

// trustToken judges a document timestamp as of at, and returns the proof of
// time for what it covers.
func (v *validator) trustToken(s *found, at proof) proof {
	s.setProof(at)
	before := len(s.Reasons)
	if reasons := v.judgeStamp(s, s.token, at); len(reasons) > 0 {
		s.Reasons = append(s.Reasons, reasons...)
	}
	if len(s.Reasons) > before || !s.Intact() {
		return at
	}
	return proof{s.token.Time, ProofDocument}
}

// signatureTime is the proven time of s: that of a trusted signature
// timestamp, or at.
func (v *validator) signatureTime(s *found, at proof) proof {
	best := at
	for _, der := range s.signer.Timestamps() {
		t, err := cms.ParseToken(der)
		if err != nil || t.Covers(s.signer.Value) != nil {
			s.fail("", "", "timestamp.wrong")
			continue
		}
		if reasons := v.judgeStamp(nil, t, at); len(reasons) > 0 {
			args := append([]string{moment(t.Time), reasons[0].Code}, reasons[0].Args...)
			s.fail("", "", "timestamp.untrusted", args...)
			continue
		}
		if best.by == ProofNone || t.Time.Before(best.time) {
			best = proof{t.Time, ProofSignature}
		}
	}
	return best
}

// judgeStamp says what speaks against trusting t, given that it existed at at.
// The chain that was found is noted in s, if there is one.
func (v *validator) judgeStamp(s *found, t *cms.Token, at proof) []Reason {
	cert := t.Signers[0].Certificate
	var out []Reason
	if !cms.MayStamp(cert) {
		out = append(out, Reason{Code: "certificate.not-for-timestamps", Indication: Indeterminate, Sub: SigConstraintsFailure})
	}
	if t.Time.After(at.time.Add(clockSkew)) {
		out = append(out, Reason{Code: "timestamp.in-future", Indication: Indeterminate, Sub: SigConstraintsFailure})
	}
	out = append(out, v.judgeAlgorithms(t.Signers[0], at)...)
	if !v.opts.Policy.hash(t.Digest, at.time) {
		out = append(out, weak(at, t.Digest.Name, v.opts.Policy.Hashes[t.Digest.Name]))
	}
	chain, reason := v.chain(cert, t.Certificates, at)
	if reason != nil {
		return append(out, *reason)
	}
	if t.Time.Before(cert.NotBefore) || t.Time.After(cert.NotAfter) {
		out = append(out, Reason{Code: "timestamp.out-of-bounds", Indication: Indeterminate, Sub: OutOfBoundsNoPOE})
	}
	if s != nil {
		v.noteChain(s, chain)
	}
	return out
}

// clockSkew is how much a timestamp may be ahead of our clock.
const clockSkew = 5 * time.Minute

func (s *found) setProof(p proof) {
	if s.Proof = p.by; p.by != ProofNone {
		s.ProofTime = p.time
	}
}

// trustSigner judges the certificate of s as of the proven time.
func (v *validator) trustSigner(s *found, at proof) {
	s.setProof(at)
	s.Reasons = append(s.Reasons, v.judgeAlgorithms(s.signer, at)...)
	cert := s.signer.Certificate
	if !maySign(cert) {
		s.fail(Indeterminate, ChainConstraints, "certificate.usage")
	}
	chain, reason := v.chain(cert, s.message.Certificates, at)
	if reason != nil {
		s.Reasons = append(s.Reasons, *reason)
		s.Chain = partialChain(cert, s.message.Certificates)
		return
	}
	v.noteChain(s, chain)
	v.checkRevocation(s, chain, at)
}

// noteChain records a chain that ends in a root of ours.
func (v *validator) noteChain(s *found, chain []*x509.Certificate) {
	for _, c := range chain {
		s.Chain = append(s.Chain, displayName(c))
		if !v.opts.Policy.key(c, v.now) {
			s.fail(Indeterminate, CryptoConstraintsPOE, "key.weak", displayName(c))
		}
	}
	last := chain[len(chain)-1]
	for _, r := range v.opts.Roots {
		if r.Certificate != nil && bytes.Equal(r.Certificate.Raw, last.Raw) {
			s.TrustedRoot, s.TrustedWorld = displayName(last), r.World
			return
		}
	}
}

func displayName(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}

// judgeAlgorithms holds the signer's digest and key against the policy.
func (v *validator) judgeAlgorithms(s *cms.Signer, at proof) []Reason {
	var out []Reason
	if !v.opts.Policy.hash(s.Digest, at.time) {
		out = append(out, weak(at, s.Digest.Name, v.opts.Policy.Hashes[s.Digest.Name]))
	}
	if !v.opts.Policy.key(s.Certificate, at.time) {
		out = append(out, weak(at, s.Algorithm(), v.opts.Policy.keyEnd(s.Certificate)))
	}
	return out
}

// weak is the finding that an algorithm, good until end, proves nothing about
// the time at.
func weak(at proof, name string, end time.Time) Reason {
	r := Reason{Code: "algorithm.weak", Args: []string{name, day(end)}, Indication: Indeterminate, Sub: CryptoConstraintsPOE}
	if end.IsZero() {
		r.Code, r.Args = "algorithm.broken", []string{name}
	}
	if at.by != ProofNone {
		r.Sub = CryptoConstraints
	}
	return r
}

// chain finds a chain from cert to a configured root, valid at the time.
func (v *validator) chain(cert *x509.Certificate, bag []*x509.Certificate, at proof) ([]*x509.Certificate, *Reason) {
	chain, err := v.verify(cert, bag, at.time)
	if err == nil {
		return chain, nil
	}
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		return nil, noChain(cert, bag, err)
	}
	// Out of its period. Whether it would be trusted inside it matters too.
	inside := cert.NotBefore.Add(cert.NotAfter.Sub(cert.NotBefore) / 2)
	if _, err := v.verify(cert, bag, inside); err != nil {
		return nil, noChain(cert, bag, err)
	}
	if at.time.Before(cert.NotBefore) && at.by != ProofNone {
		return nil, &Reason{Code: "certificate.not-yet-valid", Args: []string{day(cert.NotBefore)}, Indication: TotalFailed, Sub: NotYetValid}
	}
	return nil, &Reason{Code: "certificate.out-of-bounds", Args: []string{day(cert.NotBefore), day(cert.NotAfter)},
		Indication: Indeterminate, Sub: OutOfBoundsNoPOE}
}

func day(t time.Time) string { return t.In(sohoa.Hanoi).Format("02/01/2006") }

// noChain explains why there is no chain.
func noChain(cert *x509.Certificate, bag []*x509.Certificate, err error) *Reason {
	if strings.Contains(err.Error(), "insecure algorithm") { // Go refuses SHA-1 in chains
		return &Reason{Code: "chain.weak", Indication: Indeterminate, Sub: CryptoConstraintsPOE}
	}
	known := partialChain(cert, bag)
	return &Reason{Code: "chain.none", Args: []string{known[len(known)-1]}, Indication: Indeterminate, Sub: NoCertificateChain}
}

// verify builds a chain to one of our roots, never the system's.
func (v *validator) verify(cert *x509.Certificate, bag []*x509.Certificate, at time.Time) ([]*x509.Certificate, error) {
	between := v.between.Clone()
	for _, c := range bag {
		between.AddCert(c)
	}
	chains, err := cert.Verify(x509.VerifyOptions{
		Roots: v.roots, Intermediates: between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

// partialChain names what the file itself says about the chain: subjects as
// far as they sign each other, and the issuer of the last.
func partialChain(cert *x509.Certificate, bag []*x509.Certificate) []string {
	out := []string{displayName(cert)}
	for range 10 {
		i := slices.IndexFunc(bag, func(c *x509.Certificate) bool {
			return !c.Equal(cert) && bytes.Equal(c.RawSubject, cert.RawIssuer) && cert.CheckSignatureFrom(c) == nil
		})
		if i < 0 {
			break
		}
		cert = bag[i]
		out = append(out, displayName(cert))
	}
	if !bytes.Equal(cert.RawIssuer, cert.RawSubject) {
		out = append(out, cert.Issuer.CommonName)
	}
	return out
}

// Extended key usages under which people sign documents, beside those that
// crypto/x509 names: RFC 9336, Microsoft's and Adobe's.
var documentUsages = []string{"1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12", "1.2.840.113583.1.1.5"}

// maySign reports whether cert is for signing documents.
func maySign(cert *x509.Certificate) bool {
	const sign = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	if cert.IsCA || cert.KeyUsage != 0 && cert.KeyUsage&sign == 0 {
		return false
	}
	if len(cert.ExtKeyUsage)+len(cert.UnknownExtKeyUsage) == 0 {
		return true
	}
	for _, u := range cert.ExtKeyUsage {
		switch u {
		case x509.ExtKeyUsageAny, x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageClientAuth:
			return true
		}
	}
	return slices.ContainsFunc(cert.UnknownExtKeyUsage, func(oid asn1.ObjectIdentifier) bool {
		return slices.Contains(documentUsages, oid.String())
	})
}
