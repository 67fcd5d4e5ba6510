package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"sohoa"
)

// DumpKind is the kind of file that Dump writes: an SQLite database.
const DumpKind = "sqlite"

// Dump writes the catalogue as it is at one moment to a new database file,
// checks that, and returns the newest entry of its journal. Others go on
// writing meanwhile.
func (c *Catalog) Dump(ctx context.Context, file string) (kind string, newest sohoa.Entry, err error) {
	// VACUUM INTO reads in one transaction; in write-ahead mode that stops
	// nobody. The connections of c are for other things: one writes, and the
	// others may only read.
	var source string
	if err := c.read.QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&source); err != nil {
		return "", newest, problem(err)
	}
	db, err := open(source, "")
	if err != nil {
		return "", newest, err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, file)
	if err := errors.Join(err, db.Close()); err != nil {
		return "", newest, fmt.Errorf("copy catalogue: %w", problem(err))
	}
	newest, err = checkDump(ctx, file)
	return DumpKind, newest, err
}

// checkDump reads a copy through.
func checkDump(ctx context.Context, file string) (newest sohoa.Entry, err error) {
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(file)+"?mode=ro")
	if err != nil {
		return newest, err
	}
	defer db.Close()
	var said string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&said); err != nil || said != "ok" {
		return newest, fmt.Errorf("the copy of the catalogue is damaged: %s: %w", said, errors.Join(sohoa.ErrVerification, err))
	}
	var hash string
	err = db.QueryRowContext(ctx, `SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1`).Scan(&newest.Seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return newest, nil
	}
	if err == nil {
		newest.Hash, err = sohoa.ParseDigest(hash)
	}
	return newest, err
}
