package web

import (
	"time"

	"sohoa"
	"sohoa/ingest"
	"sohoa/web/i18n"
	"sohoa/web/table"
)

// figureHead are the columns of figures that are given out.
var figureHead = []string{"agency", "name", "agenciesBelow", "procedure", "from", "until", "figure", "numerator", "denominator", "share", "formula", "source"}

// figureTables are all figures, a number a row: those of agencies with the
// total first, and on sheets of their own those of steps and procedures.
func figureTables(f ingest.Figures, lang sohoa.Lang) []table.Sheet {
	agencies, steps, procedures := table.Sheet{Name: "agencies", Head: figureHead}, table.Sheet{Name: "steps", Head: figureHead}, table.Sheet{Name: "procedures", Head: figureHead}
	total := f.Total
	total.Code, total.Name = f.Agency.Code, i18n.Text(lang, "figures.total")
	for _, l := range append([]ingest.FigureLine{total}, f.Lines...) {
		agencies.Rows = append(agencies.Rows, figureRows(l, f.Query.Procedure, lang, true)...)
	}
	for _, l := range f.Steps {
		l.Code, l.Name = f.Agency.Code, total.Name
		steps.Rows = append(steps.Rows, figureRows(l, f.Query.Procedure, lang, false)...)
	}
	for _, l := range f.Procedures {
		procedure := l.Code
		l.Code = f.Agency.Code
		procedures.Rows = append(procedures.Rows, figureRows(l, procedure, lang, false)...)
	}
	return []table.Sheet{agencies, steps, procedures}
}

// figureRows are the figures of one line; whole has those too that are not
// broken down.
func figureRows(l ingest.FigureLine, procedure string, lang sohoa.Lang, whole bool) (rows [][]any) {
	add := func(figure string, n, d any, share any, formula, source string) {
		rows = append(rows, []any{l.Code, l.Name, l.Below, procedure, string(l.From), string(l.Until), figure, n, d, share, formula, source})
	}
	for _, i := range ingest.Indicators {
		n, d := i.Of(l)
		if d == 0 {
			add(i.Code, n, d, "", i18n.Text(lang, "formula."+i.Code), i.Source)
			continue
		}
		add(i.Code, n, d, float64(n)/float64(d), i18n.Text(lang, "formula."+i.Code), i.Source)
	}
	for _, c := range []struct {
		name string
		n    int
	}{{"received", l.Received}, {"ended", l.Ended}, {"documents", l.Documents}, {"working", l.Working}, {"parked", l.Parked}, {"kept", l.Kept}, {"pages", l.Pages}} {
		add(c.name, c.n, "", "", i18n.Text(lang, "formula."+c.name), "sohoa")
	}
	if !whole {
		return rows
	}
	for _, kind := range waitKinds {
		w, now := l.Waits[kind], l.Waiting[kind]
		formula := i18n.Text(lang, "wait."+string(kind))
		add("wait-"+string(kind)+"-median-seconds", int(w.Median/time.Second), w.N, "", formula, "sohoa")
		add("wait-"+string(kind)+"-p90-seconds", int(w.P90/time.Second), w.N, "", formula, "sohoa")
		oldest := ""
		if now.N > 0 {
			oldest = now.Oldest.Format(time.RFC3339)
		}
		add("waiting-"+string(kind), now.N, "", oldest, i18n.Text(lang, "formula.waiting"), "sohoa")
	}
	return rows
}
