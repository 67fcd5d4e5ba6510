package search

import (
	"context"
	"math"
	"slices"
	"strings"

	"sohoa"
	"sohoa/search/vi"
)

// Plan is what an index must fetch for one query.
type Plan struct {
	Match  *Node       // scores; nil is every page
	Must   []Node      // filters, unscored
	Not    []Node      // excluded
	Scope  sohoa.Scope // a filter like the others; never empty here
	Recent bool        // Match is nil: newest documents first
}

// Node is a condition on a page. Exactly one of Term, From/To, Any and All is
// set.
type Node struct {
	Field    string
	Term     string  // stands in Field
	Edits    int     // with Term: within so many edits
	From, To string  // a term between the two, inclusive; "" is open
	Any      []Node  // at least Min of these (0 is 1)
	Min      int     //
	All      []Node  // all of these
	Boost    float64 // 0 is 1
}

// fetchBudget bounds the postings that one query walks through: the rarest
// pairs are taken until their document frequencies exceed it. Common pairs
// beyond it are left to the ranking.
const fetchBudget = 20_000

// minShare is the share of the pairs taken that a page must hold.
const minShare = .3

// Boosts over the score of a pair of the text.
const (
	boostCode = 8
	boostWord = .5 // a word that recognition may have split in two
	boostMeta = 1
)

// docFreq gives the number of pages that hold each term.
type docFreq func(ctx context.Context, field string, terms []string) ([]uint64, error)

// unit is one thing to look for: a pair of words, or a single word.
type unit struct {
	node Node
	df   uint64
}

// firstPlan fetches by the rarest pairs, by codes and by numbers.
func firstPlan(ctx context.Context, p Parsed, df docFreq) (Plan, error) {
	units, err := pairUnits(ctx, p.Words.Tokens, df)
	if err != nil {
		return Plan{}, err
	}
	pl := basePlan(p)
	alternatives := codeNodes(p.Words)
	if taken := rarest(units); len(taken) > 0 {
		least := int(math.Ceil(minShare * float64(len(taken))))
		alternatives = append(alternatives, Node{Any: taken, Min: least})
	}
	pl.match(p, alternatives)
	return pl, nil
}

// widerPlan fetches any pair, most of the words, and words one edit away. It
// is for queries that found next to nothing.
func widerPlan(p Parsed) Plan {
	pl := basePlan(p)
	alternatives := codeNodes(p.Words)
	tokens := p.Words.Tokens
	for i := 1; i < len(tokens); i++ {
		if !tokens[i].Break {
			alternatives = append(alternatives, pairNode(tokens[i-1], tokens[i]))
		}
	}
	if len(tokens) > 0 {
		alternatives = append(alternatives, mostWords(tokens))
	}
	pl.match(p, alternatives)
	return pl
}

// basePlan holds what does not depend on the index.
func basePlan(p Parsed) Plan {
	var pl Plan
	for _, f := range p.Filters {
		pl.Must = append(pl.Must, filterNode(f))
	}
	for _, t := range p.Phrases {
		pl.Must = append(pl.Must, phraseNode(t))
	}
	for _, t := range p.Without {
		pl.Not = append(pl.Not, phraseNode(t))
	}
	return pl
}

// match sets what scores. A query of filters alone matches every page; one
// whose words are nowhere matches none.
func (pl *Plan) match(p Parsed, alternatives []Node) {
	switch {
	case len(p.Words.Tokens) == 0:
		pl.Recent = true
	case len(alternatives) == 1:
		pl.Match = &alternatives[0]
	default:
		pl.Match = &Node{Any: alternatives}
	}
}

// empty reports whether nothing can match.
func (pl Plan) empty() bool {
	return !pl.Recent && len(pl.Match.Any)+len(pl.Match.All)+len(pl.Match.Field) == 0
}

// pairUnits are the pairs of the query that stand somewhere, the words that
// have no neighbour, and the words that stand somewhere as a pair.
func pairUnits(ctx context.Context, tokens []vi.Token, df docFreq) ([]unit, error) {
	var nodes []Node
	var terms []string
	for i, t := range tokens {
		alone := (i == 0 || t.Break) && (i == len(tokens)-1 || tokens[i+1].Break)
		if alone {
			nodes, terms = append(nodes, wordNode(t)), append(terms, t.Fold)
		} else if runes(t.Fold) > 2 {
			nodes, terms = append(nodes, Node{Field: FieldPairs, Term: t.Fold, Boost: boostWord}), append(terms, t.Fold)
		}
		if i > 0 && !t.Break {
			nodes, terms = append(nodes, pairNode(tokens[i-1], t)), append(terms, tokens[i-1].Fold+t.Fold)
		}
	}
	counts, err := unitFreq(ctx, nodes, terms, df)
	if err != nil {
		return nil, err
	}
	var out []unit
	for i, n := range nodes {
		if counts[i] > 0 {
			out = append(out, unit{n, counts[i]})
		}
	}
	return out, nil
}

