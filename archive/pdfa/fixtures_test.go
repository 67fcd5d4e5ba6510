package pdfa_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"sohoa/archive/pdfa"
)

// kind is one kind of page image, and the way it should take.
type kind struct {
	name      string
	mediaType string
	file      func(w, h int) []byte // some kinds have a size of their own
	path      pdfa.Path
}

// kinds are all kinds of image that a page may bring.
var kinds = []kind{
	{"jpeg-gray", "image/jpeg", func(w, h int) []byte { return encodeJPEG(gray(w, h)) }, pdfa.PathJPEG},
	{"jpeg-colour", "image/jpeg", func(w, h int) []byte { return encodeJPEG(rgb(w, h)) }, pdfa.PathJPEG},
	{"jpeg-progressive", "image/jpeg", func(w, h int) []byte { return decodeBase64(progressiveJPEG) }, pdfa.PathJPEG},
	{"jpeg-adobe-ycc", "image/jpeg", func(w, h int) []byte { return addSegment(encodeJPEG(rgb(w, h)), 0xEE, adobe(1)) }, pdfa.PathJPEG},
	{"jpeg-adobe-rgb", "image/jpeg", func(w, h int) []byte { return addSegment(encodeJPEG(rgb(w, h)), 0xEE, adobe(0)) }, pdfa.PathDecoded},
	{"jpeg-cmyk", "image/jpeg", func(w, h int) []byte { return decodeBase64(cmykJPEG) }, pdfa.PathDecoded},
	{"jpeg-icc-rgb", "image/jpeg", func(w, h int) []byte {
		return addSegment(encodeJPEG(rgb(w, h)), 0xE2, iccChunk(profileOf("RGB ", 4)))
	}, pdfa.PathJPEG},
	{"jpeg-icc-gray", "image/jpeg", func(w, h int) []byte {
		return addSegment(encodeJPEG(gray(w, h)), 0xE2, iccChunk(profileOf("GRAY", 2)))
	}, pdfa.PathJPEG},
	{"jpeg-icc-v5", "image/jpeg", func(w, h int) []byte {
		return addSegment(encodeJPEG(rgb(w, h)), 0xE2, iccChunk(profileOf("RGB ", 5)))
	}, pdfa.PathJPEG},
	{"jpeg-icc-mismatch", "image/jpeg", func(w, h int) []byte {
		return addSegment(encodeJPEG(gray(w, h)), 0xE2, iccChunk(profileOf("RGB ", 4)))
	}, pdfa.PathJPEG},
	{"png-1-bit", "image/png", func(w, h int) []byte { return rawPNG(w, h, 1, 0, 0) }, pdfa.PathPNG},
	{"png-2-bit", "image/png", func(w, h int) []byte { return rawPNG(w, h, 2, 0, 0) }, pdfa.PathPNG},
	{"png-gray", "image/png", func(w, h int) []byte { return encodePNG(gray(w, h)) }, pdfa.PathPNG},
	{"png-colour", "image/png", func(w, h int) []byte { return encodePNG(rgb(w, h)) }, pdfa.PathPNG},
	{"png-palette", "image/png", func(w, h int) []byte { return encodePNG(paletted(w, h, 0xFF)) }, pdfa.PathPNG},
	{"png-palette-alpha", "image/png", func(w, h int) []byte { return encodePNG(paletted(w, h, 0x80)) }, pdfa.PathDecoded},
	{"png-alpha", "image/png", func(w, h int) []byte { return encodePNG(transparent(w, h)) }, pdfa.PathDecoded},
	{"png-gray-16", "image/png", func(w, h int) []byte { return rawPNG(w, h, 16, 0, 0) }, pdfa.PathDecoded},
	{"png-colour-16", "image/png", func(w, h int) []byte { return rawPNG(w, h, 16, 2, 0) }, pdfa.PathDecoded},
	{"png-gray-alpha", "image/png", func(w, h int) []byte { return rawPNG(w, h, 8, 4, 0) }, pdfa.PathDecoded},
	{"png-interlaced", "image/png", func(w, h int) []byte { return rawPNG(1, 1, 8, 2, 1) }, pdfa.PathDecoded},
	{"png-icc", "image/png", func(w, h int) []byte { return addChunk(encodePNG(rgb(w, h)), "iCCP", iccp(profileOf("RGB ", 2))) }, pdfa.PathPNG},
	{"png-palette-icc", "image/png", func(w, h int) []byte {
		return addChunk(encodePNG(paletted(w, h, 0xFF)), "iCCP", iccp(profileOf("RGB ", 2)))
	}, pdfa.PathPNG},
}

// gray is a gradient, so that a turned page can be told from an upright one.
func gray(w, h int) image.Image {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = uint8(255 * (i / w) / h)
	}
	return img
}

// rgb is red to the right and blue downwards.
func rgb(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(255 * x / w), 40, uint8(255 * y / h), 255})
		}
	}
	return img
}

// transparent is rgb, fading to the right.
func transparent(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, color.NRGBA{200, 40, 40, uint8(255 * x / w)})
		}
	}
	return img
}

