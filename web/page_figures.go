package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/web/i18n"
)

// figuresPage is what the page of figures shows.
type figuresPage struct {
	ingest.Figures
	From, Until sohoa.Date
	Procs       []sohoa.Procedure // to choose from
	StepNames   []ingest.FigureStep
	Cards       []indicatorCard
	Bars        *barChart
	Plot        *lineChart
	Waits       []waitLine
	Reuse       []ingest.ReuseFigures
	Query       string // of this page, for other forms of it
	Error       string
	lang        sohoa.Lang
}

// indicatorCard is an indicator of everything that is counted.
type indicatorCard struct {
	ingest.Indicator
	N, Of int
	Share string
	Full  bool // earns full marks
}

// waitLine is how long one agency takes for one thing.
type waitLine struct {
	Name           string
	Kind           archive.WaitKind
	N              int
	Median, P90    string
	Waiting        int
	Oldest         string // for how long the first waits
	Total, HasWait bool
}

// rate is the national rate of reuse of figures, in percent with one decimal;
// "–" where no dossiers were received.
func rate(f ingest.ReuseFigures, lang sohoa.Lang) string {
	return shareOf(f.Reusing, f.Received, lang).Percent
}

// Rate is rate in the reader's language.
func (p figuresPage) Rate(f ingest.ReuseFigures) string { return rate(f, p.lang) }

// Share is an indicator of a line, as it is shown.
func (p figuresPage) Share(code string, l ingest.FigureLine) string {
	for _, i := range ingest.Indicators {
		if i.Code == code {
			n, d := i.Of(l)
			return shareOf(n, d, p.lang).Percent
		}
	}
	return ""
}

// FullMarks is where full marks begin, in percent.
func (p figuresPage) FullMarks() int { return ingest.FullMarks }

// Down is the page of an agency below.
func (p figuresPage) Down(agency string) string {
	return "/figures?" + url.Values{"from": {string(p.From)}, "until": {string(p.Until)}, "step": {string(p.Figures.Query.Step)},
		"procedure": {p.Figures.Query.Procedure}, "agency": {agency}}.Encode()
}

// StepName names the step of a line.
func (p figuresPage) StepName(l ingest.FigureLine) string { return stepName(p.Figures.Query.Step, l) }

func stepName(step ingest.FigureStep, l ingest.FigureLine) string {
	switch t, err := time.Parse(time.DateOnly, string(l.From)); {
	case err != nil:
		return string(l.From)
	case step == ingest.StepMonth:
		return t.Format("01/2006")
	case step == ingest.StepQuarter:
		return fmt.Sprintf("Q%d/%d", (int(t.Month())+2)/3, t.Year())
	case step == ingest.StepYear:
		return t.Format("2006")
	default:
		return t.Format("02/01")
	}
}

// figuresQuery reads what an address asks for: this year if it says nothing,
// by steps that fit.
func (s *Server) figuresQuery(v url.Values) ingest.FiguresQuery {
	today := sohoa.DateOf(s.cfg.Now())
	q := ingest.FiguresQuery{From: sohoa.Date(clean(v.Get("from"))), Until: sohoa.Date(clean(v.Get("until"))), Agency: clean(v.Get("agency")),
		Procedure: clean(v.Get("procedure")), Step: ingest.FigureStep(clean(v.Get("step")))}
	if q.Until == "" {
		q.Until = today
	}
	if q.From == "" {
		q.From = today[:4] + "-01-01"
	}
	if q.From > q.Until {
		q.From, q.Until = q.Until, q.From
	}
	if q.Step == "" {
		q.Step = fittingStep(q.From, q.Until)
	}
	return q
}

// fittingStep breaks a time down into a dozen or so.
func fittingStep(from, until sohoa.Date) ingest.FigureStep {
	a, err1 := time.Parse(time.DateOnly, string(from))
	b, err2 := time.Parse(time.DateOnly, string(until))
	switch days := int(b.Sub(a).Hours() / 24); {
	case err1 != nil || err2 != nil || days > 800:
		return ingest.StepYear
	case days <= 31:
		return ingest.StepDay
	case days <= 100:
		return ingest.StepWeek
	}
	return ingest.StepMonth
}

