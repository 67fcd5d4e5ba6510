package lept

// #cgo pkg-config: libjpeg
// #include <stdlib.h>
// #include "layer.h"
import "C"

import (
	"fmt"
	"image"
	"unsafe"
)

// Chroma is the colour of a page, cell by cell and row by row: how bright its
// mean is, and how much bluer and redder than grey (Y, Cb and Cr of BT.601, the
// latter without their offset).
type Chroma struct {
	Cell   int // side of a cell, pixels
	NX, NY int
	Luma   []uint8
	Cb, Cr []int8
}

// Chroma measures the colour of a 32-bit page in cells of the given side.
func (x *Pix) Chroma(cell int) (Chroma, error) {
	if x.Depth() != 32 || cell < 1 || cell > maxCell {
		return Chroma{}, fmt.Errorf("measure chroma: %d bits a pixel, want 32; cells of %d", x.Depth(), cell)
	}
	c := Chroma{Cell: cell, NX: (x.Width() + cell - 1) / cell, NY: (x.Height() + cell - 1) / cell}
	n := c.NX * c.NY
	c.Luma, c.Cb, c.Cr = make([]uint8, n), make([]int8, n), make([]int8, n)
	C.layer_chroma(x.p, C.int(cell), C.int(c.NX), C.int(c.NY), bytePtr(c.Luma), (*C.l_int8)(unsafe.Pointer(&c.Cb[0])), (*C.l_int8)(unsafe.Pointer(&c.Cr[0])))
	return c, nil
}

// Strokes counts pixels in cells of a page, row by row.
type Strokes struct {
	NX, NY int
	Wide   []uint16 // darker than a share of the paper
	Dark   []uint16 // of those, in the mask
}

// Strokes counts, in cells of the given side, what of a grey page is darker
// than percent of the paper that g is, and how much of that mask shows.
func (x *Pix) Strokes(g Background, mask *Pix, percent, cell int) (Strokes, error) {
	if x.Depth() != 8 || !mask.covers(x) || !g.of(x) || cell < 1 || cell > maxCell {
		return Strokes{}, fmt.Errorf("count strokes: %d bits a pixel under a mask of %d, cells of %d", x.Depth(), mask.Depth(), cell)
	}
	s := Strokes{NX: (x.Width() + cell - 1) / cell, NY: (x.Height() + cell - 1) / cell}
	s.Wide, s.Dark = make([]uint16, s.NX*s.NY), make([]uint16, s.NX*s.NY)
	grid := [5]C.int{C.int(g.tile), C.int(g.nx), C.int(percent), C.int(cell), C.int(s.NX)}
	C.layer_strokes(x.p, mask.p, bytePtr(g.v), &grid[0], (*C.l_uint16)(unsafe.Pointer(&s.Wide[0])), (*C.l_uint16)(unsafe.Pointer(&s.Dark[0])))
	return s, nil
}

// Paper returns an 8- or 32-bit page at 1/factor of its size without what the
// 1-bit cover hides: there stands what is around it.
func (x *Pix) Paper(cover *Pix, factor int) (*Pix, error) {
	if d := x.Depth(); d != 8 && d != 32 || !cover.covers(x) || factor < 1 || factor > maxFactor {
		return nil, fmt.Errorf("find paper: %d bits a pixel under a cover of %d, by %d", d, cover.Depth(), factor)
	}
	return wrap(C.layer_paper(x.p, cover.p, C.int(factor)), "find paper")
}

// maxCell keeps what is counted in a cell within 16 bits, and its sums within 31.
const maxCell = 128

// maxFactor keeps the sums of a block of factor by factor pixels within 31 bits.
const maxFactor = 1000

// covers reports whether x is a mask of the size of page.
func (x *Pix) covers(page *Pix) bool {
	return x.Depth() == 1 && x.Width() == page.Width() && x.Height() == page.Height()
}

