package searchtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/search"
)

// Sizes of the test of what is hidden.
const (
	hiddenBase   = 200   // papers before
	hiddenSought = 150   // searches for them
	hiddenMore   = 1_000 // papers of agencies out of scope that come then
	hiddenFirst  = 10_000
	hiddenNoise  = .04
)

// stranger sees some of the agencies.
var stranger = sohoa.Scope{Agencies: []string{"H49.64.1", "H49.64.7", "H49.64.13"}}

// agencyOf is the agency of paper n: half of the papers are the stranger's.
func agencyOf(n int) string {
	if n%2 == 0 {
		return stranger.Agencies[n/2%len(stranger.Agencies)]
	}
	return fmt.Sprintf("H49.64.%d", 20+n%17)
}

// testHidden adds a thousand papers that a stranger may not see, and takes
// some away again, and expects every search of the stranger to give the same,
// byte for byte: documents, order, scores, snippets, totals, facets and
// cursors.
func testHidden(t *testing.T, open Opener) {
	papers := NewPapers(7, hiddenNoise)
	queries := papers.Sought(7, hiddenBase, hiddenSought)
	var base []search.PageDoc
	for n := range hiddenBase {
		for _, d := range papers.Paper(n).Pages {
			d.Agency = agencyOf(n)
			base = append(base, d)
		}
	}
	idx := fresh(t, open, base...)
	asked := strangersQueries(queries)
	before, took := answers(t, idx, asked)
	seen := 0
	for _, a := range before {
		seen += strings.Count(a, `"Document"`)
	}
	if seen < len(asked)/2 {
		t.Fatalf("%d searches found %d documents, want more to compare", len(asked), seen)
	}
	extra := hidden(papers, base, queries)
	for i := 0; i < len(extra); i += 250 {
		apply(t, idx, uint64(2+i), puts(extra[i:i+250]...)...)
	}
	after, tookAfter := answers(t, idx, asked)
	compare(t, "a thousand hidden papers came", asked, before, after)
	t.Logf("%d searches took %v, with %d hidden papers more %v", len(asked), took, len(extra), tookAfter)
	var gone []search.Change
	for _, d := range extra[:len(extra)/2] {
		gone = append(gone, search.Change{Document: d.Document})
	}
	apply(t, idx, 5_000, gone...)
	after, _ = answers(t, idx, asked)
	compare(t, "half of them went", asked, before, after)
}

// strangersQueries are searches of every sort with the words of queries.
func strangersQueries(queries []Sought) []search.Query {
	var out []search.Query
	for i, k := range queries {
		q := search.Query{Text: k.Text, Scope: stranger, Facets: true}
		out = append(out, q)
		switch i % 7 {
		case 0:
			q.Sort = search.SortNewest
		case 1:
			q.Sort, q.Limit = search.SortOldest, 3
		case 2:
			q.Offset, q.Limit = 2, 3
		case 3:
			q.Text += ` loai:"quyết định"`
		case 4:
			q.Text += " -đăng nam:2018..2022"
		case 5:
			q.Text = "coquan:H49.64.7 " + q.Text
		case 6:
			q.Text, q.Like = "", search.PageKey{Document: ID(2 * i % hiddenBase), Page: 1}
		}
		out = append(out, q)
	}
	return append(out, search.Query{Text: "coquan:H49.64.7", Scope: stranger, Facets: true},
		search.Query{Text: "cộng hòa xã hội", Scope: stranger, Facets: true, Limit: 100})
}

// answers are the results of queries as JSON, each with the page after it.
func answers(t *testing.T, idx search.Index, queries []search.Query) ([]string, time.Duration) {
	t.Helper()
	start := time.Now()
	var out []string
	for _, q := range queries {
		res := findQuery(t, idx, q)
		both := []search.Results{res}
		if q.After = res.Next; q.After != "" {
			both = append(both, findQuery(t, idx, q))
		}
		text, err := json.Marshal(both)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out, time.Since(start)
}

func compare(t *testing.T, when string, queries []search.Query, before, after []string) {
	t.Helper()
	for i, q := range queries {
		if before[i] != after[i] {
			t.Errorf("after %s, Search(%+v) = %s\nwant %s", when, q, after[i], before[i])
			return
		}
	}
}

// hidden are papers of an agency out of scope, made to disturb: more of the
// same kind, copies of what the stranger sees, floods of the words, pairs,
// names and numbers that are looked for, and of words like them.
func hidden(papers *Papers, base []search.PageDoc, queries []Sought) []search.PageDoc {
	var out []search.PageDoc
	for n := range hiddenMore {
		d := base[(7*n)%len(base)]
		q := queries[n%len(queries)].Text
		switch n % 4 {
		case 0:
			d = papers.Paper(hiddenFirst + n).Pages[0]
		case 1:
			d.Text = strings.Repeat(q+" ", 30)
		case 2:
			d.Text = strings.Repeat(q+"x "+Plain(q)+"o ", 10) + d.Text
			d.Owner, d.Fields = q, map[string]string{sohoa.FieldTypeName: q, sohoa.FieldIssuedDate: "2020-02-02"}
		}
		d.Document, d.Agency, d.AgencyName = ID(hiddenFirst+n), agencyOf(2*n+1), fmt.Sprint("cơ quan ", q)
		out = append(out, d)
	}
	return out
}
