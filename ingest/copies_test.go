package ingest_test

import (
	"bytes"
	"errors"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/ingest"
	"sohoa/signing/validation"
)

// copyOf saves a copy of a document and returns where.
func (of *office) copyOf(id sohoa.DocumentID, kind ingest.CopyKind) (string, *ingest.CopyFile) {
	of.t.Helper()
	c := must(of.Copy(of.t.Context(), ingest.CopyRequest{Actor: "lan", Purpose: "cấp cho người dân", Scope: sohoa.Everything, Document: id, Kind: kind}))(of.t)
	defer c.Close()
	name := filepath.Join(of.t.TempDir(), string(kind)+".pdf")
	if err := os.WriteFile(name, must(io.ReadAll(c))(of.t), 0o600); err != nil {
		of.t.Fatal(err)
	}
	if dir := os.Getenv("SOHOA_TEST_COPIES"); dir != "" { // to be looked at
		if err := os.WriteFile(filepath.Join(dir, id.String()+"-"+string(kind)+".pdf"), must(os.ReadFile(name))(of.t), 0o600); err != nil {
			of.t.Fatal(err)
		}
	}
	return name, c
}

// pageTexts is the text of each page of a PDF.
func pageTexts(t testing.TB, name string) []string {
	t.Helper()
	out := must(exec.CommandContext(t.Context(), "pdftotext", "-layout", name, "-").Output())(t)
	return strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
}

// TestCopies makes copies of a scan, and of a PDF that somebody signed.
func TestCopies(t *testing.T) {
	of := openOffice(t, options{})
	scanned := of.kept(of.add("danh sách.jpg", scan(t, "danh-sach-01.jpg")).ID)
	signed := of.kept(of.add("đã ký.pdf", of.read(scanned.ID, sohoa.RoleSigned, 0)).ID)
	before := must(of.catalog.Files(t.Context(), scanned.ID))(t)

	plain, _ := of.copyOf(scanned.ID, ingest.CopyPlain)
	archivetest.VeraPDF(t, plain)
	foreign, _ := of.copyOf(signed.ID, ingest.CopyPlain)
	for _, name := range []string{plain, foreign} {
		for i, text := range pageTexts(t, name) {
			if !strings.Contains(text, "BẢN SAO") {
				t.Errorf("page %d of %s says %q", i+1, name, text)
			}
		}
		if out, _ := exec.CommandContext(t.Context(), "pdfsig", name).CombinedOutput(); !bytes.Contains(out, []byte("does not contain any signatures")) {
			t.Errorf("a plain copy has signatures: %s", out)
		}
	}

	certified, c := of.copyOf(scanned.ID, ingest.CopyCertified)
	if c.Signature != sohoa.SignatureTimed {
		t.Errorf("the certified copy is %s", c.Signature)
	}
	archivetest.VeraPDF(t, certified)
	if text := pageTexts(t, certified); !strings.Contains(text[0], "BẢN SAO") {
		t.Errorf("the certified copy says %q", text[0])
	}
	f := must(os.Open(certified))(t)
	defer f.Close()
	report := must(validation.Validate(t.Context(), f, c.Size, validation.Options{Roots: []validation.Root{{World: "test", Certificate: authority(t).Root()}}}))(t)
	if len(report.Signatures) != 1 || report.Conclusion != validation.TotalPassed {
		t.Errorf("the certified copy: %s %+v", report.Conclusion, report.Signatures)
	}
	if after := must(of.catalog.Files(t.Context(), scanned.ID))(t); len(after) != len(before) {
		t.Errorf("copies changed the files of their document")
	}
}

