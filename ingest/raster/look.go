package raster

import (
	"bytes"
	"fmt"

	"sohoa/ocr/lept"
)

const (
	lookWidth    = 120 // pixels of the upright pages that are compared
	lookMean     = 8.0 // mean difference of grey levels that is the same look
	lookFar      = 96  // a difference of grey levels that is plain to see
	lookFarShare = 50  // at most one pixel in so many differs so far
)

// looksLike reports whether pix, turned upright, is what a viewer shows as
// the page. Masks, inverted samples and layers make a difference.
func (p *pdfPage) looksLike(c *content, pix *lept.Pix, turn int) (bool, error) {
	raw, free, err := p.render(min(lookWidth, pix.Width(), pix.Height()), c.widgets)
	if err != nil {
		return false, err
	}
	page, err := raw.pix()
	free()
	if err != nil {
		return false, err
	}
	defer page.Close()
	upright, err := pix.Turn(turn)
	if err != nil {
		return false, err
	}
	defer upright.Close()
	a, err := greyLook(page, raw.w)
	if err != nil {
		return false, err
	}
	b, err := greyLook(upright, raw.w)
	if err != nil {
		return false, err
	}
	return a.like(b), nil
}

// look is a small grey picture.
type look struct {
	w, h int
	b    []byte
}

// greyLook is pix in grey, w pixels wide.
func greyLook(pix *lept.Pix, w int) (look, error) {
	grey, err := pix.Gray()
	if err != nil {
		return look{}, err
	}
	defer grey.Close()
	small, err := grey.Thumbnail(w)
	if err != nil {
		return look{}, err
	}
	defer small.Close()
	pnm, err := small.EncodePNM()
	if err != nil {
		return look{}, err
	}
	return parsePGM(pnm)
}

// parsePGM reads a binary PGM of 8 bits with at most one comment line, as
// leptonica writes it.
func parsePGM(b []byte) (look, error) {
	var l look
	var top int
	magic, rest, _ := bytes.Cut(b, []byte("\n"))
	if bytes.HasPrefix(rest, []byte("#")) {
		_, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	size, rest, _ := bytes.Cut(rest, []byte("\n"))
	levels, rest, _ := bytes.Cut(rest, []byte("\n"))
	if _, err := fmt.Sscan(string(size)+" "+string(levels), &l.w, &l.h, &top); err != nil {
		return l, fmt.Errorf("parse PGM: %w", err)
	}
	if string(magic) != "P5" || top != 255 || l.w < 1 || l.h < 1 || len(rest) < l.w*l.h {
		return l, fmt.Errorf("parse PGM: %s, %d x %d of %d levels in %d bytes", magic, l.w, l.h, top, len(rest))
	}
	l.b = rest
	return l, nil
}

// like reports whether l and m show the same; their sizes may differ by what
// rounding does.
func (l look) like(m look) bool {
	sum, far := 0, 0
	for y := range l.h {
		row := m.b[y*m.h/l.h*m.w:]
		for x := range l.w {
			d := abs(int(l.b[y*l.w+x]) - int(row[x*m.w/l.w]))
			sum += d
			if d > lookFar {
				far++
			}
		}
	}
	n := l.w * l.h
	return float64(sum)/float64(n) <= lookMean && far*lookFarShare <= n
}

func abs(n int) int { return max(n, -n) }
