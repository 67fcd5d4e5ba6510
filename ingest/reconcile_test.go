package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync"
	"syscall"
	"testing"
	"time"

	"encoding/json"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/backup"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/ingest"
)

// dump copies the catalogue as a back-up does.
func (of *office) dump() string {
	of.t.Helper()
	name := filepath.Join(of.t.TempDir(), "catalogue")
	if _, _, err := of.catalog.(backup.Dumper).Dump(of.t.Context(), name); err != nil {
		of.t.Fatal(err)
	}
	return name
}

// rewind ends the office and opens another in its folder, with an older
// catalogue.
func (of *office) rewind(catalogue string, o options) *office {
	of.t.Helper()
	of.stop()
	of.catalog.Close()
	for _, suffix := range []string{"-wal", "-shm"} {
		os.Remove(filepath.Join(of.dir, "c.db"+suffix)) // there may be none
	}
	if err := os.WriteFile(filepath.Join(of.dir, "c.db"), must(os.ReadFile(catalogue))(of.t), 0o600); err != nil {
		of.t.Fatal(err)
	}
	o.dir = of.dir
	return openOffice(of.t, o)
}

// reconcile returns what was told, by document.
func (of *office) reconcile() (n int, told map[sohoa.DocumentID]error) {
	of.t.Helper()
	told = map[sohoa.DocumentID]error{}
	n, err := of.Reconcile(of.t.Context(), func(id sohoa.DocumentID, err error) { told[id] = err })
	if err != nil {
		of.t.Fatal(err)
	}
	return n, told
}

// TestReconcileBringsDocumentsUp copies the catalogue while one document is
// not kept and another has a signature under way; then both go on. With the
// old catalogue all of that is found again, and nothing is done twice.
func TestReconcileBringsDocumentsUp(t *testing.T) {
	of := openOffice(t, options{idle: true})
	early := of.add("trang-trang-01.jpg", scan(t, "trang-trang-01.jpg"))
	unread := of.dump()
	of.start()
	first := of.kept(early.ID)
	of.set([]sohoa.DocumentID{early.ID}, one(sohoa.PartPerson, "binh")...)
	p, prepared, err := of.prepareAs("binh", early.ID)
	if err != nil {
		t.Fatal(err)
	}
	unsigned := of.dump()
	value := must(keyOf(t, people["binh"]).Sign(t.Context(), prepared))(t)
	if _, err := of.CompleteSignature(t.Context(), "binh", p.ID, value); err != nil {
		t.Fatal(err)
	}
	of.await(early.ID, func(d sohoa.Document) bool { return len(d.Signatures) == 2 })
	if _, err := of.Amend(t.Context(), early.ID, decide("sai số")); err != nil {
		t.Fatal(err)
	}
	last := of.await(early.ID, recorded)
	for name, catalogue := range map[string]string{"not kept": unread, "being signed": unsigned} {
		of = of.rewind(catalogue, options{idle: true})
		n, told := of.reconcile()
		if err, ok := told[early.ID]; n != len(told) || !ok || err != nil {
			t.Errorf("%s: Reconcile = %d and told %v, want the document entered", name, n, told)
		}
		doc := must(of.catalog.Document(t.Context(), sohoa.Everything, early.ID))(t)
		if doc.State != sohoa.StateKept || doc.Revision != last.Revision || doc.Life.Revoked == nil || len(doc.Signatures) != 2 || doc.Stage != "" {
			t.Errorf("%s: %+v, want revision %d, revoked, signed twice", name, doc, last.Revision)
		}
		if left, err := of.catalog.FindPending(t.Context(), archive.PendingQuery{}); err != nil || len(left) > 0 {
			t.Errorf("%s: signatures under way: %v, %v", name, left, err)
		}
		if n, _ := of.reconcile(); n != 0 {
			t.Errorf("%s: a second Reconcile entered %d", name, n)
		}
		of.start()
		next := of.kept(of.add("b.jpg", scan(t, "to-khai-01.jpg")).ID) // its jobs come after those that were left
		of.stop()
		if again := must(of.catalog.Document(t.Context(), sohoa.Everything, early.ID))(t); again.Revision != last.Revision || again.State != sohoa.StateKept || next.Revision != 1 {
			t.Errorf("%s: after work it is %+v", name, again)
		}
		of.checkArchive()
	}
	if first.Revision >= last.Revision {
		t.Errorf("revisions %d and %d, want more of them", first.Revision, last.Revision)
	}
}

