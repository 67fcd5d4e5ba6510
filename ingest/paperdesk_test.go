package ingest_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// paperClerk works at the agency of dossier.
var paperClerk = ingest.ReuseActor{Name: "lan", Scope: sohoa.Scope{Agencies: []string{"H00.00.01"}}}

// papersAsked has the procedure of dossier ask for two papers.
func (of *office) papersAsked() {
	of.t.Helper()
	of.enterAsking(hoa, hoa)
	err := of.catalog.Update(of.t.Context(), func(tx archive.Tx) error {
		d, err := tx.Dossier(dossier)
		if err != nil {
			return err
		}
		d.Procedure = asked.Code
		return tx.PutDossier(d)
	})
	if err != nil {
		of.t.Fatal(err)
	}
}

// bring accepts bytes as a paper with a number of pages.
func (of *office) bring(data []byte, requirement string, expected int) (sohoa.Document, error) {
	doc, _, err := of.Accept(of.t.Context(), ingest.Request{Dossier: dossier, Name: "a.jpg", Actor: "lan", Body: bytes.NewReader(data),
		Size: int64(len(data)), Requirement: requirement, Expected: expected})
	return doc, err
}

// paper is a requirement of dossier, with what there is for it.
func (of *office) paper(code string) ingest.Paper {
	of.t.Helper()
	for _, p := range must(of.Papers(of.t.Context(), paperClerk.Scope, dossier))(of.t) {
		if p.Code == code {
			return p
		}
	}
	of.t.Fatalf("no paper %s", code)
	return ingest.Paper{}
}

// actions are those of the journal about a dossier, but for the pipeline's.
func (of *office) decisions() (all []sohoa.Action) {
	of.t.Helper()
	for _, e := range must(of.catalog.Entries(of.t.Context(), 0, 1000))(of.t) {
		switch e.Action {
		case sohoa.ActionOmit, sohoa.ActionOmitEnd, sohoa.ActionAssign, sohoa.ActionExpect, sohoa.ActionHold, sohoa.ActionRelease:
			all = append(all, e.Action)
		}
	}
	return all
}