// unitFreq sums, for each node, the frequency of its term in the fields it
// looks at.
func unitFreq(ctx context.Context, nodes []Node, terms []string, df docFreq) ([]uint64, error) {
	sum := make([]uint64, len(terms))
	for _, field := range []string{FieldPairs, FieldBody, FieldMeta} {
		counts, err := df(ctx, field, terms)
		if err != nil {
			return nil, err
		}
		for i := range sum {
			if nodes[i].Field == "" || nodes[i].Field == field {
				sum[i] += counts[i]
			}
		}
	}
	return sum, nil
}

// rarest takes units by rising frequency until the budget is spent, two at
// least.
func rarest(units []unit) []Node {
	slices.SortStableFunc(units, func(a, b unit) int { return int(min(a.df, 1<<40)) - int(min(b.df, 1<<40)) })
	var out []Node
	var spent uint64
	for i, u := range units {
		if spent += u.df; i >= 2 && spent > fetchBudget {
			break
		}
		out = append(out, u.node)
	}
	return out
}

// pairNode finds two adjacent words, also glued by recognition.
func pairNode(a, b vi.Token) Node {
	fold := a.Fold + b.Fold
	any := []Node{
		{Field: FieldPairs, Term: fold},
		{Field: FieldBody, Term: fold},
		{Field: FieldMetaPairs, Term: fold, Boost: boostMeta},
	}
	if exact := a.Exact + b.Exact; exact != fold {
		any = append(any, Node{Field: FieldMetaExact, Term: exact, Boost: boostMeta})
	}
	return Node{Any: any}
}

// wordNode finds a single word, also split by recognition.
func wordNode(t vi.Token) Node {
	return Node{Any: []Node{
		{Field: FieldBody, Term: t.Fold},
		{Field: FieldMeta, Term: t.Fold, Boost: boostMeta},
		{Field: FieldPairs, Term: t.Fold, Boost: boostWord},
	}}
}

// mostWords finds seven in ten of the words. A few words may each be off by
// one edit.
func mostWords(tokens []vi.Token) Node {
	n := Node{Min: max(min(2, len(tokens)), len(tokens)*7/10)}
	for _, t := range tokens {
		w := wordNode(t)
		if runes(t.Fold) > 3 && len(tokens) <= 4 {
			w.Any = append(w.Any, Node{Field: FieldBody, Term: t.Fold, Edits: 1, Boost: boostWord},
				Node{Field: FieldMeta, Term: t.Fold, Edits: 1, Boost: boostWord})
		}
		n.Any = append(n.Any, w)
	}
	return n
}

// codeNodes find numbers as a whole, dates, amounts, identity numbers, and
// the tails of dossier codes.
func codeNodes(t vi.Text) []Node {
	var out []Node
	for _, c := range t.Codes {
		out = append(out, Node{Field: FieldCodes, Term: c.Text, Boost: boostCode},
			Node{Field: FieldDossier, Term: c.Text, Boost: boostCode})
	}
	for _, id := range t.Identities {
		out = append(out, Node{Field: FieldIdentity, Term: id.Text, Boost: boostCode})
	}
	for _, w := range t.Tokens {
		if a, ok := vi.AmountTerm(w.Fold); ok {
			out = append(out, Node{Field: FieldCodes, Term: a, Boost: boostCode},
				Node{Field: FieldDossier, Term: vi.CodeTerm(w.Fold), Boost: boostCode})
		}
	}
	return out
}

// phraseNode finds all pairs of a phrase, or its only word.
func phraseNode(t vi.Text) Node {
	if len(t.Tokens) == 1 {
		return wordNode(t.Tokens[0])
	}
	var all []Node
	for i := 1; i < len(t.Tokens); i++ {
		all = append(all, pairNode(t.Tokens[i-1], t.Tokens[i]))
	}
	return Node{All: all}
}

// filterNode finds the pages that a filter keeps.
func filterNode(f Filter) Node {
	switch f.Name {
	case FilterDate:
		return Node{Field: FieldDate, From: f.From, To: f.To}
	case FilterDossier:
		return Node{Field: FieldDossier, Term: vi.CodeTerm(f.Raw)}
	case FilterOwner:
		return allWords(FieldOwner, f.Text)
	case FilterType:
		return allWords(FieldType, f.Text)
	case FilterNumber:
		return Node{Any: []Node{{Field: FieldCodes, Term: vi.CodeTerm(f.Raw)}, allWords(FieldNumber, f.Text)}}
	default: // FilterAgency
		return Node{Any: []Node{{Field: FieldAgency, Term: strings.ToUpper(f.Raw)},
			{Field: FieldAgency, Term: f.Raw}, allWords(FieldOrgan, f.Text)}}
	}
}

// allWords finds every word of t in field.
func allWords(field string, t vi.Text) Node {
	var all []Node
	for _, w := range t.Tokens {
		all = append(all, Node{Field: field, Term: w.Fold})
	}
	return Node{All: all}
}
