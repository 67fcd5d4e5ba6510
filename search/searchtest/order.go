package searchtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/search"
)

// issued is page n with a date of issue, "" for none.
func issued(n int, text, date string) search.PageDoc {
	p := page(n, text)
	p.Fields = map[string]string{sohoa.FieldIssuedDate: date}
	return p
}

func ids(ns ...int) []sohoa.DocumentID {
	var out []sohoa.DocumentID
	for _, n := range ns {
		out = append(out, ID(n))
	}
	return out
}

func testSorts(t *testing.T, open Opener) {
	fresh3 := page(4, "đơn xin nghỉ") // by when it came
	fresh3.Accepted = time.Date(2022, 6, 1, 0, 0, 0, 0, time.UTC)
	idx := fresh(t, open, issued(1, "đơn xin nghỉ", "2021-05-01"), issued(2, "đơn xin nghỉ phép", "2023-01-09"),
		issued(3, "đơn xin nghỉ", "2021-05-01"), fresh3, issued(5, "giấy mời", "2024-01-01"))
	for _, tt := range []struct {
		sort  search.Sort
		query string
		want  []sohoa.DocumentID
	}{
		{search.SortNewest, "đơn xin nghỉ", ids(2, 4, 3, 1)},
		{search.SortOldest, "đơn xin nghỉ", ids(3, 1, 4, 2)},
		{search.SortNewest, "coquan:" + agency, ids(5, 2, 4, 3, 1)},
		{search.SortOldest, "coquan:" + agency, ids(3, 1, 4, 2, 5)},
		{search.SortNewest, "đơm xin nghỉn", ids(2, 4, 3, 1)}, // misspelt
		{search.SortNewest, "mời", ids(5)},
	} {
		got := findQuery(t, idx, search.Query{Text: tt.query, Scope: sohoa.Everything, Sort: tt.sort})
		if !slices.Equal(found(got), tt.want) || got.Total != len(tt.want) {
			t.Errorf("Search(%q, %s) = %v of %d, want %v", tt.query, tt.sort, found(got), got.Total, tt.want)
		}
	}
}

func testFacets(t *testing.T, open Opener) {
	var pages []search.PageDoc
	for n := range 12 {
		p := page(n, "tờ trình số của văn phòng")
		p.AgencyName, p.Procedure, p.ProcedureName = "Xã Quảng Phong", "1.001", "Cấp bản sao"
		p.Fields = map[string]string{sohoa.FieldTypeName: []string{"Tờ trình", "TỜ TRÌNH", "Công văn"}[n%3],
			sohoa.FieldIssuedDate: fmt.Sprintf("202%d-01-01", n%4)}
		if n%6 == 5 {
			p.Agency, p.AgencyName = other, "Xã Quảng Long"
		}
		if n == 0 {
			p.Life.Revoked = &sohoa.Revocation{At: longAgo}
		}
		second := p
		second.Page = 2
		pages = append(pages, p, second)
	}
	secret := page(90, "tờ trình số của văn phòng")
	secret.Agency = "H49.64.99"
	idx := fresh(t, open, append(pages, secret)...)
	got := findQuery(t, idx, search.Query{Text: "tờ trình văn phòng", Facets: true,
		Scope: sohoa.Scope{Agencies: []string{agency, other}}})
	want := map[search.Facet][]search.Bucket{
		search.FacetAgency:    {{Value: agency, Name: "Xã Quảng Phong", Count: 10}, {Value: other, Name: "Xã Quảng Long", Count: 2}},
		search.FacetType:      {{Value: "to trinh", Name: "TỜ TRÌNH", Count: 8}, {Value: "cong van", Name: "Công văn", Count: 4}},
		search.FacetProcedure: {{Value: "1.001", Name: "Cấp bản sao", Count: 12}},
		search.FacetYear:      {{Value: "2020", Count: 3}, {Value: "2021", Count: 3}, {Value: "2022", Count: 3}, {Value: "2023", Count: 3}},
		search.FacetState:     {{Value: "in-force", Count: 11}, {Value: "revoked", Count: 1}},
	}
	if !reflect.DeepEqual(got.Facets, want) || got.Total != 12 {
		t.Errorf("Search = %d, facets %v, want 12, %v", got.Total, got.Facets, want)
	}
	for facet, buckets := range want { // each bucket is what its filter finds
		for _, b := range buckets {
			text := fmt.Sprintf(`%s:"%s" tờ trình văn phòng`, facet, b.Value)
			res := findQuery(t, idx, search.Query{Text: text, Scope: sohoa.Scope{Agencies: []string{agency, other}}})
			if res.Total != b.Count {
				t.Errorf("Search(%q) = %d, want %d", text, res.Total, b.Count)
			}
		}
	}
	if got := find(t, idx, "tờ trình văn phòng"); got.Facets != nil {
		t.Errorf("facets %v, none asked for", got.Facets)
	}
}

