package raster_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"sohoa"
	"sohoa/ingest/raster"
)

// oneImage is a PDF of one page that draws the JPEG b (w x h) by content.
func oneImage(b []byte, w, h int, content, imageEntries, pageEntries string) []byte {
	m := newPDF()
	n := m.jpegImage(b, w, h, imageEntries)
	m.page(content, showing(n)+" "+pageEntries)
	return m.bytes()
}

const dct = "/Filter /DCTDecode /ColorSpace /DeviceRGB"

func TestDirectImage(t *testing.T) {
	b := scan(t, 496, 702)
	side := scan(t, 702, 496)
	tests := []struct {
		name string
		pdf  []byte
		turn int
		want []byte // nil: the page is rendered
	}{
		{"plain", oneImage(b, 496, 702, fullPage, dct, ""), 0, b},
		{"deflated JPEG", oneImage(deflate(b), 496, 702, fullPage, "/Filter [/FlateDecode /DCTDecode] /ColorSpace /DeviceRGB", ""), 0, b},
		{"page turned", oneImage(b, 496, 702, fullPage, dct, "/Rotate 180"), 180, b},
		{"turned by matrix", oneImage(side, 702, 496, "q 0 421 -298 0 298 0 cm /I Do Q", dct, ""), 270, side},
		{"turned the other way", oneImage(side, 702, 496, "q 0 -421 298 0 0 421 cm /I Do Q", dct, ""), 90, side},
		{"matrix and page undo each other", oneImage(side, 702, 496, "q 0 421 -298 0 298 0 cm /I Do Q", dct, "/Rotate 90"), 0, side},
		{"invisible words over it", oneImage(b, 496, 702, fullPage+"BT 3 Tr /F 12 Tf (cu) Tj ET", dct, ""), 0, b},
		{"white paper under it", oneImage(b, 496, 702, "1 g 0 0 298 421 re f "+fullPage, dct, ""), 0, b},
		{"mirrored", oneImage(b, 496, 702, "q -298 0 0 421 298 0 cm /I Do Q", dct, ""), 0, nil},
		{"skewed", oneImage(b, 496, 702, "q 297 10 -14 420 7 -5 cm /I Do Q", dct, ""), 0, nil},
		{"half the page", oneImage(b, 496, 702, "q 298 0 0 210 0 0 cm /I Do Q", dct, ""), 0, nil},
		{"larger than the page", oneImage(b, 496, 702, "q 596 0 0 842 0 0 cm /I Do Q", dct, ""), 0, nil},
		{"a line over it", oneImage(b, 496, 702, fullPage+"0 0 m 200 200 l S", dct, ""), 0, nil},
		{"clipped", oneImage(b, 496, 702, "q 100 100 200 200 re W n "+fullPage+"Q", dct, ""), 0, nil},
		{"clipped to the page", oneImage(b, 496, 702, "q 0 0 298 421 re W n "+fullPage+"Q", dct, ""), 0, b},
		{"inverted", oneImage(b, 496, 702, fullPage, dct+" /Decode [1 0 1 0 1 0]", ""), 0, nil},
		{"states its samples needlessly", oneImage(b, 496, 702, fullPage, dct+" /Decode [0 1 0 1 0 1]", ""), 0, b},
		{"stated size is wrong", oneImage(b, 300, 300, fullPage, dct, ""), 0, nil},
		{"cut short", oneImage(b[:len(b)/2], 496, 702, fullPage, dct, ""), 0, nil},
		{"annotated", oneImage(b, 496, 702, fullPage, dct, "/Annots [<< /Type /Annot /Subtype /Square /Rect [10 10 90 90] /C [1 0 0] >>]"), 0, nil},
	}
	r := newRasterizer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, pages, err := split(t, r, write(t, "a.pdf", tt.pdf), raster.SplitOptions{Images: true})
			if err != nil || len(pages) != 1 || f.Pages != 1 || f.BornDigital {
				t.Fatalf("Split = %+v, %d pages, %v", f, len(pages), err)
			}
			p := pages[0]
			if tt.want == nil {
				if p.Source != sohoa.SourceRendered || p.MediaType != raster.TypeJPEG || p.Turn != 0 {
					t.Errorf("page is %s, %s, turn %d, want it rendered", p.Source, p.MediaType, p.Turn)
				}
				return
			}
			if p.Source != sohoa.SourceDirect || sohoa.Sum(p.Image) != sohoa.Sum(tt.want) {
				t.Errorf("page is %s with %d bytes, want the embedded JPEG's %d", p.Source, len(p.Image), len(tt.want))
			}
			if p.Turn != tt.turn {
				t.Errorf("Turn = %d, want %d", p.Turn, tt.turn)
			}
			if math.Abs(p.DPI-120) > 0.5 { // 496 pixels on 298 points
				t.Errorf("DPI = %g, want 120", p.DPI)
			}
		})
	}
}

func TestMaskedImageIsRendered(t *testing.T) {
	b := scan(t, 496, 702)
	m := newPDF()
	mask := m.stream("/Type /XObject /Subtype /Image /Width 2 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray", []byte{0, 255})
	n := m.jpegImage(b, 496, 702, fmt.Sprintf("%s /SMask %d 0 R", dct, mask))
	m.page(fullPage, showing(n))
	_, pages := mustSplit(t, write(t, "mask.pdf", m.bytes()))
	if p := pages[0]; p.Source != sohoa.SourceRendered {
		t.Errorf("Source = %s, want %s", p.Source, sohoa.SourceRendered)
	}
}

