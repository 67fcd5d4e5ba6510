package raster

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"sohoa"
	"sohoa/ocr/child"
)

// role is what a child process is asked to be.
const role = "raster"

// cacheEnv tells a child where pdfium's compiled form is kept.
const cacheEnv = "SOHOA_RASTER_CACHE"

// recycle is the number of requests after which a child is replaced, so that
// what leaks does not add up.
const recycle = 200

func init() {
	child.Register(role, func() (child.Handler, error) {
		w := &worker{cacheDir: os.Getenv(cacheEnv)}
		return w.handle, nil
	})
}

// worker is the state of a child process.
type worker struct {
	cacheDir string
	pdfium   *engine // nil until the first PDF
}

// source is an opened file.
type source interface {
	// info tells how many pages there are, and what else is known.
	info() (File, error)
	// page produces page n, 1-based.
	page(n int, image bool) (Page, error)
	close()
}

// handle answers one request (child.Handler).
func (w *worker) handle(ctx context.Context, body []byte, reply func([]byte) error) error {
	var req request
	if err := json.Unmarshal(body, &req); err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	src, err := w.open(req)
	if err != nil {
		return err
	}
	defer src.close()
	if req.First == 0 {
		return replyInfo(src, reply)
	}
	for n := req.First; n <= req.Last; n++ {
		p, err := src.page(n, req.Images)
		if err != nil {
			return err
		}
		b, err := writePage(p)
		if err != nil {
			return err
		}
		if err := reply(b); err != nil {
			return err
		}
	}
	return nil
}

// open opens the file that req names, as what it is.
func (w *worker) open(req request) (source, error) {
	if req.MediaType != TypePDF {
		return openImage(req.Path, req.MediaType)
	}
	if w.pdfium == nil {
		e, err := newEngine(w.cacheDir)
		if err != nil {
			return nil, err
		}
		w.pdfium = e
	}
	return w.pdfium.open(req.Path)
}

func replyInfo(src source, reply func([]byte) error) error {
	f, err := src.info()
	if err != nil {
		return err
	}
	if f.Pages < 1 {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "pdf.damaged", Detail: "no pages"}
	}
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return reply(b)
}
