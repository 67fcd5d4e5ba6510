package jbig2_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sohoa"
	"sohoa/archive/jbig2"
)

// draw is a bitmap of which ink says what is black.
func draw(w, h int, ink func(x, y int) bool) jbig2.Bitmap {
	m := jbig2.Bitmap{Width: w, Height: h, Stride: (w + 7) / 8}
	m.Bits = make([]byte, m.Stride*h)
	for y := range h {
		for x := range w {
			if ink(x, y) {
				m.Bits[y*m.Stride+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return m
}

// letters is a page with rows of small shapes, as text is.
func letters(w, h int) jbig2.Bitmap {
	r := rand.New(rand.NewPCG(1, 2))
	m := jbig2.Bitmap{Width: w, Height: h, Stride: (w + 7) / 8}
	m.Bits = make([]byte, m.Stride*h)
	for top := 100; top+60 < h; top += 70 {
		for left := 120; left+140 < w; left += 36 {
			blot(m, left+r.IntN(6), top+r.IntN(3), r)
		}
	}
	return m
}

// blot draws strokes within a box of 28 by 40 pixels.
func blot(m jbig2.Bitmap, left, top int, r *rand.Rand) {
	for range 3 {
		x, y, dx := left+4+r.IntN(16), top+r.IntN(12), r.IntN(3)-1
		for n := range 28 {
			for k := range 5 {
				at := x + k + dx*n/4
				m.Bits[(y+n)*m.Stride+at/8] |= 0x80 >> (at % 8)
			}
		}
	}
}

// bitmaps are what a coder might trip over.
func bitmaps() map[string]jbig2.Bitmap {
	white := func(x, y int) bool { return false }
	black := func(x, y int) bool { return true }
	r := rand.New(rand.NewPCG(3, 4))
	noise := func(x, y int) bool { return r.IntN(2) == 0 }
	out := map[string]jbig2.Bitmap{
		"white page":   draw(2480, 700, white),
		"black page":   draw(2480, 700, black),
		"letters":      letters(1240, 877),
		"chess":        draw(333, 77, func(x, y int) bool { return (x+y)%2 == 0 }),
		"equal rows":   draw(401, 300, func(x, y int) bool { return x*x%7 < 2 }),
		"row pairs":    draw(401, 300, func(x, y int) bool { return x*(y/2)%11 < 3 }),
		"border":       draw(2475, 99, func(x, y int) bool { return x == 0 || y == 0 || x == 2474 || y == 98 }),
		"rare dots":    draw(4000, 500, func(x, y int) bool { return (x*7919+y*104729)%65537 == 0 }),
		"dense noise":  draw(1000, 400, noise),
		"last column":  draw(1025, 50, func(x, y int) bool { return x == 1024 }),
		"first column": draw(1025, 50, func(x, y int) bool { return x == 0 }),
	}
	for _, w := range []int{1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33} {
		for _, h := range []int{1, 2, 3, 40} {
			out[fmt.Sprintf("noise %dx%d", w, h)] = draw(w, h, noise)
			out[fmt.Sprintf("white %dx%d", w, h)] = draw(w, h, white)
			out[fmt.Sprintf("black %dx%d", w, h)] = draw(w, h, black)
		}
	}
	return out
}

// decoder finds the decoder that judges, which is not ours.
func decoder(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("jbig2dec")
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("jbig2dec is missing: %v", err)
	}
	if err != nil {
		t.Fatalf("jbig2dec is missing: %v", err)
	}
	return path
}

// decode has jbig2dec read a stream as a PDF embeds it, and returns the PBM
// file of it.
func decode(t testing.TB, stream []byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stream.jb2")
	if err := os.WriteFile(path, stream, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(decoder(t), "-e", "-t", "pbm", "-o", path+".pbm", path).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Fatalf("jbig2dec: %v\n%s", err, out)
	}
	pbm, err := os.ReadFile(path + ".pbm")
	if err != nil {
		t.Fatal(err)
	}
	return pbm
}

// pbm is m as a PBM file, bits beyond the width cleared.
func pbm(m jbig2.Bitmap) []byte {
	out := fmt.Appendf(nil, "P4\n%d %d\n", m.Width, m.Height)
	n := (m.Width + 7) / 8
	for y := range m.Height {
		out = append(out, m.Bits[y*m.Stride:][:n]...)
		out[len(out)-1] &= 0xFF << (8*n - m.Width)
	}
	return out
}

// wantBack fails unless jbig2dec reads m out of its stream, pixel by pixel.
func wantBack(t testing.TB, m jbig2.Bitmap) {
	t.Helper()
	stream := jbig2.Encode(m)
	if got, want := decode(t, stream), pbm(m); !bytes.Equal(got, want) {
		t.Errorf("%d×%d pixels come back otherwise (%d bytes, want %d)", m.Width, m.Height, len(got), len(want))
	}
	if w, h, err := jbig2.Size(stream); err != nil || w != m.Width || h != m.Height {
		t.Errorf("Size = %d, %d, %v, want %d, %d", w, h, err, m.Width, m.Height)
	}
}

func TestRoundTrip(t *testing.T) {
	for name, m := range bitmaps() {
		t.Run(name, func(t *testing.T) { wantBack(t, m) })
	}
}

// TestEncodeIgnoresWhatIsBeyondTheWidth has dirt in the padding bits and
// between the rows.
func TestEncodeIgnoresWhatIsBeyondTheWidth(t *testing.T) {
	clean := draw(13, 9, func(x, y int) bool { return x*y%3 == 0 })
	dirty := jbig2.Bitmap{Width: 13, Height: 9, Stride: 5, Bits: bytes.Repeat([]byte{0xFF}, 5*9)}
	for y := range clean.Height {
		dirty.Bits[5*y] = clean.Bits[2*y]
		dirty.Bits[5*y+1] = clean.Bits[2*y+1] | 7
	}
	if got, want := jbig2.Encode(dirty), jbig2.Encode(clean); !bytes.Equal(got, want) {
		t.Errorf("Encode with dirt = %x, want %x", got, want)
	}
}

func TestSizeRefusesOtherForms(t *testing.T) {
	good := jbig2.Encode(draw(20, 10, func(x, y int) bool { return x == y }))
	edit := func(at int, with ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[at:], with)
		return b
	}
	const page, region = 11, 11 + 19 + 11 // where the data of the segments begin
	rows := map[string][]byte{
		"nothing":              nil,
		"file header":          append([]byte("\x97JB2\r\n\x1a\n\x01\x00\x00\x00\x01"), good...),
		"other first number":   edit(3, 1),
		"symbol dictionary":    edit(4, 0),
		"referred-to segment":  edit(5, 0x20),
		"other page":           edit(6, 2),
		"long page":            edit(10, 20),
		"no width":             edit(page, 0, 0, 0, 0),
		"width beyond bounds":  edit(page, 0xFF),
		"other page height":    edit(page+7, 11),
		"resolution":           edit(page+11, 1),
		"black page":           edit(page+16, 5),
		"stripes":              edit(page+17, 0x80),
		"text region":          edit(region-7, 6),
		"halftone region":      edit(region-7, 22),
		"refinement region":    edit(region-7, 42),
		"unknown length":       edit(region-4, 0xFF, 0xFF, 0xFF, 0xFF),
		"shorter":              edit(region-1, good[region-1]-1),
		"longer":               edit(region-1, good[region-1]+1),
		"narrow region":        edit(region+3, 19),
		"shifted region":       edit(region+11, 1),
		"combined with XOR":    edit(region+16, 2),
		"MMR":                  edit(region+17, 9),
		"other template":       edit(region+17, 10),
		"other adaptive pixel": edit(region+18, 4),
		"no end marker":        edit(len(good)-1, 0),
		"end of page behind":   append(bytes.Clone(good), 0, 0, 0, 2, 49, 0, 1, 0, 0, 0, 0),
		"bytes behind":         append(bytes.Clone(good), 0),
	}
	for name, b := range rows {
		if w, h, err := jbig2.Size(b); !errors.Is(err, sohoa.ErrInvalid) || w != 0 || h != 0 {
			t.Errorf("%s: Size = %d, %d, %v, want %v", name, w, h, err, sohoa.ErrInvalid)
		}
	}
	for n := range good {
		if _, _, err := jbig2.Size(good[:n]); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("Size of the first %d bytes = %v, want %v", n, err, sohoa.ErrInvalid)
		}
	}
}

// FuzzRoundTrip has jbig2dec read back what was coded.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint16(1), []byte{0x80})
	f.Add(uint16(9), []byte("một trang giấy trắng, một dòng chữ"))
	f.Add(uint16(64), bytes.Repeat([]byte{0, 0, 0xFF, 0}, 100))
	f.Fuzz(func(t *testing.T, width uint16, bits []byte) {
		m := jbig2.Bitmap{Width: int(width), Stride: (int(width) + 7) / 8, Bits: bits}
		if width == 0 || len(bits) < m.Stride {
			return
		}
		m.Height = len(bits) / m.Stride
		wantBack(t, m)
	})
}

