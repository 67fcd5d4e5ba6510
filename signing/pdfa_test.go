package signing_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"sohoa"
	"sohoa/archive/archivetest"
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

// TestSigningKeepsPDFA signs a scan up to four times and lets veraPDF and our
// own linter judge each revision.
func TestSigningKeepsPDFA(t *testing.T) {
	tsa, _ := stamper(t, testca.FaultNone)
	dir := t.TempDir()
	pdf := scan(t)
	rows := []struct {
		name string
		req  signing.Request
	}{
		{"1-invisible", signing.Request{Name: "Vĩnh", Reason: "Số hóa", Location: "Hà Tĩnh"}},
		{"2-operator", signing.Request{Level: signing.LevelT, Mark: mark.Operator("Nguyễn Vĩnh Nghĩa", moment)}},
		{"3-agency", signing.Request{Level: signing.LevelT, Mark: mark.Agency("Sao y", "Ủy ban nhân dân tỉnh Hà Tĩnh", moment)}},
		{"4-second-page", signing.Request{Mark: &mark.Mark{Page: 2, Corner: mark.TopRight, Lines: []string{vietnamese, "漢 không có"}}}},
	}
	var paths []string
	for i, r := range rows {
		pdf, _ = sign(t, pdf, r.req, tsa)
		wantSigned(t, pdf, i+1)
		if err := pdfa.Lint(bytes.NewReader(pdf), int64(len(pdf))); err != nil {
			t.Errorf("Lint after %s = %v", r.name, err)
		}
		paths = append(paths, filepath.Join(dir, r.name+".pdf"))
		if err := os.WriteFile(paths[i], pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	archivetest.VeraPDF(t, paths...)
}