// bits is a 1-bit picture of w x h with a black upper left quarter; a set bit
// is white.
func bits(w, h int) []byte {
	line := (w + 7) / 8
	b := bytes.Repeat([]byte{0xff}, line*h)
	for y := range h / 2 {
		for x := range w / 2 {
			b[y*line+x/8] &^= 0x80 >> (x % 8)
		}
	}
	return b
}

func TestPixelsOfOtherImages(t *testing.T) {
	tests := []struct {
		name    string
		entries string
		data    []byte
		black   bool // upper left of the page
	}{
		{"1-bit", "/BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /FlateDecode", deflate(bits(600, 849)), true},
		{"1-bit inverted", "/BitsPerComponent 1 /ColorSpace /DeviceGray /Decode [1 0] /Filter /FlateDecode", deflate(bits(600, 849)), false},
		{"stencil", "/BitsPerComponent 1 /ImageMask true /Filter /FlateDecode", deflate(bits(600, 849)), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newPDF()
			n := m.stream("/Type /XObject /Subtype /Image /Width 600 /Height 849 "+tt.entries, tt.data)
			m.page(fullPage, showing(n))
			_, pages := mustSplit(t, write(t, "bits.pdf", m.bytes()))
			p := pages[0]
			if p.MediaType != raster.TypePNG {
				t.Fatalf("page is %s, %s, want PNG", p.Source, p.MediaType)
			}
			img, err := png.Decode(bytes.NewReader(p.Image))
			if err != nil {
				t.Fatal(err)
			}
			if pal, ok := img.(*image.Paletted); ok && len(pal.Palette) > 2 {
				t.Errorf("PNG has %d colours, want 2", len(pal.Palette))
			}
			if v, _, _, _ := img.At(p.Width/4, p.Height/4).RGBA(); (v == 0) != tt.black {
				t.Errorf("upper left is %x, want black: %v", v, tt.black)
			}
			if v, _, _, _ := img.At(p.Width*3/4, p.Height*3/4).RGBA(); (v == 0) == tt.black {
				t.Errorf("lower right is %x, want black: %v", v, !tt.black)
			}
			t.Logf("%s: %s %dx%d, %d bytes", tt.name, p.Source, p.Width, p.Height, len(p.Image))
		})
	}
}

func TestRenderedSize(t *testing.T) {
	tests := []struct {
		name     string
		box      string
		w, h     int
		dpiBelow float64
	}{
		{"A4", "[0 0 595.28 841.89]", 2480, 3508, 301},
		{"crop box counts", "[0 0 1000 1000] /CropBox [100 100 172 244]", 300, 600, 301},
		{"A0 at a lower resolution", "[0 0 2384 3370]", 0, 0, 200},
		{"turned", "[0 0 595.28 841.89] /Rotate 90", 3507, 2480, 301},
	}
	r := newRasterizer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newPDF()
			c := m.stream("", []byte("10 10 m 50 50 l S"))
			m.rawPage(fmt.Sprintf("/Contents %d 0 R /MediaBox %s", c, tt.box))
			_, pages, err := split(t, r, write(t, "size.pdf", m.bytes()), raster.SplitOptions{Images: true})
			if err != nil {
				t.Fatal(err)
			}
			p := pages[0]
			if tt.w != 0 && (abs(p.Width-tt.w) > 1 || abs(p.Height-tt.h) > 1) {
				t.Errorf("page is %d x %d, want %d x %d", p.Width, p.Height, tt.w, tt.h)
			}
			if p.Width*p.Height > sohoa.MaxRenderPixels || p.DPI > tt.dpiBelow {
				t.Errorf("page is %d x %d at %g dpi, want at most %d pixels", p.Width, p.Height, p.DPI, sohoa.MaxRenderPixels)
			}
			cfg, _, err := image.DecodeConfig(bytes.NewReader(p.Image))
			if err != nil || cfg.Width != p.Width || cfg.Height != p.Height {
				t.Errorf("image is %d x %d, %v, want %d x %d", cfg.Width, cfg.Height, err, p.Width, p.Height)
			}
		})
	}
}

func abs(n int) int { return max(n, -n) }

// TestSharedCorpus looks at the scanned PDFs of the shared corpus.
func TestSharedCorpus(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "corpus", "dev", "pdf")
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		t.Skip("no shared corpus")
	}
	r := newRasterizer(t)
	for name, pages := range map[string]int{"dev0007.pdf": 2, "dev0011.pdf": 4} {
		path := filepath.Join(dir, name)
		f, got, err := split(t, r, path, raster.SplitOptions{Images: true})
		if err != nil || f.Pages != pages || len(got) != pages {
			t.Fatalf("Split(%s) = %+v, %d pages, %v, want %d", name, f, len(got), err, pages)
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range got {
			if p.Source != sohoa.SourceDirect || !bytes.Contains(whole, p.Image) {
				t.Errorf("%s page %d is %s, want the bytes in the file", name, p.Number, p.Source)
			}
		}
	}
}
