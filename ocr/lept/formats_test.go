package lept_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa"
	"sohoa/ocr/lept"
)

// The pictures in testdata are drawn with libtiff, libjpeg and cwebp: 64 by
// 64 pixels in four quarters, by the beginning of their names.
var quarters = map[string][4]color.RGBA{
	"gray": {{255, 255, 255, 255}, {170, 170, 170, 255}, {85, 85, 85, 255}, {0, 0, 0, 255}},
	"bits": {{255, 255, 255, 255}, {255, 255, 255, 255}, {0, 0, 0, 255}, {0, 0, 0, 255}},
	"pal":  {{255, 255, 255, 255}, {255, 0, 0, 255}, {0, 0, 255, 255}, {0, 0, 0, 255}},
	"":     {{255, 255, 255, 255}, {255, 0, 0, 255}, {0, 255, 255, 255}, {0, 0, 0, 255}},
}

// drawnAs is the key of quarters for a file.
func drawnAs(name string) string {
	switch {
	case strings.HasPrefix(name, "gray1-"), strings.HasPrefix(name, "g3"), strings.HasPrefix(name, "g4"):
		return "bits"
	case strings.HasPrefix(name, "gray"), strings.HasPrefix(name, "lzw8"), strings.HasPrefix(name, "jpeg8"):
		return "gray"
	case strings.HasPrefix(name, "pal"):
		return "pal"
	}
	return ""
}

func TestFormats(t *testing.T) {
	files, err := filepath.Glob("testdata/*.[tj]*")
	if err != nil || len(files) < 20 {
		t.Fatalf("testdata has %d files, %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			checkQuarters(t, readTestdata(t, name), quarters[drawnAs(name)])
		})
	}
}

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// checkQuarters decodes b and looks at the middle of its quarters.
func checkQuarters(t *testing.T, b []byte, want [4]color.RGBA) {
	t.Helper()
	p := decode(t, b)
	deep, err := p.Deep()
	if err != nil {
		t.Fatal(err)
	}
	defer deep.Close()
	m := redecode(t, deep)
	for i, c := range want {
		at := image.Pt(16+i%2*32, 16+i/2*32)
		if got := color.RGBAModel.Convert(m.At(at.X, at.Y)).(color.RGBA); far(got, c) {
			t.Errorf("quarter %d is %v, want %v", i, got, c)
		}
	}
}

func far(a, b color.RGBA) bool {
	d := func(x, y uint8) bool { return max(x, y)-min(x, y) > 3 }
	return d(a.R, b.R) || d(a.G, b.G) || d(a.B, b.B)
}

// TestWebP: what is transparent is white.
func TestWebP(t *testing.T) {
	checkQuarters(t, readTestdata(t, "alpha.webp"), [4]color.RGBA{{255, 255, 255, 255}, {255, 0, 0, 255}, {255, 255, 255, 255}, {0, 0, 0, 255}})
	checkQuarters(t, readTestdata(t, "lossy.webp"), [4]color.RGBA{{255, 255, 255, 255}, {255, 0, 0, 255}, {0, 0, 0, 255}, {0, 0, 0, 255}})
	whole := readTestdata(t, "lossy.webp")
	wantDamaged(t, whole[:len(whole)/2])
}

func wantDamaged(t *testing.T, b []byte) {
	t.Helper()
	p, err := lept.Decode(b)
	var problem *sohoa.Problem
	if !errors.As(err, &problem) || problem.Code != "image.damaged" {
		t.Errorf("Decode(damaged) = %v, %v, want image.damaged", p, err)
	}
}

// TestWebPBomb: the size in the header is bounded before anything is decoded.
func TestWebPBomb(t *testing.T) {
	b := []byte("RIFF\x00\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f")
	b = binary.LittleEndian.AppendUint32(b, 0x3fff|0x3fff<<14) // 16384 x 16384
	b = append(b, make([]byte, 12)...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	_, err := lept.Decode(b)
	var problem *sohoa.Problem
	if !errors.As(err, &problem) || problem.Code != "image.too-many-pixels" {
		t.Errorf("Decode(268 million pixels) = %v, want image.too-many-pixels", err)
	}
}

// TestTiledCutShort: a tile that is not there is damage, not paper.
func TestTiledCutShort(t *testing.T) {
	b := bytes.Clone(readTestdata(t, "cmyk8-tiled.tif"))
	for i := 8; i < 40; i++ { // the first tile's code begins here
		b[i] ^= 0xa5
	}
	wantDamaged(t, b)
}

// TestExifTurnOfChunks: PNG and WebP carry EXIF in chunks of their own.
func TestExifTurnOfChunks(t *testing.T) {
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	var plain bytes.Buffer
	if err := png.Encode(&plain, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(tiff)))
	chunk = append(append(append(chunk, "eXIf"...), tiff...), 0, 0, 0, 0)
	withExif := append(bytes.Clone(plain.Bytes()[:33]), append(chunk, plain.Bytes()[33:]...)...)
	webp := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x00\x00\x00\x00EXIF"), binary.LittleEndian.AppendUint32(nil, uint32(len(tiff)))...)
	webp = append(webp, tiff...)
	for _, tt := range []struct {
		name string
		b    []byte
		want int
	}{{"PNG", withExif, 90}, {"PNG without", plain.Bytes(), 0}, {"WebP", webp, 90}, {"WebP cut short", webp[:len(webp)-9], 0}} {
		if got := lept.ExifTurn(tt.b); got != tt.want {
			t.Errorf("%s: ExifTurn = %d, want %d", tt.name, got, tt.want)
		}
	}
}
