package postgres_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/postgres"
)

// TestDumpIsLoaded copies a catalogue into another database. Texts have what
// could be taken for the form of a dump.
func TestDumpIsLoaded(t *testing.T) {
	server := archivetest.StartPostgres(t)
	from := server.Database(t)
	c := open(t, from)
	awkward := "Nguyễn\tVăn \\N A\n\\.\n'\"" + strings.Repeat(" dài", 5000)
	doc := sohoa.Document{ID: sohoa.NewDocumentID(time.Now()), Dossier: "HS-1", Name: "a.jpg", State: sohoa.StateReading, AcceptedAt: time.Now().UTC(), Digest: sohoa.Sum([]byte("a"))}
	err := c.Update(t.Context(), func(tx archive.Tx) error {
		for _, err := range []error{
			tx.PutAgency(sohoa.Agency{Code: "H1", Name: awkward}),
			tx.PutDossier(sohoa.Dossier{Code: "HS-1", Agency: "H1", Procedure: "P", Owner: sohoa.Owner{Name: awkward}}),
			tx.PutDocument(doc),
			tx.PutPage(sohoa.Page{Document: doc.ID, Number: 1}),
			tx.PutUser(sohoa.User{Name: "lan", FullName: awkward, Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: "H1"}),
			tx.PutCredentials("lan", archive.Credentials{Password: "$argon2id$", Setup: sohoa.Sum([]byte("x"))}),
		} {
			if err != nil {
				return err
			}
		}
		for range 3 {
			if _, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionView, Document: doc.ID, Detail: `{"a":"\\."}`}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dump")
	kind, newest, err := c.Dump(t.Context(), file)
	if err != nil || kind != postgres.DumpKind || newest.Seq != 3 {
		t.Fatalf("Dump = %s, entry %d, %v", kind, newest.Seq, err)
	}
	to := server.Database(t)
	if err := postgres.Load(t.Context(), to, file, nil); err != nil {
		t.Fatal(err)
	}
	restored := open(t, to)
	if head, err := archive.VerifyJournal(t.Context(), restored); err != nil || head.Hash != newest.Hash {
		t.Errorf("journal ends with %v, %v, want %v", head.Hash, err, newest.Hash)
	}
	if diff := cmp.Diff(rows(t, from), rows(t, to)); diff != "" {
		t.Errorf("rows differ (-dumped +loaded):\n%s", diff)
	}
	if err := appendEntry(restored, t.Context()); err != nil {
		t.Errorf("the loaded catalogue takes no entry: %v", err)
	}
	if _, err := connect(t, to).Exec(t.Context(), `DELETE FROM journal`); err == nil {
		t.Error("the loaded journal can be cut")
	}
	if err := postgres.Load(t.Context(), to, file, nil); sohoa.AsProblem(err).Code != "restore.database" {
		t.Errorf("Load into a catalogue = %v, want restore.database", err)
	}
}

// rows are all rows of a database as text, by table.
func rows(t *testing.T, address string) map[string][]string {
	t.Helper()
	conn := connect(t, address)
	collect := func(query string) []string {
		found, err := conn.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		all, err := pgx.CollectRows(found, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	all := map[string][]string{}
	for _, table := range collect(`SELECT relname::text FROM pg_class WHERE relnamespace = 'sohoa'::regnamespace AND relkind = 'r' AND relname <> 'goose_db_version'`) {
		all[table] = collect(`SELECT t::text FROM ` + pgx.Identifier{table}.Sanitize() + ` t ORDER BY 1`)
	}
	return all
}
