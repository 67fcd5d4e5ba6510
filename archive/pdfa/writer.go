package pdfa

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"sohoa"
)

// header opens every file: the version, and a comment of four high bytes
// (ISO 19005-2, 6.1.2).
const header = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"

// maxOffset is the largest offset a cross-reference table can hold.
const maxOffset = 9_999_999_999

// maxText bounds a text of Options, in characters: a PDF string holds at most
// 32,767 bytes, and some readers fewer.
const maxText = 4000

// Options describe the document. Texts are normalised to NFC, made one line,
// stripped of characters that XML cannot hold, and cut after 4,000 characters,
// the last of which is then "…".
type Options struct {
	Title      string    // dc:title and Info; may be empty
	Subject    string    // dc:description and Info; may be empty
	Language   string    // of the text, BCP 47; "vi-VN" if empty
	Created    time.Time // written in UTC, to the second; left out if zero
	Identifier string    // document ID, dc:identifier; may be empty
	Producer   string    // pdf:Producer and Info; "sohoa" if empty
}

// Page is one page to write. The Writer keeps none of it.
type Page struct {
	Image     []byte          // a JPEG or PNG file; not looked at if Layers are drawn instead
	MediaType string          // image/jpeg or image/png
	Layers    *sohoa.Layers   // drawn instead of Image if they have a background or stencils; nil for none
	DPI       float64         // pixels an inch; below 72 or above 1200 it is taken for unknown, and the long side for 297 mm
	Turn      int             // degrees clockwise (0, 90, 180, 270) that make the image upright
	Text      *sohoa.PageText // words in the frame of the upright page; nil for none
}

// Report is what Close knows of the finished file.
type Report struct {
	Pages  int
	Size   int64        // bytes
	Digest sohoa.Digest // of the whole file
}

// Writer writes one PDF/A-2u file. It is not safe for concurrent use. After
// an error from the underlying writer every method returns that error; an
// error about a page leaves the file as it was, so another page may follow.
type Writer struct {
	out      *bufio.Writer
	sum      hash.Hash // of all bytes written
	pos      int64
	offsets  []int64 // by object number less one; 0 while reserved
	pages    []int   // object numbers
	tree     int     // object number of the page tree
	font     int     // object number of the font, 0 until a page has words
	glyphs   glyphs
	profiles map[sohoa.Digest]int // object numbers of the colour profiles of images
	opts     Options
	zip      *zlib.Writer
	err      error
}

// NewWriter starts a file on w. Nothing is certain to have reached w before
// Close. A bad option is reported by the first AddPage or Close.
func NewWriter(w io.Writer, opts Options) *Writer {
	pw := &Writer{
		out:      bufio.NewWriterSize(w, 64<<10),
		sum:      sha256.New(),
		glyphs:   glyphs{cid: map[rune]uint16{}},
		profiles: map[sohoa.Digest]int{},
		zip:      zlib.NewWriter(nil),
	}
	pw.opts, pw.err = opts.clean()
	pw.write([]byte(header))
	pw.tree = pw.reserve()
	return pw
}

// clean fills defaults and makes texts safe to write.
func (o Options) clean() (Options, error) {
	if o.Language == "" {
		o.Language = "vi-VN"
	}
	const tag = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
	if len(o.Language) > 35 || strings.Trim(o.Language, tag) != "" {
		return o, fmt.Errorf("pdfa: language %q: %w", o.Language, sohoa.ErrInvalid)
	}
	for _, s := range []*string{&o.Title, &o.Subject, &o.Identifier, &o.Producer} {
		if text := []rune(cleanText(*s)); len(text) > maxText {
			*s = string(text[:maxText-1]) + "…"
		} else {
			*s = string(text)
		}
	}
	if o.Producer == "" {
		o.Producer = "sohoa"
	}
	o.Created = o.Created.UTC().Truncate(time.Second)
	return o, nil
}

// AddPage writes one page. The error is a *sohoa.Problem if the image is
// damaged or exceeds a bound (root limits.go), and wraps sohoa.ErrInvalid if
// the page is described wrongly.
func (w *Writer) AddPage(p Page) (PageReport, error) {
	if w.err != nil {
		return PageReport{}, w.err
	}
	n := len(w.pages) + 1
	if n > sohoa.MaxPages {
		return PageReport{}, &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "document.too-many-pages",
			Args: []string{strconv.Itoa(n), strconv.Itoa(sohoa.MaxPages)}}
	}
	s, err := openSheet(p)
	if err != nil {
		return PageReport{}, fmt.Errorf("pdfa: page %d: %w", n, err)
	}
	return w.addPage(s, p.Text)
}

