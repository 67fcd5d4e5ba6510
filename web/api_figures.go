package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/web/i18n"
)

func (s *Server) registerFigures(api huma.API) {
	op := operation("figures", http.MethodGet, "/figures", "Shares, counts and waiting times by agency, procedure and time")
	op.Errors = []int{http.StatusBadRequest, http.StatusForbidden, http.StatusUnprocessableEntity}
	op.Description = "Of the dossiers received from one day until another, this year by default, at the agencies that you may see; what is below an agency is summed in its line. " +
		"Shares come with numerator, denominator, formula and source; national ones earn full marks from 80 %. Counts are exact as of \"at\"; waits are rounded to two significant digits."
	huma.Register(api, op, s.apiFigures)
}

// IndicatorView is a share.
type IndicatorView struct {
	Code        string   `json:"code" enum:"digitised,components,results,sealed,born,reused,good-documents,good-pages"`
	Numerator   int      `json:"numerator"`
	Denominator int      `json:"denominator"`
	Share       *float64 `json:"share" nullable:"true" doc:"0 to 1; null of nothing."`
	National    bool     `json:"national" doc:"Earns full marks from 80 % on."`
	Formula     string   `json:"formula" doc:"In the reader's language."`
	Source      string   `json:"source"`
}

// WaitView is how long something takes.
type WaitView struct {
	Kind          archive.WaitKind `json:"kind" enum:"kept,signed,done"`
	Cases         int              `json:"cases" doc:"That ended in the time."`
	MedianSeconds int              `json:"medianSeconds"`
	P90Seconds    int              `json:"p90Seconds"`
	WaitingNow    int              `json:"waitingNow"`
	Oldest        *time.Time       `json:"oldest,omitempty" doc:"Since when the first waits."`
}

// FigureLineView are the figures of an agency, a procedure or a step.
type FigureLineView struct {
	Agency     string          `json:"agency,omitempty"`
	Procedure  string          `json:"procedure,omitempty"`
	Name       string          `json:"name,omitempty"`
	Below      int             `json:"agenciesBelow,omitempty" doc:"Agencies that are summed in it beside its own."`
	From       sohoa.Date      `json:"from"`
	Until      sohoa.Date      `json:"until"`
	Received   int             `json:"received"`
	Ended      int             `json:"ended"`
	Documents  int             `json:"documents"`
	Working    int             `json:"working"`
	Parked     int             `json:"parked"`
	Kept       int             `json:"kept"`
	Pages      int             `json:"pages"`
	Indicators []IndicatorView `json:"indicators"`
	Waits      []WaitView      `json:"waits,omitempty" doc:"Not of procedures and steps."`
}

// CountsView is the answer of "figures".
type CountsView struct {
	At         time.Time         `json:"at"`
	From       sohoa.Date        `json:"from"`
	Until      sohoa.Date        `json:"until"`
	Step       ingest.FigureStep `json:"step"`
	Total      FigureLineView    `json:"total"`
	Lines      []FigureLineView  `json:"lines"`
	Procedures []FigureLineView  `json:"procedures"`
	Steps      []FigureLineView  `json:"steps"`
}

type countsInput struct {
	From      string `query:"from" doc:"First day; the first of this year if left out."`
	Until     string `query:"until" doc:"Last day; today if left out."`
	Step      string `query:"step" enum:"day,week,month,quarter,year" doc:"By what it is broken down; what fits if left out."`
	Agency    string `query:"agency" doc:"Only this one and those below it."`
	Procedure string `query:"procedure" doc:"Only dossiers of this one."`
}

func (s *Server) apiFigures(ctx context.Context, in *countsInput) (*struct{ Body CountsView }, error) {
	if s.counts == nil {
		return nil, newProblem(sohoa.ErrUnavailable, "figures.none")
	}
	q := s.figuresQuery(url.Values{"from": {in.From}, "until": {in.Until}, "step": {in.Step}, "agency": {in.Agency}, "procedure": {in.Procedure}})
	f, err := s.counts.Figures(ctx, scopeOf(ctx), q)
	if err != nil {
		return nil, err
	}
	lang := visitOf(ctx).lang
	view := CountsView{At: f.At, From: q.From, Until: q.Until, Step: q.Step, Total: figureLineView(f.Total, lang), Lines: []FigureLineView{}, Procedures: []FigureLineView{}, Steps: []FigureLineView{}}
	view.Total.Agency, view.Total.Waits = f.Agency.Code, waitViews(f.Total)
	for _, l := range f.Lines {
		v := figureLineView(l, lang)
		v.Agency, v.Waits = l.Code, waitViews(l)
		view.Lines = append(view.Lines, v)
	}
	for _, l := range f.Procedures {
		v := figureLineView(l, lang)
		v.Procedure = l.Code
		view.Procedures = append(view.Procedures, v)
	}
	for _, l := range f.Steps {
		view.Steps = append(view.Steps, figureLineView(l, lang))
	}
	return &struct{ Body CountsView }{view}, nil
}

func figureLineView(l ingest.FigureLine, lang sohoa.Lang) FigureLineView {
	v := FigureLineView{Name: l.Name, Below: l.Below, From: l.From, Until: l.Until, Received: l.Received, Ended: l.Ended, Documents: l.Documents,
		Working: l.Working, Parked: l.Parked, Kept: l.Kept, Pages: l.Pages}
	for _, i := range ingest.Indicators {
		n, d := i.Of(l)
		view := IndicatorView{Code: i.Code, Numerator: n, Denominator: d, National: i.National, Formula: i18n.Text(lang, "formula."+i.Code), Source: i.Source}
		if d > 0 {
			share := float64(n) / float64(d)
			view.Share = &share
		}
		v.Indicators = append(v.Indicators, view)
	}
	return v
}

func waitViews(l ingest.FigureLine) (views []WaitView) {
	for _, kind := range waitKinds {
		w, now := l.Waits[kind], l.Waiting[kind]
		v := WaitView{Kind: kind, Cases: w.N, MedianSeconds: int(w.Median / time.Second), P90Seconds: int(w.P90 / time.Second), WaitingNow: now.N}
		if now.N > 0 {
			v.Oldest = &now.Oldest
		}
		views = append(views, v)
	}
	return views
}
