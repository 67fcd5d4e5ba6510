package lept_test

import (
	"image"
	"image/color"
	"math"
	"testing"
)

// TestFirmMask: strokes keep their width, whether their ink is black or pale.
// A tenth of the page is strokes whose edges are half ink.
func TestFirmMask(t *testing.T) {
	for _, ink := range []uint8{20, 90, 150} {
		m := image.NewGray(image.Rect(0, 0, 600, 600))
		for y := range 600 {
			for x := range 600 {
				v := uint8(240)
				switch k := x % 40; {
				case k == 10 || k == 14:
					v = uint8((240 + int(ink)) / 2)
				case k > 10 && k < 14:
					v = ink
				}
				m.SetGray(x, y, color.Gray{Y: v})
			}
		}
		p := decode(t, encodePNG(t, m))
		bg, err := p.Background(30)
		if err != nil {
			t.Fatal(err)
		}
		mask, err := p.FirmMask(bg, 70, 85)
		if err != nil {
			t.Fatal(err)
		}
		got, err := mask.Ink(0, 0)
		mask.Close()
		if err != nil || math.Abs(got-0.1) > 0.03 {
			t.Errorf("FirmMask of ink at %d covers %.3f, %v, want 0.075 to 0.125", ink, got, err)
		}
	}
}
