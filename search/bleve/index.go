// Package bleve is the search index on a local disk, built on bleve.
//
// An index directory holds generations, one of which the file "current"
// names; a generation counts only once it is complete and named there, so a
// crash while one is made, or while a rebuilt one takes over, leaves the old
// one or none. One process at a time holds the directory (the file "lock").
//
// Guarantees. Apply returns after its changes and the cursor are on disk in
// one bleve batch; kill -9 at any moment leaves whole batches only. A
// generation that does not open is moved aside and an empty one takes its
// place, to be filled by following the journal from the start: the index
// holds nothing that is not kept elsewhere. Keep finds damage that leaves a
// segment readable, and what differs from the catalogue for other reasons.
package bleve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"sohoa"
	"sohoa/search"
)

// schema is the version of the terms and fields in a generation. Raise it with
// every change to them, and indexes are rebuilt; TestSchema insists.
const schema = 3

var (
	_ search.Index       = (*Index)(nil)
	_ search.CaughtUpper = (*Index)(nil)
)

// Index is an open index directory. Its methods may be called concurrently.
type Index struct {
	dir     string
	privacy search.Privacy
	unlock  func() error // guarded by writes, once others know x

	alarms chan struct{} // something went wrong that Keep should look into

	rebuilding sync.Mutex // held by Rebuild

	state  sync.Mutex    // guards health
	health search.Health // Why, Checked and Damaged only

	writes sync.Mutex     // held by Apply, CaughtUp, repairs and the end of Rebuild
	told   generationName // whose cursor was asked for last; guarded by writes
	mu     sync.RWMutex   // guards the rest; held for reading while live is used
	live   *generation    // nil once closed, and while it cannot be opened again
	name   generationName
	closed bool
}

// Open opens the index in dir, or makes an empty one, in which identity
// numbers are what privacy makes of them. Rebuilt says that there was one that
// could not be used, because it is damaged, of another schema or made with
// another key; remains of a damaged one are in dir under "damaged-", until
// the index has caught up or the next such event. An index that another
// process holds is a *sohoa.Problem of sohoa.ErrConflict, after two seconds.
func Open(dir string, privacy search.Privacy) (idx *Index, rebuilt bool, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, false, fmt.Errorf("open index: %w", err)
	}
	unlock, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, false, fmt.Errorf("open index %s: %w", dir, err)
	}
	live, why, err := openLive(dir, privacy)
	if err != nil {
		return nil, false, errors.Join(fmt.Errorf("open index %s: %w", dir, err), unlock())
	}
	name, err := current(dir)
	rebuilt = why != ""
	if err != nil {
		return nil, false, errors.Join(fmt.Errorf("open index %s: %w", dir, err), live.Close(), unlock())
	}
	x := &Index{dir: dir, privacy: privacy, unlock: unlock, name: name, told: name, alarms: make(chan struct{}, 1)}
	x.health.Why = why
	x.serve(live)
	return x, rebuilt, nil
}

// serve makes g the live generation. It needs mu, once others know x.
func (x *Index) serve(g *generation) {
	x.live = g
	alarms.Store(g.store(), x.alarmed)
}

// openLive opens the generation that is current, or puts a new one there; why
// says what was wrong with one that could not be used.
func openLive(dir string, privacy search.Privacy) (live *generation, why search.RebuildWhy, err error) {
	name, err := current(dir)
	switch {
	case err == nil && name.schema == schema:
		if live, err = openGeneration(filepath.Join(dir, name.String()), privacy); err == nil {
			clean(dir, name)
			return live, "", nil
		}
		why = search.RebuildDamaged
		if errors.Is(err, errKey) {
			why = search.RebuildKey
		}
	case err == nil:
		why = search.RebuildSchema
	case !errors.Is(err, fs.ErrNotExist):
		why = search.RebuildDamaged
	}
	if why != "" {
		slog.Warn("index cannot be used and will be rebuilt", "dir", dir, "why", why, "err", err)
	}
	discard(dir, name, why)
	fresh := name.next()
	if live, err = createGeneration(filepath.Join(dir, fresh.String()), privacy); err != nil {
		return nil, why, err
	}
	if err := setCurrent(dir, fresh); err != nil {
		return nil, why, errors.Join(err, live.Close())
	}
	return live, why, nil
}

