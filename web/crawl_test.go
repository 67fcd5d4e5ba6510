package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/web"
)

// screen is a page as somebody sees it.
type screen struct {
	pattern string // its route
	path    string
}

// eachPattern is how many pages of one route a crawl opens.
const eachPattern = 2

var hrefs = regexp.MustCompile(`\bhref="(/[^"]*)"`)

// crawl follows the links of pages from those at start on, and returns what it
// finds, at most eachPattern of each route. New pages are found as soon as one
// leads to them.
func (c *client) crawl(patterns *http.ServeMux, start ...string) []screen {
	c.t.Helper()
	var found []screen
	count, seen := map[string]int{}, map[string]bool{}
	for queue := slices.Clone(start); len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		at, err := url.Parse(path)
		if err != nil || seen[at.Path] {
			continue
		}
		pattern := patternOf(patterns, path)
		if pattern == "" || count[pattern] >= eachPattern {
			continue
		}
		seen[at.Path] = true
		a := c.get(path)
		if a.status != http.StatusOK || !strings.Contains(a.body, `<main id="main"`) {
			continue
		}
		count[pattern]++
		found = append(found, screen{pattern, path})
		for _, m := range hrefs.FindAllStringSubmatch(a.body, -1) {
			queue = append(queue, html.UnescapeString(m[1]))
		}
	}
	return found
}

// patternOf is the page route that answers a path, if one does.
func patternOf(patterns *http.ServeMux, path string) string {
	r, err := http.NewRequest(http.MethodGet, "http://sohoa.example"+path, nil)
	if err != nil {
		return ""
	}
	_, pattern := patterns.Handler(r)
	if notPages.MatchString(pattern) {
		return ""
	}
	return pattern
}

// notPages are routes below which there are no pages.
var notPages = regexp.MustCompile(`^GET /(api|files|static)/`)

// patterns are the routes that answer GET, to tell which a link leads to.
func (o *office) patterns() *http.ServeMux {
	o.t.Helper()
	mux := http.NewServeMux()
	for route := range o.routes() {
		if strings.HasPrefix(route, "GET ") {
			mux.Handle(route, http.NotFoundHandler())
		}
	}
	return mux
}

// furnished is an office in which there is something on every page: somebody
// of each role, and papers in every state. Start and public are the addresses
// to begin at, for those who have an account and for strangers.
type furnished struct {
	*office
	people        map[sohoa.UserRole]*client
	start, public []string
}

// looker is somebody who looks at pages, with the pages that they find.
type looker struct {
	role sohoa.UserRole // empty for strangers
	*client
	screens []screen
}

// lookers are everybody: a stranger, somebody between their password and their
// code, and who has each role.
func (f *furnished) lookers() []looker {
	f.t.Helper()
	patterns := f.patterns()
	stranger, halfway := f.stranger(), f.stranger()
	f.update(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: "halfway", FullName: "Người", Roles: []sohoa.UserRole{sohoa.UserStaff}, Agency: agencyA, CreatedAt: f.now()})
	})
	f.signedIn("halfway").setTOTP(f.t)
	halfway.enter("halfway")
	all := []looker{{"", stranger, stranger.crawl(patterns, f.public...)}, {"", halfway, halfway.crawl(patterns, "/sign-in/code")}}
	for _, role := range []sohoa.UserRole{sohoa.UserClerk, sohoa.UserOfficial, sohoa.UserArchivist, sohoa.UserInspector, sohoa.UserAdmin, sohoa.UserSealKeeper, sohoa.UserStaff} {
		all = append(all, looker{role, f.people[role], f.people[role].crawl(patterns, f.start...)})
	}
	return all
}

