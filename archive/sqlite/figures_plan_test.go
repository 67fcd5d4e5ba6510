package sqlite

import (
	"fmt"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
)

// small are scans in a plan that read few rows, or an index that a WHERE
// clause makes small.
var small = regexp.MustCompile(`SCAN (a|asked|\(subquery)|set_items_open|dossier_figures_open|sample_items_due`)

// TestFigurePlans asks SQLite how it goes about figures and samples: never
// through a whole table.
func TestFigurePlans(t *testing.T) {
	c, err := Open(t.Context(), filepath.Join(t.TempDir(), "c.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := sohoa.Scope{Agencies: []string{"A", "B"}}
	q := archive.FigureQuery{From: time.Unix(1, 0), Until: time.Unix(2, 0)}
	p := archive.FigureQuery{From: q.From, Until: q.Until, ByProcedure: true, Procedure: "p"}
	drawn, drawnArgs := selectSampleable(in, archive.SampleableQuery{Procedure: "p"})
	due, dueArgs := selectFaults(in, archive.FaultQuery{Due: true})
	found, foundArgs := selectFaults(in, archive.FaultQuery{Document: sohoa.NewDocumentID(q.From)})
	for name, tt := range map[string]struct {
		query string
		args  []any
	}{
		"figures":               {selectFigures(q, "TRUE"), []any{1, 2, ""}},
		"figures of procedures": {selectFigures(p, "a.code IN (?4)"), []any{1, 2, "p", "A"}},
		"waits":                 {selectWaits(q, "TRUE"), []any{1, 2, ""}},
		"waits of procedures":   {selectWaits(p, "a.code IN (?4)"), []any{1, 2, "p", "A"}},
		"working":               {fmt.Sprintf(selectWorking, "TRUE", ""), nil},
		"unsigned":              {fmt.Sprintf(selectUnsigned, "TRUE", ""), nil},
		"undone":                {fmt.Sprintf(selectUndone, "TRUE", ""), nil},
		"quality":               {selectQuality("agency IN (?3)"), []any{1, 2, "A"}},
		"to draw":               {drawn, drawnArgs},
		"faults due":            {due, dueArgs},
		"faults of a document":  {found, foundArgs},
		"a wait again":          {`SELECT 1 FROM waits WHERE dossier = ?`, []any{"d"}},
		"figures of a dossier":  {`SELECT 1 FROM dossier_figures WHERE dossier = ?`, []any{"d"}},
	} {
		rows, err := c.read.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+tt.query, tt.args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		steps := 0
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			steps++
			if regexp.MustCompile(`^SCAN`).MatchString(step) && !small.MatchString(step) {
				t.Errorf("%s reads a whole table: %s", name, step)
			}
		}
		if err := rows.Close(); err != nil || steps == 0 {
			t.Fatalf("%s: a plan of %d steps, %v", name, steps, err)
		}
	}
}

// BenchmarkFigures asks a catalogue of a million dossiers of a year and a
// hundred agencies, each with a document that was kept and with the time that
// it waited.
func BenchmarkFigures(b *testing.B) {
	c, err := Open(b.Context(), filepath.Join(b.TempDir(), "c.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for _, q := range []string{
		`CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) SELECT i FROM n`,
		`INSERT INTO dossiers (code, procedure, agency, owner_name, owner_id, subject, created_at, created_by)
			SELECT printf('H%07d', i), 'p' || i % 200, printf('A%02d', i % 100), 'x', '', '', 1700000000000000 + i * 31000000, 'x' FROM n`,
		`INSERT INTO documents (id, dossier, digest, state, accepted_at, kept_at, pages, facts, wait, data)
			SELECT printf('D%025d', i), printf('H%07d', i), i, 'kept', i, 1700000000000000 + i * 31000000, 12, i % 16, i % 90 * 100, '{}' FROM n`,
	} {
		if _, err := c.write.ExecContext(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
	first := time.UnixMicro(1700000000000000)
	one := sohoa.Scope{Agencies: []string{"A07"}}
	year := archive.FigureQuery{From: first, Until: first.AddDate(1, 0, 0)}
	for _, bb := range []struct {
		name string
		do   func() (int, error)
	}{
		{"counts-of-an-agency-a-year", func() (int, error) { n, err := c.FigureCounts(b.Context(), one, year); return len(n), err }},
		{"counts-of-all-a-year", func() (int, error) {
			n, err := c.FigureCounts(b.Context(), sohoa.Everything, year)
			return len(n), err
		}},
		{"counts-by-procedure-a-year", func() (int, error) {
			n, err := c.FigureCounts(b.Context(), sohoa.Everything, archive.FigureQuery{From: year.From, Until: year.Until, ByProcedure: true})
			return len(n), err
		}},
		{"waits-of-an-agency-a-year", func() (int, error) { n, err := c.WaitCounts(b.Context(), one, year); return len(n), err }},
		{"waits-of-all-a-year", func() (int, error) { n, err := c.WaitCounts(b.Context(), sohoa.Everything, year); return len(n), err }},
		{"waiting-now", func() (int, error) {
			n, err := c.WaitingNow(b.Context(), sohoa.Everything, archive.FigureQuery{})
			return len(n), err
		}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				if n, err := bb.do(); err != nil || n == 0 {
					b.Fatalf("%d rows, %v", n, err)
				}
			}
		})
	}
}
