// Package i18n is the one table of what screens say, in both languages.
// Sentences about what went wrong are not here but with their problems
// (messages.go of the root package).
package i18n

import (
	"fmt"
	"maps"
	"slices"

	"sohoa"
)

// phrase is one string of the screens in both languages. It may hold verbs of
// package fmt, the same ones in the same order in both.
type phrase struct{ vi, en string }

// add puts phrases into the table. A key has one.
func add(more map[string]phrase) {
	for key, p := range more {
		if Has(key) {
			panic("i18n: two phrases of " + key)
		}
		phrases[key] = p
	}
}

// Text is the string of key in lang, filled with args. A key that is not in
// the table comes back as it is, so that what is missing can be seen.
func Text(lang sohoa.Lang, key string, args ...any) string {
	p, ok := phrases[key]
	if !ok {
		return key
	}
	s := p.vi
	if lang == sohoa.English {
		s = p.en
	}
	if len(args) == 0 {
		return s
	}
	return fmt.Sprintf(s, args...)
}

// Has reports whether the table has key.
func Has(key string) bool {
	_, ok := phrases[key]
	return ok
}

// Keys lists the keys of the table in order.
func Keys() []string { return slices.Sorted(maps.Keys(phrases)) }
