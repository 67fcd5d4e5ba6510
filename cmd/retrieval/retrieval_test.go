package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/archive/archivetest"
	"sohoa/search/searchtest"
)

// small are options of a run that takes some seconds.
func small(t *testing.T) options {
	return options{Pages: 3000, Noise: []float64{.05}, Seed: 20260102, QuerySeed: 3, Queries: 300, Engines: []string{"ours", "fts5"},
		Dir: t.TempDir(), Quality: true, JSON: true}
}

// measure runs the program and reads its report.
func measure(t *testing.T, o options) report {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), o, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// The least that a kind of query must reach, of which there are thirty here;
// the figures of large runs are in docs/decisions/retrieval.md.
const (
	leastFirst = .96
	leastTen   = .98
	leastTyped = .90  // of KindTyped, both
	leastAll   = .985 // first, over all kinds
)

// TestKnownPapersAreFound is the retrieval test in small: every kind of query,
// one word in twenty misread, beside SQLite FTS5 on the same pages.
func TestKnownPapersAreFound(t *testing.T) {
	r := measure(t, small(t))
	ours, fts5 := r.Runs[0].Engines[0], r.Runs[0].Engines[1]
	t.Log(r.Runs[0].text(0))
	for _, kind := range searchtest.Kinds {
		q := ours.Quality[kind]
		if q.Queries != 30 {
			t.Errorf("%d queries of kind %q, want 30", q.Queries, kind)
		}
		first, ten := leastFirst, leastTen
		if kind == searchtest.KindTyped {
			first, ten = leastTyped, leastTyped
		}
		if q.First < first || q.Ten < ten {
			t.Errorf("%s: R@1 %.3f, R@10 %.3f, want at least %.2f and %.2f", kind, q.First, q.Ten, first, ten)
		}
	}
	if q := ours.Quality["all"]; q.First < leastAll {
		t.Errorf("all kinds: R@1 %.3f, want at least %.2f", q.First, leastAll)
	}
	if ours.Quality["all"].MRR <= fts5.Quality["all"].MRR {
		t.Errorf("MRR %.3f, want more than FTS5's %.3f", ours.Quality["all"].MRR, fts5.Quality["all"].MRR)
	}
}

// TestIndexesAreUsedAgain has a second run find what the first one indexed,
// with what came in while it timed queries.
func TestIndexesAreUsedAgain(t *testing.T) {
	archivetest.Program(t, "psql") // skips or fails without PostgreSQL
	o := small(t)
	dir, err := os.MkdirTemp("", "retrieval") // PostgreSQL's socket needs a short name, and its user a way there
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	o.Pages, o.Queries, o.Dir = 200, 20, dir
	o.Engines = append(o.Engines, "postgres")
	o.Latency, o.For, o.Clients, o.Rate = true, 100*time.Millisecond, []int{2}, 20
	first, second := measure(t, o), measure(t, o)
	for i, e := range first.Runs[0].Engines {
		again := second.Runs[0].Engines[i]
		if again.Index != e.Index {
			t.Errorf("%s was indexed again", e.Name)
		}
		if again.Quality["all"].Ten < e.Quality["all"].Ten {
			t.Errorf("%s: R@10 is %.3f the second time, want %.3f", e.Name, again.Quality["all"].Ten, e.Quality["all"].Ten)
		}
		st, err := readStamp(filepath.Join(dir, "noise-0.05", e.Name))
		if err != nil {
			t.Fatal(err)
		}
		if l := e.Latency[1]; st.Next <= first.Runs[0].Documents || l.Indexing <= 0 || l.Queries == 0 || l.P99 < l.P50 {
			t.Errorf("%s: papers up to %d of %d, %+v; want some indexed beyond them while queries were timed", e.Name, st.Next, first.Runs[0].Documents, l)
		}
	}
	o.Seed++
	if err := run(t.Context(), o, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "another corpus") {
		t.Errorf("with another seed: %v, want an error that says so", err)
	}
}
