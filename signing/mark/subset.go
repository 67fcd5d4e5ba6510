package mark

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"unicode/utf16"
)

// Font is a subset of the typeface for a Type 0 font with Identity-H: the
// codes of Content are the glyph numbers of Program. Measures are thousandths
// of the size.
type Font struct {
	Name            string    // with its subset tag, e.g. ABCDEF+LiberationSerif
	Program         []byte    // TrueType
	Widths          []float64 // by glyph number
	ToUnicode       []byte    // CMap
	BBox            [4]float64
	Ascent, Descent float64
	CapHeight       float64
}

// capHeight of Liberation Serif, from its OS/2 table.
const capHeight = 655

// subset collects the glyphs that a drawing uses. We cut the typeface with a
// few lines of our own: no maintained Go library subsets TrueType outlines,
// and the outlines come from a file that we ship, never from outside.
type subset struct {
	face   *face
	glyphs []uint16       // of the face, by new number
	number map[uint16]int // new number, by glyph of the face
	runes  map[int]rune   // by new number
}

func newSubset(f *face) *subset {
	return &subset{face: f, glyphs: []uint16{0}, number: map[uint16]int{0: 0}, runes: map[int]rune{}}
}

// add returns the new number of a glyph.
func (s *subset) add(glyph uint16) int {
	n, ok := s.number[glyph]
	if !ok {
		n = len(s.glyphs)
		s.number[glyph] = n
		s.glyphs = append(s.glyphs, glyph)
	}
	return n
}

// encode returns the codes of text, two bytes each.
func (s *subset) encode(text string) []byte {
	var out []byte
	for _, r := range text {
		n := s.add(s.face.index(r))
		s.runes[n] = r
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	return out
}

// font cuts the typeface.
func (s *subset) font() *Font {
	f := &Font{BBox: s.face.bbox, Ascent: s.face.ascent, Descent: s.face.descent, CapHeight: capHeight}
	f.ToUnicode = s.toUnicode()
	f.Program = s.program()
	for _, g := range s.glyphs {
		f.Widths = append(f.Widths, s.face.advance(g))
	}
	f.Name = tag(f.Program) + "+LiberationSerif"
	return f
}

// tag is six letters that depend on the subset.
func tag(program []byte) string {
	sum := sha256.Sum256(program)
	out := make([]byte, 6)
	for i := range out {
		out[i] = 'A' + sum[i]%26
	}
	return string(out)
}

// toUnicode maps codes to characters (ISO 32000-2, 9.10.3).
func (s *subset) toUnicode() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for codes := range slices.Chunk(slices.Sorted(maps.Keys(s.runes)), 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(codes))
		for _, n := range codes {
			fmt.Fprintf(&b, "<%04X> <", n)
			for _, u := range utf16.Encode([]rune{s.runes[n]}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// program writes the TrueType file: the tables that ISO 32000-2, 9.9 asks
// for, without hints.
func (s *subset) program() []byte {
	var glyf, loca, hmtx []byte
	for i := 0; i < len(s.glyphs); i++ { // grows with components
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, s.cut(s.face.outline(s.glyphs[i]))...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = append(hmtx, s.metric(s.glyphs[i])...)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head := bytes.Clone(s.face.tables["head"])
	binary.BigEndian.PutUint32(head[8:], 0) // checkSumAdjustment, set by assemble
	binary.BigEndian.PutUint16(head[50:], 1)
	hhea := bytes.Clone(s.face.tables["hhea"])
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(s.glyphs)))
	maxp := bytes.Clone(s.face.tables["maxp"])
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(s.glyphs)))
	return assemble([]table{{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}})
}

// metric is the advance and left side bearing of a glyph.
func (s *subset) metric(glyph uint16) []byte {
	hmtx, n := s.face.tables["hmtx"], s.face.metrics
	if int(glyph) < n {
		return hmtx[4*glyph : 4*glyph+4]
	}
	bearing := hmtx[4*n+2*(int(glyph)-n):]
	return append(bytes.Clone(hmtx[4*(n-1):4*(n-1)+2]), bearing[:2]...)
}

// cut copies an outline without its hints, with components renumbered.
func (s *subset) cut(outline []byte) []byte {
	if len(outline) < 10 {
		return nil
	}
	if contours := int16(binary.BigEndian.Uint16(outline)); contours >= 0 {
		ends := 10 + 2*int(contours)
		hints := int(binary.BigEndian.Uint16(outline[ends:]))
		out := append(bytes.Clone(outline[:ends]), 0, 0)
		return append(out, outline[ends+2+hints:]...)
	}
	return s.cutComposite(bytes.Clone(outline))
}

// Flags of a composite glyph's components (OpenType 1.9, glyf).
const (
	argsAreWords = 0x0001
	haveScale    = 0x0008
	moreFollow   = 0x0020
	haveXYScale  = 0x0040
	haveMatrix   = 0x0080
	haveHints    = 0x0100
)

// cutComposite renumbers components in place and drops the hints behind them.
func (s *subset) cutComposite(b []byte) []byte {
	at := 10
	for {
		flags := binary.BigEndian.Uint16(b[at:])
		binary.BigEndian.PutUint16(b[at:], flags&^haveHints)
		glyph := binary.BigEndian.Uint16(b[at+2:])
		binary.BigEndian.PutUint16(b[at+2:], uint16(s.add(glyph)))
		at += 6
		if flags&argsAreWords != 0 {
			at += 2
		}
		switch {
		case flags&haveScale != 0:
			at += 2
		case flags&haveXYScale != 0:
			at += 4
		case flags&haveMatrix != 0:
			at += 8
		}
		if flags&moreFollow == 0 {
			return b[:at]
		}
	}
}

// table is one table of a font file.
type table struct {
	tag  string
	data []byte
}

// assemble writes a font file of tables that are sorted by tag.
func assemble(tables []table) []byte {
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	// For six tables: searchRange 64, entrySelector 2, rangeShift 32.
	for _, v := range []uint16{uint16(len(tables)), 64, 2, uint16(16*len(tables) - 64)} {
		out = binary.BigEndian.AppendUint16(out, v)
	}
	offset := len(out) + 16*len(tables)
	var body []byte
	head := 0
	for _, t := range tables {
		if t.tag == "head" {
			head = offset + len(body)
		}
		out = append(out, t.tag...)
		for _, v := range []uint32{checksum(t.data), uint32(offset + len(body)), uint32(len(t.data))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		body = append(body, t.data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-checksum(out))
	return out
}

// checksum is the sum of big-endian words.
func checksum(b []byte) uint32 {
	var sum uint32
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	var last [4]byte
	copy(last[:], b)
	return sum + binary.BigEndian.Uint32(last[:])
}
