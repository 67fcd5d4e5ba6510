package raster_test

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"strings"
	"testing"

	"sohoa"
	"sohoa/ingest/raster"
)

// noisy is a page of which no two rows are alike.
func noisy(w, h int) *image.RGBA {
	img := sheet(w, h)
	rnd := rand.New(rand.NewPCG(3, 4))
	for i := range img.Pix {
		if i%4 != 3 {
			img.Pix[i] = byte(max(0, int(img.Pix[i])-rnd.IntN(20)))
		}
	}
	return img
}

// part is the rectangle r of img, with its origin at 0, 0.
func part(img image.Image, r image.Rectangle) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(out, out.Rect, img, r.Min, draw.Src)
	return out
}

// strip is a part of a page as a PDF draws it.
type strip struct {
	at     image.Rectangle // pixels of the page
	matrix string          // of the image; empty is where at says
}

// tiledPDF draws the parts of img, which covers the page of 298 x 421 points.
func tiledPDF(t *testing.T, img image.Image, strips []strip, add func(*pdfMaker, *image.RGBA) int, pageEntries string) []byte {
	t.Helper()
	m := newPDF()
	w, h := float64(img.Bounds().Dx()), float64(img.Bounds().Dy())
	var content, names strings.Builder
	for i, s := range strips {
		matrix := s.matrix
		if matrix == "" {
			matrix = fmt.Sprintf("%.3f 0 0 %.3f %.3f %.3f", float64(s.at.Dx())*298/w, float64(s.at.Dy())*421/h,
				float64(s.at.Min.X)*298/w, (h-float64(s.at.Max.Y))*421/h)
		}
		fmt.Fprintf(&content, "q %s cm /I%d Do Q\n", matrix, i)
		fmt.Fprintf(&names, "/I%d %d 0 R ", i, add(m, part(img, s.at)))
	}
	m.page(content.String(), fmt.Sprintf("/Resources << /XObject << %s>> >> %s", names.String(), pageEntries))
	return m.bytes()
}

func flateRGB(m *pdfMaker, img *image.RGBA) int {
	return m.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /FlateDecode",
		img.Rect.Dx(), img.Rect.Dy()), deflate(rgbOf(img)))
}

// rows cuts w x h into strips of n rows.
func rows(w, h, n int) []strip {
	var s []strip
	for y := 0; y < h; y += n {
		s = append(s, strip{at: image.Rect(0, y, w, min(y+n, h))})
	}
	return s
}

func TestTilesAreJoined(t *testing.T) {
	const w, h = 496, 702
	img := noisy(w, h)
	var columns, grid []strip
	for x := 0; x < w; x += 100 {
		columns = append(columns, strip{at: image.Rect(x, 0, min(x+100, w), h)})
		for y := 0; y < h; y += 128 {
			grid = append(grid, strip{at: image.Rect(x, y, min(x+100, w), min(y+128, h))})
		}
	}
	backwards := rows(w, h, 64)
	for i, j := 0, len(backwards)-1; i < j; i, j = i+1, j-1 {
		backwards[i], backwards[j] = backwards[j], backwards[i]
	}
	tests := []struct {
		name   string
		strips []strip
		page   string
		turn   int
	}{
		{"strips", rows(w, h, 64), "", 0},
		{"strips from the bottom", backwards, "", 0},
		{"columns", columns, "", 0},
		{"a grid", grid, "", 0},
		{"strips on a turned page", rows(w, h, 64), "/Rotate 90", 90},
	}
	r := newRasterizer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, pages, err := split(t, r, write(t, "a.pdf", tiledPDF(t, img, tt.strips, flateRGB, tt.page)), raster.SplitOptions{Images: true})
			if err != nil {
				t.Fatal(err)
			}
			p := pages[0]
			if p.Source != sohoa.SourceFrame || p.Reason != "" || p.MediaType != raster.TypePNG || p.Turn != tt.turn {
				t.Fatalf("page is %s, %s, turn %d, reason %q, want the joined pixels turned by %d", p.Source, p.MediaType, p.Turn, p.Reason, tt.turn)
			}
			if got := decode(t, p.Image); !bytes.Equal(rgbOf(got), rgbOf(img)) {
				t.Errorf("the pixels are not those of the strips")
			}
		})
	}
}

