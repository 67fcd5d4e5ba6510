package ingest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/ingest"
)

// TestHoldMeetsThePipeline holds a document after its first journal entry, its
// second and so on. Either that stops it before it is signed, or it is refused
// and the document is kept.
func TestHoldMeetsThePipeline(t *testing.T) {
	of := openOffice(t, options{})
	page := scan(t, "trang-trang-01.jpg")
	held, refused := 0, 0
	for n := 1; n <= 6; n++ {
		doc := of.add("a.jpg", append(bytes.Clone(page), byte(n)))
		of.awaitEntries(doc.ID, n)
		err := of.Hold(t.Context(), "lan", doc.ID)
		if err != nil {
			refused++
			if code := problemOf(err); code != "arrange.signing" && code != "arrange.signed" {
				t.Errorf("Hold after %d entries = %v, want it held or refused", n, err)
			}
			if got := of.kept(doc.ID); got.Held || got.Revision != 1 {
				t.Errorf("refused after %d entries: %+v, want it kept once", n, got)
			}
			continue
		}
		held++
		got := of.await(doc.ID, func(d sohoa.Document) bool { return d.State == sohoa.StateRead })
		if !got.Held || got.Signature != sohoa.SignaturePending {
			t.Errorf("held after %d entries: %+v, want it unsigned", n, got)
		}
		of.arrange(doc.ID, "1@90")
		kept := of.release(doc.ID)
		if pages := must(of.catalog.Pages(t.Context(), doc.ID))(t); pages[0].From.Turn != 90 || kept.Revision != 1 {
			t.Errorf("released after %d entries: revision %d, page %+v; want it kept once, turned", n, kept.Revision, pages[0])
		}
	}
	if held == 0 || refused == 0 {
		t.Errorf("%d held and %d refused, want some of both", held, refused)
	}
	of.stop()
	of.checkArchive()
}

// awaitEntries waits until a document has n entries in the journal.
func (of *office) awaitEntries(id sohoa.DocumentID, n int) {
	of.t.Helper()
	of.await(id, func(sohoa.Document) bool {
		return len(must(of.catalog.History(of.t.Context(), id))(of.t)) >= n
	})
}

func TestOfficeHoldsEverything(t *testing.T) {
	of := openOffice(t, options{idle: true})
	of.HoldAll = true
	doc := of.add("a.jpg", scan(t, "trang-trang-01.jpg"))
	if !doc.Held {
		t.Error("a document is not held, want all of them")
	}
}

// TestParkedBeforeSigningIsTakenUpByHold holds a document whose signing
// failed.
func TestParkedBeforeSigningIsTakenUpByHold(t *testing.T) {
	var broken *refusing
	of := openOffice(t, options{store: func(s ingest.Store) ingest.Store {
		broken = &refusing{Store: s}
		return broken
	}})
	broken.set("signed.pdf")
	doc := of.await(of.add("a.pdf", scan(t, "bien-ban-01.pdf")).ID, settled)
	if doc.State != sohoa.StateParked || doc.Stage != sohoa.StageSign {
		t.Fatalf("%s at %s, want it parked at signing", doc.State, doc.Stage)
	}
	of.arrange(doc.ID, "4,3")
	of.checkPages(doc.ID, "4,3|1-2")
	broken.set("")
	if kept := of.release(doc.ID); kept.Pages != 2 || kept.Signature != sohoa.SignatureTimed {
		t.Errorf("kept %+v, want 2 pages, signed", kept)
	}
	of.stop()
	of.checkArchive()
}

// TestEveryCrashOfAnArrangementIsRecoverable lets the object store die at
// every change of a life with a merge, stops the program there and starts it
// again.
func TestEveryCrashOfAnArrangementIsRecoverable(t *testing.T) {
	blank := scan(t, "trang-trang-01.jpg")
	pages := [][]byte{blank, append(bytes.Clone(blank), 'x')}
	total := mergeCrashing(t, t.TempDir(), pages, 0, archivetest.Mode{})
	if total < 15 {
		t.Fatalf("merging two pages makes %d changes in the store, want 15 at least", total)
	}
	for n := 1; n <= total; n++ {
		mode := archivetest.Mode{Stop: true, After: n%2 == 0}
		t.Run(fmt.Sprintf("at %d after %v", n, mode.After), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			mergeCrashing(t, dir, pages, n, mode)
			of := openOffice(t, options{dir: dir})
			a, b := of.merge(t, pages)
			of.kept(a)
			moved := of.kept(b)
			of.stop()
			of.checkMerged(a, moved, pages)
		})
	}
}

