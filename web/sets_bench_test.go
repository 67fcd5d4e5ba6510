package web_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
)

// BenchmarkSetPage shows the page of the largest set there can be.
func BenchmarkSetPage(b *testing.B) {
	o := newOffice(b)
	lan := o.signedIn("lan")
	set := sohoa.SigningSet{ID: sohoa.NewSetID(time.Now()), Title: "Kết quả", Agency: agencyA, State: sohoa.SetOpen, CreatedAt: time.Now(),
		CreatedBy: "lan", Steps: []sohoa.SignStep{{Part: sohoa.PartPerson, User: "lan"}, {Part: sohoa.PartAgency}}}
	o.update(func(tx archive.Tx) error {
		if err := tx.PutSigningSet(set); err != nil {
			return err
		}
		for i := range sohoa.MaxSetItems {
			d := sohoa.Document{ID: sohoa.NewDocumentID(time.Now()), Dossier: dossierA, Name: fmt.Sprintf("Quyết định %d.pdf", i), State: sohoa.StateKept, Pages: 1,
				PagesRead: 1, Set: set.ID, AcceptedAt: time.Now(), AcceptedBy: "lan", Digest: sohoa.Sum([]byte{byte(i), byte(i >> 8)})}
			if err := tx.PutDocument(d); err != nil {
				return err
			}
			if err := tx.PutSetItem(sohoa.SetItem{Set: set.ID, Document: d.ID, Position: i, State: sohoa.ItemDue, Signer: "lan"}); err != nil {
				return err
			}
		}
		return nil
	})
	for name, path := range map[string]string{"page": "", "head": "/head"} {
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				a := lan.get("/sets/" + string(set.ID) + path)
				if a.status != http.StatusOK {
					b.Fatalf("GET = %d, want 200", a.status)
				}
				size = len(a.body)
			}
			b.ReportMetric(float64(size), "B/page")
		})
	}
}
