package ingest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/ocfl"
	"sohoa/archive/s3"
	"sohoa/ingest"
)

// TestKeptIsLocked keeps a document in a bucket with Object Lock: for ever at
// first, then until a day, then on hold.
func TestKeptIsLocked(t *testing.T) {
	where := archivetest.StartS3With(t, "versitygw", archivetest.S3Options{Versions: true})
	var store *s3.Store
	of := openOffice(t, options{store: func(ingest.Store) ingest.Store {
		store = must(s3.Open(t.Context(), s3.Config{
			Endpoint: where.Endpoint, AccessKey: where.AccessKey, SecretKey: where.SecretKey,
			Bucket: "sohoa", PathStyle: true, CreateBucket: true, SpoolDir: t.TempDir(), Lock: s3.LockCompliance,
		}))(t)
		return store
	}})
	id := of.papers(1)[0]
	of.kept(id)
	year := time.Now().Add(sohoa.LockHorizon)
	checkLocks(t, store, year.Add(-time.Hour), year.Add(time.Hour))
	due := sohoa.DateOf(time.Now().AddDate(10, 0, 0))
	amend(of, id, func(r *sohoa.Retention) { r.Code, r.Due = sohoa.Retention10, due })
	day := must(time.ParseInLocation(time.DateOnly, string(due), sohoa.Hanoi))(t)
	checkLocks(t, store, day, day)
	amend(of, id, func(r *sohoa.Retention) { r.Due = sohoa.DateOf(time.Now().AddDate(2, 0, 0)) })
	checkLocks(t, store, day.AddDate(-9, 0, 0), day) // what was locked stays so; the new version until the new day
	amend(of, id, func(r *sohoa.Retention) { r.Holds = []sohoa.LegalHold{{Reason: "tranh chấp", By: "binh"}} })
	var p *sohoa.Problem
	if err := of.Keeper.Destroy(t.Context(), ocfl.DocumentID(id)); !errors.As(err, &p) || p.Code != "store.locked" {
		t.Errorf("Destroy of a locked document = %v, want store.locked", err)
	}
	if head, err := of.Keeper.Head(t.Context(), ocfl.DocumentID(id)); err != nil || head.Head < 4 {
		t.Errorf("after that: version %d, %v, want the document as it was", head.Head, err)
	}
}

// amend changes the retention of a document, and waits until the storage root
// has it.
func amend(of *office, id sohoa.DocumentID, change func(*sohoa.Retention)) {
	of.t.Helper()
	_, err := of.Amend(of.t.Context(), id, ingest.Amendment{Actor: "binh", Action: "document.retain", Change: func(_ archive.Tx, doc *sohoa.Document) error {
		change(&doc.Life.Retention)
		return nil
	}})
	if err != nil {
		of.t.Fatal(err)
	}
	of.await(id, recorded)
}

// checkLocks wants every file of an object to be locked until a moment
// between two, and no working file.
func checkLocks(t *testing.T, store *s3.Store, from, to time.Time) {
	t.Helper()
	n := 0
	for info, err := range store.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		until, err := store.Retained(t.Context(), info.Key)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil {
			t.Fatal(err)
		}
		kept := strings.HasPrefix(info.Key, "ocfl/") && strings.Count(info.Key, "/") > 3
		if n++; kept && (until.Before(from) || until.After(to)) {
			t.Errorf("%s is locked until %v, want from %v to %v", info.Key, until, from, to)
		}
		if !kept && !strings.HasPrefix(info.Key, "ocfl/") && !until.IsZero() {
			t.Errorf("%s, a working file, is locked until %v", info.Key, until)
		}
	}
	if n < 8 {
		t.Errorf("%d files, want more", n)
	}
}
