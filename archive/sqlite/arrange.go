package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"sohoa"
)

// Arrangement implements archive.Documents.
func (c *Catalog) Arrangement(ctx context.Context, id sohoa.DocumentID, version int) (sohoa.Arrangement, error) {
	q := `SELECT data FROM arrangements WHERE document = ? AND version = ?`
	return decoded[sohoa.Arrangement](c.read.QueryRowContext(ctx, q, id.String(), version), "arrangement")
}

// Leaf implements archive.Documents.
func (c *Catalog) Leaf(ctx context.Context, ref sohoa.PageRef) (sohoa.Leaf, error) {
	q := `SELECT data FROM leaves WHERE document = ? AND page = ?`
	return decoded[sohoa.Leaf](c.read.QueryRowContext(ctx, q, ref.Document.String(), ref.Page), "leaf")
}

// Leaves implements archive.Documents.
func (c *Catalog) Leaves(ctx context.Context, holder sohoa.DocumentID) ([]sohoa.Leaf, error) {
	return collect(ctx, c, scanJSON[sohoa.Leaf], `SELECT data FROM leaves WHERE holder = ? ORDER BY document, page`, holder.String())
}

// each runs a query and calls f with the first column of every row.
func (t *tx) each(f func(string) error, query string, args ...any) error {
	rows, err := t.sql.QueryContext(t.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		if err := f(s); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t *tx) Emptied(dossier string) ([]sohoa.Document, error) {
	var all []sohoa.Document
	err := t.each(func(data string) error {
		d, err := decode[sohoa.Document](data, "document")
		if d.Pages == 0 {
			all = append(all, d)
		}
		return err
	}, `SELECT data FROM documents WHERE dossier = ? AND held AND state = 'read' ORDER BY id`, dossier)
	return all, err
}

func (t *tx) Holders(id sohoa.DocumentID) ([]sohoa.DocumentID, error) {
	var all []sohoa.DocumentID
	err := t.each(func(s string) error {
		holder, err := sohoa.ParseDocumentID(s)
		all = append(all, holder)
		return err
	}, `SELECT DISTINCT holder FROM leaves WHERE document = ? AND holder <> document ORDER BY holder`, id.String())
	return all, err
}

func (t *tx) PutArrangement(a sohoa.Arrangement) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO arrangements (document, version, data) VALUES (?, ?, ?)
		ON CONFLICT (document, version) DO UPDATE SET data = excluded.data`, a.Document.String(), a.Version, string(data))
}

func (t *tx) PutLeaves(leaves ...sohoa.Leaf) error {
	for _, l := range leaves {
		data, err := json.Marshal(l)
		if err != nil {
			return err
		}
		err = t.exec(`INSERT INTO leaves (document, page, holder, data) VALUES (?, ?, ?, ?)
			ON CONFLICT (document, page) DO UPDATE SET holder = excluded.holder, data = excluded.data`,
			l.Ref.Document.String(), l.Ref.Page, l.Holder.String(), string(data))
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) ReplacePages(id sohoa.DocumentID, total int, pages []sohoa.Page, files []sohoa.File) error {
	if err := t.exec(`DELETE FROM pages WHERE document = ? AND number > ?`, id.String(), total); err != nil {
		return err
	}
	err := t.exec(`DELETE FROM files WHERE document = ? AND (page > ? OR page = 0 AND role <> ?)`,
		id.String(), total, string(sohoa.RoleOriginal))
	if err != nil {
		return err
	}
	for _, p := range pages {
		if err := t.exec(`DELETE FROM files WHERE document = ? AND page = ?`, id.String(), p.Number); err != nil {
			return err
		}
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
		if err := t.exec(`DELETE FROM `+table+` WHERE document = ?`, id.String()); err != nil {
			return err
		}
	}
	if err := t.exec(`DELETE FROM documents WHERE id = ?`, id.String()); err != nil {
		return fmt.Errorf("remove document %s: %w", id, err)
	}
	return nil
}