// paletted has five colours, one of them with the given alpha.
func paletted(w, h int, alpha uint8) image.Image {
	pal := color.Palette{color.NRGBA{255, 0, 0, alpha}, color.Black, color.White, color.RGBA{0, 0, 255, 255}, color.Gray{99}}
	img := image.NewPaletted(image.Rect(0, 0, w, h), pal)
	for i := range img.Pix {
		img.Pix[i] = uint8(i / w * 5 / h)
	}
	return img
}

func encodeJPEG(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func encodePNG(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func decodeBase64(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// rawPNG writes a PNG whose samples are all ones, for the forms that image/png
// does not write. Interlaced images must be one pixel.
func rawPNG(w, h, depth int, colour, interlace byte) []byte {
	samples := map[byte]int{0: 1, 2: 3, 4: 2}[colour]
	row := append([]byte{0}, bytes.Repeat([]byte{0xF0}, (w*samples*depth+7)/8)...)
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	head = append(head, byte(depth), colour, 0, 0, interlace)
	b := []byte("\x89PNG\r\n\x1a\n")
	b = append(b, chunk("IHDR", head)...)
	b = append(b, chunk("IDAT", deflate(bytes.Repeat(row, h)))...)
	return append(b, chunk("IEND", nil)...)
}

func deflate(b []byte) []byte {
	var buf bytes.Buffer
	z := zlib.NewWriter(&buf)
	z.Write(b)
	z.Close()
	return buf.Bytes()
}

func chunk(name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// addChunk puts a chunk behind the PNG header.
func addChunk(file []byte, name string, body []byte) []byte {
	const at = 8 + 25
	return bytes.Join([][]byte{file[:at], chunk(name, body), file[at:]}, nil)
}

// addSegment puts a segment behind the start of a JPEG file.
func addSegment(file []byte, marker byte, body []byte) []byte {
	seg := binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2))
	return bytes.Join([][]byte{file[:2], seg, body, file[2:]}, nil)
}

func adobe(transform byte) []byte {
	return append([]byte("Adobe"), 0, 100, 0, 0, 0, 0, transform)
}

func iccChunk(profile []byte) []byte { return append([]byte("ICC_PROFILE\x00\x01\x01"), profile...) }

func iccp(profile []byte) []byte { return append([]byte("p\x00\x00"), deflate(profile)...) }

// profileOf is a small ICC profile of a scanner for one colour space.
func profileOf(space string, version byte) []byte {
	be := binary.BigEndian
	text := func(s string) []byte {
		return append(append([]byte("desc\x00\x00\x00\x00\x00\x00\x00"), byte(len(s)+1)), append([]byte(s), make([]byte, 79)...)...)
	}
	xyz := func(x, y, z uint32) []byte {
		return be.AppendUint32(be.AppendUint32(be.AppendUint32([]byte("XYZ \x00\x00\x00\x00"), x), y), z)
	}
	curve := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33\x00\x00")
	tags := []struct {
		name string
		data []byte
	}{{"desc", text("Counter scanner")}, {"cprt", []byte("text\x00\x00\x00\x00none\x00\x00\x00\x00")}, {"wtpt", xyz(0xF6D6, 0x10000, 0xD32D)},
		{"kTRC", curve}, {"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
		{"rXYZ", xyz(0x9C00, 0x4F00, 0x0500)}, {"gXYZ", xyz(0x3400, 0xA000, 0x0F00)}, {"bXYZ", xyz(0x2600, 0x1000, 0xBE00)}}
	b := make([]byte, 128)
	b[8] = version
	copy(b[12:], "scnr"+space+"XYZ ")
	copy(b[36:], "acsp")
	copy(b[68:], xyz(0xF6D6, 0x10000, 0xD32D)[8:])
	b = be.AppendUint32(b, uint32(len(tags)))
	at := len(b) + 12*len(tags)
	var body []byte
	for _, t := range tags {
		b = be.AppendUint32(be.AppendUint32(append(b, t.name...), uint32(at+len(body))), uint32(len(t.data)))
		body = append(append(body, t.data...), make([]byte, -len(t.data)&3)...)
	}
	b = append(b, body...)
	be.PutUint32(b, uint32(len(b)))
	return b
}

// write is a whole file with the given pages.
func write(t testing.TB, opts pdfa.Options, pages ...pdfa.Page) ([]byte, []pdfa.PageReport) {
	t.Helper()
	var buf bytes.Buffer
	w := pdfa.NewWriter(&buf, opts)
	var reports []pdfa.PageReport
	for i, p := range pages {
		rep, err := w.AddPage(p)
		if err != nil {
			t.Fatalf("AddPage %d: %v", i+1, err)
		}
		reports = append(reports, rep)
	}
	end, err := w.Close()
	if err != nil {
		t.Fatalf("Close: %v", err)
	}
	if end.Pages != len(pages) || end.Size != int64(buf.Len()) {
		t.Errorf("Close = %d pages, %d bytes, want %d, %d", end.Pages, end.Size, len(pages), buf.Len())
	}
	return buf.Bytes(), reports
}
