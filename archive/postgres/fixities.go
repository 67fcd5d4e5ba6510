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

// CountCopies implements archive.Fixities.
func (c *Catalog) CountCopies(ctx context.Context, before time.Time) (archive.CopyCounts, error) {
	var n archive.CopyCounts
	var oldest *time.Time
	err := row(c.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM documents WHERE state = 'kept'), count(*),
			count(*) FILTER (WHERE kept_at < $1), min(kept_at)
		FROM documents WHERE copied < revision AND state = 'kept'`, stamp(before)), "documents", &n.Kept, &n.Behind, &n.Overdue, &oldest)
	n.Oldest = fromStamp(oldest)
	return n, problem(err)
}

// Uncopied implements archive.Fixities.
func (c *Catalog) Uncopied(ctx context.Context, t time.Time, n int) ([]sohoa.Document, error) {
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT data FROM documents
		WHERE copied < revision AND state = 'kept' AND kept_at < $1 ORDER BY kept_at, id LIMIT $2`, stamp(t), limit(n))
}

// KeptAfter implements archive.Fixities.
func (c *Catalog) KeptAfter(ctx context.Context, after sohoa.DocumentID, n int) ([]sohoa.Document, error) {
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT data FROM documents WHERE id > $1 AND state = 'kept' ORDER BY id LIMIT $2`,
		after.String(), limit(n))
}

// ObjectCopied implements archive.Fixities.
func (c *Catalog) ObjectCopied(ctx context.Context, object string) (int, error) {
	var version int
	err := row(c.pool.QueryRow(ctx, `SELECT version FROM object_copies WHERE object = $1`, object), "object", &version)
	return version, problem(ignoreMissing(err))
}

// SecondStore implements archive.Fixities.
func (c *Catalog) SecondStore(ctx context.Context) (string, error) {
	var id string
	err := row(c.pool.QueryRow(ctx, `SELECT id FROM second_store`), "second store", &id)
	return id, problem(ignoreMissing(err))
}

func ignoreMissing(err error) error {
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	return err
}

// FixityPasses implements archive.Fixities.
func (c *Catalog) FixityPasses(ctx context.Context, name archive.CopyName, n int) ([]archive.FixityPass, error) {
	return collect(ctx, c, scanJSON[archive.FixityPass],
		`SELECT data FROM fixity_passes WHERE copy = $1 ORDER BY id DESC LIMIT $2`, string(name), limit(n))
}

// FindFixity implements archive.Fixities.
func (c *Catalog) FindFixity(ctx context.Context, q archive.FindingQuery) ([]archive.FixityFinding, error) {
	return collect(ctx, c, scanJSON[archive.FixityFinding], `SELECT data FROM fixity_findings
		WHERE ($1 = '' OR copy = $1) AND ($2 = '' OR object = $2) AND (NOT $3 OR open) ORDER BY id DESC LIMIT $4`,
		string(q.Copy), q.Object, q.Open, limit(q.Limit))
}

// CountFindings implements archive.Fixities.
func (c *Catalog) CountFindings(ctx context.Context) (map[archive.CopyName]int, error) {
	type count struct {
		Name archive.CopyName
		N    int
	}
	counts, err := collect(ctx, c, pgx.RowToStructByPos[count], `SELECT copy, count(*) FROM fixity_findings WHERE open GROUP BY copy`)
	all := map[archive.CopyName]int{}
	for _, v := range counts {
		all[v.Name] = v.N
	}
	return all, err
}

// FixityPass locks the passes of the copy until the transaction ends, also
// where there is none yet.
func (t *tx) FixityPass(name archive.CopyName) (archive.FixityPass, error) {
	if err := t.lock(lockFixity, string(name)); err != nil {
		return archive.FixityPass{}, err
	}
	return decoded[archive.FixityPass](t.sql.QueryRow(t.ctx,
		`SELECT data FROM fixity_passes WHERE copy = $1 ORDER BY id DESC LIMIT 1`, string(name)), "fixity pass")
}

func (t *tx) PutFixityPass(p archive.FixityPass) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO fixity_passes (id, copy, data) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET data = excluded.data`,
		p.ID, string(p.Copy), data)
}

// OpenFinding locks the finding until the transaction ends. Where there is
// none, another transaction may enter it first; then this one is run again.
func (t *tx) OpenFinding(name archive.CopyName, object, key string) (archive.FixityFinding, error) {
	return decoded[archive.FixityFinding](t.sql.QueryRow(t.ctx, `SELECT data FROM fixity_findings
		WHERE copy = $1 AND object = $2 AND key = $3 AND open FOR NO KEY UPDATE`, string(name), object, key), "finding")
}

func (t *tx) PutFixityFinding(f archive.FixityFinding) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO fixity_findings (id, copy, object, key, seen, open, data) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, open = excluded.open, data = excluded.data`,
		f.ID, string(f.Copy), f.Object, f.Key, stamp(f.Seen), f.Ended.IsZero(), data)
}

func (t *tx) EndFindings(name archive.CopyName, before, at time.Time) (int, error) {
	rows, err := t.sql.Query(t.ctx, `SELECT data FROM fixity_findings WHERE copy = $1 AND open AND seen < $2 FOR NO KEY UPDATE`,
		string(name), stamp(before))
	if err != nil {
		return 0, err
	}
	all, err := pgx.CollectRows(rows, scanJSON[archive.FixityFinding])
	for i := 0; i < len(all) && err == nil; i++ {
		all[i].Ended = at
		err = t.PutFixityFinding(all[i])
	}
	return len(all), err
}

func (t *tx) PutObjectCopied(object string, version int) error {
	return t.exec(`INSERT INTO object_copies (object, version) VALUES ($1, $2) ON CONFLICT (object) DO UPDATE SET version = excluded.version`,
		object, version)
}

func (t *tx) PutSecondStore(id string) error {
	err := t.exec(`INSERT INTO second_store (one, id) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET id = excluded.id`, id)
	if err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM object_copies`); err != nil {
		return err
	}
	return t.exec(`UPDATE documents SET copied = 0, data = (data::jsonb - 'copied')::json WHERE copied > 0`)
}
