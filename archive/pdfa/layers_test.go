package pdfa_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive/jbig2"
	"sohoa/archive/pdfa"
)

// renderers draw the first page of a file at a resolution.
var renderers = map[string]func(t testing.TB, file []byte, dpi int) image.Image{
	"poppler": func(t testing.TB, file []byte, dpi int) image.Image {
		return decodeImage(t, []byte(run(t, "pdftoppm", "-f", "1", "-l", "1", "-r", fmt.Sprint(dpi), "-png", save(t, "page.pdf", file))))
	},
	"pdfium": func(t testing.TB, file []byte, dpi int) image.Image {
		v := view(t, file)
		defer v.close()
		return v.render(0, dpi)
	},
}

func decodeImage(t testing.TB, b []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// mask codes where inside is true as ink.
func mask(w, h int, inside func(x, y int) bool) []byte {
	m := jbig2.Bitmap{Width: w, Height: h, Stride: (w + 7) / 8}
	m.Bits = make([]byte, m.Stride*h)
	for y := range h {
		for x := range w {
			if inside(x, y) {
				m.Bits[y*m.Stride+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return jbig2.Encode(m)
}

// plain is an image of one colour.
func plain(w, h int, c color.Color) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

func within(r image.Rectangle) func(x, y int) bool {
	return func(x, y int) bool { return image.Pt(x, y).In(r) }
}

var (
	seal   = color.RGBA{200, 30, 40, 255}
	black  = color.RGBA{20, 20, 30, 255}
	paper  = color.RGBA{230, 225, 180, 255}
	stamp  = color.RGBA{40, 60, 190, 255}
	sheetW = 80
	sheetH = 120
	text   = image.Rect(8, 10, 40, 30) // of the black stencil
	ring   = image.Rect(30, 20, 70, 60)
	photo  = image.Rect(60, 90, 79, 117) // of the patch
)

// layers is a page of a background, two stencils of which the second covers a
// part of the first, and a patch.
func layers() *sohoa.Layers {
	return &sohoa.Layers{
		Width: sheetW, Height: sheetH,
		Background: encodeJPEG(plain(20, 30, paper)),
		Stencils: []sohoa.Stencil{
			{Mask: mask(sheetW, sheetH, within(text)), Colour: [3]uint8{black.R, black.G, black.B}},
			{Mask: mask(sheetW, sheetH, within(ring)), Colour: [3]uint8{seal.R, seal.G, seal.B}},
		},
		Patches:   []sohoa.Patch{{X: photo.Min.X, Y: photo.Min.Y, Width: photo.Dx(), Height: photo.Dy(), JPEG: encodeJPEG(plain(photo.Dx(), photo.Dy(), stamp))}},
		Treatment: sohoa.Treatment{Form: sohoa.FormLayered, Detail: "ink 4.2 %"},
	}
}

// layered is the colour of a pixel of layers.
func layered(x, y int) color.RGBA {
	switch p := image.Pt(x, y); {
	case p.In(photo):
		return stamp
	case p.In(ring):
		return seal
	case p.In(text):
		return black
	}
	return paper
}

// upright is where a pixel of a w by h image goes when it is turned.
func upright(x, y, w, h, turn int) (int, int) {
	switch turn {
	case 90:
		return h - 1 - y, x
	case 180:
		return w - 1 - x, h - 1 - y
	case 270:
		return y, w - 1 - x
	}
	return x, y
}

// TestLayersAreDrawnWhereTheyBelong looks at every pixel of a small page, in
// each turn.
func TestLayersAreDrawnWhereTheyBelong(t *testing.T) {
	for name, render := range renderers {
		for _, turn := range []int{0, 90, 180, 270} {
			file, reports := write(t, options, pdfa.Page{Layers: layers(), DPI: 72, Turn: turn})
			if err := lint(file); err != nil {
				t.Fatalf("Lint = %v", err)
			}
			if got := reports[0].Treatment; got.Form != sohoa.FormLayered || got.Detail != "ink 4.2 %" || got.Bytes <= 0 {
				t.Errorf("treatment = %+v, want that of the layers with their bytes", got)
			}
			if n := wrongPixels(t, render(t, file, 72), turn); n > 0 {
				t.Errorf("%s, turn %d: %d pixels have another colour", name, turn, n)
			}
		}
	}
}

// wrongPixels counts the pixels of a rendered page that are not as layered,
// those beside an edge left out: poppler draws images one pixel larger.
func wrongPixels(t testing.TB, img image.Image, turn int) (n int) {
	t.Helper()
	for y := range sheetH {
		for x := range sheetW {
			px, py := upright(x, y, sheetW, sheetH, turn)
			if !edge(x, y) && !close(img.At(px, py), layered(x, y), 6) {
				n++
			}
		}
	}
	return n
}

// edge reports whether a neighbour of a pixel has another colour.
func edge(x, y int) bool {
	for i := range 9 {
		if layered(x+i%3-1, y+i/3-1) != layered(x, y) {
			return true
		}
	}
	return false
}

// close reports whether no sample of two colours differs by more than limit.
func close(a, b color.Color, limit int) bool {
	r, g, bl, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	for _, d := range []int{int(r>>8) - int(r2>>8), int(g>>8) - int(g2>>8), int(bl>>8) - int(b2>>8)} {
		if max(d, -d) > limit {
			return false
		}
	}
	return true
}

// TestKindsOfLayers leaves out one or the other.
func TestKindsOfLayers(t *testing.T) {
	stored := encodeJPEG(gray(sheetW, sheetH))
	rows := []struct {
		name   string
		edit   func(l *sohoa.Layers)
		form   sohoa.Form
		reason string
		images int
		ink    color.Color // at the top left, where only the text stencil is
		ground color.Color // at the bottom left
	}{
		{"all", func(l *sohoa.Layers) {}, sohoa.FormLayered, "", 4, black, paper},
		{"no background", func(l *sohoa.Layers) { l.Background = nil }, sohoa.FormLayered, "", 3, black, color.White},
		{"no stencils", func(l *sohoa.Layers) { l.Stencils, l.Treatment.Form = nil, sohoa.FormReduced }, sohoa.FormReduced, "", 2, paper, paper},
		{"gray background", func(l *sohoa.Layers) { l.Background = encodeJPEG(grayOf(99)) }, sohoa.FormLayered, "", 4, black, color.Gray{99}},
		{"no layer at all", func(l *sohoa.Layers) {
			l.Background, l.Stencils = nil, nil
			l.Treatment = sohoa.Treatment{Form: sohoa.FormOriginal, Reason: "layers.photograph"}
		}, sohoa.FormOriginal, "layers.photograph", 1, color.Gray{31}, color.Gray{238}},
	}
	for _, r := range rows {
		l := layers()
		r.edit(l)
		file, reports := write(t, options, pdfa.Page{Image: stored, MediaType: "image/jpeg", Layers: l, DPI: 72})
		if err := lint(file); err != nil {
			t.Errorf("%s: Lint = %v", r.name, err)
		}
		if got := reports[0].Treatment; got.Form != r.form || got.Reason != r.reason {
			t.Errorf("%s: treatment = %+v, want %q for %q", r.name, got, r.form, r.reason)
		}
		if n := bytes.Count(file, []byte("/Subtype/Image")); n != r.images {
			t.Errorf("%s: %d images, want %d", r.name, n, r.images)
		}
		for name, render := range renderers {
			img := render(t, file, 72)
			if ink, ground := img.At(10, 15), img.At(5, 112); !close(ink, r.ink, 12) || !close(ground, r.ground, 12) {
				t.Errorf("%s, %s: ink %v on %v, want %v on %v", r.name, name, ink, ground, r.ink, r.ground)
			}
		}
	}
}

// grayOf is a gray image.
func grayOf(v uint8) image.Image {
	img := image.NewGray(image.Rect(0, 0, 8, 12))
	for i := range img.Pix {
		img.Pix[i] = v
	}
	return img
}

func TestBrokenLayersAreRefused(t *testing.T) {
	rows := map[string]func(l *sohoa.Layers){
		"no width":                  func(l *sohoa.Layers) { l.Width = 0 },
		"no height":                 func(l *sohoa.Layers) { l.Height = -120 },
		"too many pixels":           func(l *sohoa.Layers) { l.Width, l.Height, l.Stencils = 1<<20, 1<<20, nil },
		"background is a PNG":       func(l *sohoa.Layers) { l.Background = encodePNG(gray(8, 8)) },
		"background is cut short":   func(l *sohoa.Layers) { l.Background = l.Background[:len(l.Background)-2] },
		"background in CMYK":        func(l *sohoa.Layers) { l.Background = decodeBase64(cmykJPEG) },
		"background in RGB":         func(l *sohoa.Layers) { l.Background = addSegment(l.Background, 0xEE, adobe(0)) },
		"background with a profile": func(l *sohoa.Layers) { l.Background = addSegment(l.Background, 0xE2, iccChunk(profileOf("RGB ", 4))) },
		"stencil of nothing":        func(l *sohoa.Layers) { l.Stencils[0].Mask = nil },
		"stencil of another size":   func(l *sohoa.Layers) { l.Stencils[1].Mask = mask(sheetH, sheetW, within(text)) },
		"stencil with more behind":  func(l *sohoa.Layers) { l.Stencils[1].Mask = append(l.Stencils[1].Mask, 0) },
		"stencil is a JPEG":         func(l *sohoa.Layers) { l.Stencils[1].Mask = l.Background },
		"patch left of the page":    func(l *sohoa.Layers) { l.Patches[0].X = -1 },
		"patch above the page":      func(l *sohoa.Layers) { l.Patches[0].Y = -1 },
		"patch beyond the page":     func(l *sohoa.Layers) { l.Patches[0].X++; l.Patches[0].Width++ },
		"patch below the page":      func(l *sohoa.Layers) { l.Patches[0].Height = 1 << 62 },
		"patch without width":       func(l *sohoa.Layers) { l.Patches[0].Width = 0 },
		"patch is a stencil":        func(l *sohoa.Layers) { l.Patches[0].JPEG = l.Stencils[0].Mask },
		"too many patches": func(l *sohoa.Layers) {
			for len(l.Patches)+len(l.Stencils) < sohoa.MaxPageLayers {
				l.Patches = append(l.Patches, l.Patches[0])
			}
		},
		"unknown form":      func(l *sohoa.Layers) { l.Treatment.Form = "magic" },
		"reason in English": func(l *sohoa.Layers) { l.Treatment.Reason = "It is a photo" },
		"endless detail":    func(l *sohoa.Layers) { l.Treatment.Detail = strings.Repeat("x", 501) },
	}
	for name, edit := range rows {
		l := layers()
		edit(l)
		var buf bytes.Buffer
		w := pdfa.NewWriter(&buf, options)
		if _, err := w.AddPage(pdfa.Page{Layers: l, DPI: 72}); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("%s: AddPage = %v, want %v", name, err, sohoa.ErrInvalid)
		}
		if _, err := w.AddPage(pdfa.Page{Layers: layers(), DPI: 72}); err != nil {
			t.Fatalf("%s: AddPage after a refusal = %v", name, err)
		}
		if _, err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if want, _ := write(t, options, pdfa.Page{Layers: layers(), DPI: 72}); !bytes.Equal(buf.Bytes(), want) {
			t.Errorf("%s: a refused page left traces in the file", name)
		}
	}
}

// TestBitonalPixelsComeBack compares every pixel of bitonal pages with those
// that poppler extracts and pdfium draws. (What poppler draws is one pixel
// larger than the page, and so never the pixels themselves.)
func TestBitonalPixelsComeBack(t *testing.T) {
	for _, k := range kinds {
		if k.form != sohoa.FormBitonal {
			continue
		}
		const w, h = 251, 333
		file, reports := write(t, options, pdfa.Page{Image: k.file(w, h), MediaType: k.mediaType, DPI: 72})
		if reports[0].Treatment.Form != sohoa.FormBitonal || !bytes.Contains(file, []byte("/ColorSpace /DeviceGray/Filter/JBIG2Decode")) {
			t.Fatalf("%s: treatment = %+v, want JBIG2", k.name, reports[0].Treatment)
		}
		images := map[string]image.Image{"pdfimages": extract(t, file), "pdfium": renderers["pdfium"](t, file, 72)}
		for name, img := range images {
			if img.Bounds().Size() != image.Pt(w, h) {
				t.Errorf("%s through %s: %v pixels, want %d×%d", k.name, name, img.Bounds(), w, h)
				continue
			}
			wrong := 0
			for y := range h {
				for x := range w {
					if r, _, _, _ := img.At(x, y).RGBA(); (r < 0x8000) != ink(x, y) {
						wrong++
					}
				}
			}
			if wrong > 0 {
				t.Errorf("%s through %s: %d pixels differ", k.name, name, wrong)
			}
		}
	}
}

// extract is the only image of a file as pdfimages decodes it.
func extract(t testing.TB, file []byte) image.Image {
	t.Helper()
	path := save(t, "images.pdf", file)
	run(t, "pdfimages", "-png", path, filepath.Join(filepath.Dir(path), "out"))
	b, err := os.ReadFile(filepath.Join(filepath.Dir(path), "out-000.png"))
	if err != nil {
		t.Fatal(err)
	}
	return decodeImage(t, b)
}
