package pdfa

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf16"
)

// fontInfo is what a font can show.
type fontInfo struct {
	chars  map[uint16]bool // codes with a character
	gids   []byte          // of codes, two bytes each; nil if they are the codes themselves
	glyphs int             // in the font file
}

// shows reports whether code has a character and a glyph other than .notdef.
func (f *fontInfo) shows(code uint16) bool {
	gid := int(code)
	if f.gids != nil {
		if 2*gid+1 >= len(f.gids) {
			return false
		}
		gid = int(binary.BigEndian.Uint16(f.gids[2*gid:]))
	}
	return f.chars[code] && gid > 0 && gid < f.glyphs
}

// font checks a composite font and its parts, all embedded.
func (l *linter) font(v any) *fontInfo {
	n, _ := v.(ref)
	if f, ok := l.fonts[n]; ok {
		return f
	}
	f := &fontInfo{}
	l.fonts[n] = f
	d := l.dict(v, "font", "Type=Font Subtype=Type0 BaseFont! Encoding=Identity-H DescendantFonts! ToUnicode!")
	below := l.array(d["DescendantFonts"], "font: DescendantFonts")
	if !l.check(len(below) == 1, "font: %d descendants", len(below)) {
		return f
	}
	cid := l.dict(below[0], "CID font", "Type=Font Subtype=CIDFontType2 BaseFont! CIDSystemInfo! FontDescriptor! DW W CIDToGIDMap!")
	l.check(same(cid["BaseFont"], d["BaseFont"]), "CID font: BaseFont is another")
	l.dict(cid["CIDSystemInfo"], "CID system", "Registry! Ordering! Supplement!")
	if w, ok := cid["W"]; ok {
		l.array(w, "CID font: W")
	}
	if cid["CIDToGIDMap"] != name("Identity") {
		_, obj := l.stream(cid["CIDToGIDMap"], "CIDToGIDMap", "Filter=FlateDecode")
		f.gids = append([]byte{}, l.body(obj, "CIDToGIDMap")...)
	}
	f.glyphs = l.fontFile(cid)
	_, obj := l.stream(d["ToUnicode"], "ToUnicode", "Filter=FlateDecode Type CMapName CIDSystemInfo")
	chars, err := parseToUnicode(l.body(obj, "ToUnicode"))
	l.check(err == nil, "ToUnicode: %v", err)
	f.chars = chars
	return f
}

// fontFile checks the descriptor and the embedded TrueType file, and returns
// the number of its glyphs.
func (l *linter) fontFile(cid dict) int {
	d := l.dict(cid["FontDescriptor"], "font descriptor", "Type=FontDescriptor FontName! Flags! FontBBox! ItalicAngle! "+
		"Ascent! Descent! CapHeight! StemV! FontFile2! XHeight FontFamily FontStretch FontWeight AvgWidth MaxWidth MissingWidth Leading")
	l.check(same(d["FontName"], cid["BaseFont"]), "font descriptor: FontName is another")
	l.numbers(d["FontBBox"], 4, "font descriptor: FontBBox")
	file, obj := l.stream(d["FontFile2"], "font file", "Length1! Filter=FlateDecode")
	b := l.body(obj, "font file")
	l.check(file["Length1"] == int64(len(b)), "font file: Length1 is %v, want %d", file["Length1"], len(b))
	n, err := countGlyphs(b)
	l.check(err == nil, "font file: %v", err)
	return n
}

// countGlyphs reads the table directory of a TrueType file and the number of
// glyphs.
func countGlyphs(b []byte) (int, error) {
	be := binary.BigEndian
	if len(b) < 12 || be.Uint32(b) != 0x00010000 || len(b) < 12+16*int(be.Uint16(b[4:])) {
		return 0, errors.New("no TrueType file")
	}
	tables := map[string][]byte{}
	for i := range int(be.Uint16(b[4:])) {
		e := b[12+16*i:]
		off, size := uint64(be.Uint32(e[8:])), uint64(be.Uint32(e[12:]))
		if off+size > uint64(len(b)) {
			return 0, fmt.Errorf("table %q is outside the file", e[:4])
		}
		tables[string(e[:4])] = b[off : off+size]
	}
	for _, need := range []string{"glyf", "head", "hhea", "hmtx", "loca", "maxp"} {
		if _, ok := tables[need]; !ok {
			return 0, fmt.Errorf("no table %q", need)
		}
	}
	if len(tables["maxp"]) < 6 {
		return 0, errors.New("table \"maxp\" is cut short")
	}
	return int(be.Uint16(tables["maxp"][4:])), nil
}

// cmapWords are the words of a ToUnicode CMap that change nothing for us.
var cmapWords = map[string]bool{"findresource": true, "dict": true, "begin": true, "begincmap": true, "def": true,
	"begincodespacerange": true, "endcodespacerange": true, "beginbfchar": true, "beginbfrange": true,
	"endcmap": true, "currentdict": true, "defineresource": true, "pop": true, "end": true, "CMapName": true}

// parseToUnicode returns the codes that have characters. Ranges must stay
// within one high byte and go on from a single character.
func parseToUnicode(b []byte) (map[uint16]bool, error) {
	chars := map[uint16]bool{}
	err := operations(b, func(op string, args []any) error {
		step := map[string]int{"endbfchar": 2, "endbfrange": 3}[op]
		switch {
		case step == 0 && cmapWords[op]:
			return nil
		case step == 0:
			return fmt.Errorf("unexpected %q", op)
		case len(args)%step != 0 || len(args) > 100*step:
			return fmt.Errorf("%d values before %s", len(args), op)
		}
		for ; len(args) > 0; args = args[step:] {
			if err := addChars(chars, args[:step]); err != nil {
				return err
			}
		}
		return nil
	})
	return chars, err
}

// addChars takes in one entry: first code, last code if it is a range, text.
func addChars(chars map[uint16]bool, entry []any) error {
	first, last, ok := codeOf(entry[0]), codeOf(entry[len(entry)-2]), true
	target, isText := entry[len(entry)-1].(text)
	if first < 0 || last < first || last>>8 != first>>8 || !isText {
		return errors.New("broken entry")
	}
	units := make([]uint16, len(target.bytes)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(target.bytes[2*i:])
	}
	for _, r := range utf16.Decode(units) {
		ok = ok && writable(r)
	}
	if !ok || len(units) == 0 || len(target.bytes)%2 != 0 || first != last && int(units[0]&0xFF)+last-first > 0xFF {
		return fmt.Errorf("code %04X stands for nothing that can be copied", first)
	}
	for c := first; c <= last; c++ {
		chars[uint16(c)] = true
	}
	return nil
}

// codeOf is a two-byte code, or -1.
func codeOf(v any) int {
	s, ok := v.(text)
	if !ok || len(s.bytes) != 2 {
		return -1
	}
	return int(binary.BigEndian.Uint16(s.bytes))
}
