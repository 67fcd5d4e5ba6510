package lept

// #cgo pkg-config: libtiff-4
// #include "tiff.h"
import "C"

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"sohoa"
)

// TIFFFrames counts the frames of a TIFF without decoding them. A file with
// more than limit frames is a document.too-many-pages Problem, one whose
// directories or data reach beyond its end is image.damaged. limit <= 0 means
// sohoa.MaxPages.
func TIFFFrames(b []byte, limit int) (int, error) {
	if limit <= 0 {
		limit = sohoa.MaxPages
	}
	frames, err := tiffFrames(b, limit+1)
	if err != nil {
		return 0, err
	}
	if len(frames) > limit {
		return 0, &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "document.too-many-pages",
			Args: []string{"> " + strconv.Itoa(limit), strconv.Itoa(limit)}}
	}
	return len(frames), nil
}

// DecodeTIFFFrame decodes frame n, from 0, in the orientation that the file
// asks for; b must not be used by others meanwhile. Reaching a frame costs a
// walk over the directories before it, not their decoding. It returns the
// Problems of Decode, and image.unsupported.
func DecodeTIFFFrame(b []byte, n int) (*Pix, error) {
	frames, err := tiffFrames(b, n+1)
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= len(frames) {
		return nil, fmt.Errorf("TIFF frame %d of %d: %w", n, len(frames), sohoa.ErrNotExist)
	}
	f := frames[n]
	if err := (info{width: f.width, height: f.height}).check(); err != nil {
		return nil, err
	}
	if f.end > uint64(len(b)) {
		return nil, damaged(fmt.Sprintf("frame %d ends at %d of %d bytes", n, f.end, len(b)))
	}
	if f.unsupported() {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.unsupported", Args: []string{f.kind()}}
	}
	pix, err := f.decode(b, n)
	if err != nil || f.orientation < 2 || f.orientation >= len(exifTurns) {
		return pix, err
	}
	defer pix.Close()
	return pix.upright(f.orientation)
}

// decode decodes the frame, the n-th of b, as it lies. leptonica turns it, and
// turns orientation 8 the wrong way, so that it must not see that.
func (f tiffFrame) decode(b []byte, n int) (*Pix, error) {
	if f.orientation > 1 {
		order, _ := tiffOrder(b)
		value := b[f.orientationAt:]
		order.PutUint16(value, 1)
		defer order.PutUint16(value, uint16(f.orientation))
	}
	if f.tiled || f.planes || f.inverted {
		return f.decodeRGB(b)
	}
	offset := C.size_t(f.offset)
	if n == 0 {
		offset = 0
	}
	return opaque(C.pixReadMemFromMultipageTiff(cbytes(b), C.size_t(len(b)), &offset), "decode TIFF")
}

// decodeRGB decodes a frame that leptonica does not take, which wants strips
// with all colours together, or takes wrongly, at 8 bits a colour.
func (f tiffFrame) decodeRGB(b []byte) (*Pix, error) {
	pix, err := opaque(C.tiff_rgb(cbytes(b), C.size_t(len(b)), C.uint32_t(f.offset), C.uint32_t(f.width), C.uint32_t(f.height)), "decode TIFF in tiles or planes")
	if err != nil || f.samples > 1 || f.palette {
		return pix, err
	}
	defer pix.Close()
	if f.bits == 1 {
		return wrap(C.pixConvertTo1(pix.p, 128), "reduce to 1 bit")
	}
	return pix.Gray()
}

// upright turns and mirrors the image as an EXIF or TIFF orientation asks.
func (x *Pix) upright(orientation int) (*Pix, error) {
	turned, err := x.Turn(exifTurns[orientation])
	if err != nil || !mirrored(orientation) {
		return turned, err
	}
	defer turned.Close()
	return turned.Mirror()
}

// TIFFProfile returns the ICC profile of frame n, from 0, or nil.
func TIFFProfile(b []byte, n int) []byte {
	frames, err := tiffFrames(b, n+1)
	if err != nil || n < 0 || n >= len(frames) {
		return nil
	}
	var profile []byte
	order, _ := tiffOrder(b)
	_, _ = ifdReader{b, order}.entries(frames[n].offset, func(e entry) { // it was read before
		if e.tag == tagProfile && e.size == 1 {
			profile = e.data[:e.count]
		}
	})
	return profile
}

// tiffFrame is what one image file directory says (TIFF 6.0, section 2).
type tiffFrame struct {
	offset        uint32
	width, height int
	end           uint64 // of its image data, as far as stated
	bits, samples int
	numbers       bool // its samples are no whole numbers from 0
	planes        bool // each colour is stored by itself
	palette       bool
	tiled         bool
	inverted      bool // leptonica reads it as its negative
	orientation   int
	orientationAt int // where its value is in the file
}

// unsupported reports whether no decoder here takes the frame.
func (f tiffFrame) unsupported() bool {
	switch f.bits {
	case 1, 2, 4, 8, 16:
		return f.numbers
	}
	return true
}

// kind names what the frame holds, for people.
func (f tiffFrame) kind() string {
	if f.numbers {
		return fmt.Sprintf("TIFF SampleFormat, %d bit", f.bits)
	}
	return fmt.Sprintf("TIFF %d bit", f.bits)
}

