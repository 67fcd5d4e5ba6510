package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sohoa/search/vi"
)

// Lengths of identity numbers: of today's (Luật Căn cước 26/2023/QH15,
// Article 12) and of the identity cards before them; and of the digits in the
// first line behind an identity card, where the number is the end of them
// (ICAO 9303-5, TD1: 9 of the card, a check digit, the number).
const (
	newDigits  = 12
	oldDigits  = 9
	zoneDigits = 22
)

// identity is a number and where it stands.
type identity struct {
	start, end int
	number     string // its digits
}

// digitRun is a run of digits, or of letters that look like digits.
type digitRun struct {
	start, end int
	digits     string
}

// identitiesOf finds the identity numbers of s, in order. With bare, 9 digits
// are one without words that say so.
func identitiesOf(s string, bare bool) []identity {
	runs := digitRuns(s)
	var out []identity
	for i := 0; i < len(runs); {
		n := chain(s, runs[i:])
		if id, ok := joinedNumber(s, runs[i:i+n]); ok {
			out = append(out, id)
			i += n
			continue
		}
		for _, r := range runs[i : i+n] {
			if id, ok := number(s, r, bare); ok {
				out = append(out, id)
			}
		}
		i += n
	}
	return out
}

// digitRuns finds the runs of digits in s. Marks that stand in a word without
// being part of it do not end a run.
func digitRuns(s string) []digitRun {
	var runs []digitRun
	for i := 0; i < len(s); {
		if !isDigit(s[i]) {
			i++
			continue
		}
		r := readRun(s, i)
		i = r.end
		if whole, ok := misread(s, r, runs); ok {
			for len(runs) > 0 && runs[len(runs)-1].end > whole.start {
				runs = runs[:len(runs)-1]
			}
			r, i = whole, whole.end
		}
		if !hidden(s, r) {
			runs = append(runs, r)
		}
	}
	return runs
}

// hidden reports whether a run is what is shown of a masked number.
func hidden(s string, r digitRun) bool {
	return len(r.digits) == maskShown && (strings.HasSuffix(s[:r.start], maskDots) || strings.HasPrefix(s[r.end:], maskDots))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// readRun reads the run that starts at i.
func readRun(s string, i int) digitRun {
	r := digitRun{start: i}
	var digits []byte
	for i < len(s) {
		if isDigit(s[i]) {
			digits = append(digits, s[i])
			i++
			r.end = i
			continue
		}
		c, n := utf8.DecodeRuneInString(s[i:])
		if !unseen(c) {
			break
		}
		i += n
	}
	r.digits = string(digits)
	return r
}

// unseen reports whether c stands in a word without being a letter of it.
func unseen(c rune) bool {
	return c == 0xad || c >= 0x200b && c <= 0x200d || c == 0xfeff || unicode.Is(unicode.Mn, c)
}

// lookAlike are the digits that recognition takes for letters.
var lookAlike = map[rune]byte{'O': '0', 'o': '0', 'D': '0', 'Q': '0', 'l': '1', 'I': '1', 'i': '1',
	'S': '5', 's': '5', 'B': '8', 'Z': '2', 'z': '2', 'G': '6', 'q': '9', 'g': '9'}

// mostMisread is how many digits of a number may be letters.
const mostMisread = 3

// misread is the word around a run if all of it is an identity number, a few
// digits of which were read as letters.
func misread(s string, r digitRun, before []digitRun) (digitRun, bool) {
	if len(r.digits) >= newDigits {
		return r, false
	}
	least := 0
	if n := len(before); n > 0 && len(before[n-1].digits) >= newDigits {
		least = before[n-1].end
	}
	start := wordStart(s, max(least, r.start-newDigits), r.start)
	whole := digitRun{start: start, end: start}
	letters := 0
	for i, c := range s[start:] {
		d, ok := lookAlike[c]
		switch {
		case c >= '0' && c <= '9':
			d = byte(c)
		case ok:
			letters++
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			return r, false
		default:
			return whole, letters > 0 && letters <= mostMisread && len(whole.digits) == newDigits && whole.digits[0] == '0'
		}
		if len(whole.digits) == newDigits {
			return r, false
		}
		whole.digits += string(d)
		whole.end = start + i + 1
	}
	return whole, letters > 0 && letters <= mostMisread && len(whole.digits) == newDigits && whole.digits[0] == '0'
}

// wordStart is where the word that ends at end starts, least at the least.
func wordStart(s string, least, end int) int {
	for end > least {
		c, n := utf8.DecodeLastRuneInString(s[least:end])
		if _, ok := lookAlike[c]; !ok && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			break
		}
		end -= n
	}
	return end
}

