package mark_test

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"image/png"
	"io"
	"testing"

	"sohoa"
	"sohoa/signing/mark"
)

// pngFile is a PNG of w by h pixels as paint has them.
func pngFile(t testing.TB, w, h int, paint func(x, y int) color.NRGBA) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, paint(x, y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// red is a disc of radius r around the middle of w by w, half translucent.
func red(w, r int) func(x, y int) color.NRGBA {
	return func(x, y int) color.NRGBA {
		dx, dy := x-w/2, y-w/2
		if dx*dx+dy*dy > r*r {
			return color.NRGBA{}
		}
		return color.NRGBA{R: 200, G: 16, B: 32, A: 128}
	}
}

func seal(t testing.TB) *mark.Image {
	t.Helper()
	img, err := mark.ReadImage(pngFile(t, 100, 100, red(100, 40)))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestImageIsCutAndKeepsItsColours reads the rows back as a PDF reader does.
func TestImageIsCutAndKeepsItsColours(t *testing.T) {
	img := seal(t)
	if img.Width != 81 || img.Height != 81 {
		t.Fatalf("the image has %d×%d pixels, want those of the disc, 81×81", img.Width, img.Height)
	}
	unpack := func(b []byte, size int) int {
		r, err := zlib.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := io.ReadAll(r)
		if err != nil || len(rows) != size {
			t.Errorf("%d bytes of rows, %v, want %d", len(rows), err, size)
		}
		return len(rows)
	}
	unpack(img.Colours, 81*(1+3*81))
	unpack(img.Opacity, 81*(1+81))
}

func TestReadImageRefuses(t *testing.T) {
	opaque := func(x, y int) color.NRGBA { return color.NRGBA{R: uint8(x), A: 255} }
	clear := func(x, y int) color.NRGBA { return color.NRGBA{R: 255} }
	noise := func(x, y int) color.NRGBA {
		n := (uint64(x)<<32 + uint64(y) + 1) * 0x9e3779b97f4a7c15
		n = (n ^ n>>29) * 0xbf58476d1ce4e5b9
		return color.NRGBA{uint8(n >> 24), uint8(n >> 32), uint8(n >> 40), uint8(n >> 48)}
	}
	huge := pngFile(t, 10, 10, red(10, 3))
	copy(huge[16:], []byte{0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff}) // the header's checksum no longer fits either
	for name, file := range map[string][]byte{
		"nothing":         nil,
		"JPEG":            {0xff, 0xd8, 0xff, 0xe0},
		"no transparency": pngFile(t, 20, 20, opaque),
		"nothing to see":  pngFile(t, 20, 20, clear),
		"too many pixels": pngFile(t, 2001, 1000, red(1000, 300)),
		"too many bytes":  pngFile(t, 600, 600, noise),
		"vast":            huge,
		"cut short":       pngFile(t, 100, 100, noise)[:20000],
	} {
		_, err := mark.ReadImage(file)
		wantProblem(t, "ReadImage of "+name, err, "sign.mark-image")
	}
}

func FuzzReadImage(f *testing.F) {
	f.Add(pngFile(f, 9, 9, red(9, 3)))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		img, err := mark.ReadImage(file)
		if err != nil {
			if sohoa.AsProblem(err).Code != "sign.mark-image" {
				t.Errorf("ReadImage = %v, want a problem of the image", err)
			}
			return
		}
		if img.Width*img.Height > sohoa.MaxMarkImagePixels || img.Width < 1 || img.Height < 1 {
			t.Errorf("an image of %d×%d pixels", img.Width, img.Height)
		}
	})
}

func BenchmarkReadImage(b *testing.B) {
	file := pngFile(b, 850, 850, red(850, 420)) // 36 mm at 600 dpi
	for b.Loop() {
		if _, err := mark.ReadImage(file); err != nil {
			b.Fatal(err)
		}
	}
}
