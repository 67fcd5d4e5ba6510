package archivetest

import (
	"errors"
	"fmt"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// BenchmarkFindPerson measures FindEntries for one person among a million
// entries about ten thousand, and following the chain. open makes an empty
// catalogue.
func BenchmarkFindPerson(b *testing.B, c archive.Catalog) {
	const people, total, each = 10_000, 1_000_000, 20_000
	ids := make([]sohoa.DocumentID, people)
	err := c.Update(b.Context(), func(tx archive.Tx) error {
		for i := range people {
			code := fmt.Sprintf("H%05d", i)
			d := document(code, i)
			ids[i] = d.ID
			if err := errors.Join(tx.PutDossier(sohoa.Dossier{Code: code, Agency: "A", Owner: sohoa.Owner{Name: "An", IDNumber: fmt.Sprintf("0790%08d", i)}}), tx.PutDocument(d)); err != nil {
				return err
			}
		}
		return nil
	})
	for n := 0; n < total && err == nil; n += each {
		err = c.Update(b.Context(), func(tx archive.Tx) error {
			for i := n; i < n+each; i++ {
				e := sohoa.Entry{Actor: fmt.Sprint("u", i%50), Action: sohoa.ActionView, Document: ids[i%people], Dossier: fmt.Sprintf("H%05d", i%people)}
				if i%20 == 0 {
					e = sohoa.Entry{Actor: "lan", Action: sohoa.ActionSearch, Detail: fmt.Sprintf(`{"found":["%v","%v"]}`, ids[i%people], ids[i/20%people])}
				}
				if _, err := tx.Append(e); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Run("find", func(b *testing.B) {
		found := 0
		for i := 0; b.Loop(); i++ {
			entries, err := c.FindEntries(b.Context(), archive.JournalQuery{Person: fmt.Sprintf("0790%08d", i*37%people)})
			if err != nil {
				b.Fatal(err)
			}
			found = len(entries)
		}
		b.ReportMetric(float64(found), "entries")
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if _, err := archive.VerifyJournal(b.Context(), c); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*total/b.Elapsed().Seconds(), "entries/s")
	})
}
