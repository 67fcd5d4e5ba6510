package search_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"sohoa"
	"sohoa/search"
	"sohoa/search/searchtest"
)

// losing is an engine that holds pages of one text, whichever they are asked
// for, and loses some of them before they are loaded.
type losing struct {
	pages map[search.PageKey]string
	lost  search.PageKey
	fail  error
	open  int // selections
}

func (e *losing) Select(context.Context, sohoa.Scope, search.Filtering) (search.Selection, error) {
	e.open++
	return e, nil
}

func (e *losing) Close() error {
	e.open--
	return nil
}

func (e *losing) Count(_ context.Context, nodes []search.Node) (uint64, []uint64, error) {
	counts := make([]uint64, len(nodes))
	for i := range counts {
		counts[i] = uint64(len(e.pages))
	}
	return uint64(len(e.pages)), counts, nil
}

func (e *losing) Rank(context.Context, search.Ranking) (search.Ranked, error) {
	out := search.Ranked{Total: len(e.pages)}
	for k := range e.pages {
		out.Documents = append(out.Documents, search.Candidate{Place: search.Place{Score: 1, Document: k.Document},
			Pages: []search.PageScore{{Page: k.Page, Score: 1}}})
	}
	return out, nil
}

func (e *losing) Load(_ context.Context, keys []search.PageKey) ([]*search.Stored, error) {
	out := make([]*search.Stored, len(keys))
	for i, k := range keys {
		if text, ok := e.pages[k]; ok && k != e.lost {
			out[i] = &search.Stored{Text: text}
		}
	}
	return out, e.fail
}

func TestFindLeavesOutWhatIsGone(t *testing.T) {
	e := &losing{pages: map[search.PageKey]string{}}
	for n := range 5 {
		e.pages[search.PageKey{Document: searchtest.ID(n), Page: 1}] = "đơn xin nghỉ phép"
	}
	e.lost = search.PageKey{Document: searchtest.ID(3), Page: 1}
	res, err := search.Find(t.Context(), e, search.Query{Text: "đơn xin nghỉ", Scope: sohoa.Everything}, search.Privacy{})
	if err != nil {
		t.Fatal(err)
	}
	var got []sohoa.DocumentID
	for _, h := range res.Hits {
		got = append(got, h.Document)
	}
	want := []sohoa.DocumentID{searchtest.ID(4), searchtest.ID(2), searchtest.ID(1), searchtest.ID(0)}
	if !slices.Equal(got, want) || e.open != 0 {
		t.Errorf("Find = %v, %d selections open, want %v, none", got, e.open, want)
	}
	e.fail = errors.New("disk is gone")
	_, err = search.Find(t.Context(), e, search.Query{Text: "đơn xin nghỉ", Scope: sohoa.Everything}, search.Privacy{})
	if !errors.Is(err, e.fail) || e.open != 0 {
		t.Errorf("Find = %v, %d selections open, want %v, none", err, e.open, e.fail)
	}
}

// FuzzCursor reads what may come from anybody as the place to go on from.
func FuzzCursor(f *testing.F) {
	e := &losing{pages: map[search.PageKey]string{}}
	for n := range 5 {
		e.pages[search.PageKey{Document: searchtest.ID(n), Page: 1}] = "đơn xin nghỉ phép"
	}
	q := search.Query{Text: "đơn xin nghỉ", Scope: sohoa.Everything, Limit: 2}
	res, err := search.Find(context.Background(), e, q, search.Privacy{})
	if err != nil || res.Next == "" {
		f.Fatalf("Find = %+v, %v, want a next page", res, err)
	}
	f.Add(res.Next)
	f.Add("")
	f.Add("AQIDBAUGBwgJCgsMDQ4PEA")
	f.Fuzz(func(t *testing.T, after string) {
		q := q
		q.After = after
		_, err := search.Find(t.Context(), e, q, search.Privacy{})
		var p *sohoa.Problem
		if err != nil && (!errors.As(err, &p) || p.Code != "query.after") {
			t.Errorf("Find after %q: %v, want query.after or none", after, err)
		}
	})
}
