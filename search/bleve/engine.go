package bleve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"sohoa"
	"sohoa/search"
)

var _ search.Engine = (*generation)(nil)

// Search is described at search.Index. A search that runs while a batch fails
// may meet its closed segment (Index.write); the next search will not.
func (g *generation) Search(ctx context.Context, q search.Query) (res search.Results, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a segment may be cut short under us
	defer func() {
		if r := recover(); r != nil {
			g.alarm()
			slog.ErrorContext(ctx, "search met a panic in the index", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("search: index failed: %w", sohoa.ErrUnavailable)
		}
	}()
	res, err = search.Find(ctx, g, q, g.privacy)
	res.Rebuilding = g.rebuilding()
	return res, err
}

// DocFreq is described at search.Engine. It asks the postings: bleve's
// dictionary counts are wrong after merges.
func (g *generation) DocFreq(ctx context.Context, field string, terms []string) (counts []uint64, err error) {
	r, done, err := g.reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	counts = make([]uint64, len(terms))
	for i, t := range terms {
		tfr, err := r.TermFieldReader(ctx, []byte(t), field, false, false, false)
		if err != nil {
			return nil, fmt.Errorf("count %s: %w", field, err)
		}
		counts[i] = tfr.Count()
		if err := tfr.Close(); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// Candidates is described at search.Engine.
func (g *generation) Candidates(ctx context.Context, p search.Plan, n int) ([]search.Candidate, uint64, error) {
	req := bleve.NewSearchRequestOptions(planQuery(p), n, 0, false)
	req.SortBy([]string{"-_score", "-_id"})
	if p.Recent {
		req.SortBy([]string{"-_id"})
	}
	res, err := g.ix.SearchInContext(ctx, req)
	if err != nil {
		return nil, 0, err
	}
	out := make([]search.Candidate, len(res.Hits))
	for i, h := range res.Hits {
		key, err := parsePageID(h.ID)
		if err != nil {
			return nil, 0, fmt.Errorf("page %q in the index: %w", h.ID, err)
		}
		out[i] = search.Candidate{PageKey: key, Score: h.Score}
		if p.Recent {
			out[i].Score = 0
		}
	}
	slices.SortStableFunc(out, byScore)
	return out, res.Total, nil
}

// byScore orders candidates as search.Engine asks.
func byScore(a, b search.Candidate) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score),
		cmp.Compare(b.Document.String(), a.Document.String()), cmp.Compare(a.Page, b.Page))
}

// Load is described at search.Engine.
func (g *generation) Load(ctx context.Context, keys []search.PageKey) (out []*search.Stored, err error) {
	r, done, err := g.reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	out = make([]*search.Stored, len(keys))
	for i, k := range keys {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := r.Document(pageID(k))
		if err != nil {
			return nil, fmt.Errorf("load page %d of %s: %w", k.Page, k.Document, err)
		}
		if d != nil {
			out[i] = stored(d)
		}
	}
	return out, nil
}

// stored reads the stored fields of d.
func stored(d index.Document) *search.Stored {
	s := new(search.Stored)
	d.VisitFields(func(f index.Field) {
		switch f.Name() {
		case search.FieldBody:
			s.Text = string(f.Value())
		case search.FieldMeta:
			s.Meta = string(f.Value())
		case storedName:
			s.Name = string(f.Value())
		case storedDossier:
			s.Dossier = string(f.Value())
		case storedIdentities:
			s.Identities = string(f.Value())
		case storedMetaIDs:
			s.MetaIdentities = string(f.Value())
		}
	})
	return s
}

// planQuery is p in bleve's terms. What the reader may see and other filters
// are unscored.
func planQuery(p search.Plan) query.Query {
	b := query.NewBooleanQuery(nil, nil, nil)
	if p.Match != nil {
		b.AddMust(nodeQuery(*p.Match))
	} else {
		b.AddMust(query.NewMatchAllQuery())
	}
	filters := nodeQueries(p.Must)
	if !p.Scope.All {
		var agencies []query.Query
		for _, a := range p.Scope.Agencies {
			agencies = append(agencies, termQuery(search.Node{Field: search.FieldAgency, Term: a}))
		}
		filters = append(filters, query.NewDisjunctionQuery(agencies))
	}
	if len(filters) > 0 {
		b.AddFilter(query.NewConjunctionQuery(filters))
	}
	for _, n := range p.Not {
		b.AddMustNot(nodeQuery(n))
	}
	return b
}

// nodeQuery is n in bleve's terms.
func nodeQuery(n search.Node) query.Query {
	switch {
	case n.Any != nil:
		q := query.NewDisjunctionQuery(nodeQueries(n.Any))
		q.SetMin(float64(max(1, n.Min)))
		return q
	case n.All != nil:
		return query.NewConjunctionQuery(nodeQueries(n.All))
	case n.From != "" || n.To != "":
		yes := true
		q := query.NewTermRangeInclusiveQuery(n.From, n.To, &yes, &yes)
		q.SetField(n.Field)
		return q
	}
	return termQuery(n)
}

func nodeQueries(nodes []search.Node) []query.Query {
	out := make([]query.Query, len(nodes))
	for i, n := range nodes {
		out[i] = nodeQuery(n)
	}
	return out
}

// termQuery finds a term, or terms a few edits away.
func termQuery(n search.Node) query.Query {
	boost := max(n.Boost, 0)
	if boost == 0 {
		boost = 1
	}
	if n.Edits > 0 {
		q := query.NewFuzzyQuery(n.Term)
		q.SetField(n.Field)
		q.SetFuzziness(n.Edits)
		q.SetBoost(boost)
		return q
	}
	q := query.NewTermQuery(n.Term)
	q.SetField(n.Field)
	q.SetBoost(boost)
	return q
}
