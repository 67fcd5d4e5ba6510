package ingest_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
)

// TestOfficesShareADatabase has two processes' worth of offices work on the
// documents of one PostgreSQL database, with one object store.
func TestOfficesShareADatabase(t *testing.T) {
	database := archivetest.StartPostgres(t).Database(t)
	o := options{database: database, objects: filepath.Join(t.TempDir(), "objects")}
	first, second := openOffice(t, o), openOffice(t, o)
	names := []string{"quyet-dinh-01.jpg", "bien-ban-01.pdf", "trang-trang-01.jpg", "to-khai-01.jpg"}
	ids := map[string]sohoa.DocumentID{}
	for i, name := range names {
		by := []*office{first, second}[i%2]
		ids[name] = by.add(name, scan(t, name)).ID
	}
	if again := second.add("quyet-dinh-01.jpg", scan(t, "quyet-dinh-01.jpg")); again.ID != ids["quyet-dinh-01.jpg"] {
		t.Errorf("the same bytes at the other office are %s, want %s", again.ID, ids["quyet-dinh-01.jpg"])
	}
	for _, name := range names {
		doc := second.kept(ids[name])
		if doc.PagesRead != doc.Pages || doc.Revision != 1 || doc.Signature != sohoa.SignatureTimed {
			t.Errorf("%s: %+v, want all pages read, revision 1 and a timed signature", name, doc)
		}
		if original := second.read(doc.ID, sohoa.RoleOriginal, 0); !bytes.Equal(original, scan(t, name)) {
			t.Errorf("%s: the original is not what came in", name)
		}
		second.checkSigned(name, doc)
		second.checkStagesOnce(doc)
	}
	first.stop()
	second.stop()
	second.checkArchive()
}

// checkStagesOnce checks that the journal has each step of a document once.
func (of *office) checkStagesOnce(doc sohoa.Document) {
	of.t.Helper()
	steps := map[string]int{}
	for _, e := range must(of.catalog.History(of.t.Context(), doc.ID))(of.t) {
		steps[fmt.Sprintf("%s of page %d", e.Action, e.Page)]++
	}
	for step, n := range steps {
		if n != 1 {
			of.t.Errorf("%s: %s stands %d times in the journal, want once", doc.Name, step, n)
		}
	}
}

// TestRestartOnPostgres stops an office in the middle and opens it again.
func TestRestartOnPostgres(t *testing.T) {
	o := options{database: archivetest.StartPostgres(t).Database(t), dir: t.TempDir()}
	of := openOffice(t, o)
	doc := of.add("bien-ban-01.pdf", scan(t, "bien-ban-01.pdf"))
	of.await(doc.ID, func(d sohoa.Document) bool { return d.PagesRead > 0 })
	of.stop()
	of = openOffice(t, o)
	if got := of.kept(doc.ID); got.Revision != 1 || got.PagesRead != got.Pages {
		t.Errorf("kept as %+v, want revision 1 with every page", got)
	}
	of.checkArchive()
	if docs := must(of.catalog.FindDocuments(t.Context(), sohoa.Everything, archive.DocumentQuery{}))(t); len(docs) != 1 {
		t.Errorf("%d documents, want 1", len(docs))
	}
}

// TestCrashesOnPostgres lets the object store die at every second change, as
// TestEveryCrashIsRecoverable does at each: where the catalogue is shared,
// nobody repairs the storage root at the start.
func TestCrashesOnPostgres(t *testing.T) {
	server := archivetest.StartPostgres(t)
	page := scan(t, "trang-trang-01.jpg")
	total := countChanges(t, page)
	for n := 1; n <= total; n += 2 {
		mode := archivetest.Mode{Stop: true, After: n%4 == 1}
		t.Run(fmt.Sprintf("at %d after %v", n, mode.After), func(t *testing.T) {
			crashOf(t, options{database: server.Database(t), dir: t.TempDir()}, page, n, mode)
		})
	}
}

// TestArrangeOnPostgres has two offices on one database arrange pages at once,
// each taking from what the other works on.
func TestArrangeOnPostgres(t *testing.T) {
	o := options{database: archivetest.StartPostgres(t).Database(t), objects: filepath.Join(t.TempDir(), "objects")}
	first, second := openOffice(t, o), openOffice(t, o)
	a, b := first.held("bien-ban-01.pdf"), second.held("trang-trang-01.jpg")
	orders := map[sohoa.DocumentID]string{a.ID: fmt.Sprintf("4-1,%s:1", b.ID), b.ID: fmt.Sprintf("1,%s:2-3", a.ID)}
	results := make(chan error, 2*len(orders))
	for id, order := range orders {
		for _, of := range []*office{first, second} {
			want := sohoa.Arrangement{Document: id, Pages: must(sohoa.ParsePages(id, order))(t)}
			go func() {
				_, err := of.Arrange(t.Context(), "lan", want)
				results <- err
			}()
		}
	}
	done := 0
	for range cap(results) {
		switch err := <-results; {
		case err == nil:
			done++
		case problemOf(err) != "arrange.changed":
			t.Errorf("Arrange beside others = %v, want arrange.changed", err)
		}
	}
	if done != 1 {
		t.Errorf("%d changes of the same pages got in, want 1", done)
	}
	must(first.Undo(t.Context(), "lan", first.arrangement(a.ID)))(t)
	first.checkPages(a.ID, "1-4")
	second.checkPages(b.ID, "1")
	second.arrange(b.ID, fmt.Sprintf("%s:1-4,1@180", a.ID))
	kept := first.release(b.ID)
	moved := second.kept(a.ID)
	first.stop()
	second.stop()
	if kept.Pages != 5 || len(moved.MovedTo) != 1 {
		t.Errorf("kept %d pages, moved to %v; want 5, and one", kept.Pages, moved.MovedTo)
	}
	second.checkSigned("merged", kept)
	second.checkArchive()
}
