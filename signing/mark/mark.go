// Package mark draws the marks that signatures leave on a page: who copied or
// signed, and when; a person's signature; an agency's seal. It knows what the
// law asks for, where marks belong and how they are set; it knows nothing of
// PDF files.
//
// A Mark says what to show and where: by the rule of its kind, or in a
// rectangle that an official dragged. It travels as JSON, without its image.
// What is not known before the moment of signing, the signer's name and the
// time, is filled in then (Signed).
//
// Coordinates are of two sorts. A Rect is on the page as people see it: in
// points, x to the right and y downwards from the top left corner of what is
// shown, after turning. A Box is in default user space, as the file has it.
//
// Type is Liberation Serif, which has the metrics of Times New Roman, every
// Vietnamese letter, and a licence that lets it travel inside documents (see
// font/LICENSE). Drawings embed the glyphs that they use and nothing else, and
// the images that they show with their transparency, so that they keep PDF/A-2.
//
// Everything here is safe for concurrent use.
package mark

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sohoa"
)

// Kind is what a mark is, by the rule that asks for it.
type Kind string

// The kinds.
const (
	KindText       Kind = ""           // lines of one's own
	KindOperator   Kind = "operator"   // who copied a paper
	KindCopy       Kind = "copy"       // agency on an electronic copy of a paper
	KindAgency     Kind = "agency"     // agency on a digitised archive document
	KindPerson     Kind = "person"     // the competent person's signature on an electronic original
	KindSeal       Kind = "seal"       // the agency's seal over it
	KindAttachment Kind = "attachment" // agency on an attachment in a file of its own
	KindCertified  Kind = "certified"  // certified copy of an archive document
	KindConverted  Kind = "converted"  // data message that was converted from paper
)

// HasImage reports whether marks of kind k show an image and no text.
func (k Kind) HasImage() bool { return rules[k].image }

// Forms of copies (NĐ 30/2020, Article 25), as they stand in the mark.
const (
	FormCopy    = "Sao y"
	FormRecopy  = "Sao lục"
	FormExtract = "Trích sao"
)

// Corner is where a mark stands that has no rectangle.
type Corner string

// The corners, as the page is seen. A mark moves down, or up from the bottom,
// until it is clear of what stands there already.
const (
	TopLeft     Corner = "top-left"
	TopRight    Corner = "top-right"
	BottomRight Corner = "bottom-right"
)

// LastPage is the Page of a mark on the last page.
const LastPage = -1

// Mark is what a signature shows on a page, and where.
type Mark struct {
	Kind   Kind      `json:"kind,omitempty"`
	Lines  []string  `json:"lines,omitempty"`  // above the time; the constructors say which a kind has
	Time   time.Time `json:"time,omitzero"`    // shown by kinds that have one; zero: when it is signed
	Page   int       `json:"page,omitempty"`   // 1-based, or LastPage; 0 is where the kind belongs
	Corner Corner    `json:"corner,omitempty"` // "" is that of the kind
	At     *Rect     `json:"at,omitempty"`     // where to stand instead of in a corner
	Avoid  []Rect    `json:"avoid,omitempty"`  // what must stay clear in the corner, e.g. the QR code of a printed paper
	QR     string    `json:"qr,omitempty"`     // address to show as a QR code; "" shows none
	Side   float64   `json:"side,omitempty"`   // real width of a seal in millimetres; 0 is SealSide
	Image  *Image    `json:"-"`                // of a person's signature or a seal
}

// rule is what the law says of a kind of mark.
type rule struct {
	corner Corner
	head   string // first line, always the same
	lines  int    // that it needs
	named  bool   // its last line is the name of who signs
	timed  bool   // shows the time
	image  bool   // shows an image and no text
	last   bool   // stands on the last page
}

var rules = map[Kind]rule{
	KindText:       {corner: TopLeft},
	KindOperator:   {corner: TopLeft, lines: 1, named: true, timed: true},
	KindCopy:       {corner: TopRight, lines: 2, named: true, timed: true},
	KindAgency:     {corner: TopRight, lines: 1, named: true, timed: true},
	KindPerson:     {corner: BottomRight, image: true, last: true},
	KindSeal:       {corner: BottomRight, image: true, last: true},
	KindAttachment: {corner: TopRight, lines: 1, timed: true},
	KindCertified:  {corner: TopRight, head: "BẢN SAO"},
	KindConverted:  {corner: TopRight, head: "Chuyển đổi từ văn bản giấy", lines: 1, named: true, timed: true},
}

// Operator is the mark of the person who digitised a paper, top left on the
// first page: the name and the time of copying (TT 01/2023/TT-VPCP, Article
// 8.1).
func Operator(name string, at time.Time) *Mark {
	return &Mark{Kind: KindOperator, Lines: []string{name}, Time: at}
}

// Agency is the mark of an agency on a copy, top right on the first page: the
// form of the copy (FormCopy and so on), the agency's name and the time of
// signing (NĐ 30/2020/NĐ-CP, Appendix I, Part II). Form is "" on a digitised
// archive document (TT 05/2025/TT-BNV, Article 8.1).
func Agency(form, agency string, at time.Time) *Mark {
	if form == "" {
		return &Mark{Kind: KindAgency, Lines: []string{agency}, Time: at}
	}
	return &Mark{Kind: KindCopy, Lines: []string{form, agency}, Time: at}
}

