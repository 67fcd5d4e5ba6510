package web_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"sohoa/web"
)

// signTwice is a PDF with two signatures, and what it was after the first.
func signTwice(t *testing.T, o *office) (first, second []byte) {
	t.Helper()
	first = signPDF(t, o.ca, scan(t, "bien-ban-01.pdf"))
	return first, signPDF(t, o.ca, first)
}

func TestReportCutsTheSignedRevision(t *testing.T) {
	o := newOffice(t)
	first, second := signTwice(t, o)
	var report web.ReportView
	a := o.stranger().do(http.MethodPost, "/api/v1/verify?lang=en", bytes.NewReader(second))
	a.decode(t, &report)
	if len(report.Signatures) != 2 || report.Conclusion != "TOTAL-PASSED" {
		t.Fatalf("POST /api/v1/verify = %d %s, want two valid signatures", a.status, a.body)
	}
	if n := report.Signatures[0].SignedBytes; n != int64(len(first)) {
		t.Errorf("signedBytes of the first signature = %d, want %d", n, len(first))
	}
	if n := report.Signatures[1].SignedBytes; n != int64(len(second)) {
		t.Errorf("signedBytes of the second signature = %d, want %d", n, len(second))
	}
	if !strings.Contains(report.Plain, "signed by UBND xã Kỳ Sơn") || len(report.Signatures[0].Sentences) == 0 {
		t.Errorf("plain = %q, sentences = %q; want who signed, and what came later", report.Plain, report.Signatures[0].Sentences)
	}
}

func TestReportInBothLanguages(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan") // whose checks are not counted
	_, signed := signTwice(t, o)
	swapped := bytes.Replace(signed, []byte("/Type"), []byte("/Tope"), 1)
	covered := append(bytes.Clone(signed), "\n% more\n"...)
	for name, pdf := range map[string][]byte{"signed": signed, "swapped": swapped, "trailing": covered, "unsigned": scan(t, "bien-ban-01.pdf")} {
		for _, lang := range []string{"vi", "en"} {
			a := lan.check("/verify?lang="+lang, pdf, "HX-Request", "true")
			if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" {
				t.Errorf("%s in %s = %d and shows %q", name, lang, a.status, bad)
			}
			if strings.Contains(a.body, "<html") {
				t.Errorf("%s in %s is a whole page, want a part", name, lang)
			}
		}
	}
}

func TestDownloadUpTo(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "quyet-dinh-01.jpg"))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
	o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")
	o.shelf.keep(doc.ID)
	path := "/api/v1/documents/" + doc.ID.String() + "/files/signed"
	whole := lan.get(path)
	part := lan.get(path + "?upTo=1000")
	if part.body != whole.body[:1000] || part.header.Get("ETag") == whole.header.Get("ETag") {
		t.Errorf("upTo=1000 = %d bytes, ETag %q; want the first 1000 under another tag than %q", len(part.body), part.header.Get("ETag"), whole.header.Get("ETag"))
	}
	if a := lan.get(path + "?upTo=1000000000"); a.body != whole.body {
		t.Errorf("upTo beyond the end = %d bytes, want all %d", len(a.body), len(whole.body))
	}
	page := lan.get("/documents/" + doc.ID.String() + "/signatures")
	if !strings.Contains(page.body, path+"?upTo=") {
		t.Error("the page of a document's signatures offers no revision")
	}
}
