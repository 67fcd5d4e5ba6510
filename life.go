package sohoa

import "time"

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
	Holds  []LegalHold   `json:"holds,omitempty"`  // while there is one, it is not disposed of
}

// LegalHold keeps a document beyond its retention.
type LegalHold struct {
	Reason string    `json:"reason"`
	By     string    `json:"by"` // User.Name
	At     time.Time `json:"at"`
}