// Person is the signature of the competent person on an electronic original:
// an image, blue, without text, where people sign (NĐ 30/2020, Appendix I).
// Without a rectangle it stands at the lower right of the last page.
func Person(signature *Image) *Mark { return &Mark{Kind: KindPerson, Image: signature} }

// Seal is the seal of an agency on an electronic original: an image, red, in
// its real size, over the left third of the person's signature (NĐ 30/2020,
// Appendix I; Article 33 on seals). With a rectangle it stands in the middle
// of that.
func Seal(seal *Image) *Mark { return &Mark{Kind: KindSeal, Image: seal} }

// Attachment is the mark of an agency on an attachment in a file of its own,
// top right on the first page: number and notation of the document that it
// belongs to, and the time of signing (NĐ 30/2020, Appendix I).
func Attachment(number string, at time.Time) *Mark {
	return &Mark{Kind: KindAttachment, Lines: []string{number}, Time: at}
}

// Certified is the mark of an archive on a certified copy of a document, top
// right: BẢN SAO (TT 05/2025/TT-BNV, Article 41).
func Certified() *Mark { return &Mark{Kind: KindCertified} }

// Converted is the mark of who converted a paper into a data message: that it
// was converted, the full name and the time (NĐ 137/2024/NĐ-CP, Article 4).
// The law names no place; it stands top right.
func Converted(name string, at time.Time) *Mark {
	return &Mark{Kind: KindConverted, Lines: []string{name}, Time: at}
}

// Time is a time as marks have it: 28.08.2024 14:34:48 +07:00.
func Time(t time.Time) string { return t.In(sohoa.Hanoi).Format("02.01.2006 15:04:05 -07:00") }

// Signed returns m with what was left open: the name of who signs as the last
// line where the kind has one, and the time.
func (m Mark) Signed(name string, at time.Time) *Mark {
	r := rules[m.Kind]
	if r.named && len(m.Lines) == r.lines-1 {
		m.Lines = append(slices.Clone(m.Lines), name)
	}
	if m.Time.IsZero() {
		m.Time = at
	}
	return &m
}

// Text returns the lines that m shows.
func (m *Mark) Text() []string {
	r := rules[m.Kind]
	lines := slices.Clone(m.Lines)
	if r.head != "" {
		lines = slices.Insert(lines, 0, r.head)
	}
	if r.timed {
		lines = append(lines, Time(m.Time))
	}
	return lines
}

// Number is the page that m belongs on: 1-based, or LastPage.
func (m *Mark) Number() int {
	switch {
	case m.Page != 0:
		return m.Page
	case rules[m.Kind].last:
		return LastPage
	}
	return 1
}

// OverSignature reports whether m goes over the signature of a person, which
// then decides its page unless m names one.
func (m *Mark) OverSignature() bool { return m.Kind == KindSeal && m.At == nil }

func (m *Mark) corner() Corner {
	if m.Corner != "" {
		return m.Corner
	}
	return rules[m.Kind].corner
}

// Check returns a Problem if m is none that can be drawn, whatever its image
// and the page: people send marks. Draw checks by itself.
func (m *Mark) Check() error {
	r, known := rules[m.Kind]
	if !known || !slices.Contains([]Corner{TopLeft, TopRight, BottomRight}, m.corner()) {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.mark-kind", Args: []string{string(m.Kind) + " " + string(m.Corner)}}
	}
	if m.Side != 0 && (m.Kind != KindSeal || !(m.Side >= minSealSide && m.Side <= maxSealSide)) {
		return problem("sign.mark-image")
	}
	if m.QR != "" && (r.image || !isAddress(m.QR)) {
		return problem("sign.mark-qr")
	}
	runes := 0
	for _, line := range m.Lines {
		runes += utf8.RuneCountInString(line)
	}
	least := r.lines
	if r.named {
		least-- // Signed adds the name
	}
	if runes > sohoa.MaxMarkRunes || len(m.Lines) < least || r.image && len(m.Lines) > 0 || len(m.Avoid) > sohoa.MaxCodes {
		return problem("sign.mark-text")
	}
	return nil
}

// complete returns a Problem unless m is ready to be drawn.
func (m *Mark) complete() error {
	if err := m.Check(); err != nil {
		return err
	}
	switch r := rules[m.Kind]; {
	case r.image != (m.Image != nil):
		return problem("sign.mark-image")
	case len(m.Lines) < r.lines:
		return problem("sign.mark-text")
	}
	return nil
}

// isAddress reports whether s is an address on the web that telephones open.
func isAddress(s string) bool {
	u, err := url.Parse(s)
	plain := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
	return err == nil && plain && len(s) <= sohoa.MaxMarkAddress && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// Problems of marks. Errors of this package are these under errors.Is.
var (
	// ErrNoRoom says that a page is too small or too full for a mark.
	ErrNoRoom error = problem("sign.no-room")
	// ErrOffPage says that a mark's rectangle is not on the page.
	ErrOffPage error = problem("sign.mark-place")
	// ErrNoSignature says that there is no signature to set a seal over.
	ErrNoSignature error = problem("sign.mark-signature")
)

func problem(code string) *sohoa.Problem { return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: code} }
