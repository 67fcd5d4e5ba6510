package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

// selectSampleable lists what could be drawn. The range of kept_at is an index;
// the order of identifiers is that in which the draw is described.
const selectSampleable = `SELECT d.id, EXISTS (SELECT 1 FROM sample_items i WHERE i.document = d.id AND i.sample < $2)
	FROM documents d JOIN dossiers o ON o.code = d.dossier
	WHERE d.state = 'kept' AND d.kept_at >= $3 AND d.kept_at < $4 AND ` + inScope + `
		AND coalesce(json_array_length(d.data -> 'movedTo'), 0) = 0
		AND ($5 = '' OR o.procedure = $5) AND ($6 = '' OR d.data -> 'life' ->> 'type' = $6)
	ORDER BY d.id`

// Sampleable implements archive.Samples.
func (c *Catalog) Sampleable(ctx context.Context, scope sohoa.Scope, q archive.SampleableQuery, visit func(sohoa.DocumentID, bool) error) error {
	rows, err := c.pool.Query(ctx, selectSampleable, agencies(scope), string(q.Before), q.From, q.Until, q.Procedure, q.Type)
	if err != nil {
		return problem(err)
	}
	var text string
	var before bool
	_, err = pgx.ForEachRow(rows, []any{&text, &before}, func() error {
		id, err := sohoa.ParseDocumentID(text)
		if err != nil {
			return err
		}
		return visit(id, before)
	})
	return problem(err)
}

// Sample implements archive.Samples.
func (c *Catalog) Sample(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Sample, error) {
	s, err := sampleOf(c.pool.QueryRow(ctx, `SELECT data FROM samples o WHERE `+inScope+` AND id = $2`, agencies(scope), string(id)), id)
	return s, problem(err)
}

func sampleOf(r pgx.Row, id sohoa.SetID) (sohoa.Sample, error) {
	s, err := decoded[sohoa.Sample](r, "sample")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.UnknownSample(id)
	}
	return s, err
}

// FindSamples implements archive.Samples.
func (c *Catalog) FindSamples(ctx context.Context, scope sohoa.Scope, q archive.SampleQuery) ([]sohoa.Sample, error) {
	return collect(ctx, c, scanJSON[sohoa.Sample], `SELECT data FROM samples o WHERE `+inScope+` AND (NOT $2 OR open)
		ORDER BY id DESC LIMIT $3`, agencies(scope), q.Open, limit(q.Limit))
}

const selectSampleItems = `SELECT data FROM sample_items WHERE sample = $1 ORDER BY position`

// SampleItems implements archive.Samples.
func (c *Catalog) SampleItems(ctx context.Context, id sohoa.SetID) ([]sohoa.SampleItem, error) {
	return collect(ctx, c, scanJSON[sohoa.SampleItem], selectSampleItems, string(id))
}

// selectFaults has its conditions only where they are asked for: a general plan
// would take no index.
func selectFaults(scope sohoa.Scope, q archive.FaultQuery) (string, []any) {
	query, args := `SELECT data FROM sample_items o WHERE closed_at IS NOT NULL AND faulty AND `+inScope, []any{agencies(scope), limit(q.Limit)}
	if q.Due {
		query += ` AND due`
	}
	if !q.Document.IsZero() {
		query, args = query+` AND document = $3`, append(args, q.Document.String())
	}
	return query + ` ORDER BY sample DESC, position LIMIT $2`, args
}

// FindFaults implements archive.Samples.
func (c *Catalog) FindFaults(ctx context.Context, scope sohoa.Scope, q archive.FaultQuery) ([]sohoa.SampleItem, error) {
	query, args := selectFaults(scope, q)
	return collect(ctx, c, scanJSON[sohoa.SampleItem], query, args...)
}

// selectQuality counts what was closed from $2 until $3.
const selectQuality = `SELECT agency, count(*) FILTER (WHERE judged), count(*) FILTER (WHERE judged AND NOT faulty),
		sum(pages), sum(pages_good), count(*) FILTER (WHERE due)
	FROM sample_items o WHERE closed_at >= $2 AND closed_at < $3 AND ` + inScope + ` GROUP BY agency ORDER BY agency`

// Quality implements archive.Samples.
func (c *Catalog) Quality(ctx context.Context, scope sohoa.Scope, from, until time.Time) ([]archive.QualityCount, error) {
	return collect(ctx, c, pgx.RowToStructByPos[archive.QualityCount], selectQuality, agencies(scope), from, until)
}

// Sample locks the sample until the transaction ends.
func (t *tx) Sample(id sohoa.SetID) (sohoa.Sample, error) {
	return sampleOf(t.sql.QueryRow(t.ctx, `SELECT data FROM samples WHERE id = $1 FOR NO KEY UPDATE`, string(id)), id)
}

func (t *tx) PutSample(s sohoa.Sample) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO samples (id, agency, open, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET agency = excluded.agency, open = excluded.open, data = excluded.data`,
		string(s.ID), s.Agency, s.Closed == nil, data)
}

// SampleItem locks the item until the transaction ends.
func (t *tx) SampleItem(id sohoa.SetID, document sohoa.DocumentID) (sohoa.SampleItem, error) {
	i, err := decoded[sohoa.SampleItem](t.sql.QueryRow(t.ctx,
		`SELECT data FROM sample_items WHERE sample = $1 AND document = $2 FOR NO KEY UPDATE`, string(id), document.String()), "sample item")
	if errors.Is(err, sohoa.ErrNotExist) {
		err = archive.NotInSample(document)
	}
	return i, err
}

// SampleItems locks them until the transaction ends.
func (t *tx) SampleItems(id sohoa.SetID) ([]sohoa.SampleItem, error) {
	rows, err := t.sql.Query(t.ctx, selectSampleItems+` FOR NO KEY UPDATE`, string(id))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanJSON[sohoa.SampleItem])
}

func (t *tx) PutSampleItem(i sohoa.SampleItem) error {
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	n := sohoa.ResultOf([]sohoa.SampleItem{i})
	return t.exec(`INSERT INTO sample_items (sample, document, position, agency, closed_at, judged, faulty, due, pages, pages_good, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (sample, document) DO UPDATE SET position = excluded.position, agency = excluded.agency, closed_at = excluded.closed_at,
			judged = excluded.judged, faulty = excluded.faulty, due = excluded.due, pages = excluded.pages, pages_good = excluded.pages_good,
			data = excluded.data`,
		string(i.Sample), i.Document.String(), i.Position, i.Agency, stamp(i.Closed), n.Documents > 0, i.Faulty(), i.Due(), n.Pages, n.PagesGood, data)
}

// Sampled locks all entering of items until the transaction ends.
func (t *tx) Sampled(document sohoa.DocumentID) (found bool, err error) {
	if err := t.lock(lockSample, ""); err != nil {
		return false, err
	}
	r := t.sql.QueryRow(t.ctx, `SELECT EXISTS (SELECT 1 FROM sample_items WHERE document = $1)`, document.String())
	return found, row(r, "sample item", &found)
}
