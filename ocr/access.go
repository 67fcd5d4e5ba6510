package ocr

import (
	"cmp"
	"fmt"
	"image"
	"slices"
	"strings"

	"sohoa"
	"sohoa/ocr/layer"
	"sohoa/ocr/lept"
)

// wanted is what the access copy is to be.
type wanted struct {
	fidelity sohoa.Fidelity
	stored   int // bytes of the stored image
}

// layers takes the page apart, from what reading it has made, and reads lines
// of the result again.
func (e *engine) layers(s *sheet, scan *lept.Pix, text sohoa.PageText, w wanted) (*sohoa.Layers, error) {
	t, err := layer.Take(layer.Page{Scan: scan, Ink: s.ink, Mask: s.mask, Small: s.small, DPI: s.dpi,
		Blank: s.blank, Stored: w.stored, Halvings: s.halvings}, w.fidelity)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if t.Layers.Treatment.Form != sohoa.FormLayered || !doubtful(t) {
		return &t.Layers, nil
	}
	why, err := e.readAgain(t, scan, text)
	if err == nil && why != "" {
		err = t.Reduce(layer.ReasonReads, why)
	}
	return &t.Layers, err
}

// doubtful reports whether a page in layers is read again: where it does not
// look just like the scan, and of the others one in so many, always the same.
func doubtful(t *layer.Taken) bool {
	const alike, oneIn = 0.95, 8
	return t.Looks.Mean < alike || t.Layers.Treatment.Bytes%oneIn == 0
}

// How a page in layers is read again. The lines of the smallest print are the
// sample: what is lost is lost there first.
const (
	sampleLines   = 3
	sampleConf    = 80   // mean confidence of words that a line of the sample has
	sampleLetters = 8    // and letters and digits
	sampleGap     = 3    // times its height between words parts columns, which are read otherwise alone
	sampleEnough  = 2    // lines that are enough
	sampleSure    = 0.97 // if so much of their letters come out
	sampleAlike   = 0.9  // share of its letters that have to come out as they were read
	sampleLoss    = 0.05 // or at most so much less than when the same pieces of the scan are read
	sampleMargin  = 0.25 // around a line, of its height
)

// readAgain compares lines of a page in layers with what was read on the scan.
// It says what is wrong, or nothing. Where they differ the same pieces of the
// scan are asked too: a line alone is read otherwise than on its page.
func (e *engine) readAgain(t *layer.Taken, scan *lept.Pix, text sohoa.PageText) (string, error) {
	recognised := e.recognised
	defer func() { e.recognised = recognised }() // this is a cost of the access copy, not of reading
	lines := sample(text.Lines)
	got, err := e.reads(lines, scan, text, t.ComposeWithin)
	if err != nil || got >= sampleAlike {
		return "", err
	}
	plain, err := e.reads(lines, scan, text, scan.Crop)
	if err != nil || got >= plain-sampleLoss {
		return "", err
	}
	return fmt.Sprintf("of %d lines %.2f of the letters are read, %.2f on the scan", len(lines), got, plain), nil
}

// reads is the share of the letters of lines that come out of their pieces.
func (e *engine) reads(lines []sohoa.Line, scan *lept.Pix, text sohoa.PageText, piece func(image.Rectangle) (*lept.Pix, error)) (float64, error) {
	same, all := 0.0, 0.0
	for i, l := range lines {
		if i >= sampleEnough && same >= sampleSure*all {
			break
		}
		at := stored(grown(l, text), scan.Width(), scan.Height(), text.Turn)
		if at.Empty() {
			continue
		}
		p, err := piece(at)
		if err != nil {
			return 0, err
		}
		got, err := e.readLine(p, text)
		if err != nil {
			return 0, err
		}
		want := lineText(l)
		n := float64(letters(want))
		same, all = same+n*readAlike(got, want), all+n
	}
	if all == 0 {
		return 1, nil
	}
	return same / all, nil
}

