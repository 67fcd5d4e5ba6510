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

// tx is one transaction of Update. Its errors are PostgreSQL's own, by which
// Update decides whether to run it again.
type tx struct {
	ctx   context.Context // of the Update call; a tx does not outlive it
	sql   pgx.Tx
	queue Queue
	now   func() time.Time
	head  uint64 // of the last entry appended; 0 if none
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.sql.Exec(t.ctx, query, args...)
	return err
}

// lock locks a name that has no row yet until the transaction ends.
func (t *tx) lock(class int32, name string) error {
	return t.exec(`SELECT pg_advisory_xact_lock($1, hashtext($2))`, class, name)
}

// row scans one row into dest; no row is sohoa.ErrNotExist naming what.
func row(r pgx.Row, what string, dest ...any) error {
	err := r.Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, sohoa.ErrNotExist)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// decoded reads a row of one JSON column.
func decoded[T any](r pgx.Row, what string) (T, error) {
	var v T
	var data []byte
	if err := row(r, what, &data); err != nil {
		return v, err
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return v, fmt.Errorf("%s: unreadable catalogue row: %w", what, err)
	}
	return v, nil
}

// documentOr names the document where none was found.
func documentOr(id sohoa.DocumentID, d sohoa.Document, err error) (sohoa.Document, error) {
	if errors.Is(err, sohoa.ErrNotExist) {
		err = &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "document.unknown", Args: []string{id.String()}}
	}
	return d, err
}

// Document locks the document until the transaction ends.
func (t *tx) Document(id sohoa.DocumentID) (sohoa.Document, error) {
	d, err := decoded[sohoa.Document](t.sql.QueryRow(t.ctx,
		`SELECT data FROM documents WHERE id = $1 FOR NO KEY UPDATE`, id.String()), "document")
	return documentOr(id, d, err)
}

// FindDigest locks the document until the transaction ends. Where there is
// none, another transaction may enter it first; then this one is run again.
func (t *tx) FindDigest(dossier string, d sohoa.Digest) (sohoa.Document, error) {
	return decoded[sohoa.Document](t.sql.QueryRow(t.ctx,
		`SELECT data FROM documents WHERE dossier = $1 AND digest = $2 FOR NO KEY UPDATE`, dossier, d[:]), "document")
}

func (t *tx) PutDocument(d sohoa.Document) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	digest := d.Digest[:]
	if d.Digest.IsZero() {
		digest = []byte(d.ID.String()) // it has no original; the pair is unique all the same
	}
	pages, wait := archive.KeptFigures(d)
	return t.exec(`INSERT INTO documents (id, dossier, digest, state, held, accepted_at, proof_until, force_until, result, lookup, revision, copied, kept_at, pages, facts, wait, data, unconfirmed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
		ON CONFLICT (id) DO UPDATE SET dossier = excluded.dossier, digest = excluded.digest, state = excluded.state,
			held = excluded.held, unconfirmed = excluded.unconfirmed, accepted_at = excluded.accepted_at, proof_until = excluded.proof_until,
			force_until = excluded.force_until, result = excluded.result, lookup = excluded.lookup, revision = excluded.revision, copied = excluded.copied, kept_at = excluded.kept_at,
			pages = excluded.pages, facts = excluded.facts, wait = excluded.wait, data = excluded.data`,
		d.ID.String(), d.Dossier, digest, string(d.State), d.Held, stamp(d.AcceptedAt), stamp(d.ProofUntil), stamp(d.Life.ForceUntil()), d.Life.Result, d.Lookup,
		d.Revision, d.Copied, stamp(d.KeptAt), pages, int(d.Facts()), wait, data, d.Unconfirmed())
}

func (t *tx) Page(id sohoa.DocumentID, number int) (sohoa.Page, error) {
	return decoded[sohoa.Page](t.sql.QueryRow(t.ctx,
		`SELECT data FROM pages WHERE document = $1 AND number = $2 FOR NO KEY UPDATE`, id.String(), number), "page")
}

const putPage = `INSERT INTO pages (document, number, done, data) VALUES ($1, $2, $3, $4)
	ON CONFLICT (document, number) DO UPDATE SET done = excluded.done, data = excluded.data`