// longAgo is when decisions were made that are of no other interest.
var longAgo = time.Date(2021, 2, 3, 4, 5, 6, 0, sohoa.Hanoi)

// testStates asks for states on different days: each document is in one
// bucket, which has what its filter finds.
func testStates(t *testing.T, open Opener) {
	june := time.Date(2024, 6, 15, 14, 30, 0, 0, sohoa.Hanoi)
	lives := []sohoa.Life{
		{},
		{ValidFrom: "2024-03-01", ValidUntil: "2024-12-31"},
		{ValidUntil: "2024-12-31", Revoked: &sohoa.Revocation{At: june}},
		{ValidUntil: "2024-05-31", Replaced: &sohoa.Replacement{At: june}},
		{Revoked: &sohoa.Revocation{At: june.AddDate(0, 0, 1)}, Replaced: &sohoa.Replacement{At: june}},
	}
	var pages []search.PageDoc
	for i, l := range lives {
		p := page(i, "giấy phép")
		p.Life = l
		pages = append(pages, p)
	}
	for i, state := range []sohoa.State{sohoa.StateParked, sohoa.StateReading, sohoa.StateRead, sohoa.StateAccepted} {
		p := page(len(lives)+i, "giấy phép")
		p.State = state
		pages = append(pages, p)
	}
	idx := fresh(t, open, pages...)
	for _, tt := range []struct {
		day  sohoa.Date
		want map[string][]int
	}{
		{"2024-02-29", map[string][]int{"in-force": {0, 2, 3, 4}, "not-yet": {1}}},
		{"2024-03-01", map[string][]int{"in-force": {0, 1, 2, 3, 4}}},
		{"2024-06-01", map[string][]int{"in-force": {0, 1, 2, 4}, "expired": {3}}},
		{"2024-06-15", map[string][]int{"in-force": {0, 1}, "revoked": {2}, "replaced": {3, 4}}},
		{"2024-06-16", map[string][]int{"in-force": {0, 1}, "revoked": {2, 4}, "replaced": {3}}},
		{"2024-12-31", map[string][]int{"in-force": {0, 1}, "revoked": {2, 4}, "replaced": {3}}},
		{"2025-01-01", map[string][]int{"in-force": {0}, "expired": {1}, "revoked": {2, 4}, "replaced": {3}}},
		{"", map[string][]int{"in-force": {0}, "expired": {1}, "revoked": {2, 4}, "replaced": {3}}},
	} {
		tt.want["parked"], tt.want["processing"], tt.want["kept"] = []int{5}, []int{6, 7, 8}, []int{0, 1, 2, 3, 4}
		tt.want["ended"] = slices.Sorted(slices.Values(slices.Concat(tt.want["expired"], tt.want["revoked"], tt.want["replaced"])))
		all := findQuery(t, idx, search.Query{Text: "giấy phép", Scope: sohoa.Everything, Day: tt.day, Facets: true}).Facets[search.FacetState]
		counts := map[string]int{"kept": 5, "ended": len(tt.want["ended"])} // of several buckets
		for _, b := range all {
			counts[b.Value] = b.Count
		}
		for value, want := range tt.want {
			got := findQuery(t, idx, search.Query{Text: "trangthai:" + value, Scope: sohoa.Everything, Day: tt.day, Sort: search.SortNewest})
			if ids := slices.Sorted(slices.Values(numbers(got))); !slices.Equal(ids, want) {
				t.Errorf("%q: trangthai:%s = %v, want %v", tt.day, value, ids, want)
			}
			if counts[value] != len(want) {
				t.Errorf("%q: facet %s = %d, want %d", tt.day, value, counts[value], len(want))
			}
		}
		if want := len(tt.want) - len(counts); want != 0 {
			t.Errorf("%q: facets %v, want those of %v", tt.day, all, tt.want)
		}
	}
}

