// Package mark draws the marks that signatures leave on a page: who copied or
// signed, and when (NĐ 30/2020/NĐ-CP, Appendix I, Part II; TT 01/2023/TT-VPCP,
// Article 8). It knows where they belong and how they are set; it knows
// nothing of PDF files.
//
// Type is Liberation Serif, which has the metrics of Times New Roman, every
// Vietnamese letter, and a licence that lets it travel inside documents (see
// font/LICENSE). Drawings embed the glyphs that they use and nothing else, so
// that they keep PDF/A.
//
// Everything here is safe for concurrent use.
package mark

import (
	"errors"
	"time"

	"sohoa"
)

// Corner is where a mark stands.
type Corner string

// The corners, as the page is seen.
const (
	TopLeft  Corner = "top-left"
	TopRight Corner = "top-right"
)

// Mark is text in a corner of a page.
type Mark struct {
	Corner Corner   `json:"corner"`
	Page   int      `json:"page,omitempty"` // 1-based; 0 is the first
	Lines  []string `json:"lines"`
}

// Operator is the mark of the person who digitised a paper, top left on the
// first page: the name and the time of copying (TT 01/2023, Article 8.1).
func Operator(name string, at time.Time) *Mark {
	return &Mark{Corner: TopLeft, Lines: []string{name, Time(at)}}
}

// Agency is the mark of an agency on a copy, top right on the first page: the
// form of the copy ("Sao y", "Trích sao"; "" on a digitised archive document),
// the agency's name and the time of signing (NĐ 30/2020; TT 05/2025, Article
// 8.1).
func Agency(form, agency string, at time.Time) *Mark {
	m := &Mark{Corner: TopRight}
	if form != "" {
		m.Lines = append(m.Lines, form)
	}
	m.Lines = append(m.Lines, agency, Time(at))
	return m
}

// Time is a time as marks have it: 28.08.2024 14:34:48 +07:00.
func Time(t time.Time) string { return t.In(sohoa.Hanoi).Format("02.01.2006 15:04:05 -07:00") }

// Page is the sheet that a mark goes on.
type Page struct {
	Box    Box // what is shown of it, in default user space
	Rotate int // degrees clockwise that it is turned for viewing, a multiple of 90
}

// Box is a rectangle: left, bottom, right, top, in points.
type Box [4]float64

// Width is the extent along x.
func (b Box) Width() float64 { return b[2] - b[0] }

// Height is the extent along y.
func (b Box) Height() float64 { return b[3] - b[1] }

// Drawing is a mark ready to be placed: a form XObject's parts and the
// rectangle of the annotation that shows it.
type Drawing struct {
	Rect    Box        // on the page, in default user space
	BBox    Box        // of Content
	Matrix  [6]float64 // turns BBox upright on a rotated page
	Content []byte     // PDF operators; uses FontName alone
	Font    *Font      // the glyphs that Content shows
}

// FontName is what Content calls its font.
const FontName = "F0"

// ErrNoRoom says that a page is too small for a mark.
var ErrNoRoom = errors.New("the page has no room for the mark")

// Sizes of marks, in points. NĐ 30/2020 asks for 10; smaller type is for names
// that would not fit otherwise.
const (
	fontSize    = 10.0
	minFontSize = 5.0
	leading     = 1.2  // times the size
	margin      = 20.0 // from the edges of the page
	maxWidth    = 230.0
	maxHeight   = 90.0
)

// Draw sets the mark on page.
func (m *Mark) Draw(page Page) (*Drawing, error) {
	turned := page.Rotate%180 != 0
	w, h := page.Box.Width(), page.Box.Height()
	if turned {
		w, h = h, w
	}
	edge := min(margin, w/20, h/20)
	text, err := m.fit(min(maxWidth, w/2-edge), min(maxHeight, h/2-edge))
	if err != nil {
		return nil, err
	}
	x := edge
	if m.Corner == TopRight {
		x = w - edge - text.width
	}
	d := text.draw()
	d.Rect, d.Matrix = onPage(page, x, edge, text)
	return d, nil
}

// DrawIn sets the mark in a rectangle of page that is given, as large as it
// fits.
func (m *Mark) DrawIn(rect Box, rotate int) (*Drawing, error) {
	w, h := rect.Width(), rect.Height()
	if rotate%180 != 0 {
		w, h = h, w
	}
	text, err := m.fit(w, h)
	if err != nil {
		return nil, err
	}
	text.width, text.height = w, h
	d := text.draw()
	d.Rect = rect
	_, d.Matrix = onPage(Page{Box: rect, Rotate: rotate}, 0, 0, text)
	return d, nil
}

// onPage places text whose top left corner is x to the right of and y below
// the top left corner of page as it is seen.
func onPage(p Page, x, y float64, t *block) (Box, [6]float64) {
	b := p.Box
	switch ((p.Rotate % 360) + 360) % 360 {
	case 90: // seen from the left edge: up the page is to the right
		return Box{b[0] + y, b[1] + x, b[0] + y + t.height, b[1] + x + t.width}, [6]float64{0, 1, -1, 0, 0, 0}
	case 180:
		return Box{b[2] - x - t.width, b[1] + y, b[2] - x, b[1] + y + t.height}, [6]float64{-1, 0, 0, -1, 0, 0}
	case 270:
		return Box{b[2] - y - t.height, b[3] - x - t.width, b[2] - y, b[3] - x}, [6]float64{0, -1, 1, 0, 0, 0}
	}
	return Box{b[0] + x, b[3] - y - t.height, b[0] + x + t.width, b[3] - y}, [6]float64{1, 0, 0, 1, 0, 0}
}
