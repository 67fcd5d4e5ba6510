package ocr

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"sohoa"
	"sohoa/ocr/lept"
	"sohoa/ocr/syllable"
)

// How the text that a page brought along is weighed against what was read.
const (
	doubtConf    = 60  // a word of less confidence counts as not legible
	plainForm    = 0.5 // worth of a letter in a syllable without marks or in an abbreviation, beside one in a marked syllable
	longestCode  = 8   // letters and digits of an abbreviation
	gain         = .02 // by which what was read has to be better than an old layer to replace it
	cellInch     = .05 // of the squares in which ink is counted; words may be so far off
	tellingWords = 5   // words read for sure that are enough to doubt an old layer
	letterInch   = 1   // side of the largest letter that counts, a square
)

// settle decides which text is the page's: an old layer if it reads better
// than what was read, and the page's own text always, beside the rest.
func (e *engine) settle(j job, s *sheet, read sohoa.PageText) (sohoa.PageText, error) {
	text := read
	if j.Old != nil {
		if !j.Sure && !legibility(read).sure() { // nor then which way is up
			read = read.Turned(turnBetween(j.Old.Turn, -read.Turn))
		}
		old, err := fitted(*j.Old, read)
		if err != nil {
			return text, err
		}
		ink, err := newInkCells(s.mask, read.Turn, s.dpi)
		if err != nil {
			return text, err
		}
		if share := quality(old, ink); share > 0 && quality(read, ink) < share+gain && !contradicts(old, read) {
			text = kept(old, read)
		}
	}
	if j.Own != nil {
		own, err := fitted(*j.Own, read)
		if err != nil {
			return text, err
		}
		text = beside(own, text)
	}
	return text, nil
}

// fitted is a brought text in the frame of what was read.
func fitted(t, read sohoa.PageText) (sohoa.PageText, error) {
	t = t.Turned(turnBetween(read.Turn, -t.Turn))
	if t.Width != read.Width || t.Height != read.Height {
		return t, fmt.Errorf("text for %d x %d pixels on a page of %d x %d: %w", t.Width, t.Height, read.Width, read.Height, sohoa.ErrInvalid)
	}
	return t, nil
}

// kept is the old layer in the place of what was read. Its words are as sure
// as its letters are legible: nobody said how sure their engine was.
func kept(old, read sohoa.PageText) sohoa.PageText {
	conf := math.Round(100 * legible(old.Lines))
	for _, l := range old.Lines {
		for i := range l.Words {
			l.Words[i].Confidence = conf
		}
	}
	text := read
	text.Source, text.Engine, text.Lines, text.Blank = sohoa.TextPDF, old.Engine, old.Lines, false
	return text
}

// quality is how well a text reads, 0 to 1: the share of its letters that are
// legible times the share of the page's ink that its words account for.
func quality(t sohoa.PageText, ink inkCells) float64 { return legible(t.Lines) * ink.under(t.Lines) }

// Legible is how many letters and digits of t stand in forms that Vietnamese
// papers have, so that texts of the same page can be compared: the more, the
// better it was read.
func Legible(t sohoa.PageText) float64 {
	good, _ := lettersWorth(t.Lines)
	return good
}

// legible is the share of the letters and digits that stand in forms that
// Vietnamese papers have: syllables, numbers, dates, codes. A syllable
// without any mark is worth less, because marks are what is lost first, and so
// is an abbreviation. A word that its engine doubts is worth nothing.
func legible(lines []sohoa.Line) float64 {
	good, all := lettersWorth(lines)
	if all == 0 {
		return 0
	}
	return good / all
}

// lettersWorth sums letterWorth up.
func lettersWorth(lines []sohoa.Line) (good, all float64) {
	for _, l := range lines {
		for _, w := range l.Words {
			g, n := letterWorth(w)
			good, all = good+g, all+n
		}
	}
	return good, all
}

// letterWorth is what the letters and digits of w are worth, and their number.
func letterWorth(w sohoa.Word) (good, all float64) {
	for _, piece := range strings.FieldsFunc(w.Text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		n := float64(letters(piece))
		all += n
		if w.Confidence >= doubtConf {
			good += n * worth(piece)
		}
	}
	return good, all
}

