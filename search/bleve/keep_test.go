package bleve_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sohoa"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/search/searchtest"
)

// filled is an index of n pages and its source. The pages came in so many at
// a time: one by one makes many segments, which are merged.
func filled(t *testing.T, dir string, n, part int) (*bleve.Index, *searchtest.Source) {
	t.Helper()
	idx, src := openIndex(t, dir), searchtest.NewSource()
	t.Cleanup(func() {
		if err := idx.Close(); err != nil {
			t.Error(err)
		}
	})
	for i := range n {
		src.Put(scan(i), sohoa.ActionRead)
		if i%part == 0 {
			catchUp(t, idx, src)
		}
	}
	catchUp(t, idx, src)
	if err := idx.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return idx, src
}

func catchUp(t *testing.T, idx *bleve.Index, src search.Source) {
	t.Helper()
	if err := search.CatchUp(t.Context(), idx, src); err != nil {
		t.Fatal(err)
	}
}

// segments are the files of the segments in use.
func segments(t *testing.T, idx *bleve.Index) []string {
	t.Helper()
	paths, err := idx.Segments()
	if err != nil || len(paths) == 0 {
		t.Fatalf("segments = %v, %v, want some", paths, err)
	}
	return paths
}

// flip changes one bit of a file, so far from its start.
func flip(t *testing.T, path string, share float64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	at := int64(share * float64(info.Size()-1))
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 4
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	idx, _ := filled(t, dir, 40, 1)
	if damaged, err := idx.Check(t.Context()); err != nil || len(damaged) > 0 {
		t.Fatalf("Check of a whole index = %v, %v", damaged, err)
	}
	for _, share := range []float64{0, .1, .5, .9, 1} {
		for looked := 0; looked == 0; { // until merging leaves one alone
			for _, path := range segments(t, idx) {
				if flip(t, path, share); !slices.Contains(segments(t, idx), path) {
					continue // merged with others since
				}
				damaged, err := idx.Check(t.Context())
				if !slices.Contains(segments(t, idx), path) {
					continue
				}
				if looked++; err != nil || !slices.Equal(damaged, []string{filepath.Base(path)}) {
					t.Errorf("Check with a bit flipped at %.0f%% of %s = %v, %v", 100*share, filepath.Base(path), damaged, err)
				}
				flip(t, path, share)
			}
		}
	}
}

// flipWord flips a bit of a word in stored text, which no search trips over.
func flipWord(t *testing.T, path, word string) {
	t.Helper()
	b, err := os.ReadFile(path)
	at := bytes.Index(b, []byte(word))
	if err != nil || at < 0 {
		t.Fatalf("%s not in %s: %v", word, path, err)
	}
	flip(t, path, (float64(at)+.5)/float64(len(b)))
}

// watching is a source that looks at what an index says while it is rebuilt.
type watching struct {
	*searchtest.Source
	look func()
}

func (w watching) Entries(ctx context.Context, after uint64, limit int) ([]sohoa.Entry, error) {
	if after == 0 {
		w.look()
	}
	return w.Source.Entries(ctx, after, limit)
}

func TestKeepRebuilds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		why    search.RebuildWhy
		daily  bool
		damage func(t *testing.T, idx *bleve.Index, src *searchtest.Source)
	}{
		{"nothing wrong", "", false, func(*testing.T, *bleve.Index, *searchtest.Source) {}},
		{"bit flipped", search.RebuildDamaged, false, func(t *testing.T, idx *bleve.Index, _ *searchtest.Source) {
			flipWord(t, segments(t, idx)[0], "biên")
		}},
		{"segment gone", search.RebuildDamaged, false, func(t *testing.T, idx *bleve.Index, _ *searchtest.Source) {
			if err := os.Remove(segments(t, idx)[0]); err != nil {
				t.Fatal(err)
			}
		}},
		{"ahead of the journal", search.RebuildJournal, false, func(t *testing.T, idx *bleve.Index, _ *searchtest.Source) {
			if err := idx.Apply(t.Context(), nil, 99); err != nil {
				t.Fatal(err)
			}
		}},
		{"text of a destroyed document", search.RebuildErasure, true, func(t *testing.T, idx *bleve.Index, src *searchtest.Source) {
			src.Put(scan(50), sohoa.ActionRead)
			catchUp(t, idx, src)
			src.Forget(searchtest.ID(50))
			src.Gone(searchtest.ID(50))
			catchUp(t, idx, src)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			idx, src := filled(t, t.TempDir(), 12, 5)
			tt.damage(t, idx, src)
			looked := false
			err := idx.Tend(t.Context(), watching{src, func() {
				looked = true
				res, err := idx.Search(t.Context(), everything)
				if err != nil || res.Total != 12 || res.Rebuilding != (tt.why != search.RebuildErasure) {
					t.Errorf("Search while the index is rebuilt = %+v, %v, want 12 and Rebuilding", res, err)
				}
				if h, err := idx.Health(); err != nil || h.Why != tt.why && h.Rebuilding {
					t.Errorf("Health = %+v, %v, want %s", h, err, tt.why)
				}
			}}, tt.daily)
			if err != nil || looked != (tt.why != "") {
				t.Fatalf("Tend = %v, rebuilt %v", err, looked)
			}
			if h, err := idx.Health(); err != nil || h.Rebuilding || h.Why != "" || h.Pages != 12 || h.Checked.IsZero() {
				t.Errorf("Health afterwards = %+v, %v", h, err)
			}
			if damaged, err := idx.Check(t.Context()); err != nil || len(damaged) > 0 {
				t.Errorf("Check afterwards = %v, %v", damaged, err)
			}
			src.Put(scan(60), sohoa.ActionRead)
			catchUp(t, idx, src)
			if got := count(t, idx, everything); got != 13 {
				t.Errorf("afterwards: %d documents, want 13", got)
			}
		})
	}
}

