package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
)

// scanProcedure reads code, name and the rest of a procedure.
func scanProcedure(scan func(...any) error) (sohoa.Procedure, error) {
	var p sohoa.Procedure
	var code, name, data string
	if err := scan(&code, &name, &data); err != nil {
		return p, err
	}
	p, err := decode[sohoa.Procedure](data, "procedure "+code)
	p.Code, p.Name = code, name
	return p, err
}

// Procedures implements archive.People.
func (c *Catalog) Procedures(ctx context.Context) ([]sohoa.Procedure, error) {
	scan := func(rows *sql.Rows) (sohoa.Procedure, error) { return scanProcedure(rows.Scan) }
	return collect(ctx, c, scan, `SELECT code, name, data FROM procedures ORDER BY code`)
}

// Procedure implements archive.Reuses.
func (c *Catalog) Procedure(ctx context.Context, code string) (sohoa.Procedure, error) {
	return procedureOf(c.read.QueryRowContext(ctx, selectProcedure, code), code)
}

const selectProcedure = `SELECT code, name, data FROM procedures WHERE code = ?`

func (t *tx) Procedure(code string) (sohoa.Procedure, error) {
	return procedureOf(t.sql.QueryRowContext(t.ctx, selectProcedure, code), code)
}

func procedureOf(r *sql.Row, code string) (sohoa.Procedure, error) {
	p, err := scanProcedure(r.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = archive.UnknownProcedure(code)
	}
	return p, problem(err)
}

