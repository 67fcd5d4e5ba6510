// Package vi cuts Vietnamese text into the terms that search works with.
//
// One scan gives, for every word, where it stands in the original bytes, its
// folded form (no case, no tone, no quality marks, đ as d) and its exact form
// (quality marks kept, the tone as a digit at the end). Equal words are equal
// in both however they were typed: composed or decomposed (NFC, NFD), with
// the tone on either vowel (hòa, hoà), with i or y (ký, kí), in any case.
//
// Index and query use this same code; a second way to fold, however close,
// is the classic way to never find a word again.
//
// The functions are pure and safe for concurrent use. They accept any bytes:
// invalid UTF-8 separates words.
package vi

import (
	"unicode"
	"unicode/utf8"
)

// MaxTerm bounds one term in bytes; a longer run of letters is a word whose
// forms are cut there.
const MaxTerm = 64

// A Token is one word of a text. The spelling rules leave a word about as
// long as it was, so forms are short.
type Token struct {
	Start, End int    // bytes of the original text; ends do not overlap and rise
	Fold       string // without case, tone and marks
	Exact      string // lower case, quality marks in place, tone as a final digit 1 to 5
	Break      bool   // a page or field boundary lies before it; no pair crosses
	Or         *Token // of a query: another way to read what was typed, see AnalyzeTyped
}

// Break separates the fields of a text that is searched as one; pairs do not
// cross it. A form feed does the same.
const Break = "\x1f"

// Text is an analysed text.
type Text struct {
	Tokens     []Token
	Codes      []Term // document numbers, dossier codes, dates, amounts: as a whole
	Identities []Term // identity numbers: 12 digits
}

// A Term is a term other than a word, and where it stands.
type Term struct {
	Start, End int
	Text       string
}

// Analyze cuts s. Time and memory grow with len(s).
func Analyze(s string) Text {
	sc := scanner{src: s, forms: make([]byte, 0, 2*len(s))}
	sc.out.Tokens = make([]Token, 0, len(s)/5+1)
	sc.spans = make([]formSpan, 0, len(s)/5+1)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		sc.rune(r, i, i+n)
		i += n
	}
	sc.flush()
	sc.name()
	sc.finish()
	return sc.out
}

// Fold is the folded form of a single word; words in s beyond the first are
// joined to it.
func Fold(s string) string {
	var out string
	for _, t := range Analyze(s).Tokens {
		out += t.Fold
	}
	return out
}

// scanner is the state of one scan.
type scanner struct {
	src        string
	out        Text
	word       word
	start, end int  // of the word under way
	open       bool // a word is under way
	broken     bool // a Break was seen since the last word
	runs       []run

	// The forms of all tokens lie in one buffer, of which tokens get slices
	// in the end: one allocation instead of two a word.
	forms []byte
	spans []formSpan
}

// formSpan is where the forms of a token lie in scanner.forms.
type formSpan struct {
	fold, exact, end int
	identity         bool
	digits           bool // some, and it may be part of a number
}

// rune takes the rune r of s[start:end] into the word under way, or ends it.
func (sc *scanner) rune(r rune, start, end int) {
	l, kind := lookup(r)
	switch kind {
	case kindLetter:
		if !sc.open {
			sc.open, sc.start = true, start
			sc.word.reset()
		}
		sc.word.letter(l)
		sc.end = end
	case kindMark:
		if sc.open {
			sc.word.mark(l)
			sc.end = end
		}
	default:
		sc.flush()
		sc.separator(r, start)
	}
}

// flush ends the word under way.
func (sc *scanner) flush() {
	if !sc.open {
		return
	}
	sc.open = false
	sp := formSpan{fold: len(sc.forms)}
	sp.identity = sc.word.digits == identityDigits && sc.word.runes == identityDigits
	sp.digits = sc.word.digits > 0 && !sp.identity
	sc.forms, sp.exact = sc.word.appendForms(sc.forms)
	sp.end = len(sc.forms)
	sc.spans = append(sc.spans, sp)
	sc.joinRun(len(sc.out.Tokens), sc.word.digits > 0)
	sc.out.Tokens = append(sc.out.Tokens, Token{Start: sc.start, End: sc.end, Break: sc.broken})
	sc.broken = false
}

// name gives every token its forms.
func (sc *scanner) name() {
	forms := string(sc.forms)
	for i, sp := range sc.spans {
		t := &sc.out.Tokens[i]
		t.Fold, t.Exact = forms[sp.fold:sp.exact], forms[sp.exact:sp.end]
		if sp.identity {
			sc.out.Identities = append(sc.out.Identities, Term{t.Start, t.End, t.Fold})
		}
	}
}

// identityDigits is the length of a citizen's identity number (số định danh
// cá nhân).
const identityDigits = 12

// separator notes what stands between words.
func (sc *scanner) separator(r rune, at int) {
	if r == '\f' || r == rune(Break[0]) {
		sc.broken = true
	}
	if !isJoiner(r) || len(sc.runs) == 0 {
		return
	}
	last := &sc.runs[len(sc.runs)-1]
	if last.end == len(sc.out.Tokens) && sc.out.Tokens[last.end-1].End == at {
		last.joined = at + utf8.RuneLen(r)
	}
}

// lower is the lower case of letters outside the table.
func lower(r rune) rune { return unicode.ToLower(r) }
