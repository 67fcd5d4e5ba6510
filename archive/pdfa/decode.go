package pdfa

import (
	"bytes"
	"image"
	"image/jpeg"
)

// adobeMarker says that four components are inks, in an APP14 segment.
const adobeMarker = "\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00\x00"

// decodeJPEG decodes a file that cannot be passed through. Samples of CMYK
// files that have no Adobe marker are ink as they stand, with it they are
// inverted; the decoder knows only the latter.
func decodeJPEG(file []byte, info *jpegInfo) (image.Image, error) {
	if !info.complete {
		file = append(bytes.Clone(file), 0xFF, 0xD9)
	}
	plain := info.components == 4 && info.adobe < 0
	if plain {
		file = bytes.Join([][]byte{file[:2], []byte(adobeMarker), file[2:]}, nil)
	}
	img, err := jpeg.Decode(bytes.NewReader(file))
	if cmyk, ok := img.(*image.CMYK); ok {
		return printed(cmyk, plain), err
	}
	return img, err
}

// overprints are the colours of full inks on white paper, in sRGB: cyan adds
// 1 to the index, magenta 2, yellow 4 and black 8. They are the coated paper
// of SWOP, which PDF readers take for granted where no profile is given.
var overprints = [16][3]int{
	{255, 255, 255}, {0, 174, 239}, {236, 0, 140}, {46, 49, 146}, {255, 242, 0}, {0, 166, 81}, {237, 28, 36}, {54, 54, 57},
	{35, 31, 32}, {0, 9, 36}, {28, 0, 0}, {0, 0, 1}, {26, 26, 0}, {0, 11, 0}, {28, 0, 0}, {0, 0, 0},
}

// printed makes colours of inks, in the memory of m. invert is for samples
// that came out the wrong way round.
func printed(m *image.CMYK, invert bool) image.Image {
	flip := uint8(0)
	if invert {
		flip = 0xFF
	}
	var last, colour [4]uint8
	known := false
	for i := 0; i+4 <= len(m.Pix); i += 4 {
		px := (*[4]uint8)(m.Pix[i:])
		if !known || *px != last { // neighbours are often alike
			last, known = *px, true
			colour = overprint([4]int{int(px[0] ^ flip), int(px[1] ^ flip), int(px[2] ^ flip), int(px[3] ^ flip)})
		}
		*px = colour
	}
	return &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
}

// overprint is the colour of inks, 255 being full: each overprint by the share
// of paper that it covers if the inks lie independently (Neugebauer).
func overprint(ink [4]int) [4]uint8 {
	var sum [3]int
	for i, c := range overprints {
		share := 1
		for k, v := range ink {
			if i>>k&1 == 0 {
				v = 255 - v
			}
			share *= v
		}
		for k := range sum {
			sum[k] += share * c[k]
		}
	}
	const full = 255 * 255 * 255 * 255
	return [4]uint8{uint8((sum[0] + full/2) / full), uint8((sum[1] + full/2) / full), uint8((sum[2] + full/2) / full), 255}
}
