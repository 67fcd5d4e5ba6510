package queue_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/postgres"
	"sohoa/ingest/queue"
)

// The test program is also the worker process: with these variables it works
// on the database until it is told to stop.
const (
	envDatabase = "SOHOA_TEST_QUEUE_DATABASE"
	envName     = "SOHOA_TEST_QUEUE_NAME"
)

// lease is short, so that tests are.
const lease = 2 * time.Second

func TestMain(m *testing.M) {
	if address := os.Getenv(envDatabase); address != "" {
		if err := workerProcess(address, os.Getenv(envName)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func workerProcess(address, name string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	q := queue.NewPostgres(slog.New(slog.NewTextHandler(os.Stderr, nil)), queue.WithLease(lease))
	c, err := postgres.Open(ctx, address, q)
	if err != nil {
		return err
	}
	defer c.Close()
	return q.Run(ctx, func(ctx context.Context, job *queue.Running) error { return effect(ctx, c, name, job) })
}

// effect does what a stage does: one transaction with an entry that names who
// worked, and the end of the job.
func effect(ctx context.Context, c archive.Catalog, name string, job *queue.Running) error {
	return c.Update(ctx, func(tx archive.Tx) error {
		_, err := tx.Append(sohoa.Entry{Actor: name, Action: sohoa.ActionRead, Document: job.Document, Page: job.Page})
		if err != nil {
			return err
		}
		return tx.Complete(job)
	})
}

// startWorker starts a worker process; it is killed when the test ends.
func startWorker(t *testing.T, address, name string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), envDatabase+"="+address, envName+"="+name)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd
}
