package mark

import (
	"bytes"
	"fmt"
)

// Drawing is a mark ready to be placed: a form XObject's parts and the
// rectangle of the annotation that shows it.
type Drawing struct {
	Rect    Box        // on the page, in default user space
	BBox    Box        // of Content
	Matrix  [6]float64 // turns BBox upright on a rotated page
	Content []byte     // PDF operators; uses FontName and ImageName alone
	Font    *Font      // the glyphs that Content shows; nil without text
	Image   *Image     // nil without one
}

// What Content calls its resources.
const (
	FontName  = "F0"
	ImageName = "I0"
)

// Sizes of marks, in points. NĐ 30/2020 asks for type of 10; smaller type is
// for names that would not fit otherwise.
const (
	fontSize    = 10.0
	minFontSize = 5.0
	leading     = 1.2  // times the size
	margin      = 20.0 // from the edges of the page
	foot        = 57.0 // from its bottom and right edge, of what people sign: 20 mm
	gap         = 4.0  // between marks
	maxWidth    = 230.0
	maxHeight   = 90.0
)

// millimetre in points.
const millimetre = 72 / 25.4

// The real width of seals, in millimetres. Agencies have seals of 35 or 36; the
// Government and the courts of the state have larger ones.
const (
	SealSide    = 36.0
	minSealSide = 10.0
	maxSealSide = 60.0
)

// Size that a person's signature may have without a rectangle, in points.
const (
	personWidth  = 50 * millimetre
	personHeight = 25 * millimetre
)

// Draw sets the mark on page. It returns a Problem if the mark is none
// (Check) or lacks its image, or if the page has no room for it there.
func (m *Mark) Draw(page Page) (*Drawing, error) {
	if err := m.complete(); err != nil {
		return nil, err
	}
	if m.At != nil && !page.holds(*m.At) {
		return nil, ErrOffPage
	}
	b, err := m.body(m.room(page))
	if err != nil {
		return nil, err
	}
	r, err := m.place(page, b)
	if err != nil {
		return nil, err
	}
	d := b.draw(r.Width, r.Height)
	d.Rect, d.Matrix = page.Place(r)
	return d, nil
}

// DrawIn sets the mark in a rectangle of a page that is given, as large as it
// fits; At and Corner do not matter.
func (m *Mark) DrawIn(rect Box, rotate int) (*Drawing, error) {
	if err := m.complete(); err != nil {
		return nil, err
	}
	p := Page{Box: rect, Rotate: rotate}
	w, h := p.Size()
	b, err := m.body(w, h)
	if err != nil {
		return nil, err
	}
	d := b.draw(w, h)
	_, d.Matrix = p.Place(Rect{})
	d.Rect = rect
	return d, nil
}

// room is how large m may become on page.
func (m *Mark) room(page Page) (width, height float64) {
	w, h := page.Size()
	edge := edgeOf(page)
	switch {
	case m.Kind == KindSeal:
		return w, h
	case m.At != nil:
		return m.At.Width, m.At.Height
	case m.Kind == KindPerson:
		return min(personWidth, w/2-edge), min(personHeight, h/4)
	}
	return min(maxWidth, w/2-edge), min(maxHeight, h/2-edge)
}

// edgeOf is the distance of marks from the edges of page.
func edgeOf(page Page) float64 {
	w, h := page.Size()
	return min(margin, w/20, h/20)
}

// body is what a mark shows, with its size in points.
type body struct {
	width, height float64
	text          *block
	code          *code // left of the text
	image         *Image
}

// body sets m in at most width by height points.
func (m *Mark) body(width, height float64) (*body, error) {
	switch {
	case m.Kind == KindSeal:
		return m.seal(width, height)
	case m.Image != nil:
		scale := min(width/float64(m.Image.Width), height/float64(m.Image.Height))
		return &body{width: scale * float64(m.Image.Width), height: scale * float64(m.Image.Height), image: m.Image}, nil
	}
	b := &body{}
	if m.QR != "" {
		var err error
		if b.code, err = newCode(m.QR); err != nil {
			return nil, err
		}
		b.width, b.height = b.code.side, b.code.side
	}
	if lines := m.Text(); len(lines) > 0 || b.code == nil {
		if err := b.set(lines, width, height); err != nil {
			return nil, err
		}
	}
	if b.width > width+slack || b.height > height+slack {
		return nil, noRoom(width, height)
	}
	return b, nil
}

