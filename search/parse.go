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
	Phrases []vi.Text // "in quotes": must stand there
	Without []vi.Text // after a minus: must not stand there
	Filters []Filter  // name:value

	privacy Privacy
}

// FilterName names what a filter looks at.
type FilterName string

// The filters of the query language.
const (
	FilterType    FilterName = "loai"   // kind of document: typeName
	FilterNumber  FilterName = "so"     // number and notation, whole or in part
	FilterAgency  FilterName = "coquan" // agency's code or name, or the issuing organ
	FilterOwner   FilterName = "nguoi"  // owner's name
	FilterDate    FilterName = "ngay"   // date of issue: a day, month, year, or FROM..TO
	FilterDossier FilterName = "hoso"   // dossier code

	FilterProcedure FilterName = "thutuc"    // procedure's code or name
	FilterYear      FilterName = "nam"       // year of issue, or FROM..TO
	FilterState     FilterName = "trangthai" // sohoa.State, or the sohoa.Force somebody decided on
)

// Filter narrows a query. Every filter must hold.
type Filter struct {
	Name     FilterName
	Text     vi.Text // the value
	Raw      string  // the value as typed, identity numbers masked
	From, To string  // FilterDate: YYYYMMDD, inclusive; "" is open
}

// Parse reads the query language: words; "phrases"; -without; and filters
// loai: so: coquan: nguoi: ngay: hoso:, with or without tone marks in their
// names, whose values may be quoted. Whatever is not one of these is words.
// Text without anything to look for is "query.empty", more than
// sohoa.MaxQueryRunes is "query.too-long", both sohoa.ErrInvalid. Identity
// numbers are words by their terms only.
func Parse(text string, privacy Privacy) (Parsed, error) {
	if utf8.RuneCountInString(text) > sohoa.MaxQueryRunes {
		return Parsed{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "query.too-long",
			Args: []string{strconv.Itoa(sohoa.MaxQueryRunes)}}
	}
	p := Parsed{privacy: privacy}
	var words []string
	for _, piece := range pieces(text) {
		words = append(words, p.take(piece)...)
	}
	p.Words = privacy.analyzeQuery(strings.Join(words, " "))
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
func (p *Parsed) take(x piece) []string {
	t := p.privacy.analyzeQuery(x.text)
	if x.filter == FilterOwner {
		t = p.privacy.hide(x.text, identitiesOf(x.text, true)).Analyze()
	}
	switch {
	case len(t.Tokens) == 0:
		return nil
	case x.filter != "":
		if f, ok := newFilter(x.filter, p.privacy.Mask(x.text), t); ok {
			p.Filters = append(p.Filters, f)
			return nil
		}
		return []string{string(x.filter), x.text}
	case x.minus:
		p.Without = append(p.Without, t)
		return nil
	case x.quoted:
		p.Phrases = append(p.Phrases, t)
		return []string{vi.Break, x.text, vi.Break}
	}
	return []string{x.text}
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
	f := FilterName(vi.Fold(name))
	switch f {
	case FilterType, FilterNumber, FilterAgency, FilterOwner, FilterDate, FilterDossier,
		FilterProcedure, FilterYear, FilterState:
		return f, rest, true
	}
	return "", s, false
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

// newFilter makes a filter; a date that is none makes no filter.
func newFilter(name FilterName, raw string, t vi.Text) (Filter, bool) {
	f := Filter{Name: name, Raw: raw, Text: t}
	if name != FilterDate {
		return f, true
	}
	from, to, isRange := strings.Cut(raw, "..")
	if !isRange {
		to = from
	}
	var ok1, ok2 bool
	f.From, ok1 = dayBound(from, "0101")
	f.To, ok2 = dayBound(to, "1231")
	return f, ok1 && ok2 && f.From+f.To != ""
}

// dayBound reads YYYY, MM/YYYY, YYYY-MM, D/M/YYYY or YYYY-MM-DD as YYYYMMDD;
// what is missing is taken from fill (MMDD). Empty text is an open bound.
func dayBound(s, fill string) (string, bool) {
	if s == "" {
		return "", true
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("/-.", r) })
	if len(parts) > 0 && len(parts[0]) != 4 {
		for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
			parts[i], parts[j] = parts[j], parts[i]
		}
	}
	var out string
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || i > 2 || i == 0 && len(p) != 4 || i > 0 && len(p) > 2 {
			return "", false
		}
		if i == 0 {
			out = p
			continue
		}
		if n < 10 {
			out += "0"
		}
		out += strconv.Itoa(n)
	}
	if len(out) < 4 {
		return "", false
	}
	return out + fill[min(len(out)-4, 4):], true
}
