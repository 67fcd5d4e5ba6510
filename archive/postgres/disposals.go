package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

const selectSchedule = `SELECT data FROM schedules ORDER BY version DESC LIMIT 1`

// Schedule implements archive.Disposals.
func (c *Catalog) Schedule(ctx context.Context) (sohoa.Schedule, error) {
	s, err := scheduleOf(c.pool.QueryRow(ctx, selectSchedule))
	return s, problem(err)
}

func scheduleOf(r pgx.Row) (sohoa.Schedule, error) {
	s, err := decoded[sohoa.Schedule](r, "retention schedule")
	if errors.Is(err, sohoa.ErrNotExist) {
		return sohoa.DefaultSchedule(), nil
	}
	return s, err
}

// Due implements archive.Disposals.
func (c *Catalog) Due(ctx context.Context, scope sohoa.Scope, q archive.DueQuery) ([]sohoa.Document, error) {
	year := ""
	if q.Year != 0 {
		year = strconv.Itoa(q.Year)
	}
	const due = `(d.data -> 'life' -> 'retention' ->> 'due')`
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT d.data FROM documents d JOIN dossiers o ON o.code = d.dossier
		WHERE `+inScope+` AND d.state = 'kept' AND `+due+` <= $2 AND ($3 = '' OR left(`+due+`, 4) = $3)
			AND ($4 = '' OR coalesce(d.data -> 'life' ->> 'type', '') = CASE $4 WHEN '-' THEN '' ELSE $4 END)
			AND ($5 = '' OR d.dossier = $5)
		ORDER BY `+due+`, d.id LIMIT $6`, agencies(scope), string(q.Day), year, q.Type, q.Dossier, limit(q.Limit))
}

// Unscheduled implements archive.Disposals.
func (c *Catalog) Unscheduled(ctx context.Context, version, n int) ([]sohoa.Document, error) {
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT data FROM documents
		WHERE state = 'kept' AND coalesce(data -> 'life' -> 'retention' ->> 'rule', '0') <> $1 ORDER BY id LIMIT $2`,
		strconv.Itoa(version), limit(n))
}

// Disposal implements archive.Disposals.
func (c *Catalog) Disposal(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Disposal, error) {
	d, err := disposalOf(c.pool.QueryRow(ctx, `SELECT data FROM disposals o WHERE `+inScope+` AND id = $2`, agencies(scope), string(id)), id)
	return d, problem(err)
}

func disposalOf(r pgx.Row, id sohoa.SetID) (sohoa.Disposal, error) {
	d, err := decoded[sohoa.Disposal](r, "disposal")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.UnknownDisposal(id)
	}
	return d, err
}

// FindDisposals implements archive.Disposals.
func (c *Catalog) FindDisposals(ctx context.Context, scope sohoa.Scope, q archive.DisposalQuery) ([]sohoa.Disposal, error) {
	return collect(ctx, c, scanJSON[sohoa.Disposal], `SELECT data FROM disposals o WHERE `+inScope+` AND (NOT $2 OR open)
		ORDER BY id DESC LIMIT $3`, agencies(scope), q.Open, limit(q.Limit))
}

const selectDisposalItems = `SELECT data FROM disposal_items WHERE disposal = $1 ORDER BY position`

// DisposalItems implements archive.Disposals.
func (c *Catalog) DisposalItems(ctx context.Context, id sohoa.SetID) ([]sohoa.DisposalItem, error) {
	return collect(ctx, c, scanJSON[sohoa.DisposalItem], selectDisposalItems, string(id))
}

// Stored implements archive.Disposals.
func (c *Catalog) Stored(ctx context.Context, digest sohoa.Digest) (sohoa.Document, error) {
	d, err := decoded[sohoa.Document](c.pool.QueryRow(ctx, `SELECT d.data FROM files f JOIN documents d ON d.id = f.document
		WHERE f.digest = $1 AND f.page = 0 ORDER BY d.id DESC LIMIT 1`, digest[:]), "document")
	return d, problem(err)
}

