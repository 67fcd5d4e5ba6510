package postgres_test

import (
	"testing"

	"sohoa/archive/archivetest"
	"sohoa/archive/postgres"
)

func BenchmarkFindPerson(b *testing.B) {
	c, err := postgres.Open(b.Context(), archivetest.StartPostgres(b).Database(b), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	archivetest.BenchmarkFindPerson(b, c)
}
