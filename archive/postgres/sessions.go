package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
)

// sessionTime bounds one access to the sessions, whose interface has no
// context.
const sessionTime = 10 * time.Second

// Sessions keeps web sessions in the catalogue's database, under the SHA-256
// of their token, so that a copy of the database signs nobody in, and whoever
// has signed in at one web node has done so at all. It has the methods of
// scs.Store.
type Sessions struct{ c *Catalog }

// Sessions returns the session store of c.
func (c *Catalog) Sessions() Sessions { return Sessions{c} }

func sessionKey(token string) []byte {
	d := sohoa.Sum([]byte(token))
	return d[:]
}

func (s Sessions) exec(query string, args ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), sessionTime)
	defer cancel()
	_, err := s.c.pool.Exec(ctx, query, args...)
	return problem(err)
}

// Find returns the data of a session that has not expired.
func (s Sessions) Find(token string) (data []byte, found bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), sessionTime)
	defer cancel()
	r := s.c.pool.QueryRow(ctx, `SELECT data FROM sessions WHERE token = $1 AND expires > $2`, sessionKey(token), s.c.now())
	err = r.Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, problem(err)
}

// Commit stores a session and clears away those that have expired.
func (s Sessions) Commit(token string, data []byte, expiry time.Time) error {
	if err := s.exec(`DELETE FROM sessions WHERE expires <= $1`, s.c.now()); err != nil {
		return err
	}
	return s.exec(`INSERT INTO sessions (token, data, expires) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires = excluded.expires`,
		sessionKey(token), data, expiry)
}

// Delete ends a session.
func (s Sessions) Delete(token string) error {
	return s.exec(`DELETE FROM sessions WHERE token = $1`, sessionKey(token))
}
