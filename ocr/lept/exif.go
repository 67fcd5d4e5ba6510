package lept

import "encoding/binary"

// ExifTurn returns the turn, in degrees clockwise (0, 90, 180 or 270), that
// the EXIF orientation of a JPEG asks for to be upright, or 0. Mirrored
// orientations, which no scanner makes, count as their turn alone.
func ExifTurn(b []byte) int {
	exif := exifSegment(b)
	order, ok := tiffOrder(exif)
	if !ok {
		return 0
	}
	turn := 0
	t := ifdReader{exif, order}
	_, _ = t.entries(order.Uint32(exif[4:]), func(e entry) { // what is unreadable turns nothing
		if e.tag == tagOrientation {
			turn = exifTurns[min(t.value(e, 0), 9)]
		}
	})
	return turn
}

// exifTurns are the turns by orientation (EXIF 2.32, tag 0x0112).
var exifTurns = [10]int{3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}

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
