package journal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// storedDay is the object of a day.
type storedDay struct {
	Signed
	day    string
	object ocfl.Object
}

// stored reads the heads of the storage root in the order of their sizes. An
// object that cannot be read is told to bad and left out.
func (k *Keeper) stored(ctx context.Context, bad func(ocfl.ID, error)) ([]storedDay, error) {
	var days []storedDay
	for id, err := range k.Root.Objects(ctx) {
		if err != nil {
			return nil, err
		}
		if id.Kind() != ocfl.KindJournal {
			continue
		}
		d, err := k.day(ctx, id)
		if errors.Is(err, sohoa.ErrVerification) || errors.Is(err, sohoa.ErrInvalid) || errors.Is(err, sohoa.ErrNotExist) {
			bad(id, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		days = append(days, d)
	}
	slices.SortFunc(days, func(a, b storedDay) int { return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.day, b.day)) })
	return days, nil
}

// day reads the head of one object.
func (k *Keeper) day(ctx context.Context, id ocfl.ID) (storedDay, error) {
	d := storedDay{day: strings.TrimPrefix(string(id), string(ocfl.NewID(ocfl.KindJournal, "")))}
	var err error
	if d.object, err = k.Root.Head(ctx, id); err != nil {
		return d, err
	}
	text, err := k.read(ctx, d.object.Files[headFile].Key)
	if err != nil {
		return d, err
	}
	if d.Signed, err = ParseHead(text); err != nil {
		return d, err
	}
	if stamp, ok := d.object.Files[stampFile]; ok {
		d.Token, err = k.read(ctx, stamp.Key)
	}
	return d, err
}

// Restored is what came of Restore.
type Restored struct {
	Added uint64      // entries
	Last  sohoa.Entry // the newest that came from the storage root
	Heads int
	Lost  []string // what is stored and does not follow Last: days, and parts of the tail, which are put aside
}

// Restore enters what the storage root and the tail have of the journal into
// the catalogue: every entry with its number and its hash, every head with its
// timestamp. Entries that the catalogue has are compared and left; if one
// differs it has another journal, and nothing is done: "journal.other". It
// may be interrupted and done again.
//
// Entries after the newest that was stored are lost, and nobody can know how
// many there were. The journal goes on with an entry that says so.
func (k *Keeper) Restore(ctx context.Context) (Restored, error) {
	k.days.Lock()
	defer k.days.Unlock()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.begun, k.open = false, nil
	r := &restoring{Keeper: k}
	var err error
	if r.have, err = k.Catalog.Head(ctx); err != nil {
		return r.result, err
	}
	if err := r.enterDays(ctx); err != nil {
		return r.result, err
	}
	if err := r.enterTail(ctx); err != nil {
		return r.result, err
	}
	if r.result.Added == 0 {
		return r.result, nil
	}
	if err := r.enterHeads(ctx); err != nil {
		return r.result, err
	}
	if err := k.putAside(ctx, r.result.Lost); err != nil {
		return r.result, err
	}
	return r.result, r.nameGap(ctx)
}

// restoring is one run of Restore.
type restoring struct {
	*Keeper
	have    uint64      // entries that the catalogue had
	prev    sohoa.Entry // the newest entry that was read
	waiting []sohoa.Entry
	tree    Frontier
	entered []archive.JournalHead
	result  Restored
}

// errBreak says that an entry does not follow what was read before.
var errBreak = errors.New("it does not follow")

// take takes in one entry: entries that were there already are passed over.
func (r *restoring) take(ctx context.Context, e sohoa.Entry) error {
	if e.Seq <= r.prev.Seq {
		return nil // parts of the tail may overlap each other, and a day
	}
	if e.Follows(r.prev) != nil {
		return errBreak
	}
	r.prev = e
	r.tree.Push(Leaf(e.Hash), nil)
	if e.Seq <= r.have {
		return r.same(ctx, e)
	}
	r.waiting = append(r.waiting, e)
	if len(r.waiting) < batch {
		return nil
	}
	return r.enter(ctx)
}

// same checks that the catalogue has an entry as it is stored. The chain makes
// it enough to compare now and then, and the last.
func (r *restoring) same(ctx context.Context, e sohoa.Entry) error {
	if e.Seq != r.have && e.Seq%batch != 0 && e.Seq != 1 {
		return nil
	}
	ours, err := r.entry(ctx, e.Seq)
	if err == nil && ours.Hash != e.Hash {
		err = other("entry %d is stored as %v, the catalogue has %v", e.Seq, e.Hash, ours.Hash)
	}
	return err
}