// EndedDossiers implements archive.Disposals.
func (c *Catalog) EndedDossiers(ctx context.Context, scope sohoa.Scope, day sohoa.Date, n int) ([]sohoa.Dossier, error) {
	scan := func(r pgx.CollectableRow) (sohoa.Dossier, error) {
		var d sohoa.Dossier
		var created *time.Time
		err := r.Scan(dossierColumns(&d, &created)...)
		d.CreatedAt = fromStamp(created)
		return d, err
	}
	return collect(ctx, c, scan, selectDossier+` WHERE `+inScope+` AND ended <> '' AND ended < $2 AND EXISTS
		(SELECT 1 FROM documents d WHERE d.dossier = o.code AND d.state IN ('accepted', 'reading', 'read', 'parked'))
		ORDER BY ended, code LIMIT $3`, agencies(scope), string(day), limit(n))
}

// Schedule locks the schedule until the transaction ends.
func (t *tx) Schedule() (sohoa.Schedule, error) {
	if err := t.lock(lockSchedule, ""); err != nil {
		return sohoa.Schedule{}, err
	}
	return scheduleOf(t.sql.QueryRow(t.ctx, selectSchedule))
}

func (t *tx) PutSchedule(s sohoa.Schedule) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO schedules (version, data) VALUES ($1, $2)`, s.Version, data)
}

// Disposal locks the disposal until the transaction ends.
func (t *tx) Disposal(id sohoa.SetID) (sohoa.Disposal, error) {
	return disposalOf(t.sql.QueryRow(t.ctx, `SELECT data FROM disposals WHERE id = $1 FOR NO KEY UPDATE`, string(id)), id)
}

func (t *tx) PutDisposal(d sohoa.Disposal) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO disposals (id, agency, state, open, data) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET agency = excluded.agency, state = excluded.state, open = excluded.open, data = excluded.data`,
		string(d.ID), d.Agency, string(d.State), d.State.Open(), data)
}

func (t *tx) DisposalItems(id sohoa.SetID) ([]sohoa.DisposalItem, error) {
	rows, err := t.sql.Query(t.ctx, selectDisposalItems, string(id))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanJSON[sohoa.DisposalItem])
}

func (t *tx) PutDisposalItem(i sohoa.DisposalItem) error {
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO disposal_items (disposal, document, position, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (disposal, document) DO UPDATE SET position = excluded.position, data = excluded.data`,
		string(i.Disposal), i.Document.String(), i.Position, data)
}

func (t *tx) Sharing(id sohoa.DocumentID) ([]sohoa.DocumentID, error) {
	rows, err := t.sql.Query(t.ctx, `WITH shared AS (
			SELECT holder AS id FROM leaves WHERE document = $1
			UNION SELECT document FROM leaves WHERE holder = $1
			UNION SELECT data -> 'from' ->> 'document' FROM pages WHERE document = $1
			UNION SELECT p.document FROM pages p JOIN documents d ON d.id = p.document
				WHERE d.dossier = (SELECT dossier FROM documents WHERE id = $1) AND p.data -> 'from' ->> 'document' = $1)
		SELECT d.id FROM documents d JOIN shared s ON s.id = d.id WHERE d.id <> $1 AND d.state <> 'destroyed' ORDER BY d.id`, id.String())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (sohoa.DocumentID, error) {
		var s string
		if err := r.Scan(&s); err != nil {
			return sohoa.DocumentID{}, err
		}
		return sohoa.ParseDocumentID(s)
	})
}

func (t *tx) BuryDocument(d sohoa.Document) error {
	for _, column := range []string{"pages WHERE document", "files WHERE document", "arrangements WHERE document",
		"leaves WHERE document", "leaves WHERE holder", "set_items WHERE document", "pending_signatures WHERE document"} {
		if err := t.exec(`DELETE FROM `+column+` = $1`, d.ID.String()); err != nil {
			return err
		}
	}
	return t.PutDocument(d)
}