// worth is that of the letters of piece, 0 to 1.
func worth(piece string) float64 {
	switch {
	case strings.IndexFunc(piece, func(r rune) bool { return r < '0' || r > '9' }) < 0:
		return 1
	case syllable.WellFormed(piece) && syllable.Marked(piece):
		return 1
	case syllable.WellFormed(piece), isCode(piece):
		return plainForm
	}
	return 0
}

// isCode reports whether piece looks like UBND, QĐ or H49.
func isCode(piece string) bool {
	return letters(piece) <= longestCode && strings.IndexFunc(piece, unicode.IsLower) < 0
}

// contradicts reports whether most words that were surely read do not stand at
// their place in the old layer: it is misplaced, or of another page.
func contradicts(old, read sohoa.PageText) bool {
	places := map[string][]sohoa.Rect{}
	for _, l := range old.Lines {
		for _, w := range l.Words {
			places[w.Text] = append(places[w.Text], w.Box)
		}
	}
	sure, there := 0, 0
	for _, l := range read.Lines {
		for _, w := range l.Words {
			if w.Confidence < goodConf || letters(w.Text) < 2 {
				continue
			}
			sure++
			if slices.ContainsFunc(places[w.Text], func(b sohoa.Rect) bool { return shared(b, w.Box) > 0 }) {
				there++
			}
		}
	}
	return sure >= tellingWords && 2*there < sure
}

// inkCells is how much ink the squares of a page have, row by row.
type inkCells struct {
	cols, rows, side int
	letter           float64 // area of the largest letter that counts
	ink              []int
}

// newInkCells counts the ink of mask, turned clockwise by turn.
func newInkCells(mask *lept.Pix, turn int, dpi float64) (inkCells, error) {
	up, err := mask.Turn(turn)
	if err != nil {
		return inkCells{}, err
	}
	defer up.Close()
	packed, stride, err := up.Packed()
	if err != nil {
		return inkCells{}, err
	}
	c := inkCells{side: max(1, int(dpi*cellInch)/8) * 8, letter: math.Pow(dpi*letterInch, 2)}
	c.cols, c.rows = (stride*8+c.side-1)/c.side, (up.Height()+c.side-1)/c.side
	c.ink = make([]int, c.cols*c.rows)
	for i, b := range packed {
		if b != 0 {
			c.ink[i/stride/c.side*c.cols+i%stride*8/c.side] += bits.OnesCount8(b)
		}
	}
	return c, nil
}

// under is the share of the ink that lies in squares which words of lines
// touch; 0 where there is no ink. Words without a legible letter touch nothing:
// signatures and seals are taken for such. Nor do words whose boxes are out of
// all proportion. However large a box is, it costs the same.
func (c inkCells) under(lines []sohoa.Line) float64 {
	wide := c.cols + 1
	edges := make([]int, wide*(c.rows+1)) // what the boxes add at their corners; the sum up to a square is how many lie on it
	for _, l := range lines {
		for _, w := range l.Words {
			if good, n := letterWorth(w); good == 0 || w.Box.Width()*w.Box.Height() > n*c.letter {
				continue
			}
			x0, x1 := c.at(w.Box.X0, c.cols), c.at(w.Box.X1, c.cols)+1
			y0, y1 := c.at(w.Box.Y0, c.rows), c.at(w.Box.Y1, c.rows)+1
			edges[y0*wide+x0]++
			edges[y0*wide+x1]--
			edges[y1*wide+x0]--
			edges[y1*wide+x1]++
		}
	}
	under, all := 0, 0
	above := make([]int, wide)
	for y := range c.rows {
		row := 0
		for x := range c.cols {
			row += edges[y*wide+x]
			above[x] += row
			n := c.ink[y*c.cols+x]
			all += n
			if above[x] > 0 {
				under += n
			}
		}
	}
	return float64(under) / float64(max(all, 1))
}

// at is the square of a coordinate, of n.
func (c inkCells) at(v float64, n int) int { return min(max(int(v)/c.side, 0), n-1) }

// shared is the area that two boxes have in common.
func shared(a, b sohoa.Rect) float64 {
	return max(0, min(a.X1, b.X1)-max(a.X0, b.X0)) * max(0, min(a.Y1, b.Y1)-max(a.Y0, b.Y0))
}
