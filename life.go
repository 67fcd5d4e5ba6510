package sohoa

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Date is a day in Việt Nam as YYYY-MM-DD, or empty.
type Date string

// DateOf is the day that t falls on in Việt Nam.
func DateOf(t time.Time) Date { return Date(t.In(Hanoi).Format(time.DateOnly)) }

// Check reports as ErrInvalid that d is neither a day nor empty.
func (d Date) Check() error {
	if _, err := time.Parse(time.DateOnly, string(d)); d != "" && err != nil {
		return &Problem{Kind: ErrInvalid, Code: "date.invalid", Args: []string{string(d)}}
	}
	return nil
}

// Life is what an office decides about a document that it keeps, without
// touching its papers. Each change is in the catalogue and in the journal at
// once, and in the storage root with the next version (Document.LifeKept).
type Life struct {
	Change     int          `json:"change,omitempty"`     // counts the changes
	Type       string       `json:"type,omitempty"`       // code of the kind of paper or result, by which the retention schedule goes
	ValidFrom  Date         `json:"validFrom,omitempty"`  // first day; empty is not known
	ValidUntil Date         `json:"validUntil,omitempty"` // last day; empty is without end
	Scope      string       `json:"scope,omitempty"`      // where it is valid (phạm vi hiệu lực)
	Revoked    *Revocation  `json:"revoked,omitempty"`
	Replaced   *Replacement `json:"replaced,omitempty"`
	Retention  Retention    `json:"retention,omitzero"`
	Result     string       `json:"result,omitempty"`   // code of the result: its dossier's, "-KQ" and a number (NĐ 45/2020/NĐ-CP, Article 14); never given to another
	Compared   *Comparison  `json:"compared,omitempty"` // with the original, where it was digitised

	Requirement string `json:"requirement,omitempty"` // Requirement.Code of the paper that it is in its dossier (MaThanhPhanHoSo), where somebody said so
}

// Revocation takes a result out of force (NĐ 45/2020/NĐ-CP, Article 15). The
// document stays as it is, to the end of its retention.
type Revocation struct {
	At       time.Time `json:"at"`       // from when on it is of no force
	Decision string    `json:"decision"` // number, notation and date of the decision
	Reason   string    `json:"reason"`
	By       string    `json:"by"` // User.Name of who entered it
	Entered  time.Time `json:"entered"`
}

// Replacement says which document took the place of a result.
type Replacement struct {
	By       DocumentID `json:"by"`
	At       time.Time  `json:"at"` // from when on
	Decision string     `json:"decision,omitempty"`
	Actor    string     `json:"actor"` // User.Name of who entered it
	Entered  time.Time  `json:"entered"`
}

// Force says whether a result counts.
type Force string

// What the force of a result can be. Only InForce lets it be used again.
const (
	ForceIn       Force = "in-force" // còn hiệu lực
	ForceNotYet   Force = "not-yet"  // chưa có hiệu lực
	ForceExpired  Force = "expired"  // hết hiệu lực
	ForceRevoked  Force = "revoked"  // hủy hiệu lực
	ForceReplaced Force = "replaced" // được thay thế

	ForceDisposal  Force = "disposal"  // xem xét hủy; of a Document, as the next
	ForceDestroyed Force = "destroyed" // đã hủy
)

// Force is what the result is worth at a moment. What somebody decided goes
// before what the dates say.
func (l Life) Force(at time.Time) Force {
	day := DateOf(at)
	switch {
	case l.Revoked != nil && !at.Before(l.Revoked.At):
		return ForceRevoked
	case l.Replaced != nil && !at.Before(l.Replaced.At):
		return ForceReplaced
	case l.ValidUntil != "" && day > l.ValidUntil:
		return ForceExpired
	case l.ValidFrom != "" && day < l.ValidFrom:
		return ForceNotYet
	}
	return ForceIn
}

// ForceUntil is when the force of a result ends, by what is decided and by its
// dates: from then on it has none. Zero is never.
func (l Life) ForceUntil() (ends time.Time) {
	sooner := func(t time.Time) {
		if ends.IsZero() || t.Before(ends) {
			ends = t.UTC()
		}
	}
	if l.Revoked != nil {
		sooner(l.Revoked.At)
	}
	if l.Replaced != nil {
		sooner(l.Replaced.At)
	}
	if t, err := time.ParseInLocation(time.DateOnly, string(l.ValidUntil), Hanoi); err == nil {
		sooner(t.AddDate(0, 0, 1))
	}
	return ends
}

