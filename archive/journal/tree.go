package journal

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"sohoa"
	"sohoa/archive"
)

// Tree computes heads and proofs from what the catalogue has. Whoever can
// change the catalogue can make it compute something else; Keeper.Verify
// finds that out. Its methods are safe for concurrent use.
type Tree struct{ Catalog archive.Catalog }

// step is the difference between the levels of which hashes are kept: one
// hash for 256 below it.
const step = 8

// extendBatch is how many subtrees of a level are kept in one transaction.
const extendBatch = 64

// unknownEntry is the Problem of an entry that the journal does not have.
func unknownEntry(seq, size uint64) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "journal.entry", Args: []string{fmt.Sprint(seq), fmt.Sprint(size)}}
}

// Head is the head over the first size entries; 0 is all there are. A journal
// without entries has none: sohoa.ErrNotExist.
func (t Tree) Head(ctx context.Context, size uint64) (Head, error) {
	all, err := t.Catalog.Head(ctx)
	if err != nil {
		return Head{}, err
	}
	if size == 0 {
		size = all
	}
	if size == 0 || size > all {
		return Head{}, unknownEntry(size, all)
	}
	origin, err := t.origin(ctx)
	if err != nil {
		return Head{}, err
	}
	f, err := t.frontier(ctx, size)
	return Head{origin, size, f.Root()}, err
}

// origin is the name of a journal that has entries.
func (t Tree) origin(ctx context.Context) (string, error) {
	first, err := t.leafDigests(ctx, 0, 1)
	if err != nil {
		return "", err
	}
	return Origin(first[0]), nil
}

// ProveEntry proves that an entry is among the first size.
func (t Tree) ProveEntry(ctx context.Context, seq, size uint64) (Proof, error) {
	head, err := t.Head(ctx, size)
	if err != nil {
		return Proof{}, err
	}
	if seq == 0 || seq > head.Size {
		return Proof{}, unknownEntry(seq, head.Size)
	}
	entries, err := t.Catalog.Entries(ctx, seq-1, 1)
	if err == nil && (len(entries) == 0 || entries[0].Seq != seq) {
		err = failed("entry %d is not there any more", seq)
	}
	if err != nil {
		return Proof{}, err
	}
	hashes, err := tlog.ProveRecord(int64(head.Size), int64(seq-1), t.reader(ctx))
	if err != nil {
		return Proof{}, err
	}
	return t.checked(Proof{Entry: &entries[0], Hashes: hashes, Head: head.Text()})
}

// ProveHead proves that the head over the first size entries added to that
// over the first from.
func (t Tree) ProveHead(ctx context.Context, from, size uint64) (Proof, error) {
	head, err := t.Head(ctx, size)
	if err != nil {
		return Proof{}, err
	}
	if from == 0 || from > head.Size {
		return Proof{}, unknownEntry(from, head.Size)
	}
	old, err := t.Head(ctx, from)
	if err != nil {
		return Proof{}, err
	}
	hashes, err := tlog.ProveTree(int64(head.Size), int64(from), t.reader(ctx))
	if err != nil {
		return Proof{}, err
	}
	return t.checked(Proof{From: old.Text(), Hashes: hashes, Head: head.Text()})
}

// checked hands out only proofs that hold.
func (t Tree) checked(p Proof) (Proof, error) {
	p.Format = proofFormat
	_, err := p.Check()
	return p, err
}

// reader is the tree as tlog reads it.
func (t Tree) reader(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			var err error
			if hashes[i], err = t.subtree(ctx, level, uint64(n)); err != nil {
				return nil, err
			}
		}
		return hashes, nil
	})
}

// frontier is the right edge of the tree over the first size entries.
func (t Tree) frontier(ctx context.Context, size uint64) (Frontier, error) {
	f := Frontier{size: size}
	for level := bits.Len64(size) - 1; level >= 0; level-- {
		if size>>level&1 == 0 {
			continue
		}
		h, err := t.subtree(ctx, level, size>>level-1)
		if err != nil {
			return f, err
		}
		f.parts = append(f.parts, h)
	}
	return f, nil
}

// subtree is the hash of the subtree of number n of those with 2^level leaves.
func (t Tree) subtree(ctx context.Context, level int, n uint64) (tlog.Hash, error) {
	above := level % step
	hashes, err := t.row(ctx, level-above, n<<above, 1<<above)
	if err != nil {
		return tlog.Hash{}, err
	}
	return fold(hashes), nil
}

