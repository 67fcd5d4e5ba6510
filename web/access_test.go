package web_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/web"
)

func TestSetupLinkIsUsedOnce(t *testing.T) {
	o := newOffice(t)
	token, err := web.SetupLink(t.Context(), o.catalog, "lan")
	if err != nil {
		t.Fatal(err)
	}
	cred, err := o.catalog.Credentials(t.Context(), "lan")
	if err != nil || cred.Setup != sohoa.Sum([]byte(token)) {
		t.Errorf("kept of the link = %v, %v; want the hash of its token", cred.Setup, err)
	}
	path := "/setup/" + token
	if a := o.stranger().get(path); a.status != 200 || !strings.Contains(a.body, "lan") {
		t.Errorf("GET %s = %d, want the form for lan", path, a.status)
	}
	for name, form := range map[string]url.Values{
		"short":  {"password": {"abc"}, "again": {"abc"}},
		"differ": {"password": {goodPassword}, "again": {goodPassword + "x"}},
	} {
		if a := o.stranger().post(path, form); a.status != http.StatusBadRequest || !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("set-up with %s passwords = %d, want 400 with the form", name, a.status)
		}
	}
	// Of several at once, one gets in.
	var wg sync.WaitGroup
	statuses := make([]int, 4)
	for i := range statuses {
		wg.Add(1)
		go func() {
			defer wg.Done()
			statuses[i] = o.stranger().post(path, url.Values{"password": {goodPassword}, "again": {goodPassword}}).status
		}()
	}
	wg.Wait()
	counts := map[int]int{}
	for _, s := range statuses {
		counts[s]++
	}
	if counts[http.StatusSeeOther] != 1 || counts[http.StatusNotFound] != 3 {
		t.Errorf("four uses at once = %v, want one 303 and three 404", counts)
	}
	for _, dead := range []string{path, "/setup/x", "/setup/bGFu.AAAA", "/setup/%00.%00"} {
		if a := o.stranger().get(dead); a.status != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", dead, a.status)
		}
	}
}

func TestSetupLinkExpires(t *testing.T) {
	o := newOffice(t)
	token, err := web.SetupLink(t.Context(), o.catalog, "lan")
	if err != nil {
		t.Fatal(err)
	}
	o.now = func() time.Time { return time.Now().Add(73 * time.Hour) }
	if a := o.stranger().get("/setup/" + token); a.status != http.StatusNotFound {
		t.Errorf("GET of an old link = %d, want 404", a.status)
	}
}

func signInForm(name, password string) url.Values {
	return url.Values{"name": {name}, "password": {password}, "next": {"/search"}}
}

func TestSignInAndOut(t *testing.T) {
	o := newOffice(t)
	o.signedIn("lan")
	c := o.stranger()
	if a := c.get("/search"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/sign-in?next=") {
		t.Errorf("GET / = %d to %q, want to the sign-in page", a.status, a.header.Get("Location"))
	}
	if a := c.get("/api/v1/documents"); a.status != http.StatusUnauthorized || !strings.Contains(a.body, "user.required") {
		t.Errorf("GET /api/v1/documents = %d %s, want 401", a.status, a.body)
	}
	c.http.Jar.SetCookies(mustURL(t, o.server.URL), []*http.Cookie{{Name: "session", Value: "planted", Path: "/"}})
	a := c.post("/sign-in", signInForm("lan", goodPassword))
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/search" {
		t.Fatalf("sign-in = %d to %q, want 303 to /search", a.status, a.header.Get("Location"))
	}
	cookie := strings.Join(a.header.Values("Set-Cookie"), "\n")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "session=", "known-"} {
		if !strings.Contains(cookie, want) || strings.Contains(cookie, "planted") {
			t.Errorf("Set-Cookie = %q, want %s and a new token", cookie, want)
		}
	}
	if a := c.get("/"); a.status != 200 || !strings.Contains(a.body, "Nguyễn Thị Lan") {
		t.Errorf("GET / signed in = %d, want the home page", a.status)
	}
	c.post("/sign-out", nil)
	if a := c.get("/search"); a.status != http.StatusSeeOther {
		t.Errorf("GET / after signing out = %d, want 303", a.status)
	}
	if n := len(o.journal(sohoa.ActionSignIn)); n != 2 {
		t.Errorf("sign-ins in the journal = %d, want 2", n)
	}
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestSignInGoesNowhereElse(t *testing.T) {
	o := newOffice(t)
	o.signedIn("lan")
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "", "javascript:alert(1)"} {
		form := signInForm("lan", goodPassword)
		form.Set("next", next)
		if a := o.stranger().post("/sign-in", form); a.header.Get("Location") != "/" {
			t.Errorf("sign-in with next %q goes to %q, want /", next, a.header.Get("Location"))
		}
	}
}

