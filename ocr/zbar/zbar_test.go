package zbar_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sohoa/ocr/zbar"
)

// drawn is the picture that a program draws into the file that its last
// argument names, as grey bytes.
func drawn(t *testing.T, name string, args ...string) (gray []byte, w, h int) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "code.png")
	if out, err := exec.Command(name, append(args, "-o", file)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	const margin = 40
	w, h = img.Bounds().Dx()+2*margin, img.Bounds().Dy()+2*margin
	gray = bytes.Repeat([]byte{255}, w*h)
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, _, _, _ := img.At(x, y).RGBA()
			gray[(y+margin)*w+x+margin] = uint8(r >> 8)
		}
	}
	return gray, w, h
}

func TestScan(t *testing.T) {
	for _, tt := range []struct {
		kind, text string
		program    string
		args       []string
	}{
		{zbar.QR, "Hồ sơ 000.00.12.H26-240612-0007", "qrencode", []string{"-s", "6", "-l", "M", "Hồ sơ 000.00.12.H26-240612-0007"}},
		{zbar.QR, "https://example.vn/tra-cuu?ma=1", "qrencode", []string{"-s", "3", "-l", "Q", "https://example.vn/tra-cuu?ma=1"}},
		{zbar.Code128, "H26-240612-0007", "zint", []string{"-b", "20", "--height", "60", "--scale", "1.5", "-d", "H26-240612-0007"}},
	} {
		gray, w, h := drawn(t, tt.program, tt.args...)
		got, err := zbar.Scan(gray, w, h, 1)
		if err != nil || len(got) != 1 || got[0].Kind != tt.kind || string(got[0].Data) != tt.text {
			t.Errorf("Scan(%s %q) = %+v, %v", tt.kind, tt.text, got, err)
			continue
		}
		if b := got[0].Box; !b.In(image.Rect(30, 30, w-30, h-30)) || b.Dx() < (w-80)*8/10 {
			t.Errorf("Scan(%q) found it in %v of %d x %d, want it inside the margin of 40", tt.text, b, w, h)
		}
	}
}

// TestOtherKinds: what is not looked for is not found, however well it shows.
func TestOtherKinds(t *testing.T) {
	for _, kind := range []string{"8", "13"} { // Code 39, EAN-13
		gray, w, h := drawn(t, "zint", "-b", kind, "--height", "60", "--scale", "2", "-d", "893123456789")
		if got, err := zbar.Scan(gray, w, h, 1); err != nil || len(got) != 0 {
			t.Errorf("Scan(zint -b %s) = %+v, %v, want nothing", kind, got, err)
		}
	}
}

func TestScanRefuses(t *testing.T) {
	for _, tt := range []struct{ n, w, h, density int }{{0, 0, 0, 1}, {10, 3, 3, 1}, {9, -3, -3, 1}, {9, 3, 3, 0}} {
		if got, err := zbar.Scan(make([]byte, tt.n), tt.w, tt.h, tt.density); err == nil {
			t.Errorf("Scan(%d bytes, %d x %d, %d) = %v, want an error", tt.n, tt.w, tt.h, tt.density, got)
		}
	}
}

// FuzzScan: no bytes crash it, and boxes stay near the image.
func FuzzScan(f *testing.F) {
	f.Add([]byte{255}, uint8(1), uint8(1))
	f.Add(bytes.Repeat([]byte{0, 255, 255, 0}, 100), uint8(20), uint8(2))
	bars := bytes.Repeat([]byte{255, 255, 0, 0, 255, 0, 0, 255, 255, 255, 0, 255}, 400)
	f.Add(bars, uint8(96), uint8(1))
	f.Fuzz(func(t *testing.T, gray []byte, width, density uint8) {
		w := int(width)
		if w == 0 || len(gray) < w || len(gray) > 60_000 || density == 0 {
			return
		}
		h := len(gray) / w
		got, err := zbar.Scan(gray[:w*h], w, h, int(density))
		if err != nil {
			t.Fatalf("Scan(%d x %d) = %v", w, h, err)
		}
		for _, s := range got {
			if len(s.Data) == 0 || s.Kind == "" || s.Box.Empty() {
				t.Errorf("Scan(%d x %d) found %+v", w, h, s)
			}
		}
	})
}
