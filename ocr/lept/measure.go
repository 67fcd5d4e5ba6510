package lept

// #include <leptonica/allheaders.h>
import "C"

import "fmt"

// bits returns a 1-bit image as it is and refuses others.
func (x *Pix) bits(act string) error {
	if x.Depth() != 1 {
		return fmt.Errorf("%s: %d bits a pixel, want 1", act, x.Depth())
	}
	return nil
}

// Sauvola binarises a grey image: ink is what is darker than its
// surroundings, within window pixels to each side; factor (0.2 to 0.4) says
// by how much. A 1-bit image is returned as it is.
func (x *Pix) Sauvola(window int, factor float64) (*Pix, error) {
	if x.Depth() == 1 {
		return wrap(C.pixClone(x.p), "clone")
	}
	g, err := x.Gray()
	if err != nil {
		return nil, err
	}
	defer g.Close()
	window = min(window, (min(x.Width(), x.Height())-3)/2)
	if window < 2 {
		return wrap(C.pixConvertTo1(g.p, 128), "binarise")
	}
	var mask *C.PIX
	C.pixSauvolaBinarizeTiled(g.p, C.l_int32(window), C.l_float32(factor), 1, C.l_int32(max(1, x.Height()/1000)), nil, &mask)
	return wrap(mask, "binarise")
}

// Orientation returns the turn (degrees clockwise: 0, 90, 180, 270) that
// makes the text of a 1-bit page upright, judged by ascenders and
// descenders, and how sure that is: below about 8 is a guess, 0 is no text.
func (x *Pix) Orientation() (turn int, conf float64, err error) {
	if err := x.bits("find orientation"); err != nil {
		return 0, 0, err
	}
	var up, left C.l_float32
	if C.pixOrientDetect(x.p, &up, &left, 0, 0) != 0 {
		return 0, 0, nil // too little on the page
	}
	u, l := float64(up), float64(left)
	switch {
	case u >= 0 && u >= max(l, -l):
		return 0, u, nil
	case u < 0 && -u >= max(l, -l):
		return 180, -u, nil
	case l > 0:
		return 90, l, nil
	}
	return 270, -l, nil
}

// Half returns a 1-bit image at half its size; a pixel is ink if at least
// rank (1 to 4) of the four that it stands for are.
func (x *Pix) Half(rank int) (*Pix, error) {
	if err := x.bits("halve"); err != nil {
		return nil, err
	}
	return wrap(C.pixReduceRankBinary2(x.p, C.l_int32(rank), nil), "halve")
}

// FindSkew returns by how many degrees clockwise the lines of an upright
// 1-bit page are skewed, within ±7, and how sure that is: below 3 is a guess.
func (x *Pix) FindSkew() (degrees, conf float64, err error) {
	if err := x.bits("find skew"); err != nil {
		return 0, 0, err
	}
	var angle, c C.l_float32
	if C.pixFindSkew(x.p, &angle, &c) != 0 {
		return 0, 0, nil // too little on the page
	}
	return -float64(angle), float64(c), nil
}

// Ink returns the share of a 1-bit page that is ink, 0 to 1, without specks
// smaller than speck pixels in both directions and without a border of
// margin (a share of the page's smaller side), where scanners leave shadows.
func (x *Pix) Ink(speck int, margin float64) (float64, error) {
	if err := x.bits("measure ink"); err != nil {
		return 0, err
	}
	m := C.l_int32(margin * float64(min(x.Width(), x.Height())))
	inner := C.pixRemoveBorder(x.p, m)
	if inner == nil {
		return 0, fmt.Errorf("measure ink: leptonica refused")
	}
	defer C.pixDestroy(&inner)
	if speck > 1 {
		if p := cleaned(inner, speck); p != nil {
			C.pixDestroy(&inner)
			inner = p
		}
	}
	var n C.l_int32
	if C.pixCountPixels(inner, &n, nil) != 0 {
		return 0, fmt.Errorf("measure ink: leptonica refused")
	}
	return float64(n) / (float64(C.pixGetWidth(inner)) * float64(C.pixGetHeight(inner))), nil
}

// maxSpecked is the number of ink pixels of a page, above which specks are not
// looked for: each of them may be a component, which leptonica keeps 200 bytes
// for, and where memory ends it crashes. A page of A4 at 300 dpi has 2 million
// if a quarter of it is ink.
const maxSpecked = 4_000_000

// cleaned is a 1-bit image without the parts that are smaller than size pixels
// in both directions, or the image itself if it has too many of them.
func cleaned(p *C.PIX, size int) *C.PIX {
	var n C.l_int32
	if C.pixCountPixels(p, &n, nil) != 0 {
		return nil
	}
	if n > maxSpecked {
		return C.pixClone(p)
	}
	return C.pixSelectBySize(p, C.l_int32(size), C.l_int32(size), 8, C.L_SELECT_IF_EITHER, C.L_SELECT_IF_GTE, nil)
}

// Rotate turns an image clockwise by a small angle in degrees about its
// centre; the size stays, corners that come in are white.
func (x *Pix) Rotate(degrees float64) (*Pix, error) {
	const perDegree = 3.14159265358979323846 / 180
	kind := C.l_int32(C.L_ROTATE_AREA_MAP)
	if x.Depth() == 1 {
		kind = C.L_ROTATE_SHEAR
	}
	return wrap(C.pixRotate(x.p, C.l_float32(degrees*perDegree), kind, C.L_BRING_IN_WHITE, 0, 0), "rotate")
}
