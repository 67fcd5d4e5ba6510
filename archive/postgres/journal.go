package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
)

const selectEntry = `SELECT seq, time, actor, action, document, dossier, page, purpose, detail, prev, hash FROM journal`

func scanEntry(r pgx.CollectableRow) (sohoa.Entry, error) {
	var e sohoa.Entry
	var document string
	var prev, hash []byte
	err := r.Scan(&e.Seq, &e.Time, &e.Actor, &e.Action, &document, &e.Dossier, &e.Page, &e.Purpose, &e.Detail, &prev, &hash)
	if err != nil {
		return e, err
	}
	e.Time = e.Time.UTC()
	copy(e.Prev[:], prev)
	copy(e.Hash[:], hash)
	return e, e.Document.UnmarshalText([]byte(document))
}

// Entries implements archive.Journal.
func (c *Catalog) Entries(ctx context.Context, after uint64, n int) ([]sohoa.Entry, error) {
	return collect(ctx, c, scanEntry, selectEntry+` WHERE seq > $1 ORDER BY seq LIMIT $2`, after, limit(n))
}

// History implements archive.Journal.
func (c *Catalog) History(ctx context.Context, id sohoa.DocumentID) ([]sohoa.Entry, error) {
	return collect(ctx, c, scanEntry, selectEntry+` WHERE document = $1 ORDER BY seq`, id.String())
}

// Head implements archive.Journal.
func (c *Catalog) Head(ctx context.Context) (uint64, error) {
	var seq uint64
	err := row(c.pool.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM journal`), "journal", &seq)
	if err == nil {
		c.heads.advance(seq)
	}
	return seq, problem(err)
}

// Wait implements archive.Journal. Entries wake it at once, whichever process
// wrote them; should the notice be lost, they do so within pollInterval.
func (c *Catalog) Wait(ctx context.Context, after uint64) error {
	c.heads.listen()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		_, changed := c.heads.state() // before the look, so that no entry falls between
		head, err := c.Head(ctx)
		if err != nil || head > after {
			return err
		}
		if seq, _ := c.heads.state(); seq > after {
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

// Append implements archive.Tx. From here to the end of the transaction no
// other appends: the next one sees this entry, or that there is none.
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

// newest returns the number and the hash of the newest entry, after which no
// other transaction appends until this one ends.
func (t *tx) newest() (sohoa.Entry, error) {
	var e sohoa.Entry
	if err := t.exec(`SELECT pg_advisory_xact_lock($1)`, lockJournal); err != nil {
		return e, err
	}
	var hash []byte
	err := row(t.sql.QueryRow(t.ctx, `SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1`), "journal", &e.Seq, &hash)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return e, err
	}
	copy(e.Hash[:], hash)
	return e, nil
}

// insertEntry adds a sealed entry.
func (t *tx) insertEntry(e sohoa.Entry) error {
	t.head = e.Seq
	err := t.exec(`INSERT INTO journal (seq, time, actor, action, document, dossier, page, purpose, detail, prev, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		e.Seq, e.Time, e.Actor, string(e.Action), e.Document.String(), e.Dossier,
		e.Page, e.Purpose, e.Detail, e.Prev[:], e.Hash[:])
	if err != nil {
		return err
	}
	links := archive.JournalLinks(e)
	if len(links) == 0 {
		return nil
	}
	ids := make([]string, len(links))
	for i, id := range links {
		ids[i] = id.String()
	}
	return t.exec(`INSERT INTO journal_links (document, seq) SELECT unnest($1::text[]), $2`, ids, e.Seq)
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