func (t *tx) PutProcedure(p sohoa.Procedure) error {
	code, name := p.Code, p.Name
	p.Code, p.Name = "", ""
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO procedures (code, name, data) VALUES (?, ?, ?)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, data = excluded.data`, code, name, string(data))
}

// FindReuses implements archive.Reuses.
func (c *Catalog) FindReuses(ctx context.Context, scope sohoa.Scope, q archive.ReuseQuery) ([]sohoa.Reuse, error) {
	var w where
	inside, args := within(scope, "agency")
	w.add(inside, args...)
	if q.Dossier != "" {
		w.add(`dossier = ?`, q.Dossier)
	}
	if q.Requirement != "" {
		w.add(`requirement = ?`, q.Requirement)
	}
	if !q.Document.IsZero() {
		w.add(`document = ?`, q.Document.String())
	}
	if q.State != "" {
		w.add(`state = ?`, string(q.State))
	}
	if q.Lost {
		w.add(`lost`)
	}
	if q.Unseen {
		w.add(`lost AND unseen`)
	}
	if !q.From.IsZero() {
		w.add(`at >= ?`, micros(q.From))
	}
	if !q.Until.IsZero() {
		w.add(`at < ?`, micros(q.Until))
	}
	return collect(ctx, c, scanJSON[sohoa.Reuse], `SELECT data FROM reuses`+w.String()+` ORDER BY at DESC, id DESC LIMIT ?`,
		append(w.args, limit(q.Limit))...)
}

// Reuse implements archive.Reuses.
func (c *Catalog) Reuse(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Reuse, error) {
	inside, args := within(scope, "agency")
	q := `SELECT data FROM reuses WHERE id = ? AND ` + inside
	return reuseOf(c.read.QueryRowContext(ctx, q, append([]any{string(id)}, args...)...), id)
}

func reuseOf(r *sql.Row, id sohoa.SetID) (sohoa.Reuse, error) {
	v, err := decoded[sohoa.Reuse](r, "reuse")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.UnknownReuse(id)
	}
	return v, err
}

// selectHeld finds documents by who owns their dossiers: ?1 is the identity
// number, ?2 the key of the name, ?3 the birth date. A person has few papers;
// the plus keeps SQLite from walking all that is kept in order instead.
const selectHeld = `SELECT d.data FROM documents d WHERE d.dossier IN (
		SELECT code FROM dossiers WHERE owner_id <> '' AND owner_id = ?1
		UNION SELECT code FROM dossiers WHERE owner_birth <> '' AND owner_key = ?2 AND owner_birth = ?3 AND (owner_id = '' OR ?1 = ''))
	AND +d.state = 'kept' AND coalesce(json_array_length(d.data, '$.movedTo'), 0) = 0`

// heldFirst is the order in which they are wanted.
const heldFirst = ` ORDER BY coalesce(json_extract(d.data, '$.life.type'), '') = '', d.accepted_at DESC, d.id DESC`

// Held implements archive.Reuses.
func (c *Catalog) Held(ctx context.Context, q archive.HeldQuery) ([]sohoa.Document, error) {
	query, args := selectHeld, []any{q.IDNumber, archive.NameKey(q.Name), string(q.BirthDate)}
	if len(q.Types) > 0 {
		query += ` AND coalesce(json_extract(d.data, '$.life.type'), '') IN (''` + strings.Repeat(`,?`, len(q.Types)) + `)`
		for _, kind := range q.Types {
			args = append(args, kind)
		}
	}
	return collect(ctx, c, scanJSON[sohoa.Document], query+heldFirst+` LIMIT ?`, append(args, limit(q.Limit))...)
}

// selectCounts is the query that counts agency by agency, so that each count
// is a range of an index; so are the agencies themselves, which need not be
// listed. inside is the condition that agency a.code is in scope. What is
// counted is made at ?1 or later, and before ?2. Dossiers are told apart in the
// order of their index, by when each was received, so that none is remembered.
func selectCounts(inside string) string {
	return `WITH RECURSIVE a (code) AS (SELECT min(agency) FROM dossiers
		UNION ALL SELECT (SELECT min(agency) FROM dossiers WHERE agency > a.code) FROM a WHERE a.code IS NOT NULL),
	asked AS MATERIALIZED (SELECT code FROM a WHERE code IS NOT NULL AND ` + inside + `)
	SELECT a.code,
	(SELECT count(*) FROM dossiers o WHERE o.agency = a.code AND o.created_at >= ?1 AND o.created_at < ?2),
	(SELECT count(*) FROM (SELECT DISTINCT r.received, r.dossier FROM reuses r
		WHERE r.state = 'accepted' AND r.agency = a.code AND r.received >= ?1 AND r.received < ?2)),
	n.accepted, n.declined, n.lost, n.unseen,
	(SELECT count(*) FROM reuse_offers f WHERE f.agency = a.code AND f.at >= ?1 AND f.at < ?2)
	FROM asked a LEFT JOIN (SELECT agency,
			count(*) FILTER (WHERE state = 'accepted') AS accepted, count(*) FILTER (WHERE state = 'declined') AS declined,
			count(*) FILTER (WHERE state = 'accepted' AND lost) AS lost, count(*) FILTER (WHERE state = 'accepted' AND unseen) AS unseen
		FROM reuses r WHERE r.agency IN (SELECT code FROM asked) AND r.at >= ?1 AND r.at < ?2 GROUP BY agency) n ON n.agency = a.code
	ORDER BY a.code`
}

// ReuseCounts implements archive.Reuses.
func (c *Catalog) ReuseCounts(ctx context.Context, scope sohoa.Scope, from, until time.Time) ([]archive.ReuseCount, error) {
	inside, args := within(scope, "a.code")
	scan := func(rows *sql.Rows) (archive.ReuseCount, error) {
		var n archive.ReuseCount
		var accepted, declined, lost, unseen sql.NullInt64
		err := rows.Scan(&n.Agency, &n.Received, &n.Reusing, &accepted, &declined, &lost, &unseen, &n.Offered)
		n.Accepted, n.Declined, n.Lost, n.Unseen = int(accepted.Int64), int(declined.Int64), int(lost.Int64), int(unseen.Int64)
		return n, err
	}
	all, err := collect(ctx, c, scan, selectCounts(numbered(inside, 3)), append([]any{micros(from), micros(until)}, args...)...)
	return archive.Counted(all), err
}

// numbered gives the parameters of a condition numbers from first on, as they
// stand before others that have some.
func numbered(condition string, first int) string {
	for ; strings.Contains(condition, "?"); first++ {
		condition = strings.Replace(condition, "?", "\x00"+strconv.Itoa(first), 1)
	}
	return strings.ReplaceAll(condition, "\x00", "?")
}

// selectTurned finds what ended from ?1 until ?2, and of the few losses those
// of what begins by day ?3.
const selectTurned = `SELECT d.id, d.force_until AS turn FROM documents d
		WHERE d.force_until > 0 AND d.force_until >= ?1 AND d.force_until < ?2
			AND EXISTS (SELECT 1 FROM reuses r WHERE r.document = d.id AND r.state = 'accepted' AND NOT r.lost)
	UNION SELECT d.id, 9e18 FROM reuses r JOIN documents d ON d.id = r.document
		WHERE r.lost AND r.state = 'accepted' AND json_extract(r.data, '$.lost.force') = 'not-yet'
			AND coalesce(json_extract(d.data, '$.life.validFrom'), '') <= ?3
	ORDER BY turn, id LIMIT ?4`

// Turned implements archive.Reuses.
func (c *Catalog) Turned(ctx context.Context, from, until time.Time, n int) ([]sohoa.DocumentID, error) {
	return collect(ctx, c, scanID, `SELECT id FROM (`+selectTurned+`)`, micros(from), micros(until), string(sohoa.DateOf(until)), limit(n))
}

// scanID reads a row of one document's ID.
func scanID(rows *sql.Rows) (sohoa.DocumentID, error) {
	var s string
	if err := rows.Scan(&s); err != nil {
		return sohoa.DocumentID{}, err
	}
	return sohoa.ParseDocumentID(s)
}

const selectRecord = `SELECT id, kind, name, change, kept FROM records WHERE `

func scanRecord(scan func(...any) error) (archive.Record, error) {
	var r archive.Record
	return r, scan(&r.ID, &r.Kind, &r.Name, &r.Change, &r.Kept)
}

// Record implements archive.Reuses.
func (c *Catalog) Record(ctx context.Context, id sohoa.SetID) (archive.Record, error) {
	r := c.read.QueryRowContext(ctx, selectRecord+`id = ?`, string(id))
	return scanRecord(func(dest ...any) error { return row(r, "record", dest...) })
}

// Unrecorded implements archive.Reuses.
func (c *Catalog) Unrecorded(ctx context.Context, n int) ([]archive.Record, error) {
	scan := func(rows *sql.Rows) (archive.Record, error) { return scanRecord(rows.Scan) }
	return collect(ctx, c, scan, selectRecord+`kept < change ORDER BY id LIMIT ?`, limit(n))
}

func (t *tx) Reuse(id sohoa.SetID) (sohoa.Reuse, error) {
	return reuseOf(t.sql.QueryRowContext(t.ctx, `SELECT data FROM reuses WHERE id = ?`, string(id)), id)
}

func (t *tx) PutReuse(r sohoa.Reuse) error {
	if r.State == sohoa.ReuseAccepted {
		var n int
		q := `SELECT count(*) FROM reuses WHERE dossier = ? AND requirement = ? AND state = 'accepted' AND id <> ?`
		if err := row(t.sql.QueryRowContext(t.ctx, q, r.Dossier, r.Requirement, string(r.ID)), "reuses", &n); err != nil {
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
	d, err := t.Dossier(r.Dossier)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO reuses (id, dossier, requirement, document, state, at, lost, unseen, agency, received, data)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET dossier = excluded.dossier, requirement = excluded.requirement, document = excluded.document,
			state = excluded.state, at = excluded.at, lost = excluded.lost, unseen = excluded.unseen,
			agency = excluded.agency, received = excluded.received, data = excluded.data`,
		string(r.ID), r.Dossier, r.Requirement, r.Document.String(), string(r.State), micros(r.At),
		r.Lost != nil, r.Lost != nil && r.Lost.Seen.IsZero(), d.Agency, micros(d.CreatedAt), string(data))
}

