package raster_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"sohoa"
	"sohoa/ingest/raster"
)

// sheet is a page that has a top and colours: dark at the upper left, red at
// the upper right, paper below.
func sheet(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	fill(img, img.Rect, color.RGBA{240, 235, 220, 255})
	fill(img, image.Rect(0, 0, w/2, h/4), color.RGBA{20, 20, 30, 255})
	fill(img, image.Rect(w/2, 0, w, h/4), color.RGBA{200, 30, 30, 255})
	return img
}

func fill(img draw.Image, r image.Rectangle, c color.Color) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// inGrey is img in greys.
func inGrey(img image.Image) *image.Gray {
	g := image.NewGray(img.Bounds())
	draw.Draw(g, g.Rect, img, image.Point{}, draw.Src)
	return g
}

func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeTIFF(t testing.TB, img image.Image, opts *tiff.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tiff.Encode(&b, img, opts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tool runs a program on files that hold the inputs, with the name of an
// output last or behind -o, and returns what it wrote.
func tool(t testing.TB, inputs [][]byte, output, name string, args ...string) []byte {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing", name)
		}
		t.Skipf("%s is missing", name)
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out."+output)
	for i, b := range inputs {
		in := filepath.Join(dir, fmt.Sprintf("in%d", i))
		if err := os.WriteFile(in, b, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, in)
	}
	switch name {
	case "tiffcp":
		args = append(args, out)
	case "cjpeg":
		args = slices.Insert(args, 0, "-outfile", out)
	default:
		args = slices.Insert(args, 0, "-o", out)
	}
	if msg, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// goImage is a picture of the Go distribution's own tests.
func goImage(t *testing.T, name string) []byte {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "src", "image", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rawTIFF is a TIFF without compression whose samples are given.
func rawTIFF(w, h, bits, samples, photometric int, data []byte, more ...[4]uint32) []byte {
	le := binary.LittleEndian
	b := append([]byte("II*\x00\x00\x00\x00\x00"), data...)
	if len(b)%2 != 0 {
		b = append(b, 0)
	}
	depths := uint32(bits)
	if samples > 2 {
		depths = uint32(len(b))
		for range samples {
			b = le.AppendUint16(b, uint16(bits))
		}
	}
	le.PutUint32(b[4:], uint32(len(b)))
	entries := [][4]uint32{{256, 3, 1, uint32(w)}, {257, 3, 1, uint32(h)}, {258, 3, uint32(samples), depths}, {259, 3, 1, 1},
		{262, 3, 1, uint32(photometric)}, {273, 4, 1, 8}, {277, 3, 1, uint32(samples)}, {278, 3, 1, uint32(h)}, {279, 4, 1, uint32(len(data))}}
	entries = append(entries, more...)
	slices.SortFunc(entries, func(a, b [4]uint32) int { return int(a[0]) - int(b[0]) })
	b = le.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = le.AppendUint16(le.AppendUint16(b, uint16(e[0])), uint16(e[1]))
		b = le.AppendUint32(le.AppendUint32(b, e[2]), e[3])
	}
	return le.AppendUint32(b, 0)
}

// packed are the greys of img in so many bits a sample.
func packed(img *image.Gray, bits int) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	line := (w*bits + 7) / 8
	b := make([]byte, line*h)
	for y := range h {
		for x := range w {
			v := (uint64(img.GrayAt(x, y).Y)*(1<<bits-1) + 127) / 255
			for i := range bits {
				if v>>(bits-1-i)&1 != 0 {
					at := x*bits + i
					b[y*line+at/8] |= 0x80 >> (at % 8)
				}
			}
		}
	}
	return b
}

// withChunk is the PNG b with a chunk behind its header.
func withPNGChunk(b []byte, kind string, data []byte) []byte {
	body := append([]byte(kind), data...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	chunk = binary.BigEndian.AppendUint32(append(chunk, body...), crc32.ChecksumIEEE(body))
	return slices.Insert(slices.Clone(b), 33, chunk...)
}

// orientation is an EXIF structure with that orientation.
func orientation(v byte) []byte {
	return []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(v)) + "\x00\x00\x00\x00\x00\x00")
}

