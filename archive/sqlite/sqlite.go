// Package sqlite keeps the catalogue in one SQLite file.
//
// It opens the file in write-ahead mode with full synchronisation, so that a
// transaction that returned is durable, and lets other processes on the same
// machine use it too. There is one connection that writes, shared with the
// job queue, and several that read.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"runtime"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"sohoa"
	"sohoa/archive"
)

//go:embed migrations/*.sql
var migrations embed.FS

// busyTimeout is how long a connection waits for another process's write.
const busyTimeout = 20 * time.Second

// Queue is the job queue that lives in the same file, so that jobs are added
// and finished in the transaction that they belong to.
type Queue interface {
	// Migrate brings the queue's tables up to date.
	Migrate(ctx context.Context, db *sql.DB) error
	// Enqueue adds jobs in tx.
	Enqueue(ctx context.Context, tx *sql.Tx, jobs []archive.Job) error
	// Complete finishes, in tx, the job that ctx is the context of.
	Complete(ctx context.Context, tx *sql.Tx, job archive.RunningJob) error
}

// Catalog is an archive.Catalog in an SQLite file.
type Catalog struct {
	write *sql.DB // one connection
	read  *sql.DB
	queue Queue
	now   func() time.Time
	heads headWatch
}

var _ archive.Catalog = (*Catalog)(nil)

// Option changes how a catalogue is opened.
type Option func(*Catalog)

// WithClock replaces the clock that stamps journal entries.
func WithClock(now func() time.Time) Option { return func(c *Catalog) { c.now = now } }

// Open opens the catalogue at path, makes it if it is not there, and brings
// its tables up to date. queue may be nil where no jobs are added.
func Open(ctx context.Context, path string, queue Queue, opts ...Option) (*Catalog, error) {
	c := &Catalog{queue: queue, now: time.Now, heads: headWatch{changed: make(chan struct{})}}
	for _, o := range opts {
		o(c)
	}
	var err error
	if c.write, err = open(path, "&_txlock=immediate"); err != nil {
		return nil, fmt.Errorf("open catalogue %s: %w", path, err)
	}
	c.write.SetMaxOpenConns(1)
	if err := c.migrate(ctx); err != nil {
		c.write.Close()
		return nil, fmt.Errorf("open catalogue %s: %w", path, problem(err))
	}
	if c.read, err = open(path, "&_pragma=query_only(1)"); err != nil {
		c.write.Close()
		return nil, fmt.Errorf("open catalogue %s: %w", path, err)
	}
	c.read.SetMaxOpenConns(2*runtime.NumCPU() + 2)
	return c, nil
}

func open(path, more string) (*sql.DB, error) {
	dsn := "file:" + url.PathEscape(path) +
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" +
		fmt.Sprintf("&_pragma=busy_timeout(%d)", busyTimeout.Milliseconds()) + more
	return sql.Open("sqlite", dsn)
}

func (c *Catalog) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, c.write, dir)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	if c.queue == nil {
		return nil
	}
	return c.queue.Migrate(ctx, c.write)
}

// DB is the writing connection, for the job queue that shares the file.
func (c *Catalog) DB() *sql.DB { return c.write }

// Close waits for transactions under way and closes the file.
func (c *Catalog) Close() error {
	return errors.Join(c.read.Close(), c.write.Close())
}

// Update implements archive.Catalog. Transactions of one process run one
// after the other.
func (c *Catalog) Update(ctx context.Context, f func(archive.Tx) error) error {
	t, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin catalogue transaction: %w", problem(err))
	}
	defer t.Rollback() // after Commit it does nothing
	tx := &tx{ctx: ctx, sql: t, queue: c.queue, now: c.now}
	if err := f(tx); err != nil {
		return problem(err)
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit catalogue transaction: %w", problem(err))
	}
	if tx.head > 0 {
		c.heads.advance(tx.head)
	}
	return nil
}

// problem gives SQLite's errors the kinds that callers act on.
func problem(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.full", Detail: err.Error()}
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR:
		return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "database.unavailable", Detail: err.Error()}
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "data.unwritable", Args: []string{"catalogue"}, Detail: err.Error()}
	}
	return err
}

// headWatch tells waiters about new journal entries.
type headWatch struct {
	mu      sync.Mutex
	seq     uint64
	changed chan struct{} // closed and replaced when seq grows
}

func (h *headWatch) advance(seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq > h.seq {
		h.seq = seq
		close(h.changed)
		h.changed = make(chan struct{})
	}
}

// state returns the newest known sequence number and a channel that is
// closed when it grows.
func (h *headWatch) state() (uint64, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seq, h.changed
}

// micros is t as it is stored; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the inverse of micros.
func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