func (t *tx) DossierReuses(code string) ([]sohoa.Reuse, error) {
	return t.reuses(`SELECT data FROM reuses WHERE dossier = ? ORDER BY id`, code)
}

func (t *tx) DocumentReuses(id sohoa.DocumentID) ([]sohoa.Reuse, error) {
	return t.reuses(`SELECT data FROM reuses WHERE document = ? ORDER BY id`, id.String())
}

func (t *tx) reuses(query string, args ...any) ([]sohoa.Reuse, error) {
	var all []sohoa.Reuse
	err := t.each(func(data string) error {
		r, err := decode[sohoa.Reuse](data, "reuse")
		all = append(all, r)
		return err
	}, query, args...)
	return all, err
}

func (t *tx) Results(dossier string) ([]string, error) {
	var all []string
	err := t.each(func(code string) error {
		all = append(all, code)
		return nil
	}, `SELECT json_extract(data, '$.life.result') FROM documents
		WHERE dossier = ? AND json_extract(data, '$.life.result') <> '' ORDER BY id`, dossier)
	return all, err
}

func (t *tx) PutOffer(dossier, requirement string, at time.Time) error {
	return t.exec(`INSERT INTO reuse_offers (dossier, requirement, agency, at) SELECT code, ?, agency, ? FROM dossiers WHERE code = ?
		ON CONFLICT DO NOTHING`, requirement, micros(at), dossier)
}

func (t *tx) NamedRecord(kind, name string) (archive.Record, error) {
	r := t.sql.QueryRowContext(t.ctx, selectRecord+`kind = ? AND name = ?`, kind, name)
	return scanRecord(func(dest ...any) error { return row(r, "record", dest...) })
}

func (t *tx) PutRecord(r archive.Record) error {
	return t.exec(`INSERT INTO records (id, kind, name, change, kept) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, change = excluded.change, kept = excluded.kept`,
		string(r.ID), r.Kind, r.Name, r.Change, r.Kept)
}
