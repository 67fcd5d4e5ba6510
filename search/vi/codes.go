package vi

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// run is a run of tokens joined by / - . or _ without spaces: perhaps a code.
type run struct {
	first, end int // tokens [first, end)
	joined     int // where the joiner after the last token ends, or 0
	digits     bool
}

// isJoiner reports whether r joins the parts of a code. Recognition turns the
// hyphen into dashes.
func isJoiner(r rune) bool {
	switch r {
	case '/', '-', '.', '_', '\\', '\u2010', '\u2011', '\u2013', '\u2014':
		return true
	}
	return false
}

// joinRun adds token n, about to be appended, to the last run or starts one.
func (sc *scanner) joinRun(n int, digits bool) {
	if k := len(sc.runs); k > 0 {
		last := &sc.runs[k-1]
		if last.end == n && last.joined == sc.start {
			last.end, last.joined = n+1, 0
			last.digits = last.digits || digits
			return
		}
		if last.end-last.first < 2 || !last.digits {
			sc.runs = sc.runs[:k-1] // no code after all
		}
	}
	sc.runs = append(sc.runs, run{first: n, end: n + 1, digits: digits})
}

// finish turns runs into codes, and finds dates.
func (sc *scanner) finish() {
	for _, r := range sc.runs {
		if r.end-r.first >= 2 && r.digits {
			sc.code(sc.out.Tokens[r.first:r.end])
		}
	}
	sc.longDates()
}

// code adds the terms of one run: the whole, and what it means as a date or
// as an amount.
func (sc *scanner) code(parts []Token) {
	start, end := parts[0].Start, parts[len(parts)-1].End
	add := func(s string) { sc.out.Codes = append(sc.out.Codes, Term{start, end, s}) }
	folds := make([]string, len(parts))
	for i, p := range parts {
		folds[i] = p.Fold
	}
	add(CodeTerm(strings.Join(folds, "/")))
	if d, ok := shortDate(folds); ok {
		add(d)
	}
	if a, ok := amount(folds); ok {
		add(a)
	}
}

// CodeTerm is the term of a document number or dossier code: its parts joined
// by slashes, with the look-alikes of recognition merged (O and 0, l, I and 1, S and 5,
// B and 8, Z and 2, G and 6, Q and 9). Both sides of a search go through it.
func CodeTerm(s string) string {
	var b strings.Builder
	for i, t := range split(s) {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(lookAlikes.Replace(t))
	}
	if b.Len() > 2*MaxTerm {
		return b.String()[:2*MaxTerm]
	}
	return b.String()
}

var lookAlikes = strings.NewReplacer("o", "0", "l", "1", "i", "1", "s", "5",
	"b", "8", "z", "2", "g", "6", "q", "9")

// split cuts s at whatever is no letter or digit and folds the parts.
func split(s string) []string {
	var sc scanner
	for i, r := range s {
		sc.rune(r, i, i+utf8.RuneLen(r))
	}
	sc.flush()
	sc.name()
	out := make([]string, len(sc.out.Tokens))
	for i, t := range sc.out.Tokens {
		out[i] = t.Fold
	}
	return out
}

// DateTerm is the term of a day, the same for every way to write it.
func DateTerm(year, month, day int) string {
	return fmt.Sprintf("=%04d%02d%02d", year, month, day)
}

// shortDate reads 5/3/2024, 05.03.2024 or 2024-03-05.
func shortDate(parts []string) (string, bool) {
	if len(parts) != 3 {
		return "", false
	}
	if len(parts[0]) == 4 {
		return date(parts[2], parts[1], parts[0])
	}
	return date(parts[0], parts[1], parts[2])
}

// date checks the parts of a date and makes its term.
func date(day, month, year string) (string, bool) {
	d, ok1 := small(day, 31)
	m, ok2 := small(month, 12)
	y, ok3 := small(year, 2999)
	if !ok1 || !ok2 || !ok3 || y < 1800 || len(day) > 2 || len(month) > 2 {
		return "", false
	}
	return DateTerm(y, m, d), true
}

// small reads a number from 1 to most.
func small(s string, most int) (int, bool) {
	if len(s) > 4 {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= most
}

// amount reads 1.500.000 as its digits.
func amount(parts []string) (string, bool) {
	for i, p := range parts {
		if !allDigits(p) || len(p) > 3 || i > 0 && len(p) != 3 {
			return "", false
		}
	}
	return "=" + strings.Join(parts, ""), true
}

// AmountTerm is the term of an amount typed without separators, if s is one.
func AmountTerm(s string) (string, bool) {
	if len(s) < 4 || len(s) > 15 || !allDigits(s) {
		return "", false
	}
	return "=" + s, true
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// longDates finds "ngày 5 tháng 3 năm 2024", the way dates stand on papers;
// recognition may have lost marks, but not the three words.
func (sc *scanner) longDates() {
	t := sc.out.Tokens
	for i := 0; i+4 < len(t); i++ {
		if t[i+1].Fold != "thang" || t[i+3].Fold != "nam" {
			continue
		}
		if d, ok := date(t[i].Fold, t[i+2].Fold, t[i+4].Fold); ok {
			sc.out.Codes = append(sc.out.Codes, Term{t[i].Start, t[i+4].End, d})
		}
	}
}
