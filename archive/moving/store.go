// Package moving moves an object store into another one while it is used.
//
// Store stands before the store that an archive uses. Move copies what is
// there into another store, then what changed meanwhile, and then switches:
// from that moment on the new store is read and written. Until then the old
// one is the whole truth; what is cut off before leaves it as it was, and
// Move goes on where it was when it is called again.
//
// What changes while Move copies goes to the old store first, as always, and
// its key is remembered; no writer waits for the new store. The switch holds
// writers up for as long as the last few keys take. A change that began before
// the switch and ends after it is brought over before it is acknowledged.
//
// Two notes guard against mistakes (docs/format.md): MovingKey in the new
// store as long as it is not whole, and MovedKey in the old one from the switch
// on. Check refuses a store that has either. Nothing in the old store is
// removed.
package moving

import (
	"context"
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"
	"sync"

	"sohoa"
	"sohoa/archive"
)

// Blobs is what can be moved.
type Blobs interface {
	archive.Blobs
	archive.Eraser
}

// Store is an object store that can be moved while it is used. Its methods are
// safe for concurrent use.
type Store struct {
	mu      sync.RWMutex // held for reading while a change is entered, for writing by the switch
	now     Blobs        // guarded by mu: what is read and written
	moves   int          // guarded by mu: how often that changed
	dirtyMu sync.Mutex
	dirty   map[string]bool // guarded by dirtyMu: keys, and prefixes with a slash, that changed; nil if nobody moves
}

var (
	_ archive.Blobs  = (*Store)(nil)
	_ archive.Eraser = (*Store)(nil)
	_ archive.Copier = (*Store)(nil)
)

// New makes a Store of the one that an archive uses.
func New(b Blobs) *Store { return &Store{now: b} }

// Now is the store that is read and written at this moment.
func (s *Store) Now() Blobs {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now
}

// change makes a change to the store that is used, and sees to it that it is
// in the other one too, if there is one by then.
func (s *Store) change(ctx context.Context, key string, do func(Blobs) error) error {
	in := s.Now()
	err := do(in)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.now == in {
		s.mark(key)
		return err
	}
	// It was switched meanwhile. What failed may be there all the same.
	return errors.Join(err, bring(ctx, in, s.now, key))
}

// mark remembers that a key changed. Also what failed may be there.
func (s *Store) mark(key string) {
	s.dirtyMu.Lock()
	defer s.dirtyMu.Unlock()
	if s.dirty != nil {
		s.dirty[key] = true
	}
}

// take returns what changed since it was called last.
func (s *Store) take() []string {
	s.dirtyMu.Lock()
	defer s.dirtyMu.Unlock()
	var keys []string
	for key := range s.dirty {
		keys = append(keys, key)
	}
	if s.dirty != nil {
		s.dirty = map[string]bool{}
	}
	return keys
}

// watch begins, or ends, to remember changes.
func (s *Store) watch(on bool) {
	s.dirtyMu.Lock()
	defer s.dirtyMu.Unlock()
	s.dirty = nil
	if on {
		s.dirty = map[string]bool{}
	}
}

// Put implements archive.Blobs.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) (info archive.BlobInfo, err error) {
	err = s.change(ctx, key, func(b Blobs) (err error) {
		info, err = b.Put(ctx, key, r)
		return err
	})
	return info, err
}

// Copy implements archive.Copier, also for a store that cannot.
func (s *Store) Copy(ctx context.Context, dst, src string) error {
	return s.change(ctx, dst, func(b Blobs) error {
		if c, ok := b.(archive.Copier); ok {
			return c.Copy(ctx, dst, src)
		}
		from, err := b.Open(ctx, src)
		if err != nil {
			return err
		}
		_, err = b.Put(ctx, dst, from)
		return errors.Join(err, from.Close())
	})
}

// Remove implements archive.Eraser.
func (s *Store) Remove(ctx context.Context, key string) error {
	return s.change(ctx, key, func(b Blobs) error { return b.Remove(ctx, key) })
}

// RemoveAll implements archive.Eraser.
func (s *Store) RemoveAll(ctx context.Context, prefix string) error {
	if err := archive.CheckFolder(prefix); err != nil {
		return err
	}
	return s.change(ctx, prefix, func(b Blobs) error { return b.RemoveAll(ctx, prefix) })
}

// Open implements archive.Blobs.
func (s *Store) Open(ctx context.Context, key string) (archive.Blob, error) {
	return s.Now().Open(ctx, key)
}

// Stat implements archive.Blobs. A tag is one of the store that is used now.
func (s *Store) Stat(ctx context.Context, key string) (archive.BlobInfo, error) {
	in, moves := s.current()
	info, err := in.Stat(ctx, key)
	if info.Tag != "" {
		info.Tag = strconv.Itoa(moves) + " " + info.Tag
	}
	return info, err
}

// current is Now, and how many stores were used before it.
func (s *Store) current() (Blobs, int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now, s.moves
}

// List implements archive.Blobs.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[archive.BlobInfo, error] {
	return func(yield func(archive.BlobInfo, error) bool) {
		for info, err := range s.Now().List(ctx, prefix) {
			if err == nil && isNote(info.Key) {
				continue
			}
			if !yield(info, err) {
				return
			}
		}
	}
}

// bring makes a key, or all below a prefix with a slash, in one store what it
// is in another.
func bring(ctx context.Context, from, to Blobs, key string) error {
	if !strings.HasSuffix(key, "/") {
		return bringKey(ctx, from, to, key)
	}
	for info, err := range to.List(ctx, key) {
		if err == nil {
			err = bringKey(ctx, from, to, info.Key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bringTries bounds how often a key may change while it is copied.
const bringTries = 5

// bringKey copies a key, and reads the copy back; or removes it. It tries again
// where the key changed while it was read.
func bringKey(ctx context.Context, from, to Blobs, key string) (err error) {
	for range bringTries {
		err = bringOnce(ctx, from, to, key)
		if err == nil || ctx.Err() != nil || !errors.Is(err, sohoa.ErrVerification) && !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
	}
	return err
}

func bringOnce(ctx context.Context, from, to Blobs, key string) error {
	src, err := from.Open(ctx, key)
	if errors.Is(err, sohoa.ErrNotExist) {
		if err := to.Remove(ctx, key); !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		return nil
	}
	if err != nil {
		return err
	}
	info, err := to.Put(ctx, key, src)
	if err := errors.Join(err, src.Close()); err != nil {
		return err
	}
	return readBack(ctx, to, info)
}
