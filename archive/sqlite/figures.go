package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"sohoa"
	"sohoa/archive"
)

// askedAgencies are those in scope of a table that has agencies first in an
// index, found one after the other without reading the rest.
func askedAgencies(table, inside string) string {
	return `WITH RECURSIVE a (code) AS (SELECT min(agency) FROM ` + table + `
		UNION ALL SELECT (SELECT min(agency) FROM ` + table + ` WHERE agency > a.code) FROM a WHERE a.code IS NOT NULL),
	asked AS MATERIALIZED (SELECT code FROM a WHERE code IS NOT NULL AND ` + inside + `) `
}

// figureKey is what is counted by, and the condition for a procedure, ?3.
func figureKey(q archive.FigureQuery) (key, only string) {
	key = "agency"
	if q.ByProcedure {
		key = "procedure"
	}
	if q.Procedure != "" {
		only = ` AND procedure = ?3`
	}
	return key, only
}

// selectFigures counts dossiers received from ?1 until ?2: a range of the table
// for each agency.
func selectFigures(q archive.FigureQuery, inside string) string {
	key, only := figureKey(q)
	return askedAgencies("dossier_figures", inside) + `SELECT ` + key + `, count(*), sum(ended), sum(components > 0), sum(results > 0),
			sum(components > 0 AND results > 0), sum(sealed > 0), sum(reused > 0), sum(results), sum(born), sum(sealed),
			sum(documents), sum(working), sum(parked), sum(kept), sum(pages)
		FROM dossier_figures WHERE agency IN (SELECT code FROM asked) AND received >= ?1 AND received < ?2` + only + ` GROUP BY ` + key + ` ORDER BY ` + key
}

// figureArgs are the arguments of such a query, and where those of its scope
// begin.
func figureArgs(scope sohoa.Scope, q archive.FigureQuery) (inside string, args []any) {
	inside, more := within(scope, "a.code")
	return numbered(inside, 4), append([]any{micros(q.From), micros(q.Until), q.Procedure}, more...)
}

// FigureCounts implements archive.Figures.
func (c *Catalog) FigureCounts(ctx context.Context, scope sohoa.Scope, q archive.FigureQuery) ([]archive.FigureCount, error) {
	scan := func(rows *sql.Rows) (archive.FigureCount, error) {
		var n archive.FigureCount
		return n, rows.Scan(&n.Key, &n.Received, &n.Ended, &n.Components, &n.Results, &n.Digitised, &n.Sealed, &n.Reusing, &n.ResultFiles,
			&n.BornFiles, &n.SealedFiles, &n.Documents, &n.Working, &n.Parked, &n.Kept, &n.Pages)
	}
	inside, args := figureArgs(scope, q)
	return collect(ctx, c, scan, selectFigures(q, inside), args...)
}

// selectWaits counts waits that ended from ?1 until ?2: ranges of an index that
// has all that is asked for.
func selectWaits(q archive.FigureQuery, inside string) string {
	key, only := figureKey(q)
	return askedAgencies("waits", inside) + `SELECT ` + key + `, kind, seconds, count(*)
		FROM waits INDEXED BY waits_agency WHERE agency IN (SELECT code FROM asked) AND at >= ?1 AND at < ?2` + only + `
		GROUP BY ` + key + `, kind, seconds ORDER BY ` + key + `, kind, seconds`
}

// WaitCounts implements archive.Figures.
func (c *Catalog) WaitCounts(ctx context.Context, scope sohoa.Scope, q archive.FigureQuery) ([]archive.WaitCount, error) {
	scan := func(rows *sql.Rows) (archive.WaitCount, error) {
		var n archive.WaitCount
		return n, rows.Scan(&n.Key, &n.Kind, &n.Seconds, &n.N)
	}
	inside, args := figureArgs(scope, q)
	return collect(ctx, c, scan, selectWaits(q, inside), args...)
}

// The three things that wait now, each by a small index. ?3 is a procedure.
const (
	selectWorking = `SELECT o.agency, 'kept', count(*), min(d.accepted_at) FROM documents d JOIN dossiers o ON o.code = d.dossier
		WHERE d.state IN ('accepted', 'reading', 'read', 'parked') AND %s%s GROUP BY o.agency ORDER BY o.agency`
	selectUnsigned = `SELECT o.agency, 'signed', count(*), cast(min(unixepoch(json_extract(s.data, '$.createdAt')) * 1000000) AS INTEGER)
		FROM set_items i JOIN signing_sets s ON s.id = i.set_id JOIN documents d ON d.id = i.document JOIN dossiers o ON o.code = d.dossier
		WHERE i.open AND %s%s GROUP BY o.agency ORDER BY o.agency`
	selectUndone = `SELECT o.agency, 'done', count(*), min(o.received) FROM dossier_figures o
		WHERE NOT o.ended AND %s%s GROUP BY o.agency ORDER BY o.agency`
)

// WaitingNow implements archive.Figures.
func (c *Catalog) WaitingNow(ctx context.Context, scope sohoa.Scope, q archive.FigureQuery) (all []archive.WaitingCount, err error) {
	scan := func(rows *sql.Rows) (archive.WaitingCount, error) {
		var n archive.WaitingCount
		var oldest int64
		err := rows.Scan(&n.Agency, &n.Kind, &n.N, &oldest)
		n.Oldest = fromMicros(oldest)
		return n, err
	}
	inside, args := within(scope, "o.agency")
	only := ""
	if q.Procedure != "" {
		only, args = ` AND o.procedure = ?`, append(args, q.Procedure)
	}
	for _, query := range []string{selectWorking, selectUnsigned, selectUndone} {
		found, err := collect(ctx, c, scan, fmt.Sprintf(query, inside, only), args...)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// putSigned enters how long a document waited for its signers, who have all
// signed; once.
func (t *tx) putSigned(i sohoa.SetItem) error {
	if i.State != sohoa.ItemDone || len(i.Signed) == 0 {
		return nil
	}
	set, err := t.SigningSet(i.Set)
	if err != nil {
		return err
	}
	at := i.Signed[len(i.Signed)-1].Time
	return t.exec(`INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
		SELECT 'signed', ?1 || '/' || d.id, o.code, o.agency, o.procedure, ?3, ?4 FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.id = ?2
		ON CONFLICT DO NOTHING`, string(i.Set), i.Document.String(), micros(at), sohoa.RoundWait(at.Sub(set.CreatedAt)))
}
