package searchtest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

var digitWords = strings.Fields("không một hai ba bốn năm sáu bảy tám chín")

// inWords reads a number below a thousand billion aloud.
func inWords(n int) string {
	if n == 0 {
		return digitWords[0]
	}
	var out []string
	for i, unit := 3, []string{"", "nghìn", "triệu", "tỷ"}; i >= 0; i-- {
		power := 1
		for range i {
			power *= 1000
		}
		if part := n / power % 1000; part > 0 {
			out = append(out, hundreds(part, len(out) > 0)...)
			if unit[i] != "" {
				out = append(out, unit[i])
			}
		}
	}
	return strings.Join(out, " ")
}

// hundreds reads three digits; inside a number the leading ones too.
func hundreds(n int, inside bool) []string {
	h, t, u := n/100, n/10%10, n%10
	var out []string
	if h > 0 || inside {
		out = append(out, digitWords[h], "trăm")
	}
	switch {
	case t == 0 && u > 0 && len(out) > 0:
		out = append(out, "lẻ")
	case t == 1:
		out = append(out, "mười")
	case t > 1:
		out = append(out, digitWords[t], "mươi")
	}
	switch {
	case u == 0:
	case u == 1 && t > 1:
		out = append(out, "mốt")
	case u == 5 && t > 0:
		out = append(out, "lăm")
	default:
		out = append(out, digitWords[u])
	}
	return out
}

// dotted writes 1.500.000.
func dotted(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}

// longDate is a day as papers state it.
func longDate(t time.Time) string {
	return fmt.Sprintf("ngày %02d tháng %02d năm %d", t.Day(), t.Month(), t.Year())
}

// dateInWords is a day as certificates spell it.
func dateInWords(t time.Time) string {
	return "Ngày " + inWords(t.Day()) + ", tháng " + inWords(int(t.Month())) + ", năm " + inWords(t.Year())
}
