package ingest_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/pdfa"
	"sohoa/ingest"
	"sohoa/ocr"
)

// dim is the scan b with little contrast and a third of its dots.
func dim(t *testing.T, b []byte) []byte {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	size := img.Bounds()
	small := image.NewGray(image.Rect(0, 0, size.Dx()/4, size.Dy()/4))
	draw.BiLinear.Scale(small, small.Rect, img, size, draw.Src, nil)
	for i, v := range small.Pix {
		small.Pix[i] = 60 + v/2 + uint8(i*i*7919>>3%40)
	}
	big := image.NewGray(size)
	draw.BiLinear.Scale(big, size, small, small.Rect, draw.Src, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, big, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// layered is a PDF of the image with text as its hidden layer.
func layered(t *testing.T, image []byte, text sohoa.PageText) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pdfa.NewWriter(&b, pdfa.Options{})
	if _, err := w.AddPage(pdfa.Page{Image: image, MediaType: "image/jpeg", DPI: text.DPI, Turn: text.Turn, Text: &text}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// recognised is the text of a good scan.
func recognised(t *testing.T, image []byte) sohoa.PageText {
	t.Helper()
	r := must(ocr.New(ocr.Config{Workers: 1}))(t)
	defer r.Close()
	return must(r.Read(t.Context(), ocr.Page{Image: image, Number: 1}))(t).Text
}

// TestOldLayerIsKeptIfItReadsBetter brings scans with layers in.
func TestOldLayerIsKeptIfItReadsBetter(t *testing.T) {
	image := scan(t, "quyet-dinh-01.jpg")
	good := recognised(t, image)
	bad := good
	bad.Lines = slices.Clone(good.Lines)
	for i, l := range bad.Lines {
		bad.Lines[i].Words = slices.Clone(l.Words)
		for k, w := range l.Words {
			bad.Lines[i].Words[k].Text = strings.Map(func(r rune) rune {
				if r > 0x7f {
					return 'o'
				}
				return r
			}, w.Text)
		}
	}
	of := openOffice(t, options{})
	for _, tt := range []struct {
		name   string
		pdf    []byte
		source sohoa.TextSource
	}{
		{"good layer under a dim scan", layered(t, dim(t, image), good), sohoa.TextPDF},
		{"bad layer under a good scan", layered(t, image, bad), sohoa.TextOCR},
	} {
		doc := of.kept(of.add(tt.name+".pdf", tt.pdf).ID)
		page := must(of.catalog.Pages(t.Context(), doc.ID))(t)[0]
		text := must(of.PageText(t.Context(), doc.ID, 1))(t)
		if page.TextSource != tt.source || text.Source != tt.source || page.Source != sohoa.SourceDirect || doc.Master != sohoa.MasterPDFA {
			t.Errorf("%s: text is %s (%s), page %s, master %s, want text %s", tt.name, text.Source, page.TextSource, page.Source, doc.Master, tt.source)
		}
		if plain(text) != plain(good) {
			t.Errorf("%s: text is not the good one:\n%s\n%s", tt.name, plain(text), plain(good))
		}
		if page.Confidence == 100 {
			t.Errorf("%s: confidence of text that nobody checked is 100", tt.name)
		}
	}
	of.checkArchive()
	files := must(of.catalog.Files(t.Context(), must(of.catalog.FindDocuments(t.Context(), sohoa.Everything, archive.DocumentQuery{}))(t)[0].ID))(t)
	for _, f := range files {
		if strings.Contains(f.Key, "brought") {
			t.Errorf("%s is kept", f.Key)
		}
	}
}

// halfPage is a PDF with lines of drawn text above a picture of a scan.
func halfPage(t *testing.T, scan []byte, lines []string) []byte {
	t.Helper()
	size := must(jpeg.DecodeConfig(bytes.NewReader(scan)))(t)
	var content strings.Builder
	for i, l := range lines {
		fmt.Fprintf(&content, "BT /F 9 Tf 40 %d Td (%s) Tj ET\n", 825-11*i, l)
	}
	w := 640 * float64(size.Width) / float64(size.Height)
	fmt.Fprintf(&content, "q %.1f 0 0 640 60 20 cm /I Do Q", w)
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> /XObject << /I 6 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", content.Len(), content.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream",
			size.Width, size.Height, len(scan), scan),
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, at)
	return b.Bytes()
}

// headings are lines of ten words each.
func headings(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("Phieu so %d: mot hai ba bon nam sau bay", 100+i)
	}
	return lines
}

