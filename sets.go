package sohoa

import (
	"strings"
	"time"
	"unicode/utf8"
)

// SetID names a signing set. It has the form of a DocumentID.
type SetID string

// NewSetID makes an identifier for a set made at t.
func NewSetID(t time.Time) SetID { return SetID(NewDocumentID(t).String()) }

// SetIDOf makes the identifier of a set whose time is t and whose random bits
// are the first 80 of seed: the same for the same.
func SetIDOf(t time.Time, seed []byte) SetID { return SetID(documentID(t, seed[:10]).String()) }

// ParseSetID reads an identifier in either case.
func ParseSetID(s string) (SetID, error) {
	id, err := ParseDocumentID(s)
	return SetID(id.String()), err
}

// SigningSet (bộ trình ký) is documents that the same people sign in the same
// order. A document is in one open set at a time.
type SigningSet struct {
	ID        SetID      `json:"id"`
	Title     string     `json:"title"`
	Agency    string     `json:"agency"` // Agency.Code; decides who may see it
	Steps     []SignStep `json:"steps"`  // in the order of signing
	State     SetState   `json:"state"`
	CreatedAt time.Time  `json:"createdAt"`
	CreatedBy string     `json:"createdBy"`     // User.Name
	Due       Date       `json:"due,omitempty"` // day by which it should be signed; empty where none was named
}

// SetState says where a set stands.
type SetState string

// The states of a set. It is done when none of its documents waits for
// anybody.
const (
	SetOpen      SetState = "open"
	SetDone      SetState = "done"
	SetWithdrawn SetState = "withdrawn"
)

// SignStep is one signer of a set.
type SignStep struct {
	Part     SignPart `json:"part"`
	User     string   `json:"user,omitempty"`     // User.Name; empty for the office's own key, which signs by itself
	Delegate string   `json:"delegate,omitempty"` // User.Name of who signs in the place of User
	Form     string   `json:"form,omitempty"`     // of PartCopy: "Sao y", "Sao lục", "Trích sao"
	Number   string   `json:"number,omitempty"`   // of PartAttachment: số, ký hiệu of the document that it belongs to
}

// Signer is the user who is to sign; empty for the office's own key.
func (s SignStep) Signer() string {
	if s.Delegate != "" {
		return s.Delegate
	}
	return s.User
}

// SignPart says as what somebody signs. It decides the mark on the page
// (NĐ 30/2020/NĐ-CP, Appendix I; TT 01/2023/TT-VPCP, Article 8.1; TT
// 05/2025/TT-BNV, Article 8.1).
type SignPart string

// The parts.
const (
	PartOperator   SignPart = "operator"   // who digitised the paper
	PartPerson     SignPart = "person"     // who has the power to sign the document
	PartSeal       SignPart = "seal"       // the agency on its own electronic original
	PartAgency     SignPart = "agency"     // the agency on a digitised paper
	PartCopy       SignPart = "copy"       // the agency on an electronic copy of a paper
	PartAttachment SignPart = "attachment" // the agency on an attachment in a file of its own
)

// known reports whether there is such a part, and whether the office's own key
// may take it.
func (p SignPart) known() (part, office bool) {
	switch p {
	case PartOperator, PartPerson:
		return true, false
	case PartSeal, PartAgency, PartCopy, PartAttachment:
		return true, true
	}
	return false, false
}

// SetItem is one document of a signing set.
type SetItem struct {
	Set      SetID           `json:"set"`
	Document DocumentID      `json:"document"`
	Position int             `json:"position"` // 0-based, in the set
	Step     int             `json:"step"`     // 0-based, the step whose turn it is; the number of steps when all have signed
	State    ItemState       `json:"state"`
	Signer   string          `json:"signer,omitempty"`  // User.Name of who is to sign now; empty if nobody is, or the office's own key
	Places   map[int]Place   `json:"places,omitempty"`  // by step, where somebody put its mark
	Problem  *Problem        `json:"problem,omitempty"` // why the last attempt failed; the item still waits
	Ended    *Decision       `json:"ended,omitempty"`   // of an item that was refused or withdrawn
	Signed   []SignatureMade `json:"signed,omitempty"`  // by step
	Since    time.Time       `json:"since,omitzero"`    // when it came to whom it waits for, or to its end
}

// ItemState says what an item waits for.
type ItemState string

// The states of an item. Signing lasts from the first of the two phases to the
// second; nobody else gets the document meanwhile.
const (
	ItemDue       ItemState = "due"                // for its signer
	ItemSigning   ItemState = "signing"            // for a signature value, or a signed file
	ItemStamping  ItemState = "awaiting-timestamp" // signed; the next step follows when the timestamp is there
	ItemDone      ItemState = "done"
	ItemRefused   ItemState = "refused"
	ItemWithdrawn ItemState = "withdrawn"
)

