package ingest_test

import (
	"encoding/json"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
	"sohoa/ingest"
)

// decide revokes a document.
func decide(reason string) ingest.Amendment {
	return ingest.Amendment{Actor: "binh", Action: "document.revoke", Change: func(_ archive.Tx, doc *sohoa.Document) error {
		doc.Life.Revoked = &sohoa.Revocation{At: time.Now().UTC(), Decision: "12/QĐ-UBND", Reason: reason, By: "binh"}
		return nil
	}}
}

func recorded(d sohoa.Document) bool { return d.LifeKept == d.Life.Change }

// record reads the metadata file of a document's newest version.
func (of *office) record(id sohoa.DocumentID) (r ingest.Record) {
	of.t.Helper()
	head := must(of.Keeper.Head(of.t.Context(), ocfl.DocumentID(id)))(of.t)
	if err := json.Unmarshal(must(of.ReadFile(of.t.Context(), head, "metadata.json"))(of.t), &r); err != nil {
		of.t.Fatal(err)
	}
	return r
}

// TestAmend decides about a kept document several times.
func TestAmend(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	before := of.kept(id)
	for _, reason := range []string{"sai thẩm quyền", "sai số"} {
		if _, err := of.Amend(t.Context(), id, decide(reason)); err != nil {
			t.Fatalf("Amend = %v", err)
		}
	}
	doc := of.await(id, recorded)
	if doc.Life.Change != 2 || doc.Revision <= before.Revision || doc.Signature != before.Signature {
		t.Errorf("after Amend: change %d, revision %d, signature %s", doc.Life.Change, doc.Revision, doc.Signature)
	}
	if r := of.record(id); r.Document.Life.Revoked == nil || r.Document.Life.Revoked.Reason != "sai số" {
		t.Errorf("the record has %+v", r.Document.Life)
	}
	of.checkArchive()
}

// TestAmendWaitsForASignature decides while somebody has a signature under
// way: it is made for a version, and must still fit.
func TestAmendWaitsForASignature(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	of.set([]sohoa.DocumentID{id}, one(sohoa.PartPerson, "binh")...)
	p, prepared, err := of.prepareAs("binh", id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := of.Amend(t.Context(), id, decide("sai số")); err != nil {
		t.Fatalf("Amend = %v", err)
	}
	value := must(keyOf(t, people["binh"]).Sign(t.Context(), prepared))(t)
	if _, err := of.CompleteSignature(t.Context(), "binh", p.ID, value); err != nil {
		t.Fatalf("CompleteSignature = %v", err)
	}
	doc := of.await(id, func(d sohoa.Document) bool { return recorded(d) && len(d.Signatures) == 2 })
	if r := of.record(id); r.Document.Life.Revoked == nil || len(r.Document.Signatures) != 2 {
		t.Errorf("the record of revision %d has life %+v and %d signatures", doc.Revision, r.Document.Life, len(r.Document.Signatures))
	}
	of.checkArchive()
}
