package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

const selectProcedure = `SELECT code, name, data FROM procedures `

func scanProcedure(r pgx.CollectableRow) (sohoa.Procedure, error) {
	var p sohoa.Procedure
	var code, name string
	var data []byte
	if err := r.Scan(&code, &name, &data); err != nil {
		return p, err
	}
	if err := json.Unmarshal(data, &p); err != nil {
		return p, fmt.Errorf("procedure %s: unreadable catalogue row: %w", code, err)
	}
	p.Code, p.Name = code, name
	return p, nil
}

// Procedures implements archive.People.
func (c *Catalog) Procedures(ctx context.Context) ([]sohoa.Procedure, error) {
	return collect(ctx, c, scanProcedure, selectProcedure+`ORDER BY code`)
}

// Procedure implements archive.Reuses.
func (c *Catalog) Procedure(ctx context.Context, code string) (sohoa.Procedure, error) {
	rows, err := c.pool.Query(ctx, selectProcedure+`WHERE code = $1`, code)
	p, err := procedureOf(rows, err, code)
	return p, problem(err)
}

func (t *tx) Procedure(code string) (sohoa.Procedure, error) {
	rows, err := t.sql.Query(t.ctx, selectProcedure+`WHERE code = $1`, code)
	return procedureOf(rows, err, code)
}

