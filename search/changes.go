package search

import (
	"context"
	"errors"
	"fmt"

	"sohoa"
)

// batch turns entries into changes. Parts that exceed size are applied with
// the old cursor: should the rest fail, all of it is applied again.
type batch struct {
	idx     Index
	src     Source
	size    int
	cursor  uint64
	changes []Change
}

func (b *batch) applyAll(ctx context.Context, entries []sohoa.Entry) error {
	for _, key := range touched(entries) {
		pages, err := b.expand(ctx, key)
		if err != nil {
			return err
		}
		if err := b.take(ctx, pages); err != nil {
			return err
		}
	}
	return b.idx.Apply(ctx, b.changes, entries[len(entries)-1].Seq)
}

// arranged is the page of a PageKey that stands for all pages of a document,
// of which some may be no more; 0 is all pages of one that has them all.
const arranged = -1

// expand turns a key into pages; what removes a document is taken at once.
func (b *batch) expand(ctx context.Context, key PageKey) ([]PageKey, error) {
	if key.Page > 0 {
		return []PageKey{key}, nil
	}
	if key.Page == arranged {
		b.changes = append(b.changes, Change{Document: key.Document})
	}
	numbers, err := b.pages(ctx, key.Document)
	pages := make([]PageKey, len(numbers))
	for i, n := range numbers {
		pages[i] = PageKey{key.Document, n}
	}
	return pages, err
}

func (b *batch) take(ctx context.Context, pages []PageKey) error {
	for _, key := range pages {
		if err := b.add(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// pages are the pages of a document; a document that is gone is removed.
func (b *batch) pages(ctx context.Context, doc sohoa.DocumentID) ([]int, error) {
	pages, err := b.src.Pages(ctx, doc)
	if errors.Is(err, sohoa.ErrNotExist) {
		b.changes = append(b.changes, Change{Document: doc})
		return nil, nil
	}
	return pages, err
}

// add appends the change of one page.
func (b *batch) add(ctx context.Context, key PageKey) error {
	if len(b.changes) >= b.size {
		if err := b.idx.Apply(ctx, b.changes, b.cursor); err != nil {
			return err
		}
		b.changes = b.changes[:0]
	}
	c := Change{Document: key.Document, Page: key.Page}
	d, err := b.src.PageDoc(ctx, key.Document, key.Page)
	switch {
	case err == nil:
		c.Put = &d
	case !errors.Is(err, sohoa.ErrNotExist):
		return fmt.Errorf("page %d of %s: %w", key.Page, key.Document, err)
	}
	b.changes = append(b.changes, c)
	return nil
}

// touched are the pages that entries changed, each once, in order of the
// first entry; page 0 is every page of a document, arranged every page of one
// that may have lost some. A page whose document is in the list as a whole is
// left out.
func touched(entries []sohoa.Entry) []PageKey {
	whole := map[sohoa.DocumentID]int{}
	for _, e := range entries {
		if changesDocument(e.Action) {
			if _, ok := whole[e.Document]; !ok {
				whole[e.Document] = 0
			}
		}
		if e.Action == sohoa.ActionArrange {
			whole[e.Document] = arranged
		}
	}
	seen := map[PageKey]bool{}
	var out []PageKey
	for _, e := range entries {
		key := PageKey{e.Document, e.Page}
		if page, ok := whole[e.Document]; ok {
			key.Page = page
		} else if e.Action != sohoa.ActionRead {
			continue
		}
		if !e.Document.IsZero() && !seen[key] {
			seen[key] = true
			out = append(out, key)
		}
	}
	return out
}

// changesDocument reports whether an action may change what is indexed with
// every page of its document.
func changesDocument(a sohoa.Action) bool {
	switch a {
	case sohoa.ActionKeep, sohoa.ActionSign, sohoa.ActionStamp, sohoa.ActionPark,
		sohoa.ActionRetry, sohoa.ActionRecover, sohoa.ActionCompose, sohoa.ActionArrange,
		sohoa.ActionRevoke, sohoa.ActionReinstate, sohoa.ActionReplace, sohoa.ActionValidity, sohoa.ActionType, sohoa.ActionDestroy,
		sohoa.ActionReuse, sohoa.ActionReuseEnd:
		return true
	}
	return false
}
