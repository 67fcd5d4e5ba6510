package raster_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

// pdfMaker writes a PDF object by object. Object 1 is the catalog and 2 the
// page tree; they are written last.
type pdfMaker struct {
	buf     bytes.Buffer
	offsets map[int]int
	next    int
	kids    []int
	catalog string // more entries of the catalog
}

func newPDF() *pdfMaker {
	m := &pdfMaker{offsets: map[int]int{}, next: 3}
	m.buf.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return m
}

// put writes object n.
func (m *pdfMaker) put(n int, body string) {
	m.offsets[n] = m.buf.Len()
	fmt.Fprintf(&m.buf, "%d 0 obj\n%s\nendobj\n", n, body)
}

// object writes a new object and returns its number.
func (m *pdfMaker) object(body string) int {
	n := m.next
	m.next++
	m.put(n, body)
	return n
}

// stream writes a new stream; dict is without brackets and Length.
func (m *pdfMaker) stream(dict string, data []byte) int {
	return m.object(fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data))
}

// page adds a page; entries are those of its dictionary beside Type, Parent,
// Contents and the MediaBox, which is A6.
func (m *pdfMaker) page(content, entries string) {
	c := m.stream("", []byte(content))
	m.rawPage(fmt.Sprintf("/Contents %d 0 R /MediaBox [0 0 298 421] %s", c, entries))
}

func (m *pdfMaker) rawPage(entries string) {
	m.kids = append(m.kids, m.object("<< /Type /Page /Parent 2 0 R "+entries+" >>"))
}

// bytes ends the file.
func (m *pdfMaker) bytes() []byte {
	m.put(1, "<< /Type /Catalog /Pages 2 0 R "+m.catalog+" >>")
	var kids bytes.Buffer
	for _, k := range m.kids {
		fmt.Fprintf(&kids, "%d 0 R ", k)
	}
	m.put(2, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(m.kids), kids.String()))
	xref := m.buf.Len()
	fmt.Fprintf(&m.buf, "xref\n0 %d\n0000000000 65535 f \n", m.next)
	for n := 1; n < m.next; n++ {
		fmt.Fprintf(&m.buf, "%010d 00000 n \n", m.offsets[n])
	}
	fmt.Fprintf(&m.buf, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", m.next, xref)
	return m.buf.Bytes()
}

// jpegImage adds an image object of the JPEG b.
func (m *pdfMaker) jpegImage(b []byte, w, h int, more string) int {
	return m.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 %s", w, h, more), b)
}

// showing is the resources of a page with the image object n as /I.
func showing(n int) string { return fmt.Sprintf("/Resources << /XObject << /I %d 0 R >> >>", n) }

// fullPage draws /I over the whole default page.
const fullPage = "q 298 0 0 421 0 0 cm /I Do Q\n"

// scan is a JPEG of w x h pixels that has a top: dark at the upper left.
func scan(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{240, 235, 220, 255}
			if x < w/2 && y < h/4 {
				c = color.RGBA{20, 20, 30, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return encode(t, img, 80)
}

func encode(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// textFont adds a font, not embedded, whose codes 1, 2, ... are the strings
// of glyphs, each as wide as half its size.
func (m *pdfMaker) textFont(name string, glyphs []string) int {
	var cmap bytes.Buffer
	fmt.Fprintf(&cmap, "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"+
		"1 begincodespacerange <0000> <FFFF> endcodespacerange\n%d beginbfchar\n", len(glyphs))
	for i, g := range glyphs {
		fmt.Fprintf(&cmap, "<%04X> <", i+1)
		for _, r := range g {
			fmt.Fprintf(&cmap, "%04X", r)
		}
		cmap.WriteString(">\n")
	}
	cmap.WriteString("endbfchar endcmap end end\n")
	uni := m.stream("", cmap.Bytes())
	desc := m.object(fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 32 /FontBBox [0 -200 600 800] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>", name))
	cid := m.object(fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /DW 500 >>", name, desc))
	return m.object(fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", name, cid, uni))
}

// show is the operator that shows s with the glyphs of textFont.
func show(s string, glyphs []string) string {
	var out bytes.Buffer
	out.WriteString("<")
	for _, r := range s {
		for i, g := range glyphs {
			if []rune(g)[0] == r {
				fmt.Fprintf(&out, "%04X", i+1)
			}
		}
	}
	out.WriteString("> Tj")
	return out.String()
}