// FuzzSize changes streams. What is accepted has the form of ours.
func FuzzSize(f *testing.F) {
	f.Add(jbig2.Encode(draw(1, 1, func(x, y int) bool { return true })))
	f.Add(jbig2.Encode(draw(20, 10, func(x, y int) bool { return x == y })))
	f.Fuzz(func(t *testing.T, stream []byte) {
		w, h, err := jbig2.Size(stream)
		if err != nil {
			if !errors.Is(err, sohoa.ErrInvalid) {
				t.Errorf("Size = %v, want %v", err, sohoa.ErrInvalid)
			}
			return
		}
		if w < 1 || h < 1 || binary.BigEndian.Uint32(stream[11:]) != uint32(w) || binary.BigEndian.Uint32(stream[15:]) != uint32(h) {
			t.Errorf("Size = %d, %d, which the stream does not say", w, h)
		}
	})
}

// BenchmarkEncode codes A4 pages of 300 dpi.
func BenchmarkEncode(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	pages := map[string]jbig2.Bitmap{
		"letters": letters(2480, 3508),
		"blank":   draw(2480, 3508, func(x, y int) bool { return false }),
		"specks":  draw(2480, 3508, func(x, y int) bool { return r.IntN(400) == 0 }),
		"noise":   draw(2480, 3508, func(x, y int) bool { return r.IntN(2) == 0 }),
	}
	for name, m := range pages {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(m.Bits)))
			size := 0
			for b.Loop() {
				size = len(jbig2.Encode(m))
			}
			b.ReportMetric(float64(size), "bytes/page")
		})
	}
}
