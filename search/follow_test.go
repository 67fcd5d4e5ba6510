package search_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
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

// Differing says that all pages differ, and that the recorder has page 1 of
// every document.
func (r *recorder) Differing(_ context.Context, _ sohoa.DocumentID, now []search.PageDoc) ([]int, error) {
	if len(now) == 0 {
		return []int{1}, nil
	}
	var pages []int
	for _, d := range now {
		pages = append(pages, d.Page)
	}
	slices.Sort(pages)
	return pages, nil
}

func (r *recorder) Documents(context.Context, search.Group) ([]sohoa.DocumentID, error) {
	return []sohoa.DocumentID{searchtest.ID(1)}, nil
}

func (r *recorder) Cursor(context.Context) (uint64, error) { return r.cursor, nil }

func (r *recorder) Search(context.Context, search.Query) (search.Results, error) {
	return search.Results{}, nil
}

func (r *recorder) Suggest(context.Context, string, sohoa.Scope) ([]search.Suggestion, error) {
	return nil, nil
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
		}, []string{"3: 1/1 1/2"}},
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
// just read: an index that follows takes the page in before the most of it,
// and leaves nothing out.
func TestFollowPrefersWhatWasRead(t *testing.T) {
	for _, tt := range []struct {
		name    string
		journal func(*searchtest.Source)
		cursor  uint64
		pages   int
		before  int // batches before the page's
	}{
		{"behind a large document", func(s *searchtest.Source) {
			for n := range 950 {
				s.Put(at(1, n+1), sohoa.ActionSplit)
			}
			s.Put(at(1, 1), sohoa.ActionKeep)
		}, 950, 951, 0}, // it is the second entry
		{"behind a long journal", func(s *searchtest.Source) {
			for n := range 950 {
				s.Put(at(3, n+1), sohoa.ActionRead)
			}
		}, 0, 951, 2}, // the end of the journal is
	} {
		t.Run(tt.name, func(t *testing.T) {
			src, idx := searchtest.NewSource(), &recorder{cursor: tt.cursor}
			tt.journal(src)
			ctx, cancel := context.WithCancel(t.Context())
			late := &arriving{Source: src, page: at(2, 1), done: cancel}
			if err := search.Follow(ctx, idx, late); !errors.Is(err, context.Canceled) {
				t.Errorf("Follow = %v, want context.Canceled", err)
			}
			applied := map[string]bool{}
			first := -1
			for i, b := range idx.batches {
				cursor, pages, _ := strings.Cut(b, ":")
				if strings.Contains(pages, " 2/1") && first < 0 {
					first = i
				}
				for _, p := range strings.Fields(pages) {
					applied[p] = true
				}
				if last := i == len(idx.batches)-1; (cursor == strconv.Itoa(int(idx.cursor))) != last {
					t.Errorf("batch %d of %d moves the cursor to %s, want it to wait for the last", i+1, len(idx.batches), cursor)
				}
			}
			if head, err := src.Head(t.Context()); err != nil || idx.cursor != head || len(applied) != tt.pages {
				t.Errorf("Follow applied %d pages up to %d, want %d up to %d", len(applied), idx.cursor, tt.pages, head)
			}
			if first < 0 || first > tt.before || len(idx.batches) < 10 {
				t.Errorf("the page was in batch %d of %d, want at most %d before it", first+1, len(idx.batches), tt.before)
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
