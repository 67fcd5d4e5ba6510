package pdfa

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"sohoa"
)

// maxRun is the number of codes in one string, well below the 32,767 bytes
// that a string may have (ISO 19005-2, 6.1.13).
const maxRun = 8000

// minLength is the least length of a word in points: boxes without width
// exist, but a word without advance cannot be selected.
const minLength = 1

// layer writes the words of one page into its content stream.
type layer struct {
	out    *bytes.Buffer
	glyphs *glyphs
	size   pageSize
	sx, sy float64 // points a pixel of the text's frame
	font   float64 // size last set
}

// placed is a word ready to write: where it starts, which way it runs, how
// long it is, in points with y upwards.
type placed struct {
	codes  []uint16
	x, y   float64
	ux, uy float64
	length float64
}

// newLayer is a layer for text recognised in a frame of any scale.
func newLayer(out *bytes.Buffer, g *glyphs, size pageSize, t *sohoa.PageText) *layer {
	l := &layer{out: out, glyphs: g, size: size, sx: 72 / size.dpi, sy: 72 / size.dpi}
	if t.Width > 0 && t.Height > 0 {
		l.sx, l.sy = size.w/float64(t.Width), size.h/float64(t.Height)
	}
	return l
}

// write writes all lines in their order and counts the words written, and
// those left out because nothing of their text may be written.
func (l *layer) write(lines []sohoa.Line) (words, dropped int) {
	var body bytes.Buffer
	page := l.out
	l.out = &body
	for _, line := range lines {
		size := l.fontSize(line)
		run := l.place(line, size)
		dropped += len(line.Words) - len(run)
		words += len(run)
		l.line(size, run)
	}
	if words > 0 {
		page.WriteString("BT 3 Tr\n")
		page.Write(body.Bytes())
		page.WriteString("ET\n")
	}
	return words, dropped
}

// place finds the place of each word of a line that has text.
func (l *layer) place(line sohoa.Line, size float64) []placed {
	var run []placed
	for _, word := range line.Words {
		text := cleanText(word.Text)
		if text == "" {
			continue
		}
		p := l.position(baseline(line, word.Box), word.Box).level(size)
		for _, r := range visual([]rune(text)) {
			p.codes = append(p.codes, l.glyphs.code(r))
		}
		run = append(run, p)
	}
	return run
}

// baseline is the line's baseline in pixels if it can be that of a word in
// box, or a level one inferred from the box.
func baseline(line sohoa.Line, box sohoa.Rect) sohoa.Segment {
	b := line.Baseline
	level := sohoa.Segment{X0: box.X0, X1: box.X1}
	level.Y0 = box.Y1 + (box.Y1-box.Y0)*descent/1000
	level.Y1 = level.Y0
	dx, dy := b.X1-b.X0, b.Y1-b.Y0
	if !finite(dx, dy) || math.Hypot(dx, dy) < 1 {
		return level
	}
	// The distance of the box's centre from the line, against the box.
	cx, cy := (box.X0+box.X1)/2-b.X0, (box.Y0+box.Y1)/2-b.Y0
	if math.Abs(cx*dy-cy*dx)/math.Hypot(dx, dy) > 1.5*max(box.Height(), line.Height, 1) {
		return level
	}
	return b
}

// position puts a word on a baseline so that it spans its box along it.
func (l *layer) position(base sohoa.Segment, box sohoa.Rect) placed {
	x0, y0 := l.point(box.X0, box.Y1) // lower left
	x1, y1 := l.point(box.X1, box.Y0) // upper right
	bx, by := base.X0*l.sx, l.size.h-base.Y0*l.sy
	dx, dy := (base.X1-base.X0)*l.sx, (base.Y0-base.Y1)*l.sy
	n := math.Hypot(dx, dy)
	if !finite(bx, by, n) || n == 0 {
		return placed{x: x0, y: y0, ux: 1, length: minLength}
	}
	p := placed{ux: dx / n, uy: dy / n}
	if math.Abs(dx) >= math.Abs(dy) {
		p.x, p.length = x0, math.Abs((x1-x0)/p.ux)
		if dx < 0 {
			p.x = x1
		}
		_, p.y = l.clamp(0, by+(p.x-bx)*dy/dx)
	} else {
		p.y, p.length = y0, math.Abs((y1-y0)/p.uy)
		if dy < 0 {
			p.y = y1
		}
		p.x, _ = l.clamp(bx+(p.y-by)*dx/dy, 0)
	}
	p.length = max(p.length, minLength)
	return p
}