// InkColour is the mean colour (sRGB) of an 8- or 32-bit page in the cores of
// the strokes of its mask; black if the mask is empty.
func (x *Pix) InkColour(mask *Pix) ([3]uint8, error) {
	if d := x.Depth(); d != 8 && d != 32 || !mask.covers(x) {
		return [3]uint8{}, fmt.Errorf("find ink's colour: %d bits a pixel under a mask of %d", d, mask.Depth())
	}
	var rgb [3]C.l_int32
	C.layer_ink_colour(x.p, mask.p, &rgb[0])
	return [3]uint8{uint8(rgb[0]), uint8(rgb[1]), uint8(rgb[2])}, nil
}

// Packed returns the rows of a 1-bit image, each in stride bytes, the first
// pixel in the highest bit.
func (x *Pix) Packed() (bits []byte, stride int, err error) {
	if err := x.bits("pack"); err != nil {
		return nil, 0, err
	}
	stride = (x.Width() + 7) / 8
	bits = make([]byte, stride*x.Height())
	C.layer_pack(x.p, C.int(stride), bytePtr(bits))
	return bits, stride, nil
}

// EncodeLayer writes an 8- or 32-bit image as baseline JPEG of the given
// quality, 1 to 100, with Huffman tables of its own. However low the quality,
// the mean of a block is kept within half a level: paper has to have the colour
// that it has in a patch beside it.
func (x *Pix) EncodeLayer(quality int) ([]byte, error) {
	const step = 8 // eighths of a level
	if d := x.Depth(); d != 8 && d != 32 {
		return nil, fmt.Errorf("encode layer: %d bits a pixel, want 8 or 32", d)
	}
	var data *C.l_uint8
	var size C.ulong
	failed := C.layer_jpeg(x.p, C.int(quality), step, &data, &size)
	return taken(data, C.size_t(size), C.l_ok(failed), "encode layer")
}

// Alike is how similar two pictures of a page are, window by window.
type Alike struct {
	NX, NY int
	SSIM   []float32 // structural similarity, at most 1
	Detail []float32 // variance of the first picture: paper has little
	Shade  []float32 // how much brighter or darker the second is, 0 to 255
}

// Alike compares two 8-bit images of one size in windows of side by side
// pixels. Windows that would reach over the edge are left out.
func (x *Pix) Alike(y *Pix, side int) (Alike, error) {
	if x.Depth() != 8 || y.Depth() != 8 || side < 2 || side > 64 || x.Width() != y.Width() || x.Height() != y.Height() {
		return Alike{}, fmt.Errorf("compare: %d x %d at %d bits with %d x %d at %d", x.Width(), x.Height(), x.Depth(), y.Width(), y.Height(), y.Depth())
	}
	a := Alike{NX: x.Width() / side, NY: x.Height() / side}
	n := a.NX * a.NY
	a.SSIM, a.Detail, a.Shade = make([]float32, n), make([]float32, n), make([]float32, n)
	if n > 0 {
		grid := [3]C.int{C.int(side), C.int(a.NX), C.int(a.NY)}
		C.layer_alike(x.p, y.p, &grid[0], (*C.float)(&a.SSIM[0]), (*C.float)(&a.Detail[0]), (*C.float)(&a.Shade[0]))
	}
	return a, nil
}

// Plain returns the image in 8 bits grey or 32 bits colour, whatever its depth
// and palette.
func (x *Pix) Plain() (*Pix, error) {
	return wrap(C.pixConvertTo8Or32(x.p, C.L_CLONE, 0), "convert to 8 or 32 bits")
}

// Deep returns the image in 32 bits colour.
func (x *Pix) Deep() (*Pix, error) {
	return wrap(C.pixConvertTo32(x.p), "convert to 32 bits")
}

// ColourInk returns the mask of coloured ink on a 32-bit page: pixels whose
// darkest channel is below the limit of their cell of c, and whose channels
// differ by at least excess. A limit of 0 leaves its cell out.
func (x *Pix) ColourInk(c Chroma, limit []uint8, excess int) (*Pix, error) {
	if x.Depth() != 32 || len(limit) != c.NX*c.NY || c.NX*c.Cell < x.Width() || c.NY*c.Cell < x.Height() {
		return nil, fmt.Errorf("find coloured ink: %d bits a pixel, %d limits", x.Depth(), len(limit))
	}
	return wrap(C.layer_colour_ink(x.p, C.int(c.Cell), C.int(c.NX), bytePtr(limit), C.int(excess)), "find coloured ink")
}

