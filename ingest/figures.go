package ingest

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"sohoa"
	"sohoa/archive"
)

// FiguresDesk counts what offices do. Counts are exact as of the moment when
// they are read; percentiles of waits are off by at most 5 % (sohoa.RoundWait).
type FiguresDesk interface {
	Figures(ctx context.Context, scope sohoa.Scope, q FiguresQuery) (Figures, error)
}

var _ FiguresDesk = (*Service)(nil)

// FiguresQuery selects what is counted within a scope.
type FiguresQuery struct {
	Agency      string // and those below it; empty is all in scope
	Procedure   string // empty is any
	From, Until sohoa.Date
	Step        FigureStep
}

// FigureStep is by what figures are broken down over time.
type FigureStep string

// The steps. A week begins on Monday.
const (
	StepDay     FigureStep = "day"
	StepWeek    FigureStep = "week"
	StepMonth   FigureStep = "month"
	StepQuarter FigureStep = "quarter"
	StepYear    FigureStep = "year"
)

// FigureSteps are all of them, the shortest first.
var FigureSteps = []FigureStep{StepDay, StepWeek, StepMonth, StepQuarter, StepYear}

// start is the first day of the step that a day is in.
func (s FigureStep) start(t time.Time) time.Time {
	y, m, d := t.Date()
	switch s {
	case StepWeek:
		d -= (int(t.Weekday()) + 6) % 7
	case StepMonth:
		d = 1
	case StepQuarter:
		m, d = m-(m-1)%3, 1
	case StepYear:
		m, d = 1, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// next is the first day of the step after one that begins at t.
func (s FigureStep) next(t time.Time) time.Time {
	switch s {
	case StepWeek:
		return t.AddDate(0, 0, 7)
	case StepMonth:
		return t.AddDate(0, 1, 0)
	case StepQuarter:
		return t.AddDate(0, 3, 0)
	case StepYear:
		return t.AddDate(1, 0, 0)
	}
	return t.AddDate(0, 0, 1)
}

// Figures are what was counted.
type Figures struct {
	Query      FiguresQuery
	At         time.Time
	Agency     sohoa.Agency   // Query.Agency, or the one at the top of the scope; zero where there are several
	Agencies   []sohoa.Agency // in scope
	Total      FigureLine
	Lines      []FigureLine // by agency, those below summed
	Procedures []FigureLine // those with most dossiers first; without waits and quality
	Steps      []FigureLine // by time; without waits and quality
}

// FigureLine are the figures of one agency, procedure or step.
type FigureLine struct {
	Code, Name  string     // of the agency or procedure
	From, Until sohoa.Date // both included
	Below       int        // agencies that are summed in it beside its own
	Own         bool       // what is at the agency itself, of which others are below
	archive.FigureCount
	Waits   map[archive.WaitKind]Wait
	Waiting map[archive.WaitKind]Waiting
	Quality archive.QualityCount

	lengths map[archive.WaitKind]map[int]int // how many waits had a length
}

// Wait is how long something took.
type Wait struct {
	N      int           // how many ended in the time
	Median time.Duration // half of them took at most this
	P90    time.Duration // nine of ten
}

// Waiting is what waits now.
type Waiting struct {
	N      int
	Oldest time.Time // since when the first waits
}

// Figures implements FiguresDesk.
func (s *Service) Figures(ctx context.Context, scope sohoa.Scope, q FiguresQuery) (Figures, error) {
	f := Figures{Query: q, At: s.Now().UTC()}
	all, err := s.Catalog.Agencies(ctx)
	if err != nil {
		return f, err
	}
	f.Agencies = slices.DeleteFunc(slices.Clone(all), func(a sohoa.Agency) bool { return !scope.Includes(a.Code) })
	within, err := f.narrow(scope)
	if err != nil {
		return f, err
	}
	spans, err := q.spans()
	if err != nil {
		return f, err
	}
	sum := newSummer(&f, all)
	for _, at := range spans {
		if err := s.countStep(ctx, within, sum, at); err != nil {
			return f, err
		}
	}
	if err := s.countWhole(ctx, within, sum, span{spans[0].from, spans[len(spans)-1].until}); err != nil {
		return f, err
	}
	return f, s.countProcedures(ctx, within, &f, span{spans[0].from, spans[len(spans)-1].until})
}

// narrow finds the agency at the top, and what of a scope is asked for.
func (f *Figures) narrow(scope sohoa.Scope) (sohoa.Scope, error) {
	if code := f.Query.Agency; code != "" {
		i := slices.IndexFunc(f.Agencies, func(a sohoa.Agency) bool { return a.Code == code })
		if i < 0 {
			return scope, invalid("sample.agency", code)
		}
		f.Agency = f.Agencies[i]
		return sohoa.Scope{Agencies: sohoa.Below(code, f.Agencies)}, nil
	}
	top := slices.DeleteFunc(slices.Clone(f.Agencies), func(a sohoa.Agency) bool {
		return slices.ContainsFunc(f.Agencies, func(b sohoa.Agency) bool { return b.Code == a.Parent })
	})
	if len(top) == 1 {
		f.Agency = top[0]
	}
	return scope, nil
}

// span is a time; until is not included.
type span struct{ from, until time.Time }

// spans are the steps of the days asked for; the first and the last may be cut.
func (q FiguresQuery) spans() (all []span, err error) {
	if !slices.Contains(FigureSteps, q.Step) {
		return nil, invalid("figures.step", string(q.Step), strconv.Itoa(sohoa.MaxFigureSteps))
	}
	from, err1 := time.ParseInLocation(time.DateOnly, string(q.From), sohoa.Hanoi)
	until, err2 := time.ParseInLocation(time.DateOnly, string(q.Until), sohoa.Hanoi)
	if err1 != nil || err2 != nil || until.Before(from) {
		return nil, invalid("sample.days")
	}
	until = until.AddDate(0, 0, 1)
	for at := from; at.Before(until); {
		next := q.Step.next(q.Step.start(at))
		if next.After(until) {
			next = until
		}
		if len(all) == sohoa.MaxFigureSteps {
			return nil, invalid("figures.step", string(q.Step), strconv.Itoa(sohoa.MaxFigureSteps))
		}
		all = append(all, span{at, next})
		at = next
	}
	return all, nil
}

// line is a line of a span.
func (sp span) line() FigureLine {
	return FigureLine{From: sohoa.DateOf(sp.from), Until: sohoa.DateOf(sp.until.Add(-time.Second))}
}

func (sp span) query(q FiguresQuery) archive.FigureQuery {
	return archive.FigureQuery{From: sp.from, Until: sp.until, Procedure: q.Procedure}
}

// countStep counts the dossiers of one step.
func (s *Service) countStep(ctx context.Context, scope sohoa.Scope, sum *summer, at span) error {
	counts, err := s.Catalog.FigureCounts(ctx, scope, at.query(sum.f.Query))
	step := at.line()
	for _, n := range counts {
		step.add(n)
		sum.line(n.Key).add(n)
	}
	sum.f.Steps = append(sum.f.Steps, step)
	return err
}

// countWhole counts what is not broken down: waits, and quality.
func (s *Service) countWhole(ctx context.Context, scope sohoa.Scope, sum *summer, at span) error {
	q := at.query(sum.f.Query)
	waits, err := s.Catalog.WaitCounts(ctx, scope, q)
	if err != nil {
		return err
	}
	for _, n := range waits {
		sum.line(n.Key).took(n)
		sum.total.took(n)
	}
	waiting, err := s.Catalog.WaitingNow(ctx, scope, q)
	if err != nil {
		return err
	}
	for _, n := range waiting {
		sum.line(n.Agency).waits(n)
		sum.total.waits(n)
	}
	if sum.f.Query.Procedure == "" {
		quality, err := s.Catalog.Quality(ctx, scope, at.from, at.until)
		if err != nil {
			return err
		}
		for _, n := range quality {
			sum.line(n.Agency).judged(n)
			sum.total.judged(n)
		}
	}
	sum.finish(at)
	return nil
}

// countProcedures counts the dossiers of each procedure.
func (s *Service) countProcedures(ctx context.Context, scope sohoa.Scope, f *Figures, at span) error {
	q := at.query(f.Query)
	q.ByProcedure = true
	counts, err := s.Catalog.FigureCounts(ctx, scope, q)
	if err != nil {
		return err
	}
	procedures, err := s.Catalog.Procedures(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, p := range procedures {
		names[p.Code] = p.Name
	}
	for _, n := range counts {
		line := at.line()
		line.Code, line.Name, line.FigureCount = n.Key, cmp.Or(names[n.Key], n.Key), n
		f.Procedures = append(f.Procedures, line)
	}
	slices.SortFunc(f.Procedures, func(a, b FigureLine) int {
		return cmp.Or(b.Received-a.Received, cmp.Compare(a.Code, b.Code))
	})
	return nil
}
