package search

import (
	"context"
	"slices"

	"sohoa"
)

// widened are documents by the wider plan, for a query whose first plan found
// next to nothing. Of what that fetches, only the best are meant: they are
// all there is, and are ordered and counted by themselves. first is the first
// plan, whose pages are meant in any case.
func (f *finder) widened(ctx context.Context, first *Node) ([]found, error) {
	meant, err := f.meant(ctx, first)
	if err != nil {
		return nil, err
	}
	f.next.wide, f.total = true, len(meant)
	if len(meant) == 0 {
		f.facet = map[string]map[string]int{}
		return nil, nil
	}
	these := anyOf(documentNodes(meant), nil)
	f.facet = nil
	if f.query.Sort != SortBest {
		return f.ordered(ctx, these)
	}
	if f.query.Facets {
		if _, err := f.rank(ctx, Ranking{Match: these}); err != nil {
			return nil, err
		}
	}
	return f.rest(meant), nil
}

// widenedOr is widened unless there was an error.
func (f *finder) widenedOr(ctx context.Context, first *Node, err error) ([]found, error) {
	if err != nil {
		return nil, err
	}
	return f.widened(ctx, first)
}

// meant are the documents of the wider plan that fit, best first.
func (f *finder) meant(ctx context.Context, first *Node) ([]found, error) {
	sure := map[sohoa.DocumentID]bool{}
	if first != nil {
		got, err := f.sel.Rank(ctx, Ranking{Match: first, Limit: f.headSize()})
		if err != nil {
			return nil, err
		}
		for _, d := range got.Documents {
			sure[d.Document] = true
		}
	}
	wider, err := f.plan.wider(ctx)
	if err != nil || wider == nil {
		return nil, err
	}
	if f.from != nil {
		if err := f.checkWork(ctx, wider); err != nil {
			return nil, err
		}
	}
	r := Ranking{Match: wider, Limit: f.headSize()}
	if f.from != nil {
		r.Until, r.Limit = &f.from.edge, headGrowth*f.headSize()
	}
	got, err := f.sel.Rank(ctx, r)
	if err != nil {
		return nil, err
	}
	n := len(got.Documents)
	if f.from == nil {
		n = f.head(got.Documents)
	}
	docs, err := f.align(ctx, got.Documents[:n], true)
	if err != nil {
		return nil, err
	}
	least := wideShare * f.next.fit
	for i := range docs {
		docs[i].Pages = slices.DeleteFunc(docs[i].Pages, func(p PageScore) bool {
			return f.fits[PageKey{docs[i].Document, p.Page}] < least && !sure[docs[i].Document]
		})
	}
	return slices.DeleteFunc(docs, func(d found) bool { return len(d.Pages) == 0 }), nil
}

// documentNodes find the documents themselves.
func documentNodes(docs []found) []Node {
	var out []Node
	for _, d := range docs {
		out = append(out, Node{Field: FieldDocument, Term: d.Document.String()})
	}
	return out
}
