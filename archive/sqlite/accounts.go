package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"sohoa"
	"sohoa/archive"
)

const (
	selectFactors = `SELECT data FROM factors WHERE username = ?`
	selectDevices = `SELECT data FROM devices WHERE username = ? AND expires > ? ORDER BY last DESC, id`
)

// Factors implements archive.Accounts.
func (c *Catalog) Factors(ctx context.Context, user string) (archive.Factors, error) {
	return factorsOr(decoded[archive.Factors](c.read.QueryRowContext(ctx, selectFactors, user), "factors"))(user)
}

// factorsOr makes none of what is not there.
func factorsOr(f archive.Factors, err error) func(user string) (archive.Factors, error) {
	return func(user string) (archive.Factors, error) {
		if errors.Is(err, sohoa.ErrNotExist) {
			return archive.Factors{User: user}, nil
		}
		return f, err
	}
}

// FactorsBy implements archive.Accounts.
func (c *Catalog) FactorsBy(ctx context.Context, by archive.FactorKey) (archive.Factors, error) {
	return decoded[archive.Factors](c.read.QueryRowContext(ctx,
		`SELECT data FROM factors WHERE handle = ?1 AND ?1 <> '' OR subject = ?2 AND ?2 <> ''`, by.Handle, by.Subject), "factors")
}

// Devices implements archive.Accounts.
func (c *Catalog) Devices(ctx context.Context, user string) ([]archive.Device, error) {
	return collect(ctx, c, scanJSON[archive.Device], selectDevices, user, micros(c.now()))
}

// Device implements archive.Accounts.
func (c *Catalog) Device(ctx context.Context, id string) (archive.Device, error) {
	return decoded[archive.Device](c.read.QueryRowContext(ctx, `SELECT data FROM devices WHERE id = ?`, id), "device")
}

func (t *tx) Users() ([]sohoa.User, error) {
	rows, err := t.sql.QueryContext(t.ctx, selectUsers+`ORDER BY name`)
	if err != nil {
		return nil, problem(err)
	}
	defer rows.Close()
	var all []sohoa.User
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, rows.Err()
}

func (t *tx) Factors(user string) (archive.Factors, error) {
	return factorsOr(decoded[archive.Factors](t.sql.QueryRowContext(t.ctx, selectFactors, user), "factors"))(user)
}

func (t *tx) PutFactors(f archive.Factors) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if f.Subject != "" {
		var other string
		err := t.sql.QueryRowContext(t.ctx, `SELECT username FROM factors WHERE subject = ? AND username <> ?`, f.Subject, f.User).Scan(&other)
		if err == nil {
			return fmt.Errorf("subject of %q: %w", other, sohoa.ErrConflict)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return problem(err)
		}
	}
	return t.exec(`INSERT INTO factors (username, handle, subject, data) VALUES (?, ?, NULLIF(?, ''), ?)
		ON CONFLICT (username) DO UPDATE SET handle = excluded.handle, subject = excluded.subject, data = excluded.data`,
		f.User, f.Handle, f.Subject, string(data))
}

func (t *tx) PutDevice(d archive.Device) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM devices WHERE expires <= ?`, micros(t.now())); err != nil {
		return err
	}
	return t.exec(`INSERT INTO devices (id, username, last, expires, data) VALUES (?, ?, ?, ?, ?)`, d.ID, d.User, micros(d.Last), micros(d.Expires), string(data))
}

func (t *tx) UseDevice(d archive.Device) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return t.exec(`UPDATE devices SET last = ?, data = ? WHERE id = ?`, micros(d.Last), string(data), d.ID)
}

func (t *tx) EndDevice(user, id string) error {
	ended, err := t.endDevices(`DELETE FROM devices WHERE username = ? AND id = ?`, user, id)
	if err == nil && ended == 0 {
		err = archive.UnknownDevice(id)
	}
	return err
}

func (t *tx) EndDevices(user, but string) (int, error) {
	return t.endDevices(`DELETE FROM devices WHERE username = ? AND id <> ?`, user, but)
}

func (t *tx) endDevices(query string, args ...any) (int, error) {
	r, err := t.sql.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, problem(err)
	}
	n, err := r.RowsAffected()
	return int(n), err
}
