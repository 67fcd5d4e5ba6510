package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/journal"
	"sohoa/search"
)

// checker is a verifier whose result the test decides.
type checker struct{ o *office }

func (c checker) Verify(ctx context.Context, by string, _ ...journal.Named) (archive.JournalCheck, error) {
	last, err := archive.VerifyJournal(ctx, c.o.catalog)
	check := archive.JournalCheck{At: c.o.now().UTC(), By: by, Size: last.Seq, Heads: 1}
	if err != nil {
		check.Findings = []archive.JournalFinding{{Code: "entry.altered", Seq: last.Seq + 1, Head: "2026-11-30"}}
	}
	return check, c.o.catalog.Update(ctx, func(tx archive.Tx) error { return tx.PutJournalCheck(check) })
}

func TestJournalPage(t *testing.T) {
	o := newOffice(t)
	lan, admin, binh := o.signedIn("lan"), o.signedIn("admin"), o.signedIn("binh")
	doc := lan.upload(dossierA, "Quyết định.jpg", scan(t, "quyet-dinh-01.jpg"))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
	lan.get("/documents/" + doc.ID.String() + "?purpose=" + dossierA)
	if a := binh.get("/documents/" + doc.ID.String()); a.status != http.StatusNotFound {
		t.Errorf("GET of another agency's paper = %d, want 404", a.status)
	}
	if a := lan.get("/journal"); a.status != http.StatusForbidden {
		t.Errorf("GET /journal by a clerk = %d, want 403", a.status)
	}
	query := url.Values{"person": {"Phạm Mỹ Huệ"}, "document": {doc.ID.String()}}
	if a := admin.get("/journal?purpose=&" + query.Encode()); a.status != http.StatusBadRequest || strings.Contains(a.body, "binh") {
		t.Errorf("a report without a purpose = %d, want 400 and nothing shown", a.status)
	}
	query.Set("purpose", "=khiếu nại 12")
	for _, lang := range []string{"vi", "en"} {
		a := admin.get("/journal?lang=" + lang + "&" + query.Encode())
		if a.status != 200 || !strings.Contains(a.body, "lan") || !strings.Contains(a.body, "binh") {
			t.Errorf("report in %s = %d, want the view and the refusal", lang, a.status)
		}
	}
	reports := o.journal(sohoa.ActionReport)
	if len(reports) != 2 || reports[0].Actor != "admin" || reports[0].Purpose != "=khiếu nại 12" {
		t.Errorf("reports in the journal = %+v, want both with their purpose", reports)
	}
	query.Set("person", "001190012678") // in no address
	at := admin.post("/journal", query).header.Get("Location")
	if a := admin.get(at); strings.Contains(at, "001190012678") || a.status != 200 || !strings.Contains(a.body, `value="001190012678"`) || strings.Contains(a.body, "person=001190012678") {
		t.Errorf("a report about a number leads to %q = %d, want an address without it", at, a.status)
	}
	if all := o.journal(sohoa.ActionReport); len(all) != 3 {
		t.Errorf("%d reports in the journal, want the third", len(all))
	}
	query.Set("person", "Phạm Mỹ Huệ")
	csv := admin.get("/journal/export?format=csv&" + query.Encode())
	if csv.status != 200 || !strings.Contains(csv.body, ",'=khiếu nại 12,") || !strings.Contains(csv.body, "access.refused") {
		t.Errorf("CSV = %d %q, want the entries, nothing of them a formula", csv.status, csv.body)
	}
	lines := strings.Split(strings.TrimSpace(admin.get("/journal/export?format=json&"+query.Encode()).body), "\n")
	var e sohoa.Entry
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &e); err != nil || e.Action != sohoa.ActionAccept || e.Document != doc.ID {
		t.Errorf("JSON ends with %q, %v, want the acceptance", lines[len(lines)-1], err)
	}
	if denied := o.journal(sohoa.ActionDeny); len(denied) != 2 || denied[0].Actor != "binh" || denied[0].Document != doc.ID || denied[1].Actor != "lan" {
		t.Errorf("refusals = %+v, want binh's of the paper and lan's of the journal", denied)
	}
	if a := binh.get("/documents/01M80P2DMDP399Y1HMBNWTEFQA"); a.status != 404 || len(o.journal(sohoa.ActionDeny)) != 2 {
		t.Errorf("a paper that is not there = %d, want 404 and no refusal", a.status)
	}
}

