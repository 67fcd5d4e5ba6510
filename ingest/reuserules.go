package ingest

import (
	"slices"
	"strconv"
	"time"

	"sohoa"
	"sohoa/archive"
)

// judging is what a requirement of a dossier wants of a held result. What each
// rule stands on is in docs/decisions/reuse.md.
type judging struct {
	at          time.Time
	requirement sohoa.Requirement
	owner       sohoa.Owner // of the dossier that asks
	kinds       []string    // names of what satisfies the requirement
}

// candidate is a held result with what is known of it.
type candidate struct {
	doc     sohoa.Document
	dossier sohoa.Dossier // in which it is held
	scanned bool          // from paper, however it came
	signed  verdict
	digest  sohoa.Digest // of the file that was judged
}

// finding is how a rule came out; because is nil of a pass alone.
type finding struct {
	outcome sohoa.ReuseOutcome
	because *sohoa.Problem
}

func pass() finding { return finding{outcome: sohoa.ReusePass} }

func unsure(code string, args ...string) finding {
	return finding{sohoa.ReuseConfirm, conflict(code, args...)}
}

func refused(code string, args ...string) finding {
	return finding{sohoa.ReuseFail, conflict(code, args...)}
}

// checks are the outcomes of all rules.
func (j judging) checks(c candidate) []sohoa.ReuseCheck {
	rules := []struct {
		rule  sohoa.ReuseRule
		judge func(candidate) finding
	}{
		{sohoa.RuleOwner, j.ownerRule},
		{sohoa.RuleType, j.typeRule},
		{sohoa.RuleForce, j.forceRule},
		{sohoa.RuleScope, j.scopeRule},
		{sohoa.RuleAge, j.ageRule},
		{sohoa.RuleSignature, j.signatureRule},
		{sohoa.RuleOrigin, j.originRule},
	}
	checks := make([]sohoa.ReuseCheck, len(rules))
	for i, r := range rules {
		f := r.judge(c)
		checks[i] = sohoa.ReuseCheck{Rule: r.rule, Outcome: f.outcome, Because: f.because}
	}
	return checks
}

// ownerRule: identity numbers decide where both sides have one. Else the name
// and the birth date are the same, which somebody has to confirm. A name alone
// is nobody's.
func (j judging) ownerRule(c candidate) finding {
	ours, theirs := j.owner, c.dossier.Owner
	named := ours.Name != "" && archive.NameKey(ours.Name) == archive.NameKey(theirs.Name)
	switch {
	case ours.IDNumber != "" && ours.IDNumber == theirs.IDNumber:
		return pass()
	case ours.IDNumber != "" && theirs.IDNumber != "":
		return refused("reuse.owner-number")
	case named && ours.BirthDate != "" && ours.BirthDate == theirs.BirthDate:
		return unsure("reuse.owner-unproven")
	case named:
		return refused("reuse.owner-name")
	}
	return refused("reuse.owner-other")
}

// typeRule: the kind is one that the requirement names. Of one that nobody
// named yet, what was read at the head of the paper says what it may be.
func (j judging) typeRule(c candidate) finding {
	kind := c.doc.Life.Type
	switch {
	case j.requirement.Satisfied(kind):
		return pass()
	case kind == "" && len(j.requirement.Types) > 0 && j.named(fieldOf(c.doc, sohoa.FieldTypeName)):
		return unsure("reuse.type-read", fieldOf(c.doc, sohoa.FieldTypeName).Value)
	}
	return refused("reuse.type", j.requirement.Name)
}

// named reports whether a field holds a name of what satisfies the
// requirement.
func (j judging) named(f sohoa.Field) bool {
	return f.Value != "" && slices.ContainsFunc(j.kinds, func(name string) bool { return archive.NameKey(name) == archive.NameKey(f.Value) })
}

// fieldOf is a field of a document; without a value if there is none.
func fieldOf(doc sohoa.Document, name string) sohoa.Field {
	i := slices.IndexFunc(doc.Fields, func(f sohoa.Field) bool { return f.Name == name })
	if i < 0 {
		return sohoa.Field{}
	}
	return doc.Fields[i]
}

// forceRule: it is kept, all of it is its own, and it is in force today.
func (j judging) forceRule(c candidate) finding {
	if c.doc.State != sohoa.StateKept || len(c.doc.MovedTo) > 0 {
		return refused("reuse.not-kept")
	}
	if err := c.doc.Reusable(j.at); err != nil {
		return finding{sohoa.ReuseFail, sohoa.AsProblem(err)}
	}
	return pass()
}

// wholeCountry is the scope that is inside of no other.
const wholeCountry = "toàn quốc"

// scopeRule: it is valid where the requirement wants it to be, or everywhere.
func (j judging) scopeRule(c candidate) finding {
	want, have := archive.NameKey(j.requirement.Scope), archive.NameKey(c.doc.Life.Scope)
	switch {
	case want == "" || want == have || have == archive.NameKey(wholeCountry):
		return pass()
	case have == "":
		return unsure("reuse.scope-unknown", j.requirement.Scope)
	}
	return refused("reuse.scope", c.doc.Life.Scope, j.requirement.Scope)
}

// ageRule: its date of issue is not longer ago than the requirement allows.
// What was read on a scan may have been misread.
func (j judging) ageRule(c candidate) finding {
	if j.requirement.MaxDays == 0 {
		return pass()
	}
	most := strconv.Itoa(j.requirement.MaxDays)
	field := fieldOf(c.doc, sohoa.FieldIssuedDate)
	issued, err := time.ParseInLocation(time.DateOnly, field.Value, sohoa.Hanoi)
	if err != nil || issued.After(j.at) {
		return unsure("reuse.age-unknown", most)
	}
	if last := issued.AddDate(0, 0, j.requirement.MaxDays); sohoa.DateOf(j.at) > sohoa.DateOf(last) {
		return refused("reuse.age", sohoa.DateOf(issued).OnPaper(), most)
	}
	if c.scanned && !field.Confirmed {
		return unsure("reuse.age-read", sohoa.DateOf(issued).OnPaper(), most)
	}
	return pass()
}

// signatureRule is the verdict on its signatures.
func (j judging) signatureRule(c candidate) finding { return c.signed.finding }

// originRule: born digital with signatures that are valid, or compared with
// the original by somebody, as a whole or field by field.
func (j judging) originRule(c candidate) finding {
	confirmed := len(c.doc.Fields) > 0 && !slices.ContainsFunc(c.doc.Fields, func(f sohoa.Field) bool { return !f.Confirmed })
	switch {
	case !c.scanned && c.signed.outcome == sohoa.ReusePass:
		return pass()
	case c.doc.Life.Compared != nil || c.scanned && confirmed:
		return pass()
	case !c.scanned:
		return unsure("reuse.origin-unsigned")
	}
	return unsure("reuse.origin")
}