// TestApplyAfterRebuild has an index replaced between a follower's reading of
// the cursor and its next batch.
func TestApplyAfterRebuild(t *testing.T) {
	idx, src := filled(t, t.TempDir(), 3, 2)
	if err := idx.Rebuild(t.Context(), src); err != nil {
		t.Fatal(err)
	}
	if err := idx.Apply(t.Context(), nil, 3); !errors.Is(err, search.ErrReplaced) {
		t.Errorf("Apply = %v, want search.ErrReplaced", err)
	}
	catchUp(t, idx, src) // asks for the cursor
	if err := idx.Apply(t.Context(), nil, 3); err != nil {
		t.Errorf("Apply after Cursor = %v", err)
	}
}

// TestDestroyedTextGoes looks for a rare word in the files of an index after
// the only document with it was destroyed.
func TestDestroyedTextGoes(t *testing.T) {
	const word = "bạchtuyếtkhôngtên"
	dir := t.TempDir()
	idx, src := filled(t, dir, 5, 5)
	d := scan(9)
	d.Text = word
	src.Put(d, sohoa.ActionRead)
	catchUp(t, idx, src)
	src.Forget(d.Document)
	src.Gone(d.Document)
	catchUp(t, idx, src)
	if grep(t, dir, word) == "" {
		t.Fatal("the word is nowhere, so that this test shows nothing")
	}
	for range 2 { // the second has nothing to do
		if err := idx.Tend(t.Context(), src, true); err != nil {
			t.Fatal(err)
		}
		if name := grep(t, dir, word); name != "" {
			t.Errorf("%s still has the word", name)
		}
	}
	if name := filepath.Base(filepath.Dir(filepath.Dir(segments(t, idx)[0]))); name != generation(2) {
		t.Errorf("generation is %s, want one rebuild", name)
	}
}

func TestVerify(t *testing.T) {
	idx, src := filled(t, t.TempDir(), 250, 100)
	verify := func(repair bool) search.Verified {
		t.Helper()
		v, err := idx.Verify(t.Context(), src, bleve.Verifying{Repair: repair})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := verify(false); !v.Sound() || v.Documents != 250 || v.Pages != 250 {
		t.Fatalf("Verify of a right index = %+v", v)
	}
	extra, last := scan(300), scan(400)
	changes := []search.Change{{Document: searchtest.ID(7), Page: 1}, {Document: searchtest.ID(8)}, // lost
		{Document: extra.Document, Page: 1, Put: &extra}, {Document: last.Document, Page: 1, Put: &last}}
	if err := idx.Apply(t.Context(), changes, 250); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{11, 12, 13} {
		d := scan(n)
		d.Owner = "Nông Văn Dền"
		src.Replace(d)
	}
	src.Put(scan(301), sohoa.ActionRead) // not followed yet: it is none of the differences once it is
	stop := background(t, func(int) bool { catchUp(t, idx, src); return true })
	v := verify(false)
	if v.Missing != 2 || v.Extra != 2 || v.Outdated != 3 || v.Sound() || len(v.Examples) != 7 {
		t.Errorf("Verify = %+v, want 2 missing, 2 extra, 3 outdated", v)
	}
	if v := verify(true); !v.Repaired || !v.Sound() || v.Outdated != 3 {
		t.Errorf("Verify with repair = %+v", v)
	}
	stop()
	if v := verify(false); v.Missing+v.Extra+v.Outdated > 0 {
		t.Errorf("Verify after repair = %+v", v)
	}
	if h, err := idx.Health(); err != nil || h.Verified == nil || h.Verified.Pages != 251 {
		t.Errorf("Health = %+v, %v, want the last result", h, err)
	}
	if got := count(t, idx, search.Query{Text: "nguoi:dền", Scope: sohoa.Everything}); got != 3 {
		t.Errorf("after repair: %d documents of the owner, want 3", got)
	}
	if cursor, err := idx.Cursor(t.Context()); err != nil || cursor != 251 {
		t.Errorf("Cursor = %d, %v, want 251", cursor, err)
	}
}
