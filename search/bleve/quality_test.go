package bleve_test

import (
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	plain "github.com/blevesearch/bleve/v2"

	"sohoa"
	"sohoa/search"
	"sohoa/search/searchtest"
)

// Sizes of the retrieval test.
const (
	qualityPages = 1_000
	qualityAsked = 300 // queries
	qualityNoise = .04 // of the words are misread
)

// tally counts how known items rank.
type tally struct {
	n, first, ten int
	reciprocal    float64
	took          time.Duration
}

func (s *tally) add(rank int, took time.Duration) {
	s.n++
	s.took += took
	if rank < 0 {
		return
	}
	s.reciprocal += 1 / float64(rank+1)
	s.ten++
	if rank == 0 {
		s.first++
	}
}

func (s *tally) r1() float64 { return float64(s.first) / float64(s.n) }

func (s *tally) String() string {
	n := float64(s.n)
	return fmt.Sprintf("R@1 %.3f  R@10 %.3f  MRR %.3f  CPU %.2f ms/query", s.r1(),
		float64(s.ten)/n, s.reciprocal/n, s.took.Seconds()*1000/n)
}

// TestQuality looks for known pages among generated ones, here and with bleve
// as it comes, and holds both what it measured and the least that may be.
func TestQuality(t *testing.T) {
	papers := searchtest.NewPapers(20260102, qualityNoise)
	var pages []search.PageDoc
	n := 0
	for ; len(pages) < qualityPages; n++ {
		pages = append(pages, papers.Paper(n).Pages...)
	}
	queries := papers.Sought(1, n, qualityAsked)
	ours := measureOurs(t, papers, pages, queries)
	theirs := measurePlain(t, papers, pages, queries)
	if ours.r1() < .95 {
		t.Errorf("R@1 = %.3f, want at least .95", ours.r1())
	}
	if ours.r1() <= theirs.r1() {
		t.Errorf("R@1 = %.3f, want more than plain bleve's %.3f", ours.r1(), theirs.r1())
	}
}

// measureOurs fills and asks our index.
func measureOurs(t *testing.T, papers *searchtest.Papers, pages []search.PageDoc, queries []searchtest.Sought) *tally {
	dir := t.TempDir()
	idx := open(t, dir)
	start := cpu()
	for part := range slices.Chunk(pages, 500) {
		var changes []search.Change
		for _, d := range part {
			changes = append(changes, search.Change{Document: d.Document, Page: d.Page, Put: &d})
		}
		if err := idx.Apply(t.Context(), changes, 1); err != nil {
			t.Fatal(err)
		}
	}
	took := cpu() - start
	kinds := map[string]*tally{}
	all := tallyAll(queries, kinds, func(q searchtest.Sought) int {
		res, err := idx.Search(t.Context(), search.Query{Text: q.Text, Scope: sohoa.Everything, Limit: 10})
		if err != nil {
			t.Fatalf("Search(%q): %v", q.Text, err)
		}
		return slices.IndexFunc(res.Hits, func(h search.Hit) bool { return papers.Right(q, h.Document) })
	})
	if err := idx.Close(); err != nil {
		t.Fatal(err)
	}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		t.Logf("%-20s %v", k, kinds[k])
		if kinds[k].r1() < .85 {
			t.Errorf("R@1 of %q = %.3f, want at least .85", k, kinds[k].r1())
		}
	}
	t.Logf("ours:  %v  CPU %.2f ms/page  %d bytes/page", all, took.Seconds()*1000/float64(len(pages)), size(t, dir)/len(pages))
	return all
}

// measurePlain fills and asks bleve with its own mapping, analysis and
// ranking.
func measurePlain(t *testing.T, papers *searchtest.Papers, pages []search.PageDoc, queries []searchtest.Sought) *tally {
	dir := filepath.Join(t.TempDir(), "plain")
	ix, err := plain.New(dir, plain.NewIndexMapping())
	if err != nil {
		t.Fatal(err)
	}
	start := cpu()
	for part := range slices.Chunk(pages, 500) {
		b := ix.NewBatch()
		for _, d := range part {
			if err := b.Index(fmt.Sprintf("%s/%d", d.Document, d.Page), map[string]any{"text": d.Text, "owner": d.Owner,
				"procedure": d.ProcedureName, "dossier": d.Dossier, "fields": d.Fields}); err != nil {
				t.Fatal(err)
			}
		}
		if err := ix.Batch(b); err != nil {
			t.Fatal(err)
		}
	}
	took := cpu() - start
	all := tallyAll(queries, map[string]*tally{}, func(q searchtest.Sought) int {
		req := plain.NewSearchRequest(plain.NewMatchQuery(q.Text))
		res, err := ix.Search(req)
		if err != nil {
			t.Fatal(err)
		}
		for i, h := range res.Hits {
			id, err := sohoa.ParseDocumentID(h.ID[:len(searchtest.ID(0).String())])
			if err != nil {
				t.Fatal(err)
			}
			if papers.Right(q, id) {
				return i
			}
		}
		return -1
	})
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("plain: %v  CPU %.2f ms/page  %d bytes/page", all, took.Seconds()*1000/float64(len(pages)), size(t, dir)/len(pages))
	return all
}

// tallyAll asks every query for the rank of its page, -1 for not found.
func tallyAll(queries []searchtest.Sought, kinds map[string]*tally, rank func(searchtest.Sought) int) *tally {
	all := new(tally)
	for _, q := range queries {
		if kinds[q.Kind] == nil {
			kinds[q.Kind] = new(tally)
		}
		start := cpu()
		r := rank(q)
		took := cpu() - start
		all.add(r, took)
		kinds[q.Kind].add(r, took)
	}
	return all
}

// cpu is the CPU time that this process has used, background work included;
// unlike the time of day it can be compared on a busy machine.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// size is the sum of file sizes below dir.
func size(t *testing.T, dir string) int {
	sum := 0
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		sum += int(info.Size())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
