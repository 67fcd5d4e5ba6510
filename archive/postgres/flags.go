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

// Flags implements archive.Flags.
func (c *Catalog) Flags(ctx context.Context, scope sohoa.Scope, q archive.FlagQuery) ([]sohoa.Flag, error) {
	return collect(ctx, c, scanJSON[sohoa.Flag], `SELECT data FROM flags o WHERE `+inScope+` AND (open OR NOT $2) ORDER BY id DESC LIMIT $3`,
		agencies(scope), q.Open, limit(q.Limit))
}

// Flag implements archive.Flags.
func (c *Catalog) Flag(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Flag, error) {
	f, err := flagOf(c.pool.QueryRow(ctx, `SELECT data FROM flags o WHERE `+inScope+` AND id = $2`, agencies(scope), string(id)), id)
	return f, problem(err)
}

func flagOf(r pgx.Row, id sohoa.SetID) (sohoa.Flag, error) {
	f, err := decoded[sohoa.Flag](r, "flag")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.UnknownFlag(id)
	}
	return f, err
}

func (t *tx) NoteReadings(e sohoa.Entry, since time.Time, documents []sohoa.DocumentID) error {
	ids := make([]string, len(documents))
	for i, id := range documents {
		ids[i] = id.String()
	}
	err := t.exec(`INSERT INTO readings (actor, document, dossier, purpose, at) SELECT $1, id, dossier, $2, $3 FROM documents
			WHERE id = ANY ($4) AND coalesce(data->>'acceptedBy', '') <> $1
		ON CONFLICT (actor, document) DO UPDATE SET dossier = excluded.dossier, purpose = excluded.purpose, at = excluded.at`,
		e.Actor, e.Purpose, e.Time, ids)
	if err != nil {
		return err
	}
	return t.exec(`DELETE FROM readings WHERE actor = $1 AND at < $2`, e.Actor, since)
}

func (t *tx) CountReadings(actor string, since time.Time) (int, error) {
	var n int
	return n, row(t.sql.QueryRow(t.ctx, `SELECT count(*) FROM readings WHERE actor = $1 AND at >= $2`, actor, since), "readings", &n)
}

func (t *tx) Viewings(actor string, since time.Time) ([]sohoa.Viewing, error) {
	rows, err := t.sql.Query(t.ctx, `SELECT r.document, r.dossier, r.purpose, r.at,
			coalesce(nullif(o.owner_id, ''), o.owner_name || ' ' || o.owner_birth, '')
		FROM readings r LEFT JOIN dossiers o ON o.code = r.dossier WHERE r.actor = $1 AND r.at >= $2 ORDER BY r.at, r.document`, actor, since)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r sohoa.Viewing, err error) {
		var id string
		if err := row.Scan(&id, &r.Dossier, &r.Purpose, &r.At, &r.Person); err != nil {
			return r, err
		}
		r.At = r.At.UTC()
		return r, r.Document.UnmarshalText([]byte(id))
	})
}

func (t *tx) ActorAgency(actor string) (string, error) {
	var agency string
	err := row(t.sql.QueryRow(t.ctx, `SELECT agency FROM users WHERE name = $1`, actor), "user", &agency)
	if errors.Is(err, sohoa.ErrNotExist) {
		return "", nil
	}
	return agency, err
}

func (t *tx) LastFlag(actor string) (sohoa.Flag, error) {
	return decoded[sohoa.Flag](t.sql.QueryRow(t.ctx, `SELECT data FROM flags WHERE actor = $1 ORDER BY id DESC LIMIT 1`, actor), "flag")
}

// Flag locks the flag until the transaction ends.
func (t *tx) Flag(id sohoa.SetID) (sohoa.Flag, error) {
	return flagOf(t.sql.QueryRow(t.ctx, `SELECT data FROM flags WHERE id = $1 FOR NO KEY UPDATE`, string(id)), id)
}

func (t *tx) PutFlag(f sohoa.Flag) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO flags (id, actor, agency, open, data) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET open = excluded.open, data = excluded.data`, string(f.ID), f.Actor, f.Agency, f.Open(), data)
}
