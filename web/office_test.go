package web_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/archive/sqlite"
	"sohoa/ingest"
	"sohoa/ingest/queue"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
	"sohoa/web"
)

// The agencies of the test office, and the dossiers that each has.
const (
	agencyA, agencyB   = "H49.64.33", "H49.64.34"
	dossierA, dossierB = "H49.64.33-261122-0001", "H49/64/34-261122-0009"
	dossierA2          = "H49.64.33-261122-0002"
	goodPassword       = "đọc sách mỗi tối"
)

// office is a server with a catalogue, an object store and an index of its
// own. Files go to a shelf, which keeps them and lets the test decide when
// work on them proceeds.
type office struct {
	t       testing.TB
	catalog *sqlite.Catalog
	shelf   *shelf
	index   *index
	reuse   *reuseDesk
	desk    *desk
	cfg     web.Config
	web     *web.Server
	server  *httptest.Server
	ca      *testca.Authority
	now     func() time.Time
	giver   *giver
	tool    string // address of the token tool
}

func newOffice(t testing.TB) *office {
	t.Helper()
	return newOfficeWith(t, "")
}

// newOfficeWith is an office whose people have a token tool at an address.
func newOfficeWith(t testing.TB, tool string) *office {
	t.Helper()
	return newOfficeConfigured(t, func(c *web.Config) { c.Tool = tool })
}

// newOfficeConfigured is an office with settings of its own.
func newOfficeConfigured(t testing.TB, configure func(*web.Config)) *office {
	t.Helper()
	o := &office{t: t, now: time.Now}
	dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
	var err error
	jobs := queue.New(log)
	if o.catalog, err = sqlite.Open(t.Context(), filepath.Join(dir, "catalog.db"), jobs); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.catalog.Close() })
	blobs, err := localfs.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	found, _, err := bleve.Open(filepath.Join(dir, "index"), search.Privacy{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { found.Close() })
	if o.ca, err = testca.New(time.Now); err != nil {
		t.Fatal(err)
	}
	keeper, err := ocfl.OpenLater(blobs, "ocfl")
	if err != nil {
		t.Fatal(err)
	}
	pages := ingest.New(ingest.Config{Catalog: o.catalog, Blobs: blobs, Keeper: keeper, Log: log, Now: func() time.Time { return o.now() }})
	o.shelf = &shelf{Service: pages, t: t, catalog: o.catalog, blobs: blobs, index: found, ca: o.ca}
	o.index, o.reuse = &index{Index: found}, &reuseDesk{o: o, held: map[string][]ingest.Offer{}}
	o.desk = newDesk(o)
	o.giver = &giver{o: o, picture: []byte("jpeg")}
	o.cfg = web.Config{
		Catalog: o.catalog, Sessions: o.catalog.Sessions(), Intake: o.shelf, Index: o.index, Reuse: o.reuse, Verify: o.verify, Desk: o.desk, Journal: checker{o},
		Now: func() time.Time { return o.now() }, Version: "test", Giver: o.giver, Queue: jobs,
	}
	configure(&o.cfg)
	o.tool = o.cfg.Tool
	o.reconfigure(func(*web.Config) {})
	o.furnish()
	return o
}

// reconfigure serves the office anew with something changed.
func (o *office) reconfigure(change func(*web.Config)) {
	o.t.Helper()
	change(&o.cfg)
	var err error
	if o.web, err = web.New(o.cfg); err != nil {
		o.t.Fatal(err)
	}
	o.server = httptest.NewServer(o.web)
	o.t.Cleanup(o.server.Close)
	o.t.Cleanup(o.web.Close)
}

func (o *office) verify(ctx context.Context, r io.ReaderAt, size int64) (*validation.Report, error) {
	return validation.Validate(ctx, r, size, validation.Options{
		Roots:         []validation.Root{{World: "test", Certificate: o.ca.Root()}},
		Intermediates: []*x509.Certificate{o.ca.Issuing()},
	})
}

