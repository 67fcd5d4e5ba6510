package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/ingest"
)

// tick is how often a test looks at something that tells nobody.
const tick = 5 * time.Millisecond

// TestEveryCrashIsRecoverable lets the object store die at its first change,
// at its second and so on, stops the program there, and starts it again: the
// document is kept once each time.
func TestEveryCrashIsRecoverable(t *testing.T) {
	page := scan(t, "trang-trang-01.jpg")
	total := countChanges(t, page)
	if total < 10 {
		t.Fatalf("keeping a page makes %d changes in the store, want 10 at least", total)
	}
	for _, after := range []bool{false, true} {
		for n := 1; n <= total; n++ {
			t.Run(fmt.Sprintf("at %d after %v", n, after), func(t *testing.T) {
				crashAt(t, page, n, archivetest.Mode{Stop: true, After: after})
			})
		}
	}
}

// countChanges is how many changes of the store it takes to keep a document.
func countChanges(t *testing.T, page []byte) int { return countChangesOf(t, options{}, page) }

// countChangesOf is countChanges for the office of o.
func countChangesOf(t *testing.T, o options, page []byte) int {
	var faults *archivetest.Faults
	o.store = func(s ingest.Store) ingest.Store {
		faults = archivetest.NewFaults(s, 0, archivetest.Mode{})
		return faults
	}
	of := openOffice(t, o)
	before := faults.Changes()
	of.kept(of.add("a.jpg", page).ID)
	of.stop()
	return faults.Changes() - before
}

func crashAt(t *testing.T, page []byte, n int, mode archivetest.Mode) {
	crashOf(t, options{dir: t.TempDir()}, page, n, mode)
}

// crashOf is crashAt for the office of o.
func crashOf(t *testing.T, o options, page []byte, n int, mode archivetest.Mode) {
	idle := o
	idle.idle = true
	openOffice(t, idle) // makes the storage root
	var faults *archivetest.Faults
	faulty := o
	faulty.store = func(s ingest.Store) ingest.Store {
		faults = archivetest.NewFaults(s, n, mode)
		return faults
	}
	of := openOffice(t, faulty)
	doc, _, err := of.Accept(t.Context(), request(page))
	acknowledged := err == nil
	if acknowledged {
		of.untilDeadOrKept(faults, n, doc.ID)
	}
	of.stop()

	of = openOffice(t, o)
	again, _, err := of.Accept(t.Context(), request(page))
	if err != nil {
		t.Fatalf("Accept after the crash = %v", err)
	}
	if acknowledged && again.ID != doc.ID {
		t.Errorf("%s was acknowledged, but the same bytes are %s now", doc.ID, again.ID)
	}
	if got := of.kept(again.ID); got.Revision != 1 {
		t.Errorf("kept as revision %d, want 1", got.Revision)
	}
	of.stop()
	of.checkArchive()
	if docs := must(of.catalog.FindDocuments(t.Context(), sohoa.Everything, archive.DocumentQuery{}))(t); len(docs) != 1 {
		t.Errorf("%d documents, want 1", len(docs))
	}
	objects := 0
	for _, err := range of.Keeper.Objects(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		objects++
	}
	if objects != 1 {
		t.Errorf("%d objects in the storage root, want 1", objects)
	}
}

// untilDeadOrKept waits until the store has died, or the document is kept in
// spite of it.
func (of *office) untilDeadOrKept(faults *archivetest.Faults, n int, id sohoa.DocumentID) {
	of.t.Helper()
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for faults.Changes() < n {
		doc := must(of.catalog.Document(of.t.Context(), sohoa.Everything, id))(of.t)
		if settled(doc) {
			return
		}
		<-timer.C
	}
}

// TestRecoverTellsOfWhatWasNotKept loses the catalogue before a document is
// kept.
func TestRecoverTellsOfWhatWasNotKept(t *testing.T) {
	dir := t.TempDir()
	of := openOffice(t, options{dir: dir, idle: true})
	accepted := of.add("a.jpg", scan(t, "trang-trang-01.jpg"))
	of.catalog.Close()
	if err := os.Remove(filepath.Join(dir, "c.db")); err != nil {
		t.Fatal(err)
	}
	of = openOffice(t, options{dir: dir, idle: true})
	if err := of.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	var told *sohoa.Problem
	n, err := of.Recover(t.Context(), func(id sohoa.DocumentID, err error) {
		if id == accepted.ID {
			told = sohoa.AsProblem(err)
		}
	})
	if n != 0 || err != nil || told == nil || told.Code != "recover.unfinished" {
		t.Fatalf("Recover = %d, %v and said %v, want it to tell of %s", n, err, told, accepted.ID)
	}
	if _, err := of.Blobs.Stat(t.Context(), told.Args[1]); err != nil {
		t.Errorf("the original is not at %s: %v", told.Args[1], err)
	}
}

