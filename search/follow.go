package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"sohoa"
)

// Source is what an index is made from: the journal, and pages as they are
// now.
type Source interface {
	// Entries returns up to limit journal entries after the one numbered
	// after, in order; none if there are no newer ones.
	Entries(ctx context.Context, after uint64, limit int) ([]sohoa.Entry, error)
	// PageDoc returns a page as it is now, or sohoa.ErrNotExist.
	PageDoc(ctx context.Context, doc sohoa.DocumentID, page int) (PageDoc, error)
	// Pages returns the numbers of the pages of doc that have been read, or
	// sohoa.ErrNotExist.
	Pages(ctx context.Context, doc sohoa.DocumentID) ([]int, error)
}

// Waiter is a Source that knows when there is something new. Without it
// Follow asks every pollEvery.
type Waiter interface {
	// Wait returns when there may be entries after the one numbered after.
	Wait(ctx context.Context, after uint64) error
}

// CaughtUpper is an Index that wants to know when all of the journal has been
// applied, to stop saying Results.Rebuilding.
type CaughtUpper interface {
	CaughtUp(ctx context.Context) error
}

// Pace of following.
const (
	liveEntries  = 100 // per batch: fresh pages are found soon
	bulkEntries  = 1000
	liveChanges  = 200 // pages per Apply
	bulkChanges  = 1000
	pollEvery    = 200 * time.Millisecond
	firstBackOff = 200 * time.Millisecond
	lastBackOff  = 30 * time.Second
)

// Follow keeps idx up to date with src until ctx ends, and returns ctx's
// error. It starts from the cursor of the index. Errors are logged and tried
// again, later each time up to half a minute; applying the same entries twice
// does no harm. One Follow per index.
func Follow(ctx context.Context, idx Index, src Source) error {
	backOff := firstBackOff
	for ctx.Err() == nil {
		err := followUntilError(ctx, idx, src, &backOff)
		if ctx.Err() != nil {
			break
		}
		slog.ErrorContext(ctx, "index does not follow the journal", "err", err, "again", backOff)
		sleep(ctx, backOff)
		backOff = min(2*backOff, lastBackOff)
	}
	return ctx.Err()
}

// followUntilError applies batch after batch. Progress resets the back-off.
func followUntilError(ctx context.Context, idx Index, src Source, backOff *time.Duration) error {
	for {
		after, err := idx.Cursor(ctx)
		if err != nil {
			return err
		}
		n, err := step(ctx, idx, src, liveEntries)
		if err != nil {
			return err
		}
		*backOff = firstBackOff
		if n > 0 {
			continue
		}
		if c, ok := idx.(CaughtUpper); ok {
			if err := c.CaughtUp(ctx); err != nil {
				return err
			}
		}
		if err := wait(ctx, src, after); err != nil {
			return err
		}
	}
}

// wait returns when there may be entries after the one numbered after.
func wait(ctx context.Context, src Source, after uint64) error {
	if w, ok := src.(Waiter); ok {
		return w.Wait(ctx, after)
	}
	sleep(ctx, pollEvery)
	return ctx.Err()
}

// CatchUp applies all entries that src has now, in large batches, and
// returns. It is how an index is built anew.
func CatchUp(ctx context.Context, idx Index, src Source) error {
	for {
		n, err := step(ctx, idx, src, bulkEntries)
		if err != nil || n == 0 {
			return err
		}
	}
}

// step applies the next entries, up to limit, and returns how many there were.
func step(ctx context.Context, idx Index, src Source, limit int) (int, error) {
	after, err := idx.Cursor(ctx)
	if err != nil {
		return 0, err
	}
	entries, err := src.Entries(ctx, after, limit)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	size := liveChanges
	if limit > liveEntries {
		size = bulkChanges
	}
	b := batch{idx: idx, src: src, size: size, cursor: after}
	if err := b.applyAll(ctx, entries); err != nil {
		return 0, fmt.Errorf("index journal entries after %d: %w", after, err)
	}
	return len(entries), nil
}

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
	arranged := map[sohoa.DocumentID]bool{}
	for _, e := range entries {
		arranged[e.Document] = arranged[e.Document] || e.Action == sohoa.ActionArrange
	}
	for _, key := range touched(entries) {
		if arranged[key.Document] { // some of its pages may be no more
			b.changes = append(b.changes, Change{Document: key.Document})
		}
		pages := []int{key.Page}
		if key.Page == 0 {
			var err error
			if pages, err = b.pages(ctx, key.Document); err != nil {
				return err
			}
		}
		for _, n := range pages {
			if err := b.add(ctx, PageKey{key.Document, n}); err != nil {
				return err
			}
		}
	}
	return b.idx.Apply(ctx, b.changes, entries[len(entries)-1].Seq)
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
// first entry; page 0 is every page of a document. A page whose document is
// in the list as a whole is left out.
func touched(entries []sohoa.Entry) []PageKey {
	whole := map[sohoa.DocumentID]bool{}
	for _, e := range entries {
		if changesDocument(e.Action) {
			whole[e.Document] = true
		}
	}
	seen := map[PageKey]bool{}
	var out []PageKey
	for _, e := range entries {
		key := PageKey{e.Document, e.Page}
		if whole[e.Document] {
			key.Page = 0
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

// sleep waits for d or for ctx.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
