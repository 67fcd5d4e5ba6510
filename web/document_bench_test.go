package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// long is a kept document of so many pages, all read.
func (o *office) long(c *client, pages int) sohoa.Document {
	o.t.Helper()
	doc := o.waiting(c, dossierA, "Quyết định dài")
	o.update(func(tx archive.Tx) error {
		first, err := tx.Page(doc.ID, 1)
		if err != nil {
			return err
		}
		files, err := o.catalog.Files(o.t.Context(), doc.ID)
		if err != nil {
			return err
		}
		for n := 2; n <= pages; n++ {
			first.Number = n
			if err := tx.PutPage(first); err != nil {
				return err
			}
			for _, f := range files {
				if f.Page != 1 {
					continue
				}
				f.Page = n
				if err := tx.PutFile(doc.ID, f); err != nil {
					return err
				}
			}
			if _, err := tx.Append(sohoa.Entry{Actor: "system", Action: sohoa.ActionRead, Document: doc.ID, Dossier: doc.Dossier, Page: n, Detail: `{"words":347,"confidence":91.2}`}); err != nil {
				return err
			}
		}
		doc.Pages, doc.PagesRead = pages, pages
		return tx.PutDocument(doc)
	})
	return doc
}

// BenchmarkDocumentPage shows the page of a document of 300 pages, and its
// fields.
func BenchmarkDocumentPage(b *testing.B) {
	o := newOffice(b)
	lan := o.signedIn("lan")
	doc := o.long(lan, 300)
	for name, path := range map[string]string{"page": "", "fields": "/fields", "facts": "/facts"} {
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				a := lan.get("/documents/" + doc.ID.String() + path)
				if a.status != http.StatusOK {
					b.Fatalf("GET = %d, want 200", a.status)
				}
				size = len(a.body)
			}
			b.ReportMetric(float64(size), "B/page")
		})
	}
}

// BenchmarkConfirm confirms papers of one page, each to the page of the next:
// what the server adds to a clerk's hour.
func BenchmarkConfirm(b *testing.B) {
	o := newOffice(b)
	lan := o.signedIn("lan")
	var docs []sohoa.Document
	for i := range 60 {
		docs = append(docs, o.waiting(lan, dossierA, fmt.Sprintf("Quyết định %d", i)))
	}
	path, left := "/documents/"+docs[0].ID.String()+"/fields", len(docs)
	for b.Loop() {
		if left == 1 {
			b.StopTimer()
			docs = append(docs, o.waiting(lan, dossierA, fmt.Sprintf("Quyết định thêm %d", len(docs))))
			left++
			b.StartTimer()
		}
		form := o.form(docs[0], map[string]string{"codeNotation": "QĐ-UBND"})
		a := lan.post(path, form)
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/documents/") {
			b.Fatalf("POST = %d to %q", a.status, a.header.Get("Location"))
		}
		path = a.header.Get("Location")
		if a := lan.get(path); a.status != http.StatusOK {
			b.Fatalf("GET = %d", a.status)
		}
		left--
	}
}
