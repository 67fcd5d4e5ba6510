package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive/pdfa"
	"sohoa/ingest/raster"
	"sohoa/ocr"
)

// ocrCmd recognises files without keeping them.
type ocrCmd struct {
	Files  []string `arg:"" name:"file" help:"JPEG, PNG, TIFF, WebP, HEIC or PDF files."`
	Format string   `default:"text" enum:"text,json,hocr,pdf,access" help:"text, json, hocr, pdf (with the scan itself) or access (the small copy, see --fidelity)."`
	Out    string   `short:"o" placeholder:"FILE|DIR" help:"Write here; with several files, a folder that gets NAME.txt and so on."`
}

// ocrExtensions are the file name endings of the formats.
var ocrExtensions = map[string]string{"text": ".txt", "json": ".json", "hocr": ".hocr", "pdf": ".pdf", "access": ".pdf"}

// Run implements the command.
func (c *ocrCmd) Run(ctx context.Context, set *settings, out *streams) error {
	reader, err := newReader(set)
	if err != nil {
		return err
	}
	defer reader.Close()
	rasterizer, err := newRasterizer(set)
	if err != nil {
		return err
	}
	defer rasterizer.Close()
	job := recognising{raster: rasterizer, reader: reader, slots: make(chan struct{}, workers(set)+1)}
	if c.Format == "access" {
		job.fidelity = set.Fidelity
	}
	targets, err := c.targets()
	if err != nil {
		return err
	}
	failed := false
	for i, file := range c.Files {
		err := job.file(ctx, file, func(r *recognised) error {
			return writeOut(targets[i], out.out, func(w io.Writer) error { return c.write(w, r) })
		})
		if err != nil && len(c.Files) > 1 && ctx.Err() == nil {
			fmt.Fprintf(out.err, "%s: ", shown(file))
			report(err, set.Lang, out.err)
			failed = true
			continue
		}
		if err != nil {
			return err
		}
	}
	if failed {
		return quietError(exitFailed)
	}
	return nil
}

// targets are the files to write, one for each input; empty is standard
// output.
func (c *ocrCmd) targets() ([]string, error) {
	targets := make([]string, len(c.Files))
	info, err := os.Stat(c.Out)
	folder := c.Out != "" && (len(c.Files) > 1 || err == nil && info.IsDir())
	if !folder {
		targets[0] = c.Out
		return targets, nil
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return nil, err
	}
	taken := map[string]string{}
	for i, file := range c.Files {
		base := filepath.Base(file)
		name := strings.TrimSuffix(base, filepath.Ext(base)) + ocrExtensions[c.Format]
		if other, ok := taken[name]; ok {
			return nil, fmt.Errorf("%s and %s would both be written to %s: %w", other, file, name, sohoa.ErrConflict)
		}
		taken[name], targets[i] = file, filepath.Join(c.Out, name)
	}
	return targets, nil
}

// write writes one file's pages in the wanted format.
func (c *ocrCmd) write(w io.Writer, r *recognised) error {
	switch c.Format {
	case "json":
		enc := json.NewEncoder(w)
		for _, t := range r.texts {
			if err := enc.Encode(t); err != nil {
				return err
			}
		}
		return nil
	case "hocr":
		return ocr.HOCR(w, r.texts, filepath.Base(r.path))
	case "pdf", "access":
		return r.writePDF(w)
	}
	return ocr.Text(w, r.texts)
}

// workers is how many pages are recognised at a time.
func workers(set *settings) int {
	if set.OcrWorkers > 0 {
		return set.OcrWorkers
	}
	return defaultWorkers()
}

// recognising reads files; its slots bound how many page images are held.
type recognising struct {
	raster   *raster.Rasterizer
	reader   *ocr.Reader
	fidelity sohoa.Fidelity // of the layers to be made; empty makes none
	slots    chan struct{}
}

// recognised is a file that was read.
type recognised struct {
	path  string
	dir   string // of the page images and layers
	pages []raster.Page
	texts []sohoa.PageText
}

