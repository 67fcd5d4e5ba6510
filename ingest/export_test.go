package ingest_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/eark"
	"sohoa/ingest"
)

// exported writes an export as a ZIP file and returns it.
func (of *office) exported(want ingest.ExportRequest) ([]byte, []ingest.Exported) {
	of.t.Helper()
	want.Actor, want.Purpose, want.Scope = "lan", "chuyển giao", sohoa.Everything
	plan := must(of.Export(of.t.Context(), want))(of.t)
	var b bytes.Buffer
	return must(both(plan.Write(of.t.Context(), eark.ZIP(&b))))(of.t).zip(&b)
}

type written []ingest.Exported

func both(e []ingest.Exported, err error) (written, error) { return e, err }

func (w written) zip(b *bytes.Buffer) ([]byte, []ingest.Exported) { return b.Bytes(), w }

// judged has commons-ip look at a ZIP file with one package.
func judged(t testing.TB, id string, file []byte) {
	t.Helper()
	name := filepath.Join(t.TempDir(), id+".zip")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	archivetest.CommonsIP(t, name)
}

func (of *office) imported(file []byte, r ingest.ImportRequest) (ingest.Imported, error) {
	of.t.Helper()
	src := must(eark.OpenZIP(bytes.NewReader(file), int64(len(file))))(of.t)
	r.Actor, r.Purpose, r.Scope = "binh", "tiếp nhận", sohoa.Everything
	return of.Import(of.t.Context(), src, r)
}

// TestPackagesGoFromArchiveToArchive exports a dossier and imports it
// elsewhere: the same originals, with what was known of them.
func TestPackagesGoFromArchiveToArchive(t *testing.T) {
	from := openOffice(t, options{})
	scanned := from.add("quyết định.jpg", scan(t, "quyet-dinh-01.jpg"))
	born := from.add("biên bản.pdf", scan(t, "bien-ban-01.pdf"))
	docs := []sohoa.Document{from.kept(scanned.ID), from.kept(born.ID)}
	if _, err := from.Amend(t.Context(), scanned.ID, decide("sai thẩm quyền")); err != nil {
		t.Fatal(err)
	}
	docs[0] = from.await(scanned.ID, recorded)
	file, list := from.exported(ingest.ExportRequest{Kind: eark.SIP, Dossier: dossier})
	judged(t, list[0].Package, file)

	to := openOffice(t, options{})
	for round, existing := range []bool{false, true} {
		got, err := to.imported(file, ingest.ImportRequest{})
		if err != nil || len(got.Documents) != 2 || got.Dossier != dossier {
			t.Fatalf("Import = %+v, %v", got, err)
		}
		for i, d := range got.Documents {
			if d.Existing != existing || d.Digest != docs[i].Digest || d.Name != docs[i].Name {
				t.Errorf("round %d, document %d: %+v", round, i, d)
			}
			doc := to.kept(d.ID)
			ignore := cmpopts.IgnoreFields(sohoa.Field{}, "Text", "Page", "Box", "Confidence", "Rule")
			byName := cmpopts.SortSlices(func(a, b sohoa.Field) bool { return a.Name < b.Name })
			if diff := cmp.Diff(docs[i].Fields, doc.Fields, ignore, byName); diff != "" {
				t.Errorf("fields of document %d: %s", i, diff)
			}
			if doc.Life.Force(time.Now()) != docs[i].Life.Force(time.Now()) {
				t.Errorf("document %d is %s, was %s", i, doc.Life.Force(time.Now()), docs[i].Life.Force(time.Now()))
			}
		}
	}
	to.checkArchive()
	if r := to.record(must(to.imported(file, ingest.ImportRequest{}))(t).Documents[0].ID); r.Document.Life.Revoked == nil ||
		r.Document.Life.Revoked.Reason != "sai thẩm quyền" {
		t.Errorf("the record says %+v", r.Document.Life)
	}
}

