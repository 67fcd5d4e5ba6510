package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

// EntryHashes implements archive.JournalTree.
func (c *Catalog) EntryHashes(ctx context.Context, from uint64, n int) ([]sohoa.Digest, error) {
	scan := func(r pgx.CollectableRow) (d sohoa.Digest, err error) {
		var hash []byte
		err = r.Scan(&hash)
		copy(d[:], hash)
		return d, err
	}
	return collect(ctx, c, scan, `SELECT hash FROM journal WHERE seq >= $1 ORDER BY seq LIMIT $2`, from, n)
}

// TreeHashes implements archive.JournalTree.
func (c *Catalog) TreeHashes(ctx context.Context, level int, from uint64, n int) ([]sohoa.Digest, error) {
	next, gap := from, false
	scan := func(r pgx.CollectableRow) (d sohoa.Digest, err error) {
		var at uint64
		var hash []byte
		if err := r.Scan(&at, &hash); err != nil {
			return d, err
		}
		if gap = gap || at != next; !gap {
			next++
			copy(d[:], hash)
		}
		return d, nil
	}
	hashes, err := collect(ctx, c, scan, `SELECT n, hash FROM journal_tree WHERE level = $1 AND n >= $2 ORDER BY n LIMIT $3`, level, from, n)
	if err != nil {
		return nil, err
	}
	return hashes[:next-from], nil
}

// JournalHeads implements archive.JournalTree.
func (c *Catalog) JournalHeads(ctx context.Context, n int) ([]archive.JournalHead, error) {
	var most *int
	if n > 0 {
		most = &n
	}
	return collect(ctx, c, scanJSON[archive.JournalHead], `SELECT data FROM journal_heads ORDER BY size DESC, day DESC LIMIT $1`, most)
}

// JournalCheck implements archive.JournalTree.
func (c *Catalog) JournalCheck(ctx context.Context) (archive.JournalCheck, error) {
	check, err := decoded[archive.JournalCheck](c.pool.QueryRow(ctx, `SELECT data FROM journal_checks`), "check of the journal")
	return check, problem(err)
}

func (t *tx) PutTreeHashes(level int, from uint64, hashes ...sohoa.Digest) error {
	numbers, bytes := make([]int64, len(hashes)), make([][]byte, len(hashes))
	for i, h := range hashes {
		numbers[i], bytes[i] = int64(from)+int64(i), h[:]
	}
	return t.exec(`INSERT INTO journal_tree (level, n, hash) SELECT $1, * FROM unnest($2::bigint[], $3::bytea[])
		ON CONFLICT (level, n) DO UPDATE SET hash = excluded.hash`, level, numbers, bytes)
}

func (t *tx) PutJournalHead(h archive.JournalHead) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO journal_heads (day, size, data) VALUES ($1, $2, $3)
		ON CONFLICT (day) DO UPDATE SET size = excluded.size, data = excluded.data`, h.Day, h.Size, data)
}

func (t *tx) PutJournalCheck(c archive.JournalCheck) error {
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO journal_checks (id, data) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET data = excluded.data`, data)
}

// Lease goes by the clock of the database, which all processes share.
func (t *tx) Lease(name, holder string, d time.Duration) (bool, error) {
	if d <= 0 {
		return false, t.exec(`DELETE FROM leases WHERE name = $1 AND holder = $2`, name, holder)
	}
	tag, err := t.sql.Exec(t.ctx, `INSERT INTO leases (name, holder, expires) VALUES ($1, $2, clock_timestamp() + $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires = excluded.expires
		WHERE leases.holder = excluded.holder OR leases.expires <= clock_timestamp()`, name, holder, d)
	return tag.RowsAffected() == 1, err
}
