package web_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// maxFirstLoad bounds what the first load of a page brings, compressed, in
// bytes, without pictures of papers.
const maxFirstLoad = 150 << 10

var loaded = regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`)

// sent is how many bytes an answer has on the way, and its text.
func (c *client) sent(path string) (int, string) {
	c.t.Helper()
	text := c.get(path)
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.server.URL+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || len(text.body) >= 1024 && resp.Header.Get("Content-Encoding") != "gzip" {
		c.t.Fatalf("GET %s is sent as %q, %v; want it compressed", path, resp.Header.Get("Content-Encoding"), err)
	}
	return len(b), text.body
}

// TestFirstLoad weighs every page with everything that it loads.
func TestFirstLoad(t *testing.T) {
	static := map[string]int{}
	heaviest, weighed := 0, 0
	for _, v := range furnish(newOffice(t)).lookers() {
		for _, s := range v.screens {
			size, body := v.sent(s.path)
			for _, m := range loaded.FindAllStringSubmatch(body, -1) {
				if static[m[1]] == 0 {
					static[m[1]], _ = v.sent(m[1])
				}
				size += static[m[1]]
			}
			weighed++
			heaviest = max(heaviest, size)
			if size > maxFirstLoad {
				t.Errorf("%s brings %d bytes, want %d at most", s.pattern, size, maxFirstLoad)
			}
		}
	}
	t.Logf("%d pages, the heaviest with %d bytes", weighed, heaviest)
	if weighed < 50 {
		t.Errorf("%d pages were weighed, want all", weighed)
	}
}

// TestNotCompressedForOthers asks as another site's page makes a browser ask:
// the length of what comes must not depend on what is in it.
func TestNotCompressedForOthers(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	for from, want := range map[string]string{"same-origin": "gzip", "none": "gzip", "cross-site": "", "same-site": "", "": ""} {
		a := lan.get("/", "Sec-Fetch-Site", from, "Accept-Encoding", "br, gzip")
		if got := a.header.Get("Content-Encoding"); a.status != http.StatusOK || got != want {
			t.Errorf("from %q = %d, sent as %q, want %q", from, a.status, got, want)
		}
		if want != "" && !strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Sec-Fetch-Site") {
			t.Errorf("Vary = %q", a.header.Values("Vary"))
		}
	}
	doc := lan.upload(dossierA, "a.jpg", scan(t, "to-khai-01.jpg"))
	if a := lan.get("/files/"+doc.ID.String()+"/original", "Accept-Encoding", "gzip"); a.status != http.StatusOK || a.header.Get("Content-Encoding") != "" {
		t.Errorf("a picture = %d, sent as %q", a.status, a.header.Get("Content-Encoding"))
	}
}
