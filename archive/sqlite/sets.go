package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"sohoa"
	"sohoa/archive"
)

// SigningSet implements archive.Signings.
func (c *Catalog) SigningSet(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.SigningSet, error) {
	where, args := within(scope, "agency")
	q := `SELECT data FROM signing_sets WHERE id = ? AND ` + where
	return setOf(c.read.QueryRowContext(ctx, q, append([]any{string(id)}, args...)...), id)
}

func setOf(r *sql.Row, id sohoa.SetID) (sohoa.SigningSet, error) {
	s, err := decoded[sohoa.SigningSet](r, "signing set")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.UnknownSet(id)
	}
	return s, err
}

// FindSigningSets implements archive.Signings.
func (c *Catalog) FindSigningSets(ctx context.Context, scope sohoa.Scope, q archive.SetQuery) ([]archive.SetSummary, error) {
	where, args := within(scope, "s.agency")
	if q.Open {
		where += ` AND s.state = 'open'`
	}
	if q.Creator != "" {
		where, args = where+` AND s.created_by = ?`, append(args, q.Creator)
	}
	args = append([]any{q.Signer}, args...)
	query := `SELECT s.data, count(i.document), count(i.document) FILTER (WHERE i.state = 'done'),
			count(i.document) FILTER (WHERE i.open AND i.signer = ?) AS waiting
		FROM signing_sets s LEFT JOIN set_items i ON i.set_id = s.id WHERE ` + where + ` GROUP BY s.id`
	if q.Signer != "" {
		query += ` HAVING waiting > 0`
	}
	scan := func(rows *sql.Rows) (archive.SetSummary, error) {
		var s archive.SetSummary
		var data string
		err := rows.Scan(&data, &s.Items, &s.Done, &s.Waiting)
		if err == nil {
			s.SigningSet, err = decode[sohoa.SigningSet](data, "signing set")
		}
		return s, err
	}
	return collect(ctx, c, scan, query+` ORDER BY s.id DESC LIMIT ?`, append(args, limit(q.Limit))...)
}

const selectItems = `SELECT data FROM set_items WHERE set_id = ? ORDER BY position`

// SetItems implements archive.Signings.
func (c *Catalog) SetItems(ctx context.Context, id sohoa.SetID) ([]sohoa.SetItem, error) {
	return collect(ctx, c, scanJSON[sohoa.SetItem], selectItems, string(id))
}

// DocumentItem implements archive.Signings.
func (c *Catalog) DocumentItem(ctx context.Context, id sohoa.DocumentID) (sohoa.SetItem, error) {
	return itemOf(c.read.QueryRowContext(ctx, selectWaiting, id.String()))
}

const selectWaiting = `SELECT data FROM set_items WHERE document = ? AND open`

func itemOf(r *sql.Row) (sohoa.SetItem, error) {
	return decoded[sohoa.SetItem](r, "item of a signing set")
}

const selectPending = `SELECT data FROM pending_signatures WHERE id = ?`

// Pending implements archive.Signings.
func (c *Catalog) Pending(ctx context.Context, id sohoa.SetID) (sohoa.PendingSignature, error) {
	return pendingOf(c.read.QueryRowContext(ctx, selectPending, string(id)))
}

func pendingOf(r *sql.Row) (sohoa.PendingSignature, error) {
	return decoded[sohoa.PendingSignature](r, "signature under way")
}

// FindPending implements archive.Signings.
func (c *Catalog) FindPending(ctx context.Context, q archive.PendingQuery) ([]sohoa.PendingSignature, error) {
	query, args := `SELECT json_remove(data, '$.prepared') FROM pending_signatures WHERE TRUE`, []any{}
	also := func(condition string, arg any) { query, args = query+` AND `+condition, append(args, arg) }
	if !q.Document.IsZero() {
		also(`document = ?`, q.Document.String())
	}
	if q.Set != "" {
		also(`set_id = ?`, string(q.Set))
	}
	if q.Flow != "" {
		also(`flow = ?`, string(q.Flow))
	}
	if !q.Secret.IsZero() {
		also(`secret = ?`, q.Secret.String())
	}
	if !q.Before.IsZero() {
		also(`expires < ?`, micros(q.Before))
	}
	return collect(ctx, c, scanJSON[sohoa.PendingSignature], query+` ORDER BY created, id`, args...)
}

