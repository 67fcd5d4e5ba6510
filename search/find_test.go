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

// crowded is an engine with so many pages that pairs of words are on a share
// of them, and that keeps what it was asked for.
type crowded struct {
	losing
	holding map[string]uint64 // pages by term
	match   *search.Node
}

const crowd = 1_000_000

func (e *crowded) Select(context.Context, sohoa.Scope, search.Filtering) (search.Selection, error) {
	return e, nil
}

func (e *crowded) Close() error { return nil }

func (e *crowded) Count(_ context.Context, nodes []search.Node) (uint64, []uint64, error) {
	counts := make([]uint64, len(nodes))
	for i, n := range nodes {
		counts[i] = e.holding[n.Term]
	}
	return crowd, counts, nil
}

func (e *crowded) Rank(_ context.Context, r search.Ranking) (search.Ranked, error) {
	if e.match == nil {
		e.match = r.Match
	}
	return search.Ranked{Total: 10}, nil
}

// TestCommonPairsOnlyWeigh plans a name and a procedure: the name's rare pair
// fetches, what half of all pages have only adds to scores, and so does a year
// beside a number.
func TestCommonPairsOnlyWeigh(t *testing.T) {
	e := &crowded{holding: map[string]uint64{"nguyenvan": crowd / 2, "vanduc": 500, "ducdang": 20, "dangki": crowd / 2, "=2019y": crowd / 3}}
	q := search.Query{Text: "Nguyễn Văn Đức đăng ký 2019", Scope: sohoa.Everything}
	if _, err := search.Find(t.Context(), e, q, search.Privacy{}); err != nil {
		t.Fatal(err)
	}
	var fetch, weigh []string
	collect(e.match.Any, &fetch)
	collect(e.match.More, &weigh)
	for _, term := range []string{"vanduc", "ducdang"} {
		if !slices.Contains(fetch, term) || slices.Contains(weigh, term) {
			t.Errorf("%s: fetched by %v, weighed %v, want it to fetch", term, fetch, weigh)
		}
	}
	for _, term := range []string{"nguyenvan", "dangki", "=2019y"} {
		if slices.Contains(fetch, term) || !slices.Contains(weigh, term) {
			t.Errorf("%s: fetched by %v, weighed %v, want it to weigh only", term, fetch, weigh)
		}
	}
}

// collect appends the terms of nodes.
func collect(nodes []search.Node, terms *[]string) {
	for _, n := range nodes {
		if n.Term != "" {
			*terms = append(*terms, n.Term)
		}
		collect(n.Any, terms)
		collect(n.All, terms)
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
