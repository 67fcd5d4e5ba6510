package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/alexedwards/scs/v2/memstore"

	"sohoa/web"
)

// guarding are the headers of every answer, whatever it is, with what must be
// in each.
var guarding = map[string]string{
	"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
	"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "same-origin",
	"Origin-Agent-Cluster": "?1", "X-Permitted-Cross-Domain-Policies": "none", "Permissions-Policy": "microphone=()", "Cache-Control": "",
}

// guarded checks the headers of an answer to a request for path.
func guarded(t *testing.T, what string, a answer) {
	t.Helper()
	for name, want := range guarding {
		if got := a.header.Values(name); len(got) == 0 || len(got) > 1 && want != "" || !strings.Contains(got[0], want) {
			t.Errorf("%s = %d: %s is %q, want one with %q", what, a.status, name, got, want)
		}
	}
	policy := a.header.Get("Content-Security-Policy")
	for _, must := range []string{"frame-ancestors 'none'", "base-uri 'none'", "form-action '", "require-trusted-types-for 'script'", "trusted-types "} {
		if !strings.Contains(policy, must) {
			t.Errorf("%s = %d: policy %q lacks %s", what, a.status, policy, must)
		}
	}
	for _, never := range []string{"unsafe-", "*", "data:", "blob:", "http:"} {
		if strings.Contains(policy, never) {
			t.Errorf("%s = %d: policy %q has %s", what, a.status, policy, never)
		}
	}
	if a.body != "" && a.header.Get("Content-Type") == "" {
		t.Errorf("%s = %d says no type of its %d bytes", what, a.status, len(a.body))
	}
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if !c.HttpOnly || c.SameSite < http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s sets the cookie %s", what, c)
		}
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		inert(t, what, a.body)
	}
}

// paths are the addresses by which a route is asked: with what is there, what
// is not, and what is no name of anything.
func (o *office) paths(route, doc string) []string {
	path := route[strings.Index(route, "/"):]
	path = strings.TrimSuffix(path, "{$}")
	fill := func(id, page string) string {
		return strings.NewReplacer("{id}", id, "{code}", dossierA, "{page}", page, "{role}", "original", "{size}", "image", "{op}", "x", "{day}", "2026-11-30").Replace(path)
	}
	all := []string{fill(doc, "1"), fill("00000000000000000000000001", "99"), fill("x", "-1")}
	for i, p := range all {
		for strings.Contains(p, "{") {
			before, rest, _ := strings.Cut(p, "{")
			_, after, _ := strings.Cut(rest, "}")
			p = before + "x" + after
		}
		all[i] = p
	}
	return all
}

// TestEveryRouteIsGuarded asks every route as nobody and as an administrator,
// rightly and wrongly, and looks at the headers of every answer.
func TestEveryRouteIsGuarded(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	admin, nobody := o.signedIn("admin"), o.stranger()
	routes := o.routes()
	for _, more := range []string{"GET /openapi.json", "GET /nothing", "GET /api/v1/nothing", "GET /static/nothing", "GET /files/nothing", "GET /files/", "GET /tool/{secret}", "POST /tool/{secret}", "PUT /", "TRACE /"} {
		routes[more] = true
	}
	asked := 0
	for route := range routes {
		method, _, _ := strings.Cut(route, " ")
		for _, path := range o.paths(route, doc.ID.String()) {
			for who, c := range map[string]*client{"nobody": nobody, "an administrator": admin} {
				if strings.HasSuffix(route, "/sign-out") && c == admin {
					continue
				}
				header := []string{"Content-Type", "application/x-www-form-urlencoded"}
				if strings.HasPrefix(path, "/api/") {
					header[1] = "application/json"
				}
				var a answer
				if strings.HasSuffix(route, "/events") {
					a = c.begins(path, header...)
				} else {
					a = c.do(method, path, strings.NewReader("{}"), header...)
				}
				asked++
				guarded(t, method+" "+path+" by "+who, a)
				file := strings.HasPrefix(path, "/files/") || strings.Contains(path, "/files/") && a.status == http.StatusOK
				if file && !strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
					t.Errorf("%s %s = %d in no sandbox", method, path, a.status)
				}
				if file && strings.Contains(a.header.Get("Content-Type"), "html") {
					t.Errorf("%s %s = %d as HTML", method, path, a.status)
				}
			}
		}
	}
	if asked < 300 {
		t.Errorf("%d requests, want all", asked)
	}
}

// TestForeignRequests sends every request that changes something as another
// site's page would have it sent, and as old browsers do.
func TestForeignRequests(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	admin := o.signedIn("admin")
	before, err := o.catalog.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for route := range o.routes() {
		method, _, _ := strings.Cut(route, " ")
		if method == http.MethodGet {
			continue
		}
		path := o.paths(route, doc.ID.String())[0]
		for name, header := range map[string][]string{
			"cross-site": {"Sec-Fetch-Site", "cross-site"}, "of a site beside ours": {"Sec-Fetch-Site", "same-site"},
			"by its origin": {"Sec-Fetch-Site", "", "Origin", "https://other.example"}, "without an origin": {"Sec-Fetch-Site", "", "Origin", "null"},
		} {
			a := admin.do(method, path, strings.NewReader("{}"), append(header, "Content-Type", "text/plain")...)
			tried++
			if a.status != http.StatusForbidden {
				t.Errorf("%s %s, %s = %d, want 403", method, path, name, a.status)
			}
		}
	}
	after, err := o.catalog.Head(t.Context())
	if err != nil || after != before {
		t.Errorf("the journal went from %d to %d, %v; want nothing done", before, after, err)
	}
	if tried < 100 {
		t.Errorf("%d requests, want all that change something", tried)
	}
}

// TestOverHTTPS looks at what is said over HTTPS alone.
func TestOverHTTPS(t *testing.T) {
	o := newOffice(t)
	s, err := web.New(web.Config{Catalog: o.catalog, Sessions: memstore.New(), Intake: o.shelf, Index: o.index, Verify: o.verify, SecureCookies: true})
	if err != nil {
		t.Fatal(err)
	}
	token, err := web.SetupLink(t.Context(), o.catalog, "lan")
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"password": {goodPassword}, "again": {goodPassword}}
	r := httptest.NewRequest(http.MethodPost, "https://sohoa.example/setup/"+token+"?lang=en", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := recorded(s, r)
	cookies := w.Cookies()
	if w.StatusCode != http.StatusSeeOther || len(cookies) != 3 {
		t.Fatalf("POST /setup = %d with cookies %v, want 303 with three", w.StatusCode, cookies)
	}
	for _, c := range cookies {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || c.Path != "/" || c.Domain != "" || !c.HttpOnly {
			t.Errorf("cookie %s, want one of this host alone", c)
		}
	}
	if got := w.Header.Get("Strict-Transport-Security"); !strings.HasPrefix(got, "max-age=") {
		t.Errorf("Strict-Transport-Security = %q", got)
	}
	home := httptest.NewRequest(http.MethodGet, "https://sohoa.example/", nil)
	for _, c := range cookies {
		home.AddCookie(c)
	}
	page := recorded(s, home)
	body, err := io.ReadAll(page.Body)
	if err != nil || page.StatusCode != http.StatusOK || !strings.Contains(string(body), `<html lang="en">`) {
		t.Errorf("GET / with these cookies = %d, %v, want the page in English", page.StatusCode, err)
	}
	if plain := o.stranger().get("/sign-in"); plain.header.Get("Strict-Transport-Security") != "" {
		t.Error("Strict-Transport-Security is said over plain HTTP")
	}
}

// recorded is the answer of a server to a request.
func recorded(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}
