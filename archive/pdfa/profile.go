package pdfa

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
)

// profile is an ICC profile that may stand in a file of ours.
type profile struct {
	data       []byte
	components int    // 1 or 3
	class      string // "mntr", "scnr", "prtr" or "spac"
	srgb       bool   // its description says that it is sRGB
}

// parseProfile checks what ISO 19005-2, 6.2.4.2 asks of an embedded profile:
// version below 5, a permitted class, gray or RGB; and that its table of tags
// stays inside it.
func parseProfile(b []byte) (profile, error) {
	if len(b) < 132 || string(b[36:40]) != "acsp" {
		return profile{}, errors.New("not an ICC profile")
	}
	size := binary.BigEndian.Uint32(b)
	if size < 132 || uint64(size) > uint64(len(b)) {
		return profile{}, errors.New("ICC profile is cut short")
	}
	p := profile{data: b[:size], class: string(b[12:16])}
	if b[8] >= 5 || b[8] < 2 {
		return profile{}, fmt.Errorf("ICC profile of version %d", b[8])
	}
	if !strings.Contains("mntr scnr prtr spac", p.class) || strings.Contains(p.class, " ") {
		return profile{}, fmt.Errorf("ICC profile of class %q", p.class)
	}
	switch space := string(b[16:20]); space {
	case "GRAY":
		p.components = 1
	case "RGB ":
		p.components = 3
	default:
		return profile{}, fmt.Errorf("ICC profile for %q", space)
	}
	return p, p.tags()
}

// tags walks the table of tags and reads the description.
func (p *profile) tags() error {
	be := binary.BigEndian
	n := be.Uint32(p.data[128:])
	if n == 0 || n > 100 || 132+12*int(n) > len(p.data) {
		return errors.New("ICC profile with an impossible table")
	}
	for i := range int(n) {
		entry := p.data[132+12*i:]
		off, size := uint64(be.Uint32(entry[4:])), uint64(be.Uint32(entry[8:]))
		if off+size > uint64(len(p.data)) {
			return errors.New("ICC profile with a tag outside it")
		}
		if string(entry[:4]) == "desc" {
			text := p.data[off : off+size]
			p.srgb = p.components == 3 && bytes.Contains(bytes.ReplaceAll(text, []byte{0}, nil), []byte("sRGB"))
		}
	}
	return nil
}

// srgbProfile is a display profile of sRGB (IEC 61966-2-1) built from its
// definition: version 2.1, three primaries adapted to D50, one curve of 1024
// points.
var srgbProfile = sync.OnceValue(func() []byte {
	const name = "sRGB IEC61966-2.1"
	curve := srgbCurve(1024)
	return packProfile([]tag{
		{"desc", description(name)},
		{"cprt", append([]byte("text\x00\x00\x00\x00"), "No copyright, use freely\x00"...)},
		{"wtpt", xyz(0.9642, 1, 0.8249)},
		{"rXYZ", xyz(0.43607, 0.22249, 0.01392)},
		{"gXYZ", xyz(0.38515, 0.71687, 0.09708)},
		{"bXYZ", xyz(0.14307, 0.06061, 0.71410)},
		{"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
	})
})

// tag is one element of a profile.
type tag struct {
	name string
	data []byte
}

// packProfile writes header, table and elements (ICC.1:2001-04, 6.1 to 6.3).
// An element equal to the one before is stored once.
func packProfile(tags []tag) []byte {
	be := binary.BigEndian
	b := make([]byte, 128, 4096)
	be.PutUint32(b[8:], 0x02100000)
	copy(b[12:], "mntrRGB XYZ ")
	for i, v := range []uint16{2026, 1, 1} { // a fixed date of creation
		be.PutUint16(b[24+2*i:], v)
	}
	copy(b[36:], "acsp")
	copy(b[68:], xyz(0.9642, 1, 0.8249)[8:]) // illuminant D50
	b = be.AppendUint32(b, uint32(len(tags)))
	var body []byte
	base := len(b) + 12*len(tags)
	at := 0
	for i, t := range tags {
		if i == 0 || !bytes.Equal(t.data, tags[i-1].data) {
			at = base + len(body)
			body = append(body, t.data...)
			body = append(body, make([]byte, -len(body)&3)...)
		}
		b = append(b, t.name...)
		b = be.AppendUint32(b, uint32(at))
		b = be.AppendUint32(b, uint32(len(t.data)))
	}
	b = append(b, body...)
	be.PutUint32(b, uint32(len(b)))
	return b
}

// description is a textDescriptionType with an ASCII part only.
func description(s string) []byte {
	b := append([]byte("desc\x00\x00\x00\x00"), 0, 0, 0, byte(len(s)+1))
	b = append(b, s...)
	return append(b, make([]byte, 1+4+4+2+1+67)...)
}

// xyz is an XYZType of one number triple, 15.16 fixed point.
func xyz(vs ...float64) []byte {
	b := []byte("XYZ \x00\x00\x00\x00")
	for _, v := range vs {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*65536))))
	}
	return b
}

// srgbCurve is the transfer function of sRGB as a curveType of n points.
func srgbCurve(n int) []byte {
	b := append([]byte("curv\x00\x00\x00\x00"), 0, 0, byte(n>>8), byte(n))
	for i := range n {
		v := float64(i) / float64(n-1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(math.Round(v*65535)))
	}
	return b
}
