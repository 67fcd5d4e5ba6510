package postgres

import (
	"regexp"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
)

// fillFigures makes 30,000 dossiers of a hundred agencies, each with a document
// that was kept, and a sample of some of them.
var fillFigures = []string{
	`CREATE TEMP TABLE n AS SELECT i FROM generate_series(0, 29999) i`,
	`INSERT INTO dossiers (code, procedure, agency, owner_name, owner_id, owner_birth, owner_key, subject, created_at, created_by, folded)
		SELECT 'H' || lpad(i::text, 7, '0'), 'p' || i % 50, 'A' || lpad((i % 100)::text, 2, '0'), 'x', '', '', '', '', timestamptz '2026-01-01' + i * interval '2 minutes', 'x', '' FROM n`,
	`INSERT INTO documents (id, dossier, digest, state, held, accepted_at, kept_at, lookup, revision, copied, pages, facts, wait, data)
		SELECT 'D' || lpad(i::text, 25, '0'), 'H' || lpad(i::text, 7, '0'), decode(lpad(to_hex(i), 8, '0'), 'hex'), 'kept', false, timestamptz '2026-01-01',
			timestamptz '2026-01-01' + i * interval '2 minutes', '', 1, 0, 12, i % 16, i % 90 * 100, '{}' FROM n`,
	`INSERT INTO samples (id, agency, open, data) VALUES ('S', '', true, '{}')`,
	`INSERT INTO sample_items (sample, document, position, agency, closed_at, judged, faulty, due, pages, pages_good, data)
		SELECT 'S', 'D' || lpad(i::text, 25, '0'), i, 'A' || lpad((i % 100)::text, 2, '0'), timestamptz '2026-01-01' + i * interval '20 minutes', true, i % 10 = 0, i % 50 = 0, 1, 1, '{}'
		FROM n WHERE i < 20000`,
	`ANALYZE`,
}

// wholeFigures finds in a plan that a table is read from one end to the other.
var wholeFigures = regexp.MustCompile(`Seq Scan on (dossiers|documents|dossier_figures|waits|sample_items)\b`)

// TestFigurePlans asks PostgreSQL how it goes about figures and samples: never
// through a whole table.
func TestFigurePlans(t *testing.T) {
	conn := filled(t, fillFigures)
	first := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	one := sohoa.Scope{Agencies: []string{"A07"}}
	q := archive.FigureQuery{From: first, Until: first.AddDate(0, 0, 7)}
	p := archive.FigureQuery{From: q.From, Until: q.Until, ByProcedure: true, Procedure: "p7"}
	faults := func(f archive.FaultQuery) []any { query, args := selectFaults(one, f); return with(query, args) }
	testPlans(t, conn, wholeFigures, map[string][]any{
		"figures of one":        with(selectFigures(q), figureArgs(one, q)),
		"figures of procedures": with(selectFigures(p), figureArgs(one, p)),
		"waits of one":          with(selectWaits(q), figureArgs(one, q)),
		"waits of procedures":   with(selectWaits(p), figureArgs(one, p)),
		"working":               {selectWorking, agencies(sohoa.Everything), ""},
		"undone of one":         {selectUndone, agencies(one), ""},
		"quality":               {selectQuality, agencies(one), first, first.AddDate(0, 0, 7)},
		"to draw":               {selectSampleable, agencies(one), "T", first, first.AddDate(0, 0, 1), "", ""},
		"faults due":            faults(archive.FaultQuery{Due: true}),
		"faults of a document":  faults(archive.FaultQuery{Document: sohoa.NewDocumentID(first)}),
		"a dossier's figures":   {`SELECT 1 FROM dossier_figures WHERE dossier = $1`, "H0000070"},
		"a dossier's waits":     {`SELECT 1 FROM waits WHERE dossier = $1`, "H0000070"},
	})
}
