package sohoa

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Sample (mẫu kiểm tra chất lượng) is documents drawn by chance from those that
// were kept in some days, to be judged page by page by a person. How they are
// drawn anybody can do again: see Rank.
type Sample struct {
	ID        SetID         `json:"id"`
	Agency    string        `json:"agency,omitempty"`    // drawn of it and those below; empty is the whole installation. It decides who may see the sample
	Procedure string        `json:"procedure,omitempty"` // only of dossiers of this procedure
	Type      string        `json:"type,omitempty"`      // only of this Life.Type
	From      Date          `json:"from"`                // first day of Document.KeptAt
	Until     Date          `json:"until"`               // last day
	Fresh     bool          `json:"fresh,omitempty"`     // without those that an earlier sample has
	Size      int           `json:"size"`                // documents asked for
	Seed      string        `json:"seed"`                // 64 hexadecimal digits, or what somebody gave
	Given     bool          `json:"given,omitempty"`     // Seed was given by By, not made here
	Among     int           `json:"among"`               // documents that it could have been
	Earlier   int           `json:"earlier,omitempty"`   // of these, those that Fresh left out
	List      Digest        `json:"list"`                // of Among, see Draw
	Drawn     int           `json:"drawn"`               // documents drawn
	By        string        `json:"by"`
	At        time.Time     `json:"at"` // of documents kept until then
	Closed    *Decision     `json:"closed,omitempty"`
	Result    *SampleResult `json:"result,omitempty"` // of what is closed
}

// Rank is what decides which documents are drawn: the SHA-256 of the seed, a
// line feed and the identifier of the document. Those with the lowest are.
func (s Sample) Rank(id DocumentID) Digest { return Sum([]byte(s.Seed + "\n" + id.String())) }

// CheckSeed reports as a Problem that somebody gave a seed that cannot be told
// again: 1 to MaxSeedRunes letters and signs in one line.
func CheckSeed(seed string) error {
	n := utf8.RuneCountInString(seed)
	if n == 0 || n > MaxSeedRunes || !utf8.ValidString(seed) || strings.TrimSpace(seed) != seed || strings.ContainsAny(seed, "\r\n\x00") {
		return &Problem{Kind: ErrInvalid, Code: "sample.seed", Args: []string{strconv.Itoa(MaxSeedRunes)}}
	}
	return nil
}

// Draw draws a sample from documents that are added to it in the order of
// their identifiers. It remembers no more of them than it draws.
type Draw struct {
	sample  Sample
	list    interface{ Write([]byte) (int, error) }
	sum     func() []byte
	among   int
	earlier int
	drawn   []drawn // by rank
}

type drawn struct {
	rank Digest
	id   DocumentID
}

// NewDraw begins to draw Sample.Size documents by Sample.Seed.
func NewDraw(s Sample) *Draw {
	h := sha256.New()
	return &Draw{sample: s, list: h, sum: func() []byte { return h.Sum(nil) }}
}

// Add adds a document that could be drawn. before says that another sample has
// it already.
func (d *Draw) Add(id DocumentID, before bool) {
	_, _ = d.list.Write([]byte(id.String() + "\n")) // a hash takes everything
	d.among++
	if before && d.sample.Fresh {
		d.earlier++
		return
	}
	next := drawn{d.sample.Rank(id), id}
	i, _ := slices.BinarySearchFunc(d.drawn, next, func(a, b drawn) int { return bytes.Compare(a.rank[:], b.rank[:]) })
	if i >= d.sample.Size {
		return
	}
	d.drawn = slices.Insert(d.drawn, i, next)
	d.drawn = d.drawn[:min(len(d.drawn), d.sample.Size)]
}

// Done returns the sample with what was counted, and what was drawn, by rank.
// Sample.List is the SHA-256 of the identifiers added, a line each.
func (d *Draw) Done() (Sample, []DocumentID) {
	s := d.sample
	s.Among, s.Earlier, s.Drawn = d.among, d.earlier, len(d.drawn)
	copy(s.List[:], d.sum())
	ids := make([]DocumentID, len(d.drawn))
	for i, v := range d.drawn {
		ids[i] = v.id
	}
	return s, ids
}

