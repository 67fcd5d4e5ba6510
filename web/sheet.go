package web

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"sohoa"
	"sohoa/search"
)

// sheet is one page as it is drawn: its image, turned upright, and its words
// over it, transparent, where they can be selected and copied in reading
// order. A line is one text element and a word a tspan of the width that the
// word has on the image: copying gives words with spaces between, and lines.
type sheet struct {
	Page          sohoa.Page
	Width, Height int    // of the upright page, pixels
	Later         string // where the content is; empty when it is here
	Label         string // of one whose content comes later
	Again         string // where the content is once the page was read
	Image         string
	Transform     string // makes the stored image upright
	Unshown       bool   // browsers do not show this kind of image
	Lines         []sheetLine
	Lean          string // makes the words stand as a person turned the page
	Marks         []box  // words that answer the query
	Low           []box  // words to look at twice
}

// sheetLine is one line of text.
type sheetLine struct {
	Size  float64 // font size
	Words []sheetWord
}

// sheetWord is a word: where its baseline begins, and how wide it is.
type sheetWord struct {
	Text      string
	X, Y, Len float64
}

// box is a rectangle to be drawn.
type box struct{ X, Y, W, H float64 }

// lowConfidence is below what a word is worth a second look.
const lowConfidence = 60

// emHeight is the height of a line, ascender to descender, over the font size
// of common faces.
const emHeight = 1.17

// shownTypes are the kinds of images that browsers show.
var shownTypes = map[string]bool{"image/jpeg": true, "image/png": true}

// blankSheet is the frame of a page without its content.
func blankSheet(p sohoa.Page) sheet {
	sh := sheet{Page: p, Width: p.Width, Height: p.Height}
	if p.Turn%180 != 0 {
		sh.Width, sh.Height = p.Height, p.Width
	}
	sh.Transform = turning(p.Turn, sh.Width, sh.Height)
	return sh
}

// turning is the transformation of SVG that turns a page clockwise so that it
// has the given size then.
func turning(turn, width, height int) string {
	switch turn {
	case 90:
		return fmt.Sprintf("translate(%d 0) rotate(90)", width)
	case 180:
		return fmt.Sprintf("translate(%d %d) rotate(180)", width, height)
	case 270:
		return fmt.Sprintf("translate(0 %d) rotate(270)", height)
	}
	return ""
}

// partURL is where the drawing of a page is.
func partURL(p sohoa.Page, q url.Values) string {
	return fmt.Sprintf("/documents/%s/pages/%d%s", p.Document, p.Number, keep(q, "q", sealedParam, "purpose"))
}

// drawSheet fills in the content of a page. q may hold a query whose words
// are marked, and the purpose of the view.
func (s *Server) drawSheet(ctx context.Context, p sohoa.Page, q url.Values) (sheet, error) {
	sh := blankSheet(p)
	sh.Image = pageURL(p, "image", q.Get("purpose"))
	if !shownTypes[p.MediaType] {
		sh.Unshown, sh.Image = true, ""
	}
	if !p.Read {
		if p.Problem == nil {
			sh.Again = partURL(p, q)
		}
		return sh, nil
	}
	text, err := s.pageText(ctx, p.Document, p.Number)
	if errors.Is(err, sohoa.ErrNotExist) {
		return sh, nil
	}
	if err != nil {
		return sh, err
	}
	// Words are drawn as they were read, level, and turned with the page.
	sh.Lean = turning(p.From.Turn, sh.Width, sh.Height)
	for _, line := range text.Turned((360 - p.From.Turn) % 360).Lines {
		sh.Lines = append(sh.Lines, drawLine(line))
	}
	for _, line := range text.Lines {
		for _, w := range line.Words {
			if w.Confidence < lowConfidence {
				sh.Low = append(sh.Low, boxOf(w.Box, 0))
			}
		}
	}
	seal, err := s.sealing(ctx)
	if err != nil {
		return sh, err
	}
	for _, ref := range search.Mark(text, seal.get(q, "q")) {
		sh.Marks = append(sh.Marks, boxOf(text.Lines[ref.Line].Words[ref.Word].Box, 4))
	}
	return sh, nil
}

func drawLine(l sohoa.Line) sheetLine {
	height := l.Height
	if height <= 0 {
		height = l.Box.Height()
	}
	out := sheetLine{Size: tenth(height / emHeight)}
	for _, w := range l.Words {
		out.Words = append(out.Words, sheetWord{
			Text: w.Text, X: tenth(w.Box.X0), Y: tenth(baselineAt(l, w.Box.X0)), Len: tenth(max(w.Box.Width(), 1)),
		})
	}
	return out
}

// baselineAt is where the baseline of a line is at x.
func baselineAt(l sohoa.Line, x float64) float64 {
	b := l.Baseline
	if b.X1 <= b.X0 {
		return l.Box.Y1
	}
	return b.Y0 + (x-b.X0)*(b.Y1-b.Y0)/(b.X1-b.X0)
}

// boxOf is a rectangle with some air around it.
func boxOf(r sohoa.Rect, air float64) box {
	return box{tenth(r.X0 - air), tenth(r.Y0 - air), tenth(r.Width() + 2*air), tenth(r.Height() + 2*air)}
}
