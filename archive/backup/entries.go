package backup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"sohoa"
	"sohoa/archive"
)

// entries yields what the lists of a snapshot for which keep holds say, in
// their order. It ends after the first error.
func (r *Repository) entries(ctx context.Context, s Snapshot, keep func(List) bool) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, l := range s.Lists {
			if !keep(l) {
				continue
			}
			for e, err := range r.list(ctx, l) {
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
}

func anyList(List) bool { return true }

// list yields the lines of a list, which is verified before the first of them
// is relied on.
func (r *Repository) list(ctx context.Context, l List) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		f, err := r.open(ctx, l.Digest)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		b, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			yield(Entry{}, err)
			return
		}
		for line := range bytes.Lines(b) {
			e, err := parseEntry(line)
			if err != nil {
				err = fmt.Errorf("list of %s: %w", l.Folder, err)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// parseEntry reads a line of a list.
func parseEntry(line []byte) (e Entry, err error) {
	if err := json.Unmarshal(line, &e); err != nil {
		return e, fmt.Errorf("%w: %w", sohoa.ErrVerification, err)
	}
	if err := archive.CheckKey(e.Key); err != nil || e.Digest.IsZero() || e.Size < 0 {
		return e, fmt.Errorf("%q is no entry: %w", e.Key, errors.Join(sohoa.ErrVerification, err))
	}
	return e, nil
}
