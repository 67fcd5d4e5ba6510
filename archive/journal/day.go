package journal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// The files of a day's object.
const (
	entriesFile = "entries.jsonl"
	headFile    = "head.txt"
	stampFile   = "head.tst"
)

// dayOf is the day of a time in Việt Nam.
func dayOf(t time.Time) string { return t.In(sohoa.Hanoi).Format(time.DateOnly) }

// objectID names the object of a day.
func objectID(day string) ocfl.ID { return ocfl.NewID(ocfl.KindJournal, day) }

// Daily makes the head of the days that are over, if there is none yet and
// there were entries; asks for the timestamps that heads lack; and brings what
// is new of heads into the storage root. What it could not do is done by the
// next call.
func (k *Keeper) Daily(ctx context.Context) error {
	k.days.Lock()
	defer k.days.Unlock()
	if err := k.check(ctx); err != nil {
		return err
	}
	if err := k.loadOpen(ctx); err != nil {
		return err
	}
	errs := []error{k.makeHead(ctx)}
	for i := range k.open {
		errs = append(errs, k.stamp(ctx, &k.open[i]), k.keep(ctx, &k.open[i]))
	}
	still := k.open[:0]
	for _, h := range k.open {
		if !h.Whole || k.Stamper != nil && len(h.Token) == 0 {
			still = append(still, h)
		}
	}
	k.open = still
	return errors.Join(append(errs, k.Tree.Extend(ctx))...)
}

// loadOpen finds the heads that wait for something.
func (k *Keeper) loadOpen(ctx context.Context) error {
	if k.open != nil {
		return nil
	}
	heads, err := k.Catalog.JournalHeads(ctx, 0)
	if err != nil {
		return err
	}
	k.open = []archive.JournalHead{}
	for i := len(heads) - 1; i >= 0; i-- { // the oldest first
		if h := heads[i]; !h.Whole || len(h.Token) == 0 {
			k.open = append(k.open, h)
		}
	}
	return nil
}

// makeHead makes the head at the end of yesterday, over all entries until
// then. It goes on from the head before, so that what lies under that cannot
// have been altered meanwhile, and reads and checks each entry since.
func (k *Keeper) makeHead(ctx context.Context) error {
	prev, err := k.newestHead(ctx)
	if err != nil {
		return err
	}
	today := dayOf(k.Now())
	yesterday := dayOf(k.Now().AddDate(0, 0, -1))
	if prev.Day >= yesterday {
		return nil
	}
	f, newest, err := k.from(ctx, prev)
	if err != nil {
		return err
	}
	h := archive.JournalHead{From: prev.Size, Made: k.Now().UTC()}
	err = k.eachSince(ctx, newest, func(e sohoa.Entry) bool {
		if dayOf(e.Time) == today {
			return false
		}
		h.Day = dayOf(e.Time)
		f.Push(Leaf(e.Hash), nil)
		return true
	})
	if err != nil || f.Size() == prev.Size {
		return err
	}
	if h.Day <= prev.Day || h.Day > yesterday { // the clock was wrong
		h.Day = yesterday
	}
	origin, err := k.Tree.origin(ctx)
	if err != nil {
		return err
	}
	h.Size, h.Root = f.Size(), f.Root()
	h.Text = Head{origin, h.Size, h.Root}.Text()
	err = k.put(ctx, h, sohoa.ActionHead)
	if err == nil {
		k.open = append(k.open, h)
	}
	return err
}

// eachSince calls f with the entries that follow prev until it returns false.
func (k *Keeper) eachSince(ctx context.Context, prev sohoa.Entry, f func(sohoa.Entry) bool) error {
	size, err := k.Catalog.Head(ctx)
	if err != nil {
		return err
	}
	err = k.eachEntry(ctx, prev, max(size, prev.Seq), func(e sohoa.Entry) error {
		if !f(e) {
			return errStopped
		}
		return nil
	})
	if errors.Is(err, errStopped) {
		return nil
	}
	return err
}

func (k *Keeper) newestHead(ctx context.Context) (archive.JournalHead, error) {
	heads, err := k.Catalog.JournalHeads(ctx, 1)
	if err != nil || len(heads) == 0 {
		return archive.JournalHead{}, err
	}
	return heads[0], nil
}

// from is the tree under a head, and its newest entry. Should the hashes that
// are kept not lead to the head, they are made anew from the entries.
func (k *Keeper) from(ctx context.Context, h archive.JournalHead) (Frontier, sohoa.Entry, error) {
	newest, err := k.entry(ctx, h.Size)
	if err != nil || h.Size == 0 {
		return Frontier{}, newest, err
	}
	f, err := k.Tree.frontier(ctx, h.Size)
	if err != nil {
		return f, newest, err
	}
	if f.Root() != h.Root {
		k.Log.Warn("the journal's tree does not lead to its head, and is computed anew", "day", h.Day)
		if f, err = k.Tree.rebuild(ctx, h.Size); err != nil {
			return f, newest, err
		}
	}
	if f.Root() != h.Root {
		return f, newest, failed("the first %d entries are not those of the head of %s", h.Size, h.Day)
	}
	return f, newest, nil
}

