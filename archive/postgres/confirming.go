package postgres

import (
	"context"

	"sohoa"
	"sohoa/archive"
)

// unconfirmed is what follows SELECT for documents that wait for
// confirmation; unconfirmedArgs are its arguments.
const unconfirmed = ` FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.unconfirmed AND ` + inScope + `
	AND ($2 = '' OR d.dossier = $2) AND ($3::timestamptz IS NULL OR d.accepted_at >= $3) AND d.id <> $4 AND d.id > $5`

func unconfirmedArgs(scope sohoa.Scope, q archive.UnconfirmedQuery, limit int) []any {
	text := func(id sohoa.DocumentID) string {
		if id.IsZero() {
			return ""
		}
		return id.String()
	}
	return []any{agencies(scope), q.Dossier, stamp(q.Since), text(q.Besides), text(q.After), limit}
}

// Unconfirmed implements archive.Confirming.
func (c *Catalog) Unconfirmed(ctx context.Context, scope sohoa.Scope, q archive.UnconfirmedQuery) ([]sohoa.Document, error) {
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT d.data`+unconfirmed+` ORDER BY d.accepted_at, d.id LIMIT $6`,
		unconfirmedArgs(scope, q, limit(q.Limit))...)
}

// CountUnconfirmed implements archive.Confirming.
func (c *Catalog) CountUnconfirmed(ctx context.Context, scope sohoa.Scope, q archive.UnconfirmedQuery) (n int, err error) {
	err = c.pool.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1`+unconfirmed+` LIMIT $6) AS waiting`,
		unconfirmedArgs(scope, q, sohoa.MaxUnconfirmed)...).Scan(&n)
	return n, problem(err)
}
