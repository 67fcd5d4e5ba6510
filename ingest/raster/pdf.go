package raster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/klippa-app/go-pdfium"
	pdfium_errors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"

	"sohoa"
)

const (
	// wasmPages bounds the memory of one pdfium instance, in pages of 64 KiB:
	// 512 MiB.
	wasmPages = 8192
	// reopenEvery is the number of pages after which a document gets a fresh
	// instance: pdfium keeps every image it met (about 1.2 MB a page).
	reopenEvery = 50
	// instanceWait bounds the wait for a fresh instance, which takes about a
	// millisecond.
	instanceWait = 20 * time.Second
)

// engine is pdfium, compiled.
type engine struct{ pool pdfium.Pool }

// newEngine compiles pdfium, or loads its compiled form from cacheDir.
// Instances get no file system, random numbers or output of the host.
func newEngine(cacheDir string) (*engine, error) {
	cfg := wazero.NewRuntimeConfig().WithMemoryLimitPages(wasmPages)
	if cacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
		if err != nil {
			return nil, fmt.Errorf("open compilation cache: %w", err)
		}
		cfg = cfg.WithCompilationCache(cache)
	}
	pool, err := webassembly.Init(webassembly.Config{
		Context: context.Background(),
		MaxIdle: 1, MaxTotal: 1,
		FSConfig:      wazero.NewFSConfig(), // the default mounts the host's root
		RuntimeConfig: cfg,
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("start pdfium: %w", err)
	}
	return &engine{pool}, nil
}

// document is an open PDF.
type document struct {
	engine *engine
	file   *watched
	size   int64
	odd    bool // the file has masks or the like: see oddities
	inst   pdfium.Pdfium
	ref    references.FPDF_DOCUMENT
	served int // pages since the instance is new
}

func (e *engine) open(path string) (_ *document, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return e.read(f, st.Size())
}

// read opens a PDF of size bytes, and closes f with it.
func (e *engine) read(f io.ReadSeekCloser, size int64) (_ *document, err error) {
	d := &document{engine: e, file: &watched{ReadSeekCloser: f}, size: size}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if d.odd, err = oddities(d.file); err != nil {
		return nil, fmt.Errorf("read PDF: %w", err)
	}
	return d, d.load()
}

// watched is a file that remembers that it could not be read. pdfium takes what
// it does not get for damage, or for an empty page; that is said of a document
// only if all of it could be read.
type watched struct {
	io.ReadSeekCloser
	err error // the first one
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadSeekCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && w.err == nil {
		w.err = err
	}
	return n, err
}

// verdict is err, unless that may be so because the file could not be read.
func (w *watched) verdict(err error) error {
	if w.err != nil {
		return fmt.Errorf("read PDF: %w", w.err)
	}
	return err
}

// load gives the document a fresh instance.
func (d *document) load() error {
	inst, err := d.engine.pool.GetInstance(instanceWait)
	if err != nil {
		return fmt.Errorf("start pdfium instance: %w", err)
	}
	d.inst, d.served = inst, 0
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read PDF: %w", err)
	}
	doc, err := inst.OpenDocument(&requests.OpenDocument{FileReader: d.file, FileReaderSize: d.size})
	if err := d.file.verdict(nil); err != nil {
		return err
	}
	switch {
	case errors.Is(err, pdfium_errors.ErrPassword), errors.Is(err, pdfium_errors.ErrSecurity):
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "pdf.encrypted", Detail: err.Error()}
	case err != nil:
		return damagedPDF(err)
	}
	d.ref = doc.Document
	return nil
}

func damagedPDF(err error) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "pdf.damaged", Detail: err.Error()}
}

func (d *document) close() {
	d.unload()
	d.file.Close()
}

// unload drops the instance with all that it holds.
func (d *document) unload() {
	if d.inst != nil {
		_ = d.inst.Close() // the instance is gone either way
		d.inst = nil
	}
}

