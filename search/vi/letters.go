package vi

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letter is what a rune means in a word.
type letter struct {
	fold rune  // base letter without any mark, lower case
	qual rune  // base letter with its quality mark (â ă ê ô ơ ư đ), lower case
	tone uint8 // 1 grave, 2 acute, 3 hook, 4 tilde, 5 dot below
	kind kind
}

type kind uint8

const (
	kindNone   kind = iota // separates words
	kindLetter             // a letter or digit
	kindMark               // belongs to the letter before it
)

// The combining marks of Vietnamese.
const (
	markGrave, markAcute, markHook = 0x300, 0x301, 0x309
	markTilde, markDot             = 0x303, 0x323
	markCircumflex, markBreve      = 0x302, 0x306
	markHorn                       = 0x31b
)

// tones are the tone marks by number; the order is that of Vietnamese
// dictionaries after the level tone.
var tones = map[rune]uint8{markGrave: 1, markAcute: 2, markHook: 3, markTilde: 4, markDot: 5}

// tableEnd is past the last composed letter of Vietnamese, U+1EF9.
const tableEnd = 0x1f00

// table holds the meaning of every rune below tableEnd.
var table = buildTable()

func buildTable() *[tableEnd]letter {
	t := new([tableEnd]letter)
	for r := rune(0); r < tableEnd; r++ {
		t[r] = meaning(r)
	}
	// Letters that do not decompose but are read as the plain one. U+00D0 and
	// U+0189 look like Đ and come from old encodings and from recognition.
	for _, r := range "ĐđÐðƉɖ" {
		t[r] = letter{fold: 'd', qual: 'đ', kind: kindLetter}
	}
	t['ı'] = letter{fold: 'i', qual: 'i', kind: kindLetter}
	// A soft hyphen inside a word is not there for a reader.
	t[0xad] = letter{kind: kindMark}
	return t
}

// meaning derives a letter from its canonical decomposition.
func meaning(r rune) letter {
	if unicode.Is(unicode.Mn, r) {
		return letter{qual: r, tone: tones[r], kind: kindMark}
	}
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return letter{}
	}
	d := []rune(norm.NFD.String(string(unicode.ToLower(r))))
	l := letter{fold: d[0], qual: d[0], kind: kindLetter}
	for _, m := range d[1:] {
		l.qual = quality(l.qual, m)
		l.tone = max(l.tone, tones[m])
	}
	return l
}

// quality is base with the quality mark m, or base when they make no
// Vietnamese letter.
func quality(base, m rune) rune {
	switch {
	case m == markCircumflex && base == 'a':
		return 'â'
	case m == markCircumflex && base == 'e':
		return 'ê'
	case m == markCircumflex && base == 'o':
		return 'ô'
	case m == markBreve && base == 'a':
		return 'ă'
	case m == markHorn && base == 'o':
		return 'ơ'
	case m == markHorn && base == 'u':
		return 'ư'
	}
	return base
}

// lookup is the meaning of any rune.
func lookup(r rune) (letter, kind) {
	if r < tableEnd {
		l := table[r]
		return l, l.kind
	}
	switch {
	case r == utf8.RuneError:
		return letter{}, kindNone
	case r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\ufeff' || unicode.Is(unicode.Mn, r):
		return letter{}, kindMark
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		l := lower(r)
		return letter{fold: l, qual: l}, kindLetter
	}
	return letter{}, kindNone
}

// word gathers the letters of one word. Its buffers are used again.
type word struct {
	fold, qual []rune
	tone       uint8
	digits     int
	runes      int
}

func (w *word) reset() {
	w.fold, w.qual = w.fold[:0], w.qual[:0]
	w.tone, w.digits, w.runes = 0, 0, 0
}

// letter appends l. What exceeds MaxTerm is dropped from the forms.
func (w *word) letter(l letter) {
	w.runes++
	if l.fold >= '0' && l.fold <= '9' {
		w.digits++
	}
	if len(w.fold) >= MaxTerm/utf8.UTFMax {
		return
	}
	w.fold = append(w.fold, l.fold)
	w.qual = append(w.qual, l.qual)
	w.tone = max(w.tone, l.tone)
}

// mark applies a combining mark to the last letter.
func (w *word) mark(l letter) {
	w.tone = max(w.tone, l.tone)
	if n := len(w.qual); n > 0 {
		w.qual[n-1] = quality(w.qual[n-1], l.qual)
	}
}

// appendForms appends the folded form and then the exact form of the word to
// b; exact is where the second begins.
func (w *word) appendForms(b []byte) (_ []byte, exact int) {
	if w.plainY() {
		w.fold[w.yAt()], w.qual[w.yAt()] = 'i', 'i'
	}
	for _, r := range w.fold {
		b = utf8.AppendRune(b, r)
	}
	exact = len(b)
	for _, r := range w.qual {
		b = utf8.AppendRune(b, r)
	}
	if w.tone > 0 {
		b = append(b, '0'+w.tone)
	}
	return b, exact
}

// plainY reports whether the word has a y that may as well be written i:
// alone after h, k, l, m, s, t (ký, lý, mỹ, sỹ, tỷ, hy), or after qu (quý).
func (w *word) plainY() bool {
	switch len(w.fold) {
	case 0, 1:
		return false
	case 2:
		if w.fold[1] != 'y' {
			return false
		}
		switch w.fold[0] {
		case 'h', 'k', 'l', 'm', 's', 't':
			return true
		}
		return false
	}
	return w.fold[0] == 'q' && w.fold[1] == 'u' && w.fold[2] == 'y'
}

// yAt is where plainY's y stands.
func (w *word) yAt() int {
	if len(w.fold) == 2 {
		return 1
	}
	return 2
}