func furnish(o *office) *furnished {
	t := o.t
	t.Helper()
	f := &furnished{office: o, people: o.staffed()}
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	held := lan.held("Tờ khai và bản sao.jpg", "to-khai-01.jpg", "bien-ban-02.jpg")
	parked := lan.upload(dossierA, "Quyết định hỏng.jpg", append(scan(t, "quyet-dinh-01.jpg"), 99))
	o.shelf.park(parked.ID, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.unavailable"})
	set, _ := o.putUp(lan, 2, "the-official", "the-seal-keeper")
	offered := o.offer(sohoa.ReusePass)
	o.offers(dossierA, offered.ID)
	old := lan.upload(dossierA2, "Biên bản 2010.jpg", scan(t, "bien-ban-02.jpg"))
	o.shelf.split(old.ID, "bien-ban-02.jpg")
	o.shelf.read(old.ID, 1, "bien-ban-02.jpg")
	o.shelf.keep(old.ID)
	o.update(func(tx archive.Tx) error {
		d, err := tx.Document(old.ID)
		if err != nil {
			return err
		}
		d.Life.Retention = sohoa.Retention{Code: sohoa.Retention10, Starts: "2000-01-01", Due: "2010-01-01", Basis: "Thông tư"}
		return tx.PutDocument(d)
	})
	keeper := f.people[sohoa.UserArchivist]
	proposed := keeper.post("/disposal", url.Values{"document": {old.ID.String()}, "title": {"Hủy 2010"}, "reason": {"hết thời hạn"}})
	day := dayOf(o.now())
	drawn := f.people[sohoa.UserInspector].post("/samples/new", url.Values{"agency": {agencyA}, "from": {day}, "until": {day}, "size": {"2"}})
	if drawn.status != http.StatusSeeOther {
		t.Fatalf("a sample = %d %.300s", drawn.status, drawn.body)
	}
	hook := sohoa.Webhook{ID: sohoa.NewSetID(o.now()), URL: "https://mot-cua.example/so-hoa", Key: "mot-cua", Events: sohoa.HookEvents, Secret: "whsec_secret"}
	o.program("mot-cua", sohoa.KeyScopes...)
	o.update(func(tx archive.Tx) error { return tx.PutWebhook(hook) })
	token, err := web.SetupLink(t.Context(), o.catalog, "lehoa")
	if err != nil || proposed.status != http.StatusSeeOther {
		t.Fatalf("a disposal = %d, a link: %v", proposed.status, err)
	}
	id := doc.ID.String()
	reading := lan.post("/export", url.Values{"document": {id}, "as": {"reading"}, "days": {"3"}, "purpose": {"đọc"}})
	link := regexp.MustCompile(`/read/[0-9A-Z]{26}/[0-9A-Z]{16}`).FindString(reading.body)
	f.start = []string{"/", "/dossiers/" + dossierA, "/documents/" + id, "/documents/" + held.ID.String() + "/arrange", "/documents/" + id + "/signatures",
		"/search?q=quyet+dinh&purpose=" + dossierA, "/sets/" + string(set.ID), "/dossiers/" + dossierA + "/papers/" + paperCode, "/export?document=" + id,
		"/sets/new?document=" + old.ID.String(), proposed.header.Get("Location"), "/documents/" + parked.ID.String(), "/nothing",
		drawn.header.Get("Location"), "/faults", "/account/confirm"}
	f.public = []string{"/sign-in", "/verify", "/q", "/q/" + doc.Lookup, "/setup/" + token, link, "/nothing"}
	for _, c := range f.people {
		c.get("/dossiers/" + dossierA)
	}
	return f
}

// partsOfPages are the GET routes that answer with something else than a page:
// with a part of one, or a file.
var partsOfPages = regexp.MustCompile(`^GET (/files/|/healthz$|/parked$|/dossiers/\{code\}/documents$|/documents/\{id\}/(row|facts|sheets|pages/\{page\}|desk|verdict)$|` +
	`/sets/(\{set\}/(head|documents/\{id\})|waiting)$|/dossiers/\{code\}/papers$|/confirm/next$|/tool/|/samples/\{sample\}/(export|verdict|documents/\{id\}/pages/)|/[a-z/-]*export/|/dossiers/\{code\}/papers/\{req\}/documents/|/read/.*\{page\}$|/figures/export|/journal/(export|heads/))`)

// unreached are pages that no link of a furnished office leads to, with why.
var unreached = map[string]string{
	"GET /admin/settings":            "shows the settings of the program, which the test office has none of",
	"GET /disposal/{id}/certificate": "is there when documents were destroyed, which takes the work of ingest",
}

// TestCrawlFindsEveryPage sees to it that the tests which look at all pages do:
// somebody reaches every route that is a page.
func TestCrawlFindsEveryPage(t *testing.T) {
	o := newOffice(t)
	reached := map[string]bool{}
	for _, v := range furnish(o).lookers() {
		for _, s := range v.screens {
			reached[s.pattern] = true
		}
	}
	for route := range o.routes() {
		if strings.HasPrefix(route, "GET /") && !strings.HasPrefix(route, "GET /api/") && !partsOfPages.MatchString(route) && !reached[route] && unreached[route] == "" {
			t.Errorf("nobody reaches %s by links: lead to it, add it to furnish, or to partsOfPages", route)
		}
	}
}
