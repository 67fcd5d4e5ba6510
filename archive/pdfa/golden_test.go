package pdfa_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive/pdfa"
)

var update = flag.Bool("update", false, "have the golden documents judged by veraPDF and rewrite their digests")

const goldenFile = "testdata/golden.txt"

// document is a whole document to write.
type document struct {
	options pdfa.Options
	pages   []pdfa.Page
}

// goldenDocuments are small files whose digests are kept. Their images are
// built byte by byte, so that they change with this package only, or with the
// standard library's compressor.
func goldenDocuments() map[string]document {
	image := pdfa.Page{Image: decodeBase64(progressiveJPEG), MediaType: "image/jpeg", DPI: 100}
	bitmap := pdfa.Page{Image: rawPNG(60, 84, 1, 0, 0), MediaType: "image/png", DPI: 100, Turn: 90}
	drawn := pdfa.Page{DPI: 100, Turn: 270, Layers: &sohoa.Layers{
		Width: 300, Height: 424, Background: image.Image, Treatment: sohoa.Treatment{Form: sohoa.FormLayered},
		Stencils: []sohoa.Stencil{{Mask: mask(300, 424, ink), Colour: [3]uint8{31, 35, 40}}},
		Patches:  []sohoa.Patch{{X: 200, Y: 300, Width: 48, Height: 64, JPEG: image.Image}},
	}}
	with := func(p pdfa.Page, text *sohoa.PageText) pdfa.Page {
		p.Text = text
		return p
	}
	return map[string]document{
		"plain":    {pdfa.Options{}, []pdfa.Page{image}},
		"blank":    {options, []pdfa.Page{with(bitmap, &sohoa.PageText{Width: 84, Height: 60})}},
		"text":     {options, []pdfa.Page{with(image, grid(2480, 3508, 0)), with(bitmap, grid(3508, 2480, -1.5)), image}},
		"odd":      {options, []pdfa.Page{with(image, oneLine("Nguye\u0302\u0303n", "😀", "\x07", "\u202e", "שלום", strings.Repeat("dài", 7000)))}},
		"bitonal":  {options, []pdfa.Page{with(pdfa.Page{Image: bitonalPNG(251, 333, 0), MediaType: "image/png", DPI: 100}, grid(251, 333, 1))}},
		"layers":   {options, []pdfa.Page{with(drawn, grid(424, 300, 0)), image}},
		"no-title": {pdfa.Options{Language: "en", Created: options.Created}, []pdfa.Page{with(image, oneLine("Hello"))}},
		"icc":      {options, []pdfa.Page{{Image: addSegment(image.Image, 0xE2, iccChunk(profileOf("RGB ", 4))), MediaType: "image/jpeg", DPI: 100}}},
	}
}

// TestGolden compares files with those that veraPDF accepted. After a change
// of form run it with -update; that writes digests only if veraPDF passes all.
func TestGolden(t *testing.T) {
	b := &batch{dir: t.TempDir()}
	var out strings.Builder
	docs := goldenDocuments()
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		file, _ := write(t, docs[name].options, docs[name].pages...)
		fmt.Fprintf(&out, "%s %s\n", sohoa.Sum(file), name)
		b.add(t, name, file)
	}
	if *update {
		b.judge(t)
		if !t.Failed() {
			os.MkdirAll("testdata", 0o755)
			if err := os.WriteFile(goldenFile, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the form of files has changed; have veraPDF judge it with -update\ngot:\n%swant:\n%s", out.String(), want)
	}
}