func procedureOf(rows pgx.Rows, err error, code string) (sohoa.Procedure, error) {
	if err != nil {
		return sohoa.Procedure{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanProcedure)
	if errors.Is(err, pgx.ErrNoRows) {
		err = archive.UnknownProcedure(code)
	}
	return p, err
}

func (t *tx) PutProcedure(p sohoa.Procedure) error {
	code, name := p.Code, p.Name
	p.Code, p.Name = "", ""
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO procedures (code, name, data) VALUES ($1, $2, $3)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, data = excluded.data`, code, name, data)
}

// FindReuses implements archive.Reuses.
func (c *Catalog) FindReuses(ctx context.Context, scope sohoa.Scope, q archive.ReuseQuery) ([]sohoa.Reuse, error) {
	query, args := selectReuses(scope, q)
	return collect(ctx, c, scanJSON[sohoa.Reuse], query, args...)
}

// selectReuses is the query for q. Conditions that select all are left out, so
// that the plan is made for those that are there.
func selectReuses(scope sohoa.Scope, q archive.ReuseQuery) (string, []any) {
	where, args := ` WHERE `+inScope, []any{agencies(scope)}
	also := func(condition string, arg any) {
		args = append(args, arg)
		where += fmt.Sprintf(` AND `+condition, len(args))
	}
	if q.Dossier != "" {
		also(`dossier = $%d`, q.Dossier)
	}
	if q.Requirement != "" {
		also(`requirement = $%d`, q.Requirement)
	}
	if !q.Document.IsZero() {
		also(`document = $%d`, q.Document.String())
	}
	if q.State != "" {
		also(`state = $%d`, string(q.State))
	}
	if q.Lost || q.Unseen {
		where += ` AND lost`
	}
	if q.Unseen {
		where += ` AND unseen`
	}
	if !q.From.IsZero() {
		also(`at >= $%d`, stamp(q.From))
	}
	if !q.Until.IsZero() {
		also(`at < $%d`, stamp(q.Until))
	}
	args = append(args, limit(q.Limit))
	return fmt.Sprintf(`SELECT data FROM reuses o%s ORDER BY at DESC, id DESC LIMIT $%d`, where, len(args)), args
}

// Reuse implements archive.Reuses.
func (c *Catalog) Reuse(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Reuse, error) {
	r, err := reuseOf(c.pool.QueryRow(ctx, `SELECT data FROM reuses o WHERE `+inScope+` AND id = $2`, agencies(scope), string(id)), id)
	return r, problem(err)
}

func reuseOf(r pgx.Row, id sohoa.SetID) (sohoa.Reuse, error) {
	v, err := decoded[sohoa.Reuse](r, "reuse")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.UnknownReuse(id)
	}
	return v, err
}

// selectHeld finds documents by who owns their dossiers: $1 is the identity
// number, $2 the key of the name, $3 the birth date. A person has few papers:
// they are collected before anything else is asked of them. That there is a
// number is said of the parameter: said of the column alone, the many without
// one are expected.
const selectHeld = `WITH person AS MATERIALIZED (
		SELECT d.id, d.accepted_at, d.state, d.data FROM documents d WHERE d.dossier IN (
			SELECT code FROM dossiers WHERE $1::text <> '' AND owner_id <> '' AND owner_id = $1
			UNION SELECT code FROM dossiers WHERE owner_birth <> '' AND owner_key = $2 AND owner_birth = $3 AND (owner_id = '' OR $1 = '')))
	SELECT data FROM person WHERE state = 'kept' AND coalesce(json_array_length(data -> 'movedTo'), 0) = 0
		AND ($4::text[] IS NULL OR coalesce(data -> 'life' ->> 'type', '') = ANY ($4))
	ORDER BY coalesce(data -> 'life' ->> 'type', '') = '', accepted_at DESC, id DESC LIMIT $5`

// Held implements archive.Reuses.
func (c *Catalog) Held(ctx context.Context, q archive.HeldQuery) ([]sohoa.Document, error) {
	var kinds []string
	if len(q.Types) > 0 {
		kinds = append([]string{""}, q.Types...)
	}
	return collect(ctx, c, scanJSON[sohoa.Document], selectHeld, q.IDNumber, archive.NameKey(q.Name), string(q.BirthDate), kinds, limit(q.Limit))
}

// selectCounts counts agency by agency, so that each count is a range of an
// index; so are the agencies themselves, which need not be listed.
const selectCounts = `WITH RECURSIVE a (agency) AS (SELECT min(agency) FROM dossiers
		UNION ALL SELECT (SELECT min(d.agency) FROM dossiers d WHERE d.agency > a.agency) FROM a WHERE a.agency IS NOT NULL)
	SELECT o.agency, received.n, reusing.n, decided.accepted, decided.declined, decided.lost, decided.unseen, offered.n
	FROM (SELECT agency FROM a WHERE agency IS NOT NULL) o,
	LATERAL (SELECT count(*) AS n FROM dossiers d WHERE d.agency = o.agency AND d.created_at >= $2 AND d.created_at < $3) received,
	LATERAL (SELECT count(DISTINCT r.dossier) AS n FROM reuses r
		WHERE r.state = 'accepted' AND r.agency = o.agency AND r.received >= $2 AND r.received < $3) reusing,
	LATERAL (SELECT count(*) FILTER (WHERE state = 'accepted') AS accepted, count(*) FILTER (WHERE state = 'declined') AS declined,
			count(*) FILTER (WHERE state = 'accepted' AND lost) AS lost, count(*) FILTER (WHERE state = 'accepted' AND unseen) AS unseen
		FROM reuses r WHERE r.agency = o.agency AND r.at >= $2 AND r.at < $3) decided,
	LATERAL (SELECT count(*) AS n FROM reuse_offers f WHERE f.agency = o.agency AND f.at >= $2 AND f.at < $3) offered
	WHERE ` + inScope + ` ORDER BY o.agency`

// ReuseCounts implements archive.Reuses.
func (c *Catalog) ReuseCounts(ctx context.Context, scope sohoa.Scope, from, until time.Time) ([]archive.ReuseCount, error) {
	all, err := collect(ctx, c, pgx.RowToStructByPos[archive.ReuseCount], selectCounts, agencies(scope), from, until)
	return archive.Counted(all), err
}

// selectTurned finds what ended from $1 until $2, and of the few losses those
// of what begins by day $3.
const selectTurned = `SELECT id FROM (SELECT d.id, d.force_until AS turn FROM documents d
		WHERE d.force_until >= $1 AND d.force_until < $2
			AND EXISTS (SELECT 1 FROM reuses r WHERE r.document = d.id AND r.state = 'accepted' AND NOT r.lost)
	UNION SELECT d.id, 'infinity' FROM reuses r JOIN documents d ON d.id = r.document
		WHERE r.lost AND r.state = 'accepted' AND r.data -> 'lost' ->> 'force' = 'not-yet'
			AND coalesce(d.data -> 'life' ->> 'validFrom', '') COLLATE "C" <= $3) t
	ORDER BY turn, id LIMIT $4`

// Turned implements archive.Reuses.
func (c *Catalog) Turned(ctx context.Context, from, until time.Time, n int) ([]sohoa.DocumentID, error) {
	return collect(ctx, c, scanID, selectTurned, from, until, string(sohoa.DateOf(until)), limit(n))
}

// scanID reads a row of one document's ID.
func scanID(r pgx.CollectableRow) (sohoa.DocumentID, error) {
	var s string
	if err := r.Scan(&s); err != nil {
		return sohoa.DocumentID{}, err
	}
	return sohoa.ParseDocumentID(s)
}

const selectRecord = `SELECT id, kind, name, change, kept FROM records WHERE `

func scanRecord(r pgx.Row) (archive.Record, error) {
	var v archive.Record
	err := row(r, "record", &v.ID, &v.Kind, &v.Name, &v.Change, &v.Kept)
	return v, err
}

// Record implements archive.Reuses.
func (c *Catalog) Record(ctx context.Context, id sohoa.SetID) (archive.Record, error) {
	r, err := scanRecord(c.pool.QueryRow(ctx, selectRecord+`id = $1`, string(id)))
	return r, problem(err)
}

// Unrecorded implements archive.Reuses.
func (c *Catalog) Unrecorded(ctx context.Context, n int) ([]archive.Record, error) {
	return collect(ctx, c, pgx.RowToStructByPos[archive.Record], selectRecord+`kept < change ORDER BY id LIMIT $1`, limit(n))
}

// Reuse locks the reuse until the transaction ends.
func (t *tx) Reuse(id sohoa.SetID) (sohoa.Reuse, error) {
	return reuseOf(t.sql.QueryRow(t.ctx, `SELECT data FROM reuses WHERE id = $1 FOR NO KEY UPDATE`, string(id)), id)
}

// PutReuse locks the dossier until the transaction ends, so that of two who
// accept results for one requirement the second sees the first's.
func (t *tx) PutReuse(r sohoa.Reuse) error {
	d, err := t.Dossier(r.Dossier)
	if err != nil {
		return err
	}
	if r.State == sohoa.ReuseAccepted {
		var n int
		q := `SELECT count(*) FROM reuses WHERE dossier = $1 AND requirement = $2 AND state = 'accepted' AND id <> $3`
		if err := row(t.sql.QueryRow(t.ctx, q, r.Dossier, r.Requirement, string(r.ID)), "reuses", &n); err != nil {
			return err
		}
		if n > 0 {
			return archive.RequirementTaken(r)
		}
	}
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO reuses (id, dossier, requirement, document, state, at, lost, unseen, agency, received, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET dossier = excluded.dossier, requirement = excluded.requirement, document = excluded.document,
			state = excluded.state, at = excluded.at, lost = excluded.lost, unseen = excluded.unseen,
			agency = excluded.agency, received = excluded.received, data = excluded.data`,
		string(r.ID), r.Dossier, r.Requirement, r.Document.String(), string(r.State), stamp(r.At),
		r.Lost != nil, r.Lost != nil && r.Lost.Seen.IsZero(), d.Agency, stamp(d.CreatedAt), data)
}

