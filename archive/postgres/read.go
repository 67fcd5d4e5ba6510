package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

// defaultLimit is how many rows a query without a limit returns.
const defaultLimit = 100

func limit(n int) int {
	if n <= 0 {
		return defaultLimit
	}
	return n
}

// inScope is the condition that the agency of dossier o is one of $1, which
// agencies makes of a scope.
const inScope = `($1::text[] IS NULL OR o.agency = ANY ($1))`

// agencies are those of a scope; nil stands for all.
func agencies(scope sohoa.Scope) []string {
	if scope.All {
		return nil
	}
	return append([]string{}, scope.Agencies...)
}

// collect runs a query and scans every row.
func collect[T any](ctx context.Context, c *Catalog, scan pgx.RowToFunc[T], query string, args ...any) ([]T, error) {
	rows, err := c.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, problem(err)
	}
	all, err := pgx.CollectRows(rows, scan)
	if err != nil || len(all) == 0 {
		return nil, problem(err)
	}
	return all, nil
}

// scanJSON reads a row of one JSON column.
func scanJSON[T any](r pgx.CollectableRow) (T, error) { return decoded[T](r, "row") }

const selectDossier = `SELECT code, procedure, agency, owner_name, owner_id, owner_birth, subject, created_at, created_by, ended, due FROM dossiers o`

// dossierColumns are where the columns of selectDossier go.
func dossierColumns(d *sohoa.Dossier, created **time.Time) []any {
	return []any{&d.Code, &d.Procedure, &d.Agency, &d.Owner.Name, &d.Owner.IDNumber, &d.Owner.BirthDate, &d.Subject, created, &d.CreatedBy, &d.Ended, &d.Due}
}

func scanDossier(r pgx.Row, code string) (sohoa.Dossier, error) {
	var d sohoa.Dossier
	var created *time.Time
	err := row(r, "dossier", dossierColumns(&d, &created)...)
	if errors.Is(err, sohoa.ErrNotExist) {
		err = &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "dossier.unknown", Args: []string{code}}
	}
	d.CreatedAt = fromStamp(created)
	return d, err
}

// Document implements archive.Documents.
func (c *Catalog) Document(ctx context.Context, scope sohoa.Scope, id sohoa.DocumentID) (sohoa.Document, error) {
	d, err := decoded[sohoa.Document](c.pool.QueryRow(ctx, `SELECT d.data FROM documents d
		JOIN dossiers o ON o.code = d.dossier WHERE d.id = $2 AND (`+inScope+` OR EXISTS
			(SELECT 1 FROM reuses r WHERE r.document = d.id AND r.state = 'accepted' AND r.agency = ANY ($1)))`, agencies(scope), id.String()), "document")
	d, err = documentOr(id, d, err)
	return d, problem(err)
}

// FindDocuments implements archive.Documents.
func (c *Catalog) FindDocuments(ctx context.Context, scope sohoa.Scope, q archive.DocumentQuery) ([]sohoa.Document, error) {
	query, args := selectDocuments(scope, q)
	return collect(ctx, c, scanJSON[sohoa.Document], query, args...)
}

// selectDocuments selects documents of a scope, the newest first or by their
// IDs.
func selectDocuments(scope sohoa.Scope, q archive.DocumentQuery) (string, []any) {
	order, after := `d.accepted_at DESC, d.id DESC`, ""
	if q.ByID {
		order = `d.id`
		if !q.After.IsZero() {
			after = q.After.String()
		}
	}
	return `SELECT d.data FROM documents d JOIN dossiers o ON o.code = d.dossier
		WHERE ` + inScope + ` AND ($2 = '' OR d.dossier = $2) AND ($3 = '' OR d.state = $3) AND (NOT $4 OR d.held) AND ($6 = '' OR d.id > $6)
			AND (NOT $7 OR d.held AND (d.data ->> 'expected')::int <> (d.data ->> 'pages')::int AND (d.data ->> 'pages')::int > 0)
		ORDER BY ` + order + ` LIMIT $5`,
		[]any{agencies(scope), q.Dossier, string(q.State), q.Held, limit(q.Limit), after, q.Counted}
}