// furnish adds agencies, people, procedures and dossiers.
func (o *office) furnish() {
	o.t.Helper()
	o.update(func(tx archive.Tx) error {
		for _, a := range []sohoa.Agency{{Code: agencyA, Name: "UBND xã Kỳ Sơn"}, {Code: agencyB, Name: "UBND phường Mũi Né"}} {
			if err := tx.PutAgency(a); err != nil {
				return err
			}
		}
		if err := tx.PutProcedure(sohoa.Procedure{Code: "1.001193", Name: "Đăng ký khai sinh"}); err != nil {
			return err
		}
		users := []sohoa.User{
			{Name: "lan", FullName: "Nguyễn Thị Lan", Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: agencyA},
			{Name: "lehoa", FullName: "Lê Thị Hòa", Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: agencyA},
			{Name: "binh", FullName: "Trần Văn Bình", Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: agencyB},
			{Name: "admin", FullName: "Quản trị", Roles: []sohoa.UserRole{sohoa.UserAdmin}},
		}
		for _, u := range users {
			u.CreatedAt = o.now()
			if err := tx.PutUser(u); err != nil {
				return err
			}
		}
		for code, agency := range map[string]string{dossierA: agencyA, dossierA2: agencyA, dossierB: agencyB} {
			d := sohoa.Dossier{Code: code, Procedure: "1.001193", Agency: agency, Owner: sohoa.Owner{Name: "Phạm Mỹ Huệ"}, CreatedAt: o.now(), CreatedBy: "lan"}
			if err := tx.PutDossier(d); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *office) update(f func(archive.Tx) error) {
	o.t.Helper()
	if err := o.catalog.Update(o.t.Context(), f); err != nil {
		o.t.Fatal(err)
	}
}

// later is when views are noted again.
func (o *office) later() {
	before := o.now
	o.now = func() time.Time { return before().Add(11 * time.Minute) }
}

// journal returns all entries with an action.
func (o *office) journal(action sohoa.Action) []sohoa.Entry {
	o.t.Helper()
	all, err := o.catalog.Entries(o.t.Context(), 0, 10_000)
	if err != nil {
		o.t.Fatal(err)
	}
	var found []sohoa.Entry
	for _, e := range all {
		if e.Action == action {
			found = append(found, e)
		}
	}
	return found
}

// client is a browser without a screen: it has cookies and sends the headers
// that browsers send with requests of our own pages.
type client struct {
	*office
	http *http.Client
}

func (o *office) stranger() *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return &client{o, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn sets the password of a user by a link, which signs them in.
func (o *office) signedIn(user string) *client {
	o.t.Helper()
	token, err := web.SetupLink(o.t.Context(), o.catalog, user)
	if err != nil {
		o.t.Fatal(err)
	}
	c := o.stranger()
	a := c.post("/setup/"+token, url.Values{"password": {goodPassword}, "again": {goodPassword}})
	if a.status != http.StatusSeeOther {
		o.t.Fatalf("POST /setup = %d, want 303: %s", a.status, a.body)
	}
	return c
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// decode reads the body as JSON.
func (a answer) decode(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("answer %d %q is not JSON: %v", a.status, a.body, err)
	}
}

func (c *client) do(method, path string, body io.Reader, header ...string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.server.URL+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

func (c *client) get(path string, header ...string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, path, nil, header...)
}

func (c *client) post(path string, form url.Values, header ...string) answer {
	c.t.Helper()
	header = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)
	return c.do(http.MethodPost, path, strings.NewReader(form.Encode()), header...)
}

// upload brings a file into a dossier and returns the document.
func (c *client) upload(dossier, name string, data []byte) sohoa.Document {
	c.t.Helper()
	a := c.do(http.MethodPost, uploadPath(dossier, name), bytes.NewReader(data))
	if a.status != http.StatusAccepted {
		c.t.Fatalf("upload of %q = %d, want 202: %s", name, a.status, a.body)
	}
	var d sohoa.Document
	a.decode(c.t, &d)
	return d
}

func uploadPath(dossier, name string) string {
	return "/api/v1/dossiers/" + url.PathEscape(dossier) + "/documents?name=" + url.QueryEscape(name)
}

// scan reads one of the sample scans.
func scan(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testdata", "scans", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
