package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa"
)

// TestReadingIsBounded opens papers faster than anybody reads, and is stopped
// until some time has passed.
func TestReadingIsBounded(t *testing.T) {
	o := newOffice(t)
	now := time.Now()
	o.now = func() time.Time { return now }
	doc := o.printed(o.signedIn("lan"))
	people := o.staffed()
	reader := people[sohoa.UserInspector]
	path := "/documents/" + doc.ID.String() + "?purpose="
	opened := 0
	for ; opened <= sohoa.MaxReadsAMinute+10; opened++ {
		if a := reader.get("/api/v1" + path + fmt.Sprint(opened)); a.status != http.StatusOK {
			break
		}
	}
	if opened < sohoa.MaxReadsAMinute-10 || opened > sohoa.MaxReadsAMinute {
		t.Errorf("%d papers were opened, want about %d", opened, sohoa.MaxReadsAMinute)
	}
	page := reader.get(path + "more")
	if page.status != http.StatusTooManyRequests || page.header.Get("Retry-After") == "" || !strings.Contains(page.body, "Hãy đợi khoảng 10 giây") {
		t.Errorf("one more = %d, Retry-After %q, want 429 that says how long to wait: %.300s", page.status, page.header.Get("Retry-After"), page.body)
	}
	if a := reader.get("/api/v1" + path + "more"); a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "read.too-many") || a.header.Get("Retry-After") == "" {
		t.Errorf("one more from the API = %d %.300s, want 429", a.status, a.body)
	}
	if a := reader.get(path + "1"); a.status != http.StatusOK {
		t.Errorf("what is open already = %d, want 200", a.status)
	}
	if a := people[sohoa.UserClerk].get("/"); a.status != http.StatusOK {
		t.Errorf("somebody else's page = %d, want 200", a.status)
	}
	now = now.Add(10 * time.Second)
	if a := reader.get(path + "later"); a.status != http.StatusOK {
		t.Errorf("one 10 seconds later = %d, want 200", a.status)
	}
}

// TestReadersAreBounded opens a reading copy as a stranger, again and again.
func TestReadersAreBounded(t *testing.T) {
	o := newOffice(t)
	now := time.Now()
	o.now = func() time.Time { return now }
	lan := o.signedIn("lan")
	given := lan.post("/export", url.Values{"document": {o.printed(lan).ID.String()}, "as": {"reading"}, "days": {"3"}, "purpose": {"đọc"}})
	link := regexp.MustCompile(`/read/[0-9A-Z]{26}/[0-9A-Z]{16}`).FindString(given.body)
	stranger, opened, last := o.stranger(), 0, 0
	for ; opened <= sohoa.MaxReadsAMinute; opened++ {
		if last = stranger.get(link).status; last != http.StatusOK {
			break
		}
	}
	if opened < sohoa.MaxReadsAMinute-10 || opened > sohoa.MaxReadsAMinute || last != http.StatusTooManyRequests {
		t.Errorf("%d looks at a reading copy, then %d; want about %d, then 429", opened, last, sohoa.MaxReadsAMinute)
	}
}

// TestPicturesAreBounded fetches a thumbnail as often as those of a document of
// 300 pages, six times over, and goes on until it is stopped.
func TestPicturesAreBounded(t *testing.T) {
	o := newOffice(t)
	now := time.Now()
	o.now = func() time.Time { return now }
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	fetched := 0
	for ; fetched <= sohoa.MaxPicturesAMinute; fetched++ {
		if a := lan.get("/api/v1/documents/" + doc.ID.String() + "/pages/1/thumb?purpose=" + dossierA); a.status != http.StatusOK {
			if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
				t.Errorf("picture %d = %d, want 429 with Retry-After", fetched, a.status)
			}
			break
		}
	}
	if fetched < 6*300 || fetched > sohoa.MaxPicturesAMinute {
		t.Errorf("%d pictures were fetched, want about %d", fetched, sohoa.MaxPicturesAMinute)
	}
}