// fold is the root of a whole tree of 2^k subtrees. It uses hashes.
func fold(hashes []tlog.Hash) tlog.Hash {
	for len(hashes) > 1 {
		for i := range len(hashes) / 2 {
			hashes[i] = tlog.NodeHash(hashes[2*i], hashes[2*i+1])
		}
		hashes = hashes[:len(hashes)/2]
	}
	return hashes[0]
}

// row returns count hashes of a level that is a multiple of step: those kept,
// the others computed from what is below.
func (t Tree) row(ctx context.Context, level int, from uint64, count int) ([]tlog.Hash, error) {
	if level == 0 {
		return t.leaves(ctx, from, count)
	}
	kept, err := t.Catalog.TreeHashes(ctx, level, from, count)
	if err != nil {
		return nil, err
	}
	hashes := make([]tlog.Hash, 0, count)
	for _, d := range kept {
		hashes = append(hashes, tlog.Hash(d))
	}
	for len(hashes) < count {
		below, err := t.row(ctx, level-step, (from+uint64(len(hashes)))<<step, 1<<step)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, fold(below))
	}
	return hashes, nil
}

func (t Tree) leaves(ctx context.Context, from uint64, count int) ([]tlog.Hash, error) {
	digests, err := t.leafDigests(ctx, from, count)
	if err != nil {
		return nil, err
	}
	hashes := make([]tlog.Hash, count)
	for i, d := range digests {
		hashes[i] = Leaf(d)
	}
	return hashes, nil
}

// leafDigests are the hashes of entries from that of number from, counted
// from 0.
func (t Tree) leafDigests(ctx context.Context, from uint64, count int) ([]sohoa.Digest, error) {
	digests, err := t.Catalog.EntryHashes(ctx, from+1, count)
	if err == nil && len(digests) != count {
		err = fmt.Errorf("entries %d to %d are not all there: %w", from+1, from+uint64(count), sohoa.ErrVerification)
	}
	return digests, err
}

// Extend keeps the hashes of subtrees that became whole since it ran last. It
// takes transactions of its own, so that Append knows nothing of the tree.
func (t Tree) Extend(ctx context.Context) error {
	size, err := t.Catalog.Head(ctx)
	if err != nil {
		return err
	}
	for level := step; size>>level > 0; level += step {
		if err := t.extendLevel(ctx, level, size>>level); err != nil {
			return fmt.Errorf("extend the journal's tree at level %d: %w", level, err)
		}
	}
	return nil
}

// extendLevel completes the first whole hashes of a level.
func (t Tree) extendLevel(ctx context.Context, level int, whole uint64) error {
	have, err := t.have(ctx, level, whole)
	if err != nil {
		return err
	}
	for have < whole {
		n := min(whole-have, extendBatch)
		digests := make([]sohoa.Digest, n)
		for i := range digests {
			below, err := t.row(ctx, level-step, (have+uint64(i))<<step, 1<<step)
			if err != nil {
				return err
			}
			digests[i] = sohoa.Digest(fold(below))
		}
		err := t.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.PutTreeHashes(level, have, digests...) })
		if err != nil {
			return err
		}
		have += n
	}
	return nil
}

// have is how many of the first whole hashes of a level are kept: they are
// kept in order, so that halving finds the first that is not.
func (t Tree) have(ctx context.Context, level int, whole uint64) (uint64, error) {
	low, high := uint64(0), whole
	for low < high {
		middle := (low + high) / 2
		kept, err := t.Catalog.TreeHashes(ctx, level, middle, 1)
		if err != nil {
			return 0, err
		}
		if len(kept) == 1 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

// rebuild computes the first size leaves' frontier from the entries alone, and
// keeps the hashes of subtrees that it comes by.
func (t Tree) rebuild(ctx context.Context, size uint64) (Frontier, error) {
	var f Frontier
	for f.size < size {
		leaves, err := t.leaves(ctx, f.size, int(min(size-f.size, 1<<(2*step))))
		if err != nil {
			return f, err
		}
		err = t.Catalog.Update(ctx, func(tx archive.Tx) error {
			g := Frontier{f.size, slices.Clone(f.parts)}
			var failed error
			for _, leaf := range leaves {
				g.Push(leaf, func(level int, n uint64, h tlog.Hash) {
					if level%step == 0 {
						failed = errors.Join(failed, tx.PutTreeHashes(level, n, sohoa.Digest(h)))
					}
				})
			}
			if failed == nil {
				f = g
			}
			return failed
		})
		if err != nil {
			return f, err
		}
	}
	return f, nil
}
