package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// The codes of findings (docs/format.md).
const (
	findingAltered = "entry.altered"    // an entry is not what its hash says
	findingGap     = "entry.missing"    // numbers are left out, or in another order
	findingChain   = "entry.chain"      // an entry does not have the hash of the one before
	findingTree    = "tree.hash"        // a hash that is kept is not that of its entries
	findingHead    = "head.differs"     // the entries until then are others than those of the head
	findingCut     = "head.cut"         // the journal has fewer entries than the head
	findingOrigin  = "head.other"       // the head is of another journal
	findingStamp   = "head.timestamp"   // the head's timestamp does not prove it
	findingText    = "head.malformed"   // the head cannot be read
	findingRoot    = "head.not-kept"    // the day is not in the storage root
	findingUnknown = "head.unknown"     // the storage root has a head that the catalogue lacks
	findingEntry   = "entry.differs"    // an entry is another than the one kept in the storage root
	findingKeeping = "journal.not-kept" // keeping the journal stopped
	maxFindings    = 100                // then verifying ends
)

// Named is a head that was kept elsewhere.
type Named struct {
	Name string // of its file
	Signed
}

// verification is one run of Verify.
type verification struct {
	*Keeper
	check  archive.JournalCheck
	heads  []compared // by size
	next   int        // of heads, to compare
	first  sohoa.Entry
	prev   sohoa.Entry
	tree   Frontier
	broken uint64 // the first entry that does not fit; 0 is none
}

// compared is a head that entries are compared with.
type compared struct {
	Named
	day string // it is kept in the storage root
}

// Verify reads the whole journal and checks that no entry was altered, left
// out, put in between or cut off: by the chain, by the tree, which it
// computes anew and compares with what is kept of it, by every head that the
// catalogue and the storage root have, with their timestamps, and by those
// that the caller brings from elsewhere. What is wrong stands in the result,
// which is kept as the newest check; the error is for what could not be read.
// by is who asked; the journal says so too.
func (k *Keeper) Verify(ctx context.Context, by string, elsewhere ...Named) (archive.JournalCheck, error) {
	v := &verification{Keeper: k, check: archive.JournalCheck{At: k.Now().UTC(), By: by}}
	if err := v.gather(ctx, elsewhere); err != nil {
		return v.check, err
	}
	if err := v.entries(ctx); err != nil {
		return v.check, err
	}
	if err := v.finish(ctx); err != nil {
		return v.check, err
	}
	detail := fmt.Sprintf(`{"size":%d,"findings":%d}`, v.check.Size, len(v.check.Findings))
	return v.check, k.Catalog.Update(ctx, func(tx archive.Tx) error {
		if err := tx.PutJournalCheck(v.check); err != nil {
			return err
		}
		_, err := tx.Append(sohoa.Entry{Actor: by, Action: sohoa.ActionVerify, Detail: detail})
		return err
	})
}

// find notes a finding.
func (v *verification) find(f archive.JournalFinding) {
	if len(v.check.Findings) < maxFindings {
		v.check.Findings = append(v.check.Findings, f)
	}
}

// gather collects the heads to compare with, in the order of their sizes.
func (v *verification) gather(ctx context.Context, elsewhere []Named) error {
	kept, err := v.Catalog.JournalHeads(ctx, 0)
	if err != nil {
		return err
	}
	days := map[string]archive.JournalHead{}
	for _, h := range kept {
		days[h.Day] = h
		s, err := ParseHead([]byte(h.Text))
		if err != nil || s.Size != h.Size || s.Root != h.Root {
			v.find(archive.JournalFinding{Code: findingText, Head: h.Day, Detail: "in the catalogue"})
			continue
		}
		s.Token = h.Token
		v.heads = append(v.heads, compared{Named: Named{h.Day, s}})
	}
	if err := v.gatherRoot(ctx, days); err != nil {
		return err
	}
	for _, n := range elsewhere {
		v.heads = append(v.heads, compared{Named: n})
	}
	slices.SortStableFunc(v.heads, func(a, b compared) int { return cmp.Compare(a.Size, b.Size) })
	for i := range v.heads {
		v.judge(v.heads[i].Named)
	}
	return nil
}

// gatherRoot adds the heads of the storage root, where those may be left who
// can change the catalogue.
func (v *verification) gatherRoot(ctx context.Context, days map[string]archive.JournalHead) error {
	stored, err := v.Keeper.stored(ctx, func(id ocfl.ID, err error) {
		v.find(archive.JournalFinding{Code: findingText, Head: string(id), Detail: err.Error()})
	})
	if err != nil {
		return err
	}
	for _, d := range stored {
		v.heads = append(v.heads, compared{Named: Named{d.day, d.Signed}, day: d.day})
		if _, ok := days[d.day]; !ok {
			v.find(archive.JournalFinding{Code: findingUnknown, Head: d.day, Detail: fmt.Sprintf("%d entries", d.Size)})
		}
		delete(days, d.day)
	}
	for _, h := range days {
		if h.Kept > 0 {
			v.find(archive.JournalFinding{Code: findingRoot, Head: h.Day})
		}
	}
	return nil
}

