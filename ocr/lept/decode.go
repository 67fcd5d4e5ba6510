package lept

// #include <leptonica/allheaders.h>
import "C"

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"strconv"

	"sohoa"
)

// Decode reads a JPEG, PNG, WebP, BMP, PNM, or the first frame of a TIFF, in
// memory. Transparent parts become white; EXIF orientation is not applied
// (see ExifTurn), TIFF's is.
//
// It returns a *sohoa.Problem: image.too-many-pixels (known from the header,
// before anything is decoded) or image.damaged. An image of which a part is
// missing is damaged, even if libraries would fill it with grey.
func Decode(b []byte) (*Pix, error) {
	h, err := header(b)
	if err != nil {
		return nil, err
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	if h.tiff {
		return DecodeTIFFFrame(b, 0)
	}
	if h.format == C.IFF_JFIF_JPEG {
		return decodeJPEG(b)
	}
	return opaque(C.pixReadMem(cbytes(b), C.size_t(len(b))), "decode")
}

// Size tells the size of an image from its header, without decoding it, and
// applies the same bounds as Decode. For a TIFF it is that of the first frame.
func Size(b []byte) (width, height int, err error) {
	h, err := header(b)
	if err != nil {
		return 0, 0, err
	}
	return h.width, h.height, h.check()
}

func cbytes(b []byte) *C.l_uint8 { return (*C.l_uint8)(&b[0]) }

func damaged(detail string) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.damaged", Detail: detail}
}

// info is what the header of an image says.
type info struct {
	format        C.l_int32
	tiff          bool
	width, height int
}

// check applies the bound on pixels.
func (h info) check() error {
	if h.width <= 0 || h.height <= 0 {
		return damaged(fmt.Sprintf("size %d x %d", h.width, h.height))
	}
	if int64(h.width)*int64(h.height) <= sohoa.MaxImagePixels {
		return nil
	}
	return &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "image.too-many-pixels",
		Args: []string{strconv.Itoa(h.width), strconv.Itoa(h.height), strconv.Itoa(sohoa.MaxImagePixels / 1_000_000)}}
}

// minImage is the least number of bytes that leptonica looks at.
const minImage = 12

func header(b []byte) (info, error) {
	if len(b) < minImage {
		return info{}, damaged(fmt.Sprintf("%d bytes", len(b)))
	}
	if isTIFF(b) {
		frames, err := tiffFrames(b, 1)
		if err != nil {
			return info{}, err
		}
		return info{tiff: true, width: frames[0].width, height: frames[0].height}, nil
	}
	var format, w, h, bps, spp, cmap C.l_int32
	if C.findFileFormatBuffer(cbytes(b), &format) != 0 || !supported(format) {
		return info{}, damaged("not JPEG, PNG, WebP, TIFF, BMP or PNM")
	}
	if C.pixReadHeaderMem(cbytes(b), C.size_t(len(b)), &format, &w, &h, &bps, &spp, &cmap) != 0 {
		return info{}, damaged("unreadable header")
	}
	return info{format: format, width: int(w), height: int(h)}, nil
}

func supported(format C.l_int32) bool {
	switch format {
	case C.IFF_JFIF_JPEG, C.IFF_PNG, C.IFF_WEBP, C.IFF_BMP, C.IFF_PNM:
		return true
	}
	return false
}

// decodeJPEG decodes b. libjpeg fills missing or damaged parts with grey and
// warns; then image/jpeg decides, which forgives padding between segments
// but neither missing nor broken data.
func decodeJPEG(b []byte) (*Pix, error) { return scaledJPEG(b, 1) }

// Probe decodes a JPEG at an eighth of its size, which takes a fifth of the
// time and finds missing and damaged parts all the same. Its Problems are those
// of Decode, and so is DPI.
func Probe(b []byte) (*Pix, error) {
	h, err := header(b)
	if err != nil {
		return nil, err
	}
	if h.format != C.IFF_JFIF_JPEG {
		return nil, damaged("not JPEG")
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	return scaledJPEG(b, 8)
}

// scaledJPEG decodes b at one part in so many of its size.
func scaledJPEG(b []byte, reduction C.l_int32) (*Pix, error) {
	var warnings C.l_int32
	p := C.pixReadMemJpeg(cbytes(b), C.size_t(len(b)), 0, reduction, &warnings, C.L_JPEG_CONTINUE_WITH_BAD_DATA)
	x, err := opaque(p, "decode JPEG")
	if err != nil || warnings == 0 {
		return x, err
	}
	if _, err := jpeg.Decode(bytes.NewReader(b)); err != nil {
		x.Close()
		return nil, damaged(err.Error())
	}
	return x, nil
}

// opaque takes over p and returns it over white if it is transparent.
func opaque(p *C.PIX, act string) (*Pix, error) {
	if p == nil {
		return nil, damaged(act + ": leptonica refused")
	}
	defer C.pixDestroy(&p)
	return wrap(C.pixRemoveAlpha(p), act)
}
