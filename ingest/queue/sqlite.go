package queue

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"sohoa/archive"
)

// pollInterval is the longest that a job in SQLite waits to be noticed.
const pollInterval = 100 * time.Millisecond

// Queue is the job queue of a catalogue in SQLite. It implements
// sqlite.Queue.
type Queue struct {
	core[*sql.Tx]
	db *sql.DB
}

// New makes a queue; give it to sqlite.Open.
func New(log *slog.Logger) *Queue { return &Queue{core: core[*sql.Tx]{log: log}} }

// Migrate brings River's tables up to date and prepares its client.
func (q *Queue) Migrate(ctx context.Context, db *sql.DB) error {
	q.db = db
	q.hasten = q.hastenJobs
	return q.prepare(ctx, riversqlite.New(db), &river.Config{
		Workers:           workers(q.work),
		FetchPollInterval: pollInterval,
		PollOnly:          true,
	})
}

// Complete implements sqlite.Queue.
func (q *Queue) Complete(ctx context.Context, tx *sql.Tx, job archive.RunningJob) error {
	r, err := running(job)
	if err != nil {
		return err
	}
	if _, err := river.JobCompleteTx[*riversqlite.Driver](ctx, tx, r.job); err != nil {
		return fmt.Errorf("complete %s of %s: %w", r.Stage, r.Document, err)
	}
	return nil
}

// Run works on jobs until ctx ends, then gives back what is not finished
// within sohoa.ShutdownGrace. Only one process may run the queue of a
// catalogue at a time: whatever is marked as running when it starts was left
// by a process that died, and is taken up again. So was River's lease on
// putting jobs back that had failed; if the clock was ahead, it would last.
func (q *Queue) Run(ctx context.Context, h Handler) error {
	if _, err := q.db.ExecContext(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running'`); err != nil {
		return fmt.Errorf("take up abandoned jobs: %w", err)
	}
	if _, err := q.db.ExecContext(ctx, `DELETE FROM river_leader`); err != nil {
		return fmt.Errorf("take up the lease of another process: %w", err)
	}
	return q.run(ctx, h)
}

// hastenJobs makes jobs due whose time is wrong. An hour is the longest of our
// pauses.
func (q *Queue) hastenJobs(ctx context.Context) error {
	_, err := q.db.ExecContext(ctx, `UPDATE river_job SET scheduled_at = datetime('now', 'subsec') WHERE
		state = 'available' AND scheduled_at > datetime('now', '+1 minute') OR
		state IN ('retryable', 'scheduled') AND attempted_at IS NOT NULL AND scheduled_at > datetime('now', '+61 minutes')`)
	return err
}