// laidDown is img as stored under an EXIF orientation.
func laidDown(img image.Image, orientation int) image.Image {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if orientation >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := x, y // of the upright page
			switch orientation {
			case 2:
				u = w - 1 - x
			case 3:
				u, v = w-1-x, h-1-y
			case 4:
				v = h - 1 - y
			case 5:
				u, v = y, x
			case 6:
				u, v = h-1-y, x
			case 7:
				u, v = h-1-y, w-1-x
			case 8:
				u, v = y, w-1-x
			}
			out.Set(x, y, img.At(u, v))
		}
	}
	return out
}

// kind is an input of one kind.
type kind struct {
	name   string
	b      []byte
	source sohoa.PageSource
	turn   int
	grey   bool // no red is left
	bits   int  // of the stored PNG's samples, if that matters
	reason string
}

func TestKindsOfImages(t *testing.T) {
	const w, h = 248, 350
	page := sheet(w, h)
	ppm := ppmOf(page)
	jpg := encode(t, page, 90)
	grey := inGrey(page)
	plain := encodeTIFF(t, page, nil)
	bilevel := rawTIFF(w, h, 1, 1, 1, packed(grey, 1))
	tiffcp := func(args ...string) []byte { return tool(t, [][]byte{plain}, "tif", "tiffcp", args...) }
	fax := func(args ...string) []byte { return tool(t, [][]byte{bilevel}, "tif", "tiffcp", args...) }
	deep := image.NewGray16(page.Rect)
	draw.Draw(deep, deep.Rect, page, image.Point{}, draw.Src)
	deepRGB := image.NewRGBA64(page.Rect)
	draw.Draw(deepRGB, deepRGB.Rect, page, image.Point{}, draw.Src)
	pal := image.NewPaletted(page.Rect, color.Palette{color.RGBA{240, 235, 220, 255}, color.RGBA{20, 20, 30, 255}, color.RGBA{200, 30, 30, 255}})
	draw.Draw(pal, pal.Rect, page, image.Point{}, draw.Src)
	clear := image.NewNRGBA(page.Rect)
	draw.Draw(clear, clear.Rect, page, image.Point{}, draw.Src)
	draw.Draw(clear, image.Rect(0, h/2, w, 3*h/4), image.Transparent, image.Point{}, draw.Src)
	const frame, file = sohoa.SourceFrame, sohoa.SourceImage
	kinds := []kind{
		{"JPEG", jpg, file, 0, false, 0, ""},
		{"JPEG, progressive", tool(t, [][]byte{ppm}, "jpg", "cjpeg", "-progressive"), file, 0, false, 0, ""},
		{"JPEG, grey", tool(t, [][]byte{ppm}, "jpg", "cjpeg", "-grayscale"), file, 0, true, 0, ""},
		{"JPEG, restart markers", tool(t, [][]byte{ppm}, "jpg", "cjpeg", "-restart", "4B"), file, 0, false, 0, ""},
		{"JPEG, RGB", tool(t, [][]byte{ppm}, "jpg", "cjpeg", "-rgb"), file, 0, false, 0, ""},
		{"JPEG, arithmetic", tool(t, [][]byte{ppm}, "jpg", "cjpeg", "-arithmetic"), frame, 0, false, 8, raster.ReasonFormat},
		{"PNG", encodePNG(t, page), file, 0, false, 0, ""},
		{"PNG, 16 bit", encodePNG(t, deepRGB), file, 0, false, 0, ""},
		{"PNG, palette", encodePNG(t, pal), file, 0, false, 0, ""},
		{"PNG, transparent", encodePNG(t, clear), file, 0, false, 0, ""},
		{"TIFF, none", plain, frame, 0, false, 8, ""},
		{"TIFF, deflate", encodeTIFF(t, page, &tiff.Options{Compression: tiff.Deflate, Predictor: true}), frame, 0, false, 8, ""},
		{"TIFF, LZW", tiffcp("-c", "lzw:2"), frame, 0, false, 8, ""},
		{"TIFF, PackBits", tiffcp("-c", "packbits"), frame, 0, false, 8, ""},
		{"TIFF, JPEG", tiffcp("-c", "jpeg:r", "-r", "16"), frame, 0, false, 8, ""},
		{"TIFF, JPEG of RGB", tiffcp("-c", "jpeg:raw", "-r", "16"), frame, 0, false, 8, ""},
		{"TIFF, tiled", tiffcp("-t", "-w", "64", "-l", "64", "-c", "lzw"), frame, 0, false, 8, ""},
		{"TIFF, planes", tiffcp("-p", "separate"), frame, 0, false, 8, ""},
		{"TIFF, big-endian", tiffcp("-B"), frame, 0, false, 8, ""},
		{"TIFF, G3", fax("-c", "g3:1d"), frame, 0, true, 1, ""},
		{"TIFF, G3 in two dimensions", fax("-c", "g3:2d:fill"), frame, 0, true, 1, ""},
		{"TIFF, G4", fax("-c", "g4"), frame, 0, true, 1, ""},
		{"TIFF, G4 in strips", fax("-c", "g4", "-r", "32"), frame, 0, true, 1, ""},
		{"TIFF, G4, white is 0", rawTIFFOf(t, fax, w, h, grey), frame, 0, true, 1, ""},
		{"TIFF, G4, filled from the low bit", fax("-c", "g4", "-f", "lsb2msb"), frame, 0, true, 1, ""},
		{"TIFF, tiled G4", fax("-c", "g4", "-t", "-w", "64", "-l", "64"), frame, 0, true, 0, ""},
		{"TIFF, 1 bit", bilevel, frame, 0, true, 1, ""},
		{"TIFF, 2 bits", rawTIFF(w, h, 2, 1, 1, packed(grey, 2)), frame, 0, true, 2, ""},
		{"TIFF, 4 bits", rawTIFF(w, h, 4, 1, 1, packed(grey, 4)), frame, 0, true, 4, ""},
		{"TIFF, 8 bits", encodeTIFF(t, grey, nil), frame, 0, true, 8, ""},
		{"TIFF, 16 bits", encodeTIFF(t, deep, nil), frame, 0, true, 16, ""},
		{"TIFF, 16 bits a colour", encodeTIFF(t, deepRGB, nil), frame, 0, false, 8, ""},
		{"TIFF, palette", encodeTIFF(t, pal, nil), frame, 0, false, 0, ""},
		{"TIFF, CMYK", rawTIFF(w, h, 8, 4, 5, cmyk(page)), frame, 0, false, 8, ""},
		{"WebP", tool(t, [][]byte{ppm}, "webp", "cwebp", "-quiet", "-q", "90"), frame, 0, false, 8, raster.ReasonFormat},
		{"WebP without loss", tool(t, [][]byte{ppm}, "webp", "cwebp", "-quiet", "-lossless"), frame, 0, false, 8, raster.ReasonFormat},
		{"WebP, transparent", tool(t, [][]byte{encodePNG(t, clear)}, "webp", "cwebp", "-quiet", "-lossless"), frame, 0, false, 8, raster.ReasonFormat},
		{"HEIC", heic(t, page, "-q", "90"), frame, 0, false, 8, raster.ReasonFormat},
		{"HEIC without loss", heic(t, page, "-L"), frame, 0, false, 8, raster.ReasonFormat},
	}
	for o, turn := range map[int]int{1: 0, 3: 180, 6: 90, 8: 270} {
		lying := laidDown(page, o)
		kinds = append(kinds,
			kind{fmt.Sprint("JPEG, orientation ", o), withOrientation(encode(t, lying, 90), byte(o)), file, turn, false, 0, ""},
			kind{fmt.Sprint("PNG, orientation ", o), withPNGChunk(encodePNG(t, lying), "eXIf", orientation(byte(o))), file, turn, false, 0, ""})
	}
	for _, o := range []int{2, 4, 5, 7} {
		lying := laidDown(page, o)
		kinds = append(kinds,
			kind{fmt.Sprint("JPEG, orientation ", o), withOrientation(encode(t, lying, 90), byte(o)), frame, 0, false, 8, raster.ReasonMirrored},
			kind{fmt.Sprint("PNG, orientation ", o), withPNGChunk(encodePNG(t, lying), "eXIf", orientation(byte(o))), frame, 0, false, 8, raster.ReasonMirrored})
	}
	for o := 1; o <= 8; o++ {
		lying := laidDown(page, o)
		b := lying.Bounds()
		kinds = append(kinds, kind{fmt.Sprint("TIFF, orientation ", o),
			rawTIFF(b.Dx(), b.Dy(), 8, 3, 2, rgbOf(lying), [4]uint32{274, 3, 1, uint32(o)}), frame, 0, false, 8, ""})
	}
	r := newRasterizer(t)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) { checkKind(t, r, k, w, h) })
	}
}

