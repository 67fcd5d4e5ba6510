package archivetest

import (
	"context"
	"fmt"
	"io"
	"sync"

	"sohoa"
	"sohoa/archive"
)

// Mode says how a Faults fails at its change.
type Mode struct {
	After bool // the change is made, and only its answer is lost
	Stop  bool // all later operations fail too, as if the process died
}

// Modes are all modes by name.
var Modes = map[string]Mode{
	"stops before": {Stop: true},
	"stops after":  {Stop: true, After: true},
	"fails before": {},
	"fails after":  {After: true},
}

// Faults is a working store that fails at a chosen change. It has no
// archive.Copier.
type Faults struct {
	archive.Blobs
	archive.Eraser
	at   int // the change at which it fails; 0 is never; guarded by mu
	mode Mode

	mu      sync.Mutex
	changes int  // made or tried so far
	dead    bool // stopped
}

var (
	_ archive.Blobs  = (*Faults)(nil)
	_ archive.Eraser = (*Faults)(nil)

	_ archive.Creator = (*Faults)(nil)
)

// NewFaults wraps a store, which must be an archive.Eraser, so that its n-th
// change fails. With n 0 it only counts.
func NewFaults(b archive.Blobs, n int, mode Mode) *Faults {
	return &Faults{Blobs: b, Eraser: b.(archive.Eraser), at: n, mode: mode}
}

// FailAt makes the n-th change fail, counted from the first; 0 is never.
func (f *Faults) FailAt(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = n
}

// Changes counts the changes so far.
func (f *Faults) Changes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changes
}

// ErrFault is what an operation that fails returns. It is
// sohoa.ErrUnavailable.
var ErrFault = fmt.Errorf("a fault of the test: %w", sohoa.ErrUnavailable)

func (f *Faults) change(do func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return ErrFault
	}
	f.changes++
	fails := f.changes == f.at
	f.dead = fails && f.mode.Stop
	if fails && !f.mode.After {
		return ErrFault
	}
	if err := do(); err != nil {
		return err
	}
	if fails {
		return ErrFault
	}
	return nil
}

func (f *Faults) alive() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return ErrFault
	}
	return nil
}

// Put implements archive.Blobs. It is one change.
func (f *Faults) Put(ctx context.Context, key string, r io.Reader) (info archive.BlobInfo, err error) {
	err = f.change(func() error {
		info, err = f.Blobs.Put(ctx, key, r)
		return err
	})
	return info, err
}

// Conditional implements archive.Creator.
func (f *Faults) Conditional() bool {
	c, ok := f.Blobs.(archive.Creator)
	return ok && c.Conditional()
}

// PutNew implements archive.Creator. It is one change.
func (f *Faults) PutNew(ctx context.Context, key string, r io.Reader) (info archive.BlobInfo, err error) {
	err = f.change(func() error {
		info, err = f.Blobs.(archive.Creator).PutNew(ctx, key, r)
		return err
	})
	return info, err
}

// PutOver implements archive.Creator. It is one change.
func (f *Faults) PutOver(ctx context.Context, key, tag string, r io.Reader) (info archive.BlobInfo, err error) {
	err = f.change(func() error {
		info, err = f.Blobs.(archive.Creator).PutOver(ctx, key, tag, r)
		return err
	})
	return info, err
}

// Open implements archive.Blobs.
func (f *Faults) Open(ctx context.Context, key string) (archive.Blob, error) {
	if err := f.alive(); err != nil {
		return nil, err
	}
	return f.Blobs.Open(ctx, key)
}

// Remove implements archive.Eraser. It is one change.
func (f *Faults) Remove(ctx context.Context, key string) error {
	return f.change(func() error { return f.Eraser.Remove(ctx, key) })
}

// RemoveAll implements archive.Eraser. Each blob is one change, so that it
// can stop in the middle.
func (f *Faults) RemoveAll(ctx context.Context, prefix string) error {
	var keys []string
	for info, err := range f.Blobs.List(ctx, prefix) {
		if err != nil {
			return err
		}
		keys = append(keys, info.Key)
	}
	for _, key := range keys {
		if err := f.Remove(ctx, key); err != nil {
			return err
		}
	}
	return f.Eraser.RemoveAll(ctx, prefix) // folders, and the check of prefix
}
