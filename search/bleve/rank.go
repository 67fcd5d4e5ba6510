package bleve

import (
	"cmp"
	"container/heap"
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"sohoa"
	"sohoa/search"
)

// Rank is described at search.Selection. It makes one pass over all pages
// that match, whatever the depth of the page of results: a few nanoseconds for
// each page and term.
func (s *selection) Rank(ctx context.Context, r search.Ranking) (search.Ranked, error) {
	var all []*matches
	for _, p := range s.parts {
		if err := ctx.Err(); err != nil {
			return search.Ranked{}, err
		}
		m, err := p.match(r.Match)
		if err != nil {
			return search.Ranked{}, err
		}
		if len(m.pages) > 0 {
			all = append(all, m)
		}
	}
	top := &top{ranking: r}
	joined := joinDocs(all)
	out := search.Ranked{Total: len(joined)}
	for _, d := range joined {
		top.offer(d)
	}
	for _, m := range all {
		for _, d := range m.docs {
			if !m.part.isElsewhere(d.doc) {
				out.Total++
				top.offer(place{d.score, m.part.cols.dates[d.doc], d.doc, m})
			}
		}
	}
	if r.Facets {
		out.Facets = countFacets(all, joined)
	}
	out.Documents = documents(all, top.sorted())
	return out, nil
}

// matches are the pages of a segment that match, and their documents.
type matches struct {
	part   *part
	pages  []uint32
	scores []float64 // of pages
	docs   []docMatch
}

// docMatch is a document with the score of its best page.
type docMatch struct {
	doc   uint32
	score float64
}

// match finds the pages of a segment that match n, and scores them.
func (p *part) match(n *search.Node) (*matches, error) {
	m := &matches{part: p}
	set := p.all()
	if n != nil {
		var err error
		if set, err = p.set(*n); err != nil {
			return nil, err
		}
	}
	m.pages = set.ToArray()
	m.scores = make([]float64, len(m.pages))
	if n != nil && len(m.pages) > 0 {
		if err := m.score(*n, set); err != nil {
			return nil, err
		}
	}
	m.group()
	return m, nil
}

// score adds up the weights of the terms of n. It walks through a term's
// pages, or through those that match, whichever are fewer.
func (m *matches) score(n search.Node, set *roaring.Bitmap) error {
	least := m.pages[0]
	at := make([]int32, m.pages[len(m.pages)-1]-least+1) // place in pages, from 1
	for i, page := range m.pages {
		at[page-least] = int32(i + 1)
	}
	return eachWeight(n, func(leaf search.Node) error {
		b, err := m.part.holding(leaf)
		if err != nil {
			return err
		}
		if b.GetCardinality() > 2*uint64(len(m.pages)) {
			b = roaring.And(b, set)
		}
		var buf [256]uint32
		for it := b.ManyIterator(); ; {
			k := it.NextMany(buf[:])
			if k == 0 {
				return nil
			}
			for _, page := range buf[:k] {
				if i := int(page) - int(least); i >= 0 && i < len(at) && at[i] > 0 {
					m.scores[at[i]-1] += leaf.Weight
				}
			}
		}
	})
}

// eachWeight calls f with each node that weighs, in order.
func eachWeight(n search.Node, f func(search.Node) error) error {
	for _, nodes := range [][]search.Node{n.Any, n.All, n.More} {
		for _, x := range nodes {
			if err := eachWeight(x, f); err != nil {
				return err
			}
		}
	}
	if n.Weight == 0 {
		return nil
	}
	return f(n)
}

// group makes documents of the pages.
func (m *matches) group() {
	slot := make([]int32, m.part.cols.docs()) // place in docs, from 1
	for i, page := range m.pages {
		doc := m.part.cols.pageDoc[page]
		if at := slot[doc]; at > 0 {
			m.docs[at-1].score = max(m.docs[at-1].score, m.scores[i])
			continue
		}
		m.docs = append(m.docs, docMatch{doc, m.scores[i]})
		slot[doc] = int32(len(m.docs))
	}
}

// isElsewhere reports whether a document has pages in other segments too.
func (p *part) isElsewhere(doc uint32) bool {
	return p.elsewhere != nil && p.elsewhere.Contains(doc)
}

// place is a document in one of the orders.
type place struct {
	score float64
	date  uint32
	doc   uint32
	in    *matches // the segment of its best page
}

func (p place) id() string { return p.in.part.cols.id(p.doc) }

// joinDocs are the documents that have pages in several segments, each once.
func joinDocs(all []*matches) map[string]place {
	joined := map[string]place{}
	for _, m := range all {
		if m.part.elsewhere == nil {
			continue
		}
		for _, d := range m.docs {
			if !m.part.isElsewhere(d.doc) {
				continue
			}
			p := place{d.score, m.part.cols.dates[d.doc], d.doc, m}
			was, ok := joined[p.id()]
			if !ok || cmp.Or(cmp.Compare(p.score, was.score), cmp.Compare(p.date, was.date)) > 0 {
				joined[p.id()] = p
			}
		}
	}
	return joined
}

