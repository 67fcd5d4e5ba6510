package mark

import (
	_ "embed" // the typeface
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/image/font/sfnt"
)

//go:embed font/LiberationSerif-Regular.ttf
var liberationSerif []byte

// Typeface is the font file that marks are set in, for who draws on images. It
// is not to be changed.
func Typeface() []byte { return liberationSerif }

// face is a TrueType typeface with what setting and subsetting need of it.
type face struct {
	tables          map[string][]byte
	cmap            *sfnt.Font
	glyphs          int
	unitsPerEm      float64
	ascent, descent float64 // thousandths of the size; descent is negative
	bbox            [4]float64
	longLoca        bool
	metrics         int // advances in hmtx
}

// liberation is the one typeface of marks.
var liberation = sync.OnceValues(func() (*face, error) {
	f, err := parseFace(liberationSerif)
	if err != nil {
		return nil, fmt.Errorf("read Liberation Serif: %w", err)
	}
	return f, nil
})

var errFont = errors.New("malformed typeface")

// parseFace reads the table directory (OpenType 1.9, otff) and the few
// numbers that are needed often.
func parseFace(b []byte) (*face, error) {
	cmap, err := sfnt.Parse(b)
	if err != nil {
		return nil, err
	}
	f := &face{tables: map[string][]byte{}, cmap: cmap}
	for i := range int(binary.BigEndian.Uint16(b[4:])) {
		record := b[12+16*i:]
		offset, length := binary.BigEndian.Uint32(record[8:]), binary.BigEndian.Uint32(record[12:])
		if uint64(offset)+uint64(length) > uint64(len(b)) {
			return nil, errFont
		}
		f.tables[string(record[:4])] = b[offset : offset+length]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 32, "hmtx": 4, "loca": 4, "glyf": 1} {
		if len(f.tables[name]) < least {
			return nil, fmt.Errorf("table %s: %w", name, errFont)
		}
	}
	f.readNumbers()
	return f, nil
}

func (f *face) readNumbers() {
	head, hhea := f.tables["head"], f.tables["hhea"]
	f.unitsPerEm = float64(binary.BigEndian.Uint16(head[18:]))
	for i := range f.bbox {
		f.bbox[i] = f.scale(head[36+2*i:])
	}
	f.longLoca = head[51] == 1
	f.ascent, f.descent = f.scale(hhea[4:]), f.scale(hhea[6:])
	f.metrics = int(binary.BigEndian.Uint16(hhea[34:]))
	f.glyphs = int(binary.BigEndian.Uint16(f.tables["maxp"][4:]))
}

// scale reads a signed number of font units as thousandths of the size.
func (f *face) scale(b []byte) float64 {
	return float64(int16(binary.BigEndian.Uint16(b))) * 1000 / f.unitsPerEm
}

// index is the glyph of r; a letter that the typeface lacks becomes "?",
// because PDF/A forbids the glyph for missing ones.
func (f *face) index(r rune) uint16 {
	for _, r := range []rune{r, '?'} {
		if g, err := f.cmap.GlyphIndex(nil, r); err == nil && g != 0 {
			return uint16(g)
		}
	}
	return 0
}

// advance is the width of a glyph in thousandths of the size.
func (f *face) advance(glyph uint16) float64 {
	at := 4 * min(int(glyph), f.metrics-1)
	return float64(binary.BigEndian.Uint16(f.tables["hmtx"][at:])) * 1000 / f.unitsPerEm
}

// width is the width of s in points.
func (f *face) width(s string, size float64) float64 {
	total := 0.0
	for _, r := range s {
		total += f.advance(f.index(r))
	}
	return total * size / 1000
}

// outline is the data of a glyph, empty for a blank one.
func (f *face) outline(glyph uint16) []byte {
	from, to := f.location(int(glyph)), f.location(int(glyph)+1)
	glyf := f.tables["glyf"]
	if from >= to || to > len(glyf) {
		return nil
	}
	return glyf[from:to]
}

func (f *face) location(i int) int {
	loca := f.tables["loca"]
	if f.longLoca {
		if 4*i+4 > len(loca) {
			return 0
		}
		return int(binary.BigEndian.Uint32(loca[4*i:]))
	}
	if 2*i+2 > len(loca) {
		return 0
	}
	return 2 * int(binary.BigEndian.Uint16(loca[2*i:]))
}