// TestTurnedStripsAreJoined has strips that the page turns one by one.
func TestTurnedStripsAreJoined(t *testing.T) {
	img := noisy(702, 496) // stored on its side
	var strips []strip
	for y := 0; y < 496; y += 124 {
		x := float64(y) * 298 / 496 // a strip becomes a column of the page
		strips = append(strips, strip{image.Rect(0, y, 702, y+124), fmt.Sprintf("0 421 -74.5 0 %.3f 0", x+74.5)})
	}
	_, pages := mustSplit(t, write(t, "a.pdf", tiledPDF(t, img, strips, flateRGB, "")))
	p := pages[0]
	if p.Source != sohoa.SourceFrame || p.Turn != 270 || p.Width != 702 || p.Height != 496 {
		t.Fatalf("page is %s, turn %d, %d x %d, reason %q", p.Source, p.Turn, p.Width, p.Height, p.Reason)
	}
	if !bytes.Equal(rgbOf(decode(t, p.Image)), rgbOf(img)) {
		t.Errorf("the pixels are not those of the strips")
	}
}

// TestJPEGStripsAreJoined compares with what a decoder makes of each strip.
func TestJPEGStripsAreJoined(t *testing.T) {
	const w, h = 496, 702
	img := noisy(w, h)
	want, top := image.NewGray(img.Rect), 0
	add := func(m *pdfMaker, part *image.RGBA) int {
		b := encode(t, inGrey(part), 90)
		dec, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		draw.Draw(want, image.Rect(0, top, w, h), dec, image.Point{}, draw.Src)
		top += dec.Bounds().Dy()
		return m.jpegImage(b, part.Rect.Dx(), part.Rect.Dy(), "/Filter /DCTDecode /ColorSpace /DeviceGray")
	}
	_, pages := mustSplit(t, write(t, "a.pdf", tiledPDF(t, img, rows(w, h, 128), add, "")))
	p := pages[0]
	if p.Source != sohoa.SourceFrame {
		t.Fatalf("page is %s, reason %q", p.Source, p.Reason)
	}
	got := decode(t, p.Image)
	for y := range h {
		for x := range w {
			a, _, _, _ := got.At(x, y).RGBA()
			if d := abs(int(a>>8) - int(want.GrayAt(x, y).Y)); d > 2 { // decoders round differently
				t.Fatalf("pixel %d, %d is %d, want %d", x, y, a>>8, want.GrayAt(x, y).Y)
			}
		}
	}
}

func TestImagesThatDoNotTile(t *testing.T) {
	const w, h = 496, 702
	img := noisy(w, h)
	gap := rows(w, h, 128)
	gap = append(gap[:2], gap[3:]...)
	overlap := rows(w, h, 128)
	for i := range overlap[:5] {
		overlap[i].at.Max.Y += 2
	}
	mirrored := rows(w, h, 351)
	mirrored[0].matrix = "-298 0 0 210.5 298 210.5"
	mixed := rows(w, h, 351)
	mixed[0].matrix = "-298 0 0 -210.5 298 421"
	skewed := rows(w, h, 351)
	skewed[0].matrix = "297 5 -5 210 2 208"
	tests := map[string]struct {
		strips []strip
		reason string
	}{
		"a gap":          {gap, raster.ReasonSeveral},
		"an overlap":     {overlap, raster.ReasonSeveral},
		"one mirrored":   {mirrored, raster.ReasonFlipped},
		"one turned":     {mixed, raster.ReasonSeveral},
		"one skewed":     {skewed, raster.ReasonSkewed},
		"one image only": {rows(w, h, 351)[:1], raster.ReasonPart},
	}
	r := newRasterizer(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, pages, err := split(t, r, write(t, "a.pdf", tiledPDF(t, img, tt.strips, flateRGB, "")), raster.SplitOptions{Images: true})
			if err != nil {
				t.Fatal(err)
			}
			if p := pages[0]; p.Source != sohoa.SourceRendered || p.Reason != tt.reason {
				t.Errorf("page is %s, reason %q, want it rendered for %q", p.Source, p.Reason, tt.reason)
			}
		})
	}
}

