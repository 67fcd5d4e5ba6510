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
	for _, s := range v.found {
		s.madeAfter(v.signedOver(s))
	}
	return nil
}

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
	trusted, reasons := v.trustPath(cert, s.message.Certificates, use{at: at})
	s.Reasons = append(s.Reasons, reasons...)
	if trusted.certificates == nil {
		s.Chain = partialChain(cert, s.message.Certificates)
		return
	}
	s.TrustedRoot, s.TrustedWorld = trusted.root, trusted.world
	s.noteCertificates(trusted.certificates)
}

// noteCertificates records a chain that ends in a root of ours.
func (s *found) noteCertificates(chain []Certificate) {
	s.Certificates = chain
	for _, c := range chain {
		s.Chain = append(s.Chain, c.Subject)
	}
	if len(chain) < 2 {
		return
	}
	switch r := chain[0].Revocation; r {
	case RevocationGood, RevocationRevoked, RevocationOnHold:
		s.Revocation = r
	}
}

// use is what a certificate was used for, and when that is known to have been.
type use struct {
	at    proof
	stamp bool // for a timestamp
}

// trusted is a chain that leads to a root of ours.
type trusted struct {
	certificates []Certificate // nil when there is no chain
	root, world  string
}

// maxPaths bounds the chains that are judged for one certificate.
const maxPaths = 4

// trustPath finds a chain from cert to a root and judges it: of several the
// first against which nothing speaks, else the first.
func (v *validator) trustPath(cert *x509.Certificate, bag []*x509.Certificate, u use) (trusted, []Reason) {
	chains, reason := v.chains(cert, bag, u)
	if reason != nil {
		return trusted{}, []Reason{*reason}
	}
	var first trusted
	var against []Reason
	for i, chain := range chains[:min(len(chains), maxPaths)] {
		t := v.trustedBy(chain, u)
		reasons := append(v.weakKeys(chain, u.at), pathReasons(t.certificates)...)
		if len(reasons) == 0 {
			return t, nil
		}
		if i == 0 {
			first, against = t, reasons
		}
	}
	return first, against
}

// trustedBy judges the certificates of a chain and names its root.
func (v *validator) trustedBy(chain []*x509.Certificate, u use) trusted {
	last := chain[len(chain)-1]
	t := trusted{certificates: v.path(chain, u.at, !u.stamp), root: displayName(last)}
	for _, r := range v.opts.Roots {
		if r.Certificate != nil && bytes.Equal(r.Certificate.Raw, last.Raw) && (u.stamp || !r.TimestampsOnly) {
			t.world = r.World
			break
		}
	}
	return t
}

// weakKeys are the findings about keys in a chain that prove nothing.
func (v *validator) weakKeys(chain []*x509.Certificate, at proof) []Reason {
	var out []Reason
	for _, c := range chain {
		if !v.opts.Policy.key(c, at.time) {
			out = append(out, Reason{"key.weak", []string{displayName(c)}, Indeterminate, CryptoConstraintsPOE})
		}
	}
	return out
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

// chains finds the chains from cert to configured roots that are valid at the
// time.
func (v *validator) chains(cert *x509.Certificate, bag []*x509.Certificate, u use) ([][]*x509.Certificate, *Reason) {
	chains, err := v.verify(cert, bag, u, u.at.time)
	if err == nil {
		return chains, nil
	}
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		return nil, noChain(cert, bag, err)
	}
	// Out of its period. Whether it would be trusted inside it matters too.
	inside := cert.NotBefore.Add(cert.NotAfter.Sub(cert.NotBefore) / 2)
	if _, err := v.verify(cert, bag, u, inside); err != nil {
		return nil, noChain(cert, bag, err)
	}
	if u.at.time.Before(cert.NotBefore) && u.at.by != ProofNone {
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

// verify builds chains to our roots, never the system's.
func (v *validator) verify(cert *x509.Certificate, bag []*x509.Certificate, u use, at time.Time) ([][]*x509.Certificate, error) {
	between := v.between.Clone()
	for _, c := range bag {
		between.AddCert(c)
	}
	roots := v.roots
	if u.stamp {
		roots = v.stampRoots
	}
	return cert.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
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
