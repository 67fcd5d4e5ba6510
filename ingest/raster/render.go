package raster

import (
	"fmt"
	"image"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
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
func (p *pdfPage) render(w int, forms bool) (raw pixmap, free func(), err error) {
	if forms {
		return p.renderForms(w)
	}
	_, h := fitWidth(w, p.WidthPt, p.HeightPt)
	bm, err := p.inst.FPDFBitmap_Create(&requests.FPDFBitmap_Create{Width: w, Height: h}) // without opacity
	if err != nil {
		return raw, nil, fmt.Errorf("make bitmap of %d x %d: %w", w, h, err)
	}
	free = func() { _, _ = p.inst.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: bm.Bitmap}) }
	if raw, err = p.renderOn(bm.Bitmap, w, h); err != nil {
		free()
		return raw, nil, fmt.Errorf("render page: %w", err)
	}
	return raw, free, nil
}

// renderOn draws the page on white.
func (p *pdfPage) renderOn(bm references.FPDF_BITMAP, w, h int) (pixmap, error) {
	const white = 0xffffffff
	if _, err := p.inst.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{Bitmap: bm, Width: w, Height: h, Color: white}); err != nil {
		return pixmap{}, err
	}
	_, err := p.inst.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{
		Bitmap: bm, Page: p.ref, SizeX: w, SizeY: h, Flags: enums.FPDF_RENDER_FLAG_ANNOT,
	})
	if err != nil {
		return pixmap{}, err
	}
	return p.pixels(bm)
}

// renderForms is render for a page with form fields, which takes a little
// longer.
func (p *pdfPage) renderForms(w int) (pixmap, func(), error) {
	res, err := p.inst.RenderPageInPixels(&requests.RenderPageInPixels{
		Page: p.ref, Width: w, Document: &p.document.ref,
		RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT, RenderForm: true,
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