// mergeCrashing merges with a store that dies at its nth change, and returns
// how many there were.
func mergeCrashing(t *testing.T, dir string, pages [][]byte, n int, mode archivetest.Mode) int {
	openOffice(t, options{dir: dir, idle: true}) // makes the storage root
	var faults *archivetest.Faults
	of := openOffice(t, options{dir: dir, store: func(s ingest.Store) ingest.Store {
		faults = archivetest.NewFaults(s, n, mode)
		return faults
	}})
	before := faults.Changes()
	var ids []sohoa.DocumentID
	for _, page := range pages {
		doc, _, err := of.Accept(t.Context(), ingest.Request{Dossier: dossier, Name: "a.jpg", Actor: "lan", Body: bytes.NewReader(page), Size: -1, Hold: true})
		if err != nil {
			of.stop()
			return 0
		}
		ids = append(ids, doc.ID)
	}
	for _, id := range ids {
		of.untilDead(faults, n, id, func(d sohoa.Document) bool { return d.State == sohoa.StateRead })
	}
	want := sohoa.Arrangement{Document: ids[0], Pages: []sohoa.PageRef{{Document: ids[1], Page: 1, Turn: 90}, {Document: ids[0], Page: 1}}}
	_, err := of.Arrange(t.Context(), "lan", want)
	if err == nil {
		err = of.Release(t.Context(), "lan", ids[0])
	}
	if err == nil {
		for _, id := range ids {
			of.untilDead(faults, n, id, settled)
		}
	}
	of.stop()
	return faults.Changes() - before
}

// untilDead waits until the store has died or ok says so of a document.
func (of *office) untilDead(faults *archivetest.Faults, n int, id sohoa.DocumentID, ok func(sohoa.Document) bool) {
	of.t.Helper()
	if n == 0 {
		of.await(id, ok)
		return
	}
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for faults.Changes() < n {
		if ok(must(of.catalog.Document(of.t.Context(), sohoa.Everything, id))(of.t)) {
			return
		}
		<-timer.C
	}
}

// merge does what is left to do after a crash.
func (of *office) merge(t *testing.T, pages [][]byte) (a, b sohoa.DocumentID) {
	t.Helper()
	var ids []sohoa.DocumentID
	for _, page := range pages {
		doc, _, err := of.Accept(t.Context(), ingest.Request{Dossier: dossier, Name: "a.jpg", Actor: "lan", Body: bytes.NewReader(page), Size: -1, Hold: true})
		if err != nil {
			t.Fatal(err)
		}
		of.await(doc.ID, func(d sohoa.Document) bool { return d.State == sohoa.StateRead || settled(d) })
		ids = append(ids, doc.ID)
	}
	a, b = ids[0], ids[1]
	if of.arrangement(a).Version == 0 {
		of.arrange(a, fmt.Sprintf("%s:1@90,1", b))
	}
	if err := of.Release(t.Context(), "lan", a); err != nil {
		t.Fatal(err)
	}
	return a, b
}

