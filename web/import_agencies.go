package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"sohoa"
	"sohoa/ingest"
	"sohoa/web/table"
)

// agencies is the list of agencies.
func agencies(s *Server) importing {
	return importing{name: "agencies", list: "/admin/agencies", columns: table.Agencies, rows: s.agencyRows, plan: s.planAgencies}
}

func agencyRow(a sohoa.Agency) []string { return []string{a.Code, a.Name, a.Parent} }

func (s *Server) agencyRows(ctx context.Context) ([][]string, error) {
	all, err := s.agenciesInScope(ctx)
	var rows [][]string
	for _, a := range sohoa.AgencyTree(all) {
		rows = append(rows, agencyRow(a.Agency))
	}
	return rows, err
}

func (s *Server) agenciesInScope(ctx context.Context) ([]sohoa.Agency, error) {
	all, err := s.cfg.Catalog.Agencies(ctx)
	scope := scopeOf(ctx)
	return slices.DeleteFunc(all, func(a sohoa.Agency) bool { return !scope.Includes(a.Code) }), err
}

// planAgencies judges lines in the order in which they can be entered: one
// that names an agency of a later line waits for it.
func (s *Server) planAgencies(r *http.Request, rows []sohoa.TableRow) (importPlan, error) {
	ctx := r.Context()
	all, err := s.cfg.Catalog.Agencies(ctx)
	if err != nil {
		return importPlan{}, err
	}
	p := &agencyPlan{scope: scopeOf(ctx), was: map[string]sohoa.Agency{}, now: slices.Clone(all), lines: map[string]int{}, inside: map[string]bool{}}
	for _, a := range all {
		p.was[a.Code], p.inside[a.Code] = a, p.scope.Includes(a.Code)
	}
	lines := make([]importLine, len(rows))
	for waiting := len(rows) + 1; ; {
		left := p.round(rows, lines)
		if left == 0 || left == waiting {
			break
		}
		waiting = left
	}
	plan := importPlan{Lines: lines}
	plan.enter = func(ctx context.Context) error {
		d, ok := s.cfg.Intake.(ingest.AgencyDesk)
		if !ok {
			return newProblem(sohoa.ErrNotExist, "path.unknown")
		}
		return d.SetAgencies(ctx, userOf(ctx).Name, p.enter)
	}
	return plan, nil
}

// agencyPlan is what an import makes of the tree.
type agencyPlan struct {
	scope  sohoa.Scope
	was    map[string]sohoa.Agency
	now    []sohoa.Agency  // with the lines so far
	inside map[string]bool // those that the reader administers, with the new ones
	lines  map[string]int  // by code: the line that it stands on
	enter  []sohoa.Agency  // what changes
}

// round judges the lines that are not right so far, and returns how many
// still are not.
func (p *agencyPlan) round(rows []sohoa.TableRow, lines []importLine) (left int) {
	for i, row := range rows {
		if lines[i].Fate != "" && lines[i].Fate != fateWrong {
			continue
		}
		lines[i] = importLine{Number: row.Number, Cells: row.Cells, Fate: fateNew}
		a := sohoa.Agency{Code: row.Cells[0], Name: row.Cells[1], Parent: row.Cells[2]}
		if err := p.judge(a, row.Number); err != nil {
			lines[i].Fate, lines[i].Problem = fateWrong, sohoa.AsProblem(err)
			left++
			continue
		}
		was, known := p.was[a.Code]
		if known {
			lines[i].Fate, lines[i].Was = fateMoved, agencyRow(was)
		}
		if known && was == a {
			lines[i].Fate = fateSame
			continue
		}
		p.now = append(slices.DeleteFunc(p.now, func(k sohoa.Agency) bool { return k.Code == a.Code }), a)
		p.enter, p.inside[a.Code] = append(p.enter, a), true
	}
	return left
}

func (p *agencyPlan) judge(a sohoa.Agency, number int) error {
	if first, ok := p.lines[a.Code]; ok && first != number {
		return newProblem(sohoa.ErrInvalid, "import.twice", a.Code, strconv.Itoa(first))
	}
	p.lines[a.Code] = number
	if err := a.Check(); err != nil {
		return err
	}
	was, known := p.was[a.Code]
	switch {
	case known && !p.inside[a.Code]:
		return newProblem(sohoa.ErrInvalid, "agency.outside", a.Code)
	case known && was.Parent == a.Parent:
		return nil
	}
	if err := a.CheckPlace(p.now); err != nil {
		return err
	}
	if a.Parent == "" && !p.scope.All || a.Parent != "" && !p.inside[a.Parent] {
		return newProblem(sohoa.ErrInvalid, "import.agency-place", a.Parent)
	}
	return nil
}

// enterAgency enters one agency as a form has it; a new one must not be there.
func (s *Server) enterAgency(r *http.Request, a sohoa.Agency, isNew bool) error {
	plan, err := s.planAgencies(r, []sohoa.TableRow{{Number: 1, Cells: agencyRow(a)}})
	if err != nil {
		return err
	}
	switch line := plan.Lines[0]; {
	case line.Fate == fateWrong:
		return line.Problem
	case isNew && line.Fate != fateNew:
		return newProblem(sohoa.ErrConflict, "agency.exists", a.Code)
	}
	return plan.enter(r.Context())
}
