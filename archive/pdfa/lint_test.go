package pdfa_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive/pdfa"
)

func lint(file []byte) error { return pdfa.Lint(bytes.NewReader(file), int64(len(file))) }

// small is a document with words and a palette image.
func small(t testing.TB) []byte {
	t.Helper()
	file, _ := write(t, options,
		pdfa.Page{Image: encodePNG(paletted(60, 84, 0xFF)), MediaType: "image/png", DPI: 100, Text: oneLine("Nguyễn", "Vĩnh", "Nghĩa")},
		pdfa.Page{Image: encodeJPEG(gray(60, 84)), MediaType: "image/jpeg", DPI: 100, Text: oneLine("Nguyễn")})
	if err := lint(file); err != nil {
		t.Fatalf("Lint of a sound file = %v", err)
	}
	return file
}

// number finds the object whose dictionary holds mark.
func number(t testing.TB, file []byte, mark string) int {
	t.Helper()
	at := bytes.Index(file, []byte(mark))
	m := regexp.MustCompile(`(\d+) 0 obj\n`).FindAllSubmatch(file[:max(at, 0)], -1)
	if at < 0 || m == nil {
		t.Fatalf("no object with %q", mark)
	}
	n, _ := strconv.Atoi(string(m[len(m)-1][1]))
	return n
}

// body is what stands between "obj" and "endobj" of an object.
func body(t testing.TB, file []byte, num int) string {
	t.Helper()
	_, rest, ok := bytes.Cut(file, fmt.Appendf(nil, "\n%d 0 obj\n", num))
	text, _, end := bytes.Cut(rest, []byte("\nendobj"))
	if !ok || !end {
		t.Fatalf("no object %d", num)
	}
	return string(text)
}

