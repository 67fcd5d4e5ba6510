// Package queue runs the stages of the pipeline as River jobs in the
// catalogue's own database.
//
// A job is added in the transaction whose effect calls for it, and finished
// in the transaction that holds its own effect: a crash at any moment leaves
// either both or neither. A job that fails is tried again after a growing
// pause; what happens after the last attempt is the handler's decision.
//
// Queue is for SQLite, with one process that works; Postgres is for any number
// of them. Both are River, and do the same with a job.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"sohoa"
	"sohoa/archive"
)

const (
	// cooldown is the shortest time between two looks at one queue.
	cooldown = 20 * time.Millisecond
	// maxFetches bounds how often River hands out one job, crashes of the
	// program included; failures are counted by the handler (sohoa.MaxAttempts).
	maxFetches = 1000
	// rescueAfter is when River takes a job for stuck that is still marked as
	// running: longer than the longest stage takes (splitting a thousand pages
	// at 30 s each). It is the last resort; the queues know sooner.
	rescueAfter = 24 * time.Hour
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

// Later is returned by a Handler whose job has nothing to do before that time
// has passed. It is no failure, and holds no worker.
type Later time.Duration

func (l Later) Error() string { return "nothing to do for " + time.Duration(l).String() }

// Handler does the work of one job. It finishes the job itself, by
// archive.Tx.Complete; nil without that finishes it too. On an error, the job
// is tried again later. When ctx ends because the program stops, the job is
// given back untouched.
type Handler func(ctx context.Context, job *Running) error

// core is what the queues of both databases have in common; TTx is the
// database's transaction.
type core[TTx any] struct {
	log    *slog.Logger
	client *river.Client[TTx]              // set by Migrate
	hasten func(ctx context.Context) error // makes jobs due whose time is wrong, see watchClock

	mu       sync.Mutex
	handler  Handler
	stopping bool
}

// prepare brings River's tables up to date and makes its client.
func (c *core[TTx]) prepare(ctx context.Context, driver riverdriver.Driver[TTx], cfg *river.Config) error {
	quiet := slog.New(slog.DiscardHandler) // errors are logged by work, once
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return fmt.Errorf("prepare job tables: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("prepare job tables: %w", err)
	}
	cfg.Queues = lanes()
	cfg.Logger = quiet
	cfg.FetchCooldown = cooldown
	cfg.JobTimeout = -1 // each stage bounds its own work
	cfg.RescueStuckJobsAfter = rescueAfter
	cfg.RetryPolicy = pauses{}
	if c.client, err = river.NewClient(driver, cfg); err != nil {
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
		"cosign":   {MaxWorkers: 4}, // signatures of people; waits for them too
		"copy":     {MaxWorkers: 2}, // waits for the second store
	}
}

// lane is the queue for a stage.
func lane(s sohoa.Stage) string {
	switch s {
	case sohoa.StageRead:
		return "page"
	case sohoa.StageStamp, sohoa.StageRenew:
		return "stamp"
	case sohoa.StageCosign, sohoa.StageCollect:
		return "cosign"
	case sohoa.StageCopy:
		return "copy"
	}
	return "document"
}

// waiting are the states in which a job stands for its work being to do.
var waiting = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// Enqueue adds jobs in tx; one that is already waiting or running is not
// added twice.
func (c *core[TTx]) Enqueue(ctx context.Context, tx TTx, jobs []archive.Job) error {
	for _, j := range jobs {
		args := Args{Stage: j.Stage, Document: j.Document.String(), Page: j.Page}
		_, err := c.client.InsertTx(ctx, tx, args, &river.InsertOpts{
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

// running is the job that a handle stands for.
func running(job archive.RunningJob) (*Running, error) {
	r, ok := job.(*Running)
	if !ok {
		return nil, fmt.Errorf("complete job: %T is not a running job", job)
	}
	return r, nil
}

// run works on jobs until ctx ends, then gives back what is not finished
// within sohoa.ShutdownGrace.
func (c *core[TTx]) run(ctx context.Context, h Handler) error {
	c.mu.Lock()
	c.handler, c.stopping = h, false
	c.mu.Unlock()
	work := context.WithoutCancel(ctx)
	if err := c.client.Start(work); err != nil {
		return fmt.Errorf("start job queue: %w", err)
	}
	c.watchClock(ctx)
	c.mu.Lock()
	c.stopping = true
	c.mu.Unlock()
	return c.stop(work)
}

// stop lets short jobs finish in half of the grace and cancels the rest.
func (c *core[TTx]) stop(ctx context.Context) error {
	soft, cancel := context.WithTimeout(ctx, sohoa.ShutdownGrace/2)
	defer cancel()
	err := c.client.Stop(soft)
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	hard, cancel := context.WithTimeout(ctx, sohoa.ShutdownGrace/2)
	defer cancel()
	return c.client.StopAndCancel(hard)
}

// errLapsed is why the work of a process ends that others may take for dead.
var errLapsed = errors.New("the lease on this work has run out")

// work hands one job to the handler.
func (c *core[TTx]) work(ctx context.Context, job *river.Job[Args]) error {
	c.mu.Lock()
	h := c.handler
	c.mu.Unlock()
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
	if ctx.Err() != nil && (c.isStopping() || errors.Is(context.Cause(ctx), errLapsed)) {
		return river.JobSnooze(0) // nothing failed; the next process goes on
	}
	var later Later
	if errors.As(err, &later) {
		return river.JobSnooze(time.Duration(later))
	}
	c.log.Warn("stage failed, will be tried again", "stage", r.Stage, "document", id.String(), "page", r.Page,
		"failures", r.Failures+1, "err", err)
	return err
}

func (c *core[TTx]) isStopping() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopping
}

// worker is River's view of work.
type worker struct {
	river.WorkerDefaults[Args]
	work func(ctx context.Context, job *river.Job[Args]) error
}

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[Args]) error { return w.work(ctx, job) }

// workers are River's list of the one kind of worker.
func workers(work func(context.Context, *river.Job[Args]) error) *river.Workers {
	w := river.NewWorkers()
	river.AddWorker(w, &worker{work: work})
	return w
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