func TestWrongPasswordsAreSlowedDownAndJournalled(t *testing.T) {
	o := newOffice(t)
	o.signedIn("lan")
	c := o.stranger()
	for i := range 5 {
		a := c.post("/sign-in", signInForm("lan", fmt.Sprint("sai", i)))
		if a.status != http.StatusUnauthorized || !strings.Contains(a.body, "Sai tên đăng nhập") {
			t.Errorf("wrong password %d = %d, want 401 in words", i, a.status)
		}
	}
	if a := c.post("/sign-in", signInForm("lan", goodPassword)); a.status != http.StatusTooManyRequests {
		t.Errorf("sixth attempt = %d, want 429", a.status)
	}
	// Neither other users nor, after a while, this one are shut out.
	if a := c.post("/sign-in", signInForm("binh", "sai")); a.status != http.StatusUnauthorized {
		t.Errorf("another user = %d, want 401", a.status)
	}
	o.now = func() time.Time { return time.Now().Add(31 * time.Second) }
	if a := c.post("/sign-in", signInForm("lan", goodPassword)); a.status != http.StatusSeeOther {
		t.Errorf("after 31 s = %d, want 303", a.status)
	}
	c.post("/sign-in", signInForm("mat-khau-cua-toi", "x"))
	for _, e := range o.journal(sohoa.ActionSignFail) {
		if strings.Contains(fmt.Sprint(e), "mat-khau-cua-toi") {
			t.Errorf("journal holds a name that no user has: %+v", e)
		}
	}
	if n := len(o.journal(sohoa.ActionSignFail)); n != 7 {
		t.Errorf("failures in the journal = %d, want 7", n)
	}
}

func TestSessionsEnd(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	o.signedIn("lan") // a new password
	if a := lan.get("/search"); a.status != http.StatusSeeOther {
		t.Errorf("GET / with a session under the old password = %d, want 303", a.status)
	}
	binh := o.signedIn("binh")
	o.now = func() time.Time { return time.Now().Add(3*time.Hour + time.Minute) }
	if a := binh.get("/search"); a.status != http.StatusSeeOther {
		t.Errorf("GET / after three idle hours = %d, want 303", a.status)
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	form := url.Values{"code": {"X1"}, "procedure": {"1.001193"}, "ownerName": {"A"}}
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
	} {
		if a := lan.post("/dossiers", form, header...); a.status != http.StatusForbidden || !strings.Contains(a.body, "trang khác") {
			t.Errorf("POST with %q = %d, want 403 in words", header, a.status)
		}
		api := lan.do(http.MethodPost, uploadPath(dossierA, "x"), strings.NewReader("x"), header...)
		if api.status != http.StatusForbidden || !strings.Contains(api.body, "request.cross-origin") {
			t.Errorf("upload with %q = %d %s, want 403", header, api.status, api.body)
		}
	}
	if a := lan.post("/dossiers", form); a.status != http.StatusSeeOther {
		t.Errorf("POST from our own page = %d, want 303", a.status)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "to-khai-01.jpg"))
	static := lan.get("/").body
	_, static, _ = strings.Cut(static, `rel="stylesheet" href="`)
	static, _, _ = strings.Cut(static, `"`)
	for _, path := range []string{"/", "/sign-in", "/verify", "/openapi.json", "/nothing", "/api/v1/nothing", "/static/nothing", static,
		"/api/v1/documents", "/documents/" + doc.ID.String(), "/api/v1/documents/" + doc.ID.String() + "/files/original", "/admin"} {
		a := lan.get(path)
		csp := a.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "script-src 'unsafe") {
			t.Errorf("GET %s: policy %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("GET %s: %s = %q, want %q", path, name, got, want)
			}
		}
		if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			for _, bad := range []string{"<script>", " style=", " onclick=", "javascript:", "<style"} {
				if strings.Contains(a.body, bad) {
					t.Errorf("GET %s holds %q", path, bad)
				}
			}
		}
	}
	if a := lan.get("/admin"); a.status != http.StatusForbidden {
		t.Errorf("GET /admin by a clerk = %d, want 403", a.status)
	}
	if a := lan.post("/admin/users", url.Values{"name": {"x1"}, "fullName": {"X"}, "role": {"admin"}, "agency": {agencyA}}); a.status != http.StatusForbidden {
		t.Errorf("POST /admin/users by a clerk = %d, want 403", a.status)
	}
}

