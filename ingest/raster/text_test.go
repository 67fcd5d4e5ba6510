package raster_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/ingest/raster"
)

// glyphs is a font's repertoire. Some of it is decomposed, as many programs
// write Vietnamese.
var glyphs = []string{"N", "g", "u", "y", "ê\u0303", "n", "V", "i\u0303", "h", "ĩ", "a", " ", "\u00ad"}

// textPDF has one page for each content; each shows text with the font /F.
func textPDF(fontName string, entries string, contents ...string) []byte {
	m := newPDF()
	f := m.textFont(fontName, glyphs)
	for _, c := range contents {
		m.page(c, fmt.Sprintf("%s /Resources << /Font << /F %d 0 R >> >>", entries, f))
	}
	return m.bytes()
}

// name shows "Nguyễn Vĩnh Nghĩa" at x, y of a page of 298 x 421 points.
func name(x, y int) string {
	return fmt.Sprintf("BT /F 12 Tf %d %d Td %s ET\n", x, y, show("Nguyên Vinh Nghĩa", glyphs))
}

func words(p *sohoa.PageText) string {
	if p == nil {
		return ""
	}
	var lines []string
	for _, l := range p.Lines {
		var ws []string
		for _, w := range l.Words {
			ws = append(ws, w.Text)
		}
		lines = append(lines, strings.Join(ws, " "))
	}
	return strings.Join(lines, "\n")
}

func TestOwnText(t *testing.T) {
	const want = "Nguyễn Vĩnh Nghĩa"
	for _, rotate := range []int{0, 90, 180, 270} {
		t.Run(fmt.Sprint("rotate ", rotate), func(t *testing.T) {
			// The text stands upright on the turned page.
			tm := map[int]string{
				0: "1 0 0 1 36 349", 90: "0 1 -1 0 72 36", 180: "-1 0 0 -1 262 72", 270: "0 -1 1 0 226 385",
			}[rotate]
			content := fmt.Sprintf("BT /F 12 Tf %s Tm %s ET", tm, show("Nguyên Vinh Nghĩa", glyphs))
			f, pages := mustSplit(t, write(t, "text.pdf", textPDF("Test", fmt.Sprint("/Rotate ", rotate), content)))
			p := pages[0]
			if !f.BornDigital || !p.Visible || p.Mixed || p.Source != sohoa.SourceRendered || p.Turn != 0 {
				t.Errorf("Split = %+v, visible %v, mixed %v, %s", f, p.Visible, p.Mixed, p.Source)
			}
			if got := words(p.Text); got != want || !norm.NFC.IsNormalString(got) {
				t.Fatalf("text = %q, want %q in NFC", got, want)
			}
			checkPlaces(t, p)
		})
	}
}

// checkPlaces checks that the line begins half an inch from the left, and has
// its baseline an inch from the top, of the upright page.
func checkPlaces(t *testing.T, p raster.Page) {
	t.Helper()
	if p.Text.Width != p.Width || p.Text.Height != p.Height || p.Text.DPI != p.DPI || p.Text.Source != sohoa.TextPDF {
		t.Errorf("text is of %d x %d at %g, %s", p.Text.Width, p.Text.Height, p.Text.DPI, p.Text.Source)
	}
	l := p.Text.Lines[0]
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 3 {
			t.Errorf("%s = %.1f, want %.1f", what, got, want)
		}
	}
	near("baseline's left end", l.Baseline.X0, p.DPI/2)
	near("baseline's height", l.Baseline.Y0, p.DPI)
	near("baseline's slope", l.Baseline.Y1, l.Baseline.Y0)
	if l.Height < 30 || l.Height > 80 { // 12 points are 50 pixels
		t.Errorf("line height = %.1f, want about 50", l.Height)
	}
	right := 0.0
	for _, w := range l.Words {
		if w.Box.X0 < right || w.Box.X1 <= w.Box.X0 || w.Box.Y1 <= w.Box.Y0 || w.Box.X1 > float64(p.Width) {
			t.Errorf("box of %q = %v, want it right of %.1f and on the page", w.Text, w.Box, right)
		}
		if w.Box.Y0 < p.DPI/2 || w.Box.Y1 > 1.2*p.DPI {
			t.Errorf("box of %q = %v, want it about y = %.0f", w.Text, w.Box, p.DPI)
		}
		right = w.Box.X0
	}
}