func checkKind(t *testing.T, r *raster.Rasterizer, k kind, w, h int) {
	f, pages, err := split(t, r, write(t, "a", k.b), raster.SplitOptions{Images: true})
	if err != nil || f.Pages != 1 || len(pages) != 1 {
		t.Fatalf("Split = %+v, %d pages, %v", f, len(pages), err)
	}
	p := pages[0]
	if k.turn%180 != 0 {
		w, h = h, w
	}
	if p.Width != w || p.Height != h || p.Source != k.source || p.Turn != k.turn || p.Reason != k.reason {
		t.Fatalf("page is %d x %d, %s, turn %d, reason %q, want %d x %d, %s, %d, %q", p.Width, p.Height, p.Source, p.Turn, p.Reason, w, h, k.source, k.turn, k.reason)
	}
	if k.source == sohoa.SourceImage {
		if len(p.Image) != 0 {
			t.Errorf("page has %d bytes, want the file itself", len(p.Image))
		}
		return
	}
	if p.MediaType != raster.TypePNG {
		t.Fatalf("page is %s", p.MediaType)
	}
	if bits := int(p.Image[24]); k.bits != 0 && bits != k.bits {
		t.Errorf("PNG has %d bits a sample, want %d", bits, k.bits)
	}
	img := decode(t, p.Image)
	wantColour(t, img, w/4, h/8, color.RGBA{20, 20, 30, 255}, k.grey)
	wantColour(t, img, 3*w/4, h/8, color.RGBA{200, 30, 30, 255}, k.grey)
	wantColour(t, img, w/2, 7*h/8, color.RGBA{240, 235, 220, 255}, k.grey)
}

