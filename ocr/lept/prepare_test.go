package lept_test

import (
	"image"
	"image/color"
	"math"
	"testing"

	"sohoa/ocr/lept"
)

func decode(t *testing.T, b []byte) *lept.Pix {
	t.Helper()
	p, err := lept.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// grey is p as the standard library sees it.
func grey(t *testing.T, p *lept.Pix, err error) *image.Gray {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	m, ok := redecode(t, p).(*image.Gray)
	if !ok {
		t.Fatalf("image has %d bits, want 8", p.Depth())
	}
	return m
}

func TestInkGray(t *testing.T) {
	colours := []struct {
		name        string
		c           color.RGBA
		least, most uint8
	}{
		{"paper", color.RGBA{250, 248, 240, 255}, 235, 255},
		{"red seal", color.RGBA{215, 60, 70, 255}, 205, 255},
		{"black", color.RGBA{20, 20, 20, 255}, 0, 30},
		{"black under a seal", color.RGBA{70, 20, 25, 255}, 0, 75},
		{"blue ink", color.RGBA{40, 60, 160, 255}, 0, 100},
	}
	m := image.NewRGBA(image.Rect(0, 0, len(colours), 20))
	for i, c := range colours {
		for y := range 20 {
			m.SetRGBA(i, y, c.c)
		}
	}
	p, err := decode(t, encodePNG(t, m)).InkGray()
	got := grey(t, p, err)
	for i, c := range colours {
		if v := got.GrayAt(i, 10).Y; v < c.least || v > c.most {
			t.Errorf("%s became %d, want %d to %d", c.name, v, c.least, c.most)
		}
	}
}

// shaded is a page that is bright on the left and dim on the right, with
// strokes of half the brightness of the paper.
func shaded() *image.Gray {
	m := image.NewGray(image.Rect(0, 0, 800, 600))
	for y := range 600 {
		for x := range 800 {
			v := 250 - x/8
			if y%40 < 4 && x%20 < 10 {
				v /= 2
			}
			m.SetGray(x, y, color.Gray{Y: uint8(v)})
		}
	}
	return m
}

func TestUnevenLight(t *testing.T) {
	p := decode(t, encodePNG(t, shaded()))
	bg, err := p.Background(20)
	if err != nil {
		t.Fatal(err)
	}
	if s := bg.Spread(); s < 60 || s > 100 {
		t.Errorf("Spread = %d, want about 80", s)
	}
	q, err := p.Flatten(bg)
	flat := grey(t, q, err)
	for _, x := range []int{25, 405, 785} {
		paper, stroke := flat.GrayAt(x, 300).Y, flat.GrayAt(x, 282).Y
		if paper < 225 || stroke > 150 {
			t.Errorf("at %d paper is %d and strokes are %d, want them alike everywhere", x, paper, stroke)
		}
	}
	mask, err := p.Mask(bg, 70)
	if err != nil {
		t.Fatal(err)
	}
	defer mask.Close()
	if ink, err := mask.Ink(0, 0); err != nil || math.Abs(ink-0.05) > 0.005 {
		t.Errorf("Ink = %.4f, %v, want 0.05", ink, err)
	}
	sauvola, err := p.Sauvola(20, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	defer sauvola.Close()
	if ink, err := sauvola.Ink(0, 0); err != nil || math.Abs(ink-0.05) > 0.01 {
		t.Errorf("Ink by Sauvola = %.4f, %v, want 0.05", ink, err)
	}
}

// ruled is a 1-bit page of lines of strokes.
func ruled() image.Image {
	m := image.NewPaletted(image.Rect(0, 0, 1600, 2000), color.Palette{color.White, color.Black})
	for y := 200; y < 1800; y++ {
		for x := 200; x < 1400; x++ {
			if y%50 < 20 && x%17 < 9 {
				m.SetColorIndex(x, y, 1)
			}
		}
	}
	return m
}

func TestSkewIsClockwise(t *testing.T) {
	p := decode(t, encodePNG(t, ruled()))
	for _, want := range []float64{-2, -0.5, 0, 1, 3} {
		q, err := p.Rotate(want)
		if err != nil {
			t.Fatal(err)
		}
		got, conf, err := q.FindSkew()
		if err != nil || math.Abs(got-want) > 0.1 || conf < 3 {
			t.Errorf("FindSkew of a page rotated by %.1f = %.2f (%.1f), %v", want, got, conf, err)
		}
		q.Close()
	}
}

func TestComponentsAndWhiten(t *testing.T) {
	m := image.NewPaletted(image.Rect(0, 0, 200, 100), color.Palette{color.White, color.Black})
	for i := range 4 {
		m.SetColorIndex(10+i%2, 20+i/2, 1)
	}
	for x := 50; x < 150; x++ {
		m.SetColorIndex(x, 60, 1)
	}
	p := decode(t, encodePNG(t, m))
	parts, err := p.Components(5)
	if err != nil || len(parts) != 1 || parts[0] != image.Rect(10, 20, 12, 22) {
		t.Fatalf("Components = %v, %v, want the dot", parts, err)
	}
	q, err := p.Whiten(parts)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	all, err := q.Components(1000)
	if err != nil || len(all) != 1 || all[0].Dx() != 100 {
		t.Errorf("Components after Whiten = %v, %v, want the line", all, err)
	}
	h, err := q.Half(1)
	if err != nil || h.Width() != 100 || h.Height() != 50 {
		t.Errorf("Half = %v", err)
	}
	h.Close()
}

func TestMeasuresWantBits(t *testing.T) {
	p := decode(t, encodePNG(t, picture(50, 50)))
	if _, _, err := p.Orientation(); err == nil {
		t.Error("Orientation of a grey image succeeded")
	}
	if _, _, err := p.FindSkew(); err == nil {
		t.Error("FindSkew of a grey image succeeded")
	}
	if _, err := p.Components(3); err == nil {
		t.Error("Components of a grey image succeeded")
	}
	if _, err := p.Half(1); err == nil {
		t.Error("Half of a grey image succeeded")
	}
	if _, err := p.Ink(1, 0); err == nil {
		t.Error("Ink of a grey image succeeded")
	}
}
