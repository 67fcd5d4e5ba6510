// Package searchtest is the conformance suite of search.Index: what every
// index must find, rank, hide and survive, through its interface alone.
package searchtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/search"
)

// An Opener opens the index in dir, making it if there is none. It fails the
// test on error; the suite closes what it opens.
type Opener func(t *testing.T, dir string) search.Index

// Run runs the suite.
func Run(t *testing.T, open Opener) {
	for _, tt := range []struct {
		name string
		run  func(*testing.T, Opener)
	}{
		{"Finds", testFinds},
		{"FindsForms", testFindsForms},
		{"FilterLanguage", testFilterLanguage},
		{"Phrases", testPhrases},
		{"RanksMarks", testRanksMarks},
		{"RanksFields", testRanksFields},
		{"FindsAll", testFindsAll},
		{"FindsNot", testFindsNot},
		{"Ranks", testRanks},
		{"Filters", testFilters},
		{"Snippets", testSnippets},
		{"Scope", testScope},
		{"ScopeHidesCounts", testScopeHidesCounts},
		{"SharedScope", testSharedScope},
		{"Hidden", testHidden},
		{"Paging", testPaging},
		{"Cursors", testCursors},
		{"BadCursors", testBadCursors},
		{"Sorts", testSorts},
		{"Facets", testFacets},
		{"States", testStates},
		{"FacetsMany", testFacetsMany},
		{"Like", testLike},
		{"Cancel", testCancel},
		{"Grouping", testGrouping},
		{"Suggest", testSuggest},
		{"SuggestMarks", testSuggestMarks},
		{"SuggestNoIdentity", testSuggestNoIdentity},
		{"SuggestHidden", testSuggestHidden},
		{"SuggestShared", testSuggestShared},
		{"Delete", testDelete},
		{"Idempotent", testIdempotent},
		{"Cursor", testCursor},
		{"Reopen", testReopen},
		{"BadQueries", testBadQueries},
		{"Follow", testFollow},
		{"FollowGroups", testFollowGroups},
		{"FollowTriesAgain", testFollowTriesAgain},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open) })
	}
}

// agency and its neighbour own the papers of the suite.
const (
	agency = "H49.64.33"
	other  = "H49.64.34"
)

// ID is a fixed document identifier, rising with n.
func ID(n int) sohoa.DocumentID {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	tail := ""
	for ; len(tail) < 6; n /= 32 {
		tail = string(digits[n%32]) + tail
	}
	id, err := sohoa.ParseDocumentID("01JABCDEFGHJKMNPQRST" + tail)
	if err != nil {
		panic(err)
	}
	return id
}

// page is the first page of document n with text.
func page(n int, text string) search.PageDoc {
	return search.PageDoc{Document: ID(n), Page: 1, Text: text, Name: "scan.pdf", Agency: agency,
		Accepted: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), State: sohoa.StateKept}
}

// fresh opens an index with pages in it.
func fresh(t *testing.T, open Opener, pages ...search.PageDoc) search.Index {
	t.Helper()
	idx := open(t, t.TempDir())
	t.Cleanup(func() { closeIndex(t, idx) })
	apply(t, idx, 1, puts(pages...)...)
	return idx
}

func closeIndex(t *testing.T, idx search.Index) {
	t.Helper()
	if err := idx.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func puts(pages ...search.PageDoc) []search.Change {
	var out []search.Change
	for _, p := range pages {
		out = append(out, search.Change{Document: p.Document, Page: p.Page, Put: &p})
	}
	return out
}

func apply(t *testing.T, idx search.Index, cursor uint64, changes ...search.Change) {
	t.Helper()
	if err := idx.Apply(context.Background(), changes, cursor); err != nil {
		t.Fatalf("Apply(%d changes, %d): %v", len(changes), cursor, err)
	}
}

// find searches everything.
func find(t *testing.T, idx search.Index, text string) search.Results {
	t.Helper()
	return findQuery(t, idx, search.Query{Text: text, Scope: sohoa.Everything, Limit: 100})
}

func findQuery(t *testing.T, idx search.Index, q search.Query) search.Results {
	t.Helper()
	res, err := idx.Search(context.Background(), q)
	if err != nil {
		t.Fatalf("Search(%q): %v", q.Text, err)
	}
	return res
}

// found are the documents of hits, in order.
func found(res search.Results) []sohoa.DocumentID {
	var out []sohoa.DocumentID
	for _, h := range res.Hits {
		out = append(out, h.Document)
	}
	return out
}

// marked is the marked text of a snippet, pieces separated by |.
func marked(spans []search.Span) string {
	var out []string
	for _, s := range spans {
		if s.Marked {
			out = append(out, s.Text)
		}
	}
	return strings.Join(out, "|")
}
