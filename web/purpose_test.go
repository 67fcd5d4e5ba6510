package web_test

import (
	"errors"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/search"
)

// TestPurposeOfSearches says who may search what for, on every route that
// searches or completes.
func TestPurposeOfSearches(t *testing.T) {
	o := newOffice(t)
	lan, admin := o.signedIn("lan"), o.signedIn("admin")
	o.update(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: "thanhtra", FullName: "Thanh tra", Roles: []sohoa.UserRole{sohoa.UserInspector}, CreatedAt: o.now()})
	})
	inspector := o.signedIn("thanhtra")
	doc := o.printed(lan)
	o.offers(dossierA, doc.ID)
	o.index.suggestions = []search.Suggestion{{Text: "quyết định", Kind: search.SuggestWord}}
	lan.post("/at-hand", url.Values{"dossier": {""}})
	for _, tt := range []struct {
		name    string
		who     *client
		purpose string
		code    string // of the refusal, or
		stands  string // what stands in the journal
	}{
		{"a clerk without", lan, "", "purpose.dossier", ""},
		{"a clerk, own dossier", lan, dossierA, "", dossierA},
		{"a clerk, another's dossier", lan, dossierB, "purpose.unknown", ""},
		{"a clerk, no dossier", lan, "H49/64/34-261122-0008", "purpose.unknown", ""},
		{"a clerk, in words", lan, "tra cứu", "purpose.unknown", ""},
		{"a clerk, dossier and paper", lan, dossierA + "/" + paperCode, "", dossierA + "/" + paperCode},
		{"a clerk, a paper that is not asked for", lan, dossierA + "/X", "purpose.unknown", ""},
		{"a clerk, of a kind that is not theirs", lan, "administration: khiếu nại 12", "purpose.unknown", ""},
		{"an administrator without", admin, "", "", "administration:"},
		{"an administrator in words", admin, "khiếu nại 12", "", "administration: khiếu nại 12"},
		{"an administrator with a number", admin, "xác minh 001190012678", "", "administration: xác minh 001•••••••678"},
		{"an administrator, a disposal that is not there", admin, "disposal:01JABCDEFGHJKMNPQRSTVWXYZ0", "purpose.unknown", ""},
		{"an inspector without", inspector, "", "purpose.inspection", ""},
		{"an inspector without words", inspector, "inspection:", "purpose.inspection", ""},
		{"an inspector in words", inspector, "Quyết định 12/QĐ", "", "inspection: Quyết định 12/QĐ"},
		{"an inspector who administers", inspector, "administration: x", "purpose.unknown", ""},
		{"an administrator, any dossier", admin, dossierB, "", dossierB},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, c := range []*client{lan, admin, inspector} {
				c.get("/q") // so that no session ends
			}
			for path, action := range map[string]sohoa.Action{"/search": sohoa.ActionSearch, "/search/suggest": sohoa.ActionSuggest} {
				o.later()
				before := len(o.journal(action))
				query := path + "?q=quyet+dinh&purpose=" + url.QueryEscape(tt.purpose)
				page, api := tt.who.get(query), tt.who.get("/api/v1"+query)
				if path == "/search/suggest" {
					page = tt.who.post(path, url.Values{"q": {"quyet dinh"}, "purpose": {tt.purpose}})
				}
				entries := o.journal(action)[before:]
				if tt.code != "" {
					var p problemReply
					api.decode(t, &p)
					if page.status != http.StatusBadRequest || p.Status != http.StatusBadRequest || p.Code != tt.code || len(entries) != 0 {
						t.Errorf("GET %s = %d, API %+v, %d entries; want 400, %s, none", path, page.status, p, len(entries), tt.code)
					}
					continue
				}
				if page.status != 200 || api.status != 200 || len(entries) == 0 {
					t.Fatalf("GET %s = %d, API %d %s, %d entries; want answers and entries", path, page.status, api.status, api.body, len(entries))
				}
				if e := entries[len(entries)-1]; e.Purpose != tt.stands {
					t.Errorf("GET %s is for %q in the journal, want %q", path, e.Purpose, tt.stands)
				}
			}
		})
	}
	// What another has and what is not there is refused in the same words.
	hidden, absent := lan.get("/api/v1/search?q=a&purpose="+url.QueryEscape(dossierB)), lan.get("/api/v1/search?q=a&purpose="+url.QueryEscape("H49/64/34-261122-0008"))
	if strings.ReplaceAll(hidden.body, "0009", "0008") != absent.body {
		t.Errorf("another's dossier = %s\nabsent = %s, want the same", hidden.body, absent.body)
	}
}

