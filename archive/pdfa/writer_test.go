package pdfa_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	_ "image/png"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive/pdfa"
)

var options = pdfa.Options{
	Title:      "Quyết định số 12/QĐ-UBND <&> \"Nguyễn Vĩnh Nghĩa\"",
	Subject:    "V/v cấp giấy chứng nhận",
	Language:   "vi-VN",
	Created:    time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 7*3600)),
	Identifier: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
	Producer:   "sohoa test",
}

func TestImagesTakeTheirPath(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			image := k.file(60, 84)
			file, reports := write(t, options, pdfa.Page{Image: image, MediaType: k.mediaType, DPI: 100})
			got := reports[0].Treatment
			if got.Form != k.form || got.Reason != k.reason {
				t.Errorf("treatment = %q for %q (%s), want %q for %q", got.Form, got.Reason, got.Detail, k.form, k.reason)
			}
			if k.mediaType == "image/jpeg" && k.form == sohoa.FormOriginal && !bytes.Contains(file, image) {
				t.Error("the JPEG file is not in the document byte for byte")
			}
			if got.Bytes <= 0 || got.Bytes > int64(len(file)) {
				t.Errorf("bytes = %d in a file of %d", got.Bytes, len(file))
			}
		})
	}
}

func TestColourProfiles(t *testing.T) {
	rows := []struct{ kind, object, detail string }{
		{"jpeg-icc-rgb", "/ICCBased", ""},
		{"jpeg-icc-gray", "/ICCBased", ""},
		{"png-icc", "/ICCBased", ""},
		{"png-palette-icc", "/Indexed [/ICCBased", ""},
		{"png-palette", "/Indexed /DeviceRGB", ""},
		{"jpeg-icc-v5", "/ColorSpace /DeviceRGB", "version 5"},
		{"jpeg-icc-mismatch", "/ColorSpace /DeviceGray", "3 components"},
		{"png-1-bit", "/BitsPerComponent 1/ColorSpace /DeviceGray", ""},
	}
	byName := map[string]kind{}
	for _, k := range kinds {
		byName[k.name] = k
	}
	for _, r := range rows {
		k := byName[r.kind]
		page := pdfa.Page{Image: k.file(60, 84), MediaType: k.mediaType, DPI: 100}
		file, reports := write(t, options, page, page)
		if !bytes.Contains(file, []byte(r.object)) {
			t.Errorf("%s: no %q in the file", r.kind, r.object)
		}
		if got := reports[0].Treatment.Detail; r.detail == "" && got != "" || !strings.Contains(got, r.detail) {
			t.Errorf("%s: detail = %q, want %q", r.kind, got, r.detail)
		}
		if n := bytes.Count(file, []byte("/N ")); n > 2 {
			t.Errorf("%s: %d profiles for two equal pages, want at most 2", r.kind, n)
		}
	}
}

func TestPageSize(t *testing.T) {
	rows := []struct {
		name          string
		w, h          int
		dpi           float64
		turn          int
		width, height float64
	}{
		{"A4 at 100 dpi", 827, 1169, 100, 0, 595.44, 841.68},
		{"turned", 827, 1169, 100, 90, 841.68, 595.44},
		{"upside down", 827, 1169, 100, 180, 595.44, 841.68},
		{"no resolution", 100, 200, 0, 0, 420.9449, 841.8898},
		{"screen resolution is kept from 72", 720, 720, 72, 0, 720, 720},
		{"too coarse", 100, 200, 71, 270, 841.8898, 420.9449},
		{"too fine", 100, 200, 1201, 0, 420.9449, 841.8898},
		{"not a number", 100, 200, math.NaN(), 0, 420.9449, 841.8898},
		{"infinite", 100, 200, math.Inf(1), 0, 420.9449, 841.8898},
		{"too long", 10, 20000, 72, 0, 7.2, 14400},
		{"too narrow", 1, 1000, 300, 0, 3, 240},
	}
	for _, r := range rows {
		_, reports := write(t, options, pdfa.Page{Image: rawPNG(r.w, r.h, 1, 0, 0), MediaType: "image/png", DPI: r.dpi, Turn: r.turn})
		if got := reports[0]; math.Abs(got.Width-r.width) > 0.001 || math.Abs(got.Height-r.height) > 0.001 {
			t.Errorf("%s: page = %v × %v, want %v × %v", r.name, got.Width, got.Height, r.width, r.height)
		}
	}
}

