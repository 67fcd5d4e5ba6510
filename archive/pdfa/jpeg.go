package pdfa

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// jpegInfo is what the markers of a JPEG file say (ITU-T T.81, annex B).
type jpegInfo struct {
	width, height int
	precision     int
	components    int
	process       byte // low half of the SOF marker: 0 baseline, 1 extended, 2 progressive, ...
	rgbIDs        bool // components are called R, G and B
	jfif          bool
	adobe         int // colour transform of the Adobe marker, -1 without one
	scans         int
	complete      bool // the end marker was reached
	icc           []byte
	iccFault      string
	iccChunks     map[byte][]byte
	iccCount      byte
}

// readable says why no decoder of ours reads the file, or nil.
func (i *jpegInfo) readable() error {
	switch {
	case i.process > 2:
		return fmt.Errorf("JPEG of process %d", i.process) // without loss, hierarchical or arithmetic
	case i.precision != 8:
		return fmt.Errorf("JPEG with %d bits a sample", i.precision)
	case i.components == 2 || i.components > 4:
		return fmt.Errorf("JPEG with %d components", i.components)
	}
	return nil
}

// obstacle says why a file that is readable cannot be passed through: a
// Reason, or "".
func (i *jpegInfo) obstacle() string {
	switch {
	case i.components == 4:
		return ReasonCMYK
	case i.components == 3 && i.adobe != 1 && (i.adobe >= 0 || i.rgbIDs && !i.jfif):
		return ReasonRGB
	case !i.complete:
		return ReasonUnfinished
	}
	return ""
}

// readJPEG walks the markers of a whole file. It never decodes, but refuses
// what could not be decoded.
func readJPEG(b []byte) (*jpegInfo, error) {
	if len(b) < 4 || b[0] != 0xFF || b[1] != 0xD8 {
		return nil, errors.New("not a JPEG file")
	}
	i := &jpegInfo{adobe: -1, iccChunks: map[byte][]byte{}}
	for pos := 2; ; {
		marker, at, err := nextMarker(b, pos)
		if err != nil {
			break // the end is missing; what is there may still be decoded
		}
		if marker == 0xD9 {
			i.complete = true
			break
		}
		if pos, err = i.segment(b, marker, at); err != nil {
			return nil, err
		}
	}
	if i.components == 0 || i.scans == 0 {
		return nil, errors.New("JPEG file without an image")
	}
	i.joinProfile()
	return i, i.readable()
}

// nextMarker returns the marker at pos and the position after it.
func nextMarker(b []byte, pos int) (byte, int, error) {
	if pos >= len(b) || b[pos] != 0xFF {
		return 0, 0, errors.New("no marker")
	}
	for pos < len(b) && b[pos] == 0xFF { // fill bytes
		pos++
	}
	if pos >= len(b) {
		return 0, 0, errors.New("no marker")
	}
	return b[pos], pos + 1, nil
}

// segment takes in the segment of marker that begins at pos and returns the
// position of the next marker.
func (i *jpegInfo) segment(b []byte, marker byte, pos int) (int, error) {
	if marker == 0x01 || marker >= 0xD0 && marker <= 0xD8 { // no segment
		return pos, nil
	}
	if marker == 0 {
		return 0, errors.New("JPEG marker 0")
	}
	if pos+2 > len(b) {
		return len(b), nil
	}
	end := pos + int(binary.BigEndian.Uint16(b[pos:]))
	if end < pos+2 || end > len(b) {
		return len(b), nil
	}
	body := b[pos+2 : end]
	switch {
	case marker == 0xDA:
		i.scans++
		return skipScan(b, end), nil
	case marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC:
		return end, i.frame(marker, body)
	case marker == 0xE0:
		i.jfif = i.jfif || bytes.HasPrefix(body, []byte("JFIF\x00"))
	case marker == 0xE2:
		i.profileChunk(body)
	case marker == 0xEE && len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")):
		i.adobe = int(body[11])
	}
	return end, nil
}

// skipScan returns the position of the marker after entropy-coded data.
func skipScan(b []byte, pos int) int {
	for pos < len(b) {
		n := bytes.IndexByte(b[pos:], 0xFF)
		if n < 0 || pos+n+1 >= len(b) {
			return len(b)
		}
		pos += n
		if next := b[pos+1]; next != 0 && (next < 0xD0 || next > 0xD7) {
			return pos
		}
		pos += 2
	}
	return len(b)
}

// frame takes in a start-of-frame segment (T.81, B.2.2).
func (i *jpegInfo) frame(marker byte, body []byte) error {
	if i.components != 0 {
		return errors.New("JPEG file with several frames")
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) || body[5] == 0 {
		return errors.New("JPEG frame header of a wrong length")
	}
	i.process = marker & 0x0F
	i.precision = int(body[0])
	i.height = int(binary.BigEndian.Uint16(body[1:]))
	i.width = int(binary.BigEndian.Uint16(body[3:]))
	i.components = int(body[5])
	var ids []byte
	for c := range i.components {
		spec := body[6+3*c:]
		if h, v := spec[1]>>4, spec[1]&15; h < 1 || h > 4 || v < 1 || v > 4 || spec[2] > 3 {
			return errors.New("JPEG component with impossible sampling")
		}
		ids = append(ids, spec[0])
	}
	i.rgbIDs = string(ids) == "RGB"
	return nil
}

// profileChunk takes in one part of a colour profile (ICC.1:2010, B.4).
func (i *jpegInfo) profileChunk(body []byte) {
	rest, ok := bytes.CutPrefix(body, []byte("ICC_PROFILE\x00"))
	if !ok {
		return
	}
	if len(rest) < 2 || rest[0] == 0 || rest[0] > rest[1] || i.iccCount != 0 && i.iccCount != rest[1] || i.iccChunks[rest[0]] != nil {
		i.iccFault = "its parts contradict each other"
		return
	}
	i.iccCount = rest[1]
	i.iccChunks[rest[0]] = rest[2:]
}

// joinProfile puts the parts of the profile together.
func (i *jpegInfo) joinProfile() {
	if i.iccCount == 0 || i.iccFault != "" {
		return
	}
	for n := 1; n <= int(i.iccCount); n++ {
		part, ok := i.iccChunks[byte(n)]
		if !ok {
			i.icc, i.iccFault = nil, "a part is missing"
			return
		}
		i.icc = append(i.icc, part...)
	}
}
