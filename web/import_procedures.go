package web

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"sohoa"
	"sohoa/ingest"
	"sohoa/web/table"
)

// procedures is the list of procedures with their papers.
func procedures(s *Server) importing {
	return importing{name: "procedures", list: "/admin/procedures", columns: table.Procedures, rows: s.procedureRows, plan: s.planProcedures}
}

func (s *Server) procedureRows(ctx context.Context) ([][]string, error) {
	all, err := s.cfg.Catalog.Procedures(ctx)
	return sohoa.ProcedureRows(all), err
}

// setProcedures enters procedures at the desk that the command line uses too.
func (s *Server) setProcedures(ctx context.Context, all []sohoa.Procedure) error {
	d, ok := s.cfg.Intake.(ingest.ProcedureDesk)
	if !ok {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	return d.SetProcedures(ctx, userOf(ctx).Name, all)
}

func (s *Server) planProcedures(r *http.Request, rows []sohoa.TableRow) (importPlan, error) {
	ctx := r.Context()
	now, err := s.cfg.Catalog.Procedures(ctx)
	if err != nil {
		return importPlan{}, err
	}
	was := map[string]sohoa.Procedure{}
	for _, p := range now {
		was[p.Code] = p
	}
	made, wrongs := sohoa.ProceduresOf(rows)
	problems := map[int]*sohoa.Problem{}
	for _, w := range wrongs {
		problems[w.Row] = w.Problem
	}
	var plan importPlan
	changed := slices.DeleteFunc(made, func(p sohoa.Procedure) bool { return reflect.DeepEqual(p, was[p.Code]) })
	become := map[string]sohoa.Procedure{}
	for _, p := range changed {
		become[p.Code] = p
	}
	for _, row := range rows {
		plan.Lines = append(plan.Lines, procedureLine(row, problems[row.Number], was, become))
	}
	if len(wrongs) == 0 {
		plan.Lines = append(plan.Lines, gonePapers(was, changed)...)
	}
	if unknown, err := s.unknownKinds(ctx, changed); err != nil {
		return plan, err
	} else if len(unknown) > 0 {
		plan.Notes = append(plan.Notes, text(r, "procedures.unknown-kinds", strings.Join(unknown, ", ")))
	}
	plan.enter = func(ctx context.Context) error { return s.setProcedures(ctx, changed) }
	return plan, nil
}

// procedureLine is what becomes of one line, which is about one paper of a
// procedure.
func procedureLine(row sohoa.TableRow, problem *sohoa.Problem, was, become map[string]sohoa.Procedure) importLine {
	line := importLine{Number: row.Number, Cells: row.Cells, Fate: fateNew, Problem: problem}
	before, known := was[row.Cells[0]]
	after, changes := become[row.Cells[0]]
	switch {
	case problem != nil:
		line.Fate = fateWrong
	case known && !changes:
		line.Fate = fateSame
	case known:
		old, ok := paperRow(before, row.Cells[3])
		if !ok {
			break
		}
		now, _ := paperRow(after, row.Cells[3])
		line.Fate, line.Was, line.Cells = fateMoved, old, now
		if slices.Equal(old, now) && paperPlace(before, row.Cells[3]) == paperPlace(after, row.Cells[3]) {
			line.Fate = fateSame
		}
	}
	return line
}

// paperRow is the line of one paper of a procedure, or of the procedure that
// has none.
func paperRow(p sohoa.Procedure, code string) ([]string, bool) {
	for _, row := range sohoa.ProcedureRows([]sohoa.Procedure{p}) {
		if row[3] == code {
			return row, true
		}
	}
	return nil, false
}

func paperPlace(p sohoa.Procedure, code string) int {
	return slices.IndexFunc(p.Requirements, func(r sohoa.Requirement) bool { return r.Code == code })
}

// gonePapers are those that changed procedures do not ask for any more.
func gonePapers(was map[string]sohoa.Procedure, changed []sohoa.Procedure) []importLine {
	var gone []importLine
	for _, p := range changed {
		for _, row := range sohoa.ProcedureRows([]sohoa.Procedure{was[p.Code]}) {
			if _, still := p.Requirement(row[3]); !still && row[3] != "" {
				gone = append(gone, importLine{Cells: row, Fate: fateGone})
			}
		}
	}
	return gone
}

// unknownKinds are those that procedures name and the retention schedule does
// not: nothing can be of them until it does.
func (s *Server) unknownKinds(ctx context.Context, all []sohoa.Procedure) ([]string, error) {
	schedule, err := s.cfg.Catalog.Schedule(ctx)
	if err != nil {
		return nil, err
	}
	var unknown []string
	for _, p := range all {
		kinds := []string{p.Result}
		for _, r := range p.Requirements {
			kinds = append(kinds, r.Types...)
		}
		for _, kind := range kinds {
			if !schedule.Knows(kind) && !slices.Contains(unknown, kind) {
				unknown = append(unknown, kind)
			}
		}
	}
	return unknown, nil
}
