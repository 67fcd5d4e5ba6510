package ingest

import (
	"context"

	"sohoa"
	"sohoa/archive"
)

// Expect implements PaperDesk.
func (s *Service) Expect(ctx context.Context, by ReuseActor, id sohoa.DocumentID, pages int) (doc sohoa.Document, err error) {
	if err := sohoa.CheckExpected(pages); err != nil {
		return doc, err
	}
	if _, err := archive.Owned(ctx, s.Catalog, by.Scope, id); err != nil {
		return doc, err
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if doc, err = tx.Document(id); err != nil {
			return err
		}
		if err := unsigned(doc); err != nil || doc.Expected == pages {
			return err
		}
		d := detail{"expected": pages, "was": doc.Expected}
		doc.Expected = pages
		if err := s.journalBy(tx, by.Name, doc, sohoa.ActionExpect, d); err != nil {
			return err
		}
		return s.counted(tx, by.Name, &doc)
	})
	return doc, err
}

// counted puts a document whose expected number of pages was set: held where
// it has another, let go where that was all it was held for.
func (s *Service) counted(tx archive.Tx, actor string, doc *sohoa.Document) error {
	if doc.Miscounted() == nil && doc.HeldCount {
		doc.Held, doc.HeldCount = false, false
		return s.release(tx, actor, *doc)
	}
	if err := s.holdMiscounted(tx, doc); err != nil {
		return err
	}
	return tx.PutDocument(*doc)
}

// holdMiscounted holds a document that has not the pages that were counted on
// the paper. The caller puts it.
func (s *Service) holdMiscounted(tx archive.Tx, doc *sohoa.Document) error {
	p := doc.Miscounted()
	if p == nil || doc.Held {
		return nil
	}
	doc.Held, doc.HeldCount = true, true
	return s.journal(tx, *doc, sohoa.ActionHold, detail{"expected": doc.Expected, "pages": doc.Pages})
}

// taken brings what people decided about a document meanwhile into what a
// stage made of it, which began with an older state.
func taken(doc *sohoa.Document, now sohoa.Document) {
	doc.Expected = now.Expected
	if doc.Revision == 0 && now.Life.Change > doc.Life.Change {
		doc.Life = now.Life
	}
}

// given is how many pages a document is expected to have after a change of
// several documents: what went to another is not missed, but what came from
// another may be what was missing.
func (on *onDesk) given(expected int, undo bool) int {
	more := len(on.is.Pages) + len(on.is.Dropped) - len(on.was.Pages) - len(on.was.Dropped)
	if expected == 0 || more > 0 && !undo {
		return expected
	}
	return max(0, expected+more)
}
