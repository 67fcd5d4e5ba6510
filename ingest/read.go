package ingest

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/queue"
	"sohoa/ocr"
)

// read recognises one page, and decides between what was recognised and what
// the page brought along. From its commit on the page is searchable.
func (s *Service) read(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	page, err := s.page(ctx, doc.ID, job.Page)
	if err != nil {
		return err
	}
	if page.Read || page.Problem != nil {
		return errGone
	}
	image, err := s.bytes(ctx, doc.ID, sohoa.RoleImage, page.Number)
	if err != nil {
		return err
	}
	texts, err := s.broughtBy(ctx, page)
	if err != nil {
		return err
	}
	result, err := s.Reader.Read(ctx, ocr.Page{
		Image: image, Number: page.Number, DPI: page.DPI, Turn: page.Turn, Fidelity: s.Fidelity,
		Own: texts.Own, Old: texts.Old,
	})
	if err != nil {
		return &unreadable{fmt.Errorf("read page %d of %s: %w", page.Number, doc.ID, err)}
	}
	text, err := s.storeText(ctx, &page, result.Text)
	if err != nil {
		return err
	}
	if err := s.storeLayers(ctx, page, result.Layers); err != nil {
		return err
	}
	thumb, err := s.Blobs.Put(ctx, thumbKey(page.Origin()), bytes.NewReader(result.Thumb))
	if err != nil {
		return err
	}
	return s.pageDone(ctx, job, func(tx archive.Tx, p *sohoa.Page) error {
		*p = page
		if err := tx.PutFile(doc.ID, text); err != nil {
			return err
		}
		return tx.PutFile(doc.ID, sohoa.File{Role: sohoa.RoleThumb, Page: page.Number, Key: thumb.Key,
			Size: thumb.Size, Digest: thumb.Digest, MediaType: "image/jpeg"})
	})
}

// unreadable is the failure of recognition itself, which concerns one page. A
// store that does not answer concerns the document.
type unreadable struct{ error }

// Unwrap returns what happened.
func (u *unreadable) Unwrap() error { return u.error }

// unread ends the reading of a page that cannot be recognised. What it draws
// itself is its text all the same.
func (s *Service) unread(ctx context.Context, job *queue.Running, problem *sohoa.Problem) error {
	page, err := s.page(ctx, job.Document, job.Page)
	if err != nil {
		return err
	}
	texts, err := s.broughtBy(ctx, page)
	if err != nil {
		return err
	}
	var text sohoa.File
	if texts.Own != nil {
		if text, err = s.storeText(ctx, &page, *texts.Own); err != nil {
			return err
		}
	}
	page.Problem = problem
	return s.pageDone(ctx, job, func(tx archive.Tx, p *sohoa.Page) error {
		*p = page
		if text.Key == "" {
			return nil
		}
		return tx.PutFile(job.Document, text)
	})
}

// pageDone commits the end of a page's reading, good or bad, and with the
// last page of a document asks for it to be composed.
func (s *Service) pageDone(ctx context.Context, job *queue.Running, change func(archive.Tx, *sohoa.Page) error) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(job.Document)
		if err != nil {
			return err
		}
		page, err := tx.Page(job.Document, job.Page)
		if err != nil {
			return err
		}
		if err := change(tx, &page); err != nil {
			return err
		}
		if err := tx.PutPage(page); err != nil {
			return err
		}
		if err := s.journalPage(tx, doc, page.Number, sohoa.ActionRead, readDetail(page)); err != nil {
			return err
		}
		if doc.PagesRead, err = tx.CountRead(doc.ID); err != nil {
			return err
		}
		if doc.PagesRead == doc.Pages {
			doc.State, doc.Stage = sohoa.StateRead, sohoa.StageCompose
			if err := tx.Enqueue(archive.Job{Stage: sohoa.StageCompose, Document: doc.ID}); err != nil {
				return err
			}
		}
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		return tx.Complete(job)
	})
}

func readDetail(p sohoa.Page) detail {
	if p.Problem != nil {
		return detail{"problem": p.Problem.Code}
	}
	return detail{"words": p.Words, "source": p.TextSource}
}

// page returns one page of a document.
func (s *Service) page(ctx context.Context, id sohoa.DocumentID, number int) (sohoa.Page, error) {
	pages, err := s.Catalog.Pages(ctx, id)
	if err != nil {
		return sohoa.Page{}, err
	}
	for _, p := range pages {
		if p.Number == number {
			return p, nil
		}
	}
	return sohoa.Page{}, fmt.Errorf("page %d of %s: %w", number, id, sohoa.ErrNotExist)
}

// bytes returns a whole file of a document that is known to be of the size of
// a page.
func (s *Service) bytes(ctx context.Context, id sohoa.DocumentID, role sohoa.Role, page int) ([]byte, error) {
	b, _, err := s.Open(ctx, id, role, page)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return io.ReadAll(b)
}