// figures counts what an address asks for.
func (s *Server) figures(ctx context.Context, v url.Values) (figuresPage, error) {
	q, lang := s.figuresQuery(v), visitOf(ctx).lang
	p := figuresPage{From: q.From, Until: q.Until, StepNames: ingest.FigureSteps, lang: lang}
	p.Figures.Query = q
	for _, d := range []sohoa.Date{q.From, q.Until} {
		if err := d.Check(); err != nil {
			return p, err
		}
	}
	var err error
	if p.Procs, err = s.cfg.Catalog.Procedures(ctx); err != nil {
		return p, err
	}
	if s.counts == nil {
		return p, newProblem(sohoa.ErrUnavailable, "figures.none")
	}
	if p.Figures, err = s.counts.Figures(ctx, scopeOf(ctx), q); err != nil {
		return p, err
	}
	p.Query = url.Values{"from": {string(q.From)}, "until": {string(q.Until)}, "agency": {q.Agency}, "procedure": {q.Procedure}, "step": {string(q.Step)}}.Encode()
	p.draw()
	p.Waits = waitLines(p.Figures, lang)
	p.Reuse, err = s.reuseFigures(ctx, p.Figures)
	return p, err
}

// reuseFigures are the figures about reuse of the agencies that are counted.
func (s *Server) reuseFigures(ctx context.Context, f ingest.Figures) ([]ingest.ReuseFigures, error) {
	if s.cfg.Reuse == nil || f.Query.Procedure != "" {
		return nil, nil
	}
	scope := scopeOf(ctx)
	if f.Query.Agency != "" {
		scope = sohoa.Scope{Agencies: sohoa.Below(f.Query.Agency, f.Agencies)}
	}
	return s.cfg.Reuse.ReuseFigures(ctx, scope, f.Query.From, f.Query.Until)
}

// draw makes the cards and charts of what was counted.
func (p *figuresPage) draw() {
	for _, i := range ingest.Indicators {
		n, d := i.Of(p.Total)
		p.Cards = append(p.Cards, indicatorCard{Indicator: i, N: n, Of: d, Share: shareOf(n, d, p.lang).Percent, Full: d > 0 && 100*n >= ingest.FullMarks*d})
	}
	p.Bars = newBarChart("bars", i18n.Text(p.lang, "figures.by-agency"), ingest.FullMarks, p.lang)
	full := 0
	for _, l := range p.Lines {
		before := len(p.Bars.Bars)
		p.Bars.add(l.Name, l.Digitised, l.Received, ingest.FullMarks, p.lang)
		if len(p.Bars.Bars) > before && p.Bars.Bars[before].Full {
			full++
		}
	}
	p.Bars.Summary = i18n.Text(p.lang, "figures.bars-summary", len(p.Bars.Bars), full, ingest.FullMarks, shareOf(p.Total.Digitised, p.Total.Received, p.lang).Percent)
	p.plot()
}

// plot draws the national indicators over time.
func (p *figuresPage) plot() {
	names := make([]string, len(p.Steps))
	for i, l := range p.Steps {
		names[i] = stepName(p.Figures.Query.Step, l)
	}
	p.Plot = newLineChart("plot", i18n.Text(p.lang, "figures.over-time"), names)
	var said []string
	for _, i := range ingest.Indicators {
		if !i.National {
			continue
		}
		values := make([][2]int, len(p.Steps))
		for n, l := range p.Steps {
			values[n][0], values[n][1] = i.Of(l)
		}
		name := i18n.Text(p.lang, "indicator-short."+i.Code)
		p.Plot.add(name, values, p.lang)
		if lines := p.Plot.Lines; len(lines) > 0 && lines[len(lines)-1].Name == name {
			marks := lines[len(lines)-1].Marks
			said = append(said, i18n.Text(p.lang, "figures.line-summary", name, marks[0].Text, marks[len(marks)-1].Text))
		}
	}
	p.Plot.Summary = strings.Join(said, " ")
}