// wantColour checks a pixel; in grey only whether it is dark or light.
func wantColour(t *testing.T, img image.Image, x, y int, want color.RGBA, grey bool) {
	t.Helper()
	r, g, b, _ := img.At(x, y).RGBA()
	got := [3]float64{float64(r >> 8), float64(g >> 8), float64(b >> 8)}
	if grey {
		if light := want.G > 128; got[1] > 128 != light {
			t.Errorf("pixel at %d, %d is %v, want light: %v", x, y, got, light)
		}
		return
	}
	for i, v := range []uint8{want.R, want.G, want.B} {
		if math.Abs(got[i]-float64(v)) > 20 {
			t.Errorf("pixel at %d, %d is %v, want about %v", x, y, got, want)
			return
		}
	}
}

// ppmOf is img as a binary PPM.
func ppmOf(img image.Image) []byte {
	b := img.Bounds()
	return append(fmt.Appendf(nil, "P6\n%d %d\n255\n", b.Dx(), b.Dy()), rgbOf(img)...)
}

func rgbOf(img image.Image) []byte {
	b := img.Bounds()
	out := make([]byte, 0, 3*b.Dx()*b.Dy())
	for y := range b.Dy() {
		for x := range b.Dx() {
			r, g, bl, _ := img.At(x, y).RGBA()
			out = append(out, byte(r>>8), byte(g>>8), byte(bl>>8))
		}
	}
	return out
}

func cmyk(img image.Image) []byte {
	rgb := rgbOf(img)
	var out []byte
	for i := 0; i < len(rgb); i += 3 {
		c, m, y, k := color.RGBToCMYK(rgb[i], rgb[i+1], rgb[i+2])
		out = append(out, c, m, y, k)
	}
	return out
}

// rawTIFFOf is a G4 TIFF in which 0 is white, as fax machines write it.
func rawTIFFOf(t *testing.T, fax func(...string) []byte, w, h int, grey *image.Gray) []byte {
	t.Helper()
	b := packed(grey, 1)
	for i := range b {
		b[i] = ^b[i]
	}
	return tool(t, [][]byte{rawTIFF(w, h, 1, 1, 0, b)}, "tif", "tiffcp", "-c", "g4")
}

