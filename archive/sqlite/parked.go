package sqlite

import (
	"context"
	"database/sql"

	"sohoa"
	"sohoa/archive"
)

// parkedReason is why a document d is parked.
const parkedReason = `coalesce(json_extract(d.data, '$.problem.code'), '')`

// parkedStage is where it stopped.
const parkedStage = `coalesce(json_extract(d.data, '$.stage'), '')`

// CountParked implements archive.Parkings.
func (c *Catalog) CountParked(ctx context.Context, scope sohoa.Scope) ([]archive.ParkedCount, error) {
	where, args := within(scope, "o.agency")
	scan := func(rows *sql.Rows) (archive.ParkedCount, error) {
		var p archive.ParkedCount
		return p, rows.Scan(&p.Agency, &p.Stage, &p.Reason, &p.Count)
	}
	return collect(ctx, c, scan, `SELECT o.agency, `+parkedStage+` AS stage, `+parkedReason+` AS reason, count(*) AS n
		FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.state = 'parked' AND `+where+`
		GROUP BY 1, 2, 3 ORDER BY n DESC, 1, 2, 3`, args...)
}

// FindParked implements archive.Parkings.
func (c *Catalog) FindParked(ctx context.Context, scope sohoa.Scope, q archive.ParkedQuery) ([]archive.ParkedDocument, error) {
	where, args := within(scope, "o.agency")
	for _, condition := range []struct{ column, value string }{{"o.agency", q.Agency}, {parkedStage, string(q.Stage)}, {parkedReason, q.Reason}} {
		if condition.value != "" {
			where, args = where+` AND `+condition.column+` = ?`, append(args, condition.value)
		}
	}
	if !q.After.IsZero() {
		where, args = where+` AND d.id > ?`, append(args, q.After.String())
	}
	scan := func(rows *sql.Rows) (archive.ParkedDocument, error) {
		var p archive.ParkedDocument
		var data string
		var since int64
		if err := rows.Scan(&data, &p.Agency, &since, &p.Times); err != nil {
			return p, err
		}
		var err error
		p.Since = fromMicros(since)
		p.Document, err = decode[sohoa.Document](data, "document")
		return p, err
	}
	return collect(ctx, c, scan, `SELECT d.data, o.agency,
			coalesce((SELECT max(j.time) FROM journal j WHERE j.document = d.id AND j.action = 'document.park'), 0),
			(SELECT count(*) FROM journal j WHERE j.document = d.id AND j.action = 'document.park')
		FROM documents d JOIN dossiers o ON o.code = d.dossier
		WHERE d.state = 'parked' AND `+where+` ORDER BY d.id LIMIT ?`, append(args, limit(q.Limit))...)
}
