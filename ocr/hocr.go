package ocr

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa"
)

// parseHOCR reads the lines of one page of hOCR 1.2 as Tesseract writes it.
// Lines without words are dropped.
func parseHOCR(s string) ([]sohoa.Line, error) {
	p := hocrParser{block: -1}
	d := xml.NewDecoder(strings.NewReader(s))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return p.lines, nil
		}
		if err != nil {
			return nil, fmt.Errorf("parse hOCR: %w", err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			p.start(t)
		case xml.CharData:
			if p.word != nil {
				p.text.Write(t)
			}
		case xml.EndElement:
			p.end()
		}
	}
}

// hocrParser is the state of parseHOCR.
type hocrParser struct {
	lines      []sohoa.Line
	line       sohoa.Line // under way; joins lines with its first word
	open       bool       // line is the last of lines
	block, par int
	word       *sohoa.Word // under way
	text       strings.Builder
	depth      int // of elements inside the word
}

func (p *hocrParser) start(t xml.StartElement) {
	if p.word != nil {
		p.depth++
		return
	}
	var class, title string
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "class":
			class = a.Value
		case "title":
			title = a.Value
		}
	}
	switch class {
	case "ocr_carea":
		p.block++
		p.par = -1
	case "ocr_par":
		p.par++
	case "ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat":
		p.line, p.open = lineOf(properties(title)), false
		p.line.Block, p.line.Par = max(p.block, 0), max(p.par, 0)
	case "ocrx_word":
		props := properties(title)
		p.word = &sohoa.Word{Box: props.box(), Confidence: props.number("x_wconf", 0)}
		p.text.Reset()
		p.depth = 0
	}
}

func (p *hocrParser) end() {
	if p.word == nil {
		return
	}
	if p.depth > 0 {
		p.depth--
		return
	}
	w := *p.word
	p.word = nil
	if w.Text = clean(p.text.String()); w.Text == "" {
		return
	}
	if !p.open {
		p.lines = append(p.lines, p.line)
		p.open = true
	}
	l := &p.lines[len(p.lines)-1]
	l.Words = append(l.Words, w)
}

// clean is NFC without control, format and private-use characters, and
// without white space around and inside.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.C, unicode.Z) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(s)
}

// hocrProps are the properties in a title attribute: names and numbers.
type hocrProps map[string][]float64

func properties(title string) hocrProps {
	props := hocrProps{}
	for _, part := range strings.Split(title, ";") {
		f := strings.Fields(part)
		if len(f) < 2 {
			continue
		}
		var values []float64
		for _, s := range f[1:] {
			v, err := strconv.ParseFloat(s, 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				break
			}
			values = append(values, v)
		}
		props[f[0]] = values
	}
	return props
}

func (p hocrProps) number(name string, i int) float64 {
	if v := p[name]; i < len(v) {
		return v[i]
	}
	return 0
}

func (p hocrProps) box() sohoa.Rect {
	return sohoa.Rect{X0: p.number("bbox", 0), Y0: p.number("bbox", 1), X1: p.number("bbox", 2), Y1: p.number("bbox", 3)}
}

// lineOf places a line. The baseline is given by its slope and its height
// above the lower left corner of the box (hOCR 1.2, 5.2.1).
func lineOf(p hocrProps) sohoa.Line {
	box := p.box()
	slope, offset := p.number("baseline", 0), p.number("baseline", 1)
	at := func(x float64) float64 { return box.Y1 + offset + slope*(x-box.X0) }
	height := p.number("x_size", 0)
	if height <= 0 {
		height = box.Height()
	}
	return sohoa.Line{
		Box:      box,
		Baseline: sohoa.Segment{X0: box.X0, Y0: at(box.X0), X1: box.X1, Y1: at(box.X1)},
		Height:   height,
	}
}
