// Package raster takes a file that somebody brought apart into page images,
// and into the text that a PDF page brings along.
//
// Every look inside a file happens in a child process (ocr/child, role
// "raster"): images are decoded by leptonica, PDFs by pdfium in WebAssembly,
// which sees one file and nothing else of the machine. Pages, pixels, seconds
// and memory are bounded by the limits of the root package; beyond a bound
// stands a *sohoa.Problem that names the page. A process that dies or hangs
// costs one Split, never the caller.
//
// # Where an image comes from
//
// A JPEG or PNG is its own page (SourceImage). Each frame of a TIFF, and what
// browsers do not show (WebP, HEIC), becomes a PNG without loss (SourceFrame). A
// PDF page that shows one JPEG and nothing else gives that JPEG, byte for byte
// (SourceDirect). A page that shows one image of another kind, or several that
// tile it, gives their pixels as PNG (SourceFrame) if they are what a viewer
// shows. Any other page is rendered (SourceRendered), and says why (Page.Reason).
//
// Split is deterministic: the same file gives the same pages and the same
// bytes, so that a lost page image can be made again.
package raster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"sohoa"
	"sohoa/ocr/child"
)

// Config says how a Rasterizer runs.
type Config struct {
	Workers  int    // files that are split at a time; at least 1
	CacheDir string // keeps pdfium in compiled form (about 30 MB), which saves seconds at each start of a process; empty is none
	Exe      string // executable that calls child.Run; empty is this one
}

// The longest waits for a file to open and for its next page; tests shorten
// them.
var (
	openTime   = sohoa.MaxOpenTime
	renderTime = sohoa.MaxRenderTime
)

// Rasterizer splits files. It is safe for concurrent use.
type Rasterizer struct{ pool *child.Pool }

// New makes a Rasterizer; its processes start when first needed.
func New(cfg Config) (*Rasterizer, error) {
	cc := child.Config{Role: role, Size: cfg.Workers, Recycle: recycle, Exe: cfg.Exe, CPU: 2 * sohoa.MaxOpenTime}
	if cfg.CacheDir != "" {
		dir, err := filepath.Abs(cfg.CacheDir)
		if err != nil {
			return nil, fmt.Errorf("find cache folder: %w", err)
		}
		cc.Env = append(cc.Env, cacheEnv+"="+dir)
	}
	pool, err := child.NewPool(cc)
	if err != nil {
		return nil, fmt.Errorf("start rasterizer: %w", err)
	}
	return &Rasterizer{pool}, nil
}

// Close ends the processes.
func (r *Rasterizer) Close() error { return r.pool.Close() }

// SplitOptions says which pages are wanted, and what of them.
type SplitOptions struct {
	First, Last int  // 1-based, both inclusive; 0 is the first and the last there is
	Images      bool // pages with their images; without, no page is rendered
}

// Page is one page of a file. The fields that sohoa.Page has too mean the same.
type Page struct {
	Number        int              `json:"number"`
	Width, Height int              // pixels of the image, as stored
	DPI           float64          `json:"dpi"`  // never 0: what the file says, or if that is absurd what would make the image as wide as A4
	Turn          int              `json:"turn"` // degrees clockwise that the file asks for; further turns may be seen in the image only
	Source        sohoa.PageSource `json:"source"`
	MediaType     string           `json:"mediaType"`         // of the image; empty for a page that was not rendered for want of SplitOptions.Images
	Reason        string           `json:"reason,omitempty"`  // one of the Reason constants; empty if the image is what the file holds
	WidthPt       float64          `json:"widthPt,omitempty"` // of the upright page of a PDF, points
	HeightPt      float64          `json:"heightPt,omitempty"`
	Visible       bool             `json:"visible,omitempty"` // a PDF page that draws text itself
	Mixed         bool             `json:"mixed,omitempty"`   // Visible, and an image covers much of the page: what the image shows is not in Text
	Text          *sohoa.PageText  `json:"text,omitempty"`    // what the page draws itself, if it can be relied on; unless Mixed there is no more to recognise
	Old           *sohoa.PageText  `json:"old,omitempty"`     // what the page hides, mostly an earlier recognition of its scan, if the characters can be relied on
	Image         []byte           `json:"-"`                 // nil for SourceImage: that is the file itself
}

