package search

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sohoa"
	"sohoa/search/vi"
)

// Parsed is a query as it was understood.
type Parsed struct {
	Words   vi.Text   // what to look for, phrases included
	Phrases []vi.Text // "in quotes": must stand there, see Stands
	Without []vi.Text // after a minus: must not stand there
	Filters []Filter  // name:value

	privacy Privacy
}

// Parse reads the query language: words; "phrases"; -without; and filters
// loai: so: coquan: nguoi: ngay: hoso: thutuc: nam: trangthai:, with or
// without tone marks in their names, or by their English names, whose values
// may be quoted, and which a minus turns round. Whatever is not one of these
// is words. Keys of Telex and VNI are read too (vi.AnalyzeTyped).
//
// Text without anything to look for is "query.empty", more than
// sohoa.MaxQueryRunes is "query.too-long"; a filter whose value means nothing
// is "query.filter-date", "query.filter-year" or "query.filter-state"; all are
// sohoa.ErrInvalid. Identity numbers are words by their terms only.
func Parse(text string, privacy Privacy) (Parsed, error) {
	if utf8.RuneCountInString(text) > sohoa.MaxQueryRunes {
		return Parsed{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "query.too-long",
			Args: []string{strconv.Itoa(sohoa.MaxQueryRunes)}}
	}
	p := Parsed{privacy: privacy}
	var words []string
	for _, piece := range pieces(text) {
		w, err := p.take(piece)
		if err != nil {
			return Parsed{}, err
		}
		words = append(words, w...)
	}
	p.Words = withYears(privacy.analyzeQuery(strings.Join(words, " ")))
	if len(p.Words.Tokens) == 0 && len(p.Filters) == 0 {
		return Parsed{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "query.empty"}
	}
	return p, nil
}

// piece is a run of text without spaces outside quotes.
type piece struct {
	minus  bool
	filter FilterName
	quoted bool
	text   string
}

// take files one piece away and returns the words it adds to the query.
func (p *Parsed) take(x piece) ([]string, error) {
	t := p.privacy.analyzeQuery(x.text)
	if x.filter == FilterOwner {
		t = p.privacy.hide(x.text, identitiesOf(x.text, true)).analyzeTyped()
	}
	switch {
	case len(t.Tokens) == 0:
		return nil, nil
	case x.filter != "":
		x.text = p.privacy.Mask(x.text)
		f, err := newFilter(x, t)
		p.Filters = append(p.Filters, f)
		return nil, err
	case x.minus:
		p.Without = append(p.Without, t)
		return nil, nil
	case x.quoted:
		p.Phrases = append(p.Phrases, t)
		return []string{vi.Break, x.text, vi.Break}, nil
	}
	return []string{x.text}, nil
}

// pieces cuts a query at spaces, keeping quotes together.
func pieces(s string) []piece {
	var out []piece
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeftFunc(s, unicode.IsSpace) {
		var x piece
		if rest, ok := strings.CutPrefix(s, "-"); ok && rest != "" && !unicode.IsSpace(firstRune(rest)) {
			x.minus, s = true, rest
		}
		if name, rest, ok := cutFilter(s); ok {
			x.filter, s = name, rest
		}
		x.text, x.quoted, s = cutValue(s)
		out = append(out, x)
	}
	return out
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// cutFilter takes a filter's name and colon off the front of s.
func cutFilter(s string) (FilterName, string, bool) {
	name, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" || unicode.IsSpace(firstRune(rest)) || strings.ContainsFunc(name, unicode.IsSpace) {
		return "", s, false
	}
	f, ok := filterNames[vi.Fold(name)]
	return f, rest, ok
}

// cutValue takes a quoted text or a run without spaces off the front of s. A
// quote that is never closed is not a quote.
func cutValue(s string) (value string, quoted bool, rest string) {
	for _, q := range []struct{ open, shut string }{{`"`, `"`}, {"“", "”"}, {"«", "»"}} {
		if after, ok := strings.CutPrefix(s, q.open); ok {
			if v, rest, ok := strings.Cut(after, q.shut); ok {
				return v, true, rest
			}
		}
	}
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
		return s[:i], false, s[i:]
	}
	return s, false, ""
}
