package validation

import "time"

// proofEnd is until when what is proven stays proven without help: the end of
// the newest document timestamp if that passed, else the first end among the
// signatures' own timestamps; zero where no time is proven. A signer without
// evidence in the file comes before that: nobody has to tell about revocation
// once a certificate has ended. Before it the document must be renewed (EN 319
// 142-1, 5.5).
func (v *validator) proofEnd() time.Time {
	if n := len(v.found); n > 0 && v.found[n-1].proves && v.found[n-1].Indication == TotalPassed {
		return v.policyEnd(v.found[n-1].Certificates, v.found[n-1].token.Digest.Name)
	}
	var first time.Time
	for _, s := range v.found {
		if end := v.stampEnd(s); first.IsZero() || !end.IsZero() && end.Before(first) {
			first = end
		}
	}
	return first
}

// stampEnd is the latest end among the timestamps of a signature that count.
func (v *validator) stampEnd(s *found) time.Time {
	var last time.Time
	for _, t := range s.Timestamps {
		if end := v.policyEnd(t.Certificates, t.hash); t.Trusted && end.After(last) {
			last = end
		}
	}
	if signer := v.policyEnd(s.Certificates, ""); s.Revocation != RevocationGood && signer.Before(last) {
		return signer
	}
	return last
}

// policyEnd is the first end among the certificates below the trust anchor and
// the policy's date for the hash of a timestamp.
func (v *validator) policyEnd(chain []Certificate, hash string) time.Time {
	first := v.opts.Policy.Hashes[hash]
	for _, c := range chain {
		if c.Revocation != RevocationAnchor && (first.IsZero() || c.NotAfter.Before(first)) {
			first = c.NotAfter
		}
	}
	return first
}
