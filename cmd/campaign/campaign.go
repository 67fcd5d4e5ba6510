package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/localfs"
	"sohoa/archive/postgres"
	"sohoa/archive/sqlite"
	"sohoa/ingest"
	"sohoa/ingest/queue"
)

// campaign is one run.
type campaign struct {
	o      options
	dir    string
	base   string // address of the server
	clock  *clock
	office *office
	ledger *ledger
	server *server
	report *report

	data    string                // folder of the server
	disk    *disk                 // on which data is; nil without root
	gateway *gateway              // nil with local files
	pg      *archivetest.Postgres // nil with SQLite
	second  *secondCopy           // nil where the program has none

	quiet    sync.RWMutex // read by each act of the workload, written by who wants none
	faults   sync.WaitGroup
	failed   context.CancelCauseFunc
	memory   atomic.Int64 // the most that the server had since the last check, bytes
	lookFrom atomic.Int64 // the first item of the ledger that may not be settled
	closers  []func() error
}

// Sizes of the disks: sparse files.
const (
	dataDiskBytes   = 8 << 30
	secondDiskBytes = 8 << 30
)

// newCampaign makes everything that the server needs, and starts it.
func newCampaign(ctx context.Context, o options, dir string) (c *campaign, err error) {
	c = &campaign{o: o, dir: dir, data: filepath.Join(dir, "data"), report: newReport(o)}
	steps := []func(context.Context) error{c.openBooks, c.openDisks, c.openStores, c.openOffice, c.launch}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c *campaign) openBooks(context.Context) (err error) {
	if c.clock, err = newClock(filepath.Join(c.dir, "clock")); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(c.dir, "campaign.log"))
	if err != nil {
		return err
	}
	c.report.log = log
	c.ledger, err = newLedger(filepath.Join(c.dir, "ledger.jsonl"))
	return err
}

// openDisks mounts a disk of its own for the data folder, and one for the
// second copy.
func (c *campaign) openDisks(context.Context) (err error) {
	if err := os.MkdirAll(c.data, 0o755); err != nil {
		return err
	}
	switch {
	case c.o.Bench: // on the disk that there is
	case os.Getuid() != 0:
		c.report.LeftOut = append(c.report.LeftOut, "disks (needs root)")
	default:
		d, err := newDisk(filepath.Join(c.dir, "data.img"), c.data, dataDiskBytes)
		if err != nil {
			c.report.LeftOut = append(c.report.LeftOut, fmt.Sprintf("disks (%v)", err))
			break
		}
		c.disk = d
		c.closers = append(c.closers, c.disk.unmount)
	}
	// The renderer in compiled form; it takes ten seconds to make.
	cache := filepath.Join(os.TempDir(), "sohoa-test-pdfium")
	return errors.Join(os.MkdirAll(cache, 0o755), os.Symlink(cache, filepath.Join(c.data, "cache")))
}

func (c *campaign) openStores(ctx context.Context) (err error) {
	if c.o.Store == "s3" {
		if c.gateway, err = newGateway(ctx, filepath.Join(c.dir, "bucket")); err != nil {
			return err
		}
		c.closers = append(c.closers, func() error { c.gateway.kill(); return nil })
	}
	if c.o.Database == "postgres" {
		return c.openPostgres(ctx)
	}
	return nil
}

// openPostgres starts a database server with an empty database.
func (c *campaign) openPostgres(ctx context.Context) (err error) {
	dir := filepath.Join(c.dir, "pg")
	// Whoever runs it has to reach it.
	if err := errors.Join(os.Mkdir(dir, 0o755), os.Chmod(c.dir, 0o755)); err != nil {
		return err
	}
	if c.pg, err = archivetest.NewPostgres(ctx, dir); err != nil {
		return err
	}
	c.closers = append(c.closers, c.pg.Down)
	return c.pg.Create(ctx, "campaign")
}

// openOffice makes the keys and enters the office into the catalogue.
func (c *campaign) openOffice(ctx context.Context) (err error) {
	if c.office, err = newOffice(filepath.Join(c.dir, "keys"), c.clock); err != nil {
		return err
	}
	c.closers = append(c.closers, c.office.server.Close)
	catalog, done, err := c.catalog(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.office.furnish(ctx, catalog, c.clock), done())
}

