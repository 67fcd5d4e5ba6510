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

// CountCopies implements archive.Fixities.
func (c *Catalog) CountCopies(ctx context.Context, before time.Time) (archive.CopyCounts, error) {
	var n archive.CopyCounts
	var oldest int64
	err := row(c.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM documents WHERE state = 'kept'), count(*),
			count(*) FILTER (WHERE kept_at < ?), coalesce(min(kept_at), 0)
		FROM documents WHERE copied < revision AND state = 'kept'`, micros(before)), "documents", &n.Kept, &n.Behind, &n.Overdue, &oldest)
	n.Oldest = fromMicros(oldest)
	return n, err
}

// Uncopied implements archive.Fixities.
func (c *Catalog) Uncopied(ctx context.Context, t time.Time, n int) ([]sohoa.Document, error) {
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT data FROM documents
		WHERE copied < revision AND state = 'kept' AND kept_at < ? ORDER BY kept_at, id LIMIT ?`, micros(t), limit(n))
}

// KeptAfter implements archive.Fixities.
func (c *Catalog) KeptAfter(ctx context.Context, after sohoa.DocumentID, n int) ([]sohoa.Document, error) {
	return collect(ctx, c, scanJSON[sohoa.Document], `SELECT data FROM documents WHERE id > ? AND state = 'kept' ORDER BY id LIMIT ?`,
		after.String(), limit(n))
}

// ObjectCopied implements archive.Fixities.
func (c *Catalog) ObjectCopied(ctx context.Context, object string) (int, error) {
	var version int
	err := row(c.read.QueryRowContext(ctx, `SELECT version FROM object_copies WHERE object = ?`, object), "object", &version)
	return version, ignoreMissing(err)
}

// SecondStore implements archive.Fixities.
func (c *Catalog) SecondStore(ctx context.Context) (string, error) {
	var id string
	err := row(c.read.QueryRowContext(ctx, `SELECT id FROM second_store`), "second store", &id)
	return id, ignoreMissing(err)
}

func ignoreMissing(err error) error {
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	return err
}

const selectPasses = `SELECT data FROM fixity_passes WHERE copy = ? ORDER BY id DESC LIMIT ?`

// FixityPasses implements archive.Fixities.
func (c *Catalog) FixityPasses(ctx context.Context, name archive.CopyName, n int) ([]archive.FixityPass, error) {
	return collect(ctx, c, scanJSON[archive.FixityPass], selectPasses, string(name), limit(n))
}

// FindFixity implements archive.Fixities.
func (c *Catalog) FindFixity(ctx context.Context, q archive.FindingQuery) ([]archive.FixityFinding, error) {
	return collect(ctx, c, scanJSON[archive.FixityFinding], `SELECT data FROM fixity_findings
		WHERE (?1 = '' OR copy = ?1) AND (?2 = '' OR object = ?2) AND (NOT ?3 OR open) ORDER BY id DESC LIMIT ?4`,
		string(q.Copy), q.Object, q.Open, limit(q.Limit))
}

// CountFindings implements archive.Fixities.
func (c *Catalog) CountFindings(ctx context.Context) (map[archive.CopyName]int, error) {
	type count struct {
		name archive.CopyName
		n    int
	}
	scan := func(rows *sql.Rows) (count, error) {
		var v count
		return v, rows.Scan(&v.name, &v.n)
	}
	counts, err := collect(ctx, c, scan, `SELECT copy, count(*) FROM fixity_findings WHERE open GROUP BY copy`)
	all := map[archive.CopyName]int{}
	for _, v := range counts {
		all[v.name] = v.n
	}
	return all, err
}

func (t *tx) FixityPass(name archive.CopyName) (archive.FixityPass, error) {
	return decoded[archive.FixityPass](t.sql.QueryRowContext(t.ctx, selectPasses, string(name), 1), "fixity pass")
}

func (t *tx) PutFixityPass(p archive.FixityPass) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO fixity_passes (id, copy, data) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data`,
		p.ID, string(p.Copy), string(data))
}

func (t *tx) OpenFinding(name archive.CopyName, object, key string) (archive.FixityFinding, error) {
	q := `SELECT data FROM fixity_findings WHERE copy = ? AND object = ? AND key = ? AND open`
	return decoded[archive.FixityFinding](t.sql.QueryRowContext(t.ctx, q, string(name), object, key), "finding")
}

func (t *tx) PutFixityFinding(f archive.FixityFinding) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO fixity_findings (id, copy, object, key, seen, open, data) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, open = excluded.open, data = excluded.data`,
		f.ID, string(f.Copy), f.Object, f.Key, micros(f.Seen), f.Ended.IsZero(), string(data))
}

func (t *tx) EndFindings(name archive.CopyName, before, at time.Time) (int, error) {
	var all []archive.FixityFinding
	err := t.each(func(data string) error {
		f, err := decode[archive.FixityFinding](data, "finding")
		all = append(all, f)
		return err
	}, `SELECT data FROM fixity_findings WHERE copy = ? AND open AND seen < ?`, string(name), micros(before))
	for i := 0; i < len(all) && err == nil; i++ {
		all[i].Ended = at
		err = t.PutFixityFinding(all[i])
	}
	return len(all), err
}

func (t *tx) PutObjectCopied(object string, version int) error {
	return t.exec(`INSERT INTO object_copies (object, version) VALUES (?, ?) ON CONFLICT (object) DO UPDATE SET version = excluded.version`,
		object, version)
}

func (t *tx) PutSecondStore(id string) error {
	err := t.exec(`INSERT INTO second_store (one, id) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET id = excluded.id`, id)
	if err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM object_copies`); err != nil {
		return err
	}
	return t.exec(`UPDATE documents SET copied = 0, data = json_remove(data, '$.copied') WHERE copied > 0`)
}
