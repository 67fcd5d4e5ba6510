package sohoa

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Disposal (hồ sơ xét hủy) is documents that are proposed for destruction
// because their retention has ended, and what was decided about them (TT
// 05/2025/TT-BNV, Articles 48 to 50). It is the only way in which anything
// that was kept ceases to be. The methods that change it say whether they may;
// the catalogue holds what they leave.
type Disposal struct {
	ID        SetID         `json:"id"`
	Title     string        `json:"title"`
	Agency    string        `json:"agency"` // Agency.Code; decides who may see it
	State     DisposalState `json:"state"`
	Proposed  Decision      `json:"proposed"`
	Council   *Council      `json:"council,omitempty"`
	Approvals []Approval    `json:"approvals,omitempty"`
	After     time.Time     `json:"after,omitzero"` // nothing is destroyed before
	Withdrawn *Decision     `json:"withdrawn,omitempty"`
	Problem   *Problem      `json:"problem,omitempty"` // why destruction waits; it is tried again
	Done      time.Time     `json:"done,omitzero"`
}

// DisposalState says how far a disposal is.
type DisposalState string

// The states of a disposal, in order. It can be withdrawn until destruction
// has begun.
const (
	DisposalProposed   DisposalState = "proposed"   // xem xét hủy
	DisposalDecided    DisposalState = "decided"    // the council has decided about every document
	DisposalApproved   DisposalState = "approved"   // by two people; waits for Disposal.After
	DisposalDestroying DisposalState = "destroying" // the order is in the storage root; copies are being destroyed
	DisposalDone       DisposalState = "done"       // the certificate of destruction is in the storage root
	DisposalWithdrawn  DisposalState = "withdrawn"
)

// Open reports whether documents of a disposal in this state are under
// consideration.
func (s DisposalState) Open() bool { return s != DisposalDone && s != DisposalWithdrawn }

// Council (hội đồng xét hủy) is who decided, and the papers that say so.
type Council struct {
	Members  []string  `json:"members"`  // full names
	Minutes  string    `json:"minutes"`  // number and date of the minutes
	Decision string    `json:"decision"` // số, ký hiệu of the decision
	Day      Date      `json:"day"`      // of the decision
	By       string    `json:"by"`       // User.Name of who entered it
	At       time.Time `json:"at"`
}

// Approval is one of the two that a destruction needs.
type Approval struct {
	By string    `json:"by"` // User.Name
	At time.Time `json:"at"`
}

// Approvers is how many people must approve a destruction.
const Approvers = 2

// minMembers is the least number of members of a council.
const minMembers = 3

// DisposalItem is one document of a disposal.
type DisposalItem struct {
	Disposal SetID           `json:"disposal"`
	Document DocumentID      `json:"document"`
	Position int             `json:"position"` // 0-based
	State    DisposalVerdict `json:"state"`
	Dossier  string          `json:"dossier"`
	Type     string          `json:"type,omitempty"`    // Life.Type
	Result   string          `json:"result,omitempty"`  // Life.Result
	Due      Date            `json:"due"`               // when its retention ended
	Basis    string          `json:"basis,omitempty"`   // of the retention
	Keep     *Retention      `json:"keep,omitempty"`    // the new period of a document that is kept
	Reason   string          `json:"reason,omitempty"`  // of the council, for keeping it
	Problem  *Problem        `json:"problem,omitempty"` // why it was spared, or why its destruction waits
	Files    []DestroyedFile `json:"files,omitempty"`   // what was destroyed, every version
	Versions int             `json:"versions,omitempty"`
	Copies   []string        `json:"copies,omitempty"` // where nothing is left of it: "first", "second"
	At       time.Time       `json:"at,omitzero"`      // when it was destroyed
}

// DestroyedFile is a file that was destroyed.
type DestroyedFile struct {
	Path   string `json:"path"` // inside the object
	Size   int64  `json:"size"`
	Digest Digest `json:"digest"`
}

// DisposalVerdict says what becomes of a document.
type DisposalVerdict string

