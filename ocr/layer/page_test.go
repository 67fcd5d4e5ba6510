package layer_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"sohoa"
	"sohoa/ocr/layer"
	"sohoa/ocr/lept"
)

const scans = "../../testdata/scans/"

// scan is an image file of a page.
type scan struct {
	bytes []byte
	dpi   float64
}

// scanned is a page of testdata/scans.
func scanned(t testing.TB, name string) scan {
	t.Helper()
	b, err := os.ReadFile(scans + name)
	if err != nil {
		t.Fatal(err)
	}
	p := decode(t, b)
	return scan{b, p.DPI()}
}

func decode(t testing.TB, b []byte) *lept.Pix {
	t.Helper()
	p, err := lept.Decode(b)
	return must(t, p, err)
}

// must hands p over to the end of the test.
func must(t testing.TB, p *lept.Pix, err error) *lept.Pix {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// prepare is what reading makes of a page before it is taken apart. The
// images are closed by done.
func prepare(b []byte, dpi float64) (p layer.Page, done func(), err error) {
	var made []*lept.Pix
	done = func() {
		for _, x := range made {
			x.Close()
		}
	}
	keep := func(x *lept.Pix, e error) *lept.Pix {
		if err = e; err == nil {
			made = append(made, x)
		}
		return x
	}
	p = layer.Page{DPI: dpi, Stored: len(b)}
	if p.Scan = keep(lept.Decode(b)); err != nil {
		return p, done, err
	}
	p.Halvings = layer.Halvings(dpi, min(p.Scan.Width(), p.Scan.Height()))
	if p.Ink = keep(p.Scan.InkGray()); err != nil {
		return p, done, err
	}
	paper, err := p.Ink.Background(max(8, int(dpi/10)))
	if err != nil {
		return p, done, err
	}
	if p.Mask = keep(p.Ink.Mask(paper, 70)); err != nil {
		return p, done, err
	}
	half := keep(p.Scan.Shrink(p.Halvings))
	if err != nil {
		return p, done, err
	}
	if p.Small = keep(half.Gray()); err != nil {
		return p, done, err
	}
	ink, err := p.Mask.Ink(int(dpi/60), 0.03)
	p.Blank = ink < 0.00002
	return p, done, err
}

// take takes a page apart.
func take(t testing.TB, s scan, f sohoa.Fidelity) *layer.Taken {
	t.Helper()
	p, done, err := prepare(s.bytes, s.dpi)
	t.Cleanup(done)
	if err != nil {
		t.Fatalf("prepare page: %v", err)
	}
	taken, err := layer.Take(p, f)
	if err != nil {
		t.Fatalf("Take = %v", err)
	}
	t.Cleanup(taken.Close)
	return taken
}

// composed is t as a viewer shows it.
func composed(t testing.TB, taken *layer.Taken) image.Image {
	t.Helper()
	pix, err := taken.Compose()
	must(t, pix, err)
	b, err := pix.EncodePNG()
	if err != nil {
		t.Fatal(err)
	}
	return picture(t, b)
}

// picture decodes a file with the standard library.
func picture(t testing.TB, b []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// The drawn page: A5 at 300 dpi.
const (
	drawnDPI = 300
	drawnW   = 1748
	drawnH   = 2480
)

// The places of what is on it.
var (
	textAt      = image.Rect(200, 200, 1548, 900)
	smallAt     = image.Rect(200, 960, 1548, 1100)
	pencilAt    = image.Rect(200, 1180, 1100, 1330)
	sealAt      = image.Rect(900, 1500, 1330, 1930)
	signatureAt = image.Rect(300, 1600, 800, 1900)
	stampAt     = image.Rect(200, 2100, 320, 2140)
	bareAt      = image.Rect(1100, 2150, 1600, 2400)
)

// words are what its lines say.
const words = "the quick brown fox jumps over the lazy dog 0123456789 and pack my box with five dozen liquor jugs"

// sheet is a drawing of a page.
type sheet struct {
	*image.RGBA
	r *rand.Rand
}

func blankSheet(w, h int, paper color.Color) sheet {
	s := sheet{image.NewRGBA(image.Rect(0, 0, w, h)), rand.New(rand.NewPCG(7, 8))}
	draw.Draw(s, s.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	return s
}

// write fills r with lines of print of the given size in points.
func (s sheet) write(t testing.TB, r image.Rectangle, points float64, ink color.Color) {
	t.Helper()
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: points, DPI: drawnDPI})
	if err != nil {
		t.Fatal(err)
	}
	line := int(points * drawnDPI / 72 * 1.3)
	for y, i := r.Min.Y+line, 0; y < r.Max.Y; y, i = y+line, i+7 {
		d := font.Drawer{Dst: s.SubImage(r).(draw.Image), Src: image.NewUniform(ink), Face: face, Dot: fixed.P(r.Min.X, y)}
		d.DrawString(words[i%20:] + " " + words)
	}
}

// dot draws a disc.
func (s sheet) dot(x, y, radius float64, ink color.Color) {
	for j := int(y - radius); j <= int(y+radius)+1; j++ {
		for i := int(x - radius); i <= int(x+radius)+1; i++ {
			if math.Hypot(float64(i)-x, float64(j)-y) <= radius {
				s.Set(i, j, ink)
			}
		}
	}
}

// seal draws two rings and a disc into r.
func (s sheet) seal(r image.Rectangle, ink color.Color) {
	mid, radius := r.Min.Add(r.Max).Div(2), float64(r.Dx())/2-6
	for a := 0.0; a < 2*math.Pi; a += 1 / radius / 2 {
		for _, part := range []float64{1, 0.8, 0.25, 0.15, 0.05} {
			s.dot(float64(mid.X)+part*radius*math.Cos(a), float64(mid.Y)+part*radius*math.Sin(a), 4, ink)
		}
	}
}

// sign draws a wave through r.
func (s sheet) sign(r image.Rectangle, ink color.Color) {
	for a := 0.0; a < 1; a += 1.0 / 4000 {
		s.dot(float64(r.Min.X)+a*float64(r.Dx()), float64(r.Min.Y)+float64(r.Dy())*(0.5+0.45*math.Sin(17*a)*(1-a/2)), 4, ink)
	}
}

// jpeg is the drawing as a scanner gives it: a little blurred and noisy.
func (s sheet) jpeg(t testing.TB) scan {
	t.Helper()
	out := image.NewRGBA(s.Rect)
	for y := range s.Rect.Dy() {
		for x := range s.Rect.Dx() {
			i := s.PixOffset(x, y)
			noise := s.r.NormFloat64() * 1.5
			for c := range 3 {
				near, n := 2*int(s.Pix[i+c]), 2
				for _, o := range []int{-4, 4, -s.Stride, s.Stride} {
					if k := i + c + o; k >= 0 && k < len(s.Pix) {
						near, n = near+int(s.Pix[k]), n+1
					}
				}
				out.Pix[i+c] = uint8(min(max(float64(near)/float64(n)+noise, 0), 255))
			}
			out.Pix[i+3] = 255
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return scan{b.Bytes(), drawnDPI}
}

var (
	paper   = color.RGBA{244, 240, 230, 255}
	black   = color.RGBA{30, 30, 34, 255}
	red     = color.RGBA{205, 40, 50, 255}
	blue    = color.RGBA{40, 60, 160, 255}
	crimson = color.RGBA{190, 30, 40, 255}
	pencil  = color.RGBA{196, 193, 186, 255}
)

// letter is a page with everything that offices put on one.
func letter(t testing.TB) scan {
	t.Helper()
	s := blankSheet(drawnW, drawnH, paper)
	s.write(t, textAt, 12, black)
	s.write(t, smallAt, 6, black)
	s.write(t, pencilAt, 14, pencil)
	s.seal(sealAt, red)
	s.sign(signatureAt, blue)
	s.write(t, stampAt, 6, crimson)
	return s.jpeg(t)
}

// encodePNG is img without loss.
func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
