package pdfa_test

import (
	"bytes"
	"fmt"
	"image/color"
	"testing"

	"sohoa/archive/pdfa"
)

// inks are the colours of the blocks of a test picture: cyan, magenta, yellow
// and black ink, 255 being all of it.
var inks = [][4]uint8{
	{0, 0, 0, 0}, {255, 0, 0, 0}, {0, 255, 0, 0}, {0, 0, 255, 0}, {0, 0, 0, 255}, {255, 255, 0, 0}, {0, 255, 255, 0}, {255, 0, 255, 0},
	{255, 255, 255, 0}, {255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}, {128, 0, 0, 0}, {0, 128, 0, 0}, {0, 0, 128, 0}, {0, 0, 0, 128}, {60, 40, 40, 0}, {0, 200, 200, 30}, {200, 160, 20, 60},
}

// cmykPicture is a JPEG of blocks of 8 by 8 pixels side by side, one for
// each of inks, written sample by sample: transform is that of the Adobe
// marker, 0 for CMYK and 2 for YCCK; below 0 there is no marker and the
// samples are not inverted.
func cmykPicture(transform int) []byte {
	b := []byte("\xFF\xD8")
	if transform >= 0 {
		b = append(b, "\xFF\xEE\x00\x0E"...)
		b = append(b, adobe(byte(transform))...)
	}
	b = append(append(b, "\xFF\xDB\x00\x43\x00"...), bytes.Repeat([]byte{1}, 64)...)
	b = append(b, "\xFF\xC0\x00\x14\x08\x00\x08\x00"...)
	b = append(b, byte(8*len(inks)), 4)
	b = append(b, "\x01\x11\x00\x02\x11\x00\x03\x11\x00\x04\x11\x00"...)
	// DC: categories 0 to 11 in codes of four bits; AC: the end alone.
	b = append(append(b, "\xFF\xC4\x00\x1F\x00\x00\x00\x00\x0C"...), make([]byte, 12)...)
	b = append(b, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B"...)
	b = append(append(b, "\xFF\xC4\x00\x14\x10\x01"...), make([]byte, 16)...)
	b = append(b, "\xFF\xDA\x00\x0E\x04\x01\x00\x02\x00\x03\x00\x04\x00\x00\x3F\x00"...)
	var bits bitWriter
	var last [4]int
	for _, ink := range inks {
		for c, v := range samples(ink, transform) {
			dc := (int(v) - 128) * 8
			bits.dc(dc - last[c])
			bits.put(0, 1)
			last[c] = dc
		}
	}
	return append(append(b, bits.end()...), 0xFF, 0xD9)
}

// samples are what a JPEG of the kind stores of an ink.
func samples(ink [4]uint8, transform int) [4]uint8 {
	switch transform {
	case 0:
		return [4]uint8{^ink[0], ^ink[1], ^ink[2], ^ink[3]}
	case 2:
		// Readers take YCbCr for RGB and invert that, and inverted inks are meant.
		y, cb, cr := color.RGBToYCbCr(ink[0], ink[1], ink[2])
		return [4]uint8{y, cb, cr, ^ink[3]}
	}
	return ink
}

// bitWriter writes entropy-coded data of a JPEG.
type bitWriter struct {
	out  []byte
	acc  uint64
	held int
}

func (w *bitWriter) put(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		w.acc = w.acc<<1 | uint64(v>>i&1)
		if w.held++; w.held == 8 {
			w.out = append(w.out, byte(w.acc))
			if byte(w.acc) == 0xFF {
				w.out = append(w.out, 0)
			}
			w.acc, w.held = 0, 0
		}
	}
}

// dc writes a difference: its category, and its bits.
func (w *bitWriter) dc(diff int) {
	n, mag := 0, max(diff, -diff)
	for mag>>n > 0 {
		n++
	}
	w.put(uint32(n), 4)
	if diff < 0 {
		diff += 1<<n - 1
	}
	w.put(uint32(diff), n)
}

func (w *bitWriter) end() []byte {
	for w.held > 0 {
		w.put(1, 1)
	}
	return w.out
}

// cmykPDF shows the JPEG as other programs put it into a PDF.
func cmykPDF(picture []byte, inverted bool) []byte {
	decode := ""
	if inverted {
		decode = "/Decode[1 0 1 0 1 0 1 0]"
	}
	width := 8 * len(inks)
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Count 1/Kids[3 0 R]>>",
		fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d 8]/Resources<</XObject<</Im0 4 0 R>>>>/Contents 5 0 R>>", width),
		stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height 8/BitsPerComponent 8/ColorSpace/DeviceCMYK/Filter/DCTDecode%s", width, decode), string(picture)),
		stream("", fmt.Sprintf("q %d 0 0 8 0 0 cm /Im0 Do Q", width)),
	}
	out := []byte("%PDF-1.4\n")
	var table string
	for i, o := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", len(out))
		out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	return fmt.Appendf(out, "xref\n0 6\n0000000000 65535 f \n%strailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", table, len(out))
}

// TestInksBecomeTheirColours compares CMYK pages with what readers make of the
// same JPEG as CMYK. They agree on full inks and differ by 30 on halftones.
func TestInksBecomeTheirColours(t *testing.T) {
	for _, transform := range []int{-1, 0, 2} {
		picture := cmykPicture(transform)
		file, reports := write(t, options, pdfa.Page{Image: picture, MediaType: "image/jpeg", DPI: 72})
		if got := reports[0].Treatment.Reason; got != pdfa.ReasonCMYK {
			t.Errorf("reason = %q, want %q", got, pdfa.ReasonCMYK)
		}
		for name, render := range renderers {
			got, want := render(t, file, 72), render(t, cmykPDF(picture, transform >= 0), 72)
			for i, ink := range inks {
				a, b := got.At(8*i+4, 4), want.At(8*i+4, 4)
				if !close(a, b, 35) {
					t.Errorf("transform %d, ink %v: %v, as CMYK %s shows %v", transform, ink, a, name, b)
				}
			}
		}
	}
}
