package raster

import (
	"bytes"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"sohoa"
	"sohoa/ocr/lept"
)

// direct takes the image that is all the page shows, without rendering the
// page. done is false if the page must be rendered after all.
func (p *pdfPage) direct(c *content, image bool) (done bool, err error) {
	turn, ok := imageTurn(c.cover.matrix, c.rotate)
	if !ok {
		return false, nil
	}
	size, err := p.inst.FPDFImageObj_GetImagePixelSize(&requests.FPDFImageObj_GetImagePixelSize{ImageObject: c.cover.ref})
	if err != nil || uint64(size.Width)*uint64(size.Height) > sohoa.MaxImagePixels || !p.square(size.Width, size.Height, turn) {
		return false, nil
	}
	b, isJPEG := p.dctBytes(c.cover)
	if !isJPEG {
		return p.directPixels(c, turn, image)
	}
	if !p.plainJPEG(c.cover, b) {
		return false, nil
	}
	return p.directJPEG(c, b, turn, image)
}

// square reports whether the pixels of an image of w x h are square on the
// page, within 3 %. Those of a fax are not, and an image does not tell.
func (p *pdfPage) square(w, h uint, turn int) bool {
	if w == 0 || h == 0 {
		return false
	}
	if turn%180 != 0 {
		w, h = h, w
	}
	ratio := (float64(w) / p.WidthPt) / (float64(h) / p.HeightPt)
	return ratio > 0.97 && ratio < 1.03
}

// plainJPEG reports whether a decoder that knows nothing of the PDF shows the
// JPEG b as a viewer shows the image object: it is whole, and grey or RGB.
func (p *pdfPage) plainJPEG(cv *cover, b []byte) bool {
	head, ok := parseJPEG(b)
	if !ok {
		return false
	}
	m, err := p.inst.FPDFImageObj_GetImageMetadata(&requests.FPDFImageObj_GetImageMetadata{ImageObject: cv.ref, Page: p.ref})
	if err != nil || int(m.ImageMetadata.Width) != head.width || int(m.ImageMetadata.Height) != head.height {
		return false
	}
	switch m.ImageMetadata.Colorspace {
	case enums.FPDF_COLORSPACE_DEVICEGRAY, enums.FPDF_COLORSPACE_CALGRAY:
		return head.components == 1
	case enums.FPDF_COLORSPACE_DEVICERGB, enums.FPDF_COLORSPACE_CALRGB:
		return head.components == 3
	case enums.FPDF_COLORSPACE_ICCBASED:
		return head.components == 1 || head.components == 3
	}
	return false
}

// dctBytes is the data of an image whose last filter is DCTDecode, with the
// filters before it undone.
func (p *pdfPage) dctBytes(cv *cover) ([]byte, bool) {
	n, err := p.inst.FPDFImageObj_GetImageFilterCount(&requests.FPDFImageObj_GetImageFilterCount{ImageObject: cv.ref})
	if err != nil || n.Count < 1 {
		return nil, false
	}
	last, err := p.inst.FPDFImageObj_GetImageFilter(&requests.FPDFImageObj_GetImageFilter{ImageObject: cv.ref, Index: n.Count - 1})
	if err != nil || (last.ImageFilter != "DCTDecode" && last.ImageFilter != "DCT") {
		return nil, false
	}
	if n.Count == 1 {
		raw, err := p.inst.FPDFImageObj_GetImageDataRaw(&requests.FPDFImageObj_GetImageDataRaw{ImageObject: cv.ref})
		if err != nil {
			return nil, false
		}
		return raw.Data, true
	}
	data, err := p.inst.FPDFImageObj_GetImageDataDecoded(&requests.FPDFImageObj_GetImageDataDecoded{ImageObject: cv.ref})
	if err != nil {
		return nil, false
	}
	return data.Data, true
}

func (p *pdfPage) directJPEG(c *content, jpeg []byte, turn int, image bool) (bool, error) {
	if p.odd {
		pix, err := lept.Decode(jpeg)
		if err != nil {
			return false, nil
		}
		defer pix.Close()
		if same, err := p.looksLike(c, pix, turn); !same || err != nil {
			return false, err
		}
	}
	head, _ := parseJPEG(jpeg)
	p.setDirect(head.width, head.height, turn, sohoa.SourceDirect)
	p.MediaType = TypeJPEG
	if image {
		p.Image = jpeg
	}
	return true, nil
}

// directPixels takes the decoded pixels of an image that is no JPEG.
func (p *pdfPage) directPixels(c *content, turn int, image bool) (bool, error) {
	bm, err := p.inst.FPDFImageObj_GetBitmap(&requests.FPDFImageObj_GetBitmap{ImageObject: c.cover.ref})
	if err != nil {
		return false, nil
	}
	defer p.inst.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: bm.Bitmap})
	raw, err := p.pixels(bm.Bitmap)
	if err != nil {
		return false, nil
	}
	pix, err := raw.pix()
	if err != nil {
		return false, err
	}
	defer func() { pix.Close() }()
	same, err := p.looksLike(c, pix, turn)
	if !same && err == nil && pix.Depth() == 1 { // a stencil's samples say where ink is not
		pix.Close()
		raw.inverted = true
		if pix, err = raw.pix(); err == nil {
			same, err = p.looksLike(c, pix, turn)
		}
	}
	if !same || err != nil {
		return false, err
	}
	p.setDirect(raw.w, raw.h, turn, sohoa.SourceFrame)
	p.MediaType = TypePNG
	if image {
		p.Image, err = pix.EncodePNG()
	}
	return true, err
}

// jpegHead is what the frame header of a JPEG says (ITU-T T.81, B.2.2).
type jpegHead struct{ width, height, components int }

// parseJPEG reads the frame header of b. ok is false if b is no whole JPEG of
// 8 bits a sample that every viewer shows.
func parseJPEG(b []byte) (h jpegHead, ok bool) {
	const baseline, extended, progressive, startOfScan = 0xc0, 0xc1, 0xc2, 0xda
	if !bytes.HasPrefix(b, []byte("\xff\xd8\xff")) || !bytes.Contains(b[max(len(b)-64, 0):], []byte("\xff\xd9")) {
		return h, false
	}
	for b = b[2:]; len(b) >= 4 && b[0] == 0xff && b[1] != startOfScan; {
		if b[1] == 0xff { // padding
			b = b[1:]
			continue
		}
		n := 2 + int(b[2])<<8 + int(b[3])
		if n < 4 || n > len(b) {
			return h, false
		}
		switch b[1] {
		case baseline, extended, progressive:
			return frameHeader(b[4:n])
		}
		b = b[n:]
	}
	return h, false
}

func frameHeader(b []byte) (h jpegHead, ok bool) {
	if len(b) < 6 || b[0] != 8 {
		return h, false
	}
	h = jpegHead{width: int(b[3])<<8 + int(b[4]), height: int(b[1])<<8 + int(b[2]), components: int(b[5])}
	return h, h.width > 0 && h.height > 0
}
