package postgres

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

const selectSavedSearches = `SELECT data FROM saved_searches WHERE username = $1 ORDER BY name`

// SavedSearches implements archive.SavedSearches.
func (c *Catalog) SavedSearches(ctx context.Context, user string) ([]sohoa.SavedSearch, error) {
	return collect(ctx, c, scanJSON[sohoa.SavedSearch], selectSavedSearches, user)
}

// SavedSearches locks those of the user until the transaction ends.
func (t *tx) SavedSearches(user string) ([]sohoa.SavedSearch, error) {
	if err := t.lock(lockSaved, user); err != nil {
		return nil, err
	}
	rows, err := t.sql.Query(t.ctx, selectSavedSearches, user)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanJSON[sohoa.SavedSearch])
}

func (t *tx) PutSavedSearch(s sohoa.SavedSearch) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO saved_searches (id, username, name, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (username, name) DO UPDATE SET id = excluded.id, data = excluded.data`, string(s.ID), s.User, s.Name, data)
}

func (t *tx) RemoveSavedSearch(user string, id sohoa.SetID) error {
	tag, err := t.sql.Exec(t.ctx, `DELETE FROM saved_searches WHERE id = $1 AND username = $2`, string(id), user)
	if err == nil && tag.RowsAffected() == 0 {
		return archive.UnknownSavedSearch(id)
	}
	return err
}
