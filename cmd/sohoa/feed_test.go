package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"syscall"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/search/searchtest"
)

// intake enters documents as the stages do, without reading any.
type intake struct {
	b      testing.TB
	a      *app
	papers *searchtest.Papers
	common sohoa.File // the text of pages that nobody looks for
	n      int
}

// newIntake opens an archive with SQLite in a folder of its own.
func newIntake(b testing.TB) *intake {
	a, err := openApp(b.Context(), &settings{Data: b.TempDir(), Store: "local", SecondStore: "none", Agency: "H1"}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { a.Close() })
	in := &intake{b: b, a: a, papers: searchtest.NewPapers(7, .04)}
	in.common = in.text(in.papers.Paper(0).Pages[0].Text)
	in.update(func(tx archive.Tx) error {
		return errors.Join(tx.PutAgency(sohoa.Agency{Code: "H1", Name: "UBND xã"}), tx.PutProcedure(sohoa.Procedure{Code: "1.001", Name: "Cấp giấy phép"}),
			tx.PutDossier(sohoa.Dossier{Code: "H1-1", Agency: "H1", Procedure: "1.001", Owner: sohoa.Owner{Name: "Lò Văn Pịt"}, CreatedAt: time.Now()}))
	})
	return in
}

func (in *intake) update(f func(archive.Tx) error) {
	in.b.Helper()
	if err := in.a.catalog.Update(context.WithoutCancel(in.b.Context()), f); err != nil {
		in.b.Error(err)
	}
}

// text stores the text of a page, with a box for each word.
func (in *intake) text(words string) sohoa.File {
	in.n++
	var t sohoa.PageText
	var line sohoa.Line
	for _, w := range bytes.Fields([]byte(words)) {
		line.Words = append(line.Words, sohoa.Word{Text: string(w), Confidence: .9, Box: sohoa.Rect{X0: 100, Y0: 200, X1: 400, Y1: 240}})
	}
	t.Lines = []sohoa.Line{line}
	j, err := json.Marshal(t)
	if err != nil {
		in.b.Fatal(err)
	}
	info, err := in.a.blobs.Put(context.WithoutCancel(in.b.Context()), fmt.Sprintf("work/text-%d", in.n), bytes.NewReader(j))
	if err != nil {
		in.b.Error(err)
	}
	return sohoa.File{Role: sohoa.RoleText, Key: info.Key, Size: info.Size, Digest: info.Digest, MediaType: "application/json"}
}

// read enters a document of so many pages, all with the same text, as read.
func (in *intake) read(pages int, text sohoa.File) sohoa.Document {
	now := time.Now()
	doc := sohoa.Document{ID: sohoa.NewDocumentID(now), Dossier: "H1-1", Name: "scan.pdf", AcceptedAt: now, Pages: pages, State: sohoa.StateRead,
		Digest: sohoa.Sum(fmt.Append(nil, now.UnixNano()))}
	in.update(func(tx archive.Tx) error {
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		for n := range pages {
			text.Page = n + 1
			_, err := tx.Append(sohoa.Entry{Action: sohoa.ActionRead, Document: doc.ID, Page: n + 1, Dossier: doc.Dossier})
			if err := errors.Join(err, tx.PutPage(sohoa.Page{Document: doc.ID, Number: n + 1, Read: true}), tx.PutFile(doc.ID, text)); err != nil {
				return err
			}
		}
		return nil
	})
	return doc
}

