package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/search"
)

// postgres is PostgreSQL's full-text search as one would naturally use it: the
// configuration simple after unaccent, a stored tsvector in which what is known
// weighs more, GIN, ts_rank_cd; all words as websearch_to_tsquery reads them,
// then any word if no page has all. The server has its default settings.
type postgres struct {
	dir    string
	server *archivetest.Postgres
	pool   *pgxpool.Pool
}

// database is its name in the server.
const database = "retrieval"

var schema = []string{
	`CREATE EXTENSION unaccent`,
	`CREATE TEXT SEARCH CONFIGURATION vi (COPY = simple)`,
	`ALTER TEXT SEARCH CONFIGURATION vi ALTER MAPPING FOR asciiword, word, numword, asciihword, hword, numhword, hword_asciipart, hword_part, hword_numpart WITH unaccent, simple`,
	`CREATE TABLE pages (doc text NOT NULL, page int NOT NULL, known text NOT NULL, body text NOT NULL,
		words tsvector GENERATED ALWAYS AS (setweight(to_tsvector('vi', known), 'A') || to_tsvector('vi', body)) STORED, PRIMARY KEY (doc, page))`,
	`CREATE INDEX pages_words ON pages USING gin (words)`,
}

func (x *postgres) open(ctx context.Context) error {
	dir := filepath.Join(x.dir, "pg")
	_, err := os.Stat(dir)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if x.server, err = archivetest.NewPostgres(ctx, dir); err != nil {
		return err
	}
	if fresh {
		if err := x.server.Create(ctx, database); err != nil {
			return err
		}
	}
	if x.pool, err = pgxpool.New(ctx, x.server.Address(database)+"&pool_max_conns=16"); err != nil || !fresh {
		return err
	}
	for _, s := range schema {
		if _, err := x.pool.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

func (x *postgres) add(ctx context.Context, pages []search.PageDoc) error {
	docs := make([]string, len(pages))
	for i, d := range pages {
		docs[i] = d.Document.String()
	}
	return pgx.BeginFunc(ctx, x.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM pages WHERE doc = ANY($1)`, docs); err != nil {
			return err
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"pages"}, []string{"doc", "page", "known", "body"},
			pgx.CopyFromSlice(len(pages), func(i int) ([]any, error) {
				return []any{docs[i], pages[i].Page, known(pages[i]), pages[i].Text}, nil
			}))
		return err
	})
}

func (x *postgres) filled(ctx context.Context) error {
	_, err := x.pool.Exec(ctx, `VACUUM ANALYZE pages`)
	return errors.Join(err, x.checkpoint(ctx))
}

func (x *postgres) checkpoint(ctx context.Context) error {
	_, err := x.pool.Exec(ctx, `CHECKPOINT`)
	return err
}

func (x *postgres) find(ctx context.Context, query string, n int) ([]sohoa.DocumentID, error) {
	const (
		all = `websearch_to_tsquery('vi', $1)`
		any = `replace(websearch_to_tsquery('vi', $1)::text, ' & ', ' | ')::tsquery`
	)
	found, err := x.match(ctx, all, query, n)
	if err == nil && len(found) == 0 {
		found, err = x.match(ctx, any, query, n)
	}
	return found, err
}

// match ranks the pages that match an expression of the query.
func (x *postgres) match(ctx context.Context, expression, query string, n int) ([]sohoa.DocumentID, error) {
	rows, err := x.pool.Query(ctx, `SELECT doc FROM pages, (SELECT `+expression+` AS q) asked WHERE words @@ q ORDER BY ts_rank_cd(words, q) DESC LIMIT $2`,
		query, n*pagesPerDocument)
	if err != nil {
		return nil, err
	}
	pages, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	return distinct(pages, n)
}

// others are the server's processes: the one that a session's process is a
// child of, and its children.
func (x *postgres) others() ([]int, error) {
	var session int
	if err := x.pool.QueryRow(context.Background(), `SELECT pg_backend_pid()`).Scan(&session); err != nil {
		return nil, err
	}
	server, err := readStat(session)
	if err != nil {
		return nil, err
	}
	children, err := childrenOf(server.parent)
	return append(children, server.parent), err
}

func (x *postgres) bytes(ctx context.Context) (n int64, err error) {
	err = x.pool.QueryRow(ctx, `SELECT pg_total_relation_size('pages')`).Scan(&n)
	return n, err
}

func (x *postgres) close() error {
	err := x.checkpoint(context.Background())
	x.pool.Close()
	return errors.Join(err, x.server.Down())
}
