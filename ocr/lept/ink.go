package lept

// #include "ink.h"
import "C"

import (
	"fmt"
	"image"
	"slices"
	"unsafe"
)

// InkGray returns the image in 8 bits grey as reading wants it: with red
// seals lifted, so that what stands under them can be read.
func (x *Pix) InkGray() (*Pix, error) {
	if !x.Colour() {
		return x.Gray()
	}
	p := C.pixConvertTo32(x.p)
	if p == nil {
		return nil, fmt.Errorf("convert to ink: leptonica refused depth %d", x.Depth())
	}
	defer C.pixDestroy(&p)
	return wrap(C.ink_gray(p), "convert to ink")
}

// Background is the brightness of a page's paper, tile by tile.
type Background struct {
	tile   int // side of a tile, pixels
	nx, ny int
	v      []byte // row by row
}

// Background measures the paper of an 8-bit grey page in tiles of the given
// side. A tenth of an inch is a good size: larger than strokes, smaller than
// shadows.
func (x *Pix) Background(tile int) (Background, error) {
	if x.Depth() != 8 || tile < 1 {
		return Background{}, fmt.Errorf("measure background: %d bits a pixel, want 8; tiles of %d", x.Depth(), tile)
	}
	bg := Background{tile: tile, nx: (x.Width() + tile - 1) / tile, ny: (x.Height() + tile - 1) / tile}
	raw := make([]byte, bg.nx*bg.ny)
	C.ink_background(x.p, C.int(tile), C.int(bg.nx), C.int(bg.ny), bytePtr(raw))
	bg.v = bg.brightest(raw)
	return bg, nil
}

// of reports whether g covers x.
func (g Background) of(x *Pix) bool { return g.nx*g.tile >= x.Width() && g.ny*g.tile >= x.Height() }

func bytePtr(b []byte) *C.l_uint8 { return (*C.l_uint8)(unsafe.Pointer(&b[0])) }

// brightest gives every tile the median of the brighter neighbours, so that
// tiles full of ink take over the paper around them.
func (g Background) brightest(raw []byte) []byte {
	out := make([]byte, len(raw))
	var near []byte
	for j := range g.ny {
		for i := range g.nx {
			near = near[:0]
			for y := max(0, j-1); y <= min(g.ny-1, j+1); y++ {
				near = append(near, raw[y*g.nx+max(0, i-1):y*g.nx+min(g.nx-1, i+1)+1]...)
			}
			slices.Sort(near)
			out[j*g.nx+i] = near[len(near)*3/4]
		}
	}
	return out
}

// Spread tells how uneven the light is: the difference between bright and
// dim parts (90th and 10th percentile) of the page, 0 to 255.
func (g Background) Spread() int {
	s := slices.Sorted(slices.Values(g.v))
	return int(s[len(s)*9/10]) - int(s[len(s)/10])
}

// Mask binarises the grey page that g was measured on: ink is what is darker
// than percent of the paper around it.
func (x *Pix) Mask(g Background, percent int) (*Pix, error) {
	return wrap(C.ink_mask(x.p, C.int(g.tile), C.int(g.nx), bytePtr(g.v), C.int(percent)), "mask ink")
}

// FirmMask is Mask with a limit half way between the paper and the strokes
// around, within least and most percent of the paper: strokes keep their width
// where ink is pale, too.
func (x *Pix) FirmMask(g Background, least, most int) (*Pix, error) {
	dark := make([]byte, len(g.v))
	C.ink_dark(x.p, C.int(g.tile), C.int(g.nx), C.int(g.ny), bytePtr(g.v), bytePtr(dark))
	limits := make([]byte, len(g.v))
	for j := range g.ny {
		for i := range g.nx {
			k := j*g.nx + i
			paper := int(g.v[k])
			limits[k] = byte(min(max((paper+g.strokes(dark, i, j))/2, paper*least/100), paper*most/100))
		}
	}
	return wrap(C.ink_mask(x.p, C.int(g.tile), C.int(g.nx), bytePtr(limits), 100), "mask ink")
}

// strokes is the median of the tiles around (i, j) that have strokes, or 0.
func (g Background) strokes(dark []byte, i, j int) int {
	var near [9]byte
	n := 0
	for y := max(0, j-1); y <= min(g.ny-1, j+1); y++ {
		for x := max(0, i-1); x <= min(g.nx-1, i+1); x++ {
			if v := dark[y*g.nx+x]; v > 0 {
				near[n] = v
				n++
			}
		}
	}
	if n == 0 {
		return 0
	}
	slices.Sort(near[:n])
	return int(near[n/2])
}

// Flatten evens out the light of the grey page that g was measured on.
func (x *Pix) Flatten(g Background) (*Pix, error) {
	return wrap(C.ink_flatten(x.p, C.int(g.tile), C.int(g.nx), C.int(g.ny), bytePtr(g.v)), "flatten")
}

// Components returns the boxes of the connected parts of a 1-bit image that
// fit into size by size pixels.
func (x *Pix) Components(size int) ([]image.Rectangle, error) {
	if err := x.bits("find components"); err != nil {
		return nil, err
	}
	boxes := C.pixConnCompBB(x.p, 8)
	if boxes == nil {
		return nil, fmt.Errorf("find components: leptonica refused")
	}
	defer C.boxaDestroy(&boxes)
	var out []image.Rectangle
	for _, b := range unsafe.Slice(boxes.box, boxes.n) {
		if int(b.w) <= size && int(b.h) <= size {
			out = append(out, image.Rect(int(b.x), int(b.y), int(b.x+b.w), int(b.y+b.h)))
		}
	}
	return out, nil
}

// Whiten returns a copy of a 1-bit or grey image in which the boxes are
// paper.
func (x *Pix) Whiten(boxes []image.Rectangle) (*Pix, error) {
	p, err := wrap(C.pixCopy(nil, x.p), "copy")
	if err != nil {
		return nil, err
	}
	for _, r := range boxes {
		b := C.boxCreate(C.l_int32(r.Min.X), C.l_int32(r.Min.Y), C.l_int32(r.Dx()), C.l_int32(r.Dy()))
		if x.Depth() == 1 {
			C.pixClearInRect(p.p, b)
		} else {
			C.pixSetInRect(p.p, b)
		}
		C.boxDestroy(&b)
	}
	return p, nil
}
