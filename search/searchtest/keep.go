package searchtest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"sohoa"
	"sohoa/search"
)

func testScope(t *testing.T, open Opener) {
	ours, theirs := page(1, "đơn đề nghị"), page(2, "đơn đề nghị")
	theirs.Agency = other
	idx := fresh(t, open, ours, theirs)
	region := []string{agency} // with 3,000 communes
	for n := range 3_000 {
		region = append(region, fmt.Sprintf("H50.%d", n))
	}
	if got, want := suggest(t, idx, "đề", sohoa.Scope{Agencies: region}), suggest(t, idx, "đề", sohoa.Scope{Agencies: []string{agency}}); !slices.Equal(got, want) {
		t.Errorf("suggested in a region: %v, want %v", got, want)
	}
	for _, tt := range []struct {
		name  string
		scope sohoa.Scope
		want  []sohoa.DocumentID
	}{
		{"zero", sohoa.Scope{}, nil},
		{"ours", sohoa.Scope{Agencies: []string{agency}}, []sohoa.DocumentID{ID(1)}},
		{"theirs", sohoa.Scope{Agencies: []string{other}}, []sohoa.DocumentID{ID(2)}},
		{"both", sohoa.Scope{Agencies: []string{agency, other}}, []sohoa.DocumentID{ID(2), ID(1)}},
		{"prefix is no agency", sohoa.Scope{Agencies: []string{"H49.64", "", "h49.64.33"}}, nil},
		{"everything", sohoa.Everything, []sohoa.DocumentID{ID(2), ID(1)}},
		{"of a region", sohoa.Scope{Agencies: region}, []sohoa.DocumentID{ID(1)}},
	} {
		for _, q := range []string{"đề nghị", "đơn", `"đề nghị"`, "coquan:" + other + " đơn", "khac -đơn"} {
			t.Run(tt.name+"/"+q, func(t *testing.T) {
				want := tt.want
				switch q {
				case "khac -đơn":
					want = nil
				case "coquan:" + other + " đơn":
					want = slices.DeleteFunc(slices.Clone(want), func(id sohoa.DocumentID) bool { return id != ID(2) })
				}
				res := findQuery(t, idx, search.Query{Text: q, Scope: tt.scope})
				if got := found(res); !slices.Equal(got, want) || res.Total != len(want) {
					t.Errorf("Search(%q, %v) = %v of %d, want %v", q, tt.scope, got, res.Total, want)
				}
			})
		}
	}
}

// testScopeHidesCounts adds papers of another agency and expects the same
// documents in the same order for one who may not see them.
func testScopeHidesCounts(t *testing.T, open Opener) {
	var ours, theirs []search.PageDoc
	for n := range 30 {
		ours = append(ours, page(n, fmt.Sprintf("đơn đề nghị số %d của thôn %d xã Quảng Long", n, n%7)))
	}
	for n := 100; n < 200; n++ {
		p := page(n, fmt.Sprintf("đơn đề nghị số %d của thôn 3 xã Quảng Long", n))
		p.Agency = other
		theirs = append(theirs, p)
	}
	idx := fresh(t, open, ours...)
	queries := []string{"đề nghị thôn 3", "xã Quảng Long", "Quảng", "đơn số 12"}
	stranger := sohoa.Scope{Agencies: []string{agency}}
	before := map[string]search.Results{}
	for _, q := range queries {
		before[q] = findQuery(t, idx, search.Query{Text: q, Scope: stranger, Limit: 5})
	}
	apply(t, idx, 2, puts(theirs...)...)
	for _, q := range queries {
		got := findQuery(t, idx, search.Query{Text: q, Scope: stranger, Limit: 5})
		if got.Total != before[q].Total || !slices.Equal(found(got), found(before[q])) {
			t.Errorf("Search(%q) = %d %v after hidden pages came, want %d %v", q,
				got.Total, found(got), before[q].Total, found(before[q]))
		}
	}
}

