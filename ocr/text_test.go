package ocr_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"sohoa"
	"sohoa/ocr"
)

func word(text string, x0, y0, x1, y1 float64) sohoa.Word {
	return sohoa.Word{Text: text, Box: sohoa.Rect{X0: x0, Y0: y0, X1: x1, Y1: y1}, Confidence: 90}
}

func line(block, par int, y float64, texts ...string) sohoa.Line {
	l := sohoa.Line{Block: block, Par: par, Height: 30, Box: sohoa.Rect{X0: 100, Y0: y, X1: 500, Y1: y + 40},
		Baseline: sohoa.Segment{X0: 100, Y0: y + 30, X1: 500, Y1: y + 34}}
	for i, s := range texts {
		x := 100 + 100*float64(i)
		l.Words = append(l.Words, word(s, x, y, x+90, y+40))
	}
	return l
}

var pages = []sohoa.PageText{
	{Page: 1, Width: 1000, Height: 1400, DPI: 200, Engine: "tesseract 5 vie", Lines: []sohoa.Line{
		line(0, 0, 100, "ỦY", "BAN", "<NHÂN>", "DÂN"),
		line(0, 1, 150, "Số:", "12/QĐ-UBND"),
		line(1, 0, 300, "A", "&", `"B"`),
		line(1, 0, 350, "cuối"),
	}},
	{Page: 2, Width: 1000, Height: 1400, Blank: true},
	{Page: 3, Width: 1000, Height: 1400, Lines: []sohoa.Line{line(0, 0, 100, "hết")}},
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	if err := ocr.Text(&b, pages); err != nil {
		t.Fatal(err)
	}
	want := "ỦY BAN <NHÂN> DÂN\n\nSố: 12/QĐ-UBND\n\nA & \"B\"\ncuối\n\f\fhết\n"
	if got := b.String(); got != want {
		t.Errorf("Text = %q, want %q", got, want)
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestOutputReportsFailure(t *testing.T) {
	if err := ocr.Text(fullDisk{}, pages); !errors.Is(err, errFull) {
		t.Errorf("Text = %v, want %v", err, errFull)
	}
	if err := ocr.HOCR(fullDisk{}, pages, "x"); !errors.Is(err, errFull) {
		t.Errorf("HOCR = %v, want %v", err, errFull)
	}
}

func TestHOCR(t *testing.T) {
	var b bytes.Buffer
	if err := ocr.HOCR(&b, pages, "Quyết định <1>"); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for d := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("HOCR is not well-formed: %v", err)
		}
		if e, ok := tok.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if a.Name.Local == "class" {
					count[a.Value]++
				}
			}
		}
	}
	for class, want := range map[string]int{"ocr_page": 3, "ocr_carea": 3, "ocr_par": 4, "ocr_line": 5, "ocrx_word": 11} {
		if count[class] != want {
			t.Errorf("%d of class %s, want %d", count[class], class, want)
		}
	}
	for _, s := range []string{"<title>Quyết định &lt;1&gt;</title>", "bbox 0 0 1000 1400; ppageno 0; scan_res 200 200", "x_wconf 90"} {
		if !strings.Contains(b.String(), s) {
			t.Errorf("HOCR lacks %q", s)
		}
	}
}

// TestParseHOCR reads what HOCR writes, which is what Tesseract writes.
func TestParseHOCR(t *testing.T) {
	var b bytes.Buffer
	if err := ocr.HOCR(&b, pages[:1], ""); err != nil {
		t.Fatal(err)
	}
	got, err := ocr.ParseHOCR(b.String())
	if err != nil {
		t.Fatal(err)
	}
	want := pages[0].Lines
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.Block != w.Block || g.Par != w.Par || g.Box != w.Box || len(g.Words) != len(w.Words) || math.Abs(g.Baseline.Y1-w.Baseline.Y1) > 0.2 {
			t.Errorf("line %d = %+v, want %+v", i, g, w)
			continue
		}
		for k := range w.Words {
			if g.Words[k] != w.Words[k] {
				t.Errorf("word = %+v, want %+v", g.Words[k], w.Words[k])
			}
		}
	}
}

