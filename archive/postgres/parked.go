package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

// parkedReason is why a document d is parked.
const parkedReason = `coalesce(d.data -> 'problem' ->> 'code', '')`

// parkedStage is where it stopped.
const parkedStage = `coalesce(d.data ->> 'stage', '')`

// CountParked implements archive.Parkings.
func (c *Catalog) CountParked(ctx context.Context, scope sohoa.Scope) ([]archive.ParkedCount, error) {
	return collect(ctx, c, pgx.RowToStructByPos[archive.ParkedCount], `SELECT o.agency, `+parkedStage+`, `+parkedReason+`, count(*) AS n
		FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.state = 'parked' AND `+inScope+`
		GROUP BY 1, 2, 3 ORDER BY n DESC, 1, 2, 3`, agencies(scope))
}

// FindParked implements archive.Parkings.
func (c *Catalog) FindParked(ctx context.Context, scope sohoa.Scope, q archive.ParkedQuery) ([]archive.ParkedDocument, error) {
	after := ""
	if !q.After.IsZero() {
		after = q.After.String()
	}
	scan := func(r pgx.CollectableRow) (archive.ParkedDocument, error) {
		var p archive.ParkedDocument
		var data []byte
		var since *time.Time
		if err := r.Scan(&data, &p.Agency, &since, &p.Times); err != nil {
			return p, err
		}
		p.Since = fromStamp(since)
		return p, json.Unmarshal(data, &p.Document)
	}
	return collect(ctx, c, scan, `SELECT d.data, o.agency,
			(SELECT max(j.time) FROM journal j WHERE j.document = d.id AND j.action = 'document.park'),
			(SELECT count(*) FROM journal j WHERE j.document = d.id AND j.action = 'document.park')
		FROM documents d JOIN dossiers o ON o.code = d.dossier
		WHERE d.state = 'parked' AND `+inScope+` AND ($2 = '' OR o.agency = $2) AND ($3 = '' OR `+parkedStage+` = $3)
			AND ($4 = '' OR `+parkedReason+` = $4) AND ($5 = '' OR d.id > $5) ORDER BY d.id LIMIT $6`,
		agencies(scope), q.Agency, string(q.Stage), q.Reason, after, limit(q.Limit))
}