func testPaging(t *testing.T, open Opener) {
	const n = 53
	var pages []search.PageDoc
	for i := range n {
		pages = append(pages, page(i, fmt.Sprintf("biên bản họp thôn số %d %s", i%5, "đồng ý")))
	}
	idx := fresh(t, open, pages...)
	var got []sohoa.DocumentID
	for off := 0; off < n+10; off += 7 {
		res := findQuery(t, idx, search.Query{Text: "biên bản họp thôn", Scope: sohoa.Everything, Limit: 7, Offset: off})
		if res.Total != n || res.More {
			t.Errorf("Search at %d: total %d, more %v, want %d", off, res.Total, res.More, n)
		}
		got = append(got, found(res)...)
	}
	whole := found(find(t, idx, "biên bản họp thôn"))
	if !slices.Equal(got, whole) || len(whole) != n {
		t.Errorf("pages of 7 give %v, want the %d of %v", got, n, whole)
	}
}

func testGrouping(t *testing.T, open Opener) {
	var pages []search.PageDoc
	for i := 1; i <= 6; i++ {
		p := page(1, "phụ lục danh sách")
		if i == 4 {
			p.Text = "phụ lục danh sách hộ nghèo"
		}
		p.Page, p.Name, p.Dossier = i, "phụ lục.pdf", "HS-1"
		pages = append(pages, p)
	}
	idx := fresh(t, open, append(pages, page(2, "danh sách hộ"))...)
	res := find(t, idx, "danh sách hộ nghèo")
	if res.Total != 2 || len(res.Hits) != 2 || res.Hits[0].Document != ID(1) {
		t.Fatalf("Search = %+v, want documents 1 and 2", res)
	}
	h := res.Hits[0]
	if len(h.Pages) != search.MaxPageHits || h.Pages[0].Page != 4 || h.Name != "phụ lục.pdf" || h.Dossier != "HS-1" {
		t.Errorf("hit = %+v, want page 4 first of %d, name and dossier", h, search.MaxPageHits)
	}
}

func testDelete(t *testing.T, open Opener) {
	second := page(1, "văn bản hai")
	second.Page = 2
	idx := fresh(t, open, page(1, "văn bản một"), second, page(2, "văn bản ba"))
	apply(t, idx, 2, search.Change{Document: ID(1), Page: 2})
	if res := find(t, idx, "văn bản"); len(res.Hits) != 2 || len(res.Hits[1].Pages) != 1 {
		t.Errorf("after deleting a page: %+v, want one page in each of two documents", res)
	}
	apply(t, idx, 3, search.Change{Document: ID(1)})
	if got := found(find(t, idx, "văn bản")); !slices.Equal(got, []sohoa.DocumentID{ID(2)}) {
		t.Errorf("after deleting a document: %v, want %v", got, ID(2))
	}
	apply(t, idx, 4, append(puts(page(3, "văn bản bốn")), search.Change{Document: ID(3)})...)
	if got := found(find(t, idx, "văn bản")); !slices.Equal(got, []sohoa.DocumentID{ID(2)}) {
		t.Errorf("after put and delete in one: %v, want %v", got, ID(2))
	}
}

func testIdempotent(t *testing.T, open Opener) {
	idx := fresh(t, open, papers()...)
	want := find(t, idx, "đất đai")
	for range 3 {
		apply(t, idx, 1, puts(papers()...)...)
	}
	got := find(t, idx, "đất đai")
	for i := range got.Hits { // a rewritten page may be weighed differently for a while
		got.Hits[i].Score = want.Hits[i].Score
		for j := range got.Hits[i].Pages {
			got.Hits[i].Pages[j].Score = want.Hits[i].Pages[j].Score
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("after applying four times: %+v, want %+v", got, want)
	}
}

func testCursor(t *testing.T, open Opener) {
	idx := open(t, t.TempDir())
	defer closeIndex(t, idx)
	for i, want := range []uint64{0, 7, 9, 9} {
		if i > 0 {
			apply(t, idx, want)
		}
		if got, err := idx.Cursor(context.Background()); got != want || err != nil {
			t.Errorf("Cursor = %d, %v, want %d", got, err, want)
		}
	}
}

func testReopen(t *testing.T, open Opener) {
	dir := t.TempDir()
	idx := open(t, dir)
	apply(t, idx, 42, puts(papers()...)...)
	closeIndex(t, idx)
	idx = open(t, dir)
	defer closeIndex(t, idx)
	if got, err := idx.Cursor(context.Background()); got != 42 || err != nil {
		t.Errorf("Cursor = %d, %v, want 42", got, err)
	}
	if got := found(find(t, idx, "khai sinh")); len(got) == 0 || got[0] != ID(2) {
		t.Errorf("Search = %v, want %v first", got, ID(2))
	}
}
