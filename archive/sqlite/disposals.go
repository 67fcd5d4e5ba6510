package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"sohoa"
	"sohoa/archive"
)

const selectSchedule = `SELECT data FROM schedules ORDER BY version DESC LIMIT 1`

// Schedule implements archive.Disposals.
func (c *Catalog) Schedule(ctx context.Context) (sohoa.Schedule, error) {
	return scheduleOf(c.read.QueryRowContext(ctx, selectSchedule))
}

func scheduleOf(r *sql.Row) (sohoa.Schedule, error) {
	s, err := decoded[sohoa.Schedule](r, "retention schedule")
	if errors.Is(err, sohoa.ErrNotExist) {
		return sohoa.DefaultSchedule(), nil
	}
	return s, err
}

// due is the day from which a document may be disposed of, as it is indexed.
const due = `json_extract(d.data, '$.life.retention.due')`

// Due implements archive.Disposals.
func (c *Catalog) Due(ctx context.Context, scope sohoa.Scope, q archive.DueQuery) ([]sohoa.Document, error) {
	where, args := within(scope, "o.agency")
	where, args = where+` AND d.state = 'kept' AND `+due+` <= ?`, append(args, string(q.Day))
	also := func(condition string, arg any) { where, args = where+` AND `+condition, append(args, arg) }
	if q.Year != 0 {
		also(`substr(`+due+`, 1, 4) = ?`, fmt.Sprintf("%04d", q.Year))
	}
	switch q.Type {
	case "":
	case "-":
		also(`coalesce(json_extract(d.data, '$.life.type'), '') = ?`, "")
	default:
		also(`json_extract(d.data, '$.life.type') = ?`, q.Type)
	}
	if q.Dossier != "" {
		also(`d.dossier = ?`, q.Dossier)
	}
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT d.data FROM documents d JOIN dossiers o ON o.code = d.dossier
		WHERE `+where+` ORDER BY `+due+`, d.id LIMIT ?`, append(args, limit(q.Limit))...)
}

// Unscheduled implements archive.Disposals.
func (c *Catalog) Unscheduled(ctx context.Context, version, n int) ([]sohoa.Document, error) {
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT data FROM documents
		WHERE state = 'kept' AND coalesce(json_extract(data, '$.life.retention.rule'), 0) <> ? ORDER BY id LIMIT ?`, version, limit(n))
}

// Disposal implements archive.Disposals.
func (c *Catalog) Disposal(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Disposal, error) {
	where, args := within(scope, "agency")
	q := `SELECT data FROM disposals WHERE id = ? AND ` + where
	return disposalOf(c.read.QueryRowContext(ctx, q, append([]any{string(id)}, args...)...), id)
}

func disposalOf(r *sql.Row, id sohoa.SetID) (sohoa.Disposal, error) {
	d, err := decoded[sohoa.Disposal](r, "disposal")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.UnknownDisposal(id)
	}
	return d, err
}

// FindDisposals implements archive.Disposals.
func (c *Catalog) FindDisposals(ctx context.Context, scope sohoa.Scope, q archive.DisposalQuery) ([]sohoa.Disposal, error) {
	where, args := within(scope, "agency")
	if q.Open {
		where += ` AND open`
	}
	return collect(ctx, c, scanJSON[sohoa.Disposal], `SELECT data FROM disposals WHERE `+where+` ORDER BY id DESC LIMIT ?`,
		append(args, limit(q.Limit))...)
}

const selectDisposalItems = `SELECT data FROM disposal_items WHERE disposal = ? ORDER BY position`

// DisposalItems implements archive.Disposals.
func (c *Catalog) DisposalItems(ctx context.Context, id sohoa.SetID) ([]sohoa.DisposalItem, error) {
	return collect(ctx, c, scanJSON[sohoa.DisposalItem], selectDisposalItems, string(id))
}

// Stored implements archive.Disposals.
func (c *Catalog) Stored(ctx context.Context, digest sohoa.Digest) (sohoa.Document, error) {
	q := `SELECT d.data FROM files f JOIN documents d ON d.id = f.document WHERE f.digest = ? AND f.page = 0 ORDER BY d.id DESC LIMIT 1`
	return decoded[sohoa.Document](c.read.QueryRowContext(ctx, q, digest.String()), "document")
}

