package pdfa

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// maxProfile bounds a colour profile, in bytes.
const maxProfile = 4 << 20

// The colour types of PNG (ISO/IEC 15948, 11.2.2).
const (
	pngGray      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGrayAlpha = 4
	pngRGBAlpha  = 6
)

// pngInfo is what the chunks of a PNG file say.
type pngInfo struct {
	width, height int
	depth         int
	colour        byte
	interlaced    bool
	transparent   bool // has a tRNS chunk
	palette       []byte
	idat          [][]byte // parts of the zlib stream, in the file's own memory
	icc           []byte
	iccFault      string
}

// gray reports whether the image has no colours.
func (i *pngInfo) gray() bool { return i.colour == pngGray || i.colour == pngGrayAlpha }

// samples is the number of samples a pixel, without alpha.
func (i *pngInfo) samples() int {
	if i.colour == pngRGB || i.colour == pngRGBAlpha {
		return 3
	}
	return 1
}

// obstacle says why the data cannot be passed through: a Reason, or "".
func (i *pngInfo) obstacle() string {
	switch {
	case i.interlaced:
		return ReasonInterlaced
	case i.colour == pngGrayAlpha || i.colour == pngRGBAlpha || i.transparent:
		return ReasonTransparent
	case i.depth > 8:
		return ReasonDeep
	}
	return ""
}

// readPNG walks the chunks of a whole file. It inflates only the profile.
func readPNG(b []byte) (*pngInfo, error) {
	rest, ok := bytes.CutPrefix(b, []byte(pngSignature))
	if !ok {
		return nil, errors.New("not a PNG file")
	}
	i := &pngInfo{}
	for first := true; ; first = false {
		name, body, next, err := nextChunk(rest)
		if err != nil {
			return nil, err
		}
		if first != (name == "IHDR") {
			return nil, errors.New("PNG header is not the first chunk")
		}
		if name == "IEND" {
			break
		}
		if err := i.chunk(name, body); err != nil {
			return nil, err
		}
		rest = next
	}
	if len(i.idat) == 0 || i.colour == pngPalette && i.palette == nil {
		return nil, errors.New("PNG file without an image")
	}
	if i.colour != pngPalette {
		i.palette = nil // a suggestion only
	}
	return i, nil
}

// nextChunk parts the first chunk from the rest, its checksum verified.
func nextChunk(b []byte) (name string, body, rest []byte, err error) {
	if len(b) < 12 {
		return "", nil, nil, errors.New("PNG file is cut short")
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-12) {
		return "", nil, nil, errors.New("PNG file is cut short")
	}
	end := 8 + int(n)
	if crc32.ChecksumIEEE(b[4:end]) != binary.BigEndian.Uint32(b[end:]) {
		return "", nil, nil, errors.New("PNG chunk with a wrong checksum")
	}
	return string(b[4:8]), b[8:end], b[end+4:], nil
}

// chunk takes in one chunk.
func (i *pngInfo) chunk(name string, body []byte) error {
	switch name {
	case "IHDR":
		return i.header(body)
	case "PLTE":
		if len(body) == 0 || len(body)%3 != 0 || len(body) > 3<<min(i.depth, 8) || i.palette != nil {
			return errors.New("PNG palette of a wrong length")
		}
		i.palette = body
	case "IDAT":
		i.idat = append(i.idat, body)
	case "tRNS":
		i.transparent = true
	case "iCCP":
		i.profile(body)
	default:
		if name[0]&0x20 == 0 {
			return fmt.Errorf("PNG chunk %q is unknown and critical", name)
		}
	}
	return nil
}

// header takes in the header chunk (ISO/IEC 15948, 11.2.2).
func (i *pngInfo) header(b []byte) error {
	if len(b) != 13 || b[10] != 0 || b[11] != 0 || b[12] > 1 {
		return errors.New("PNG header of an unknown kind")
	}
	w, h := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if w > 1<<31-1 || h > 1<<31-1 {
		return errors.New("PNG header with impossible sides")
	}
	depths := map[byte][]byte{pngGray: {1, 2, 4, 8, 16}, pngRGB: {8, 16}, pngPalette: {1, 2, 4, 8},
		pngGrayAlpha: {8, 16}, pngRGBAlpha: {8, 16}}
	if !bytes.Contains(depths[b[9]], b[8:9]) {
		return errors.New("PNG header with an impossible depth")
	}
	i.width, i.height, i.depth, i.colour, i.interlaced = int(w), int(h), int(b[8]), b[9], b[12] == 1
	return nil
}

// profile takes in an embedded colour profile (ISO/IEC 15948, 11.3.3.3).
func (i *pngInfo) profile(body []byte) {
	_, packed, ok := bytes.Cut(body, []byte{0})
	if !ok || len(packed) < 1 || packed[0] != 0 {
		i.iccFault = "unknown compression"
		return
	}
	z, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err == nil {
		i.icc, err = io.ReadAll(io.LimitReader(z, maxProfile))
	}
	if err != nil {
		i.icc, i.iccFault = nil, err.Error()
	}
}

// reader reads the pieces one after the other.
func (d streamData) reader() io.Reader {
	rs := make([]io.Reader, len(d.pieces))
	for i, b := range d.pieces {
		rs[i] = bytes.NewReader(b)
	}
	return io.MultiReader(rs...)
}

// checkRows inflates image data and checks that it holds exactly rows rows,
// each led by a known filter, and ends with the right checksum.
func checkRows(r io.Reader, rows, rowBytes int) error {
	return eachRow(r, rows, rowBytes, func([]byte) {})
}

// eachRow is checkRows that hands out each row, the filter before it.
func eachRow(r io.Reader, rows, rowBytes int, use func(row []byte)) error {
	z, err := zlib.NewReader(r)
	if err != nil {
		return fmt.Errorf("image data: %w", err)
	}
	row := make([]byte, 1+rowBytes)
	for y := range rows {
		if _, err := io.ReadFull(z, row); err != nil {
			return fmt.Errorf("image data, row %d: %w", y, err)
		}
		if row[0] > 4 {
			return fmt.Errorf("image data, row %d: filter %d", y, row[0])
		}
		use(row)
	}
	if n, err := z.Read(row); n > 0 || err != io.EOF {
		return fmt.Errorf("image data: more than %d rows, or a wrong checksum", rows)
	}
	return nil
}
