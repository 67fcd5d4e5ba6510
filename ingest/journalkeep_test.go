package ingest_test

import (
	"errors"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// The day's head is stamped by a real authority, and the journal comes back
// with the documents when the catalogue is lost.
func TestJournalIsStampedAndRecovered(t *testing.T) {
	objects := t.TempDir()
	clock := func(days int) func(*ingest.Config) {
		return func(c *ingest.Config) {
			c.Now = func() time.Time { return time.Now().AddDate(0, 0, days) }
		}
	}
	first := openOffice(t, options{objects: objects, config: clock(0)})
	doc := first.kept(first.add("mot.jpg", scan(t, "to-khai-01.jpg")).ID)
	first.stop()
	known := must(first.catalog.Head(t.Context()))(t)

	next := openOffice(t, options{objects: objects, dir: first.dir, idle: true, config: clock(1)})
	if err := errors.Join(next.Journal().Flush(t.Context()), next.Journal().Daily(t.Context())); err != nil {
		t.Fatal(err)
	}
	heads := must(next.catalog.JournalHeads(t.Context(), 0))(t)
	if len(heads) != 1 || heads[0].State() != archive.HeadStamped || heads[0].Kept != 1 || heads[0].Stamped.IsZero() {
		t.Fatalf("heads = %+v, want one, stamped and kept", heads)
	}
	check := must(next.Journal().Verify(t.Context(), "admin"))(t)
	if !check.OK() || check.Stamped != 2 || check.Heads != 2 {
		t.Fatalf("Verify = %+v, want the catalogue's and the root's head with their timestamps", check)
	}

	lost := openOffice(t, options{objects: objects, idle: true, config: clock(1)})
	n, err := lost.Recover(t.Context(), func(id sohoa.DocumentID, err error) {
		if err != nil {
			t.Errorf("%v: %v", id, err)
		}
	})
	if err != nil || n != 1 {
		t.Fatalf("Recover = %d, %v, want the document", n, err)
	}
	entries := must(lost.catalog.FindEntries(t.Context(), archive.JournalQuery{Document: doc.ID, Oldest: true}))(t)
	if len(entries) == 0 || entries[0].Action != sohoa.ActionAccept {
		t.Errorf("entries of the document = %+v, want them from its acceptance on", entries)
	}
	if check := must(lost.Journal().Verify(t.Context(), "admin"))(t); !check.OK() || check.Size <= known {
		t.Errorf("Verify after Recover = %+v, want all %d entries and more, whole", check, known)
	}
}
