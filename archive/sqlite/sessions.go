package sqlite

import (
	"database/sql"
	"errors"
	"time"

	"sohoa"
)

// Sessions keeps web sessions in the catalogue file, under the SHA-256 of
// their token, so that a copy of the file signs nobody in. It has the methods
// of scs.Store.
type Sessions struct{ c *Catalog }

// Sessions returns the session store of c.
func (c *Catalog) Sessions() Sessions { return Sessions{c} }

func sessionKey(token string) string { return sohoa.Sum([]byte(token)).String() }

// Find returns the data of a session that has not expired.
func (s Sessions) Find(token string) (data []byte, found bool, err error) {
	r := s.c.read.QueryRow(`SELECT data FROM sessions WHERE token = ? AND expires > ?`, sessionKey(token), micros(s.c.now()))
	err = r.Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// Commit stores a session and clears away those that have expired.
func (s Sessions) Commit(token string, data []byte, expiry time.Time) error {
	if _, err := s.c.write.Exec(`DELETE FROM sessions WHERE expires <= ?`, micros(s.c.now())); err != nil {
		return problem(err)
	}
	_, err := s.c.write.Exec(`INSERT INTO sessions (token, data, expires) VALUES (?, ?, ?)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires = excluded.expires`,
		sessionKey(token), data, micros(expiry))
	return problem(err)
}

// Delete ends a session.
func (s Sessions) Delete(token string) error {
	_, err := s.c.write.Exec(`DELETE FROM sessions WHERE token = ?`, sessionKey(token))
	return problem(err)
}