// judge checks the timestamp of a head, if it has one.
func (v *verification) judge(n Named) {
	v.check.Heads++
	if len(n.Token) == 0 || v.Judge == nil {
		return
	}
	if _, err := v.Judge(n.Token, []byte(n.Text())); err != nil {
		v.find(archive.JournalFinding{Code: findingStamp, Head: n.Name, Detail: err.Error()})
		return
	}
	v.check.Stamped++
}

// entries reads the journal from end to end.
func (v *verification) entries(ctx context.Context) error {
	for {
		entries, err := v.Catalog.Entries(ctx, v.prev.Seq, batch)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			v.entry(e)
			if err := v.push(ctx, e); err != nil {
				return err
			}
			if err := v.compare(ctx); err != nil {
				return err
			}
			v.prev = e
		}
		if len(v.check.Findings) >= maxFindings {
			return nil
		}
	}
}

// entry checks that an entry is unaltered and follows the one before.
func (v *verification) entry(e sohoa.Entry) {
	if v.prev.Seq == 0 {
		v.first = e
	}
	err := e.Follows(v.prev)
	if err == nil {
		return
	}
	f := archive.JournalFinding{Code: findingChain, Seq: e.Seq}
	switch {
	case e.Follows(sohoa.Entry{Seq: e.Seq - 1, Hash: e.Prev}) != nil:
		f.Code = findingAltered
	case e.Seq != v.prev.Seq+1:
		f.Code, f.Detail = findingGap, fmt.Sprintf("%d to %d", v.prev.Seq+1, e.Seq-1)
	}
	v.find(f)
	if v.broken == 0 {
		v.broken = e.Seq
	}
}

// push adds an entry to the tree, and compares the hashes that are kept of it.
func (v *verification) push(ctx context.Context, e sohoa.Entry) (err error) {
	v.tree.Push(Leaf(e.Hash), func(level int, n uint64, h tlog.Hash) {
		if err != nil || level%step != 0 {
			return
		}
		var kept []sohoa.Digest
		kept, err = v.Catalog.TreeHashes(ctx, level, n, 1)
		if len(kept) == 1 && kept[0] != sohoa.Digest(h) {
			v.find(archive.JournalFinding{Code: findingTree, Seq: n<<level + 1, Detail: fmt.Sprintf("level %d", level)})
		}
	})
	return err
}

// compare checks the heads of the size that the tree has now.
func (v *verification) compare(ctx context.Context) error {
	for ; v.next < len(v.heads) && v.heads[v.next].Size <= v.tree.Size(); v.next++ {
		h := v.heads[v.next]
		f := archive.JournalFinding{Head: h.Name}
		switch {
		case h.Origin != Origin(v.first.Hash):
			f.Code, f.Detail = findingOrigin, h.Origin+" is not "+Origin(v.first.Hash)
		case h.Root != v.tree.Root():
			f.Code, f.Detail = findingHead, fmt.Sprintf("%d entries", h.Size)
		default:
			continue
		}
		v.find(f)
		if err := v.compareDay(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

// compareDay names the first entry of a day that is another than the one that
// is kept in the storage root.
func (v *verification) compareDay(ctx context.Context, h compared) error {
	if h.day == "" {
		return nil
	}
	o, err := v.Root.Head(ctx, objectID(h.day))
	if err != nil {
		return err
	}
	err = v.eachLine(ctx, entriesKey(o), func(e sohoa.Entry) error {
		ours, err := v.Catalog.EntryHashes(ctx, e.Seq, 1)
		if err != nil {
			return err
		}
		if len(ours) == 1 && ours[0] == e.Hash {
			return nil
		}
		v.find(archive.JournalFinding{Code: findingEntry, Seq: e.Seq, Head: h.day})
		return errStopped
	})
	if errors.Is(err, errStopped) || errors.Is(err, sohoa.ErrVerification) {
		return nil // it has its finding, or fixity has
	}
	return err
}

// finish looks for heads that the journal does not reach, and describes it.
func (v *verification) finish(ctx context.Context) error {
	for _, h := range v.heads[v.next:] {
		v.find(archive.JournalFinding{Code: findingCut, Head: h.Name, Seq: v.prev.Seq, Detail: fmt.Sprintf("%d entries", h.Size)})
	}
	v.check.Size, v.check.Hash, v.check.Root = v.prev.Seq, v.prev.Hash, v.tree.Root()
	if v.prev.Seq > 0 && v.tree.Size() == v.prev.Seq {
		v.check.Text = Head{Origin(v.first.Hash), v.prev.Seq, v.check.Root}.Text()
	}
	return ctx.Err()
}
