package bleve

import (
	"context"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	"github.com/blevesearch/vellum/levenshtein"

	"sohoa"
	"sohoa/search"
)

var _ search.Selection = (*selection)(nil)

// selection is a search.Selection: for each segment of a snapshot of the
// index, a set of its pages. Every set that is made from postings is cut down
// to those pages first, and so is everything counted and weighed.
type selection struct {
	parts []*part
	close func() error
}

// part is a segment.
type part struct {
	seg       *scorch.SegmentSnapshot
	cols      *columns
	elsewhere *roaring.Bitmap // documents that also have pages in another segment; nil if none
	pages     *roaring.Bitmap // the pages selected; nil is all
	dicts     map[string]segment.TermDictionary
	held      map[term]*roaring.Bitmap
}

// term is a Node with neither Any nor All.
type term struct {
	field, term string
	edits       int
	from, to    string
}

// Select is described at search.Engine.
func (g *generation) Select(ctx context.Context, scope sohoa.Scope, filter search.Filtering) (_ search.Selection, err error) {
	r, done, err := g.reader()
	if err != nil {
		return nil, err
	}
	s := &selection{close: done}
	selected := false
	defer func() { // also when a damaged segment makes bleve panic
		if !selected {
			err = errors.Join(err, done())
		}
	}()
	snapshot, ok := r.(*scorch.IndexSnapshot)
	if !ok {
		return nil, fmt.Errorf("index is a %T, want scorch: %w", r, sohoa.ErrVerification)
	}
	cols, elsewhere, err := g.columns.of(snapshot.Segments())
	if err != nil {
		return nil, err
	}
	for i, seg := range snapshot.Segments() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := &part{seg: seg, cols: cols[i], elsewhere: elsewhere[i], dicts: map[string]segment.TermDictionary{}}
		if err := p.narrow(scope, filter); err != nil {
			return nil, err
		}
		if p.pages == nil || !p.pages.IsEmpty() {
			s.parts = append(s.parts, p)
		}
	}
	selected = true
	return s, nil
}

// Close is described at search.Selection.
func (s *selection) Close() error { return s.close() }

// narrow selects the pages of a segment.
func (p *part) narrow(scope sohoa.Scope, filter search.Filtering) error {
	p.pages = nil
	if deleted := p.seg.Deleted(); deleted != nil && !deleted.IsEmpty() {
		p.pages = roaring.AndNot(p.every(), deleted)
	}
	must := filter.Must
	if !scope.All {
		readers := []search.Node{}
		for _, a := range scope.Agencies {
			readers = append(readers, search.Node{Field: search.FieldReaders, Term: a})
		}
		must = append([]search.Node{{Any: readers}}, must...)
	}
	for _, n := range must {
		p.held = map[term]*roaring.Bitmap{}
		keep, err := p.set(n)
		if err != nil {
			return err
		}
		p.pages = keep
	}
	p.held = map[term]*roaring.Bitmap{}
	for _, n := range filter.Not {
		drop, err := p.set(n)
		if err != nil {
			return err
		}
		p.pages = roaring.AndNot(p.all(), drop)
	}
	p.held = map[term]*roaring.Bitmap{}
	return nil
}

// every is all pages of the segment, deleted ones included.
func (p *part) every() *roaring.Bitmap {
	b := roaring.New()
	b.AddRange(0, p.seg.Segment().Count())
	return b
}

// all is the pages selected.
func (p *part) all() *roaring.Bitmap {
	if p.pages == nil {
		return p.every()
	}
	return p.pages
}

// set are the pages selected that n is about. The caller must not change it.
func (p *part) set(n search.Node) (*roaring.Bitmap, error) {
	if n.Any == nil && n.All == nil {
		return p.holding(n)
	}
	sets := make([]*roaring.Bitmap, 0, len(n.Any)+len(n.All))
	for _, nodes := range [][]search.Node{n.Any, n.All} {
		for _, x := range nodes {
			b, err := p.set(x)
			if err != nil {
				return nil, err
			}
			sets = append(sets, b)
		}
	}
	switch {
	case len(sets) == 0:
		return roaring.New(), nil
	case n.All != nil:
		return roaring.FastAnd(sets...), nil
	case n.Min > 1:
		return atLeast(n.Min, sets), nil
	}
	return roaring.FastOr(sets...), nil
}