// waitKinds are the kinds of waits in the order in which they are shown.
var waitKinds = []archive.WaitKind{archive.WaitKept, archive.WaitSigned, archive.WaitDone}

// waitLines are the waits of everything, and then of each agency.
func waitLines(f ingest.Figures, lang sohoa.Lang) (lines []waitLine) {
	all := append([]ingest.FigureLine{f.Total}, f.Lines...)
	if len(f.Lines) < 2 {
		all = all[:1]
	}
	for n, l := range all {
		for _, kind := range waitKinds {
			w, now := l.Waits[kind], l.Waiting[kind]
			if w.N == 0 && now.N == 0 {
				continue
			}
			line := waitLine{Name: l.Name, Kind: kind, N: w.N, Median: durationIn(w.Median, lang), P90: durationIn(w.P90, lang), Waiting: now.N, Total: n == 0, HasWait: w.N > 0}
			if now.N > 0 {
				line.Oldest = durationIn(f.At.Sub(now.Oldest), lang)
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// durationIn is a duration in its largest unit with one decimal, as people say it.
func durationIn(d time.Duration, lang sohoa.Lang) string {
	units := []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}, {time.Second, "seconds"}}
	for _, u := range units {
		if d >= u.of {
			text := strconv.FormatFloat(float64(d)/float64(u.of), 'f', 1, 64)
			text = strings.TrimSuffix(text, ".0")
			if lang == sohoa.Vietnamese {
				text = strings.Replace(text, ".", ",", 1)
			}
			return i18n.Text(lang, "figures."+u.name, text)
		}
	}
	return i18n.Text(lang, "figures.seconds", "0")
}

func (s *Server) pageFigures(w http.ResponseWriter, r *http.Request) error {
	p, err := s.figures(r.Context(), r.URL.Query())
	status := http.StatusOK
	if err != nil {
		if p.Error, status, err = wrong(r, err); err != nil {
			return err
		}
	}
	s.render(w, r, status, "figures", frame{Title: text(r, "figures.title"), Body: p})
	return nil
}

// exportFigures answers with all figures as CSV or XLSX; without a format, with
// those about reuse as CSV, as it always did.
func (s *Server) exportFigures(w http.ResponseWriter, r *http.Request) error {
	p, err := s.figures(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	if format := r.URL.Query().Get("format"); format != "" {
		return giveTables(w, format, fmt.Sprintf("figures-%s-%s", p.From, p.Until), figureTables(p.Figures, p.lang)...)
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", attachment(fmt.Sprintf("reuse-%s-%s.csv", p.From, p.Until)))
	_, _ = w.Write([]byte("\ufeff")) // spreadsheets take it for UTF-8 by this
	c := csv.NewWriter(w)
	_ = c.Write([]string{"agency", "name", "from", "until", "received", "reusing", "rate", "accepted", "declined", "offered", "lost", "unseen"})
	for _, f := range p.Reuse {
		_ = c.Write(reuseRow(p, f))
	}
	c.Flush()
	return nil // an error of writing: the client is gone
}

func reuseRow(p figuresPage, f ingest.ReuseFigures) []string {
	share := ""
	if f.Received > 0 {
		share = strconv.FormatFloat(float64(f.Reusing)/float64(f.Received), 'f', 4, 64)
	}
	line := []string{inert(f.Agency.Code), inert(f.Agency.Name), string(p.From), string(p.Until), strconv.Itoa(f.Received), strconv.Itoa(f.Reusing), share}
	for _, n := range []int{f.Accepted, f.Declined, f.Offered, f.Lost, f.Unseen} {
		line = append(line, strconv.Itoa(n))
	}
	return line
}
