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

// Flags implements archive.Flags.
func (c *Catalog) Flags(ctx context.Context, scope sohoa.Scope, q archive.FlagQuery) ([]sohoa.Flag, error) {
	where, args := within(scope, "agency")
	if q.Open {
		where += ` AND open`
	}
	return collect(ctx, c, scanJSON[sohoa.Flag], `SELECT data FROM flags WHERE `+where+` ORDER BY id DESC LIMIT ?`, append(args, limit(q.Limit))...)
}

// Flag implements archive.Flags.
func (c *Catalog) Flag(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Flag, error) {
	where, args := within(scope, "agency")
	return flagOf(c.read.QueryRowContext(ctx, `SELECT data FROM flags WHERE id = ? AND `+where, append([]any{string(id)}, args...)...), id)
}

func flagOf(r *sql.Row, id sohoa.SetID) (sohoa.Flag, error) {
	f, err := decoded[sohoa.Flag](r, "flag")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.UnknownFlag(id)
	}
	return f, err
}

func (t *tx) NoteReadings(e sohoa.Entry, since time.Time, documents []sohoa.DocumentID) error {
	for _, id := range documents {
		err := t.exec(`INSERT INTO readings (actor, document, dossier, purpose, at) SELECT ?, id, dossier, ?, ? FROM documents
				WHERE id = ? AND coalesce(json_extract(data, '$.acceptedBy'), '') <> ?
			ON CONFLICT (actor, document) DO UPDATE SET dossier = excluded.dossier, purpose = excluded.purpose, at = excluded.at`,
			e.Actor, e.Purpose, micros(e.Time), id.String(), e.Actor)
		if err != nil {
			return err
		}
	}
	return t.exec(`DELETE FROM readings WHERE actor = ? AND at < ?`, e.Actor, micros(since))
}

func (t *tx) CountReadings(actor string, since time.Time) (int, error) {
	var n int
	return n, row(t.sql.QueryRowContext(t.ctx, `SELECT count(*) FROM readings WHERE actor = ? AND at >= ?`, actor, micros(since)), "readings", &n)
}

func (t *tx) Viewings(actor string, since time.Time) ([]sohoa.Viewing, error) {
	rows, err := t.sql.QueryContext(t.ctx, `SELECT r.document, r.dossier, r.purpose, r.at,
			coalesce(nullif(o.owner_id, ''), o.owner_name || ' ' || o.owner_birth, '')
		FROM readings r LEFT JOIN dossiers o ON o.code = r.dossier WHERE r.actor = ? AND r.at >= ? ORDER BY r.at, r.document`, actor, micros(since))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []sohoa.Viewing
	for rows.Next() {
		var r sohoa.Viewing
		var id string
		var at int64
		if err := rows.Scan(&id, &r.Dossier, &r.Purpose, &at, &r.Person); err != nil {
			return nil, err
		}
		if err := r.Document.UnmarshalText([]byte(id)); err != nil {
			return nil, err
		}
		r.At = fromMicros(at)
		all = append(all, r)
	}
	return all, rows.Err()
}

func (t *tx) ActorAgency(actor string) (string, error) {
	var agency string
	err := row(t.sql.QueryRowContext(t.ctx, `SELECT agency FROM users WHERE name = ?`, actor), "user", &agency)
	return agency, ignoreMissing(err)
}

func (t *tx) LastFlag(actor string) (sohoa.Flag, error) {
	return decoded[sohoa.Flag](t.sql.QueryRowContext(t.ctx, `SELECT data FROM flags WHERE actor = ? ORDER BY id DESC LIMIT 1`, actor), "flag")
}

func (t *tx) Flag(id sohoa.SetID) (sohoa.Flag, error) {
	return flagOf(t.sql.QueryRowContext(t.ctx, `SELECT data FROM flags WHERE id = ?`, string(id)), id)
}

func (t *tx) PutFlag(f sohoa.Flag) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO flags (id, actor, agency, open, data) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET open = excluded.open, data = excluded.data`, string(f.ID), f.Actor, f.Agency, f.Open(), string(data))
}
