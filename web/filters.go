package web

import (
	"strings"
	"unicode"

	"sohoa/search"
)

// chip is a filter that is in force, and the query without it.
type chip struct {
	Name    search.FilterName
	Value   string // as it was typed, or in words where it is a facet's
	Without string
}

// chips are the filters of a query, in the order in which they stand.
func chips(query string) []chip {
	var all []chip
	pieces := queryPieces(query)
	for i, piece := range pieces {
		p, err := search.Parse(piece, search.Privacy{})
		if err != nil || len(p.Filters) != 1 || len(p.Words.Tokens) > 0 {
			continue
		}
		rest := append(append([]string{}, pieces[:i]...), pieces[i+1:]...)
		all = append(all, chip{p.Filters[0].Name, p.Filters[0].Raw, strings.Join(rest, " ")})
	}
	return all
}

// closing are the quotation marks of the query language.
var closing = map[rune]rune{'"': '"', '“': '”', '«': '»'}

// queryPieces cuts a query at spaces outside of quotation marks.
func queryPieces(query string) []string {
	var pieces []string
	var b strings.Builder
	var shut rune
	for i, r := range query {
		switch {
		case shut != 0 && r == shut:
			shut = 0
		case shut == 0 && closing[r] != 0 && strings.ContainsRune(query[i+len(string(r)):], closing[r]):
			shut = closing[r]
		case shut == 0 && unicode.IsSpace(r):
			if b.Len() > 0 {
				pieces = append(pieces, b.String())
				b.Reset()
			}
			continue
		}
		b.WriteRune(r)
	}
	if b.Len() > 0 {
		pieces = append(pieces, b.String())
	}
	return pieces
}

// withFilter is a query narrowed by a value of a facet.
func withFilter(query string, facet search.Facet, value string) string {
	value = strings.NewReplacer(`"`, " ", "“", " ", "”", " ").Replace(value)
	return strings.TrimSpace(query + " " + string(facet) + `:"` + value + `"`)
}