// TestTurnedPagesAreUpright renders an image that is red at the right and
// blue at the bottom, and looks where these sides went.
func TestTurnedPagesAreUpright(t *testing.T) {
	rows := []struct {
		turn      int
		red, blue image.Point // where they should be, in quarters of the page
	}{
		{0, image.Pt(3, 1), image.Pt(1, 3)},
		{90, image.Pt(3, 3), image.Pt(1, 1)},
		{180, image.Pt(1, 3), image.Pt(3, 1)},
		{270, image.Pt(1, 1), image.Pt(3, 3)},
	}
	for _, r := range rows {
		file, _ := write(t, options, pdfa.Page{Image: encodePNG(rgb(80, 120)), MediaType: "image/png", DPI: 72, Turn: r.turn})
		out := run(t, "pdftoppm", "-r", "72", "-png", save(t, "turned.pdf", file))
		img, _, err := image.Decode(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		at := func(p image.Point) (red, blue uint32) {
			b := img.Bounds()
			red, _, blue, _ = img.At(b.Dx()*p.X/4, b.Dy()*p.Y/4).RGBA()
			return red, blue
		}
		if red, blue := at(r.red); red < 0x9000 || blue > 0x7000 {
			t.Errorf("turn %d: red %#x, blue %#x at %v, want red", r.turn, red, blue, r.red)
		}
		if red, blue := at(r.blue); blue < 0x9000 || red > 0x7000 {
			t.Errorf("turn %d: red %#x, blue %#x at %v, want blue", r.turn, red, blue, r.blue)
		}
	}
}

func TestRefusals(t *testing.T) {
	good := encodeJPEG(gray(60, 84))
	pixels := rawPNG(1, 1, 1, 0, 0)
	copy(pixels[8:], chunk("IHDR", append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 30000), 30000), 1, 0, 0, 0, 0)))
	rows := []struct {
		name string
		page pdfa.Page
		kind error
		code string
	}{
		{"empty", pdfa.Page{MediaType: "image/jpeg"}, sohoa.ErrInvalid, "image.damaged"},
		{"no JPEG", pdfa.Page{Image: []byte("GIF89a..."), MediaType: "image/jpeg"}, sohoa.ErrInvalid, "image.damaged"},
		{"JPEG cut short", pdfa.Page{Image: good[:len(good)/2], MediaType: "image/jpeg"}, sohoa.ErrInvalid, "image.damaged"},
		{"PNG cut short", pdfa.Page{Image: encodePNG(gray(60, 84))[:90], MediaType: "image/png"}, sohoa.ErrInvalid, "image.damaged"},
		{"PNG with missing rows", pdfa.Page{Image: shortPNG(), MediaType: "image/png"}, sohoa.ErrInvalid, "image.damaged"},
		{"PNG of 900 million pixels", pdfa.Page{Image: pixels, MediaType: "image/png"}, sohoa.ErrTooLarge, "image.too-many-pixels"},
		{"other type", pdfa.Page{Image: good, MediaType: "image/tiff"}, sohoa.ErrInvalid, ""},
		{"crooked turn", pdfa.Page{Image: good, MediaType: "image/jpeg", Turn: 45}, sohoa.ErrInvalid, ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var buf bytes.Buffer
			w := pdfa.NewWriter(&buf, options)
			_, err := w.AddPage(r.page)
			if !errors.Is(err, r.kind) {
				t.Fatalf("AddPage = %v, want %v", err, r.kind)
			}
			var p *sohoa.Problem
			if errors.As(err, &p) != (r.code != "") || p != nil && p.Code != r.code {
				t.Errorf("AddPage = %v, want a problem %q", err, r.code)
			}
			// The file is as it was: a sound page may follow.
			if _, err := w.AddPage(pdfa.Page{Image: good, MediaType: "image/jpeg", DPI: 100}); err != nil {
				t.Fatalf("AddPage after a refusal = %v", err)
			}
			if _, err := w.Close(); err != nil {
				t.Fatalf("Close after a refusal = %v", err)
			}
			want, _ := write(t, options, pdfa.Page{Image: good, MediaType: "image/jpeg", DPI: 100})
			if !bytes.Equal(buf.Bytes(), want) {
				t.Error("a refused page left traces in the file")
			}
		})
	}
}

// shortPNG says 84 rows and has 10.
func shortPNG() []byte {
	b := rawPNG(60, 10, 8, 0, 0)
	head := append([]byte(nil), b[16:29]...)
	head[7] = 84
	copy(b[8:], chunk("IHDR", head))
	return b
}