func TestAdminMakesUsers(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	form := url.Values{"name": {"hoa"}, "fullName": {"Lê <b>Hoa</b>"}, "role": {"clerk"}, "agency": {agencyB}}
	a := admin.post("/admin/users", form)
	_, link, found := strings.Cut(a.body, o.server.URL+"/setup/")
	if a.status != 200 || !found || strings.Contains(a.body, "<b>Hoa") {
		t.Fatalf("POST /admin/users = %d, link %t; want a page with a link and the name escaped", a.status, found)
	}
	token, _, _ := strings.Cut(link, `"`)
	if a := o.stranger().get("/setup/" + token); a.status != 200 {
		t.Errorf("GET of the link = %d, want 200", a.status)
	}
	if a := admin.post("/admin/users", form); a.status != http.StatusConflict {
		t.Errorf("the same name again = %d, want 409", a.status)
	}
	for name, bad := range map[string]url.Values{
		"name":   {"name": {"Hoa Lê"}, "fullName": {"X"}, "role": {"clerk"}, "agency": {agencyB}},
		"role":   {"name": {"hoa2"}, "fullName": {"X"}, "role": {"root"}, "agency": {agencyB}},
		"agency": {"name": {"hoa2"}, "fullName": {"X"}, "role": {"clerk"}, "agency": {"?"}},
	} {
		if a := admin.post("/admin/users", bad); a.status != http.StatusBadRequest {
			t.Errorf("user with a bad %s = %d, want 400", name, a.status)
		}
	}
	if a := admin.post("/admin/users/hoa/link", nil); a.status != 200 || strings.Contains(a.body, token) {
		t.Errorf("a new link = %d, want another one", a.status)
	}
	if a := o.stranger().get("/setup/" + token); a.status != http.StatusNotFound {
		t.Errorf("GET of the link that was replaced = %d, want 404", a.status)
	}
}

// eventStream begins to follow server-sent events.
func (c *client) eventStream(ctx context.Context, query string) io.Reader {
	c.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server.URL+"/api/v1/events"+query, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { resp.Body.Close() })
	if ct := resp.Header.Get("Content-Type"); ct != "text/event-stream" {
		c.t.Fatalf("events are of type %q, want text/event-stream", ct)
	}
	return resp.Body
}

// events reads server-sent events until want documents were told.
func (c *client) events(query string, change func(), want int) []string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	lines := bufio.NewScanner(c.eventStream(ctx, query))
	var told []string
	changed := false
	for len(told) < want && lines.Scan() {
		if !changed { // after "retry: ...", from where on nothing is missed
			changed = true
			change()
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			told = append(told, data)
		}
	}
	if len(told) < want {
		c.t.Fatalf("events = %q, %v; want %d", told, lines.Err(), want)
	}
	return told
}

