package searchtest

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// misreader makes the errors of recognition on Vietnamese, as Tesseract makes
// them: mostly in the marks, then shapes that look alike, spaces lost and
// added, small words dropped.
type misreader struct {
	rnd  *rand.Rand
	rate float64
}

// worse is how much worse than the mean a page may be; the mean of these is 1.
var worse = []float64{.3, .5, .7, 1, 1, 2.5}

// page is words as they are read, in lines.
func (m misreader) page(words []string) string {
	rate := m.rate * pickOf(m.rnd, worse)
	var b strings.Builder
	b.Grow(8 * len(words))
	glue := true
	for _, w := range words {
		if w == newline {
			b.WriteByte('\n')
			glue = true
			continue
		}
		lost := false
		if m.rnd.Float64() < rate {
			w, lost = m.word(w)
		}
		if !glue && w != "" {
			b.WriteByte(' ')
		}
		b.WriteString(w)
		glue = w == "" && glue || lost
	}
	return b.String()
}

// word is w misread; glue says that the space after it is lost.
func (m misreader) word(w string) (read string, glue bool) {
	if strings.ContainsAny(w, "0123456789") {
		return m.number(w), false
	}
	switch n := m.rnd.IntN(100); {
	case n < 28:
		return m.mark(w, ""), false
	case n < 42:
		return m.mark(w, "\u0300\u0301\u0309\u0303\u0323"), false
	case n < 62:
		return m.shape(w), false
	case n < 68:
		return m.letter(w), false
	case n < 80 && utf8.RuneCountInString(w) > 1:
		r := []rune(w)
		at := 1 + m.rnd.IntN(len(r)-1)
		return string(r[:at]) + " " + string(r[at:]), false
	case n < 93:
		return w, true
	case utf8.RuneCountInString(w) < 6:
		return "", false
	}
	return m.letter(w), false
}

// mark loses a mark, or takes one of others for it.
func (m misreader) mark(w, others string) string {
	r := []rune(norm.NFD.String(w))
	var at []int
	for i, x := range r {
		if x >= 0x300 && x <= 0x36f || x == 'đ' || x == 'Đ' {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return m.shape(w)
	}
	i := pickOf(m.rnd, at)
	switch {
	case r[i] == 'đ':
		r[i] = 'd'
	case r[i] == 'Đ':
		r[i] = 'D'
	case others != "" && strings.ContainsRune(others, r[i]):
		r[i] = pickOf(m.rnd, []rune(others))
	default:
		r = append(r[:i], r[i+1:]...)
	}
	return norm.NFC.String(string(r))
}

// shapes are letters taken for others.
var shapes = [][2]string{{"rn", "m"}, {"m", "rn"}, {"l", "1"}, {"l", "I"}, {"I", "l"}, {"o", "0"}, {"O", "0"}, {"i", "l"}, {"h", "b"}, {"b", "h"}, {"n", "u"},
	{"u", "n"}, {"c", "e"}, {"e", "c"}, {"cl", "d"}, {"t", "f"}, {"g", "q"}, {"a", "o"}, {"v", "y"}, {"ni", "m"}, {"k", "h"}, {"S", "5"}, {"B", "8"}, {"N", "H"}, {"D", "O"}, {"T", "I"}}

// shape takes letters for others that look like them.
func (m misreader) shape(w string) string {
	for i, n := m.rnd.IntN(len(shapes)), 0; n < len(shapes); i, n = (i+1)%len(shapes), n+1 {
		if at := strings.Index(w, shapes[i][0]); at >= 0 {
			return w[:at] + shapes[i][1] + w[at+len(shapes[i][0]):]
		}
	}
	return m.letter(w)
}

// letter loses, adds or replaces one letter.
func (m misreader) letter(w string) string {
	r := []rune(w)
	at := m.rnd.IntN(len(r))
	x := rune('a' + m.rnd.IntN(26))
	switch m.rnd.IntN(3) {
	case 0:
		if len(r) > 1 {
			return string(r[:at]) + string(r[at+1:])
		}
	case 1:
		return string(r[:at]) + string(x) + string(r[at:])
	}
	r[at] = x
	return string(r)
}

// What digits are taken for: letters, and other digits.
const (
	digitLetters = "OlZ3ASGT89"
	digitDigits  = "8723456139"
)

// number misreads a digit, or finds a space.
func (m misreader) number(w string) string {
	at := m.rnd.IntN(len(w))
	for w[at] < '0' || w[at] > '9' {
		at = (at + 1) % len(w)
	}
	switch n := m.rnd.IntN(10); {
	case n < 3:
		return w[:at] + digitLetters[w[at]-'0':w[at]-'0'+1] + w[at+1:]
	case n < 7:
		return w[:at] + string("0123456789"[m.rnd.IntN(10)]) + w[at+1:]
	case n < 8:
		return w[:at] + digitDigits[w[at]-'0':w[at]-'0'+1] + w[at+1:]
	}
	return w[:at] + " " + w[at:]
}
