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
	// PageDocs returns pages as they are now, in any order, without those that
	// are not there or were not read.
	PageDocs(ctx context.Context, pages []PageKey) ([]PageDoc, error)
	// Outlines returns all pages of doc that PageDocs would, but that TextSum
	// may stand in place of Text.
	Outlines(ctx context.Context, doc sohoa.DocumentID) ([]PageDoc, error)
}

// Waiter is a Source that knows when there is something new. Without it
// Follow asks every pollEvery.
type Waiter interface {
	// Wait returns when there may be entries after the one numbered after.
	Wait(ctx context.Context, after uint64) error
}

// Header is a Source that knows the newest entry. Without it what comes in
// while an index has much to catch up with waits for its turn.
type Header interface {
	// Head returns the sequence number of the newest entry; 0 if none.
	Head(ctx context.Context) (uint64, error)
}

// CaughtUpper is an Index that wants to know when all of the journal has been
// applied, to stop saying Results.Rebuilding.
type CaughtUpper interface {
	CaughtUp(ctx context.Context) error
}

// ErrReplaced says that an Index is another than when its cursor was asked
// for: it was rebuilt or lost. Ask again, and go on from there.
var ErrReplaced = errors.New("the index was replaced")

// Pace of following.
const (
	liveEntries  = 100 // looked at at a time: fresh pages are found soon
	lateEntries  = 200 // of a long journal, so many are looked at first
	liveChanges  = 100 // pages per Apply, which what comes in may have to wait for
	firstChanges = 25  // of them, before it is known how long they take
	leastChanges = 10  // of them, on a machine that is busy
	liveSteps    = 8   // looks at what is new for one at the rest, if there is always more
	liveApply    = 300 * time.Millisecond
	bulkEntries  = 1000
	bulkChanges  = 1000
	pollEvery    = 200 * time.Millisecond
	firstBackOff = 200 * time.Millisecond
	lastBackOff  = 30 * time.Second
)

// Follow keeps idx up to date with src until ctx ends, and returns ctx's
// error. It starts from the cursor of the index. Errors are logged and tried
// again, later each time up to half a minute; applying the same entries twice
// does no harm. One Follow per index.
//
// Pages that were just read go before everything else: the many pages of a
// document whose state changed, or a journal that an index has yet to catch
// up with. What went before is durable like all else, but the cursor waits;
// after a crash it is applied again.
func Follow(ctx context.Context, idx Index, src Source) error {
	backOff := firstBackOff
	for ctx.Err() == nil {
		err := followUntilError(ctx, idx, src, &backOff)
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, ErrReplaced):
			slog.InfoContext(ctx, "index was replaced, following it from its own cursor")
		default:
			slog.ErrorContext(ctx, "index does not follow the journal", "err", err, "again", backOff)
			sleep(ctx, backOff)
			backOff = min(2*backOff, lastBackOff)
		}
	}
	return ctx.Err()
}

// followUntilError applies batch after batch. Progress resets the back-off.
func followUntilError(ctx context.Context, idx Index, src Source, backOff *time.Duration) error {
	f, err := newFollower(ctx, idx, src)
	if err != nil {
		return err
	}
	for {
		more, err := f.step(ctx)
		if err != nil {
			return err
		}
		*backOff = firstBackOff
		if more {
			continue
		}
		if c, ok := idx.(CaughtUpper); ok {
			if err := c.CaughtUp(ctx); err != nil {
				return err
			}
		}
		if err := wait(ctx, src, f.cursor); err != nil {
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

func failed(after uint64, err error) error {
	return fmt.Errorf("index journal entries after %d: %w", after, err)
}

// CatchUp applies all entries that src has now, in large batches, and
// returns. It is how an index is built anew.
func CatchUp(ctx context.Context, idx Index, src Source) error {
	for {
		after, err := idx.Cursor(ctx)
		if err != nil {
			return err
		}
		entries, err := src.Entries(ctx, after, bulkEntries)
		if err != nil || len(entries) == 0 {
			return err
		}
		rest := todo(entries)
		for cursor := after; cursor == after; {
			if cursor, err = rest.apply(ctx, idx, src, part{bulkChanges, after, entries[len(entries)-1].Seq}); err != nil {
				return failed(after, err)
			}
		}
	}
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
