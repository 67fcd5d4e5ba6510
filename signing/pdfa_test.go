package signing_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/jbig2"
	"sohoa/archive/pdfa"
	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/testca"
)

// scan is a PDF/A-2u file of two pages, the second on its side.
func scan(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 826, 1169))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	img.Set(100, 100, color.Black)
	var file, out bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	w := pdfa.NewWriter(&out, pdfa.Options{Title: "Giấy khai sinh (bản sao)", Created: moment})
	text := &sohoa.PageText{Page: 1, Width: 826, Height: 1169, DPI: 100, Lines: []sohoa.Line{{
		Box: sohoa.Rect{X0: 100, Y0: 300, X1: 300, Y1: 330}, Baseline: sohoa.Segment{X0: 100, Y0: 325, X1: 300, Y1: 325}, Height: 30,
		Words: []sohoa.Word{{Text: "Tĩnh", Box: sohoa.Rect{X0: 100, Y0: 300, X1: 300, Y1: 330}, Confidence: 90}}}}}
	for _, p := range []pdfa.Page{{Text: text}, {Turn: 90}} {
		p.Image, p.MediaType, p.DPI = file.Bytes(), "image/png", 100
		if _, err := w.AddPage(p); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// access is an access copy of two pages, each a background, a stencil and a
// patch; the second lies on its side.
func access(t testing.TB) []byte {
	t.Helper()
	var ground, seal, out bytes.Buffer
	if err := jpeg.Encode(&ground, image.NewGray(image.Rect(0, 0, 83, 117)), nil); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&seal, image.NewRGBA(image.Rect(0, 0, 90, 80)), nil); err != nil {
		t.Fatal(err)
	}
	layers := &sohoa.Layers{
		Width: 826, Height: 1169, Background: ground.Bytes(), Treatment: sohoa.Treatment{Form: sohoa.FormLayered},
		Stencils: []sohoa.Stencil{{Mask: jbig2.Encode(checked(826, 1169)), Colour: [3]uint8{40, 40, 60}}},
		Patches:  []sohoa.Patch{{X: 500, Y: 900, Width: 90, Height: 80, JPEG: seal.Bytes()}},
	}
	w := pdfa.NewWriter(&out, pdfa.Options{Title: "Bản sao để xem", Created: moment})
	for _, turn := range []int{0, 90} {
		if _, err := w.AddPage(pdfa.Page{Layers: layers, DPI: 100, Turn: turn}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// checked is a bitmap of small squares.
func checked(w, h int) jbig2.Bitmap {
	m := jbig2.Bitmap{Width: w, Height: h, Stride: (w + 7) / 8}
	for y := range h {
		m.Bits = append(m.Bits, bytes.Repeat([]byte{[2]byte{0xF0, 0x0F}[y/4%2]}, m.Stride)...)
	}
	return m
}

// bitonal is a file of two black and white pages, the second on its side.
func bitonal(t testing.TB) []byte {
	t.Helper()
	var file, out bytes.Buffer
	img := image.NewPaletted(image.Rect(0, 0, 826, 1169), color.Palette{color.White, color.Black})
	for i := range img.Pix {
		x, y := i%826, i/826
		cell := uint32((x+y/2)/7)*2654435761 + uint32(y/9)*40503
		img.Pix[i] = uint8((cell ^ cell>>13) * 2246822519 >> 31)
	}
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	w := pdfa.NewWriter(&out, pdfa.Options{Title: "Trang đen trắng", Created: moment})
	for _, turn := range []int{0, 270} {
		rep, err := w.AddPage(pdfa.Page{Image: file.Bytes(), MediaType: "image/png", DPI: 100, Turn: turn})
		if err != nil || rep.Treatment.Form != sohoa.FormBitonal {
			t.Fatalf("AddPage = %+v, %v, want a bitonal page", rep.Treatment, err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// series are marks that follow one another in a file; together they have every
// kind.
func series(t testing.TB) map[string][]signing.Request {
	over := mark.Operator("Nguyễn Vĩnh Nghĩa", moment)
	over.QR = "https://kyso.example.vn/t/7F3K9QW2"
	first := mark.Person(autograph(t))
	first.Page, first.At = 1, &mark.Rect{X: 330, Y: 600, Width: 150, Height: 60}
	return map[string][]signing.Request{
		"text": {
			{Name: "Vĩnh", Reason: "Số hóa", Location: "Hà Tĩnh"},
			{Level: signing.LevelT, Mark: mark.Operator("Nguyễn Vĩnh Nghĩa", moment)},
			{Level: signing.LevelT, Mark: mark.Agency(mark.FormCopy, "Ủy ban nhân dân tỉnh Hà Tĩnh", moment)},
			{Mark: &mark.Mark{Page: 2, Corner: mark.TopRight, Lines: []string{vietnamese, "漢 không có"}}},
		},
		"images": {{Mark: over}, {Level: signing.LevelT, Mark: first}, {Mark: mark.Seal(sealImage(t))}, {Mark: mark.Attachment("15/QĐ-UBND", moment)}},
		"archive": {{Mark: mark.Agency("", "Lưu trữ lịch sử tỉnh Hà Tĩnh", moment)}, {Mark: mark.Certified()},
			{Mark: mark.Converted("Ủy ban nhân dân xã Kỳ Sơn", moment)}, {Mark: mark.Person(autograph(t))}},
	}
}

// TestSigningKeepsPDFA signs a scan, an access copy and bitonal pages up to
// four times with each series of marks, and lets veraPDF and our own linter
// judge each revision.
func TestSigningKeepsPDFA(t *testing.T) {
	tsa, _ := stamper(t, testca.FaultNone)
	dir := t.TempDir()
	var paths []string
	for name, unsigned := range map[string][]byte{"scan": scan(t), "access": access(t), "bitonal": bitonal(t)} {
		for marks, requests := range series(t) {
			pdf := unsigned
			for i, req := range requests {
				pdf, _ = sign(t, pdf, req, tsa)
				what := fmt.Sprintf("%s-%s-%d", name, marks, i+1)
				if err := pdfa.Lint(bytes.NewReader(pdf), int64(len(pdf))); err != nil {
					t.Errorf("Lint of %s = %v", what, err)
				}
				path := filepath.Join(dir, what+".pdf")
				if err := os.WriteFile(path, pdf, 0o600); err != nil {
					t.Fatal(err)
				}
				paths = append(paths, path)
			}
			wantSigned(t, pdf, len(requests))
		}
	}
	archivetest.VeraPDF(t, paths...)
}
