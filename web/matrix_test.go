package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// matrixRow is what each visitor gets from a route of search or reuse: the
// statuses, in the order of matrixVisitors.
type matrixRow struct{ route, path, body, want string }

// matrixVisitors come in this order, whoever changes most the last.
var matrixVisitors = []string{"nobody", "of agency B", "program of B", "program of A", "of A, no dossier at hand", "administrator, none either", "of A at dossier A"}

// matrix has a row for each way to search, to complete and to look up that the
// purpose decides about; TestMatrixOfAccess has all routes. In paths and bodies
// stand DOSSIER, DOC (a paper of A), USE, SAVED, LOOKUP and LOOKS.
var matrix = []matrixRow{
	{"GET /search", "/search?q=quyet+dinh", "", "303 200 403 403 400 200 200"},
	{"GET /search", "/search?q=quyet+dinh&purpose=DOSSIER", "", "303 400 403 403 200 200 200"},
	{"GET /search", "/search?like=DOC/1&purpose=DOSSIER", "", "303 400 403 403 200 200 200"},
	{"GET /search", "/search?like=DOC/1", "", "303 404 403 403 400 200 200"},
	{"POST /search/suggest", "/search/suggest", "q=ph%E1%BA%A1m", "401 200 403 403 400 200 200"},
	{"POST /search/suggest", "/search/suggest", "q=ph%E1%BA%A1m&purpose=DOSSIER", "401 400 403 403 200 200 200"},
	{"POST /at-hand", "/at-hand", "dossier=DOSSIER", "401 400 403 403 303 303 303"},
	{"GET /dossiers/{code}/papers/{req}", "/dossiers/DOSSIER/papers/KQ.000123", "", "303 404 403 403 200 200 200"},
	{"GET /dossiers/{code}/papers/{req}/documents/{id}/pages/{page}", "/dossiers/DOSSIER/papers/KQ.000123/documents/OFFER/pages/1", "", "303 404 403 403 200 200 200"},
	{"POST /dossiers/{code}/papers/{req}/{op}", "/dossiers/DOSSIER/papers/KQ.000123/accept", "document=OFFER&confirmed=yes", "401 404 403 403 303 303 303"},
	{"POST /dossiers/{code}/papers/{req}/{op}", "/dossiers/DOSSIER/papers/KQ.000123/decline", "document=OFFER&reason=outdated", "401 404 403 403 303 303 303"},
	{"POST /dossiers/{code}/papers/{req}/{op}", "/dossiers/DOSSIER/papers/KQ.000123/end", "reuse=USE&reason=mistake", "401 404 403 403 303 303 303"},
	{"GET /dossiers/{code}/papers", "/dossiers/DOSSIER/papers", "", "303 404 403 403 200 200 200"},
	{"POST /dossiers/{code}/papers/{req}/omit", "/dossiers/DOSSIER/papers/KQ.000789/omit", "reason=shown", "401 404 403 403 303 303 303"},
	{"POST /dossiers/{code}/papers/{req}/unomit", "/dossiers/DOSSIER/papers/KQ.000789/unomit", "x=1", "401 404 403 403 303 303 303"},
	{"POST /dossiers/people", "/dossiers/people", "q=pham", "401 200 403 403 200 200 200"},
	{"POST /documents/{id}/requirement", "/documents/DOC/requirement", "requirement=", "401 404 403 403 303 303 303"},
	{"POST /documents/{id}/expected", "/documents/DOC/expected", "expected=", "401 404 403 403 409 409 409"},
	{"POST /documents/{id}/blank", "/documents/DOC/blank", "x=1", "401 404 403 403 303 303 303"},
	{"POST /dossiers/{code}/reuses/{reuse}/seen", "/dossiers/DOSSIER/reuses/USE/seen", "note=x", "401 404 403 403 303 303 303"},
	{"POST /documents/{id}/compared", "/documents/DOC/compared", "form=original", "401 404 403 403 303 303 303"},
	{"GET /figures", "/figures", "", "303 200 403 403 200 200 200"},
	{"GET /figures/export", "/figures/export", "", "303 200 403 403 200 200 200"},
	{"GET /q", "/q", "", "200 200 403 403 200 200 200"},
	{"GET /q/{code}", "/q/LOOKUP", "", "200 200 403 403 200 200 200"},
	{"GET /documents/{id}", "/documents/DOC?q=khai", "", "303 404 403 403 200 200 200"},
	{"GET /q/{code}", "/q/LOOKUP", "", "200 200 403 403 200 200 200"},

	{"GET /api/v1/search", "/api/v1/search?q=quyet+dinh&facets=true&boxes=true", "", "401 200 400 400 400 200 200"},
	{"GET /api/v1/search", "/api/v1/search?q=quyet+dinh&purpose=DOSSIER", "", "401 400 400 200 200 200 200"},
	{"GET /api/v1/search", "/api/v1/search?like=DOC/1&purpose=DOSSIER", "", "401 400 400 200 200 200 200"},
	{"GET /api/v1/search", "/api/v1/search?like=DOC/1", "", "401 404 400 400 400 200 200"},
	{"POST /api/v1/search", "/api/v1/search", `{"q":"quyet dinh","facets":true,"boxes":true}`, "401 200 400 400 400 200 200"},
	{"POST /api/v1/search", "/api/v1/search", `{"q":"quyet dinh","purpose":"DOSSIER"}`, "401 400 400 200 200 200 200"},
	{"GET /api/v1/search/suggest", "/api/v1/search/suggest?q=ph%E1%BA%A1m", "", "401 200 403 403 400 200 200"},
	{"GET /api/v1/search/suggest", "/api/v1/search/suggest?q=ph%E1%BA%A1m&purpose=DOSSIER", "", "401 400 403 403 200 200 200"},
	{"GET /api/v1/search/saved", "/api/v1/search/saved", "", "401 200 403 403 200 200 200"},
	{"POST /api/v1/search/saved", "/api/v1/search/saved", `{"name":"y","query":"khai"}`, "401 201 403 403 201 201 201"},
	{"DELETE /api/v1/search/saved/{saved}", "/api/v1/search/saved/SAVED", "", "401 404 403 403 404 404 204"},
	{"GET /api/v1/dossiers/{code}/papers", "/api/v1/dossiers/DOSSIER/papers", "", "401 404 404 200 200 200 200"},
	{"GET /api/v1/dossiers/{code}/papers/{requirement}/held", "/api/v1/dossiers/DOSSIER/papers/KQ.000123/held", "", "401 404 404 200 200 200 200"},
	{"PUT /api/v1/dossiers/{code}/papers/{requirement}/omission", "/api/v1/dossiers/DOSSIER/papers/KQ.000789/omission", `{"reason":"shown"}`, "401 404 403 403 200 200 200"},
	{"DELETE /api/v1/dossiers/{code}/papers/{requirement}/omission", "/api/v1/dossiers/DOSSIER/papers/KQ.000789/omission", "", "401 404 403 403 204 204 204"},
	{"PUT /api/v1/documents/{id}/requirement", "/api/v1/documents/DOC/requirement", `{"requirement":""}`, "401 404 403 403 200 200 200"},
	{"PUT /api/v1/documents/{id}/expected", "/api/v1/documents/DOC/expected", `{"pages":0}`, "401 404 403 403 409 409 409"},
	{"POST /api/v1/dossiers/{code}/reuses", "/api/v1/dossiers/DOSSIER/reuses", `{"requirement":"KQ.000123","document":"OFFER","confirmed":true}`, "401 404 404 200 200 200 200"},
	{"POST /api/v1/dossiers/{code}/reuses/declined", "/api/v1/dossiers/DOSSIER/reuses/declined", `{"requirement":"KQ.000123","document":"OFFER","reason":"outdated"}`, "401 404 404 200 200 200 200"},
	{"GET /api/v1/reuses", "/api/v1/reuses", "", "401 200 200 200 200 200 200"},
	{"GET /api/v1/reuses/{reuse}", "/api/v1/reuses/USE", "", "401 404 404 200 200 200 200"},
	{"POST /api/v1/national/held", "/api/v1/national/held", "LOOKS", "401 404 404 200 200 200 200"},
	{"GET /api/v1/webhooks/{webhook}/deliveries", "/api/v1/webhooks/HOOK/deliveries", "", "401 403 404 200 403 200 403"},
	{"POST /api/v1/webhooks/{webhook}/retry", "/api/v1/webhooks/HOOK/retry", "{}", "401 403 404 200 403 200 403"},
	{"GET /api/v1/events", "/api/v1/events", "", "401 200 403 403 200 200 200"},
	{"GET /api/v1/lookup/{code}", "/api/v1/lookup/LOOKUP", "", "200 200 403 403 200 200 200"},
	{"GET /api/v1/documents/{id}/pages/{page}/image", "/api/v1/documents/DOC/pages/1/image", "", "401 404 403 403 200 200 200"},
	{"GET /api/v1/documents/{id}/pages/{page}/thumb", "/api/v1/documents/DOC/pages/1/thumb?purpose=DOSSIER", "", "401 404 403 403 200 200 200"},
	{"GET /files/{id}/{role}", "/files/DOC/original?purpose=DOSSIER", "", "401 404 403 403 200 200 200"},
	{"GET /files/{id}/pages/{page}/{size}", "/files/DOC/pages/1/image", "", "401 404 403 403 200 200 200"},
	{"GET /api/v1/documents/{id}/pages/{page}/text", "/api/v1/documents/DOC/pages/1/text", "", "401 404 403 403 200 200 200"},
}

