package fields

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa"
)

// sheet is the first page, cut into segments.
type sheet struct {
	width, height float64
	segments      []segment // reading order
}

// segment is a run of words without a wide gap. The engine reads the two
// columns of a heading as one line; a segment is one column's part of it.
type segment struct {
	page  int
	words []sohoa.Word
	box   sohoa.Rect
	text  string // words joined by blanks
	plain []rune // text folded: upper case without marks; as many runes as text
}

// wideGap is the gap, in heights of the line, that parts columns.
const wideGap = 1.3

func newSheet(p sohoa.PageText) sheet {
	s := sheet{width: float64(p.Width), height: float64(p.Height)}
	for _, l := range p.Lines {
		from := 0
		for i := 1; i <= len(l.Words); i++ {
			if i < len(l.Words) && l.Words[i].Box.X0-l.Words[i-1].Box.X1 <= wideGap*l.Height {
				continue
			}
			s.segments = append(s.segments, newSegment(p.Page, l.Words[from:i]))
			from = i
		}
	}
	return s
}

func newSegment(page int, words []sohoa.Word) segment {
	g := segment{page: page, words: words, text: joined(words)}
	for i, w := range words {
		if i == 0 {
			g.box = w.Box
		}
		g.box = union(g.box, w.Box)
	}
	g.plain = fold(g.text)
	return g
}

func joined(words []sohoa.Word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}

func union(a, b sohoa.Rect) sohoa.Rect {
	return sohoa.Rect{X0: min(a.X0, b.X0), Y0: min(a.Y0, b.Y0), X1: max(a.X1, b.X1), Y1: max(a.Y1, b.Y1)}
}

// fold is s in upper case without marks, rune for rune, so that rules hold
// where the engine missed a mark.
func fold(s string) []rune {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if base := []rune(norm.NFD.String(string(r))); len(base) > 0 {
			r = base[0]
		}
		if r = unicode.ToUpper(r); r == 'Đ' {
			r = 'D'
		}
		out = append(out, r)
	}
	return out
}

// slice returns the words that share a rune with from to to of the text.
func (g segment) slice(from, to int) []sohoa.Word {
	var out []sohoa.Word
	at := 0
	for _, w := range g.words {
		end := at + len([]rune(w.Text))
		if at < to && from < end {
			out = append(out, w)
		}
		at = end + 1
	}
	return out
}

// runes is the part of the text between two places in runes.
func (g segment) runes(from, to int) string { return string([]rune(g.text)[from:to]) }

// upper reports whether nearly all letters are capitals, of which there are
// some.
func (g segment) upper() bool {
	capital, small := 0, 0
	for _, r := range g.text {
		switch {
		case unicode.IsUpper(r):
			capital++
		case unicode.IsLower(r):
			small++
		}
	}
	return capital >= 3 && small*8 <= capital
}

// middle is the middle of the segment along x, as a share of the page's width.
func (s sheet) middle(g segment) float64 { return (g.box.X0 + g.box.X1) / 2 / max(1, s.width) }

// depth is how far down the page the segment is, 0 to 1.
func (s sheet) depth(g segment) float64 { return (g.box.Y0 + g.box.Y1) / 2 / max(1, s.height) }
