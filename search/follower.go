package search

import (
	"context"
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

	rest    []PageKey // to be applied; page 0 is all of a document
	restEnd uint64    // then the cursor moves here
	part    int       // pages of rest that are applied at once, so many that it takes about liveApply
	steps   int       // since the last of them
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
	if len(entries) > 0 && f.seen == f.cursor && len(f.rest) == 0 {
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

// all applies entries, and moves the cursor unless that takes longer than
// what comes next can wait.
func (f *follower) all(ctx context.Context, entries []sohoa.Entry) error {
	f.from = f.cursor
	last := entries[len(entries)-1].Seq
	b := batch{idx: f.idx, src: f.src, size: liveChanges, cursor: f.cursor}
	for i, key := range touched(entries) {
		rest, err := b.expand(ctx, key)
		if err != nil {
			return err
		}
		if len(b.changes)+len(rest) > liveChanges && i > 0 || len(rest) > liveChanges {
			return f.reads(ctx, entries)
		}
		if err := b.take(ctx, rest); err != nil {
			return err
		}
	}
	if err := f.idx.Apply(ctx, b.changes, last); err != nil {
		return failed(f.cursor, err)
	}
	f.cursor, f.seen = last, last
	return nil
}

// reads applies the pages that entries say were read, without moving the
// cursor.
func (f *follower) reads(ctx context.Context, entries []sohoa.Entry) error {
	b := batch{idx: f.idx, src: f.src, size: liveChanges, cursor: f.cursor}
	seen := map[PageKey]bool{}
	for _, e := range entries {
		key := PageKey{e.Document, e.Page}
		if e.Action != sohoa.ActionRead || e.Document.IsZero() || seen[key] {
			continue
		}
		seen[key] = true
		if err := b.add(ctx, key); err != nil {
			return failed(f.cursor, err)
		}
	}
	if len(b.changes) > 0 {
		if err := f.idx.Apply(ctx, b.changes, f.cursor); err != nil {
			return failed(f.cursor, err)
		}
	}
	f.seen = entries[len(entries)-1].Seq
	return nil
}

// some applies a part of what is behind, no more than what comes in can wait
// for, and moves the cursor once all of it is done. It reports whether there
// was anything.
func (f *follower) some(ctx context.Context) (bool, error) {
	if len(f.rest) == 0 && f.restEnd <= f.cursor {
		if more, err := f.behind(ctx); err != nil || !more {
			return false, err
		}
	}
	start := time.Now()
	b := batch{idx: f.idx, src: f.src, size: liveChanges, cursor: f.cursor}
	for len(f.rest) > 0 && len(b.changes) < f.part {
		pages, err := b.expand(ctx, f.rest[0])
		if err != nil {
			return false, failed(f.cursor, err)
		}
		now := min(len(pages), f.part-len(b.changes))
		if err := b.take(ctx, pages[:now]); err != nil {
			return false, failed(f.cursor, err)
		}
		f.rest = append(pages[now:len(pages):len(pages)], f.rest[1:]...)
	}
	cursor := f.cursor
	if len(f.rest) == 0 {
		cursor = f.restEnd
	}
	if err := f.idx.Apply(ctx, b.changes, cursor); err != nil {
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

// behind takes the next entries after the cursor as the rest.
func (f *follower) behind(ctx context.Context) (bool, error) {
	entries, err := f.src.Entries(ctx, f.cursor, bulkEntries)
	for len(entries) > 0 && entries[len(entries)-1].Seq > f.seen {
		entries = entries[:len(entries)-1] // not looked at yet
	}
	if err != nil || len(entries) == 0 {
		return false, err
	}
	var left []sohoa.Entry
	for _, e := range entries {
		if e.Action != sohoa.ActionRead || e.Seq <= f.from {
			left = append(left, e)
		}
	}
	f.rest, f.restEnd = touched(left), entries[len(entries)-1].Seq
	return true, nil
}