// atLeast are the pages in n of sets.
func atLeast(n int, sets []*roaring.Bitmap) *roaring.Bitmap {
	any := roaring.FastOr(sets...)
	if any.IsEmpty() || n > len(sets) {
		return roaring.New()
	}
	pages := any.ToArray()
	least, most := pages[0], pages[len(pages)-1]
	counts := make([]uint16, most-least+1)
	var buf [256]uint32
	for _, s := range sets {
		for it := s.ManyIterator(); ; {
			k := it.NextMany(buf[:])
			if k == 0 {
				break
			}
			for _, page := range buf[:k] {
				counts[page-least]++
			}
		}
	}
	kept := pages[:0]
	for _, page := range pages {
		if int(counts[page-least]) >= n {
			kept = append(kept, page)
		}
	}
	return roaring.BitmapOf(kept...)
}

// holding are the pages selected that hold a term, or one of the terms that a
// node stands for.
func (p *part) holding(n search.Node) (*roaring.Bitmap, error) {
	key := term{n.Field, n.Term, n.Edits, n.From, n.To}
	if b := p.held[key]; b != nil {
		return b, nil
	}
	dict := p.dicts[n.Field]
	if dict == nil {
		var err error
		if dict, err = p.seg.Segment().Dictionary(n.Field); err != nil {
			return nil, err
		}
		p.dicts[n.Field] = dict
	}
	b, err := pagesOf(dict, n)
	if err != nil {
		return nil, fmt.Errorf("read postings of %s: %w", n.Field, err)
	}
	if p.pages != nil {
		b = roaring.And(b, p.pages)
	}
	p.held[key] = b
	return b, nil
}

// pagesOf are the pages of a segment that n is about.
func pagesOf(dict segment.TermDictionary, n search.Node) (*roaring.Bitmap, error) {
	var near segment.Automaton
	var from, to []byte
	switch {
	case n.Edits > 0:
		a, err := oneEdit.BuildDfa(n.Term, 1)
		if err != nil {
			return nil, err
		}
		near = a
	case n.From != "" || n.To != "":
		from = []byte(n.From)
		if n.To != "" {
			to = append([]byte(n.To), 0) // the first term behind it
		}
	default:
		return postings(dict, n.Term)
	}
	var sets []*roaring.Bitmap
	for it := dict.AutomatonIterator(near, from, to); ; {
		entry, err := it.Next()
		if err != nil || entry == nil {
			return roaring.FastOr(sets...), err
		}
		b, err := postings(dict, entry.Term)
		if err != nil {
			return nil, err
		}
		sets = append(sets, b)
	}
}

// oneEdit makes automata of the terms one edit away: a letter replaced,
// added, dropped, or two neighbours exchanged.
var oneEdit = func() *levenshtein.LevenshteinAutomatonBuilder {
	b, err := levenshtein.NewLevenshteinAutomatonBuilder(1, true)
	if err != nil {
		panic(err) // its arguments are constants
	}
	return b
}()

// Count is described at search.Selection.
func (s *selection) Count(ctx context.Context, nodes []search.Node) (all uint64, holding []uint64, err error) {
	holding = make([]uint64, len(nodes))
	for _, p := range s.parts {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		if p.pages == nil {
			all += p.seg.Segment().Count()
		} else {
			all += p.pages.GetCardinality()
		}
		for i, n := range nodes {
			b, err := p.set(n)
			if err != nil {
				return 0, nil, err
			}
			holding[i] += b.GetCardinality()
		}
	}
	return all, holding, nil
}

// Load is described at search.Selection.
func (s *selection) Load(ctx context.Context, keys []search.PageKey) ([]*search.Stored, error) {
	out := make([]*search.Stored, len(keys))
	for i, k := range keys {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, p := range s.parts {
			st, err := p.load(k)
			if err != nil {
				return nil, fmt.Errorf("load page %d of %s: %w", k.Page, k.Document, err)
			}
			if st != nil {
				out[i] = st
				break
			}
		}
	}
	return out, nil
}

// load reads what is stored of a page, if it is in the segment and selected.
func (p *part) load(k search.PageKey) (*search.Stored, error) {
	doc := k.Document.String()
	if _, ok := p.cols.find(doc); !ok {
		return nil, nil
	}
	dict, err := p.seg.Segment().Dictionary("_id")
	if err != nil {
		return nil, err
	}
	pages, err := postings(dict, pageID(k))
	if err != nil || pages.IsEmpty() {
		return nil, err
	}
	page := pages.Maximum()
	if p.pages != nil && !p.pages.Contains(page) {
		return nil, nil
	}
	st := new(search.Stored)
	return st, p.seg.VisitDocument(uint64(page), func(field string, _ byte, value []byte, _ []uint64) bool {
		switch field {
		case search.FieldBody:
			st.Text = string(value)
		case search.FieldMeta:
			st.Meta = string(value)
		case storedName:
			st.Name = string(value)
		case storedDossier:
			st.Dossier = string(value)
		case storedIdentities:
			st.Identities = string(value)
		case storedMetaIDs:
			st.MetaIdentities = string(value)
		}
		return true
	})
}