// EndedDossiers implements archive.Disposals.
func (c *Catalog) EndedDossiers(ctx context.Context, scope sohoa.Scope, day sohoa.Date, n int) ([]sohoa.Dossier, error) {
	where, args := within(scope, "agency")
	scan := func(rows *sql.Rows) (sohoa.Dossier, error) {
		var d sohoa.Dossier
		var created int64
		err := rows.Scan(dossierColumns(&d, &created)...)
		d.CreatedAt = fromMicros(created)
		return d, err
	}
	return collect(ctx, c, scan, selectDossier+` WHERE `+where+` AND ended <> '' AND ended < ? AND EXISTS
		(SELECT 1 FROM documents d WHERE d.dossier = code AND d.state IN ('accepted', 'reading', 'read', 'parked'))
		ORDER BY ended, code LIMIT ?`, append(args, string(day), limit(n))...)
}

func (t *tx) Schedule() (sohoa.Schedule, error) {
	return scheduleOf(t.sql.QueryRowContext(t.ctx, selectSchedule))
}

func (t *tx) PutSchedule(s sohoa.Schedule) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO schedules (version, data) VALUES (?, ?)`, s.Version, string(data))
}

func (t *tx) Disposal(id sohoa.SetID) (sohoa.Disposal, error) {
	return disposalOf(t.sql.QueryRowContext(t.ctx, `SELECT data FROM disposals WHERE id = ?`, string(id)), id)
}

func (t *tx) PutDisposal(d sohoa.Disposal) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO disposals (id, agency, state, open, data) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET agency = excluded.agency, state = excluded.state, open = excluded.open, data = excluded.data`,
		string(d.ID), d.Agency, string(d.State), d.State.Open(), string(data))
}

func (t *tx) DisposalItems(id sohoa.SetID) ([]sohoa.DisposalItem, error) {
	var all []sohoa.DisposalItem
	err := t.each(func(data string) error {
		i, err := decode[sohoa.DisposalItem](data, "disposal item")
		all = append(all, i)
		return err
	}, selectDisposalItems, string(id))
	return all, err
}

func (t *tx) PutDisposalItem(i sohoa.DisposalItem) error {
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO disposal_items (disposal, document, position, data) VALUES (?, ?, ?, ?)
		ON CONFLICT (disposal, document) DO UPDATE SET position = excluded.position, data = excluded.data`,
		string(i.Disposal), i.Document.String(), i.Position, string(data))
}

func (t *tx) Sharing(id sohoa.DocumentID) ([]sohoa.DocumentID, error) {
	var all []sohoa.DocumentID
	err := t.each(func(s string) error {
		other, err := sohoa.ParseDocumentID(s)
		all = append(all, other)
		return err
	}, `WITH shared AS (
			SELECT holder AS id FROM leaves WHERE document = ?1
			UNION SELECT document FROM leaves WHERE holder = ?1
			UNION SELECT json_extract(data, '$.from.document') FROM pages WHERE document = ?1
			UNION SELECT p.document FROM pages p JOIN documents d ON d.id = p.document
				WHERE d.dossier = (SELECT dossier FROM documents WHERE id = ?1) AND json_extract(p.data, '$.from.document') = ?1)
		SELECT d.id FROM documents d JOIN shared s ON s.id = d.id WHERE d.id <> ?1 AND d.state <> 'destroyed' ORDER BY d.id`, id.String())
	return all, err
}

// BuryDocument overwrites what it removes, where the file has it: SQLite would
// leave it in free pages.
func (t *tx) BuryDocument(d sohoa.Document) error {
	if err := t.exec(`PRAGMA secure_delete = ON`); err != nil {
		return err
	}
	for _, column := range []string{"pages WHERE document", "files WHERE document", "arrangements WHERE document",
		"leaves WHERE document", "leaves WHERE holder", "set_items WHERE document", "pending_signatures WHERE document"} {
		if err := t.exec(`DELETE FROM `+column+` = ?`, d.ID.String()); err != nil {
			return err
		}
	}
	return t.PutDocument(d)
}
