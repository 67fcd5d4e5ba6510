package search

import (
	"strconv"
	"strings"
	"time"

	"sohoa"
	"sohoa/search/vi"
)

// FilterName names what a filter looks at.
type FilterName string

// The filters of the query language. Those of facets are named like them.
const (
	FilterType      FilterName = FilterName(FacetType)      // kind of document: typeName
	FilterNumber    FilterName = "so"                       // number and notation, whole or in part
	FilterAgency    FilterName = FilterName(FacetAgency)    // agency's code or name, or the issuing organ
	FilterOwner     FilterName = "nguoi"                    // owner's name
	FilterDate      FilterName = "ngay"                     // date of issue: a day, month, year, or FROM..TO
	FilterDossier   FilterName = "hoso"                     // dossier code
	FilterProcedure FilterName = FilterName(FacetProcedure) // procedure's code, or words of its name
	FilterYear      FilterName = FilterName(FacetYear)      // year of issue, or FROM..TO
	FilterState     FilterName = FilterName(FacetState)     // what it is worth, or what becomes of it; see stateWords
)

// filterNames are the filters by what people may type: without marks, or in
// English.
var filterNames = map[string]FilterName{
	"loai": FilterType, "type": FilterType,
	"so": FilterNumber, "number": FilterNumber, "sokihieu": FilterNumber,
	"coquan": FilterAgency, "agency": FilterAgency, "donvi": FilterAgency,
	"nguoi": FilterOwner, "person": FilterOwner, "owner": FilterOwner, "ten": FilterOwner,
	"ngay": FilterDate, "date": FilterDate,
	"hoso": FilterDossier, "dossier": FilterDossier, "mahoso": FilterDossier,
	"thutuc": FilterProcedure, "procedure": FilterProcedure,
	"nam": FilterYear, "year": FilterYear,
	"trangthai": FilterState, "state": FilterState, "status": FilterState,
}

// Filter narrows a query. Filters of one name are alternatives, one of which
// must hold; filters of different names must all hold.
type Filter struct {
	Name     FilterName
	Without  bool    // a minus before it: it must not hold
	Text     vi.Text // the value
	Raw      string  // the value as typed, identity numbers masked; of FilterState its value, of FilterYear YYYY or YYYY..YYYY
	From, To string  // FilterDate and FilterYear: YYYYMMDD, inclusive; "" is open
}

// newFilter makes the filter of a piece, whose value is t.
func newFilter(x piece, t vi.Text) (Filter, error) {
	f := Filter{Name: x.filter, Without: x.minus, Raw: x.text, Text: t}
	var ok bool
	switch x.filter {
	case FilterDate:
		if f.From, f.To, ok = days(x.text); !ok {
			return f, filterProblem("query.filter-date", x)
		}
	case FilterYear:
		if f.From, f.To, ok = days(x.text); !ok || !f.takeYears() {
			return f, filterProblem("query.filter-year", x)
		}
	case FilterState:
		if f.Raw, ok = stateNamed(t); !ok {
			return f, filterProblem("query.filter-state", x)
		}
	}
	return f, nil
}

func filterProblem(code string, x piece) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: code, Args: []string{string(x.filter), x.text}}
}

// takeYears widens the bounds of f to whole years.
func (f *Filter) takeYears() bool {
	year := func(day string) string { return day[:min(len(day), 4)] }
	from, to := year(f.From), year(f.To)
	if f.From != "" {
		f.From = from + "0101"
	}
	if f.To != "" {
		f.To = to + "1231"
	}
	if f.Raw = from; from != to {
		f.Raw += ".." + to
	}
	return true
}

// days reads a day, month or year, or two of them with .. between, as
// YYYYMMDD, inclusive. One of the two may be open.
func days(s string) (from, to string, ok bool) {
	s = strings.TrimSpace(s)
	a, b, isRange := strings.Cut(s, "..")
	if !isRange {
		a, b, isRange = strings.Cut(s, "…") // typed for us by a telephone
	}
	if !isRange && len(s) == len("2023-2024") && s[4] == '-' && !strings.ContainsAny(s[:4]+s[5:], "/-.") {
		a, b, isRange = s[:4], s[5:], true
	}
	if !isRange {
		b = a
	}
	from, ok1 := dayBound(a, false)
	to, ok2 := dayBound(b, true)
	if ok1 && ok2 && from != "" && to != "" && from > to {
		if from, ok1 = dayBound(b, false); !ok1 {
			return "", "", false
		}
		to, ok2 = dayBound(a, true)
	}
	return from, to, ok1 && ok2 && from+to != ""
}

// dayBound is the first or the last day of what s says: YYYY, MM/YYYY,
// YYYY-MM, D/M/YYYY, D/M/YY, YYYY-MM-DD, or the same in words. Empty text is
// an open bound.
func dayBound(s string, last bool) (string, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", true
	}
	for _, c := range vi.Analyze(s).Codes {
		if len(c.Text) > 5 && c.Text[0] == '=' {
			if day, ok := termBound(c.Text, last); ok {
				return day, true
			}
		}
	}
	if _, err := strconv.ParseUint(s, 10, 32); err != nil {
		return "", false
	}
	return termBound("="+s+map[int]string{4: "y", 8: "d"}[len(s)], last)
}

// termBound is the first or the last day of the term of a day, month or year.
func termBound(term string, last bool) (string, bool) {
	format, end := "", func(t time.Time) time.Time { return t }
	switch term[len(term)-1] {
	case 'd':
		format = "=20060102d"
	case 'm':
		format, end = "=200601m", func(t time.Time) time.Time { return t.AddDate(0, 1, -1) }
	case 'y':
		format, end = "=2006y", func(t time.Time) time.Time { return t.AddDate(1, 0, -1) }
	default:
		return "", false
	}
	day, err := time.Parse(format, term)
	if err != nil {
		return "", false
	}
	if last {
		day = end(day)
	}
	return day.Format("20060102"), true
}

// filterNodes are what the filters of p keep and what they leave out, on a day.
func filterNodes(p Parsed, day string) (must, not []Node) {
	alternatives := map[FilterName][]Node{}
	var order []FilterName
	for _, f := range p.Filters {
		n := filterNode(f)
		if f.Name == FilterState {
			n = stateNode(f.Raw, day)
		}
		if f.Without {
			not = append(not, n)
			continue
		}
		if alternatives[f.Name] == nil {
			order = append(order, f.Name)
		}
		alternatives[f.Name] = append(alternatives[f.Name], n)
	}
	for _, name := range order {
		if any := alternatives[name]; len(any) > 1 {
			must = append(must, Node{Any: any})
		} else {
			must = append(must, any[0])
		}
	}
	return must, not
}

// numberNode finds a document's number: as a whole, in parts, or as words of
// the number that is known.
func numberNode(f Filter) Node {
	any := []Node{{Field: FieldCodes, Term: vi.CodeTerm(f.Raw)}, allWords(FieldNumber, f.Text)}
	for _, c := range f.Text.Codes {
		any = append(any, Node{Field: FieldCodes, Term: c.Text})
	}
	return Node{Any: any}
}
