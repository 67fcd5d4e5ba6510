package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
)

// defaultLimit is how many rows a query without a limit returns.
const defaultLimit = 100

// pollInterval is how often Wait looks for entries of other processes.
const pollInterval = 200 * time.Millisecond

const selectDossier = `SELECT code, procedure, agency, owner_name, owner_id, owner_birth, subject, created_at, created_by, ended, due FROM dossiers`

func scanDossier(r *sql.Row, code string) (sohoa.Dossier, error) {
	var d sohoa.Dossier
	var created int64
	err := row(r, "dossier", dossierColumns(&d, &created)...)
	if errors.Is(err, sohoa.ErrNotExist) {
		err = &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "dossier.unknown", Args: []string{code}}
	}
	d.CreatedAt = fromMicros(created)
	return d, err
}

// dossierColumns are where the columns of selectDossier go.
func dossierColumns(d *sohoa.Dossier, created *int64) []any {
	return []any{&d.Code, &d.Procedure, &d.Agency, &d.Owner.Name, &d.Owner.IDNumber, &d.Owner.BirthDate, &d.Subject, created, &d.CreatedBy, &d.Ended, &d.Due}
}

// maxMarks bounds the agencies that stand in a query one by one. SQLite takes
// 32,766 values with a query, which may name its scope several times.
const maxMarks = 500

// within is the SQL condition that column is an agency in scope, with its
// arguments.
func within(scope sohoa.Scope, column string) (string, []any) {
	if scope.All {
		return "TRUE", nil
	}
	if len(scope.Agencies) > maxMarks {
		list, err := json.Marshal(scope.Agencies)
		if err != nil {
			return "FALSE", nil // strings always are JSON
		}
		return column + " IN (SELECT value FROM json_each(?))", []any{string(list)}
	}
	args := make([]any, len(scope.Agencies))
	for i, a := range scope.Agencies {
		args[i] = a
	}
	marks := strings.TrimSuffix(strings.Repeat("?,", len(args)), ",")
	return column + " IN (" + marks + ")", args
}

func limit(n int) int {
	if n <= 0 {
		return defaultLimit
	}
	return n
}

// collect runs a query and scans every row.
func collect[T any](ctx context.Context, c *Catalog, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := c.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, problem(err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, problem(rows.Err())
}

// scanJSON reads a row of one JSON column.
func scanJSON[T any](rows *sql.Rows) (T, error) {
	var data string
	if err := rows.Scan(&data); err != nil {
		var zero T
		return zero, err
	}
	return decode[T](data, "row")
}

// Document implements archive.Documents.
func (c *Catalog) Document(ctx context.Context, scope sohoa.Scope, id sohoa.DocumentID) (sohoa.Document, error) {
	where, args := within(scope, "o.agency")
	uses, more := within(scope, "r.agency")
	q := `SELECT d.data FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE d.id = ? AND (` + where + `
		OR EXISTS (SELECT 1 FROM reuses r WHERE r.document = d.id AND r.state = 'accepted' AND ` + uses + `))`
	args = append(append([]any{id.String()}, args...), more...)
	d, err := decoded[sohoa.Document](c.read.QueryRowContext(ctx, q, args...), "document")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = unknownDocument(id)
	}
	return d, err
}

// newestDocuments is among how many of the newest documents those of some
// agencies are looked for first. Of agencies with so few that this does not
// do, all are read.
const newestDocuments = 2000

// FindDocuments implements archive.Documents.
func (c *Catalog) FindDocuments(ctx context.Context, scope sohoa.Scope, q archive.DocumentQuery) ([]sohoa.Document, error) {
	if !q.ByID && q.Dossier == "" && limit(q.Limit) < newestDocuments {
		query, args := selectNewest(scope, q)
		found, err := collect(ctx, c, scanJSON[sohoa.Document], query, args...)
		if err != nil || len(found) == limit(q.Limit) {
			return found, err
		}
		if all, err := c.amongNewest(ctx, q); err != nil || all {
			return found, err
		}
	}
	query, args := selectDocuments(scope, q)
	return collect(ctx, c, scanJSON[sohoa.Document], query, args...)
}