func (d *document) info() (File, error) {
	n, err := d.inst.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
	if err != nil {
		return File{}, d.file.verdict(damagedPDF(err))
	}
	f := File{MediaType: TypePDF, Pages: n.PageCount}
	if s, err := d.inst.FPDF_GetSignatureCount(&requests.FPDF_GetSignatureCount{Document: d.ref}); err == nil {
		f.Signatures = s.Count
	}
	return f, d.file.verdict(nil)
}

// page produces page n; damage to it is the page's Problem.
func (d *document) page(n int, image bool) (Page, error) {
	if d.served >= reopenEvery {
		d.unload()
		if err := d.load(); err != nil {
			return Page{}, err
		}
	}
	d.served++
	p := Page{Number: n}
	err := d.fill(&p, image)
	var problem *sohoa.Problem
	if err != nil && !errors.As(err, &problem) {
		err = &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "pdf.page-damaged", Args: []string{strconv.Itoa(n)}, Detail: err.Error()}
	}
	return p, d.file.verdict(err)
}

// fill loads the page and produces what p lacks.
func (d *document) fill(p *Page, image bool) error {
	size, err := d.inst.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.ref, Index: p.Number - 1})
	if err != nil {
		return fmt.Errorf("measure page: %w", err)
	}
	p.WidthPt, p.HeightPt = size.Width, size.Height
	if !pageSide(p.WidthPt) || !pageSide(p.HeightPt) {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "pdf.page-size", Args: []string{strconv.Itoa(p.Number)},
			Detail: fmt.Sprintf("%.4g x %.4g points", p.WidthPt, p.HeightPt)}
	}
	loaded, err := d.inst.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.ref, Index: p.Number - 1})
	if err != nil {
		return fmt.Errorf("load page: %w", err)
	}
	defer d.inst.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	pp := &pdfPage{document: d, Page: p, ref: requests.Page{ByReference: &loaded.Page}}
	return pp.fill(image)
}

func pageSide(pt float64) bool { return pt >= sohoa.MinPagePoints && pt <= sohoa.MaxPagePoints }

// pdfPage is a page while it is loaded.
type pdfPage struct {
	*document
	*Page
	ref requests.Page
}

// fill decides how the page's image comes about, and makes it.
func (p *pdfPage) fill(image bool) error {
	c, err := p.inspect()
	if err != nil {
		return fmt.Errorf("inspect page: %w", err)
	}
	p.Visible, p.Mixed = c.visible, c.visible && c.imageShare > mixedShare
	if p.Reason, err = p.direct(c, image); err != nil {
		return err
	}
	if p.Reason != "" {
		if err := p.rendered(c, image); err != nil {
			return err
		}
	}
	return p.texts(c)
}

// rendered makes the image by rendering the page.
func (p *pdfPage) rendered(c *content, image bool) error {
	p.Source = sohoa.SourceRendered
	p.setRenderedSize()
	if !image {
		return nil
	}
	return p.renderImage(c)
}

// renderedSize is the size in pixels of a page of w x h points at
// sohoa.RenderDPI, or at the lower resolution that keeps it within
// sohoa.MaxRenderPixels.
func renderedSize(wPt, hPt float64) (w, h int) {
	dpi := min(sohoa.RenderDPI, 72*math.Sqrt(sohoa.MaxRenderPixels/(wPt*hPt)))
	return fitWidth(int(wPt*dpi/72), wPt, hPt)
}

// fitWidth is the size of a page of wPt x hPt points that is w pixels wide.
func fitWidth(w int, wPt, hPt float64) (int, int) {
	w = max(w, 1)
	return w, int(math.Ceil(float64(w) * hPt / wPt))
}

func (p *pdfPage) setRenderedSize() {
	p.Width, p.Height = renderedSize(p.WidthPt, p.HeightPt)
	p.DPI = float64(p.Width) / (p.WidthPt / 72)
}
