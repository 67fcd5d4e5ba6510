package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
	"sohoa/archive/vault"
)

// How often a Keeper does what it does.
const (
	flushPause = 2 * time.Second  // after an entry, for others that come with it
	dailyEvery = time.Minute      // a look at the clock
	leaseTime  = 2 * time.Minute  // after which another process takes over
	idlePause  = 20 * time.Second // between looks whether it is our turn
	lastFlush  = 5 * time.Second  // of the time that stopping has
)

// leaseName is what only one process does.
const leaseName = "journal"

// system is the actor of what nobody asked for in person.
const system = "system"

// Store is what a Keeper needs of the object store.
type Store interface {
	archive.Blobs
	archive.Eraser
}

// Stamper gets timestamps. signing.TSA is one.
type Stamper interface {
	// Stamp returns an RFC 3161 token over a SHA-256, which it checked.
	Stamp(ctx context.Context, digest []byte) (token []byte, err error)
}

// Judge checks that an RFC 3161 token is over text and by an authority that
// is trusted, and returns the time that it states.
type Judge func(token, text []byte) (time.Time, error)

// Config is what a Keeper is made of. Every field without "optional" must be
// set.
type Config struct {
	Catalog archive.Catalog
	Blobs   Store
	Vault   *vault.Store // optional: what Blobs stands on, where it is not the store that Root is in
	Root    *ocfl.Store
	Stamper Stamper                              // optional; without it heads have no timestamps, and say so
	Judge   Judge                                // optional; without it timestamps are not counted as proof
	Copy    func(context.Context, ocfl.ID) error // optional: brings an object into the second copy
	Log     *slog.Logger                         // optional
	Now     func() time.Time                     // optional; the clock
}

// Keeper keeps the journal in the storage root. Its methods are safe for
// concurrent use; of several processes on one catalogue Run lets one work.
type Keeper struct {
	Config
	Tree Tree

	holder string // of the lease

	mu      sync.Mutex  // over what follows, and over writing the tail
	begun   bool        // written is right
	written sohoa.Entry // the newest entry that the tail, or a day's object, has
	shown   string      // the newest trouble that was noted

	days sync.Mutex            // over what follows, and over heads
	open []archive.JournalHead // heads that wait for something; nil is unknown
}

// New makes a keeper.
func New(cfg Config) *Keeper {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Keeper{Config: cfg, Tree: Tree{Catalog: cfg.Catalog}, holder: sohoa.NewDocumentID(cfg.Now()).String()}
}

// Run keeps the journal until ctx ends: entries go to the tail within seconds,
// heads are made once a day. What fails is logged, noted for the page of the
// journal, and tried again.
func (k *Keeper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := k.turn(ctx); err != nil && ctx.Err() == nil {
			k.trouble(ctx, err)
		}
		sleep(ctx, idlePause)
	}
	return ctx.Err()
}

// turn works for as long as this process has the lease.
func (k *Keeper) turn(ctx context.Context) error {
	ok, err := k.lease(ctx, leaseTime)
	if err != nil || !ok {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), idlePause)
		defer cancel()
		if _, err := k.lease(last, 0); err != nil {
			k.Log.Debug("the journal's lease was left to run out", "err", err)
		}
	}()
	defer k.flushLast(ctx)
	g, work := errgroup.WithContext(ctx)
	g.Go(func() error { return k.renew(work) })
	g.Go(func() error { return k.follow(work) })
	g.Go(func() error { return k.calendar(work) })
	return g.Wait()
}

// flushLast stores what was appended while the program was told to stop.
func (k *Keeper) flushLast(ctx context.Context) {
	if ctx.Err() == nil {
		return // the lease is lost, or flushing failed
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
	defer cancel()
	if err := k.Flush(ctx); err != nil {
		k.Log.Warn("the newest entries of the journal wait for the next start", "err", err)
	}
}

func (k *Keeper) lease(ctx context.Context, d time.Duration) (ok bool, err error) {
	err = k.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		ok, err = tx.Lease(leaseName, k.holder, d)
		return err
	})
	return ok, err
}

var errLost = errors.New("another process keeps the journal now")

// renew ends with an error in time before the lease does.
func (k *Keeper) renew(ctx context.Context) error {
	for {
		sleep(ctx, leaseTime/4)
		attempt, cancel := context.WithTimeout(ctx, leaseTime/4)
		ok, err := k.lease(attempt, leaseTime)
		cancel()
		if err != nil || !ok {
			return errors.Join(errLost, err)
		}
	}
}

// follow brings entries to the tail as they come.
func (k *Keeper) follow(ctx context.Context) error {
	for {
		after, err := k.flush(ctx)
		if err != nil {
			return err
		}
		if err := k.Catalog.Wait(ctx, after); err != nil {
			return err
		}
		sleep(ctx, flushPause)
	}
}

// calendar makes heads. It is apart from follow, since a timestamp authority
// may take minutes.
func (k *Keeper) calendar(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := k.Daily(ctx); err != nil && ctx.Err() == nil {
			k.trouble(ctx, err)
		}
		sleep(ctx, dailyEvery)
	}
	return ctx.Err()
}

// trouble logs an error. One that says that the journal is not what it was is
// noted as the newest check too, once, so that people see it.
func (k *Keeper) trouble(ctx context.Context, err error) {
	if errors.Is(err, errLost) {
		k.Log.Info("journal", "err", err)
		return
	}
	k.Log.Error("keeping the journal failed, will be tried again", "err", err)
	k.mu.Lock()
	defer k.mu.Unlock()
	if !errors.Is(err, sohoa.ErrVerification) && !errors.Is(err, sohoa.ErrConflict) || k.shown == err.Error() {
		return
	}
	size, _ := k.Catalog.Head(ctx) // 0 where it is unknown
	check := archive.JournalCheck{At: k.Now().UTC(), By: system, Size: size,
		Findings: []archive.JournalFinding{{Code: findingKeeping, Detail: err.Error()}}}
	err2 := k.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.PutJournalCheck(check) })
	if err2 != nil {
		k.Log.Error("noting it failed too", "err", err2)
		return
	}
	k.shown = err.Error()
}

// other is the Problem of a storage root that has another journal than the
// catalogue.
func other(format string, args ...any) error {
	return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "journal.other", Detail: fmt.Sprintf(format, args...)}
}

// sleep waits for d or for ctx.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