// amongNewest reports whether all that a query asks for, whatever its scope,
// is among the newest documents.
func (c *Catalog) amongNewest(ctx context.Context, q archive.DocumentQuery) (bool, error) {
	where, args := documentsWhere(q)
	n := 0
	err := c.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM documents d`+heldFew(q)+` WHERE TRUE`+where+` LIMIT ?)`, append(args, newestDocuments)...).Scan(&n)
	return n < newestDocuments, err
}

// heldFew is the index of what is held: few are, and not among the newest.
func heldFew(q archive.DocumentQuery) string {
	if q.Held || q.Counted {
		return ` INDEXED BY documents_held`
	}
	return ""
}

// selectNewest is selectDocuments among the newest documents.
func selectNewest(scope sohoa.Scope, q archive.DocumentQuery) (string, []any) {
	within, inside := within(scope, "o.agency")
	where, args := documentsWhere(q)
	query := `SELECT d.data FROM (SELECT d.* FROM documents d` + heldFew(q) + ` WHERE TRUE` + where + ` ORDER BY d.accepted_at DESC, d.id DESC LIMIT ?) d
		CROSS JOIN dossiers o ON o.code = d.dossier WHERE ` + within + ` ORDER BY d.accepted_at DESC, d.id DESC LIMIT ?`
	return query, append(append(append(args, newestDocuments), inside...), limit(q.Limit))
}

// documentsWhere are the conditions of a query, beside its scope.
func documentsWhere(q archive.DocumentQuery) (string, []any) {
	where, args := "", []any(nil)
	if q.Dossier != "" {
		where, args = where+` AND d.dossier = ?`, append(args, q.Dossier)
	}
	if q.State != "" {
		where, args = where+` AND d.state = ?`, append(args, string(q.State))
	}
	if q.Held {
		where += ` AND d.held`
	}
	if q.Counted {
		where += ` AND d.held AND json_extract(d.data, '$.expected') <> json_extract(d.data, '$.pages') AND json_extract(d.data, '$.pages') > 0`
	}
	return where, args
}

func selectDocuments(scope sohoa.Scope, q archive.DocumentQuery) (string, []any) {
	within, args := within(scope, "o.agency")
	where, more := documentsWhere(q)
	query, args := `SELECT d.data FROM documents d JOIN dossiers o ON o.code = d.dossier WHERE `+within+where, append(args, more...)
	order := ` ORDER BY d.accepted_at DESC, d.id DESC LIMIT ?`
	if q.ByID {
		order = ` ORDER BY d.id LIMIT ?`
		if !q.After.IsZero() {
			query, args = query+` AND d.id > ?`, append(args, q.After.String())
		}
	}
	return query + order, append(args, limit(q.Limit))
}

// Pages implements archive.Documents.
func (c *Catalog) Pages(ctx context.Context, id sohoa.DocumentID) ([]sohoa.Page, error) {
	return collect(ctx, c, scanJSON[sohoa.Page], `SELECT data FROM pages WHERE document = ? ORDER BY number`, id.String())
}

// Files implements archive.Documents.
func (c *Catalog) Files(ctx context.Context, id sohoa.DocumentID) ([]sohoa.File, error) {
	scan := func(rows *sql.Rows) (sohoa.File, error) {
		var f sohoa.File
		var digest string
		if err := rows.Scan(&f.Role, &f.Page, &f.Key, &f.Size, &digest, &f.MediaType); err != nil {
			return f, err
		}
		var err error
		f.Digest, err = sohoa.ParseDigest(digest)
		return f, err
	}
	return collect(ctx, c, scan, `SELECT role, page, key, size, digest, media_type FROM files
		WHERE document = ? ORDER BY role, page`, id.String())
}

// Dossier implements archive.Documents.
func (c *Catalog) Dossier(ctx context.Context, scope sohoa.Scope, code string) (sohoa.Dossier, error) {
	where, args := within(scope, "agency")
	q := selectDossier + ` WHERE code = ? AND ` + where
	return scanDossier(c.read.QueryRowContext(ctx, q, append([]any{code}, args...)...), code)
}

// FindDossiers implements archive.Documents; the newest come first.
func (c *Catalog) FindDossiers(ctx context.Context, scope sohoa.Scope, q archive.DossierQuery) ([]archive.DossierSummary, error) {
	scan := func(rows *sql.Rows) (archive.DossierSummary, error) {
		var s archive.DossierSummary
		var created int64
		err := rows.Scan(append(dossierColumns(&s.Dossier, &created), &s.Documents, &s.Kept, &s.Parked)...)
		s.CreatedAt = fromMicros(created)
		return s, err
	}
	query, args := selectSummaries(scope, q)
	return collect(ctx, c, scan, query, args...)
}

// selectSummaries counts the documents of the dossiers that are shown, and of
// no others.
func selectSummaries(scope sohoa.Scope, q archive.DossierQuery) (string, []any) {
	where, args := within(scope, "o.agency")
	if q.Text != "" {
		where += ` AND instr(fold(o.code || ' ' || o.owner_name || ' ' || o.subject), fold(?))`
		args = append(args, q.Text)
	}
	if q.By != "" {
		where, args = where+` AND o.created_by = ?`, append(args, q.By)
	}
	if !q.Since.IsZero() {
		where, args = where+` AND o.created_at >= ?`, append(args, micros(q.Since))
	}
	return `SELECT o.code, o.procedure, o.agency, o.owner_name, o.owner_id, o.owner_birth, o.subject, o.created_at, o.created_by, o.ended, o.due,
			count(d.id), count(d.id) FILTER (WHERE d.state = 'kept'), count(d.id) FILTER (WHERE d.state = 'parked')
		FROM (SELECT * FROM dossiers o WHERE ` + where + ` ORDER BY o.created_at DESC, o.code LIMIT ?) o
		LEFT JOIN documents d ON d.dossier = o.code GROUP BY o.code ORDER BY o.created_at DESC, o.code`, append(args, limit(q.Limit))
}

// selectStates counts the documents of each state, from indexes alone as far
// as that goes.
func selectStates(all bool, where string) string {
	if all {
		return `SELECT state, count(*) FROM documents GROUP BY state`
	}
	return `SELECT d.state, count(*) FROM dossiers o CROSS JOIN documents d ON o.code = d.dossier WHERE ` + where + ` GROUP BY d.state`
}

// States implements archive.Documents.
func (c *Catalog) States(ctx context.Context, scope sohoa.Scope) (map[sohoa.State]int, error) {
	where, args := within(scope, "o.agency")
	type count struct {
		state sohoa.State
		n     int
	}
	scan := func(rows *sql.Rows) (count, error) {
		var v count
		return v, rows.Scan(&v.state, &v.n)
	}
	counts, err := collect(ctx, c, scan, selectStates(scope.All, where), args...)
	states := map[sohoa.State]int{}
	for _, v := range counts {
		states[v.state] = v.n
	}
	return states, err
}

const selectAgencies = `SELECT code, name, parent FROM agencies ORDER BY code`

// Agencies implements archive.People.
func (c *Catalog) Agencies(ctx context.Context) ([]sohoa.Agency, error) {
	scan := func(rows *sql.Rows) (sohoa.Agency, error) {
		var a sohoa.Agency
		return a, rows.Scan(&a.Code, &a.Name, &a.Parent)
	}
	return collect(ctx, c, scan, selectAgencies)
}

// Users implements archive.People.
func (c *Catalog) Users(ctx context.Context) ([]sohoa.User, error) {
	return c.users(ctx, `ORDER BY name`)
}

// User implements archive.People.
func (c *Catalog) User(ctx context.Context, name string) (sohoa.User, error) {
	users, err := c.users(ctx, `WHERE name = ?`, name)
	if err == nil && len(users) == 0 {
		err = fmt.Errorf("user %q: %w", name, sohoa.ErrNotExist)
	}
	if err != nil {
		return sohoa.User{}, err
	}
	return users[0], nil
}

func (c *Catalog) users(ctx context.Context, where string, args ...any) ([]sohoa.User, error) {
	return collect(ctx, c, scanUser, selectUsers+where, args...)
}

const selectUsers = `SELECT name, full_name, role, agency, created_at, password <> '', disabled FROM users `

func scanUser(rows *sql.Rows) (sohoa.User, error) {
	var u sohoa.User
	var roles string
	var created int64
	err := rows.Scan(&u.Name, &u.FullName, &roles, &u.Agency, &created, &u.Ready, &u.Disabled)
	u.Roles, u.CreatedAt = sohoa.SplitRoles(roles), fromMicros(created)
	return u, err
}

// Credentials implements archive.People.
func (c *Catalog) Credentials(ctx context.Context, name string) (archive.Credentials, error) {
	return scanCredentials(c.read.QueryRowContext(ctx, selectCredentials, name), name)
}

const selectCredentials = `SELECT password, setup, setup_expires FROM users WHERE name = ?`

func scanCredentials(r *sql.Row, name string) (archive.Credentials, error) {
	var cred archive.Credentials
	var setup string
	var expires int64
	if err := row(r, fmt.Sprintf("user %q", name), &cred.Password, &setup, &expires); err != nil {
		return cred, err
	}
	cred.SetupExpires = fromMicros(expires)
	if setup == "" {
		return cred, nil
	}
	var err error
	cred.Setup, err = sohoa.ParseDigest(setup)
	return cred, err
}