// file reads one file, pages in parallel, and hands the result to use. The
// page images are gone afterwards.
func (j *recognising) file(ctx context.Context, path string, use func(*recognised) error) error {
	if _, err := os.Stat(path); err != nil {
		return openFailed(path, err)
	}
	dir, err := os.MkdirTemp("", "sohoa-ocr-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r := &recognised{path: path, dir: dir}
	if err := j.pages(ctx, r); err != nil {
		return err
	}
	return use(r)
}

// pages splits r's file and reads each page as it comes.
func (j *recognising) pages(ctx context.Context, r *recognised) error {
	g, ctx := errgroup.WithContext(ctx)
	texts := map[int]*sohoa.PageText{}
	_, splitErr := j.raster.Split(ctx, r.path, raster.SplitOptions{Images: true}, func(p raster.Page) error {
		image, err := r.keepImage(p)
		if err != nil {
			return err
		}
		own, old, complete := p.Text, p.Old, p.Complete()
		p.Image, p.Text, p.Old = nil, nil, nil
		r.pages = append(r.pages, p)
		text := new(sohoa.PageText)
		texts[p.Number] = text
		if complete {
			*text = *own
			return nil
		}
		select {
		case j.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		g.Go(func() error {
			defer func() { <-j.slots }()
			result, err := j.reader.Read(ctx, ocr.Page{
				Image: image, Number: p.Number, DPI: p.DPI, Turn: p.Turn, Fidelity: j.fidelity,
				Own: own, Old: old,
			})
			*text = result.Text
			return errors.Join(err, r.keepLayers(p, result.Layers))
		})
		return nil
	})
	// The first failure ends the group's context, and with it the other half.
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if splitErr != nil {
		return splitErr
	}
	for _, p := range r.pages {
		t := *texts[p.Number]
		t.Page = p.Number
		r.texts = append(r.texts, t)
	}
	return nil
}

// keepImage stores a page image for a later PDF and returns a copy of it.
func (r *recognised) keepImage(p raster.Page) ([]byte, error) {
	if p.Source == sohoa.SourceImage {
		return os.ReadFile(r.path)
	}
	return append([]byte(nil), p.Image...), os.WriteFile(r.imagePath(p), p.Image, 0o600)
}

func (r *recognised) imagePath(p raster.Page) string {
	if p.Source == sohoa.SourceImage {
		return r.path
	}
	return filepath.Join(r.dir, fmt.Sprintf("%04d", p.Number))
}

// keepLayers stores what a page was taken apart into for a later PDF.
func (r *recognised) keepLayers(p raster.Page, layers *sohoa.Layers) error {
	if layers == nil {
		return nil
	}
	b, err := json.Marshal(layers)
	if err != nil {
		return err
	}
	return os.WriteFile(r.layersPath(p), b, 0o600)
}

func (r *recognised) layersPath(p raster.Page) string {
	return filepath.Join(r.dir, fmt.Sprintf("%04d.layers", p.Number))
}

// layers are those of a page, or nil.
func (r *recognised) layers(p raster.Page) (*sohoa.Layers, error) {
	b, err := os.ReadFile(r.layersPath(p))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	layers := new(sohoa.Layers)
	return layers, json.Unmarshal(b, layers)
}

// writePDF makes the searchable PDF/A of what was read, checks it, and copies
// it to w. The same file gives the same bytes: its time is the file's.
func (r *recognised) writePDF(w io.Writer) error {
	f, err := os.Create(filepath.Join(r.dir, "out.pdf"))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := os.Stat(r.path)
	if err != nil {
		return err
	}
	pdf := pdfa.NewWriter(f, pdfa.Options{Title: filepath.Base(r.path), Language: "vi-VN", Created: info.ModTime(), Producer: "sohoa"})
	for i, p := range r.pages {
		if err := r.addPage(pdf, p, &r.texts[i]); err != nil {
			return fmt.Errorf("page %d: %w", p.Number, err)
		}
	}
	report, err := pdf.Close()
	if err != nil {
		return err
	}
	if err := pdfa.Lint(f, report.Size); err != nil {
		return err
	}
	_, err = io.Copy(w, io.NewSectionReader(f, 0, report.Size))
	return err
}

// addPage adds one page to pdf.
func (r *recognised) addPage(pdf *pdfa.Writer, p raster.Page, text *sohoa.PageText) error {
	image, err := os.ReadFile(r.imagePath(p))
	if err != nil {
		return err
	}
	layers, err := r.layers(p)
	if err != nil {
		return err
	}
	_, err = pdf.AddPage(pdfa.Page{Image: image, MediaType: p.MediaType, DPI: p.DPI, Turn: text.Turn, Text: text, Layers: layers})
	return err
}
