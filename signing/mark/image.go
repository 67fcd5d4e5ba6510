package mark

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"sohoa"
)

// Image is the picture of a signature or a seal, cut to what can be seen of
// it. It is made once for many marks.
type Image struct {
	Width, Height int    // pixels
	Colours       []byte // zlib stream of PNG rows, 8 bits each of red, green and blue (sRGB)
	Opacity       []byte // zlib stream of PNG rows, 8 bits; 0 is transparent
}

// faint is the opacity below which nobody sees a pixel.
const faint = 8

// ReadImage reads a PNG file with transparency, as NĐ 30/2020 asks for. Its
// colours stay as they are; what is transparent all around is cut off, so that
// a seal's size is that of its ink. Other files, and those beyond a bound
// (sohoa.MaxMarkImageBytes, sohoa.MaxMarkImagePixels), are a Problem.
//
// The file is an official's own and small. It is decoded here, not in a child
// process: the standard library's PNG decoder is memory-safe Go, what it
// allocates follows from the header, and that is bounded first.
func ReadImage(file []byte) (*Image, error) {
	config, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, badImage(err)
	}
	if len(file) > sohoa.MaxMarkImageBytes || config.Width*config.Height > sohoa.MaxMarkImagePixels {
		return nil, badImage(fmt.Errorf("%d bytes, %d×%d pixels", len(file), config.Width, config.Height))
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, badImage(err)
	}
	return newImage(img)
}

func badImage(err error) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.mark-image", Detail: err.Error()}
}

// newImage takes colours and opacity apart.
func newImage(img image.Image) (*Image, error) {
	pixels, ok := img.(*image.NRGBA)
	if !ok {
		pixels = convert(img)
	}
	seen, clear := ink(pixels)
	if seen.Empty() || !clear {
		return nil, badImage(fmt.Errorf("nothing visible or nothing transparent in %v", img.Bounds()))
	}
	colours, opacity := image.NewNRGBA(image.Rectangle{Max: seen.Size()}), image.NewGray(image.Rectangle{Max: seen.Size()})
	for y := range seen.Dy() {
		for x := range seen.Dx() {
			c := pixels.NRGBAAt(seen.Min.X+x, seen.Min.Y+y)
			opacity.SetGray(x, y, color.Gray{Y: c.A})
			if c.A == 0 { // as paper, should a reader blend it with its neighbours
				c = color.NRGBA{R: 255, G: 255, B: 255}
			}
			c.A = 255
			colours.SetNRGBA(x, y, c)
		}
	}
	out := &Image{Width: seen.Dx(), Height: seen.Dy()}
	var err error
	if out.Colours, err = rows(colours); err != nil {
		return nil, badImage(err)
	}
	if out.Opacity, err = rows(opacity); err != nil {
		return nil, badImage(err)
	}
	return out, nil
}

// convert makes 8 bits each of colours that are not multiplied by the opacity.
func convert(img image.Image) *image.NRGBA {
	b := img.Bounds()
	out := image.NewNRGBA(b)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.Set(x, y, img.At(x, y))
		}
	}
	return out
}

// ink is the part of img that can be seen, and whether anything in img cannot.
func ink(img *image.NRGBA) (seen image.Rectangle, clear bool) {
	b := img.Rect
	seen = image.Rectangle{Min: b.Max, Max: b.Min}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if img.NRGBAAt(x, y).A < faint {
				clear = true
				continue
			}
			seen.Min.X, seen.Min.Y = min(seen.Min.X, x), min(seen.Min.Y, y)
			seen.Max.X, seen.Max.Y = max(seen.Max.X, x+1), max(seen.Max.Y, y+1)
		}
	}
	return seen, clear
}

// rows are the compressed rows of img as a PNG file has them, which is how PDF
// wants them (ISO 32000-2, 7.4.4.4).
func rows(img image.Image) ([]byte, error) {
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		return nil, err
	}
	var out []byte
	for b := file.Bytes()[8:]; len(b) >= 12; { // length, type, data, checksum
		n := binary.BigEndian.Uint32(b)
		if string(b[4:8]) == "IDAT" {
			out = append(out, b[8:8+n]...)
		}
		b = b[12+n:]
	}
	return out, nil
}