// TestReconcileParksWhatIsLost has a catalogue with documents whose working
// file, and whose object, are gone.
func TestReconcileParksWhatIsLost(t *testing.T) {
	of := openOffice(t, options{idle: true})
	lost, there := of.add("a.jpg", scan(t, "trang-trang-01.jpg")), of.add("b.jpg", scan(t, "to-khai-01.jpg"))
	if err := of.Blobs.RemoveAll(t.Context(), "work/"+lost.ID.String()+"/"); err != nil {
		t.Fatal(err)
	}
	_, told := of.reconcile()
	if got := sohoa.AsProblem(told[lost.ID]); len(told) != 1 || got.Code != "restore.lost" {
		t.Errorf("Reconcile told %v, want restore.lost of %s", told, lost.ID)
	}
	if doc := must(of.catalog.Document(t.Context(), sohoa.Everything, lost.ID))(t); doc.State != sohoa.StateParked || doc.Problem.Code != "restore.lost" {
		t.Errorf("it is %s, %v, want parked", doc.State, doc.Problem)
	}
	of.start()
	kept := of.kept(there.ID)
	of.stop()
	if err := os.RemoveAll(filepath.Join(of.dir, "objects", "ocfl", kept.ID.String()[25:]+kept.ID.String()[24:25])); err != nil {
		t.Fatal(err)
	}
	_, told = of.reconcile()
	if got := sohoa.AsProblem(told[kept.ID]); got.Code != "store.missing" {
		t.Errorf("Reconcile without the object told %v, want store.missing", told)
	}
}

// records puts small kept documents into a storage root, as a generator for
// measurements.
func (of *office) records(n int) {
	of.t.Helper()
	agency, at := sohoa.Agency{Code: "H00.00.01", Name: "UBND xã Vĩnh Nghĩa"}, time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	jobs := make(chan int)
	var makers sync.WaitGroup
	for range 2 * runtime.NumCPU() {
		makers.Go(func() {
			for i := range jobs {
				doc := sohoa.Document{ID: sohoa.NewDocumentID(at.Add(time.Duration(i) * time.Second)), Dossier: fmt.Sprintf("HS-%d", i/10), Name: "a.jpg",
					MediaType: "image/jpeg", State: sohoa.StateKept, Pages: 1, PagesRead: 1, Signature: sohoa.SignatureNone, Revision: 1, AcceptedAt: at, AcceptedBy: "lan", KeptAt: at}
				original := fmt.Appendf(nil, "original %d", i)
				doc.Digest, doc.Size = sohoa.Sum(original), int64(len(original))
				text := fmt.Appendf(nil, `{"page":1,"width":10,"height":10,"lines":[{"words":[{"text":"%d"}]}]}`, i)
				r := ingest.Record{Format: ingest.RecordFormat, Document: doc, Agency: agency,
					Dossier: sohoa.Dossier{Code: doc.Dossier, Agency: agency.Code, Owner: sohoa.Owner{Name: "Trần Thị B"}, CreatedAt: at},
					Pages:   []sohoa.Page{{Document: doc.ID, Number: 1, Width: 10, Height: 10, Read: true, MediaType: "image/jpeg"}},
					Files: []ingest.RecordFile{
						{Path: "original.jpg", File: sohoa.File{Role: sohoa.RoleOriginal, Size: doc.Size, Digest: doc.Digest, MediaType: "image/jpeg"}},
						{Path: "text/0001.json", File: sohoa.File{Role: sohoa.RoleText, Page: 1, Size: int64(len(text)), Digest: sohoa.Sum(text), MediaType: "application/json"}},
					}}
				b, err := json.MarshalIndent(r, "", " ")
				if err == nil {
					_, err = of.Keeper.Commit(of.t.Context(), ocfl.DocumentID(doc.ID), ocfl.Version{Created: at, Message: "captured", Files: map[string]ocfl.Content{
						"original.jpg": ocfl.Bytes(original), "text/0001.json": ocfl.Bytes(text), "metadata.json": ocfl.Bytes(b)}})
				}
				if err != nil {
					of.t.Error(err)
				}
			}
		})
	}
	for i := range n {
		jobs <- i
	}
	close(jobs)
	makers.Wait()
}

