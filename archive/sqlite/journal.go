package sqlite

import (
	"context"
	"database/sql"
	"time"

	"sohoa"
)

const selectEntry = `SELECT seq, time, actor, action, document, dossier, page, purpose, detail, prev, hash FROM journal`

func scanEntry(rows *sql.Rows) (sohoa.Entry, error) {
	var e sohoa.Entry
	var at int64
	var document, prev, hash string
	err := rows.Scan(&e.Seq, &at, &e.Actor, &e.Action, &document, &e.Dossier, &e.Page, &e.Purpose, &e.Detail, &prev, &hash)
	if err != nil {
		return e, err
	}
	e.Time = fromMicros(at)
	if err := e.Document.UnmarshalText([]byte(document)); err != nil {
		return e, err
	}
	if e.Prev, err = sohoa.ParseDigest(prev); err != nil {
		return e, err
	}
	e.Hash, err = sohoa.ParseDigest(hash)
	return e, err
}

// Entries implements archive.Journal.
func (c *Catalog) Entries(ctx context.Context, after uint64, n int) ([]sohoa.Entry, error) {
	return collect(ctx, c, scanEntry, selectEntry+` WHERE seq > ? ORDER BY seq LIMIT ?`, after, limit(n))
}

// History implements archive.Journal.
func (c *Catalog) History(ctx context.Context, id sohoa.DocumentID) ([]sohoa.Entry, error) {
	return collect(ctx, c, scanEntry, selectEntry+` WHERE document = ? ORDER BY seq`, id.String())
}

// Head implements archive.Journal.
func (c *Catalog) Head(ctx context.Context) (uint64, error) {
	var seq uint64
	err := row(c.read.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM journal`), "journal", &seq)
	if err == nil {
		c.heads.advance(seq)
	}
	return seq, err
}

// Wait implements archive.Journal. Entries of this process wake it at once,
// those of others within pollInterval.
func (c *Catalog) Wait(ctx context.Context, after uint64) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		seq, changed := c.heads.state()
		if seq > after {
			return nil
		}
		if _, err := c.Head(ctx); err != nil {
			return err
		}
		if seq, _ = c.heads.state(); seq > after {
			return nil
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
