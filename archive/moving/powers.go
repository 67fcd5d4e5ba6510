package moving

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"sohoa/archive"
)

// What the store that is used can do beyond Blobs, Store can too.
var (
	_ archive.Creator  = (*Store)(nil)
	_ archive.Purger   = (*Store)(nil)
	_ archive.Retainer = (*Store)(nil)
)

// Conditional implements archive.Creator.
func (s *Store) Conditional() bool {
	c, ok := s.Now().(archive.Creator)
	return ok && c.Conditional()
}

// PutNew implements archive.Creator.
func (s *Store) PutNew(ctx context.Context, key string, r io.Reader) (info archive.BlobInfo, err error) {
	err = s.change(ctx, key, func(b Blobs) (err error) {
		if c, ok := b.(archive.Creator); ok {
			info, err = c.PutNew(ctx, key, r)
			return err
		}
		info, err = b.Put(ctx, key, r)
		return err
	})
	return info, err
}

// PutOver implements archive.Creator. A tag of the store that was used before
// is no condition for this one, whose bytes are the same: what one process
// began before the switch it may end after it.
func (s *Store) PutOver(ctx context.Context, key, tag string, r io.Reader) (info archive.BlobInfo, err error) {
	of, tag, _ := strings.Cut(tag, " ")
	err = s.change(ctx, key, func(b Blobs) (err error) {
		_, moves := s.current()
		if c, ok := b.(archive.Creator); ok && of == strconv.Itoa(moves) {
			info, err = c.PutOver(ctx, key, tag, r)
			return err
		}
		info, err = b.Put(ctx, key, r)
		return err
	})
	return info, err
}

// Purge implements archive.Purger.
func (s *Store) Purge(ctx context.Context, key string) error {
	return s.change(ctx, key, func(b Blobs) error { return archive.Purge(ctx, b, key) })
}

// PurgeAll implements archive.Purger.
func (s *Store) PurgeAll(ctx context.Context, prefix string) error {
	if err := archive.CheckFolder(prefix); err != nil {
		return err
	}
	return s.change(ctx, prefix, func(b Blobs) error { return archive.PurgeAll(ctx, b, prefix) })
}

// Retains implements archive.Retainer.
func (s *Store) Retains() bool {
	r, ok := s.Now().(archive.Retainer)
	return ok && r.Retains()
}

// Retain implements archive.Retainer. A store that is moved to gets its locks
// by the pass that renews them.
func (s *Store) Retain(ctx context.Context, key string, until time.Time) error {
	return s.retainer(func(r archive.Retainer) error { return r.Retain(ctx, key, until) })
}

// Retained implements archive.Retainer.
func (s *Store) Retained(ctx context.Context, key string) (until time.Time, err error) {
	err = s.retainer(func(r archive.Retainer) error {
		until, err = r.Retained(ctx, key)
		return err
	})
	return until, err
}

// Hold implements archive.Retainer.
func (s *Store) Hold(ctx context.Context, key string, on bool) error {
	return s.retainer(func(r archive.Retainer) error { return r.Hold(ctx, key, on) })
}

func (s *Store) retainer(do func(archive.Retainer) error) error {
	if r, ok := s.Now().(archive.Retainer); ok {
		return do(r)
	}
	return nil // it locks nothing
}