// pageRow are the arguments of putPage.
func pageRow(p sohoa.Page) ([]any, error) {
	data, err := json.Marshal(p)
	return []any{p.Document.String(), p.Number, p.Read || p.Problem != nil, data}, err
}

func (t *tx) PutPage(p sohoa.Page) error {
	args, err := pageRow(p)
	if err != nil {
		return err
	}
	return t.exec(putPage, args...)
}

// CountRead locks the document first: the count is of a statement that begins
// with the lock held, so it holds every page whose transaction had it before.
func (t *tx) CountRead(id sohoa.DocumentID) (int, error) {
	if err := t.exec(`SELECT FROM documents WHERE id = $1 FOR NO KEY UPDATE`, id.String()); err != nil {
		return 0, err
	}
	var n int
	err := row(t.sql.QueryRow(t.ctx, `SELECT count(*) FROM pages WHERE document = $1 AND done`, id.String()), "pages", &n)
	return n, err
}

const putFile = `INSERT INTO files (document, role, page, key, size, digest, media_type) VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (document, role, page) DO UPDATE SET key = excluded.key, size = excluded.size,
		digest = excluded.digest, media_type = excluded.media_type`

// fileRow are the arguments of putFile.
func fileRow(id sohoa.DocumentID, f sohoa.File) []any {
	return []any{id.String(), string(f.Role), f.Page, f.Key, f.Size, f.Digest[:], f.MediaType}
}

func (t *tx) PutFile(id sohoa.DocumentID, f sohoa.File) error {
	return t.exec(putFile, fileRow(id, f)...)
}

// Dossier locks the dossier, or, where there is none, its code: of two that
// want to make it, the second sees the first one's.
func (t *tx) Dossier(code string) (sohoa.Dossier, error) {
	const q = selectDossier + ` WHERE code = $1 FOR NO KEY UPDATE`
	d, err := scanDossier(t.sql.QueryRow(t.ctx, q, code), code)
	if !errors.Is(err, sohoa.ErrNotExist) {
		return d, err
	}
	if err := t.lock(lockDossier, code); err != nil {
		return d, err
	}
	return scanDossier(t.sql.QueryRow(t.ctx, q, code), code)
}

func (t *tx) PutDossier(d sohoa.Dossier) error {
	key := ""
	if d.Owner.BirthDate != "" {
		key = archive.NameKey(d.Owner.Name)
	}
	err := t.exec(`INSERT INTO dossiers (code, procedure, agency, owner_name, owner_id, owner_birth, owner_key, subject, created_at, created_by, folded, ended, due)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (code) DO UPDATE SET procedure = excluded.procedure, agency = excluded.agency,
			owner_name = excluded.owner_name, owner_id = excluded.owner_id, owner_birth = excluded.owner_birth,
			owner_key = excluded.owner_key, subject = excluded.subject, folded = excluded.folded, ended = excluded.ended, due = excluded.due`,
		d.Code, d.Procedure, d.Agency, d.Owner.Name, d.Owner.IDNumber, string(d.Owner.BirthDate), key, d.Subject, stamp(d.CreatedAt), d.CreatedBy,
		archive.Fold(d.Code+" "+d.Owner.Name+" "+d.Subject), string(d.Ended), string(d.Due))
	if err != nil {
		return err
	}
	return t.exec(`UPDATE reuses SET agency = $1 WHERE dossier = $2 AND agency <> $1`, d.Agency, d.Code)
}

func (t *tx) Enqueue(jobs ...archive.Job) error {
	if t.queue == nil {
		return errNoQueue
	}
	return t.queue.Enqueue(t.ctx, t.sql, jobs)
}

func (t *tx) Complete(job archive.RunningJob) error {
	if t.queue == nil {
		return errNoQueue
	}
	return t.queue.Complete(t.ctx, t.sql, job)
}

var errNoQueue = errors.New("this catalogue was opened without a job queue")

// stamp is t as it is stored; the zero time is NULL.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}

// fromStamp is the inverse of stamp.
func fromStamp(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
