package pdfa_test

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/klippa-app/go-pdfium/requests"

	"sohoa"
	"sohoa/archive/pdfa"
	"sohoa/ocr"
	"sohoa/ocr/child"
)

func TestMain(m *testing.M) {
	child.Run() // recognition
	os.Exit(m.Run())
}

// scans are papers as offices have them: upright, on their side, skewed by
// 0.2 to 2.2 degrees, in colour, grey and black and white.
var scans = []struct {
	name string
	dpi  float64
}{
	{"quyet-dinh-01.jpg", 200}, {"cong-van-01.png", 300}, {"giay-khai-sinh-01.jpg", 200}, {"danh-sach-01.jpg", 200},
	{"bien-ban-02.jpg", 200}, {"bien-ban-03.jpg", 300},
}

// recognised are the scans with what our reader reads on them.
func recognised(t testing.TB) []pdfa.Page {
	t.Helper()
	reader, err := ocr.New(ocr.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	pages := make([]pdfa.Page, len(scans))
	var wg sync.WaitGroup
	for i, s := range scans {
		file, err := os.ReadFile("../../testdata/scans/" + s.name)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			res, err := reader.Read(t.Context(), ocr.Page{Image: file, Number: i + 1, DPI: s.dpi})
			if err != nil {
				t.Errorf("Read %s: %v", s.name, err)
				return
			}
			media := map[string]string{".jpg": "image/jpeg", ".png": "image/png"}[filepath.Ext(s.name)]
			pages[i] = pdfa.Page{Image: file, MediaType: media, DPI: s.dpi, Turn: res.Text.Turn, Text: &res.Text}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return pages
}

// rotated is a page whose lines run at the given angles, degrees clockwise,
// each with five words of which only blocks of ink can be seen.
func rotated(angles ...float64) pdfa.Page {
	const w, h, high = 2480, 3508, 50.0
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 240
	}
	text := &sohoa.PageText{Width: w, Height: h, DPI: 300}
	for i, a := range angles {
		sin, cos := math.Sincos(a * math.Pi / 180)
		x0, y0 := 660+1200*float64(i%2)-480*cos, 560+1150*float64(i/2)-480*sin
		at := func(along, up float64) (float64, float64) { return x0 + along*cos + up*sin, y0 + along*sin - up*cos }
		line := sohoa.Line{Height: high}
		line.Baseline.X0, line.Baseline.Y0 = at(0, 0)
		line.Baseline.X1, line.Baseline.Y1 = at(960, 0)
		for k, word := range strings.Fields("Cộng hòa xã hội chủ") {
			start, end := 200*float64(k), 200*float64(k)+160
			box := sohoa.Rect{X0: w, Y0: h}
			for along := start; along <= end; along += 0.5 {
				for up := -10.0; up <= 40; up += 0.5 {
					x, y := at(along, up)
					img.SetGray(int(x), int(y), color.Gray{20})
					box = sohoa.Rect{X0: min(box.X0, x), Y0: min(box.Y0, y), X1: max(box.X1, x), Y1: max(box.Y1, y)}
				}
			}
			line.Words = append(line.Words, sohoa.Word{Text: word, Box: box})
		}
		text.Lines = append(text.Lines, line)
	}
	return pdfa.Page{Image: encodePNG(img), MediaType: "image/png", DPI: 300, Text: text}
}

// seen is a word as a reader of the PDF finds it, in points from the top left.
type seen struct {
	text string
	box  sohoa.Rect
}

// textReaders give the words of each page in the order in which they copy
// them.
var textReaders = map[string]func(t testing.TB, file []byte, pages int) [][]seen{
	"poppler": popplerWords, "pdfium": pdfiumWords,
}

func popplerWords(t testing.TB, file []byte, pages int) [][]seen {
	all := make([][]seen, pages)
	for i, p := range bbox(t, file) {
		for _, w := range p.Words {
			all[i] = append(all[i], seen{w.Text, sohoa.Rect{X0: w.XMin, Y0: w.YMin, X1: w.XMax, Y1: w.YMax}})
		}
	}
	return all
}

func pdfiumWords(t testing.TB, file []byte, pages int) [][]seen {
	v := view(t, file)
	defer v.close()
	all := make([][]seen, pages)
	for i := range pages {
		_, h := v.size(i)
		res, err := v.inst.GetPageTextStructured(&requests.GetPageTextStructured{Page: v.page(i), Mode: requests.GetPageTextStructuredModeChars})
		if err != nil {
			t.Fatal(err)
		}
		inside := false
		for _, c := range res.Chars {
			if strings.TrimFunc(c.Text, unicode.IsSpace) == "" {
				inside = false
				continue
			}
			box := sohoa.Rect{X0: c.PointPosition.Left, Y0: h - c.PointPosition.Top, X1: c.PointPosition.Right, Y1: h - c.PointPosition.Bottom}
			if !inside {
				all[i] = append(all[i], seen{box: box})
			}
			inside = true
			w := &all[i][len(all[i])-1]
			w.text += c.Text
			w.box = sohoa.Rect{X0: min(w.box.X0, box.X0), Y0: min(w.box.Y0, box.Y0), X1: max(w.box.X1, box.X1), Y1: max(w.box.Y1, box.Y1)}
		}
	}
	return all
}

// inkOf measures the ink of a word: all that hangs together and has its
// middle in the word's box. ok is false where that cannot be told: letters
// that touch those of the next line, a ruled line or a seal.
func inkOf(img *image.Gray, box sohoa.Rect, high float64) (ink sohoa.Rect, ok bool) {
	around := image.Rect(int(box.X0-high), int(box.Y0-high), int(box.X1+high)+1, int(box.Y1+high)+1).Intersect(img.Rect)
	dark := threshold(img, around)
	visited := map[image.Point]bool{}
	ink = sohoa.Rect{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1)}
	slack := high / 3
	for y := around.Min.Y; y < around.Max.Y; y++ {
		for x := around.Min.X; x < around.Max.X; x++ {
			p := image.Pt(x, y)
			if visited[p] || !dark(p) {
				continue
			}
			part, size := flood(p, around, dark, visited)
			r := sohoa.Rect{X0: float64(part.Min.X), Y0: float64(part.Min.Y), X1: float64(part.Max.X), Y1: float64(part.Max.Y)}
			mx, my := (r.X0+r.X1)/2, (r.Y0+r.Y1)/2
			inside := mx >= box.X0 && mx <= box.X1 && my >= box.Y0 && my <= box.Y1
			larger := r.X0 < box.X0-slack || r.X1 > box.X1+slack || r.Y0 < box.Y0-slack || r.Y1 > box.Y1+slack
			switch {
			case size <= 3:
			case inside && !larger:
				ink = sohoa.Rect{X0: min(ink.X0, r.X0), Y0: min(ink.Y0, r.Y0), X1: max(ink.X1, r.X1), Y1: max(ink.Y1, r.Y1)}
			case inside, r.X1 > box.X0+1 && r.X0 < box.X1-1 && r.Y1 > box.Y0+1 && r.Y0 < box.Y1-1:
				return ink, false
			}
		}
	}
	return ink, ink.X1 > ink.X0
}