// set adds lines to the right of the code.
func (b *body) set(lines []string, width, height float64) error {
	left := 0.0
	if b.code != nil {
		left = b.code.side + gap
	}
	text, err := fit(lines, width-left, height)
	if err != nil {
		return err
	}
	b.text, b.width, b.height = text, left+text.width, max(b.height, text.height)
	return nil
}

// seal is a seal in its real size: shrunk to fit it would be another one.
func (m *Mark) seal(width, height float64) (*body, error) {
	side := m.Side
	if side == 0 {
		side = SealSide
	}
	b := &body{width: side * millimetre, image: m.Image}
	b.height = b.width * float64(m.Image.Height) / float64(m.Image.Width)
	if b.width > width || b.height > height {
		return nil, noRoom(width, height)
	}
	return b, nil
}

func noRoom(width, height float64) error {
	return fmt.Errorf("%.0f×%.0f points: %w", width, height, ErrNoRoom)
}

// draw writes the operators that show b on width by height points: text from
// the top left, an image in the middle.
func (b *body) draw(width, height float64) *Drawing {
	d := &Drawing{BBox: Box{0, 0, width, height}, Image: b.image}
	var c bytes.Buffer
	if b.image != nil {
		fmt.Fprintf(&c, "q\n%s 0 0 %s %s %s cm\n/%s Do\nQ\n", number(b.width), number(b.height),
			number((width-b.width)/2), number((height-b.height)/2), ImageName)
	}
	left := 0.0
	if b.code != nil {
		b.code.write(&c, 0, height-b.code.side)
		left = b.code.side + gap
	}
	if b.text != nil {
		d.Font = b.text.write(&c, left, height)
	}
	d.Content = c.Bytes()
	return d
}

// place is where b stands on page.
func (m *Mark) place(page Page, b *body) (Rect, error) {
	r := Rect{Width: b.width, Height: b.height}
	switch {
	case m.At != nil && b.image != nil: // in its middle
		r.X, r.Y = m.At.X+(m.At.Width-r.Width)/2, m.At.Y+(m.At.Height-r.Height)/2
	case m.At != nil:
		r.X, r.Y = m.At.X, m.At.Y
	case m.Kind == KindSeal && page.Signature == nil:
		return r, ErrNoSignature
	case m.Kind == KindSeal: // over the left third of the signature
		s := page.Signature
		w, h := page.Size()
		r.X = max(0, min(s.X+s.Width/3-r.Width, w-r.Width))
		r.Y = max(0, min(s.Y+s.Height/2-r.Height/2, h-r.Height))
	default:
		return m.inCorner(page, r)
	}
	if !page.holds(r) {
		return r, ErrOffPage
	}
	return r, nil
}

// inCorner moves r into the corner of m, clear of what stands there.
func (m *Mark) inCorner(page Page, r Rect) (Rect, error) {
	w, h := page.Size()
	edge := edgeOf(page)
	r.X, r.Y = edge, edge
	switch m.corner() {
	case TopRight:
		r.X = w - edge - r.Width
	case BottomRight:
		inset := min(foot, w/10, h/10)
		r.X, r.Y = w-inset-r.Width, h-inset-r.Height
	}
	taken := append(m.Avoid[:len(m.Avoid):len(m.Avoid)], page.Taken...)
	for moved := true; moved; { // past one of them at a time, never back
		moved = false
		for _, o := range taken {
			if !r.overlaps(o, gap) {
				continue
			}
			next := o.Y + o.Height + gap
			if m.corner() == BottomRight {
				next = o.Y - gap - r.Height
			}
			moved, r.Y = moved || next != r.Y, next
		}
		if !page.holds(r) {
			return r, noRoom(r.Width, r.Height)
		}
	}
	return r, nil
}