// TestIndexFollowsDossiersAndProcedures changes what is indexed with every
// document of a dossier and of a procedure, and the life of a document, as the
// service does; then nothing in the index differs from the catalogue.
func TestIndexFollowsDossiersAndProcedures(t *testing.T) {
	in := newIntake(t)
	idx, err := in.a.openIndex()
	if err != nil {
		t.Fatal(err)
	}
	defer idx.Close()
	doc := in.read(3, in.text("biên bản"))
	catchUp := func() {
		t.Helper()
		if err := search.CatchUp(t.Context(), idx, in.a.feed()); err != nil {
			t.Fatal(err)
		}
	}
	catchUp()
	in.update(func(tx archive.Tx) error {
		d, err := tx.Dossier(doc.Dossier)
		d.Owner = sohoa.Owner{Name: "Giàng A Páo", IDNumber: "001085012345"}
		_, entered := tx.Append(sohoa.Entry{Action: sohoa.ActionDossierSet, Dossier: d.Code})
		return errors.Join(err, tx.PutDossier(d), entered)
	})
	if err := in.a.service.SetProcedures(t.Context(), "lan", []sohoa.Procedure{{Code: "1.001", Name: "Cấp chứng chỉ hành nghề"}}); err != nil {
		t.Fatal(err)
	}
	in.update(func(tx archive.Tx) error {
		doc.State, doc.Life.ValidUntil = sohoa.StateKept, "2024-05-06"
		_, entered := tx.Append(sohoa.Entry{Action: sohoa.ActionValidity, Document: doc.ID, Dossier: doc.Dossier})
		return errors.Join(tx.PutDocument(doc), entered)
	})
	catchUp()
	for query, want := range map[string]int{"nguoi:páo": 1, "nguoi:pịt": 0, "nguoi:001085012345": 1, `thutuc:"chứng chỉ"`: 1, `thutuc:"giấy phép"`: 0,
		"trangthai:expired": 1, `trangthai:"còn hiệu lực"`: 0} {
		res, err := idx.Search(t.Context(), search.Query{Text: query, Scope: sohoa.Everything})
		if err != nil || res.Total != want {
			t.Errorf("Search(%q) = %d, %v, want %d", query, res.Total, err, want)
		}
	}
	if err := idx.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v, err := idx.Verify(t.Context(), in.a.feed(), bleve.Verifying{}); err != nil || v.Pages != 3 || !v.Sound() {
		t.Errorf("Verify = %+v, %v, want 3 pages without a difference", v, err)
	}
}

// BenchmarkFeed reads 100 pages for the index: of one document, of as many as
// there are pages, and the latter asked for one by one.
func BenchmarkFeed(b *testing.B) {
	in := newIntake(b)
	var one, many []search.PageKey
	doc := in.read(100, in.common)
	for n := range 100 {
		one = append(one, search.PageKey{Document: doc.ID, Page: n + 1})
		many = append(many, search.PageKey{Document: in.read(1, in.common).ID, Page: 1})
	}
	for _, tt := range []struct {
		name  string
		pages []search.PageKey
		part  int
	}{{"one-document", one, 100}, {"one-document-page-by-page", one, 1}, {"documents", many, 100}, {"documents-page-by-page", many, 1}} {
		b.Run(tt.name, func(b *testing.B) {
			before := cpuTime(b)
			for b.Loop() {
				for part := range slices.Chunk(tt.pages, tt.part) {
					docs, err := in.a.feed().PageDocs(b.Context(), part)
					if err != nil || len(docs) != len(part) {
						b.Fatalf("PageDocs = %d, %v, want %d", len(docs), err, len(part))
					}
				}
			}
			b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/1000/float64(b.N*len(tt.pages)), "cpu-ms/page")
		})
	}
}

// cpuTime is what this process has used.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkFreshness reports how long after the commit of its reading a page
// is found in the service's own parts, while 10 pages a second come in and
// 4,000 pages of documents have changed.
func BenchmarkFreshness(b *testing.B) {
	in := newIntake(b)
	idx, err := in.a.openIndex()
	if err != nil {
		b.Fatal(err)
	}
	defer idx.Close()
	var large []sohoa.Document
	for range 20 {
		large = append(large, in.read(200, in.common))
	}
	if err := search.CatchUp(b.Context(), idx, in.a.feed()); err != nil {
		b.Fatal(err)
	}
	in.update(func(tx archive.Tx) error {
		for _, doc := range large {
			doc.State = sohoa.StateKept
			_, err := tx.Append(sohoa.Entry{Action: sohoa.ActionKeep, Document: doc.ID, Dossier: doc.Dossier})
			if err := errors.Join(err, tx.PutDocument(doc)); err != nil {
				return err
			}
		}
		return nil
	})
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { search.Follow(ctx, idx, in.a.feed()); done <- struct{}{} }()
	go func() {
		for tick := time.NewTicker(time.Second); ctx.Err() == nil; <-tick.C {
			in.read(10, in.common)
		}
		done <- struct{}{}
	}()
	var took []time.Duration
	before, began := cpuTime(b), time.Now()
	for i := 0; b.Loop(); i++ {
		word := fmt.Sprintf("zq%dx", i)
		text := in.text("biên bản " + word)
		start := time.Now()
		in.read(1, text)
		for found := false; !found; time.Sleep(5 * time.Millisecond) {
			res, err := idx.Search(ctx, search.Query{Text: `"` + word + `"`, Scope: sohoa.Everything})
			if err != nil {
				b.Fatal(err)
			}
			found = res.Total > 0
		}
		took = append(took, time.Since(start))
	}
	cancel()
	<-done
	<-done
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(cpuTime(b)-before)/float64(time.Since(began)), "cpus")
	b.ReportMetric(ms(took[len(took)/2]), "ms-p50")
	b.ReportMetric(ms(took[len(took)-1]), "ms-max")
}
