package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"sohoa"
)

// Arrangement implements archive.Documents.
func (c *Catalog) Arrangement(ctx context.Context, id sohoa.DocumentID, version int) (sohoa.Arrangement, error) {
	a, err := decoded[sohoa.Arrangement](c.pool.QueryRow(ctx,
		`SELECT data FROM arrangements WHERE document = $1 AND version = $2`, id.String(), version), "arrangement")
	return a, problem(err)
}

// Leaf implements archive.Documents.
func (c *Catalog) Leaf(ctx context.Context, ref sohoa.PageRef) (sohoa.Leaf, error) {
	l, err := decoded[sohoa.Leaf](c.pool.QueryRow(ctx,
		`SELECT data FROM leaves WHERE document = $1 AND page = $2`, ref.Document.String(), ref.Page), "leaf")
	return l, problem(err)
}

// Leaves implements archive.Documents.
func (c *Catalog) Leaves(ctx context.Context, holder sohoa.DocumentID) ([]sohoa.Leaf, error) {
	return collect(ctx, c, scanJSON[sohoa.Leaf], `SELECT data FROM leaves WHERE holder = $1 ORDER BY document, page`, holder.String())
}

// Emptied locks the documents until the transaction ends.
func (t *tx) Emptied(dossier string) ([]sohoa.Document, error) {
	rows, err := t.sql.Query(t.ctx, `SELECT data FROM documents WHERE dossier = $1 AND held AND state = 'read'
		AND data->>'pages' = '0' ORDER BY id FOR NO KEY UPDATE`, dossier)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanJSON[sohoa.Document])
}

func (t *tx) Holders(id sohoa.DocumentID) ([]sohoa.DocumentID, error) {
	rows, err := t.sql.Query(t.ctx, `SELECT DISTINCT holder FROM leaves WHERE document = $1 AND holder <> document
		ORDER BY holder`, id.String())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (sohoa.DocumentID, error) {
		var s string
		if err := r.Scan(&s); err != nil {
			return sohoa.DocumentID{}, err
		}
		return sohoa.ParseDocumentID(s)
	})
}

func (t *tx) PutArrangement(a sohoa.Arrangement) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO arrangements (document, version, data) VALUES ($1, $2, $3)
		ON CONFLICT (document, version) DO UPDATE SET data = excluded.data`, a.Document.String(), a.Version, data)
}

// send runs the statements of a batch in one round trip.
func (t *tx) send(b *pgx.Batch) error { return t.sql.SendBatch(t.ctx, b).Close() }

func (t *tx) PutLeaves(leaves ...sohoa.Leaf) error {
	var b pgx.Batch
	for _, l := range leaves {
		data, err := json.Marshal(l)
		if err != nil {
			return err
		}
		b.Queue(`INSERT INTO leaves (document, page, holder, data) VALUES ($1, $2, $3, $4)
			ON CONFLICT (document, page) DO UPDATE SET holder = excluded.holder, data = excluded.data`,
			l.Ref.Document.String(), l.Ref.Page, l.Holder.String(), data)
	}
	return t.send(&b)
}

func (t *tx) ReplacePages(id sohoa.DocumentID, total int, pages []sohoa.Page, files []sohoa.File) error {
	var b pgx.Batch
	b.Queue(`DELETE FROM pages WHERE document = $1 AND number > $2`, id.String(), total)
	b.Queue(`DELETE FROM files WHERE document = $1 AND (page > $2 OR page = 0 AND role <> $3)`, id.String(), total, string(sohoa.RoleOriginal))
	for _, p := range pages {
		b.Queue(`DELETE FROM files WHERE document = $1 AND page = $2`, id.String(), p.Number)
		args, err := pageRow(p)
		if err != nil {
			return err
		}
		b.Queue(putPage, args...)
	}
	for _, f := range files {
		b.Queue(putFile, fileRow(id, f)...)
	}
	return t.send(&b)
}

func (t *tx) RemoveDocument(id sohoa.DocumentID) error {
	for _, table := range []string{"pages", "files", "arrangements"} {
		if err := t.exec(`DELETE FROM `+table+` WHERE document = $1`, id.String()); err != nil {
			return err
		}
	}
	if err := t.exec(`DELETE FROM documents WHERE id = $1`, id.String()); err != nil {
		return fmt.Errorf("remove document %s: %w", id, err)
	}
	return nil
}