// Without returns a 1-bit image without the ink of another of its size.
func (x *Pix) Without(other *Pix) (*Pix, error) {
	return wrap(C.pixSubtract(nil, x.p, other.p), "subtract")
}

// Stretch returns an 8- or 32-bit image at w by h pixels, no smaller than its
// own size, interpolated between the centres of its pixels. The result is its
// owner's alone.
func (x *Pix) Stretch(w, h int) (*Pix, error) {
	if w == x.Width() && h == x.Height() {
		return wrap(C.pixCopy(nil, x.p), "copy")
	}
	fx, fy := C.l_float32(w)/C.l_float32(x.Width()), C.l_float32(h)/C.l_float32(x.Height())
	return wrap(C.pixScaleLI(x.p, fx, fy), "stretch")
}

// Shrink returns an image of 8 or 32 bits, or of 1 bit as grey, at half its
// size as many times as halvings says (0 to 3).
func (x *Pix) Shrink(halvings int) (*Pix, error) {
	if x.Depth() == 1 {
		return x.shrinkBits(halvings)
	}
	p, err := wrap(C.pixClone(x.p), "clone")
	for range halvings {
		if err != nil {
			return nil, err
		}
		half, herr := wrap(C.pixScaleAreaMap2(p.p), "shrink")
		p.Close()
		p, err = half, herr
	}
	return p, err
}

func (x *Pix) shrinkBits(halvings int) (*Pix, error) {
	switch halvings {
	case 0:
		return wrap(C.pixConvertTo8(x.p, 0), "shrink")
	case 1:
		return wrap(C.pixScaleToGray2(x.p), "shrink")
	case 2:
		return wrap(C.pixScaleToGray4(x.p), "shrink")
	}
	return wrap(C.pixScaleToGray8(x.p), "shrink")
}

// Stain draws ink of one brightness into an 8-bit image, as far as coverage
// says (8 bits, as Shrink makes it of a mask: 0 is full). It changes x, which
// has to be its owner's alone.
func (x *Pix) Stain(coverage *Pix, value uint8) error {
	if x.Depth() != 8 || coverage.Depth() != 8 {
		return fmt.Errorf("stain: %d bits a pixel with %d", x.Depth(), coverage.Depth())
	}
	C.layer_stain(x.p, coverage.p, C.int(value))
	return nil
}

// Paint draws ink of one colour into a 32-bit image through a mask of its
// size. It changes x, as Stain does.
func (x *Pix) Paint(mask *Pix, colour [3]uint8) error {
	v := C.l_uint32(colour[0])<<24 | C.l_uint32(colour[1])<<16 | C.l_uint32(colour[2])<<8
	if x.Depth() != 32 || C.pixSetMasked(x.p, mask.p, v) != 0 {
		return fmt.Errorf("paint: leptonica refused depths %d and %d", x.Depth(), mask.Depth())
	}
	return nil
}

// Paste puts an image of the same depth into x at (left, top). It changes x,
// as Stain does.
func (x *Pix) Paste(p *Pix, left, top int) error {
	if x.Depth() != p.Depth() || C.pixRasterop(x.p, C.l_int32(left), C.l_int32(top), C.l_int32(p.Width()), C.l_int32(p.Height()), C.PIX_SRC, p.p, 0, 0) != 0 {
		return fmt.Errorf("paste: leptonica refused depths %d and %d", x.Depth(), p.Depth())
	}
	return nil
}

// White is an empty image of w by h pixels, 8 or 32 bits deep.
func White(w, h, depth int) (*Pix, error) {
	p, err := wrap(C.pixCreateNoInit(C.l_int32(w), C.l_int32(h), C.l_int32(depth)), "create")
	if err == nil {
		C.pixSetAll(p.p)
	}
	return p, err
}