// TestDossierAtHand follows the dossier that a session remembers.
func TestDossierAtHand(t *testing.T) {
	o := newOffice(t)
	lan, binh := o.signedIn("lan"), o.signedIn("binh")
	shown := func(c *client, code string) {
		t.Helper()
		a := c.get("/")
		if got := strings.Contains(a.body, "Hồ sơ đang xử lý:"); got != (code != "") || code != "" && !strings.Contains(a.body, "<b><bdi>"+code+"</bdi></b>") {
			t.Errorf("the bar shows a dossier: %t, want %q", got, code)
		}
	}
	shown(lan, "")
	lan.get("/dossiers/" + dossierA) // opened
	shown(lan, dossierA)
	shown(binh, "")
	if a := lan.get("/search"); !strings.Contains(a.body, `name="purpose" value="`+dossierA+`"`) {
		t.Error("the search page does not offer the dossier at hand")
	}
	if a := lan.post("/at-hand", url.Values{"dossier": {dossierA2}, "next": {"/search?q=x"}}); a.status != http.StatusSeeOther || a.header.Get("Location") != "/search?q=x" {
		t.Errorf("choosing = %d to %q", a.status, a.header.Get("Location"))
	}
	shown(lan, dossierA2)
	for _, code := range []string{dossierB, "không có", `<script>alert(1)</script>`} {
		if a := lan.post("/at-hand", url.Values{"dossier": {code}}); a.status != http.StatusBadRequest || strings.Contains(a.body, "<script>alert") {
			t.Errorf("choosing %q = %d, want 400", code, a.status)
		}
	}
	shown(lan, dossierA2)
	if a := lan.post("/at-hand", url.Values{"next": {"https://evil.example/"}}); a.header.Get("Location") != "/" {
		t.Errorf("clearing leads to %q, want /", a.header.Get("Location"))
	}
	shown(lan, "")
	// A dossier that moved out of sight is none.
	lan.get("/dossiers/" + dossierA)
	o.move(dossierA, agencyB)
	shown(lan, "")
	if a := lan.get("/api/v1/search?q=a"); a.status != http.StatusBadRequest {
		t.Errorf("search with a dossier that is another's now = %d, want 400", a.status)
	}
	if a := o.stranger().post("/at-hand", url.Values{"dossier": {dossierA}}); a.status != http.StatusUnauthorized {
		t.Errorf("POST /at-hand by a stranger = %d, want 401", a.status)
	}
}

// TestIdentityNumbersStayOutOfTheJournal searches for a person by number.
func TestIdentityNumbersStayOutOfTheJournal(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	lan.get("/dossiers/" + dossierA)
	o.index.suggestions = []search.Suggestion{{Text: "x", Kind: search.SuggestWord}}
	found := lan.post("/search", url.Values{"q": {"khai sinh 001190012678"}})
	lan.get(found.header.Get("Location"))
	lan.post("/search/suggest", url.Values{"q": {"001190012678"}})
	entries := append(o.journal(sohoa.ActionSearch), o.journal(sohoa.ActionSuggest)...)
	if len(entries) != 2 {
		t.Fatalf("%d entries, want both", len(entries))
	}
	for _, e := range entries {
		if strings.Contains(e.Detail, "001190012678") || !strings.Contains(e.Detail, "001•••••••678") {
			t.Errorf("%s in the journal: %s, want the number masked", e.Action, e.Detail)
		}
	}
	if want := `"identities":["` + search.NewPrivacy(search.IdentityKey{}).Term("001190012678") + `"]`; !strings.Contains(entries[0].Detail, want) {
		t.Errorf("search in the journal: %s, want %s", entries[0].Detail, want)
	}
}