// discard removes all generations but the remains of a damaged one. What an
// older schema or another key made may hold what must not stay.
func discard(dir string, name generationName, why search.RebuildWhy) {
	if why == search.RebuildDamaged {
		setAside(dir, name)
	}
	clean(dir, generationName{})
}

// Apply is described at search.Index. After an error the index is opened
// again as it is on disk.
func (x *Index) Apply(ctx context.Context, changes []search.Change, cursor uint64) error {
	return x.write(func(g *generation) error {
		if x.told != x.name {
			return search.ErrReplaced
		}
		return g.Apply(ctx, changes, cursor)
	})
}

// Cursor is described at search.Index. It waits for an Apply under way.
func (x *Index) Cursor(ctx context.Context) (cursor uint64, err error) {
	err = x.write(func(g *generation) error {
		cursor, err = g.Cursor(ctx)
		x.told = x.name
		return err
	})
	return cursor, err
}

// Search is described at search.Index.
func (x *Index) Search(ctx context.Context, q search.Query) (res search.Results, err error) {
	err = x.use(func(g *generation) error {
		res, err = g.Search(ctx, q)
		return err
	})
	return res, err
}

// CaughtUp notes, durably, that all of the journal has been applied.
func (x *Index) CaughtUp(ctx context.Context) error {
	return x.write(func(g *generation) error {
		if g.caughtUp.Load() || x.told != x.name {
			return nil
		}
		err := g.CaughtUp(ctx)
		if err == nil {
			dropRemains(x.dir)
		}
		return err
	})
}

// use runs f with the live generation, which stays open meanwhile.
func (x *Index) use(f func(*generation) error) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.live == nil {
		return fmt.Errorf("index %s is not open: %w", x.dir, sohoa.ErrUnavailable)
	}
	return f(x.live)
}

// write runs f, which writes to the live generation, opening that first if
// need be.
//
// A bleve batch that could not be persisted, on a full disk say, is left in
// memory with its files closed: searches would find it and panic (v2.6.1,
// scorch.Batch closes the segment that it has introduced). Therefore nothing
// of that memory is used again.
func (x *Index) write(f func(*generation) error) error {
	x.writes.Lock()
	defer x.writes.Unlock()
	if err := x.revive(); err != nil {
		return err
	}
	err := x.use(f)
	if errors.Is(err, errBatch) {
		x.drop()
		err = errors.Join(err, x.revive())
	}
	return err
}

// drop closes the live generation.
func (x *Index) drop() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.live.Close(); err != nil {
		slog.Warn("index did not close after an error", "dir", x.dir, "err", err)
	}
	x.live = nil
}

// revive opens the live generation again if drop closed it. One that turns
// out to be damaged is set aside, as at Open.
func (x *Index) revive() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.live != nil {
		return nil
	}
	if x.closed {
		return fmt.Errorf("index %s is closed: %w", x.dir, sohoa.ErrUnavailable)
	}
	live, err := openGeneration(filepath.Join(x.dir, x.name.String()), x.privacy)
	if err == nil {
		x.serve(live)
		return nil
	}
	err = fmt.Errorf("open index again: %w", err)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return err // the disk or the process is full; the index may be whole
	}
	if dirErr := x.restoreDir(); dirErr != nil {
		return errors.Join(err, dirErr)
	}
	live, why, openErr := openLive(x.dir, x.privacy)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	if x.name, openErr = current(x.dir); openErr != nil {
		return errors.Join(openErr, live.Close())
	}
	x.because(why)
	x.serve(live)
	return nil
}

// restoreDir makes the directory again, with its lock, where somebody removed
// it. It needs writes.
func (x *Index) restoreDir() error {
	path := filepath.Join(x.dir, "lock")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	slog.Warn("index directory is gone and will be made again", "dir", x.dir)
	if err := os.MkdirAll(x.dir, 0o700); err != nil {
		return err
	}
	unlock, err := lock(path)
	if err != nil {
		return err
	}
	old := x.unlock
	x.unlock = unlock
	return old()
}

// Close releases the index and its directory. A second Close does nothing.
func (x *Index) Close() error {
	x.writes.Lock()
	defer x.writes.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil
	}
	x.closed = true
	var err error
	if x.live != nil {
		err = x.live.Close()
	}
	x.live = nil
	return errors.Join(err, x.unlock())
}
