package validation

import (
	"strings"
	"time"

	"sohoa/signing/validation/cms"
)

// trustToken judges a document timestamp as of at, and returns the proof of
// time for what it covers.
func (v *validator) trustToken(s *found, at proof) proof {
	s.setProof(at)
	t := v.judgeStamp(s.token, at)
	s.Reasons = append(s.Reasons, t.Reasons...)
	s.TrustedRoot, s.TrustedWorld = t.TrustedRoot, t.TrustedWorld
	s.noteCertificates(t.Certificates)
	if !t.Trusted || !s.Intact() {
		return at
	}
	s.proves = true
	v.existences = append(v.existences, existence{s.coverEnd(), t.Time})
	if at.by != ProofNone && at.time.Before(t.Time) {
		return at
	}
	return proof{t.Time, ProofDocument}
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
		stamp := v.judgeStamp(t, at)
		if s.Timestamps = append(s.Timestamps, stamp); !stamp.Trusted {
			first := stamp.Reasons[0]
			s.fail("", "", "timestamp.untrusted", append([]string{moment(t.Time), first.Code}, first.Args...)...)
			continue
		}
		if best.by == ProofNone || t.Time.Before(best.time) {
			best = proof{t.Time, ProofSignature}
		}
	}
	return best
}

// judgeStamp judges t, which is right in itself, given that it existed at at.
func (v *validator) judgeStamp(t *cms.Token, at proof) Timestamp {
	cert := t.Signers[0].Certificate
	out := Timestamp{Time: t.Time, Authority: displayName(cert), Organisation: strings.Join(cert.Subject.Organization, ", "),
		Serial: t.Serial.Text(16), Algorithm: t.Signers[0].Algorithm(), hash: t.Digest.Name}
	if at.by != ProofNone {
		out.ExistedAt = at.time
	}
	out.Reasons = v.judgeToken(t, at)
	trusted, reasons := v.trustPath(cert, t.Certificates, use{at: at, stamp: true})
	out.Reasons = append(out.Reasons, reasons...)
	out.Certificates, out.TrustedRoot, out.TrustedWorld = trusted.certificates, trusted.root, trusted.world
	out.Trusted = len(out.Reasons) == 0
	return out
}

// judgeToken says what speaks against t, its chain aside.
func (v *validator) judgeToken(t *cms.Token, at proof) []Reason {
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
	if t.Time.Before(cert.NotBefore) || t.Time.After(cert.NotAfter) {
		out = append(out, Reason{Code: "timestamp.out-of-bounds", Indication: Indeterminate, Sub: OutOfBoundsNoPOE})
	}
	return out
}

// clockSkew is how much a timestamp may be ahead of our clock.
const clockSkew = 5 * time.Minute

// signedOver is the latest time of the trusted timestamps that s covers: it was
// made after that.
func (v *validator) signedOver(s *found) time.Time {
	var latest time.Time
	for _, other := range v.found {
		if s.Covers.Bytes == 0 || other.Covers.Bytes == 0 || other.coverEnd() >= s.coverEnd() {
			continue
		}
		if other.proves && other.token.Time.After(latest) {
			latest = other.token.Time
		}
		for _, t := range other.Timestamps {
			if t.Trusted && t.Time.After(latest) {
				latest = t.Time
			}
		}
	}
	return latest
}

// madeAfter turns the finding that the signer was revoked into a final one if
// the signature is known to be younger. A timestamp of its own proves only
// that it is older (EN 319 102-1, 5.3.4 and 5.5.4).
func (s *found) madeAfter(t time.Time) {
	for i, r := range s.Reasons {
		if r.Sub == RevokedNoPOE && !s.Certificates[0].RevokedAt.After(t) && s.token == nil {
			s.Reasons[i].Indication, s.Reasons[i].Sub = TotalFailed, Revoked
		}
	}
}
