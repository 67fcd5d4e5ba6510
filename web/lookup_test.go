package web_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/signing"
)

// printed keeps a document that has a lookup code, and returns it.
func (o *office) printed(c *client) sohoa.Document {
	o.t.Helper()
	doc := c.upload(dossierA, "Giấy khai sinh Phạm Mỹ Huệ.jpg", scan(o.t, "giay-khai-sinh-01.jpg"))
	o.shelf.split(doc.ID, "giay-khai-sinh-01.jpg")
	o.shelf.read(doc.ID, 1, "giay-khai-sinh-01.jpg")
	o.shelf.keep(doc.ID)
	o.update(func(tx archive.Tx) (err error) {
		if doc, err = tx.Document(doc.ID); err != nil {
			return err
		}
		doc.Lookup = sohoa.NewLookup()
		doc.Fields = append(doc.Fields, sohoa.Field{Name: sohoa.FieldSubject, Value: "Khai sinh của Phạm Mỹ Huệ", Page: 1})
		return tx.PutDocument(doc)
	})
	return doc
}

// signedFile is the signed rendition of a document.
func (o *office) signedFile(c *client, doc sohoa.Document) []byte {
	o.t.Helper()
	a := c.get("/api/v1/documents/" + doc.ID.String() + "/files/signed")
	if a.status != http.StatusOK {
		o.t.Fatalf("GET signed = %d, want 200", a.status)
	}
	return []byte(a.body)
}

func TestLookupShowsLittle(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	digest := sohoa.Sum(o.signedFile(lan, doc)).String()
	stranger := o.stranger()
	for _, lang := range []string{"vi", "en"} {
		a := stranger.get("/q/" + strings.ToLower(sohoa.FormatLookup(doc.Lookup)) + "?lang=" + lang)
		if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" {
			t.Errorf("GET /q in %s = %d and shows %q", lang, a.status, bad)
		}
		for _, want := range []string{"UBND xã Kỳ Sơn", "TOTAL-PASSED", digest, "02/03/2023"} {
			if !strings.Contains(a.body, want) {
				t.Errorf("GET /q in %s lacks %q", lang, want)
			}
		}
		for _, secret := range []string{"Phạm", "Huệ", doc.ID.String(), dossierA, "/api/v1/documents"} {
			if strings.Contains(a.body, secret) {
				t.Errorf("GET /q in %s tells everybody %q", lang, secret)
			}
		}
		if a.header.Get("X-Robots-Tag") != "noindex" {
			t.Error("the page may be indexed by search engines")
		}
	}
	api := stranger.get("/api/v1/lookup/" + doc.Lookup)
	if api.status != http.StatusOK || !strings.Contains(api.body, digest) || strings.Contains(api.body, "Phạm") {
		t.Errorf("GET /api/v1/lookup = %d %s, want the digest and no citizen", api.status, api.body)
	}
	entries := o.journal(sohoa.ActionLookup)
	if len(entries) != 1 || entries[0].Actor != "public" || entries[0].Document != doc.ID {
		t.Errorf("lookups in the journal = %+v, want one by the public", entries)
	}
}

func TestLookupTellsUnknownCodesApartFromNothing(t *testing.T) {
	o := newOffice(t)
	o.printed(o.signedIn("lan"))
	stranger := o.stranger()
	var bodies []string
	for _, code := range []string{sohoa.NewLookup(), "K7QX", "%00"} {
		a := stranger.get("/api/v1/lookup/" + code)
		if a.status != http.StatusNotFound {
			t.Errorf("lookup of %q = %d, want 404", code, a.status)
		}
		bodies = append(bodies, a.body)
	}
	if bodies[0] != bodies[1] || bodies[1] != bodies[2] {
		t.Errorf("unknown and malformed codes are answered differently: %q", bodies)
	}
	if a := stranger.get("/q?code=k7qx"); a.status != http.StatusNotFound || !strings.Contains(a.body, `role="alert"`) {
		t.Errorf("GET /q?code=k7qx = %d, want 404 with the form", a.status)
	}
	code := sohoa.NewLookup()
	if a := stranger.get("/q?code=" + strings.ToLower(sohoa.FormatLookup(code))); a.header.Get("Location") != "/q/"+code {
		t.Errorf("GET /q?code= leads to %q, want /q/%s", a.header.Get("Location"), code)
	}
	limited := 0
	for range 40 {
		if stranger.get("/q/"+sohoa.NewLookup()).status == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 {
		t.Error("forty lookups in a row are not limited")
	}
}

// stamped is a signed PDF with a timestamp in its signature.
func (o *office) stamped(pdf []byte) []byte {
	o.t.Helper()
	server := httptest.NewServer(o.ca.TSA())
	o.t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(o.ca.Root())
	var out bytes.Buffer
	tsa := &signing.TSA{URLs: []string{server.URL}, Roots: roots}
	if _, err := signing.AddTimestamp(o.t.Context(), bytes.NewReader(pdf), int64(len(pdf)), &out, tsa); err != nil {
		o.t.Fatal(err)
	}
	return out.Bytes()
}

func TestCompareWithThePrintedCopy(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	ours := o.signedFile(lan, doc)
	plain := scan(t, "bien-ban-01.pdf")
	more := signPDF(t, o.ca, ours)
	stamped := o.stamped(ours) // as after a timestamp that came later
	for _, tt := range []struct {
		name, relation string
		pdf            []byte
	}{
		{"the kept file", "same", ours},
		{"signed once more", "extended", more},
		{"content added", "extended", append(bytes.Clone(ours), "\n% more"...)},
		{"before it was signed", "earlier", plain},
		{"another inside of the signature", "content", stamped},
		{"another content", "other", bytes.Replace(ours, []byte("/Type"), []byte("/Tope"), 1)},
		{"another paper", "other", signPDF(t, o.ca, append(bytes.Clone(plain), "\n"...))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out struct{ Relation string }
			a := lan.do(http.MethodPost, "/api/v1/lookup/"+doc.Lookup+"/compare", bytes.NewReader(tt.pdf))
			a.decode(t, &out)
			if out.Relation != tt.relation {
				t.Errorf("compare = %d %q, want %q", a.status, out.Relation, tt.relation)
			}
			page := lan.check("/q/"+doc.Lookup, tt.pdf, "HX-Request", "true")
			if page.status != http.StatusOK || !strings.Contains(page.body, "relation "+tt.relation) || !strings.Contains(page.body, `id="report"`) {
				t.Errorf("POST /q = %d, want %q and the report of the file", page.status, tt.relation)
			}
		})
	}
	original := scan(t, "giay-khai-sinh-01.jpg")
	if a := lan.do(http.MethodPost, "/api/v1/lookup/"+doc.Lookup+"/compare", bytes.NewReader(original)); a.status != http.StatusBadRequest {
		t.Errorf("compare with an image = %d, want 400", a.status)
	}
	if _, err := o.catalog.Lookup(t.Context(), doc.Lookup); errors.Is(err, sohoa.ErrNotExist) {
		t.Error("the document lost its code")
	}
}
