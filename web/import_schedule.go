package web

import (
	"context"
	"net/http"
	"slices"

	"sohoa"
	"sohoa/web/table"
)

// schedule is the retention schedule.
func schedule(s *Server) importing {
	return importing{name: "schedule", list: "/schedule", columns: table.Schedule, rows: s.scheduleRows, plan: s.planSchedule}
}

func (s *Server) scheduleRows(ctx context.Context) ([][]string, error) {
	now, err := s.cfg.Catalog.Schedule(ctx)
	return now.Rows(), err
}

// planSchedule compares rules by their types. The table takes the place of the
// whole schedule.
func (s *Server) planSchedule(r *http.Request, rows []sohoa.TableRow) (importPlan, error) {
	if s.records == nil {
		return importPlan{}, newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	now, err := s.cfg.Catalog.Schedule(r.Context())
	if err != nil {
		return importPlan{}, err
	}
	was := map[string][]string{}
	for _, row := range now.Rows() {
		was[row[0]] = row
	}
	rules, wrongs := sohoa.RulesOf(rows)
	made := sohoa.Schedule{Version: now.Version, Rules: rules}
	after := made.Rows()
	var plan importPlan
	for i, row := range rows {
		line := importLine{Number: row.Number, Cells: row.Cells, Fate: fateNew}
		at := slices.IndexFunc(wrongs, func(w sohoa.RowProblem) bool { return w.Row == row.Number })
		old, known := was[row.Cells[0]]
		switch {
		case at >= 0:
			line.Fate, line.Problem = fateWrong, wrongs[at].Problem
		case known && slices.Equal(old, after[i]):
			line.Fate = fateSame
		case known:
			line.Fate, line.Cells, line.Was = fateMoved, after[i], old
		}
		plan.Lines = append(plan.Lines, line)
	}
	for _, old := range now.Rows() {
		if !slices.ContainsFunc(rules, func(r sohoa.Rule) bool { return r.Type == old[0] }) {
			plan.Lines = append(plan.Lines, importLine{Cells: old, Fate: fateGone})
		}
	}
	plan.enter = func(ctx context.Context) error {
		_, err := s.records.SetSchedule(ctx, userOf(ctx).Name, made)
		return err
	}
	return plan, nil
}
