package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// paperKind is what somebody brings.
type paperKind string

// The kinds of papers.
const (
	paperPDF   paperKind = "pdf"   // two pages, born digital
	paperScan  paperKind = "scan"  // one page as a JPEG
	paperScans paperKind = "scans" // two scanned pages in a PDF, to be arranged
)

// paper is one file. Its bytes follow from what it says, so that they need not
// be kept.
type paper struct {
	Seed uint64    `json:"seed"`
	N    int       `json:"n"`
	Kind paperKind `json:"kind"`
	Pad  int       `json:"pad"` // bytes that nothing shows
}

// mark is a number that stands on this paper and on no other.
func (p paper) mark() string { return strconv.Itoa(1_000_000 + p.N*137) }

// name is its file name.
func (p paper) name() string {
	if p.Kind == paperScan {
		return fmt.Sprintf("giấy %s.jpg", p.mark())
	}
	return fmt.Sprintf("giấy %s.pdf", p.mark())
}

// bytes makes the file.
func (p paper) bytes() []byte {
	switch p.Kind {
	case paperScan:
		return draw1("So " + p.mark())
	case paperScans:
		m := newPDF()
		for _, page := range []string{"Mot ", "Hai "} {
			m.image(draw1(page + p.mark()))
		}
		return m.bytes()
	}
	m := newPDF()
	for n := range 2 {
		m.text(fmt.Sprintf("Van ban dien tu %s trang %d", p.mark(), n+1))
	}
	pad := make([]byte, p.Pad)
	random := rand.NewChaCha8([32]byte{byte(p.N), byte(p.N >> 8), byte(p.N >> 16), byte(p.Seed), byte(p.Seed >> 8)})
	random.Read(pad)
	m.stream("", pad)
	return m.bytes()
}

// The size of a drawn page, in pixels.
const (
	drawnWidth  = 800
	drawnHeight = 240
)

var face = func() font.Face {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(err)
	}
	f, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 44, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err)
	}
	return f
}

// draw1 draws a small page with one line.
func draw1(line string) []byte {
	img := image.NewGray(image.Rect(0, 0, drawnWidth, drawnHeight))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: img, Src: image.NewUniform(color.Gray{20}), Face: face(), Dot: fixed.P(80, 130)}
	d.DrawString(line)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		panic(err) // a buffer does not fail
	}
	return b.Bytes()
}

// pdf writes a PDF object by object.
type pdf struct {
	buf     bytes.Buffer
	offsets []int // of objects, from 1; the first three are written last
	kids    []int
}

func newPDF() *pdf {
	m := &pdf{offsets: make([]int, 4)}
	m.buf.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return m
}

func (m *pdf) put(n int, body string) {
	m.offsets[n] = m.buf.Len()
	fmt.Fprintf(&m.buf, "%d 0 obj\n%s\nendobj\n", n, body)
}

func (m *pdf) object(body string) int {
	m.offsets = append(m.offsets, 0)
	n := len(m.offsets) - 1
	m.put(n, body)
	return n
}

func (m *pdf) stream(dict string, data []byte) int {
	return m.object(fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data))
}

func (m *pdf) page(content, resources string) {
	c := m.stream("", []byte(content))
	m.kids = append(m.kids, m.object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << %s >> >>", c, resources)))
}

// text adds a page that says line.
func (m *pdf) text(line string) {
	m.page(fmt.Sprintf("BT /F 16 Tf 72 700 Td (%s) Tj ET", line), "/Font << /F 3 0 R >>")
}

// image adds a page that is one JPEG of draw1.
func (m *pdf) image(jpeg []byte) {
	n := m.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /DCTDecode",
		drawnWidth, drawnHeight), jpeg)
	c := m.stream("", []byte("q 400 0 0 120 0 0 cm /I Do Q"))
	m.kids = append(m.kids, m.object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 120] /Contents %d 0 R /Resources << /XObject << /I %d 0 R >> >> >>", c, n)))
}

// bytes ends the file.
func (m *pdf) bytes() []byte {
	m.put(1, "<< /Type /Catalog /Pages 2 0 R >>")
	kids := ""
	for _, k := range m.kids {
		kids += fmt.Sprintf("%d 0 R ", k)
	}
	m.put(2, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(m.kids), kids))
	m.put(3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	xref := m.buf.Len()
	fmt.Fprintf(&m.buf, "xref\n0 %d\n0000000000 65535 f \n", len(m.offsets))
	for _, at := range m.offsets[1:] {
		fmt.Fprintf(&m.buf, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&m.buf, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(m.offsets), xref)
	return m.buf.Bytes()
}
