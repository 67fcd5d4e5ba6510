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

const selectKey = `SELECT hash, last_use, data FROM api_keys`

func scanKey(r pgx.Row) (k sohoa.APIKey, err error) {
	var hash, data []byte
	var used *time.Time
	if err := r.Scan(&hash, &used, &data); err != nil {
		return k, err
	}
	err = json.Unmarshal(data, &k)
	k.LastUse = fromStamp(used)
	copy(k.Hash[:], hash)
	return k, err
}

// APIKeys implements archive.Programs.
func (c *Catalog) APIKeys(ctx context.Context) ([]sohoa.APIKey, error) {
	return collect(ctx, c, func(r pgx.CollectableRow) (sohoa.APIKey, error) { return scanKey(r) }, selectKey+` ORDER BY name`)
}

// KeyByHash implements archive.Programs.
func (c *Catalog) KeyByHash(ctx context.Context, hash sohoa.Digest) (sohoa.APIKey, error) {
	k, err := scanKey(c.pool.QueryRow(ctx, selectKey+` WHERE hash = $1`, hash[:]))
	return k, problem(missing(err, archive.UnknownKey("")))
}

// missing is err, with what stands for no row.
func missing(err, none error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return none
	}
	return err
}

const selectHook = `SELECT secret, data FROM webhooks`

func scanHook(r pgx.Row) (h sohoa.Webhook, err error) {
	var secret string
	var data []byte
	if err := r.Scan(&secret, &data); err != nil {
		return h, err
	}
	err = json.Unmarshal(data, &h)
	h.Secret = secret
	return h, err
}

// Webhooks implements archive.Programs.
func (c *Catalog) Webhooks(ctx context.Context) ([]sohoa.Webhook, error) {
	return collect(ctx, c, func(r pgx.CollectableRow) (sohoa.Webhook, error) { return scanHook(r) }, selectHook+` ORDER BY id`)
}

// Deliveries implements archive.Programs.
func (c *Catalog) Deliveries(ctx context.Context, q archive.DeliveryQuery) ([]sohoa.Delivery, error) {
	order := ` ORDER BY hook DESC, number DESC LIMIT $3`
	if q.Oldest {
		order = ` ORDER BY hook, number LIMIT $3`
	}
	return collect(ctx, c, scanJSON[sohoa.Delivery], `SELECT data FROM deliveries WHERE ($1 = '' OR hook = $1) AND ($2 = '' OR state = $2)`+order,
		string(q.Hook), string(q.State), limit(q.Limit))
}

// Expired implements archive.Programs.
func (c *Catalog) Expired(ctx context.Context, scope sohoa.Scope, day sohoa.Date, after sohoa.DocumentID, n int) ([]sohoa.Document, error) {
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT d.data FROM documents d JOIN dossiers o ON o.code = d.dossier
		WHERE `+inScope+` AND d.state = 'kept' AND d.data -> 'life' ->> 'validUntil' = $2 AND d.id > $3
		ORDER BY d.id LIMIT $4`, agencies(scope), string(day), after.String(), limit(n))
}

// APIKey locks the key until the transaction ends or, where there is none, its
// name.
func (t *tx) APIKey(name string) (sohoa.APIKey, error) {
	const q = selectKey + ` WHERE name = $1 FOR NO KEY UPDATE`
	k, err := scanKey(t.sql.QueryRow(t.ctx, q, name))
	if !errors.Is(err, pgx.ErrNoRows) {
		return k, err
	}
	if err := t.lock(lockAPIKey, name); err != nil {
		return k, err
	}
	k, err = scanKey(t.sql.QueryRow(t.ctx, q, name))
	return k, missing(err, archive.UnknownKey(name))
}

func (t *tx) PutAPIKey(k sohoa.APIKey) error {
	data, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO api_keys (name, hash, data) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, data = excluded.data`, k.Name, k.Hash[:], data)
}

func (t *tx) UseAPIKey(name string, at time.Time) error {
	return t.exec(`UPDATE api_keys SET last_use = greatest(last_use, $1) WHERE name = $2`, stamp(at), name)
}

// Webhook locks the webhook until the transaction ends.
func (t *tx) Webhook(id sohoa.SetID) (sohoa.Webhook, error) {
	h, err := scanHook(t.sql.QueryRow(t.ctx, selectHook+` WHERE id = $1 FOR NO KEY UPDATE`, string(id)))
	return h, missing(err, archive.UnknownWebhook(id))
}

func (t *tx) PutWebhook(h sohoa.Webhook) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO webhooks (id, secret, data) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET secret = excluded.secret, data = excluded.data`, string(h.ID), h.Secret, data)
}

func (t *tx) RemoveWebhook(id sohoa.SetID) error {
	if err := t.exec(`DELETE FROM deliveries WHERE hook = $1`, string(id)); err != nil {
		return err
	}
	return t.exec(`DELETE FROM webhooks WHERE id = $1`, string(id))
}

func (t *tx) PutDelivery(d sohoa.Delivery) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO deliveries (hook, number, state, made, data) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (hook, number) DO UPDATE SET state = excluded.state, data = excluded.data`,
		string(d.Hook), d.Number, string(d.State), stamp(d.Made), data)
}

func (t *tx) TrimDeliveries(hook sohoa.SetID, before time.Time, first int) error {
	return t.exec(`DELETE FROM deliveries WHERE hook = $1 AND state <> 'pending' AND (made < $2 OR number < $3)`,
		string(hook), stamp(before), first)
}

// Answer locks the answer until the transaction ends or, where there is none,
// its name: of two that want to make it, the second sees the first one's.
func (t *tx) Answer(actor, id string) (archive.APIAnswer, error) {
	a := archive.APIAnswer{Actor: actor, ID: id}
	if err := t.lock(lockAnswer, actor+"\x1f"+id); err != nil {
		return a, err
	}
	var request []byte
	var until *time.Time
	err := row(t.sql.QueryRow(t.ctx, `SELECT request, until, status, type, body FROM api_answers WHERE actor = $1 AND id = $2`, actor, id),
		"answer", &request, &until, &a.Status, &a.Type, &a.Body)
	a.Until = fromStamp(until)
	copy(a.Request[:], request)
	return a, err
}

func (t *tx) PutAnswer(a archive.APIAnswer) error {
	return t.exec(`INSERT INTO api_answers (actor, id, request, until, status, type, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (actor, id) DO UPDATE SET request = excluded.request, until = excluded.until,
			status = excluded.status, type = excluded.type, body = excluded.body`,
		a.Actor, a.ID, a.Request[:], stamp(a.Until), a.Status, a.Type, append([]byte{}, a.Body...))
}

func (t *tx) RemoveAnswer(actor, id string) error {
	return t.exec(`DELETE FROM api_answers WHERE actor = $1 AND id = $2`, actor, id)
}

func (t *tx) RemoveAnswers(before time.Time) error {
	return t.exec(`DELETE FROM api_answers WHERE until < $1`, stamp(before))
}

func (t *tx) Secret(name string, fresh []byte) ([]byte, error) {
	if err := t.exec(`INSERT INTO api_secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, fresh); err != nil {
		return nil, err
	}
	var value []byte
	return value, row(t.sql.QueryRow(t.ctx, `SELECT value FROM api_secrets WHERE name = $1`, name), "secret", &value)
}
