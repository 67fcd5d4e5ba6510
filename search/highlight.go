package search

import (
	"strings"

	"sohoa"
	"sohoa/search/vi"
)

// WordRef names a word of a sohoa.PageText.
type WordRef struct {
	Line int // index into PageText.Lines
	Word int // index into Line.Words
}

// Mark returns the words of a page that answer query, in reading order, for
// marking them on the page image. It sees words as the index does: by their
// folded forms, glued and split ones included, and one edit away beside a
// word that fits. A query that does not parse marks nothing.
func Mark(t sohoa.PageText, query string) []WordRef {
	p, err := Parse(query, Privacy{}) // nothing of it is kept
	if err != nil {
		return nil
	}
	text, words := layOut(t)
	page := p.privacy.veiled(text)
	m := newMatcher(p.Words).match(page)
	var out []WordRef
	w := 0
	for i, tok := range page.Tokens {
		for w < len(words) && words[w].end <= tok.Start {
			w++
		}
		if w < len(words) && m[i] && (len(out) == 0 || out[len(out)-1] != words[w].ref) {
			out = append(out, words[w].ref)
		}
	}
	return out
}

// placed is a word and where it ends in the laid out text.
type placed struct {
	ref WordRef
	end int
}

// layOut writes a page as PlainText, with the place of each word.
func layOut(t sohoa.PageText) (string, []placed) {
	var b strings.Builder
	var words []placed
	for i, l := range t.Lines {
		if i > 0 {
			b.WriteByte('\n')
			if prev := t.Lines[i-1]; prev.Block != l.Block || prev.Par != l.Par {
				b.WriteByte('\n')
			}
		}
		for j, w := range l.Words {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(w.Text)
			words = append(words, placed{WordRef{i, j}, b.Len()})
		}
	}
	return b.String(), words
}

// matcher decides which words of a page answer a query.
type matcher struct {
	query []vi.Token
	glued []string
	codes map[string]bool
}

func newMatcher(q vi.Text) matcher {
	m := matcher{query: q.Tokens, glued: vi.Pairs(withoutBreaks(q.Tokens)), codes: map[string]bool{}}
	for _, c := range q.Codes {
		m.codes[c.Text] = true
	}
	return m
}

// match marks tokens of page. A word of the query counts beside its
// neighbour of the query; a word that has no such place on the page counts
// wherever it stands.
func (m matcher) match(page vi.Text) []bool {
	marks := make([]bool, len(page.Tokens))
	placed := make([]bool, len(m.query)) // query words found beside a neighbour
	for j := range page.Tokens {
		for i := range m.query {
			m.pairAt(page.Tokens, marks, placed, i, j)
		}
	}
	for j, w := range page.Tokens {
		for i, q := range m.query {
			if !placed[i] && q.Fold == w.Fold {
				marks[j] = true
			}
		}
	}
	m.markCodes(page, marks)
	return marks
}

// pairAt marks what query word i and its successor find at page word j.
func (m matcher) pairAt(page []vi.Token, marks, placed []bool, i, j int) {
	q := m.query[i]
	set := func(words ...int) {
		for _, w := range words {
			marks[w] = true
		}
		placed[i] = true
	}
	if j > 0 && isSplit(q.Fold, page[j-1].Fold, page[j].Fold) && page[j-1].Fold != "" && page[j].Fold != "" {
		set(j-1, j)
	}
	if i+1 == len(m.query) {
		return
	}
	if m.glued[i] == page[j].Fold {
		set(j)
		placed[i+1] = true
	}
	if j+1 < len(page) && neighbours(q.Fold, m.query[i+1].Fold, page[j].Fold, page[j+1].Fold) {
		set(j, j+1)
		placed[i+1] = true
	}
}

// neighbours reports whether page words w1 w2 are query words q1 q2, one of
// them perhaps an edit away.
func neighbours(q1, q2, w1, w2 string) bool {
	same1, same2 := q1 == w1, q2 == w2
	return same1 && same2 || same1 && runes(q2) > 2 && vi.Near(q2, w2) || same2 && runes(q1) > 2 && vi.Near(q1, w1)
}

// markCodes marks the tokens of numbers and dates that the query asks for.
func (m matcher) markCodes(page vi.Text, marks []bool) {
	for _, c := range page.Codes {
		if !m.codes[c.Text] {
			continue
		}
		for j, w := range page.Tokens {
			if w.Start >= c.Start && w.End <= c.End {
				marks[j] = true
			}
		}
	}
}

// codeShare is the share of the query's numbers and dates that page has.
func (m matcher) codeShare(page vi.Text) float64 {
	if len(m.codes) == 0 {
		return 0
	}
	has := map[string]bool{}
	for _, c := range page.Codes {
		if m.codes[c.Text] {
			has[c.Text] = true
		}
	}
	return float64(len(has)) / float64(len(m.codes))
}

// Sizes of a snippet, in words.
const (
	snippetAround = 10 // on each side of the best passage
	snippetMost   = 45
)

// snippet is the best passage of a page for the query, with its words marked.
func (f *finder) snippet(st *Stored) []Span {
	page := st.text()
	best := f.aligner.align(page.Tokens)
	from := max(0, best.from-snippetAround)
	to := min(len(page.Tokens), max(best.to+snippetAround, from+3*snippetAround))
	to = min(to, from+snippetMost)
	if from == to {
		return nil
	}
	marks := f.matcher.match(page)
	return spans(st.Text, page.Tokens, marks, [2]int{from, to})
}

// spans cuts the words of window out of text and joins marked neighbours.
func spans(text string, tokens []vi.Token, marks []bool, window [2]int) []Span {
	var out []Span
	add := func(s string, marked bool) {
		s = strings.ToValidUTF8(oneLine(s), "\ufffd")
		if n := len(out); n > 0 && out[n-1].Marked == marked {
			out[n-1].Text += s
		} else if s != "" {
			out = append(out, Span{s, marked})
		}
	}
	from, to := window[0], window[1]
	if from > 0 {
		add("… ", false)
	}
	for j := from; j < to; j++ {
		if j > from {
			add(text[tokens[j-1].End:tokens[j].Start], marks[j-1] && marks[j])
		}
		add(text[tokens[j].Start:tokens[j].End], marks[j])
	}
	if to < len(tokens) {
		add(" …", false)
	} else {
		add(strings.TrimRight(text[tokens[to-1].End:], " \n\t"), false)
	}
	return out
}

// oneLine makes one space of each run of white space and control characters.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\n\t\r\f\v\x1f") && !strings.Contains(s, "  ") {
		return s
	}
	f := strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' })
	out := strings.Join(f, " ")
	if out == "" {
		return " "
	}
	if s[0] <= ' ' {
		out = " " + out
	}
	if s[len(s)-1] <= ' ' {
		out += " "
	}
	return out
}
