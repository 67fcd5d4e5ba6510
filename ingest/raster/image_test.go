package raster_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"math"
	"testing"
	"time"

	"sohoa"
	"sohoa/ingest/raster"
)

// tiffOf is a TIFF with frames of 64 x 32 pixels of 1 bit at 200 dpi, without
// compression; frame i has i+1 black rows at the top.
func tiffOf(frames int) []byte {
	le := binary.LittleEndian
	b := []byte("II*\x00\x00\x00\x00\x00")
	next := 4 // where the offset of the next directory goes
	for i := range frames {
		data := len(b)
		b = append(b, bytes.Repeat([]byte{0xff}, 64/8*32)...)
		clear(b[data : data+8*min(i+1, 32)])
		dpi := len(b)
		b = le.AppendUint32(le.AppendUint32(b, 200), 1)
		le.PutUint32(b[next:], uint32(len(b)))
		entries := [][4]uint32{{256, 3, 1, 64}, {257, 3, 1, 32}, {258, 3, 1, 1}, {259, 3, 1, 1}, {262, 3, 1, 1},
			{273, 4, 1, uint32(data)}, {277, 3, 1, 1}, {278, 3, 1, 32}, {279, 4, 1, 256},
			{282, 5, 1, uint32(dpi)}, {283, 5, 1, uint32(dpi)}, {296, 3, 1, 2}}
		b = le.AppendUint16(b, uint16(len(entries)))
		for _, e := range entries {
			b = le.AppendUint16(le.AppendUint16(b, uint16(e[0])), uint16(e[1]))
			b = le.AppendUint32(le.AppendUint32(b, e[2]), e[3])
		}
		next = len(b)
		b = le.AppendUint32(b, 0)
	}
	return b
}

func TestTIFF(t *testing.T) {
	for _, frames := range []int{1, 3} {
		t.Run(fmt.Sprint(frames, " frames"), func(t *testing.T) {
			f, pages := mustSplit(t, write(t, "a.tif", tiffOf(frames)))
			if f.Pages != frames || len(pages) != frames || f.MediaType != raster.TypeTIFF || f.BornDigital {
				t.Fatalf("Split = %+v, %d pages, want %d", f, len(pages), frames)
			}
			for i, p := range pages {
				if p.Number != i+1 || p.Width != 64 || p.Height != 32 || p.Source != sohoa.SourceFrame || p.MediaType != raster.TypePNG || p.DPI != 200 {
					t.Errorf("page %d = %+v", i+1, p)
				}
				checkRows(t, p.Image, i+1)
			}
		})
	}
}

// checkRows checks that the PNG has 1 bit a pixel, and so many black rows.
func checkRows(t *testing.T, b []byte, black int) {
	t.Helper()
	if len(b) < 25 || b[24] != 1 { // IHDR's bit depth
		t.Fatalf("frame %d is no PNG of 1 bit", black)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for y := range img.Bounds().Dy() {
		if v, _, _, _ := img.At(5, y).RGBA(); (v == 0) != (y < black) {
			t.Errorf("row %d is %x, want %d black rows", y, v, black)
		}
	}
}

// withSegments is the JPEG b with a JFIF header of so many dpi, or an EXIF
// header with that orientation, put first.
func withDensity(b []byte, dpi int) []byte {
	app0 := append([]byte("\xff\xe0\x00\x10JFIF\x00\x01\x01\x01"), byte(dpi>>8), byte(dpi), byte(dpi>>8), byte(dpi), 0, 0)
	return append(append([]byte("\xff\xd8"), app0...), b[2:]...)
}

func withOrientation(b []byte, orientation byte) []byte {
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(orientation) + "\x00\x00\x00\x00\x00\x00"
	app1 := append([]byte("\xff\xe1\x00"), byte(len(exif)+2))
	return append(append(append([]byte("\xff\xd8"), app1...), exif...), b[2:]...)
}

func TestImageFile(t *testing.T) {
	b := scan(t, 827, 1169) // A4 at 100 dpi
	var p bytes.Buffer
	if err := png.Encode(&p, image.NewGray(image.Rect(0, 0, 827, 1169))); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, mediaType string
		b               []byte
		dpi             float64
		turn            int
	}{
		{"JPEG without resolution", raster.TypeJPEG, b, 100, 0},
		{"JPEG of 150 dpi", raster.TypeJPEG, withDensity(b, 150), 150, 0},
		{"JPEG of 10 dpi", raster.TypeJPEG, withDensity(b, 10), 100, 0},
		{"JPEG turned left", raster.TypeJPEG, withOrientation(b, 6), 100, 90},
		{"JPEG upside down", raster.TypeJPEG, withOrientation(b, 3), 100, 180},
		{"PNG", raster.TypePNG, p.Bytes(), 100, 0},
	}
	r := newRasterizer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, pages, err := split(t, r, write(t, "a", tt.b), raster.SplitOptions{Images: true})
			if err != nil || f.Pages != 1 || len(pages) != 1 || f.MediaType != tt.mediaType {
				t.Fatalf("Split = %+v, %d pages, %v", f, len(pages), err)
			}
			p := pages[0]
			if p.Width != 827 || p.Height != 1169 || p.Source != sohoa.SourceImage || p.MediaType != tt.mediaType || len(p.Image) != 0 {
				t.Errorf("page = %+v, want the file itself", p)
			}
			if math.Abs(p.DPI-tt.dpi) > 0.1 || p.Turn != tt.turn {
				t.Errorf("DPI, Turn = %g, %d, want %g, %d", p.DPI, p.Turn, tt.dpi, tt.turn)
			}
		})
	}
}