// top keeps the first documents of an order. It is a heap with the last of
// them at its root.
type top struct {
	ranking search.Ranking
	places  []place
}

func (t *top) Len() int           { return len(t.places) }
func (t *top) Less(i, j int) bool { return t.compare(t.places[i], t.places[j]) > 0 }
func (t *top) Swap(i, j int)      { t.places[i], t.places[j] = t.places[j], t.places[i] }
func (t *top) Push(x any)         { t.places = append(t.places, x.(place)) }
func (t *top) Pop() any {
	last := t.places[len(t.places)-1]
	t.places = t.places[:len(t.places)-1]
	return last
}

// compare is negative if a comes before b.
func (t *top) compare(a, b place) int {
	switch t.ranking.Order {
	case search.SortNewest:
		if a.date != b.date {
			return cmp.Compare(b.date, a.date)
		}
	case search.SortOldest:
		if a.date != b.date {
			return cmp.Compare(a.date, b.date)
		}
	default:
		if a.score != b.score {
			return cmp.Compare(b.score, a.score)
		}
	}
	return cmp.Compare(b.id(), a.id())
}

// versus compares a document with a given place like compare.
func (t *top) versus(a place, b search.Place) int {
	c := 0
	switch t.ranking.Order {
	case search.SortNewest:
		c = cmp.Compare(b.Date, int(a.date))
	case search.SortOldest:
		c = cmp.Compare(int(a.date), b.Date)
	default:
		c = cmp.Compare(b.Score, a.score)
	}
	if c != 0 {
		return c
	}
	return cmp.Compare(b.Document.String(), a.id())
}

// offer takes p if it is among the first that are asked for.
func (t *top) offer(p place) {
	r := t.ranking
	switch {
	case r.Limit <= 0,
		r.After != nil && t.versus(p, *r.After) <= 0,
		r.Until != nil && t.versus(p, *r.Until) > 0:
	case len(t.places) < r.Limit:
		heap.Push(t, p)
	case t.compare(p, t.places[0]) < 0:
		t.places[0] = p
		heap.Fix(t, 0)
	}
}

// sorted are the documents kept, in order.
func (t *top) sorted() []place {
	slices.SortFunc(t.places, t.compare)
	return t.places
}

// documents are places with their pages.
func documents(all []*matches, places []place) []search.Candidate {
	out := make([]search.Candidate, len(places))
	want := map[*matches]map[uint32]int{} // place in out by document, by segment
	for _, m := range all {
		want[m] = map[uint32]int{}
	}
	for i, p := range places {
		id, _ := sohoa.ParseDocumentID(p.id()) // Apply wrote it
		out[i].Place = search.Place{Score: p.score, Date: int(p.date), Document: id}
		want[p.in][p.doc] = i
		if !p.in.part.isElsewhere(p.doc) {
			continue
		}
		for _, m := range all {
			if doc, ok := m.part.cols.find(p.id()); ok {
				want[m][doc] = i
			}
		}
	}
	for _, m := range all {
		m.collect(out, want[m])
	}
	for i := range out {
		slices.SortFunc(out[i].Pages, func(a, b search.PageScore) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Page, b.Page))
		})
		out[i].Pages = out[i].Pages[:min(len(out[i].Pages), search.MaxPageHits)]
	}
	return out
}

// collect appends the pages of the documents wanted to out.
func (m *matches) collect(out []search.Candidate, want map[uint32]int) {
	if len(want) == 0 {
		return
	}
	slot := make([]int32, m.part.cols.docs()) // place in out, from 1
	for doc, i := range want {
		slot[doc] = int32(i + 1)
	}
	for i, page := range m.pages {
		if at := slot[m.part.cols.pageDoc[page]]; at > 0 {
			out[at-1].Pages = append(out[at-1].Pages, search.PageScore{Page: int(m.part.cols.pageNum[page]), Score: m.scores[i]})
		}
	}
}

// countFacets counts documents by their terms in the fields of facets: one
// pass over the documents, a few nanoseconds for each, and then over the
// values that there are.
func countFacets(all []*matches, joined map[string]place) map[string]map[string]int {
	out := map[string]map[string]int{}
	add := func(c facetColumn, counts []int) {
		byTerm := out[c.field]
		if byTerm == nil {
			byTerm = map[string]int{}
			out[c.field] = byTerm
		}
		for i, n := range counts {
			if n > 0 && i > 0 {
				byTerm[c.terms[i]] += n
			}
		}
	}
	for _, m := range all {
		for _, c := range m.part.cols.facets {
			counts := make([]int, len(c.terms))
			for _, d := range m.docs {
				if !m.part.isElsewhere(d.doc) {
					counts[c.doc[d.doc]]++
				}
			}
			add(c, counts)
		}
	}
	for _, p := range joined {
		for _, c := range p.in.part.cols.facets {
			if n := c.doc[p.doc]; n > 0 {
				if out[c.field] == nil {
					out[c.field] = map[string]int{}
				}
				out[c.field][c.terms[n]]++
			}
		}
	}
	return out
}
