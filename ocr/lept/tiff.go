package lept

// #include <leptonica/allheaders.h>
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
// asks for. Reaching a frame costs a walk over the directories before it, not
// their decoding. It returns the Problems of Decode.
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
	offset := C.size_t(f.offset)
	if n == 0 {
		offset = 0
	}
	p := C.pixReadMemFromMultipageTiff(cbytes(b), C.size_t(len(b)), &offset)
	return opaque(p, "decode TIFF")
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
	tagStripOffsets = 273
	tagOrientation  = 274
	tagStripBytes   = 279
	tagTileOffsets  = 324
	tagTileBytes    = 325
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
	f := tiffFrame{offset: at}
	var starts, lengths entry
	next, err := t.entries(at, func(e entry) {
		switch e.tag {
		case tagWidth:
			f.width = int(t.value(e, 0))
		case tagHeight:
			f.height = int(t.value(e, 0))
		case tagStripOffsets, tagTileOffsets:
			starts = e
		case tagStripBytes, tagTileBytes:
			lengths = e
		}
	})
	for i := range min(starts.count, lengths.count) {
		f.end = max(f.end, uint64(t.value(starts, i))+uint64(t.value(lengths, i)))
	}
	return f, next, err
}