// numbers are the numbers of the documents found, as page gives them.
func numbers(res search.Results) []int {
	var out []int
	for n := range 20 {
		if slices.Contains(found(res), ID(n)) {
			out = append(out, n)
		}
	}
	return out
}

// testFacetsMany checks that no more than MaxBuckets are told apart, the
// largest ones.
func testFacetsMany(t *testing.T, open Opener) {
	var pages []search.PageDoc
	for n := range 3 * search.MaxBuckets {
		for i := range 1 + n%3 {
			p := page(10*n+i, "phiếu chuyển")
			p.Procedure = fmt.Sprintf("2.%03d", n)
			pages = append(pages, p)
		}
	}
	idx := fresh(t, open, pages...)
	got := findQuery(t, idx, search.Query{Text: "phiếu chuyển", Scope: sohoa.Everything, Facets: true}).Facets[search.FacetProcedure]
	if len(got) != search.MaxBuckets || got[0].Count != 3 || got[len(got)-1].Count != 3 || got[0].Value != "2.002" {
		t.Errorf("facets = %v, want the %d of 3", got, search.MaxBuckets)
	}
}

// testSharedScope checks that an agency sees what its dossiers use.
func testSharedScope(t *testing.T, open Opener) {
	lent, kept := page(1, "giấy khai sinh bản chính"), page(2, "giấy khai sinh bản sao")
	lent.Shared = []string{other}
	idx := fresh(t, open, lent, kept)
	q := search.Query{Text: "giấy khai sinh", Scope: sohoa.Scope{Agencies: []string{other}}}
	if got := findQuery(t, idx, q); !slices.Equal(found(got), ids(1)) {
		t.Errorf("Search of the agency it is shared with = %v, want %v", found(got), ids(1))
	}
	lent.Shared = nil
	apply(t, idx, 2, puts(lent)...)
	if got := findQuery(t, idx, q); len(got.Hits) > 0 {
		t.Errorf("Search after sharing ended = %v, want none", found(got))
	}
}

// testCursors pages through results while papers come in: what was there is
// seen once, in its order.
func testCursors(t *testing.T, open Opener) {
	const n = 260
	var pages []search.PageDoc
	for i := range n {
		p := issued(i, fmt.Sprintf("biên bản họp thôn số %d %s", i%9, strings.Repeat("nội dung ", i%5)), fmt.Sprintf("20%02d-01-01", i%17))
		pages = append(pages, p)
		if i%3 == 0 {
			p.Page, p.Text = 2, "biên bản họp, tiếp theo"
			pages = append(pages, p)
		}
	}
	for _, q := range []search.Query{
		{Text: "biên bản họp thôn số 3"},
		{Text: "biên bản họp thôn", Sort: search.SortNewest},
		{Text: "biên bản họp thôn", Sort: search.SortOldest},
		{Text: "coquan:" + agency},
		{Text: "coquan:" + agency, Sort: search.SortNewest},
		{Like: search.PageKey{Document: ID(n - 1), Page: 1}},
		{Text: "biên bnả họpp thônn"}, // by the wider plan
	} {
		t.Run(q.Text+string(q.Sort), func(t *testing.T) {
			idx := fresh(t, open, pages...)
			q.Scope, q.Limit = sohoa.Everything, 200
			want := found(findQuery(t, idx, q))
			q.Offset = 200
			want = append(want, found(findQuery(t, idx, q))...)
			q.Offset, q.Limit = 0, 23
			got := pageThrough(t, idx, q, func(round int) {
				p := issued(1000+round, fmt.Sprintf("biên bản họp thôn số %d", round), fmt.Sprintf("20%02d-06-01", round%17))
				apply(t, idx, uint64(10+round), puts(p)...)
			})
			old := slices.DeleteFunc(slices.Clone(got), func(id sohoa.DocumentID) bool { return id.String() >= ID(1000).String() })
			if !slices.Equal(old, want) {
				t.Errorf("%d by cursor, %d at once; got %v\nwant %v", len(old), len(want), old, want)
			}
		})
	}
}

