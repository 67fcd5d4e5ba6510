package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"sohoa"
	"sohoa/archive"
)

// defaultLease is how long a process that is not heard of is waited for.
const defaultLease = 30 * time.Second

// slowPoll is how often the queues in PostgreSQL are looked at should a notice
// of a new job be lost.
const slowPoll = time.Second

// Postgres is the job queue of a catalogue in PostgreSQL. It implements
// postgres.Queue. Any number of processes may Run it on one database.
//
// A process that works holds a lease, which it renews ten times as often as
// it would run out. Jobs of a process whose lease has run out are taken up by
// the others, under a new number: whatever the old process, should it still
// be there, says about the old number is about nothing. A process that cannot
// renew its lease cancels its work well before others may take it up. Should
// it miss even that (a machine that stood still), its results do not count:
// Complete fails, and with it the transaction that holds them.
//
// So every job is completed once, in one transaction with its effect. What it
// does outside of that transaction it may do twice, as after any crash.
type Postgres struct {
	core[pgx.Tx]
	lease lease
}

// Option changes a Postgres queue.
type Option func(*Postgres)

// WithLease sets how long a process that is not heard of is waited for before
// others take its jobs up; 30 s if it is not set. It must be the same in all
// processes.
func WithLease(d time.Duration) Option { return func(p *Postgres) { p.lease.length = d } }

// NewPostgres makes a queue; give it to postgres.Open.
func NewPostgres(log *slog.Logger, opts ...Option) *Postgres {
	p := &Postgres{core: core[pgx.Tx]{log: log}}
	p.lease = lease{worker: workerName(), length: defaultLease, log: log, jobs: map[int64]*held{}}
	for _, o := range opts {
		o(p)
	}
	return p
}

// workerName is unlike that of any other process, also of an earlier one.
func workerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%.50s-%d-%.12s", host, os.Getpid(), rand.Text())
}

// Migrate brings River's tables and that of the leases up to date, and
// prepares River's client.
func (p *Postgres) Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	p.lease.pool = pool
	p.hasten = p.hastenJobs
	err := p.prepare(ctx, riverpgxv5.New(pool), &river.Config{
		ID:                p.lease.worker,
		Workers:           workers(p.workHeld),
		FetchPollInterval: slowPoll,
	})
	if err != nil {
		return err
	}
	_, err = pool.Exec(ctx, `CREATE TABLE IF NOT EXISTS queue_workers (id text PRIMARY KEY, seen timestamptz NOT NULL)`)
	if err != nil {
		return fmt.Errorf("prepare table of workers: %w", err)
	}
	return nil
}

// Complete implements postgres.Queue. If the job was taken up by another
// process meanwhile it fails with sohoa.ErrConflict; if it returns nil nobody
// takes it up before tx ends.
func (p *Postgres) Complete(ctx context.Context, tx pgx.Tx, job archive.RunningJob) error {
	r, err := running(job)
	if err != nil {
		return err
	}
	var mine int
	err = tx.QueryRow(ctx, `SELECT 1 FROM river_job WHERE id = $1 AND state = 'running' AND attempt = $2
		AND attempted_at IS NOT DISTINCT FROM $3 FOR UPDATE`, r.job.ID, r.job.Attempt, r.job.AttemptedAt).Scan(&mine)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("taken up by another process: %w", sohoa.ErrConflict)
	}
	if err == nil {
		_, err = river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, r.job)
	}
	if err != nil {
		return fmt.Errorf("complete %s of %s: %w", r.Stage, r.Document, err)
	}
	return nil
}

// Run works on jobs until ctx ends, then gives back what is not finished
// within sohoa.ShutdownGrace.
func (p *Postgres) Run(ctx context.Context, h Handler) error {
	if err := p.lease.renew(ctx); err != nil {
		return fmt.Errorf("start job queue: %w", err)
	}
	beats, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.lease.keep(beats)
	}()
	err := p.run(ctx, h)
	stop()
	<-ended
	p.lease.giveUp(context.WithoutCancel(ctx))
	return err
}

// workHeld hands a job to the handler with a context that ends when the lease
// runs out.
func (p *Postgres) workHeld(ctx context.Context, job *river.Job[Args]) error {
	ctx, release := p.lease.hold(ctx, job.ID)
	defer release()
	return p.work(ctx, job)
}

// hastenJobs makes jobs due whose time is wrong. An hour is the longest of our
// pauses. Nor may River's lease on putting jobs back that failed, which lasts
// for seconds, be held by a process from a wrong future.
func (p *Postgres) hastenJobs(ctx context.Context) error {
	_, err := p.lease.pool.Exec(ctx, `DELETE FROM river_leader WHERE expires_at > now() + interval '1 hour'`)
	if err != nil {
		return err
	}
	_, err = p.lease.pool.Exec(ctx, `UPDATE river_job SET scheduled_at = now() WHERE
		state = 'available' AND scheduled_at > now() + interval '1 minute' OR
		state IN ('retryable', 'scheduled') AND attempted_at IS NOT NULL AND scheduled_at > now() + interval '61 minutes'`)
	return err
}
