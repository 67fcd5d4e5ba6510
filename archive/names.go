package archive

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The five tone marks, as they stand behind their vowel in NFD.
const toneMarks = "\u0300\u0301\u0303\u0309\u0323"

// NameKey is a person's name in the form in which names are compared: case,
// spaces between words, and on which vowel of its syllable a tone mark stands
// (hòa, hoà) do not matter. Marks count: Hoa, Hòa and Hoá are three names.
func NameKey(name string) string {
	words := strings.FieldsFunc(norm.NFD.String(strings.ToLower(norm.NFC.String(name))), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
	})
	for i, w := range words {
		words[i] = toneLast(w)
	}
	return norm.NFC.String(strings.Join(words, " "))
}

// toneLast moves the tone marks of a syllable, in NFD, behind it as digits 1
// to 5, which no mark is composed with.
func toneLast(syllable string) string {
	tones := ""
	bare := strings.Map(func(r rune) rune {
		at := strings.IndexRune(toneMarks, r)
		if at < 0 {
			return r
		}
		tones += string(rune('1' + at/2))
		return -1
	}, syllable)
	return bare + tones
}
