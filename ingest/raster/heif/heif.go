// Package heif decodes the photographs of telephones (HEIC: HEVC in HEIF,
// ISO/IEC 23008-12) with libheif.
//
// It is used inside child processes only (ocr/child): decoders of video can
// crash or hang on hostile bytes, and a crash here ends the process. The bound
// on pixels is applied to what the header states, before anything is decoded.
package heif

// #cgo pkg-config: libheif
// #include <stdlib.h>
// #include "heif.h"
// #include <libheif/heif.h>
import "C"

import (
	"fmt"
	"strconv"
	"unsafe"

	"sohoa"
)

// Photo is the primary image of a file, turned and mirrored as the file asks.
type Photo struct {
	Width, Height int
	Alpha         bool   // a pixel has 4 bytes, the last its opacity; else 3
	Stride        int    // bytes from one row to the next
	Pixels        []byte // red, green, blue; 8 bits each
	Profile       []byte // ICC; nil for sRGB
}

// Size tells the size of the primary image without decoding it. Its errors are
// those of Decode.
func Size(b []byte) (width, height int, err error) {
	err = with(b, func(p *C.photo) error {
		width, height = int(p.width), int(p.height)
		return nil
	})
	return width, height, err
}

// Decode decodes the primary image and hands it to use; its Pixels are valid
// until use returns.
//
// It returns a *sohoa.Problem: image.too-many-pixels (known from the header),
// image.unsupported (a codec that is not there) or image.damaged, or the error
// of use.
func Decode(b []byte, use func(Photo) error) error {
	return with(b, func(p *C.photo) error {
		profile := profileOf(p)
		if C.photo_decode(p) != 0 {
			return problem(p)
		}
		if err := check(p); err != nil {
			return err
		}
		photo := Photo{Width: int(p.width), Height: int(p.height), Alpha: p.alpha != 0, Stride: int(p.stride), Profile: profile}
		photo.Pixels = unsafe.Slice((*byte)(p.pixels), photo.Stride*photo.Height)
		return use(photo)
	})
}

// with opens b and checks the bounds.
func with(b []byte, use func(*C.photo) error) error {
	if len(b) == 0 {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.damaged", Detail: "0 bytes"}
	}
	data := C.CBytes(b) // libheif keeps the address
	defer C.free(data)
	p := new(C.photo)
	defer C.photo_close(p)
	if C.photo_open(p, data, C.size_t(len(b))) != 0 {
		return problem(p)
	}
	if err := check(p); err != nil {
		return err
	}
	return use(p)
}

// check applies the bound on pixels.
func check(p *C.photo) error {
	w, h := int64(p.width), int64(p.height)
	switch {
	case w <= 0 || h <= 0:
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.damaged", Detail: fmt.Sprintf("size %d x %d", w, h)}
	case w*h > sohoa.MaxImagePixels:
		return &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "image.too-many-pixels", Args: []string{
			strconv.FormatInt(w, 10), strconv.FormatInt(h, 10), strconv.Itoa(sohoa.MaxImagePixels / 1_000_000)}}
	}
	return nil
}

// problem is what libheif said.
func problem(p *C.photo) error {
	detail := fmt.Sprintf("libheif: %s (%d)", C.GoString(&p.message[0]), int(p.code))
	switch p.code {
	case C.heif_error_Unsupported_filetype, C.heif_error_Unsupported_feature:
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.unsupported", Args: []string{"HEIC"}, Detail: detail}
	}
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.damaged", Detail: detail}
}

// maxProfile bounds a colour profile, in bytes; real ones have 500 to 60,000.
const maxProfile = 1 << 20

// profileOf is the ICC profile of p.
func profileOf(p *C.photo) []byte {
	n := C.photo_profile(p)
	if n == 0 || n > maxProfile {
		return nil
	}
	b := make([]byte, n)
	if C.photo_copy_profile(p, unsafe.Pointer(&b[0])) != 0 {
		return nil
	}
	return b
}
