package layer_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sohoa"
	"sohoa/ocr/layer"
	"sohoa/ocr/lept"
)

// TestSizes: what pages of each kind become, with room to spare.
func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		name string
		form sohoa.Form
		most int64 // KB
	}{
		{"quyet-dinh-01.jpg", sohoa.FormLayered, 75},
		{"giay-chung-nhan-01.jpg", sohoa.FormLayered, 50},
		{"danh-sach-01.jpg", sohoa.FormLayered, 45},
		{"giay-khai-sinh-01.jpg", sohoa.FormLayered, 40},
		{"to-khai-01.jpg", sohoa.FormLayered, 30},
		{"bien-ban-02.jpg", sohoa.FormLayered, 45},
		{"bien-ban-03.jpg", sohoa.FormLayered, 50},
		{"trang-trang-01.jpg", sohoa.FormLayered, 4},
		{"cong-van-01.png", sohoa.FormBitonal, 60},
	} {
		taken := take(t, scanned(t, tt.name), sohoa.FidelityStandard)
		got := taken.Layers.Treatment
		if got.Form != tt.form || got.Reason != "" || got.Bytes > tt.most<<10 || got.Bytes != weight(taken.Layers) {
			t.Errorf("Take(%s) = %+v with images of %d bytes, want %s in at most %d KB", tt.name, got, weight(taken.Layers), tt.form, tt.most)
		}
	}
}

// weight is what the images of l take.
func weight(l sohoa.Layers) int64 {
	n := len(l.Background)
	for _, s := range l.Stencils {
		n += len(s.Mask)
	}
	for _, p := range l.Patches {
		n += len(p.JPEG)
	}
	return int64(n)
}

func TestEqualPagesGiveEqualBytes(t *testing.T) {
	for _, s := range []scan{letter(t), scanned(t, "quyet-dinh-01.jpg"), photograph(t)} {
		a, b := take(t, s, sohoa.FidelityStandard), take(t, s, sohoa.FidelityStandard)
		if !reflect.DeepEqual(a.Layers, b.Layers) {
			t.Errorf("Take of one page = %+v, then %+v", a.Layers.Treatment, b.Layers.Treatment)
		}
	}
}

// TestLetter: each thing on a page goes where it belongs, and looks there as
// on the scan.
func TestLetter(t *testing.T) {
	s := letter(t)
	checkLetter(t, s, sohoa.FidelityStandard, 75)
	checkLetter(t, s, sohoa.FidelityHigh, 130)
}

func checkLetter(t *testing.T, s scan, f sohoa.Fidelity, most int64) {
	t.Helper()
	taken := take(t, s, f)
	l := taken.Layers
	if l.Treatment.Form != sohoa.FormLayered || l.Treatment.Bytes > most<<10 {
		t.Fatalf("Take(%s) = %+v, want layers of at most %d KB", f, l.Treatment, most)
	}
	before, after := picture(t, s.bytes), composed(t, taken)
	for _, tt := range []struct {
		name  string
		at    image.Rectangle
		patch bool
		most  float64 // mean difference of channels
	}{
		{"seal", sealAt, true, 4},
		{"signature", signatureAt, true, 4},
		{"pencil", image.Rect(200, 1200, 1100, 1270), true, 4},
		{"text", textAt, false, 10},
		{"small print", smallAt, false, 20},
		{"coloured print", stampAt, false, 16},
		{"paper", bareAt, false, 1.7}, // the scanner's noise is 1.5
	} {
		if got := within(tt.at, l.Patches); got != tt.patch {
			t.Errorf("%s: %s is patched = %v, want %v; patches %v", f, tt.name, got, tt.patch, places(l.Patches))
		}
		if got := difference(before, after, tt.at); got > tt.most {
			t.Errorf("%s: %s differs by %.2f from the scan, want at most %.2f", f, tt.name, got, tt.most)
		}
	}
	checkInks(t, l.Stencils)
}

// checkInks wants red and black ink.
func checkInks(t *testing.T, stencils []sohoa.Stencil) {
	t.Helper()
	var reds, blacks int
	for _, s := range stencils {
		switch c := s.Colour; {
		case c[0] > 150 && c[1] < 90 && c[2] < 90:
			reds++
		case max(c[0], c[1], c[2]) < 70:
			blacks++
		}
	}
	if reds != 1 || blacks != 1 || len(stencils) != 2 {
		t.Errorf("%d stencils, %d red and %d black, want one of each", len(stencils), reds, blacks)
	}
}

