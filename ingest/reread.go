package ingest

import (
	"context"
	"fmt"

	"sohoa"
	"sohoa/archive"
	"sohoa/ocr"
)

// reread is a page that was recognised once more.
type reread struct {
	page sohoa.Page
	file sohoa.File
}

// readTurned recognises the pages once more that a person turned: one that was
// taken for lying otherwise was read upside down, and turning its text makes
// no sense of it. Where the second text is the better one it takes the place
// of the first in texts.
func (s *Service) readTurned(ctx context.Context, doc sohoa.Document, texts []*sohoa.PageText) ([]reread, error) {
	pages, err := s.Catalog.Pages(ctx, doc.ID)
	if err != nil {
		return nil, err
	}
	if len(pages) != len(texts) {
		return nil, errOvertaken
	}
	var done []reread
	for i, p := range pages {
		if p.From.Turn == 0 || p.TextSource != sohoa.TextOCR || p.Blank || p.Problem != nil || texts[i] == nil {
			continue
		}
		again, err := s.readAgain(ctx, p)
		if err != nil {
			return nil, err
		}
		if again == nil || ocr.Legible(*again) <= ocr.Legible(*texts[i]) {
			continue
		}
		texts[i] = again
		p.Skew = again.Skew
		p.Words, p.Confidence = words(*again)
		file, err := s.storeArranged(ctx, p, *again)
		if err != nil {
			return nil, err
		}
		done = append(done, reread{p, file})
	}
	return done, nil
}

// readAgain recognises a page the way up that a person says. It returns nil
// if that is not possible: the text that there is stays.
func (s *Service) readAgain(ctx context.Context, p sohoa.Page) (*sohoa.PageText, error) {
	image, err := s.bytes(ctx, p.Document, sohoa.RoleImage, p.Number)
	if err != nil {
		return nil, err
	}
	result, err := s.Reader.Read(ctx, ocr.Page{Image: image, Number: p.Number, DPI: p.DPI, Turn: p.Turn, Sure: true})
	if sohoa.Permanent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read page %d of %s again: %w", p.Number, p.Document, err)
	}
	return &result.Text, nil
}

// enter commits a page that was read again; the index takes it in anew.
func (r reread) enter(tx archive.Tx, s *Service, doc sohoa.Document) error {
	if err := tx.PutPage(r.page); err != nil {
		return err
	}
	if err := tx.PutFile(doc.ID, r.file); err != nil {
		return err
	}
	return s.journalPage(tx, doc, r.page.Number, sohoa.ActionRead, readDetail(r.page))
}
