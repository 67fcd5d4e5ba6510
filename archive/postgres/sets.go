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

// SigningSet implements archive.Signings.
func (c *Catalog) SigningSet(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.SigningSet, error) {
	s, err := setOf(c.pool.QueryRow(ctx, `SELECT data FROM signing_sets o WHERE `+inScope+` AND id = $2`, agencies(scope), string(id)), id)
	return s, problem(err)
}

func setOf(r pgx.Row, id sohoa.SetID) (sohoa.SigningSet, error) {
	s, err := decoded[sohoa.SigningSet](r, "signing set")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.UnknownSet(id)
	}
	return s, err
}

// FindSigningSets implements archive.Signings.
func (c *Catalog) FindSigningSets(ctx context.Context, scope sohoa.Scope, q archive.SetQuery) ([]archive.SetSummary, error) {
	scan := func(r pgx.CollectableRow) (archive.SetSummary, error) {
		var s archive.SetSummary
		var data []byte
		err := r.Scan(&data, &s.Items, &s.Done, &s.Waiting)
		if err == nil {
			err = json.Unmarshal(data, &s.SigningSet)
		}
		return s, err
	}
	return collect(ctx, c, scan, `SELECT o.data, i.items, i.done, i.waiting FROM signing_sets o, LATERAL (
			SELECT count(*) AS items, count(*) FILTER (WHERE state = 'done') AS done,
				count(*) FILTER (WHERE open AND signer = $2) AS waiting FROM set_items WHERE set_id = o.id) i
		WHERE `+inScope+` AND ($2 = '' OR i.waiting > 0) AND (NOT $3 OR o.state = 'open') AND ($4 = '' OR o.created_by = $4)
		ORDER BY o.id DESC LIMIT $5`,
		agencies(scope), q.Signer, q.Open, q.Creator, limit(q.Limit))
}

const selectItems = `SELECT data FROM set_items WHERE set_id = $1 ORDER BY position`

// SetItems implements archive.Signings.
func (c *Catalog) SetItems(ctx context.Context, id sohoa.SetID) ([]sohoa.SetItem, error) {
	return collect(ctx, c, scanJSON[sohoa.SetItem], selectItems, string(id))
}

// DocumentItem implements archive.Signings.
func (c *Catalog) DocumentItem(ctx context.Context, id sohoa.DocumentID) (sohoa.SetItem, error) {
	i, err := decoded[sohoa.SetItem](c.pool.QueryRow(ctx,
		`SELECT data FROM set_items WHERE document = $1 AND open`, id.String()), "item of a signing set")
	return i, problem(err)
}

const selectPending = `SELECT data FROM pending_signatures WHERE id = $1`

// Pending implements archive.Signings.
func (c *Catalog) Pending(ctx context.Context, id sohoa.SetID) (sohoa.PendingSignature, error) {
	p, err := decoded[sohoa.PendingSignature](c.pool.QueryRow(ctx, selectPending, string(id)), "signature under way")
	return p, problem(err)
}

// FindPending implements archive.Signings.
func (c *Catalog) FindPending(ctx context.Context, q archive.PendingQuery) ([]sohoa.PendingSignature, error) {
	return collect(ctx, c, scanJSON[sohoa.PendingSignature], `SELECT data::jsonb - 'prepared' FROM pending_signatures
		WHERE ($1 = '' OR document = $1) AND ($2 = '' OR set_id = $2) AND ($3 = '' OR flow = $3) AND ($4 = '' OR secret = $4)
			AND ($5::timestamptz IS NULL OR expires < $5)
		ORDER BY created, id`, q.Document.String(), string(q.Set), string(q.Flow), secretOf(q.Secret), stamp(q.Before))
}

// ProofEnding implements archive.Signings.
func (c *Catalog) ProofEnding(ctx context.Context, t time.Time, n int) ([]sohoa.Document, error) {
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT data FROM documents WHERE proof_until < $1 AND state = 'kept'
		ORDER BY proof_until LIMIT $2`, stamp(t), limit(n))
}

// Lookup implements archive.Signings.
func (c *Catalog) Lookup(ctx context.Context, code string) (sohoa.Document, error) {
	d, err := decoded[sohoa.Document](c.pool.QueryRow(ctx,
		`SELECT data FROM documents WHERE lookup = $1 AND lookup <> ''`, code), "document")
	return d, problem(err)
}

// SigningSet locks the set until the transaction ends.
func (t *tx) SigningSet(id sohoa.SetID) (sohoa.SigningSet, error) {
	return setOf(t.sql.QueryRow(t.ctx, `SELECT data FROM signing_sets WHERE id = $1 FOR NO KEY UPDATE`, string(id)), id)
}

func (t *tx) PutSigningSet(s sohoa.SigningSet) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO signing_sets (id, agency, state, created_by, due, data) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, data = excluded.data`,
		string(s.ID), s.Agency, string(s.State), s.CreatedBy, string(s.Due), data)
}