func TestCatalogueIsRebuiltFromTheStorageRoot(t *testing.T) {
	dir := t.TempDir()
	of := openOffice(t, options{dir: dir})
	var before []sohoa.Document
	for _, name := range []string{"to-khai-01.jpg", "bien-ban-01.pdf"} {
		before = append(before, of.kept(of.add(name, scan(t, name)).ID))
	}
	image := of.read(before[1].ID, sohoa.RoleImage, 1)
	of.stop()
	of.catalog.Close()
	for _, lost := range []string{"c.db", "c.db-wal", "c.db-shm", "objects/cache"} {
		if err := os.RemoveAll(filepath.Join(dir, lost)); err != nil {
			t.Fatal(err)
		}
	}

	of = openOffice(t, options{dir: dir, idle: true})
	n, err := of.Recover(t.Context(), func(id sohoa.DocumentID, err error) {
		if err != nil {
			t.Errorf("recover %s: %v", id, err)
		}
	})
	if err != nil || n != len(before) {
		t.Fatalf("Recover = %d, %v, want %d documents", n, err, len(before))
	}
	for _, want := range before {
		got := must(of.catalog.Document(t.Context(), sohoa.Everything, want.ID))(t)
		if got.Name != want.Name || got.Digest != want.Digest || got.State != sohoa.StateKept || got.Pages != want.Pages || got.Signature != want.Signature {
			t.Errorf("recovered %+v, want %+v", got, want)
		}
		of.checkSigned(want.Name, got)
		if text := must(of.PageText(t.Context(), got.ID, 1))(t); text.Page != 1 {
			t.Errorf("text of page %d, want 1", text.Page)
		}
	}
	if got := of.read(before[1].ID, sohoa.RoleImage, 1); string(got) != string(image) {
		t.Error("the page image made again from the original is another one")
	}
	thumb, err := jpeg.DecodeConfig(bytes.NewReader(of.read(before[1].ID, sohoa.RoleThumb, 1)))
	if err != nil || thumb.Width != 320 || thumb.Height <= thumb.Width {
		t.Errorf("the thumbnail made again is %dx%d, %v, want 320 wide and upright", thumb.Width, thumb.Height, err)
	}
	if n, err := of.Recover(t.Context(), func(sohoa.DocumentID, error) {}); n != 0 || err != nil {
		t.Errorf("a second Recover = %d, %v, want nothing to do", n, err)
	}
	of.checkArchive()
}

// full is an object store on a full disk, until there is room.
type full struct {
	ingest.Store
	room *bool
}

func (f full) Put(ctx context.Context, key string, r io.Reader) (archive.BlobInfo, error) {
	if !*f.room {
		return archive.BlobInfo{}, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.full"}
	}
	return f.Store.Put(ctx, key, r)
}

func TestFullDiskLosesNothing(t *testing.T) {
	dir, room := t.TempDir(), true
	of := openOffice(t, options{dir: dir, idle: true, store: func(s ingest.Store) ingest.Store { return full{s, &room} }})
	accepted := of.add("a.jpg", scan(t, "trang-trang-01.jpg"))
	room = false
	if _, _, err := of.Accept(t.Context(), request(scan(t, "to-khai-01.jpg"))); !errors.Is(err, sohoa.ErrUnavailable) {
		t.Errorf("Accept on a full disk = %v, want ErrUnavailable", err)
	}
	room = true
	of.start()
	of.kept(accepted.ID)
	of.checkArchive()
}

func TestParkedDocumentIsRetried(t *testing.T) {
	for stage, key := range map[sohoa.Stage]string{
		sohoa.StageRead:    "text/0003.json",
		sohoa.StageCompose: "document.pdf",
		sohoa.StageSign:    "signed.pdf",
	} {
		t.Run(string(stage), func(t *testing.T) { parkAndRetry(t, stage, key) })
	}
}

// parkAndRetry lets the store refuse a key, so that stage fails for good.
func parkAndRetry(t *testing.T, stage sohoa.Stage, key string) {
	var broken *refusing
	of := openOffice(t, options{store: func(s ingest.Store) ingest.Store {
		broken = &refusing{Store: s}
		return broken
	}})
	broken.set(key)
	id := of.add("a.pdf", scan(t, "bien-ban-01.pdf")).ID
	doc := of.await(id, settled)
	if doc.State != sohoa.StateParked || doc.Stage != stage || doc.Problem == nil {
		t.Fatalf("document is %s at %s (%v), want it parked at %s with a problem", doc.State, doc.Stage, doc.Problem, stage)
	}
	broken.set("")
	if err := of.Retry(t.Context(), "lan", id); err != nil {
		t.Fatal(err)
	}
	if err := of.Retry(t.Context(), "lan", id); err != nil {
		t.Errorf("a second Retry = %v, want nil", err)
	}
	doc = of.kept(id)
	if doc.Problem != nil || doc.PagesRead != 4 {
		t.Errorf("kept with problem %v and %d pages read, want none and 4", doc.Problem, doc.PagesRead)
	}
	if text := must(of.PageText(t.Context(), id, 3))(t); len(text.Lines) == 0 {
		t.Error("page 3 has no text, want it read at last")
	}
	of.checkArchive()
}

// refusing is a store that refuses keys that end in a certain way, for good.
type refusing struct {
	ingest.Store
	mu     sync.Mutex
	suffix string
}

func (r *refusing) set(suffix string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.suffix = suffix
}

func (r *refusing) Put(ctx context.Context, key string, body io.Reader) (archive.BlobInfo, error) {
	r.mu.Lock()
	suffix := r.suffix
	r.mu.Unlock()
	if suffix != "" && strings.HasSuffix(key, suffix) {
		return archive.BlobInfo{}, fmt.Errorf("put %s: %w", key, sohoa.ErrForbidden)
	}
	return r.Store.Put(ctx, key, body)
}

// request is an upload of data.
func request(data []byte) ingest.Request {
	return ingest.Request{Dossier: dossier, Name: "a.jpg", Actor: "lan", Body: bytes.NewReader(data), Size: int64(len(data))}
}
