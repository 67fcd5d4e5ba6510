package bleve

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"sohoa"
	"sohoa/search"
)

// idLength is the length of a document ID in text.
const idLength = 26

// columns say of every page in a segment which document it is of, and of
// every document what it is sorted and counted by. A segment never changes,
// so they are made once, when a query first meets it, and kept in memory:
// some 60 bytes a page.
type columns struct {
	pageDoc []uint32 // document of each page, by its number in the segment
	pageNum []uint32 // number of each page in its document
	ids     string   // identifiers of the documents, in rising order, idLength each
	dates   []uint32 // of FieldSorted; 0 is not known
	facets  []facetColumn
}

// facetColumn is the term of each document in the field of a facet.
type facetColumn struct {
	field string
	terms []string // terms[0] is no term
	doc   []uint32 // index into terms
}

// docs is how many documents have pages in the segment.
func (c *columns) docs() int { return len(c.ids) / idLength }

// id is the identifier of document n.
func (c *columns) id(n uint32) string { return c.ids[n*idLength:][:idLength] }

// find is the number of a document.
func (c *columns) find(id string) (uint32, bool) {
	lo, hi := 0, c.docs()
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if c.id(uint32(mid)) < id {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return uint32(lo), lo < c.docs() && c.id(uint32(lo)) == id
}

// newColumns reads the columns of a segment.
func newColumns(seg segment.Segment) (*columns, error) {
	c := &columns{}
	if err := c.readPages(seg); err != nil {
		return nil, err
	}
	c.dates = make([]uint32, c.docs())
	err := c.eachTerm(seg, search.FieldSorted, func(term string, doc uint32) {
		if day, err := strconv.ParseUint(term, 10, 32); err == nil {
			c.dates[doc] = uint32(day)
		}
	})
	if err != nil {
		return nil, err
	}
	for _, field := range search.FacetFields() {
		f := facetColumn{field: field, terms: []string{""}, doc: make([]uint32, c.docs())}
		err := c.eachTerm(seg, field, func(term string, doc uint32) {
			if f.terms[len(f.terms)-1] != term {
				f.terms = append(f.terms, term)
			}
			f.doc[doc] = uint32(len(f.terms) - 1)
		})
		if err != nil {
			return nil, err
		}
		c.facets = append(c.facets, f)
	}
	return c, nil
}

// readPages reads the identifiers of all pages.
func (c *columns) readPages(seg segment.Segment) error {
	n := seg.Count()
	c.pageDoc, c.pageNum = make([]uint32, n), make([]uint32, n)
	var ids []string // by order of appearance
	known := map[string]uint32{}
	for i := range n {
		id, err := seg.DocID(i)
		if err != nil {
			return err
		}
		if len(id) <= idLength || id[idLength] != '/' {
			return fmt.Errorf("page %q in the index: %w", id, sohoa.ErrVerification)
		}
		page, err := strconv.ParseUint(string(id[idLength+1:]), 10, 32)
		if err != nil {
			return fmt.Errorf("page %q in the index: %w", id, sohoa.ErrVerification)
		}
		doc, ok := known[string(id[:idLength])]
		if !ok {
			doc = uint32(len(ids))
			ids = append(ids, string(id[:idLength]))
			known[ids[doc]] = doc
		}
		c.pageDoc[i], c.pageNum[i] = doc, uint32(page)
	}
	c.sort(ids)
	return nil
}

// sort numbers the documents anew, in rising order of their identifiers.
func (c *columns) sort(ids []string) {
	order := make([]uint32, len(ids))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(ids[a], ids[b]) })
	rank := make([]uint32, len(ids))
	all := make([]byte, 0, len(ids)*idLength)
	for i, doc := range order {
		rank[doc] = uint32(i)
		all = append(all, ids[doc]...)
	}
	c.ids = string(all)
	for i, doc := range c.pageDoc {
		c.pageDoc[i] = rank[doc]
	}
}

