package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"sohoa"
	"sohoa/search/vi"
)

// Bounds on "more like this page".
const (
	likePairs = 60 // pairs of the page that are looked for, the rarest
	likeWords = 12 // of them, those that are marked in snippets
	likeLeast = 2  // of them, a page must hold, if there are so many
)

// like reads the page that Query.Like names, and filters its own document
// out. A page outside of the scope is one that is not there.
func (f *finder) like(ctx context.Context) (p Parsed, filter Filtering, err error) {
	key := f.query.Like
	sel, err := f.engine.Select(ctx, f.query.Scope, Filtering{})
	if err != nil {
		return p, filter, err
	}
	defer func() { err = errors.Join(err, sel.Close()) }()
	got, err := sel.Load(ctx, []PageKey{key})
	if err != nil {
		return p, filter, err
	}
	if got[0] == nil {
		return p, filter, fmt.Errorf("page %d of %s: %w", key.Page, key.Document, sohoa.ErrNotExist)
	}
	p.Words = got[0].text()
	filter.Not = []Node{{Field: FieldDocument, Term: key.Document.String()}}
	return p, filter, nil
}

// planLike fetches by the rarest pairs of the page that stand on others too,
// and leaves those of the query's words that are marked.
func (f *finder) planLike(ctx context.Context) error {
	pairs, nodes := pairsOf(f.parsed.Words.Tokens)
	all, chosen, err := f.chooseLike(ctx, nodes)
	if err != nil {
		return err
	}
	var taken []Node
	var words vi.Text
	for i, c := range chosen {
		n := nodes[c.at]
		n.Weight = rarity(all, c.df)
		taken = append(taken, n)
		if i < likeWords {
			a, b := pairs[c.at][0], pairs[c.at][1]
			a.Break = true
			words.Tokens = append(words.Tokens, a, b)
		}
	}
	f.parsed.Words = words
	f.aligner, f.matcher = newAligner(words), newMatcher(words)
	if len(taken) > 0 {
		f.match = &Node{Any: taken, Min: min(likeLeast, len(taken))}
	}
	return nil
}

// pairsOf are the distinct pairs of tokens, and nodes that find them.
func pairsOf(tokens []vi.Token) ([][2]vi.Token, []Node) {
	var pairs [][2]vi.Token
	var nodes []Node
	seen := map[string]bool{}
	for i := 1; i < len(tokens); i++ {
		term := tokens[i-1].Fold + tokens[i].Fold
		if !tokens[i].Break && !seen[term] {
			seen[term] = true
			pairs = append(pairs, [2]vi.Token{tokens[i-1], tokens[i]})
			nodes = append(nodes, Node{Field: FieldPairs, Term: term})
		}
	}
	return pairs, nodes
}

// likePair is a pair by its place on the page, and how many pages have it.
type likePair struct {
	at int
	df uint64
}

// chooseLike takes the rarest of nodes within the budget. Its choice is what
// the cursor keeps: a page has more pairs than a cursor should.
func (f *finder) chooseLike(ctx context.Context, nodes []Node) (all uint64, chosen []likePair, err error) {
	kept := f.plan.counts
	if kept.replay {
		for i := 1; i+1 < len(kept.counts); i += 2 {
			if kept.counts[i] >= uint64(len(nodes)) {
				return 0, nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "query.after"}
			}
			chosen = append(chosen, likePair{int(kept.counts[i]), kept.counts[i+1]})
		}
		return slices.Concat(kept.counts, []uint64{0})[0], chosen, nil
	}
	all, counts, err := f.sel.Count(ctx, nodes)
	if err != nil {
		return 0, nil, err
	}
	for i, df := range counts {
		if df > 0 {
			chosen = append(chosen, likePair{i, df})
		}
	}
	slices.SortStableFunc(chosen, func(a, b likePair) int { return cmp.Compare(a.df, b.df) })
	kept.counts = []uint64{all}
	var spent uint64
	for i, c := range chosen {
		if spent += c.df; i == likePairs || i > 0 && spent > fetchBudget {
			return all, chosen[:i], nil
		}
		kept.counts = append(kept.counts, uint64(c.at), c.df)
	}
	return all, chosen, nil
}