func TestParseHOCRCleansText(t *testing.T) {
	const head = `<div class='ocr_page'><span class='ocr_line' title='bbox 0 0 9 9'><span class='ocrx_word' title='bbox 1 1 2 2; x_wconf 50'>`
	tests := []struct{ name, in, want string }{
		{"marks are composed", "Vie\u0323\u0302t", "Việt"},
		{"emphasis is no text", "<strong><em>Nam</em></strong>", "Nam"},
		{"control and private characters go", "N\u200ba\ue000m\ufeff", "Nam"},
		{"entities", "A&amp;B&#39;", "A&B'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines, err := ocr.ParseHOCR(head + tt.in + "</span></span></div>")
			if err != nil || len(lines) != 1 || lines[0].Words[0].Text != tt.want {
				t.Errorf("ParseHOCR(%q) = %+v, %v, want %q", tt.in, lines, err, tt.want)
			}
		})
	}
	if lines, err := ocr.ParseHOCR(head + " </span></span></div>"); err != nil || len(lines) != 0 {
		t.Errorf("an empty word makes %+v, %v, want no line", lines, err)
	}
}

func FuzzParseHOCR(f *testing.F) {
	var b bytes.Buffer
	if err := ocr.HOCR(&b, pages, "x"); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add(`<span class="ocrx_word">x</span>`)
	f.Add(`<span class='ocr_line' title='baseline NaN 1e999; bbox'><b class='ocrx_word'>`)
	f.Fuzz(func(t *testing.T, s string) {
		lines, err := ocr.ParseHOCR(s)
		if err != nil {
			return
		}
		for _, l := range lines {
			if len(l.Words) == 0 {
				t.Errorf("line without words")
			}
			if math.IsNaN(l.Baseline.Y0) || math.IsInf(l.Baseline.Y0, 0) && math.Abs(l.Box.Y1) < 1e300 {
				t.Errorf("baseline %+v", l.Baseline)
			}
		}
	})
}

// dots is a row of n dots of 4 pixels, one each pitch.
func dots(x, y, n, pitch int) []image.Rectangle {
	var out []image.Rectangle
	for i := range n {
		out = append(out, image.Rect(x+i*pitch, y, x+i*pitch+4, y+4))
	}
	return out
}

func TestLeaderDots(t *testing.T) {
	slanted := dots(0, 50, 30, 12)
	for i := range slanted {
		slanted[i] = slanted[i].Add(image.Pt(0, i/3))
	}
	var marks []image.Rectangle // as dots of i stand on a line: level, but anywhere
	for _, x := range []int{3, 31, 85, 97, 160, 171, 240, 300, 312, 380} {
		marks = append(marks, image.Rect(x, 10, x+4, 14))
	}
	covered := dots(0, 60, 40, 12) // writing stands on dots 3 and 4, and on most from 12 on
	covered = slices.Concat(covered[:3], covered[5:12], covered[20:22], covered[30:31])
	offStep := append(dots(0, 60, 10, 12), image.Rect(12*14+6, 60, 12*14+10, 64)) // a full stop
	tests := []struct {
		name  string
		parts []image.Rectangle
		want  int
	}{
		{"a leader under words", covered, 13},
		{"a leader and a full stop", offStep, 10},
		{"a leader", dots(100, 40, 50, 12), 50},
		{"a slanted leader", slanted, 30},
		{"two leaders, one above the other", append(dots(0, 40, 20, 12), dots(5, 46, 20, 12)...), 40},
		{"an ellipsis", dots(100, 40, 3, 12), 0},
		{"dots of letters", marks, 0},
		{"a row of far dots", dots(0, 40, 20, 60), 0},
		{"nothing", nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := len(ocr.LeaderDots(tt.parts)); got != tt.want {
				t.Errorf("%d dots, want %d", got, tt.want)
			}
		})
	}
}

func TestJob(t *testing.T) {
	b, err := ocr.EncodeJob(ocr.Page{Image: []byte("\n{}\x00"), Number: 3, DPI: 200.5, Turn: 90})
	if err != nil {
		t.Fatal(err)
	}
	j, img, err := ocr.DecodeJob(b)
	if err != nil || string(img) != "\n{}\x00" || j.Number != 3 || j.DPI != 200.5 || j.Turn != 90 {
		t.Errorf("DecodeJob = %+v, %q, %v", j, img, err)
	}
	if _, _, err := ocr.DecodeJob([]byte("x")); err == nil {
		t.Error("DecodeJob of garbage succeeded")
	}
}
