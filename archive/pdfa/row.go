package pdfa

import "math"

// row is what a reader built on pdfium takes for one line: words written one
// after the other whose starts differ in height by no more than half a
// character. It sorts them from left to right. On a page that is skewed the
// start of a line may be as high as the end of the one before; without care
// the two are copied word by word in turn.
type row struct {
	x, y  float64 // start of the rightmost word
	width float64 // of a character of it, as pdfium has it
}

// charWidth is the width of a character as pdfium computes it: the mean of
// what it is stretched to and what it would be.
func charWidth(p placed, size float64) float64 {
	return (advance*size/1000 + p.length/float64(max(len(p.codes), 1))) / 2
}

// reach is the difference in height up to which p counts to the row, and a
// tenth, since numbers are rounded.
func (r row) reach(p placed, size float64) float64 {
	return 1.1 * max(r.width, charWidth(p, size)) / 2
}

// takes reports whether p would be sorted before words that stand before it.
func (r row) takes(p placed, size float64) bool {
	return r.width > 0 && p.x < r.x && math.Abs(p.y-r.y) <= r.reach(p, size)
}

// add takes p in after all others.
func (r *row) add(p placed, size float64) {
	*r = row{p.x, p.y, charWidth(p, size)}
}

// apart is a place for a space between the row and p that belongs to neither.
func (r row) apart(p placed, size, top float64) placed {
	off := r.reach(p, size) + 0.5
	at := placed{x: p.x, y: max(p.y, r.y) + off, ux: 1, length: 0.05 * size}
	if at.y > top {
		at.y = min(p.y, r.y) - off
	}
	return at
}
