package search

import (
	"context"

	"sohoa"
	"sohoa/search/vi"
)

// Engine is what Find needs of an index: postings within a scope, and stored
// text.
type Engine interface {
	// Select opens the pages within scope that pass filter, as the index is
	// at this moment. The caller closes it.
	Select(ctx context.Context, scope sohoa.Scope, filter Filtering) (Selection, error)
}

// Selection is a set of pages. What its methods return depends on no page
// outside of it; that is how a query keeps to its scope. It is for one
// goroutine.
type Selection interface {
	// Count returns how many pages there are, and how many of them hold each
	// of nodes.
	Count(ctx context.Context, nodes []Node) (all uint64, holding []uint64, err error)
	// Rank finds documents.
	Rank(ctx context.Context, r Ranking) (Ranked, error)
	// Load returns what is stored of each page; nil for one that is not
	// there.
	Load(ctx context.Context, keys []PageKey) ([]*Stored, error)
	// Close releases the index.
	Close() error
}

// Filtering is what pages must pass to be selected.
type Filtering struct {
	Must []Node
	Not  []Node
}

// Ranking asks for documents.
type Ranking struct {
	Match  *Node  // of which a page must hold; nil is every page
	Order  Sort   // SortBest is by the best page's score
	After  *Place // only documents behind it, unless nil
	Until  *Place // only documents not behind it, unless nil
	Limit  int    // documents wanted
	Facets bool   // count all documents by their terms in the facets' fields
}

// Ranked are the documents found.
type Ranked struct {
	Total     int                       // all documents that match, whatever After, Until and Limit say
	Documents []Candidate               // in order
	Facets    map[string]map[string]int // documents by term, by field
}

// Place is where a document stands in an order: by score or date, and then
// the newest first, which is by descending identifier.
type Place struct {
	Score    float64 // the best page's
	Date     int     // of FieldSorted, YYYYMMDD; 0 is not known
	Document sohoa.DocumentID
}

// Candidate is a document with the pages that match best.
type Candidate struct {
	Place
	Pages []PageScore // best first, then by number; at most MaxPageHits
}

// PageScore is a page and the sum of the weights of the terms it holds.
type PageScore struct {
	Page  int
	Score float64
}

// PageKey names a page.
type PageKey struct {
	Document sohoa.DocumentID
	Page     int
}

// Stored is what an engine keeps of a page to rank and show it.
type Stored struct {
	Text    string // Terms.Text
	Meta    string // Terms.Meta
	Name    string
	Dossier string

	Identities, MetaIdentities string // of Terms
}

// text and meta are what is stored, cut.
func (s *Stored) text() vi.Text { return Hidden{s.Text, DecodeIdentities(s.Identities)}.Analyze() }
func (s *Stored) meta() vi.Text { return Hidden{s.Meta, DecodeIdentities(s.MetaIdentities)}.Analyze() }

// Node is a condition on a page. Exactly one of Term, From/To, Any and All is
// set. More is no condition: of the pages that pass, those that hold what
// stands there gain by it.
type Node struct {
	Field    string
	Term     string  // stands in Field
	Edits    int     // with Term: within so many edits, at most 1
	From, To string  // a term between the two, inclusive; "" is open
	Any      []Node  // at least Min of these (0 is 1)
	Min      int     //
	All      []Node  // all of these
	More     []Node  // with Any, of the whole of a match: what else has weight
	Weight   float64 // with Term: what a page gains by holding it, wherever the node stands in a match
}

// leaves are the nodes with a term in nodes, in order, without those in More.
func leaves(nodes []Node) []*Node {
	var out []*Node
	for i := range nodes {
		if n := &nodes[i]; n.Term != "" {
			out = append(out, n)
		} else {
			out = append(append(out, leaves(n.Any)...), leaves(n.All)...)
		}
	}
	return out
}