// level lays a word flat at the height of its middle where it rises by no
// more than a quarter of the font size. Readers part a word whose baseline
// moves (poppler from half a point): of 478 words in lines that fall by 1.5
// degrees it cut 10, and none laid flat.
func (p placed) level(size float64) placed {
	rise := p.length * p.uy
	if p.ux <= 0 || math.Abs(rise) > size/4 {
		return p
	}
	p.y += rise / 2
	p.length *= p.ux
	p.ux, p.uy = 1, 0
	return p
}

// visual is the order in which runes are drawn: a word of a script that runs
// to the left is reversed, as readers expect of what they find in a page.
func visual(text []rune) []rune {
	for _, r := range text {
		if unicode.IsLetter(r) && !unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana) {
			return text
		}
	}
	if strings.IndexFunc(string(text), unicode.IsLetter) >= 0 {
		slices.Reverse(text)
	}
	return text
}

// point maps a pixel to points, kept on the page.
func (l *layer) point(x, y float64) (float64, float64) {
	return l.clamp(x*l.sx, l.size.h-y*l.sy)
}

// clamp keeps a point on the page.
func (l *layer) clamp(x, y float64) (float64, float64) {
	if !finite(x, y) {
		return 0, 0
	}
	return min(max(x, 0), l.size.w), min(max(y, 0), l.size.h)
}

// fontSize is the size in points at which the font is as high as the line.
func (l *layer) fontSize(line sohoa.Line) float64 {
	h := line.Height * l.sy
	if !finite(h) || h <= 0 {
		h = line.Box.Height() * l.sy
	}
	if !finite(h) || h <= 0 {
		h = 10
	}
	return math.Round(min(max(h, 1), l.size.h)*100) / 100
}

// line writes placed words at one font size, with a space between
// neighbours that fills the gap and belongs to neither's stretch.
func (l *layer) line(size float64, run []placed) {
	if len(run) > 0 && size != l.font {
		fmt.Fprintf(l.out, "/F0 %s Tf\n", num(size))
		l.font = size
	}
	for i, p := range run {
		fmt.Fprintf(l.out, "%s Tm %s Tz", numbers(p.ux, p.uy, -p.uy, p.ux, p.x, p.y), l.stretch(p.length, size, len(p.codes)))
		for codes := p.codes; len(codes) > 0; {
			n := min(len(codes), maxRun)
			fmt.Fprintf(l.out, " %s Tj", hexCodes(codes[:n]))
			codes = codes[n:]
		}
		if i+1 < len(run) {
			gap := min(max(p.gap(run[i+1]), 0.05*size), 0.5*size)
			fmt.Fprintf(l.out, " %s Tz %s Tj", l.stretch(gap, size, 1), hexCodes([]uint16{l.glyphs.code(' ')}))
		}
		l.out.WriteByte('\n')
	}
}

// gap is the way from the end of p to the start of q along p.
func (p placed) gap(q placed) float64 {
	return (q.x-p.x)*p.ux + (q.y-p.y)*p.uy - p.length
}

// stretch is the horizontal scaling in percent at which n glyphs are length
// points long.
func (l *layer) stretch(length, size float64, n int) string {
	return num(max(100*length/(advance/1000.0*size*float64(n)), 0.0001))
}

// hexCodes writes codes as a string.
func hexCodes(codes []uint16) string {
	var b strings.Builder
	b.WriteByte('<')
	for _, c := range codes {
		fmt.Fprintf(&b, "%04X", c)
	}
	b.WriteByte('>')
	return b.String()
}

// finite reports whether all of vs are numbers of a sensible size.
func finite(vs ...float64) bool {
	for _, v := range vs {
		if math.IsNaN(v) || math.Abs(v) > 1e9 {
			return false
		}
	}
	return true
}
