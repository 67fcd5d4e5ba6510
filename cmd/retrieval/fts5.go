package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite"

	"sohoa"
	"sohoa/search"
	"sohoa/search/searchtest"
)

// fts5 is SQLite's full-text search as one would naturally use it: unicode61
// without diacritics, all words, then any word if no page has all, bm25 in
// which what is known weighs more. A
// word as typed is quoted, so that the parts of a number stand together.
type fts5 struct {
	dir string
	db  *sql.DB
}

func (x *fts5) open(ctx context.Context) error {
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(filepath.Join(x.dir, "fts5.db"))+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(60000)&_txlock=immediate")
	if err != nil {
		return err
	}
	x.db = db
	_, err = db.ExecContext(ctx, `CREATE VIRTUAL TABLE IF NOT EXISTS pages USING fts5(known, body, doc UNINDEXED, page UNINDEXED, tokenize="unicode61 remove_diacritics 2")`)
	if err == nil { // what is known weighs more than what was read
		_, err = db.ExecContext(ctx, `INSERT INTO pages(pages, rank) VALUES ('rank', 'bm25(5.0, 1.0)')`)
	}
	return err
}

func (x *fts5) add(ctx context.Context, pages []search.PageDoc) (err error) {
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	insert, err := tx.PrepareContext(ctx, `INSERT OR REPLACE INTO pages(rowid, known, body, doc, page) VALUES (?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	for _, d := range pages {
		if _, err := insert.ExecContext(ctx, searchtest.PaperNumber(d.Document)*sohoa.MaxPages+d.Page, known(d), d.Text, d.Document.String(), d.Page); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (x *fts5) filled(ctx context.Context) error {
	_, err := x.db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

func (x *fts5) find(ctx context.Context, query string, n int) ([]sohoa.DocumentID, error) {
	var words []string
	for _, w := range strings.Fields(query) {
		words = append(words, `"`+strings.ReplaceAll(w, `"`, `""`)+`"`)
	}
	found, err := x.match(ctx, strings.Join(words, " "), n)
	if err == nil && len(found) == 0 {
		found, err = x.match(ctx, strings.Join(words, " OR "), n)
	}
	return found, err
}

// match asks FTS5 in its own language.
func (x *fts5) match(ctx context.Context, query string, n int) ([]sohoa.DocumentID, error) {
	rows, err := x.db.QueryContext(ctx, `SELECT doc FROM pages WHERE pages MATCH ? ORDER BY rank LIMIT ?`, query, n*pagesPerDocument)
	if err != nil {
		return nil, err
	}
	var pages []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		pages = append(pages, s)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	return distinct(pages, n)
}

func (x *fts5) others() ([]int, error) { return nil, nil }

func (x *fts5) bytes(context.Context) (int64, error) { return size(x.dir) }

func (x *fts5) close() error { return x.db.Close() }
