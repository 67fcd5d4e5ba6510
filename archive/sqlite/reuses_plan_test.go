package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
)

// TestReusePlans asks SQLite how it goes about the questions that every screen
// asks: never through a whole table.
func TestReusePlans(t *testing.T) {
	c, err := Open(t.Context(), filepath.Join(t.TempDir(), "c.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for name, tt := range map[string]struct {
		query string
		args  []any
	}{
		"held":     {selectHeld + heldFirst + ` LIMIT ?4`, []any{"1", "k", "2000-01-01", 1}},
		"counts":   {selectCounts(`TRUE`), []any{1, 2}},
		"accepted": {`SELECT count(*) FROM reuses WHERE dossier = ? AND requirement = ? AND state = 'accepted' AND id <> ?`, []any{"d", "r", "i"}},
		"told":     {`SELECT data FROM reuses WHERE document = ? ORDER BY id`, []any{"d"}},
		"turned":   {selectTurned, []any{1, 2, "2026-01-01", 9}},
		"records":  {selectRecord + `kept < change ORDER BY id LIMIT ?`, []any{1}},
	} {
		rows, err := c.read.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+tt.query, tt.args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			// An index alone is walked where its WHERE clause makes it small;
			// of the agencies there are few.
			whole := strings.HasPrefix(step, "SCAN")
			for _, small := range []string{"SCAN a", "SCAN asked", "SCAN (subquery", "SCAN dossiers USING COVERING INDEX dossiers_agency", "records_behind", "reuses_lost"} {
				whole = whole && !strings.Contains(step, small)
			}
			if whole {
				t.Errorf("%s reads a whole table: %s", name, step)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkReuse asks a catalogue of a million dossiers of a hundred agencies,
// each with a document, eight of ten with a reuse.
func BenchmarkReuse(b *testing.B) {
	c, err := Open(b.Context(), filepath.Join(b.TempDir(), "c.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	fill := []string{
		`CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) SELECT i FROM n`,
		`INSERT INTO dossiers (code, procedure, agency, owner_name, owner_id, owner_birth, owner_key, subject, created_at, created_by)
			SELECT printf('H%07d', i), 'p', printf('A%02d', i % 100), 'x', CASE i % 2 WHEN 0 THEN printf('%012d', i / 4) ELSE '' END,
				printf('19%02d-01-%02d', i % 97, 1 + i % 28), printf('ten %d', i % 5000), '', 1700000000000000 + i * 31000000, 'x' FROM n`,
		`INSERT INTO documents (id, dossier, digest, state, accepted_at, data)
			SELECT printf('D%025d', i), printf('H%07d', i), i, 'kept', i, json_object('id', '01ARZ3NDEKTSV4RRFFQ69G5FAV', 'life', json_object('type', 'x')) FROM n`,
		`INSERT INTO reuses (id, dossier, requirement, document, state, at, lost, unseen, agency, received, data)
			SELECT printf('R%025d', i), printf('H%07d', i), 'TP1', printf('D%025d', 999999 - i), 'accepted', 1700000000000000 + i * 31000000, i % 50 = 0, i % 500 = 0,
				printf('A%02d', i % 100), 1700000000000000 + i * 31000000, '{}' FROM n WHERE i % 10 < 8`,
	}
	for _, q := range fill {
		if _, err := c.write.ExecContext(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
	first := time.UnixMicro(1700000000000000)
	for _, bb := range []struct {
		name string
		do   func(i int) error
	}{
		{"held-by-number", func(i int) error {
			found, err := c.Held(b.Context(), archive.HeldQuery{IDNumber: fmt.Sprintf("%012d", i*7%250000), Types: []string{"x"}})
			if err == nil && len(found) != 2 {
				err = fmt.Errorf("%d found, want 2", len(found))
			}
			return err
		}},
		{"held-by-name", func(i int) error {
			_, err := c.Held(b.Context(), archive.HeldQuery{Name: fmt.Sprintf("ten %d", i*7%5000), BirthDate: sohoa.Date(fmt.Sprintf("19%02d-01-%02d", i%97, 1+i%28))})
			return err
		}},
		{"figures-of-an-agency-a-year", func(int) error {
			_, err := c.ReuseCounts(b.Context(), sohoa.Scope{Agencies: []string{"A07"}}, first, first.AddDate(1, 0, 0))
			return err
		}},
		{"figures-of-all-a-month", func(int) error {
			_, err := c.ReuseCounts(b.Context(), sohoa.Everything, first, first.AddDate(0, 1, 0))
			return err
		}},
		{"figures-of-all-a-year", func(int) error {
			_, err := c.ReuseCounts(b.Context(), sohoa.Everything, first, first.AddDate(1, 0, 0))
			return err
		}},
		{"list-of-an-agency", func(int) error {
			_, err := c.FindReuses(b.Context(), sohoa.Scope{Agencies: []string{"A07"}}, archive.ReuseQuery{})
			return err
		}},
		{"unseen-of-an-agency", func(int) error {
			_, err := c.FindReuses(b.Context(), sohoa.Scope{Agencies: []string{"A07"}}, archive.ReuseQuery{Unseen: true})
			return err
		}},
		{"nothing-turned", func(int) error {
			_, err := c.Turned(b.Context(), first, first.AddDate(1, 0, 0), 0)
			return err
		}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if err := bb.do(i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