// Reusable reports as a Problem why a result cannot be used again at a moment:
// put up for signing, attached to another dossier, copied with the agency's
// signature. It can still be read and downloaded.
func (l Life) Reusable(at time.Time) error {
	refuse := func(code string, args ...string) error {
		return &Problem{Kind: ErrConflict, Code: code, Args: args}
	}
	switch l.Force(at) {
	case ForceRevoked:
		return refuse("life.revoked", OnPaper(l.Revoked.At), l.Revoked.Decision)
	case ForceReplaced:
		return refuse("life.replaced", OnPaper(l.Replaced.At), l.Replaced.By.String())
	case ForceExpired:
		return refuse("life.expired", l.ValidUntil.OnPaper())
	case ForceNotYet:
		return refuse("life.not-yet", l.ValidFrom.OnPaper())
	}
	return nil
}

// Reusable is Life.Reusable, and refuses too what is proposed for disposal.
func (d Document) Reusable(at time.Time) error {
	if d.Disposal != "" {
		return &Problem{Kind: ErrConflict, Code: "life.disposal"}
	}
	return d.Life.Reusable(at)
}

// Force is Life.Force, and what became of a document that was proposed for
// disposal.
func (d Document) Force(at time.Time) Force {
	switch {
	case d.State == StateDestroying || d.State == StateDestroyed:
		return ForceDestroyed
	case d.Disposal != "":
		return ForceDisposal
	}
	return d.Life.Force(at)
}

// OnPaper is the day that t falls on as it is written here.
func OnPaper(t time.Time) string { return DateOf(t).OnPaper() }

// OnPaper is the day as it is written here, as 31/12/2026.
func (d Date) OnPaper() string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return t.Format("02/01/2006")
}

// ParseMoment reads a day, or a moment in RFC 3339; a day is its beginning in
// Việt Nam. Empty text is the zero time.
func ParseMoment(s string) (time.Time, error) {
	if s = strings.TrimSpace(s); s == "" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, Hanoi); err == nil {
		return t.UTC(), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, &Problem{Kind: ErrInvalid, Code: "date.invalid", Args: []string{s}}
	}
	return t.UTC(), nil
}

// Ruling is what somebody decided on paper, and why.
type Ruling struct {
	Decision string `json:"decision"` // số, ký hiệu and date
	Reason   string `json:"reason"`
}

// Check reports as a Problem that a ruling lacks its decision or its reason,
// or says too much.
func (r Ruling) Check() error {
	if n := utf8.RuneCountInString(strings.TrimSpace(r.Decision)); n == 0 || n > MaxDecisionRunes {
		return &Problem{Kind: ErrInvalid, Code: "life.decision"}
	}
	return CheckReason(r.Reason)
}

// CheckReason reports as a Problem that there is no reason, or too much of it.
func CheckReason(reason string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n == 0 || n > MaxReasonRunes {
		return &Problem{Kind: ErrInvalid, Code: "life.reason"}
	}
	return nil
}

// RetentionCode is a period of the retention schedule (maintenance of
// EAD in TT 05/2025/TT-BNV).
type RetentionCode string

// The periods. What nothing is known of is kept for ever.
const (
	RetentionForever RetentionCode = "01" // vĩnh viễn
	Retention70      RetentionCode = "02" // 70 năm
	Retention50      RetentionCode = "03"
	Retention30      RetentionCode = "04"
	Retention20      RetentionCode = "05"
	Retention10      RetentionCode = "06"
	RetentionOther   RetentionCode = "07" // Retention.Years
)

// Retention says for how long a document is kept.
type Retention struct {
	Code   RetentionCode `json:"code,omitempty"`   // empty is for ever, until somebody decides
	Years  int           `json:"years,omitempty"`  // of RetentionOther
	Basis  string        `json:"basis,omitempty"`  // the rule that says so
	Starts Date          `json:"starts,omitempty"` // from when the period counts
	Due    Date          `json:"due,omitempty"`    // first day on which it may be disposed of; empty is never
	Rule   int           `json:"rule,omitempty"`   // Schedule.Version that was last compared with it; 0 is none
	Since  Date          `json:"since,omitempty"`  // day from the end of whose year it counts, where a ruling said so
	Over   string        `json:"over,omitempty"`   // the schedule's period that the ruling went against, as code and years
	Ruling *Ruling       `json:"ruling,omitempty"` // of who gave it another period than the schedule's
	Holds  []LegalHold   `json:"holds,omitempty"`  // while there is one, it is not disposed of
}

// LegalHold keeps a document beyond its retention.
type LegalHold struct {
	Reason string    `json:"reason"`
	By     string    `json:"by"` // User.Name
	At     time.Time `json:"at"`
}
