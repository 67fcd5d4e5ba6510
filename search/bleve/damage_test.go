package bleve_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sohoa"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/search/searchtest"
)

// scans is a journal of n pages of as many documents.
func scans(n int) *searchtest.Source {
	src := searchtest.NewSource()
	for i := range n {
		src.Put(scan(i), sohoa.ActionRead)
	}
	return src
}

func scan(i int) search.PageDoc {
	return search.PageDoc{Document: searchtest.ID(i), Page: 1, Text: fmt.Sprintf("biên bản số %d", i), Agency: "H1"}
}

var everything = search.Query{Text: "coquan:H1", Scope: sohoa.Everything}

// one is the only file in dir that fits pattern.
func one(t *testing.T, dir, pattern string) string {
	t.Helper()
	got, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(got) == 0 {
		t.Fatalf("no %s in %s: %v", pattern, dir, err)
	}
	return got[0]
}

func TestOpenDamaged(t *testing.T) {
	write := func(pattern, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.WriteFile(one(t, dir, pattern), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		older  bool // bleve may fall back to the empty state before the damage
		damage func(t *testing.T, dir string)
	}{
		{"segment cut short", true, func(t *testing.T, dir string) {
			if err := os.Truncate(one(t, dir, "v*/store/*.zap"), 10); err != nil {
				t.Fatal(err)
			}
		}},
		{"segments missing", true, func(t *testing.T, dir string) {
			removeSegments(t, filepath.Dir(one(t, dir, "v*/store/*.zap")), 0)
		}},
		{"root zeroed", false, write("v*/store/root.bolt", strings.Repeat("\x00", 65536))},
		{"root empty", false, write("v*/store/root.bolt", "")},
		{"metadata empty", false, write("v*/index_meta.json", "")},
		{"current unreadable", false, write("current", "v\xff\n")},
		{"current names nothing", false, write("current", fmt.Sprintf("v%d-000777\n", bleve.Schema))},
		{"older schema", false, func(t *testing.T, dir string) {
			old := one(t, dir, "v*")
			if err := os.Rename(old, filepath.Join(dir, "v0-000001")); err != nil {
				t.Fatal(err)
			}
			write("current", "v0-000001\n")(t, dir)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, src := t.TempDir(), scans(20)
			idx := open(t, dir)
			if err := search.CatchUp(t.Context(), idx, src); err != nil {
				t.Fatal(err)
			}
			if err := idx.Close(); err != nil {
				t.Fatal(err)
			}
			tt.damage(t, dir)
			again, rebuilt, err := bleve.Open(dir, search.Privacy{})
			if err != nil {
				t.Fatalf("Open of a damaged index: %v", err)
			}
			defer again.Close()
			if !rebuilt && !tt.older {
				t.Errorf("Open = rebuilt %v, want true", rebuilt)
			}
			if res, err := again.Search(t.Context(), everything); err != nil || !res.Rebuilding || res.Total != 0 {
				t.Errorf("Search = %+v, %v, want nothing yet and Rebuilding", res, err)
			}
			if err := search.CatchUp(t.Context(), again, src); err != nil {
				t.Fatal(err)
			}
			if got := count(t, again, everything); got != 20 {
				t.Errorf("after catching up: %d documents, want 20", got)
			}
		})
	}
}

// removeSegments removes the segments in store but for the first keep.
func removeSegments(t *testing.T, store string, keep int) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(store, "*.zap"))
	if err != nil || len(segments) <= keep {
		t.Fatalf("segments = %v, %v, want more than %d", segments, err, keep)
	}
	for _, s := range segments[keep:] {
		if err := os.Remove(s); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOpenOlder loses the newest segment only. Whether bleve then falls back
// to an older state or refuses, cursor and pages must agree, so that
// following brings everything back.
func TestOpenOlder(t *testing.T) {
	dir, src := t.TempDir(), searchtest.NewSource()
	idx := open(t, dir)
	for i := range 3 {
		src.Put(scan(i), sohoa.ActionRead)
		if err := search.CatchUp(t.Context(), idx, src); err != nil {
			t.Fatal(err)
		}
	}
	if err := idx.Close(); err != nil {
		t.Fatal(err)
	}
	removeSegments(t, filepath.Dir(one(t, dir, "v*/store/*.zap")), 1)
	idx = open(t, dir)
	defer idx.Close()
	cursor, err := idx.Cursor(t.Context())
	if got := count(t, idx, everything); err != nil || uint64(got) != cursor || cursor == 3 {
		t.Errorf("Cursor = %d, %v with %d documents, want them equal and below 3", cursor, err, got)
	}
	if err := search.CatchUp(t.Context(), idx, src); err != nil {
		t.Fatal(err)
	}
	if got := count(t, idx, everything); got != 3 {
		t.Errorf("after catching up: %d documents, want 3", got)
	}
}

func TestOpenRemovesLeftovers(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, generation(9), "store"), 0o700); err != nil {
		t.Fatal(err)
	}
	idx := open(t, dir)
	defer idx.Close()
	got, err := filepath.Glob(filepath.Join(dir, "v*"))
	if err != nil || len(got) != 1 || filepath.Base(got[0]) != generation(1) {
		t.Errorf("generations = %v, %v, want the first alone", got, err)
	}
}

func TestOpenHeld(t *testing.T) {
	dir := t.TempDir()
	idx := open(t, dir)
	defer idx.Close()
	_, _, err := bleve.Open(dir, search.Privacy{})
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != "search.locked" || !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("Open of a held index = %v, want search.locked", err)
	}
}

