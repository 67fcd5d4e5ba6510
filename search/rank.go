package search

import (
	"math/bits"
	"strings"
	"unicode/utf8"

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
// rows and words are used again.
type aligner struct {
	query  []vi.Token
	marked bool     // the query has marks, so marks count
	glued  []string // glued[i] is query words i and i+1 in one
	rows   [3][]cell

	shapes []shape          // of the query's words, their other readings and the glued ones
	known  map[string]int32 // words of pages seen before, by both forms: index into words
	words  []pageWord       // the first stands for all that are unlike the query
	page   []int32          // the page under way, as words
	ends   []bool           // of each word: a field ended before it

	parts map[string]uint64 // parts of the query's codes, each a bit
	codes []uint64          // for each code, its parts
	seen  uint64            // parts that stand on the page under way
}

// cell is the best local alignment that ends at some query word and page word.
type cell struct {
	score float64
	from  int
}

// pageWord is a word as the query sees it. The same few thousand words make
// up all pages that are compared with a query.
type pageWord struct {
	fold string
	like []float64 // similarity to each query word; nil if it is unlike all, also as a part of one
	glue []bool    // it is query words i-1 and i in one
	part uint64    // of aligner.parts
}

func newAligner(q vi.Text) *aligner {
	query := q.Tokens
	a := &aligner{query: query, glued: vi.Pairs(withoutBreaks(query)), known: map[string]int32{}, words: make([]pageWord, 1), parts: map[string]uint64{}}
	for _, c := range q.Codes {
		a.addCode(c)
	}
	for i := range a.rows {
		a.rows[i] = make([]cell, len(query)+1)
	}
	for _, t := range query {
		a.marked = a.marked || t.Exact != t.Fold
		for _, r := range readings(t) {
			a.shapes = append(a.shapes, shapeOf([]byte(r.Fold)))
		}
	}
	for _, g := range a.glued {
		a.shapes = append(a.shapes, shapeOf([]byte(g)))
	}
	return a
}

// shape is what a word has in common with those an edit away.
type shape struct {
	letters uint64 // a bit for each, some letters sharing one
	size    int    // bytes; negative if some are not ASCII
}

func shapeOf(fold []byte) shape {
	s := shape{size: len(fold)}
	for _, c := range fold {
		if c >= utf8.RuneSelf {
			return shape{size: -1}
		}
		s.letters |= 1 << (c & 63)
	}
	return s
}

// mayMatter reports whether a word may be like one of the query, or a part of
// it, or one of its numbers. Most words of a page are not, and comparing them
// letter by letter would be most of the work.
func (a *aligner) mayMatter(fold []byte) bool {
	s := shapeOf(fold)
	for _, q := range a.shapes {
		if s.size < 0 || q.size < 0 ||
			s.size-q.size >= -1 && s.size-q.size <= 1 && bits.OnesCount64(s.letters^q.letters) <= 2 ||
			s.size < q.size && s.letters&^q.letters == 0 {
			return true
		}
	}
	return len(a.parts) > 0 && vi.MayBeFigures(fold)
}

// addCode takes what a page must have to hold a number into parts: its
// figures, since people leave parts of a notation out. Days, months and amounts
// are written in so many ways that any page may have them.
func (a *aligner) addCode(code vi.Term) {
	var need uint64
	for _, figures := range figuresOf(code.Text) {
		key := strings.TrimLeft(figures, "0")
		if !vi.MayBeFigures([]byte(key)) {
			continue
		}
		if a.parts[key] == 0 && len(a.parts) < 64 {
			a.parts[key] = 1 << len(a.parts)
		}
		need |= a.parts[key]
	}
	a.codes = append(a.codes, need)
}

// figuresOf are the figures that every way to write code has.
func figuresOf(code string) []string {
	switch {
	case code[0] == '@':
		return strings.FieldsFunc(code[1:], func(r rune) bool { return r == '/' })
	case len(code) == len("=2024y") && isWide(code):
		return []string{code[1:5]}
	case code[0] == '=':
		return nil
	}
	number, _, _ := strings.Cut(strings.TrimPrefix(code, "#"), "/")
	return []string{number}
}

// partKey is a part of a code as it is compared: zeros before it do not count
// in dates.
func partKey(fold string) string { return strings.TrimLeft(vi.CodeTerm(fold), "0") }

// mayHaveCode reports whether the page that was aligned last has all parts of
// one of the query's codes; only then it may have the code.
func (a *aligner) mayHaveCode() bool {
	for _, parts := range a.codes {
		if parts&^a.seen == 0 {
			return true
		}
	}
	return false
}

func withoutBreaks(tokens []vi.Token) []vi.Token {
	out := append([]vi.Token(nil), tokens...)
	for i := range out {
		out[i].Break = false
	}
	return out
}

// alignText finds the passage of a text most like the query.
func (a *aligner) alignText(text string) alignment {
	a.page, a.ends, a.seen = a.page[:0], a.ends[:0], 0
	vi.Words(text, func(forms []byte, exact int, broken bool) {
		var n int32
		if a.mayMatter(forms[:exact]) {
			n = a.word(forms, exact)
		}
		a.page, a.ends, a.seen = append(a.page, n), append(a.ends, broken), a.seen|a.words[n].part
	})
	return a.alignPage()
}

// mostFields is how many fields count as whole.
const mostFields = 3

// wholeFields is how many fields of the text that was aligned last stand in
// the query as a whole, word by word, but for single words.
func (a *aligner) wholeFields() int {
	n, taken := 0, uint64(0)
	for from := 0; from < len(a.page) && n < mostFields; {
		to := from + 1
		for to < len(a.page) && !a.ends[to] {
			to++
		}
		if words := a.inQuery(a.page[from:to]); words&^taken != 0 {
			n, taken = n+1, taken|words
		}
		from = to
	}
	return n
}

// inQuery are the words of the query, a bit for each of the first 64, that are
// those of a field of several words, in order; none if there are no such.
func (a *aligner) inQuery(field []int32) uint64 {
	if len(field) < 2 {
		return 0
	}
	for at := 0; at+len(field) <= min(len(a.query), 64); at++ {
		same := 0
		for same < len(field) && a.isWord(at+same, field[same]) {
			same++
		}
		if same == len(field) {
			return (1<<len(field) - 1) << at
		}
	}
	return 0
}

// isWord reports whether word n of a page is query word i.
func (a *aligner) isWord(i int, n int32) bool {
	like := a.words[n].like
	return like != nil && like[i] == scoreExact
}

// align is alignText for a text that was analysed already.
func (a *aligner) align(page []vi.Token) alignment {
	a.page, a.ends = a.page[:0], a.ends[:0]
	for _, t := range page {
		n := a.word([]byte(t.Fold+t.Exact), len(t.Fold))
		a.page, a.ends = append(a.page, n), append(a.ends, t.Break)
	}
	return a.alignPage()
}

// word is the place of a word, given by its forms, in words.
func (a *aligner) word(forms []byte, exact int) int32 {
	n, ok := a.known[string(forms)]
	if !ok {
		n = a.learn(string(forms), exact)
	}
	return n
}

// learn takes a word, as its forms, into words.
func (a *aligner) learn(forms string, exact int) int32 {
	w := vi.Token{Fold: forms[:exact], Exact: forms[exact:]}
	pw := pageWord{fold: w.Fold}
	if !a.isDull(w) {
		pw.like, pw.glue = make([]float64, len(a.query)), make([]bool, len(a.query))
		for i, q := range a.query {
			pw.like[i] = a.similar(q, w)
			pw.glue[i] = i > 0 && a.glued[i-1] == w.Fold
		}
	}
	if len(a.parts) > 0 && vi.MayBeFigures([]byte(w.Fold)) {
		pw.part = a.parts[partKey(w.Fold)]
	}
	n := int32(len(a.words))
	a.words = append(a.words, pw)
	a.known[forms] = n
	return n
}

// isDull reports whether a word is unlike all of the query, also as a part of
// a word or as two in one.
func (a *aligner) isDull(w vi.Token) bool {
	for i, q := range a.query {
		if q.Or != nil && vi.Near(q.Or.Fold, w.Fold) {
			return false
		}
		if vi.Near(q.Fold, w.Fold) || strings.HasPrefix(q.Fold, w.Fold) || strings.HasSuffix(q.Fold, w.Fold) ||
			i > 0 && a.glued[i-1] == w.Fold {
			return false
		}
	}
	return true
}

// alignPage is the local alignment (Smith and Waterman, 1981) of words, where
// a word may also be glued to the next or split in two.
func (a *aligner) alignPage() alignment {
	var best alignment
	for i := range a.rows {
		clear(a.rows[i])
	}
	before, prev, row := a.rows[0], a.rows[1], a.rows[2]
	live := false // some cell of prev is above zero
	for j, n := range a.page {
		w := &a.words[n]
		if w.like == nil && !live {
			before, prev, row = prev, row, before
			clear(prev)
			continue
		}
		row[0], live = cell{}, false
		for i := range a.query {
			row[i+1] = a.step(before, prev, row, i, j)
			live = live || row[i+1].score > 0
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
func (a *aligner) step(before, prev, row []cell, i, j int) cell {
	c := cell{0, j}
	take := func(p cell, gain float64, from int) {
		if p.score == 0 {
			p.from = from
		}
		if s := p.score + gain; s > c.score {
			c = cell{s, p.from}
		}
	}
	w := &a.words[a.page[j]]
	if w.like == nil {
		take(prev[i], scoreMismatch, j)
	} else {
		take(prev[i], w.like[i], j)
	}
	take(prev[i+1], -costSkipPage, j)
	take(row[i], -costSkipQuery, j)
	if w.like == nil {
		return c
	}
	if w.glue[i] {
		take(prev[i-1], 2*scoreFold, j)
	}
	if j > 0 && isSplit(a.query[i].Fold, a.words[a.page[j-1]].fold, w.fold) {
		take(before[i], scoreFold, j-1)
	}
	return c
}

// isSplit reports whether word is first and second in one.
func isSplit(word, first, second string) bool {
	return len(first)+len(second) == len(word) && strings.HasPrefix(word, first) && strings.HasSuffix(word, second)
}

// similar scores page word w against query word q, in the reading that fits.
func (a *aligner) similar(q, w vi.Token) float64 {
	if q.Or != nil {
		typed := q
		typed.Or = nil
		return max(a.similar(typed, w), a.similar(*q.Or, w))
	}
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
