package queue_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/postgres"
	"sohoa/archive/sqlite"
	"sohoa/ingest/queue"
)

// patience is how long a test waits for jobs; only a fault takes it.
const patience = 2 * time.Minute

// runner is a queue of either database.
type runner interface {
	Run(ctx context.Context, h queue.Handler) error
}

// opened is a catalogue with its queue.
type opened struct {
	archive.Catalog
	queue runner
	exec  func(t *testing.T, sql string, args ...any)
}

func openSQLite(t *testing.T) opened {
	t.Helper()
	q := queue.New(slog.New(slog.DiscardHandler))
	c, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "c.db"), q)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return opened{c, q, func(t *testing.T, sql string, args ...any) {
		t.Helper()
		if _, err := c.DB().ExecContext(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}}
}

func openPostgres(t *testing.T, address string, lease time.Duration) opened {
	t.Helper()
	q := queue.NewPostgres(slog.New(slog.DiscardHandler), queue.WithLease(lease))
	c, err := postgres.Open(t.Context(), address, q)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return opened{c, q, func(t *testing.T, sql string, args ...any) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(t.Context(), "SET search_path = sohoa"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}}
}

// run works with h until the returned function is called, or the test ends.
func (o opened) run(t *testing.T, h queue.Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- o.queue.Run(ctx, h) }()
	var stopped bool
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// enqueue adds a job for each page from 1 to n.
func (o opened) enqueue(t *testing.T, n int) sohoa.DocumentID {
	t.Helper()
	id := sohoa.NewDocumentID(time.Now())
	var jobs []archive.Job
	for page := 1; page <= n; page++ {
		jobs = append(jobs, archive.Job{Stage: sohoa.StageRead, Document: id, Page: page})
	}
	if err := o.Update(t.Context(), func(tx archive.Tx) error { return tx.Enqueue(jobs...) }); err != nil {
		t.Fatal(err)
	}
	return id
}

// await returns when the journal has n entries.
func (o opened) await(t *testing.T, n uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := o.Wait(ctx, n-1); err != nil {
		head, _ := o.Head(t.Context())
		t.Fatalf("%d entries after %v, want %d: %v", head, patience, n, err)
	}
}

// checkOnce checks that each page from 1 to n was worked on once, and returns
// how many each actor did.
func (o opened) checkOnce(t *testing.T, id sohoa.DocumentID, n int) map[string]int {
	t.Helper()
	history, err := o.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	pages, actors := map[int]int{}, map[string]int{}
	for _, e := range history {
		pages[e.Page]++
		actors[e.Actor]++
	}
	for page := 1; page <= n; page++ {
		if pages[page] != 1 {
			t.Errorf("page %d has %d entries, want 1", page, pages[page])
		}
	}
	if _, err := archive.VerifyJournal(t.Context(), o); err != nil {
		t.Errorf("VerifyJournal: %v", err)
	}
	return actors
}

// TestQueue is what the queues of both databases do.
func TestQueue(t *testing.T) {
	tests := map[string]func(*testing.T, opened){
		"each job once":              testOnce,
		"one that waits is one":      testUnique,
		"a failure is tried again":   testFailure,
		"stopping gives work back":   testStop,
		"nothing without its effect": testRollback,
		"a clock that was ahead":     testClock,
	}
	run := func(t *testing.T, open func(t *testing.T) opened) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, openSQLite) })
	t.Run("postgres", func(t *testing.T) {
		server := archivetest.StartPostgres(t)
		run(t, func(t *testing.T) opened { return openPostgres(t, server.Database(t), lease) })
	})
}

func testOnce(t *testing.T, o opened) {
	id := o.enqueue(t, 30)
	o.run(t, func(ctx context.Context, job *queue.Running) error { return effect(ctx, o, "a", job) })
	o.await(t, 30)
	o.checkOnce(t, id, 30)
}

