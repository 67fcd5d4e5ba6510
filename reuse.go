package sohoa

import "time"

// Reuse (tái sử dụng) is what became of a result that is held already, when a
// procedure asked for such a paper: it was taken instead of the paper, or
// declined, which needs a reason (NĐ 107/2021/NĐ-CP). Nothing is copied: the
// document stays where it is, and the dossier names it.
type Reuse struct {
	ID          SetID        `json:"id"`
	Dossier     string       `json:"dossier"`     // Dossier.Code of the one that asks
	Requirement string       `json:"requirement"` // Requirement.Code (MaThanhPhanHoSo)
	Document    DocumentID   `json:"document"`
	Result      string       `json:"result,omitempty"` // code of the result (MaKetQuaThayThe)
	State       ReuseState   `json:"state"`
	Reason      ReuseReason  `json:"reason,omitempty"` // of ReuseDeclined and ReuseEnded
	Note        string       `json:"note,omitempty"`   // in the words of who decided
	By          string       `json:"by"`               // User.Name, or the name of an API key
	At          time.Time    `json:"at"`
	Checks      []ReuseCheck `json:"checks"`             // as they came out when it was decided
	Confirmed   bool         `json:"confirmed"`          // By confirmed what ReuseConfirm left open
	Revision    int          `json:"revision,omitempty"` // Document.Revision that was judged
	Digest      Digest       `json:"digest,omitzero"`    // of the file that was judged: signed, or as it came
	Ended       *Decision    `json:"ended,omitempty"`    // who ended it, and when; the reason is their note
	Lost        *ReuseLoss   `json:"lost,omitempty"`     // it is of no force any more; the dossier is told
}

// ReuseState is how a Reuse stands.
type ReuseState string

// A reuse that was accepted may end later: the person brought the paper after
// all, or the clerk took it back.
const (
	ReuseAccepted ReuseState = "accepted"
	ReuseDeclined ReuseState = "declined"
	ReuseEnded    ReuseState = "ended"
)

// ReuseReason is why something that is held is not used, or no longer.
type ReuseReason string

// The coded reasons.
const (
	ReuseOutdated  ReuseReason = "outdated"  // thông tin trong giấy tờ đã thay đổi
	ReuseIllegible ReuseReason = "illegible" // bản số hóa không đọc được, thiếu trang
	ReuseOther     ReuseReason = "other-one" // không phải giấy tờ mà thủ tục yêu cầu
	ReusePerson    ReuseReason = "person"    // không phải của người này
	ReuseLaw       ReuseReason = "original"  // pháp luật yêu cầu nộp bản chính
	ReuseBrought   ReuseReason = "brought"   // người dân đã nộp bản giấy
	ReuseMistake   ReuseReason = "mistake"   // chọn nhầm
)

// ReuseReasons are all of them, in the order in which people are offered them.
var ReuseReasons = []ReuseReason{ReuseOutdated, ReuseIllegible, ReuseOther, ReusePerson, ReuseLaw, ReuseBrought, ReuseMistake}

// ReuseCheck is the outcome of one rule of reuse.
type ReuseCheck struct {
	Rule    ReuseRule    `json:"rule"`
	Outcome ReuseOutcome `json:"outcome"`
	Because *Problem     `json:"because,omitempty"` // of any outcome but ReusePass
}

// ReuseRule is something that a result must be in order to be used again.
type ReuseRule string

// The rules (docs/decisions/reuse.md says what each stands on).
const (
	RuleOwner     ReuseRule = "owner"     // belongs to the person of the dossier
	RuleType      ReuseRule = "type"      // is what the requirement asks for
	RuleForce     ReuseRule = "force"     // is in force today: neither revoked, replaced, expired, nor proposed for disposal
	RuleScope     ReuseRule = "scope"     // is valid where the requirement wants it to be
	RuleAge       ReuseRule = "age"       // is not older than the requirement allows
	RuleSignature ReuseRule = "signature" // its signatures were valid at signing time
	RuleOrigin    ReuseRule = "origin"    // was born digital, or compared with the original by somebody
)

// ReuseOutcome is how a rule came out.
type ReuseOutcome string

// The outcomes. What is to be confirmed a person may confirm; what failed
// nobody may.
const (
	ReusePass    ReuseOutcome = "pass"
	ReuseConfirm ReuseOutcome = "confirm"
	ReuseFail    ReuseOutcome = "fail"
)

// ReuseVerdict is the worst outcome of the checks: ReusePass of none.
func ReuseVerdict(checks []ReuseCheck) ReuseOutcome {
	worst := ReusePass
	for _, c := range checks {
		if c.Outcome == ReuseFail || c.Outcome == ReuseConfirm && worst == ReusePass {
			worst = c.Outcome
		}
	}
	return worst
}

// ReuseLoss says that a result which a dossier uses is of no force any more.
type ReuseLoss struct {
	Force Force     `json:"force"`
	At    time.Time `json:"at"`             // since when the dossier is told
	Seen  time.Time `json:"seen,omitzero"`  // when somebody said that they know
	By    string    `json:"by,omitempty"`   // User.Name of who said so
	Note  string    `json:"note,omitempty"` // what is done about it
}

// Comparison says that somebody compared a digitised paper with the original
// (đối chiếu với bản chính).
type Comparison struct {
	By   string    `json:"by"` // User.Name
	At   time.Time `json:"at"`
	Form PaperForm `json:"form"` // what was brought
}

// PaperForm is the form in which a paper was brought (TT 01/2023/TT-VPCP,
// Article 4).
type PaperForm string

// The forms.
const (
	PaperOriginal   PaperForm = "original"   // bản chính
	PaperRegister   PaperForm = "register"   // bản sao từ sổ gốc
	PaperCertified  PaperForm = "certified"  // bản sao điện tử chứng thực
	PaperElectronic PaperForm = "electronic" // bản điện tử đã đối chiếu
)

// PaperForms are all of them, in the order in which people are offered them.
var PaperForms = []PaperForm{PaperOriginal, PaperRegister, PaperCertified, PaperElectronic}
