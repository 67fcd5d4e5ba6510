package lept_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"
	"time"

	"sohoa"
	"sohoa/ocr/lept"
)

// picture is a grey image of w x h with a dark square at the top left.
func picture(w, h int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = 200 + uint8(r.IntN(40))
	}
	for y := range h / 4 {
		for x := range w / 4 {
			m.SetGray(x, y, color.Gray{Y: 10})
		}
	}
	return m
}

func encodeJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// encodeTIFF writes uncompressed grey frames.
func encodeTIFF(order binary.AppendByteOrder, frames ...*image.Gray) []byte {
	b := []byte("II*\x00")
	if order.String() == "BigEndian" {
		b = []byte("MM\x00*")
	}
	link := len(b) // where the offset of the next directory belongs
	b = append(b, 0, 0, 0, 0)
	for _, m := range frames {
		w, h := m.Rect.Dx(), m.Rect.Dy()
		data := len(b)
		b = append(b, m.Pix...)
		if len(b)%2 == 1 {
			b = append(b, 0)
		}
		putUint32(order, b[link:], uint32(len(b)))
		tags := [][2]int{{256, w}, {257, h}, {258, 8}, {259, 1}, {262, 1}, {273, data}, {277, 1}, {278, h}, {279, w * h}}
		b = order.AppendUint16(b, uint16(len(tags)))
		for _, t := range tags {
			b = order.AppendUint16(b, uint16(t[0]))
			b = order.AppendUint16(b, 4)
			b = order.AppendUint32(b, 1)
			b = order.AppendUint32(b, uint32(t[1]))
		}
		link = len(b)
		b = append(b, 0, 0, 0, 0)
	}
	return b
}

func putUint32(order binary.AppendByteOrder, b []byte, v uint32) {
	copy(b, order.AppendUint32(nil, v))
}

func wantProblem(t *testing.T, err error, code string) {
	t.Helper()
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != code {
		t.Errorf("error = %v, want a Problem with code %s", err, code)
	}
}

func TestDecode(t *testing.T) {
	m := picture(300, 200)
	transparent := image.NewNRGBA(m.Rect)
	colour := image.NewRGBA(m.Rect)
	for i := range colour.Pix {
		colour.Pix[i] = uint8(i)
	}
	tests := []struct {
		name   string
		b      []byte
		depth  int
		colour bool
	}{
		{"grey JPEG", encodeJPEG(t, m), 8, false},
		{"colour JPEG", encodeJPEG(t, colour), 32, true},
		{"grey PNG", encodePNG(t, m), 8, false},
		{"transparent PNG", encodePNG(t, transparent), 32, true},
		{"TIFF, little-endian", encodeTIFF(binary.LittleEndian, m), 8, false},
		{"TIFF, big-endian", encodeTIFF(binary.BigEndian, m), 8, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := lept.Decode(tt.b)
			if err != nil {
				t.Fatalf("Decode = %v", err)
			}
			defer p.Close()
			if p.Width() != 300 || p.Height() != 200 || p.Depth() != tt.depth || p.Colour() != tt.colour {
				t.Errorf("Decode = %dx%d depth %d colour %v, want 300x200 depth %d colour %v",
					p.Width(), p.Height(), p.Depth(), p.Colour(), tt.depth, tt.colour)
			}
			w, h, err := lept.Size(tt.b)
			if w != 300 || h != 200 || err != nil {
				t.Errorf("Size = %d, %d, %v, want 300, 200", w, h, err)
			}
		})
	}
}

func TestDecodeTransparentIsWhite(t *testing.T) {
	p, err := lept.Decode(encodePNG(t, image.NewNRGBA(image.Rect(0, 0, 40, 40))))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got := redecode(t, p)
	if r, g, b, _ := got.At(20, 20).RGBA(); r>>8 != 255 || g>>8 != 255 || b>>8 != 255 {
		t.Errorf("transparent pixel = %d %d %d, want white", r>>8, g>>8, b>>8)
	}
}

