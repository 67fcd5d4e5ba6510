package sohoa

import (
	"slices"
	"strconv"
	"strings"
)

// PageRef names a page by where it came from: the document whose original has
// it, and its number there. It stays the same wherever the page is moved.
type PageRef struct {
	Document DocumentID `json:"document"`
	Page     int        `json:"page"`           // 1-based, in the original
	Turn     int        `json:"turn,omitempty"` // degrees clockwise (0, 90, 180, 270) that a person turned it, beyond what reading found
}

// Leaf is the same page as it came, not turned by anybody.
func (r PageRef) Leaf() PageRef { return PageRef{Document: r.Document, Page: r.Page} }

// Arrangement is the order of a document's pages before it is signed. Every
// change makes a new version; no page is in two documents at once.
type Arrangement struct {
	Document DocumentID `json:"document"`
	Version  int        `json:"version"`           // Document.Arrangement at that time; 0 is as it came
	State    int        `json:"state"`             // the version that had these pages first: after an undo, an earlier one
	Before   int        `json:"before"`            // the state that an undo returns to, if State is not 0
	Pages    []PageRef  `json:"pages"`             // in order
	Dropped  []PageRef  `json:"dropped,omitempty"` // pages that are left out and can be taken in again
	With     []Together `json:"with,omitempty"`    // the other documents that the same change concerned
}

// Together is a document that was changed together with another one, and the
// state in which that left it.
type Together struct {
	Document DocumentID `json:"document"`
	State    int        `json:"state"`
}

// Leaf is a page as it came and was read, before anybody arranged it. Leaves
// exist for documents whose pages have been arranged.
type Leaf struct {
	Ref    PageRef    `json:"ref"`
	Holder DocumentID `json:"holder"` // the document that has it now, among its pages or dropped
	Page   Page       `json:"page"`   // as it was read
	Files  []File     `json:"files"`  // its image, text and the like; the working copies are the holder's
}

// Origin is where the page came from. That of a page that nobody arranged is
// the page itself.
func (p Page) Origin() PageRef {
	if p.From.Document.IsZero() {
		return PageRef{Document: p.Document, Page: p.Number}
	}
	return p.From
}

// FormatPages writes references as people do: numbers and ranges of numbers
// joined by commas, "@" and the degrees where a page is turned, the document
// and ":" before pages of others than doc: "1,3-5,2@90,01ABC:7".
func FormatPages(doc DocumentID, refs []PageRef) string {
	var b strings.Builder
	for i := 0; i < len(refs); {
		n := 1
		for i+n < len(refs) && refs[i+n] == (PageRef{refs[i].Document, refs[i].Page + n, refs[i].Turn}) {
			n++
		}
		if i > 0 {
			b.WriteByte(',')
		}
		if refs[i].Document != doc {
			b.WriteString(refs[i].Document.String() + ":")
		}
		b.WriteString(strconv.Itoa(refs[i].Page))
		if n > 1 {
			b.WriteString("-" + strconv.Itoa(refs[i].Page+n-1))
		}
		if refs[i].Turn != 0 {
			b.WriteString("@" + strconv.Itoa(refs[i].Turn))
		}
		i += n
	}
	return b.String()
}

// ParsePages is the inverse of FormatPages. Turns may be negative; ranges may
// run backwards. What cannot be read is the Problem "arrange.syntax".
func ParsePages(doc DocumentID, s string) ([]PageRef, error) {
	var refs []PageRef
	for item := range strings.SplitSeq(s, ",") {
		more, err := parseItem(doc, strings.TrimSpace(item))
		if err != nil {
			return nil, err
		}
		if refs = append(refs, more...); len(refs) > MaxPages {
			return nil, tooManyPages(len(refs))
		}
	}
	return refs, nil
}

func tooManyPages(n int) error {
	return &Problem{Kind: ErrTooLarge, Code: "document.too-many-pages", Args: []string{strconv.Itoa(n), strconv.Itoa(MaxPages)}}
}

// parseItem reads one page or one range.
func parseItem(doc DocumentID, item string) ([]PageRef, error) {
	wrong := &Problem{Kind: ErrInvalid, Code: "arrange.syntax", Args: []string{item}}
	ref, rest := PageRef{Document: doc}, item
	if id, after, ok := strings.Cut(rest, ":"); ok {
		var err error
		if ref.Document, err = ParseDocumentID(id); err != nil {
			return nil, err
		}
		rest = after
	}
	rest, turn, turned := strings.Cut(rest, "@")
	if turned {
		degrees, err := strconv.Atoi(turn)
		if err != nil || degrees%90 != 0 {
			return nil, wrong
		}
		ref.Turn = (degrees%360 + 360) % 360
	}
	from, to, ranged := strings.Cut(rest, "-")
	first, err := strconv.Atoi(from)
	last, err2 := first, error(nil)
	if ranged {
		last, err2 = strconv.Atoi(to)
	}
	if err != nil || err2 != nil || min(first, last) < 1 || max(first, last) > MaxPages {
		return nil, wrong
	}
	return rangeOf(ref, first, last), nil
}

// rangeOf are the pages from first to last, whichever is larger.
func rangeOf(ref PageRef, first, last int) []PageRef {
	var refs []PageRef
	for n := min(first, last); n <= max(first, last); n++ {
		ref.Page = n
		refs = append(refs, ref)
	}
	if first > last {
		slices.Reverse(refs)
	}
	return refs
}

// Turned is the text of the page after it was turned clockwise by 0, 90, 180
// or 270 degrees. t is left as it is.
func (t PageText) Turned(degrees int) PageText {
	for range degrees / 90 {
		t = t.turned90()
	}
	return t
}

func (t PageText) turned90() PageText {
	h := float64(t.Height)
	box := func(r Rect) Rect { return Rect{h - r.Y1, r.X0, h - r.Y0, r.X1} }
	t.Width, t.Height, t.Turn = t.Height, t.Width, (t.Turn+90)%360
	lines := make([]Line, len(t.Lines))
	for i, l := range t.Lines {
		b := l.Baseline
		l.Box, l.Baseline = box(l.Box), Segment{h - b.Y0, b.X0, h - b.Y1, b.X1}
		l.Words = slices.Clone(l.Words)
		for j := range l.Words {
			l.Words[j].Box = box(l.Words[j].Box)
		}
		lines[i] = l
	}
	t.Lines, t.Codes = lines, slices.Clone(t.Codes)
	for i := range t.Codes {
		t.Codes[i].Box = box(t.Codes[i].Box)
	}
	return t
}
