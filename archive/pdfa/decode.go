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
		file = append([]byte(file[:2:2]), append([]byte(adobeMarker), file[2:]...)...)
	}
	img, err := jpeg.Decode(bytes.NewReader(file))
	if cmyk, ok := img.(*image.CMYK); ok && plain {
		for i := range cmyk.Pix {
			cmyk.Pix[i] = ^cmyk.Pix[i]
		}
	}
	return img, err
}
