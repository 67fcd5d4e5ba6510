package sqlite

import (
	"context"

	"sohoa"
	"sohoa/archive"
)

// unconfirmed is what follows SELECT for documents that wait for
// confirmation, with its arguments.
func unconfirmed(scope sohoa.Scope, q archive.UnconfirmedQuery) (string, []any) {
	where, args := within(scope, "o.agency")
	query := ` FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.unconfirmed AND ` + where
	if q.Dossier != "" {
		query, args = query+` AND d.dossier = ?`, append(args, q.Dossier)
	}
	if !q.Since.IsZero() {
		query, args = query+` AND d.accepted_at >= ?`, append(args, micros(q.Since))
	}
	if !q.Besides.IsZero() {
		query, args = query+` AND d.id <> ?`, append(args, q.Besides.String())
	}
	if !q.After.IsZero() {
		query, args = query+` AND d.id > ?`, append(args, q.After.String())
	}
	return query, args
}

// Unconfirmed implements archive.Confirming.
func (c *Catalog) Unconfirmed(ctx context.Context, scope sohoa.Scope, q archive.UnconfirmedQuery) ([]sohoa.Document, error) {
	query, args := unconfirmed(scope, q)
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT d.data`+query+` ORDER BY d.accepted_at, d.id LIMIT ?`, append(args, limit(q.Limit))...)
}

// CountUnconfirmed implements archive.Confirming.
func (c *Catalog) CountUnconfirmed(ctx context.Context, scope sohoa.Scope, q archive.UnconfirmedQuery) (n int, err error) {
	query, args := unconfirmed(scope, q)
	err = row(c.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1`+query+` LIMIT ?)`, append(args, sohoa.MaxUnconfirmed)...), "documents", &n)
	return n, err
}
