package raster

import (
	"cmp"
	"math"
	"slices"

	"github.com/klippa-app/go-pdfium/requests"

	"sohoa"
)

// How exactly tiles must lie beside each other.
const (
	tileSlack  = 2.0   // pixels by which the page may place a tile elsewhere than its neighbours do
	scaleSlack = 0.002 // of the resolution, between one tile and all of them: less than a row in a strip of 256
)

// tile is one of several images that make up a page, in the frame of the
// image that they are parts of.
type tile struct {
	cover
	at   box // points, x to the right and y downwards
	w, h int // pixels
	x, y int // pixels, of its upper left corner
}

// joined takes the images that tile the page as one. Some scanners store a
// page as strips of full width.
func (p *pdfPage) joined(c *content, image bool) (why string, err error) {
	turn, why := sameTurn(c.tiles)
	if why != "" {
		return why, nil
	}
	tiles, union, ok := p.tiles(c, turn)
	if !ok || !union.covers(c.page) || !c.page.covers(union) {
		return ReasonSeveral, nil
	}
	w, h, ok := layOut(tiles)
	if !ok {
		return ReasonSeveral, nil
	}
	turn = (turn + c.rotate) % 360
	switch {
	case uint64(w)*uint64(h) > sohoa.MaxImagePixels:
		return ReasonPixels, nil
	case !p.square(uint(w), uint(h), turn):
		return ReasonFax, nil
	}
	raw, ok := p.assemble(tiles, w, h)
	if !ok {
		return ReasonBroken, nil
	}
	return p.keepPixels(c, raw, turn, image)
}

// sameTurn is the turn that all the matrices ask for.
func sameTurn(tiles []cover) (turn int, why string) {
	turn, why = imageTurn(tiles[0].matrix)
	for _, t := range tiles[1:] {
		other, w := imageTurn(t.matrix)
		if why == "" {
			why = w
		}
		if why == "" && other != turn {
			why = ReasonSeveral
		}
	}
	return turn, why
}

// tiles measures the images in the frame of the image that is turned by turn
// to get onto the page, row by row, and returns the part of the page that they
// enclose.
func (p *pdfPage) tiles(c *content, turn int) (tiles []tile, union box, ok bool) {
	union = c.tiles[0].bounds
	for _, t := range c.tiles {
		b := t.bounds
		union = box{min(union.x0, b.x0), min(union.y0, b.y0), max(union.x1, b.x1), max(union.y1, b.y1)}
	}
	for _, t := range c.tiles {
		size, err := p.inst.FPDFImageObj_GetImagePixelSize(&requests.FPDFImageObj_GetImagePixelSize{ImageObject: t.ref})
		if err != nil || size.Width == 0 || size.Height == 0 || size.Width > sohoa.MaxImagePixels || size.Height > sohoa.MaxImagePixels {
			return nil, union, false
		}
		tiles = append(tiles, tile{cover: t, at: unturned(t.bounds, union, turn), w: int(size.Width), h: int(size.Height)})
	}
	slices.SortFunc(tiles, func(a, b tile) int {
		if !sameRow(a, b) {
			return cmp.Compare(a.at.y0, b.at.y0)
		}
		return cmp.Compare(a.at.x0, b.at.x0)
	})
	return tiles, union, true
}

// sameRow reports whether two tiles begin at the same height.
func sameRow(a, b tile) bool {
	return math.Abs(a.at.y0-b.at.y0) < min(a.at.h(), b.at.h())/4
}

// unturned is where b lies in the image of which union is the picture after a
// turn, with the origin at its upper left.
func unturned(b, union box, turn int) box {
	left, right, top, bottom := b.x0-union.x0, b.x1-union.x0, union.y1-b.y1, union.y1-b.y0
	w, h := union.w(), union.h()
	switch turn {
	case 90:
		return box{top, w - right, bottom, w - left}
	case 180:
		return box{w - right, h - bottom, w - left, h - top}
	case 270:
		return box{h - bottom, left, h - top, right}
	}
	return box{left, top, right, bottom}
}

// layOut gives each tile its place in pixels, and tells the size of the whole.
// ok is false if the tiles do not fill it without gap or overlap, or lie
// elsewhere on the page than there.
func layOut(tiles []tile) (w, h int, ok bool) {
	for i := 0; i < len(tiles); {
		n, width := 0, 0
		for ; i+n < len(tiles) && sameRow(tiles[i], tiles[i+n]); n++ {
			t := &tiles[i+n]
			if t.h != tiles[i].h {
				return 0, 0, false
			}
			t.x, t.y = width, h
			width += t.w
		}
		if i > 0 && width != w {
			return 0, 0, false
		}
		w, h, i = width, h+tiles[i].h, i+n
		if w > sohoa.MaxImagePixels || h > sohoa.MaxImagePixels {
			return 0, 0, false
		}
	}
	return w, h, inPlace(tiles, w, h)
}

// inPlace reports whether the page places the tiles of an image of w x h as
// the image does.
func inPlace(tiles []tile, w, h int) bool {
	var width, height float64
	largest := tiles[0]
	for _, t := range tiles {
		width, height = max(width, t.at.x1), max(height, t.at.y1)
		if t.w*t.h > largest.w*largest.h {
			largest = t
		}
	}
	kx, ky := float64(w)/width, float64(h)/height // pixels a point
	same := func(pixels int, points, scale float64) bool {
		return math.Abs(float64(pixels)/points-scale) <= scaleSlack*scale
	}
	if !same(largest.w, largest.at.w(), kx) || !same(largest.h, largest.at.h(), ky) {
		return false
	}
	for _, t := range tiles {
		if math.Abs(t.at.x0*kx-float64(t.x)) > tileSlack || math.Abs(t.at.y0*ky-float64(t.y)) > tileSlack {
			return false
		}
	}
	return true
}

// assemble decodes the tiles into one image of w x h.
func (p *pdfPage) assemble(tiles []tile, w, h int) (pixmap, bool) {
	whole := pixmap{w: w, h: h, stride: w, b: make([]byte, w*h), size: 1}
	for _, t := range tiles {
		if !p.addTile(&whole, t) {
			return whole, false
		}
	}
	return whole, true
}

func (p *pdfPage) addTile(whole *pixmap, t tile) bool {
	bm, err := p.inst.FPDFImageObj_GetBitmap(&requests.FPDFImageObj_GetBitmap{ImageObject: t.ref})
	if err != nil {
		return false
	}
	defer p.inst.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: bm.Bitmap})
	raw, err := p.pixels(bm.Bitmap)
	if err != nil || raw.w != t.w || raw.h != t.h {
		return false
	}
	if raw.size > 1 && whole.size == 1 {
		*whole = whole.coloured()
	}
	whole.put(&raw, t.x, t.y)
	return true
}

// coloured is a grey image as one with colours.
func (m *pixmap) coloured() pixmap {
	c := pixmap{w: m.w, h: m.h, stride: 3 * m.w, b: make([]byte, 3*m.w*m.h), size: 3}
	for i, v := range m.b {
		c.b[3*i], c.b[3*i+1], c.b[3*i+2] = v, v, v
	}
	return c
}

// put draws part at x, y of m, which has no padding, and colours if part has.
func (m *pixmap) put(part *pixmap, x, y int) {
	for j := range part.h {
		row := part.b[j*part.stride:]
		out := m.b[(y+j)*m.stride+x*m.size:]
		if m.size == 1 {
			copy(out, row[:part.w])
			continue
		}
		for i := range part.w {
			out[3*i], out[3*i+1], out[3*i+2] = part.at(row, i)
		}
	}
}
