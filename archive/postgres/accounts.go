package postgres

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

const (
	selectFactors = `SELECT data FROM factors WHERE username = $1`
	selectDevices = `SELECT data FROM devices WHERE username = $1 AND expires > $2 ORDER BY last DESC, id`
)

// Factors implements archive.Accounts.
func (c *Catalog) Factors(ctx context.Context, user string) (archive.Factors, error) {
	f, err := factorsOf(c.pool.QueryRow(ctx, selectFactors, user), user)
	return f, problem(err)
}

// factorsOf reads a row; none are those of who set none up.
func factorsOf(r pgx.Row, user string) (archive.Factors, error) {
	f, err := decoded[archive.Factors](r, "factors")
	if errors.Is(err, sohoa.ErrNotExist) {
		return archive.Factors{User: user}, nil
	}
	return f, err
}

// FactorsBy implements archive.Accounts.
func (c *Catalog) FactorsBy(ctx context.Context, by archive.FactorKey) (archive.Factors, error) {
	f, err := decoded[archive.Factors](c.pool.QueryRow(ctx,
		`SELECT data FROM factors WHERE handle = $1 AND $1 <> '' OR subject = $2 AND $2 <> ''`, by.Handle, by.Subject), "factors")
	return f, problem(err)
}

// Devices implements archive.Accounts.
func (c *Catalog) Devices(ctx context.Context, user string) ([]archive.Device, error) {
	return collect(ctx, c, scanJSON[archive.Device], selectDevices, user, c.now())
}

// Device implements archive.Accounts.
func (c *Catalog) Device(ctx context.Context, id string) (archive.Device, error) {
	d, err := decoded[archive.Device](c.pool.QueryRow(ctx, `SELECT data FROM devices WHERE id = $1`, id), "device")
	return d, problem(err)
}

// Users locks the list of people until the transaction ends.
func (t *tx) Users() ([]sohoa.User, error) {
	if err := t.lock(lockUser, ""); err != nil {
		return nil, err
	}
	rows, err := t.sql.Query(t.ctx, selectUser+`ORDER BY name`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanUser)
}

func (t *tx) Factors(user string) (archive.Factors, error) {
	return factorsOf(t.sql.QueryRow(t.ctx, selectFactors, user), user)
}

func (t *tx) PutFactors(f archive.Factors) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO factors (username, handle, subject, data) VALUES ($1, $2, NULLIF($3, ''), $4)
		ON CONFLICT (username) DO UPDATE SET handle = excluded.handle, subject = excluded.subject, data = excluded.data`,
		f.User, f.Handle, f.Subject, data)
}

func (t *tx) PutDevice(d archive.Device) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM devices WHERE expires <= $1`, t.now()); err != nil {
		return err
	}
	return t.exec(`INSERT INTO devices (id, username, last, expires, data) VALUES ($1, $2, $3, $4, $5)`, d.ID, d.User, d.Last.UTC(), d.Expires.UTC(), data)
}

func (t *tx) UseDevice(d archive.Device) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return t.exec(`UPDATE devices SET last = $1, data = $2 WHERE id = $3`, d.Last.UTC(), data, d.ID)
}

func (t *tx) EndDevice(user, id string) error {
	tag, err := t.sql.Exec(t.ctx, `DELETE FROM devices WHERE username = $1 AND id = $2`, user, id)
	if err == nil && tag.RowsAffected() == 0 {
		return archive.UnknownDevice(id)
	}
	return err
}

func (t *tx) EndDevices(user, but string) (int, error) {
	tag, err := t.sql.Exec(t.ctx, `DELETE FROM devices WHERE username = $1 AND id <> $2`, user, but)
	return int(tag.RowsAffected()), err
}
