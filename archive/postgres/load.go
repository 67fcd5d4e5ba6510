package postgres

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"sohoa"
)

// Load fills a database that has no catalogue with what Dump wrote to file: in
// one transaction, so that it may be cut off and done again. The tables are
// made as they were when the dump was written; the next Open brings them up to
// date. queue, which may be nil, prepares its own. It is the Problem "restore.database" if there
// is a catalogue already.
func Load(ctx context.Context, address, file string, queue Queue) (err error) {
	cfg, err := configure(address)
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return problem(err)
	}
	defer pool.Close()
	l := loader{pool: pool, lines: bufio.NewReader(f)}
	if err := l.run(ctx, queue); err != nil {
		return fmt.Errorf("load catalogue: %w", problem(err))
	}
	return nil
}

type loader struct {
	pool  *pgxpool.Pool
	lines *bufio.Reader
}

func (l *loader) run(ctx context.Context, queue Queue) error {
	var head dumpHead
	if err := l.header(&head); err != nil || head.Format != dumpFormat {
		return fmt.Errorf("it is of format %q, want %q: %w", head.Format, dumpFormat, errors.Join(sohoa.ErrInvalid, err))
	}
	if _, err := l.pool.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+schema); err != nil {
		return err
	}
	if err := l.migrate(ctx, head.Version); err != nil {
		return err
	}
	if queue != nil {
		if err := queue.Migrate(ctx, l.pool); err != nil {
			return err
		}
	}
	return pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error { return l.load(ctx, tx) })
}

// migrate makes the tables as they were.
func (l *loader) migrate(ctx context.Context, version int64) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(l.pool)
	defer db.Close() // the pool stays open
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	if len(sources) == 0 || sources[len(sources)-1].Version < version {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "restore.newer"}
	}
	_, err = p.UpTo(ctx, version)
	return err
}

// load reads the tables. Triggers are for what happens, not for what happened.
func (l *loader) load(ctx context.Context, tx pgx.Tx) error {
	for {
		var t dumpTable
		err := l.header(&t)
		if err == io.EOF {
			return nextNumbers(ctx, tx)
		}
		if err != nil {
			return err
		}
		name := pgx.Identifier{schema, t.Table}.Sanitize()
		var used bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+name+`)`).Scan(&used); err != nil {
			return err
		}
		if used {
			return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "restore.database", Detail: t.Table}
		}
		if _, err := tx.Exec(ctx, `ALTER TABLE `+name+` DISABLE TRIGGER USER`); err != nil {
			return err
		}
		rows := &rowReader{lines: l.lines}
		if _, err := tx.Conn().PgConn().CopyFrom(ctx, rows, "COPY "+t.sql()+" FROM STDIN"); err != nil {
			return fmt.Errorf("table %s: %w", t.Table, err)
		}
		if _, err := tx.Exec(ctx, `ALTER TABLE `+name+` ENABLE TRIGGER USER`); err != nil {
			return err
		}
	}
}

// header reads a line of JSON.
func (l *loader) header(v any) error {
	line, err := l.lines.ReadBytes('\n')
	if err == io.EOF && len(line) > 0 {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(line, v)
}

// rowReader reads up to the end of the rows of a table.
type rowReader struct {
	lines *bufio.Reader
	rest  []byte
	mid   bool // the next piece goes on in the middle of a line
	ended bool
}

func (r *rowReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.ended {
			return 0, io.EOF
		}
		piece, err := r.lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, io.ErrUnexpectedEOF
		}
		if !r.mid && string(piece) == endOfRows+"\n" {
			r.ended = true
			continue
		}
		r.mid, r.rest = err != nil, append([]byte{}, piece...)
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// nextNumbers sets the sequences behind what was loaded.
func nextNumbers(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT table_name::text, column_name::text, pg_get_serial_sequence(quote_ident(table_schema) || '.' || quote_ident(table_name), column_name)
		FROM information_schema.columns WHERE table_schema = $1
		AND pg_get_serial_sequence(quote_ident(table_schema) || '.' || quote_ident(table_name), column_name) IS NOT NULL`, schema)
	if err != nil {
		return err
	}
	type serial struct{ Table, Column, Sequence string }
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[serial])
	if err != nil {
		return err
	}
	for _, s := range all {
		_, err := tx.Exec(ctx, fmt.Sprintf(`SELECT setval($1, m) FROM (SELECT max(%s) AS m FROM %s) t WHERE m IS NOT NULL`,
			pgx.Identifier{s.Column}.Sanitize(), pgx.Identifier{schema, s.Table}.Sanitize()), s.Sequence)
		if err != nil {
			return err
		}
	}
	return nil
}
