package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/ingest"
	"sohoa/web"
)

// giver has reading copies of one document; what they show ingest tests.
type giver struct {
	web.Giver
	o       *office
	asked   []ingest.CopyRequest
	secret  string
	until   time.Time
	ended   time.Time
	picture []byte
}

func (g *giver) IssueReading(_ context.Context, r ingest.CopyRequest, days int) (ingest.ReadingCopy, error) {
	g.asked = append(g.asked, r)
	g.secret, g.until = sohoa.NewLookup(), g.o.now().Add(time.Duration(days)*24*time.Hour)
	doc, err := g.o.catalog.Document(context.Background(), r.Scope, r.Document)
	return ingest.ReadingCopy{Document: doc, Secret: g.secret, Until: g.until, Agency: "UBND xã Kỳ Sơn"}, err
}

func (g *giver) Reading(_ context.Context, id sohoa.DocumentID, secret string) (ingest.ReadingCopy, error) {
	if secret != g.secret {
		return ingest.ReadingCopy{}, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "copy.unknown"}
	}
	if !g.o.now().Before(g.until) {
		return ingest.ReadingCopy{}, &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "copy.ended", Args: []string{"x"}}
	}
	doc, err := g.o.catalog.Document(context.Background(), sohoa.Everything, id)
	return ingest.ReadingCopy{Document: doc, Until: g.until, Agency: "UBND xã Kỳ Sơn"}, err
}

// Export is that of the work itself.
func (g *giver) Export(ctx context.Context, want ingest.ExportRequest) (*ingest.Plan, error) {
	return g.o.shelf.Export(ctx, want)
}

func (g *giver) Given(context.Context, sohoa.Scope, sohoa.DocumentID) ([]ingest.Given, error) {
	var all []ingest.Given
	for _, r := range g.asked {
		line := ingest.Given{Kind: r.Kind, By: r.Actor, At: g.o.now(), Purpose: r.Purpose}
		if r.Kind == ingest.CopyReading {
			line.Link, line.Until, line.Ended = "link", g.until, g.ended
		}
		all = append(all, line)
	}
	return all, nil
}

func (g *giver) EndReading(_ context.Context, r ingest.CopyRequest, link string) error {
	if link != "link" || r.Purpose == "" {
		return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "copy.unknown"}
	}
	g.ended = g.o.now()
	return nil
}

func (g *giver) Copy(_ context.Context, r ingest.CopyRequest) (*ingest.CopyFile, error) {
	g.asked = append(g.asked, r)
	f, err := os.CreateTemp(g.o.t.TempDir(), "copy")
	if err != nil {
		return nil, err
	}
	n, err := f.WriteString("%PDF-1.7 BẢN SAO")
	return &ingest.CopyFile{File: f, Name: "Quyết định.pdf", Size: int64(n)}, errors.Join(err, rewind(f))
}

func rewind(f *os.File) error {
	_, err := f.Seek(0, 0)
	return err
}

func (g *giver) ReadingPage(context.Context, ingest.ReadingCopy, int) ([]byte, error) {
	return g.picture, nil
}

// TestReadingCopyIsReadByWhoeverHasTheLink issues a link, reads without
// signing in, and is refused when it is over.
func TestReadingCopyIsReadByWhoeverHasTheLink(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "to-khai-01.jpg", scan(t, "to-khai-01.jpg"))
	a := lan.post("/export", url.Values{"document": {doc.ID.String()}, "as": {"reading"}, "days": {"3"}, "purpose": {"ông Nam đọc"}})
	link := regexp.MustCompile(`/read/[0-9A-Z]{26}/[0-9A-Z]{16}`).FindString(a.body)
	if a.status != http.StatusOK || link == "" || len(o.giver.asked) != 1 || o.giver.asked[0].Purpose != "ông Nam đọc" || o.giver.asked[0].Actor != "lan" {
		t.Fatalf("POST /export = %d, %+v", a.status, o.giver.asked)
	}
	anybody := o.stranger()
	if a := anybody.get(link); a.status != http.StatusOK || strings.Contains(a.body, "/api/v1/") || !strings.Contains(a.body, "UBND xã Kỳ Sơn") {
		t.Errorf("GET %s = %d: %s", link, a.status, a.body)
	}
	if a := anybody.get(link + "/1"); a.status != http.StatusOK || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("GET %s/1 = %d %v", link, a.status, a.header)
	}
	if a := anybody.get(link[:len(link)-16] + "0000000000000000"); a.status != http.StatusNotFound {
		t.Errorf("another secret = %d", a.status)
	}
	if a := o.signedIn("binh").post("/export", url.Values{"document": {doc.ID.String()}, "as": {"reading"}, "purpose": {"x"}}); a.status != http.StatusNotFound {
		t.Errorf("another office's document = %d, want 404", a.status)
	}
	later := o.now().Add(4 * 24 * time.Hour)
	o.now = func() time.Time { return later }
	for _, path := range []string{link, link + "/1"} {
		if a := anybody.get(path); a.status != http.StatusForbidden {
			t.Errorf("GET %s after its time = %d", path, a.status)
		}
	}
}

// TestCopiesAreListedAndCalledBack gives a certified copy and a link in one step
// each, and calls the link back.
func TestCopiesAreListedAndCalledBack(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	page := "/documents/" + doc.ID.String()
	if a := lan.get(page); !strings.Contains(a.body, `class="give"`) || !strings.Contains(a.body, `value="certified"`) {
		t.Error("the page of a document does not offer a copy")
	}
	a := lan.post("/export", url.Values{"document": {doc.ID.String()}, "as": {"certified"}, "purpose": {"ông Nam xin sao"}})
	if a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF") || !strings.Contains(a.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("a certified copy = %d %q", a.status, a.header)
	}
	lan.post("/export", url.Values{"document": {doc.ID.String()}, "as": {"reading"}, "days": {"3"}, "purpose": {"<b>bà Huệ đọc"}})
	for _, lang := range []string{"vi", "en"} {
		a = lan.get("/export?document=" + doc.ID.String() + "&lang=" + lang)
		if bad := untranslated.FindString(a.body); bad != "" || !strings.Contains(a.body, "ông Nam xin sao") || !strings.Contains(a.body, "&lt;b&gt;bà Huệ đọc") || !strings.Contains(a.body, "/export/recall") {
			t.Errorf("the list in %s lacks a copy, or shows %q", lang, bad)
		}
	}
	if a := lan.post("/export/recall", url.Values{"document": {doc.ID.String()}, "link": {"other"}, "purpose": {"x"}}); a.status != http.StatusNotFound {
		t.Errorf("calling back what was not given = %d, want 404", a.status)
	}
	if a := o.signedIn("binh").post("/export/recall", url.Values{"document": {doc.ID.String()}, "link": {"link"}, "purpose": {"x"}}); a.status != http.StatusNotFound {
		t.Errorf("calling back by another agency = %d, want 404", a.status)
	}
	lan.post("/export/recall", url.Values{"document": {doc.ID.String()}, "link": {"link"}, "purpose": {"gửi nhầm"}})
	if a := lan.get("/export?document=" + doc.ID.String() + "&lang=vi"); !strings.Contains(a.body, "đã thu hồi") || strings.Contains(a.body, "/export/recall") {
		t.Error("a link that was called back can be called back again")
	}
}