// TestIdentityNumbersStayOutOfAddresses follows a search for a person by
// number through every link that leads on from it.
func TestIdentityNumbersStayOutOfAddresses(t *testing.T) {
	o := newOffice(t)
	lan, lehoa := o.signedIn("lan"), o.signedIn("lehoa")
	doc := o.printed(lan)
	o.index.results = func(q search.Query) (search.Results, error) {
		return search.Results{Total: 60, Next: "c1", Hidden: 1, Hits: []search.Hit{hitOf(doc)}, Facets: map[search.Facet][]search.Bucket{search.FacetAgency: {{Value: agencyA, Count: 9}}}}, nil
	}
	const number = "001190012678"
	asked := func() string { return o.index.asked[len(o.index.asked)-1].Text }
	lan.get("/dossiers/" + dossierA)
	lehoa.get("/dossiers/" + dossierA)
	for _, tt := range []struct{ name, query string }{{"alone", number}, {"in words", "khai sinh " + number + " loai:x"}, {"parted", "001 190 012 678"}, {"nine digits", "CMND 012345678"}} {
		t.Run(tt.name, func(t *testing.T) {
			at := lan.post("/search", url.Values{"q": {tt.query}, "order": {"newest"}}).header.Get("Location")
			if !strings.HasPrefix(at, "/search?") || identityIn(at) || !strings.Contains(at, "order=newest") {
				t.Fatalf("a search leads to %q, want an address without the number", at)
			}
			page := lan.get(at)
			if page.status != http.StatusOK || asked() != tt.query || !strings.Contains(page.body, `value="`+tt.query+`"`) {
				t.Errorf("GET %s = %d and asks %q, want %q", at, page.status, asked(), tt.query)
			}
			if strings.Contains(page.body, `action="/search/saved"`) {
				t.Error("a search is offered to be saved that is refused")
			}
			links := regexp.MustCompile(`(?:href|src|hx-get|action)="([^"]*)"`).FindAllStringSubmatch(page.body, -1)
			for _, l := range links {
				if identityIn(html.UnescapeString(l[1])) {
					t.Errorf("the results lead to %q", l[1])
				}
			}
			lan.get(address(t, page.body, `rel="next" href="([^"]*)"`))
			if asked() != tt.query || o.index.asked[len(o.index.asked)-1].After != "c1" {
				t.Errorf("the next page asks %q, want %q", asked(), tt.query)
			}
			document := lan.get(address(t, page.body, `<h2><a href="([^"]*)"`))
			if document.status != http.StatusOK || !strings.Contains(document.body, `value="`+tt.query+`"`) || regexp.MustCompile(`(?:href|hx-get)="[^"]*(?:`+number+`|012345678)`).MatchString(document.body) {
				t.Errorf("the document = %d, or it leads to the number", document.status)
			}
			// The address is the searcher's alone; nobody else learns from it.
			before := len(o.index.asked)
			for name, c := range map[string]*client{"a colleague": lehoa, "whoever alters it": lan} {
				other := at
				if c == lan {
					other = strings.Replace(at, "sealed=", "sealed=A", 1)
				}
				if a := c.get(other); a.status != http.StatusBadRequest || !strings.Contains(a.body, "số định danh cá nhân") || len(o.index.asked) != before {
					t.Errorf("GET by %s = %d, want 400 that says why", name, a.status)
				}
			}
			// One that came otherwise is put aside before it is answered.
			if a := lan.get("/search?q=" + url.QueryEscape(tt.query)); a.status != http.StatusSeeOther || identityIn(a.header.Get("Location")) {
				t.Errorf("GET with the number = %d to %q, want to an address without", a.status, a.header.Get("Location"))
			}
			if a := o.stranger().post("/search", url.Values{"q": {tt.query}}); a.header.Get("Location") != "/search" {
				t.Errorf("a stranger's search leads to %q, want /search alone", a.header.Get("Location"))
			}
		})
	}
	if a := lan.post("/search", url.Values{"q": {"khai sinh 2023"}, "purpose": {dossierA}}); a.header.Get("Location") != "/search?purpose="+dossierA+"&q=khai+sinh+2023" {
		t.Errorf("a harmless search leads to %q, want an address to hand on", a.header.Get("Location"))
	}
	if a := lan.post("/search", url.Values{"q": {strings.Repeat("a ", 151)}}); a.status != http.StatusBadRequest || !strings.Contains(a.body, `role="alert"`) {
		t.Errorf("a query that is too long = %d, want 400 beside the form", a.status)
	}
}

