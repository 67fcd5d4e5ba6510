package pdfa_test

import (
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/archive/pdfa"
)

// need finds a program; without it the test is skipped, in CI it fails.
func need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing", program)
	}
	t.Skipf("%s is missing", program)
	return ""
}

// save writes a file into the test's folder.
func save(t testing.TB, name string, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run returns what a program prints.
func run(t testing.TB, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(need(t, program), args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", program, args, err)
	}
	return string(out)
}

// bboxWord is a word as pdftotext -bbox reports it, in points from the top.
type bboxWord struct {
	XMin float64 `xml:"xMin,attr"`
	YMin float64 `xml:"yMin,attr"`
	XMax float64 `xml:"xMax,attr"`
	YMax float64 `xml:"yMax,attr"`
	Text string  `xml:",chardata"`
}

type bboxPage struct {
	Width  float64    `xml:"width,attr"`
	Height float64    `xml:"height,attr"`
	Words  []bboxWord `xml:"word"`
}

// bbox reads the words of a file back through poppler.
func bbox(t testing.TB, file []byte) []bboxPage {
	t.Helper()
	out := run(t, "pdftotext", "-raw", "-bbox", save(t, "words.pdf", file), "-")
	var doc struct {
		Pages []bboxPage `xml:"body>doc>page"`
	}
	d := xml.NewDecoder(strings.NewReader(out))
	d.Strict, d.Entity = false, xml.HTMLEntity
	if err := d.Decode(&doc); err != nil {
		t.Fatalf("pdftotext -bbox: %v", err)
	}
	return doc.Pages
}

const sample = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc Ủy ban nhân dân phường Nguyễn Vĩnh Nghĩa ỷ lại " +
	"thửa đất số 1.234,5 m² Quyết định về việc cấp giấy chứng nhận quyền sử dụng đất kẽ hở ẩn ngữ ỡm ờ"

// grid fills a page of the given frame with words on lines that fall by skew
// degrees.
func grid(width, height int, skew float64) *sohoa.PageText {
	words := strings.Fields(sample)
	t := &sohoa.PageText{Width: width, Height: height}
	slope := math.Tan(skew * math.Pi / 180)
	h := float64(height) / 60
	next := 0
	for y := 4 * h; y < float64(height)-6*h; y += 2 * h {
		line := sohoa.Line{Height: h, Baseline: sohoa.Segment{X0: 0, Y0: y, X1: float64(width), Y1: y + slope*float64(width)}}
		x := float64(width) / 20
		for {
			text := words[next%len(words)]
			w := h / 2 * float64(len([]rune(text)))
			if x+w > 0.95*float64(width) {
				break
			}
			mid := y + slope*(x+w/2)
			line.Words = append(line.Words, sohoa.Word{Text: text, Box: sohoa.Rect{X0: x, Y0: mid - 0.8*h, X1: x + w, Y1: mid + 0.2*h}})
			x += w + h/3
			next++
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}

func words(t *sohoa.PageText) []sohoa.Word {
	var ws []sohoa.Word
	for _, l := range t.Lines {
		ws = append(ws, l.Words...)
	}
	return ws
}

func TestWordsStandWhereTheyWereRead(t *testing.T) {
	const tolerance = 2 // points
	var pages []pdfa.Page
	var names []string
	image := encodeJPEG(gray(620, 877))
	for _, turn := range []int{0, 90, 180, 270} {
		for _, skew := range []float64{0, 1.5, -2} {
			w, h := 2480, 3508
			if turn%180 != 0 {
				w, h = h, w
			}
			names = append(names, fmt.Sprintf("turn %d skew %v", turn, skew))
			pages = append(pages, pdfa.Page{Image: image, MediaType: "image/jpeg", DPI: 75, Turn: turn, Text: grid(w, h, skew)})
		}
	}
	file, reports := write(t, pdfa.Options{}, pages...)
	back := bbox(t, file)
	if len(back) != len(pages) {
		t.Fatalf("pdftotext sees %d pages, want %d", len(back), len(pages))
	}
	total, sum, worst := 0, 0.0, 0.0
	for i, p := range pages {
		want := words(p.Text)
		if reports[i].Words != len(want) || len(back[i].Words) != len(want) {
			t.Fatalf("%s: %d words written, %d read back, want %d", names[i], reports[i].Words, len(back[i].Words), len(want))
		}
		scale := back[i].Width / float64(p.Text.Width)
		for k, w := range want {
			got := back[i].Words[k]
			if got.Text != w.Text {
				t.Fatalf("%s: word %d = %q, want %q", names[i], k, got.Text, w.Text)
			}
			off := max(math.Abs(got.XMin-w.Box.X0*scale), math.Abs(got.XMax-w.Box.X1*scale),
				math.Abs(got.YMin-w.Box.Y0*scale), math.Abs(got.YMax-w.Box.Y1*scale))
			if off > tolerance {
				t.Fatalf("%s: word %q is %.2f pt off: %+v, want %+v", names[i], w.Text, off, got, w.Box)
			}
			total, sum, worst = total+1, sum+off, max(worst, off)
		}
	}
	t.Logf("%d words, mean error %.3f pt, worst %.3f pt", total, sum/float64(total), worst)
}

// oneLine is a page with a single line of words, 100 pixels wide each.
func oneLine(texts ...string) *sohoa.PageText {
	line := sohoa.Line{Height: 40, Baseline: sohoa.Segment{X0: 100, Y0: 300, X1: 2000, Y1: 300}}
	for i, s := range texts {
		x := 100 + 150*float64(i)
		line.Words = append(line.Words, sohoa.Word{Text: s, Box: sohoa.Rect{X0: x, Y0: 268, X1: x + 100, Y1: 308}})
	}
	return &sohoa.PageText{Width: 2480, Height: 3508, Lines: []sohoa.Line{line}}
}

func TestOddWords(t *testing.T) {
	rows := []struct {
		name string
		text *sohoa.PageText
		want []string
		drop int
	}{
		{"none", &sohoa.PageText{Width: 2480, Height: 3508}, nil, 0},
		{"decomposed marks", oneLine("Nguye\u0302\u0303n", "A\u0302\u0301n", "D\u0309"), []string{"Nguyễn", "Ấn", "D\u0309"}, 0},
		{"emoji", oneLine("a😀b", "👩\u200d👧"), []string{"a😀b", "👩\u200d👧"}, 0},
		{"control characters", oneLine("a\x00b\x07", "\x01\x02", "\ufeff", "\ufffe", "\ue000", "c"), []string{"ab", "c"}, 4},
		{"direction overrides", oneLine("gpj\u202etxt"), []string{"gpjtxt"}, 0},
		{"invalid UTF-8", oneLine("a\xffb"), []string{"ab"}, 0},
		{"white space inside", oneLine("hai\t từ\u00a0"), []string{"hai", "từ"}, 0},
		{"only white space", oneLine(" \n"), nil, 1},
		{"brackets", oneLine("(a)", "<b>", `\c`), []string{"(a)", "<b>", `\c`}, 0},
		{"right to left", oneLine("שלום"), []string{"שלום"}, 0},
		{"long", oneLine(strings.Repeat("dài", 20)), []string{strings.Repeat("dài", 20)}, 0},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			file, reports := write(t, pdfa.Options{}, pdfa.Page{Image: encodeJPEG(gray(62, 88)), MediaType: "image/jpeg", DPI: 7, Text: r.text})
			if reports[0].Dropped != r.drop {
				t.Errorf("dropped = %d, want %d", reports[0].Dropped, r.drop)
			}
			out := run(t, "pdftotext", "-enc", "UTF-8", save(t, "odd.pdf", file), "-")
			got := strings.Fields(strings.NewReplacer("\u202b", "", "\u202c", "").Replace(out)) // poppler marks direction itself
			if strings.Join(got, "|") != strings.Join(r.want, "|") {
				t.Errorf("copied text = %.200q, want %.200q", got, r.want)
			}
			for _, w := range got {
				if !norm.NFC.IsNormalString(w) {
					t.Errorf("%q is not NFC", w)
				}
			}
		})
	}
}

func TestOddBoxes(t *testing.T) {
	level := sohoa.Segment{X0: 100, Y0: 300, X1: 2000, Y1: 300}
	rows := []struct {
		name string
		line sohoa.Line
	}{
		{"no width", sohoa.Line{Height: 40, Baseline: level, Words: []sohoa.Word{{Text: "chữ", Box: sohoa.Rect{X0: 400, Y0: 268, X1: 400, Y1: 308}}}}},
		{"no area", sohoa.Line{Words: []sohoa.Word{{Text: "chữ"}}}},
		{"inside out", sohoa.Line{Height: 40, Baseline: level, Words: []sohoa.Word{{Text: "chữ", Box: sohoa.Rect{X0: 500, Y0: 308, X1: 400, Y1: 268}}}}},
		{"no baseline", sohoa.Line{Height: 40, Words: []sohoa.Word{{Text: "chữ", Box: sohoa.Rect{X0: 400, Y0: 268, X1: 500, Y1: 308}}}}},
		{"upwards", sohoa.Line{Height: 40, Baseline: sohoa.Segment{X0: 300, Y0: 900, X1: 300, Y1: 500}, Words: []sohoa.Word{{Text: "chữ", Box: sohoa.Rect{X0: 268, Y0: 700, X1: 308, Y1: 800}}}}},
		{"beyond the page", sohoa.Line{Height: 40, Baseline: level, Words: []sohoa.Word{{Text: "chữ", Box: sohoa.Rect{X0: 1e12, Y0: -1e300, X1: 1e13, Y1: 5}}}}},
		{"not numbers", sohoa.Line{Height: math.NaN(), Baseline: sohoa.Segment{X0: math.NaN(), Y0: math.Inf(1)}, Words: []sohoa.Word{{Text: "chữ", Box: sohoa.Rect{X0: math.NaN(), X1: math.Inf(1)}}}}},
		{"huge height", sohoa.Line{Height: 1e8, Baseline: level, Words: []sohoa.Word{{Text: "chữ", Box: sohoa.Rect{X0: 400, Y0: 268, X1: 500, Y1: 308}}}}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			text := &sohoa.PageText{Width: 2480, Height: 3508, Lines: []sohoa.Line{r.line}}
			file, _ := write(t, pdfa.Options{}, pdfa.Page{Image: encodeJPEG(gray(620, 877)), MediaType: "image/jpeg", DPI: 75, Text: text})
			if got := strings.TrimSpace(run(t, "pdftotext", "-enc", "UTF-8", save(t, "odd.pdf", file), "-")); got != "chữ" {
				t.Errorf("copied text = %q, want %q", got, "chữ")
			}
		})
	}
}
