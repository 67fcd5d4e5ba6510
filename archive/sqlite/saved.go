package sqlite

import (
	"context"
	"encoding/json"

	"sohoa"
	"sohoa/archive"
)

const selectSavedSearches = `SELECT data FROM saved_searches WHERE username = ? ORDER BY name`

// SavedSearches implements archive.SavedSearches.
func (c *Catalog) SavedSearches(ctx context.Context, user string) ([]sohoa.SavedSearch, error) {
	return collect(ctx, c, scanJSON[sohoa.SavedSearch], selectSavedSearches, user)
}

func (t *tx) SavedSearches(user string) ([]sohoa.SavedSearch, error) {
	var all []sohoa.SavedSearch
	err := t.each(func(data string) error {
		s, err := decode[sohoa.SavedSearch](data, "saved search")
		all = append(all, s)
		return err
	}, selectSavedSearches, user)
	return all, err
}

func (t *tx) PutSavedSearch(s sohoa.SavedSearch) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO saved_searches (id, username, name, data) VALUES (?, ?, ?, ?)
		ON CONFLICT (username, name) DO UPDATE SET id = excluded.id, data = excluded.data`, string(s.ID), s.User, s.Name, string(data))
}

func (t *tx) RemoveSavedSearch(user string, id sohoa.SetID) error {
	r, err := t.sql.ExecContext(t.ctx, `DELETE FROM saved_searches WHERE id = ? AND username = ?`, string(id), user)
	if err != nil {
		return problem(err)
	}
	if n, err := r.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return archive.UnknownSavedSearch(id)
}