// Pages implements archive.Documents.
func (c *Catalog) Pages(ctx context.Context, id sohoa.DocumentID) ([]sohoa.Page, error) {
	return collect(ctx, c, scanJSON[sohoa.Page], `SELECT data FROM pages WHERE document = $1 ORDER BY number`, id.String())
}

// Files implements archive.Documents.
func (c *Catalog) Files(ctx context.Context, id sohoa.DocumentID) ([]sohoa.File, error) {
	scan := func(r pgx.CollectableRow) (sohoa.File, error) {
		var f sohoa.File
		var digest []byte
		err := r.Scan(&f.Role, &f.Page, &f.Key, &f.Size, &digest, &f.MediaType)
		copy(f.Digest[:], digest)
		return f, err
	}
	return collect(ctx, c, scan, `SELECT role, page, key, size, digest, media_type FROM files
		WHERE document = $1 ORDER BY role, page`, id.String())
}

// Dossier implements archive.Documents.
func (c *Catalog) Dossier(ctx context.Context, scope sohoa.Scope, code string) (sohoa.Dossier, error) {
	d, err := scanDossier(c.pool.QueryRow(ctx, selectDossier+` WHERE `+inScope+` AND code = $2`, agencies(scope), code), code)
	return d, problem(err)
}

// selectSummaries selects the newest dossiers of a scope whose text has $2, with
// the counts of their documents.
const selectSummaries = `SELECT o.code, o.procedure, o.agency, o.owner_name, o.owner_id, o.owner_birth, o.subject, o.created_at, o.created_by, o.ended, o.due,
			count(d.id), count(d.id) FILTER (WHERE d.state = 'kept'), count(d.id) FILTER (WHERE d.state = 'parked')
		FROM (SELECT * FROM dossiers o WHERE ` + inScope + ` AND strpos(o.folded, $2) > 0 AND ($4 = '' OR o.created_by = $4) AND ($5::timestamptz IS NULL OR o.created_at >= $5)
			ORDER BY o.created_at DESC NULLS LAST, o.code LIMIT $3) o
		LEFT JOIN documents d ON d.dossier = o.code
		GROUP BY o.code, o.procedure, o.agency, o.owner_name, o.owner_id, o.owner_birth, o.subject, o.created_at, o.created_by, o.ended, o.due
		ORDER BY o.created_at DESC NULLS LAST, o.code`

// FindDossiers implements archive.Documents; the newest come first.
func (c *Catalog) FindDossiers(ctx context.Context, scope sohoa.Scope, q archive.DossierQuery) ([]archive.DossierSummary, error) {
	scan := func(r pgx.CollectableRow) (archive.DossierSummary, error) {
		var s archive.DossierSummary
		var created *time.Time
		err := r.Scan(append(dossierColumns(&s.Dossier, &created), &s.Documents, &s.Kept, &s.Parked)...)
		s.CreatedAt = fromStamp(created)
		return s, err
	}
	return collect(ctx, c, scan, selectSummaries,
		agencies(scope), archive.Fold(q.Text), limit(q.Limit), q.By, stamp(q.Since))
}

// States implements archive.Documents.
func (c *Catalog) States(ctx context.Context, scope sohoa.Scope) (map[sohoa.State]int, error) {
	type count struct {
		State sohoa.State
		N     int
	}
	counts, err := collect(ctx, c, pgx.RowToStructByPos[count], `SELECT d.state, count(*) FROM documents d
		JOIN dossiers o ON o.code = d.dossier WHERE `+inScope+` GROUP BY d.state`, agencies(scope))
	states := map[sohoa.State]int{}
	for _, v := range counts {
		states[v.State] = v.N
	}
	return states, err
}