// TestRevokedResultsAreNotCertified asks for copies of a result that is of no
// force.
func TestRevokedResultsAreNotCertified(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	must(of.Amend(t.Context(), id, decide("sai số")))(t)
	r := ingest.CopyRequest{Actor: "lan", Purpose: "x", Scope: sohoa.Everything, Document: id, Kind: ingest.CopyCertified}
	_, err := of.Copy(t.Context(), r)
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != "copy.force-revoked" {
		t.Errorf("Copy = %v, want copy.force-revoked", err)
	}
	of.copyOf(id, ingest.CopyPlain)
	for _, e := range must(of.catalog.History(t.Context(), id))(t) {
		if e.Action == sohoa.ActionCopy && strings.Contains(e.Detail, "certified") {
			t.Errorf("the journal says %s", e.Detail)
		}
	}
	r.Purpose = " "
	if _, err := of.Copy(t.Context(), r); !errors.As(err, &p) || p.Code != "export.purpose" {
		t.Errorf("Copy without a purpose = %v", err)
	}
}

// TestReadingCopyEnds reads a document until its time is over.
func TestReadingCopyEnds(t *testing.T) {
	now := time.Now()
	of := openOffice(t, options{config: func(c *ingest.Config) { c.Now = func() time.Time { return now } }})
	id := of.papers(1)[0]
	r := ingest.CopyRequest{Actor: "lan", Purpose: "đọc tại nhà", Scope: sohoa.Everything, Document: id}
	for _, days := range []int{0, 16} {
		if _, err := of.IssueReading(t.Context(), r, days); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("IssueReading for %d days = %v", days, err)
		}
	}
	c := must(of.IssueReading(t.Context(), r, 15))(t)
	if strings.Contains(must(of.catalog.History(t.Context(), id))(t)[0].Detail, c.Secret) {
		t.Error("the journal has the secret")
	}
	read := must(of.Reading(t.Context(), id, strings.ToLower(c.Secret)))(t)
	picture := must(of.ReadingPage(t.Context(), read, 1))(t)
	img := must(jpeg.Decode(bytes.NewReader(picture)))(t)
	if read.Agency != "UBND xã Vĩnh Nghĩa" || img.Bounds().Dx() > 1240 {
		t.Errorf("%+v, %v", read, img.Bounds())
	}
	if dir := os.Getenv("SOHOA_TEST_COPIES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "reading.jpg"), picture, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var p *sohoa.Problem
	if _, err := of.Reading(t.Context(), id, sohoa.NewLookup()); !errors.As(err, &p) || p.Code != "copy.unknown" {
		t.Errorf("Reading with another secret = %v", err)
	}
	lent := must(of.IssueReading(t.Context(), r, 3))(t)
	copies := must(of.Given(t.Context(), sohoa.Everything, id))(t)
	if len(copies) != 2 || copies[0].Link == copies[1].Link || !copies[0].Open(now) || strings.Contains(copies[0].Link, lent.Secret) {
		t.Fatalf("Given = %+v, want both, open, without what opens them", copies)
	}
	recall := ingest.CopyRequest{Actor: "lan", Purpose: "gửi nhầm người", Scope: sohoa.Everything, Document: id}
	if err := of.EndReading(t.Context(), recall, copies[0].Link); err != nil {
		t.Errorf("EndReading: %v", err)
	}
	if _, err := of.Reading(t.Context(), id, lent.Secret); !errors.As(err, &p) || p.Code != "copy.ended" {
		t.Errorf("Reading what was called back = %v, want copy.ended", err)
	}
	if err := of.EndReading(t.Context(), recall, copies[0].Link); !errors.As(err, &p) || p.Code != "copy.ended" {
		t.Errorf("calling it back twice = %v, want copy.ended", err)
	}
	if err := of.EndReading(t.Context(), recall, "x"); !errors.As(err, &p) || p.Code != "copy.unknown" {
		t.Errorf("calling back what was not given = %v, want copy.unknown", err)
	}
	if copies = must(of.Given(t.Context(), sohoa.Everything, id))(t); copies[0].EndedBy != "lan" || copies[0].Open(now) || !copies[1].Open(now) {
		t.Errorf("Given = %+v, want the newer called back and the older open", copies)
	}
	must(of.Reading(t.Context(), id, c.Secret))(t)
	now = now.Add(15*24*time.Hour + time.Second)
	if _, err := of.Reading(t.Context(), id, c.Secret); !errors.As(err, &p) || p.Code != "copy.ended" {
		t.Errorf("Reading after its time = %v", err)
	}
}