// pageThrough reads all pages of results and calls between after each.
func pageThrough(t *testing.T, idx search.Index, q search.Query, between func(round int)) []sohoa.DocumentID {
	t.Helper()
	var got []sohoa.DocumentID
	for round := 0; ; round++ {
		res := findQuery(t, idx, q)
		got = append(got, found(res)...)
		if q.After = res.Next; q.After == "" {
			return got
		}
		if len(res.Hits) != q.Limit || round > 100 {
			t.Fatalf("page %d has %d hits and a next one", round, len(res.Hits))
		}
		between(round)
	}
}

func testBadCursors(t *testing.T, open Opener) {
	idx := fresh(t, open, papers()...)
	q := search.Query{Text: "coquan:" + agency, Scope: sohoa.Everything, Limit: 2}
	next := findQuery(t, idx, q).Next
	if next == "" {
		t.Fatal("no next page")
	}
	flipped := []byte(next)
	flipped[len(flipped)/2] ^= 1
	for name, after := range map[string]string{"text": "trang 2", "cut": next[:len(next)-3], "flipped": string(flipped),
		"longer": next + "AAAA", "another query's": findQuery(t, idx, search.Query{Text: "ngay:..2025", Scope: sohoa.Everything, Limit: 1}).Next} {
		t.Run(name, func(t *testing.T) {
			q := q
			q.After = after
			_, err := idx.Search(context.Background(), q)
			var p *sohoa.Problem
			if !errors.As(err, &p) || p.Code != "query.after" || !errors.Is(err, sohoa.ErrInvalid) {
				t.Errorf("Search after %q: %v, want query.after", after, err)
			}
		})
	}
	q.After, q.Scope = next, sohoa.Scope{Agencies: []string{other}} // nobody gets more by somebody else's
	if res := findQuery(t, idx, q); len(res.Hits) > 0 || res.Total > 0 {
		t.Errorf("Search with another's cursor = %+v, want nothing", res)
	}
}

func testLike(t *testing.T, open Opener) {
	secret := page(3, "hợp đồng thuê mặt bằng chợ trung tâm, thời hạn năm năm")
	secret.Agency = other
	second := page(1, "phụ lục hợp đồng thuê mặt bằng chợ trung tâm")
	second.Page = 2
	idx := fresh(t, open, append(papers()[1:], page(11, "hợp đồng thuê mặt bằng chợ trung tâm, thời hạn ba năm"),
		page(12, "hợp đồng thuê mặt bằng tại chợ xã"), secret, second, page(1, "hợp đồng thuê mặt bằng chợ trung tâm"))...)
	q := search.Query{Like: search.PageKey{Document: ID(1), Page: 1}, Scope: sohoa.Scope{Agencies: []string{agency}}}
	got := findQuery(t, idx, q)
	if !slices.Equal(found(got), ids(11, 12)) {
		t.Errorf("like page 1 = %v, want %v", found(got), ids(11, 12))
	}
	if len(got.Hits) > 0 && marked(got.Hits[0].Pages[0].Snippet) == "" {
		t.Errorf("nothing marked in %+v", got.Hits[0])
	}
	for _, key := range []search.PageKey{{Document: ID(3), Page: 1}, {Document: ID(1), Page: 9}, {Document: ID(77), Page: 1}} {
		q.Like = key
		if _, err := idx.Search(context.Background(), q); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("like %v: %v, want sohoa.ErrNotExist", key, err)
		}
	}
	blank := page(20, "")
	blank.Name = ""
	apply(t, idx, 2, puts(blank)...)
	q.Like, q.Facets = search.PageKey{Document: ID(20), Page: 1}, true
	if res := findQuery(t, idx, q); len(res.Hits) > 0 {
		t.Errorf("like a blank page = %v, want nothing", found(res))
	}
	q.Like, q.Scope = search.PageKey{Document: ID(1), Page: 1}, sohoa.Scope{}
	if _, err := idx.Search(context.Background(), q); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("like a page out of scope: %v, want sohoa.ErrNotExist", err)
	}
}

func testCancel(t *testing.T, open Opener) {
	idx := fresh(t, open, papers()...)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, q := range []search.Query{{Text: "đất"}, {Text: "coquan:" + agency}, {Like: search.PageKey{Document: ID(1), Page: 1}}} {
		q.Scope = sohoa.Everything
		if _, err := idx.Search(ctx, q); !errors.Is(err, context.Canceled) {
			t.Errorf("Search(%+v) of one who left: %v, want context.Canceled", q, err)
		}
	}
}
