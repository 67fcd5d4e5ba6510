package vi

import (
	"fmt"
	"strconv"
)

// DateTerm is the term of a day, the same for every way to write it.
func DateTerm(year, month, day int) string {
	return fmt.Sprintf("=%04d%02d%02dd", year, month, day)
}

// MonthTerm is the term of a month.
func MonthTerm(year, month int) string { return fmt.Sprintf("=%04d%02dm", year, month) }

// YearTerm is the term of a year.
func YearTerm(year int) string { return fmt.Sprintf("=%04dy", year) }

// The years that a date may have without being doubted.
const firstYear, lastYear = 1800, 2999

// shortDate reads 5/3/2024, 05.03.2024, 5-3-24 or 2024-03-05.
func shortDate(parts []string) (string, bool) {
	if len(parts) != 3 {
		return "", false
	}
	if len(parts[0]) == 4 {
		return date(parts[2], parts[1], parts[0])
	}
	return date(parts[0], parts[1], century(parts[2]))
}

// century writes a year of two digits in full.
func century(year string) string {
	if len(year) != 2 || !allDigits(year) {
		return year
	}
	if year < "50" {
		return "20" + year
	}
	return "19" + year
}

// shortMonth reads 3/2024 or 2024-03.
func shortMonth(parts []string) (string, bool) {
	if len(parts) != 2 {
		return "", false
	}
	if len(parts[0]) == 4 {
		return month(parts[1], parts[0])
	}
	return month(parts[0], parts[1])
}

// month checks the parts of a month and makes its term.
func month(month, year string) (string, bool) {
	m, ok1 := small(month, 12)
	y, ok2 := small(year, lastYear)
	if !ok1 || !ok2 || y < firstYear || len(month) > 2 {
		return "", false
	}
	return MonthTerm(y, m), true
}

// date checks the parts of a date and makes its term.
func date(day, month, year string) (string, bool) {
	d, ok1 := small(day, 31)
	m, ok2 := small(month, 12)
	y, ok3 := small(year, lastYear)
	if !ok1 || !ok2 || !ok3 || y < firstYear || len(day) > 2 || len(month) > 2 {
		return "", false
	}
	return DateTerm(y, m, d), true
}

// small reads a number from 1 to most.
func small(s string, most int) (int, bool) {
	if len(s) > 4 || !allDigits(s) {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= most
}

// monthNames are the months that people write in words.
var monthNames = map[string]string{"gieng": "1", "mot": "1", "hai": "2", "ba": "3", "tu": "4", "nam": "5",
	"sau": "6", "bai": "7", "bay": "7", "tam": "8", "chin": "9", "muoi": "10", "chap": "12"}

// monthAt finds "ngày 5 tháng 3 năm 2024", "ngày 5 tháng 3/2024" and the same
// without a day; recognition may have lost marks, but not the words.
func (sc *scanner) monthAt(i int) {
	m := sc.fold(i + 1)
	if name := monthNames[m]; name != "" {
		m = name
	}
	y := i + 2
	if sc.fold(y) == "nam" {
		y++
	}
	if len(sc.fold(y)) != 4 {
		return
	}
	if d, ok := date(sc.fold(i-1), m, sc.fold(y)); ok {
		sc.add(i-1, y+1, d)
	} else if mt, ok := month(m, sc.fold(y)); ok {
		sc.add(i, y+1, mt)
	}
}

// yearAt finds "năm 2024", and "ngày 5/3 năm 2024".
func (sc *scanner) yearAt(i int) {
	y, ok := small(sc.fold(i+1), lastYear)
	if !ok || y < firstYear || sc.fold(i-2) == "thang" {
		return
	}
	if d, ok := date(sc.fold(i-2), sc.fold(i-1), sc.fold(i+1)); ok {
		sc.add(i-2, i+2, d)
		return
	}
	sc.add(i, i+2, YearTerm(y))
}

// fold is the folded form of token i, or nothing.
func (sc *scanner) fold(i int) string {
	if i < 0 || i >= len(sc.out.Tokens) {
		return ""
	}
	return sc.out.Tokens[i].Fold
}
