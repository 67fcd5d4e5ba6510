package search

import (
	"context"
	"strings"

	"sohoa/search/vi"
)

// Bounds on corrections.
const (
	leastCorrected = 4 // letters; shorter words are an edit away from too many
	keptOfWord     = 2 // letters at the beginning, which are taken to be right
)

// correct is text with words that nothing in scope begins with replaced by
// what is one edit away and does; "" if there is nothing to replace.
func correct(ctx context.Context, d Dictionary, agencies []string, text string, typed []vi.Token) (string, error) {
	meant := map[int]string{}
	for i, t := range typed {
		if runes(t.Fold) < leastCorrected || strings.ContainsAny(t.Fold, "0123456789"+termMarks) {
			continue
		}
		word, err := wordMeant(ctx, d, agencies, t)
		if err != nil {
			return "", err
		}
		if word != "" {
			meant[i] = word
		}
	}
	if len(meant) == 0 {
		return "", nil
	}
	var b strings.Builder
	at := 0
	for i, t := range typed {
		if w := meant[i]; w != "" {
			b.WriteString(text[at:t.Start] + w)
			at = t.End
		}
	}
	return b.String() + text[at:], nil
}

// sameMarks is worth more than any number of values with other marks.
const sameMarks = 1 << 20

// wordMeant is the word in scope that is an edit away from typed, the one that
// most values have, if it can be with the marks as typed; "" if typed is a
// word itself, or no such word is there.
func wordMeant(ctx context.Context, d Dictionary, agencies []string, typed vi.Token) (string, error) {
	fold := typed.Fold
	times, most := map[string]int{}, ""
	for _, agency := range agencies {
		terms, err := d.Terms(ctx, FieldSuggest, agency+vi.Break+cut(fold, keptOfWord), mostScannedAll)
		if err != nil {
			return "", err
		}
		for _, term := range terms {
			word := firstWord(term)
			if vi.Fold(word) == fold {
				return "", nil
			}
			if !vi.Near(fold, vi.Fold(word)) {
				continue
			}
			live, err := d.Holds(ctx, FieldSuggest, term)
			if err != nil {
				return "", err
			}
			if !live {
				continue
			}
			if times[word]++; times[word] == 1 && vi.Near(typed.Exact, vi.Analyze(word).Tokens[0].Exact) {
				times[word] += sameMarks
			}
			if most == "" || times[word] > times[most] {
				most = word
			}
		}
	}
	return most, nil
}

// firstWord is the word of a suggestion by which term finds it.
func firstWord(term string) string {
	s, ok := parseSuggestion(term)
	if !ok {
		return ""
	}
	tokens := vi.Analyze(s.value).Tokens
	if s.start < 0 || s.start >= len(tokens) {
		return ""
	}
	return s.value[tokens[s.start].Start:tokens[s.start].End]
}
