// Package jbig2 writes bitmaps as JBIG2 (ITU-T T.88 | ISO/IEC 14492) the way
// a PDF embeds them: the segments alone, without file header and without
// segments that end page and file (ISO 32000-1, 7.4.7).
//
// It owns one form of stream: a page information segment and one immediate
// generic region of the size of the page, arithmetic coding, template 0 with
// its nominal adaptive pixels, typical prediction. Every pixel is coded as it
// is. Symbols, halftones and refinement, by which other encoders put one
// letter in the place of another that resembles it, are left out for good.
//
// Guarantees: lossless, deterministic, safe for concurrent use.
package jbig2

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"sohoa"
)

// Bitmap is a black and white image, packed eight pixels to a byte, the
// leftmost pixel in the most significant bit. 1 is ink.
type Bitmap struct {
	Width  int    // pixels, at least 1
	Height int    // pixels, at least 1
	Stride int    // bytes from one row to the next, at least (Width+7)/8
	Bits   []byte // at least Stride*Height; bits beyond Width are ignored
}

// Types of segments (7.3) and the lengths of what they hold.
const (
	typePage   = 48
	typeRegion = 38 // immediate generic region; every pixel of it is final

	headerBytes = 11
	pageBytes   = 19
	regionBytes = 26 // before the code
)

// pageFlags: the page is eventually lossless, white where nothing is drawn,
// and regions are combined with OR (7.4.8.5).
const pageFlags = 1

// regionFlags: arithmetic coding, template 0, typical prediction (7.4.6.2).
const regionFlags = 1 << 3

// adaptive are the nominal places of the adaptive pixels of template 0, x and
// y each (6.2.5.4).
var adaptive = [8]byte{3, 0xFF, 0xFD, 0xFF, 2, 0xFE, 0xFE, 0xFE}

// Encode returns m as the body of a stream for PDF's JBIG2Decode. It keeps
// nothing of m, and panics if m is smaller than its fields say.
func Encode(m Bitmap) []byte {
	code := encodeRows(m)
	out := make([]byte, 0, 2*headerBytes+pageBytes+regionBytes+len(code))
	out = appendHeader(out, 0, typePage, pageBytes)
	out = appendSides(out, m.Width, m.Height)
	out = appendSides(out, 0, 0) // resolution is unknown
	out = append(out, pageFlags, 0, 0)
	out = appendHeader(out, 1, typeRegion, regionBytes+len(code))
	out = appendSides(out, m.Width, m.Height)
	out = appendSides(out, 0, 0)      // at the top left
	out = append(out, 0, regionFlags) // combined with OR
	out = append(out, adaptive[:]...)
	return append(out, code...)
}

// appendHeader writes a segment header (7.2): no segments referred to, page 1.
func appendHeader(b []byte, number uint32, kind byte, length int) []byte {
	b = binary.BigEndian.AppendUint32(b, number)
	b = append(b, kind, 0, 1)
	return binary.BigEndian.AppendUint32(b, uint32(length))
}

// appendSides writes two numbers of four bytes.
func appendSides(b []byte, x, y int) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(x))
	return binary.BigEndian.AppendUint32(b, uint32(y))
}

// Size returns the sides in pixels of a stream that has the form which Encode
// gives it, byte by byte but for the sides and the code; the code is not
// decoded. The error is sohoa.ErrInvalid under errors.Is. Foreign bytes are
// safe.
func Size(stream []byte) (w, h int, err error) {
	page, rest, err := cutSegment(stream, 0, typePage, pageBytes)
	if err != nil {
		return 0, 0, err
	}
	region, rest, err := cutSegment(rest, 1, typeRegion, regionBytes)
	if err != nil {
		return 0, 0, err
	}
	width, height := binary.BigEndian.Uint32(page), binary.BigEndian.Uint32(page[4:])
	if width == 0 || height == 0 || width > math.MaxInt32 || height > math.MaxInt32 {
		return 0, 0, invalid("page of %d×%d pixels", width, height)
	}
	w, h = int(width), int(height)
	own := append(appendSides(appendSides(nil, w, h), 0, 0), pageFlags, 0, 0)
	if string(page) != string(own) {
		return 0, 0, invalid("page of another form")
	}
	own = append(append(own[:16], 0, regionFlags), adaptive[:]...)
	code := region[regionBytes:]
	if string(region[:regionBytes]) != string(own) || len(rest) > 0 {
		return 0, 0, invalid("not one generic region as large as the page")
	}
	if len(code) < 2 || string(code[len(code)-2:]) != "\xFF\xAC" {
		return 0, 0, invalid("code without its end marker")
	}
	return w, h, nil
}

// cutSegment parts the data of the first segment from what follows it.
func cutSegment(b []byte, number uint32, kind byte, least int) (data, rest []byte, err error) {
	if len(b) < headerBytes {
		return nil, nil, invalid("segment %d is cut short", number)
	}
	length := binary.BigEndian.Uint32(b[7:])
	if string(b[:headerBytes]) != string(appendHeader(nil, number, kind, int(length))) {
		return nil, nil, invalid("segment %d has another header", number)
	}
	b = b[headerBytes:]
	exact := kind == typePage
	if uint64(length) > uint64(len(b)) || int(length) < least || exact && int(length) != least {
		return nil, nil, invalid("segment %d with a length of %d bytes", number, length)
	}
	return b[:length], b[length:], nil
}

// errForm is the act and object of all errors.
var errForm = errors.New("jbig2 stream")

// invalid is an error about a stream.
func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s: %w", errForm, fmt.Sprintf(format, args...), sohoa.ErrInvalid)
}