// peak watches the heap that is in use until it is called.
func peak() func() (bytes uint64) {
	runtime.GC()
	ctx, stop := context.WithCancel(context.Background())
	most := make(chan uint64)
	go func() {
		sample, top := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}, uint64(0)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			metrics.Read(sample)
			top = max(top, sample[0].Value.Uint64())
			<-tick.C
		}
		most <- top
	}()
	return func() uint64 {
		stop()
		return <-most
	}
}

// BenchmarkRecover rebuilds the catalogue of storage roots of two sizes, and
// walks them as listing, fixity and a back-up do. It reports how much of the
// heap lives at most: it must not grow with the number of documents.
func BenchmarkRecover(b *testing.B) {
	for _, n := range sizes(b) {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			of := openOffice(b, options{idle: true})
			of.records(n)
			for b.Loop() {
				of.measure(b, n)
			}
		})
	}
}

// sizes are 1,000 and 10,000, or what SOHOA_BENCH_DOCUMENTS says.
func sizes(b *testing.B) []int {
	var more int
	if _, err := fmt.Sscan(os.Getenv("SOHOA_BENCH_DOCUMENTS"), &more); err == nil {
		return []int{1000, more}
	}
	return []int{1000, 10_000}
}

// measure does each walk once and reports it.
func (of *office) measure(b *testing.B, n int) {
	ctx := b.Context()
	walks := []struct {
		name string
		run  func() error
	}{
		{"list", func() error {
			for _, err := range of.Keeper.Objects(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"recover", func() error {
			got, err := of.Recover(ctx, func(_ sohoa.DocumentID, err error) {
				if err != nil {
					b.Error(err)
				}
			})
			if got != n {
				err = errors.Join(err, fmt.Errorf("%d recovered, want %d", got, n))
			}
			return err
		}},
		{"fixity", func() error {
			for id, err := range of.Keeper.Objects(ctx) {
				if err == nil {
					err = of.Keeper.Fixity(ctx, id, func(f ocfl.Finding) { b.Error(f) })
				}
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"backup", func() error { return of.backUp(b, n) }},
		{"backup-again", func() error { return of.backUp(b, n) }},
	}
	for _, w := range walks {
		most, began, cpu := peak(), time.Now(), processorTime(b)
		if err := w.run(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n)/time.Since(began).Seconds(), w.name+"-docs/s")
		b.ReportMetric(float64((processorTime(b)-cpu).Microseconds())/float64(n)/1000, w.name+"-cpu-ms/doc")
		b.ReportMetric(float64(most())/(1<<20), w.name+"-MB")
	}
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(used.Maxrss)/1024, "peak-RSS-MB") // making the documents included
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// backUp takes a snapshot into the folder "backup" of the office.
func (of *office) backUp(b *testing.B, n int) error {
	store := must(localfs.Open(filepath.Join(of.dir, "backup")))(b)
	defer store.Close()
	repo := must(backup.Create(b.Context(), store, b.TempDir()))(b)
	s, damaged, err := repo.Save(b.Context(), backup.Source{Catalogue: of.catalog.(backup.Dumper), Objects: of.Blobs, Keeper: of.Keeper,
		Work: "work/", Skip: []string{"cache/"}, Now: func() time.Time { return time.Now().Add(time.Hour) }})
	if len(damaged) > 0 || err == nil && s.Objects != int64(n) {
		err = fmt.Errorf("%d objects in the snapshot, want %d; damaged %v", s.Objects, n, damaged)
	}
	return err
}