// TestPapersThatAreNotDigitised says so, takes it back, and brings them in all
// the same; what is secret stays out. The storage root alone tells it.
func TestPapersThatAreNotDigitised(t *testing.T) {
	of := openOffice(t, options{})
	of.papersAsked()
	omit := func(code string, reason sohoa.OmitReason) error {
		_, err := of.Omit(t.Context(), paperClerk, sohoa.Omission{Dossier: dossier, Requirement: code, Reason: reason, Note: " theo quy định "})
		return err
	}
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"for no reason":     {omit("TP1", "lazy"), "paper.reason"},
		"no such paper":     {omit("TP9", sohoa.OmitShown), "requirement.unknown"},
		"of another office": {second(of.Omit(t.Context(), clerk, sohoa.Omission{Dossier: dossier, Requirement: "TP1", Reason: sohoa.OmitShown})), "dossier.unknown"},
	} {
		if codeOf(tt.err) != tt.want {
			t.Errorf("%s: %v, want %s", name, tt.err, tt.want)
		}
	}
	page := scan(t, "trang-trang-01.jpg")
	if err := omit("TP1", sohoa.OmitSecret); err != nil {
		t.Fatal(err)
	}
	if p := of.paper("TP1"); p.Omitted == nil || p.Omitted.Reason != sohoa.OmitSecret || p.Omitted.By != "lan" || p.Omitted.Note != "theo quy định" || p.Omitted.At.IsZero() {
		t.Errorf("the paper says %+v, want who said that it is secret, and when", p.Omitted)
	}
	if _, err := of.bring(page, "TP1", 0); codeOf(err) != "paper.secret" {
		t.Errorf("a scan of what is secret: %v, want paper.secret", err)
	}
	other := must(of.bring(page, "", 0))(t)
	if _, err := of.Assign(t.Context(), paperClerk, other.ID, "TP1"); codeOf(err) != "paper.secret" {
		t.Errorf("assigned to what is secret: %v, want paper.secret", err)
	}
	if err := of.Unomit(t.Context(), paperClerk, dossier, "TP1"); err != nil {
		t.Fatal(err)
	}
	if err := omit("TP2", sohoa.OmitShown); err != nil {
		t.Fatal(err)
	}
	doc := must(of.Assign(t.Context(), paperClerk, other.ID, "TP1"))(t)
	if doc.Life.Requirement != "TP1" || doc.Life.Type != "gcn-qsdd" {
		t.Errorf("assigned: %+v, want the paper and its only type", doc.Life)
	}
	if err := omit("TP1", sohoa.OmitShown); codeOf(err) != "paper.scanned" {
		t.Errorf("what is scanned is not digitised: %v, want paper.scanned", err)
	}
	want := []sohoa.Action{sohoa.ActionOmit, sohoa.ActionOmitEnd, sohoa.ActionOmit, sohoa.ActionAssign}
	if d := cmp.Diff(want, of.decisions()); d != "" {
		t.Errorf("the journal (-want +got):\n%s", d)
	}
	of.kept(other.ID)
	of.await(other.ID, recorded)
	of.reuseRecorded()
	of.stop()
	loseCatalogue(t, of)
	of = openOffice(t, options{dir: of.dir, idle: true})
	of.recoverAll()
	if p := of.paper("TP2"); p.Omitted == nil || p.Omitted.Reason != sohoa.OmitShown {
		t.Errorf("recovered: %+v, want it only shown", p.Omitted)
	}
	if p := of.paper("TP1"); p.Omitted != nil || len(p.Documents) != 1 || p.Documents[0] != other.ID {
		t.Errorf("recovered: %+v, want the scan assigned and nothing omitted", p)
	}
}

func second[T any](_ T, err error) error { return err }

// TestScanOfAPaperThatWasNotToBeDigitised takes the omission back.
func TestScanOfAPaperThatWasNotToBeDigitised(t *testing.T) {
	of := openOffice(t, options{idle: true})
	of.papersAsked()
	must(of.Omit(t.Context(), paperClerk, sohoa.Omission{Dossier: dossier, Requirement: "TP2", Reason: sohoa.OmitCopy}))(t)
	page := scan(t, "trang-trang-01.jpg")
	doc := must(of.bring(page, "TP2", 2))(t)
	if p := of.paper("TP2"); p.Omitted != nil || len(p.Documents) != 1 {
		t.Errorf("the paper has %+v, want the scan only", p)
	}
	again := must(of.bring(page, "TP1", 3))(t) // a second time, by mistake for another paper
	if again.ID != doc.ID || again.Life.Requirement != "TP2" || again.Expected != 2 {
		t.Errorf("the same bytes again: %+v, want the document as it was", again)
	}
	doc = must(of.Assign(t.Context(), paperClerk, doc.ID, "TP1"))(t)
	if doc.Life.Type != "gcn-qsdd" {
		t.Errorf("assigned to TP1 with type %q", doc.Life.Type)
	}
	if doc = must(of.Assign(t.Context(), paperClerk, doc.ID, ""))(t); doc.Life.Type != "" || doc.Life.Requirement != "" {
		t.Errorf("assigned to nothing: %+v, want no type any more", doc.Life)
	}
	if _, err := of.Assign(t.Context(), clerk, doc.ID, "TP1"); codeOf(err) != "document.unknown" {
		t.Errorf("assigned by another office: %v, want document.unknown", err)
	}
}

