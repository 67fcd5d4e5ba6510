package raster

import (
	"math"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/requests"
	"golang.org/x/text/unicode/norm"

	"sohoa"
)

// maxChars bounds the characters of one page. A page with more is recognised
// from its image, as are pages whose characters mean nothing.
const maxChars = 100_000

// char is one character of a page's own text, in PDF user space.
type char struct {
	r     rune
	box   box     // of the glyph's ink; empty for spaces
	x, y  float64 // origin on the baseline
	loose box     // of the font's full height, for the first character of a word
}

// texts takes what the page draws and what it hides.
func (p *pdfPage) texts(c *content) error {
	if !c.visible && !c.hidden {
		return nil
	}
	t, err := p.inst.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: p.ref})
	if err != nil {
		return nil // none that can be relied on
	}
	defer p.inst.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: t.TextPage})
	if c.visible {
		tp := textPage{pdfPage: p, req: t.TextPage, drawn: true, mixture: c.hidden}
		if p.Text, err = tp.text(c); err != nil {
			return err
		}
	}
	if c.hidden {
		tp := textPage{pdfPage: p, req: t.TextPage, mixture: c.visible}
		p.Old, err = tp.text(c)
	}
	return err
}

// text is the text in the frame of the upright image, or nil: there is none,
// its characters cannot be trusted, or there are too many.
func (t *textPage) text(c *content) (*sohoa.PageText, error) {
	chars, ok, err := t.chars()
	if err != nil || !ok {
		return nil, err
	}
	p := t.Page
	text := &sohoa.PageText{Page: p.Number, Width: p.Width, Height: p.Height, DPI: p.DPI, Turn: p.Turn,
		Source: sohoa.TextPDF, Engine: textEngine}
	if p.Turn%180 != 0 {
		text.Width, text.Height = p.Height, p.Width
	}
	f := frame{page: c.page, rotate: c.rotate, w: text.Width, h: text.Height}
	if c.cover != nil && p.Source != sohoa.SourceRendered {
		f.page = c.cover.bounds
	}
	text.Lines = linesOf(chars, f)
	if len(text.Lines) == 0 {
		return nil, nil
	}
	return text, nil
}

// textEngine is who says what the characters of a PDF are.
const textEngine = "pdfium"

func countWords(lines []sohoa.Line) (n int) {
	for _, l := range lines {
		n += len(l.Words)
	}
	return n
}

// frame maps PDF user space to the upright page in pixels.
type frame struct {
	page   box
	rotate int // of the page, degrees clockwise
	w, h   int // of the upright page
}

// point maps x, y.
func (f frame) point(x, y float64) (px, py float64) {
	u, v := x-f.page.x0, y-f.page.y0
	w, h := f.page.w(), f.page.h()
	switch f.rotate {
	case 90:
		px, py, w, h = v, u, h, w
	case 180:
		px, py = w-u, v
	case 270:
		px, py, w, h = h-v, w-u, h, w
	default:
		px, py = u, h-v
	}
	return px * float64(f.w) / w, py * float64(f.h) / h
}

// rect maps b, cut to the page.
func (f frame) rect(b box) sohoa.Rect {
	x0, y0 := f.point(b.x0, b.y0)
	x1, y1 := f.point(b.x1, b.y1)
	w, h := float64(f.w), float64(f.h)
	cut := func(v, top float64) float64 { return min(max(v, 0), top) }
	return sohoa.Rect{X0: cut(min(x0, x1), w), Y0: cut(min(y0, y1), h), X1: cut(max(x0, x1), w), Y1: cut(max(y0, y1), h)}
}

// linesOf groups characters, which are in reading order with line ends, into
// lines and words. All are one block: PDFs do not say where blocks are.
func linesOf(chars []char, f frame) []sohoa.Line {
	lb := lineBuilder{frame: f}
	for _, c := range chars {
		switch {
		case c.r == '\n' || c.r == '\r':
			lb.endLine()
		case unicode.IsSpace(c.r):
			lb.endWord()
		default:
			lb.word = append(lb.word, c)
		}
	}
	lb.endLine()
	return lb.lines
}

// lineBuilder is the state of linesOf.
type lineBuilder struct {
	frame frame
	word  []char
	line  sohoa.Line
	first char // of the line
	last  char
	loose box // of the line's tallest word
	lines []sohoa.Line
}

// endWord adds the word that was being gathered to the line.
func (lb *lineBuilder) endWord() {
	word := lb.word
	lb.word = nil
	text := wordText(word)
	if text == "" {
		return
	}
	b, ok := boxOf(word)
	if !ok || b.share(lb.frame.page) == 0 {
		return // outside the page: nobody sees it
	}
	if len(lb.line.Words) == 0 {
		lb.first = word[0]
	}
	lb.last = word[len(word)-1]
	if word[0].loose.h() > lb.loose.h() {
		lb.loose = word[0].loose
	}
	lb.line.Words = append(lb.line.Words, sohoa.Word{Text: text, Box: lb.frame.rect(b), Confidence: 100})
}

// endLine adds the line that was being gathered.
func (lb *lineBuilder) endLine() {
	lb.endWord()
	l := lb.line
	lb.line = sohoa.Line{}
	if len(l.Words) == 0 {
		return
	}
	l.Box = l.Words[0].Box
	for _, w := range l.Words {
		l.Box = sohoa.Rect{X0: min(l.Box.X0, w.Box.X0), Y0: min(l.Box.Y0, w.Box.Y0),
			X1: max(l.Box.X1, w.Box.X1), Y1: max(l.Box.Y1, w.Box.Y1)}
	}
	l.Baseline, l.Height = lb.baseline()
	if l.Height == 0 {
		l.Height = l.Box.Height()
	}
	lb.loose = box{}
	lb.lines = append(lb.lines, l)
}

// baseline goes from the first character's origin to the far end of the last
// one, and the height is that of the tallest font across it. Text that runs
// up or down the page has an upright baseline.
func (lb *lineBuilder) baseline() (sohoa.Segment, float64) {
	x0, y0 := lb.frame.point(lb.first.x, lb.first.y)
	x1, y1 := lb.frame.point(lb.last.x, lb.last.y)
	end, tall := lb.frame.rect(lb.last.box), lb.frame.rect(lb.loose)
	switch {
	case math.Abs(y1-y0) <= math.Abs(x1-x0):
		return sohoa.Segment{X0: x0, Y0: y0, X1: max(x1, end.X1), Y1: y1}, tall.Height()
	case y1 > y0:
		return sohoa.Segment{X0: x0, Y0: y0, X1: x1, Y1: max(y1, end.Y1)}, tall.Width()
	}
	return sohoa.Segment{X0: x0, Y0: y0, X1: x1, Y1: min(y1, end.Y0)}, tall.Width()
}

// wordText is the characters' text in NFC, without what is not text: control
// and private-use characters, soft hyphens, byte order marks.
func wordText(word []char) string {
	var sb strings.Builder
	for _, c := range word {
		if meaningful(c.r) {
			sb.WriteRune(c.r)
		}
	}
	return norm.NFC.String(sb.String())
}

func meaningful(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != unicode.ReplacementChar
}

// boxOf encloses the glyphs of word.
func boxOf(word []char) (b box, ok bool) {
	for _, c := range word {
		if c.box.w() <= 0 && c.box.h() <= 0 {
			continue
		}
		if !ok {
			b, ok = c.box, true
			continue
		}
		b = box{min(b.x0, c.box.x0), min(b.y0, c.box.y0), max(b.x1, c.box.x1), max(b.y1, c.box.y1)}
	}
	return b, ok
}