// put enters a head, with the entry that says so.
func (k *Keeper) put(ctx context.Context, h archive.JournalHead, action sohoa.Action) error {
	detail, err := json.Marshal(map[string]any{"day": h.Day, "size": h.Size, "root": h.Root})
	if err != nil {
		return err
	}
	return k.Catalog.Update(ctx, func(tx archive.Tx) error {
		if err := tx.PutJournalHead(h); err != nil || action == "" {
			return err
		}
		_, err := tx.Append(sohoa.Entry{Actor: system, Action: action, Detail: string(detail)})
		return err
	})
}

// stamp gets the timestamp that a head lacks. That there is none now is a
// state of the head, and no error.
func (k *Keeper) stamp(ctx context.Context, h *archive.JournalHead) error {
	if len(h.Token) > 0 {
		return nil
	}
	changed := *h
	if k.Stamper == nil {
		if h.State() == archive.HeadUnstamped {
			return nil
		}
		changed.Problem = &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "journal.no-tsa"}
		*h = changed
		return k.put(ctx, changed, "")
	}
	digest := sohoa.Sum([]byte(h.Text))
	token, err := k.Stamper.Stamp(ctx, digest[:])
	if err == nil && k.Judge != nil {
		changed.Stamped, err = k.Judge(token, []byte(h.Text))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	action := sohoa.ActionStampHead
	if err != nil {
		k.Log.Warn("a head of the journal waits for its timestamp", "day", h.Day, "err", err)
		p := sohoa.AsProblem(err)
		if h.Problem != nil && h.Problem.Code == p.Code {
			return nil
		}
		action, changed.Problem = "", p
	} else {
		changed.Token, changed.Problem, changed.Whole = token, nil, false
	}
	if err := k.put(ctx, changed, action); err != nil {
		return err
	}
	*h = changed
	return nil
}

// keep brings a head and the entries since the one before into the storage
// root. It may be interrupted anywhere and done again.
func (k *Keeper) keep(ctx context.Context, h *archive.JournalHead) error {
	if h.Whole {
		return nil
	}
	id := objectID(h.Day)
	there, err := k.Root.Head(ctx, id)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	v := ocfl.Version{Expect: there.Head, Created: k.Now(), Message: "journal of the day", Files: map[string]ocfl.Content{}}
	if there.Head > 0 {
		err = k.goOn(ctx, there, *h, &v)
	} else {
		err = k.beginDay(ctx, *h, &v)
	}
	if err != nil {
		return fmt.Errorf("journal of %s: %w", h.Day, err)
	}
	v.Files[headFile] = ocfl.Bytes([]byte(h.Text))
	if len(h.Token) > 0 {
		v.Files[stampFile] = ocfl.Bytes(h.Token)
	}
	o, err := k.Root.Commit(ctx, id, v)
	if err != nil {
		return err
	}
	return k.settle(ctx, h, o)
}

// beginDay gathers the entries of a new object.
func (k *Keeper) beginDay(ctx context.Context, h archive.JournalHead, v *ocfl.Version) error {
	prev, err := k.entry(ctx, h.From)
	if err != nil {
		return err
	}
	key := dayPrefix + h.Day + ".jsonl"
	digest, err := k.putLines(ctx, key, prev, h.Size, func(sohoa.Entry) {})
	if err != nil {
		return err
	}
	name, entries, err := k.confided(ctx, key, digest)
	v.Files[name] = entries
	return err
}

// goOn takes the entries of an object that is there, if it is the same head's.
func (k *Keeper) goOn(ctx context.Context, there ocfl.Object, h archive.JournalHead, v *ocfl.Version) error {
	text, err := k.read(ctx, there.Files[headFile].Key)
	if err != nil {
		return err
	}
	if string(text) != h.Text {
		return other("the storage root has the head %q, the catalogue %q", text, h.Text)
	}
	v.Message = "timestamp added"
	v.Files[entriesName(there)] = ocfl.Kept()
	return nil
}

// settle notes that a day is in the storage root, and removes what is not
// needed any more.
func (k *Keeper) settle(ctx context.Context, h *archive.JournalHead, o ocfl.Object) error {
	if k.Copy != nil {
		if err := k.Copy(ctx, o.ID); err != nil {
			k.Log.Warn("the second copy of the journal's day waits", "day", h.Day, "err", err)
		}
	}
	changed := *h
	changed.Kept, changed.Whole = o.Head, true
	if err := k.put(ctx, changed, ""); err != nil {
		return err
	}
	*h = changed
	err := k.Blobs.Remove(ctx, dayPrefix+h.Day+".jsonl")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = nil
	}
	return cmp.Or(err, k.sweepTail(ctx, h.Size))
}

// read returns a small file.
func (k *Keeper) read(ctx context.Context, key string) (b []byte, err error) {
	blob, err := k.Blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, blob.Close()) }()
	return io.ReadAll(io.LimitReader(blob, sohoa.MaxJournalFile))
}
