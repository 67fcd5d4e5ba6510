package validation

import (
	"context"
	"slices"
	"strings"

	"sohoa/signing/validation/pdfrev"
)

// compare finds what each revision changed, from the first signed one on.
func (v *validator) compare(ctx context.Context) error {
	first := len(v.file.Revisions)
	for _, s := range v.found {
		if s.Covers.Revision > 0 {
			first = min(first, s.Covers.Revision)
		}
	}
	v.changes = make([][]Change, len(v.file.Revisions))
	v.ambiguous = make([]bool, len(v.file.Revisions))
	steps := 0
	for i := first; i < len(v.file.Revisions); i++ {
		changes, err := difference(ctx, v.forms[i-1], v.forms[i], i+1, &steps)
		if err != nil {
			return err
		}
		v.changes[i], v.ambiguous[i] = changes, v.file.Ambiguous(i)
	}
	return nil
}

// judgeChanges holds what came after s against what s permits.
func (v *validator) judgeChanges(s *found) {
	if s.Covers.Revision == 0 {
		return
	}
	if v.file.Irregular {
		s.fail(TotalFailed, FormatFailure, "file.irregular")
	}
	if !s.last {
		s.fail(TotalFailed, FormatFailure, "signature.removed")
	}
	v.judgeRevisions(s)
	certified := v.certified(s)
	for _, changes := range v.changes[s.Covers.Revision:] {
		for _, c := range changes {
			s.Changes = append(s.Changes, c)
			v.judgeChange(s, c, certified)
		}
	}
	for _, c := range s.Changes {
		if c.Kind.rank() > s.Modification.rank() {
			s.Modification = c.Kind
		}
	}
}

// judgeRevisions looks at how later revisions are written: what readers take
// differently cannot be compared.
func (v *validator) judgeRevisions(s *found) {
	for i := s.Covers.Revision; i < len(v.file.Revisions); i++ {
		if v.ambiguous[i] {
			s.fail(TotalFailed, FormatFailure, "file.ambiguous")
		}
		if v.file.Revisions[i].Hybrid {
			s.fail(Indeterminate, SigConstraintsFailure, "file.hybrid")
		}
	}
}

// certified is the strictest certification among s and what came before it:
// 1 to 3, or 0 without one.
func (v *validator) certified(s *found) int {
	level := 0
	for _, other := range v.found {
		p := other.Certifies
		if other.view.Resolve(other.lock["P"]) == int64(1) {
			p = 1 // its field forbids every change (ISO 32000-2, table 236)
		}
		if p > 0 && other.Covers.Revision > 0 && other.Covers.Revision <= s.Covers.Revision && (level == 0 || p < level) {
			level = p
		}
	}
	return level
}

// judgeChange records a finding about a change that s does not permit.
func (v *validator) judgeChange(s *found, c Change, certified int) {
	failed := func(code string, args ...string) { s.fail(TotalFailed, FormatFailure, code, args...) }
	switch c.class {
	case never:
		failed(c.Code, c.Args...)
	case suspect:
		s.fail(Indeterminate, SigConstraintsFailure, c.Code, c.Args...)
	case bySignature:
		if certified == 1 && !c.evidence {
			failed("change.certified", c.Args...)
		} else if c.Code != "signature.field-added" && !v.sound(c) {
			s.fail(v.unsound(c), FormatFailure, "change.unsound-signature", c.Args...)
		} else if c.Code == "signature.filled" && v.locked(s, c.field) {
			failed("change.locked", c.Args...)
		}
	case byValue:
		if certified == 1 || v.locked(s, c.field) {
			failed("change.locked", c.Args...)
		} else if certified == 0 {
			s.fail(Indeterminate, SigConstraintsFailure, c.Code, c.Args...)
		}
	case byAnnotation:
		if certified != 3 {
			failed(c.Code, c.Args...)
		} else {
			s.fail(Indeterminate, SigConstraintsFailure, c.Code, c.Args...)
		}
	}
}

// sound reports whether the signature that a change made is one.
func (v *validator) sound(c Change) bool {
	return slices.ContainsFunc(v.found, func(s *found) bool {
		return s.Field == c.field && s.Covers.Revision == c.Revision && s.Intact() && s.wellFormed()
	})
}

// unsound is how bad it is that a later signature is none: its algorithm may
// merely be unknown to us.
func (v *validator) unsound(c Change) Indication {
	for _, s := range v.found {
		if s.Field == c.field && s.Covers.Revision == c.Revision && s.DigestOK && s.unknown {
			return Indeterminate
		}
	}
	return TotalFailed
}

// locked reports whether s, or a signature before it, locked the field: by its
// own word (ISO 32000-2, 12.8.2.4), or as its field says (12.7.5.5).
func (v *validator) locked(s *found, field string) bool {
	for _, other := range v.found {
		if other.Covers.Revision == 0 || other.Covers.Revision > s.Covers.Revision {
			continue
		}
		locked := transforms(other.view, other.dict, "FieldMDP")
		if other.lock["Action"] != nil {
			locked = append(locked, other.lock)
		}
		for _, params := range locked {
			if locks(other.view, params, field) {
				return true
			}
		}
	}
	return false
}

func locks(view pdfrev.View, params pdfrev.Dict, field string) bool {
	names, _ := view.Resolve(params["Fields"]).(pdfrev.Array)
	named := slices.ContainsFunc(names, func(o pdfrev.Object) bool {
		name := text(view.Resolve(o))
		return name == field || strings.HasPrefix(field, name+".") // a field below it
	})
	switch view.Resolve(params["Action"]) {
	case pdfrev.Name("Include"):
		return named
	case pdfrev.Name("Exclude"):
		return !named
	}
	return true // All, or something that we do not know
}

// level sets the PAdES level that s reaches (EN 319 142-1, 6). A level counts
// only with what was verified: a timestamp that is not trusted makes no B-T.
func (v *validator) level(s *found) {
	if s.Type != TypeSignature || s.SubFilter != "ETSI.CAdES.detached" || !s.Intact() || !s.bound {
		return
	}
	if _, claims := s.signer.SigningTime(); claims {
		s.fail("", "", "level.signing-time")
		return
	}
	s.Level = "B-B"
	if s.Proof == ProofNone {
		return
	}
	s.Level = "B-T"
	last, ok := v.lastEvidence(s)
	if !ok {
		return
	}
	s.Level = "B-LT"
	for _, t := range v.found {
		if t.proves && t.Covers.Revision >= max(last, s.Covers.Revision+1) {
			s.Level = "B-LTA"
		}
	}
}

// lastEvidence is the revision that completed the evidence about s: about its
// signer, the authorities above it and above its timestamp, in the store. That
// about a timestamp may have become outdated since.
func (v *validator) lastEvidence(s *found) (revision int, ok bool) {
	chains := [][]Certificate{s.Certificates}
	for _, t := range s.Timestamps {
		if t.Trusted {
			chains = append(chains, t.Certificates)
		}
	}
	for i, chain := range chains {
		for _, c := range chain[:max(len(chain)-1, 0)] {
			known := c.Revocation == RevocationGood || i > 0 && c.Revocation == RevocationOutdated
			if !known || c.Evidence.Place != PlaceStore {
				return 0, false
			}
			revision = max(revision, c.Evidence.Revision)
		}
	}
	return revision, len(s.Certificates) > 1
}