// revise appends an incremental update with the given objects.
func revise(file []byte, objects map[int]string) []byte {
	out := bytes.Clone(file)
	offsets := map[int]int{}
	for _, num := range slices.Sorted(maps.Keys(objects)) {
		offsets[num] = len(out)
		out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", num, objects[num])
	}
	last := bytes.LastIndex(file, []byte("startxref\n"))
	prev := strings.Fields(string(file[last:]))[1]
	trailer := regexp.MustCompile(`/Size (\d+)(/Root .*?\])`).FindSubmatch(file[bytes.LastIndex(file, []byte("trailer")):])
	size, _ := strconv.Atoi(string(trailer[1]))
	size = max(size, slices.Max(slices.Collect(maps.Keys(objects)))+1)
	at := len(out)
	out = append(out, "xref\n"...)
	for _, num := range slices.Sorted(maps.Keys(objects)) {
		out = fmt.Appendf(out, "%d 1\n%010d 00000 n \n", num, offsets[num])
	}
	return fmt.Appendf(out, "trailer\n<</Size %d%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n", size, trailer[2], prev, at)
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

func flate(dict, data string) string {
	return stream(dict+"/Filter/FlateDecode", string(deflate([]byte(data))))
}

// TestLintFindsFaultsInBytes damages a sound file in place.
func TestLintFindsFaultsInBytes(t *testing.T) {
	rows := []struct{ name, old, new string }{
		{"low header bytes", "%\xE2\xE3", "%ab"},
		{"other version", "%PDF-1.7", "%PDF-2.0"},
		{"no catalog", "/Type/Catalog", "/Type/Catalox"},
		{"other output intent", "GTS_PDFA1", "GTS_PDFX1"},
		{"conformance B", "conformance>U<", "conformance>B<"},
		{"conformance in lower case", "conformance>U<", "conformance>u<"},
		{"part 3", "part>2<", "part>3<"},
		{"unknown property", "<xmp:CreateDate>", "<xmp:CreateXate>"},
		{"broken XML", "</rdf:RDF>", "</rdf:RDX>"},
		{"compressed metadata", "/Subtype/XML", "/Filter/XML/"},
		{"title unlike Info", "/Title <FEFF", "/Title <FFFE"},
		{"date unlike XMP", "D:20260101", "D:20270101"},
		{"unknown key in Info", "/Subject ", "/Subjekt "},
		{"no identifier", "/ID[<", "/IX[<"},
		{"LZW", "/Filter/DCTDecode", "/Filter/LZWDecode"},
		{"other colour space", "/ColorSpace /DeviceGray", "/ColorSpace /DeviceCMYK"},
		{"wrong width", "/Width 60", "/Width 61"},
		{"wrong predictor", "/Predictor 15", "/Predictor 12"},
		{"wrong depth", "/BitsPerComponent 8", "/BitsPerComponent 1"},
		{"page too small", "/MediaBox[0 0 43.2", "/MediaBox[0 0 -3.2"},
		{"page elsewhere", "/MediaBox[0 0", "/MediaBox[1 0"},
		{"crop box", "/MediaBox", "/CropBox "},
		{"wrong count", "/Count 2", "/Count 3"},
		{"font not embedded", "/FontFile2", "/FontFile9"},
		{"no character map", "/ToUnicode", "/ToUnikode"},
		{"other encoding", "Identity-H", "Identity-V"},
		{"palette too long", "/DeviceRGB 4", "/DeviceRGB 5"},
		{"comment between objects", "\nendobj\n4 0 obj", "\nendobj %4 0 obj"},
		{"stream length", "/Length ", "/Lenght "},
		{"line end before endstream", "\nendstream", " endstream"},
		{"rational profile", "/N 3", "/N 1"},
		{"no language", "/Lang(vi-VN)", "/Lang (vi-VN"},
		{"encrypted", "/ID[", "/Encrypt["},
		{"two line ends", "%%EOF\n", "%%EOF\n\n"},
		{"trailing bytes", "%%EOF\n", "%%EOF\nx"},
		{"wrong startxref", "startxref\n", "startxref\n9"},
		{"wrong table", " 00000 n \n", " 00001 n \n"},
	}
	file := small(t)
	for _, r := range rows {
		bad := bytes.Replace(file, []byte(r.old), []byte(r.new), 1)
		if bytes.Equal(bad, file) {
			t.Errorf("%s: %q is not in the file", r.name, r.old)
			continue
		}
		if err := lint(bad); !errors.Is(err, sohoa.ErrVerification) {
			t.Errorf("%s: Lint = %v, want %v", r.name, err, sohoa.ErrVerification)
		}
	}
}

// TestLintFindsFaultsInObjects replaces objects by incremental updates whose
// structure is sound.
func TestLintFindsFaultsInObjects(t *testing.T) {
	file := small(t)
	page := number(t, file, "/Type/Page/")
	contents := page - 1
	toUnicode := number(t, file, "/Type/FontDescriptor") - 1
	const good = "q 43.2 0 0 60.48 0 0 cm /Im0 Do Q\nBT 3 Tr /F0 9 Tf 1 0 0 1 5 5 Tm 50 Tz <0001> Tj ET"
	rows := []struct {
		name  string
		num   int
		body  string
		fault string // "" for none
	}{
		{"same content", contents, flate("", good), ""},
		{"visible text", contents, flate("", strings.Replace(good, "3 Tr", "0 Tr", 1)), "visible text"},
		{"code without character", contents, flate("", strings.Replace(good, "<0001>", "<0777>", 1)), "no character"},
		{"code zero", contents, flate("", strings.Replace(good, "<0001>", "<0000>", 1)), "no character"},
		{"half a code", contents, flate("", strings.Replace(good, "<0001>", "<000102>", 1)), "out of place"},
		{"operator of paths", contents, flate("", good+" 0 0 m 5 5 l S"), `operator "m"`},
		{"wrong operands", contents, flate("", strings.Replace(good, "50 Tz", "Tz", 1)), `operator "Tz"`},
		{"q without Q", contents, flate("", "q "+good), "without an end"},
		{"29 times q", contents, flate("", strings.Repeat("q ", 29)+good+strings.Repeat(" Q", 29)), "too deeply"},
		{"other image", contents, flate("", strings.Replace(good, "Im0", "Im1", 1)), "not among"},
		{"no image", contents, flate("", "q Q"), "no image"},
		{"unknown filter", contents, stream("/Filter/LZWDecode", good), "Filter is LZWDecode"},
		{"damaged stream", contents, stream("/Filter/FlateDecode", good), "zlib"},
		{"missing object", page, strings.Replace(body(t, file, page), "/Contents ", "/Contents 9", 1), "missing"},
		{"page actions", page, strings.Replace(body(t, file, page), "/Contents", "/AA<<>>/Contents", 1), "AA is not allowed"},
		{"rotated page", page, strings.Replace(body(t, file, page), "/Contents", "/Rotate 90/Contents", 1), "Rotate is not allowed"},
		{"annotation", page, strings.Replace(body(t, file, page), "/Contents", "/Annots[<</Subtype/Link>>]/Contents", 1), "no signature field"},
		{"orphan", 90, "<<>>", "reached by nothing"},
		{"range across a high byte", toUnicode, flate("", "1 beginbfrange <0000> <FFFF> <0000> endbfrange"), "broken entry"},
		{"character that is none", toUnicode, flate("", "1 beginbfchar <0001> <FEFF> endbfchar"), "nothing that can be copied"},
		{"program in the map", toUnicode, flate("", "1 beginbfchar <0001> <0041> endbfchar (x) run"), `"run"`},
	}
	for _, r := range rows {
		err := lint(revise(file, map[int]string{r.num: r.body}))
		if r.fault == "" && err != nil || r.fault != "" && (!errors.Is(err, sohoa.ErrVerification) || !strings.Contains(err.Error(), r.fault)) {
			t.Errorf("%s: Lint = %v, want %q", r.name, err, r.fault)
		}
	}
}

// TestLintKnowsLayersOnly changes a page of layers in ways that other writers
// have, and ours has not.
func TestLintKnowsLayersOnly(t *testing.T) {
	file, _ := write(t, options, pdfa.Page{Layers: layers(), DPI: 72, Text: oneLine("Tĩnh")},
		pdfa.Page{Image: bitonalPNG(251, 333, 0), MediaType: "image/png", DPI: 72})
	if err := lint(file); err != nil {
		t.Fatalf("Lint of a sound file = %v", err)
	}
	page := number(t, file, "/Type/Page/")
	contents, stencil, picture := page-1, number(t, file, "/ImageMask true"), number(t, file, "/DeviceGray/Filter/JBIG2")
	const (
		ground = "q 80 0 0 120 0 0 cm /Im0 Do Q\n"
		first  = "q 0.1 0.1 0.1 rg 80 0 0 120 0 0 cm /Im1 Do Q\n"
		second = "q 1 0 0 rg 80 0 0 120 0 0 cm /Im2 Do Q\n"
		patch  = "q 19 0 0 27 60 3 cm /Im3 Do Q\n"
		words  = "BT 3 Tr /F0 9 Tf 1 0 0 1 5 5 Tm 50 Tz <0001> Tj ET\n"
	)
	draw := func(parts ...string) string { return flate("", strings.Join(parts, "")) }
	edit := func(num int, old, new string) string {
		if !strings.Contains(body(t, file, num), old) {
			t.Fatalf("object %d has no %q", num, old)
		}
		return strings.Replace(body(t, file, num), old, new, 1)
	}
	// code is the stencil with other JBIG2 data; keys stand before its length.
	code := func(data []byte) string {
		return stream("/Type/XObject/Subtype/Image/Width 80/Height 120/BitsPerComponent 1/ImageMask true/Filter/JBIG2Decode", string(data))
	}
	good := mask(sheetW, sheetH, within(text))
	symbols := bytes.Clone(good)
	symbols[11+19+11-7] = 6 // the type of the second segment: a text region
	rows := []struct {
		name  string
		num   int
		body  string
		fault string // "" for none
	}{
		{"same content", contents, draw(ground, first, second, patch, words), ""},
		{"same stencil", stencil, code(good), ""},
		{"stencil without a colour", contents, draw(ground, strings.Replace(first, "0.1 0.1 0.1 rg ", "", 1), second, patch, words), "without a colour"},
		{"colour before an image", contents, draw("q 1 0 0 rg"+ground[1:], first, second, patch, words), "without a stencil"},
		{"colour before a patch", contents, draw(ground, first, second, "q 1 0 0 rg"+patch[1:], words), "without a stencil"},
		{"colour before text", contents, draw(ground, first, second, patch, "q 1 0 0 rg Q\n", words), "without a stencil"},
		{"colour inside text", contents, draw(ground, first, second, patch, strings.Replace(words, "Tm", "Tm 1 0 0 rg", 1)), "inside text"},
		{"colour outside q", contents, draw(ground, "1 0 0 rg ", first, second, patch, words), "out of place"},
		{"colour of an outer q", contents, draw(ground, first, strings.Replace(second, "80 0", "q 80 0", 1), " Q", patch, words), "without a stencil"},
		{"two colours", contents, draw(ground, strings.Replace(first, "rg", "rg 1 1 1 rg", 1), second, patch, words), "out of place"},
		{"colour beyond 1", contents, draw(ground, first, strings.Replace(second, "1 0 0", "2 0 0", 1), patch, words), "colour 2"},
		{"colour below 0", contents, draw(ground, first, strings.Replace(second, "1 0 0", "1 -0.1 0", 1), patch, words), "colour -0.1"},
		{"gray operator", contents, draw(ground, strings.Replace(first, "0.1 0.1 0.1 rg", "0.1 g", 1), second, patch, words), `operator "g"`},
		{"CMYK operator", contents, draw(ground, strings.Replace(first, "0.1 0.1 0.1 rg", "0 0 0 1 k", 1), second, patch, words), `operator "k"`},
		{"transparency", contents, draw(ground, strings.Replace(first, "q ", "q /GS0 gs ", 1), second, patch, words), `operator "gs"`},
		{"image drawn twice", contents, draw(ground, ground, first, second, patch, words), "drawn twice"},
		{"image not drawn", contents, draw(ground, first, second, words), "not drawn"},
		{"image over text", contents, draw(ground, first, second, words, patch), "over text"},
		{"image inside text", contents, draw(ground, first, second, strings.Replace(words, "ET", patch+"ET", 1)), "inside text"},
		{"soft mask", stencil, edit(stencil, "/ImageMask true", "/SMask 3 0 R/ImageMask true"), "it is translucent"},
		{"interpolation", stencil, edit(stencil, "/ImageMask true", "/Interpolate true/ImageMask true"), "Interpolate is not allowed"},
		{"other polarity", stencil, edit(stencil, "/ImageMask true", "/Decode[1 0]/ImageMask true"), "Decode is not allowed"},
		{"no stencil", stencil, edit(stencil, "/ImageMask true", "/ImageMask false"), "stencil with colours"},
		{"stencil with colours", stencil, edit(stencil, "/ImageMask true", "/ColorSpace/DeviceGray/ImageMask true"), "stencil with colours"},
		{"stencil of 8 bits", stencil, edit(stencil, "/BitsPerComponent 1", "/BitsPerComponent 8"), "JBIG2 with parameters"},
		{"stencil of another filter", stencil, edit(stencil, "JBIG2Decode", "CCITTFaxDecode"), "filter CCITTFaxDecode"},
		{"stencil by Flate", stencil, edit(stencil, "JBIG2Decode", "FlateDecode"), "filter FlateDecode"},
		{"stencil too wide", stencil, edit(stencil, "/Width 80", "/Width 81"), "does not fit"},
		{"stencil with globals", stencil, edit(stencil, "/ImageMask true", "/DecodeParms<</JBIG2Globals 3 0 R>>/ImageMask true"), "JBIG2 with parameters"},
		{"symbols", stencil, code(symbols), "another header"},
		{"more segments", stencil, code(append(bytes.Clone(good), 0, 0, 0, 2, 49, 0, 1, 0, 0, 0, 0)), "not one generic region"},
		{"other size inside", stencil, code(mask(sheetW+1, sheetH, within(text))), "does not fit"},
		{"code cut short", stencil, code(good[:len(good)-1]), "segment 1"},
		{"JBIG2 in colour", picture, edit(picture, "/DeviceGray", "/DeviceRGB"), "JBIG2 with colours"},
		{"JBIG2 by palette", picture, edit(picture, "/DeviceGray", "[/Indexed /DeviceRGB 1 <000000FFFFFF>]"), "JBIG2 with colours"},
		{"JBIG2 of 2 bits", picture, edit(picture, "/BitsPerComponent 1", "/BitsPerComponent 2"), "JBIG2 with parameters"},
		{"JBIG2 inverted", picture, edit(picture, "/BitsPerComponent 1", "/Decode[1 0]/BitsPerComponent 1"), "Decode is not allowed"},
		{"page group", page, edit(page, "/Contents", "/Group<</S/Transparency>>/Contents"), "Group is not allowed"},
		{"graphics states", page, edit(page, "/Font<<", "/ExtGState<<>>/Font<<"), "ExtGState is not allowed"},
	}
	for _, r := range rows {
		err := lint(revise(file, map[int]string{r.num: r.body}))
		if r.fault == "" && err != nil || r.fault != "" && (!errors.Is(err, sohoa.ErrVerification) || !strings.Contains(err.Error(), r.fault)) {
			t.Errorf("%s: Lint = %v, want %q", r.name, err, r.fault)
		}
	}
	many := body(t, file, page)
	for i := range sohoa.MaxPageLayers {
		many = strings.Replace(many, "/XObject<<", fmt.Sprintf("/XObject<</Y%d 3 0 R", i), 1)
	}
	if err := lint(revise(file, map[int]string{page: many})); err == nil || !strings.Contains(err.Error(), "48 images") {
		t.Errorf("Lint of a page with %d images = %v, want a fault", sohoa.MaxPageLayers+4, err)
	}
}

// signed adds a signature field with a mark, as an incremental update. Its
// contents are zeros: Lint looks at forms, not at cryptography.
func signed(t testing.TB, file []byte, edit func(objects map[int]string)) []byte {
	t.Helper()
	page, catalog := number(t, file, "/Type/Page/"), number(t, file, "/Type/Catalog")
	font := number(t, file, "/Type0")
	const value, field, mark = 60, 61, 62
	const blank = "/ByteRange[0 0000000000 0000000000 0000000000]"
	objects := map[int]string{
		catalog: strings.Replace(body(t, file, catalog), "/Lang", fmt.Sprintf("/AcroForm<</Fields[%d 0 R]/SigFlags 3>>/Lang", field), 1),
		page:    strings.Replace(body(t, file, page), "/Contents", fmt.Sprintf("/Annots[%d 0 R]/Contents", field), 1),
		value: "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached" + blank + "/Contents <" + strings.Repeat("0", 4000) +
			">/M(D:20260102030405+07'00')/Reason<FEFF1EA4>>>",
		field: fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/Rect[10 10 30 30]/V %d 0 R/P %d 0 R/AP<</N %d 0 R>>>>", value, page, mark),
		mark: flate(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 20 20]/Resources<</Font<</F1 %d 0 R>>>>", font),
			"q 0 0 20 20 re W n BT 0 g /F1 10 Tf 2 2 Td [<0001> -20 <0002>] TJ ET Q"),
	}
	if edit != nil {
		edit(objects)
	}
	out := revise(file, objects)
	start := len(file) + bytes.Index(out[len(file):], []byte("/Contents <0")) + len("/Contents ")
	end := start + bytes.IndexByte(out[start:], '>') + 1
	filled := fmt.Sprintf("/ByteRange[0 %010d %010d %010d]", start, end, len(out)-end)
	return bytes.Replace(out, []byte(blank), []byte(filled), 1)
}

