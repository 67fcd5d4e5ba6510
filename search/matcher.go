package search

import (
	"slices"

	"sohoa/search/vi"
)

// matcher decides which words of a page answer a query. It may be used for
// any number of pages, one after the other.
type matcher struct {
	queries []reading          // the query as it was typed, and as it may be meant
	codes   map[string]float64 // with their weights; 0 is only to be marked
	silent  map[string]bool    // codes that are not marked
	weight  float64            // of all codes
}

// reading is one way to read a query.
type reading struct {
	words []vi.Token
	glued []string // glued[i] is words i and i+1 in one
}

func newReading(words []vi.Token) reading { return reading{words, vi.Pairs(withoutBreaks(words))} }

func newMatcher(q vi.Text) matcher {
	m := matcher{queries: []reading{newReading(q.Tokens)}, codes: map[string]float64{}, silent: map[string]bool{}}
	other, differs := make([]vi.Token, len(q.Tokens)), false
	for i, t := range q.Tokens {
		if other[i] = t; t.Or != nil {
			other[i], differs = *t.Or, true
		}
		if a, ok := vi.AmountTerm(t.Fold); ok {
			m.codes[a] = 0
		}
	}
	if differs {
		m.queries = append(m.queries, newReading(other))
	}
	for _, c := range q.Codes {
		m.codes[c.Text] = codeFit(c.Text)
		m.silent[c.Text] = c.Start == c.End
	}
	for _, w := range m.codes {
		m.weight += w
	}
	return m
}

// match marks tokens of page. A word of the query counts beside its
// neighbour of the query; a word that has no such place on the page counts
// wherever it stands, and if it stands nowhere, so does what is like it.
func (m matcher) match(page vi.Text) []bool {
	marks := make([]bool, len(page.Tokens))
	found := make([]bool, len(m.queries[0].words)) // query words found beside a neighbour
	for _, q := range m.queries {
		for j := range page.Tokens {
			for i := range q.words {
				q.pairAt(page.Tokens, marks, found, i, j)
			}
		}
	}
	m.alone(page.Tokens, marks, found, func(q, w vi.Token) bool { return q.Fold == w.Fold })
	m.alone(page.Tokens, marks, found, func(q, w vi.Token) bool {
		return runes(q.Fold) > 3 && vi.Near(q.Fold, w.Fold)
	})
	m.markCodes(page, marks)
	return marks
}

// alone marks what is same as a query word that was not found, which then is.
func (m matcher) alone(page []vi.Token, marks, found []bool, same func(q, w vi.Token) bool) {
	for i := range found {
		if found[i] {
			continue
		}
		for j, w := range page {
			for _, q := range m.queries {
				if same(q.words[i], w) {
					marks[j], found[i] = true, true
				}
			}
		}
	}
}

// pairAt marks what query word i and its successor find at page word j.
func (q reading) pairAt(page []vi.Token, marks, found []bool, i, j int) {
	word := q.words[i].Fold
	set := func(words ...int) {
		for _, w := range words {
			marks[w] = true
		}
		found[i] = true
	}
	if j > 0 && isSplit(word, page[j-1].Fold, page[j].Fold) && page[j-1].Fold != "" && page[j].Fold != "" {
		set(j-1, j)
	}
	if i+1 == len(q.words) {
		return
	}
	if q.glued[i] == page[j].Fold {
		set(j)
		found[i+1] = true
	}
	if j+1 < len(page) && neighbours(word, q.words[i+1].Fold, page[j].Fold, page[j+1].Fold) {
		set(j, j+1)
		found[i+1] = true
	}
}

// neighbours reports whether page words w1 w2 are query words q1 q2, one of
// them perhaps an edit away.
func neighbours(q1, q2, w1, w2 string) bool {
	same1, same2 := q1 == w1, q2 == w2
	return same1 && same2 || same1 && runes(q2) > 2 && vi.Near(q2, w2) || same2 && runes(q1) > 2 && vi.Near(q1, w1)
}

// asked are the codes of the query that code answers: the same, or wider.
func (m matcher) asked(code string) []string {
	var out []string
	if _, ok := m.codes[code]; ok {
		out = append(out, code)
	}
	for _, w := range vi.Wider(code) {
		if _, ok := m.codes[w]; ok {
			out = append(out, w)
		}
	}
	return out
}

// markCodes marks the tokens of numbers and dates that the query asks for.
func (m matcher) markCodes(page vi.Text, marks []bool) {
	if len(m.codes) == 0 {
		return
	}
	for _, c := range page.Codes {
		if !slices.ContainsFunc(m.asked(c.Text), func(q string) bool { return !m.silent[q] }) {
			continue
		}
		for j, w := range page.Tokens {
			if w.Start >= c.Start && w.End <= c.End {
				marks[j] = true
			}
		}
	}
}

// codeShare is the share, by weight, of the query's numbers and dates that
// page has.
func (m matcher) codeShare(page vi.Text) float64 {
	if m.weight == 0 {
		return 0
	}
	has := map[string]bool{}
	sum := 0.0
	for _, c := range page.Codes {
		for _, q := range m.asked(c.Text) {
			if !has[q] {
				has[q] = true
				sum += m.codes[q]
			}
		}
	}
	return sum / m.weight
}

// Stands reports whether every phrase of the query stands in one of texts, in
// order, its words beside each other, and no phrase after a minus does. Words
// are compared by their folded forms, glued and split ones included. An index
// finds a phrase by its pairs, which may stand apart.
func (p Parsed) Stands(texts ...vi.Text) bool {
	somewhere := func(phrase vi.Text) bool {
		for _, t := range texts {
			if stands(phrase.Tokens, t.Tokens) {
				return true
			}
		}
		return false
	}
	for _, ph := range p.Phrases {
		if !somewhere(ph) {
			return false
		}
	}
	for _, ph := range p.Without {
		if somewhere(ph) {
			return false
		}
	}
	return true
}

// stands reports whether phrase stands somewhere on page.
func stands(phrase, page []vi.Token) bool {
	for j := range page {
		if standsAt(phrase, page[j:]) {
			return true
		}
	}
	return false
}

// standsAt reports whether page begins with phrase.
func standsAt(phrase, page []vi.Token) bool {
	j := 0
	for i := 0; i < len(phrase); {
		if j == len(page) || j > 0 && page[j].Break {
			return false
		}
		switch {
		case sameWord(phrase[i], page[j].Fold):
			i, j = i+1, j+1
		case i+1 < len(phrase) && phrase[i].Fold+phrase[i+1].Fold == page[j].Fold:
			i, j = i+2, j+1
		case j+1 < len(page) && !page[j+1].Break && isSplit(phrase[i].Fold, page[j].Fold, page[j+1].Fold):
			i, j = i+1, j+2
		default:
			return false
		}
	}
	return true
}

// sameWord reports whether a word of a query, in either reading, is fold.
func sameWord(q vi.Token, fold string) bool {
	return q.Fold == fold || q.Or != nil && q.Or.Fold == fold
}
