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

// Boxes are where the words stand that Mark returns, in the page's own units.
func Boxes(t sohoa.PageText, query string) []sohoa.Rect {
	refs := Mark(t, query)
	out := make([]sohoa.Rect, len(refs))
	for i, r := range refs {
		out[i] = t.Lines[r.Line].Words[r.Word].Box
	}
	return out
}

// Mark returns the words of a page that answer query, in reading order, for
// marking them on the page image. It sees words as the index does: by their
// folded forms, glued and split ones included; numbers, dates and amounts by
// what they mean, however they are written there, over several words too; and
// words one edit away beside one that fits, or when there is nothing better.
// A query that does not parse marks nothing.
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

// Sizes of a snippet, in words.
const (
	snippetAround = 10 // on each side of the best passage
	snippetMost   = 45
)

// snippet is the best passage of a page for the query, with its words marked.
func (f *finder) snippet(key PageKey, st *Stored) []Span {
	page := st.text()
	best, ok := f.places[key]
	if !ok {
		best = f.aligner.align(page.Tokens)
	}
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