// Blacken returns a copy of a 1-bit image in which the boxes are ink.
func (x *Pix) Blacken(boxes []image.Rectangle) (*Pix, error) {
	if err := x.bits("blacken"); err != nil {
		return nil, err
	}
	p, err := wrap(C.pixCopy(nil, x.p), "copy")
	if err != nil {
		return nil, err
	}
	for _, r := range boxes {
		b := boxOf(r)
		C.pixSetInRect(p.p, b)
		C.boxDestroy(&b)
	}
	return p, nil
}

func boxOf(r image.Rectangle) *C.BOX {
	return C.boxCreate(C.l_int32(r.Min.X), C.l_int32(r.Min.Y), C.l_int32(r.Dx()), C.l_int32(r.Dy()))
}

// Thicken returns a 1-bit image whose ink reaches n pixels further.
func (x *Pix) Thicken(n int) (*Pix, error) {
	if err := x.bits("thicken"); err != nil {
		return nil, err
	}
	return wrap(C.pixDilateBrick(nil, x.p, C.l_int32(2*n+1), C.l_int32(2*n+1)), "thicken")
}

// WithoutSpecks returns a 1-bit image without the parts that are smaller than
// size pixels in both directions; with them where the page is a cloud of them.
func (x *Pix) WithoutSpecks(size int) (*Pix, error) {
	if err := x.bits("remove specks"); err != nil {
		return nil, err
	}
	return wrap(cleaned(x.p, size), "remove specks")
}

// Crop returns the part of the image within r, which lies on it.
func (x *Pix) Crop(r image.Rectangle) (*Pix, error) {
	b := boxOf(r)
	defer C.boxDestroy(&b)
	return wrap(C.pixClipRectangle(x.p, b, nil), "crop")
}

// With returns a 1-bit image with the ink of another of its size.
func (x *Pix) With(other *Pix) (*Pix, error) {
	return wrap(C.pixOr(nil, x.p, other.p), "add")
}

// Reduced returns an 8- or 32-bit image scaled by f, at most 1. One of which
// nothing would be left keeps its size.
func (x *Pix) Reduced(f float64) (*Pix, error) {
	if f >= 1 || f*float64(min(x.Width(), x.Height())) < 1 {
		return wrap(C.pixClone(x.p), "clone")
	}
	return wrap(C.pixScaleAreaMap(x.p, C.l_float32(f), C.l_float32(f)), "reduce")
}

// Bitonal returns a 1-bit image that is black on white as a mask of its
// black, or nil if the image has greys or colours.
func (x *Pix) Bitonal() (*Pix, error) {
	if x.Depth() != 1 {
		return nil, nil
	}
	cmap := C.pixGetColormap(x.p)
	if cmap == nil {
		return wrap(C.pixClone(x.p), "clone")
	}
	var pure C.l_int32
	if C.pixcmapIsBlackAndWhite(cmap, &pure) != 0 || pure == 0 {
		return nil, nil
	}
	return wrap(C.pixRemoveColormap(x.p, C.REMOVE_CMAP_TO_BINARY), "remove palette")
}

// Bytes returns an 8-bit image, or a 1-bit one as black and white, as one byte
// a pixel.
func (x *Pix) Bytes() ([]byte, error) {
	if d := x.Depth(); d != 8 && d != 1 {
		return nil, fmt.Errorf("unpack: %d bits a pixel, want 8 or 1", d)
	}
	b := make([]byte, x.Width()*x.Height())
	C.layer_bytes(x.p, bytePtr(b))
	return b, nil
}

// CodeLike reports whether a 1-bit page of dpi has the look of a QR code or a
// barcode anywhere. It errs on the side of yes.
func (x *Pix) CodeLike(dpi float64) (bool, error) {
	if err := x.bits("look for codes"); err != nil {
		return false, err
	}
	side := 2 // blocks of 32 pixels that lie fully in a QR code of 12 mm
	if dpi >= 280 {
		side = 3
	}
	return C.layer_codelike(x.p, C.int(side)) != 0, nil
}
