package pdfa_test

import (
	"bytes"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/archive/jbig2"
	"sohoa/archive/pdfa"
)

// tryPage writes a document of one page. ok is false if the page is refused,
// which must be for good. What is taken must pass Lint.
func tryPage(t *testing.T, opts pdfa.Options, p pdfa.Page) (file []byte, rep pdfa.PageReport, ok bool) {
	t.Helper()
	var buf bytes.Buffer
	w := pdfa.NewWriter(&buf, opts)
	rep, err := w.AddPage(p)
	if err != nil {
		if !sohoa.Permanent(err) {
			t.Fatalf("AddPage = %v, want a permanent error", err)
		}
		return nil, rep, false
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := lint(buf.Bytes()); err != nil {
		t.Fatalf("Lint of what was written = %v", err)
	}
	return buf.Bytes(), rep, true
}

// wantSides fails if a page of 72 dpi has not the sides of its image.
func wantSides(t *testing.T, rep pdfa.PageReport, w, h int) {
	t.Helper()
	if max(w, h) > sohoa.MaxPagePoints {
		return // scaled down
	}
	if rep.Width != float64(max(w, sohoa.MinPagePoints)) || rep.Height != float64(max(h, sohoa.MinPagePoints)) {
		t.Errorf("page of %v×%v for an image of %d×%d", rep.Width, rep.Height, w, h)
	}
}

// FuzzJPEG reads JPEG files, and compares what it makes of the accepted ones
// with the decoder of the standard library.
func FuzzJPEG(f *testing.F) {
	for _, k := range oddKinds() {
		if k.mediaType == "image/jpeg" {
			f.Add(k.file(6, 8))
		}
	}
	f.Fuzz(func(t *testing.T, image []byte) {
		_, rep, ok := tryPage(t, pdfa.Options{}, pdfa.Page{Image: image, MediaType: "image/jpeg", DPI: 72})
		if cfg, err := jpeg.DecodeConfig(bytes.NewReader(image)); ok && err == nil {
			wantSides(t, rep, cfg.Width, cfg.Height)
		}
	})
}

// FuzzPNG does the same with PNG files.
func FuzzPNG(f *testing.F) {
	for _, k := range oddKinds() {
		if k.mediaType == "image/png" {
			f.Add(k.file(6, 8))
		}
	}
	f.Add(bitonalPNG(99, 70, 0))
	f.Fuzz(func(t *testing.T, image []byte) {
		_, rep, ok := tryPage(t, pdfa.Options{}, pdfa.Page{Image: image, MediaType: "image/png", DPI: 72})
		if cfg, err := png.DecodeConfig(bytes.NewReader(image)); ok && err == nil {
			wantSides(t, rep, cfg.Width, cfg.Height)
		}
	})
}

// FuzzOptions writes texts about the document.
func FuzzOptions(f *testing.F) {
	f.Add("Giấy khai sinh", "H49.64", "vi-VN", "sohoa")
	f.Add("<&>]]>\x00\xff", "\u202e\ufffe", "x", "")
	f.Add("", "", "vi", " ") // no producer is left of that
	page := pdfa.Page{Image: encodeJPEG(gray(6, 8)), MediaType: "image/jpeg", DPI: 72}
	f.Fuzz(func(t *testing.T, title, subject, language, producer string) {
		tryPage(t, pdfa.Options{Title: title, Subject: subject, Language: language, Producer: producer}, page)
	})
}

// FuzzWriter writes a page of layers, or of its image, with lines of words.
// What is accepted opens in pdfium as one page of the right size, and its
// words come back in order.
func FuzzWriter(f *testing.F) {
	if _, err := pdfiumPool(); err != nil { // takes long; an input may take ten seconds
		f.Fatal(err)
	}
	f.Add([]byte{0x81, 0x42, 0x24, 0x18}, uint16(8), encodeJPEG(gray(4, 4)), int16(1), int16(0), int16(3), int16(2), uint8(1), 72.0, 0.0, "Tĩnh Hà - Nội 12")
	f.Add([]byte{0xFF}, uint16(7), []byte(nil), int16(0), int16(0), int16(0), int16(0), uint8(2), 300.0, 2.2, sample)
	f.Add([]byte(nil), uint16(0), encodeJPEG(rgb(9, 9)), int16(0), int16(0), int16(9), int16(9), uint8(7), 1200.0, -91.0, "một hai ba bốn năm")
	f.Add(bytes.Repeat([]byte{0x0F, 0xF0}, 800), uint16(100), decodeBase64(progressiveJPEG), int16(-1), int16(90), int16(30), int16(30), uint8(12), 60.0, 45.0, "a b c")
	f.Fuzz(func(t *testing.T, bits []byte, width uint16, file []byte, x, y, w, h int16, how uint8, dpi, angle float64, text string) {
		p := pdfa.Page{Image: file, MediaType: "image/jpeg", DPI: dpi, Turn: int(how%4) * 90, Text: spread(text, angle)}
		if m := (jbig2.Bitmap{Width: int(width), Stride: (int(width) + 7) / 8, Bits: bits}); width > 0 && len(bits) >= m.Stride {
			m.Height = len(bits) / m.Stride
			p.Layers = &sohoa.Layers{Width: m.Width, Height: m.Height, Treatment: sohoa.Treatment{Form: sohoa.FormLayered},
				Stencils: []sohoa.Stencil{{Mask: jbig2.Encode(m), Colour: [3]uint8{how, how * 3, how * 7}}}}
			if how&4 != 0 {
				p.Layers.Background = file
			}
			if how&8 != 0 {
				p.Layers.Patches = []sohoa.Patch{{X: int(x), Y: int(y), Width: int(w), Height: int(h), JPEG: file}}
			}
		}
		out, rep, ok := tryPage(t, pdfa.Options{}, p)
		if !ok {
			return
		}
		v := view(t, out)
		defer v.close()
		if n := v.pages(); n != 1 {
			t.Fatalf("pdfium sees %d pages, want 1", n)
		}
		if gotW, gotH := v.size(0); math.Abs(gotW-rep.Width) > 0.01 || math.Abs(gotH-rep.Height) > 0.01 {
			t.Errorf("pdfium sees a page of %v×%v, want %v×%v", gotW, gotH, rep.Width, rep.Height)
		}
		if min(rep.Width, rep.Height) < 200 {
			return // too small for words that do not lie on one another
		}
		var want []string
		for _, w := range words(p.Text) {
			want = append(want, w.Text)
		}
		if got := strings.Fields(v.text(0)); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("pdfium copies %q, want %q", got, want)
		}
	})
}

