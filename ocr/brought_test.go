package ocr_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/draw"
	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/ocr"
)

// layer is the true text of a page as an old layer would place it, with each
// word changed by change and moved down by dy. Words are spread evenly over
// their line, which is wrong for lines of a form with gaps for the answers.
func layer(tr truth, dy float64, change func(string) string) *sohoa.PageText {
	w, h := tr.Width, tr.Height
	if tr.Turn%180 != 0 {
		w, h = h, w
	}
	t := &sohoa.PageText{Width: w, Height: h, DPI: 300, Turn: turnBack(tr.Turn), Source: sohoa.TextPDF, Engine: "pdfium", Lines: []sohoa.Line{}}
	for _, tl := range tr.lines() {
		box := tr.upright(tl)
		box.Y0, box.Y1 = box.Y0+dy, box.Y1+dy
		if box.Y1 > float64(t.Height) {
			continue
		}
		l := sohoa.Line{Box: box, Baseline: sohoa.Segment{X0: box.X0, Y0: box.Y1, X1: box.X1, Y1: box.Y1}, Height: box.Height()}
		at, step := box.X0, box.Width()/float64(max(1, utf8.RuneCountInString(tl.Text)))
		for _, w := range strings.Split(tl.Text, " ") {
			end := at + step*float64(utf8.RuneCountInString(w)+1) // with the space behind it
			if text := change(w); text != "" {
				l.Words = append(l.Words, sohoa.Word{Text: text, Box: sohoa.Rect{X0: at, Y0: box.Y0, X1: end, Y1: box.Y1}, Confidence: 100})
			}
			at = end
		}
		if len(l.Words) > 0 {
			t.Lines = append(t.Lines, l)
		}
	}
	return t
}

// turnBack is the turn that undoes turn.
func turnBack(turn int) int { return (360 - turn) % 360 }

func exact(w string) string { return norm.NFC.String(w) }

// toneless is w without any mark, as an engine for English reads it.
func toneless(w string) string {
	return strings.NewReplacer("đ", "d", "Đ", "D").Replace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(w)))
}

// garbled is w in a legacy encoding taken for Latin-1: every marked letter is
// another one.
func garbled(w string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return 0xb5 + r%0x40
		}
		return r
	}, norm.NFC.String(w))
}

// hard is a scan as a fax of a copy: grey, and of a few dots an inch.
func hard(t *testing.T, scan []byte, shrink int) []byte {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(scan))
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	small := image.NewGray(image.Rect(0, 0, b.Dx()/shrink, b.Dy()/shrink))
	draw.BiLinear.Scale(small, small.Rect, img, b, draw.Src, nil)
	for i, v := range small.Pix {
		small.Pix[i] = 60 + v/2 + uint8(i*i*7919>>3%40)
	}
	big := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.BiLinear.Scale(big, big.Rect, small, small.Rect, draw.Src, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, big, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestOldLayer checks which of two texts is kept: the layer that a scan
// brought along, or what is read.
func TestOldLayer(t *testing.T) {
	scan, tr := load(t, "quyet-dinh-01.jpg")
	faint := hard(t, scan, 4)
	tests := []struct {
		name  string
		image []byte
		old   *sohoa.PageText
		kept  bool
	}{
		{"exact under a hard scan", faint, layer(tr, 0, exact), true},
		{"exact under a good scan", scan, layer(tr, 0, exact), true},
		{"toneless", scan, layer(tr, 0, toneless), false},
		{"legacy encoding", scan, layer(tr, 0, garbled), false},
		{"empty", scan, layer(tr, 0, func(string) string { return "" }), false},
		{"a stamp only", scan, layer(tr, 0, func(w string) string {
			if w == "QUYẾT" || w == "ĐỊNH" {
				return w
			}
			return ""
		}), false},
		{"one word over everything", scan, &sohoa.PageText{Width: tr.Width, Height: tr.Height, DPI: 300, Lines: slices.Repeat([]sohoa.Line{{
			Words: []sohoa.Word{{Text: "là", Box: sohoa.Rect{X1: float64(tr.Width), Y1: float64(tr.Height)}, Confidence: 100}}}}, 50_000)}, false},
		{"the same word everywhere", scan, layer(tr, 0, func(string) string { return "là" }), false},
		{"misplaced by two inches", scan, layer(tr, 600, exact), false},
		{"misplaced by a line", scan, layer(tr, 70, exact), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, ocr.Page{Image: tt.image, Number: 1, DPI: 300, Old: tt.old}).Text
			missing := missed(tr.Text, plainText(t, got))
			t.Logf("%s by %s, %d words missed of %d", got.Source, got.Engine, missing, len(words(tr.Text)))
			want, engine := sohoa.TextOCR, "tesseract"
			if tt.kept {
				want, engine = sohoa.TextPDF, "pdfium"
				if missing > len(words(tr.Text))/50 {
					t.Errorf("%d words missed, want the exact layer", missing)
				}
			}
			if got.Source != want || !strings.HasPrefix(got.Engine, engine) {
				t.Errorf("text is %s by %s, want %s by %s", got.Source, got.Engine, want, engine)
			}
			checkText(t, got)
		})
	}
}