// TestAssignedWhenKept makes the paper that a kept document is its next version.
func TestAssignedWhenKept(t *testing.T) {
	of := openOffice(t, options{})
	of.papersAsked()
	doc := must(of.bring(scan(t, "trang-trang-01.jpg"), "", 0))(t)
	of.kept(doc.ID)
	must(of.Assign(t.Context(), paperClerk, doc.ID, "TP1"))(t)
	doc = of.await(doc.ID, recorded)
	if got := of.record(doc.ID).Document; got.Life.Requirement != "TP1" || got.Life.Type != "gcn-qsdd" || doc.Revision != 2 {
		t.Errorf("the storage root has version %d: %+v, want the paper", doc.Revision, got.Life)
	}
	if _, err := of.Expect(t.Context(), paperClerk, doc.ID, 1); codeOf(err) != "arrange.signed" {
		t.Errorf("counted when it is signed: %v, want arrange.signed", err)
	}
}

// TestPagesAreCounted holds what has other pages than the paper until they
// agree: the number is put right, or the pages are.
func TestPagesAreCounted(t *testing.T) {
	of := openOffice(t, options{})
	page := scan(t, "trang-trang-01.jpg")
	if _, err := of.bring(page, "", -1); codeOf(err) != "pages.expected" {
		t.Errorf("-1 pages: %v, want pages.expected", err)
	}
	good := must(of.bring(page, "", 1))(t)
	if doc := of.kept(good.ID); doc.Expected != 1 {
		t.Errorf("the right number: %+v, want it kept with it", doc)
	}
	bad := must(of.bring(append(bytes.Clone(page), 1), "", 4))(t)
	doc := of.await(bad.ID, func(d sohoa.Document) bool { return d.State == sohoa.StateRead })
	if p := doc.Miscounted(); p == nil || p.Code != "pages.count" || p.Args[0] != "4" || p.Args[1] != "1" || !doc.Held || !doc.HeldCount {
		t.Errorf("four pages expected: %v of %+v, want it held", p, doc)
	}
	found := must(of.catalog.FindDocuments(t.Context(), sohoa.Everything, archive.DocumentQuery{Counted: true}))(t)
	if len(found) != 1 || found[0].ID != bad.ID {
		t.Errorf("found with another number: %v", found)
	}
	if err := of.Release(t.Context(), "lan", bad.ID); codeOf(err) != "pages.count" {
		t.Errorf("Release = %v, want pages.count", err)
	}
	must(of.Expect(t.Context(), paperClerk, bad.ID, 1))(t)
	if doc := of.kept(bad.ID); doc.Held || doc.HeldCount || doc.Expected != 1 {
		t.Errorf("after the number was put right: %+v, want it let go", doc)
	}
	of.countsByArranging(page)
	of.stop()
	of.checkArchive()
}

// countsByArranging scans what was missing and takes it in.
func (of *office) countsByArranging(page []byte) {
	of.t.Helper()
	t, ctx := of.t, context.WithoutCancel(of.t.Context())
	read := func(d sohoa.Document) bool { return d.State == sohoa.StateRead }
	short := must(of.bring(append(bytes.Clone(page), 2), "", 2))(t)
	more, _, err := of.Accept(ctx, ingest.Request{Dossier: dossier, Name: "b.jpg", Actor: "lan", Body: bytes.NewReader(append(bytes.Clone(page), 3)), Size: -1, Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	of.await(short.ID, read)
	of.await(more.ID, read)
	of.arrange(short.ID, "1,"+more.ID.String()+":1")
	if doc := of.await(short.ID, read); doc.Miscounted() != nil || !doc.Held || doc.HeldCount || doc.Expected != 2 {
		t.Errorf("with the page that was missing: %+v, want it held by a person, and the numbers agree", doc)
	}
	if _, err := of.Split(ctx, "lan", of.arrangement(short.ID), 1); err != nil {
		t.Fatal(err)
	}
	if doc := of.await(short.ID, read); doc.Expected != 1 || doc.Miscounted() != nil {
		t.Errorf("after a split: %d expected, want what was split off not missed", doc.Expected)
	}
	of.release(short.ID)
}
