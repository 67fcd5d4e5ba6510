package vi

import "unicode/utf8"

// Words calls f with the forms of each word of s, which are those that
// Analyze gives, in order. It is for comparing many texts with one query: it
// makes nothing but the forms, and those lie in one buffer, which f must not
// keep. Fold is forms[:exact], and the exact form is forms[exact:]; broken is
// Token.Break.
func Words(s string, f func(forms []byte, exact int, broken bool)) {
	var w word
	var buf [4 * MaxTerm]byte
	open, broken := false, false
	flush := func() {
		if open {
			forms, exact := w.appendForms(buf[:0])
			f(forms, exact, broken)
			open, broken = false, false
		}
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		l, kind := lookup(r)
		switch {
		case kind == kindLetter:
			if !open {
				open = true
				w.reset()
			}
			w.letter(l)
		case kind == kindMark:
			if open {
				w.mark(l)
			}
		default:
			flush()
			broken = broken || r == '\f' || r == rune(Break[0])
		}
	}
	flush()
}
