package postgres

import "context"

// Setting is what the catalogue's connections have for a setting.
func (c *Catalog) Setting(ctx context.Context, name string) (string, error) {
	var v string
	return v, c.pool.QueryRow(ctx, `SELECT current_setting($1)`, name).Scan(&v)
}