// heic is img as HEIC.
func heic(t testing.TB, img image.Image, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "in.png") // heif-enc goes by the name
	if err := os.WriteFile(in, encodePNG(t, img), 0o600); err != nil {
		t.Fatal(err)
	}
	return tool(t, nil, "heic", "heif-enc", append(args, in)...)
}

func TestUnsupportedImages(t *testing.T) {
	page := sheet(64, 96)
	twelve := encode(t, page, 80)
	twelve[bytes.Index(twelve, []byte("\xff\xc0"))+4] = 12
	lossless := encode(t, page, 80)
	lossless[bytes.Index(lossless, []byte("\xff\xc0"))+1] = 0xc3
	floats := rawTIFF(64, 96, 32, 1, 1, make([]byte, 4*64*96), [4]uint32{339, 3, 1, 3})
	r := newRasterizer(t)
	for name, b := range map[string][]byte{
		"JPEG of 12 bits": twelve, "JPEG without loss": lossless, "TIFF of numbers": floats,
		"TIFF of 12 bits": rawTIFF(64, 96, 12, 1, 1, packed(inGrey(page), 12)),
	} {
		t.Run(name, func(t *testing.T) {
			_, pages, err := split(t, r, write(t, "a", b), raster.SplitOptions{Images: true})
			if err == nil {
				t.Fatalf("Split = %d pages of %d x %d", len(pages), pages[0].Width, pages[0].Height)
			}
			wantProblem(t, err, "image.unsupported", sohoa.ErrInvalid)
		})
	}
}

func TestCMYKJPEG(t *testing.T) {
	f, pages := mustSplit(t, write(t, "cmyk.jpg", goImage(t, "video-001.cmyk.jpeg")))
	if p := pages[0]; f.Pages != 1 || p.Source != sohoa.SourceImage || p.Width != 150 || p.Height != 103 {
		t.Errorf("Split = %+v, %+v", f, p)
	}
}

func TestMultiPageTIFF(t *testing.T) {
	var inputs [][]byte
	for i := range 5 {
		inputs = append(inputs, encodeTIFF(t, sheet(100+i, 150), nil))
	}
	f, pages := mustSplit(t, write(t, "many.tif", tool(t, inputs, "tif", "tiffcp", "-c", "lzw")))
	if f.Pages != 5 || len(pages) != 5 {
		t.Fatalf("Split = %+v, %d pages, want 5", f, len(pages))
	}
	for i, p := range pages {
		if p.Number != i+1 || p.Width != 100+i {
			t.Errorf("page %d is number %d, %d wide", i+1, p.Number, p.Width)
		}
	}
}

// TestSizesAndResolutions takes what offices scan, from A5 to A2 and from 60
// to 1,200 dpi.
func TestSizesAndResolutions(t *testing.T) {
	tests := []struct {
		name string
		w, h float64 // millimetres
		dpi  int
	}{
		{"A5 at 60", 148, 210, 60},
		{"A4 at 72", 210, 297, 72},
		{"A4 at 200", 210, 297, 200},
		{"A4 at 1200", 210, 297, 1200},
		{"A3 at 600", 297, 420, 600},
		{"A2 at 300", 420, 594, 300},
		{"A2 at 600", 420, 594, 600},
	}
	r := newRasterizer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, h := int(tt.w/25.4*float64(tt.dpi)), int(tt.h/25.4*float64(tt.dpi))
			data := bytes.Repeat([]byte{0xff}, (w+7)/8*h)
			b := rawTIFF(w, h, 1, 1, 1, data)
			g4 := tool(t, [][]byte{b}, "tif", "tiffcp", "-c", "g4")
			_, pages, err := split(t, r, write(t, "a.tif", withResolution(g4, tt.dpi)), raster.SplitOptions{Images: true})
			if err != nil {
				t.Fatal(err)
			}
			if p := pages[0]; p.Width != w || p.Height != h || math.Abs(p.DPI-float64(tt.dpi)) > 1 {
				t.Errorf("page is %d x %d at %g dpi, want %d x %d at %d", p.Width, p.Height, p.DPI, w, h, tt.dpi)
			}
		})
	}
}