// eachTerm calls f with each term of a field and each document that has it,
// terms in order.
func (c *columns) eachTerm(seg segment.Segment, field string, f func(term string, doc uint32)) error {
	dict, err := seg.Dictionary(field)
	if err != nil {
		return err
	}
	it := dict.AutomatonIterator(nil, nil, nil)
	for {
		entry, err := it.Next()
		if err != nil || entry == nil {
			return err
		}
		pages, err := postings(dict, entry.Term)
		if err != nil {
			return err
		}
		for p := pages.Iterator(); p.HasNext(); {
			f(entry.Term, c.pageDoc[p.Next()])
		}
	}
}

// postings are the pages of a segment that hold term.
func postings(dict segment.TermDictionary, term string) (*roaring.Bitmap, error) {
	list, err := dict.PostingsList([]byte(term), nil, nil)
	if err != nil {
		return nil, err
	}
	it := list.Iterator(false, false, false, nil)
	if o, ok := it.(segment.OptimizablePostingsIterator); ok {
		if page, one := o.DocNum1Hit(); one {
			return roaring.BitmapOf(uint32(page)), nil
		}
		if b := o.ActualBitmap(); b != nil {
			return b, nil
		}
	}
	b := roaring.New()
	for {
		p, err := it.Next()
		if err != nil || p == nil {
			return b, err
		}
		b.Add(uint32(p.Number()))
	}
}

// columnCache keeps the columns of the segments in use.
type columnCache struct {
	mu     sync.Mutex
	bySeg  map[uint64]*columns              // by segment
	shared map[[2]uint64][2]*roaring.Bitmap // by two segments: the documents that have pages in both
}

// of returns the columns of the segments of a snapshot, and for each the
// documents that also have pages in another; nil if none. Columns of segments
// that are gone are dropped.
func (cc *columnCache) of(segs []*scorch.SegmentSnapshot) ([]*columns, []*roaring.Bitmap, error) {
	cc.mu.Lock()
	defer cc.mu.Unlock()
	bySeg, shared := map[uint64]*columns{}, map[[2]uint64][2]*roaring.Bitmap{}
	cols, elsewhere := make([]*columns, len(segs)), make([]*roaring.Bitmap, len(segs))
	for i, s := range segs {
		c := cc.bySeg[s.Id()]
		if c == nil {
			var err error
			if c, err = newColumns(s.Segment()); err != nil {
				return nil, nil, err
			}
		}
		cols[i], bySeg[s.Id()] = c, c
		for j := range i {
			key := [2]uint64{segs[j].Id(), s.Id()}
			both, ok := cc.shared[key]
			if !ok {
				both = commonDocs(cols[j], c)
			}
			shared[key] = both
			elsewhere[j], elsewhere[i] = union(elsewhere[j], both[0]), union(elsewhere[i], both[1])
		}
	}
	cc.bySeg, cc.shared = bySeg, shared
	return cols, elsewhere, nil
}

// union is a with b, either of which may be nil. Neither changes.
func union(a, b *roaring.Bitmap) *roaring.Bitmap {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return roaring.Or(a, b)
}

// commonDocs are the documents that a and b have both, by their numbers in
// each; nil if there are none.
func commonDocs(a, b *columns) (both [2]*roaring.Bitmap) {
	i, j, n, m := uint32(0), uint32(0), uint32(a.docs()), uint32(b.docs())
	if n == 0 || m == 0 || a.id(n-1) < b.id(0) || b.id(m-1) < a.id(0) {
		return both
	}
	i, _ = a.find(b.id(0))
	j, _ = b.find(a.id(0))
	for i < n && j < m {
		switch c := cmp.Compare(a.id(i), b.id(j)); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			if both[0] == nil {
				both = [2]*roaring.Bitmap{roaring.New(), roaring.New()}
			}
			both[0].Add(i)
			both[1].Add(j)
			i, j = i+1, j+1
		}
	}
	return both
}
