package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

const selectAgencies = `SELECT code, name, parent FROM agencies ORDER BY code`

// Agencies implements archive.People.
func (c *Catalog) Agencies(ctx context.Context) ([]sohoa.Agency, error) {
	return collect(ctx, c, pgx.RowToStructByPos[sohoa.Agency], selectAgencies)
}

const selectUser = `SELECT name, full_name, role, agency, created_at, password <> '', disabled FROM users `

func scanUser(r pgx.CollectableRow) (sohoa.User, error) {
	var u sohoa.User
	var roles string
	var created *time.Time
	err := r.Scan(&u.Name, &u.FullName, &roles, &u.Agency, &created, &u.Ready, &u.Disabled)
	u.Roles, u.CreatedAt = sohoa.SplitRoles(roles), fromStamp(created)
	return u, err
}

// Users implements archive.People.
func (c *Catalog) Users(ctx context.Context) ([]sohoa.User, error) {
	return collect(ctx, c, scanUser, selectUser+`ORDER BY name`)
}

// User implements archive.People.
func (c *Catalog) User(ctx context.Context, name string) (sohoa.User, error) {
	users, err := collect(ctx, c, scanUser, selectUser+`WHERE name = $1`, name)
	if err == nil && len(users) == 0 {
		err = fmt.Errorf("user %q: %w", name, sohoa.ErrNotExist)
	}
	if err != nil {
		return sohoa.User{}, err
	}
	return users[0], nil
}

// Credentials implements archive.People.
func (c *Catalog) Credentials(ctx context.Context, name string) (archive.Credentials, error) {
	cred, err := scanCredentials(c.pool.QueryRow(ctx, selectCredentials, name), name)
	return cred, problem(err)
}

const selectCredentials = `SELECT password, setup, setup_expires FROM users WHERE name = $1`

func scanCredentials(r pgx.Row, name string) (archive.Credentials, error) {
	var cred archive.Credentials
	var setup []byte
	var expires *time.Time
	if err := row(r, fmt.Sprintf("user %q", name), &cred.Password, &setup, &expires); err != nil {
		return cred, err
	}
	copy(cred.Setup[:], setup)
	cred.SetupExpires = fromStamp(expires)
	return cred, nil
}

// Credentials locks the user, or, where there is none, the name: of two that
// want to make it, the second sees the first one's.
func (t *tx) Credentials(user string) (archive.Credentials, error) {
	const q = selectCredentials + ` FOR NO KEY UPDATE`
	cred, err := scanCredentials(t.sql.QueryRow(t.ctx, q, user), user)
	if !errors.Is(err, sohoa.ErrNotExist) {
		return cred, err
	}
	if err := t.lock(lockUser, user); err != nil {
		return cred, err
	}
	return scanCredentials(t.sql.QueryRow(t.ctx, q, user), user)
}

// Agencies locks them until the transaction ends.
func (t *tx) Agencies() ([]sohoa.Agency, error) {
	if err := t.lock(lockAgency, ""); err != nil {
		return nil, err
	}
	rows, err := t.sql.Query(t.ctx, selectAgencies)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[sohoa.Agency])
}

func (t *tx) Agency(code string) (sohoa.Agency, error) {
	var a sohoa.Agency
	return a, row(t.sql.QueryRow(t.ctx, `SELECT code, name, parent FROM agencies WHERE code = $1`, code), "agency", &a.Code, &a.Name, &a.Parent)
}

func (t *tx) PutAgency(a sohoa.Agency) error {
	return t.exec(`INSERT INTO agencies (code, name, parent) VALUES ($1, $2, $3)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, parent = excluded.parent`, a.Code, a.Name, a.Parent)
}

func (t *tx) PutUser(u sohoa.User) error {
	return t.exec(`INSERT INTO users (name, full_name, role, agency, created_at, disabled) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (name) DO UPDATE SET full_name = excluded.full_name, role = excluded.role, agency = excluded.agency, disabled = excluded.disabled`,
		u.Name, u.FullName, sohoa.JoinRoles(u.Roles), u.Agency, stamp(u.CreatedAt), u.Disabled)
}

func (t *tx) PutCredentials(user string, c archive.Credentials) error {
	var setup []byte
	if !c.Setup.IsZero() {
		setup = c.Setup[:]
	}
	r, err := t.sql.Exec(t.ctx, `UPDATE users SET password = $1, setup = $2, setup_expires = $3 WHERE name = $4`,
		c.Password, setup, stamp(c.SetupExpires), user)
	if err == nil && r.RowsAffected() == 0 {
		err = fmt.Errorf("user %q: %w", user, sohoa.ErrNotExist)
	}
	return err
}
