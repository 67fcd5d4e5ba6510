package raster

import (
	"fmt"
	"image"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"sohoa/ocr/lept"
)

// renderQuality is that of a rendered page's JPEG.
const renderQuality = 90

// renderImage draws the page and keeps it as JPEG, or as PNG of 1 bit if it
// is black and white alone.
func (p *pdfPage) renderImage(c *content) error {
	raw, free, err := p.render(p.Width, c.widgets)
	if err != nil {
		return err
	}
	defer free()
	p.Width, p.Height = raw.w, raw.h
	pix, err := raw.pix()
	if err != nil {
		return err
	}
	defer pix.Close()
	if pix.Depth() == 1 {
		p.MediaType = TypePNG
		p.Image, err = pix.EncodePNG()
		return err
	}
	p.MediaType = TypeJPEG
	p.Image, err = pix.EncodeJPEG(renderQuality)
	return err
}

// render draws the page upright with its annotations, w pixels wide. The
// result is valid until free is called.
func (p *pdfPage) render(w int, forms bool) (pixmap, func(), error) {
	res, err := p.inst.RenderPageInPixels(&requests.RenderPageInPixels{
		Page: p.ref, Width: w, Document: &p.document.ref,
		RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT, RenderForm: forms,
	})
	if err != nil {
		return pixmap{}, nil, fmt.Errorf("render page: %w", err)
	}
	img, ok := res.Result.RenderedImage.(*image.RGBA)
	if !ok {
		res.Cleanup()
		return pixmap{}, nil, fmt.Errorf("render page: got %T", res.Result.RenderedImage)
	}
	raw := pixmap{w: img.Rect.Dx(), h: img.Rect.Dy(), stride: img.Stride, b: img.Pix, size: 4, red: 0, alpha: true}
	return raw, func() { res.Cleanup() }, nil
}

// pixmap is a view of pixels in pdfium's memory.
type pixmap struct {
	w, h, stride int
	b            []byte
	size         int  // bytes of a pixel: 1, 3 or 4
	red          int  // where red is in a colour pixel: 0 or 2
	alpha        bool // the fourth byte is opacity
	inverted     bool // black is 255; of grey pixels only
}

// pixels is the view of bm.
func (p *pdfPage) pixels(bm references.FPDF_BITMAP) (pixmap, error) {
	format, err := p.inst.FPDFBitmap_GetFormat(&requests.FPDFBitmap_GetFormat{Bitmap: bm})
	if err != nil {
		return pixmap{}, err
	}
	w, err := p.inst.FPDFBitmap_GetWidth(&requests.FPDFBitmap_GetWidth{Bitmap: bm})
	if err != nil {
		return pixmap{}, err
	}
	h, err := p.inst.FPDFBitmap_GetHeight(&requests.FPDFBitmap_GetHeight{Bitmap: bm})
	if err != nil {
		return pixmap{}, err
	}
	stride, err := p.inst.FPDFBitmap_GetStride(&requests.FPDFBitmap_GetStride{Bitmap: bm})
	if err != nil {
		return pixmap{}, err
	}
	buf, err := p.inst.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: bm})
	if err != nil {
		return pixmap{}, err
	}
	sizes := map[enums.FPDF_BITMAP_FORMAT]int{
		enums.FPDF_BITMAP_FORMAT_GRAY: 1, enums.FPDF_BITMAP_FORMAT_BGR: 3,
		enums.FPDF_BITMAP_FORMAT_BGRX: 4, enums.FPDF_BITMAP_FORMAT_BGRA: 4,
	}
	m := pixmap{w: w.Width, h: h.Height, stride: stride.Stride, b: buf.Buffer, size: sizes[format.Format],
		red: 2, alpha: format.Format == enums.FPDF_BITMAP_FORMAT_BGRA}
	if m.size == 0 || m.w < 1 || m.h < 1 || m.stride < m.w*m.size || len(m.b) < m.stride*m.h {
		return pixmap{}, fmt.Errorf("bitmap of format %v, %d x %d", format.Format, m.w, m.h)
	}
	return m, nil
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
		over := func(v byte) byte { return byte((int(v)*a + 255*(255-a) + 127) / 255) }
		r, g, b = over(r), over(g), over(b)
	}
	return r, g, b
}

// pix copies m into a leptonica image of the least depth that holds it: 1
// bit, 8 bits grey, or colour.
func (m *pixmap) pix() (*lept.Pix, error) {
	colour, grey := m.kinds()
	switch {
	case colour:
		return lept.Decode(m.ppm())
	case grey:
		return lept.Decode(m.pgm())
	}
	return lept.Decode(m.pbm())
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

func (m *pixmap) ppm() []byte {
	out := fmt.Appendf(make([]byte, 0, 32+3*m.w*m.h), "P6\n%d %d\n255\n", m.w, m.h)
	for y := range m.h {
		row := m.b[y*m.stride:]
		for x := range m.w {
			r, g, b := m.at(row, x)
			out = append(out, r, g, b)
		}
	}
	return out
}

func (m *pixmap) pgm() []byte {
	out := fmt.Appendf(make([]byte, 0, 32+m.w*m.h), "P5\n%d %d\n255\n", m.w, m.h)
	for y := range m.h {
		row := m.b[y*m.stride:]
		for x := range m.w {
			v, _, _ := m.at(row, x)
			out = append(out, v)
		}
	}
	return out
}

func (m *pixmap) pbm() []byte {
	line := (m.w + 7) / 8
	out := fmt.Appendf(make([]byte, 0, 32+line*m.h), "P4\n%d %d\n", m.w, m.h)
	for y := range m.h {
		row := m.b[y*m.stride:]
		start := len(out)
		out = append(out, make([]byte, line)...)
		for x := range m.w {
			if v, _, _ := m.at(row, x); v == 0 {
				out[start+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return out
}
