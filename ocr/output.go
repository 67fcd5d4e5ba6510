package ocr

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"

	"sohoa"
)

// Text writes pages as plain text in UTF-8: a line for each line in reading
// order, an empty line between paragraphs, a form feed between pages.
func Text(w io.Writer, pages []sohoa.PageText) error {
	b := bufio.NewWriter(w)
	for i, p := range pages {
		if i > 0 {
			b.WriteByte('\f')
		}
		writeText(b, p.Lines)
	}
	return b.Flush() // also reports what failed before
}

func writeText(b *bufio.Writer, lines []sohoa.Line) {
	for i, l := range lines {
		if i > 0 && (l.Block != lines[i-1].Block || l.Par != lines[i-1].Par) {
			b.WriteByte('\n')
		}
		for k, word := range l.Words {
			if k > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(word.Text)
		}
		b.WriteByte('\n')
	}
}

// HOCR writes pages as one hOCR 1.2 document (XHTML). Boxes are rounded to
// whole pixels of the upright page; ppageno counts from 0.
func HOCR(w io.Writer, pages []sohoa.PageText, title string) error {
	h := hocrWriter{bufio.NewWriter(w)}
	engine := ""
	if len(pages) > 0 {
		engine = pages[0].Engine
	}
	h.printf(hocrHead, escape(title), escape(engine))
	for i, p := range pages {
		h.page(i, p)
	}
	h.printf("</body>\n</html>\n")
	return h.Flush()
}

const hocrHead = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="vi">
<head>
<meta charset="utf-8"/>
<title>%s</title>
<meta name="ocr-system" content="%s"/>
<meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf"/>
</head>
<body>
`

// hocrWriter writes hOCR; its errors are reported by Flush.
type hocrWriter struct{ *bufio.Writer }

func (h hocrWriter) printf(format string, args ...any) { fmt.Fprintf(h, format, args...) }

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}

// page writes one page; index is its place in the document.
func (h hocrWriter) page(index int, p sohoa.PageText) {
	h.printf("<div class=\"ocr_page\" id=\"page_%d\" title=\"bbox 0 0 %d %d; ppageno %d; scan_res %.0f %.0f\">\n",
		p.Page, p.Width, p.Height, index, p.DPI, p.DPI)
	for i := 0; i < len(p.Lines); {
		n := 1
		for i+n < len(p.Lines) && p.Lines[i+n].Block == p.Lines[i].Block {
			n++
		}
		h.block(fmt.Sprintf("%d_%d", p.Page, i), p.Lines[i:i+n])
		i += n
	}
	h.printf("</div>\n")
}

// block writes the lines of one block, paragraph by paragraph.
func (h hocrWriter) block(id string, lines []sohoa.Line) {
	h.printf("<div class=\"ocr_carea\" id=\"block_%s\" title=\"%s\">\n", id, bbox(around(lines)))
	for i := 0; i < len(lines); {
		n := 1
		for i+n < len(lines) && lines[i+n].Par == lines[i].Par {
			n++
		}
		h.printf("<p class=\"ocr_par\" id=\"par_%s_%d\" title=\"%s\">\n", id, i, bbox(around(lines[i:i+n])))
		for k, l := range lines[i : i+n] {
			h.line(fmt.Sprintf("%s_%d", id, i+k), l)
		}
		h.printf("</p>\n")
		i += n
	}
	h.printf("</div>\n")
}

func (h hocrWriter) line(id string, l sohoa.Line) {
	slope := 0.0
	if w := l.Baseline.X1 - l.Baseline.X0; w != 0 {
		slope = (l.Baseline.Y1 - l.Baseline.Y0) / w
	}
	offset := l.Baseline.Y0 + slope*(l.Box.X0-l.Baseline.X0) - l.Box.Y1
	h.printf("<span class=\"ocr_line\" id=\"line_%s\" title=\"%s; baseline %.4f %.1f; x_size %.1f\">", id, bbox(l.Box), slope, offset, l.Height)
	for i, w := range l.Words {
		if i > 0 {
			h.printf(" ")
		}
		h.printf("<span class=\"ocrx_word\" id=\"word_%s_%d\" title=\"%s; x_wconf %.0f\">%s</span>", id, i, bbox(w.Box), w.Confidence, escape(w.Text))
	}
	h.printf("</span>\n")
}

func bbox(r sohoa.Rect) string {
	return fmt.Sprintf("bbox %.0f %.0f %.0f %.0f", math.Floor(r.X0), math.Floor(r.Y0), math.Ceil(r.X1), math.Ceil(r.Y1))
}

// around is the box around lines, of which there is at least one.
func around(lines []sohoa.Line) sohoa.Rect {
	r := lines[0].Box
	for _, l := range lines[1:] {
		r = sohoa.Rect{X0: min(r.X0, l.Box.X0), Y0: min(r.Y0, l.Box.Y0), X1: max(r.X1, l.Box.X1), Y1: max(r.Y1, l.Box.Y1)}
	}
	return r
}
