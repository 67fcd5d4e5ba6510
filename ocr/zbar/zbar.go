// Package zbar finds QR codes and Code 128 barcodes with the library of that
// name (LGPL 2.1, linked dynamically).
//
// It is used inside child processes only, as package lept is: the bytes that
// it looks at come from outside. What it returns is not bounded; who calls it
// cleans and bounds it.
package zbar

// #cgo pkg-config: zbar
// #include <stdlib.h>
// #include <zbar.h>
//
// static zbar_symbol_t *next(const zbar_symbol_t *s) { return (zbar_symbol_t *)zbar_symbol_next(s); }
// static zbar_symbol_t *first(const zbar_image_t *i) { return (zbar_symbol_t *)zbar_image_first_symbol(i); }
import "C"

import (
	"errors"
	"fmt"
	"image"
	"unsafe"
)

// The kinds of symbols that are looked for.
const (
	QR      = "qr"
	Code128 = "code128"
)

// Symbol is one code in an image.
type Symbol struct {
	Kind string
	Data []byte          // as encoded; of a QR code in UTF-8, as far as zbar could tell
	Box  image.Rectangle // around it, or of a barcode around the points where it was read
}

// leastPasses is the number of scan lines that have to agree on a barcode.
// Texture alone is misread on one line now and then, not on two alike.
const leastPasses = 2

// Scan looks for codes in a grey image of w by h bytes, row by row, on every
// density-th row and column. Codes may lie in any direction.
func Scan(gray []byte, w, h, density int) ([]Symbol, error) {
	if w <= 0 || h <= 0 || len(gray) != w*h || density < 1 {
		return nil, fmt.Errorf("scan for codes: %d bytes for %d x %d, density %d", len(gray), w, h, density)
	}
	scanner := newScanner(density)
	if scanner == nil {
		return nil, errors.New("scan for codes: no memory")
	}
	defer C.zbar_image_scanner_destroy(scanner)
	img := C.zbar_image_create()
	defer C.zbar_image_destroy(img)
	C.zbar_image_set_format(img, 'Y'|'8'<<8|'0'<<16|'0'<<24)
	C.zbar_image_set_size(img, C.uint(w), C.uint(h))
	pixels := C.CBytes(gray)
	defer C.free(pixels)
	C.zbar_image_set_data(img, pixels, C.ulong(len(gray)), nil)
	if C.zbar_scan_image(scanner, img) < 0 {
		return nil, fmt.Errorf("scan for codes: zbar refused an image of %d x %d", w, h)
	}
	var out []Symbol
	for s := C.first(img); s != nil; s = C.next(s) {
		if sym, ok := symbolOf(s); ok {
			out = append(out, sym)
		}
	}
	return out, nil
}

func newScanner(density int) *C.zbar_image_scanner_t {
	s := C.zbar_image_scanner_create()
	if s == nil {
		return nil
	}
	C.zbar_image_scanner_set_config(s, C.ZBAR_NONE, C.ZBAR_CFG_ENABLE, 0)
	C.zbar_image_scanner_set_config(s, C.ZBAR_QRCODE, C.ZBAR_CFG_ENABLE, 1)
	C.zbar_image_scanner_set_config(s, C.ZBAR_CODE128, C.ZBAR_CFG_ENABLE, 1)
	C.zbar_image_scanner_set_config(s, C.ZBAR_NONE, C.ZBAR_CFG_POSITION, 1)
	C.zbar_image_scanner_set_config(s, C.ZBAR_NONE, C.ZBAR_CFG_X_DENSITY, C.int(density))
	C.zbar_image_scanner_set_config(s, C.ZBAR_NONE, C.ZBAR_CFG_Y_DENSITY, C.int(density))
	return s
}

func symbolOf(s *C.zbar_symbol_t) (Symbol, bool) {
	var sym Symbol
	switch C.zbar_symbol_get_type(s) {
	case C.ZBAR_QRCODE:
		sym.Kind = QR
	case C.ZBAR_CODE128:
		sym.Kind = Code128
		if C.zbar_symbol_get_quality(s) < leastPasses {
			return sym, false
		}
	default:
		return sym, false
	}
	sym.Data = C.GoBytes(unsafe.Pointer(C.zbar_symbol_get_data(s)), C.int(C.zbar_symbol_get_data_length(s)))
	n := C.zbar_symbol_get_loc_size(s)
	for i := range n {
		x, y := int(C.zbar_symbol_get_loc_x(s, i)), int(C.zbar_symbol_get_loc_y(s, i))
		sym.Box = grown(sym.Box, i == 0, x, y)
	}
	return sym, len(sym.Data) > 0
}

// grown is r with the point (x, y) in it.
func grown(r image.Rectangle, empty bool, x, y int) image.Rectangle {
	if empty {
		return image.Rect(x, y, x+1, y+1)
	}
	return image.Rect(min(r.Min.X, x), min(r.Min.Y, y), max(r.Max.X, x+1), max(r.Max.Y, y+1))
}
