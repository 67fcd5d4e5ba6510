package main

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/s3"
)

// machines are programs that share a PostgreSQL database and an S3 store, each
// with a data folder of its own.
func machines(t *testing.T, n int) (programs []*program, db *pgx.Conn) {
	t.Helper()
	database := archivetest.StartPostgres(t).Database(t)
	server := archivetest.StartS3(t, "versitygw")
	const bucket = "papers"
	_, err := s3.Open(t.Context(), s3.Config{Endpoint: server.Endpoint, AccessKey: server.AccessKey, SecretKey: server.SecretKey,
		Bucket: bucket, CreateBucket: true, PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		programs = append(programs, newProgram(t, "SOHOA_DATABASE="+database, "SOHOA_STORE=s3", "SOHOA_S3_ENDPOINT="+server.Endpoint,
			"SOHOA_S3_BUCKET="+bucket, "SOHOA_S3_ACCESS_KEY="+server.AccessKey, "SOHOA_S3_SECRET_KEY="+server.SecretKey, "SOHOA_S3_INSECURE=true"))
	}
	if db, err = pgx.Connect(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(context.Background()) })
	return programs, db
}

// TestWorkerFinishesWhatAnotherMachineBegan kills one machine in the middle of
// reading; the worker on the other takes its jobs up and keeps the document.
func TestWorkerFinishesWhatAnotherMachineBegan(t *testing.T) {
	both, db := machines(t, 2)
	office, helper := both[0], both[1]
	add := office.command("add", "--dossier", "HS-1", filepath.Join(samples, "bien-ban-01.pdf"))
	if err := add.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "work", func() bool { return number(t, db, `river_job WHERE state = 'running' AND args->>'stage' = 'read'`) > 0 })
	kill(t, add)
	worker := helper.command("worker")
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the document to be kept", func() bool { return number(t, db, `documents WHERE state = 'kept'`) == 1 })
	var id string
	if err := db.QueryRow(t.Context(), `SELECT id FROM sohoa.documents`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	// The worker's machine has an index of its own, and answers by it.
	if out := helper.ok("search", "biên bản"); !strings.Contains(out, id) {
		t.Errorf("search beside the worker = %q, want %s in it", out, id)
	}
	if err := worker.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := worker.Wait(); err != nil {
		t.Errorf("worker told to stop = %v, want status 0", err)
	}
	for _, p := range both {
		if out := p.ok("search", "biên bản"); !strings.Contains(out, id) {
			t.Errorf("search = %q, want %s in it", out, id)
		}
		doc := p.shown(must(sohoa.ParseDocumentID(id))(t))
		if doc.State != sohoa.StateKept || doc.Revision != 1 || doc.PagesRead != doc.Pages {
			t.Errorf("%+v, want it kept as revision 1 with every page", doc.Document)
		}
		p.ok("journal", "verify")
		p.ok("fixity")
	}
}

// number counts rows of the catalogue.
func number(t *testing.T, db *pgx.Conn, of string) (n int) {
	t.Helper()
	var there bool
	if err := db.QueryRow(t.Context(), `SELECT to_regclass('sohoa.queue_workers') IS NOT NULL`).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if !there {
		return 0 // the first program makes the tables
	}
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM sohoa.`+of).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWorkerNeedsASharedStore(t *testing.T) {
	p := newProgram(t, "SOHOA_DATABASE=postgres://nobody@127.0.0.1:1/none")
	if r := p.run("worker"); r.status != exitFailed || !strings.Contains(r.err, "--store=s3") {
		t.Errorf("worker with a store of its own = %d %q, want %d and what to set", r.status, r.err, exitFailed)
	}
	p.env = append(p.env, "SOHOA_STORE=s3")
	if r := p.run("worker"); r.status != exitFailed || !strings.Contains(r.err, "database does not answer") {
		t.Errorf("worker without a database = %d %q, want %d and that it does not answer", r.status, r.err, exitFailed)
	}
}