// within reports whether most of r is under patches.
func within(r image.Rectangle, patches []sohoa.Patch) bool {
	n := 0
	for _, p := range patches {
		o := r.Intersect(box(p))
		n += o.Dx() * o.Dy()
	}
	return 2*n > r.Dx()*r.Dy()
}

func box(p sohoa.Patch) image.Rectangle { return image.Rect(p.X, p.Y, p.X+p.Width, p.Y+p.Height) }

func places(patches []sohoa.Patch) []image.Rectangle {
	out := make([]image.Rectangle, len(patches))
	for i, p := range patches {
		out[i] = box(p)
	}
	return out
}

// difference is the mean difference of the channels of two pictures within r.
func difference(a, b image.Image, r image.Rectangle) float64 {
	sum := 0.0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			p, q := rgb(a.At(x, y)), rgb(b.At(x, y))
			for c := range p {
				sum += max(p[c]-q[c], q[c]-p[c])
			}
		}
	}
	return sum / float64(3*r.Dx()*r.Dy())
}

func rgb(c color.Color) [3]float64 {
	r, g, b, _ := c.RGBA()
	return [3]float64{float64(r) / 257, float64(g) / 257, float64(b) / 257}
}

// TestPatchesHaveNoBorder: paper in the background has the colour of paper in
// a patch.
func TestPatchesHaveNoBorder(t *testing.T) {
	taken := take(t, letter(t), sohoa.FidelityStandard)
	after := composed(t, taken)
	for _, p := range taken.Layers.Patches {
		out := mean(after, image.Rect(p.X, p.Y-12, p.X+p.Width, p.Y-2))
		in := mean(after, image.Rect(p.X, p.Y+1, p.X+p.Width, p.Y+5))
		for c := range in {
			if d := in[c] - out[c]; d > 1 || d < -1 {
				t.Errorf("paper is %.1f above and %.1f inside the upper edge of the patch %v", out, in, box(p))
				break
			}
		}
	}
}

func mean(img image.Image, r image.Rectangle) (out [3]float64) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			for c, v := range rgb(img.At(x, y)) {
				out[c] += v / float64(r.Dx()*r.Dy())
			}
		}
	}
	return out
}

// TestPortrait: what a stencil cannot show is patched although it has no
// colour.
func TestPortrait(t *testing.T) {
	s := blankSheet(drawnW, drawnH, color.Gray{240})
	s.write(t, textAt, 12, black)
	portrait := image.Rect(300, 1300, 654, 1772) // 3 x 4 cm
	s.texture(portrait)
	page := s.jpeg(t)
	taken := take(t, page, sohoa.FidelityStandard)
	if !within(portrait.Inset(48), taken.Layers.Patches) {
		t.Errorf("Take = %+v with patches %v, want one over the portrait at %v", taken.Layers.Treatment, places(taken.Layers.Patches), portrait)
	}
	if got := difference(picture(t, page.bytes), composed(t, taken), portrait); got > 6 {
		t.Errorf("the portrait differs by %.2f from the scan, want at most 6", got)
	}
}

// texture draws clouds of grey: a picture.
func (s sheet) texture(r image.Rectangle) {
	for range r.Dx() * r.Dy() / 400 {
		v := uint8(20 + s.r.IntN(200))
		s.dot(float64(r.Min.X+12+s.r.IntN(r.Dx()-24)), float64(r.Min.Y+12+s.r.IntN(r.Dy()-24)), float64(4+s.r.IntN(8)), color.Gray{v})
	}
}

// photograph is a page that is a picture.
func photograph(t testing.TB) scan {
	t.Helper()
	s := blankSheet(drawnW, drawnH, color.Gray{128})
	s.texture(s.Rect)
	return s.jpeg(t)
}

