package raster

import (
	"encoding/binary"

	"sohoa/ocr/lept"
)

// pixmap is a view of pixels in pdfium's memory.
type pixmap struct {
	w, h, stride int
	b            []byte
	size         int  // bytes of a pixel: 1, 3 or 4
	red          int  // where red is in a colour pixel: 0 or 2
	alpha        bool // the fourth byte is opacity
	inverted     bool // black is 255; of grey pixels only
}

// at is the colour of the pixel at x in row, over white.
func (m *pixmap) at(row []byte, x int) (r, g, b byte) {
	if m.size == 1 {
		v := row[x]
		if m.inverted {
			v = 255 - v
		}
		return v, v, v
	}
	px := row[x*m.size : x*m.size+m.size]
	r, g, b = px[m.red], px[1], px[2-m.red]
	if m.alpha && px[3] != 255 {
		a := int(px[3])
		r, g, b = overWhite(r, a), overWhite(g, a), overWhite(b, a)
	}
	return r, g, b
}

// overWhite is the level v of opacity a on white paper.
func overWhite(v byte, a int) byte { return byte((int(v)*a + 255*(255-a) + 127) / 255) }

// pix copies m into a leptonica image of the least depth that holds it: 1
// bit, 8 bits grey, or colour. It goes by way of BMP, which leptonica reads
// ten times as fast as PNM.
func (m *pixmap) pix() (*lept.Pix, error) {
	colour, grey := m.kinds()
	switch {
	case colour:
		return lept.Decode(m.bmp(24, 0, m.colourRow))
	case grey:
		return lept.Decode(m.bmp(8, 256, m.greyRow))
	}
	return lept.Decode(m.bmp(1, 2, m.bitRow))
}

// kinds reports whether there is a colour, and whether there is a grey other
// than black and white.
func (m *pixmap) kinds() (colour, grey bool) {
	for y := range m.h {
		row := m.b[y*m.stride:]
		for x := range m.w {
			r, g, b := m.at(row, x)
			if r != g || g != b {
				return true, grey
			}
			grey = grey || (r != 0 && r != 255)
		}
	}
	return false, grey
}

// transparent reports whether a pixel lets through what is below.
func (m *pixmap) transparent() bool {
	if !m.alpha {
		return false
	}
	for y := range m.h {
		row := m.b[y*m.stride:]
		for x := range m.w {
			if row[4*x+3] != 255 {
				return true
			}
		}
	}
	return false
}

// bmp writes a Windows bitmap of so many bits a pixel, with a palette of so
// many greys from black to white. write fills the bytes of one row.
func (m *pixmap) bmp(bits, greys int, write func(out, row []byte)) []byte {
	const fileHeader, infoHeader = 14, 40
	line := (m.w*bits + 31) / 32 * 4
	data := fileHeader + infoHeader + 4*greys
	le := binary.LittleEndian
	b := make([]byte, data+line*m.h)
	copy(b, "BM")
	le.PutUint32(b[2:], uint32(len(b)))
	le.PutUint32(b[10:], uint32(data))
	le.PutUint32(b[14:], infoHeader)
	le.PutUint32(b[18:], uint32(m.w))
	le.PutUint32(b[22:], uint32(m.h))
	le.PutUint16(b[26:], 1) // plane
	le.PutUint16(b[28:], uint16(bits))
	le.PutUint32(b[34:], uint32(line*m.h))
	le.PutUint32(b[46:], uint32(greys))
	for i := range greys {
		v := byte(255 * i / (greys - 1))
		copy(b[fileHeader+infoHeader+4*i:], []byte{v, v, v, 0})
	}
	for y := range m.h { // from the bottom up
		write(b[data+(m.h-1-y)*line:], m.b[y*m.stride:])
	}
	return b
}

func (m *pixmap) colourRow(out, row []byte) {
	for x := range m.w {
		r, g, b := m.at(row, x)
		out[3*x], out[3*x+1], out[3*x+2] = b, g, r
	}
}

func (m *pixmap) greyRow(out, row []byte) {
	for x := range m.w {
		out[x], _, _ = m.at(row, x)
	}
}

func (m *pixmap) bitRow(out, row []byte) {
	for x := range m.w {
		if v, _, _ := m.at(row, x); v != 0 {
			out[x/8] |= 0x80 >> (x % 8)
		}
	}
}