// File is what was found out about a file as a whole.
type File struct {
	MediaType   string `json:"mediaType"` // one of the Type constants
	Pages       int    `json:"pages"`     // of the whole file, whatever SplitOptions asked for
	BornDigital bool   `json:"-"`         // one of the pages seen is not a scan: it draws text, beyond a few words over an image
	Signatures  int    `json:"signatures,omitempty"`
}

// Split takes the local file at path apart and calls each for every page
// wanted, in order, as soon as it is ready. Page.Image is only valid during
// the call. An error of each ends Split, which returns it.
//
// It returns a *sohoa.Problem: file.empty, file.type, image.damaged,
// image.unsupported, image.too-many-pixels, pdf.damaged, pdf.encrypted, pdf.page-size,
// pdf.page-damaged, document.too-many-pages (before the first page),
// file.timeout, page.timeout, and with Kind ErrUnavailable file.crash and
// page.crash.
func (r *Rasterizer) Split(ctx context.Context, path string, opts SplitOptions, each func(Page) error) (File, error) {
	mediaType, err := sniffFile(path)
	if err != nil {
		return File{}, err
	}
	req := request{Path: path, MediaType: mediaType}
	f, err := r.open(ctx, req)
	if err != nil {
		return File{}, fmt.Errorf("open %s: %w", filepath.Base(path), err)
	}
	if f.Pages > sohoa.MaxPages {
		return f, tooManyPages(f.Pages)
	}
	req.First, req.Last, req.Images = max(opts.First, 1), opts.Last, opts.Images
	if req.Last == 0 || req.Last > f.Pages {
		req.Last = f.Pages
	}
	if err := r.pages(ctx, req, func(p Page) error {
		f.BornDigital = f.BornDigital || p.bornDigital()
		return each(p)
	}); err != nil {
		return f, fmt.Errorf("split %s: %w", filepath.Base(path), err)
	}
	return f, nil
}

// Complete reports whether Text is all that stands on the page.
func (p Page) Complete() bool { return p.Text != nil && !p.Mixed }

// bornDigital reports whether the page is more than a scan, perhaps with a
// stamp on it.
func (p Page) bornDigital() bool {
	return p.Visible && (!p.Mixed || p.Text != nil && countWords(p.Text.Lines) >= fewestWords)
}

// sniffFile is Sniff for the file at path.
func sniffFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("split: %w", err)
	}
	defer f.Close()
	head := make([]byte, SniffBytes)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	mediaType, ok := Sniff(head[:n])
	name := filepath.Base(path)
	switch {
	case ok:
		return mediaType, nil
	case n == 0:
		return "", &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "file.empty", Args: []string{name}}
	}
	return "", &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "file.type", Args: []string{name, mediaType}}
}

// open has a child look at the file as a whole.
func (r *Rasterizer) open(ctx context.Context, req request) (File, error) {
	f := File{MediaType: req.MediaType}
	body, err := json.Marshal(req)
	if err != nil {
		return f, err
	}
	err = r.pool.Do(ctx, child.Request{Body: body, Idle: openTime}, func(reply []byte) error {
		return json.Unmarshal(reply, &f)
	})
	switch {
	case errors.Is(err, child.ErrTimeout):
		return f, &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "file.timeout", Args: []string{seconds(openTime)}}
	case errors.Is(err, child.ErrDied):
		return f, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "file.crash", Detail: err.Error()}
	}
	return f, err
}

// pages has a child produce the pages req.First to req.Last.
func (r *Rasterizer) pages(ctx context.Context, req request, each func(Page) error) error {
	body, err := json.Marshal(req)
	if err != nil {
		return err
	}
	next := req.First
	err = r.pool.Do(ctx, child.Request{Body: body, Idle: renderTime}, func(reply []byte) error {
		p, err := readPage(reply)
		if err != nil {
			return err
		}
		next = p.Number + 1
		return each(p)
	})
	page := strconv.Itoa(next)
	switch {
	case errors.Is(err, child.ErrTimeout):
		return &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "page.timeout", Args: []string{page, seconds(renderTime)}}
	case errors.Is(err, child.ErrDied):
		return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "page.crash", Args: []string{page}, Detail: err.Error()}
	}
	return err
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) + " s" }

func tooManyPages(n int) error {
	return &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "document.too-many-pages",
		Args: []string{strconv.Itoa(n), strconv.Itoa(sohoa.MaxPages)}}
}