// Open reports whether an item in this state still waits.
func (s ItemState) Open() bool { return s == ItemDue || s == ItemSigning || s == ItemStamping }

// Decision is what somebody decided, and why.
type Decision struct {
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// Place is where a mark goes: a rectangle on a page as it is seen, in points,
// x to the right and y downwards from its top left corner.
type Place struct {
	Page   int     `json:"page"` // 1-based
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Good reports whether p is a rectangle on a page.
func (p Place) Good() bool {
	for _, v := range []float64{p.X, p.Y, p.Width, p.Height} {
		if !(v >= 0 && v <= MaxPagePoints) { // NaN fails too
			return false
		}
	}
	return p.Page >= 1 && p.Width > 0 && p.Height > 0
}

// SignatureMade is a signature that was added to a document here.
type SignatureMade struct {
	Part     SignPart       `json:"part"`
	User     string         `json:"user,omitempty"`   // who signed; empty for the office's own key
	For      string         `json:"for,omitempty"`    // whose place they took
	Signer   string         `json:"signer"`           // as the certificate says
	Field    string         `json:"field"`            // full name of the signature field
	Time     time.Time      `json:"time"`             // claimed; a timestamp proves more
	Stamped  time.Time      `json:"stamped,omitzero"` // what the timestamp says
	Level    SignatureState `json:"level"`            // reached so far
	Size     int64          `json:"size"`             // bytes of the revision that it covers, from the start of the file
	Revision int            `json:"revision"`         // Document.Revision that first had it
}

// PendingSignature is a signature between its two phases: a document of which
// somebody is about to sign the present revision. There is at most one for a
// document.
type PendingSignature struct {
	ID         SetID          `json:"id"` // of its own
	Document   DocumentID     `json:"document"`
	Revision   int            `json:"revision"` // Document.Revision that is being signed
	Set        SetID          `json:"set,omitempty"`
	Step       int            `json:"step"`
	Part       SignPart       `json:"part"`
	Actor      string         `json:"actor"` // User.Name
	Flow       SignFlow       `json:"flow"`
	Prepared   []byte         `json:"prepared,omitempty"`  // signing.Prepared as JSON; not for FlowTool
	Value      []byte         `json:"value,omitempty"`     // of the signature, verified: it will be kept, and cannot be cancelled any more
	File       *File          `json:"file,omitempty"`      // what FlowTool brought back, checked: the same
	Made       *SignatureMade `json:"made,omitempty"`      // what is known of the signature in File
	ProofUntil time.Time      `json:"proofUntil,omitzero"` // as Document.ProofUntil, of File
	Ticket     string         `json:"ticket,omitempty"`    // of the remote service, for FlowRemote
	Index      int            `json:"index,omitempty"`     // of its value under that ticket
	Secret     Digest         `json:"secret,omitzero"`     // SHA-256 of the one-time URL's secret, for FlowTool
	Created    time.Time      `json:"created"`
	Expires    time.Time      `json:"expires"`
}

// System reports whether no person's signature is under way: the document is
// held by a job.
func (p PendingSignature) System() bool { return p.Flow == FlowSystem || p.Flow == FlowRecord }

// Signed reports whether the signature was made: only keeping it is left.
func (p PendingSignature) Signed() bool { return len(p.Value) > 0 || p.File != nil }

// SignFlow says where a signature value comes from.
type SignFlow string

// The flows.
const (
	FlowKey    SignFlow = "key"    // a key that this server reaches and that answers at once
	FlowRemote SignFlow = "remote" // a remote service that answers later
	FlowClient SignFlow = "client" // whoever asked brings the value
	FlowTool   SignFlow = "tool"   // a program on the signer's machine takes the file and brings it back signed
	FlowSystem SignFlow = "system" // not a person's: the office's own step, or a renewal, is at work on the document
	FlowRecord SignFlow = "record" // nothing is signed: what was decided about the document is being kept
)

// maxTitleRunes bounds SigningSet.Title.
const maxTitleRunes = 200

// Check reports as a Problem why s cannot be entered.
func (s SigningSet) Check() error {
	if n := utf8.RuneCountInString(s.Title); strings.TrimSpace(s.Title) == "" || n > maxTitleRunes {
		return &Problem{Kind: ErrInvalid, Code: "set.title"}
	}
	if err := s.Due.Check(); err != nil {
		return err
	}
	if len(s.Steps) == 0 || len(s.Steps) > MaxSetSteps {
		return &Problem{Kind: ErrInvalid, Code: "set.steps"}
	}
	for _, step := range s.Steps {
		part, office := step.Part.known()
		if !part || !office && step.User == "" {
			return &Problem{Kind: ErrInvalid, Code: "set.step", Args: []string{string(step.Part)}}
		}
	}
	return nil
}
