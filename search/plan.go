package search

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"sohoa/search/vi"
)

// Bounds on the postings that one query fetches by. The rarest pairs are taken
// until the numbers of pages that hold them exceed the budget; common ones
// beyond it only add to the scores of the pages fetched. All numbers are of
// pages in scope.
const (
	fetchBudget = 20_000 // of the first plan
	wideBudget  = 60_000 // of the wider plan
)

// Shares of the pairs taken that a page must hold.
const (
	minShare    = .3 // where the ranking has the last word
	strictShare = .7 // where the date has
)

// wordShare is the share of the words that a page must hold in the wider plan.
const wordShare = .7

// Weights over that of a pair of the text.
const (
	weightCode = 8
	weightWord = .5 // a word that recognition may have split in two
	weightMeta = 1
)

// planner makes the plans of one query.
type planner struct {
	parsed Parsed
	counts *ledger
}

// unit is one thing to look for: a pair of words, or a single word.
type unit struct {
	node Node
	df   uint64 // pages that hold its most frequent term
}

// first fetches by the rarest pairs, by codes and by numbers; nil if nothing
// can match. Of the pairs, a page must hold share.
func (p planner) first(ctx context.Context, share float64) (*Node, error) {
	units, err := p.weigh(ctx, pairUnits(p.parsed.Words.Tokens))
	if err != nil {
		return nil, err
	}
	taken, common := rarest(units, 2, fetchBudget)
	out, more, err := p.codes(ctx, 1-min(1, len(taken)), fetchBudget)
	if err != nil {
		return nil, err
	}
	if len(taken) > 0 {
		least := int(math.Ceil(share * float64(len(taken))))
		out = append(out, Node{Any: taken, Min: least})
	}
	return anyOf(out, append(more, common...)), nil
}

// codes are the numbers and dates of the query, the rarest to fetch by, like
// rarest. A year or a month beside other things only adds to scores.
func (p planner) codes(ctx context.Context, least int, budget uint64) (taken, more []Node, err error) {
	units, err := p.weigh(ctx, codeNodes(p.parsed.Words))
	if err != nil {
		return nil, nil, err
	}
	if !isOnlyWide(p.parsed.Words) {
		units = slices.DeleteFunc(units, func(u unit) bool {
			wide := isWide(u.node.Term)
			if wide {
				more = append(more, u.node)
			}
			return wide
		})
	}
	taken, common := rarest(units, least, budget)
	return taken, append(more, common...), nil
}

// wider fetches any pair, most of the words, and words one edit away. It is
// for queries that found next to nothing. What exceeds the budget is taken
// for present: that fetches more, never less.
func (p planner) wider(ctx context.Context) (*Node, error) {
	tokens := p.parsed.Words.Tokens
	out, more, err := p.codes(ctx, 1, wideBudget)
	if err != nil {
		return nil, err
	}
	var pairs []Node
	for i := 1; i < len(tokens); i++ {
		if !tokens[i].Break {
			pairs = append(pairs, pairNode(tokens[i-1], tokens[i]))
		}
	}
	pairUnits, err := p.weigh(ctx, pairs)
	if err != nil {
		return nil, err
	}
	words, err := p.weigh(ctx, wideWords(tokens))
	if err != nil {
		return nil, err
	}
	taken, common := rarest(pairUnits, 1, wideBudget)
	out, more = append(out, taken...), append(more, common...)
	most := max(min(2, len(tokens)), int(wordShare*float64(len(tokens))))
	taken, common = rarest(words, 1, wideBudget)
	if absent := len(tokens) - len(words); len(taken) > 0 && most <= len(tokens)-absent {
		out = append(out, Node{Any: taken, Min: max(1, most-len(common))})
	}
	return anyOf(out, append(more, common...)), nil
}

// weigh gives the terms of nodes their weights, by how rare they are, and
// leaves out those that are nowhere. A page's score is the sum of the weights
// of its terms, with nothing for how often they stand there: on pages of
// office papers that says little, and it would be most of an index to read.
func (p planner) weigh(ctx context.Context, nodes []Node) ([]unit, error) {
	terms := leaves(nodes)
	asked := make([]Node, len(terms))
	for i, t := range terms {
		asked[i] = *t
	}
	all, counts, err := p.counts.count(ctx, asked)
	if err != nil {
		return nil, err
	}
	df := map[*Node]uint64{}
	for i, t := range terms {
		if t.Weight == 0 {
			t.Weight = 1
		}
		t.Weight *= rarity(all, counts[i])
		df[t] = counts[i]
	}
	var out []unit
	for i := range nodes {
		if u := prune(&nodes[i], df); u.df > 0 {
			out = append(out, u)
		}
	}
	return out, nil
}

// prune is n without terms that are nowhere.
func prune(n *Node, df map[*Node]uint64) unit {
	if n.Any == nil {
		return unit{*n, df[n]}
	}
	u := unit{node: Node{Min: n.Min}}
	for i := range n.Any {
		if t := &n.Any[i]; df[t] > 0 {
			u.node.Any = append(u.node.Any, *t)
			u.df = max(u.df, df[t])
		}
	}
	return u
}

// rarity is how much holding a term says that df of all pages hold: the
// probabilistic weight of Robertson and Spärck Jones (1976), never negative.
func rarity(all, df uint64) float64 {
	n, d := float64(max(all, df)), float64(df)
	return math.Log1p((n - d + .5) / (d + .5))
}

