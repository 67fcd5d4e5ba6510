package postgres

import (
	"regexp"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sohoa/archive/archivetest"
)

// filled is a connection to a catalogue that statements filled.
func filled(t *testing.T, statements []string) *pgxpool.Conn {
	t.Helper()
	c, err := Open(t.Context(), archivetest.StartPostgres(t).Database(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	conn, err := c.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	for _, q := range statements {
		if _, err := conn.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	return conn
}

// testPlans asks PostgreSQL how it goes about queries, each with its
// arguments: no step of a plan matches unwanted.
func testPlans(t *testing.T, conn *pgxpool.Conn, unwanted *regexp.Regexp, queries map[string][]any) {
	t.Helper()
	for name, q := range queries {
		rows, err := conn.Query(t.Context(), "EXPLAIN "+q[0].(string), q[1:]...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		steps, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, step := range steps {
			if unwanted.MatchString(step) {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}

// with is a query with its arguments, for testPlans.
func with(query string, args []any) []any { return append([]any{query}, args...) }