// translucent makes the mark an image of 80 by 2 pixels with a soft mask.
func translucent(width int, space, more string) func(map[int]string) {
	image := func(w int, space, more string, samples int) string {
		return flate(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height 2/BitsPerComponent 8/ColorSpace%s%s/DecodeParms<</Predictor 15"+
			"/Colors %d/BitsPerComponent 8/Columns %d>>", w, space, more, samples, w), strings.Repeat("\x00"+strings.Repeat("a", samples*w), 2))
	}
	return func(o map[int]string) {
		o[62] = flate("/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</I0 63 0 R>>>>", "/I0 Do")
		o[63] = image(80, "/DeviceRGB", "/SMask 64 0 R", 3)
		o[64] = image(width, space, more, 1)
	}
}

func TestLintAfterSigning(t *testing.T) {
	file := small(t)
	one := signed(t, file, nil)
	if err := lint(one); err != nil {
		t.Fatalf("Lint of a signed file = %v, want nil", err)
	}
	replace := func(num int, old, new string) func(map[int]string) {
		return func(o map[int]string) {
			if !strings.Contains(o[num], old) {
				t.Fatalf("object %d has no %q", num, old)
			}
			o[num] = strings.Replace(o[num], old, new, 1)
		}
	}
	page, catalog := number(t, file, "/Type/Page/"), number(t, file, "/Type/Catalog")
	rows := []struct {
		name  string
		edit  func(map[int]string)
		fault string
	}{
		{"invisible", replace(61, "[10 10 30 30]", "[0 0 0 0]"), ""},
		{"hidden", replace(61, "/F 132", "/F 134"), "flags"},
		{"not printed", replace(61, "/F 132", "/F 128"), "flags"},
		{"on no page", replace(page, "/Annots[61 0 R]", ""), "on no page"},
		{"twice on a page", replace(page, "61 0 R", "61 0 R 61 0 R"), "twice"},
		{"text field", replace(61, "/FT/Sig", "/FT/Tx"), "FT is Tx"},
		{"appearances made by readers", replace(catalog, "/SigFlags", "/NeedAppearances true/SigFlags"), "NeedAppearances"},
		{"XFA", replace(catalog, "/SigFlags", "/XFA[]/SigFlags"), "XFA"},
		{"field action", replace(61, "/F 132", "/AA<<>>/F 132"), "AA"},
		{"font not embedded", replace(62, "/Font<</F1", "/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>/F2"), "font"},
		{"visible without appearance", func(o map[int]string) {
			o[61] = strings.Replace(o[61], "/AP<</N 62 0 R>>", "", 1)
			delete(o, 62)
		}, "without appearance"},
		{"glyph that is missing", func(o map[int]string) { o[62] = flate("/Subtype/Form/BBox[0 0 1 1]", "BT <0001> Tj ET") }, "without a font"},
		{"stencil in the mark", func(o map[int]string) {
			o[62] = flate("/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</X 63 0 R>>>>", "1 0 0 rg /X Do")
			o[63] = stream("/Type/XObject/Subtype/Image/Width 80/Height 120/BitsPerComponent 1/ImageMask true/Filter/JBIG2Decode",
				string(mask(sheetW, sheetH, within(text))))
		}, "in a form"},
		{"translucent image", translucent(80, "/DeviceGray", ""), ""},
		{"mask of another size", translucent(79, "/DeviceGray", ""), "mask: it does not fit"},
		{"coloured mask", translucent(80, "/DeviceRGB", ""), "mask: it does not fit"},
		{"mask of a mask", translucent(80, "/DeviceGray", "/SMask 64 0 R"), "it is translucent"},
		{"form that draws itself", func(o map[int]string) {
			o[62] = flate("/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</X 62 0 R>>>>", "/X Do")
		}, "too deeply"},
		{"other kind of signature", replace(60, "ETSI.CAdES.detached", "adbe.x509.rsa_sha1"), "SubFilter"},
	}
	for _, r := range rows {
		err := lint(signed(t, file, r.edit))
		if r.fault == "" && err != nil || r.fault != "" && (err == nil || !strings.Contains(err.Error(), r.fault)) {
			t.Errorf("%s: Lint = %v, want %q", r.name, err, r.fault)
		}
	}
	for _, bad := range []string{"[0 0000000001", "[1 "} {
		at := bytes.Index(one, []byte("/ByteRange"))
		broken := append(bytes.Clone(one[:at+10]), bad...)
		broken = append(broken, one[len(broken):]...)
		if err := lint(broken); err == nil || !strings.Contains(err.Error(), "ByteRange") {
			t.Errorf("Lint with ByteRange %q = %v, want a fault", bad, err)
		}
	}
	if err := lint(append(bytes.Clone(one), "\n%%EOF\n"...)); err == nil {
		t.Error("Lint of a signed file with bytes behind it = nil, want a fault")
	}
}

// TestLintOnDamage changes every seventh byte of a small file in turn. Lint may find
// nothing where a pixel or padding changed, but must never panic.
func TestLintOnDamage(t *testing.T) {
	file := small(t)
	found, tried := 0, 0
	for i := 0; i < len(file); i += 7 { // a prime, to meet all kinds of places
		tried++
		bad := bytes.Clone(file)
		bad[i] ^= 0x15
		if lint(bad) != nil {
			found++
		}
	}
	t.Logf("%d of %d changes found", found, tried)
	if found < tried/2 {
		t.Errorf("%d of %d changes found, want at least half", found, tried)
	}
}

func FuzzLint(f *testing.F) {
	file := small(f)
	f.Add(file)
	f.Add(signed(f, file, nil))
	f.Add(revise(file, map[int]string{90: "<<>>"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := lint(b); err != nil && !errors.Is(err, sohoa.ErrVerification) {
			t.Errorf("Lint = %v, want nil or %v", err, sohoa.ErrVerification)
		}
	})
}
