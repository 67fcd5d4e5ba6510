package ingest_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/ocr/lept"
)

// upsideDown is a scan that lies on its head.
func upsideDown(t *testing.T, name string) []byte {
	t.Helper()
	pix := must(lept.Decode(scan(t, name)))(t)
	defer pix.Close()
	turned := must(pix.Turn(180))(t)
	defer turned.Close()
	return must(turned.EncodeJPEG(85))(t)
}

// TestTurnedPageIsReadAgain has a person turn a page that was taken for
// upright and read as gibberish.
func TestTurnedPageIsReadAgain(t *testing.T) {
	of := openOffice(t, options{})
	data := upsideDown(t, "quyet-dinh-01.jpg")
	doc, _, err := of.Accept(t.Context(), ingest.Request{Dossier: dossier, Name: "nguoc.jpg", Actor: "lan", Body: bytes.NewReader(data), Size: -1, Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	of.await(doc.ID, func(d sohoa.Document) bool { return d.State == sohoa.StateRead })
	of.misread(doc.ID)
	if err := of.tryArrange(doc.ID, "1@180"); err != nil {
		t.Fatalf("Arrange = %v", err)
	}
	kept := of.release(doc.ID)
	if text := plain(must(of.PageText(t.Context(), doc.ID, 1))(t)); !strings.Contains(text, "QUYẾT ĐỊNH") || strings.Contains(text, "HNỊĐ") {
		t.Errorf("text of the turned page is %q, want it read anew", text)
	}
	page := must(of.catalog.Pages(t.Context(), doc.ID))(t)[0]
	if page.Turn != 180 || page.Words < 100 || len(kept.Fields) == 0 {
		t.Errorf("page is turned by %d with %d words, fields %v; want 180, the words and the fields", page.Turn, page.Words, kept.Fields)
	}
	of.stop()
	of.checkArchive()
}

// misread puts a text in the place of what was recognised on page 1, as if the
// page had been taken for upright as it is stored.
func (of *office) misread(id sohoa.DocumentID) {
	of.t.Helper()
	page := must(of.catalog.Pages(of.t.Context(), id))(of.t)[0]
	text := must(of.PageText(of.t.Context(), id, 1))(of.t)
	page.Turn, text.Turn = 0, 0
	text.Lines = []sohoa.Line{{Box: sohoa.Rect{X0: 100, Y0: 100, X1: 500, Y1: 140}, Height: 40, Words: []sohoa.Word{
		{Text: "HNỊĐ", Box: sohoa.Rect{X0: 100, Y0: 100, X1: 280, Y1: 140}, Confidence: 40},
		{Text: "TẾYUQ", Box: sohoa.Rect{X0: 300, Y0: 100, X1: 500, Y1: 140}, Confidence: 45},
	}}}
	b := must(json.Marshal(text))(of.t)
	info := must(of.Blobs.Put(of.t.Context(), "work/"+id.String()+"/text/0001.json", bytes.NewReader(b)))(of.t)
	err := of.catalog.Update(of.t.Context(), func(tx archive.Tx) error {
		if err := tx.PutPage(page); err != nil {
			return err
		}
		return tx.PutFile(id, sohoa.File{Role: sohoa.RoleText, Page: 1, Key: info.Key, Size: info.Size, Digest: info.Digest, MediaType: "application/json"})
	})
	if err != nil {
		of.t.Fatal(err)
	}
}