func TestEventsTellChangesInScope(t *testing.T) {
	o := newOffice(t)
	lan, binh := o.signedIn("lan"), o.signedIn("binh")
	foreign := binh.upload(dossierB, "b.jpg", scan(t, "to-khai-01.jpg"))
	own := lan.upload(dossierA, "a.jpg", scan(t, "quyet-dinh-01.jpg"))
	told := lan.events("", func() {
		o.shelf.split(foreign.ID, "to-khai-01.jpg")
		o.shelf.split(own.ID, "quyet-dinh-01.jpg")
	}, 1)
	if !strings.Contains(told[0], own.ID.String()) || !strings.Contains(told[0], `"state":"reading"`) {
		t.Errorf("first event = %s, want the user's own document being read", told[0])
	}
	if a := o.stranger().get("/api/v1/events"); a.status != http.StatusUnauthorized {
		t.Errorf("events for a stranger = %d, want 401", a.status)
	}
}

func TestEventsResumeAndEnd(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	head := since(t, lan)
	doc := lan.upload(dossierA, "a.jpg", scan(t, "quyet-dinh-01.jpg"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.server.URL+"/api/v1/events?dossier="+dossierA, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", head)
	resp, err := lan.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && !strings.Contains(lines.Text(), doc.ID.String()) {
	}
	if lines.Err() != nil || ctx.Err() != nil {
		t.Fatalf("the document accepted meanwhile was not told: %v", lines.Err())
	}
	o.web.Close()
	for lines.Scan() {
	}
	if ctx.Err() != nil {
		t.Error("the stream did not end with the server")
	}
}

// TestEventsEndWithTheSession follows as somebody whose session is ended in
// each of the ways there are.
func TestEventsEndWithTheSession(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	ends := map[string]func(c *client, user string) answer{
		"signed out": func(c *client, _ string) answer { return c.post("/sign-out", nil) },
		"device ended": func(_ *client, user string) answer {
			return admin.post("/admin/users/"+user+"/end-sessions", nil)
		},
		"disabled": func(_ *client, user string) answer { return admin.post("/admin/users/"+user+"/disable", nil) },
		"new password": func(_ *client, user string) answer {
			return o.signedIn(user).get("/account") // by a link, at another device
		},
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	streams := map[string]io.Reader{}
	for why, end := range ends {
		user := "nguoi-" + strings.ReplaceAll(why, " ", "-")
		o.update(func(tx archive.Tx) error {
			return tx.PutUser(sohoa.User{Name: user, FullName: "Người", Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: agencyA, CreatedAt: o.now()})
		})
		c := o.signedIn(user)
		streams[why] = c.eventStream(ctx, "")
		if a := end(c, user); a.status >= 400 {
			t.Errorf("%s: %d %.300s", why, a.status, a.body)
		}
	}
	for why, stream := range streams {
		if _, err := io.ReadAll(stream); err != nil {
			t.Errorf("%s: the stream did not end: %v", why, err)
		}
	}
}

// since is as of which entry of the journal a page says that it is.
func since(t *testing.T, c *client) string {
	t.Helper()
	_, rest, _ := strings.Cut(c.get("/dossiers/"+url.PathEscape(dossierA)).body, `data-since="`)
	since, _, ok := strings.Cut(rest, `"`)
	if !ok || since == "" {
		t.Fatal("the page does not say as of when it is")
	}
	return since
}

// TestPlacesInTheJournalAreTheirReaders tries places that the server did not
// give to who comes with them.
func TestPlacesInTheJournalAreTheirReaders(t *testing.T) {
	o := newOffice(t)
	lan, lehoa := o.signedIn("lan"), o.signedIn("lehoa")
	first, again := since(t, lan), since(t, lan)
	if first == again || len(first) != len(again) {
		t.Errorf("two pages say %q and %q, want nothing to learn from", first, again)
	}
	for _, bad := range []string{"1", "18446744073709551615", first[1:], strings.Repeat("A", len(first)), "x y"} {
		if a := lan.get("/api/v1/events?after=" + url.QueryEscape(bad)); a.status != http.StatusBadRequest || !strings.Contains(a.body, "events.place") {
			t.Errorf("events after %q = %d %s, want 400", bad, a.status, a.body)
		}
	}
	if a := lehoa.get("/api/v1/events?after=" + first); a.status != http.StatusBadRequest {
		t.Errorf("events after another's place = %d, want 400", a.status)
	}
}

// TestPagesAreToldWhatCameMeanwhile follows a page as a browser does that was
// slow to begin: what happened since the page was made is told.
func TestPagesAreToldWhatCameMeanwhile(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	since := since(t, lan)
	doc := lan.upload(dossierA, "a.jpg", scan(t, "quyet-dinh-01.jpg"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	lines := bufio.NewScanner(lan.eventStream(ctx, "?after="+since+"&dossier="+url.QueryEscape(dossierA)))
	for lines.Scan() && !strings.Contains(lines.Text(), doc.ID.String()) {
	}
	if lines.Err() != nil || ctx.Err() != nil {
		t.Errorf("the document accepted meanwhile was not told: %v", lines.Err())
	}
}

// check sends a PDF as the form of a page does.
func (c *client) check(path string, pdf []byte, header ...string) answer {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("pdf", "biên bản.pdf")
	if err != nil {
		c.t.Fatal(err)
	}
	part.Write(pdf)
	form.Close()
	return c.do(http.MethodPost, path, &body, append([]string{"Content-Type", form.FormDataContentType()}, header...)...)
}

func TestVerifyPageForStrangers(t *testing.T) {
	o := newOffice(t)
	c := o.stranger()
	plain := scan(t, "bien-ban-01.pdf")
	check := func(pdf []byte) answer { return c.check("/verify", pdf) }
	signed := signPDF(t, o.ca, plain)
	for _, tt := range []struct {
		name   string
		pdf    []byte
		status int
		want   string
	}{
		{"signed", signed, 200, "TOTAL-PASSED"},
		{"signed, with the limit stated", signed, 200, "Chưa hỏi nơi cấp"},
		{"unsigned", plain, 200, "NO-SIGNATURE"},
		{"tampered", bytes.Replace(signed, []byte("/Type"), []byte("/Tope"), 1), 200, "TOTAL-FAILED"},
		{"not a PDF", []byte("xin chào"), 400, "không phải PDF"},
		{"empty", nil, 400, "rỗng"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := check(tt.pdf); a.status != tt.status || !strings.Contains(a.body, tt.want) {
				t.Errorf("POST /verify = %d, want %d with %q", a.status, tt.status, tt.want)
			}
		})
	}
	var limited bool
	for range 10 {
		limited = limited || check([]byte("x")).status == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("ten more checks by a stranger are not limited")
	}
}

func TestViewsAreJournalledOnce(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "quyet-dinh-01.jpg"))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg", "to-khai-01.jpg")
	o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")
	page := "/documents/" + doc.ID.String()
	for range 3 {
		lan.get(page + "?purpose=" + dossierA)
		lan.get(page + "/pages/2?purpose=" + dossierA)
		lan.get("/api/v1" + page + "/pages/2/image?purpose=" + dossierA)
	}
	lan.post("/at-hand", url.Values{"dossier": {dossierA2}})
	lan.get(page) // for the dossier at hand
	var seen []string
	for _, e := range o.journal(sohoa.ActionView) {
		seen = append(seen, fmt.Sprintf("%s page %d for %q", e.Actor, e.Page, e.Purpose))
	}
	want := []string{`lan page 0 for "` + dossierA + `"`, `lan page 2 for "` + dossierA + `"`, `lan page 0 for "` + dossierA2 + `"`}
	if strings.Join(seen, "\n") != strings.Join(want, "\n") {
		t.Errorf("views = %q, want %q", seen, want)
	}
	if last, err := archive.VerifyJournal(t.Context(), o.catalog); err != nil || last.Seq == 0 {
		t.Errorf("VerifyJournal = %v, %v; want a whole chain", last.Seq, err)
	}
}
