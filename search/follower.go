package search

import (
	"context"
	"slices"
	"time"

	"sohoa"
)

// follower reads the journal in two places: pages just read are applied as
// they come, the rest in order behind them.
type follower struct {
	idx    Index
	src    Source
	cursor uint64 // of idx: everything up to it is applied
	from   uint64 // reads after it and up to seen are applied
	seen   uint64

	rest    queue
	restEnd uint64 // then the cursor moves here
	part    int    // pages of rest that are applied at once, so many that it takes about liveApply
	steps   int    // since the last of them
}

func newFollower(ctx context.Context, idx Index, src Source) (*follower, error) {
	cursor, err := idx.Cursor(ctx)
	if err != nil {
		return nil, err
	}
	f := &follower{idx: idx, src: src, cursor: cursor, from: cursor, seen: cursor, part: firstChanges}
	if h, ok := src.(Header); ok {
		head, err := h.Head(ctx)
		if err != nil {
			return nil, err
		}
		if head > cursor+lateEntries {
			f.from, f.seen = head-lateEntries, head-lateEntries
		}
	}
	return f, nil
}

// step applies what is new, and then some of the rest. It reports whether
// there was anything.
func (f *follower) step(ctx context.Context) (bool, error) {
	entries, err := f.src.Entries(ctx, f.seen, liveEntries)
	if err != nil {
		return false, err
	}
	if len(entries) > 0 && f.seen == f.cursor {
		return true, f.all(ctx, entries)
	}
	if len(entries) > 0 {
		if err := f.reads(ctx, entries); err != nil {
			return false, err
		}
	}
	if f.steps++; len(entries) == liveEntries && f.steps < liveSteps {
		return true, nil // there may be more that is new
	}
	f.steps = 0
	more, err := f.some(ctx)
	return more || len(entries) > 0, err
}

// all applies entries and moves the cursor, unless that takes longer than what
// comes next can wait.
func (f *follower) all(ctx context.Context, entries []sohoa.Entry) error {
	f.from, f.seen = f.cursor, entries[len(entries)-1].Seq
	rest := todo(entries)
	pages, err := rest.take(ctx, f.idx, f.src, liveChanges)
	if err != nil {
		return failed(f.cursor, err)
	}
	if len(rest) > 0 {
		return f.reads(ctx, entries)
	}
	if err := f.apply(ctx, pages, f.seen); err != nil {
		return err
	}
	f.cursor = f.seen
	return nil
}

// reads applies the pages that entries say were read, without moving the
// cursor.
func (f *follower) reads(ctx context.Context, entries []sohoa.Entry) error {
	read := todo(onlyReads(entries))
	pages, err := read.take(ctx, f.idx, f.src, len(read))
	if err != nil {
		return failed(f.cursor, err)
	}
	f.seen = entries[len(entries)-1].Seq
	if len(pages) == 0 {
		return nil
	}
	return f.apply(ctx, pages, f.cursor)
}

// onlyReads are the entries of pages that were read.
func onlyReads(entries []sohoa.Entry) []sohoa.Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e sohoa.Entry) bool { return e.Action != sohoa.ActionRead })
}

// apply applies pages as they are now.
func (f *follower) apply(ctx context.Context, pages []PageKey, cursor uint64) error {
	changes, err := ChangesOf(ctx, f.src, pages)
	if err == nil {
		err = f.idx.Apply(ctx, changes, cursor)
	}
	if err != nil {
		return failed(f.cursor, err)
	}
	return nil
}

// some applies a part of what is behind, no more than what comes in can wait
// for, and moves the cursor once all of it is done. It reports whether there
// was anything.
func (f *follower) some(ctx context.Context) (bool, error) {
	if len(f.rest) == 0 {
		if more, err := f.behind(ctx); err != nil || !more {
			return false, err
		}
	}
	start := time.Now()
	cursor, err := f.rest.apply(ctx, f.idx, f.src, part{f.part, f.cursor, f.restEnd})
	if err != nil {
		return false, failed(f.cursor, err)
	}
	f.cursor = cursor
	f.pace(time.Since(start))
	return true, nil
}

// pace chooses the size of the next part by how long the last one took.
func (f *follower) pace(took time.Duration) {
	switch {
	case took > liveApply:
		f.part = max(leastChanges, f.part/2)
	case took < liveApply/4:
		f.part = min(liveChanges, 2*f.part)
	}
}

// behind takes the next entries after the cursor as the rest. Pages read after
// from are applied already.
func (f *follower) behind(ctx context.Context) (bool, error) {
	entries, err := f.src.Entries(ctx, f.cursor, bulkEntries)
	for len(entries) > 0 && entries[len(entries)-1].Seq > f.seen {
		entries = entries[:len(entries)-1] // not looked at yet
	}
	if err != nil || len(entries) == 0 {
		return false, err
	}
	f.restEnd = entries[len(entries)-1].Seq
	f.rest = todo(slices.DeleteFunc(entries, func(e sohoa.Entry) bool {
		return e.Action == sohoa.ActionRead && e.Seq > f.from
	}))
	return true, nil
}
