package pdfa

import (
	"image"
	"image/color"

	"sohoa"
	"sohoa/archive/jbig2"
)

// maxBitmap bounds the bitmap of an image in memory, in bytes. Beyond it are
// only images a few pixels wide.
const maxBitmap = 32 << 20

// bilevel reports whether p has one bit a pixel and shows black and white as
// every reader does, and what turns its samples into ink.
func (p *picture) bilevel() (flip byte, ok bool) {
	if p.depth != 1 || p.components != 1 || p.profile != nil || p.rowBytes()*p.height > maxBitmap {
		return 0, false
	}
	switch string(p.palette) {
	case "", "\x00\x00\x00\xFF\xFF\xFF":
		return 0xFF, true
	case "\xFF\xFF\xFF\x00\x00\x00":
		return 0, true
	}
	return 0, false
}

// bitonal checks the rows of p, and stores them as JBIG2 unless that is
// longer, as it is for a few pixels.
func (p *picture) bitonal(flip byte) error {
	n := p.rowBytes()
	m := jbig2.Bitmap{Width: p.width, Height: p.height, Stride: n}
	above := make([]byte, n)
	err := eachRow(p.data.reader(), p.height, n, func(row []byte) {
		unfilter(row[0], row[1:], above)
		copy(above, row[1:])
		for _, b := range row[1:] {
			m.Bits = append(m.Bits, b^flip)
		}
	})
	if err != nil {
		return damaged(err.Error())
	}
	if code := jbig2.Encode(m); int64(len(code)) < p.data.size() {
		p.data = streamData{"JBIG2Decode", [][]byte{code}}
		p.form, p.palette = sohoa.FormBitonal, nil
	}
	return nil
}

// unfilter undoes the filter of a row whose pixels are no longer than a byte
// (ISO/IEC 15948, 9.2).
func unfilter(filter byte, row, above []byte) {
	var left, corner byte
	for i := range row {
		switch filter {
		case 1:
			row[i] += left
		case 2:
			row[i] += above[i]
		case 3:
			row[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			row[i] += paeth(int(left), int(above[i]), int(corner))
		}
		left, corner = row[i], above[i]
	}
}

// paeth is the neighbour nearest to left + above - corner (9.4).
func paeth(left, above, corner int) byte {
	a, b, c := distance(above, corner), distance(left, corner), distance(left+above, 2*corner)
	switch {
	case a <= b && a <= c:
		return byte(left)
	case b <= c:
		return byte(above)
	}
	return byte(corner)
}

// distance is the distance between two numbers.
func distance(a, b int) int { return max(a-b, b-a) }

// blackAndWhite is g with one bit a pixel if it has no other shades.
func blackAndWhite(g *image.Gray) image.Image {
	out := image.NewPaletted(g.Rect, color.Palette{color.Gray{0}, color.Gray{255}})
	for i, v := range g.Pix { // both are g.Rect.Dx() to a row
		if v != 0 && v != 255 {
			return g
		}
		out.Pix[i] = v & 1
	}
	return out
}