// TestExportKinds exports a document as each kind, and as the bare object.
func TestExportKinds(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	aip, list := of.exported(ingest.ExportRequest{Kind: eark.AIP, Document: id})
	judged(t, list[0].Package, aip)
	names := listed(t, aip)
	for _, want := range []string{"rep2/data/" + dossier + ".0000001.jpg", "rep1/data/" + dossier + ".0000001.pdf",
		"rep1/data/" + dossier + ".0000001.unsigned.pdf", "documentation/" + dossier + ".0000001.metadata.json"} {
		if !strings.Contains(names, want) {
			t.Errorf("the AIP lacks %s in\n%s", want, names)
		}
	}
	dip, list := of.exported(ingest.ExportRequest{Kind: eark.DIP, Document: id})
	judged(t, list[0].Package, dip)
	if names := listed(t, dip); strings.Contains(names, "rep2/") || !strings.Contains(names, "rep1/data/") {
		t.Errorf("the DIP has\n%s", names)
	}
	object, _ := of.exported(ingest.ExportRequest{Kind: eark.AIP, Document: id, OCFL: true})
	if names := listed(t, object); !strings.Contains(names, id.String()+"/inventory.json\n") || !strings.Contains(names, "/v1/content/original.jpg") {
		t.Errorf("the object has\n%s", names)
	}
	year, done := of.exported(ingest.ExportRequest{Kind: eark.SIP, Year: time.Now().In(sohoa.Hanoi).Year()})
	if names := listed(t, year); len(done) != 1 || !strings.Contains(names, "/muc-luc-ho-so.csv") || !strings.Contains(names, done[0].Package+"/METS.xml") {
		t.Errorf("the year has\n%s", names)
	}
	exports := 0
	for _, e := range must(of.catalog.History(t.Context(), id))(t) {
		if e.Action == sohoa.ActionExport && e.Purpose == "chuyển giao" && e.Actor == "lan" {
			exports++
		}
	}
	if exports != 4 {
		t.Errorf("%d exports in the journal, want 4", exports)
	}
}

func listed(t testing.TB, file []byte) string {
	t.Helper()
	z := must(zip.NewReader(bytes.NewReader(file), int64(len(file))))(t)
	var b strings.Builder
	for _, f := range z.File {
		b.WriteString(f.Name + "\n")
	}
	return b.String()
}

func TestExportRefuses(t *testing.T) {
	of := openOffice(t, options{idle: true})
	doc := of.add("a.jpg", page(t, 1))
	for _, c := range []struct {
		name, code string
		want       ingest.ExportRequest
	}{
		{"no purpose", "export.purpose", ingest.ExportRequest{Document: doc.ID, Scope: sohoa.Everything}},
		{"nothing", "export.what", ingest.ExportRequest{Purpose: "x", Scope: sohoa.Everything}},
		{"not kept", "export.not-kept", ingest.ExportRequest{Purpose: "x", Document: doc.ID, Scope: sohoa.Everything}},
		{"dossier not kept", "export.not-kept", ingest.ExportRequest{Purpose: "x", Dossier: dossier, Scope: sohoa.Everything}},
		{"no such year", "export.none", ingest.ExportRequest{Purpose: "x", Year: 1990, Scope: sohoa.Everything}},
	} {
		c.want.Kind = eark.SIP
		_, err := of.Export(t.Context(), c.want)
		var p *sohoa.Problem
		if !errors.As(err, &p) || p.Code != c.code {
			t.Errorf("%s: Export = %v, want %s", c.name, err, c.code)
		}
	}
	foreign := ingest.ExportRequest{Purpose: "x", Kind: eark.SIP, Document: doc.ID, Scope: sohoa.Scope{Agencies: []string{"other"}}}
	if _, err := of.Export(t.Context(), foreign); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Export of another office's document = %v, want ErrNotExist", err)
	}
}

// TestImportTakesNothingOfABrokenPackage alters one byte of the last file.
func TestImportTakesNothingOfABrokenPackage(t *testing.T) {
	of := openOffice(t, options{})
	of.papers(2)
	file, _ := of.exported(ingest.ExportRequest{Kind: eark.SIP, Dossier: dossier})
	z := must(zip.NewReader(bytes.NewReader(file), int64(len(file))))(t)
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range z.File {
		data := must(io.ReadAll(must(f.Open())(t)))(t)
		if strings.HasSuffix(f.Name, "0000002.jpg") {
			data[len(data)/2] ^= 1
		}
		must(must(out.Create(f.Name))(t).Write(data))(t)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	to := openOffice(t, options{idle: true})
	_, err := to.imported(b.Bytes(), ingest.ImportRequest{})
	var faults eark.Faults
	if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Code != "package.digest" {
		t.Errorf("Import = %v, want one wrong digest", err)
	}
	if n := must(to.catalog.States(t.Context(), sohoa.Everything))(t); len(n) != 0 {
		t.Errorf("a broken package left %v", n)
	}
}
