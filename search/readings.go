package search

import (
	"slices"
	"strconv"
	"strings"

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

// withYears takes figures that may be a year for one: who types 123 QĐ UBND
// 2021 means a paper of that year. These codes stand at no place of the query,
// so that the figures are marked and not each day of the year.
func withYears(t vi.Text) vi.Text {
	for _, w := range t.Tokens {
		if y, err := strconv.Atoi(w.Fold); err == nil && y >= 1900 && y < 2100 && !isInCode(t, w) {
			t.Codes = append(t.Codes, vi.Term{Start: w.End, End: w.End, Text: "=" + w.Fold + "y"})
		}
	}
	return t
}

// isInCode reports whether w is a part of one of the codes of t.
func isInCode(t vi.Text, w vi.Token) bool {
	return slices.ContainsFunc(t.Codes, func(c vi.Term) bool {
		return w.Start >= c.Start && w.End <= c.End || c.Start == w.End && c.End == w.End
	})
}

// isWide reports whether term is a month or a year.
func isWide(term string) bool {
	return term[0] == '=' && strings.ContainsRune("my", rune(term[len(term)-1]))
}

// isOnlyWide reports whether a query has nothing but months and years.
func isOnlyWide(t vi.Text) bool {
	for _, c := range t.Codes {
		if !isWide(c.Text) {
			return false
		}
	}
	return len(t.Identities) == 0 && !slices.ContainsFunc(t.Tokens, func(w vi.Token) bool { return !isInCode(t, w) })
}

// codeWeight is what it is worth that a page holds a code, over that of a pair
// of words: the wider it is, the more pages do.
func codeWeight(term string) float64 {
	switch {
	case isWide(term) && term[len(term)-1] == 'y':
		return .5
	case isWide(term), term[0] == '#':
		return 2
	}
	return 8
}

// codeFit is what a code weighs among those of a query where pages are
// compared with it: papers of one number differ by their year.
func codeFit(term string) float64 {
	if isWide(term) {
		return 1
	}
	return 2
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
