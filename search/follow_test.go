package search_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sohoa"
	"sohoa/search"
	"sohoa/search/searchtest"
)

// recorder is an index that keeps what it is told.
type recorder struct {
	batches []string // "CURSOR: DOCUMENT/PAGE ..." with the last letter of the document
	cursor  uint64
	fail    bool
}

var errFull = errors.New("disk full")

func (r *recorder) Apply(_ context.Context, changes []search.Change, cursor uint64) error {
	if r.fail {
		return errFull
	}
	line := fmt.Sprintf("%d:", cursor)
	for _, c := range changes {
		id := c.Document.String()
		line += fmt.Sprintf(" %s/%d", id[len(id)-1:], c.Page)
		if c.Put == nil {
			line += "-"
		}
	}
	r.batches = append(r.batches, line)
	r.cursor = cursor
	return nil
}

func (r *recorder) Cursor(context.Context) (uint64, error) { return r.cursor, nil }

func (r *recorder) Search(context.Context, search.Query) (search.Results, error) {
	return search.Results{}, nil
}

func (r *recorder) Close() error { return nil }

// at is page n of document doc.
func at(doc, n int) search.PageDoc {
	return search.PageDoc{Document: searchtest.ID(doc), Page: n}
}

func TestCatchUp(t *testing.T) {
	for _, tt := range []struct {
		name    string
		journal func(*searchtest.Source)
		want    []string
	}{
		{"empty", func(*searchtest.Source) {}, nil},
		{"pages", func(s *searchtest.Source) {
			s.Put(at(1, 1), sohoa.ActionRead)
			s.Put(at(1, 2), sohoa.ActionRead)
		}, []string{"2: 1/1 1/2"}},
		{"a page twice", func(s *searchtest.Source) {
			s.Put(at(1, 1), sohoa.ActionRead)
			s.Put(at(2, 1), sohoa.ActionRead)
			s.Put(at(1, 1), sohoa.ActionRead)
		}, []string{"3: 1/1 2/1"}},
		{"page and document", func(s *searchtest.Source) {
			s.Put(at(1, 1), sohoa.ActionRead)
			s.Put(at(1, 2), sohoa.ActionRead)
			s.Put(at(1, 2), sohoa.ActionSign)
			s.Put(at(1, 2), sohoa.ActionKeep)
		}, []string{"4: 1/1 1/2"}},
		{"an arranged document", func(s *searchtest.Source) {
			s.Put(at(1, 1), sohoa.ActionRead)
			s.Put(at(1, 2), sohoa.ActionRead)
			s.Put(at(1, 2), sohoa.ActionArrange)
		}, []string{"3: 1/0- 1/1 1/2"}},
		{"what is not indexed", func(s *searchtest.Source) {
			s.Put(at(1, 1), sohoa.ActionView)
			s.Put(at(1, 1), sohoa.ActionSearch)
		}, []string{"2:"}},
		{"gone", func(s *searchtest.Source) {
			s.Put(at(1, 1), sohoa.ActionRead)
			s.Put(at(2, 1), sohoa.ActionKeep)
			s.Forget(searchtest.ID(1))
			s.Forget(searchtest.ID(2))
		}, []string{"2: 1/1- 2/0-"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src, idx := searchtest.NewSource(), new(recorder)
			tt.journal(src)
			if err := search.CatchUp(t.Context(), idx, src); err != nil {
				t.Fatalf("CatchUp: %v", err)
			}
			if !slices.Equal(idx.batches, tt.want) {
				t.Errorf("CatchUp applied %q, want %q", idx.batches, tt.want)
			}
		})
	}
}

// TestCatchUpInParts journals one entry for a document of more pages than an
// index takes at once: the cursor moves with the last part only.
func TestCatchUpInParts(t *testing.T) {
	src, idx := searchtest.NewSource(), new(recorder)
	for n := range 1200 {
		src.Put(at(1, n+1), sohoa.ActionSplit)
	}
	src.Put(at(1, 1), sohoa.ActionKeep)
	idx.cursor = 1200
	if err := search.CatchUp(t.Context(), idx, src); err != nil {
		t.Fatalf("CatchUp: %v", err)
	}
	if len(idx.batches) != 2 {
		t.Fatalf("CatchUp applied %d parts, want 2", len(idx.batches))
	}
	for i, want := range []string{"1200: 1/1 ", "1201: 1/1001 "} {
		if !strings.HasPrefix(idx.batches[i], want) {
			t.Errorf("part %d begins %.20q, want %q", i, idx.batches[i], want)
		}
	}
}

func TestCatchUpReportsErrors(t *testing.T) {
	src := searchtest.NewSource()
	src.Put(at(1, 1), sohoa.ActionRead)
	idx := &recorder{fail: true}
	if err := search.CatchUp(t.Context(), idx, src); !errors.Is(err, errFull) || idx.cursor != 0 {
		t.Errorf("CatchUp = %v at %d, want %v at 0", err, idx.cursor, errFull)
	}
}

// TestFollowPrefersWhatWasRead journals much work, and then a page that was
// just read: an index that follows takes the page in first, and the rest in
// parts between which others could come.
func TestFollowPrefersWhatWasRead(t *testing.T) {
	for _, tt := range []struct {
		name    string
		journal func(*searchtest.Source)
		want    []string // how the first batches begin
		batches int
	}{
		{"behind a large document", func(s *searchtest.Source) {
			for n := range 250 {
				s.Put(at(1, n+1), sohoa.ActionSplit)
			}
			s.Put(at(1, 1), sohoa.ActionKeep)
		}, []string{"250: 2/1", "250: 1/1 ", "250: 1/101 ", "252: 1/201 "}, 4},
		{"behind a long journal", func(s *searchtest.Source) {
			for n := range 250 {
				s.Put(at(3, n+1), sohoa.ActionRead)
			}
		}, []string{"0: 2/1", "0: 3/1 ", "0: 3/101 ", "251: 3/201 "}, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src, idx := searchtest.NewSource(), new(recorder)
			tt.journal(src)
			head, err := src.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if head > 250 {
				idx.cursor = 250
			}
			ctx, cancel := context.WithCancel(t.Context())
			late := &arriving{Source: src, page: at(2, 1), done: cancel}
			if err := search.Follow(ctx, idx, late); !errors.Is(err, context.Canceled) {
				t.Errorf("Follow = %v, want context.Canceled", err)
			}
			if len(idx.batches) != tt.batches {
				t.Fatalf("Follow applied %d batches, want %d: %.40q", len(idx.batches), tt.batches, idx.batches)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(idx.batches[i], want) {
					t.Errorf("batch %d begins %.20q, want %q", i, idx.batches[i], want)
				}
			}
		})
	}
}

// arriving is a source to which a page comes once somebody follows it, and
// that is done when nothing is left.
type arriving struct {
	*searchtest.Source
	page search.PageDoc
	came bool
	done func()
}

func (a *arriving) Entries(ctx context.Context, after uint64, limit int) ([]sohoa.Entry, error) {
	if !a.came {
		a.came = true
		a.Put(a.page, sohoa.ActionRead)
	}
	return a.Source.Entries(ctx, after, limit)
}

func (a *arriving) Wait(ctx context.Context, _ uint64) error {
	a.done()
	return ctx.Err()
}
