package sqlite

import (
	"context"
	"database/sql"

	"sohoa"
	"sohoa/archive"
)

// FindWaiting implements archive.Waitings.
func (c *Catalog) FindWaiting(ctx context.Context, scope sohoa.Scope, q archive.WaitingQuery) ([]archive.Waiting, error) {
	where, args := within(scope, "o.agency")
	which, who := `i.open AND i.signer = ?`, q.Signer
	if q.Creator != "" {
		which, who = `s.created_by = ? AND (i.open OR i.state = 'refused'
			AND NOT EXISTS (SELECT 1 FROM set_items n WHERE n.document = i.document AND n.set_id > i.set_id))`, q.Creator
	}
	query := `SELECT s.data, i.data, d.data, o.code, o.procedure, o.agency, o.owner_name, o.owner_id, o.owner_birth, o.subject, o.created_at, o.created_by, o.ended, o.due
		FROM set_items i JOIN signing_sets s ON s.id = i.set_id JOIN documents d ON d.id = i.document JOIN dossiers o ON o.code = d.dossier
		WHERE ` + which + ` AND ` + where + `
		ORDER BY min(coalesce(nullif(o.due, ''), '9999'), coalesce(nullif(s.due, ''), '9999')), s.id, i.position LIMIT ?`
	return collect(ctx, c, scanWaiting, query, append(append([]any{who}, args...), limit(q.Limit))...)
}

func scanWaiting(rows *sql.Rows) (w archive.Waiting, err error) {
	var set, item, doc string
	var created int64
	if err = rows.Scan(append([]any{&set, &item, &doc}, dossierColumns(&w.Dossier, &created)...)...); err != nil {
		return w, err
	}
	w.Dossier.CreatedAt = fromMicros(created)
	if w.Set, err = decode[sohoa.SigningSet](set, "signing set"); err != nil {
		return w, err
	}
	if w.Item, err = decode[sohoa.SetItem](item, "item of a signing set"); err != nil {
		return w, err
	}
	w.Document, err = decode[sohoa.Document](doc, "document")
	return w, err
}

// DossierItems implements archive.Waitings.
func (c *Catalog) DossierItems(ctx context.Context, dossier string) ([]sohoa.SetItem, error) {
	return collect(ctx, c, scanJSON[sohoa.SetItem], `SELECT i.data FROM documents d JOIN set_items i ON i.document = d.id
		WHERE d.dossier = ? AND i.set_id = (SELECT max(n.set_id) FROM set_items n WHERE n.document = d.id) ORDER BY i.document`, dossier)
}
