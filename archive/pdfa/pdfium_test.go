package pdfa_test

import (
	"context"
	"image"
	"image/draw"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
)

// pdfiumPool compiles pdfium once for all tests.
var pdfiumPool = sync.OnceValues(func() (pdfium.Pool, error) {
	return webassembly.Init(webassembly.Config{
		Context: context.Background(), MaxIdle: 1, MaxTotal: 1, ReuseWorkers: true,
		FSConfig:      wazero.NewFSConfig(),
		RuntimeConfig: wazero.NewRuntimeConfig().WithMemoryLimitPages(8192),
		Stdout:        io.Discard, Stderr: io.Discard,
	})
})

// viewed is a file that is open in pdfium.
type viewed struct {
	t    testing.TB
	inst pdfium.Pdfium
	doc  references.FPDF_DOCUMENT
}

// view opens a file in pdfium, of which there is one; close gives it back.
func view(t testing.TB, file []byte) *viewed {
	t.Helper()
	pool, err := pdfiumPool()
	if err != nil {
		t.Fatalf("start pdfium: %v", err)
	}
	inst, err := pool.GetInstance(30 * time.Second)
	if err != nil {
		t.Fatalf("start pdfium: %v", err)
	}
	doc, err := inst.OpenDocument(&requests.OpenDocument{File: &file})
	if err != nil {
		inst.Close()
		t.Fatalf("pdfium opens the file: %v", err)
	}
	return &viewed{t, inst, doc.Document}
}

func (v *viewed) close() { v.inst.Close() }

// page names page n, from 0.
func (v *viewed) page(n int) requests.Page {
	return requests.Page{ByIndex: &requests.PageByIndex{Document: v.doc, Index: n}}
}

// pages is the number of pages.
func (v *viewed) pages() int {
	v.t.Helper()
	n, err := v.inst.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: v.doc})
	if err != nil {
		v.t.Fatalf("pdfium counts pages: %v", err)
	}
	return n.PageCount
}

// size is the size of page n in points.
func (v *viewed) size(n int) (w, h float64) {
	v.t.Helper()
	s, err := v.inst.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: v.doc, Index: n})
	if err != nil {
		v.t.Fatalf("pdfium measures page %d: %v", n, err)
	}
	return s.Width, s.Height
}

// text is the text of page n as copied.
func (v *viewed) text(n int) string {
	v.t.Helper()
	s, err := v.inst.GetPageText(&requests.GetPageText{Page: v.page(n)})
	if err != nil {
		v.t.Fatalf("pdfium copies page %d: %v", n, err)
	}
	return s.Text
}

// render draws page n.
func (v *viewed) render(n, dpi int) image.Image {
	v.t.Helper()
	r, err := v.inst.RenderPageInDPI(&requests.RenderPageInDPI{Page: v.page(n), DPI: dpi})
	if err != nil {
		v.t.Fatalf("pdfium draws page %d: %v", n, err)
	}
	defer r.Cleanup()
	out := image.NewRGBA(r.Result.RenderedImage.Bounds())
	draw.Draw(out, out.Rect, r.Result.RenderedImage, out.Rect.Min, draw.Src)
	return out
}
