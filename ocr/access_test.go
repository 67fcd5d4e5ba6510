package ocr_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive/pdfa"
	"sohoa/ocr"
)

// layersOf takes a page apart without reading it.
func layersOf(t testing.TB, p ocr.Page) *sohoa.Layers {
	t.Helper()
	r, err := reader()
	if err != nil {
		t.Fatalf("New = %v", err)
	}
	l, err := r.Layers(context.Background(), p)
	if err != nil {
		t.Fatalf("Layers = %v", err)
	}
	return l
}

// viewed is a page of an access copy as poppler shows it at dpi.
func viewed(t *testing.T, l *sohoa.Layers, dpi float64) []byte {
	t.Helper()
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	var b bytes.Buffer
	w := pdfa.NewWriter(&b, pdfa.Options{Title: "page"})
	if _, err := w.AddPage(pdfa.Page{Layers: l, DPI: dpi}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	stem := filepath.Join(t.TempDir(), "page")
	if err := os.WriteFile(stem+".pdf", b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("pdftoppm", "-png", "-singlefile", "-scale-to-x", strconv.Itoa(l.Width), "-scale-to-y", strconv.Itoa(l.Height), stem+".pdf", stem)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v\n%s", err, out)
	}
	return readFile(t, stem+".png")
}

// TestAccessCopyReads: the words of the pages are read from the access copy,
// as a viewer shows it, as well as from the scans.
func TestAccessCopyReads(t *testing.T) {
	all, scans, copies := 0, 0, 0
	for _, name := range samples {
		res, tr := sample(t, name)
		b, _ := load(t, name)
		l := layersOf(t, ocr.Page{Image: b, Number: 1, Fidelity: sohoa.FidelityStandard})
		if l.Treatment.Form != sohoa.FormLayered || res.Text.Blank {
			continue
		}
		again := read(t, ocr.Page{Image: viewed(t, l, res.Text.DPI), Number: 1, DPI: res.Text.DPI})
		want, of, got := len(words(tr.Text)), missed(tr.Text, plainText(t, res.Text)), missed(tr.Text, plainText(t, again.Text))
		t.Logf("%-24s %4d words, missed %3d on the scan, %3d on the access copy of %d KB", name, want, of, got, l.Treatment.Bytes>>10)
		if got > of+want/20 {
			t.Errorf("%s: missed %d of %d words on the access copy, %d on the scan", name, got, want, of)
		}
		all, scans, copies = all+want, scans+of, copies+got
	}
	if all < 500 || copies > scans+all/100 {
		t.Errorf("missed %d of %d words on the access copies, %d on the scans, want at most 1 %% more", copies, all, scans)
	}
}

// TestReadMakesLayers: with a fidelity, and none without.
func TestReadMakesLayers(t *testing.T) {
	b, _ := load(t, "to-khai-01.jpg")
	for fidelity, want := range map[sohoa.Fidelity]bool{"": false, sohoa.FidelityNone: false, sohoa.FidelityStandard: true} {
		res := read(t, ocr.Page{Image: b, Number: 1, Fidelity: fidelity})
		if (res.Layers != nil) != want {
			t.Errorf("Read with fidelity %q made layers = %v, want %v", fidelity, res.Layers != nil, want)
		}
		if want && (res.Layers.Treatment.Form != sohoa.FormLayered || res.Layers.Width != res.Text.Width) {
			t.Errorf("Read with fidelity %q = %+v, want layers of the page", fidelity, res.Layers.Treatment)
		}
	}
}

// TestBlankBacks: the backs of sheets, on which the front shows through, are
// blank, without words and codes, and small.
func TestBlankBacks(t *testing.T) {
	pages := append(corpus(t), testdata+"scans/trang-trang-01.jpg")
	blanks := 0
	for _, file := range pages {
		tr := truthOf(t, file)
		if !tr.Blank {
			continue
		}
		blanks++
		res := read(t, ocr.Page{Image: readFile(t, file), Number: 1, Fidelity: sohoa.FidelityStandard})
		empty := res.Text.Blank && res.Layers.Treatment.Bytes <= 10<<10 ||
			tr.Severity == "hard" // the dark beside the sheet is ink
		if !empty || len(res.Text.Lines) != 0 || len(res.Text.Codes) != 0 {
			t.Errorf("%s: blank %v, %d lines, %d codes, access copy %+v; want an empty page", file, res.Text.Blank, len(res.Text.Lines), len(res.Text.Codes), res.Layers.Treatment)
		}
	}
	if blanks == 0 {
		t.Error("no page is blank")
	}
}

// corpus are the pages in the folders that SOHOA_CORPUS names (joined by
// colons).
func corpus(t testing.TB) []string {
	var out []string
	for _, dir := range filepath.SplitList(os.Getenv("SOHOA_CORPUS")) {
		files, err := filepath.Glob(filepath.Join(dir, "*.[jp][pn]g"))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, files...)
	}
	return out
}

// truthOf is what is known about a page: in truth beside its folder.
func truthOf(t *testing.T, file string) (tr truth) {
	t.Helper()
	stem := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) + ".json"
	b, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(file)), "truth", stem))
	if err != nil {
		return truth{}
	}
	if err := json.Unmarshal(b, &tr); err != nil {
		t.Fatal(err)
	}
	return tr
}
