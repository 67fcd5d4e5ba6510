package ingest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"sohoa"
	"sohoa/ocr"
	"sohoa/signing/mark"
)

// readingQuality is that of the pictures of a reading copy.
const readingQuality = 80

// ReadingPage is a picture of a page of a reading copy, a JPEG with the
// agency's name in the middle at its foot. A page that is not there is the
// Problem page.unknown.
func (s *Service) ReadingPage(ctx context.Context, c ReadingCopy, number int) ([]byte, error) {
	page, err := s.page(ctx, c.Document.ID, number)
	if err != nil {
		return nil, err
	}
	if s.Reader == nil {
		return nil, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "internal", Detail: "no reader in this process"}
	}
	data, err := s.bytes(ctx, c.Document.ID, sohoa.RoleImage, number)
	if err != nil {
		return nil, err
	}
	picture, err := s.Reader.Screen(ctx, ocr.Page{Image: data, Number: number, Turn: page.Turn})
	if err != nil {
		return nil, err
	}
	return named(picture, c.Agency)
}

// serif is the typeface of marks, read once.
var serif = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(mark.Typeface()) })

// named draws a line in the middle at the foot of a JPEG that we made, on a
// strip of paper so that it can be read wherever it falls.
func named(picture []byte, line string) ([]byte, error) {
	src, err := jpeg.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	b := src.Bounds()
	page := image.NewRGBA(b)
	draw.Draw(page, b, src, b.Min, draw.Src)
	face, err := faceFor(line, b.Dx()*9/10, float64(b.Dx())/60)
	if err != nil {
		return nil, err
	}
	defer face.Close()
	m := face.Metrics()
	width, height := font.MeasureString(face, line).Ceil(), (m.Ascent + m.Descent).Ceil()
	left, top := b.Min.X+(b.Dx()-width)/2, b.Max.Y-2*height
	pad := height / 4
	strip := image.Rect(left-pad, top-pad/2, left+width+pad, top+height+pad/2)
	draw.Draw(page, strip, image.NewUniform(color.NRGBA{255, 255, 255, 200}), image.Point{}, draw.Over)
	d := font.Drawer{Dst: page, Src: image.Black, Face: face, Dot: fixed.P(left, top+m.Ascent.Ceil())}
	d.DrawString(line)
	var out bytes.Buffer
	err = jpeg.Encode(&out, page, &jpeg.Options{Quality: readingQuality})
	return out.Bytes(), err
}

// faceFor is the face of a size, or of the largest smaller one in which line
// is no wider than width.
func faceFor(line string, width int, size float64) (font.Face, error) {
	f, err := serif()
	if err != nil {
		return nil, err
	}
	for ; ; size *= 0.9 {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
		if err != nil || size < 4 || font.MeasureString(face, line).Ceil() <= width {
			return face, err
		}
		face.Close()
	}
}
