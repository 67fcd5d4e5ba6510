// Package syllable tells which strings of letters can be a Vietnamese
// syllable.
//
// A syllable is an initial, a rhyme and a tone. The package owns the table of
// initials and rhymes and the few rules of spelling that join them; it knows
// no words, so that a name nobody has heard of passes and a word with a wrong
// letter mostly does not. That makes it a measure of how well a text was
// recognised which needs to know nothing about the text.
//
// Functions take any case, NFC or NFD. They are safe for concurrent use.
package syllable

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// parts are a syllable taken apart: lower-case letters without their tone, in
// NFC, and the tone, or 0 for the level one.
type parts struct {
	letters string
	tone    rune
	marked  bool // by a tone, or by a letter that other alphabets lack
}

// The tone marks, as combining characters.
const (
	grave = '\u0300'
	acute = '\u0301'
	tilde = '\u0303'
	hook  = '\u0309'
	dot   = '\u0323'
)

// take takes s apart. ok is false if it has what no syllable has: two tones, a
// tone on a consonant, a mark that is none of ours, or what is no letter.
func take(s string) (p parts, ok bool) {
	var letters strings.Builder
	base := rune(0)
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case isTone(r):
			if p.tone != 0 || !strings.ContainsRune("aeiouy", base) {
				return p, false
			}
			p.tone, p.marked = r, true
		case strings.ContainsRune("\u0302\u0306\u031b", r): // circumflex, breve, horn
			letters.WriteRune(r)
			p.marked = true
		case unicode.IsLetter(r):
			letters.WriteRune(r)
			base = r
			p.marked = p.marked || r == 'đ'
		default:
			return p, false
		}
	}
	p.letters = norm.NFC.String(letters.String())
	return p, true
}

func isTone(r rune) bool {
	return r == grave || r == acute || r == tilde || r == hook || r == dot
}

// WellFormed reports whether s is spelt like a Vietnamese syllable.
func WellFormed(s string) bool {
	p, ok := take(s)
	if !ok {
		return false
	}
	for _, initial := range initials {
		rhyme, ok := strings.CutPrefix(p.letters, initial)
		if ok && joins(initial, rhyme) && toneFits(rhyme, p.tone) {
			return true
		}
	}
	return false
}

// Marked reports whether s bears a tone mark, or a letter that the Latin
// alphabet lacks: ă â đ ê ô ơ ư. Most syllables of a Vietnamese text do, and
// text that lost its marks has none.
func Marked(s string) bool {
	p, ok := take(s)
	return ok && p.marked
}

// toneFits reports whether the rhyme is said with the tone: one that ends in a
// stop has the acute or the dot.
func toneFits(rhyme string, tone rune) bool {
	for _, stop := range []string{"c", "ch", "p", "t"} {
		if strings.HasSuffix(rhyme, stop) {
			return tone == acute || tone == dot
		}
	}
	return true
}