func TestJournalIsVerifiedWhenAskedTo(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	if a := admin.get("/admin"); !strings.Contains(a.body, "chưa được kiểm tra") {
		t.Errorf("GET /admin = %d, want it to say that the journal was never verified", a.status)
	}
	if a := admin.post("/journal/verify", nil); a.status != 200 || !strings.Contains(a.body, "nguyên vẹn đến dòng") {
		t.Errorf("POST /journal/verify = %d, want a whole journal", a.status)
	}
	o.update(func(tx archive.Tx) error {
		return tx.PutJournalHead(archive.JournalHead{Day: "2026-11-30", Size: 3, Text: journal.Head{Origin: "sohoa/journal/0123456789abcdef", Size: 3}.Text(),
			Problem: &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "sign.tsa-rests", Args: []string{"tsa"}}})
	})
	if a := admin.get("/journal"); !strings.Contains(a.body, "đang chờ dấu thời gian") {
		t.Errorf("GET /journal = %d, want the head that waits", a.status)
	}
	head := admin.get("/journal/heads/2026-11-30")
	if _, err := journal.ParseHead([]byte(head.body)); head.status != 200 || err != nil {
		t.Errorf("GET of a head = %d %q, %v", head.status, head.body, err)
	}
	if a := admin.get("/journal/heads/2026-12-01"); a.status != 404 {
		t.Errorf("GET of a head that is not there = %d, want 404", a.status)
	}
}

