package postgres

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"

	"sohoa"
)

// DumpKind is the kind of file that Dump writes: a line of JSON for each
// table, the rows in the text format of COPY, and a line "\.", the first table
// after a line of JSON that says which form and which version of the tables it
// is (docs/format.md).
const DumpKind = "postgres"

// dumpFormat names the form of a dump.
const dumpFormat = "sohoa postgres 1"

// dumpHead is the first line of a dump, dumpTable that before the rows of a
// table.
type (
	dumpHead struct {
		Format  string `json:"format"`
		Version int64  `json:"version"` // of our tables: the number of the newest migration
	}
	dumpTable struct {
		Table   string   `json:"table"`
		Columns []string `json:"columns"`
	}
)

// endOfRows ends the rows of a table, as in PostgreSQL's own scripts: in the
// text format no row looks like it.
const endOfRows = `\.`

// Tables that are made by migrations, not loaded.
var madeByMigrations = []string{"goose_db_version", "river_migration"}

// Dump writes all rows of the schema as they are at one moment to a new file,
// and returns the newest entry of the journal in it. Others go on meanwhile.
func (c *Catalog) Dump(ctx context.Context, file string) (kind string, newest sohoa.Entry, err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", newest, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	conn, err := c.pool.Acquire(ctx)
	if err != nil {
		return "", newest, problem(err)
	}
	defer conn.Release()
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return "", newest, problem(err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	w := bufio.NewWriter(f)
	newest, err = dump(ctx, tx, w)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		return "", newest, fmt.Errorf("copy catalogue: %w", problem(err))
	}
	return DumpKind, newest, nil
}

func dump(ctx context.Context, tx pgx.Tx, w io.Writer) (newest sohoa.Entry, err error) {
	head := dumpHead{Format: dumpFormat}
	if err := tx.QueryRow(ctx, `SELECT max(version_id) FROM goose_db_version`).Scan(&head.Version); err != nil {
		return newest, err
	}
	lines := json.NewEncoder(w)
	if err := lines.Encode(head); err != nil {
		return newest, err
	}
	tables, err := tablesOf(ctx, tx)
	if err != nil {
		return newest, err
	}
	for _, t := range tables {
		if err := lines.Encode(t); err != nil {
			return newest, err
		}
		if _, err := tx.Conn().PgConn().CopyTo(ctx, w, "COPY "+t.sql()+" TO STDOUT"); err != nil {
			return newest, fmt.Errorf("table %s: %w", t.Table, err)
		}
		if _, err := fmt.Fprintln(w, endOfRows); err != nil {
			return newest, err
		}
	}
	var hash []byte
	err = tx.QueryRow(ctx, `SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1`).Scan(&newest.Seq, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return newest, nil
	}
	copy(newest.Hash[:], hash)
	return newest, err
}

// sql is the table with its columns, quoted.
func (t dumpTable) sql() string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = pgx.Identifier{c}.Sanitize()
	}
	return pgx.Identifier{schema, t.Table}.Sanitize() + " (" + strings.Join(columns, ", ") + ")"
}

// tablesOf lists the tables of the schema with the columns that are stored,
// each after those that it refers to.
func tablesOf(ctx context.Context, tx pgx.Tx) ([]dumpTable, error) {
	rows, err := tx.Query(ctx, `SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relpersistence = 'p' AND c.relname <> ALL($2)
		GROUP BY c.relname ORDER BY c.relname`, schema, madeByMigrations)
	if err != nil {
		return nil, err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[dumpTable])
	if err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, `SELECT r.relname::text, f.relname::text FROM pg_constraint k
		JOIN pg_class r ON r.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
		JOIN pg_namespace n ON n.oid = r.relnamespace
		WHERE k.contype = 'f' AND n.nspname = $1 AND r.oid <> f.oid`, schema)
	if err != nil {
		return nil, err
	}
	type reference struct{ From, To string }
	refs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[reference])
	if err != nil {
		return nil, err
	}
	after := map[string][]string{}
	for _, r := range refs {
		after[r.From] = append(after[r.From], r.To)
	}
	return inOrder(tables, after), nil
}

// inOrder sorts tables so that each comes after those that it is after.
func inOrder(tables []dumpTable, after map[string][]string) (sorted []dumpTable) {
	by, seen := map[string]dumpTable{}, map[string]bool{}
	for _, t := range tables {
		by[t.Table] = t
	}
	var visit func(name string)
	visit = func(name string) {
		t, ok := by[name]
		if !ok || seen[name] {
			return
		}
		seen[name] = true
		for _, other := range after[name] {
			visit(other)
		}
		sorted = append(sorted, t)
	}
	for _, t := range tables {
		visit(t.Table)
	}
	return sorted
}
