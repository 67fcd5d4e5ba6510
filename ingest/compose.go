package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/pdfa"
	"sohoa/ingest/queue"
	"sohoa/ocr/fields"
)

// producer stands in the PDFs that we make.
const producer = "sohoa"

// compose makes the pdf rendition. Scans become PDF/A-2u with the recognised
// text under the image; a PDF that was born digital, or carries signatures,
// stays as it is.
func (s *Service) compose(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	if doc.Stage != sohoa.StageCompose {
		return errGone
	}
	texts, err := s.texts(ctx, doc)
	if err != nil {
		return err
	}
	pdf, done, err := s.rendition(ctx, doc, texts)
	if err != nil {
		return err
	}
	done["sha256"], done["master"] = pdf.Digest.String(), doc.Master
	doc.Fields = fields.Find(present(texts))
	doc.Stage = sohoa.StageSign
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if err := s.composed(tx, doc); err != nil {
			return err
		}
		if err := tx.PutFile(doc.ID, pdf); err != nil {
			return err
		}
		return s.advance(tx, job, doc, sohoa.ActionCompose, done)
	})
}

// advance commits the end of a stage of the whole document: the document as
// it now is, the entry, and the job of the stage that comes next.
func (s *Service) advance(tx archive.Tx, job *queue.Running, doc sohoa.Document, action sohoa.Action, d detail) error {
	if err := tx.PutDocument(doc); err != nil {
		return err
	}
	if err := s.journal(tx, doc, action, d); err != nil {
		return err
	}
	if err := tx.Enqueue(archive.Job{Stage: doc.Stage, Document: doc.ID}); err != nil {
		return err
	}
	return tx.Complete(job)
}

// rendition returns the file that is the document's PDF, and what was done to
// the page images for it.
func (s *Service) rendition(ctx context.Context, doc sohoa.Document, texts []*sohoa.PageText) (sohoa.File, detail, error) {
	if doc.Master == sohoa.MasterOriginal {
		f, err := s.file(ctx, doc.ID, sohoa.RoleOriginal, 0)
		f.Role = sohoa.RolePDF
		return f, detail{}, err
	}
	var done detail
	f, err := s.produce(ctx, pdfKey(doc.ID), sohoa.RolePDF, func(w *os.File) (err error) {
		done, err = s.writePDFA(ctx, w, doc, texts)
		return err
	})
	if err != nil {
		return f, done, fmt.Errorf("compose %s: %w", doc.ID, err)
	}
	return f, done, nil
}

// produce makes a PDF in a working file and stores it.
func (s *Service) produce(ctx context.Context, key string, role sohoa.Role, make func(*os.File) error) (sohoa.File, error) {
	f, err := s.temp()
	if err != nil {
		return sohoa.File{}, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := make(f); err != nil {
		return sohoa.File{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return sohoa.File{}, err
	}
	info, err := s.Blobs.Put(ctx, key, f)
	if err != nil {
		return sohoa.File{}, err
	}
	return sohoa.File{Role: role, Key: info.Key, Size: info.Size, Digest: info.Digest, MediaType: "application/pdf"}, nil
}

// writePDFA writes the pages of doc and checks the finished file. It reports
// how many images went in unchanged and, page by page, why others did not.
func (s *Service) writePDFA(ctx context.Context, f *os.File, doc sohoa.Document, texts []*sohoa.PageText) (detail, error) {
	w := pdfa.NewWriter(f, pdfa.Options{
		Title: doc.Name, Subject: doc.Dossier, Language: "vi-VN", Created: doc.AcceptedAt,
		Identifier: doc.ID.String(), Producer: producer,
	})
	pages, err := s.Catalog.Pages(ctx, doc.ID)
	if err != nil {
		return nil, err
	}
	if len(pages) != len(texts) {
		return nil, errOvertaken
	}
	done, unchanged := detail{}, 0
	for i, p := range pages {
		image, err := s.bytes(ctx, doc.ID, sohoa.RoleImage, p.Number)
		if err != nil {
			return nil, err
		}
		page := pdfa.Page{Image: image, MediaType: p.MediaType, DPI: p.DPI, Turn: p.Turn, Text: texts[i]}
		report, err := w.AddPage(page)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", p.Number, err)
		}
		if report.Treatment.Form != sohoa.FormLossless {
			unchanged++
		}
		if report.Treatment.Reason != "" {
			done[fmt.Sprintf("page %d", p.Number)] = report.Treatment.Reason
		}
	}
	done["unchanged"] = unchanged
	if _, err := w.Close(); err != nil {
		return nil, err
	}
	return done, lint(f)
}

// lint reads a finished PDF/A back and checks it.
func lint(f *os.File) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	return pdfa.Lint(f, size)
}

// texts returns the text of each page in order, nil for one without.
func (s *Service) texts(ctx context.Context, doc sohoa.Document) ([]*sohoa.PageText, error) {
	texts := make([]*sohoa.PageText, doc.Pages)
	files, err := s.Catalog.Files(ctx, doc.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.Role != sohoa.RoleText || f.Page < 1 || f.Page > doc.Pages {
			continue
		}
		if texts[f.Page-1], err = s.pageText(ctx, f.Key); err != nil {
			return nil, fmt.Errorf("text of page %d of %s: %w", f.Page, doc.ID, err)
		}
	}
	return texts, nil
}

// pageText reads a stored text.
func (s *Service) pageText(ctx context.Context, key string) (*sohoa.PageText, error) {
	b, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	text := new(sohoa.PageText)
	return text, json.NewDecoder(b).Decode(text)
}

// PageText returns the text of one page.
func (s *Service) PageText(ctx context.Context, id sohoa.DocumentID, page int) (sohoa.PageText, error) {
	f, err := s.file(ctx, id, sohoa.RoleText, page)
	if err != nil {
		return sohoa.PageText{}, err
	}
	text, err := s.pageText(ctx, f.Key)
	if err != nil {
		return sohoa.PageText{}, err
	}
	return *text, nil
}

// present leaves out the pages without text.
func present(texts []*sohoa.PageText) []sohoa.PageText {
	var all []sohoa.PageText
	for _, t := range texts {
		if t != nil {
			all = append(all, *t)
		}
	}
	return all
}
