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

func (t *tx) PutLeaf(l sohoa.Leaf) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO leaves (document, page, holder, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (document, page) DO UPDATE SET holder = excluded.holder, data = excluded.data`,
		l.Ref.Document.String(), l.Ref.Page, l.Holder.String(), data)
}

func (t *tx) ReplacePages(id sohoa.DocumentID, pages []sohoa.Page, files []sohoa.File) error {
	if err := t.exec(`DELETE FROM pages WHERE document = $1`, id.String()); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM files WHERE document = $1 AND role <> $2`, id.String(), string(sohoa.RoleOriginal)); err != nil {
		return err
	}
	for _, p := range pages {
		if err := t.PutPage(p); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := t.PutFile(id, f); err != nil {
			return err
		}
	}
	return nil
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