// launch builds and starts the server, and lets people in.
func (c *campaign) launch(ctx context.Context) error {
	exe := c.o.Program
	if exe == "" {
		exe = filepath.Join(c.dir, "sohoa")
		var args []string
		if !c.o.NoClock {
			overlay, err := withClock(ctx, c.dir)
			if err != nil {
				return err
			}
			args = []string{"-overlay", overlay}
		}
		if err := build(ctx, exe, args...); err != nil {
			return err
		}
	}
	if c.o.NoClock {
		c.report.LeftOut = append(c.report.LeftOut, "clock (built without)")
	}
	if err := c.openSecond(exe); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(c.dir, "server.log"))
	if err != nil {
		return err
	}
	address := freeAddress()
	c.base = "http://" + address
	c.server = supervise(exe, []string{"serve", "--listen", address}, c.environment(), log)
	c.closers = append(c.closers, func() error { c.server.close(); return log.Close() })
	if err := c.server.start(ctx); err != nil {
		return err
	}
	catalog, done, err := c.catalog(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.office.open(ctx, catalog, c.base), done())
}

// environment is the server's.
func (c *campaign) environment() []string {
	env := append(os.Environ(), "SOHOA_DATA="+c.data)
	env = append(env, c.office.settings()...)
	if !c.o.NoClock {
		env = append(env, clockVariable+"="+filepath.Join(c.dir, "clock"))
	}
	if c.gateway != nil {
		env = append(env, c.gateway.settings()...)
	}
	if c.pg != nil {
		env = append(env, "SOHOA_DATABASE="+c.pg.Address("campaign"))
	}
	if c.second != nil {
		env = append(env, c.second.settings()...)
	}
	return env
}

// catalog opens the catalogue beside the server. done closes it.
func (c *campaign) catalog(ctx context.Context) (catalog archive.Catalog, done func() error, err error) {
	if c.pg != nil {
		p, err := postgres.Open(ctx, c.pg.Address("campaign"), queue.NewPostgres(discard))
		if err != nil {
			return nil, nil, err
		}
		return p, p.Close, nil
	}
	s, err := sqlite.Open(ctx, filepath.Join(c.data, "sohoa.db"), queue.New(discard))
	if err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}

// blobs opens the object store beside the server, past all faults.
func (c *campaign) blobs(ctx context.Context) (store ingest.Store, done func() error, err error) {
	if c.gateway != nil {
		s, err := c.gateway.open(ctx)
		return s, func() error { return nil }, err
	}
	s, err := localfs.Open(filepath.Join(c.data, "objects"))
	if err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}

// run injects faults and checks, until all are injected or something is
// violated.
func (c *campaign) run(ctx context.Context) error {
	ctx, c.failed = context.WithCancelCause(ctx)
	defer c.failed(nil)
	work, stop := context.WithCancel(ctx)
	var workload sync.WaitGroup
	defer workload.Wait()
	defer stop()
	c.startWorkload(work, &workload)
	err := c.inject(ctx)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	return err
}

// inject injects all faults, with a check after every so many and at the end.
func (c *campaign) inject(ctx context.Context) error {
	random := rand.New(rand.NewPCG(c.o.Seed, 1))
	kinds, err := c.kinds()
	if err != nil {
		return err
	}
	for n := 1; n <= c.o.Faults; n++ {
		if err := wait(ctx, time.Duration(random.ExpFloat64()*float64(c.o.Pace))); err != nil {
			return err
		}
		late := c.o.Time > 0 && time.Since(c.report.Started) > c.o.Time
		if !late {
			c.strike(ctx, n, kinds, random)
		}
		if late || n == c.o.Faults {
			return c.check(ctx, true)
		}
		if n%c.o.Every == 0 {
			if err := c.check(ctx, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// wait waits for d, or for the end of ctx.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// close ends everything. A violation leaves the disks as they are, in their
// files.
func (c *campaign) close() error {
	c.faults.Wait()
	var errs []error
	for i := len(c.closers) - 1; i >= 0; i-- {
		errs = append(errs, c.closers[i]())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("end the campaign: %w", err)
	}
	return nil
}