// looked says for every route that answers GET whether it shows papers, and
// with which entry. What is about nobody's papers has none.
var looked = map[string]sohoa.Action{
	"GET /flags":                                                    "",
	"GET /account":                                                  "", // people, no papers
	"GET /account/confirm":                                          "",
	"GET /admin":                                                    "",
	"GET /admin/agencies":                                           "",
	"GET /admin/export/agencies":                                    "",
	"GET /admin/export/people":                                      "",
	"GET /admin/export/procedures":                                  "",
	"GET /admin/export/schedule":                                    "",
	"GET /admin/health":                                             "",
	"GET /admin/import/agencies":                                    "",
	"GET /admin/import/people":                                      "",
	"GET /admin/import/procedures":                                  "",
	"GET /admin/import/schedule":                                    "",
	"GET /admin/keys":                                               "",
	"GET /admin/procedures":                                         "",
	"GET /admin/procedures/{procedure}":                             "",
	"GET /admin/queue":                                              "",
	"GET /admin/settings":                                           "",
	"GET /admin/users":                                              "",
	"GET /admin/users/{name}":                                       "",
	"GET /admin/webhooks":                                           "",
	"GET /admin/webhooks/{webhook}":                                 "",
	"GET /api/v1/disposal":                                          "",
	"GET /api/v1/disposal/due":                                      "",
	"GET /api/v1/disposal/{id}":                                     "",
	"GET /api/v1/disposal/{id}/certificate":                         "",
	"GET /api/v1/documents":                                         sohoa.ActionList,
	"GET /api/v1/documents/{id}":                                    sohoa.ActionView,
	"GET /api/v1/documents/{id}/arrangement":                        sohoa.ActionView,
	"GET /api/v1/documents/{id}/arrangement/thumb":                  "", // a view, of papers whose pages were moved: TestArrangeOverHTTP
	"GET /api/v1/documents/{id}/fields":                             sohoa.ActionView,
	"GET /api/v1/documents/{id}/files/{role}":                       sohoa.ActionDownload,
	"GET /api/v1/documents/{id}/history":                            sohoa.ActionView,
	"GET /api/v1/documents/{id}/pages":                              sohoa.ActionView,
	"GET /api/v1/documents/{id}/pages/{page}/image":                 sohoa.ActionView,
	"GET /api/v1/documents/{id}/pages/{page}/text":                  sohoa.ActionView,
	"GET /api/v1/documents/{id}/pages/{page}/thumb":                 sohoa.ActionView,
	"GET /api/v1/documents/{id}/text":                               sohoa.ActionDownload,
	"GET /api/v1/dossiers":                                          "",
	"GET /api/v1/dossiers/{code}":                                   sohoa.ActionViewDossier,
	"GET /api/v1/dossiers/{code}/papers":                            sohoa.ActionViewDossier, // decisions, no papers
	"GET /api/v1/dossiers/{code}/papers/{requirement}/held":         sohoa.ActionHeld,
	"GET /api/v1/events":                                            "",
	"GET /api/v1/figures":                                           "", // counts
	"GET /api/v1/health":                                            "",
	"GET /api/v1/lookup/{code}":                                     sohoa.ActionLookup,
	"GET /api/v1/national/files/{link}":                             "", // downloads, by links: TestNationalLookUp
	"GET /api/v1/national/keys":                                     "",
	"GET /api/v1/reuse-figures":                                     "", // counts
	"GET /api/v1/reuses":                                            "", // decisions, no papers
	"GET /api/v1/reuses/{reuse}":                                    "", // downloads, by links: TestNationalLookUp
	"GET /api/v1/schedule":                                          "",
	"GET /api/v1/search":                                            sohoa.ActionSearch,
	"GET /api/v1/search/saved":                                      "",
	"GET /api/v1/search/suggest":                                    sohoa.ActionSuggest,
	"GET /api/v1/sets":                                              "",
	"GET /api/v1/sets/{set}":                                        "",
	"GET /api/v1/webhooks":                                          "",
	"GET /api/v1/webhooks/{webhook}/deliveries":                     "",
	"GET /archive":                                                  "",
	"GET /confirm":                                                  sohoa.ActionList,
	"GET /confirm/next":                                             "",
	"GET /disposal":                                                 "",
	"GET /disposal/{id}":                                            "",
	"GET /disposal/{id}/certificate":                                "",
	"GET /documents/{id}":                                           sohoa.ActionView,
	"GET /documents/{id}/arrange":                                   sohoa.ActionView,
	"GET /documents/{id}/desk":                                      "",
	"GET /documents/{id}/facts":                                     sohoa.ActionView,
	"GET /documents/{id}/fields":                                    sohoa.ActionView,
	"GET /documents/{id}/pages/{page}":                              sohoa.ActionView,
	"GET /documents/{id}/row":                                       "",
	"GET /documents/{id}/sheets":                                    sohoa.ActionView,
	"GET /documents/{id}/signatures":                                sohoa.ActionView,
	"GET /documents/{id}/verdict":                                   sohoa.ActionView,
	"GET /dossiers/{code}":                                          sohoa.ActionViewDossier,
	"GET /dossiers/{code}/documents":                                sohoa.ActionViewDossier,
	"GET /dossiers/{code}/papers":                                   sohoa.ActionViewDossier,
	"GET /dossiers/{code}/papers/{req}":                             sohoa.ActionHeld,
	"GET /dossiers/{code}/papers/{req}/documents/{id}/pages/{page}": sohoa.ActionView,
	"GET /export":                                                   "",
	"GET /faults":                                                   "", // codes of faults, no papers
	"GET /figures":                                                  "", // counts
	"GET /figures/export":                                           "", // counts
	"GET /files/{id}/pages/{page}/{size}":                           sohoa.ActionView,
	"GET /files/{id}/{role}":                                        sohoa.ActionDownload,
	"GET /healthz":                                                  "",
	"GET /journal":                                                  sohoa.ActionReport,
	"GET /journal/export":                                           sohoa.ActionReport,
	"GET /journal/heads/{day}":                                      "",
	"GET /parked":                                                   "",
	"GET /q":                                                        "",
	"GET /q/{code}":                                                 sohoa.ActionLookup,
	"GET /read/{id}/{secret}":                                       "", // by links: TestReadingCopyIsReadByWhoeverHasTheLink, TestToolFetchesAndBringsBack
	"GET /read/{id}/{secret}/{page}":                                "", // by links: TestReadingCopyIsReadByWhoeverHasTheLink, TestToolFetchesAndBringsBack
	"GET /samples":                                                  "",
	"GET /samples/new":                                              "",
	"GET /samples/{sample}":                                         "",
	"GET /samples/{sample}/documents/{id}":                          sohoa.ActionView,
	"GET /samples/{sample}/documents/{id}/pages/{page}":             sohoa.ActionView,
	"GET /samples/{sample}/export":                                  "",
	"GET /samples/{sample}/verdict":                                 "",
	"GET /schedule":                                                 "",
	"GET /search":                                                   sohoa.ActionSearch,
	"GET /sets":                                                     "",
	"GET /sets/new":                                                 "",
	"GET /sets/waiting":                                             "",
	"GET /sets/{set}":                                               "",
	"GET /sets/{set}/documents/{id}":                                "",
	"GET /sets/{set}/documents/{id}/place":                          sohoa.ActionView,
	"GET /sets/{set}/documents/{id}/sign":                           sohoa.ActionView,
	"GET /sets/{set}/head":                                          "",
	"GET /setup/{token}":                                            "",
	"GET /sign-in":                                                  "",
	"GET /sign-in/code":                                             "",
	"GET /status":                                                   "",
	"GET /tool/{secret}":                                            "", // by links: TestReadingCopyIsReadByWhoeverHasTheLink, TestToolFetchesAndBringsBack
	"GET /verify":                                                   "",
	"GET /{$}":                                                      "",
}

