package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"sohoa"
	"sohoa/archive"
)

// EntryHashes implements archive.JournalTree.
func (c *Catalog) EntryHashes(ctx context.Context, from uint64, n int) ([]sohoa.Digest, error) {
	return collect(ctx, c, scanDigest, `SELECT hash FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?`, from, n)
}

// TreeHashes implements archive.JournalTree.
func (c *Catalog) TreeHashes(ctx context.Context, level int, from uint64, n int) ([]sohoa.Digest, error) {
	next, gap := from, false
	scan := func(rows *sql.Rows) (sohoa.Digest, error) {
		var at uint64
		var hash string
		if err := rows.Scan(&at, &hash); err != nil {
			return sohoa.Digest{}, err
		}
		if gap = gap || at != next; gap {
			return sohoa.Digest{}, nil
		}
		next++
		return sohoa.ParseDigest(hash)
	}
	hashes, err := collect(ctx, c, scan, `SELECT n, hash FROM journal_tree WHERE level = ? AND n >= ? ORDER BY n LIMIT ?`, level, from, n)
	if err != nil {
		return nil, err
	}
	return hashes[:next-from], nil
}

func scanDigest(rows *sql.Rows) (sohoa.Digest, error) {
	var hash string
	if err := rows.Scan(&hash); err != nil {
		return sohoa.Digest{}, err
	}
	return sohoa.ParseDigest(hash)
}

// JournalHeads implements archive.JournalTree.
func (c *Catalog) JournalHeads(ctx context.Context, n int) ([]archive.JournalHead, error) {
	if n <= 0 {
		n = -1
	}
	return collect(ctx, c, scanJSON[archive.JournalHead], `SELECT data FROM journal_heads ORDER BY size DESC, day DESC LIMIT ?`, n)
}

// JournalCheck implements archive.JournalTree.
func (c *Catalog) JournalCheck(ctx context.Context) (archive.JournalCheck, error) {
	return decoded[archive.JournalCheck](c.read.QueryRowContext(ctx, `SELECT data FROM journal_checks`), "check of the journal")
}

func (t *tx) PutTreeHashes(level int, from uint64, hashes ...sohoa.Digest) error {
	for i, h := range hashes {
		err := t.exec(`INSERT INTO journal_tree (level, n, hash) VALUES (?, ?, ?)
			ON CONFLICT (level, n) DO UPDATE SET hash = excluded.hash`, level, from+uint64(i), h.String())
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) PutJournalHead(h archive.JournalHead) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO journal_heads (day, size, data) VALUES (?, ?, ?)
		ON CONFLICT (day) DO UPDATE SET size = excluded.size, data = excluded.data`, h.Day, h.Size, string(data))
}

func (t *tx) PutJournalCheck(c archive.JournalCheck) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO journal_checks (id, data) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data`, string(data))
}

func (t *tx) Lease(name, holder string, d time.Duration) (bool, error) {
	now := t.now()
	if d <= 0 {
		return false, t.exec(`DELETE FROM leases WHERE name = ? AND holder = ?`, name, holder)
	}
	r, err := t.sql.ExecContext(t.ctx, `INSERT INTO leases (name, holder, expires) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires = excluded.expires
		WHERE leases.holder = excluded.holder OR leases.expires <= ?`, name, holder, micros(now.Add(d)), micros(now))
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}