// SetItems locks the items until the transaction ends.
func (t *tx) SetItems(id sohoa.SetID) ([]sohoa.SetItem, error) {
	rows, err := t.sql.Query(t.ctx, selectItems+` FOR NO KEY UPDATE`, string(id))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanJSON[sohoa.SetItem])
}

// SetItem locks the item until the transaction ends.
func (t *tx) SetItem(id sohoa.SetID, document sohoa.DocumentID) (sohoa.SetItem, error) {
	return decoded[sohoa.SetItem](t.sql.QueryRow(t.ctx, `SELECT data FROM set_items WHERE set_id = $1 AND document = $2
		FOR NO KEY UPDATE`, string(id), document.String()), "item of a signing set")
}

func (t *tx) PutSetItem(i sohoa.SetItem) error {
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	if i.State.Open() {
		err := t.free(`SELECT count(*) FROM set_items WHERE document = $1 AND set_id <> $2 AND open`, i.Document.String(), string(i.Set))
		if err != nil {
			return err
		}
	}
	if err := t.putSigned(i); err != nil {
		return err
	}
	return t.exec(`INSERT INTO set_items (set_id, document, position, state, open, signer, data) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (set_id, document) DO UPDATE SET position = excluded.position, state = excluded.state,
			open = excluded.open, signer = excluded.signer, data = excluded.data`,
		string(i.Set), i.Document.String(), i.Position, string(i.State), i.State.Open(), i.Signer, data)
}

// free fails with sohoa.ErrConflict unless the query counts nothing. Where
// another transaction gets there first, this one is run again.
func (t *tx) free(query string, document string, not string) error {
	var n int
	if err := row(t.sql.QueryRow(t.ctx, query, document, not), "signature under way", &n); err != nil {
		return err
	}
	if n > 0 {
		return archive.DocumentTaken(document)
	}
	return nil
}

// DocumentItem locks the item until the transaction ends.
func (t *tx) DocumentItem(id sohoa.DocumentID) (sohoa.SetItem, error) {
	return decoded[sohoa.SetItem](t.sql.QueryRow(t.ctx, `SELECT data FROM set_items WHERE document = $1 AND open
		FOR NO KEY UPDATE`, id.String()), "item of a signing set")
}

// DocumentPending locks the signature until the transaction ends.
func (t *tx) DocumentPending(id sohoa.DocumentID) (sohoa.PendingSignature, error) {
	return decoded[sohoa.PendingSignature](t.sql.QueryRow(t.ctx, `SELECT data FROM pending_signatures WHERE document = $1
		FOR NO KEY UPDATE`, id.String()), "signature under way")
}

// Pending locks the signature until the transaction ends.
func (t *tx) Pending(id sohoa.SetID) (sohoa.PendingSignature, error) {
	return decoded[sohoa.PendingSignature](t.sql.QueryRow(t.ctx, selectPending+` FOR NO KEY UPDATE`, string(id)), "signature under way")
}

func (t *tx) PutPending(p sohoa.PendingSignature) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := t.free(`SELECT count(*) FROM pending_signatures WHERE document = $1 AND id <> $2`, p.Document.String(), string(p.ID)); err != nil {
		return err
	}
	return t.exec(`INSERT INTO pending_signatures (id, document, set_id, flow, secret, created, expires, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE SET flow = excluded.flow, secret = excluded.secret, expires = excluded.expires, data = excluded.data`,
		string(p.ID), p.Document.String(), string(p.Set), string(p.Flow), secretOf(p.Secret), stamp(p.Created), stamp(p.Expires), data)
}

func secretOf(d sohoa.Digest) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func (t *tx) RemovePending(id sohoa.SetID) error {
	return t.exec(`DELETE FROM pending_signatures WHERE id = $1`, string(id))
}
