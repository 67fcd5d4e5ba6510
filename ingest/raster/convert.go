package raster

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"sohoa"
	"sohoa/ocr/lept"
)

// A converted image is stored without loss, as PNG. Only where its file has
// lost something already, as those of cameras have, and the noise in it makes
// the PNG larger than this, it becomes a JPEG of a quality that shows no
// difference. Measured (A4 at 300 dpi): scans as WebP and HEIC give PNGs of
// 0.4 to 3.7 MB, a photograph of 12 million pixels 15 MB and more; the JPEG
// is half of the former and a quarter of the latter, 47 dB from its source.
const (
	maxLossless    = 8 << 20
	convertQuality = 95
)

// converted is a decoded image that will be stored in another format.
type converted struct {
	pix      *lept.Pix
	turn     int    // degrees clockwise that the file asks for
	mirrored bool   // left and right are to be exchanged after that
	profile  []byte // ICC, of the file
	reason   string
	lossy    bool // it has lost something already
}

// page makes the page of c, upright.
func (c *converted) page(n int, image bool) (Page, error) {
	pix, err := c.upright()
	if err != nil {
		return Page{}, err
	}
	defer pix.Close()
	p := pageOf(pix, n)
	p.Source, p.MediaType, p.Reason = sohoa.SourceFrame, TypePNG, c.reason
	if !image {
		return p, nil
	}
	if p.Image, err = pix.EncodePNG(); err != nil {
		return p, err
	}
	if c.lossy && len(p.Image) > maxLossless {
		p.MediaType, p.Reason = TypeJPEG, ReasonReduced
		if p.Image, err = pix.EncodeJPEG(convertQuality); err != nil {
			return p, err
		}
	}
	p.Image = withProfile(p.Image, c.profile)
	return p, nil
}

// upright turns and mirrors the image.
func (c *converted) upright() (*lept.Pix, error) {
	pix, err := c.pix.Turn(c.turn)
	if err != nil || !c.mirrored {
		return pix, err
	}
	defer pix.Close()
	return pix.Mirror()
}

// withProfile is the PNG or JPEG b with that ICC profile, if it is one for its
// colours (ICC.1:2010, 7.2.6).
func withProfile(b, profile []byte) []byte {
	const header = 128
	if len(profile) < header {
		return b
	}
	space := string(profile[16:20])
	if bytes.HasPrefix(b, []byte("\xff\xd8")) {
		return withSegment(b, space, profile)
	}
	return withChunk(b, space, profile)
}

// withSegment puts the profile into the JPEG b, behind its first marker
// (ICC.1:2010, B.4). One that needs several segments is left out.
func withSegment(b []byte, space string, profile []byte) []byte {
	const name = "ICC_PROFILE\x00\x01\x01"
	h, ok := jpegFrame(b)
	n := 2 + len(name) + len(profile)
	if !ok || n > 0xffff || !rightSpace(space, h.components == 1) {
		return b
	}
	segment := binary.BigEndian.AppendUint16([]byte("\xff\xe2"), uint16(n))
	return slices.Insert(b, 2, append(append(segment, name...), profile...)...)
}

// withChunk puts the profile into the PNG b, behind its header (PNG, 11.3.2.3).
func withChunk(b []byte, space string, profile []byte) []byte {
	const headerEnd, colourType, grey = 33, 25, 0
	if len(b) < headerEnd || !rightSpace(space, b[colourType] == grey) {
		return b
	}
	body := bytes.NewBufferString("iCCPICC\x00\x00")
	w := zlib.NewWriter(body)
	_, _ = w.Write(profile) // a Buffer does not fail
	_ = w.Close()
	chunk := binary.BigEndian.AppendUint32(nil, uint32(body.Len()-4))
	chunk = append(chunk, body.Bytes()...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body.Bytes()))
	return slices.Insert(b, headerEnd, chunk...)
}

func rightSpace(space string, grey bool) bool {
	return grey && space == "GRAY" || !grey && space == "RGB "
}

// unsupported reports whether no decoder here takes the JPEG.
func (h jpegHead) unsupported() bool {
	return h.bits != 8 || h.marker == jpegLossless || h.marker > jpegLossless && !h.arithmetic()
}

// arithmetic reports whether the JPEG is of arithmetic coding, which browsers
// and PDF readers do not show.
func (h jpegHead) arithmetic() bool { return h.marker == 0xc9 || h.marker == 0xca }

// kind names the JPEG's kind for people.
func (h jpegHead) kind() string {
	if h.bits != 8 {
		return fmt.Sprintf("JPEG %d bit", h.bits)
	}
	return fmt.Sprintf("JPEG SOF%d", h.marker&0x0f)
}
