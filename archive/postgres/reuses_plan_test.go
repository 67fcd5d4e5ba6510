package postgres

import (
	"regexp"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
)

// fillReuses makes 50,000 dossiers of a hundred agencies, each with a
// document, eight of ten with a reuse.
var fillReuses = []string{
	`SET session_replication_role = replica`, // no foreign key is checked
	`CREATE TEMP TABLE n AS SELECT i FROM generate_series(0, 49999) i`,
	`INSERT INTO dossiers (code, procedure, agency, owner_name, owner_id, owner_birth, owner_key, subject, created_at, created_by, folded)
		SELECT 'H' || lpad(i::text, 7, '0'), 'p', 'A' || lpad((i % 100)::text, 2, '0'), 'x', CASE i % 2 WHEN 0 THEN lpad((i / 4)::text, 12, '0') ELSE '' END,
			'19' || lpad((i % 97)::text, 2, '0') || '-01-01', 'ten ' || i % 5000, '', timestamptz '2026-01-01' + i * interval '2 minutes', 'x', '' FROM n`,
	`INSERT INTO documents (id, dossier, digest, state, held, accepted_at, force_until, lookup, revision, copied, data)
		SELECT 'D' || lpad(i::text, 25, '0'), 'H' || lpad(i::text, 7, '0'), decode(lpad(to_hex(i), 8, '0'), 'hex'), 'kept', false, timestamptz '2026-01-01' + i * interval '2 minutes',
			CASE WHEN i % 10 = 0 THEN timestamptz '2026-01-01' + i * interval '3 minutes' END, '', 1, 0, '{"life":{"type":"x"}}' FROM n`,
	`INSERT INTO reuses (id, dossier, requirement, document, state, at, lost, unseen, agency, received, data)
		SELECT 'R' || lpad(i::text, 25, '0'), 'H' || lpad(i::text, 7, '0'), 'TP1', 'D' || lpad((49999 - i)::text, 25, '0'), 'accepted',
			timestamptz '2026-01-01' + i * interval '2 minutes', i % 50 = 0, i % 500 = 0, 'A' || lpad((i % 100)::text, 2, '0'),
			timestamptz '2026-01-01' + i * interval '2 minutes', '{"lost":{"force":"revoked"}}' FROM n WHERE i % 10 < 8`,
	`INSERT INTO reuse_offers (dossier, requirement, agency, at) SELECT dossier, requirement, agency, at FROM reuses`,
	`INSERT INTO records (id, kind, name, change, kept) SELECT id, 'dossier', dossier, 1, 1 FROM reuses`,
	`ANALYZE`,
}

// whole finds in a plan that a table is read from one end to the other.
var whole = regexp.MustCompile(`Seq Scan on (dossiers|documents|reuses|reuse_offers|records)\b`)

// TestReusePlans asks PostgreSQL how it goes about the questions that every
// screen asks: never through a whole table.
func TestReusePlans(t *testing.T) {
	conn := filled(t, fillReuses)
	first := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	one := sohoa.Scope{Agencies: []string{"A07"}}
	reuses := func(scope sohoa.Scope, q archive.ReuseQuery) []any {
		query, args := selectReuses(scope, q)
		return with(query, args)
	}
	testPlans(t, conn, whole, map[string][]any{
		"held by number":     {selectHeld, "000000000070", "", "", []string{"", "x"}, 50},
		"held by name":       {selectHeld, "", "ten 70", "1970-01-01", []string{"", "x"}, 50},
		"figures of one":     {selectCounts, agencies(one), first, first.AddDate(0, 1, 0)},
		"accepted":           {`SELECT count(*) FROM reuses WHERE dossier = $1 AND requirement = $2 AND state = 'accepted' AND id <> $3`, "H0000070", "TP1", "R"},
		"told":               {`SELECT data FROM reuses WHERE document = $1 ORDER BY id FOR NO KEY UPDATE`, "D0000000000000000000000070"},
		"of a dossier":       reuses(sohoa.Everything, archive.ReuseQuery{Dossier: "H0000070"}),
		"of a requirement":   reuses(one, archive.ReuseQuery{Dossier: "H0000070", Requirement: "TP1"}),
		"of a document":      reuses(sohoa.Everything, archive.ReuseQuery{Document: sohoa.NewDocumentID(first)}),
		"newest of all":      reuses(sohoa.Everything, archive.ReuseQuery{}),
		"newest of one":      reuses(one, archive.ReuseQuery{}),
		"unseen of one":      reuses(one, archive.ReuseQuery{Unseen: true}),
		"turned since a day": {selectTurned, first, first.AddDate(0, 0, 1), "2026-03-02", 200},
		"results":            {`SELECT result FROM documents WHERE dossier = $1 AND result <> '' ORDER BY id`, "H0000070"},
		"records behind":     {selectRecord + `kept < change ORDER BY id LIMIT $1`, 100},
		"record":             {selectRecord + `kind = $1 AND name = $2`, "dossier", "H0000070"},
	})
}
