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
	{"GET /api/v1/reuses/{reuse}", "/api/v1/reuses/USE", "", "401 404 404 200 200 200 200"},
	{"POST /api/v1/national/held", "/api/v1/national/held", "LOOKS", "401 404 404 200 200 200 200"},
	{"GET /api/v1/webhooks/{webhook}/deliveries", "/api/v1/webhooks/HOOK/deliveries", "", "401 403 404 200 403 200 403"},
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
