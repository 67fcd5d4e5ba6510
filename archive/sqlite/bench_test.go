package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/sqlite"
)

func openBench(b *testing.B) (*sqlite.Catalog, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "c.db")
	c, err := sqlite.Open(b.Context(), path, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c, path
}

func BenchmarkFindPerson(b *testing.B) {
	c, _ := openBench(b)
	archivetest.BenchmarkFindPerson(b, c)
}

// BenchmarkAppend compares Append with the indexes of queries and without, as
// it was before there were any; the tree costs Append nothing.
func BenchmarkAppend(b *testing.B) {
	for name, drop := range map[string]string{
		"indexed": ``,
		"bare":    `DROP INDEX journal_dossier; DROP INDEX journal_actor`,
	} {
		b.Run(name, func(b *testing.B) {
			c, path := openBench(b)
			db, err := sql.Open("sqlite", "file:"+path)
			if err == nil {
				_, err = db.Exec(drop)
			}
			if err != nil {
				b.Fatal(err)
			}
			db.Close()
			for b.Loop() {
				err := c.Update(b.Context(), func(tx archive.Tx) error {
					_, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionView, Document: sohoa.NewDocumentID(time.Now()), Dossier: "H1"})
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