// redecode reads p through PNG with the standard library.
func redecode(t *testing.T, p *lept.Pix) image.Image {
	t.Helper()
	b, err := p.EncodePNG()
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDecodeRefuses(t *testing.T) {
	jpg, pngb := encodeJPEG(t, picture(640, 480)), encodePNG(t, picture(640, 480))
	tif := encodeTIFF(binary.LittleEndian, picture(640, 480))
	hole := append(bytes.Clone(jpg[:len(jpg)/2]), jpg[len(jpg)*3/4:]...)
	loop := encodeTIFF(binary.LittleEndian, picture(8, 8), picture(8, 8))
	putUint32(binary.LittleEndian, loop[len(loop)-4:], binary.LittleEndian.Uint32(loop[4:]))
	tests := []struct {
		name string
		b    []byte
	}{
		{"empty", nil},
		{"text", []byte("Cộng hòa xã hội chủ nghĩa Việt Nam")},
		{"JPEG cut in half", jpg[:len(jpg)/2]},
		{"JPEG without its last bytes", jpg[:len(jpg)-40]},
		{"JPEG header only", jpg[:300]},
		{"JPEG with a hole", hole},
		{"PNG cut in half", pngb[:len(pngb)/2]},
		{"TIFF cut in half", tif[:len(tif)/2]},
		{"GIF", append([]byte("GIF89a"), make([]byte, 100)...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := lept.Decode(tt.b)
			p.Close()
			wantProblem(t, err, "image.damaged")
		})
	}
	_, err := lept.TIFFFrames(loop, 0)
	wantProblem(t, err, "image.damaged")
}

// blackPNG makes a PNG header that claims w x h pixels.
func blackPNG(t *testing.T, w, h int) []byte {
	b := encodePNG(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	binary.BigEndian.PutUint32(b[16:], uint32(w))
	binary.BigEndian.PutUint32(b[20:], uint32(h))
	return b
}

func TestTooManyPixels(t *testing.T) {
	huge := encodeTIFF(binary.LittleEndian, picture(10, 10))
	ifd := binary.LittleEndian.Uint32(huge[4:])
	for i := range uint32(2) {
		binary.LittleEndian.PutUint32(huge[ifd+2+12*i+8:], 30_000)
	}
	for name, b := range map[string][]byte{"PNG": blackPNG(t, 30_000, 30_000), "TIFF": huge} {
		start := time.Now()
		_, err := lept.Decode(b)
		wantProblem(t, err, "image.too-many-pixels")
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s: refused after %v, want it known from the header", name, d)
		}
	}
}

func TestTIFFFrames(t *testing.T) {
	frames := make([]*image.Gray, 300)
	for i := range frames {
		frames[i] = picture(20+i, 30)
	}
	b := encodeTIFF(binary.LittleEndian, frames...)
	if n, err := lept.TIFFFrames(b, 0); n != 300 || err != nil {
		t.Fatalf("TIFFFrames = %d, %v, want 300", n, err)
	}
	for _, i := range []int{0, 1, 150, 299} {
		p, err := lept.DecodeTIFFFrame(b, i)
		if err != nil {
			t.Fatalf("DecodeTIFFFrame(%d) = %v", i, err)
		}
		if p.Width() != 20+i {
			t.Errorf("frame %d is %d wide, want %d", i, p.Width(), 20+i)
		}
		if got := redecode(t, p).(*image.Gray); !bytes.Equal(got.Pix, frames[i].Pix) {
			t.Errorf("frame %d lost pixels", i)
		}
		p.Close()
	}
	if _, err := lept.DecodeTIFFFrame(b, 300); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("DecodeTIFFFrame(300) = %v, want %v", err, sohoa.ErrNotExist)
	}
	_, err := lept.TIFFFrames(b, 299)
	wantProblem(t, err, "document.too-many-pages")
}

func TestTurn(t *testing.T) {
	p, err := lept.Decode(encodePNG(t, picture(80, 40)))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	tests := []struct{ deg, w, h, x, y int }{ // x, y is in the dark corner
		{0, 80, 40, 5, 5}, {90, 40, 80, 35, 5}, {180, 80, 40, 75, 35}, {270, 40, 80, 5, 75}, {-90, 40, 80, 5, 75},
	}
	for _, tt := range tests {
		q, err := p.Turn(tt.deg)
		if err != nil {
			t.Fatalf("Turn(%d) = %v", tt.deg, err)
		}
		m := redecode(t, q).(*image.Gray)
		if m.Rect.Dx() != tt.w || m.Rect.Dy() != tt.h || m.GrayAt(tt.x, tt.y).Y > 20 {
			t.Errorf("Turn(%d) = %v with %d at (%d,%d), want %dx%d and dark", tt.deg, m.Rect, m.GrayAt(tt.x, tt.y).Y, tt.x, tt.y, tt.w, tt.h)
		}
		q.Close()
	}
	if _, err := p.Turn(45); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("Turn(45) = %v, want %v", err, sohoa.ErrInvalid)
	}
}