func (t *tx) DossierReuses(code string) ([]sohoa.Reuse, error) {
	return t.reuses(`SELECT data FROM reuses WHERE dossier = $1 ORDER BY id FOR NO KEY UPDATE`, code)
}

func (t *tx) DocumentReuses(id sohoa.DocumentID) ([]sohoa.Reuse, error) {
	return t.reuses(`SELECT data FROM reuses WHERE document = $1 ORDER BY id FOR NO KEY UPDATE`, id.String())
}

// reuses are locked until the transaction ends.
func (t *tx) reuses(query, arg string) ([]sohoa.Reuse, error) {
	rows, err := t.sql.Query(t.ctx, query, arg)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanJSON[sohoa.Reuse])
}

func (t *tx) Results(dossier string) ([]string, error) {
	rows, err := t.sql.Query(t.ctx, `SELECT result FROM documents
		WHERE dossier = $1 AND result <> '' ORDER BY id`, dossier)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (t *tx) PutOffer(dossier, requirement string, at time.Time) error {
	return t.exec(`INSERT INTO reuse_offers (dossier, requirement, agency, at) SELECT code, $2, agency, $3 FROM dossiers WHERE code = $1
		ON CONFLICT DO NOTHING`, dossier, requirement, stamp(at))
}

// NamedRecord locks the record until the transaction ends.
func (t *tx) NamedRecord(kind, name string) (archive.Record, error) {
	return scanRecord(t.sql.QueryRow(t.ctx, selectRecord+`kind = $1 AND name = $2 FOR NO KEY UPDATE`, kind, name))
}

func (t *tx) PutRecord(r archive.Record) error {
	return t.exec(`INSERT INTO records (id, kind, name, change, kept) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, change = excluded.change, kept = excluded.kept`,
		string(r.ID), r.Kind, r.Name, r.Change, r.Kept)
}
