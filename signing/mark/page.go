package mark

import "sohoa"

// Page is the sheet that a mark goes on.
type Page struct {
	Box       Box    // what is shown of it, in default user space
	Rotate    int    // degrees clockwise that it is turned for viewing, a multiple of 90
	Taken     []Rect // where signatures are shown already
	Signature *Rect  // where a person's signature is, for the seal that goes over it
}

// Box is a rectangle in default user space: left, bottom, right, top, in
// points.
type Box [4]float64

// Width is the extent along x.
func (b Box) Width() float64 { return b[2] - b[0] }

// Height is the extent along y.
func (b Box) Height() float64 { return b[3] - b[1] }

// Rect is a rectangle on the page as it is seen, in points from the top left
// corner of what is shown.
type Rect struct {
	X      float64 `json:"x"` // of the left edge, to the right
	Y      float64 `json:"y"` // of the top edge, downwards
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// overlaps reports whether r and o are less than gap points apart.
func (r Rect) overlaps(o Rect, gap float64) bool {
	return r.X < o.X+o.Width+gap && o.X < r.X+r.Width+gap && r.Y < o.Y+o.Height+gap && o.Y < r.Y+r.Height+gap
}

// rotation is Rotate from 0 to 270.
func (p Page) rotation() int { return (p.Rotate%360 + 360) % 360 }

// Size is the width and height of the page as it is seen.
func (p Page) Size() (width, height float64) {
	if p.rotation()%180 != 0 {
		return p.Box.Height(), p.Box.Width()
	}
	return p.Box.Width(), p.Box.Height()
}

// Seen is where b, in default user space, is seen.
func (p Page) Seen(b Box) Rect {
	page := p.Box
	switch p.rotation() {
	case 90: // up the page is to the right
		return Rect{b[1] - page[1], b[0] - page[0], b.Height(), b.Width()}
	case 180:
		return Rect{page[2] - b[2], b[1] - page[1], b.Width(), b.Height()}
	case 270:
		return Rect{page[3] - b[3], page[2] - b[2], b.Height(), b.Width()}
	}
	return Rect{b[0] - page[0], page[3] - b[3], b.Width(), b.Height()}
}

// Place is the inverse of Seen, with the matrix that turns what is drawn
// upright.
func (p Page) Place(r Rect) (Box, [6]float64) {
	b := p.Box
	switch p.rotation() {
	case 90:
		return Box{b[0] + r.Y, b[1] + r.X, b[0] + r.Y + r.Height, b[1] + r.X + r.Width}, [6]float64{0, 1, -1, 0, 0, 0}
	case 180:
		return Box{b[2] - r.X - r.Width, b[1] + r.Y, b[2] - r.X, b[1] + r.Y + r.Height}, [6]float64{-1, 0, 0, -1, 0, 0}
	case 270:
		return Box{b[2] - r.Y - r.Height, b[3] - r.X - r.Width, b[2] - r.Y, b[3] - r.X}, [6]float64{0, -1, 1, 0, 0, 0}
	}
	return Box{b[0] + r.X, b[3] - r.Y - r.Height, b[0] + r.X + r.Width, b[3] - r.Y}, [6]float64{1, 0, 0, 1, 0, 0}
}

// slack is how far a rectangle may reach over an edge, in points: browsers
// round.
const slack = 0.5

// holds reports whether r is on the page and has a size. NaN is nowhere.
func (p Page) holds(r Rect) bool {
	w, h := p.Size()
	return r.Width > 0 && r.Height > 0 && r.X >= -slack && r.Y >= -slack && r.X+r.Width <= w+slack && r.Y+r.Height <= h+slack
}

// CanSign reports whether r can be the signature of a person whatever it
// shows: it is on the page, below its uppermost quarter, where operators and
// agencies have their marks.
func (p Page) CanSign(r Rect) bool {
	_, h := p.Size()
	return p.holds(r) && r.Y+r.Height/2 > h/4
}

// Of is where r, in pixels of the upright page at dpi, is seen.
func Of(r sohoa.Rect, dpi float64) Rect {
	point := 72 / dpi
	return Rect{r.X0 * point, r.Y0 * point, r.Width() * point, r.Height() * point}
}

// Codes are where the codes of a page are seen: what the mark of an operator
// has to avoid on a paper that a system printed (TT 01/2023).
func Codes(text sohoa.PageText) []Rect {
	var out []Rect
	for _, c := range text.Codes {
		out = append(out, Of(c.Box, text.DPI))
	}
	return out
}
