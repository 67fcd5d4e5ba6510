package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
)

// BenchmarkArrange turns the first page of a document of a thousand pages, and
// moves its last page to the front: one is a small change, the other makes
// every page another number, with another text.
func BenchmarkArrange(b *testing.B) {
	for _, database := range []string{"sqlite", "postgres"} {
		for _, change := range []string{"turn", "renumber"} {
			b.Run(database+"/"+change, func(b *testing.B) { benchmarkArrange(b, database, change) })
		}
	}
}

const benchPages = 1000

func benchmarkArrange(b *testing.B, database, change string) {
	o := options{idle: true}
	if database == "postgres" {
		o.database = archivetest.StartPostgres(b).Database(b)
	}
	of := openOffice(b, o)
	id := of.manyPages(benchPages)
	orders := map[string][]string{
		"turn":     {fmt.Sprintf("1@90,2-%d", benchPages), fmt.Sprintf("1-%d", benchPages)},
		"renumber": {fmt.Sprintf("%d,1-%d", benchPages, benchPages-1), fmt.Sprintf("1-%d", benchPages)},
	}[change]
	of.arrange(id, orders[1]+"") // as it is
	for i := 0; b.Loop(); i++ {
		of.arrange(id, orders[i%2])
	}
}

// manyPages makes a held document with pages that were read, each with a short
// text.
func (of *office) manyPages(n int) sohoa.DocumentID {
	of.t.Helper()
	doc := sohoa.Document{ID: sohoa.NewDocumentID(of.Now()), Dossier: dossier, Name: "a.pdf", Digest: sohoa.Sum([]byte("a")), Held: true,
		State: sohoa.StateRead, Stage: sohoa.StageCompose, Master: sohoa.MasterPDFA, Pages: n, PagesRead: n, AcceptedAt: of.Now()}
	ctx := of.t.Context()
	err := of.catalog.Update(ctx, func(tx archive.Tx) error {
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		for i := 1; i <= n; i++ {
			key := fmt.Sprintf("work/%s/text/%04d.json", doc.ID, i)
			text := fmt.Sprintf(`{"page":%d,"width":2480,"height":3507,"lines":[]}`, i)
			info, err := of.Blobs.Put(ctx, key, strings.NewReader(text))
			if err != nil {
				return err
			}
			page := sohoa.Page{Document: doc.ID, Number: i, Width: 2480, Height: 3507, DPI: 300, Read: true, TextSource: sohoa.TextOCR}
			file := sohoa.File{Role: sohoa.RoleText, Page: i, Key: key, Size: info.Size, Digest: info.Digest, MediaType: "application/json"}
			image := sohoa.File{Role: sohoa.RoleImage, Page: i, Key: fmt.Sprintf("cache/%s/image/%04d", doc.ID, i), Digest: sohoa.Sum([]byte(key))}
			for _, err := range []error{tx.PutPage(page), tx.PutFile(doc.ID, file), tx.PutFile(doc.ID, image)} {
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		of.t.Fatal(err)
	}
	return doc.ID
}
