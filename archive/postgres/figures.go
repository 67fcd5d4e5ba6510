package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

// askedAgencies are those in scope of a table that has agencies first in an
// index, found one after the other without reading the rest.
func askedAgencies(table string) string {
	return `WITH RECURSIVE a (agency) AS (SELECT min(agency) FROM ` + table + `
		UNION ALL SELECT (SELECT min(t.agency) FROM ` + table + ` t WHERE t.agency > a.agency) FROM a WHERE a.agency IS NOT NULL),
	asked AS MATERIALIZED (SELECT agency FROM a o WHERE agency IS NOT NULL AND ` + inScope + `) `
}

// figureKey is what is counted by, and the condition for a procedure, $4.
func figureKey(q archive.FigureQuery) (key, only string) {
	key, only = "f.agency", ` AND $4::text = ''`
	if q.ByProcedure {
		key = "f.procedure"
	}
	if q.Procedure != "" {
		only = ` AND f.procedure = $4`
	}
	return key, only
}

// selectFigures counts dossiers received from $2 until $3: a range of an index
// for each agency.
func selectFigures(q archive.FigureQuery) string {
	key, only := figureKey(q)
	return askedAgencies("dossier_figures") + `SELECT ` + key + `, count(*), count(*) FILTER (WHERE ended), count(*) FILTER (WHERE components > 0),
			count(*) FILTER (WHERE results > 0), count(*) FILTER (WHERE components > 0 AND results > 0), count(*) FILTER (WHERE sealed > 0),
			count(*) FILTER (WHERE reused > 0), sum(results), sum(born), sum(sealed), sum(documents), sum(working), sum(parked), sum(kept), sum(pages)
		FROM asked JOIN dossier_figures f ON f.agency = asked.agency AND f.received >= $2 AND f.received < $3` + only + ` GROUP BY ` + key + ` ORDER BY ` + key
}

func figureArgs(scope sohoa.Scope, q archive.FigureQuery) []any {
	return []any{agencies(scope), q.From, q.Until, q.Procedure}
}

// FigureCounts implements archive.Figures.
func (c *Catalog) FigureCounts(ctx context.Context, scope sohoa.Scope, q archive.FigureQuery) ([]archive.FigureCount, error) {
	return collect(ctx, c, pgx.RowToStructByPos[archive.FigureCount], selectFigures(q), figureArgs(scope, q)...)
}

// selectWaits counts waits that ended from $2 until $3: ranges of an index that
// has all that is asked for.
func selectWaits(q archive.FigureQuery) string {
	key, only := figureKey(q)
	return askedAgencies("waits") + `SELECT ` + key + `, f.kind, f.seconds, count(*)
		FROM asked JOIN waits f ON f.agency = asked.agency AND f.at >= $2 AND f.at < $3` + only + `
		GROUP BY ` + key + `, f.kind, f.seconds ORDER BY ` + key + `, f.kind, f.seconds`
}

// WaitCounts implements archive.Figures.
func (c *Catalog) WaitCounts(ctx context.Context, scope sohoa.Scope, q archive.FigureQuery) ([]archive.WaitCount, error) {
	return collect(ctx, c, pgx.RowToStructByPos[archive.WaitCount], selectWaits(q), figureArgs(scope, q)...)
}

// The three things that wait now, each by a small index. $2 is a procedure.
const (
	selectWorking = `SELECT o.agency, 'kept', count(*), min(d.accepted_at) FROM documents d JOIN dossiers o ON o.code = d.dossier
		WHERE d.state IN ('accepted', 'reading', 'read', 'parked') AND ` + inScope + ` AND ($2 = '' OR o.procedure = $2) GROUP BY o.agency ORDER BY o.agency`
	selectUnsigned = `SELECT o.agency, 'signed', count(*), min((s.data ->> 'createdAt')::timestamptz)
		FROM set_items i JOIN signing_sets s ON s.id = i.set_id JOIN documents d ON d.id = i.document JOIN dossiers o ON o.code = d.dossier
		WHERE i.open AND ` + inScope + ` AND ($2 = '' OR o.procedure = $2) GROUP BY o.agency ORDER BY o.agency`
	selectUndone = `SELECT o.agency, 'done', count(*), min(o.received) FROM dossier_figures o
		WHERE NOT o.ended AND ` + inScope + ` AND ($2 = '' OR o.procedure = $2) GROUP BY o.agency ORDER BY o.agency`
)

// WaitingNow implements archive.Figures.
func (c *Catalog) WaitingNow(ctx context.Context, scope sohoa.Scope, q archive.FigureQuery) (all []archive.WaitingCount, err error) {
	for _, query := range []string{selectWorking, selectUnsigned, selectUndone} {
		found, err := collect(ctx, c, pgx.RowToStructByPos[archive.WaitingCount], query, agencies(scope), q.Procedure)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	for i := range all {
		all[i].Oldest = all[i].Oldest.UTC()
	}
	return all, nil
}

// putSigned enters how long a document waited for its signers, who have all
// signed; once.
func (t *tx) putSigned(i sohoa.SetItem) error {
	if i.State != sohoa.ItemDone || len(i.Signed) == 0 {
		return nil
	}
	set, err := decoded[sohoa.SigningSet](t.sql.QueryRow(t.ctx, `SELECT data FROM signing_sets WHERE id = $1`, string(i.Set)), "signing set")
	if err != nil {
		return err
	}
	at := i.Signed[len(i.Signed)-1].Time
	return t.exec(`INSERT INTO waits (kind, subject, dossier, agency, procedure, at, seconds)
		SELECT 'signed', $1::text || '/' || d.id, o.code, o.agency, o.procedure, $3, $4 FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.id = $2
		ON CONFLICT DO NOTHING`, string(i.Set), i.Document.String(), stamp(at), sohoa.RoundWait(at.Sub(set.CreatedAt)))
}
