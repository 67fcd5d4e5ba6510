package queue

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// beats is how often a lease is renewed in its time.
	beats = 10
	// forgetWorkers is how long the names of processes are remembered, in SQL.
	forgetWorkers = `interval '1 day'`
)

// lease is the right of this process to the jobs that it works on. Time is
// the server's for all processes alike.
type lease struct {
	worker string // name of this process, which River notes with each job
	length time.Duration
	pool   *pgxpool.Pool
	log    *slog.Logger

	mu   sync.Mutex
	jobs map[int64]*held // by number
}

// held is a job that this process works on, or has just finished.
type held struct {
	cancel context.CancelCauseFunc
	ended  time.Time // zero while it is under way
}

// hold notes a job as under way until release.
func (l *lease) hold(ctx context.Context, id int64) (work context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	h := &held{cancel: cancel}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobs[id] = h
	return ctx, func() {
		cancel(nil)
		l.mu.Lock()
		defer l.mu.Unlock()
		h.ended = time.Now()
	}
}

// known lists the jobs under way and those that ended within the time of a
// lease, whose end River may be about to write down.
func (l *lease) known() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := []int64{}
	for id, h := range l.jobs {
		if !h.ended.IsZero() && time.Since(h.ended) > l.length {
			delete(l.jobs, id)
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

// lapse cancels all work.
func (l *lease) lapse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.jobs {
		h.cancel(errLapsed)
	}
}

// keep renews the lease and takes up what others left, until ctx ends. From
// half of its time without renewal on, all work is cancelled; two beats later
// at most, that has been noticed.
func (l *lease) keep(ctx context.Context) {
	tick := time.NewTicker(l.length / beats)
	defer tick.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		started := time.Now()
		err := l.beat(ctx)
		if err == nil {
			renewed = started
			continue
		}
		if ctx.Err() == nil && time.Since(renewed) > l.length/2 {
			l.log.Warn("the database cannot be reached; work is given back", "err", err)
			l.lapse()
		}
	}
}

// beat renews the lease and takes up what others left. It fails if the lease
// was not renewed.
func (l *lease) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.length/beats)
	defer cancel()
	if err := l.renew(ctx); err != nil {
		return err
	}
	if n, err := l.takeUp(ctx); err != nil {
		l.log.Warn("abandoned jobs were not taken up, will be tried again", "err", err)
	} else if n > 0 {
		l.log.Info("abandoned jobs taken up", "jobs", n)
	}
	return nil
}

func (l *lease) renew(ctx context.Context) error {
	_, err := l.pool.Exec(ctx, `INSERT INTO queue_workers (id, seen) VALUES ($1, now())
		ON CONFLICT (id) DO UPDATE SET seen = excluded.seen`, l.worker)
	if err != nil {
		return fmt.Errorf("renew lease: %w", err)
	}
	return nil
}

// takeUp makes available again what is marked as running but is not: jobs of
// processes whose lease has run out, and jobs of this process that it does
// not know (any more), as after an outage in which their end was not noted.
// They get new numbers.
func (l *lease) takeUp(ctx context.Context) (int64, error) {
	r, err := l.pool.Exec(ctx, `
		UPDATE river_job j SET id = nextval('river_job_id_seq'), state = 'available'
		WHERE state = 'running' AND (
			NOT EXISTS (SELECT FROM queue_workers w
				WHERE w.id = j.attempted_by[cardinality(j.attempted_by)] AND w.seen > now() - $2::interval)
			OR j.attempted_by[cardinality(j.attempted_by)] = $1 AND j.attempted_at < now() - $2::interval AND j.id <> ALL ($3))`,
		l.worker, l.length, l.known())
	if err != nil {
		return 0, fmt.Errorf("take up abandoned jobs: %w", err)
	}
	return r.RowsAffected(), nil
}

// giveUp ends the lease at once and forgets processes of long ago. What it
// cannot do is done by time.
func (l *lease) giveUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, l.length/beats)
	defer cancel()
	_, err := l.pool.Exec(ctx, `DELETE FROM queue_workers WHERE id = $1 OR seen < now() - `+forgetWorkers, l.worker)
	if err != nil {
		l.log.Warn("lease not given up, it runs out", "err", err)
	}
}
