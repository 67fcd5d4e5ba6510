package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sohoa"
	"sohoa/archive"
)

// tx is one transaction of Update.
type tx struct {
	ctx   context.Context // of the Update call; a tx does not outlive it
	sql   *sql.Tx
	queue Queue
	now   func() time.Time
	head  uint64 // of the last entry appended; 0 if none
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.sql.ExecContext(t.ctx, query, args...)
	return err
}

// row scans one row into dest; no row is sohoa.ErrNotExist naming what.
func row(r *sql.Row, what string, dest ...any) error {
	err := r.Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, sohoa.ErrNotExist)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, problem(err))
	}
	return nil
}

// decode reads a JSON column.
func decode[T any](data, what string) (T, error) {
	var v T
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		return v, fmt.Errorf("%s: unreadable catalogue row: %w", what, err)
	}
	return v, nil
}

// decoded reads a row of one JSON column; no row is sohoa.ErrNotExist naming
// what.
func decoded[T any](r *sql.Row, what string) (T, error) {
	var data string
	if err := row(r, what, &data); err != nil {
		var zero T
		return zero, err
	}
	return decode[T](data, what)
}

func unknownDocument(id sohoa.DocumentID) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "document.unknown", Args: []string{id.String()}}
}

func (t *tx) Document(id sohoa.DocumentID) (sohoa.Document, error) {
	d, err := decoded[sohoa.Document](t.sql.QueryRowContext(t.ctx, `SELECT data FROM documents WHERE id = ?`, id.String()), "document")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = unknownDocument(id)
	}
	return d, err
}

func (t *tx) FindDigest(dossier string, d sohoa.Digest) (sohoa.Document, error) {
	q := `SELECT data FROM documents WHERE dossier = ? AND digest = ?`
	return decoded[sohoa.Document](t.sql.QueryRowContext(t.ctx, q, dossier, d.String()), "document")
}

func (t *tx) PutDocument(d sohoa.Document) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	digest := d.Digest.String()
	if d.Digest.IsZero() {
		digest = d.ID.String() // it has no original; the pair is unique all the same
	}
	pages, wait := archive.KeptFigures(d)
	return t.exec(`INSERT INTO documents (id, dossier, digest, state, held, unconfirmed, accepted_at, proof_until, force_until, lookup, revision, copied, kept_at, pages, facts, wait, data)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET dossier = excluded.dossier, digest = excluded.digest, state = excluded.state,
			held = excluded.held, unconfirmed = excluded.unconfirmed, accepted_at = excluded.accepted_at, proof_until = excluded.proof_until,
			force_until = excluded.force_until, lookup = excluded.lookup, revision = excluded.revision, copied = excluded.copied, kept_at = excluded.kept_at,
			pages = excluded.pages, facts = excluded.facts, wait = excluded.wait, data = excluded.data`,
		d.ID.String(), d.Dossier, digest, string(d.State), d.Held, d.Unconfirmed(), micros(d.AcceptedAt), micros(d.ProofUntil), micros(d.Life.ForceUntil()), d.Lookup,
		d.Revision, d.Copied, micros(d.KeptAt), pages, d.Facts(), wait, string(data))
}

func (t *tx) Page(id sohoa.DocumentID, number int) (sohoa.Page, error) {
	q := `SELECT data FROM pages WHERE document = ? AND number = ?`
	return decoded[sohoa.Page](t.sql.QueryRowContext(t.ctx, q, id.String(), number), "page")
}

