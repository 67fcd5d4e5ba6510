package vi

import "strings"

// PlotTerm is the term of a plot of land on a sheet of the cadastral map,
// either of which may be unknown: thửa đất số 123, tờ bản đồ số 45.
func PlotTerm(plot, sheet string) string {
	if sheet == "" {
		return "@" + plot
	}
	return "@" + plot + "/" + sheet
}

// landFinder gathers the plots and sheets of a text.
type landFinder struct {
	plots, sheets []landMark
}

// landMark is a number of a plot or sheet, and its tokens.
type landMark struct {
	number     string
	first, end int
	loose      bool // TĐ 123, tờ 45: means it only beside the other
}

// landApart is how many words may stand between a plot and its sheet.
const landApart = 6

// at looks for a plot or sheet whose words begin at token i.
func (l *landFinder) at(sc *scanner, i int) {
	switch sc.fold(i) {
	case "thua":
		l.plots = l.add(sc, l.plots, landMark{first: i, end: i + 1})
	case "td", "thd":
		l.plots = l.add(sc, l.plots, landMark{first: i, end: i + 1, loose: true})
	case "to":
		m := landMark{first: i, end: i + 1, loose: true}
		if sc.fold(i+1) == "ban" && sc.fold(i+2) == "do" {
			m.end, m.loose = i+3, false
		}
		l.sheets = l.add(sc, l.sheets, m)
	case "tbd":
		l.sheets = l.add(sc, l.sheets, landMark{first: i, end: i + 1})
	case "ban":
		if sc.fold(i+1) == "do" && sc.fold(i-1) != "to" {
			l.sheets = l.add(sc, l.sheets, landMark{first: i, end: i + 2})
		}
	}
}

// add takes the number after the words of m, if there is one.
func (l *landFinder) add(sc *scanner, to []landMark, m landMark) []landMark {
	at := m.end
	for n := 0; n < 4; n++ {
		switch sc.fold(at) {
		case "dat", "so", "dia", "chinh":
			at++
		}
	}
	f := sc.fold(at)
	if at >= len(sc.spans) || !sc.spans[at].digits || len(f) > longestNumber {
		return to
	}
	m.number, m.end = strings.TrimLeft(unlike(f), "0"), at+1
	if m.number == "" {
		return to
	}
	return append(to, m)
}

// finish joins plots with the sheets beside them.
func (l *landFinder) finish(sc *scanner) {
	used := make([]bool, len(l.sheets))
	low := 0 // sheets before it lie before every plot to come
	for _, p := range l.plots {
		for low < len(l.sheets) && l.sheets[low].end+landApart < p.first {
			low++
		}
		k := low
		for k < len(l.sheets) && (used[k] || !beside(p, l.sheets[k])) && l.sheets[k].first <= p.end+landApart {
			k++
		}
		if k < len(l.sheets) && !used[k] && beside(p, l.sheets[k]) {
			s := l.sheets[k]
			used[k] = true
			sc.add(min(p.first, s.first), max(p.end, s.end), PlotTerm(p.number, s.number))
		} else if !p.loose {
			sc.add(p.first, p.end, PlotTerm(p.number, ""))
		}
	}
	for k, s := range l.sheets {
		if !used[k] && !s.loose {
			sc.add(s.first, s.end, PlotTerm("", s.number))
		}
	}
}

// beside reports whether plot and sheet belong together.
func beside(p, s landMark) bool {
	gap := max(s.first-p.end, p.first-s.end)
	if p.loose && s.loose {
		return gap == 0
	}
	return gap >= 0 && gap <= landApart
}