// sample picks the lines to be read again: surely read, of one column, and of
// the smallest print, the longest first among equals.
func sample(lines []sohoa.Line) []sohoa.Line {
	var sure []sohoa.Line
	for _, l := range lines {
		sum := 0.0
		for _, w := range l.Words {
			sum += w.Confidence
		}
		if letters(lineText(l)) >= sampleLetters && sum >= sampleConf*float64(len(l.Words)) && oneColumn(l) {
			sure = append(sure, l)
		}
	}
	slices.SortStableFunc(sure, func(a, b sohoa.Line) int {
		return cmp.Or(cmp.Compare(int(a.Height)/4, int(b.Height)/4), letters(lineText(b))-letters(lineText(a)))
	})
	return sure[:min(len(sure), sampleLines)]
}

// oneColumn reports whether the words of l follow each other closely.
func oneColumn(l sohoa.Line) bool {
	for i := 1; i < len(l.Words); i++ {
		if l.Words[i].Box.X0-l.Words[i-1].Box.X1 > sampleGap*l.Height {
			return false
		}
	}
	return true
}

// lineText is the words of a line with spaces between.
func lineText(l sohoa.Line) string {
	words := make([]string, len(l.Words))
	for i, w := range l.Words {
		words[i] = w.Text
	}
	return strings.Join(words, " ")
}

// grown is the box of a line with some air, inside its page.
func grown(l sohoa.Line, t sohoa.PageText) sohoa.Rect {
	m := max(l.Height, l.Box.Height()) * sampleMargin
	return sohoa.Rect{X0: max(0, l.Box.X0-m), Y0: max(0, l.Box.Y0-m),
		X1: min(float64(t.Width), l.Box.X1+m), Y1: min(float64(t.Height), l.Box.Y1+m)}
}

// stored moves a box from the upright page to the stored image of w by h
// pixels that turn makes upright.
func stored(r sohoa.Rect, w, h, turn int) image.Rectangle {
	page := image.Rect(0, 0, w, h)
	if turn%180 != 0 {
		w, h = h, w
	}
	r = upright(r, w, h, turnBetween(0, -turn))
	return image.Rect(int(r.X0), int(r.Y0), int(r.X1), int(r.Y1)).Intersect(page)
}

// readLine reads a piece of a page, which it frees, as one block of text.
func (e *engine) readLine(piece *lept.Pix, text sohoa.PageText) (string, error) {
	defer piece.Close()
	ink, err := piece.InkGray()
	if err != nil {
		return "", err
	}
	defer ink.Close()
	up, err := ink.Turn(text.Turn)
	if err != nil {
		return "", err
	}
	defer up.Close()
	straight, err := up.Rotate(-text.Skew)
	if err != nil {
		return "", err
	}
	defer straight.Close()
	const block, automatic = "6", "3"
	if err := e.client.SetVariable("tessedit_pageseg_mode", block); err != nil {
		return "", err
	}
	lines, err := e.recognise(straight, text.DPI)
	if err := e.client.SetVariable("tessedit_pageseg_mode", automatic); err != nil {
		return "", err
	}
	words := make([]string, len(lines))
	for i, l := range lines {
		words[i] = lineText(l)
	}
	return strings.Join(words, " "), err
}

// readAlike is the share of the characters of want that got has in the same order.
// Neighbouring lines may reach into a piece, so that what got has beyond it
// does not count.
func readAlike(got, want string) float64 {
	g, w := []rune(got), []rune(want)
	if len(w) == 0 {
		return 1
	}
	row := make([]int, len(w)+1) // longest common subsequence of what was seen of g with the first of w
	for _, a := range g {
		corner := 0
		for i, b := range w {
			next := max(row[i+1], row[i])
			if a == b {
				next = corner + 1
			}
			corner, row[i+1] = row[i+1], next
		}
	}
	return float64(row[len(w)]) / float64(len(w))
}
