package ingest_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/pdfa"
	"sohoa/ingest"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

func TestScanBecomesKeptDocument(t *testing.T) {
	of := openOffice(t, options{})
	scans := map[string]struct {
		pages  int
		phrase string // stands on it
	}{
		"quyet-dinh-01.jpg":  {1, "QUYẾT ĐỊNH"},
		"cong-van-01.png":    {1, "Kính gửi"},
		"bien-ban-01.pdf":    {4, "BIÊN BẢN"},
		"trang-trang-01.jpg": {1, ""},
	}
	ids, judged := map[string]sohoa.DocumentID{}, []string{}
	for name := range scans {
		ids[name] = of.add(name, scan(t, name)).ID
	}
	for name, want := range scans {
		doc := of.kept(ids[name])
		if doc.Pages != want.pages || doc.PagesRead != want.pages || doc.Revision != 1 || doc.Master != sohoa.MasterPDFA {
			t.Errorf("%s: %+v, want %d pages, all read, revision 1, PDF/A", name, doc, want.pages)
		}
		if doc.Signature != sohoa.SignatureTimed {
			t.Errorf("%s: signature %s (%v), want %s", name, doc.Signature, doc.SignReason, sohoa.SignatureTimed)
		}
		text := must(of.PageText(t.Context(), doc.ID, 1))(t)
		if got := plain(text); !strings.Contains(got, want.phrase) {
			t.Errorf("%s: text %q, want %q in it", name, got, want.phrase)
		}
		if original := of.read(doc.ID, sohoa.RoleOriginal, 0); !bytes.Equal(original, scan(t, name)) {
			t.Errorf("%s: the original is not what came in", name)
		}
		of.checkSigned(name, doc)
		for role, data := range map[sohoa.Role][]byte{sohoa.RolePDF: of.read(doc.ID, sohoa.RolePDF, 0), sohoa.RoleSigned: of.read(doc.ID, sohoa.RoleSigned, 0)} {
			path := filepath.Join(t.TempDir(), strings.ReplaceAll(name, ".", "-")+"-"+string(role)+".pdf")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			judged = append(judged, path)
		}
	}
	archivetest.VeraPDF(t, judged...)
	of.stop() // what follows the last commit is done then
	of.checkArchive()
	left := must(filepath.Glob(filepath.Join(of.dir, "objects", "work", "*")))(t)
	if len(left) > 0 {
		t.Errorf("working copies of kept documents are left: %q", left)
	}
}

// plain is the text of a page on one line.
func plain(text sohoa.PageText) string {
	var words []string
	for _, l := range text.Lines {
		for _, w := range l.Words {
			words = append(words, w.Text)
		}
	}
	return strings.Join(words, " ")
}

// read returns a stored file.
func (of *office) read(id sohoa.DocumentID, role sohoa.Role, page int) []byte {
	of.t.Helper()
	b, _, err := of.Open(of.t.Context(), id, role, page)
	if err != nil {
		of.t.Fatalf("Open(%s %d) = %v", role, page, err)
	}
	defer b.Close()
	return must(io.ReadAll(b))(of.t)
}

// checkSigned checks that the signed PDF is the unsigned one and a tail, still
// PDF/A, and passes.
func (of *office) checkSigned(name string, doc sohoa.Document) {
	of.t.Helper()
	pdf, signed := of.read(doc.ID, sohoa.RolePDF, 0), of.read(doc.ID, sohoa.RoleSigned, 0)
	if !bytes.HasPrefix(signed, pdf) {
		of.t.Errorf("%s: the signed PDF does not begin with the unsigned one", name)
	}
	if err := pdfa.Lint(bytes.NewReader(signed), int64(len(signed))); err != nil {
		of.t.Errorf("%s: the signed PDF is not PDF/A any more: %v", name, err)
	}
	report, err := validation.Validate(of.t.Context(), bytes.NewReader(signed), int64(len(signed)), validation.Options{})
	if err != nil || len(report.Signatures) != 1 {
		of.t.Fatalf("%s: Validate = %+v, %v, want one signature", name, report, err)
	}
	if s := report.Signatures[0]; !s.Intact() || !s.Covers.WholeFile {
		of.t.Errorf("%s: signature %+v, want it intact over the whole file", name, s)
	}
}

func TestSignedPDFIsItsOwnMaster(t *testing.T) {
	of := openOffice(t, options{})
	first := of.kept(of.add("quyet-dinh-01.jpg", scan(t, "quyet-dinh-01.jpg")).ID)
	signed := of.read(first.ID, sohoa.RoleSigned, 0)
	doc := of.kept(of.add("da-ky.pdf", signed).ID)
	if doc.Master != sohoa.MasterOriginal {
		t.Errorf("master of a signed PDF is %s, want %s", doc.Master, sohoa.MasterOriginal)
	}
	again := of.read(doc.ID, sohoa.RoleSigned, 0)
	if !bytes.HasPrefix(again, signed) {
		t.Error("signing a signed PDF changed its bytes")
	}
	report := must(validation.Validate(t.Context(), bytes.NewReader(again), int64(len(again)), validation.Options{}))(t)
	if len(report.Signatures) != 2 || !report.Signatures[0].Intact() || !report.Signatures[1].Intact() {
		t.Errorf("signatures %+v, want two that are intact", report.Signatures)
	}
	of.checkArchive()
}