// otherRoutes are about neither search nor reuse, and have tests of their own.
var otherRoutes = regexp.MustCompile(`^\w+ (/\{\$\}|/parked|/(sign-in|sign-out|setup|verify|status|sets|admin|journal|archive|schedule|disposal|read|export)\b.*|` +
	`POST /q/\{code\}|/q/\{code\}|/dossiers|/dossiers/\{code\}(/documents|/ended)?|/documents/\{id\}/(arrange|desk|hold|release|retry|signatures|verdict|life)\b.*|` +
var otherRoutes = regexp.MustCompile(`^\w+ (/\{\$\}|/parked|/(sign-in|sign-out|setup|verify|sets|admin|journal|archive|schedule|disposal|read|export|confirm)\b.*|` +
	`POST /q/\{code\}|/q/\{code\}|/dossiers|/dossiers/\{code\}(/documents|/ended)?|/documents/\{id\}/(arrange|desk|fields|hold|release|retry|signatures|verdict|life)\b.*|` +
	`/api/v1/(verify|sets|signatures|schedule|disposal|exports)\b.*|/api/v1/lookup/\{code\}/compare|/api/v1/dossiers(/\{code\}(/documents|/ended)?)?|` +
	`/api/v1/documents(/\{id\}(/(arrangement|copies|fields|files|history|hold|life|pages|reading-copies|release|retry|signatures|split|text)\b[^{]*(\{role\})?)?)?)$`)

// TestMatrixOfSearchAndReuse asks every route of search and reuse as everybody.
func TestMatrixOfSearchAndReuse(t *testing.T) {
}

// TestMatrixOfPurposes asks with and without a dossier at hand, and as programs
// of both agencies.
func TestMatrixOfPurposes(t *testing.T) {
	o := newOffice(t)
	m := newMatrix(o)
	for _, row := range matrix {
		t.Run(row.route, func(t *testing.T) { m.try(t, row) })
	}
}

// matrixTest are the visitors, and what they ask about.
type matrixTest struct {
	o          *office
	visitors   map[string]visitor
	doc, offer sohoa.Document
	hook       sohoa.SetID
}

// visitor is somebody with a browser, or a program if it has a secret.
type visitor struct {
	*client
	secret, hand string
}

func newMatrix(o *office) *matrixTest {
	m := &matrixTest{o: o, visitors: map[string]visitor{}}
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, secretName+".jpg", scan(o.t, "giay-khai-sinh-01.jpg"))
	o.shelf.split(doc.ID, "giay-khai-sinh-01.jpg")
	o.shelf.read(doc.ID, 1, "giay-khai-sinh-01.jpg")
	o.shelf.keep(doc.ID)
	m.offer = o.offer(sohoa.ReusePass) // for the form of the national store
	o.offers(dossierA, m.offer.ID)
	o.update(func(tx archive.Tx) error {
		p, err := tx.Procedure("1.001193")
		if err != nil {
			return err
		}
		p.Requirements = append(p.Requirements, sohoa.Requirement{Code: "GKS", Name: "Giấy khai sinh", Types: []string{"khai-sinh"}})
		if err := tx.PutProcedure(p); err != nil {
			return err
		}
		m.doc, err = tx.Document(doc.ID)
		m.doc.Lookup = sohoa.NewLookup()
		if err != nil {
			return err
		}
		m.hook = sohoa.NewSetID(o.now())
		hook := sohoa.Webhook{ID: m.hook, URL: "https://mc.example/" + secretName, Key: "of-a", Events: sohoa.HookEvents, Secret: "whsec_secret"}
		if err := tx.PutWebhook(hook); err != nil {
			return err
		}
		return tx.PutDocument(m.doc)
	})
	a := o.program("of-a", sohoa.KeyScopes...)
	b := o.programWith(sohoa.APIKey{Name: "of-b", Agencies: []string{agencyB}, Scopes: sohoa.KeyScopes, Rate: 6000})
	for i, v := range []visitor{{o.stranger(), "", ""}, {o.signedIn("binh"), "", dossierB}, {b.client, b.secret, ""}, {a.client, a.secret, ""},
		{o.signedIn("lehoa"), "", ""}, {o.signedIn("admin"), "", ""}, {lan, "", dossierA}} {
		m.visitors[matrixVisitors[i]] = v
	}
	return m
}