// Every route that shows papers leaves an entry.
func TestEveryRouteThatShowsPapersIsJournalled(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	o.shelf.find(doc.ID, 1, truth(t, "quyet-dinh-01.jpg", 1))
	set, signed := o.putUp(lan, 1, "lehoa")
	o.index.suggestions = []search.Suggestion{{Text: "quyết định", Kind: search.SuggestWord}}
	o.offers(dossierA, doc.ID)
	sample := sohoa.Sample{ID: sohoa.NewSetID(o.now()), From: "2026-11-01", Until: "2026-11-30", Size: 1, At: o.now()}
	o.update(func(tx archive.Tx) error {
		return errors.Join(tx.PutSample(sample), tx.PutSampleItem(sohoa.SampleItem{Sample: sample.ID, Document: doc.ID, Dossier: dossierA, Agency: agencyA, Pages: 1}))
	})
	who := o.signedIn("admin")
	routes := o.routes()
	for route := range looked {
		if !routes[route] && !strings.Contains(route, "/journal") {
			t.Errorf("the table names %s, which is no route", route)
		}
	}
	for route := range routes {
		action, known := looked[route]
		if !strings.HasPrefix(route, "GET ") {
			continue
		}
		if !known {
			t.Errorf("%s is in no table: say which entry it leaves", route)
			continue
		}
		if action == "" {
			continue
		}
		o.later() // when earlier views do not stand for this one
		id := doc.ID.String()
		if strings.Contains(route, "{set}") {
			id = signed[0].String()
		}
		path := strings.NewReplacer("GET ", "", "{id}", id, "{page}", "1", "{role}", "original", "{size}", "image", "{code}", url.PathEscape(code(route, doc)),
			"{set}", string(set.ID), "{sample}", string(sample.ID), "{req}", paperCode, "{requirement}", paperCode).Replace(route) + "?q=quyet+dinh&purpose=" + url.QueryEscape(dossierA)
		before := len(o.journal(action))
		a := who.get(path)
		if a.status != http.StatusOK {
			t.Errorf("GET %s = %d, want 200: %.200s", path, a.status, a.body)
		}
		if after := o.journal(action); len(after) == before {
			t.Errorf("GET %s left no %s in the journal", path, action)
		} else if e := after[len(after)-1]; e.Actor != "admin" {
			t.Errorf("GET %s is in the journal as of %q", path, e.Actor)
		}
	}
}

// code is what a route asks for by a code: a dossier, or a printed copy.
func code(route string, doc sohoa.Document) string {
	if strings.Contains(route, "/q/") || strings.Contains(route, "/lookup/") {
		return doc.Lookup
	}
	return doc.Dossier
}

// routes are all routes, with their methods.
func (o *office) routes() map[string]bool {
	o.t.Helper()
	routes := map[string]bool{}
	for pattern := range o.allRoutes() {
		routes[pattern] = true
	}
	return routes
}
