package search

import (
	"sohoa/search/vi"
)

// readings are a word of a query as it was typed and as it may be meant.
func readings(t vi.Token) []vi.Token {
	if t.Or == nil {
		return []vi.Token{t}
	}
	return []vi.Token{t, *t.Or}
}

// otherPairs finds a pair of a query in its other readings.
func otherPairs(a, b vi.Token) []Node {
	if a.Or == nil && b.Or == nil {
		return nil
	}
	var out []Node
	for _, x := range readings(a) {
		for _, y := range readings(b) {
			if fold := x.Fold + y.Fold; fold != a.Fold+b.Fold {
				out = append(out, Node{Field: FieldPairs, Term: fold}, Node{Field: FieldBody, Term: fold},
					Node{Field: FieldMetaPairs, Term: fold})
			}
		}
	}
	return out
}

// otherWords finds a word of a query in its other reading.
func otherWords(t vi.Token) []Node {
	if t.Or == nil || t.Or.Fold == t.Fold {
		return nil
	}
	return []Node{{Field: FieldBody, Term: t.Or.Fold}, {Field: FieldMeta, Term: t.Or.Fold}}
}

// gluedAround finds words i-1 and i of a phrase where recognition glued one of
// them to its other neighbour.
func gluedAround(phrase []vi.Token, i int) []Node {
	var out []Node
	pair := phrase[i-1].Fold + phrase[i].Fold
	if i > 1 {
		out = append(out, Node{Field: FieldPairs, Term: phrase[i-2].Fold + pair})
	}
	if i+1 < len(phrase) {
		out = append(out, Node{Field: FieldPairs, Term: pair + phrase[i+1].Fold})
	}
	return out
}

// codeWeight is what it is worth that a page holds a code: the wider it is,
// the more pages do.
func codeWeight(term string) float64 {
	switch {
	case term[0] == '=' && term[len(term)-1] == 'y':
		return .5
	case term[0] == '=' && term[len(term)-1] == 'm', term[0] == '#':
		return 2
	}
	return 8
}

// withWider adds to codes the wider ones that hold them, each once.
func withWider(codes []string) []string {
	out := make([]string, 0, 2*len(codes))
	seen := make(map[string]bool, 2*len(codes))
	add := func(terms []string) {
		for _, c := range terms {
			if !seen[c] {
				seen[c] = true
				out = append(out, c)
			}
		}
	}
	for _, c := range codes {
		add([]string{c})
		add(vi.Wider(c))
	}
	return out
}

// termMarks begin terms that are no words.
const termMarks = "~=#@"
