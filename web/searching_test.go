package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/search"
	"sohoa/web"
)

// hitOf is a hit as an index gives it.
func hitOf(doc sohoa.Document) search.Hit {
	return search.Hit{Document: doc.ID, Name: doc.Name, Dossier: doc.Dossier, Score: 1, Pages: []search.PageHit{
		{Page: 1, Score: 1, Snippet: []search.Span{{Text: "Giấy "}, {Text: "khai sinh", Marked: true}}}}}
}

// address is the first link whose text or class is after a mark on a page.
func address(t *testing.T, body, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no link like %s", pattern)
	}
	return html.UnescapeString(m[1])
}

// TestResultsSayWhatTheyAre looks at one hit, at the page and over the API.
func TestResultsSayWhatTheyAre(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	o.typed(doc.ID, paperKind)
	o.offers(dossierA, doc.ID)
	o.update(func(tx archive.Tx) error {
		d, err := tx.Dossier(dossierA)
		d.Owner.IDNumber = "001190012678"
		if err != nil {
			return err
		}
		return tx.PutDossier(d)
	})
	lan.get(offersPath(dossierA2)) // the paper that is looked for
	page := lan.get("/search?q=khai+sinh")
	for _, want := range []string{"Quyết định", "02/03/2023", "Phạm Mỹ Huệ", "001•••••••678", "UBND xã Kỳ Sơn", `viewBox="0 0 1653 2338"`, `<g class="marks"><rect`,
		"/pages/1/thumb?purpose=" + url.QueryEscape(dossierA2+"/"+paperCode), "Dùng lại cho hồ sơ đang xử lý", offersPath(dossierA2) + "#" + doc.ID.String(), "Giống trang này"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the results do not show %q", want)
		}
	}
	if strings.Contains(page.body, "001190012678") {
		t.Error("the results show a whole identity number")
	}
	// A small image of a result is part of the search.
	before := len(o.journal(sohoa.ActionView))
	if a := lan.get("/api/v1/documents/" + doc.ID.String() + "/pages/1/thumb?purpose=" + dossierA2); a.status != 200 || len(o.journal(sohoa.ActionView)) != before {
		t.Errorf("thumb = %d and %d views, want none of its own", a.status, len(o.journal(sohoa.ActionView))-before)
	}
	lan.get("/documents/" + doc.ID.String() + "?purpose=" + dossierA2)
	if views := o.journal(sohoa.ActionView); len(views) != before+1 || views[before].Purpose != dossierA2 {
		t.Errorf("opening it = %+v, want a view for %s", views[before:], dossierA2)
	}
	var found web.SearchResults
	lan.get("/api/v1/search?q=khai+sinh&boxes=true").decode(t, &found)
	if len(found.Hits) != 1 || len(found.Hits[0].Pages[0].Boxes) == 0 || found.Hits[0].Pages[0].Width != 1653 || found.Hits[0].OwnerID != "001•••••••678" {
		t.Errorf("API = %+v, want boxes and the masked owner", found.Hits)
	}
}

// TestResultsAreNarrowedAndLeafed follows the links of facets, chips, orders
// and pages, and looks at what the index is asked.
func TestResultsAreNarrowedAndLeafed(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	lan.get("/dossiers/" + dossierA)
	o.index.results = func(q search.Query) (search.Results, error) {
		r := search.Results{Total: 60, Hits: []search.Hit{hitOf(doc)}, Facets: map[search.Facet][]search.Bucket{
			search.FacetType:   {{Value: `bản "đồ"`, Count: 7}, {Value: "giấy khai sinh", Count: 3}},
			search.FacetAgency: {{Value: agencyA, Count: 10}},
			search.FacetState:  {{Value: "in-force", Count: 9}},
		}}
		if n := map[string]string{"": "c1", "c1": "c2"}[q.After]; n != "" {
			r.Next = n
		}
		return r, nil
	}
	asked := func() search.Query { return o.index.asked[len(o.index.asked)-1] }
	first := lan.get("/search?q=" + url.QueryEscape(`khai sinh ngay:2023`))
	if q := asked(); !q.Facets || q.Sort != search.SortBest || q.After != "" || q.Limit == 0 {
		t.Errorf("asked %+v, want the first page with facets", q)
	}
	for _, want := range []string{"Loại giấy tờ", "UBND xã Kỳ Sơn", "Còn hiệu lực", "Ngày ban hành:</span> <bdi>2023"} {
		if !strings.Contains(first.body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	narrowed := lan.get(address(t, first.body, `<a href="([^"]*)"><span class="tick"[^>]*>☐</span> <bdi>bản`))
	if q := asked(); q.Text != `khai sinh ngay:2023 loai:"bản  đồ "` && q.Text != `khai sinh ngay:2023 loai:"bản đồ "` {
		t.Errorf("a facet asks %q, want its filter added", q.Text)
	}
	if kept := lan.get("/search?q=" + url.QueryEscape(`khai trangthai:"kept"`)).body; !strings.Contains(kept, "Trạng thái:</span> <bdi>Đã lưu trữ</bdi>") {
		t.Error("a filter of a facet is not shown in words")
	}
	lan.get(address(t, narrowed.body, `<li><a href="([^"]*)"><span class="dim">Ngày ban hành`))
	if q := asked(); strings.Contains(q.Text, "ngay:") || !strings.Contains(q.Text, "loai:") {
		t.Errorf("without a chip, %q is asked, want that filter gone alone", q.Text)
	}
	lan.get(address(t, first.body, `<a href="([^"]*)">Mới nhất`))
	if q := asked(); q.Sort != search.SortNewest {
		t.Errorf("newest first asks for %q", q.Sort)
	}
	second := lan.get(address(t, first.body, `rel="next" href="([^"]*)"`))
	third := lan.get(address(t, second.body, `rel="next" href="([^"]*)"`))
	if q := asked(); q.After != "c2" || strings.Contains(third.body, `rel="next"`) || !strings.Contains(third.body, "Trang 3") {
		t.Errorf("the third page asks after %q, want c2 and no page after", q.After)
	}
	back := lan.get(address(t, third.body, `rel="prev" href="([^"]*)"`))
	if q := asked(); q.After != "c1" || !strings.Contains(back.body, "Trang 2") {
		t.Errorf("back from the third asks after %q, want c1", q.After)
	}
	lan.get(address(t, back.body, `rel="prev" href="([^"]*)"`))
	if q := asked(); q.After != "" {
		t.Errorf("back from the second asks after %q, want the first page", q.After)
	}
	var api web.SearchResults
	lan.get("/api/v1/search?q=khai&after=c1&order=oldest&facets=true").decode(t, &api)
	if q := asked(); q.After != "c1" || q.Sort != search.SortOldest || api.Next != "c2" || len(api.Facets[search.FacetType]) != 2 {
		t.Errorf("API asks %+v and answers %+v", q, api)
	}
}

// TestLikeThisPage finds what is like a page that the reader may see.
func TestLikeThisPage(t *testing.T) {
	o := newOffice(t)
	lan, binh := o.signedIn("lan"), o.signedIn("binh")
	doc := o.printed(lan)
	o.index.results = func(search.Query) (search.Results, error) {
		return search.Results{Total: 1, Hits: []search.Hit{hitOf(doc)}}, nil
	}
	lan.get("/dossiers/" + dossierA)
	binh.get("/dossiers/" + url.PathEscape(dossierB))
	like := url.QueryEscape(doc.ID.String() + "/2")
	lan.get("/search?like=" + like)
	if q := o.index.asked[len(o.index.asked)-1]; q.Like != (search.PageKey{Document: doc.ID, Page: 2}) {
		t.Errorf("asked %+v, want like page 2", q.Like)
	}
	if e := o.journal(sohoa.ActionSearch); len(e) != 1 || !strings.Contains(e[0].Detail, `"like":"`+doc.ID.String()+`/2"`) {
		t.Errorf("journal = %+v, want what it is to be like", e)
	}
	asked := len(o.index.asked)
	other := sohoa.NewDocumentID(o.now()).String()
	hidden, absent := binh.get("/api/v1/search?like="+like), binh.get("/api/v1/search?like="+other)
	if hidden.status != 404 || absent.status != 404 || strings.ReplaceAll(hidden.body, doc.ID.String(), other) != absent.body || len(o.index.asked) != asked {
		t.Errorf("like another's page = %d %s, absent %d %s; want the same 404", hidden.status, hidden.body, absent.status, absent.body)
	}
	if a := binh.get("/search?like=x"); a.status != http.StatusNotFound {
		t.Errorf("like nothing = %d, want 404", a.status)
	}
}

// TestSavedSearchesAreTheirOwners tries every route of saved searches, as their
// owner, a colleague, an administrator and a stranger.
func TestSavedSearchesAreTheirOwners(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	lan.get("/dossiers/" + dossierA)
	hostile := `<script>alert(1)</script>`
	if a := lan.post("/search/saved", url.Values{"name": {hostile}, "q": {`loai:"bản đồ" ` + hostile}, "order": {"newest"}}); a.status != http.StatusSeeOther {
		t.Fatalf("saving = %d: %s", a.status, a.body)
	}
	list := func(c *client) []sohoa.SavedSearch {
		t.Helper()
		var body struct{ Saved []sohoa.SavedSearch }
		c.get("/api/v1/search/saved").decode(t, &body)
		return body.Saved
	}
	mine := list(lan)
	if len(mine) != 1 || mine[0].Name != hostile || mine[0].Order != "newest" || mine[0].User != "lan" {
		t.Fatalf("saved = %+v, want the one", mine)
	}
	page := lan.get("/search").body
	if strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;alert(1)") || !strings.Contains(page, "order=newest") {
		t.Error("the saved search is not on the page, or not safely")
	}
	id := string(mine[0].ID)
	for name, c := range map[string]*client{"lehoa": o.signedIn("lehoa"), "binh": o.signedIn("binh"), "admin": o.signedIn("admin")} {
		if got := list(c); len(got) != 0 {
			t.Errorf("%s sees %+v, want none", name, got)
		}
		hidden := c.do(http.MethodDelete, "/api/v1/search/saved/"+id, nil)
		other := sohoa.NewDocumentID(o.now()).String()
		absent := c.do(http.MethodDelete, "/api/v1/search/saved/"+other, nil)
		if hidden.status != 404 || strings.ReplaceAll(hidden.body, id, other) != absent.body {
			t.Errorf("DELETE by %s = %d %s, absent %s; want the same 404", name, hidden.status, hidden.body, absent.body)
		}
		if a := c.post("/search/saved/"+id+"/delete", nil); a.status != 404 {
			t.Errorf("deleting by %s = %d, want 404", name, a.status)
		}
	}
	for method, path := range map[string]string{"GET": "/api/v1/search/saved", "POST": "/api/v1/search/saved", "DELETE": "/api/v1/search/saved/" + id} {
		if a := o.stranger().do(method, path, strings.NewReader(`{"name":"x","query":"y"}`), "Content-Type", "application/json"); a.status != http.StatusUnauthorized {
			t.Errorf("%s %s by a stranger = %d, want 401", method, path, a.status)
		}
	}
	if a := lan.post("/search/saved/"+id+"/delete", nil); a.status != http.StatusSeeOther || len(list(lan)) != 0 {
		t.Errorf("deleting = %d, want it gone", a.status)
	}
	if n := len(o.journal(sohoa.ActionSavedSearch)); n != 2 {
		t.Errorf("%d entries, want one of saving and one of deleting", n)
	}
}

func TestSavedSearchesHaveBounds(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	save := func(name, query string) answer {
		return lan.do(http.MethodPost, "/api/v1/search/saved", strings.NewReader(fmt.Sprintf(`{"name":%q,"query":%q}`, name, query)), "Content-Type", "application/json")
	}
	for _, tt := range []struct {
		name, called, query, code string
	}{
		{"no name", " ", "x", "saved.name"}, {"a long name", strings.Repeat("a", 101), "x", "saved.name"}, {"no query", "a", "  ", "query.empty"},
		{"a long query", "a", strings.Repeat("a ", 151), "query.too-long"}, {"an identity number", "a", "khai sinh 001190012678", "saved.identity"},
	} {
		var p problemReply
		a := save(tt.called, tt.query)
		a.decode(t, &p)
		if a.status != http.StatusBadRequest || p.Code != tt.code {
			t.Errorf("%s = %d %s, want 400 %s", tt.name, a.status, a.body, tt.code)
		}
	}
	o.update(func(tx archive.Tx) error {
		for i := range sohoa.MaxSavedSearches {
			if err := tx.PutSavedSearch(sohoa.SavedSearch{ID: sohoa.NewSetID(o.now()), User: "lan", Name: fmt.Sprint("tìm ", i), Query: "x"}); err != nil {
				return err
			}
		}
		return nil
	})
	if a := save("một nữa", "x"); a.status != http.StatusConflict || !strings.Contains(a.body, "saved.too-many") {
		t.Errorf("one more = %d %s, want 409", a.status, a.body)
	}
	if a := save("tìm 7", "y"); a.status != http.StatusCreated {
		t.Errorf("one anew = %d %s, want 201", a.status, a.body)
	}
}

// TestSuggestionsAreOptions looks at the list below the search box.
func TestSuggestionsAreOptions(t *testing.T) {
	o := newOffice(t)
	lan, binh := o.signedIn("lan"), o.signedIn("binh")
	lan.get("/dossiers/" + dossierA)
	binh.get("/dossiers/" + url.PathEscape(dossierB))
	o.index.suggestions = []search.Suggestion{{Text: `nguoi:"Phạm Mỹ Huệ"`, Kind: search.SuggestPerson}, {Text: `<img src=x onerror=alert(1)>`, Kind: search.SuggestWord}}
	a := lan.post("/search/suggest", url.Values{"q": {"phạm"}})
	for _, want := range []string{`role="option"`, `data-text="nguoi:&#34;Phạm Mỹ Huệ&#34;"`, "người", "&lt;img src=x"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("suggestions = %q, want %q", a.body, want)
		}
	}
	if strings.Contains(a.body, "<html") || strings.Contains(a.body, "<img src=x") {
		t.Errorf("suggestions = %q, want a safe piece of a page", a.body)
	}
	if a := lan.post("/search/suggest", url.Values{"q": {"p"}}); strings.Contains(a.body, "option") {
		t.Error("one letter is completed")
	}
	for name, c := range map[string]*client{"binh": binh, "a stranger": o.stranger()} {
		if a := c.post("/search/suggest", url.Values{"q": {"phạm"}}); strings.Contains(a.body, "option") {
			t.Errorf("%s is shown %q", name, a.body)
		}
	}
	entries := o.journal(sohoa.ActionSuggest)
	if len(entries) != 1 || entries[0].Purpose != dossierA || !strings.Contains(entries[0].Detail, `"suggested":2`) {
		t.Errorf("journal = %+v, want what was completed, what for", entries)
	}
}

// TestSearchPagesInBothLanguages looks for keys that have no words.
func TestSearchPagesInBothLanguages(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	lan.post("/search/saved", url.Values{"name": {"a"}, "q": {"b"}})
	outcomes := []sohoa.ReuseOutcome{sohoa.ReusePass, sohoa.ReuseConfirm, sohoa.ReuseFail}
	for _, outcome := range outcomes {
		o.offers(dossierA, doc.ID, outcome)
	}
	o.index.suggestions = []search.Suggestion{{Text: "a", Kind: search.SuggestNumber}, {Text: "b", Kind: search.SuggestDossier}, {Text: "c", Kind: search.SuggestProcedure}}
	for _, lang := range []string{"vi", "en"} {
		for _, path := range []string{"/search?", "/search?q=khai+sinh&", "/search?q=khai+loai:x+so:1+coquan:x+nguoi:x+ngay:2023+hoso:x&", "/search?q=khong+co+gi+o+day&",
			offersPath(dossierA) + "?", offersPath(dossierA2) + "?", "/dossiers/" + dossierA + "?", "/documents/" + doc.ID.String() + "?", "/figures?", "/?"} {
			a := lan.get(path + "purpose=" + dossierA + "&lang=" + lang)
			if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" {
				t.Errorf("GET %s in %s = %d and shows %q", path, lang, a.status, bad)
			}
		}
		a := lan.post("/search/suggest?lang="+lang, url.Values{"q": {"khai"}, "purpose": {dossierA}})
		if bad := untranslated.FindString(a.body); !strings.Contains(a.body, "option") || bad != "" {
			t.Errorf("suggestions in %s = %d %s, untranslated %q", lang, a.status, a.body, bad)
		}
	}
}
