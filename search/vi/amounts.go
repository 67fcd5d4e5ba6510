package vi

import (
	"strconv"
	"strings"
)

// amount reads 1.500.000 as its digits, also with its unit close by: 1.500.000đ.
func amount(parts []string) (string, bool) {
	last := len(parts) - 1
	for _, unit := range []string{"dong", "vnd", "d"} {
		if f, ok := strings.CutSuffix(parts[last], unit); ok {
			parts = append(parts[:last:last], f)
			break
		}
	}
	for i, p := range parts {
		if !allDigits(p) || len(p) > 3 || i > 0 && len(p) != 3 {
			return "", false
		}
	}
	return AmountTerm(strings.Join(parts, ""))
}

// AmountTerm is the term of an amount typed without separators, if s is one.
func AmountTerm(s string) (string, bool) {
	if len(s) < 4 || len(s) > 15 || !allDigits(s) {
		return "", false
	}
	return "=" + s, true
}

// unitAt finds "1500000 đồng".
func (sc *scanner) unitAt(i int) {
	if a, ok := AmountTerm(sc.fold(i - 1)); ok && !sc.joined(i-1) {
		sc.add(i-1, i+1, a)
	}
}

// commaAt finds "1,500,000", with commas for points.
func (sc *scanner) commaAt(i int) {
	if sc.comma(i - 1) {
		return // found from its beginning
	}
	end := i + 1
	for sc.comma(end - 1) {
		end++
	}
	if end < i+3 && sc.fold(end) != "dong" && sc.fold(end) != "d" {
		return
	}
	parts := make([]string, 0, end-i)
	for j := i; j < end; j++ {
		parts = append(parts, sc.fold(j))
	}
	if a, ok := amount(parts); ok && len(parts) > 1 {
		sc.add(i, end, a)
	}
}

// comma reports whether a comma and nothing else stands between token i and
// three digits.
func (sc *scanner) comma(i int) bool {
	t := sc.out.Tokens
	return i >= 0 && i+1 < len(t) && t[i+1].Start-t[i].End == 1 && sc.src[t[i].End] == ',' &&
		len(t[i+1].Fold) == 3 && allDigits(t[i+1].Fold)
}

// joined reports whether token i stands close to one before it, as the last
// part of 1.500 does.
func (sc *scanner) joined(i int) bool {
	t := sc.out.Tokens
	return i > 0 && t[i].Start-t[i-1].End == 1 && strings.IndexByte(".,/-", sc.src[t[i-1].End]) >= 0
}

// Words of numbers, folded.
var (
	digitWords = map[string]int64{"khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5,
		"sau": 6, "bai": 7, "bay": 7, "tam": 8, "chin": 9}
	scales = map[string]int64{"nghin": 1e3, "ngan": 1e3, "trieu": 1e6, "ti": 1e9}
)

// mostNumberWords bounds an amount in words, and mostBefore the part of it
// before its first scale.
const mostNumberWords, mostBefore = 24, 8

// scaleAt finds an amount by the first of its words thousand, million and
// billion: "1,5 triệu", "một triệu rưỡi", "2 tỷ 300 triệu".
func (sc *scanner) scaleAt(i int) {
	first := i
	for first > 0 && i-first < mostBefore && sc.numberWord(first-1) {
		first--
	}
	if first == i || sc.fold(i) == "ti" && (sc.fold(i+1) == "le" || sc.fold(i+1) == "trong") || first > 0 && scales[sc.fold(first-1)] > 0 {
		return // tỷ lệ, tỷ trọng; or the rest of an amount that was found before
	}
	var n numeral
	end := first
	for end < len(sc.out.Tokens) && end-first < mostNumberWords && n.take(sc, end) {
		end++
	}
	if a, ok := AmountTerm(strconv.FormatInt(n.value(), 10)); ok && end > i {
		sc.add(first, end, a)
	}
}

// numberWord reports whether token i may be part of a number.
func (sc *scanner) numberWord(i int) bool {
	f := sc.fold(i)
	switch f {
	case "tram", "muoi", "linh", "le":
		return true
	}
	_, ok := digitWords[f]
	return ok || allDigits(f) && len(f) <= 4
}

// numeral adds up a number as it is read.
type numeral struct {
	sum, group, digit int64
	open              bool  // digit waits for what it counts
	scale             int64 // the last one
	decimals          int64 // of figures after a comma: their power of ten
	over              bool
}

// take takes token i, or reports that the number has ended.
func (n *numeral) take(sc *scanner, i int) bool {
	f := sc.fold(i)
	d, isDigit := digitWords[f]
	switch {
	case n.over:
		return false
	case scales[f] > 0:
		return n.takeScale(scales[f])
	case f == "ruoi" && n.scale > 0:
		n.sum += n.scale / 2
		n.over = true
		return true
	case f == "tram":
		n.group, n.digit, n.open = n.group+n.digit*100, 0, false
		return true
	case f == "muoi":
		if !n.open {
			n.digit = 1
		}
		n.group, n.digit, n.open = n.group+n.digit*10, 0, false
		return true
	case f == "linh", f == "le":
		return n.group > 0 || n.scale > 0
	case isDigit && !n.open:
		n.digit, n.open = d, true
		return true
	case allDigits(f):
		return n.takeFigures(sc, i, f)
	}
	return false
}

// takeScale ends a group of three digits.
func (n *numeral) takeScale(scale int64) bool {
	if n.group+n.digit == 0 || n.scale > 0 && scale >= n.scale {
		return false
	}
	v := (n.group + n.digit) * scale
	if n.decimals > 0 {
		v /= n.decimals
	}
	n.sum, n.group, n.digit, n.open, n.scale, n.decimals = n.sum+v, 0, 0, false, scale, 0
	return true
}

// takeFigures takes 1 or 1,5 or 1.250 before a scale.
func (n *numeral) takeFigures(sc *scanner, i int, f string) bool {
	v, err := strconv.ParseInt(f, 10, 64)
	if err != nil || len(f) > 4 {
		return false
	}
	if n.open && n.group == 0 && n.decimals == 0 && sc.joined(i) {
		if len(f) == 3 && sc.src[sc.out.Tokens[i-1].End] == '.' {
			n.digit = n.digit*1000 + v
			return true
		}
		for range f {
			n.digit, n.decimals = n.digit*10, max(1, n.decimals)*10
		}
		n.digit += v
		return true
	}
	if n.open || n.group > 0 {
		return false
	}
	n.digit, n.open = v, true
	return true
}

// value is the number; what follows the last scale without one of its own is
// only small change: "một triệu hai" is not meant here.
func (n *numeral) value() int64 { return n.sum }