// spread sets words of letters and digits on at most 20 lines of up to ten,
// which turn about the middle of the page.
func spread(text string, angle float64) *sohoa.PageText {
	const side = 2400.0
	t := &sohoa.PageText{Width: side, Height: side}
	if math.IsNaN(angle) || math.IsInf(angle, 0) {
		angle = 0
	}
	sin, cos := math.Sincos(math.Mod(angle, 360) * math.Pi / 180)
	at := func(x, y float64) (float64, float64) {
		return side/2 + (x-side/2)*cos - (y-side/2)*sin, side/2 + (x-side/2)*sin + (y-side/2)*cos
	}
	for i, word := range strings.Fields(plainLetters(text)) {
		if i >= 200 {
			break
		}
		top, left := 500+70*float64(i/10), 500+140*float64(i%10)
		if i%10 == 0 {
			l := sohoa.Line{Height: 40}
			l.Baseline.X0, l.Baseline.Y0 = at(500, top+32)
			l.Baseline.X1, l.Baseline.Y1 = at(1900, top+32)
			t.Lines = append(t.Lines, l)
		}
		box := sohoa.Rect{X0: side, Y0: side}
		for _, corner := range [][2]float64{{left, top}, {left + 110, top}, {left, top + 40}, {left + 110, top + 40}} {
			x, y := at(corner[0], corner[1])
			box = sohoa.Rect{X0: min(box.X0, x), Y0: min(box.Y0, y), X1: max(box.X1, x), Y1: max(box.Y1, y)}
		}
		l := &t.Lines[len(t.Lines)-1]
		l.Words = append(l.Words, sohoa.Word{Text: word, Box: box})
	}
	return t
}

// plainLetters keeps Latin letters, digits and spaces, in NFC; the words have
// at most 40 of them.
func plainLetters(text string) string {
	var b strings.Builder
	run := 0
	for _, r := range norm.NFC.String(text) {
		switch {
		case unicode.IsSpace(r) || run == 40:
			b.WriteByte(' ')
			run = 0
		case r < 0x250 && (unicode.IsLetter(r) || unicode.IsDigit(r)), r >= 0x1E00 && r < 0x1F00 && unicode.IsLetter(r):
			b.WriteRune(r)
			run++
		}
	}
	return b.String()
}