// ProofEnding implements archive.Signings.
func (c *Catalog) ProofEnding(ctx context.Context, t time.Time, n int) ([]sohoa.Document, error) {
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT data FROM documents WHERE proof_until > 0 AND proof_until < ?
		AND state = 'kept' ORDER BY proof_until LIMIT ?`, micros(t), limit(n))
}

// Lookup implements archive.Signings.
func (c *Catalog) Lookup(ctx context.Context, code string) (sohoa.Document, error) {
	q := `SELECT data FROM documents WHERE lookup = ? AND lookup <> ''`
	return decoded[sohoa.Document](c.read.QueryRowContext(ctx, q, code), "document")
}

func (t *tx) SigningSet(id sohoa.SetID) (sohoa.SigningSet, error) {
	return setOf(t.sql.QueryRowContext(t.ctx, `SELECT data FROM signing_sets WHERE id = ?`, string(id)), id)
}

func (t *tx) PutSigningSet(s sohoa.SigningSet) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO signing_sets (id, agency, state, created_by, due, data) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, data = excluded.data`,
		string(s.ID), s.Agency, string(s.State), s.CreatedBy, string(s.Due), string(data))
}

func (t *tx) SetItems(id sohoa.SetID) ([]sohoa.SetItem, error) {
	var all []sohoa.SetItem
	err := t.each(func(data string) error {
		i, err := decode[sohoa.SetItem](data, "item of a signing set")
		all = append(all, i)
		return err
	}, selectItems, string(id))
	return all, err
}

func (t *tx) SetItem(id sohoa.SetID, document sohoa.DocumentID) (sohoa.SetItem, error) {
	q := `SELECT data FROM set_items WHERE set_id = ? AND document = ?`
	return itemOf(t.sql.QueryRowContext(t.ctx, q, string(id), document.String()))
}

func (t *tx) DocumentItem(id sohoa.DocumentID) (sohoa.SetItem, error) {
	return itemOf(t.sql.QueryRowContext(t.ctx, selectWaiting, id.String()))
}

func (t *tx) PutSetItem(i sohoa.SetItem) error {
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	if i.State.Open() {
		err := t.free(`SELECT count(*) FROM set_items WHERE document = ? AND set_id <> ? AND open`, i.Document.String(), string(i.Set))
		if err != nil {
			return err
		}
	}
	if err := t.putSigned(i); err != nil {
		return err
	}
	return t.exec(`INSERT INTO set_items (set_id, document, position, state, open, signer, data) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (set_id, document) DO UPDATE SET position = excluded.position, state = excluded.state,
			open = excluded.open, signer = excluded.signer, data = excluded.data`,
		string(i.Set), i.Document.String(), i.Position, string(i.State), i.State.Open(), i.Signer, string(data))
}

// free fails with sohoa.ErrConflict unless the query counts nothing.
func (t *tx) free(query string, document string, not string) error {
	var n int
	if err := row(t.sql.QueryRowContext(t.ctx, query, document, not), "signature under way", &n); err != nil {
		return err
	}
	if n > 0 {
		return archive.DocumentTaken(document)
	}
	return nil
}

func (t *tx) Pending(id sohoa.SetID) (sohoa.PendingSignature, error) {
	return pendingOf(t.sql.QueryRowContext(t.ctx, selectPending, string(id)))
}

func (t *tx) DocumentPending(id sohoa.DocumentID) (sohoa.PendingSignature, error) {
	return pendingOf(t.sql.QueryRowContext(t.ctx, `SELECT data FROM pending_signatures WHERE document = ?`, id.String()))
}

func (t *tx) PutPending(p sohoa.PendingSignature) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := t.free(`SELECT count(*) FROM pending_signatures WHERE document = ? AND id <> ?`, p.Document.String(), string(p.ID)); err != nil {
		return err
	}
	return t.exec(`INSERT INTO pending_signatures (id, document, set_id, flow, secret, created, expires, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET flow = excluded.flow, secret = excluded.secret, expires = excluded.expires, data = excluded.data`,
		string(p.ID), p.Document.String(), string(p.Set), string(p.Flow), secretOf(p.Secret), micros(p.Created), micros(p.Expires), string(data))
}

func secretOf(d sohoa.Digest) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func (t *tx) RemovePending(id sohoa.SetID) error {
	return t.exec(`DELETE FROM pending_signatures WHERE id = ?`, string(id))
}