func testUnique(t *testing.T, o opened) {
	id := sohoa.NewDocumentID(time.Now())
	job := archive.Job{Stage: sohoa.StageSplit, Document: id, Page: 1}
	for range 3 {
		if err := o.Update(t.Context(), func(tx archive.Tx) error { return tx.Enqueue(job, job) }); err != nil {
			t.Fatal(err)
		}
	}
	last := o.enqueue(t, 1)
	o.run(t, func(ctx context.Context, job *queue.Running) error { return effect(ctx, o, "a", job) })
	o.await(t, 2)
	o.checkOnce(t, id, 1)
	o.checkOnce(t, last, 1)
}

func testFailure(t *testing.T, o opened) {
	id := o.enqueue(t, 1)
	var failures atomic.Int32
	o.run(t, func(ctx context.Context, job *queue.Running) error {
		failures.Store(int32(job.Failures))
		if job.Failures == 0 {
			return errors.New("not yet")
		}
		return effect(ctx, o, "a", job)
	})
	o.await(t, 1)
	o.checkOnce(t, id, 1)
	if n := failures.Load(); n != 1 {
		t.Errorf("the job that worked had %d failures, want 1", n)
	}
}

// testStop stops in the middle of a job: it is not counted as a failure, and
// waits for the next one.
func testStop(t *testing.T, o opened) {
	id := o.enqueue(t, 1)
	started := make(chan struct{}, 10)
	stop := o.run(t, func(ctx context.Context, _ *queue.Running) error {
		started <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})
	<-started
	stop()
	var failures, crashes atomic.Int32
	o.run(t, func(ctx context.Context, job *queue.Running) error {
		failures.Store(int32(job.Failures))
		crashes.Store(int32(job.Crashes))
		return effect(ctx, o, "a", job)
	})
	o.await(t, 1)
	o.checkOnce(t, id, 1)
	if failures.Load() != 0 || crashes.Load() != 0 {
		t.Errorf("after a stop: %d failures, %d crashes, want none", failures.Load(), crashes.Load())
	}
}

// testRollback has the transaction fail after the job was completed in it.
func testRollback(t *testing.T, o opened) {
	id := o.enqueue(t, 1)
	o.run(t, func(ctx context.Context, job *queue.Running) error {
		if job.Failures > 0 {
			return effect(ctx, o, "a", job)
		}
		return o.Update(ctx, func(tx archive.Tx) error {
			if _, err := tx.Append(sohoa.Entry{Actor: "nobody", Action: sohoa.ActionRead, Document: job.Document, Page: job.Page}); err != nil {
				return err
			}
			return errors.Join(tx.Complete(job), errors.New("too late"))
		})
	})
	o.await(t, 1)
	if actors := o.checkOnce(t, id, 1); actors["nobody"] != 0 {
		t.Errorf("entries by %v, want none of the transaction that failed", actors)
	}
}

// testClock has jobs that were queued, or put off, while the clock was three
// days ahead, and a process that died then while it put jobs back. They do not wait for three days; what was put off by whoever
// queued it does.
func testClock(t *testing.T, o opened) {
	ahead := time.Now().UTC().Add(72 * time.Hour)
	id, failed, wanted := o.enqueue(t, 1), o.enqueue(t, 1), sohoa.NewDocumentID(time.Now())
	o.exec(t, `UPDATE river_job SET scheduled_at = $1`, ahead)
	o.exec(t, `UPDATE river_job SET state = 'retryable', attempt = 1, attempted_at = $1 WHERE id = (SELECT max(id) FROM river_job)`, ahead)
	o.exec(t, `INSERT INTO river_leader (leader_id, elected_at, expires_at) VALUES ('dead', $1, $1)`, ahead)
	err := o.Update(t.Context(), func(tx archive.Tx) error {
		return tx.Enqueue(archive.Job{Stage: sohoa.StageRead, Document: wanted, Page: 1, After: ahead})
	})
	if err != nil {
		t.Fatal(err)
	}
	o.run(t, func(ctx context.Context, job *queue.Running) error { return effect(ctx, o, "a", job) })
	o.await(t, 2)
	o.checkOnce(t, id, 1)
	o.checkOnce(t, failed, 1)
	if early, err := o.History(t.Context(), wanted); err != nil || len(early) > 0 {
		t.Errorf("a job that was put off for three days has done %v, %v", early, err)
	}
}