func (t *tx) PutPage(p sohoa.Page) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO pages (document, number, done, data) VALUES (?, ?, ?, ?)
		ON CONFLICT (document, number) DO UPDATE SET done = excluded.done, data = excluded.data`,
		p.Document.String(), p.Number, p.Read || p.Problem != nil, string(data))
}

func (t *tx) CountRead(id sohoa.DocumentID) (int, error) {
	var n int
	q := `SELECT count(*) FROM pages WHERE document = ? AND done`
	return n, row(t.sql.QueryRowContext(t.ctx, q, id.String()), "pages", &n)
}

func (t *tx) PutFile(id sohoa.DocumentID, f sohoa.File) error {
	return t.exec(`INSERT INTO files (document, role, page, key, size, digest, media_type) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (document, role, page) DO UPDATE SET key = excluded.key, size = excluded.size,
			digest = excluded.digest, media_type = excluded.media_type`,
		id.String(), string(f.Role), f.Page, f.Key, f.Size, f.Digest.String(), f.MediaType)
}

func (t *tx) Dossier(code string) (sohoa.Dossier, error) {
	return scanDossier(t.sql.QueryRowContext(t.ctx, selectDossier+` WHERE code = ?`, code), code)
}

func (t *tx) PutDossier(d sohoa.Dossier) error {
	key := ""
	if d.Owner.BirthDate != "" {
		key = archive.NameKey(d.Owner.Name)
	}
	err := t.exec(`INSERT INTO dossiers (code, procedure, agency, owner_name, owner_id, owner_birth, owner_key, subject, created_at, created_by, ended, due)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (code) DO UPDATE SET procedure = excluded.procedure, agency = excluded.agency,
			owner_name = excluded.owner_name, owner_id = excluded.owner_id, owner_birth = excluded.owner_birth,
			owner_key = excluded.owner_key, subject = excluded.subject, ended = excluded.ended, due = excluded.due`,
		d.Code, d.Procedure, d.Agency, d.Owner.Name, d.Owner.IDNumber, string(d.Owner.BirthDate), key,
		d.Subject, micros(d.CreatedAt), d.CreatedBy, string(d.Ended), string(d.Due))
	if err != nil {
		return err
	}
	return t.exec(`UPDATE reuses SET agency = ? WHERE dossier = ? AND agency <> ?`, d.Agency, d.Code, d.Agency)
}

func (t *tx) Agencies() ([]sohoa.Agency, error) {
	rows, err := t.sql.QueryContext(t.ctx, selectAgencies)
	if err != nil {
		return nil, problem(err)
	}
	defer rows.Close()
	var all []sohoa.Agency
	for rows.Next() {
		var a sohoa.Agency
		if err := rows.Scan(&a.Code, &a.Name, &a.Parent); err != nil {
			return nil, problem(err)
		}
		all = append(all, a)
	}
	return all, problem(rows.Err())
}

func (t *tx) Agency(code string) (sohoa.Agency, error) {
	var a sohoa.Agency
	return a, row(t.sql.QueryRowContext(t.ctx, `SELECT code, name, parent FROM agencies WHERE code = ?`, code), "agency", &a.Code, &a.Name, &a.Parent)
}

func (t *tx) PutAgency(a sohoa.Agency) error {
	return t.exec(`INSERT INTO agencies (code, name, parent) VALUES (?, ?, ?)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, parent = excluded.parent`, a.Code, a.Name, a.Parent)
}

func (t *tx) PutUser(u sohoa.User) error {
	return t.exec(`INSERT INTO users (name, full_name, role, agency, created_at, disabled) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET full_name = excluded.full_name, role = excluded.role, agency = excluded.agency, disabled = excluded.disabled`,
		u.Name, u.FullName, sohoa.JoinRoles(u.Roles), u.Agency, micros(u.CreatedAt), u.Disabled)
}

func (t *tx) Credentials(user string) (archive.Credentials, error) {
	return scanCredentials(t.sql.QueryRowContext(t.ctx, selectCredentials, user), user)
}

func (t *tx) PutCredentials(user string, c archive.Credentials) error {
	setup := ""
	if !c.Setup.IsZero() {
		setup = c.Setup.String()
	}
	r, err := t.sql.ExecContext(t.ctx, `UPDATE users SET password = ?, setup = ?, setup_expires = ? WHERE name = ?`,
		c.Password, setup, micros(c.SetupExpires), user)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("user %q: %w", user, sohoa.ErrNotExist))
	}
	return nil
}

func (t *tx) Enqueue(jobs ...archive.Job) error {
	if t.queue == nil {
		return errors.New("this catalogue was opened without a job queue")
	}
	return t.queue.Enqueue(t.ctx, t.sql, jobs)
}

func (t *tx) Complete(job archive.RunningJob) error {
	if t.queue == nil {
		return errors.New("this catalogue was opened without a job queue")
	}
	return t.queue.Complete(t.ctx, t.sql, job)
}