// TestMissingHalfIsRecognised brings pages in that draw text and show a scan.
func TestMissingHalfIsRecognised(t *testing.T) {
	image := scan(t, "quyet-dinh-01.jpg")
	of := openOffice(t, options{})
	for _, tt := range []struct {
		name   string
		lines  []string
		master sohoa.Master
	}{
		{"form", headings(8), sohoa.MasterOriginal},
		{"scan with a stamp", headings(1), sohoa.MasterPDFA},
	} {
		pdf := halfPage(t, image, tt.lines)
		doc := of.kept(of.add(tt.name+".pdf", pdf).ID)
		page := must(of.catalog.Pages(t.Context(), doc.ID))(t)[0]
		text := must(of.PageText(t.Context(), doc.ID, 1))(t)
		if doc.Master != tt.master || page.TextSource != sohoa.TextMixed || text.Source != sohoa.TextMixed {
			t.Errorf("%s: master %s, text %s, %s", tt.name, doc.Master, page.TextSource, text.Source)
		}
		own, rest := plain(text), ""
		if want := strings.Join(tt.lines, " "); !strings.HasPrefix(own, want+" ") {
			t.Errorf("%s: text is %q, want it to begin with %q", tt.name, own, want)
		} else {
			rest = own[len(want):]
		}
		for _, want := range []string{"QUYẾT ĐỊNH", "Độc lập", "Phòng Tài nguyên"} {
			if !strings.Contains(rest, want) {
				t.Errorf("%s: %q is missing in what was recognised", tt.name, want)
			}
		}
		if strings.Contains(rest, "Phieu") {
			t.Errorf("%s: own words are there twice", tt.name)
		}
		if tt.master == sohoa.MasterOriginal && !bytes.Equal(of.read(doc.ID, sohoa.RolePDF, 0), pdf) {
			t.Errorf("%s: the pdf rendition is not the file as it came", tt.name)
		}
	}
	of.checkArchive()
}

// TestBroughtTextSurvivesACrash lets the store die before and after each of
// the first changes, among them those of split.
func TestBroughtTextSurvivesACrash(t *testing.T) {
	pdf := halfPage(t, scan(t, "trang-trang-01.jpg"), headings(1))
	for n := 1; n <= 8; n++ {
		dir := t.TempDir()
		crashOf(t, options{dir: dir}, pdf, n, archivetest.Mode{Stop: true, After: n%2 == 0})
		of := openOffice(t, options{dir: dir, idle: true})
		doc := must(of.catalog.FindDocuments(t.Context(), sohoa.Everything, archive.DocumentQuery{}))(t)[0]
		if text := must(of.PageText(t.Context(), doc.ID, 1))(t); !strings.HasPrefix(plain(text), headings(1)[0]) {
			t.Errorf("crash at change %d: text is %q", n, plain(text))
		}
		of.stop()
	}
}

// spoiling is a store in which page images are no images.
type spoiling struct{ ingest.Store }

func (s spoiling) Put(ctx context.Context, key string, body io.Reader) (archive.BlobInfo, error) {
	if strings.Contains(key, "/image/") {
		body = strings.NewReader("spoilt")
	}
	return s.Store.Put(ctx, key, body)
}

func TestOwnTextIsKeptWhereRecognitionFails(t *testing.T) {
	of := openOffice(t, options{store: func(s ingest.Store) ingest.Store { return spoiling{s} }})
	doc := of.kept(of.add("a.pdf", halfPage(t, scan(t, "bien-ban-02.jpg"), headings(8))).ID)
	page := must(of.catalog.Pages(t.Context(), doc.ID))(t)[0]
	text := must(of.PageText(t.Context(), doc.ID, 1))(t)
	if page.Problem == nil || page.Problem.Code != "image.damaged" || page.TextSource != sohoa.TextPDF || plain(text) != strings.Join(headings(8), " ") {
		t.Errorf("page %+v with text %q, want a problem and the page's own text", page, plain(text))
	}
}