// pngHeader is a PNG that claims to be w x h and has next to no data.
func pngHeader(w, h uint32) []byte {
	chunk := func(kind string, data []byte) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		body := append([]byte(kind), data...)
		return binary.BigEndian.AppendUint32(append(b, body...), crc32.ChecksumIEEE(body))
	}
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(ihdr, 1, 0, 0, 0, 0))...)
	b = append(b, chunk("IDAT", deflate(make([]byte, 1<<20)))...)
	return append(b, chunk("IEND", nil)...)
}

// manyFrames is a TIFF of n directories that share one picture.
func manyFrames(n int) []byte {
	le := binary.LittleEndian
	b := tiffOf(1)
	first := le.Uint32(b[4:])
	dir := append([]byte(nil), b[first:]...)
	link := len(b) - 4
	for range n - 1 {
		le.PutUint32(b[link:], uint32(len(b)))
		b = append(b, dir...)
		link = len(b) - 4
	}
	le.PutUint32(b[link:], 0)
	return b
}

func TestRefusedImages(t *testing.T) {
	b := scan(t, 827, 1169)
	tests := []struct {
		name, code string
		kind       error
		b          []byte
	}{
		{"empty", "file.empty", sohoa.ErrInvalid, nil},
		{"text", "file.type", sohoa.ErrInvalid, []byte("Kính gửi")},
		{"JPEG cut short", "image.damaged", sohoa.ErrInvalid, b[:len(b)*2/3]},
		{"JPEG header alone", "image.damaged", sohoa.ErrInvalid, b[:200]},
		{"PNG of 30,000 x 30,000", "image.too-many-pixels", sohoa.ErrTooLarge, pngHeader(30_000, 30_000)},
		{"PNG without its data", "image.damaged", sohoa.ErrInvalid, pngHeader(4000, 4000)},
		{"TIFF cut short", "image.damaged", sohoa.ErrInvalid, tiffOf(2)[:300]},
		{"TIFF of too many frames", "document.too-many-pages", sohoa.ErrTooLarge, manyFrames(sohoa.MaxPages + 1)},
	}
	r := newRasterizer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			_, pages, err := split(t, r, write(t, "a.pdf", tt.b), raster.SplitOptions{Images: true})
			wantProblem(t, err, tt.code, tt.kind)
			if len(pages) != 0 {
				t.Errorf("%d pages before %v", len(pages), err)
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("refused after %v", d)
			}
		})
	}
}

func wantProblem(t *testing.T, err error, code string, kind error) {
	t.Helper()
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != code || !errors.Is(err, kind) {
		t.Fatalf("error = %v, want Problem %s of kind %v", err, code, kind)
	}
	if text := p.Text(sohoa.Vietnamese); text == "" || text == p.Code || bytes.ContainsAny([]byte(text), "{}") {
		t.Errorf("Problem %s reads %q", code, text)
	}
}

func FuzzParseJPEG(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01\x11\x00\xff\xd9"))
	f.Add([]byte("\xff\xd8\xff\xff\xe0\x00\x02\xff\xc4\x00\x02\xff\xd9"))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, h, n, ok := raster.ParseJPEG(b)
		if ok && (w < 1 || h < 1 || n < 0 || n > 255) {
			t.Errorf("ParseJPEG(%q) = %d, %d, %d", b, w, h, n)
		}
	})
}

func FuzzReadPage(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x0c{\"number\":1}\xff\xd8"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := raster.ReadPage(b)
		if err == nil && len(p.Image) > len(b) {
			t.Errorf("ReadPage(%q) has an image of %d bytes", b, len(p.Image))
		}
	})
}
