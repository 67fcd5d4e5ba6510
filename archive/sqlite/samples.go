package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"sohoa"
	"sohoa/archive"
)

// selectSampleable lists what could be drawn. The range of kept_at is an index;
// the order of identifiers is that in which the draw is described.
func selectSampleable(scope sohoa.Scope, q archive.SampleableQuery) (string, []any) {
	where, args := within(scope, "o.agency")
	args = append([]any{string(q.Before), micros(q.From), micros(q.Until)}, args...)
	query := `SELECT d.id, EXISTS (SELECT 1 FROM sample_items i WHERE i.document = d.id AND i.sample < ?)
		FROM documents d JOIN dossiers o ON o.code = d.dossier
		WHERE d.state = 'kept' AND d.kept_at >= ? AND d.kept_at < ? AND ` + where + `
			AND coalesce(json_array_length(d.data, '$.movedTo'), 0) = 0`
	if q.Procedure != "" {
		query, args = query+` AND o.procedure = ?`, append(args, q.Procedure)
	}
	if q.Type != "" {
		query, args = query+` AND json_extract(d.data, '$.life.type') = ?`, append(args, q.Type)
	}
	return query + ` ORDER BY d.id`, args
}

// Sampleable implements archive.Samples.
func (c *Catalog) Sampleable(ctx context.Context, scope sohoa.Scope, q archive.SampleableQuery, visit func(sohoa.DocumentID, bool) error) error {
	query, args := selectSampleable(scope, q)
	rows, err := c.read.QueryContext(ctx, query, args...)
	if err != nil {
		return problem(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		var before bool
		if err := rows.Scan(&text, &before); err != nil {
			return err
		}
		id, err := sohoa.ParseDocumentID(text)
		if err == nil {
			err = visit(id, before)
		}
		if err != nil {
			return err
		}
	}
	return problem(rows.Err())
}

// Sample implements archive.Samples.
func (c *Catalog) Sample(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Sample, error) {
	where, args := within(scope, "agency")
	q := `SELECT data FROM samples WHERE id = ? AND ` + where
	return sampleOf(c.read.QueryRowContext(ctx, q, append([]any{string(id)}, args...)...), id)
}

func sampleOf(r *sql.Row, id sohoa.SetID) (sohoa.Sample, error) {
	s, err := decoded[sohoa.Sample](r, "sample")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.UnknownSample(id)
	}
	return s, err
}

// FindSamples implements archive.Samples.
func (c *Catalog) FindSamples(ctx context.Context, scope sohoa.Scope, q archive.SampleQuery) ([]sohoa.Sample, error) {
	where, args := within(scope, "agency")
	if q.Open {
		where += ` AND open`
	}
	return collect(ctx, c, scanJSON[sohoa.Sample], `SELECT data FROM samples WHERE `+where+` ORDER BY id DESC LIMIT ?`,
		append(args, limit(q.Limit))...)
}

const selectSampleItems = `SELECT data FROM sample_items WHERE sample = ? ORDER BY position`

// SampleItems implements archive.Samples.
func (c *Catalog) SampleItems(ctx context.Context, id sohoa.SetID) ([]sohoa.SampleItem, error) {
	return collect(ctx, c, scanJSON[sohoa.SampleItem], selectSampleItems, string(id))
}

func selectFaults(scope sohoa.Scope, q archive.FaultQuery) (string, []any) {
	where, args := within(scope, "agency")
	query := `SELECT data FROM sample_items WHERE closed_at > 0 AND faulty AND ` + where
	if q.Due {
		query += ` AND due`
	}
	if !q.Document.IsZero() {
		query, args = query+` AND document = ?`, append(args, q.Document.String())
	}
	return query + ` ORDER BY sample DESC, position LIMIT ?`, append(args, limit(q.Limit))
}

// FindFaults implements archive.Samples.
func (c *Catalog) FindFaults(ctx context.Context, scope sohoa.Scope, q archive.FaultQuery) ([]sohoa.SampleItem, error) {
	query, args := selectFaults(scope, q)
	return collect(ctx, c, scanJSON[sohoa.SampleItem], query, args...)
}

// selectQuality counts what was closed from ?1 until ?2.
func selectQuality(inside string) string {
	return `SELECT agency, sum(judged), sum(judged AND NOT faulty), sum(pages), sum(pages_good), sum(due)
		FROM sample_items WHERE closed_at > 0 AND closed_at >= ?1 AND closed_at < ?2 AND ` + inside + ` GROUP BY agency ORDER BY agency`
}

// Quality implements archive.Samples.
func (c *Catalog) Quality(ctx context.Context, scope sohoa.Scope, from, until time.Time) ([]archive.QualityCount, error) {
	inside, args := within(scope, "agency")
	scan := func(rows *sql.Rows) (archive.QualityCount, error) {
		var n archive.QualityCount
		return n, rows.Scan(&n.Agency, &n.Documents, &n.DocumentsGood, &n.Pages, &n.PagesGood, &n.Due)
	}
	return collect(ctx, c, scan, selectQuality(numbered(inside, 3)), append([]any{micros(from), micros(until)}, args...)...)
}

func (t *tx) Sample(id sohoa.SetID) (sohoa.Sample, error) {
	return sampleOf(t.sql.QueryRowContext(t.ctx, `SELECT data FROM samples WHERE id = ?`, string(id)), id)
}

func (t *tx) PutSample(s sohoa.Sample) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO samples (id, agency, open, data) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET agency = excluded.agency, open = excluded.open, data = excluded.data`,
		string(s.ID), s.Agency, s.Closed == nil, string(data))
}

func (t *tx) SampleItem(id sohoa.SetID, document sohoa.DocumentID) (sohoa.SampleItem, error) {
	q := `SELECT data FROM sample_items WHERE sample = ? AND document = ?`
	i, err := decoded[sohoa.SampleItem](t.sql.QueryRowContext(t.ctx, q, string(id), document.String()), "sample item")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.NotInSample(document)
	}
	return i, err
}

func (t *tx) SampleItems(id sohoa.SetID) (all []sohoa.SampleItem, err error) {
	err = t.each(func(data string) error {
		i, err := decode[sohoa.SampleItem](data, "sample item")
		all = append(all, i)
		return err
	}, selectSampleItems, string(id))
	return all, err
}

func (t *tx) PutSampleItem(i sohoa.SampleItem) error {
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	n := sohoa.ResultOf([]sohoa.SampleItem{i})
	return t.exec(`INSERT INTO sample_items (sample, document, position, agency, closed_at, judged, faulty, due, pages, pages_good, data)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (sample, document) DO UPDATE SET position = excluded.position, agency = excluded.agency, closed_at = excluded.closed_at,
			judged = excluded.judged, faulty = excluded.faulty, due = excluded.due, pages = excluded.pages, pages_good = excluded.pages_good,
			data = excluded.data`,
		string(i.Sample), i.Document.String(), i.Position, i.Agency, micros(i.Closed), n.Documents, i.Faulty(), i.Due(), n.Pages, n.PagesGood, string(data))
}

func (t *tx) Sampled(document sohoa.DocumentID) (found bool, err error) {
	r := t.sql.QueryRowContext(t.ctx, `SELECT EXISTS (SELECT 1 FROM sample_items WHERE document = ?)`, document.String())
	return found, row(r, "sample item", &found)
}