// rarest takes units by rising frequency until the budget is spent, least at
// the least. The others are common.
func rarest(units []unit, least int, budget uint64) (taken, common []Node) {
	units = slices.Clone(units)
	slices.SortStableFunc(units, func(a, b unit) int { return cmp.Compare(a.df, b.df) })
	var spent uint64
	for i, u := range units {
		if spent += u.df; i >= least && spent > budget {
			common = append(common, u.node)
		} else {
			taken = append(taken, u.node)
		}
	}
	return taken, common
}

// anyOf finds any of nodes, weighing more too; nil finds nothing.
func anyOf(nodes, more []Node) *Node {
	if len(nodes) == 0 {
		return nil
	}
	return &Node{Any: nodes, More: more}
}

// filtering is what a query of a day selects from, beside its scope.
func filtering(p Parsed, day string) Filtering {
	var f Filtering
	f.Must, f.Not = filterNodes(p, day)
	for _, t := range p.Phrases {
		f.Must = append(f.Must, phraseNode(t))
	}
	for _, t := range p.Without {
		f.Not = append(f.Not, phraseNode(t))
	}
	return f
}

// pairUnits are the pairs of the query, and the words that have no neighbour.
// A pair may also show by one of its words standing somewhere as a pair, split
// by recognition; each word is in one pair only, not to count twice.
func pairUnits(tokens []vi.Token) []Node {
	var nodes []Node
	for i, t := range tokens {
		first := i == 0 || t.Break
		if first && (i == len(tokens)-1 || tokens[i+1].Break) {
			nodes = append(nodes, wordNode(t))
		}
		if first {
			continue
		}
		n := pairNode(tokens[i-1], t)
		split := []vi.Token{t}
		if i == 1 || tokens[i-1].Break {
			split = append(split, tokens[i-1])
		}
		for _, w := range split {
			if runes(w.Fold) > 2 {
				n.Any = append(n.Any, Node{Field: FieldPairs, Term: w.Fold, Weight: weightWord})
			}
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// pairNode finds two adjacent words, also glued by recognition.
func pairNode(a, b vi.Token) Node {
	fold := a.Fold + b.Fold
	any := []Node{
		{Field: FieldPairs, Term: fold},
		{Field: FieldBody, Term: fold},
		{Field: FieldMetaPairs, Term: fold, Weight: weightMeta},
	}
	if exact := a.Exact + b.Exact; exact != fold {
		any = append(any, Node{Field: FieldMetaExact, Term: exact, Weight: weightMeta})
	}
	return Node{Any: append(any, otherPairs(a, b)...)}
}

// wordNode finds a single word, also split by recognition.
func wordNode(t vi.Token) Node {
	return Node{Any: append([]Node{
		{Field: FieldBody, Term: t.Fold},
		{Field: FieldMeta, Term: t.Fold, Weight: weightMeta},
		{Field: FieldPairs, Term: t.Fold, Weight: weightWord},
	}, otherWords(t)...)}
}

// wideWords are the words of a query. Of a few words, each may be off by one
// edit.
func wideWords(tokens []vi.Token) []Node {
	var out []Node
	for _, t := range tokens {
		w := wordNode(t)
		if runes(t.Fold) > 3 && len(tokens) <= 4 {
			w.Any = append(w.Any, Node{Field: FieldBody, Term: t.Fold, Edits: 1, Weight: weightWord},
				Node{Field: FieldMeta, Term: t.Fold, Edits: 1, Weight: weightWord})
		}
		out = append(out, w)
	}
	return out
}

// codeNodes find numbers as a whole, dates, amounts, identity numbers, and
// the tails of dossier codes.
func codeNodes(t vi.Text) []Node {
	var out []Node
	for _, c := range t.Codes {
		out = append(out, Node{Field: FieldCodes, Term: c.Text, Weight: codeWeight(c.Text)},
			Node{Field: FieldDossier, Term: c.Text, Weight: codeWeight(c.Text)})
	}
	for _, id := range t.Identities {
		out = append(out, Node{Field: FieldIdentity, Term: id.Text, Weight: weightCode})
	}
	for _, w := range t.Tokens {
		if a, ok := vi.AmountTerm(w.Fold); ok {
			out = append(out, Node{Field: FieldCodes, Term: a, Weight: weightCode},
				Node{Field: FieldDossier, Term: vi.CodeTerm(w.Fold), Weight: weightCode})
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
		n := pairNode(t.Tokens[i-1], t.Tokens[i])
		n.Any = append(n.Any, gluedAround(t.Tokens, i)...)
		all = append(all, n)
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
		return Node{Any: []Node{facetNode(FacetType, f.Raw), allWords(FieldType, f.Text)}}
	case FilterProcedure:
		return Node{Any: []Node{facetNode(FacetProcedure, f.Raw), facetNode(FacetProcedure, strings.ToUpper(f.Raw)),
			allWords(FieldProcedure, f.Text)}}
	case FilterYear:
		return yearNode(f.Raw)
	case FilterNumber:
		return numberNode(f)
	default: // FilterAgency
		return Node{Any: []Node{{Field: FieldAgency, Term: strings.ToUpper(f.Raw)},
			{Field: FieldAgency, Term: f.Raw}, allWords(FieldOrgan, f.Text)}}
	}
}

// yearNode finds a year, or those FROM..TO.
func yearNode(years string) Node {
	from, to, isRange := strings.Cut(strings.TrimSpace(years), "..")
	if !isRange {
		to = from
	}
	n := facetNode(FacetYear, to)
	if n.From = from; to == "" {
		n.To = ""
	}
	return n
}

// allWords finds every word of t in field.
func allWords(field string, t vi.Text) Node {
	var all []Node
	for _, w := range t.Tokens {
		all = append(all, Node{Field: field, Term: w.Fold})
	}
	return Node{All: all}
}
