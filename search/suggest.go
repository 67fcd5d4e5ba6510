package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"sohoa"
	"sohoa/search/vi"
)

// FieldSuggest holds what may be suggested. A term is the code of an agency
// that may see it, what somebody types to get it (folded, without spaces),
// and the suggestion, with a Break between them. So what a reader may see is
// read by itself: nothing of others is looked at, let alone counted. The code
// of who may see everything is allAgencies.
const FieldSuggest = "ac"

// allAgencies stands for every agency in FieldSuggest; no agency has this code.
const allAgencies = ""

// Dictionary is what suggestions need of an index: the terms of a field, as
// they are at one moment.
type Dictionary interface {
	// Terms returns the first n terms of field that begin with prefix, in
	// rising order. Some may be of pages that are gone.
	Terms(ctx context.Context, field, prefix string, n int) ([]string, error)
	// Holds reports whether some page holds term.
	Holds(ctx context.Context, field, term string) (bool, error)
}

// Bounds on suggestions.
const (
	leastTyped     = 2   // letters
	mostTyped      = 24  // letters that count
	mostShown      = 120 // bytes of a suggestion
	mostStarts     = 6   // words at the end of what is typed that may begin something
	mostScanned    = 64  // terms looked at for each agency
	mostScannedAll = 256 // and in all, about
	subjectWords   = 10  // of a subject that are suggested, three at a time
)

// suggestionKinds are the kinds by the letters that stand for them, the first
// ones first.
const suggestionKinds = "pndqw"

var kindOf = map[byte]SuggestionKind{'p': SuggestPerson, 'n': SuggestNumber, 'd': SuggestDossier,
	'q': SuggestProcedure, 'w': SuggestWord}

// suggestTerms are the terms of d in FieldSuggest. A document's first page
// holds them. Whatever has nine digits in a row, as identity numbers do, or a
// masked number, is left out.
func suggestTerms(d PageDoc) []string {
	if d.Page > 1 {
		return nil
	}
	var values []string
	add := func(kind byte, value string) { values = append(values, suggestValues(kind, value)...) }
	add('p', d.Owner)
	add('n', numberOf(d))
	add('d', d.Dossier)
	add('q', d.ProcedureName)
	add('w', d.Fields[sohoa.FieldTypeName])
	add('w', d.Fields[sohoa.FieldOrganName])
	for _, three := range threes(d.Fields[sohoa.FieldSubject]) {
		values = append(values, suggestValues('s', three)...)
	}
	var out []string
	for _, agency := range append(suggestible(append([]string{d.Agency}, d.Shared...)), allAgencies) {
		for _, v := range values {
			out = append(out, agency+vi.Break+v)
		}
	}
	return out
}

// suggestStarts are the words of a value by which it is found, by its kind; -1
// is the last one. Each costs an index some 30 bytes a document.
var suggestStarts = map[byte][]int{
	'p': {0, 1, -1}, // the whole name, without the surname, the given name
	'n': {0, 1},     // the number, the notation
	'd': {0, -1},    // the code, its serial number
	'q': {0, 1, 2},
	'w': {0, 1},
	's': {0}, // words of a subject, which are 'w'
}

// suggestValues are a value by each of its words that it is found by.
func suggestValues(kind byte, value string) []string {
	value = strings.TrimSpace(oneLine(strings.ToValidUTF8(value, "")))
	if len(value) > mostShown || hasLongNumber(value) || strings.ContainsAny(value, "•\"") {
		return nil
	}
	tokens := vi.Analyze(value).Tokens
	var out []string
	last := -1
	for _, i := range suggestStarts[kind] {
		if i < 0 {
			i += len(tokens)
		}
		if i <= last || i >= len(tokens) || i > 9 {
			continue
		}
		last = i
		if key := cut(glueFolds(tokens[i:]), mostTyped); len(key) >= leastTyped {
			out = append(out, key+vi.Break+string(shown(kind))+string(rune('0'+i))+value)
		}
	}
	return out
}