// threshold is half way between the darkest pixel and paper.
func threshold(img *image.Gray, r image.Rectangle) func(image.Point) bool {
	var count [256]int
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			count[img.GrayAt(x, y).Y]++
		}
	}
	rank := func(n int) int {
		for v, c := range count {
			if n -= c; n < 0 {
				return v
			}
		}
		return 255
	}
	limit := (rank(r.Dx()*r.Dy()/100) + rank(r.Dx()*r.Dy()*3/4)) / 2
	return func(p image.Point) bool { return int(img.GrayAt(p.X, p.Y).Y) < limit }
}

// flood finds what hangs together with p.
func flood(p image.Point, within image.Rectangle, dark func(image.Point) bool, visited map[image.Point]bool) (box image.Rectangle, size int) {
	box = image.Rectangle{p, p.Add(image.Pt(1, 1))}
	visited[p] = true
	for queue := []image.Point{p}; len(queue) > 0; size++ {
		p, queue = queue[len(queue)-1], queue[:len(queue)-1]
		box = box.Union(image.Rectangle{p, p.Add(image.Pt(1, 1))})
		for i := range 9 {
			q := p.Add(image.Pt(i%3-1, i/3-1))
			if q.In(within) && !visited[q] && dark(q) {
				visited[q] = true
				queue = append(queue, q)
			}
		}
	}
	return box, size
}