func tiffOrder(b []byte) (binary.ByteOrder, bool) {
	switch {
	case len(b) < minImage:
	case string(b[:4]) == "II*\x00":
		return binary.LittleEndian, true
	case string(b[:4]) == "MM\x00*":
		return binary.BigEndian, true
	}
	return nil, false
}

func isTIFF(b []byte) bool {
	_, ok := tiffOrder(b)
	return ok
}

// tiffFrames walks at most limit directories; it returns at least one.
func tiffFrames(b []byte, limit int) ([]tiffFrame, error) {
	order, ok := tiffOrder(b)
	if !ok {
		return nil, damaged("not TIFF")
	}
	t := ifdReader{b, order}
	var frames []tiffFrame
	seen := map[uint32]bool{}
	for at := order.Uint32(b[4:]); at != 0 && len(frames) < limit; {
		if seen[at] {
			return nil, damaged("TIFF directories form a loop")
		}
		seen[at] = true
		f, next, err := t.directory(at)
		if err != nil {
			return nil, err
		}
		frames = append(frames, f)
		at = next
	}
	if len(frames) == 0 {
		return nil, damaged("TIFF without frames")
	}
	return frames, nil
}

// The tags that tiffFrames looks at.
const (
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagPhotometric  = 262
	tagStripOffsets = 273
	tagOrientation  = 274
	tagSamples      = 277
	tagStripBytes   = 279
	tagPlanes       = 284
	tagTileOffsets  = 324
	tagTileBytes    = 325
	tagFormat       = 339
	tagProfile      = 34675
)

// ifdReader reads image file directories, of TIFF and of EXIF alike.
type ifdReader struct {
	b     []byte
	order binary.ByteOrder
}

// entry is one directory entry: a tag and count values of size bytes each.
type entry struct {
	tag   uint16
	count uint32
	size  uint32 // 1, 2 or 4; 0 for types that are of no interest here
	data  []byte // of at least count*size bytes
}

// value is the i-th value of e.
func (t ifdReader) value(e entry, i uint32) uint32 {
	switch e.size {
	case 1:
		return uint32(e.data[i])
	case 2:
		return uint32(t.order.Uint16(e.data[2*i:]))
	case 4:
		return t.order.Uint32(e.data[4*i:])
	}
	return 0
}

// entries calls each for every entry of the directory at offset at, and
// returns the offset of the next directory, 0 if there is none.
func (t ifdReader) entries(at uint32, each func(entry)) (uint32, error) {
	if uint64(at)+2 > uint64(len(t.b)) {
		return 0, damaged(fmt.Sprintf("TIFF directory at %d of %d bytes", at, len(t.b)))
	}
	n := uint64(t.order.Uint16(t.b[at:]))
	body := t.b[at+2:]
	if uint64(len(body)) < 12*n+4 {
		return 0, damaged(fmt.Sprintf("TIFF directory at %d is cut short", at))
	}
	for i := range n {
		if e, ok := t.entry(body[12*i : 12*i+12]); ok {
			each(e)
		}
	}
	return t.order.Uint32(body[12*n:]), nil
}

// entry reads one entry of 12 bytes; ok is false if its values are elsewhere
// than in the file, or of no interest.
func (t ifdReader) entry(b []byte) (entry, bool) {
	sizes := [...]uint32{1: 1, 3: 2, 4: 4, 7: 1} // BYTE, SHORT, LONG, UNDEFINED
	e := entry{tag: t.order.Uint16(b), count: t.order.Uint32(b[4:]), data: b[8:]}
	if kind := int(t.order.Uint16(b[2:])); kind < len(sizes) {
		e.size = sizes[kind]
	}
	need := uint64(e.count) * uint64(e.size)
	if e.size == 0 || e.count == 0 {
		return entry{}, false
	}
	if need > 4 {
		from := uint64(t.order.Uint32(b[8:]))
		if from+need > uint64(len(t.b)) {
			return entry{}, false
		}
		e.data = t.b[from:]
	}
	return e, true
}

// directory reads the frame at offset at.
func (t ifdReader) directory(at uint32) (tiffFrame, uint32, error) {
	f := tiffFrame{offset: at, bits: 1, samples: 1}
	var starts, lengths entry
	whiteIsZero := false
	next, err := t.entries(at, func(e entry) {
		switch e.tag {
		case tagWidth:
			f.width = int(t.value(e, 0))
		case tagHeight:
			f.height = int(t.value(e, 0))
		case tagBits:
			f.bits = int(t.value(e, 0))
		case tagSamples:
			f.samples = int(t.value(e, 0))
		case tagPhotometric:
			f.palette, whiteIsZero = t.value(e, 0) == 3, t.value(e, 0) == 0
		case tagPlanes:
			f.planes = t.value(e, 0) == 2
		case tagFormat:
			f.numbers = t.value(e, 0) != 1 && t.value(e, 0) != 4 // whole, or unknown
		case tagOrientation:
			if e.size == 2 {
				f.orientation, f.orientationAt = int(t.value(e, 0)), cap(t.b)-cap(e.data)
			}
		case tagStripOffsets, tagTileOffsets:
			f.tiled = e.tag == tagTileOffsets
			starts = e
		case tagStripBytes, tagTileBytes:
			lengths = e
		}
	})
	for i := range min(starts.count, lengths.count) {
		f.end = max(f.end, uint64(t.value(starts, i))+uint64(t.value(lengths, i)))
	}
	f.inverted = whiteIsZero && f.bits != 1 && f.bits != 8 // where leptonica turns them itself
	return f, next, err
}
