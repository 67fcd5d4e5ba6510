package lept_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"sohoa/ocr/lept"
)

// pixOf is img as a Pix.
func pixOf(t *testing.T, img image.Image) *lept.Pix {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	p, err := lept.Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// TestEncodeLayerKeepsPaper: at any quality flat paper keeps its colour.
func TestEncodeLayerKeepsPaper(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, paper := range []color.RGBA{{244, 240, 230, 255}, {255, 255, 255, 255}, {226, 214, 203, 255}, {199, 215, 184, 255}} {
		img := image.NewRGBA(image.Rect(0, 0, 160, 90))
		for i := range 160 * 90 {
			for c, v := range []uint8{paper.R, paper.G, paper.B, 255} {
				img.Pix[4*i+c] = uint8(min(255, int(v)+r.IntN(2)))
			}
		}
		for _, quality := range []int{20, 40, 85} {
			b, err := pixOf(t, img).EncodeLayer(quality)
			if err != nil {
				t.Fatalf("EncodeLayer(%d) = %v", quality, err)
			}
			out, err := jpeg.Decode(bytes.NewReader(b))
			if err != nil || out.Bounds() != img.Rect {
				t.Fatalf("EncodeLayer(%d) gives %v, %v", quality, out, err)
			}
			for _, at := range []image.Point{{3, 3}, {80, 40}, {150, 80}} {
				got := color.RGBAModel.Convert(out.At(at.X, at.Y)).(color.RGBA)
				if off(got.R, paper.R) > 3 || off(got.G, paper.G) > 3 || off(got.B, paper.B) > 3 {
					t.Errorf("EncodeLayer(%d) of paper %v = %v at %v", quality, paper, got, at)
				}
			}
		}
	}
}

func off(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

func TestEncodeLayerOfGrey(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 31, 17))
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	b, err := pixOf(t, img).EncodeLayer(75)
	if err != nil {
		t.Fatalf("EncodeLayer = %v", err)
	}
	out, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil || out.ColorModel() != color.GrayModel || off(color.GrayModel.Convert(out.At(20, 9)).(color.Gray).Y, 200) > 1 {
		t.Errorf("EncodeLayer of grey 200 = %v, %v", out, err)
	}
	bits, err := pixOf(t, image.NewPaletted(img.Rect, color.Palette{color.White, color.Black})).EncodeLayer(75)
	if err == nil {
		t.Errorf("EncodeLayer of 1 bit = %d bytes, want an error", len(bits))
	}
}

// TestPaperGoesOnUnderInk: what the cover hides becomes what is around it.
func TestPaperGoesOnUnderInk(t *testing.T) {
	const side, factor = 90, 3
	img, cover := image.NewRGBA(image.Rect(0, 0, side, side)), image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range side {
		for x := range side {
			img.Set(x, y, color.RGBA{220, 210, 190, 255})
			if x > 20 && x < 60 && y > 30 && y < 50 {
				img.Set(x, y, color.RGBA{0, 0, 200, 255})
				cover.SetColorIndex(x, y, 1)
			}
		}
	}
	p, err := pixOf(t, img).Paper(pixOf(t, cover), factor)
	if err != nil {
		t.Fatalf("Paper = %v", err)
	}
	defer p.Close()
	b, err := p.EncodePNG()
	if err != nil {
		t.Fatal(err)
	}
	out, err := png.Decode(bytes.NewReader(b))
	if err != nil || out.Bounds() != image.Rect(0, 0, side/factor, side/factor) {
		t.Fatalf("Paper is %v, %v, want %d pixels each way", out.Bounds(), err, side/factor)
	}
	for _, at := range []image.Point{{0, 0}, {12, 13}, {29, 29}} {
		if got := color.RGBAModel.Convert(out.At(at.X, at.Y)).(color.RGBA); got != (color.RGBA{220, 210, 190, 255}) {
			t.Errorf("Paper at %v = %v, want that of the page", at, got)
		}
	}
}

// TestStretchIsItsOwners: drawing on what Stretch gives leaves the image alone.
func TestStretchIsItsOwners(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 16, 16))
	x := pixOf(t, img)
	same, err := x.Stretch(16, 16)
	if err != nil {
		t.Fatal(err)
	}
	defer same.Close()
	white, err := lept.White(4, 4, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer white.Close()
	if err := same.Paste(white, 2, 2); err != nil {
		t.Fatal(err)
	}
	got, err := x.Bytes()
	if err != nil || bytes.Contains(got, []byte{255}) {
		t.Errorf("the image has changed with what Stretch made of it, %v", err)
	}
}

// TestLayersRefuse: images that do not fit each other.
func TestLayersRefuse(t *testing.T) {
	gray, wide := pixOf(t, image.NewGray(image.Rect(0, 0, 20, 20))), pixOf(t, image.NewGray(image.Rect(0, 0, 21, 20)))
	bits := pixOf(t, image.NewPaletted(image.Rect(0, 0, 10, 20), color.Palette{color.White, color.Black}))
	small, err := gray.Background(8)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"Alike":     second(gray.Alike(wide, 8)),
		"Paper":     second(gray.Paper(bits, 3)),
		"InkColour": second(gray.InkColour(bits)),
		"Strokes":   second(wide.Strokes(small, bits, 86, 8)),
		"Chroma":    second(gray.Chroma(8)),
		"Stain":     gray.Stain(bits, 0),
		"Bytes":     second(pixOf(t, image.NewRGBA(image.Rect(0, 0, 2, 2))).Bytes()),
	} {
		if err == nil {
			t.Errorf("%s of images that do not fit = nil, want an error", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }
