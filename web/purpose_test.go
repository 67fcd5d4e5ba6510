package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sohoa"
	"sohoa/search"
)

// TestPurposeOfSearches says who may search what for, on every route that
// searches or completes.
func TestPurposeOfSearches(t *testing.T) {
	o := newOffice(t)
	lan, admin := o.signedIn("lan"), o.signedIn("admin")
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
		{"an administrator without", admin, "", "", ""},
		{"an administrator in words", admin, "khiếu nại 12", "", "khiếu nại 12"},
		{"an administrator, any dossier", admin, dossierB, "", dossierB},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for path, action := range map[string]sohoa.Action{"/search": sohoa.ActionSearch, "/search/suggest": sohoa.ActionSuggest} {
				o.later()
				before := len(o.journal(action))
				query := path + "?q=quyet+dinh&purpose=" + url.QueryEscape(tt.purpose)
				page, api := tt.who.get(query), tt.who.get("/api/v1"+query)
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
	lan.get("/search?q=khai+sinh+001190012678")
	lan.get("/search/suggest?q=001190012678")
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