// identityIn reports whether an address has a run of digits that is or may be
// an identity number, but for identifiers and dossier codes.
func identityIn(address string) bool {
	plain, err := url.QueryUnescape(address)
	return err != nil || regexp.MustCompile(`001 ?190 ?012 ?678|012345678`).MatchString(plain)
}

// TestPurposesOfOtherWork opens a paper from where it is signed, destroyed and
// inspected: the journal says what for, and so does every image of its page.
func TestPurposesOfOtherWork(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	set, ids := o.putUp(lan, 1, "lehoa")
	for name, role := range map[string]sohoa.UserRole{"lehoa": sohoa.UserOfficial, "thanhtra": sohoa.UserInspector, "luutru": sohoa.UserArchivist} {
		o.update(func(tx archive.Tx) error {
			return tx.PutUser(sohoa.User{Name: name, FullName: name, Roles: []sohoa.UserRole{role}, Agency: agencyA, CreatedAt: o.now()})
		})
	}
	disposal := sohoa.Disposal{ID: sohoa.NewSetID(o.now()), Title: "Hủy 2010", Agency: agencyA, State: sohoa.DisposalProposed, Proposed: sohoa.Decision{By: "luutru", At: o.now()}}
	o.update(func(tx archive.Tx) error {
		return errors.Join(tx.PutDisposal(disposal), tx.PutDisposalItem(sohoa.DisposalItem{Disposal: disposal.ID, Document: ids[0], Dossier: dossierA, State: sohoa.VerdictNone}))
	})
	lehoa, inspector, archivist := o.signedIn("lehoa"), o.signedIn("thanhtra"), o.signedIn("luutru")
	link := func(c *client, page string) string {
		return address(t, c.get(page).body, `href="(/documents/`+ids[0].String()+`[^"]*)"`)
	}
	last := func() string {
		views := o.journal(sohoa.ActionView)
		return views[len(views)-1].Actor + " " + views[len(views)-1].Purpose
	}
	lehoa.get(link(lehoa, "/sets/"+string(set.ID)))
	if got, want := last(), "lehoa signing:"+string(set.ID); got != want {
		t.Errorf("opened where it is signed: %q, want %q", got, want)
	}
	o.later()
	lehoa.get("/api/v1/documents/" + ids[0].String() + "/pages/1/image")
	if got, want := last(), "lehoa signing:"+string(set.ID); got != want {
		t.Errorf("a page of what waits for a signature: %q, want %q", got, want)
	}
	archivist.get(link(archivist, "/disposal/"+string(disposal.ID)))
	if got, want := last(), "luutru disposal:"+string(disposal.ID); got != want {
		t.Errorf("opened from its disposal: %q, want %q", got, want)
	}
	paper := "/documents/" + ids[0].String()
	if a := inspector.get(paper); a.status != http.StatusBadRequest || !strings.Contains(a.body, "thanh tra") {
		t.Errorf("an inspector who says nothing = %d, want 400 that says what to do", a.status)
	}
	if a := lan.post("/at-hand", url.Values{"words": {"tò mò"}}); a.status != http.StatusBadRequest {
		t.Errorf("words of a clerk = %d, want 400", a.status)
	}
	inspector.post("/at-hand", url.Values{"words": {"Quyết định 12/QĐ"}})
	if a := inspector.get(paper); a.status != http.StatusOK || !strings.Contains(a.body, "Thanh tra, kiểm tra: Quyết định 12/QĐ") || last() != "thanhtra inspection: Quyết định 12/QĐ" {
		t.Errorf("an inspector who said which inspection = %d, %q, want it in the bar and in the journal", a.status, last())
	}
	inspector.post("/at-hand", url.Values{"dossier": {dossierA}}) // takes its place
	o.later()
	if inspector.get(paper); last() != "thanhtra "+dossierA {
		t.Errorf("with a dossier at hand: %q", last())
	}
	if a := lan.get(paper + "?purpose=signing:" + string(set.ID)); a.status != http.StatusOK {
		t.Errorf("a clerk of the agency who may sign = %d", a.status)
	}
	if a := o.signedIn("binh").get(paper + "?purpose=signing:" + string(set.ID)); a.status != http.StatusNotFound {
		t.Errorf("of another agency = %d, want 404", a.status)
	}
}