func TestSameBytesAreOneDocument(t *testing.T) {
	of := openOffice(t, options{idle: true})
	data := scan(t, "to-khai-01.jpg")
	const senders = 8
	ids := make([]sohoa.DocumentID, senders)
	fresh := make([]bool, senders)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			doc, existing, err := of.Accept(t.Context(), ingest.Request{Dossier: dossier, Name: "a.jpg", Actor: "lan", Body: bytes.NewReader(data), Size: -1})
			if err != nil {
				t.Errorf("Accept: %v", err)
			}
			ids[i], fresh[i] = doc.ID, !existing
		})
	}
	wg.Wait()
	count := 0
	for i := range senders {
		if ids[i] != ids[0] {
			t.Errorf("Accept gave %v and %v for the same bytes", ids[0], ids[i])
		}
		if fresh[i] {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d of the uploads were new, want 1", count)
	}
	if originals := must(filepath.Glob(filepath.Join(of.dir, "objects", "work", "*", "original")))(t); len(originals) != 1 {
		t.Errorf("%d originals stored, want 1", len(originals))
	}
}

func TestAcceptRefuses(t *testing.T) {
	of := openOffice(t, options{idle: true})
	jpeg := scan(t, "to-khai-01.jpg")
	tests := map[string]struct {
		req  ingest.Request
		code string
	}{
		"empty":          {ingest.Request{Dossier: dossier, Name: "a.pdf", Body: strings.NewReader(""), Size: 0}, "file.empty"},
		"text":           {ingest.Request{Dossier: dossier, Name: "a.pdf", Body: strings.NewReader("kính gửi"), Size: -1}, "file.type"},
		"cut off":        {ingest.Request{Dossier: dossier, Name: "a.jpg", Body: bytes.NewReader(jpeg[:5000]), Size: int64(len(jpeg))}, "file.incomplete"},
		"broken pipe":    {ingest.Request{Dossier: dossier, Name: "a.jpg", Body: io.MultiReader(bytes.NewReader(jpeg), broken{}), Size: -1}, "file.incomplete"},
		"no dossier":     {ingest.Request{Dossier: "nope", Name: "a.jpg", Body: bytes.NewReader(jpeg), Size: -1}, "dossier.unknown"},
		"hostile folder": {ingest.Request{Dossier: "../../etc", Name: "a.jpg", Body: bytes.NewReader(jpeg), Size: -1}, "dossier.unknown"},
	}
	for name, test := range tests {
		_, _, err := of.Accept(t.Context(), test.req)
		var p *sohoa.Problem
		if !errors.As(err, &p) || p.Code != test.code {
			t.Errorf("%s: Accept = %v, want problem %s", name, err, test.code)
		}
	}
	err := filepath.WalkDir(filepath.Join(of.dir, "objects", "work"), func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			t.Errorf("refused uploads left %s", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// broken is a connection that breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestCleanName(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"plain":         {"Giấy khai sinh.pdf", "Giấy khai sinh.pdf"},
		"decomposed":    {"Gia\u0302\u0301y.pdf", "Giấy.pdf"},
		"path":          {"../../etc/passwd", "passwd"},
		"windows path":  {`C:\Users\lan\scan.jpg`, "scan.jpg"},
		"newline":       {"a\nb\r.pdf", "ab.pdf"},
		"right to left": {"ab\u202Egpj.exe", "abgpj.exe"},
		"zero width":    {"a\u200Bb.pdf", "ab.pdf"},
		"nothing":       {"", "khong-ten"},
		"dots":          {"..", "khong-ten"},
		"bad utf-8":     {"a\xffb", "a\uFFFDb"},
		"long":          {strings.Repeat("đ", 300), strings.Repeat("đ", 99) + "…" + strings.Repeat("đ", 99)},
	}
	for name, test := range tests {
		if got := ingest.CleanName(test.in); got != test.want {
			t.Errorf("%s: CleanName(%q) = %q, want %q", name, test.in, got, test.want)
		}
	}
}

func TestDamagedFilesArePinnedDown(t *testing.T) {
	of := openOffice(t, options{})
	jpeg := scan(t, "to-khai-01.jpg")
	files := map[string]struct {
		data []byte
		code string
	}{
		"truncated.jpg": {jpeg[:len(jpeg)/2], "image.damaged"},
		"truncated.pdf": {append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("x"), 3000)...), "pdf.damaged"},
	}
	for name, test := range files {
		doc := of.await(of.add(name, test.data).ID, settled)
		if doc.State != sohoa.StateParked || doc.Problem == nil || doc.Problem.Code != test.code {
			t.Errorf("%s: %s with %v, want it parked with %s", name, doc.State, doc.Problem, test.code)
		}
		if !bytes.Equal(of.read(doc.ID, sohoa.RoleOriginal, 0), test.data) {
			t.Errorf("%s: the original is not there any more", name)
		}
	}
}

func TestTimestampComesLater(t *testing.T) {
	of := openOffice(t, options{})
	of.tsa.Misbehave(testca.FaultStatus)
	id := of.add("to-khai-01.jpg", scan(t, "to-khai-01.jpg")).ID
	doc := of.kept(id)
	if doc.Signature != sohoa.SignatureAwaiting || doc.SignReason == nil {
		t.Fatalf("without an authority: %s (%v), want %s with a reason", doc.Signature, doc.SignReason, sohoa.SignatureAwaiting)
	}
	of.tsa.Misbehave(testca.FaultNone)
	doc = of.await(id, func(d sohoa.Document) bool { return d.Signature == sohoa.SignatureTimed })
	if doc.Revision != 2 || doc.State != sohoa.StateKept || doc.SignReason != nil {
		t.Errorf("after the timestamp: %+v, want revision 2, kept, no reason", doc)
	}
	of.checkSigned("stamped", doc)
	of.checkArchive()
}