// TestLayersOfOtherEngines gives pages of several kinds the true text as their
// layer, which stays, and what an engine for English read, which does not.
func TestLayersOfOtherEngines(t *testing.T) {
	english, err := ocr.New(ocr.Config{Workers: 1, Languages: "eng"})
	if err != nil {
		t.Fatal(err)
	}
	defer english.Close()
	for _, name := range []string{"cong-van-01.png", "danh-sach-01.jpg", "to-khai-01.jpg", "giay-chung-nhan-01.jpg"} {
		scan, tr := load(t, name)
		if got := read(t, ocr.Page{Image: scan, Number: 1, Old: layer(tr, 0, exact)}).Text; got.Source != sohoa.TextPDF {
			t.Errorf("%s: the true text was replaced", name)
		}
		res, err := english.Read(t.Context(), ocr.Page{Image: scan, Number: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range res.Text.Lines {
			for i := range l.Words {
				l.Words[i].Confidence = 100 // a PDF does not tell
			}
		}
		if got := read(t, ocr.Page{Image: scan, Number: 1, Old: &res.Text}).Text; got.Source != sohoa.TextOCR {
			t.Errorf("%s: the text of an engine for English was kept", name)
		}
	}
}

// TestOldLayerOfTurnedScan checks that a layer lies over its words when the
// scan turns out to stand on its head.
func TestOldLayerOfTurnedScan(t *testing.T) {
	scan, tr := load(t, "quyet-dinh-01.jpg")
	old := layer(tr, 0, exact).Turned(180)
	old.Turn = 180 // as its file turns the page: wrongly
	got := read(t, ocr.Page{Image: scan, Number: 1, DPI: 300, Turn: 180, Old: &old}).Text
	if got.Source != sohoa.TextPDF || got.Turn != 0 {
		t.Fatalf("text is %s, turn %d, want %s, upright", got.Source, got.Turn, sohoa.TextPDF)
	}
	if want := layer(tr, 0, exact).Lines[0].Words[0].Box; !near(got.Lines[0].Words[0].Box, want) {
		t.Errorf("first word at %v, want %v", got.Lines[0].Words[0].Box, want)
	}
}

func near(a, b sohoa.Rect) bool {
	return max(a.X0-b.X0, b.X0-a.X0, a.Y0-b.Y0, b.Y0-a.Y0) < 1
}

// TestOwnTextBesideTheImage gives the reader the upper half of a page as text
// of its own, and checks that this is kept as it is, and the rest read.
func TestOwnTextBesideTheImage(t *testing.T) {
	scan, tr := load(t, "quyet-dinh-01.jpg")
	own := layer(tr, 0, exact)
	half := float64(own.Height) / 2
	n := 0
	for n < len(own.Lines) && own.Lines[n].Box.Y1 < half {
		n++
	}
	own.Lines = own.Lines[:n]
	got := read(t, ocr.Page{Image: scan, Number: 1, DPI: 300, Own: own}).Text
	if got.Source != sohoa.TextMixed || !strings.HasPrefix(got.Engine, "pdfium, tesseract") {
		t.Fatalf("text is %s by %s", got.Source, got.Engine)
	}
	if missing := missed(tr.Text, plainText(t, got)); missing*20 > len(words(tr.Text)) {
		t.Errorf("%d of %d words missed", missing, len(words(tr.Text)))
	}
	if extra := missed(plainText(t, got), tr.Text); extra*20 > len(words(tr.Text)) {
		t.Errorf("%d words too many: some are there twice", extra)
	}
	at := 0
	for _, l := range got.Lines { // the own lines, exactly, in their order
		if at < n && reflect.DeepEqual(l.Words, own.Lines[at].Words) {
			at++
		}
	}
	if at != n {
		t.Errorf("%d of %d own lines are there, in order", at, n)
	}
	for i := 1; i < len(got.Lines); i++ {
		a, b := got.Lines[i-1], got.Lines[i]
		if b.Block < a.Block || b.Block == a.Block && b.Par < a.Par {
			t.Errorf("line %d is of block %d, %d after %d, %d", i, b.Block, b.Par, a.Block, a.Par)
		}
	}
	checkText(t, got)
}

// TestOwnTextIsAll checks that a page on which nothing else is found says so.
func TestOwnTextIsAll(t *testing.T) {
	white := image.NewGray(image.Rect(0, 0, 1240, 1754))
	draw.Draw(white, white.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, white, nil); err != nil {
		t.Fatal(err)
	}
	own := &sohoa.PageText{Width: 1240, Height: 1754, DPI: 150, Source: sohoa.TextPDF, Engine: "pdfium", Lines: []sohoa.Line{{
		Box: sohoa.Rect{X0: 100, Y0: 100, X1: 300, Y1: 130}, Height: 30, Words: []sohoa.Word{{Text: "Số", Box: sohoa.Rect{X0: 100, Y0: 100, X1: 300, Y1: 130}, Confidence: 100}}}}}
	got := read(t, ocr.Page{Image: b.Bytes(), Number: 1, DPI: 150, Own: own}).Text
	if got.Source != sohoa.TextPDF || got.Engine != "pdfium" || got.Blank || !reflect.DeepEqual(got.Lines, own.Lines) {
		j, _ := json.Marshal(got)
		t.Errorf("text = %s", j)
	}
}
