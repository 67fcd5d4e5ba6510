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

// scanner is a row, or one of several.
type scanner interface{ Scan(dest ...any) error }

const selectKey = `SELECT hash, last_use, data FROM api_keys`

func scanKey(r scanner) (k sohoa.APIKey, err error) {
	var hash, data string
	var used int64
	if err := r.Scan(&hash, &used, &data); err != nil {
		return k, err
	}
	if k, err = decode[sohoa.APIKey](data, "API key"); err != nil {
		return k, err
	}
	k.LastUse = fromMicros(used)
	k.Hash, err = sohoa.ParseDigest(hash)
	return k, err
}

// APIKeys implements archive.Programs.
func (c *Catalog) APIKeys(ctx context.Context) ([]sohoa.APIKey, error) {
	return collect(ctx, c, func(r *sql.Rows) (sohoa.APIKey, error) { return scanKey(r) }, selectKey+` ORDER BY name`)
}

// KeyByHash implements archive.Programs.
func (c *Catalog) KeyByHash(ctx context.Context, hash sohoa.Digest) (sohoa.APIKey, error) {
	k, err := scanKey(c.read.QueryRowContext(ctx, selectKey+` WHERE hash = ?`, hash.String()))
	return k, missing(err, archive.UnknownKey(""))
}

// missing is problem, with what stands for no row.
func missing(err, none error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return none
	}
	return problem(err)
}

const selectHook = `SELECT secret, data FROM webhooks`

func scanHook(r scanner) (h sohoa.Webhook, err error) {
	var secret, data string
	if err := r.Scan(&secret, &data); err != nil {
		return h, err
	}
	h, err = decode[sohoa.Webhook](data, "webhook")
	h.Secret = secret
	return h, err
}

// Webhooks implements archive.Programs.
func (c *Catalog) Webhooks(ctx context.Context) ([]sohoa.Webhook, error) {
	return collect(ctx, c, func(r *sql.Rows) (sohoa.Webhook, error) { return scanHook(r) }, selectHook+` ORDER BY id`)
}

// Deliveries implements archive.Programs.
func (c *Catalog) Deliveries(ctx context.Context, q archive.DeliveryQuery) ([]sohoa.Delivery, error) {
	order := ` ORDER BY hook DESC, number DESC LIMIT ?`
	if q.Oldest {
		order = ` ORDER BY hook, number LIMIT ?`
	}
	where, args := `TRUE`, []any{}
	if q.Hook != "" {
		where, args = where+` AND hook = ?`, append(args, string(q.Hook))
	}
	if q.State != "" {
		where, args = where+` AND state = ?`, append(args, string(q.State))
	}
	return collect(ctx, c, scanJSON[sohoa.Delivery], `SELECT data FROM deliveries WHERE `+where+order, append(args, limit(q.Limit))...)
}

// Expired implements archive.Programs.
func (c *Catalog) Expired(ctx context.Context, scope sohoa.Scope, day sohoa.Date, after sohoa.DocumentID, n int) ([]sohoa.Document, error) {
	where, args := within(scope, "o.agency")
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT d.data FROM documents d JOIN dossiers o ON o.code = d.dossier
		WHERE `+where+` AND d.state = 'kept' AND json_extract(d.data, '$.life.validUntil') = ? AND d.id > ?
		ORDER BY d.id LIMIT ?`, append(args, string(day), after.String(), limit(n))...)
}

func (t *tx) APIKey(name string) (sohoa.APIKey, error) {
	k, err := scanKey(t.sql.QueryRowContext(t.ctx, selectKey+` WHERE name = ?`, name))
	return k, missing(err, archive.UnknownKey(name))
}

func (t *tx) PutAPIKey(k sohoa.APIKey) error {
	data, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO api_keys (name, hash, data) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, data = excluded.data`, k.Name, k.Hash.String(), string(data))
}

func (t *tx) UseAPIKey(name string, at time.Time) error {
	return t.exec(`UPDATE api_keys SET last_use = max(last_use, ?) WHERE name = ?`, micros(at), name)
}

func (t *tx) Webhook(id sohoa.SetID) (sohoa.Webhook, error) {
	h, err := scanHook(t.sql.QueryRowContext(t.ctx, selectHook+` WHERE id = ?`, string(id)))
	return h, missing(err, archive.UnknownWebhook(id))
}

func (t *tx) PutWebhook(h sohoa.Webhook) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO webhooks (id, secret, data) VALUES (?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET secret = excluded.secret, data = excluded.data`, string(h.ID), h.Secret, string(data))
}

func (t *tx) RemoveWebhook(id sohoa.SetID) error {
	if err := t.exec(`DELETE FROM deliveries WHERE hook = ?`, string(id)); err != nil {
		return err
	}
	return t.exec(`DELETE FROM webhooks WHERE id = ?`, string(id))
}

func (t *tx) PutDelivery(d sohoa.Delivery) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO deliveries (hook, number, state, made, data) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (hook, number) DO UPDATE SET state = excluded.state, data = excluded.data`,
		string(d.Hook), d.Number, string(d.State), micros(d.Made), string(data))
}

func (t *tx) TrimDeliveries(hook sohoa.SetID, before time.Time, first int) error {
	return t.exec(`DELETE FROM deliveries WHERE hook = ? AND state <> 'pending' AND (made < ? OR number < ?)`,
		string(hook), micros(before), first)
}

func (t *tx) Answer(actor, id string) (archive.APIAnswer, error) {
	a := archive.APIAnswer{Actor: actor, ID: id}
	var request string
	var until int64
	err := row(t.sql.QueryRowContext(t.ctx, `SELECT request, until, status, type, body FROM api_answers WHERE actor = ? AND id = ?`, actor, id),
		"answer", &request, &until, &a.Status, &a.Type, &a.Body)
	if err != nil {
		return a, err
	}
	a.Until = fromMicros(until)
	a.Request, err = sohoa.ParseDigest(request)
	return a, err
}

func (t *tx) PutAnswer(a archive.APIAnswer) error {
	return t.exec(`INSERT INTO api_answers (actor, id, request, until, status, type, body) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (actor, id) DO UPDATE SET request = excluded.request, until = excluded.until,
			status = excluded.status, type = excluded.type, body = excluded.body`,
		a.Actor, a.ID, a.Request.String(), micros(a.Until), a.Status, a.Type, append([]byte{}, a.Body...))
}

func (t *tx) RemoveAnswer(actor, id string) error {
	return t.exec(`DELETE FROM api_answers WHERE actor = ? AND id = ?`, actor, id)
}

func (t *tx) RemoveAnswers(before time.Time) error {
	return t.exec(`DELETE FROM api_answers WHERE until < ?`, micros(before))
}

func (t *tx) Secret(name string, fresh []byte) ([]byte, error) {
	if err := t.exec(`INSERT INTO api_secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`, name, fresh); err != nil {
		return nil, err
	}
	var value []byte
	return value, row(t.sql.QueryRowContext(t.ctx, `SELECT value FROM api_secrets WHERE name = ?`, name), "secret", &value)
}
