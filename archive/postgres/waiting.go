package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

// FindWaiting implements archive.Waitings.
func (c *Catalog) FindWaiting(ctx context.Context, scope sohoa.Scope, q archive.WaitingQuery) ([]archive.Waiting, error) {
	which, who := `i.open AND i.signer = $2`, q.Signer
	if q.Creator != "" {
		which, who = `s.created_by = $2 AND (i.open OR i.state = 'refused'
			AND NOT EXISTS (SELECT 1 FROM set_items n WHERE n.document = i.document AND n.set_id > i.set_id))`, q.Creator
	}
	return collect(ctx, c, scanWaiting, `SELECT s.data, i.data, d.data, o.code, o.procedure, o.agency, o.owner_name, o.owner_id, o.owner_birth, o.subject,
			o.created_at, o.created_by, o.ended, o.due
		FROM set_items i JOIN signing_sets s ON s.id = i.set_id JOIN documents d ON d.id = i.document JOIN dossiers o ON o.code = d.dossier
		WHERE `+which+` AND `+inScope+`
		ORDER BY least(coalesce(nullif(o.due, ''), '9999'), coalesce(nullif(s.due, ''), '9999')), s.id, i.position LIMIT $3`,
		agencies(scope), who, limit(q.Limit))
}

func scanWaiting(r pgx.CollectableRow) (w archive.Waiting, err error) {
	var set, item, doc []byte
	var created *time.Time
	if err = r.Scan(append([]any{&set, &item, &doc}, dossierColumns(&w.Dossier, &created)...)...); err != nil {
		return w, err
	}
	w.Dossier.CreatedAt = fromStamp(created)
	return w, errors.Join(json.Unmarshal(set, &w.Set), json.Unmarshal(item, &w.Item), json.Unmarshal(doc, &w.Document))
}

// DossierItems implements archive.Waitings.
func (c *Catalog) DossierItems(ctx context.Context, dossier string) ([]sohoa.SetItem, error) {
	return collect(ctx, c, scanJSON[sohoa.SetItem], `SELECT i.data FROM documents d JOIN set_items i ON i.document = d.id
		WHERE d.dossier = $1 AND i.set_id = (SELECT max(n.set_id) FROM set_items n WHERE n.document = d.id) ORDER BY i.document`, dossier)
}