// TestFallsBack: what cannot be layered, and why.
func TestFallsBack(t *testing.T) {
	form := blankSheet(drawnW, drawnH, color.White)
	for y := 100; y < drawnH-100; y += 300 {
		draw.Draw(form, image.Rect(100, y, drawnW-100, y+180), image.NewUniform(color.RGBA{250, 190, 60, 255}), image.Point{}, draw.Src)
		form.write(t, image.Rect(150, y, drawnW-150, y+180), 12, black)
	}
	inverse := blankSheet(drawnW, drawnH, color.Gray{238})
	for i := range 8 {
		draw.Draw(inverse, image.Rect(60+i*205, 60, 200+i*205, drawnH-60), image.NewUniform(black), image.Point{}, draw.Src)
	}
	photo := photograph(t)
	tight := letter(t)
	for _, tt := range []struct {
		name    string
		page    scan
		stored  int
		reasons string
		form    sohoa.Form
	}{
		{"picture", photo, len(photo.bytes), layer.ReasonPhoto + " " + layer.ReasonLooks, sohoa.FormReduced},
		{"coloured form", form.jpeg(t), 10 << 20, layer.ReasonColour, sohoa.FormReduced},
		{"more ink than paper", inverse.jpeg(t), 10 << 20, layer.ReasonPhoto, sohoa.FormReduced},
		{"stored as small as it gets", tight, 20_000, layer.ReasonNoSmaller, sohoa.FormOriginal},
		{"picture, stored small", photo, 200_000, layer.ReasonPhoto + " " + layer.ReasonLooks, sohoa.FormOriginal},
	} {
		p, done, err := prepare(tt.page.bytes, tt.page.dpi)
		if err != nil {
			t.Fatal(err)
		}
		p.Stored = tt.stored
		taken, err := layer.Take(p, sohoa.FidelityStandard)
		if err != nil {
			t.Fatalf("Take(%s) = %v", tt.name, err)
		}
		checkFallback(t, tt.name, taken, tt.reasons, tt.form)
		taken.Close()
		done()
	}
}

// checkFallback wants one of reasons, figures, and at most one image.
func checkFallback(t *testing.T, name string, taken *layer.Taken, reasons string, form sohoa.Form) {
	t.Helper()
	l := taken.Layers
	if got := l.Treatment; got.Reason == "" || !strings.Contains(reasons, got.Reason) || got.Form != form || got.Detail == "" {
		t.Errorf("Take(%s) = %+v, want %s because of %s", name, got, form, reasons)
	}
	if len(l.Stencils) != 0 || len(l.Patches) != 0 || (l.Background == nil) != (form == sohoa.FormOriginal) {
		t.Errorf("Take(%s) has %d stencils, %d patches, a background of %d bytes, want one image or none", name, len(l.Stencils), len(l.Patches), len(l.Background))
	}
	pix, err := taken.Compose()
	must(t, pix, err)
	if pix.Width() != l.Width || pix.Height() != l.Height {
		t.Errorf("Compose(%s) is %d x %d, want %d x %d", name, pix.Width(), pix.Height(), l.Width, l.Height)
	}
}

// TestFaintPage: a page of pencil is not made of dashes. Its paper is kept
// finer, or it falls back.
func TestFaintPage(t *testing.T) {
	s := blankSheet(drawnW, drawnH, paper)
	s.write(t, image.Rect(150, 150, 1600, 2300), 14, pencil)
	page := s.jpeg(t)
	taken := take(t, page, sohoa.FidelityStandard)
	at := image.Rect(200, 300, 1500, 2200)
	if got := difference(picture(t, page.bytes), composed(t, taken), at); got > 5 {
		t.Errorf("Take = %+v; pencil differs by %.2f from the scan, want at most 5", taken.Layers.Treatment, got)
	}
}

// TestReduce: who finds that a page does not read as it should has it fall
// back.
func TestReduce(t *testing.T) {
	taken := take(t, letter(t), sohoa.FidelityStandard)
	if err := taken.Reduce(layer.ReasonReads, "half of it"); err != nil {
		t.Fatalf("Reduce = %v", err)
	}
	checkFallback(t, "letter", taken, layer.ReasonReads, sohoa.FormReduced)

	exact := take(t, scanned(t, "cong-van-01.png"), sohoa.FidelityStandard)
	if err := exact.Reduce(layer.ReasonReads, "half of it"); err != nil || exact.Layers.Treatment.Form != sohoa.FormBitonal {
		t.Errorf("Reduce of a 1-bit page = %v, %+v, want it exact", err, exact.Layers.Treatment)
	}
}