func TestClosed(t *testing.T) {
	idx := open(t, t.TempDir())
	if err := idx.Close(); err != nil {
		t.Fatal(err)
	}
	if err := idx.Close(); err != nil {
		t.Errorf("second Close = %v, want nil", err)
	}
	if _, err := idx.Search(t.Context(), everything); !errors.Is(err, sohoa.ErrUnavailable) {
		t.Errorf("Search after Close = %v, want sohoa.ErrUnavailable", err)
	}
	if err := idx.Apply(t.Context(), nil, 1); !errors.Is(err, sohoa.ErrUnavailable) {
		t.Errorf("Apply after Close = %v, want sohoa.ErrUnavailable", err)
	}
}

// openIndex opens an index as what it is here.
func openIndex(t *testing.T, dir string) *bleve.Index {
	t.Helper()
	idx, _, err := bleve.Open(dir, search.Privacy{})
	if err != nil {
		t.Fatalf("Open(%q): %v", dir, err)
	}
	return idx
}

func TestRebuildWhileServing(t *testing.T) {
	dir, src := t.TempDir(), scans(300)
	idx := openIndex(t, dir)
	defer idx.Close()
	if err := search.CatchUp(t.Context(), idx, src); err != nil {
		t.Fatal(err)
	}
	stop := background(t, func(n int) bool { // papers keep coming
		src.Put(scan(300+n), sohoa.ActionRead)
		return n < 500
	}, func(int) bool { // and are indexed
		if err := search.CatchUp(t.Context(), idx, src); err != nil {
			t.Errorf("CatchUp: %v", err)
		}
		return true
	}, func(int) bool { // and looked for
		res, err := idx.Search(t.Context(), everything)
		if err != nil || res.Total < 300 {
			t.Errorf("Search while rebuilding = %d documents, %v, want at least 300", res.Total, err)
		}
		return true
	})
	for range 3 {
		if err := idx.Rebuild(t.Context(), src); err != nil {
			t.Errorf("Rebuild = %v, want nil", err)
		}
	}
	stop()
	if err := search.CatchUp(t.Context(), idx, src); err != nil {
		t.Fatal(err)
	}
	entries, err := src.Entries(t.Context(), 0, 1<<20)
	if got := count(t, idx, everything); err != nil || got != len(entries) {
		t.Errorf("after rebuilding: %d documents, %v, want %d", got, err, len(entries))
	}
	got, err := filepath.Glob(filepath.Join(dir, "v*"))
	if err != nil || len(got) != 1 || filepath.Base(got[0]) != generation(4) {
		t.Errorf("generations = %v, %v, want v2-000004", got, err)
	}
}

// background calls each f with 0, 1, 2, ... until it returns false or the
// returned function is called, which waits for all.
func background(t *testing.T, fs ...func(int) bool) (stop func()) {
	t.Helper()
	quit, done := make(chan struct{}), make(chan struct{})
	for _, f := range fs {
		go func() {
			defer func() { done <- struct{}{} }()
			for n := 0; f(n); n++ {
				select {
				case <-quit:
					return
				default:
				}
			}
		}()
	}
	return func() {
		close(quit)
		for range fs {
			<-done
		}
	}
}

func TestRebuildFails(t *testing.T) {
	dir, src := t.TempDir(), scans(10)
	idx := openIndex(t, dir)
	defer idx.Close()
	if err := search.CatchUp(t.Context(), idx, src); err != nil {
		t.Fatal(err)
	}
	src.FailReads(1)
	if err := idx.Rebuild(t.Context(), src); err == nil {
		t.Error("Rebuild from a failing source = nil, want its error")
	}
	if got := count(t, idx, everything); got != 10 {
		t.Errorf("after a failed rebuild: %d documents, want 10", got)
	}
	entries, err := os.ReadDir(dir)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"current", "lock", generation(1)}; err != nil || !slices.Equal(names, want) {
		t.Errorf("directory = %v, %v, want %v", names, err, want)
	}
}

// TestDirectoryRemoved removes the directory of an index that is used: it is
// made again, with its lock, and filled from the journal, whether what follows
// comes upon it or Keep does.
func TestDirectoryRemoved(t *testing.T) {
	for name, notice := range map[string]func(*bleve.Index, *searchtest.Source) error{
		"by following": func(idx *bleve.Index, src *searchtest.Source) error {
			src.Put(scan(20), sohoa.ActionRead)
			search.CatchUp(t.Context(), idx, src) // may fail, see Index.Apply
			return search.CatchUp(t.Context(), idx, src)
		},
		"by checking": func(idx *bleve.Index, src *searchtest.Source) error {
			src.Put(scan(20), sohoa.ActionRead)
			return idx.Tend(t.Context(), src, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, src := filepath.Join(t.TempDir(), "index"), scans(20)
			idx := open(t, dir)
			defer idx.Close()
			if err := search.CatchUp(t.Context(), idx, src); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := notice(idx.(*bleve.Index), src); err != nil {
				t.Fatalf("after the directory was removed: %v", err)
			}
			if got := count(t, idx, everything); got != 21 {
				t.Errorf("%d documents, want 21", got)
			}
			if _, _, err := bleve.Open(dir, search.Privacy{}); !errors.Is(err, sohoa.ErrConflict) {
				t.Errorf("Open beside it = %v, want that it is locked", err)
			}
		})
	}
}