// NewSeed makes the seed of a sample from 32 random bytes.
func NewSeed(random [32]byte) string { return hex.EncodeToString(random[:]) }

// SampleQuestion is what is asked of a page, or of a document as a whole.
type SampleQuestion string

// The questions.
const (
	AskComplete SampleQuestion = "complete" // is all of the page on the image?
	AskLegible  SampleQuestion = "legible"  // can it be read?
	AskFields   SampleQuestion = "fields"   // are the values taken from it right?
	AskDossier  SampleQuestion = "dossier"  // does the document belong to this dossier?
	AskOrder    SampleQuestion = "order"    // are its pages in the order of the paper?
	AskCount    SampleQuestion = "count"    // has it as many pages as the paper?
)

// PageQuestions are asked of every page, DocumentQuestions once of a document,
// in this order.
var (
	PageQuestions     = []SampleQuestion{AskComplete, AskLegible, AskFields}
	DocumentQuestions = []SampleQuestion{AskDossier, AskOrder, AskCount}
)

// SampleFault is what is wrong with a page or a document.
type SampleFault string

// The coded faults of each question, in the order in which people are offered
// them. FaultOther needs a note.
const FaultOther SampleFault = "other"

var sampleFaults = map[SampleQuestion][]SampleFault{
	AskComplete: {"cut-off", "covered", "other-side"},
	AskLegible:  {"blurred", "faint", "dark", "turned", "stained"},
	AskFields:   {"value-wrong", "value-missing", "value-extra"},
	AskDossier:  {"other-dossier", "other-person", "other-requirement"},
	AskOrder:    {"order-wrong"},
	AskCount:    {"page-missing", "page-twice", "page-foreign"},
}

// Faults are the codes with which a question can be answered with no.
func (q SampleQuestion) Faults() []SampleFault {
	if sampleFaults[q] == nil {
		return nil
	}
	return append(slices.Clone(sampleFaults[q]), FaultOther)
}

// SampleAnswer is the answer to one question.
type SampleAnswer struct {
	Question SampleQuestion `json:"question"`
	Fault    SampleFault    `json:"fault,omitempty"` // empty is yes
	Note     string         `json:"note,omitempty"`
}

// SampleVerdict is what somebody judged of one page, or of the document.
type SampleVerdict struct {
	Page    int            `json:"page"` // 1-based; 0 is the document as a whole
	Answers []SampleAnswer `json:"answers"`
	By      string         `json:"by"`
	At      time.Time      `json:"at"`
}

// Faulty reports whether any answer is no.
func (v SampleVerdict) Faulty() bool {
	return slices.ContainsFunc(v.Answers, func(a SampleAnswer) bool { return a.Fault != "" })
}

// check reports as a Problem that v does not answer each question of its page.
func (v SampleVerdict) check(pages int) error {
	wrong := func(code string, args ...string) error { return &Problem{Kind: ErrInvalid, Code: code, Args: args} }
	questions := PageQuestions
	if v.Page == 0 {
		questions = DocumentQuestions
	}
	if v.Page < 0 || v.Page > pages {
		return wrong("sample.page", strconv.Itoa(v.Page))
	}
	if len(v.Answers) != len(questions) {
		return wrong("sample.answers")
	}
	for i, a := range v.Answers {
		if a.Question != questions[i] || a.Fault != "" && !slices.Contains(a.Question.Faults(), a.Fault) {
			return wrong("sample.answers")
		}
		if utf8.RuneCountInString(a.Note) > MaxReasonRunes || a.Fault == FaultOther && strings.TrimSpace(a.Note) == "" {
			return wrong("sample.note")
		}
	}
	return nil
}

// SampleItem is one document of a sample.
type SampleItem struct {
	Sample    SetID           `json:"sample"`
	Document  DocumentID      `json:"document"`
	Position  int             `json:"position"` // 0-based, by Sample.Rank
	Dossier   string          `json:"dossier"`
	Agency    string          `json:"agency"` // of the dossier, when it was drawn
	Pages     int             `json:"pages"`
	Revision  int             `json:"revision"` // Document.Revision when it was drawn
	Verdicts  []SampleVerdict `json:"verdicts,omitempty"`
	Gone      bool            `json:"gone,omitempty"`  // when the sample was closed nothing was there to judge any more
	Closed    time.Time       `json:"closed,omitzero"` // with its sample; faults are to be corrected from then on
	Corrected *Decision       `json:"corrected,omitempty"`
}