// TestBitonalIsExact: every pixel of a 1-bit page is in its stencil.
func TestBitonalIsExact(t *testing.T) {
	if _, err := exec.LookPath("jbig2dec"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s := scanned(t, "cong-van-01.png")
	for _, f := range []sohoa.Fidelity{sohoa.FidelitySmall, sohoa.FidelityHigh} {
		taken := take(t, s, f)
		if len(taken.Layers.Stencils) != 1 || taken.Layers.Background != nil || taken.Layers.Stencils[0].Colour != [3]uint8{} {
			t.Fatalf("Take(%s) = %+v, want one black stencil", f, taken.Layers.Treatment)
		}
		dir := t.TempDir()
		coded, pbm := filepath.Join(dir, "page.jb2"), filepath.Join(dir, "page.pbm")
		if err := os.WriteFile(coded, taken.Layers.Stencils[0].Mask, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("jbig2dec", "-e", "-t", "pbm", "-o", pbm, coded).CombinedOutput(); err != nil {
			t.Fatalf("jbig2dec: %v\n%s", err, out)
		}
		got, err := os.ReadFile(pbm)
		if err != nil {
			t.Fatal(err)
		}
		want, err := decode(t, s.bytes).EncodePNM()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(rows(got), rows(want)) {
			t.Errorf("the stencil of fidelity %s is not the page", f)
		}
	}
}

// rows are the pixels of a PBM file, without its header.
func rows(pbm []byte) []byte {
	want := 2480 / 8 * 3507
	return pbm[max(0, len(pbm)-want):]
}

// TestFidelities: the more is kept the larger the page.
func TestFidelities(t *testing.T) {
	for _, s := range []scan{letter(t), scanned(t, "quyet-dinh-01.jpg"), scanned(t, "bien-ban-03.jpg"), scanned(t, "trang-trang-01.jpg")} {
		last := layer.Looks{}
		size := int64(0)
		for _, f := range []sohoa.Fidelity{sohoa.FidelitySmall, sohoa.FidelityStandard, sohoa.FidelityHigh} {
			taken := take(t, s, f)
			if taken.Layers.Treatment.Bytes <= size || taken.Looks.Mean < last.Mean-0.005 {
				t.Errorf("fidelity %s takes %d bytes at likeness %.3f, the one below %d at %.3f", f, taken.Layers.Treatment.Bytes, taken.Looks.Mean, size, last.Mean)
			}
			size, last = taken.Layers.Treatment.Bytes, taken.Looks
		}
	}
}

// TestManyMarks: a page sprinkled with colours has no more images than the
// linter lets pass.
func TestManyMarks(t *testing.T) {
	s := blankSheet(1400, 2000, color.White)
	for y := 60; y < 1950; y += 220 {
		for x := 60; x < 1350; x += 160 {
			s.dot(float64(x), float64(y), 45, []color.Color{red, blue}[(x+y)/20%2])
		}
	}
	taken := take(t, s.jpeg(t), sohoa.FidelityStandard)
	if n := len(taken.Layers.Patches) + len(taken.Layers.Stencils) + 1; n > sohoa.MaxPageLayers {
		t.Errorf("Take = %+v with %d images, want at most %d", taken.Layers.Treatment, n, sohoa.MaxPageLayers)
	}
}

// TestOddPages: pages of any size and depth come out whole.
func TestOddPages(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {1, 40}, {40, 1}, {2, 3}, {7, 9}, {17, 16}, {33, 31}, {100, 3}, {257, 255}} {
		for _, dpi := range []float64{50, 200, 300, 1200} {
			for kind, b := range oddImages(t, size) {
				checkWhole(t, fmt.Sprintf("%s of %v at %.0f dpi", kind, size, dpi), scan{b, dpi})
			}
		}
	}
}

// oddImages are noise of that size in every way PNG stores it.
func oddImages(t *testing.T, size image.Point) map[string][]byte {
	r := image.Rectangle{Max: size}
	rgba, deep, gray := image.NewRGBA(r), image.NewRGBA64(r), image.NewGray(r)
	s := sheet{rgba, blankSheet(1, 1, color.White).r}
	out := map[string][]byte{}
	palettes := map[string]color.Palette{
		"1 bit":             {color.White, color.Black},
		"1 bit, inverse":    {color.Black, color.White},
		"1 bit in colours":  {paper, blue},
		"2 bits in colours": {paper, blue, red, black},
		"4 bits":            {paper, blue, red, black, pencil, color.White, color.Gray{99}},
	}
	for y := range size.Y {
		for x := range size.X {
			c := color.RGBA{uint8(s.r.IntN(256)), uint8(s.r.IntN(256)), uint8(s.r.IntN(256)), 255}
			rgba.Set(x, y, c)
			deep.Set(x, y, color.RGBA64{uint16(s.r.IntN(65536)), uint16(s.r.IntN(65536)), 0, 65535})
			gray.Set(x, y, c)
		}
	}
	for name, p := range palettes {
		img := image.NewPaletted(r, p)
		for i := range img.Pix {
			img.Pix[i] = uint8(s.r.IntN(len(p)))
		}
		out[name] = encodePNG(t, img)
	}
	out["colour"], out["16 bits"], out["grey"] = encodePNG(t, rgba), encodePNG(t, deep), encodePNG(t, gray)
	return out
}

// checkWhole wants s in layers, reduced or as it is, of its own size.
func checkWhole(t *testing.T, name string, s scan) {
	t.Helper()
	p, done, err := prepare(s.bytes, s.dpi)
	defer done()
	if err != nil {
		t.Errorf("prepare %s: %v", name, err)
		return
	}
	for _, stored := range []int{0, len(s.bytes)} {
		p.Stored = stored
		taken, err := layer.Take(p, sohoa.FidelityStandard)
		if err != nil {
			t.Errorf("Take(%s) = %v", name, err)
			return
		}
		pix, err := taken.Compose()
		if err != nil {
			t.Errorf("Compose(%s) = %v", name, err)
		} else if pix.Width() != p.Scan.Width() || pix.Height() != p.Scan.Height() {
			t.Errorf("Compose(%s) is %d x %d", name, pix.Width(), pix.Height())
		}
		pix.Close()
		taken.Close()
	}
}

// TestNothingLeaks: 200 pages later the process is no larger than memory that
// is given back late accounts for. One mask of each would be 40 MB.
func TestNothingLeaks(t *testing.T) {
	pages := []scan{small(t, letter(t)), small(t, photograph(t)), small(t, scanned(t, "quyet-dinh-01.jpg")), small(t, scanned(t, "cong-van-01.png"))}
	run := func(n int) {
		for i := range n {
			checkWhole(t, "page", pages[i%len(pages)])
		}
	}
	run(40)
	before := resident(t)
	run(200)
	if grown := resident(t) - before; grown > 32<<20 {
		t.Errorf("200 pages left %d MB more in use, want at most 32", grown>>20)
	}
}

// small is the upper left of s.
func small(t *testing.T, s scan) scan {
	t.Helper()
	pix, err := decode(t, s.bytes).Crop(image.Rect(100, 100, 900, 1100))
	must(t, pix, err)
	b, err := pix.EncodePNG()
	if err != nil {
		t.Fatal(err)
	}
	return scan{b, s.dpi}
}

// resident is the memory that this process has in use, bytes.
func resident(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	var size, pages int
	if _, err := fmt.Sscan(string(b), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// FuzzTake: whatever decodes comes out whole. The pixels are those of a PNM
// image, so that most of what is tried decodes.
func FuzzTake(f *testing.F) {
	f.Add(uint8(0), uint8(9), 300.0, []byte("\x80\x00\x41\xff"))
	f.Add(uint8(1), uint8(3), 50.0, []byte("grey pixels of a page"))
	f.Add(uint8(2), uint8(33), 1200.0, bytes.Repeat([]byte{255, 255, 255, 10, 20, 200}, 400))
	f.Fuzz(func(t *testing.T, kind, width uint8, dpi float64, pixels []byte) {
		format := [3]string{"P4 %d %d\n", "P5 %d %d 255\n", "P6 %d %d 255\n"}[kind%3]
		row := [3]int{(int(width) + 7) / 8, int(width), 3 * int(width)}[kind%3]
		if width == 0 || len(pixels) < row || len(pixels) > 100_000 || !(dpi >= 50 && dpi <= 1200) {
			return
		}
		height := len(pixels) / row
		b := append(fmt.Appendf(nil, format, width, height), pixels[:height*row]...)
		if pix, err := lept.Decode(b); err == nil { // a few bytes are no image, or one with another header
			pix.Close()
			checkWhole(t, "page", scan{b, dpi})
		}
	})
}
