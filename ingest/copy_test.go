package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/ingest"
)

// secondAt is a second copy in a folder. Its store fails from the n-th change
// on, if n is not 0.
func secondAt(t *testing.T, dir string, n int) *ingest.SecondCopy {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	b := must(localfs.Open(dir))(t)
	t.Cleanup(func() { b.Close() })
	var store ingest.Store = b
	if n > 0 {
		store = archivetest.NewFaults(b, n, archivetest.Mode{Stop: true})
	}
	return &ingest.SecondCopy{Blobs: store, Keeper: must(ocfl.OpenLater(store, "ocfl"))(t), Within: time.Hour}
}

func copiedTo(c *ingest.SecondCopy) func(*ingest.Config) {
	return func(cfg *ingest.Config) { cfg.Second = c }
}

func copiedAll(d sohoa.Document) bool { return d.Revision > 0 && d.Copied == d.Revision }

// sameObject wants the two roots to have the same object, valid.
func (of *office) sameObject(id ocfl.ID, second *ingest.SecondCopy) {
	of.t.Helper()
	first := must(of.Keeper.Head(of.t.Context(), id))(of.t)
	copy := must(second.Keeper.Head(of.t.Context(), id))(of.t)
	if first.Head != copy.Head || first.Files["metadata.json"].Digest != copy.Files["metadata.json"].Digest {
		of.t.Errorf("%s: version %d in the first copy, %d in the second", id, first.Head, copy.Head)
	}
	for _, root := range []*ocfl.Store{of.Keeper, second.Keeper} {
		if err := root.ValidateObject(of.t.Context(), id, func(f ocfl.Finding) { of.t.Errorf("%s: %+v", id, f) }); err != nil {
			of.t.Error(err)
		}
	}
}

// TestSecondCopy keeps a document and decides about it: each version is in the
// second copy.
func TestSecondCopy(t *testing.T) {
	second := secondAt(t, filepath.Join(t.TempDir(), "second"), 0)
	of := openOffice(t, options{config: copiedTo(second)})
	id := of.papers(1)[0]
	of.await(id, copiedAll)
	if _, err := of.Amend(t.Context(), id, decide("sai số")); err != nil {
		t.Fatal(err)
	}
	of.await(id, func(d sohoa.Document) bool { return recorded(d) && d.Life.Change == 1 && copiedAll(d) })
	of.sameObject(ocfl.DocumentID(id), second)
	state := must(of.Copies(t.Context()))(t)
	if state.Kept != 1 || state.Behind != 0 || len(state.Copies) != 2 || state.Copies[1].Problem != nil {
		t.Errorf("Copies = %+v, want both in order", state)
	}
	// An object that is no document.
	journal := ocfl.NewID(ocfl.KindJournal, "2026-11-30")
	if _, err := of.Keeper.Commit(t.Context(), journal, ocfl.Version{Created: time.Now(), Message: "heads", Files: map[string]ocfl.Content{"a": ocfl.Bytes([]byte("a"))}}); err != nil {
		t.Fatal(err)
	}
	if err := of.CopyObject(t.Context(), journal); err != nil {
		t.Errorf("CopyObject = %v", err)
	}
	if n := must(of.Catalog.ObjectCopied(t.Context(), string(journal)))(t); n != 1 {
		t.Errorf("ObjectCopied = %d, want 1", n)
	}
	of.checkArchive()
}

// TestSecondStoreAway has the second store fail: the document is kept, and the
// archive says that it is in one copy only, until the store is back.
func TestSecondStoreAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "second")
	away := secondAt(t, dir, 6)
	away.Within = 0
	first := openOffice(t, options{config: copiedTo(away)})
	id := first.papers(1)[0]
	doc := first.kept(id)
	for deadline := time.Now().Add(time.Minute); ; {
		state := must(first.Copies(t.Context()))(t)
		if state.Behind == 1 && len(state.Copies) == 2 && state.Copies[1].Problem != nil {
			if !errors.Is(state.Copies[1].Problem, sohoa.ErrUnavailable) || state.Copies[1].Since.IsZero() || state.Overdue != 1 || len(state.Late) != 1 || !state.Oldest.Equal(doc.KeptAt.Truncate(time.Microsecond)) {
				t.Errorf("Copies = %+v, want the second store away", state)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("Copies = %+v, want the second store away", state)
		}
	}
	first.stop()
	if p, err := first.Auditor().Pass(t.Context(), archive.FirstCopy); err != nil || p.Findings != 0 || p.Objects != 1 {
		t.Errorf("a pass of the first copy alone = %+v, %v, want nothing found", p, err)
	}
	if doc = first.kept(id); doc.State != sohoa.StateKept || doc.Copied != 0 {
		t.Errorf("the document is %s, copied %d, want it kept in one copy", doc.State, doc.Copied)
	}
	back := secondAt(t, dir, 0)
	again := openOffice(t, options{dir: first.dir, idle: true, config: copiedTo(back)})
	if err := again.CopyObject(t.Context(), ocfl.DocumentID(id)); err != nil {
		t.Errorf("CopyObject once the store is back = %v", err)
	}
	again.sameObject(ocfl.DocumentID(id), back)
	if doc = again.kept(id); !copiedAll(doc) {
		t.Errorf("copied %d of %d", doc.Copied, doc.Revision)
	}
}

