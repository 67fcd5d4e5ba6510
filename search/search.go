// Package search finds pages of documents by what stands on them.
//
// It owns the language of queries, the plan by which an index fetches
// candidates, the ranking, the snippets and the marks on page images. An
// index (search/bleve) owns postings and stored text; it implements Engine
// and gets everything else from here, so that every index ranks alike.
//
// An index is a cache. The truth is the journal and the object store: Follow
// keeps an index up to date from them, and a lost or damaged index is rebuilt
// by following from the start.
//
// What a reader may see is part of every query (Query.Scope). Nothing outside
// it contributes a hit, a count or a snippet.
package search

import (
	"context"
	"time"

	"sohoa"
)

// An Index answers queries about the pages applied to it. Its methods may be
// called concurrently; Apply calls wait for each other.
type Index interface {
	// Apply makes the changes, in order, and moves the cursor. A nil error
	// means that both are durable, together: after a crash either all of them
	// or none are there. Applying the same changes again changes nothing. On
	// error the state is unknown between the two; apply them again. The caller
	// may use changes again once Apply returns.
	Apply(ctx context.Context, changes []Change, cursor uint64) error

	// Cursor is the sequence number of the newest journal entry that has been
	// applied; 0 for a new index.
	Cursor(ctx context.Context) (uint64, error)

	// Differing returns the numbers of the pages of doc that the index does not
	// have as they are in now, which are outlines of all there are: changed,
	// missing, or no more.
	Differing(ctx context.Context, doc sohoa.DocumentID, now []PageDoc) ([]int, error)

	// Documents returns the documents of a group that have pages here; others
	// may be among them.
	Documents(ctx context.Context, g Group) ([]sohoa.DocumentID, error)

	// Search answers q. A malformed q is a *sohoa.Problem of sohoa.ErrInvalid.
	Search(ctx context.Context, q Query) (Results, error)

	// Suggest completes what is being typed, from what scope may see; see the
	// function Suggest.
	Suggest(ctx context.Context, text string, scope sohoa.Scope) ([]Suggestion, error)

	// Close releases the index. Searches under way end first.
	Close() error
}

// A Change replaces or removes one page, or removes a document.
type Change struct {
	Document sohoa.DocumentID
	Page     int      // 1-based; 0 with a nil Put is every page of Document
	Put      *PageDoc // the page as it is now; nil removes it
}

// PageDoc is one page as it is indexed: its text, and what is known about its
// document. Text may hold any bytes.
type PageDoc struct {
	Document      sohoa.DocumentID
	Page          int    // 1-based
	Text          string // PlainText of the page
	TextSum       string // digest of what Text was made of, for Stamp; "" is that of Text
	Name          string // Document.Name
	Dossier       string // Dossier.Code
	Procedure     string // Procedure.Code
	ProcedureName string
	Agency        string   // Agency.Code; scopes compare it byte by byte
	Shared        []string // agencies whose dossiers use it, and so may see it
	AgencyName    string
	Owner         string            // Owner.Name
	OwnerNumber   string            // Owner.IDNumber
	Fields        map[string]string // Field.Value by sohoa.Field* name
	Accepted      time.Time
	State         sohoa.State
	Type          string     // Life.Type
	Life          sohoa.Life // when it is in force: its dates, and when it was revoked or replaced
}

// Query is one search.
type Query struct {
	Text   string      // as typed; see Parse
	Like   PageKey     // instead of Text: what is like this page, which must be in Scope
	Scope  sohoa.Scope // what the reader may see; the zero value finds nothing
	Limit  int         // documents wanted; 0 is DefaultLimit, at most sohoa.MaxHits
	Offset int         // documents to skip
	After  string      // instead of Offset: Results.Next of the page before, which stays right while papers come in
	Sort   Sort
	Facets bool       // count what was found, see Results.Facets
	Day    sohoa.Date // on which states are asked for; empty is today
}

// Sort is the order of results.
type Sort string

// The orders. Ties are broken by document, the newest first.
const (
	SortBest   Sort = ""       // what fits best
	SortNewest Sort = "newest" // by date of issue, where it is known, else by when it came
	SortOldest Sort = "oldest"
)

// DefaultLimit is how many documents a Query asks for when it does not say.
const DefaultLimit = 20

// Results are the documents found, best first.
type Results struct {
	Total      int   // documents that match; a lower bound when More
	More       bool  // there are more than were counted
	Hits       []Hit // at most Query.Limit
	Rebuilding bool  // the index has not caught up with the journal since it was made

	Next   string             // Query.After of the next page; "" at the end
	Facets map[Facet][]Bucket // of Query.Facets: documents within Scope, the largest buckets first, at most MaxBuckets each
	Hidden int                // of the query's identity numbers: how many there are, masked wherever they would be shown
}

// Facet is something by which documents are counted.
type Facet string

// The facets. Each is also a filter of the query language, of the same name.
const (
	FacetAgency    Facet = "coquan"
	FacetType      Facet = "loai"
	FacetProcedure Facet = "thutuc"
	FacetYear      Facet = "nam" // of issue
	FacetState     Facet = "trangthai"
)

// MaxBuckets is how many values of a facet are counted apart.
const MaxBuckets = 20

// Bucket is a value of a facet.
type Bucket struct {
	Value string // for the filter
	Name  string // for people; "" where the index does not know it
	Count int    // documents
}

// Suggestion completes what is being typed.
type Suggestion struct {
	Text string         // a query
	Kind SuggestionKind // what it is
}

// SuggestionKind says what a Suggestion is.
type SuggestionKind string

// The kinds of suggestions.
const (
	SuggestPerson    SuggestionKind = "person"    // a name
	SuggestNumber    SuggestionKind = "number"    // number and notation
	SuggestDossier   SuggestionKind = "dossier"   // a code
	SuggestProcedure SuggestionKind = "procedure" // a name
	SuggestWord      SuggestionKind = "word"      // the rest of a word, or a word meant
)

// MaxSuggestions is how many there are at most.
const MaxSuggestions = 8

// Hit is a document with the pages that matched best.
type Hit struct {
	Document sohoa.DocumentID
	Name     string // Document.Name
	Dossier  string // Dossier.Code
	Score    float64
	Pages    []PageHit // best first, at most MaxPageHits
}

// MaxPageHits is how many pages of a document are shown in a Hit.
const MaxPageHits = 3

// PageHit is a page that matched.
type PageHit struct {
	Page    int // 1-based
	Score   float64
	Snippet []Span // the best passage; joined, its spans are its text
}

// Span is a piece of a snippet.
type Span struct {
	Text   string
	Marked bool // it answers the query
}

// PlainText is the text of a page as it is indexed: words separated by
// spaces, lines by newlines, paragraphs and blocks by an empty line.
func PlainText(t sohoa.PageText) string {
	s, _ := layOut(t)
	return s
}
