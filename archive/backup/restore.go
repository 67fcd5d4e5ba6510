package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/durable"
)

// Restored counts what Restore did.
type Restored struct {
	Files   int64
	Bytes   int64
	Present int64 // of Files, those that an earlier, interrupted run had restored
}

// Restoring says where a snapshot goes.
type Restoring struct {
	Objects  archive.Blobs
	Damaged  func(Damage)   // a file that the repository lacks or has damaged; it is not restored
	Progress func(Restored) // optional
}

// Restore writes the object store of a snapshot. Every file is verified while
// it is written; what is there already is read, and replaced where it differs.
// It goes on after damage of the repository. It may be cut off and done again.
func (r *Repository) Restore(ctx context.Context, s Snapshot, to Restoring) (Restored, error) {
	var done Restored
	var mu sync.Mutex // guards to.Damaged, which is called by several at once
	damaged := func(d Damage) {
		mu.Lock()
		defer mu.Unlock()
		to.Damaged(d)
	}
	err := ordered(ctx, r.readable(ctx, s, damaged), func(ctx context.Context, e Entry) (Restored, error) {
		present, err := r.restore(ctx, e, to.Objects)
		if errors.Is(err, sohoa.ErrVerification) {
			damaged(Damage{e.Key, err})
			return Restored{}, nil
		}
		one := Restored{Files: 1, Bytes: e.Size}
		if present {
			one.Present = 1
		}
		return one, err
	}, func(one Restored) error {
		done.Files, done.Bytes, done.Present = done.Files+one.Files, done.Bytes+one.Bytes, done.Present+one.Present
		if to.Progress != nil {
			to.Progress(done)
		}
		return nil
	})
	if err != nil {
		return done, fmt.Errorf("restore objects: %w", err)
	}
	return done, nil
}

// readable yields the entries of a snapshot, and goes on after lists that are
// damaged.
func (r *Repository) readable(ctx context.Context, s Snapshot, damaged func(Damage)) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, l := range s.Lists {
			for e, err := range r.list(ctx, l) {
				if errors.Is(err, sohoa.ErrVerification) {
					damaged(Damage{l.Folder, err})
					break
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
}

func (r *Repository) restore(ctx context.Context, e Entry, to archive.Blobs) (present bool, err error) {
	there, err := to.Stat(ctx, e.Key)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return false, err
	}
	if err == nil && there.Size == e.Size {
		d, _, err := archive.DigestOf(ctx, to, e.Key)
		if err == nil && d == e.Digest {
			return true, nil
		}
	}
	f, err := r.open(ctx, e.Digest)
	if err != nil {
		return false, err
	}
	_, err = to.Put(ctx, e.Key, f)
	return false, errors.Join(err, f.Close())
}

// Extract writes a file of the repository to name, in place of what is there,
// durably. It is verified.
func (r *Repository) Extract(ctx context.Context, d sohoa.Digest, name string) (err error) {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer root.Close()
	base := filepath.Base(name)
	temp := base + ".restoring"
	if err := root.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	src, err := r.open(ctx, d)
	if err != nil {
		return err
	}
	defer src.Close()
	f, err := durable.Create(root, temp)
	if err != nil {
		return err
	}
	defer f.Abort() // nothing to do after Commit
	if _, err := io.Copy(f, src); err != nil {
		return fmt.Errorf("restore %s: %w", name, err)
	}
	return f.Commit(base)
}

// Compare reads every file of a snapshot in an object store and calls each for
// those that are missing or differ.
func (r *Repository) Compare(ctx context.Context, s Snapshot, blobs archive.Blobs, each func(Damage)) error {
	var mu sync.Mutex
	report := func(key string, err error) {
		mu.Lock()
		defer mu.Unlock()
		each(Damage{key, err})
	}
	return ordered(ctx, r.entries(ctx, s, anyList), func(ctx context.Context, e Entry) (struct{}, error) {
		d, _, err := archive.DigestOf(ctx, blobs, e.Key)
		switch {
		case errors.Is(err, sohoa.ErrNotExist):
			report(e.Key, problem(sohoa.ErrVerification, "store.missing", e.Key))
		case errors.Is(err, sohoa.ErrVerification), err == nil && d != e.Digest:
			report(e.Key, problem(sohoa.ErrVerification, "store.changed", e.Key))
		case err != nil:
			return struct{}{}, err
		}
		return struct{}{}, nil
	}, func(struct{}) error { return nil })
}
