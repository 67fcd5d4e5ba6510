package queue_test

import (
	"context"
	"errors"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/ingest/queue"
)

// unfinished counts the jobs of a database that are not completed.
func unfinished(t *testing.T, address string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM sohoa.river_job WHERE state <> 'completed'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestProcessesShareTheWork(t *testing.T) {
	address := archivetest.StartPostgres(t).Database(t)
	o := openPostgres(t, address, lease)
	const jobs = 200
	id := o.enqueue(t, jobs)
	a, b := startWorker(t, address, "a"), startWorker(t, address, "b")
	o.await(t, jobs)
	actors := o.checkOnce(t, id, jobs)
	if actors["a"]+actors["b"] != jobs {
		t.Errorf("worked on by %v, want all by the two", actors)
	}
	t.Logf("done by %v", actors)
	for _, cmd := range []*exec.Cmd{a, b} {
		if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
			t.Errorf("worker told to stop = %v, want nil", err)
		}
	}
	if n := unfinished(t, address); n != 0 {
		t.Errorf("%d jobs are not completed, want 0", n)
	}
}

// TestKilledProcessIsReplaced kills worker processes in the middle of their
// work, one after the other, while one goes on.
func TestKilledProcessIsReplaced(t *testing.T) {
	address := archivetest.StartPostgres(t).Database(t)
	o := openPostgres(t, address, lease)
	const jobs, kills = 200, 4
	id := o.enqueue(t, jobs)
	for i := range kills {
		victim := startWorker(t, address, "victim")
		o.await(t, uint64((i+1)*jobs/(kills+1)))
		if err := victim.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	startWorker(t, address, "heir")
	o.await(t, jobs)
	actors := o.checkOnce(t, id, jobs)
	if actors["heir"] == 0 {
		t.Errorf("worked on by %v, want some by the last", actors)
	}
	t.Logf("done by %v", actors)
}

// TestStuckProcessIsReplaced has a process stand still in the middle of a job
// and go on when another has done it.
func TestStuckProcessIsReplaced(t *testing.T) {
	address := archivetest.StartPostgres(t).Database(t)
	// The first renews its lease rarely, as one that stands still.
	stuck, heir := openPostgres(t, address, time.Minute), openPostgres(t, address, time.Second)
	id := stuck.enqueue(t, 1)
	taken, late := make(chan struct{}), make(chan error, 1)
	stuck.run(t, func(ctx context.Context, job *queue.Running) error {
		if job.Crashes > 0 { // its own, taken up: it gets stuck again
			return stuck.Wait(ctx, 0)
		}
		close(taken)
		if err := stuck.Wait(ctx, 0); err != nil { // until the other has done it
			return err
		}
		err := effect(ctx, stuck, "stuck", job)
		late <- err
		return err
	})
	<-taken
	crashes := make(chan int, 10)
	heir.run(t, func(ctx context.Context, job *queue.Running) error {
		crashes <- job.Crashes
		return effect(ctx, heir, "heir", job)
	})
	if err := <-late; !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("the effect of a job that another has done = %v, want ErrConflict", err)
	}
	if n := <-crashes; n < 1 {
		t.Errorf("the heir sees %d crashes, want 1 or more", n)
	}
	if actors := heir.checkOnce(t, id, 1); actors["heir"] != 1 {
		t.Errorf("done by %v, want the heir", actors)
	}
}

// TestDatabaseMayComeAndGo stops the server in the middle, as a crash would.
func TestDatabaseMayComeAndGo(t *testing.T) {
	server := archivetest.StartPostgres(t)
	address := server.Database(t)
	o := openPostgres(t, address, lease)
	const jobs = 60
	id := o.enqueue(t, jobs)
	o.run(t, func(ctx context.Context, job *queue.Running) error { return effect(ctx, o, "a", job) })
	o.await(t, jobs/3)
	server.Stop(t)
	server.Start(t)
	awaitAcrossRestart(t, o, jobs)
	o.checkOnce(t, id, jobs)
}

// awaitAcrossRestart is await for one whose connections may have been broken.
func awaitAcrossRestart(t *testing.T, o opened, n uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := o.Wait(ctx, n-1)
	for errors.Is(err, sohoa.ErrUnavailable) {
		err = o.Wait(ctx, n-1)
	}
	if err != nil {
		t.Fatalf("waiting for %d entries: %v", n, err)
	}
}
