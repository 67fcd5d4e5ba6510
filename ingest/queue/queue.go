// Package queue runs the stages of the pipeline as River jobs in the
// catalogue's own database.
//
// A job is added in the transaction whose effect calls for it, and finished
// in the transaction that holds its own effect: a crash at any moment leaves
// either both or neither. A job that fails is tried again after a growing
// pause; what happens after the last attempt is the handler's decision.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"sohoa"
	"sohoa/archive"
)

const (
	// pollInterval is the longest that a job waits to be noticed.
	pollInterval = 100 * time.Millisecond
	// cooldown is the shortest time between two looks at one queue.
	cooldown = 20 * time.Millisecond
	// maxFetches bounds how often River hands out one job, crashes of the
	// program included; failures are counted by the handler (sohoa.MaxAttempts).
	maxFetches = 1000
	// firstPause and longestPause bound the pause after a failure.
	firstPause   = time.Second
	longestPause = time.Hour
)

// Args are the arguments of the one kind of job.
type Args struct {
	Stage    sohoa.Stage `json:"stage"`
	Document string      `json:"document"`
	Page     int         `json:"page"`
}

// Kind implements river.JobArgs.
func (Args) Kind() string { return "stage" }

// Running is a job under way, as the handler sees it.
type Running struct {
	archive.Job
	Failures int // earlier attempts that failed
	Crashes  int // earlier attempts during which the program ended
	job      *river.Job[Args]
}

// Handler does the work of one job. It finishes the job itself, by
// archive.Tx.Complete; nil without that finishes it too. On an error, the job
// is tried again later. When ctx ends because the program stops, the job is
// given back untouched.
type Handler func(ctx context.Context, job *Running) error

// Queue is the job queue of one catalogue. It implements sqlite.Queue.
type Queue struct {
	log    *slog.Logger
	client *river.Client[*sql.Tx] // set by Migrate
	db     *sql.DB

	mu       sync.Mutex
	handler  Handler
	stopping bool
}

// New makes a queue; give it to sqlite.Open.
func New(log *slog.Logger) *Queue { return &Queue{log: log} }

// Migrate brings River's tables up to date and prepares its client.
func (q *Queue) Migrate(ctx context.Context, db *sql.DB) error {
	driver := riversqlite.New(db)
	quiet := slog.New(slog.DiscardHandler)
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return fmt.Errorf("prepare job tables: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("prepare job tables: %w", err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{queue: q})
	q.db = db
	q.client, err = river.NewClient(driver, &river.Config{
		Queues:            lanes(),
		Workers:           workers,
		Logger:            slog.New(slog.DiscardHandler), // errors are logged by the worker, once
		FetchCooldown:     cooldown,
		FetchPollInterval: pollInterval,
		JobTimeout:        -1, // each stage bounds its own work
		RetryPolicy:       pauses{},
		PollOnly:          true,
	})
	if err != nil {
		return fmt.Errorf("prepare job queue: %w", err)
	}
	return nil
}

// lanes are River's queues: kinds of work that must not wait for each other.
func lanes() map[string]river.QueueConfig {
	return map[string]river.QueueConfig{
		"page":     {MaxWorkers: runtime.NumCPU() + 1}, // recognition; one more than children, so that none waits
		"document": {MaxWorkers: max(2, runtime.NumCPU()/2)},
		"stamp":    {MaxWorkers: 4}, // waits for timestamp authorities
	}
}

// lane is the queue for a stage.
func lane(s sohoa.Stage) string {
	switch s {
	case sohoa.StageRead:
		return "page"
	case sohoa.StageStamp:
		return "stamp"
	}
	return "document"
}

// waiting are the states in which a job stands for its work being to do.
var waiting = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// Enqueue implements sqlite.Queue.
func (q *Queue) Enqueue(ctx context.Context, tx *sql.Tx, jobs []archive.Job) error {
	for _, j := range jobs {
		args := Args{Stage: j.Stage, Document: j.Document.String(), Page: j.Page}
		_, err := q.client.InsertTx(ctx, tx, args, &river.InsertOpts{
			Queue:       lane(j.Stage),
			MaxAttempts: maxFetches,
			ScheduledAt: j.After,
			UniqueOpts:  river.UniqueOpts{ByArgs: true, ByState: waiting},
		})
		if err != nil {
			return fmt.Errorf("enqueue %s of %s: %w", j.Stage, j.Document, err)
		}
	}
	return nil
}

// Complete implements sqlite.Queue.
func (q *Queue) Complete(ctx context.Context, tx *sql.Tx, job archive.RunningJob) error {
	r, ok := job.(*Running)
	if !ok {
		return fmt.Errorf("complete job: %T is not a running job", job)
	}
	if _, err := river.JobCompleteTx[*riversqlite.Driver](ctx, tx, r.job); err != nil {
		return fmt.Errorf("complete %s of %s: %w", r.Stage, r.Document, err)
	}
	return nil
}

// Run works on jobs until ctx ends, then gives back what is not finished
// within sohoa.ShutdownGrace. Only one process may run the queue of a
// catalogue at a time: whatever is marked as running when it starts was left
// by a process that died, and is taken up again.
func (q *Queue) Run(ctx context.Context, h Handler) error {
	q.mu.Lock()
	q.handler, q.stopping = h, false
	q.mu.Unlock()
	if _, err := q.db.ExecContext(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running'`); err != nil {
		return fmt.Errorf("take up abandoned jobs: %w", err)
	}
	work := context.WithoutCancel(ctx)
	if err := q.client.Start(work); err != nil {
		return fmt.Errorf("start job queue: %w", err)
	}
	<-ctx.Done()
	q.mu.Lock()
	q.stopping = true
	q.mu.Unlock()
	return q.stop(work)
}

// stop lets short jobs finish in half of the grace and cancels the rest.
func (q *Queue) stop(ctx context.Context) error {
	soft, cancel := context.WithTimeout(ctx, sohoa.ShutdownGrace/2)
	defer cancel()
	err := q.client.Stop(soft)
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	hard, cancel := context.WithTimeout(ctx, sohoa.ShutdownGrace/2)
	defer cancel()
	return q.client.StopAndCancel(hard)
}

// worker is River's view of the handler.
type worker struct {
	river.WorkerDefaults[Args]
	queue *Queue
}

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[Args]) error {
	w.queue.mu.Lock()
	h := w.queue.handler
	w.queue.mu.Unlock()
	id, err := sohoa.ParseDocumentID(job.Args.Document)
	if err != nil {
		return river.JobCancel(err)
	}
	r := &Running{
		Job:      archive.Job{Stage: job.Args.Stage, Document: id, Page: job.Args.Page},
		Failures: len(job.Errors),
		Crashes:  job.Attempt - 1 - len(job.Errors),
		job:      job,
	}
	err = h(ctx, r)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && w.queue.isStopping() {
		return river.JobSnooze(0) // nothing failed; the next process goes on
	}
	w.queue.log.Warn("stage failed, will be tried again", "stage", r.Stage, "document", id.String(), "page", r.Page,
		"failures", r.Failures+1, "err", err)
	return err
}

func (q *Queue) isStopping() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stopping
}

// pauses is the retry policy: 1, 4, 16, 64 seconds and so on, up to an hour.
type pauses struct{}

// NextRetry implements river.ClientRetryPolicy.
func (pauses) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(Pause(len(job.Errors)))
}

// Pause is how long a job rests after it failed once more than failures
// times.
func Pause(failures int) time.Duration {
	d := firstPause
	for range failures {
		if d *= 4; d >= longestPause {
			return longestPause
		}
	}
	return d
}