// The verdicts, and what came of them.
const (
	VerdictNone       DisposalVerdict = "proposed"   // nobody has decided
	VerdictKeep       DisposalVerdict = "keep"       // giữ lại
	VerdictDestroy    DisposalVerdict = "destroy"    // hủy
	VerdictSpared     DisposalVerdict = "spared"     // it could not be destroyed, and stays: Problem
	VerdictDestroying DisposalVerdict = "destroying" // ordered; some of it may be gone
	VerdictDestroyed  DisposalVerdict = "destroyed"
)

// Ends reports whether a document with this verdict is destroyed, or will be.
func (v DisposalVerdict) Ends() bool {
	return v == VerdictDestroy || v == VerdictDestroying || v == VerdictDestroyed
}

// disposed is a Problem about the state of a disposal.
func disposed(code string, args ...string) error {
	return &Problem{Kind: ErrConflict, Code: code, Args: args}
}

// Decide enters what the council decided. items are all documents of the
// disposal with their verdicts. Approvals given to an earlier decision are
// void.
func (d *Disposal) Decide(c Council, items []DisposalItem) error {
	if d.State != DisposalProposed && d.State != DisposalDecided {
		return disposed("disposal.state")
	}
	if err := c.check(); err != nil {
		return err
	}
	for _, i := range items {
		switch {
		case i.State == VerdictKeep && i.Keep == nil, i.State != VerdictKeep && i.State != VerdictDestroy:
			return &Problem{Kind: ErrInvalid, Code: "disposal.verdict", Args: []string{i.Document.String()}}
		case i.State == VerdictKeep:
			if err := i.Keep.CheckPeriod(); err != nil {
				return err
			}
		}
	}
	d.Council, d.Approvals, d.State = &c, nil, DisposalDecided
	return nil
}

// check reports as a Problem what a council lacks.
func (c Council) check() error {
	named := map[string]bool{}
	for _, m := range c.Members {
		m = strings.ToLower(strings.TrimSpace(m))
		if m == "" || utf8.RuneCountInString(m) > maxFullName {
			return &Problem{Kind: ErrInvalid, Code: "disposal.members", Args: []string{strconv.Itoa(minMembers)}}
		}
		named[m] = true
	}
	if len(named) < minMembers || len(c.Members) > MaxMembers {
		return &Problem{Kind: ErrInvalid, Code: "disposal.members", Args: []string{strconv.Itoa(minMembers)}}
	}
	for _, s := range []string{c.Minutes, c.Decision} {
		if n := utf8.RuneCountInString(strings.TrimSpace(s)); n == 0 || n > MaxDecisionRunes {
			return &Problem{Kind: ErrInvalid, Code: "disposal.council"}
		}
	}
	if c.Day == "" {
		return &Problem{Kind: ErrInvalid, Code: "disposal.council"}
	}
	return c.Day.Check()
}

// Approve enters that a user approves the council's decision. The proposer
// does not, and nobody does twice. With the second approval the time begins to
// run after which what was decided is done.
func (d *Disposal) Approve(by string, at time.Time, wait time.Duration) error {
	switch {
	case d.State != DisposalDecided:
		return disposed("disposal.state")
	case by == d.Proposed.By:
		return &Problem{Kind: ErrForbidden, Code: "disposal.own"}
	case slices.ContainsFunc(d.Approvals, func(a Approval) bool { return a.By == by }):
		return disposed("disposal.twice")
	}
	d.Approvals = append(d.Approvals[:len(d.Approvals):len(d.Approvals)], Approval{by, at})
	if len(d.Approvals) == Approvers {
		d.State, d.After = DisposalApproved, at.Add(wait)
	}
	return nil
}

// Withdraw ends a disposal of which nothing was destroyed.
func (d *Disposal) Withdraw(w Decision) error {
	if d.State != DisposalProposed && d.State != DisposalDecided && d.State != DisposalApproved {
		return disposed("disposal.state")
	}
	if err := CheckReason(w.Reason); err != nil {
		return err
	}
	d.State, d.Withdrawn = DisposalWithdrawn, &w
	return nil
}

// Begin lets destruction begin at a moment. A disposal that has begun may
// begin again.
func (d *Disposal) Begin(at time.Time) error {
	switch {
	case d.State == DisposalDestroying:
		return nil
	case d.State != DisposalApproved || len(d.Approvals) != Approvers || at.Before(d.After):
		return disposed("disposal.state")
	}
	d.State = DisposalDestroying
	return nil
}
