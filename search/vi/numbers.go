package vi

import "strings"

// NumberTerm is the term of a document's number alone: "số 123" finds
// 123/QĐ-UBND.
func NumberTerm(number string) string { return "#" + strings.TrimLeft(CodeTerm(number), "0") }

// longestNumber bounds the figures of a document's number.
const longestNumber = 6

// kindsInWords are the kinds of documents, by two words glued, whose notation
// begins with letters of their own (Decree 30/2020/NĐ-CP, annex III).
var kindsInWords = map[string]string{
	"quietdinh": "qd", "quyetdinh": "qd", "nghiquyet": "nq", "nghiquiet": "nq", "nghidinh": "nd", "thongtu": "tt",
	"congvan": "cv", "thongbao": "tb", "totrinh": "ttr", "kehoach": "kh", "baocao": "bc", "giayphep": "gp",
	"chungnhan": "gcn", "bienban": "bb", "hopdong": "hd", "chithi": "ct", "giaymoi": "gm", "huongdan": "hd",
}

// numberAt finds the number of a document whose notation is written apart
// (123 QĐ UBND, 123/ QĐ - UBND), before it (qđ ubnd 123), or in words (quyết
// định số 123).
func (sc *scanner) numberAt(i int) {
	number := unlike(sc.fold(i))
	if !allDigits(number) || len(number) > longestNumber || sc.joined(i) {
		return
	}
	runEnd := i + 1 // parts that stand close by: 123/2024
	for runEnd < len(sc.out.Tokens) && sc.joined(runEnd) {
		runEnd++
	}
	end := runEnd
	for end < len(sc.out.Tokens) && end < runEnd+4 && sc.notation(end) && sc.near(end) {
		end++
	}
	switch {
	case end > runEnd:
		sc.add(i, end, sc.numberTerm(i, end))
	case runEnd > i+1:
		sc.bareZero(i, runEnd)
	default:
		sc.numberAfter(i, number)
	}
}

// notation reports whether token i may be part of a notation.
func (sc *scanner) notation(i int) bool {
	f := sc.fold(i)
	return isAbbreviation(f) && !sc.spans[i].digits
}

// near reports whether only spaces and the signs of a number stand between
// token i and the one before it.
func (sc *scanner) near(i int) bool {
	gap := sc.src[sc.out.Tokens[i-1].End:sc.out.Tokens[i].Start]
	return len(gap) <= 6 && strings.Trim(gap, " /-_\u2013\u2014") == ""
}

// numberTerm is the code of tokens [i, end), the figures first.
func (sc *scanner) numberTerm(i, end int) string {
	parts := make([]string, 0, end-i)
	for j := i; j < end; j++ {
		parts = append(parts, sc.fold(j))
	}
	if n := strings.TrimLeft(parts[0], "0"); n != "" {
		parts[0] = n
	}
	return joinCode(parts)
}

// bareZero adds 5/QĐ for 05/QĐ: people write both.
func (sc *scanner) bareZero(i, end int) {
	if sc.fold(i)[0] == '0' && !sc.spans[end-1].digits {
		sc.add(i, end, sc.numberTerm(i, end))
	}
}

// numberAfter finds the number by what stands before it.
func (sc *scanner) numberAfter(i int, number string) {
	first := i
	for first > 0 && i-first < 4 && sc.notation(first-1) && sc.near(first) {
		first--
	}
	if first < i && first > 0 && allDigits(sc.fold(first-1)) && sc.near(first) {
		return // the notation is that of the number before it
	}
	if first < i {
		parts := []string{number}
		for j := first; j < i; j++ {
			parts = append(parts, sc.fold(j))
		}
		sc.add(first, i+1, joinCode(parts))
		return
	}
	after := i
	if sc.fold(i-1) == "so" {
		after--
	}
	if kind := kindsInWords[sc.fold(after-2)+sc.fold(after-1)]; kind != "" {
		sc.add(after-2, i+1, joinCode([]string{strings.TrimLeft(number, "0"), kind}))
	} else if after < i {
		sc.add(after, i+1, "#"+strings.TrimLeft(number, "0"))
	}
}

// Wider are the terms of what holds what term names: the month and the year
// of a day, the number alone of a number with its notation, the plot and the
// sheet of a plot on a sheet. An index stores them beside the term, so that
// who knows less finds it too.
func Wider(term string) []string {
	if term == "" {
		return nil
	}
	switch term[0] {
	case '=':
		return widerDate(term)
	case '#':
		return nil
	case '@':
		if plot, sheet, ok := strings.Cut(term[1:], "/"); ok && plot != "" {
			return []string{"@" + plot, "@/" + sheet}
		}
		return nil
	}
	return widerNumber(term)
}

func widerDate(term string) []string {
	switch {
	case len(term) == 10 && term[9] == 'd':
		return []string{term[:7] + "m", term[:5] + "y"}
	case len(term) == 8 && term[7] == 'm':
		return []string{term[:5] + "y"}
	}
	return nil
}

// widerNumber leaves the year and parts of the notation away.
func widerNumber(term string) []string {
	parts := strings.Split(term, "/")
	number := strings.TrimLeft(parts[0], "0")
	if len(parts) < 2 || len(parts) > 6 || !allDigits(number) || len(number) > longestNumber || allDigits(strings.Join(parts, "")) {
		return nil
	}
	out := []string{"#" + number}
	rest := parts[1:]
	if y, ok := small(rest[0], lastYear); ok && y >= 1900 && len(rest) > 1 {
		out = append(out, number+"/"+rest[0])
		rest = rest[1:]
		out = append(out, number+"/"+strings.Join(rest, "/"))
	}
	if number != parts[0] {
		out = append(out, number+"/"+strings.Join(rest, "/"))
	}
	for _, p := range rest {
		if len(rest) > 1 {
			out = append(out, number+"/"+p)
		}
	}
	return out
}
