package search

import (
	"strings"

	"sohoa/search/vi"
)

// Scores of the alignment of a query with a page, per query word.
const (
	scoreExact    = 1.0 // same marks, or the query has none
	scoreFold     = .8  // same letters
	scoreNear     = .6  // one edit away
	scoreNearWeak = .3  // one edit away, but short or a number
	scoreMismatch = -.5
	costSkipPage  = .15 // a word on the page that the query lacks
	costSkipQuery = .35 // a word of the query that the page lacks
)

// alignment is the best passage for a query.
type alignment struct {
	score    float64 // 0 to 1
	from, to int     // tokens of the page
}

// aligner compares one query with many pages. It is for one goroutine; its
// rows are used again.
type aligner struct {
	query  []vi.Token
	marked bool     // the query has marks, so marks count
	glued  []string // glued[i] is query words i and i+1 in one
	rows   [3][]cell
}

// cell is the best local alignment that ends at some query word and page word.
type cell struct {
	score float64
	from  int
}

func newAligner(query []vi.Token) *aligner {
	a := &aligner{query: query, glued: vi.Pairs(withoutBreaks(query))}
	for i := range a.rows {
		a.rows[i] = make([]cell, len(query)+1)
	}
	for _, t := range query {
		a.marked = a.marked || t.Exact != t.Fold
	}
	return a
}

func withoutBreaks(tokens []vi.Token) []vi.Token {
	out := append([]vi.Token(nil), tokens...)
	for i := range out {
		out[i].Break = false
	}
	return out
}

// align finds the passage of page most like the query: local alignment
// (Smith and Waterman, 1981) of words, where a word may also be glued to the
// next or split in two.
func (a *aligner) align(page []vi.Token) alignment {
	var best alignment
	for i := range a.rows {
		clear(a.rows[i])
	}
	before, prev, row := a.rows[0], a.rows[1], a.rows[2]
	for j := range page {
		row[0] = cell{}
		for i := range a.query {
			row[i+1] = a.step(before, prev, row, page, i, j)
			if row[i+1].score > best.score {
				best = alignment{row[i+1].score, row[i+1].from, j + 1}
			}
		}
		before, prev, row = prev, row, before
	}
	best.score /= max(1, float64(len(a.query)))
	return best
}

// step fills the cell of query word i and page word j. before and prev are
// the rows of page words j-2 and j-1.
func (a *aligner) step(before, prev, row []cell, page []vi.Token, i, j int) cell {
	c := cell{0, j}
	take := func(p cell, gain float64) {
		if p.score == 0 {
			p.from = j
		}
		if s := p.score + gain; s > c.score {
			c = cell{s, p.from}
		}
	}
	take(prev[i], a.similar(a.query[i], page[j]))
	take(prev[i+1], -costSkipPage)
	take(row[i], -costSkipQuery)
	if i > 0 && a.glued[i-1] == page[j].Fold {
		take(prev[i-1], 2*scoreFold)
	}
	if j > 0 && isSplit(a.query[i].Fold, page[j-1].Fold, page[j].Fold) {
		p := before[i]
		if p.score == 0 {
			p.from = j - 1
		}
		if s := p.score + scoreFold; s > c.score {
			c = cell{s, p.from}
		}
	}
	return c
}

// isSplit reports whether word is first and second in one.
func isSplit(word, first, second string) bool {
	return len(first)+len(second) == len(word) && strings.HasPrefix(word, first) && strings.HasSuffix(word, second)
}

// similar scores page word w against query word q.
func (a *aligner) similar(q, w vi.Token) float64 {
	switch {
	case q.Fold == w.Fold && (!a.marked || q.Exact == w.Exact):
		return scoreExact
	case q.Fold == w.Fold:
		return scoreFold
	case !vi.Near(q.Fold, w.Fold):
		return scoreMismatch
	case runes(q.Fold) <= 2 || strings.ContainsAny(q.Fold, "0123456789"):
		return scoreNearWeak
	}
	return scoreNear
}