func TestTextOfScans(t *testing.T) {
	b := scan(t, 496, 702)
	scanWith := func(content string) []byte {
		m := newPDF()
		f := m.textFont("Test", glyphs)
		n := m.jpegImage(b, 496, 702, dct)
		m.page(fullPage+content, fmt.Sprintf("/Resources << /XObject << /I %d 0 R >> /Font << /F %d 0 R >> >>", n, f))
		return m.bytes()
	}
	// Words under a picture, as some programs place what they recognised, in
	// a file that has masks.
	under := func(masked bool) []byte {
		m := newPDF()
		f := m.textFont("Test", glyphs)
		entries := dct
		mask := m.stream("/Type /XObject /Subtype /Image /Width 2 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray", []byte{0, 255})
		if masked {
			entries = fmt.Sprintf("%s /SMask %d 0 R", dct, mask)
		} else {
			m.jpegImage(b, 496, 702, fmt.Sprintf("%s /SMask %d 0 R", dct, mask))
		}
		n := m.jpegImage(b, 496, 702, entries)
		words := ""
		for i := range 20 {
			words += name(20, 20+20*i)
		}
		m.page(words+fullPage, fmt.Sprintf("/Resources << /XObject << /I %d 0 R >> /Font << /F %d 0 R >> >>", n, f))
		return m.bytes()
	}
	many := ""
	for i := range 20 {
		many += name(20, 20+20*i)
	}
	legacy := newPDF()
	lf := legacy.textFont("ABCDEF+.VnTime", []string{"Q", "u", "y", "Õ", "t"})
	legacy.page("BT /F 12 Tf 36 36 Td <00010002000300040005> Tj ET", fmt.Sprintf("/Resources << /Font << /F %d 0 R >> >>", lf))
	private := newPDF()
	pf := private.textFont("Test", []string{"\ue001", "\ue002", "a"})
	private.page("BT /F 12 Tf 36 36 Td <000100020003> Tj ET", fmt.Sprintf("/Resources << /Font << /F %d 0 R >> >>", pf))
	legacyLayer := newPDF()
	ll := legacyLayer.textFont("VNI-Times", glyphs)
	legacyLayer.page(fullPage+"3 Tr "+name(20, 20), fmt.Sprintf("/Resources << /XObject << /I %d 0 R >> /Font << /F %d 0 R >> >>", legacyLayer.jpegImage(b, 496, 702, dct), ll))
	tests := []struct {
		name                               string
		pdf                                []byte
		source                             sohoa.PageSource
		visible, mixed, text, old, digital bool
	}{
		{"invisible layer of a scan", scanWith("3 Tr " + name(20, 20)), sohoa.SourceDirect, false, false, false, true, false},
		{"stamp over a scan", scanWith(name(20, 20)), sohoa.SourceRendered, true, true, true, false, false},
		{"page of words over a picture", scanWith(many), sohoa.SourceRendered, true, true, true, false, true},
		{"words under an opaque picture", under(false), sohoa.SourceDirect, false, false, false, true, false},
		{"words under a masked picture", under(true), sohoa.SourceRendered, true, true, true, false, true},
		{"invisible beside visible", textPDF("Test", "", "3 Tr "+name(20, 20)+"0 Tr "+name(20, 60)), sohoa.SourceRendered, true, false, true, true, true},
		{"invisible layer in a legacy font", legacyLayer.bytes(), sohoa.SourceDirect, false, false, false, false, false},
		{"outside the page", textPDF("Test", "", name(20, 900)), sohoa.SourceRendered, true, false, false, false, true},
		{"legacy font", legacy.bytes(), sohoa.SourceRendered, true, false, false, false, true},
		{"private characters", private.bytes(), sohoa.SourceRendered, true, false, false, false, true},
	}
	r := newRasterizer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, pages, err := split(t, r, write(t, "a.pdf", tt.pdf), raster.SplitOptions{Images: true})
			if err != nil {
				t.Fatal(err)
			}
			p := pages[0]
			if p.Source != tt.source || p.Visible != tt.visible || p.Mixed != tt.mixed || (p.Text != nil) != tt.text || (p.Old != nil) != tt.old || f.BornDigital != tt.digital {
				t.Errorf("%s, visible %v, mixed %v, text %q, old %q, born digital %v", p.Source, p.Visible, p.Mixed, words(p.Text), words(p.Old), f.BornDigital)
			}
			if tt.name == "invisible beside visible" && words(p.Text) != "Nguyễn Vĩnh Nghĩa" {
				t.Errorf("text = %q, want only what is drawn", words(p.Text))
			}
		})
	}
}

