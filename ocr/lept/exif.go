package lept

import (
	"bytes"
	"encoding/binary"
)

// ExifTurn returns the turn, in degrees clockwise (0, 90, 180 or 270), that
// the EXIF orientation of a JPEG, PNG or WebP asks for to be upright, or 0.
// Mirrored orientations count as their turn alone: see ExifMirrored.
func ExifTurn(b []byte) int { return exifTurns[orientation(b)] }

// ExifMirrored reports whether the EXIF orientation asks for the image to be
// mirrored, left to right, after it was turned. No scanner does; cameras that
// look at their owner do.
func ExifMirrored(b []byte) bool { return mirrored(orientation(b)) }

func mirrored(orientation int) bool {
	switch orientation {
	case 2, 4, 5, 7:
		return true
	}
	return false
}

// exifTurns are the turns by orientation (EXIF 2.32, tag 0x0112).
var exifTurns = [9]int{3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}

// orientation is the EXIF orientation, 1 to 8, or 0 where none can be read.
func orientation(b []byte) int {
	exif := exifOf(b)
	order, ok := tiffOrder(exif)
	if !ok {
		return 0
	}
	found := 0
	t := ifdReader{exif, order}
	_, _ = t.entries(order.Uint32(exif[4:]), func(e entry) { // what is unreadable turns nothing
		if v := t.value(e, 0); e.tag == tagOrientation && v < uint32(len(exifTurns)) {
			found = int(v)
		}
	})
	return found
}

// exifOf finds the TIFF structure that holds the EXIF entries of an image.
func exifOf(b []byte) []byte {
	const magic = "Exif\x00\x00"
	if exif := exifSegment(b); exif != nil {
		return exif
	}
	if data := Chunk(b, "eXIf"); data != nil {
		return data
	}
	return bytes.TrimPrefix(Chunk(b, "EXIF"), []byte(magic)) // some writers keep JPEG's prefix
}

// Chunk returns the data of the first chunk of that kind in a PNG or WebP
// (RIFF), or nil if there is none.
func Chunk(b []byte, kind string) []byte {
	const png, riff = "\x89PNG\r\n\x1a\n", "RIFF"
	switch {
	case bytes.HasPrefix(b, []byte(png)):
		for b = b[len(png):]; len(b) >= 12; { // length, kind, data, CRC
			n := uint64(binary.BigEndian.Uint32(b))
			if n+12 > uint64(len(b)) {
				return nil
			}
			if string(b[4:8]) == kind {
				return b[8 : 8+n]
			}
			b = b[12+n:]
		}
	case bytes.HasPrefix(b, []byte(riff)) && len(b) >= 12:
		for b = b[12:]; len(b) >= 8; { // kind, length, data, a byte more if that is odd
			n := uint64(binary.LittleEndian.Uint32(b[4:]))
			if n+8 > uint64(len(b)) {
				return nil
			}
			if string(b[:4]) == kind {
				return b[8 : 8+n]
			}
			b = b[min(8+n+n%2, uint64(len(b))):]
		}
	}
	return nil
}

// exifSegment finds the TIFF structure in the first APP1 segment of a JPEG
// that carries EXIF.
func exifSegment(b []byte) []byte {
	const app1, startOfScan, magic = 0xe1, 0xda, "Exif\x00\x00"
	if len(b) < 4 || b[0] != 0xff || b[1] != 0xd8 {
		return nil
	}
	for b = b[2:]; len(b) >= 4 && b[0] == 0xff && b[1] != startOfScan; {
		if b[1] == 0xff { // padding
			b = b[1:]
			continue
		}
		n := int(binary.BigEndian.Uint16(b[2:])) + 2
		if n < 4 || n > len(b) {
			return nil
		}
		body := b[4:n]
		if b[1] == app1 && len(body) > len(magic) && string(body[:len(magic)]) == magic {
			return body[len(magic):]
		}
		b = b[n:]
	}
	return nil
}
