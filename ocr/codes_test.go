package ocr_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	xdraw "golang.org/x/image/draw"

	"sohoa"
	"sohoa/ocr"
)

// code is one that a program draws: qrencode or zint.
type code struct {
	kind, text string
	mm         float64 // side of a QR code, without its margin; width of a module of Code 128
}

// picture draws c at dpi, without margin.
func (c code) picture(t testing.TB, dpi float64) image.Image {
	t.Helper()
	file := filepath.Join(t.TempDir(), "code.png")
	cmd := exec.Command("qrencode", "-s", "1", "-m", "0", "-l", "M", "-o", file, c.text)
	if c.kind == "code128" {
		cmd = exec.Command("zint", "-b", "20", "--height", "20", "--scale", "0.5", "--notext", "-o", file, "-d", c.text)
	}
	if _, err := exec.LookPath(cmd.Args[0]); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	img, err := png.Decode(bytes.NewReader(fileBytes(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	w := int(c.mm / 25.4 * dpi)
	h := w
	if c.kind == "code128" {
		w, h = int(c.mm/25.4*dpi*float64(img.Bounds().Dx())), int(12/25.4*dpi)
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	xdraw.ApproxBiLinear.Scale(out, out.Rect, img, img.Bounds(), draw.Src, nil)
	return out
}

func fileBytes(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// codePage is an A5 page as a scanner sees it, with codes below each other,
// and where they are.
func codePage(t testing.TB, dpi float64, codes []code) (*image.Gray, []image.Rectangle) {
	t.Helper()
	page := image.NewGray(image.Rect(0, 0, int(5.83*dpi), int(8.27*dpi)))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	var places []image.Rectangle
	at := image.Pt(int(dpi), int(dpi/2))
	for _, c := range codes {
		img := c.picture(t, dpi)
		r := img.Bounds().Add(at)
		draw.Draw(page, r, img, image.Point{}, draw.Src)
		places = append(places, r)
		at.Y = r.Max.Y + int(dpi/2)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for i, v := range page.Pix {
		page.Pix[i] = uint8(min(max(45+float64(v)*0.75+r.NormFloat64()*6, 0), 255)) // grey ink, grey paper, noise
	}
	return page, places
}

// turned is img turned clockwise by a number of quarters.
func turned(img *image.Gray, quarters int) *image.Gray {
	for range quarters {
		out := image.NewGray(image.Rect(0, 0, img.Rect.Dy(), img.Rect.Dx()))
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				out.SetGray(img.Rect.Dy()-1-y, x, img.GrayAt(x, y))
			}
		}
		img = out
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestCodes: codes of every size are found, whichever way the page lies, in
// the frame of the page as it is read.
func TestCodes(t *testing.T) {
	codes := []code{
		{"qr", "Hồ sơ 000.00.12.H26-240612-0007", 30},
		{"qr", "000.00.12.H26-240612-0007", 20},
		{"qr", "https://dvc.vn/1234", 12},
		{"code128", "H26-240612-0007", 0.33},
	}
	for _, dpi := range []float64{200, 300} {
		page, places := codePage(t, dpi, codes)
		for quarters := 0; quarters < 4; quarters += int(dpi)/100 - 1 {
			res := read(t, ocr.Page{Image: jpegOf(t, turned(page, quarters)), Number: 1, DPI: dpi})
			name := fmt.Sprintf("%.0f dpi, turned by %d", dpi, 90*quarters)
			checkCodes(t, name, res.Text, codes, framed(places, page.Rect, (90*quarters+res.Text.Turn)%360))
		}
	}
}

// framed are places of a page of that size, as they lie when it was turned.
func framed(places []image.Rectangle, page image.Rectangle, turn int) []sohoa.Rect {
	w, h := float64(page.Dx()), float64(page.Dy())
	var out []sohoa.Rect
	for _, p := range places {
		r := sohoa.Rect{X0: float64(p.Min.X), Y0: float64(p.Min.Y), X1: float64(p.Max.X), Y1: float64(p.Max.Y)}
		switch turn {
		case 90:
			r = sohoa.Rect{X0: h - r.Y1, Y0: r.X0, X1: h - r.Y0, Y1: r.X1}
		case 180:
			r = sohoa.Rect{X0: w - r.X1, Y0: h - r.Y1, X1: w - r.X0, Y1: h - r.Y0}
		case 270:
			r = sohoa.Rect{X0: r.Y0, Y0: w - r.X1, X1: r.Y1, Y1: w - r.X0}
		}
		out = append(out, r)
	}
	return out
}

// checkCodes wants each of codes once, inside its place.
func checkCodes(t *testing.T, name string, text sohoa.PageText, codes []code, places []sohoa.Rect) {
	t.Helper()
	if len(text.Codes) != len(codes) {
		t.Errorf("%s: %d codes, want %d: %+v", name, len(text.Codes), len(codes), text.Codes)
	}
	for i, c := range codes {
		found := 0
		for _, got := range text.Codes {
			if got.Kind == c.kind && got.Text == c.text && inside(got.Box, places[i], text.DPI/25.4) {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%s: %s %q of %.2f mm was found %d times at %+v, want once; codes %+v", name, c.kind, c.text, c.mm, found, places[i], text.Codes)
		}
	}
}

// inside reports whether a is within b, with so many pixels to spare, and
// reaches over most of its longer side.
func inside(a, b sohoa.Rect, spare float64) bool {
	long := max(b.Width(), b.Height())
	return a.X0 >= b.X0-spare && a.Y0 >= b.Y0-spare && a.X1 <= b.X1+spare && a.Y1 <= b.Y1+spare &&
		max(a.Width(), a.Height()) >= 0.7*long
}

// TestNoCodes: plain pages have none.
func TestNoCodes(t *testing.T) {
	for _, name := range samples {
		if res, _ := sample(t, name); len(res.Text.Codes) != 0 {
			t.Errorf("%s has the codes %+v, want none", name, res.Text.Codes)
		}
	}
}

// TestCodeBounds: a page full of barcodes gives sohoa.MaxCodes of them, from the
// top.
func TestCodeBounds(t *testing.T) {
	const dpi, columns, rows = 150, 4, 16
	page := image.NewGray(image.Rect(0, 0, columns*400, rows*120))
	draw.Draw(page, page.Rect, image.NewUniform(color.Gray{250}), image.Point{}, draw.Src)
	for i := range columns * rows {
		img := code{"code128", fmt.Sprintf("so %02d", i), 0.51}.picture(t, dpi)
		draw.Draw(page, img.Bounds().Add(image.Pt(i%columns*400+40, i/columns*120+25)), img, image.Point{}, draw.Src)
	}
	res := read(t, ocr.Page{Image: jpegOf(t, page), Number: 1, DPI: dpi})
	if len(res.Text.Codes) != sohoa.MaxCodes {
		t.Errorf("%d codes, want the bound of %d", len(res.Text.Codes), sohoa.MaxCodes)
	}
	for _, c := range res.Text.Codes {
		if n, err := strconv.Atoi(strings.TrimPrefix(c.Text, "so ")); err != nil || n > sohoa.MaxCodes+columns {
			t.Errorf("code says %q, want so and a number of the upper ones", c.Text)
		}
	}
}