// enter adds the entries that wait.
func (r *restoring) enter(ctx context.Context) error {
	if len(r.waiting) == 0 {
		return nil
	}
	err := r.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.RestoreEntries(r.waiting...) })
	if err != nil {
		return fmt.Errorf("restore entries of the journal: %w", err)
	}
	r.result.Added += uint64(len(r.waiting))
	r.waiting = r.waiting[:0]
	return nil
}

// enterDays takes in the objects of days, up to the first that does not lead
// to its head.
func (r *restoring) enterDays(ctx context.Context) error {
	days, err := r.stored(ctx, func(id ocfl.ID, _ error) { r.lose(string(id)) })
	if err != nil {
		return err
	}
	for i, d := range days {
		from := r.prev.Seq
		err := r.eachLine(ctx, entriesKey(d.object), func(e sohoa.Entry) error { return r.take(ctx, e) })
		if broken := brokenSource(err); broken || err == nil && (r.tree.Size() != d.Size || r.tree.Root() != d.Root) {
			for _, lost := range days[i:] {
				r.lose(string(lost.object.ID))
			}
			break
		}
		if err != nil {
			return err
		}
		h := archive.JournalHead{Day: d.day, From: from, Size: d.Size, Root: d.Root, Text: d.Text(), Made: d.object.Versions[0].Created,
			Token: d.Token, Kept: d.object.Head, Whole: true}
		if len(h.Token) == 0 {
			h.Problem = &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "journal.no-tsa"}
		} else if r.Judge != nil {
			h.Stamped, _ = r.Judge(h.Token, []byte(h.Text)) // Verify says what is wrong with it
		}
		r.entered = append(r.entered, h)
	}
	return r.enter(ctx)
}

// brokenSource reports whether an error is about what is stored, not about
// the store or the catalogue.
func brokenSource(err error) bool {
	return errors.Is(err, errBreak) || errors.Is(err, sohoa.ErrVerification) || errors.Is(err, sohoa.ErrNotExist)
}

// enterTail takes in what no day has, up to the first part that does not
// follow.
func (r *restoring) enterTail(ctx context.Context) error {
	parts, err := r.tail(ctx)
	if err != nil {
		return err
	}
	for i, p := range parts {
		err := r.eachLine(ctx, p.key, func(e sohoa.Entry) error { return r.take(ctx, e) })
		if brokenSource(err) {
			for _, lost := range parts[i:] {
				r.lose(lost.key)
			}
			break
		}
		if err != nil {
			return err
		}
	}
	return r.enter(ctx)
}

func (r *restoring) lose(name string) { r.result.Lost = append(r.result.Lost, name) }

// enterHeads enters the heads of the days.
func (r *restoring) enterHeads(ctx context.Context) error {
	r.result.Heads = len(r.entered)
	return r.Catalog.Update(ctx, func(tx archive.Tx) error {
		for _, h := range r.entered {
			if err := tx.PutJournalHead(h); err != nil {
				return err
			}
		}
		return nil
	})
}

// putAside moves parts of the tail away, where new entries would get their
// numbers.
func (k *Keeper) putAside(ctx context.Context, lost []string) error {
	for _, key := range lost {
		if !strings.HasPrefix(key, tailPrefix) {
			continue
		}
		blob, err := k.Blobs.Open(ctx, key)
		if err != nil {
			return err
		}
		_, err = k.Blobs.Put(ctx, lostPrefix+path.Base(key), blob)
		if err := errors.Join(err, blob.Close()); err != nil {
			return err
		}
		if err := k.Blobs.Remove(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// nameGap says in the journal where it was cut.
func (r *restoring) nameGap(ctx context.Context) error {
	r.result.Last = r.prev
	detail, err := json.Marshal(map[string]any{"last": r.prev.Seq, "hash": r.prev.Hash, "lastTime": r.prev.Time, "added": r.result.Added, "lost": r.result.Lost})
	if err != nil {
		return err
	}
	return r.Catalog.Update(ctx, func(tx archive.Tx) error {
		_, err := tx.Append(sohoa.Entry{Actor: system, Action: sohoa.ActionRestore, Detail: string(detail)})
		return err
	})
}