// checkMerged checks what has become of the two documents.
func (of *office) checkMerged(a sohoa.DocumentID, moved sohoa.Document, originals [][]byte) {
	of.t.Helper()
	of.checkPages(a, fmt.Sprintf("%s:1@90,1", moved.ID))
	doc := must(of.catalog.Document(of.t.Context(), sohoa.Everything, a))(of.t)
	if doc.Revision != 1 || moved.Revision != 1 || len(moved.MovedTo) != 1 || moved.MovedTo[0] != a {
		of.t.Errorf("kept as revision %d and %d, moved to %v; want 1, 1 and %s", doc.Revision, moved.Revision, moved.MovedTo, a)
	}
	for i, id := range []sohoa.DocumentID{a, moved.ID} {
		if original := of.read(id, sohoa.RoleOriginal, 0); !bytes.Equal(original, originals[i]) {
			of.t.Errorf("the original of %s is not what came in", id)
		}
	}
	for i, want := range [][]byte{originals[1], originals[0]} {
		if image := of.read(a, sohoa.RoleImage, i+1); !bytes.Equal(image, want) {
			of.t.Errorf("the image of page %d is not the bytes that came in", i+1)
		}
	}
	of.checkSigned("merged", doc)
	of.checkArchive()
	if docs := must(of.catalog.FindDocuments(of.t.Context(), sohoa.Everything, archive.DocumentQuery{}))(of.t); len(docs) != 2 {
		of.t.Errorf("%d documents, want 2", len(docs))
	}
	for _, id := range []sohoa.DocumentID{a, moved.ID} {
		for info, err := range of.Blobs.List(of.t.Context(), "work/"+id.String()+"/") {
			of.t.Errorf("working copy left behind: %s, %v", info.Key, err)
		}
	}
}

// pausing is a store that stands still before it writes a key, once.
type pausing struct {
	ingest.Store
	suffix  string
	reached chan struct{} // closed when the key is about to be written
	goOn    chan struct{}
	once    sync.Once
}

func (p *pausing) Put(ctx context.Context, key string, r io.Reader) (archive.BlobInfo, error) {
	if strings.HasSuffix(key, p.suffix) {
		p.once.Do(func() {
			close(p.reached)
			<-p.goOn
		})
	}
	return p.Store.Put(ctx, key, r)
}

// TestArrangedWhileComposed holds, arranges and releases a document while its
// PDF is being written of the pages as they were.
func TestArrangedWhileComposed(t *testing.T) {
	var store *pausing
	of := openOffice(t, options{store: func(s ingest.Store) ingest.Store {
		store = &pausing{Store: s, suffix: "document.pdf", reached: make(chan struct{}), goOn: make(chan struct{})}
		return store
	}})
	doc := of.add("a.pdf", scan(t, "bien-ban-01.pdf"))
	<-store.reached
	of.arrange(doc.ID, "4,1")
	if err := of.Release(t.Context(), "lan", doc.ID); err != nil {
		t.Fatal(err)
	}
	close(store.goOn)
	kept := of.kept(doc.ID)
	of.stop()
	if info := outputOf(t, "pdfinfo", of.pdfFile(doc.ID)); kept.Pages != 2 || !strings.Contains(info, "Pages:           2\n") {
		t.Errorf("kept with %d pages, and the PDF is\n%s\nwant the two that were arranged", kept.Pages, info)
	}
	of.checkSigned("arranged", kept)
	of.checkArchive()
}

// TestHeldWhileComposed holds a document while its PDF is being written.
func TestHeldWhileComposed(t *testing.T) {
	var store *pausing
	of := openOffice(t, options{store: func(s ingest.Store) ingest.Store {
		store = &pausing{Store: s, suffix: "document.pdf", reached: make(chan struct{}), goOn: make(chan struct{})}
		return store
	}})
	doc := of.add("a.jpg", scan(t, "trang-trang-01.jpg"))
	<-store.reached
	if err := of.Hold(t.Context(), "lan", doc.ID); err != nil {
		t.Fatal(err)
	}
	close(store.goOn)
	of.stop() // what was under way has ended
	got := must(of.catalog.Document(t.Context(), sohoa.Everything, doc.ID))(t)
	if !got.Held || got.Stage != sohoa.StageCompose || got.Signature != sohoa.SignaturePending {
		t.Errorf("held while composed: %+v, want it waiting, unsigned", got)
	}
	of.start()
	if kept := of.release(doc.ID); kept.Revision != 1 || kept.Signature != sohoa.SignatureTimed {
		t.Errorf("released: %+v, want it signed and kept once", kept)
	}
}
