package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"sohoa"
	"sohoa/archive"
)

// How much the home page shows.
const (
	homeDossiers = 50
	homeParked   = 10
	homeHeld     = 10
	homeRecent   = 6
)

// homePage is what the home page shows.
type homePage struct {
	Text        string
	Groups      []dossierGroup
	Procedures  []sohoa.Procedure
	Agencies    []sohoa.Agency // to choose from; none where there is no choice
	States      []stateCount
	ParkedRows  docRows
	Held        []docRow
	Counted     []docRow      // with other pages than were counted
	Losses      []sohoa.Reuse // of results that dossiers use
	Unconfirmed int           // documents whose fields wait for the reader
	Faults      int           // documents of which samples found faults
	Recent      []docRow
	New         typedDossier
	Proposed    string // how a code is that is made here
	Error       string

	Waiting          []setLine // sets that wait for the reader
	WaitingDocuments int       // of all such sets
}

// dossierGroup are dossiers under a heading.
type dossierGroup struct {
	Name  string // the end of a phrase's key
	Lines []dossierLine
}

// dossierLine is a dossier in the list.
type dossierLine struct {
	archive.DossierSummary
	ProcedureName string
	Asked         int // papers that its procedure asks for
	Missing       int // of these, those that are not there
}

// Missing counts the dossiers that papers are missing of.
func (p homePage) Missing() (n int) {
	for _, g := range p.Groups {
		for _, l := range g.Lines {
			if l.Missing > 0 {
				n++
			}
		}
	}
	return n
}

// counterPages are those of a clerk's day.
func (s *Server) counterPages() doors {
	return doors{
		"POST /dossiers":        {sohoa.PowerWork, s.postDossier},
		"POST /dossiers/people": {sohoa.PowerWork, s.partPeople},
	}
}

func (s *Server) pageHome(w http.ResponseWriter, r *http.Request) error {
	return s.renderHome(w, r, http.StatusOK, homePage{Text: clean(r.URL.Query().Get("text"))})
}

func (s *Server) renderHome(w http.ResponseWriter, r *http.Request, status int, p homePage) error {
	ctx, scope, c := r.Context(), scopeOf(r.Context()), s.cfg.Catalog
	var err error
	if p.Procedures, err = c.Procedures(ctx); err != nil {
		return err
	}
	if p.Groups, err = s.dossierGroups(ctx, p); err != nil {
		return err
	}
	if p.Agencies, err = s.agenciesIn(ctx, scope); err != nil {
		return err
	}
	if err := s.beginDossier(ctx, &p); err != nil {
		return err
	}
	counts, err := c.States(ctx, scope)
	if err != nil {
		return err
	}
	p.States = orderStates(counts)
	if err := s.waitingHere(r, &p); err != nil {
		return err
	}
	recent, err := c.FindDocuments(ctx, scope, archive.DocumentQuery{Limit: homeRecent})
	if err != nil {
		return err
	}
	p.Recent = rowsOf(ctx, recent)
	if p.Waiting, p.WaitingDocuments, err = s.waitingSets(ctx); err != nil {
		return err
	}
	s.render(w, r, status, "home", frame{Title: text(r, "home.dossiers"), Live: "?", Body: p})
	return nil
}

// waitingHere gathers what waits for whoever takes papers in.
func (s *Server) waitingHere(r *http.Request, p *homePage) error {
	ctx, scope, c := r.Context(), scopeOf(r.Context()), s.cfg.Catalog
	var err error
	if p.ParkedRows, err = s.parked(r); err != nil {
		return err
	}
	counted, err := c.FindDocuments(ctx, scope, archive.DocumentQuery{Counted: true, Limit: homeHeld})
	if err != nil {
		return err
	}
	held, err := c.FindDocuments(ctx, scope, archive.DocumentQuery{Held: true, Limit: homeHeld + len(counted)})
	if err != nil {
		return err
	}
	held = slices.DeleteFunc(held, func(d sohoa.Document) bool { return d.Miscounted() != nil })
	p.Counted, p.Held = rowsOf(ctx, counted), rowsOf(ctx, held[:min(len(held), homeHeld)])
	if p.Faults, err = s.dueFaults(ctx); err != nil {
		return err
	}
	if p.Unconfirmed, err = s.unconfirmed(ctx); err != nil {
		return err
	}
	p.Losses, err = s.losses(ctx)
	return err
}