// shown is the kind as which a value of some kind is suggested.
func shown(kind byte) rune {
	if kind == 's' {
		return 'w'
	}
	return rune(kind)
}

// threes are every three words of a text in which no number is masked.
func threes(s string) []string {
	if strings.Contains(s, maskDots) {
		return nil
	}
	tokens := vi.Analyze(s).Tokens
	tokens = tokens[:min(len(tokens), subjectWords)]
	var out []string
	for i := 0; i+3 <= len(tokens); i++ {
		if t := s[tokens[i].Start:tokens[i+2].End]; !strings.ContainsAny(t, ".,;:()\n") {
			out = append(out, t)
		}
	}
	return out
}

// hasLongNumber reports whether nine digits follow each other in s, perhaps
// with spaces or points between them.
func hasLongNumber(s string) bool {
	run := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			run++
		case r != ' ' && r != '.':
			run = 0
		}
		if run >= 9 {
			return true
		}
	}
	return false
}

func glueFolds(tokens []vi.Token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.Fold)
	}
	return b.String()
}

// cut is s in at most n letters.
func cut(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// suggestion is one found, with what it is ranked by.
type suggestion struct {
	terms []string // in the index, of each agency
	kind  byte
	start int    // the word of the value that was typed first
	value string // as it is shown
	head  string // what was typed before it
	marks int    // how well it has the marks that were typed
}

// Suggest completes what somebody types, from what scope may see: names,
// numbers, dossier codes, procedures and words, at most MaxSuggestions, the
// likeliest first. The longest end of text that begins something is
// completed; what stands before it stays. Where nothing begins so, the one
// suggestion is what may have been meant: words an edit away that are there.
func Suggest(ctx context.Context, d Dictionary, text string, scope sohoa.Scope) ([]Suggestion, error) {
	if utf8.RuneCountInString(text) > sohoa.MaxQueryRunes {
		return nil, nil
	}
	agencies := agenciesOf(scope)
	typed := vi.AnalyzeTyped(text).Tokens
	var out []Suggestion
	for i := max(0, len(typed)-mostStarts); i < len(typed) && len(out) == 0; i++ {
		found, err := scan(ctx, d, agencies, keysOfTyped(text, typed[i:]))
		if err != nil {
			return nil, fmt.Errorf("suggest: %w", err)
		}
		for j := range found {
			found[j].head = text[:typed[i].Start]
			found[j].marks = marksOf(found[j], typed[i:])
		}
		if out, err = choose(ctx, d, out, found); err != nil {
			return nil, fmt.Errorf("suggest: %w", err)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	meant, err := correct(ctx, d, agencies, text, typed)
	if err != nil {
		return nil, fmt.Errorf("suggest: %w", err)
	}
	if meant != "" {
		out = append(out, Suggestion{Text: meant, Kind: SuggestWord})
	}
	return out, nil
}

// agenciesOf are the codes of a scope in FieldSuggest.
func agenciesOf(scope sohoa.Scope) []string {
	if scope.All {
		return []string{allAgencies}
	}
	return suggestible(scope.Agencies)
}

// suggestible are the agencies whose codes may begin a term.
func suggestible(agencies []string) []string {
	return slices.DeleteFunc(slices.Clone(agencies), func(a string) bool {
		return a == allAgencies || strings.Contains(a, vi.Break)
	})
}

// keysOfTyped are what tokens, the end of text, may begin in the index.
func keysOfTyped(text string, tokens []vi.Token) []string {
	other := make([]vi.Token, len(tokens))
	for i, t := range tokens {
		r := readings(t)
		other[i] = r[len(r)-1]
	}
	keys := []string{glueFolds(tokens), glueFolds(other)}
	last := tokens[len(tokens)-1]
	if fold, ok := vi.TypedPrefix(text[last.Start:last.End]); ok {
		keys = append(keys, glueFolds(tokens[:len(tokens)-1])+fold)
	}
	for i, k := range keys {
		keys[i] = cut(k, mostTyped)
	}
	slices.Sort(keys)
	return slices.DeleteFunc(slices.Compact(keys), func(k string) bool { return len(k) < leastTyped })
}

// scan reads the first terms that begin with each key, of each agency.
func scan(ctx context.Context, d Dictionary, agencies, keys []string) ([]suggestion, error) {
	var out []suggestion
	seen := map[string]int{}
	for _, agency := range agencies {
		for _, key := range keys {
			if len(out) >= mostScannedAll {
				return out, nil
			}
			terms, err := d.Terms(ctx, FieldSuggest, agency+vi.Break+key, mostScanned)
			if err != nil {
				return nil, err
			}
			for _, t := range terms {
				out = merge(out, seen, t)
			}
		}
	}
	return out, nil
}

// merge adds what term says to out; seen has where each is.
func merge(out []suggestion, seen map[string]int, term string) []suggestion {
	s, ok := parseSuggestion(term)
	if !ok {
		return out
	}
	key := string(s.kind) + s.value
	if i, ok := seen[key]; ok {
		out[i].terms = append(out[i].terms, term)
		out[i].start = min(out[i].start, s.start)
		return out
	}
	seen[key] = len(out)
	return append(out, s)
}

// parseSuggestion is the inverse of suggestTerms.
func parseSuggestion(term string) (suggestion, bool) {
	value := term[strings.LastIndex(term, vi.Break)+1:]
	if len(value) < 3 {
		return suggestion{}, false
	}
	return suggestion{terms: []string{term}, kind: value[0], start: int(value[1] - '0'), value: value[2:]}, true
}

// marksOf is 2 if a suggestion has the marks of what was typed, 1 if it may
// have them once the last word is typed to its end, else 0.
func marksOf(s suggestion, typed []vi.Token) int {
	tokens := vi.Analyze(s.value).Tokens
	tokens = tokens[min(s.start, len(tokens)):]
	marks := 2
	for i, t := range typed {
		switch {
		case i < len(tokens) && t.Exact == tokens[i].Exact:
		case i < len(tokens) && i+1 == len(typed) && strings.HasPrefix(tokens[i].Exact, strings.TrimRight(t.Exact, "12345")):
			marks = 1
		default:
			return 0
		}
	}
	return marks
}

// choose adds the best of found to out, those that some page still holds.
func choose(ctx context.Context, d Dictionary, out []Suggestion, found []suggestion) ([]Suggestion, error) {
	slices.SortStableFunc(found, func(a, b suggestion) int {
		return cmp.Or(cmp.Compare(b.marks, a.marks), cmp.Compare(min(a.start, 1), min(b.start, 1)),
			cmp.Compare(strings.IndexByte(suggestionKinds, a.kind), strings.IndexByte(suggestionKinds, b.kind)),
			cmp.Compare(len(a.value), len(b.value)), cmp.Compare(a.value, b.value))
	})
	for _, s := range found {
		if len(out) == MaxSuggestions {
			break
		}
		text := s.text()
		if slices.ContainsFunc(out, func(o Suggestion) bool { return o.Text == text }) {
			continue
		}
		live, err := holdsAny(ctx, d, s.terms)
		if err != nil {
			return nil, err
		}
		if live {
			out = append(out, Suggestion{Text: text, Kind: kindOf[s.kind]})
		}
	}
	return out, nil
}

// holdsAny reports whether some page holds one of terms.
func holdsAny(ctx context.Context, d Dictionary, terms []string) (bool, error) {
	for _, t := range terms {
		if ok, err := d.Holds(ctx, FieldSuggest, t); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// text is the query that the suggestion makes of what was typed.
func (s suggestion) text() string {
	switch {
	case strings.HasSuffix(s.head, ":"):
		return s.head + `"` + s.value + `"`
	case strings.Count(s.head, `"`)%2 == 1:
		return s.head + s.value + `"`
	}
	return s.head + s.value
}