// Number is the place of the document in the sample, counted from 1.
func (i SampleItem) Number() int { return i.Position + 1 }

// Verdict finds what was judged of a page; 0 is the document as a whole.
func (i SampleItem) Verdict(page int) (SampleVerdict, bool) {
	at := slices.IndexFunc(i.Verdicts, func(v SampleVerdict) bool { return v.Page == page })
	if at < 0 {
		return SampleVerdict{}, false
	}
	return i.Verdicts[at], true
}

// Next is the first page that is not judged, the document as a whole last;
// false when all is.
func (i SampleItem) Next() (page int, open bool) {
	for n := 1; n <= i.Pages; n++ {
		if _, judged := i.Verdict(n); !judged {
			return n, true
		}
	}
	_, judged := i.Verdict(0)
	return 0, !judged
}

// Judged reports whether nothing of the document is left to judge.
func (i SampleItem) Judged() bool {
	_, open := i.Next()
	return !open
}

// Faulty reports whether anything was found.
func (i SampleItem) Faulty() bool { return slices.ContainsFunc(i.Verdicts, SampleVerdict.Faulty) }

// Due reports whether a fault waits to be corrected.
func (i SampleItem) Due() bool { return !i.Closed.IsZero() && i.Faulty() && i.Corrected == nil }

// Judge enters a verdict in the place of an earlier one of the same page.
func (i *SampleItem) Judge(v SampleVerdict) error {
	if !i.Closed.IsZero() {
		return &Problem{Kind: ErrConflict, Code: "sample.closed"}
	}
	if err := v.check(i.Pages); err != nil {
		return err
	}
	i.Verdicts = slices.DeleteFunc(slices.Clone(i.Verdicts), func(old SampleVerdict) bool { return old.Page == v.Page })
	i.Verdicts = append(i.Verdicts, v)
	slices.SortFunc(i.Verdicts, func(a, b SampleVerdict) int { return a.Page - b.Page })
	return nil
}

// Correct notes what was done about the faults of a document.
func (i *SampleItem) Correct(d Decision) error {
	if !i.Due() {
		return &Problem{Kind: ErrConflict, Code: "sample.not-due"}
	}
	if err := CheckReason(d.Reason); err != nil {
		return err
	}
	i.Corrected = &d
	return nil
}

// SampleResult is what a sample came to.
type SampleResult struct {
	Documents     int                 `json:"documents"`     // judged
	DocumentsGood int                 `json:"documentsGood"` // without a fault on any page or as a whole
	Pages         int                 `json:"pages"`
	PagesGood     int                 `json:"pagesGood"`
	Gone          int                 `json:"gone,omitempty"`   // documents that could not be judged any more
	Faults        map[SampleFault]int `json:"faults,omitempty"` // how often each was found; "question:other" is FaultOther
}

// ResultOf counts what was judged.
func ResultOf(items []SampleItem) SampleResult {
	r := SampleResult{Faults: map[SampleFault]int{}}
	for _, i := range items {
		if i.Gone {
			r.Gone++
			continue
		}
		r.Documents++
		r.DocumentsGood += one(!i.Faulty())
		for _, v := range i.Verdicts {
			r.Pages += one(v.Page > 0)
			r.PagesGood += one(v.Page > 0 && !v.Faulty())
			for _, a := range v.Answers {
				r.count(a)
			}
		}
	}
	return r
}

func (r *SampleResult) count(a SampleAnswer) {
	switch a.Fault {
	case "":
	case FaultOther:
		r.Faults[SampleFault(string(a.Question)+":"+string(FaultOther))]++
	default:
		r.Faults[a.Fault]++
	}
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Wilson is the interval that holds the true share with a confidence of 95 %,
// where good of n were (E. B. Wilson, JASA 22, 1927). Of nothing it is 0 to 1.
func Wilson(good, n int) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	const z = 1.959964
	p, m := float64(good)/float64(n), float64(n)
	middle, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, (middle-half)/(1+z*z/m)), min(1, (middle+half)/(1+z*z/m))
}