// chain is how many of runs follow each other with the same single separator
// between them, one at least.
func chain(s string, runs []digitRun) int {
	n := 1
	for ; n < len(runs); n++ {
		sep := s[runs[n-1].end:runs[n].start]
		if len(sep) != 1 || !strings.Contains(" .-|", sep) || sep != s[runs[0].end:runs[0].end+1] {
			break
		}
	}
	return n
}

// shapes are the ways in which the digits of a number are grouped.
var shapes = map[string]bool{"3333": true, "444": true, "336": true, "3126": true,
	strings.Repeat("1", newDigits): true}

// joinedNumber is the number whose groups of digits are runs.
func joinedNumber(s string, runs []digitRun) (identity, bool) {
	if len(runs) < 2 {
		return identity{}, false
	}
	var shape, digits strings.Builder
	for _, r := range runs {
		shape.WriteByte('0' + byte(min(9, len(r.digits))))
		digits.WriteString(r.digits)
	}
	id := identity{runs[0].start, runs[len(runs)-1].end, digits.String()}
	switch len(id.number) {
	case newDigits:
		return id, id.number[0] == '0' && shapes[shape.String()]
	case oldDigits:
		old := shape.String() == "333" || len(runs) == oldDigits
		return id, old && saysIdentity(s[:id.start])
	}
	return id, false
}

// number is the number that a run is, or has.
func number(s string, r digitRun, bare bool) (identity, bool) {
	d := r.digits
	switch n := len(d); {
	case n == newDigits:
		return identity{r.start, r.end, d}, true
	case n == oldDigits:
		return identity{r.start, r.end, d}, bare || saysIdentity(s[:r.start])
	case r.end-r.start != n || n < newDigits: // with marks inside, its parts are nowhere
		return identity{}, false
	case n == zoneDigits:
		return identity{r.start, r.end, d[n-newDigits:]}, true
	case n > zoneDigits:
		return identity{}, false
	case plausible(d):
		return identity{r.start, r.start + newDigits, d[:newDigits]}, true
	case plausible(d[n-newDigits:]):
		return identity{r.end - newDigits, r.end, d[n-newDigits:]}, true
	}
	return identity{}, false
}

// plausible reports whether a number may begin d: a province and a digit for
// sex and century of birth (Decree 70/2024/NĐ-CP on the structure of numbers).
func plausible(d string) bool {
	return d[0] == '0' && d[1:3] >= "01" && d[1:3] <= "96" && d[3] <= '3'
}

// identityWords are what a number of 9 digits stands after.
var identityWords = []string{"cmnd", "cmtnd", "cmt", "chungminh", "chungminhnhandan", "cancuoc", "cccd", "dinhdanh"}

// Where those words are looked for: so many bytes and words before.
const (
	wordsBefore = 8
	bytesBefore = 96
)

// saysIdentity reports whether the end of s announces an identity number.
func saysIdentity(s string) bool {
	s = s[max(0, len(s)-bytesBefore):]
	if i := strings.LastIndexAny(s, "\n\f"+vi.Break); i >= 0 && strings.TrimSpace(s[i:]) != "" {
		s = s[i:]
	}
	t := vi.Analyze(s).Tokens
	t = t[max(0, len(t)-wordsBefore):]
	says := false
	for i, w := range t {
		if slices.Contains(identityWords, w.Fold) || i > 0 && slices.Contains(identityWords, t[i-1].Fold+w.Fold) {
			says = true
		}
		if len(w.Fold) >= oldDigits && strings.Trim(w.Fold, "0123456789") == "" {
			says = false // they announced that one
		}
	}
	return says
}
