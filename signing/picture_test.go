package signing_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"

	"sohoa/ocr/zbar"
	"sohoa/signing"
	"sohoa/signing/mark"
)

// picture is a PNG of w by h pixels, painted where paint says so and
// transparent elsewhere.
func picture(t testing.TB, w, h int, c color.NRGBA, paint func(x, y int) bool) *mark.Image {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			if paint(x, y) {
				img.SetNRGBA(x, y, c)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	out, err := mark.ReadImage(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// autograph is a blue frame of 2 by 1, so that its edges can be found.
func autograph(t testing.TB) *mark.Image {
	return picture(t, 240, 140, color.NRGBA{R: 20, G: 40, B: 200, A: 255}, func(x, y int) bool {
		in := x >= 20 && x < 220 && y >= 20 && y < 120
		return in && (x < 30 || x >= 210 || y < 30 || y >= 110 || x/2 == y)
	})
}

// stamp is a red ring with a transparent margin that does not count.
func sealImage(t testing.TB) *mark.Image {
	return picture(t, 320, 320, color.NRGBA{R: 220, G: 20, B: 30, A: 230}, func(x, y int) bool {
		d := math.Hypot(float64(x)-159.5, float64(y)-159.5)
		return d < 140 && (d > 128 || d < 50)
	})
}

var pdfiumPool = sync.OnceValues(func() (pdfium.Pool, error) {
	return webassembly.Init(webassembly.Config{
		Context: context.Background(), MaxIdle: 1, MaxTotal: 1, ReuseWorkers: true, FSConfig: wazero.NewFSConfig(),
		RuntimeConfig: wazero.NewRuntimeConfig().WithMemoryLimitPages(8192), Stdout: io.Discard, Stderr: io.Discard,
	})
})

// viewers draw the first page at a resolution.
var viewers = map[string]func(testing.TB, []byte, int) *image.RGBA{"poppler": poppler, "pdfium": pdfiumPage}

func pdfiumPage(t testing.TB, pdf []byte, dpi int) *image.RGBA {
	t.Helper()
	pool, err := pdfiumPool()
	if err != nil {
		t.Fatal(err)
	}
	inst, err := pool.GetInstance(30 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	doc, err := inst.OpenDocument(&requests.OpenDocument{File: &pdf})
	if err != nil {
		t.Fatal(err)
	}
	// RenderForm draws annotations of form fields, which marks are.
	r, err := inst.RenderPageInDPI(&requests.RenderPageInDPI{DPI: dpi, RenderForm: true,
		Page: requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document}}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Cleanup()
	return rgba(r.Result.RenderedImage)
}

func poppler(t testing.TB, pdf []byte, dpi int) *image.RGBA {
	t.Helper()
	out, err := exec.Command(need(t, "pdftoppm"), "-png", "-r", strconv.Itoa(dpi), "-cropbox", "-f", "1", "-l", "1", temp(t, "a.pdf", pdf)).Output()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return rgba(img)
}

func rgba(img image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

// lookDPI is the resolution to find edges in: a point has more than a pixel.
const lookDPI = 100

// extent is where pixels of a colour are, in points.
func extent(img *image.RGBA, has func(c color.RGBA) bool) mark.Rect {
	var r image.Rectangle
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if has(img.RGBAAt(x, y)) {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	const point = 72.0 / lookDPI
	return mark.Rect{X: float64(r.Min.X) * point, Y: float64(r.Min.Y) * point, Width: float64(r.Dx()) * point, Height: float64(r.Dy()) * point}
}

func blue(c color.RGBA) bool { return int(c.B) > int(c.R)+90 }
func red(c color.RGBA) bool  { return int(c.R) > int(c.B)+90 }

// wantAt wants the edges of what is seen within a point of want.
func wantAt(t *testing.T, what string, got, want mark.Rect) {
	t.Helper()
	for _, d := range []float64{got.X - want.X, got.Y - want.Y, got.X + got.Width - want.X - want.Width, got.Y + got.Height - want.Y - want.Height} {
		if math.Abs(d) > 1 {
			t.Errorf("%s is seen at %.1f, want %.1f", what, got, want)
			return
		}
	}
}

// TestImagesStandWhereTheyBelong drags a signature to a rectangle of the page
// as it is seen, has the seal set over it by rule, and looks.
func TestImagesStandWhereTheyBelong(t *testing.T) {
	const side = 36 * 72 / 25.4
	at := mark.Rect{X: 250, Y: 380, Width: 200, Height: 70} // the picture is 140 wide
	frame := mark.Rect{X: 280, Y: 380, Width: 140, Height: 70}
	over := mark.Rect{X: 280 + 140/3.0 - side, Y: 415 - side/2, Width: side, Height: side}
	for _, box := range []string{"/MediaBox[0 0 595 842]", "/MediaBox[-20 -30 700 900]/CropBox[50 30 645 872]"} {
		for _, rotate := range []int{0, 90, 180, 270} {
			t.Run(box+strconv.Itoa(rotate), func(t *testing.T) {
				pdf := page(box + "/Rotate " + strconv.Itoa(rotate)).table()
				person := mark.Person(autograph(t))
				person.At = &at
				pdf, _ = sign(t, pdf, signing.Request{Mark: person}, nil)
				operator, _ := sign(t, pdf, signing.Request{Mark: mark.Operator("Nguyễn Vĩnh Nghĩa", moment)}, nil)
				sealed, _ := sign(t, operator, signing.Request{Mark: mark.Seal(sealImage(t))}, nil)
				wantSigned(t, sealed, 3)
				for name, view := range viewers {
					wantAt(t, name+": the signature", extent(view(t, pdf, lookDPI), blue), frame)
					wantAt(t, name+": the seal", extent(view(t, sealed, lookDPI), red), over)
				}
				if found := words(t, sealed, rotate%180 != 0); found["Nghĩa"].y1 == 0 {
					t.Errorf("pdftotext does not find Nghĩa in %v", found)
				}
			})
		}
	}
}

// TestSealFindsTheSignature wants the seal on the page of the newest person's
// signature: one that is an image may stand anywhere, marks of text at the top
// of a page are none.
func TestSealFindsTheSignature(t *testing.T) {
	person := mark.Person(autograph(t))
	person.Page, person.At = 1, &mark.Rect{X: 330, Y: 60, Width: 120, Height: 60} // the last page may hold nothing else
	pdf := scan(t)
	_, err := trySign(t, pdf, signing.Request{Mark: mark.Seal(sealImage(t))})
	wantProblem(t, err, "sign.mark-signature")
	signed, _ := sign(t, pdf, signing.Request{Mark: person}, nil)
	for _, m := range []*mark.Mark{mark.Agency(mark.FormCopy, "Hà Tĩnh", moment), {Lines: []string{"Văn thư"}, Page: 2}} {
		signed, _ = sign(t, signed, signing.Request{Mark: m}, nil)
	}
	sealed, _ := sign(t, signed, signing.Request{Mark: mark.Seal(sealImage(t))}, nil)
	const side = 36 * 72 / 25.4
	wantAt(t, "the seal", extent(poppler(t, sealed, lookDPI), red), mark.Rect{X: 370 - side, Y: 90 - side/2, Width: side, Height: side})
	other := mark.Seal(sealImage(t))
	other.Page = 2
	_, err = trySign(t, signed, signing.Request{Mark: other})
	wantProblem(t, err, "sign.mark-signature")
}

// TestCodeIsRead draws marks with codes at 200 dpi and reads them.
func TestCodeIsRead(t *testing.T) {
	for _, address := range []string{"https://a.vn", "https://kyso.hatinh.example.vn/t/7F3K9QW2", "https://kyso.example.vn/" + strings.Repeat("tra-cuu/", 22)} {
		for _, rotate := range []int{0, 90} {
			pdf := page("/MediaBox[0 0 595 842]/Rotate " + strconv.Itoa(rotate)).table()
			m := mark.Operator("Nguyễn Vĩnh Nghĩa", moment)
			m.QR = address
			pdf, _ = sign(t, pdf, signing.Request{Mark: m}, nil)
			for name, view := range viewers {
				img := view(t, pdf, 200)
				if got := codes(t, img); len(got) != 1 || got[0] != address {
					t.Errorf("%s, turned by %d: zbar reads %q, want %q", name, rotate, got, address)
				}
			}
			if _, ok := words(t, pdf, rotate%180 != 0)["Nghĩa"]; !ok {
				t.Error("pdftotext does not find the name beside the code")
			}
		}
	}
}

func codes(t *testing.T, img *image.RGBA) []string {
	t.Helper()
	gray := image.NewGray(img.Rect)
	draw.Draw(gray, gray.Rect, img, image.Point{}, draw.Src)
	found, err := zbar.Scan(gray.Pix, gray.Rect.Dx(), gray.Rect.Dy(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range found {
		out = append(out, string(s.Data))
	}
	return out
}
