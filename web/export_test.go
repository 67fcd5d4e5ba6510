package web_test

import (
	"context"
	"net/http"
	"net/url"
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
