package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"sohoa"
	"sohoa/archive/moving"
	"sohoa/ingest"
)

// storeLock is a file of the data folder on which every process that has the
// object store open has a shared lock, and which is locked alone for the
// switch to another store.
const storeLock = "store.lock"

// place is an object store as settings name it.
type place struct {
	set  settings // with Store and S3 of the place
	note moving.Note
}

// target is the place that settings name for a store.
func target(set *settings, store string) place {
	p := place{set: *set}
	p.set.Store = store
	p.note = moving.Note{To: "local", Settings: "store = \"local\"", Time: time.Now().UTC().Truncate(time.Second)}
	if store == "s3" {
		p.note.To = fmt.Sprintf("s3 %s/%s/%s", set.S3Endpoint, set.S3Bucket, set.S3Prefix)
		p.note.Settings = fmt.Sprintf("store = \"s3\", s3_endpoint = %q, s3_bucket = %q, s3_prefix = %q", set.S3Endpoint, set.S3Bucket, set.S3Prefix)
	}
	return p
}

// openMovable opens the configured object store so that it can be moved. One
// that was moved away, or is not whole yet, is refused.
func (a *app) openMovable(ctx context.Context) (ingest.Store, error) {
	store, err := a.openBlobs(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.shareStore(); err != nil {
		return nil, err
	}
	if !a.migrating {
		if err := moving.Check(ctx, store); err != nil {
			return nil, err
		}
	}
	a.movable = moving.New(store)
	return a.movable, nil
}

// shareStore takes the shared lock until Close.
func (a *app) shareStore() error {
	f, err := os.OpenFile(a.path(storeLock), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return unwritable(a.set.Data, err)
	}
	for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH)
	}
	a.shared, a.closers = f, append(a.closers, f.Close)
	return err
}

// aloneWithStore waits until no other process has the object store open. Those
// that come meanwhile wait until done.
func (a *app) aloneWithStore(ctx context.Context) (done func(), err error) {
	lock := func(how int) error { return syscall.Flock(int(a.shared.Fd()), how) }
	tick := time.NewTicker(lockPause)
	defer tick.Stop()
	for {
		err := lock(syscall.LOCK_EX | syscall.LOCK_NB)
		if err == nil {
			return func() { _ = lock(syscall.LOCK_SH) }, nil // a lock that one has is never refused
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), lock(syscall.LOCK_SH))
		}
	}
}

// storeNow is where the object store is at this moment.
func (a *app) storeNow() place {
	if moved := a.at.Load(); moved != nil {
		return *moved
	}
	return target(a.set, a.set.Store)
}

// move moves the object store to another place. Where the database is shared,
// nobody may be working: a process on another machine would not notice.
func (a *app) move(ctx context.Context, to place, rate float64, show func(moving.Progress)) error {
	from := a.storeNow()
	if to.set.Store == from.set.Store {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "move.same"}
	}
	if q, ok := a.queue.(interface {
		Working(context.Context) (int, error)
	}); ok {
		n, err := q.Working(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "move.shared", Args: []string{strconv.Itoa(n)}}
		}
	}
	other := &app{set: &to.set, log: a.log}
	store, err := other.openBlobs(ctx)
	if err != nil {
		return err
	}
	done, err := moving.Finish(ctx, a.movable.Now(), store, to.note.To)
	if err == nil && !done {
		err = moving.Check(ctx, a.movable.Now())
	}
	if err == nil && !done {
		err = a.movable.Move(ctx, moving.Plan{To: store, From: from.note.To, Note: to.note,
			Rate: int64(rate * 1e6), Alone: a.aloneWithStore, Progress: show})
	}
	if a.movable.Now() == moving.Blobs(store) {
		a.at.Store(&to)
		a.closers = append(a.closers, other.Close)
		return err
	}
	return errors.Join(err, other.Close())
}

// moveState is the moving that a process does.
type moveState struct {
	mu   sync.Mutex
	busy bool            // guarded by mu
	done moving.Progress // guarded by mu
}

// progress tells how far it is.
func (m *moveState) progress(*http.Request) (any, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done, nil
}

func (m *moveState) note(p moving.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = p
}

// answerMove moves the object store as another process asks. It ends when
// that one does.
func (e *engine) answerMove(r *http.Request) (any, error) {
	e.moves.mu.Lock()
	busy := e.moves.busy
	e.moves.busy = true
	e.moves.mu.Unlock()
	if busy {
		return nil, &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "move.running"}
	}
	defer func() {
		e.moves.mu.Lock()
		defer e.moves.mu.Unlock()
		e.moves.busy = false
	}()
	set := *e.set
	if err := json.Unmarshal([]byte(r.FormValue("s3")), &set.s3Settings); err != nil {
		return nil, err
	}
	rate, _ := strconv.ParseFloat(r.FormValue("rate"), 64) // 0 is no bound
	to := target(&set, r.FormValue("to"))
	if err := e.move(r.Context(), to, rate, e.moves.note); err != nil {
		return nil, err
	}
	e.log.Warn("the object store was moved; change the settings before the next start", "to", to.note.To, "settings", to.note.Settings)
	return struct{}{}, nil
}