// uprightGray decodes a page's image and turns it.
func uprightGray(t testing.TB, p pdfa.Page) *image.Gray {
	t.Helper()
	src, _, err := image.Decode(bytes.NewReader(p.Image))
	if err != nil {
		t.Fatal(err)
	}
	b := src.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	if p.Turn%180 != 0 {
		out = image.NewGray(image.Rect(0, 0, b.Dy(), b.Dx()))
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			ux, uy := upright(x, y, b.Dx(), b.Dy(), p.Turn)
			out.Set(ux, uy, src.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

// layerCase is a page of the proof.
type layerCase struct {
	name    string
	page    pdfa.Page
	slanted bool // poppler parts its words into characters, whose boxes are not turned
}

func layerCases(t testing.TB) []layerCase {
	var cases []layerCase
	for i, p := range recognised(t) {
		cases = append(cases, layerCase{name: scans[i].name, page: p})
	}
	return append(cases, layerCase{name: "lines by up to 3 degrees", page: rotated(-3, -2, -1, 1, 2, 3)},
		layerCase{name: "lines in four directions", page: rotated(0, 90, -90, 180, 88, -91.5)},
		layerCase{name: "slanted lines", page: rotated(10, 30, -20, 50, 120, -75), slanted: true})
}

// deviation is how far a reader's word is from what is on the page, in points.
type deviation struct {
	side    float64 // of the left or right edge from that of the ink
	inward  float64 // by which ink stands out above or below
	outward float64 // by which the box stands out above and below the line, half each
}

// largest is the largest of all.
func (d deviation) largest() float64 { return max(d.side, d.inward, d.outward) }

// measure compares a reader's word with its ink. The line's height, as read,
// bounds that of its words; where they slope their rise counts to it.
func measure(got sohoa.Rect, ink sohoa.Rect, line sohoa.Line, word sohoa.Word, scale float64) deviation {
	dx, dy := line.Baseline.X1-line.Baseline.X0, line.Baseline.Y1-line.Baseline.Y0
	n := math.Hypot(dx, dy)
	c, s := math.Abs(dx/n), math.Abs(dy/n)
	d := deviation{
		side:   max(math.Abs(got.X0-ink.X0*scale), math.Abs(got.X1-ink.X1*scale)),
		inward: max(got.Y0-ink.Y0*scale, ink.Y1*scale-got.Y1),
	}
	if s < c/2 {
		d.outward = (got.Height() - (line.Height/c+word.Box.Width()*s/c)*scale) / 2
		return d
	}
	// Upwards: what is said of the sides holds for the ends.
	d.side, d.inward = max(math.Abs(got.Y0-ink.Y0*scale), math.Abs(got.Y1-ink.Y1*scale)), max(got.X0-ink.X0*scale, ink.X1*scale-got.X1)
	d.outward = (got.Width() - (line.Height/s+word.Box.Height()*c/s)*scale) / 2
	return d
}

// align gives each word of the page the reader's, which may be in pieces.
func align(t testing.TB, got []seen, want []sohoa.Word) (boxes []sohoa.Rect, pieces int) {
	t.Helper()
	for _, w := range want {
		if len(got) == 0 {
			t.Fatalf("the text ends before %q", w.Text)
		}
		text, box := got[0].text, got[0].box
		for got = got[1:]; text != w.Text && len(got) > 0 && strings.HasPrefix(w.Text, text); got = got[1:] {
			text += got[0].text
			b := got[0].box
			box = sohoa.Rect{X0: min(box.X0, b.X0), Y0: min(box.Y0, b.Y0), X1: max(box.X1, b.X1), Y1: max(box.Y1, b.Y1)}
			pieces++
		}
		if text != w.Text {
			t.Fatalf("word %d is copied as %q, want %q", len(boxes)+1, text, w.Text)
		}
		boxes = append(boxes, box)
	}
	if len(got) > 0 {
		t.Fatalf("%q is copied after the last word", got[0].text)
	}
	return boxes, pieces
}

// TestWordsLieOnTheirInk recognises scans, has readers copy the words of their
// PDF, which must be those recognised, in order, and compares their boxes with
// the ink in the image. One word in a hundred may be off: there the recognised
// box holds what is no ink, or what is of the next line.
func TestWordsLieOnTheirInk(t *testing.T) {
	const tolerance = 2.0 // points
	cases := layerCases(t)
	var pages []pdfa.Page
	for _, c := range cases {
		pages = append(pages, c.page)
	}
	file, _ := write(t, options, pages...)
	if err := lint(file); err != nil {
		t.Errorf("Lint = %v", err)
	}
	for reader, read := range textReaders {
		found := read(t, file, len(pages))
		for i, c := range cases {
			t.Run(reader+"/"+c.name, func(t *testing.T) {
				boxes, pieces := align(t, found[i], words(c.page.Text))
				if c.slanted && reader == "poppler" {
					return
				}
				if pieces > len(boxes)/100 {
					t.Errorf("%d words are parted, want at most one in a hundred", pieces)
				}
				off, measured := compare(t, c.page, boxes, tolerance)
				if off > measured/100 || measured < len(boxes)*8/10 {
					t.Errorf("%d of %d words are off by more than %v points, %d measured", off, len(boxes), tolerance, measured)
				}
			})
		}
	}
}

// compare counts the words whose boxes are off, and those that can be
// measured.
func compare(t testing.TB, p pdfa.Page, boxes []sohoa.Rect, tolerance float64) (off, measured int) {
	t.Helper()
	img := uprightGray(t, p)
	scale := 72 / p.DPI
	var worst deviation
	for _, line := range p.Text.Lines {
		for _, w := range line.Words {
			got := boxes[0]
			boxes = boxes[1:]
			ink, ok := inkOf(img, w.Box, line.Height)
			if !ok {
				continue
			}
			measured++
			d := measure(got, ink, line, w, scale)
			if d.largest() > tolerance {
				off++
				t.Logf("%q, read with confidence %.0f, is off: %.1f", w.Text, w.Confidence, d)
				continue
			}
			worst = deviation{max(worst.side, d.side), max(worst.inward, d.inward), max(worst.outward, d.outward)}
		}
	}
	t.Logf("%d words measured, %d off; the others by at most %.2f points sideways, %.2f inwards, %.2f outwards",
		measured, off, worst.side, worst.inward, worst.outward)
	return off, measured
}
