package sohoa

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Omission says that a paper which a procedure asks for is not digitised, and
// why (TT 01/2023/TT-VPCP, Article 4). There is one at most for a requirement
// of a dossier; taking it back removes it, and the journal has both.
type Omission struct {
	Dossier     string     `json:"dossier"`     // Dossier.Code
	Requirement string     `json:"requirement"` // Requirement.Code (MaThanhPhanHoSo)
	Reason      OmitReason `json:"reason"`
	Note        string     `json:"note,omitempty"`
	By          string     `json:"by"` // User.Name
	At          time.Time  `json:"at"`
}

// OmitReason is why a paper is not digitised.
type OmitReason string

// The coded reasons. Of what is secret nothing may be brought in.
const (
	OmitShown  OmitReason = "shown"  // chỉ xuất trình để đối chiếu
	OmitShared OmitReason = "shared" // đã được chia sẻ dưới dạng dữ liệu có giá trị pháp lý
	OmitCopy   OmitReason = "copy"   // nộp bản chụp, bản sao chứng thực (trừ bản sao điện tử chứng thực)
	OmitSecret OmitReason = "secret" // thuộc phạm vi bí mật nhà nước
	OmitBeyond OmitReason = "beyond" // không thuộc phạm vi số hóa
)

// OmitReasons are all of them, in the order in which people are offered them.
var OmitReasons = []OmitReason{OmitShown, OmitShared, OmitCopy, OmitSecret, OmitBeyond}

// Check reports as a Problem that the reason is none of OmitReasons, or the
// note too long.
func (o Omission) Check() error {
	if !slices.Contains(OmitReasons, o.Reason) {
		return &Problem{Kind: ErrInvalid, Code: "paper.reason", Args: []string{string(o.Reason)}}
	}
	if len([]rune(o.Note)) > MaxReasonRunes {
		return &Problem{Kind: ErrInvalid, Code: "reuse.note", Args: []string{strconv.Itoa(MaxReasonRunes)}}
	}
	return nil
}

// CheckExpected reports as a Problem that n is no count of the pages of a
// paper; 0 says nothing about them.
func CheckExpected(n int) error {
	if n < 0 || n > MaxPages {
		return &Problem{Kind: ErrInvalid, Code: "pages.expected", Args: []string{strconv.Itoa(n), strconv.Itoa(MaxPages)}}
	}
	return nil
}

// Miscounted is the Problem "pages.count" of a document that has not the pages
// that whoever brought it counted on the paper (TT 01/2023/TT-VPCP, Article
// 8); nil where the numbers agree or nobody counted. It is not signed until
// they do.
func (d Document) Miscounted() *Problem {
	if d.Expected == 0 || d.Pages == 0 || d.Expected == d.Pages || d.Revision > 0 || d.State == StateDestroyed {
		return nil
	}
	return &Problem{Kind: ErrConflict, Code: "pages.count", Args: []string{strconv.Itoa(d.Expected), strconv.Itoa(d.Pages)}}
}

// OnlyType is the kind of paper that r asks for; empty where it takes several,
// or names none.
func (r Requirement) OnlyType() string {
	if len(r.Types) != 1 {
		return ""
	}
	return r.Types[0]
}

// Covers reports whether a document is what r asks for: because somebody said
// so, or where nobody said what it is, by its kind.
func (r Requirement) Covers(d Document) bool {
	if len(d.MovedTo) > 0 || d.State == StateDestroying || d.State == StateDestroyed {
		return false
	}
	if d.Life.Requirement != "" {
		return d.Life.Requirement == r.Code
	}
	return r.Satisfied(d.Life.Type)
}

// DossierPrefix is what the codes of an agency's dossiers of one day begin
// with; a number of four digits follows (TT 01/2018/TT-VPCP, Article 19).
func DossierPrefix(agency string, at time.Time) string {
	return agency + "-" + at.In(Hanoi).Format("060102") + "-"
}

// NextDossierCode is the code after last, which has the prefix; empty is none
// yet. Numbers go on beyond four digits.
func NextDossierCode(prefix, last string) string {
	n, _ := strconv.Atoi(strings.TrimPrefix(last, prefix))
	code := strconv.Itoa(n + 1)
	return prefix + strings.Repeat("0", max(0, 4-len(code))) + code
}
