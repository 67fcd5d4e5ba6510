package pdfa

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sort"
	"strings"
	"unicode/utf16"
)

// The one font of the text layer has two glyphs half an em wide: an empty one,
// and a line there and back across the em, which has a box but no area. Readers
// built on pdfium take the box of a glyph for that of its character, and leave
// out text whose box is flat: of lines that run upwards they copied nothing.
// Every character gets a code of its own, 1, 2, 3, ... in order of first use;
// all codes show glyph 1 (glyph 0 is .notdef, forbidden by ISO 19005-2,
// 6.2.11.8 even for invisible text), and ToUnicode says what each stands for.
const (
	fontName = "GlyphLess"
	advance  = 500 // of a glyph, in thousandths of the font size
	ascent   = 800
	descent  = -200
	maxCID   = 0xFFFE
)

// glyphs holds the characters used so far. A document with more than 65,534
// different characters writes the rest as U+FFFD.
type glyphs struct {
	cid   map[rune]uint16
	runes []rune // by code less one
}

// code is the code of r, a new one if needed.
func (g *glyphs) code(r rune) uint16 {
	if c, ok := g.cid[r]; ok {
		return c
	}
	if len(g.runes) == maxCID-1 && r != 0xFFFD {
		return g.code(0xFFFD)
	}
	g.runes = append(g.runes, r)
	c := uint16(len(g.runes))
	g.cid[r] = c
	return c
}

// writeFont writes the font at its reserved number, and its parts.
func (w *Writer) writeFont() {
	file := trueType()
	fontFile := w.stream(w.reserve(), fmt.Sprintf("/Length1 %d", len(file)), w.deflate(file))
	gids := bytes.Repeat([]byte{0, 1}, len(w.glyphs.runes)+1)
	gids[1] = 0
	cidToGID := w.stream(w.reserve(), "", w.deflate(gids))
	toUnicode := w.stream(w.reserve(), "", w.deflate(toUnicodeMap(w.glyphs.runes)))
	descriptor := w.object(w.reserve(), fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[0 %d %d %d]"+
		"/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>",
		fontName, descent, advance, ascent, ascent, descent, ascent, fontFile))
	cidFont := w.object(w.reserve(), fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s"+
		"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/DW %d/CIDToGIDMap %d 0 R>>",
		fontName, descriptor, advance, cidToGID))
	w.object(w.font, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H"+
		"/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", fontName, cidFont, toUnicode))
}

// toUnicodeMap says which character each code stands for, one by one: ranges
// must not cross a high byte and readers differ in how they take them.
func toUnicodeMap(runes []rune) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for first := 0; first < len(runes); first += 100 { // at most 100 in a block
		block := runes[first:min(first+100, len(runes))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for i, r := range block {
			fmt.Fprintf(&b, "<%04X> <%s>\n", first+i+1, utf16Hex(r))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// utf16Hex is r in UTF-16BE.
func utf16Hex(r rune) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune{r}) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

// trueType builds the font file: the tables that ISO 32000-1, 9.9 asks of an
// embedded CIDFontType2, over 1000 units an em.
func trueType() []byte {
	u16 := func(vs ...int) []byte {
		var b []byte
		for _, v := range vs {
			b = binary.BigEndian.AppendUint16(b, uint16(v))
		}
		return b
	}
	tables := map[string][]byte{
		// version, revision, checksum (later), magic, flags, units, two dates, box, style, ppem, direction, loca format, glyph format
		"head": u16(1, 0, 1, 0, 0, 0, 0x5F0F, 0x3CF5, 0x000B, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, descent, advance, ascent, 0, 8, 2, 0, 0),
		// version, ascent, descent, gap, widest, bearings, extent, caret, reserved, metric format, metrics
		"hhea": u16(1, 0, ascent, descent, 0, advance, 0, 0, advance, 1, 0, 0, 0, 0, 0, 0, 0, 2),
		"maxp": u16(1, 0, 2, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
		"hmtx": u16(advance, 0, advance, 0),
		"loca": u16(0, 0, 12), // in units of two bytes
		// contours, box, last point, instructions, two flags of points on the curve, steps along x and y
		"glyf": u16(1, 0, descent, advance, ascent, 1, 0, 0x0101, 0, advance, descent, ascent-descent),
	}
	return assemble(tables)
}

// assemble puts a table directory before the tables and fills in the
// checksum of the whole.
func assemble(tables map[string][]byte) []byte {
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	sort.Strings(names)
	be := binary.BigEndian
	// Six tables: search range 64, selector 2, shift 32.
	dir := []byte{0, 1, 0, 0, 0, byte(len(names)), 0, 64, 0, 2, 0, 32}
	var body []byte
	base := len(dir) + 16*len(names)
	head := 0
	for _, name := range names {
		if name == "head" {
			head = base + len(body)
		}
		dir = append(dir, name...)
		dir = be.AppendUint32(dir, checksum(tables[name]))
		dir = be.AppendUint32(dir, uint32(base+len(body)))
		dir = be.AppendUint32(dir, uint32(len(tables[name])))
		body = append(body, tables[name]...)
		body = append(body, make([]byte, -len(body)&3)...)
	}
	file := append(dir, body...)
	be.PutUint32(file[head+8:], 0xB1B0AFBA-checksum(file))
	return file
}

// checksum is the sum of the big-endian words of b, padded with zeros.
func checksum(b []byte) uint32 {
	var sum uint32
	for i, c := range b {
		sum += uint32(c) << (24 - 8*(i&3))
	}
	return sum
}