func TestBitonalStaysBitonal(t *testing.T) {
	m := image.NewPaletted(image.Rect(0, 0, 64, 64), color.Palette{color.White, color.Black})
	m.SetColorIndex(3, 3, 1)
	p, err := lept.Decode(encodePNG(t, m))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	q, err := p.Turn(180)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if p.Depth() != 1 || q.Depth() != 1 {
		t.Errorf("depth = %d, turned %d, want 1", p.Depth(), q.Depth())
	}
	got := redecode(t, q)
	if r, _, _, _ := got.At(60, 60).RGBA(); r != 0 {
		t.Errorf("black pixel became %v", got.At(60, 60))
	}
}

// exifJPEG puts an APP1 segment with an orientation into a JPEG.
func exifJPEG(t testing.TB, orientation byte) []byte {
	b := encodeJPEG(t, picture(64, 32))
	tiff := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	tiff[18] = orientation
	body := append([]byte("Exif\x00\x00"), tiff...)
	seg := append([]byte{0xff, 0xe1, 0, byte(len(body) + 2)}, body...)
	return append(append(b[:2:2], seg...), b[2:]...)
}

func TestExifTurn(t *testing.T) {
	for orientation, want := range []int{0, 0, 0, 180, 180, 90, 90, 270, 270, 0, 0} {
		if got := lept.ExifTurn(exifJPEG(t, byte(orientation))); got != want {
			t.Errorf("ExifTurn(orientation %d) = %d, want %d", orientation, got, want)
		}
	}
	if got := lept.ExifTurn(encodePNG(t, picture(8, 8))); got != 0 {
		t.Errorf("ExifTurn(PNG) = %d, want 0", got)
	}
}

func FuzzExifTurn(f *testing.F) {
	f.Add(exifJPEG(f, 6))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xff, 0xff, 0xe1, 0, 8})
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := lept.ExifTurn(b); got%90 != 0 || got < 0 || got > 270 {
			t.Errorf("ExifTurn = %d, want a quarter turn", got)
		}
	})
}

func FuzzTIFFFrames(f *testing.F) {
	f.Add(encodeTIFF(binary.BigEndian, picture(8, 8), picture(9, 9)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, err := lept.TIFFFrames(b, 5); err == nil && (n < 1 || n > 5) {
			t.Errorf("TIFFFrames = %d, want 1 to 5", n)
		}
	})
}

func TestThumbnail(t *testing.T) {
	p, err := lept.Decode(encodeJPEG(t, picture(1600, 2000)))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	q, err := p.Thumbnail(320)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	b, err := q.EncodeJPEG(75)
	if err != nil {
		t.Fatal(err)
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width != 320 || c.Height != 400 {
		t.Errorf("thumbnail = %dx%d, %v, want 320x400", c.Width, c.Height, err)
	}
}

// TestProbe: what Decode says of a JPEG, Probe says too.
func TestProbe(t *testing.T) {
	whole := encodeJPEG(t, picture(640, 480))
	jfif := []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x01\x00\xc8\x00\xc8\x00\x00") // 200 dpi
	for name, b := range map[string][]byte{
		"whole": whole, "200 dpi": append(jfif, whole[2:]...), "half": whole[:len(whole)/2], "without its last bytes": whole[:len(whole)-40],
		"a hole": append(bytes.Clone(whole[:len(whole)/2]), whole[len(whole)*3/4:]...), "empty": nil,
	} {
		full, want := lept.Decode(b)
		small, err := lept.Probe(b)
		if (err == nil) != (want == nil) {
			t.Errorf("%s: Probe = %v, Decode = %v", name, err, want)
		}
		if err != nil || want != nil {
			wantProblem(t, err, "image.damaged")
		} else if small.DPI() != full.DPI() || small.Width() != 80 || small.Height() != 60 {
			t.Errorf("%s: Probe is %d x %d at %v dpi, want 80 x 60 at %v", name, small.Width(), small.Height(), small.DPI(), full.DPI())
		}
		full.Close()
		small.Close()
	}
	_, err := lept.Probe(encodePNG(t, picture(8, 8)))
	wantProblem(t, err, "image.damaged")
}
