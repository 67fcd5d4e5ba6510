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

	"sohoa"
	"sohoa/archive/pdfa"
)

// kind is one kind of page image, and the way it should take.
type kind struct {
	name      string
	mediaType string
	file      func(w, h int) []byte // some kinds have a size of their own
	form      sohoa.Form
	reason    string
}

// kinds are all kinds of image that a page may bring.
var kinds = []kind{
	{"jpeg-gray", "image/jpeg", func(w, h int) []byte { return encodeJPEG(gray(w, h)) }, sohoa.FormOriginal, ""},
	{"jpeg-colour", "image/jpeg", func(w, h int) []byte { return encodeJPEG(rgb(w, h)) }, sohoa.FormOriginal, ""},
	{"jpeg-progressive", "image/jpeg", func(w, h int) []byte { return decodeBase64(progressiveJPEG) }, sohoa.FormOriginal, ""},
	{"jpeg-adobe-ycc", "image/jpeg", func(w, h int) []byte { return addSegment(encodeJPEG(rgb(w, h)), 0xEE, adobe(1)) }, sohoa.FormOriginal, ""},
	{"jpeg-adobe-rgb", "image/jpeg", func(w, h int) []byte { return addSegment(encodeJPEG(rgb(w, h)), 0xEE, adobe(0)) }, sohoa.FormLossless, pdfa.ReasonRGB},
	{"jpeg-cmyk", "image/jpeg", func(w, h int) []byte { return decodeBase64(cmykJPEG) }, sohoa.FormLossless, pdfa.ReasonCMYK},
	{"jpeg-unfinished", "image/jpeg", func(w, h int) []byte {
		file := encodeJPEG(rgb(w, h))
		return file[:len(file)-2]
	}, sohoa.FormLossless, pdfa.ReasonUnfinished},
	{"jpeg-icc-rgb", "image/jpeg", func(w, h int) []byte {
		return addSegment(encodeJPEG(rgb(w, h)), 0xE2, iccChunk(profileOf("RGB ", 4)))
	}, sohoa.FormOriginal, ""},
	{"jpeg-icc-gray", "image/jpeg", func(w, h int) []byte {
		return addSegment(encodeJPEG(gray(w, h)), 0xE2, iccChunk(profileOf("GRAY", 2)))
	}, sohoa.FormOriginal, ""},
	{"jpeg-icc-v5", "image/jpeg", func(w, h int) []byte {
		return addSegment(encodeJPEG(rgb(w, h)), 0xE2, iccChunk(profileOf("RGB ", 5)))
	}, sohoa.FormOriginal, pdfa.ReasonProfile},
	{"jpeg-icc-mismatch", "image/jpeg", func(w, h int) []byte {
		return addSegment(encodeJPEG(gray(w, h)), 0xE2, iccChunk(profileOf("RGB ", 4)))
	}, sohoa.FormOriginal, pdfa.ReasonProfile},
	{"png-bitonal", "image/png", func(w, h int) []byte { return bitonalPNG(w, h, 0) }, sohoa.FormBitonal, ""},
	{"png-bitonal-palette", "image/png", func(w, h int) []byte { return encodePNG(whiteFirst(w, h)) }, sohoa.FormBitonal, ""},
	{"png-bitonal-interlaced", "image/png", func(w, h int) []byte { return bitonalPNG(w, h, 1) }, sohoa.FormBitonal, pdfa.ReasonInterlaced},
	{"png-1-bit", "image/png", func(w, h int) []byte { return rawPNG(w, h, 1, 0, 0) }, sohoa.FormOriginal, ""},
	{"png-2-bit", "image/png", func(w, h int) []byte { return rawPNG(w, h, 2, 0, 0) }, sohoa.FormOriginal, ""},
	{"png-gray", "image/png", func(w, h int) []byte { return encodePNG(gray(w, h)) }, sohoa.FormOriginal, ""},
	{"png-colour", "image/png", func(w, h int) []byte { return encodePNG(rgb(w, h)) }, sohoa.FormOriginal, ""},
	{"png-palette", "image/png", func(w, h int) []byte { return encodePNG(paletted(w, h, 0xFF)) }, sohoa.FormOriginal, ""},
	{"png-palette-alpha", "image/png", func(w, h int) []byte { return encodePNG(paletted(w, h, 0x80)) }, sohoa.FormLossless, pdfa.ReasonTransparent},
	{"png-alpha", "image/png", func(w, h int) []byte { return encodePNG(transparent(w, h)) }, sohoa.FormLossless, pdfa.ReasonTransparent},
	{"png-gray-16", "image/png", func(w, h int) []byte { return rawPNG(w, h, 16, 0, 0) }, sohoa.FormLossless, pdfa.ReasonDeep},
	{"png-colour-16", "image/png", func(w, h int) []byte { return rawPNG(w, h, 16, 2, 0) }, sohoa.FormLossless, pdfa.ReasonDeep},
	{"png-gray-alpha", "image/png", func(w, h int) []byte { return rawPNG(w, h, 8, 4, 0) }, sohoa.FormLossless, pdfa.ReasonTransparent},
	{"png-interlaced", "image/png", func(w, h int) []byte { return rawPNG(1, 1, 8, 2, 1) }, sohoa.FormLossless, pdfa.ReasonInterlaced},
	{"png-icc", "image/png", func(w, h int) []byte { return addChunk(encodePNG(rgb(w, h)), "iCCP", iccp(profileOf("RGB ", 2))) }, sohoa.FormOriginal, ""},
	{"png-palette-icc", "image/png", func(w, h int) []byte {
		return addChunk(encodePNG(paletted(w, h, 0xFF)), "iCCP", iccp(profileOf("RGB ", 2)))
	}, sohoa.FormOriginal, ""},
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

// ink says where the fixtures of one bit a pixel are black: slanted blots.
func ink(x, y int) bool {
	cell := uint32((x+y/2)/7)*2654435761 + uint32(y/9)*40503
	return (cell^cell>>13)*2246822519>>30 == 0
}

// whiteFirst has white as its first colour.
func whiteFirst(w, h int) image.Image {
	img := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.White, color.Black})
	for y := range h {
		for x := range w {
			if ink(x, y) {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	return img
}

// adam7 are the passes of an interlaced PNG: first column and row, steps.
var adam7 = [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}

// bitonalPNG is gray of one bit a pixel, interlaced or not, its rows filtered
// in all ways in turn.
func bitonalPNG(w, h int, interlace byte) []byte {
	passes := adam7
	if interlace == 0 {
		passes = [][4]int{{0, 0, 1, 1}}
	}
	var rows []byte
	for _, p := range passes {
		rows = append(rows, passRows(w, h, p)...)
	}
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", pngHead(w, h, 1, 0, interlace))...)
	b = append(b, chunk("IDAT", deflate(rows))...)
	return append(b, chunk("IEND", nil)...)
}

// passRows are the filtered rows of one pass.
func passRows(w, h int, p [4]int) []byte {
	var out []byte
	n := (max(w-p[0], 0) + p[2] - 1) / p[2]
	above := make([]byte, (n+7)/8)
	for y := p[1]; y < h && n > 0; y += p[3] {
		row := make([]byte, len(above))
		for i := range n {
			if !ink(p[0]+i*p[2], y) {
				row[i/8] |= 0x80 >> (i % 8)
			}
		}
		filter := y / p[3] % 5
		out = append(out, byte(filter))
		var left, corner int
		for i := range row {
			up := int(above[i])
			out = append(out, row[i]-byte(predict(filter, left, up, corner)))
			left, corner = int(row[i]), up
		}
		above = row
	}
	return out
}

// predict is the prediction of a PNG filter.
func predict(filter, left, up, corner int) int {
	p := left + up - corner
	near := func(v int) int { return max(p-v, v-p) }
	switch {
	case filter == 0:
		return 0
	case filter == 3:
		return (left + up) / 2
	case filter == 1 || filter == 4 && near(left) <= near(up) && near(left) <= near(corner):
		return left
	case filter == 2 || near(up) <= near(corner):
		return up
	}
	return corner
}

// pngHead is the body of a PNG header.
func pngHead(w, h, depth int, colour, interlace byte) []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	return append(head, byte(depth), colour, 0, 0, interlace)
}

// rawPNG writes a PNG whose samples are all ones, for the forms that image/png
// does not write. Interlaced images must be one pixel.
func rawPNG(w, h, depth int, colour, interlace byte) []byte {
	samples := map[byte]int{0: 1, 2: 3, 4: 2}[colour]
	row := append([]byte{0}, bytes.Repeat([]byte{0xF0}, (w*samples*depth+7)/8)...)
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", pngHead(w, h, depth, colour, interlace))...)
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
