package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/queue"
	"sohoa/ingest/raster"
)

// split finds the pages of a document, stores their images, and asks for each
// to be read. Pages that draw all of their text themselves are read already.
func (s *Service) split(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	if doc.State != sohoa.StateAccepted {
		return errGone
	}
	path, remove, err := s.local(ctx, originalKey(doc.ID))
	if err != nil {
		return err
	}
	defer remove()
	parts := pageParts{}
	file, err := s.Raster.Split(ctx, path, raster.SplitOptions{Images: true}, func(p raster.Page) error {
		return s.storePage(ctx, doc, p, &parts)
	})
	if err != nil {
		return fmt.Errorf("split %s: %w", doc.ID, err)
	}
	doc.Pages = file.Pages
	doc.Master = sohoa.MasterPDFA
	if file.BornDigital || file.Signatures > 0 {
		doc.Master = sohoa.MasterOriginal
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.commitSplit(tx, job, doc, parts) })
}

// pageParts is what split found out, page by page.
type pageParts struct {
	pages []sohoa.Page
	files []sohoa.File
}

// storePage stores the image, and the text if there is one, of a page.
func (s *Service) storePage(ctx context.Context, doc sohoa.Document, p raster.Page, parts *pageParts) error {
	page := sohoa.Page{
		Document: doc.ID, Number: p.Number, Width: p.Width, Height: p.Height, DPI: p.DPI, Turn: p.Turn,
		Source: p.Source, SourceReason: p.Reason, MediaType: p.MediaType, TextSource: sohoa.TextOCR,
	}
	image := sohoa.File{Role: sohoa.RoleImage, Page: p.Number, MediaType: p.MediaType}
	if p.Source == sohoa.SourceImage {
		image.Key, image.Size, image.Digest = originalKey(doc.ID), doc.Size, doc.Digest
	} else {
		info, err := s.Blobs.Put(ctx, imageKey(doc.ID, p.Number), bytes.NewReader(p.Image))
		if err != nil {
			return err
		}
		image.Key, image.Size, image.Digest = info.Key, info.Size, info.Digest
	}
	page.Image = image.Digest
	parts.files = append(parts.files, image)
	if err := s.storeOwnText(ctx, &page, p, parts); err != nil {
		return err
	}
	parts.pages = append(parts.pages, page)
	return nil
}

// storeOwnText stores the text that the page came with: for good if that is
// all there is, else for its reading.
func (s *Service) storeOwnText(ctx context.Context, page *sohoa.Page, p raster.Page, parts *pageParts) error {
	if p.Complete() {
		text, err := s.storeText(ctx, page, *p.Text)
		parts.files = append(parts.files, text)
		return err
	}
	if p.Text != nil {
		page.TextSource = sohoa.TextMixed
	}
	return s.storeBrought(ctx, *page, brought{p.Text, p.Old})
}

// storeText stores a page's text and notes in page what it says.
func (s *Service) storeText(ctx context.Context, page *sohoa.Page, text sohoa.PageText) (sohoa.File, error) {
	text.Page = page.Number
	b, err := json.Marshal(text)
	if err != nil {
		return sohoa.File{}, err
	}
	info, err := s.Blobs.Put(ctx, textKey(page.Document, page.Number), bytes.NewReader(b))
	if err != nil {
		return sohoa.File{}, err
	}
	page.Read, page.Problem = true, nil
	page.Turn, page.Skew, page.Blank, page.TextSource = text.Turn, text.Skew, text.Blank, text.Source
	page.Words, page.Confidence = words(text)
	return sohoa.File{Role: sohoa.RoleText, Page: page.Number, Key: info.Key, Size: info.Size, Digest: info.Digest,
		MediaType: "application/json"}, nil
}

// words counts the words of a page and averages their confidence.
func words(text sohoa.PageText) (n int, confidence float64) {
	for _, l := range text.Lines {
		for _, w := range l.Words {
			n++
			confidence += w.Confidence
		}
	}
	if n > 0 {
		confidence /= float64(n)
	}
	return n, confidence
}

func (s *Service) commitSplit(tx archive.Tx, job *queue.Running, doc sohoa.Document, parts pageParts) error {
	now, err := tx.Document(doc.ID)
	if err != nil {
		return err
	}
	doc.Held, doc.HeldCount = now.Held, now.HeldCount // it may have been held meanwhile
	taken(&doc, now)
	for _, f := range parts.files {
		if err := tx.PutFile(doc.ID, f); err != nil {
			return err
		}
	}
	if err := s.journal(tx, doc, sohoa.ActionSplit, detail{"pages": doc.Pages}); err != nil {
		return err
	}
	for _, p := range parts.pages {
		if err := tx.PutPage(p); err != nil {
			return err
		}
		if !p.Read {
			continue
		}
		doc.PagesRead++
		if err := s.journalPage(tx, doc, p.Number, sohoa.ActionRead, detail{"words": p.Words, "source": p.TextSource}); err != nil {
			return err
		}
	}
	doc.State, doc.Stage = sohoa.StateReading, sohoa.StageRead
	if doc.PagesRead == doc.Pages {
		doc.State, doc.Stage = sohoa.StateRead, sohoa.StageCompose
	}
	if err := s.holdMiscounted(tx, &doc); err != nil {
		return err
	}
	if err := tx.PutDocument(doc); err != nil {
		return err
	}
	if err := tx.Enqueue(jobsOf(doc, parts.pages)...); err != nil {
		return err
	}
	return tx.Complete(job)
}

// local makes a stored file available under a path of this machine, until
// remove is called.
func (s *Service) local(ctx context.Context, key string) (path string, remove func(), err error) {
	b, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return "", nil, err
	}
	defer b.Close()
	f, err := s.temp()
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	remove = func() { os.Remove(f.Name()) }
	if _, err := io.Copy(f, b); err != nil {
		remove()
		return "", nil, fmt.Errorf("fetch %s: %w", key, err)
	}
	return f.Name(), remove, nil
}

// temp makes a working file.
func (s *Service) temp() (*os.File, error) {
	if err := os.MkdirAll(s.TempDir, 0o700); err != nil {
		return nil, err
	}
	return os.CreateTemp(s.TempDir, filepath.Base(os.Args[0])+"-*")
}