// addPage writes the objects of a page whose images were found sound.
func (w *Writer) addPage(s *sheet, text *sohoa.PageText) (PageReport, error) {
	rep := PageReport{Treatment: s.treatment, Width: s.size.w, Height: s.size.h, DPI: s.size.dpi}
	start := w.pos
	var content bytes.Buffer
	objects := ""
	for i, d := range s.drawings {
		fmt.Fprintf(&content, "q %s%s cm /Im%d Do Q\n", d.ink, d.matrix, i)
		objects += fmt.Sprintf("/Im%d %d 0 R", i, w.image(d.picture))
	}
	if text != nil {
		layer := newLayer(&content, &w.glyphs, s.size, text)
		rep.Words, rep.Dropped = layer.write(text.Lines)
	}
	resources := "/XObject<<" + objects + ">>"
	if rep.Words > 0 {
		if w.font == 0 {
			w.font = w.reserve()
		}
		resources += fmt.Sprintf("/Font<</F0 %d 0 R>>", w.font)
	}
	contents := w.stream(w.reserve(), "", w.deflate(content.Bytes()))
	page := w.object(w.reserve(), fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Resources<<%s>>/Contents %d 0 R>>",
		w.tree, num(s.size.w), num(s.size.h), resources, contents))
	w.pages = append(w.pages, page)
	rep.Overhead = w.pos - start - s.treatment.Bytes
	return rep, w.err
}

// Close writes what the pages share and the cross-reference table, and
// flushes. It does not close the underlying writer. The Writer is of no use
// afterwards.
func (w *Writer) Close() (Report, error) {
	if w.err == nil && len(w.pages) == 0 {
		w.err = fmt.Errorf("pdfa: a document without pages: %w", sohoa.ErrInvalid)
	}
	if w.err != nil {
		return Report{}, w.err
	}
	w.pageTree()
	if w.font != 0 {
		w.writeFont()
	}
	root, info := w.catalog(), w.info()
	w.trailer(root, info)
	if w.err != nil {
		return Report{}, w.err
	}
	if err := w.out.Flush(); err != nil {
		w.err = fmt.Errorf("pdfa: write: %w", err)
		return Report{}, w.err
	}
	w.err = errors.New("pdfa: writer is closed")
	return Report{Pages: len(w.pages), Size: w.pos, Digest: sohoa.Digest(w.sum.Sum(nil))}, nil
}

// pageTree writes the one node that all pages hang on.
func (w *Writer) pageTree() {
	kids := make([]string, len(w.pages))
	for i, n := range w.pages {
		kids[i] = fmt.Sprintf("%d 0 R", n)
	}
	w.object(w.tree, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(kids), strings.Join(kids, " ")))
}

// catalog writes the catalogue and what only it refers to. Its strings are
// ASCII and its dictionaries indirect, so that signing can rewrite it easily.
func (w *Writer) catalog() int {
	icc := w.stream(w.reserve(), "/N 3", w.deflate(srgbProfile()))
	intent := w.object(w.reserve(), fmt.Sprintf("<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB IEC61966-2.1)"+
		"/Info(sRGB IEC61966-2.1)/DestOutputProfile %d 0 R>>", icc))
	meta := w.stream(w.reserve(), "/Type/Metadata/Subtype/XML", xmpPacket(w.opts))
	view := ""
	if w.opts.Title != "" {
		view = fmt.Sprintf("/ViewerPreferences %d 0 R", w.object(w.reserve(), "<</DisplayDocTitle true>>"))
	}
	return w.object(w.reserve(), fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Metadata %d 0 R/OutputIntents[%d 0 R]/Lang(%s)%s>>",
		w.tree, meta, intent, w.opts.Language, view))
}

// info writes the document information dictionary.
func (w *Writer) info() int {
	var b strings.Builder
	for _, e := range []struct{ key, text string }{
		{"Title", w.opts.Title}, {"Subject", w.opts.Subject}, {"Producer", w.opts.Producer},
	} {
		if e.text != "" {
			fmt.Fprintf(&b, "/%s %s", e.key, textString(e.text))
		}
	}
	if !w.opts.Created.IsZero() {
		date := w.opts.Created.Format("20060102150405")
		fmt.Fprintf(&b, "/CreationDate(D:%s+00'00')/ModDate(D:%s+00'00')", date, date)
	}
	return w.object(w.reserve(), "<<"+b.String()+">>")
}

// trailer writes the cross-reference table and what follows it.
func (w *Writer) trailer(root, info int) {
	at := w.pos
	if at > maxOffset {
		w.fail(fmt.Errorf("pdfa: file of %d bytes: %w", at, sohoa.ErrTooLarge))
	}
	w.print("xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, off := range w.offsets {
		w.print("%010d 00000 n \n", off)
	}
	id := w.sum.Sum(nil)[:16]
	w.print("trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%X><%X>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(w.offsets)+1, root, info, id, id, at)
}
