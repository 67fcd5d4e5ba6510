// Package postgres keeps the catalogue in a PostgreSQL database (14 or newer),
// which any number of processes on any number of machines may use at once.
//
// Everything lies in the schema "sohoa" of the database that the address
// names. No extension and no superuser is needed: whoever owns the database
// may run the archive.
//
// Transactions run side by side at READ COMMITTED, and give what one writer
// at a time would give by three means:
//
//   - What Tx reads it locks until the end of the transaction: the row, for
//     Tx.CountRead the document's, and where a dossier or a user is not there,
//     its name. Whoever reads, decides and writes does so alone.
//   - Tx.Append takes one lock for the whole journal, which PostgreSQL lets go
//     of only after the commit is visible. So entries become visible in the
//     order of their numbers and without gaps, and a reader who asks for what
//     comes after the last one it saw never misses any.
//   - A transaction that PostgreSQL gives up (deadlock, serialisation), or
//     whose new row another one has just entered, is run again.
//
// A transaction that returned is durable: synchronous_commit is switched on
// where the server has it off. LISTEN needs a connection of its own, so the
// address must not lead through a pooler that shares connections between
// transactions.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"sohoa"
	"sohoa/archive"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Keys of advisory locks, which are numbers and common to a database.
const (
	lockMigrate = 0x736f686f61_01 // "sohoa", 1
	lockJournal = 0x736f686f61_02
	lockDossier = 0x736f6864 // "sohd"; the first half, the name's hash is the second
	lockUser    = 0x736f6875 // "sohu"
	lockAgency  = 0x736f6867 // "sohg"
	lockFixity  = 0x736f6866 // "sohf"

	lockSchedule = 0x736f6872 // "sohr"
	lockSaved    = 0x736f6873 // "sohs"
	lockSample   = 0x736f6870 // "sohp"
	lockPrefix   = 0x736f6878 // "sohx"
	lockAPIKey   = 0x736f686b // "sohk"
	lockAnswer   = 0x736f6861 // "soha"
)

// minConns and maxConns bound the connections of a process where the address
// does not say (pool_max_conns).
const (
	minConns = 10
	maxConns = 32
)

// Queue is the job queue that lives in the same database, so that jobs are
// added and finished in the transaction that they belong to.
type Queue interface {
	// Migrate brings the queue's tables up to date. Only one process at a
	// time is in it.
	Migrate(ctx context.Context, pool *pgxpool.Pool) error
	// Enqueue adds jobs in tx.
	Enqueue(ctx context.Context, tx pgx.Tx, jobs []archive.Job) error
	// Complete finishes, in tx, the job that ctx is the context of.
	Complete(ctx context.Context, tx pgx.Tx, job archive.RunningJob) error
}

// Catalog is an archive.Catalog in a PostgreSQL database.
type Catalog struct {
	pool  *pgxpool.Pool
	queue Queue
	now   func() time.Time
	heads *headWatch
}

var _ archive.Catalog = (*Catalog)(nil)

// Option changes how a catalogue is opened.
type Option func(*Catalog)

// WithClock replaces the clock that stamps journal entries.
func WithClock(now func() time.Time) Option { return func(c *Catalog) { c.now = now } }

// Open opens the catalogue in the database at address (a URL postgres://... or
// "key=value" words, as libpq has them) and brings its tables up to date,
// which processes that start together do one after the other. queue may be
// nil where no jobs are added. A database that does not answer is
// sohoa.ErrUnavailable, one that lets nobody in sohoa.ErrForbidden.
func Open(ctx context.Context, address string, queue Queue, opts ...Option) (*Catalog, error) {
	cfg, err := configure(address)
	if err != nil {
		return nil, err
	}
	c := &Catalog{queue: queue, now: time.Now}
	for _, o := range opts {
		o(c)
	}
	if c.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return nil, fmt.Errorf("open catalogue: %w", problem(err))
	}
	if err := c.migrate(ctx); err != nil {
		c.pool.Close()
		return nil, fmt.Errorf("open catalogue: %w", problem(err))
	}
	c.heads = newHeadWatch(c.pool)
	return c, nil
}

// configure reads an address. Its errors never show a password.
func configure(address string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "database.address", Detail: err.Error()}
	}
	if !strings.Contains(address, "pool_max_conns") {
		cfg.MaxConns = int32(min(max(minConns, 2*runtime.NumCPU()), maxConns))
	}
	params := cfg.ConnConfig.RuntimeParams
	params["search_path"] = schema
	params["timezone"] = "UTC"
	if params["application_name"] == "" {
		params["application_name"] = "sohoa"
	}
	cfg.AfterConnect = durable
	return cfg, nil
}

// schema is where all tables are.
const schema = "sohoa"

// durable makes commits of conn wait for the disk.
func durable(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false)
		WHERE current_setting('synchronous_commit') = 'off'`)
	return err
}

// migrate brings the tables up to date under a lock of their own.
func (c *Catalog) migrate(ctx context.Context) (err error) {
	conn, err := c.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, lockMigrate); err != nil {
		return err
	}
	defer func() {
		_, unlockErr := conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, lockMigrate)
		err = errors.Join(err, unlockErr)
	}()
	if _, err := conn.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+schema); err != nil {
		return err
	}
	if err := c.migrateTables(ctx); err != nil || c.queue == nil {
		return err
	}
	return c.queue.Migrate(ctx, c.pool)
}

func (c *Catalog) migrateTables(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(c.pool)
	defer db.Close() // the pool stays open
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// Close waits for transactions under way and closes the connections.
func (c *Catalog) Close() error {
	c.heads.close()
	c.pool.Close()
	return nil
}