// agenciesIn are those to choose from: none where there is one only.
func (s *Server) agenciesIn(ctx context.Context, scope sohoa.Scope) ([]sohoa.Agency, error) {
	if !scope.All && len(scope.Agencies) < 2 {
		return nil, nil
	}
	all, err := s.cfg.Catalog.Agencies(ctx)
	return slices.DeleteFunc(all, func(a sohoa.Agency) bool { return !scope.Includes(a.Code) }), err
}

// dossierGroups are the newest dossiers: today's of the reader, today's of
// others, and those before.
func (s *Server) dossierGroups(ctx context.Context, p homePage) ([]dossierGroup, error) {
	me, today := userOf(ctx).Name, midnight(s.cfg.Now())
	mine, err := s.cfg.Catalog.FindDossiers(ctx, scopeOf(ctx), archive.DossierQuery{Text: p.Text, By: me, Since: today, Limit: homeDossiers})
	if err != nil {
		return nil, err
	}
	rest, err := s.cfg.Catalog.FindDossiers(ctx, scopeOf(ctx), archive.DossierQuery{Text: p.Text, Limit: homeDossiers})
	if err != nil {
		return nil, err
	}
	rest = slices.DeleteFunc(rest, func(d archive.DossierSummary) bool { return d.CreatedBy == me && !d.CreatedAt.Before(today) })
	at := slices.IndexFunc(rest, func(d archive.DossierSummary) bool { return d.CreatedAt.Before(today) })
	if at < 0 {
		at = len(rest)
	}
	var groups []dossierGroup
	for _, g := range []struct {
		name string
		all  []archive.DossierSummary
	}{{"mine", mine}, {"today", rest[:at]}, {"before", rest[at:]}} {
		lines, err := s.dossierLines(ctx, p, g.all)
		if err != nil {
			return nil, err
		}
		if len(lines) > 0 {
			groups = append(groups, dossierGroup{g.name, lines})
		}
	}
	return groups, nil
}

// midnight is when the day of t began in Việt Nam.
func midnight(t time.Time) time.Time {
	y, m, d := t.In(sohoa.Hanoi).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, sohoa.Hanoi)
}

// dossierLines says of each dossier how many papers are missing.
func (s *Server) dossierLines(ctx context.Context, p homePage, all []archive.DossierSummary) ([]dossierLine, error) {
	if len(all) == 0 {
		return nil, nil
	}
	codes := make([]string, len(all))
	for i, d := range all {
		codes[i] = d.Code
	}
	covers, err := s.cfg.Catalog.Covers(ctx, scopeOf(ctx), codes...)
	if err != nil {
		return nil, err
	}
	has := map[string][]archive.Cover{}
	for _, c := range covers {
		has[c.Dossier] = append(has[c.Dossier], c)
	}
	lines := make([]dossierLine, len(all))
	for i, d := range all {
		procedure := p.procedure(d.Procedure)
		lines[i] = dossierLine{d, procedure.Name, len(procedure.Requirements), missing(procedure, has[d.Code])}
	}
	return lines, nil
}

// missing counts the papers of a procedure for which there is nothing.
func missing(p sohoa.Procedure, has []archive.Cover) (n int) {
	for _, r := range p.Requirements {
		if !r.Optional && !slices.ContainsFunc(has, func(c archive.Cover) bool { return c.For(r) }) {
			n++
		}
	}
	return n
}

// procedure is the one with a code; one that is not listed has only that.
func (p homePage) procedure(code string) sohoa.Procedure {
	i := slices.IndexFunc(p.Procedures, func(x sohoa.Procedure) bool { return x.Code == code })
	if i < 0 {
		return sohoa.Procedure{Code: code, Name: code}
	}
	return p.Procedures[i]
}

// ProcedureName is the name of the procedure with a code.
func (p homePage) ProcedureName(code string) string { return p.procedure(code).Name }

// parked lists the documents that wait for a person.
func (s *Server) parked(r *http.Request) (docRows, error) {
	q := archive.DocumentQuery{State: sohoa.StateParked, Limit: homeParked}
	docs, err := s.cfg.Catalog.FindDocuments(r.Context(), scopeOf(r.Context()), q)
	return docRows{Rows: rowsOf(r.Context(), docs), Refresh: "/parked"}, err
}

func (s *Server) partParked(w http.ResponseWriter, r *http.Request) error {
	rows, err := s.parked(r)
	if err != nil {
		return err
	}
	s.part(w, r, "rows", rows)
	return nil
}
