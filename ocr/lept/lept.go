// Package lept decodes, measures and prepares page images with leptonica.
//
// It is used inside child processes only (ocr/child): image decoders can
// crash or hang on hostile bytes, and a crash here ends the process. Every
// Pix is C memory and belongs to whoever got it; Close frees it. No method
// changes its receiver. A Pix may be used by one goroutine at a time, and
// different ones by different goroutines.
//
// Angles of turns and of skew are degrees clockwise, sizes are pixels.
package lept

// #cgo pkg-config: lept
// #include <stdlib.h>
// #include <leptonica/allheaders.h>
import "C"

import (
	"fmt"
	"unsafe"

	"sohoa"
)

func init() {
	C.setMsgSeverity(C.L_SEVERITY_NONE)
}

// Pix is an image: 1 bit a pixel (1 is ink), 8 bits grey, or 32 bits colour.
// Palettes of other depths occur in freshly decoded ones.
type Pix struct{ p *C.PIX }

// Close frees the image. Closing twice, or a nil Pix, does nothing.
func (x *Pix) Close() {
	if x != nil && x.p != nil {
		C.pixDestroy(&x.p)
	}
}

// wrap makes a Pix of what leptonica returned for act.
func wrap(p *C.PIX, act string) (*Pix, error) {
	if p == nil {
		return nil, fmt.Errorf("%s: leptonica refused", act)
	}
	return &Pix{p}, nil
}

// Width is the number of columns.
func (x *Pix) Width() int { return int(C.pixGetWidth(x.p)) }

// Height is the number of rows.
func (x *Pix) Height() int { return int(C.pixGetHeight(x.p)) }

// Depth is the number of bits of a pixel: 1, 2, 4, 8, 16 or 32.
func (x *Pix) Depth() int { return int(C.pixGetDepth(x.p)) }

// DPI is the resolution that the file stated, the smaller of both
// directions, or 0.
func (x *Pix) DPI() float64 {
	return float64(min(C.pixGetXRes(x.p), C.pixGetYRes(x.p)))
}

// Colour reports whether the image is stored with colours; they may all be
// grey.
func (x *Pix) Colour() bool {
	if x.Depth() == 32 {
		return true
	}
	cmap := C.pixGetColormap(x.p)
	if cmap == nil {
		return false
	}
	var colour C.l_int32
	C.pixcmapHasColor(cmap, &colour)
	return colour != 0
}

// Turn returns the image turned clockwise by deg: 0, 90, 180 or 270. It is
// lossless.
func (x *Pix) Turn(deg int) (*Pix, error) {
	if deg%90 != 0 {
		return nil, fmt.Errorf("turn by %d degrees: not a quarter turn: %w", deg, sohoa.ErrInvalid)
	}
	quads := (deg/90%4 + 4) % 4
	if quads == 0 {
		return wrap(C.pixClone(x.p), "clone")
	}
	return wrap(C.pixRotateOrth(x.p, C.l_int32(quads)), "turn")
}

// Mirror returns the image with left and right exchanged. It is lossless.
func (x *Pix) Mirror() (*Pix, error) { return wrap(C.pixFlipLR(nil, x.p), "mirror") }

// Gray returns the image in 8 bits grey.
func (x *Pix) Gray() (*Pix, error) {
	return wrap(C.pixConvertTo8(x.p, 0), "convert to grey")
}

// taken copies what one of leptonica's writers made, and frees it.
func taken(data *C.l_uint8, size C.size_t, failed C.l_ok, act string) ([]byte, error) {
	defer C.free(unsafe.Pointer(data))
	if failed != 0 || data == nil {
		return nil, fmt.Errorf("%s: leptonica refused", act)
	}
	return C.GoBytes(unsafe.Pointer(data), C.int(size)), nil
}

// EncodePNG writes the image as PNG, without loss: 1-bit images stay 1-bit.
func (x *Pix) EncodePNG() ([]byte, error) {
	var data *C.l_uint8
	var size C.size_t
	ret := C.pixWriteMemPng(&data, &size, x.p, 0)
	return taken(data, size, ret, "encode PNG")
}

// EncodeJPEG writes the image as JPEG of the given quality, 1 to 100.
func (x *Pix) EncodeJPEG(quality int) ([]byte, error) {
	p := C.pixConvertTo8Or32(x.p, C.L_CLONE, 0)
	if p == nil {
		return nil, fmt.Errorf("encode JPEG: leptonica refused depth %d", x.Depth())
	}
	defer C.pixDestroy(&p)
	var data *C.l_uint8
	var size C.size_t
	ret := C.pixWriteMemJpeg(&data, &size, p, C.l_int32(quality), 0)
	return taken(data, size, ret, "encode JPEG")
}

// EncodeBMP writes the image uncompressed and in one piece, where EncodePNM
// goes byte by byte; so does who reads it.
func (x *Pix) EncodeBMP() ([]byte, error) {
	var data *C.l_uint8
	var size C.size_t
	ret := C.pixWriteMemBmp(&data, &size, x.p)
	return taken(data, size, ret, "encode BMP")
}

// EncodePNM writes the image uncompressed, as PBM, PGM or PPM.
func (x *Pix) EncodePNM() ([]byte, error) {
	var data *C.l_uint8
	var size C.size_t
	ret := C.pixWriteMemPnm(&data, &size, x.p)
	return taken(data, size, ret, "encode PNM")
}

// Thumbnail returns the image scaled down to width, 8 or 32 bits deep. An
// image that is narrower already keeps its size.
func (x *Pix) Thumbnail(width int) (*Pix, error) {
	p := C.pixConvertTo8Or32(x.p, C.L_CLONE, 0)
	if p == nil {
		return nil, fmt.Errorf("make thumbnail: leptonica refused depth %d", x.Depth())
	}
	if x.Width() <= width {
		return wrap(p, "make thumbnail")
	}
	defer C.pixDestroy(&p)
	f := C.l_float32(width) / C.l_float32(x.Width())
	return wrap(C.pixScaleAreaMap(p, f, f), "make thumbnail")
}
