package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"sohoa"
	"sohoa/ocr"
)

// getCmd gets one rendition of a document.
type getCmd struct {
	ID        string `arg:"" help:"Document ID."`
	Rendition string `default:"signed" enum:"original,pdf,access,signed,text,image" help:"original, pdf, access, signed, text or image."`
	Page      int    `help:"Page, for image and text; text without it is the whole document."`
	Out       string `short:"o" placeholder:"FILE" help:"Write to this file instead of standard output."`
	Purpose   string `help:"What it is looked up for, as the code of the dossier at hand; the journal keeps that."`
}

// Run implements the command.
func (c *getCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	doc, err := a.document(ctx, c.ID)
	if err != nil {
		return err
	}
	detail := map[string]any{"file": c.Rendition}
	if c.Page > 0 {
		detail["page"] = c.Page
	}
	if err := a.noted(ctx, doc, sohoa.ActionDownload, detail, c.Purpose); err != nil {
		return err
	}
	return writeOut(c.Out, out.out, func(w io.Writer) error {
		if c.Rendition == "text" {
			return c.text(ctx, a, doc, w)
		}
		page := c.Page
		if c.Rendition == "image" {
			page = max(page, 1)
		}
		b, _, err := a.service.Open(ctx, doc.ID, sohoa.Role(c.Rendition), page)
		if err != nil {
			return err
		}
		defer b.Close()
		_, err = io.Copy(w, b)
		return err
	})
}

// text writes the text of one page, or of all with form feeds between them.
func (c *getCmd) text(ctx context.Context, a *app, doc sohoa.Document, w io.Writer) error {
	first, last := 1, doc.Pages
	if c.Page > 0 {
		first, last = c.Page, c.Page
	}
	var texts []sohoa.PageText
	for n := first; n <= last; n++ {
		text, err := a.service.PageText(ctx, doc.ID, n)
		if errors.Is(err, sohoa.ErrNotExist) && c.Page == 0 {
			text = sohoa.PageText{Page: n} // a page that could not be read
		} else if err != nil {
			return err
		}
		texts = append(texts, text)
	}
	return ocr.Text(w, texts)
}

// writeOut calls write with the file at path, or with w if path is empty. The
// file appears only when it is complete; one that was there stays otherwise.
func writeOut(path string, w io.Writer, write func(io.Writer) error) (err error) {
	if path == "" {
		return write(w)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".sohoa-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}
