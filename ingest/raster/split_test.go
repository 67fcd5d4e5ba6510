package raster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sohoa"
	"sohoa/ingest/raster"
)

// mixedPDF has n pages, in turn with a JPEG of their own, text, and a line.
func mixedPDF(t *testing.T, n int) []byte {
	m := newPDF()
	f := m.textFont("Test", glyphs)
	for i := range n {
		switch i % 3 {
		case 0:
			img := m.jpegImage(scan(t, 40+i, (40+i)*421/298), 40+i, (40+i)*421/298, dct)
			m.page(fullPage, showing(img))
		case 1:
			m.page(name(20, 20+i), fmt.Sprintf("/Resources << /Font << /F %d 0 R >> >>", f))
		default:
			m.page(fmt.Sprintf("0 0 m %d 99 l S", i), "")
		}
	}
	return m.bytes()
}

// TestSamePagesAgain splits a file of more pages than one pdfium instance
// serves, twice, and then makes single pages again.
func TestSamePagesAgain(t *testing.T) {
	const n = 57
	path := write(t, "mixed.pdf", mixedPDF(t, n))
	r := newRasterizer(t)
	f, first, err := split(t, r, path, raster.SplitOptions{Images: true})
	if err != nil || f.Pages != n || len(first) != n || !f.BornDigital {
		t.Fatalf("Split = %+v, %d pages, %v", f, len(first), err)
	}
	for i, p := range first {
		want := []sohoa.PageSource{sohoa.SourceDirect, sohoa.SourceRendered, sohoa.SourceRendered}[i%3]
		if p.Number != i+1 || p.Source != want || (p.Text != nil) != (i%3 == 1) {
			t.Errorf("page %d is number %d, %s, text %q", i+1, p.Number, p.Source, words(p.Text))
		}
	}
	for _, n := range []int{1, 2, 51, 57} {
		_, again, err := split(t, newRasterizer(t), path, raster.SplitOptions{First: n, Last: n, Images: true})
		if err != nil || len(again) != 1 {
			t.Fatalf("page %d again: %d pages, %v", n, len(again), err)
		}
		if p := first[n-1]; again[0].Number != n || sohoa.Sum(again[0].Image) != sohoa.Sum(p.Image) {
			t.Errorf("page %d again: number %d, %d bytes, want the same %d", n, again[0].Number, len(again[0].Image), len(p.Image))
		}
	}
}

func TestSplitOptions(t *testing.T) {
	path := write(t, "mixed.pdf", mixedPDF(t, 9))
	r := newRasterizer(t)
	tests := []struct {
		name        string
		opts        raster.SplitOptions
		first, last int
	}{
		{"all", raster.SplitOptions{}, 1, 9},
		{"from", raster.SplitOptions{First: 7}, 7, 9},
		{"to", raster.SplitOptions{Last: 2}, 1, 2},
		{"beyond the end", raster.SplitOptions{First: 8, Last: 20}, 8, 9},
		{"none", raster.SplitOptions{First: 10}, 10, 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, pages, err := split(t, r, path, tt.opts)
			if err != nil || f.Pages != 9 || len(pages) != tt.last-tt.first+1 {
				t.Fatalf("Split = %+v, %d pages, %v, want pages %d to %d", f, len(pages), err, tt.first, tt.last)
			}
			for i, p := range pages {
				if p.Number != tt.first+i || len(p.Image) != 0 || p.Width == 0 || p.Height == 0 {
					t.Errorf("page %d = %+v, want no image, but its size", tt.first+i, p)
				}
			}
		})
	}
}

func TestErrorOfEach(t *testing.T) {
	path := write(t, "mixed.pdf", mixedPDF(t, 9))
	stop := errors.New("stop")
	calls := 0
	_, err := newRasterizer(t).Split(context.Background(), path, raster.SplitOptions{}, func(raster.Page) error {
		calls++
		return stop
	})
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("Split = %v after %d calls, want %v after 1", err, calls, stop)
	}
}

func TestSignatures(t *testing.T) {
	m := newPDF()
	sig := m.object("<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <00> >>")
	img := m.jpegImage(scan(t, 496, 702), 496, 702, dct)
	field := m.object(fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Sig /T (s1) /V %d 0 R /Rect [0 0 0 0] /F 132 >>", sig))
	m.page(fullPage, fmt.Sprintf("%s /Annots [%d 0 R]", showing(img), field))
	m.catalog = fmt.Sprintf("/AcroForm << /Fields [%d 0 R] /SigFlags 3 >>", field)
	f, pages := mustSplit(t, write(t, "signed.pdf", m.bytes()))
	if f.Signatures != 1 || f.BornDigital {
		t.Errorf("Split = %+v, want 1 signature on a scan", f)
	}
	if pages[0].Source != sohoa.SourceDirect {
		t.Errorf("Source = %s, want %s: the signature is invisible", pages[0].Source, sohoa.SourceDirect)
	}
}

// TestVisibleSignatureIsDrawn checks that a signature's mark, which is a form
// field, is on the rendered page.
func TestVisibleSignatureIsDrawn(t *testing.T) {
	m := newPDF()
	mark := m.stream("/Type /XObject /Subtype /Form /BBox [0 0 100 100]", []byte("1 0 0 rg 0 0 100 100 re f"))
	field := m.object(fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Sig /T (s1) /Rect [100 100 200 200] /F 132 /AP << /N %d 0 R >> >>", mark))
	m.page("", fmt.Sprintf("/Annots [%d 0 R]", field))
	m.catalog = fmt.Sprintf("/AcroForm << /Fields [%d 0 R] /SigFlags 3 >>", field)
	_, pages := mustSplit(t, write(t, "mark.pdf", m.bytes()))
	img := decode(t, pages[0].Image)
	p := pages[0]
	r, g, _, _ := img.At(p.Width*150/298, p.Height*(421-150)/421).RGBA()
	if r < 0xc000 || g > 0x4000 {
		t.Errorf("the mark's colour is %x, %x, want red", r>>8, g>>8)
	}
}

func TestOddities(t *testing.T) {
	const window = 1 << 18
	tests := []struct {
		name, s string
		want    bool
	}{
		{"none", "<< /DecodeParms 3 0 R /Width 1 >>", false},
		{"empty", "", false},
		{"mask", "<< /SMask 3 0 R >>", true},
		{"across windows", strings.Repeat(" ", window-3) + "/SMask 3 0 R", true},
		{"across later windows", strings.Repeat(" ", 2*window-20) + "/Decode [1 0]" + strings.Repeat(" ", window), true},
	}
	for _, tt := range tests {
		got, err := raster.Oddities(bytes.NewReader([]byte(tt.s)))
		if got != tt.want || err != nil {
			t.Errorf("%s: Oddities = %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
}