// try asks one route as everybody. Nobody but those who may hears of the paper.
func (m *matrixTest) try(t *testing.T, row matrixRow) {
	t.Helper()
	want := strings.Fields(row.want)
	for i, name := range matrixVisitors {
		v, fill := m.visitors[name], m.filler()
		if v.secret == "" && i > 0 {
			v.post("/at-hand", url.Values{"dossier": {v.hand}})
		}
		m.o.later()
		method, _, _ := strings.Cut(row.route, " ")
		a := v.ask(method, fill.Replace(row.path), fill.Replace(row.body))
		if strconv.Itoa(a.status) != want[i] {
			t.Errorf("%s %s by somebody %s = %d, want %s: %.300s", method, row.path, name, a.status, want[i], a.body)
		}
		if i <= 2 && strings.Contains(a.body+a.header.Get("Location"), secretName) {
			t.Errorf("%s %s by somebody %s tells of a paper of A: %s", method, row.path, name, a.body)
		}
	}
}

// filler fills in what rows name, each time with a use and a saved search that
// are there, and nothing else used.
func (m *matrixTest) filler() *strings.Replacer {
	o := m.o
	used := o.reuses(dossierA)
	use := sohoa.Reuse{ID: sohoa.NewSetID(o.now()), Dossier: dossierA, Requirement: "KQ.000456", Document: m.offer.ID, State: sohoa.ReuseAccepted, At: o.now()}
	saved := sohoa.SavedSearch{ID: sohoa.NewSetID(o.now()), User: "lan", Name: secretName, Query: "x"}
	o.update(func(tx archive.Tx) error {
		for i := range used {
			used[i].State, used[i].Reason = sohoa.ReuseEnded, sohoa.ReuseMistake
		}
		for _, u := range append(used, use) {
			if err := tx.PutReuse(u); err != nil {
				return err
			}
		}
		return tx.PutSavedSearch(saved)
	})
	return strings.NewReplacer("DOSSIER", dossierA, "DOC", m.doc.ID.String(), "OFFER", m.offer.ID.String(), "USE", string(use.ID), "SAVED", string(saved.ID),
		"HOOK", string(m.hook), "LOOKUP", m.doc.Lookup, "LOOKS", lookUp(nil))
}

// ask sends a form to a page, JSON to the API.
func (v visitor) ask(method, path, body string) answer {
	v.t.Helper()
	kind := "application/x-www-form-urlencoded"
	if strings.HasPrefix(path, "/api/") {
		kind = "application/json"
	}
	header := []string{"Content-Type", kind}
	if v.secret != "" {
		header = append(header, "Authorization", "Bearer "+v.secret, "Sec-Fetch-Site", "", "Sohoa-User", "ngoc.lan")
	}
	if strings.HasSuffix(path, "/events") {
		return v.begins(path, header...)
	}
	return v.do(method, path, strings.NewReader(body), header...)
}

// begins is an answer that does not end, without its body.
func (c *client) begins(path string, header ...string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.server.URL+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	resp.Body.Close()
	return answer{resp.StatusCode, resp.Header, ""}
}
