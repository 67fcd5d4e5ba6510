package raster

import (
	"bytes"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"sohoa"
	"sohoa/ocr/lept"
)

// direct takes the image that is all the page shows, or the images that tile
// it, without rendering the page. why is the reason if that cannot be done.
func (p *pdfPage) direct(c *content, image bool) (why string, err error) {
	if why := c.why(); why != "" {
		return why, nil
	}
	if c.cover == nil {
		return p.joined(c, image)
	}
	turn, _ := imageTurn(c.cover.matrix) // why has seen to it
	turn = (turn + c.rotate) % 360
	size, err := p.inst.FPDFImageObj_GetImagePixelSize(&requests.FPDFImageObj_GetImagePixelSize{ImageObject: c.cover.ref})
	switch {
	case err != nil:
		return ReasonBroken, nil
	case uint64(size.Width)*uint64(size.Height) > sohoa.MaxImagePixels:
		return ReasonPixels, nil
	case !p.square(size.Width, size.Height, turn):
		return ReasonFax, nil
	}
	b, isJPEG := p.dctBytes(c.cover)
	if !isJPEG {
		return p.directPixels(c, turn, image)
	}
	if why := p.plainJPEG(c.cover, b); why != "" {
		return why, nil
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

// plainJPEG tells why a decoder that knows nothing of the PDF may not show the
// JPEG b as a viewer shows the image object; empty if it is whole, and grey or
// RGB.
func (p *pdfPage) plainJPEG(cv *cover, b []byte) string {
	head, ok := parseJPEG(b)
	if !ok {
		return ReasonBroken
	}
	m, err := p.inst.FPDFImageObj_GetImageMetadata(&requests.FPDFImageObj_GetImageMetadata{ImageObject: cv.ref, Page: p.ref})
	if err != nil || int(m.ImageMetadata.Width) != head.width || int(m.ImageMetadata.Height) != head.height {
		return ReasonBroken
	}
	switch m.ImageMetadata.Colorspace {
	case enums.FPDF_COLORSPACE_DEVICEGRAY, enums.FPDF_COLORSPACE_CALGRAY:
		ok = head.components == 1
	case enums.FPDF_COLORSPACE_DEVICERGB, enums.FPDF_COLORSPACE_CALRGB:
		ok = head.components == 3
	case enums.FPDF_COLORSPACE_ICCBASED:
		ok = head.components == 1 || head.components == 3
	default:
		ok = false
	}
	if !ok {
		return ReasonColours
	}
	return ""
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

func (p *pdfPage) directJPEG(c *content, jpeg []byte, turn int, image bool) (why string, err error) {
	if p.odd {
		pix, err := lept.Decode(jpeg)
		if err != nil {
			return ReasonBroken, nil
		}
		defer pix.Close()
		if same, err := p.looksLike(c, pix, turn); !same || err != nil {
			return p.whyOther(c), err
		}
	}
	head, _ := parseJPEG(jpeg)
	p.setDirect(head.width, head.height, turn, sohoa.SourceDirect)
	p.MediaType = TypeJPEG
	if image {
		p.Image = jpeg
	}
	return "", nil
}

// directPixels takes the decoded pixels of an image that is no JPEG.
func (p *pdfPage) directPixels(c *content, turn int, image bool) (why string, err error) {
	bm, err := p.inst.FPDFImageObj_GetBitmap(&requests.FPDFImageObj_GetBitmap{ImageObject: c.cover.ref})
	if err != nil {
		return ReasonBroken, nil
	}
	defer p.inst.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: bm.Bitmap})
	raw, err := p.pixels(bm.Bitmap)
	if err != nil {
		return ReasonBroken, nil
	}
	return p.keepPixels(c, raw, turn, image)
}

// keepPixels makes raw the page's image, if it is what a viewer shows.
func (p *pdfPage) keepPixels(c *content, raw pixmap, turn int, image bool) (why string, err error) {
	pix, err := raw.pix()
	if err != nil {
		return "", err
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
		return p.whyOther(c), err
	}
	p.setDirect(raw.w, raw.h, turn, sohoa.SourceFrame)
	p.MediaType = TypePNG
	if image {
		p.Image, err = pix.EncodePNG()
	}
	return "", err
}

// whyOther is the reason why a viewer shows something else than the image
// holds.
func (p *pdfPage) whyOther(c *content) string {
	if c.cover != nil && p.masked(c.cover.ref) {
		return ReasonMasked
	}
	return ReasonLook
}

// jpegHead is what the frame header of a JPEG says (ITU-T T.81, B.2.2).
type jpegHead struct {
	width, height, components int
	bits                      int  // of a sample
	marker                    byte // of the frame: its kind
}

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	jpegBaseline    = 0xc0
	jpegProgressive = 0xc2
	jpegLossless    = 0xc3
	jpegTables      = 0xc4
	jpegReserved    = 0xc8
	jpegArithmetic  = 0xcc
	jpegLastFrame   = 0xcf
	jpegScan        = 0xda
)

// parseJPEG reads the frame header of b. ok is false if b is no whole JPEG of
// 8 bits a sample that every viewer shows.
func parseJPEG(b []byte) (h jpegHead, ok bool) {
	if !bytes.Contains(b[max(len(b)-64, 0):], []byte("\xff\xd9")) {
		return h, false
	}
	h, ok = jpegFrame(b)
	return h, ok && h.bits == 8 && h.marker <= jpegProgressive
}

// jpegFrame reads the frame header of a JPEG of any kind.
func jpegFrame(b []byte) (h jpegHead, ok bool) {
	if !bytes.HasPrefix(b, []byte("\xff\xd8\xff")) {
		return h, false
	}
	for b = b[2:]; len(b) >= 4 && b[0] == 0xff && b[1] != jpegScan; {
		if b[1] == 0xff { // padding
			b = b[1:]
			continue
		}
		n := 2 + int(b[2])<<8 + int(b[3])
		if n < 4 || n > len(b) {
			return h, false
		}
		if isFrame(b[1]) {
			return frameHeader(b[1], b[4:n])
		}
		b = b[n:]
	}
	return h, false
}

func isFrame(marker byte) bool {
	switch marker {
	case jpegTables, jpegReserved, jpegArithmetic:
		return false
	}
	return marker >= jpegBaseline && marker <= jpegLastFrame
}

func frameHeader(marker byte, b []byte) (h jpegHead, ok bool) {
	if len(b) < 6 {
		return h, false
	}
	h = jpegHead{width: int(b[3])<<8 + int(b[4]), height: int(b[1])<<8 + int(b[2]), components: int(b[5]),
		bits: int(b[0]), marker: marker}
	return h, h.width > 0 && h.height > 0
}