func TestTextOfForms(t *testing.T) {
	m := newPDF()
	f := m.textFont("Test", glyphs)
	form := m.stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 298 421] /Resources << /Font << /F %d 0 R >> >>", f), []byte(name(20, 300)))
	m.page("q 1 0 0 1 0 0 cm /X Do Q", fmt.Sprintf("/Resources << /XObject << /X %d 0 R >> >>", form))
	_, pages := mustSplit(t, write(t, "form.pdf", m.bytes()))
	if got := words(pages[0].Text); got != "Nguyễn Vĩnh Nghĩa" {
		t.Errorf("text = %q, want that of the form", got)
	}
}

// TestTextWithoutPlace hides and draws text of absurd sizes, which must not
// cost the page.
func TestTextWithoutPlace(t *testing.T) {
	r := newRasterizer(t)
	for _, tm := range []string{"1e38 0 0 1e38 0 0", "1e38 1e38 -1e38 1e38 1e38 1e38", "0 0 0 0 9 9", "1e-38 0 0 1e-38 9 9", "1e300 0 0 1 1e300 0"} {
		for _, mode := range []string{"3 Tr", "0 Tr"} {
			m := newPDF()
			f := m.textFont("Test", glyphs)
			n := m.jpegImage(scan(t, 496, 702), 496, 702, dct)
			m.page(fmt.Sprintf("%sBT %s /F 1e38 Tf %s Tm %s ET\n%s", fullPage, mode, tm, show("Nguyên", glyphs), "BT /F 9 Tf 40 40 Td "+show("Vinh", glyphs)+" ET"),
				fmt.Sprintf("/Resources << /XObject << /I %d 0 R >> /Font << /F %d 0 R >> >>", n, f))
			if _, pages, err := split(t, r, write(t, "a.pdf", m.bytes()), raster.SplitOptions{Images: true}); err != nil || len(pages) != 1 {
				t.Errorf("%s, %s: %d pages, %v", mode, tm, len(pages), err)
			}
		}
	}
}

// TestPlaceOfOldText checks the layer's words against the image's own frame,
// turned or not.
func TestPlaceOfOldText(t *testing.T) {
	for _, rotate := range []int{0, 90, 180, 270} {
		m := newPDF()
		f := m.textFont("Test", glyphs)
		n := m.jpegImage(scan(t, 496, 702), 496, 702, dct)
		m.page(fullPage+"3 Tr "+name(36, 349), fmt.Sprintf("/Rotate %d /Resources << /XObject << /I %d 0 R >> /Font << /F %d 0 R >> >>", rotate, n, f))
		_, pages := mustSplit(t, write(t, "a.pdf", m.bytes()))
		p := pages[0]
		if p.Source != sohoa.SourceDirect || p.Old == nil || p.Turn != rotate || p.Old.Turn != rotate {
			t.Fatalf("rotate %d: %s, turn %d, old %+v", rotate, p.Source, p.Turn, p.Old)
		}
		old := p.Old.Turned((360 - rotate) % 360) // as the image is stored
		w := old.Lines[0].Words[0].Box
		if words(p.Old) != "Nguyễn Vĩnh Nghĩa" || old.Width != 496 || math.Abs(w.X0-36*496./298) > 2 || w.Y0 > 72*702./421 || w.Y1 < 71*702./421 {
			t.Errorf("rotate %d: %q at %v on %d x %d, want it at 60, 120", rotate, words(p.Old), w, old.Width, old.Height)
		}
	}
}
