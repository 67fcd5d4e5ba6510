package vi

import (
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

// finish turns runs into codes, and finds what is written in several words:
// dates, amounts, numbers of documents and of land.
func (sc *scanner) finish() {
	for _, r := range sc.runs {
		if r.end-r.first >= 2 && r.digits {
			sc.code(sc.out.Tokens[r.first:r.end])
		}
	}
	var land landFinder
	tokens := sc.out.Tokens
	for i := range tokens {
		switch tokens[i].Fold {
		case "thang":
			sc.monthAt(i)
		case "nam":
			sc.yearAt(i)
		case "nghin", "ngan", "trieu", "ti":
			sc.scaleAt(i)
		case "dong", "d", "vnd", "usd":
			sc.unitAt(i)
		case "thua", "td", "thd", "to", "tbd", "ban":
			land.at(sc, i)
		}
		if sc.spans[i].digits {
			sc.commaAt(i)
			sc.numberAt(i)
		}
	}
	land.finish(sc)
}

// add adds the code s of tokens [first, end), once.
func (sc *scanner) add(first, end int, s string) {
	c := Term{sc.out.Tokens[first].Start, sc.out.Tokens[end-1].End, s}
	for i := len(sc.out.Codes) - 1; i >= 0 && i >= len(sc.out.Codes)-8; i-- {
		if sc.out.Codes[i] == c {
			return
		}
	}
	sc.out.Codes = append(sc.out.Codes, c)
}

// code adds the terms of one run: what it means as a date or an amount, or
// else the whole.
func (sc *scanner) code(parts []Token) {
	start, end := parts[0].Start, parts[len(parts)-1].End
	add := func(s string) { sc.out.Codes = append(sc.out.Codes, Term{start, end, s}) }
	folds := make([]string, len(parts))
	for i, p := range parts {
		folds[i] = p.Fold
	}
	if a, ok := amount(folds); ok && sc.dotted(parts) {
		add(a)
		return
	}
	d, isDate := shortDate(folds)
	if isDate {
		add(d)
	}
	if !isDate || len(folds[0]) < 4 && len(folds[2]) < 4 { // 1.2.23 may be no date
		add(joinCode(folds))
	}
	if m, ok := shortMonth(folds); ok {
		add(m)
	}
}

// dotted reports whether only points stand between the parts of a run.
func (sc *scanner) dotted(parts []Token) bool {
	for i := 1; i < len(parts); i++ {
		if sc.src[parts[i-1].End:parts[i].Start] != "." {
			return false
		}
	}
	return true
}

// CodeTerm is the term of a document number or dossier code: its parts joined
// by slashes, with the look-alikes of recognition merged (O and 0, l, I and 1, S and 5,
// B and 8, Z and 2, G and 6, Q and 9). Both sides of a search go through it.
func CodeTerm(s string) string { return joinCode(split(s)) }

// joinCode is CodeTerm of parts that are folded already.
func joinCode(parts []string) string {
	n := len(parts)
	for _, p := range parts {
		n += len(p)
	}
	b := make([]byte, 0, n)
	for i, p := range parts {
		if i > 0 {
			b = append(b, '/')
		}
		b = appendPlain(b, p)
	}
	return string(b[:min(len(b), 2*MaxTerm)])
}

// appendPlain appends s with its look-alikes merged.
func appendPlain(b []byte, s string) []byte {
	for i := range len(s) {
		b = append(b, lookAlikes[s[i]])
	}
	return b
}

// unlike is s with its look-alikes merged.
func unlike(s string) string {
	for i := range len(s) {
		if lookAlikes[s[i]] != s[i] {
			return string(appendPlain(make([]byte, 0, len(s)), s))
		}
	}
	return s
}

// MayBeFigures reports whether a folded word has nothing but figures and what
// recognition takes for them.
func MayBeFigures(fold []byte) bool {
	for _, c := range fold {
		if c = lookAlikes[c]; c < '0' || c > '9' {
			return false
		}
	}
	return len(fold) > 0
}

// lookAlikes are the bytes of folded words by what recognition takes them for.
var lookAlikes = buildLookAlikes()

func buildLookAlikes() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
	}
	for i, c := range []byte("olisbzgq") {
		t[c] = "01158269"[i]
	}
	return t
}

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

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
