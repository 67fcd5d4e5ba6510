package pdfa_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/pdfa"
)

// batch is a folder of files for one run of the validator.
type batch struct {
	dir   string
	files []string
}

func (b *batch) add(t testing.TB, name string, file []byte) {
	t.Helper()
	path := filepath.Join(b.dir, name+".pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	b.files = append(b.files, path)
}

// judge has every file of the batch validated as PDF/A-2u.
func (b *batch) judge(t testing.TB) {
	t.Helper()
	archivetest.VeraPDF(t, b.files...)
}

// TestVeraPDFAcceptsEverything has veraPDF judge every kind of image and of
// layers, whole documents and scans, in one process.
func TestVeraPDFAcceptsEverything(t *testing.T) {
	b := &batch{dir: t.TempDir()}
	masters, access := oddMasters(), oddLayers()
	if n := len(masters) + len(access); n < 300 {
		t.Errorf("%d odd inputs, want at least 300", n)
	}
	for _, pages := range []map[string]pdfa.Page{masters, access} {
		for name, p := range pages {
			file, _ := write(t, options, p)
			b.add(t, name, file)
		}
	}
	for name, p := range goldenDocuments() {
		file, _ := write(t, p.options, p.pages...)
		b.add(t, name, file)
	}
	for name, file := range corpusDocuments(t) {
		b.add(t, name, file)
	}
	b.judge(t)
	for _, path := range b.files {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := pdfa.Lint(bytes.NewReader(file), int64(len(file))); err != nil {
			t.Errorf("Lint(%s) = %v, want nil", filepath.Base(path), err)
		}
	}
	t.Logf("%d files: %d odd images, %d odd layers", len(b.files), len(masters), len(access))
}

// corpusDocuments makes one document of each of a few scans of the shared
// corpus, with their true text.
func corpusDocuments(t testing.TB) map[string][]byte {
	t.Helper()
	const pages = "../../../shared/corpus/dev/pages"
	entries, err := os.ReadDir(pages)
	if err != nil {
		t.Logf("the shared corpus is not there: %v", err)
		return nil
	}
	docs := map[string][]byte{}
	for i, e := range entries {
		if i%6 != 0 && filepath.Ext(e.Name()) != ".png" {
			continue
		}
		page := corpusPage(t, os.DirFS(filepath.Dir(pages)), e.Name())
		docs["corpus-"+e.Name()], _ = write(t, options, page)
	}
	return docs
}

// corpusPage is a scan with its true text, set in lines of its own.
func corpusPage(t testing.TB, dev fs.FS, name string) pdfa.Page {
	t.Helper()
	id := strings.TrimSuffix(name, filepath.Ext(name))
	image, err := fs.ReadFile(dev, "pages/"+name)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := fs.ReadFile(dev, "truth/"+id+".json")
	if err != nil {
		t.Fatal(err)
	}
	var meta struct {
		DPI  float64 `json:"dpi"`
		Turn int     `json:"turn"`
	}
	if err := json.Unmarshal(truth, &meta); err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(dev, "truth/"+id+".txt")
	if err != nil {
		t.Fatal(err)
	}
	p := pdfa.Page{Image: image, MediaType: "image/jpeg", DPI: meta.DPI, Turn: (360 - meta.Turn) % 360, Text: paragraphs(string(text))}
	if filepath.Ext(name) == ".png" {
		p.MediaType = "image/png"
	}
	return p
}

// paragraphs sets running text on an A4 frame, line by line.
func paragraphs(s string) *sohoa.PageText {
	t := &sohoa.PageText{Width: 2480, Height: 3508}
	y := 200.0
	for line := range strings.Lines(s) {
		l := sohoa.Line{Height: 40, Baseline: sohoa.Segment{X0: 200, Y0: y, X1: 2300, Y1: y}}
		x := 200.0
		for _, w := range strings.Fields(line) {
			width := 15 * float64(len([]rune(w)))
			l.Words = append(l.Words, sohoa.Word{Text: w, Box: sohoa.Rect{X0: x, Y0: y - 32, X1: x + width, Y1: y + 8}})
			x += width + 15
		}
		t.Lines = append(t.Lines, l)
		y += 45
	}
	return t
}