func TestUseOfWriter(t *testing.T) {
	page := pdfa.Page{Image: encodeJPEG(gray(6, 8)), MediaType: "image/jpeg", DPI: 100}
	if _, err := pdfa.NewWriter(io.Discard, options).Close(); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("Close without pages = %v, want %v", err, sohoa.ErrInvalid)
	}
	if _, err := pdfa.NewWriter(io.Discard, pdfa.Options{Language: "tiếng Việt"}).AddPage(page); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("AddPage with a bad language = %v, want %v", err, sohoa.ErrInvalid)
	}
	full := errors.New("disk is full")
	w := pdfa.NewWriter(failing{full}, options)
	if _, err := w.AddPage(page); err != nil {
		t.Errorf("AddPage = %v", err)
	}
	if _, err := w.Close(); !errors.Is(err, full) {
		t.Errorf("Close on a failing writer = %v, want %v", err, full)
	}
	w = pdfa.NewWriter(io.Discard, options)
	for range sohoa.MaxPages {
		if _, err := w.AddPage(page); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.AddPage(page); !errors.Is(err, sohoa.ErrTooLarge) {
		t.Errorf("AddPage beyond the bound = %v, want %v", err, sohoa.ErrTooLarge)
	}
	if _, err := w.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	if _, err := w.AddPage(page); err == nil {
		t.Error("AddPage after Close = nil, want an error")
	}
}

// failing is a disk that takes nothing.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestEqualInputGivesEqualBytes(t *testing.T) {
	var pages []pdfa.Page
	for i, k := range kinds {
		pages = append(pages, pdfa.Page{Image: k.file(60, 84), MediaType: k.mediaType, DPI: 100, Turn: i % 4 * 90, Text: grid(600, 840, 1)})
	}
	a, _ := write(t, options, pages...)
	b, _ := write(t, options, pages...)
	if !bytes.Equal(a, b) {
		t.Error("two files with the same pages differ")
	}
	other := options
	other.Title += "."
	if c, _ := write(t, other, pages...); bytes.Equal(a[bytes.LastIndex(a, []byte("/ID")):], c[bytes.LastIndex(c, []byte("/ID")):]) {
		t.Error("different files have the same identifier")
	}
}

func TestInformationIsReadBack(t *testing.T) {
	file, _ := write(t, options, pdfa.Page{Image: encodeJPEG(gray(60, 84)), MediaType: "image/jpeg", DPI: 100})
	path := save(t, "info.pdf", file)
	info := run(t, "pdfinfo", "-isodates", path)
	for _, want := range []string{options.Title, options.Subject, options.Producer, "2026-01-01T20:04:05", "PDF version:     1.7"} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo has no %q:\n%s", want, info)
		}
	}
	xmp := run(t, "pdfinfo", "-meta", path)
	for _, want := range []string{"&lt;&amp;&gt;", options.Identifier, "<pdfaid:conformance>U<", "2026-01-01T20:04:05+00:00"} {
		if !strings.Contains(xmp, want) {
			t.Errorf("the XMP packet has no %q:\n%s", want, xmp)
		}
	}
}

func TestLongTextsAreCut(t *testing.T) {
	long := options
	long.Title, long.Subject = "", strings.Repeat("Đ😀", 30000)
	file, _ := write(t, long, pdfa.Page{Image: encodeJPEG(gray(60, 84)), MediaType: "image/jpeg", DPI: 100})
	if err := lint(file); err != nil {
		t.Errorf("Lint = %v, want nil", err)
	}
	if n := bytes.Count(file, []byte("Đ")); n != 2000 || !bytes.Contains(file, []byte("…<")) {
		t.Errorf("the subject has %d letters, want 2000 and an ellipsis", n)
	}
}

// BenchmarkAddPage writes pages of a 300-dpi scan with 478 words.
func BenchmarkAddPage(b *testing.B) {
	img := encodeJPEG(rgb(2480, 3508))
	text := grid(2480, 3508, 1)
	w := pdfa.NewWriter(io.Discard, options)
	var overhead, pages int64
	for b.Loop() {
		if pages == sohoa.MaxPages {
			w, pages, overhead = pdfa.NewWriter(io.Discard, options), 0, 0
		}
		rep, err := w.AddPage(pdfa.Page{Image: img, MediaType: "image/jpeg", DPI: 300, Text: text})
		if err != nil {
			b.Fatal(err)
		}
		overhead, pages = overhead+rep.Overhead, pages+1
	}
	b.ReportMetric(float64(overhead)/float64(pages), "B-overhead/page")
	b.SetBytes(int64(len(img)))
}

func Example() {
	w := pdfa.NewWriter(io.Discard, pdfa.Options{Title: "Giấy khai sinh"})
	rep, err := w.AddPage(pdfa.Page{Image: encodeJPEG(gray(827, 1169)), MediaType: "image/jpeg", DPI: 100})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	end, err := w.Close()
	fmt.Println(rep.Treatment.Form, rep.Width, rep.Height, end.Pages, err)
	// Output: original 595.44 841.68 1 <nil>
}