// TestSecondStoreComesLater configures a second store for an archive that is
// there; then another one, which is not taken for the one before it.
func TestSecondStoreComesLater(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	of.kept(id)
	of.stop()
	second := secondAt(t, filepath.Join(t.TempDir(), "second"), 0)
	later := openOffice(t, options{dir: of.dir, config: copiedTo(second)})
	later.await(id, copiedAll)
	later.sameObject(ocfl.DocumentID(id), second)
	later.stop()

	third := secondAt(t, filepath.Join(t.TempDir(), "third"), 0)
	other := openOffice(t, options{dir: of.dir, idle: true, config: copiedTo(third)})
	err := other.CopyObject(t.Context(), ocfl.DocumentID(id))
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != "copy.other-store" {
		t.Errorf("CopyObject into another store = %v, want it refused", err)
	}
	if _, err := other.Auditor().Pass(t.Context(), archive.SecondCopy); !errors.As(err, &p) || p.Code != "copy.other-store" {
		t.Errorf("a pass of another store = %v, want it refused", err)
	}
	if err := other.AdoptSecond(t.Context(), "hoa"); err != nil {
		t.Fatal(err)
	}
	if doc := other.kept(id); doc.Copied != 0 {
		t.Errorf("copied %d after another store was adopted, want 0", doc.Copied)
	}
	other.start()
	other.await(id, copiedAll)
	other.sameObject(ocfl.DocumentID(id), third)
}

// TestSecondStoreAtTheSamePlace names the first store a second time.
func TestSecondStoreAtTheSamePlace(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	of.kept(id)
	of.stop()
	same := openOffice(t, options{dir: of.dir, idle: true, config: copiedTo(secondAt(t, filepath.Join(of.dir, "objects"), 0))})
	err := same.CopyObject(t.Context(), ocfl.DocumentID(id))
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != "copy.same-place" {
		t.Errorf("CopyObject into the first store = %v, want it refused", err)
	}
}

// TestPassFindsAndRepairs damages both copies, has a pass find it and repairs
// it, with entries in the journal.
func TestPassFindsAndRepairs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "second")
	second := secondAt(t, dir, 0)
	of := openOffice(t, options{config: copiedTo(second)})
	id := of.papers(1)[0]
	of.await(id, copiedAll)
	of.stop()
	auditor := of.Auditor()
	for _, c := range auditor.Copies() {
		if p, err := auditor.Pass(t.Context(), c); err != nil || p.Findings != 0 || p.Objects != 1 || p.Bytes == 0 || p.Ended.IsZero() {
			t.Fatalf("a pass of the %s copy = %+v, %v, want nothing found", c, p, err)
		}
	}
	object := must(of.Keeper.Head(t.Context(), ocfl.DocumentID(id)))(t)
	if err := of.Blobs.Remove(t.Context(), object.Files["metadata.json"].Key); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Blobs.Put(t.Context(), "ocfl/stray", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for _, c := range auditor.Copies() {
		if p, err := auditor.Pass(t.Context(), c); err != nil || p.Findings != 1 {
			t.Errorf("a pass of the %s copy = %+v, %v, want one finding", c, p, err)
		}
	}
	if n, err := auditor.Repair(t.Context(), "hoa"); err != nil || n.Repaired != 2 || n.Left != 0 {
		t.Errorf("Repair = %+v, %v, want both repaired", n, err)
	}
	found := must(of.Catalog.FindFixity(t.Context(), archive.FindingQuery{}))(t)
	if len(found) != 2 || found[0].Actor != "hoa" || found[0].From != "quarantine" || found[1].From != "second" || found[1].Ended.IsZero() {
		t.Errorf("findings = %+v, want both repaired by hoa", found)
	}
	state := must(of.Copies(t.Context()))(t)
	if state.Open != 0 || state.Copies[0].Passes[0].Repaired != 1 {
		t.Errorf("Copies = %+v, want nothing open and one repair", state)
	}
	var acts []string
	for _, e := range must(of.Catalog.Entries(t.Context(), 0, 1000))(t) {
		if e.Action == sohoa.ActionDamage || e.Action == sohoa.ActionRepair {
			acts = append(acts, string(e.Action)+" "+e.Document.String())
		}
	}
	if want := []string{"store.damage " + id.String(), "store.damage ", "store.repair " + id.String(), "store.repair "}; strings.Join(acts, ",") != strings.Join(want, ",") {
		t.Errorf("journal: %q, want %q", acts, want)
	}
	of.checkArchive()
}