// TestWhyPagesAreRendered has a page for each reason that others do not test.
func TestWhyPagesAreRendered(t *testing.T) {
	b := scan(t, 496, 702)
	masked := newPDF()
	mask := masked.stream("/Type /XObject /Subtype /Image /Width 2 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray", []byte{0, 255})
	masked.page(fullPage, showing(masked.jpegImage(b, 496, 702, fmt.Sprintf("%s /SMask %d 0 R", dct, mask))))
	form := newPDF()
	inner := form.jpegImage(b, 496, 702, dct)
	form.page("/X Do", fmt.Sprintf("/Resources << /XObject << /X %d 0 R >> >>", form.stream(
		fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 298 421] %s", showing(inner)), []byte(fullPage))))
	many := newPDF()
	many.page(strings.Repeat("0 0 9 9 re f ", 2100), "")
	fax := newPDF()
	fax.page(fullPage, showing(fax.stream("/Type /XObject /Subtype /Image /Width 600 /Height 424 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /FlateDecode", deflate(bits(600, 424)))))
	tests := []struct {
		reason string
		pdf    []byte
	}{
		{raster.ReasonText, textPDF("Test", "", name(20, 20))},
		{raster.ReasonVector, oneImage(b, 496, 702, fullPage+"0 0 m 200 200 l S", dct, "")},
		{raster.ReasonForm, form.bytes()},
		{raster.ReasonAnnotations, oneImage(b, 496, 702, fullPage, dct, "/Annots [<< /Type /Annot /Subtype /Square /Rect [10 10 90 90] /C [1 0 0] >>]")},
		{raster.ReasonFields, oneImage(b, 496, 702, fullPage, dct, "/Annots [<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /Rect [10 10 90 90] >>]")},
		{raster.ReasonEmpty, oneImage(b, 496, 702, "", dct, "")},
		{raster.ReasonText, many.bytes()}, // who knows
		{raster.ReasonPart, oneImage(b, 496, 702, "q 298 0 0 210 0 0 cm /I Do Q", dct, "")},
		{raster.ReasonCropped, oneImage(b, 496, 702, "q 596 0 0 842 0 0 cm /I Do Q", dct, "")},
		{raster.ReasonCropped, oneImage(b, 496, 702, fullPage, dct, "/CropBox [50 50 250 350]")},
		{raster.ReasonClipped, oneImage(b, 496, 702, "q 100 100 200 200 re W n "+fullPage+"Q", dct, "")},
		{raster.ReasonMasked, masked.bytes()},
		{raster.ReasonSkewed, oneImage(b, 496, 702, "q 297 10 -14 420 7 -5 cm /I Do Q", dct, "")},
		{raster.ReasonFlipped, oneImage(b, 496, 702, "q -298 0 0 421 298 0 cm /I Do Q", dct, "")},
		{raster.ReasonFax, fax.bytes()},
		{raster.ReasonColours, oneImage(b, 496, 702, fullPage, "/Filter /DCTDecode /ColorSpace [/Lab << /WhitePoint [0.96 1 0.82] >>]", "")},
		{raster.ReasonLook, oneImage(b, 496, 702, fullPage, dct+" /Decode [1 0 1 0 1 0]", "")},
		{raster.ReasonBroken, oneImage(b[:len(b)/2], 496, 702, fullPage, dct, "")},
	}
	r := newRasterizer(t)
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			_, pages, err := split(t, r, write(t, "a.pdf", tt.pdf), raster.SplitOptions{Images: true})
			if err != nil {
				t.Fatal(err)
			}
			if p := pages[0]; p.Source != sohoa.SourceRendered || p.Reason != tt.reason {
				t.Errorf("page is %s, reason %q, want it rendered for %q", p.Source, p.Reason, tt.reason)
			}
		})
	}
}

// TestInlineImage has the scan inside the page's content.
func TestInlineImage(t *testing.T) {
	b := scan(t, 496, 702)
	m := newPDF()
	m.page(fmt.Sprintf("q 298 0 0 421 0 0 cm\nBI /W 496 /H 702 /BPC 8 /CS /RGB /F /DCT /L %d ID %s\nEI Q", len(b), b), "")
	_, pages := mustSplit(t, write(t, "inline.pdf", m.bytes()))
	if p := pages[0]; p.Source != sohoa.SourceDirect || !bytes.Equal(p.Image, b) {
		t.Errorf("page is %s, reason %q, %d bytes, want the JPEG's %d", p.Source, p.Reason, len(p.Image), len(b))
	}
}
