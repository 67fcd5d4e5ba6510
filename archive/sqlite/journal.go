package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sohoa"
	"sohoa/archive"
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

func (t *tx) Append(e sohoa.Entry) (sohoa.Entry, error) {
	prev, err := t.newest()
	if err != nil {
		return sohoa.Entry{}, err
	}
	if e.Time.IsZero() {
		e.Time = t.now()
	}
	e.Seal(prev)
	if err := t.insertEntry(e); err != nil {
		return e, err
	}
	return e, archive.Watch(t, e)
}

// newest returns the number and the hash of the newest entry.
func (t *tx) newest() (sohoa.Entry, error) {
	var e sohoa.Entry
	var hash string
	err := row(t.sql.QueryRowContext(t.ctx, `SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1`), "journal", &e.Seq, &hash)
	if errors.Is(err, sohoa.ErrNotExist) {
		return e, nil
	}
	if err == nil {
		e.Hash, err = sohoa.ParseDigest(hash)
	}
	return e, err
}

// insertEntry adds a sealed entry.
func (t *tx) insertEntry(e sohoa.Entry) error {
	t.head = e.Seq
	err := t.exec(`INSERT INTO journal (seq, time, actor, action, document, dossier, page, purpose, detail, prev, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, micros(e.Time), e.Actor, string(e.Action), e.Document.String(), e.Dossier,
		e.Page, e.Purpose, e.Detail, e.Prev.String(), e.Hash.String())
	if err != nil {
		return err
	}
	for _, id := range archive.JournalLinks(e) {
		if err := t.exec(`INSERT INTO journal_links (document, seq) VALUES (?, ?)`, id.String(), e.Seq); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) RestoreEntries(entries ...sohoa.Entry) error {
	prev, err := t.newest()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := e.Follows(prev); err != nil {
			return err
		}
		if err := t.insertEntry(e); err != nil {
			return err
		}
		prev = e
	}
	return nil
}