// TestLargestScan takes A2 at 600 dpi in colour, 139 million pixels, through
// the process with its bound on memory, as it is and where it must be turned
// and mirrored.
func TestLargestScan(t *testing.T) {
	const w, h = 9921, 14031
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = 230
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 118, 132
	}
	b := encode(t, img, 80)
	r := newRasterizer(t)
	for o, want := range map[byte]sohoa.PageSource{1: sohoa.SourceImage, 5: sohoa.SourceFrame} {
		_, pages, err := split(t, r, write(t, "a2.jpg", withOrientation(b, o)), raster.SplitOptions{Images: true})
		if err != nil {
			t.Fatalf("orientation %d: %v", o, err)
		}
		if p := pages[0]; p.Source != want || p.Width*p.Height != w*h {
			t.Errorf("orientation %d: page is %s, %d x %d", o, p.Source, p.Width, p.Height)
		}
	}
	if kb := status(children(t)[0], "VmHWM"); kb > sohoa.MaxWorkerMemory/1024 {
		t.Errorf("the child held %.0f MiB", kb/1024)
	}
}

// TestBoxesAndUnits takes pages whose boxes are not what they seem.
func TestBoxesAndUnits(t *testing.T) {
	b := scan(t, 496, 702)
	tests := []struct {
		name, entries, content string
		source                 sohoa.PageSource
		dpi                    float64
	}{
		{"crop box of the image", "/MediaBox [0 0 398 521] /CropBox [50 50 348 471]", "q 298 0 0 421 50 50 cm /I Do Q", sohoa.SourceDirect, 120},
		{"crop box beyond the media box", "/MediaBox [0 0 298 421] /CropBox [-50 -50 500 500]", fullPage, sohoa.SourceDirect, 120},
		{"origin elsewhere", "/MediaBox [1000 -500 1298 -79]", "q 298 0 0 421 1000 -500 cm /I Do Q", sohoa.SourceDirect, 120},
		{"corners exchanged", "/MediaBox [298 421 0 0]", fullPage, sohoa.SourceDirect, 120},
	}
	r := newRasterizer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newPDF()
			n := m.jpegImage(b, 496, 702, dct)
			m.rawPage(fmt.Sprintf("%s /Contents %d 0 R %s", tt.entries, m.stream("", []byte(tt.content)), showing(n)))
			_, pages, err := split(t, r, write(t, "a.pdf", m.bytes()), raster.SplitOptions{Images: true})
			if err != nil {
				t.Fatal(err)
			}
			if p := pages[0]; p.Source != tt.source || math.Abs(p.DPI-tt.dpi) > 1 {
				t.Errorf("page is %s at %g dpi, reason %q, want %s at %g", p.Source, p.DPI, p.Reason, tt.source, tt.dpi)
			}
		})
	}
}

// withResolution is the TIFF b, whose first directory is its last part, with
// a resolution.
func withResolution(b []byte, dpi int) []byte {
	le := binary.LittleEndian
	at := int(le.Uint32(b[4:]))
	n := int(le.Uint16(b[at:]))
	value := len(b)
	b = le.AppendUint32(le.AppendUint32(b, uint32(dpi)), 1)
	dir := len(b)
	le.PutUint32(b[4:], uint32(dir))
	b = le.AppendUint16(b, uint16(n+3))
	done := false
	for i := range n {
		e := b[at+2+12*i : at+14+12*i]
		if !done && le.Uint16(e) > 282 {
			done = true
			b = append(b, resolutionEntries(value)...)
		}
		b = append(b, e...)
	}
	if !done {
		b = append(b, resolutionEntries(value)...)
	}
	return le.AppendUint32(b, 0)
}

func resolutionEntries(value int) []byte {
	var b []byte
	le := binary.LittleEndian
	for _, e := range [][4]uint32{{282, 5, 1, uint32(value)}, {283, 5, 1, uint32(value)}, {296, 3, 1, 2}} {
		b = le.AppendUint16(le.AppendUint16(b, uint16(e[0])), uint16(e[1]))
		b = le.AppendUint32(le.AppendUint32(b, e[2]), e[3])
	}
	return b
}
