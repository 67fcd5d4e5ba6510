package journal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sohoa"
)

// Where entries lie beside the storage root.
const (
	tailPrefix = "journal/tail/"
	lostPrefix = "journal/lost/"
	dayPrefix  = "journal/day/"
)

// part is a blob of the tail.
type part struct {
	key         string
	first, last uint64
}

func tailKey(first, last uint64) string {
	return fmt.Sprintf("%s%020d-%020d.jsonl", tailPrefix, first, last)
}

// tail lists the parts of the tail in order.
func (k *Keeper) tail(ctx context.Context) ([]part, error) {
	var parts []part
	for info, err := range k.Blobs.List(ctx, tailPrefix) {
		if err != nil {
			return nil, fmt.Errorf("list the journal's tail: %w", err)
		}
		first, last, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(info.Key, tailPrefix), ".jsonl"), "-")
		p := part{key: info.Key}
		var err1, err2 error
		p.first, err1 = strconv.ParseUint(first, 10, 64)
		p.last, err2 = strconv.ParseUint(last, 10, 64)
		if ok && err1 == nil && err2 == nil {
			parts = append(parts, p)
		}
	}
	return parts, nil
}

// Flush stores the entries that neither the tail nor a day's object has, and
// returns when they are durable there.
func (k *Keeper) Flush(ctx context.Context) error {
	_, err := k.flush(ctx)
	return err
}

// flush is Flush, and returns the number of the newest entry that is stored.
func (k *Keeper) flush(ctx context.Context) (uint64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.begin(ctx); err != nil {
		return 0, err
	}
	head, err := k.Catalog.Head(ctx)
	if err != nil {
		return 0, err
	}
	for k.written.Seq < head {
		last := min(head, k.written.Seq+batch)
		newest := k.written
		_, err := k.putLines(ctx, tailKey(k.written.Seq+1, last), k.written, last, func(e sohoa.Entry) { newest = e })
		if err != nil {
			return k.written.Seq, fmt.Errorf("store entries of the journal: %w", err)
		}
		k.written = newest
	}
	return k.written.Seq, nil
}

// check is begin for who does not have the lock.
func (k *Keeper) check(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.begin(ctx)
}

// begin finds out what is stored. What is stored of another journal is never
// written over: that is the Problem "journal.other".
func (k *Keeper) begin(ctx context.Context) error {
	if k.begun {
		return nil
	}
	var last uint64
	heads, err := k.Catalog.JournalHeads(ctx, 0)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if h.Kept > 0 {
			last = max(last, h.Size)
		}
	}
	parts, err := k.tail(ctx)
	if err != nil {
		return err
	}
	if len(parts) > 0 {
		newest := slices.MaxFunc(parts, func(a, b part) int { return cmp.Compare(a.last, b.last) })
		if err := k.sameAs(ctx, newest); err != nil {
			return err
		}
		last = max(last, newest.last)
	}
	if k.written, err = k.entry(ctx, last); err == nil {
		k.begun = true
	}
	return err
}

// sameAs checks that a part of the tail is of this journal.
func (k *Keeper) sameAs(ctx context.Context, p part) error {
	var stored sohoa.Entry
	if err := k.eachLine(ctx, p.key, func(e sohoa.Entry) error { stored = e; return nil }); err != nil {
		return err
	}
	ours, err := k.entry(ctx, stored.Seq)
	if err != nil {
		return err
	}
	if stored.Hash != ours.Hash {
		return other("%s ends with entry %d %v, the catalogue has %v", p.key, stored.Seq, stored.Hash, ours.Hash)
	}
	return nil
}

// entry returns an entry of the catalogue; that of number 0 is the one before
// the first. One that is not there, but should be, is "journal.other".
func (k *Keeper) entry(ctx context.Context, seq uint64) (sohoa.Entry, error) {
	if seq == 0 {
		return sohoa.Entry{}, nil
	}
	entries, err := k.Catalog.Entries(ctx, seq-1, 1)
	if err != nil {
		return sohoa.Entry{}, err
	}
	if len(entries) == 0 || entries[0].Seq != seq {
		return sohoa.Entry{}, other("entry %d is stored, and not in the catalogue", seq)
	}
	return entries[0], nil
}

// sweepTail removes the parts whose entries a day's object has.
func (k *Keeper) sweepTail(ctx context.Context, size uint64) error {
	parts, err := k.tail(ctx)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.last <= size {
			if err := k.Blobs.Remove(ctx, p.key); err != nil {
				return fmt.Errorf("sweep the journal's tail: %w", err)
			}
		}
	}
	return nil
}
