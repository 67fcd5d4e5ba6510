package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/search"
)

// hiddenPapers come out of the reader's sight.
const hiddenPapers = 1_000

// TestAThousandHiddenPapersChangeNothing asks all that a clerk can ask before
// and after a thousand papers came to another agency, that are made to
// disturb: of the same words, names and numbers, and used there.
func TestAThousandHiddenPapersChangeNothing(t *testing.T) {
	o := newOffice(t)
	at := time.Now()
	o.now = func() time.Time { return at } // what the reader looked at stays looked at
	lan, binh := o.signedIn("lan"), o.signedIn("binh")
	doc := o.printed(lan)
	second := lan.upload(dossierA2, "Quyết định.jpg", scan(t, "quyet-dinh-01.jpg"))
	o.shelf.split(second.ID, "quyet-dinh-01.jpg")
	o.shelf.read(second.ID, 1, "quyet-dinh-01.jpg")
	theirs := binh.upload(dossierB, "b.jpg", scan(t, "to-khai-01.jpg"))
	o.offers(dossierA, doc.ID)
	lan.get("/dossiers/" + dossierA)
	watch := observer{lan, doc, theirs.ID}
	watch.looks() // the first are in the journal, and in the history that is looked at
	before := append(watch.looks(), watch.searches()...)
	if found := strings.Count(strings.Join(before, " "), doc.ID.String()); found < 40 {
		t.Fatalf("the reader sees their paper %d times, want more to compare", found)
	}
	stream := watch.stream(t)
	o.hide(theirs, hiddenPapers)
	after := append(watch.looks(), watch.searches()...)
	for i := range before {
		if before[i] != after[i] {
			at := 0
			for at < min(len(before[i]), len(after[i])) && before[i][at] == after[i][at] {
				at++
			}
			t.Errorf("%.60s differs at %d: before %.200q, after %.200q", before[i], at, before[i][max(0, at-40):], after[i][max(0, at-40):])
		}
	}
	o.update(func(tx archive.Tx) error { // the next event is the reader's own
		_, err := tx.Append(sohoa.Entry{Actor: "system", Action: sohoa.ActionKeep, Document: doc.ID, Dossier: doc.Dossier})
		return err
	})
	var frames []string // without signs of life, which go by the clock
	for frame := range strings.SplitSeq(strings.TrimSpace(stream()), "\n\n") {
		if !strings.HasPrefix(frame, "id: ") || strings.Contains(frame, "\n") {
			frames = append(frames, frame)
		}
	}
	if len(frames) != 2 || !strings.HasPrefix(frames[0], "retry: ") || !strings.Contains(frames[1], "event: document\n") || !strings.Contains(frames[1], doc.ID.String()) {
		t.Errorf("the stream tells %q, want where it began and the reader's own paper", frames)
	}
}

// observer notes all that one reader can see.
type observer struct {
	*client
	doc    sohoa.Document
	theirs sohoa.DocumentID
}

// queries are of the kinds that counts, corrections and widening depend on.
var queries = []string{"khai sinh", "quyết định", "quyet dinh thu hoi dat", "khai sihn", "phạm mỹ huệ", `"khai sinh"`, "quyết -thu", "nguoi:huệ", "coquan:" + agencyA,
	"coquan:" + agencyB, "1738", "ngày 2/8/2013", "nam:2013", "trangthai:kept", "chỉ có ở B", "loai:x", "ngay:nix", "cộng hòa xã hội chủ nghĩa"}

// noted adds to told what a question is answered, but for what is random by
// design.
func (o observer) noted(told *[]string, method, path, body string) answer {
	o.t.Helper()
	a := o.do(method, path, strings.NewReader(body), "Content-Type", "application/x-www-form-urlencoded")
	*told = append(*told, fmt.Sprintf("%s %s %s: %d %v %s", method, path, body, a.status, observable(a.header), sealedInText.ReplaceAllString(a.body, "SEALED")))
	return a
}

// looks are what pages and lists show.
func (o observer) looks() []string {
	o.t.Helper()
	var told []string
	id := o.doc.ID.String()
	for _, path := range []string{"/", "/dossiers/" + dossierA, "/dossiers/" + dossierA + "/documents", "/documents/" + id + "?q=khai", "/documents/" + id + "/facts", "/figures", "/figures/export",
		offersPath(dossierA), "/sets", "/parked", "/api/v1/documents", "/api/v1/dossiers", "/api/v1/documents/" + id, "/api/v1/documents/" + id + "/history",
		"/api/v1/documents/" + id + "/pages/1/thumb", "/api/v1/documents/" + id + "/pages/1/image", "/api/v1/dossiers/" + dossierA + "/papers", "/api/v1/reuses", "/api/v1/webhooks",
		"/api/v1/reuse-figures?from=2000-01-01&until=2099-12-31", "/api/v1/search/saved", "/api/v1/lookup/AAAA-BBBB", "/api/v1/documents/" + o.theirs.String(),
		"/api/v1/search?like=" + o.theirs.String() + "/1", "/api/v1/search?q=a&purpose=" + url.QueryEscape(dossierB), "/api/v1/dossiers/" + url.PathEscape(dossierB)} {
		o.noted(&told, "GET", path, "")
	}
	return told
}

// searches are what searches find and completions suggest.
func (o observer) searches() []string {
	o.t.Helper()
	var told []string
	get := func(path string) answer { return o.noted(&told, "GET", path, "") }
	for i, q := range queries {
		page := get("/search?q=" + url.QueryEscape(q))
		if i > 3 {
			continue // every kind of way on was followed
		}
		for _, facet := range regexp.MustCompile(`<li><a href="(/search[^"]*)"`).FindAllStringSubmatch(page.body, -1) {
			get(html.UnescapeString(facet[1]))
		}
		for _, order := range []string{"", "newest", "oldest"} {
			path := "/api/v1/search?limit=1&facets=true&boxes=true&order=" + order + "&q=" + url.QueryEscape(q)
			var found struct{ Next string }
			if a := get(path); a.status == http.StatusOK {
				a.decode(o.t, &found)
			}
			if found.Next != "" {
				get(path + "&after=" + found.Next)
			}
		}
	}
	for _, typed := range []string{"ph", "phạm", "pham m", "kh", "khia s", "giấy", "quy", "H49", "17", "mật", "chi co"} {
		o.noted(&told, "POST", "/search/suggest", url.Values{"q": {typed}}.Encode())
		get("/api/v1/search/suggest?q=" + url.QueryEscape(typed))
	}
	get("/search?like=" + o.doc.ID.String() + "/1")
	get("/api/v1/search?facets=true&like=" + o.doc.ID.String() + "/1")
	return told
}

// sealedInText finds places in the journal, which differ at each look.
var sealedInText = regexp.MustCompile(`data-since="[A-Za-z0-9_-]{64}"`)

// observable are the headers of an answer but for its time and cookies.
func observable(h http.Header) http.Header {
	h = h.Clone()
	h.Del("Date")
	h.Del("Set-Cookie")
	return h
}

// stream begins to follow events, and returns what reads them until the
// paper of the reader is told.
func (o observer) stream(t *testing.T) func() string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.server.URL+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := o.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return func() string {
		defer resp.Body.Close()
		var told strings.Builder
		b := make([]byte, 4096)
		for !strings.Contains(told.String(), "event:") || !strings.HasSuffix(told.String(), "\n\n") {
			n, err := resp.Body.Read(b)
			told.Write(b[:n])
			if err != nil {
				t.Fatal(err)
			}
		}
		return told.String()
	}
}

// hide brings papers like those that are there into dossiers of agency B, and
// uses them there.
func (o *office) hide(like sohoa.Document, n int) {
	o.t.Helper()
	words := strings.Join(queries, " ")
	var changes []search.Change
	o.update(func(tx archive.Tx) error {
		for i := range n {
			doc, dossier := like, fmt.Sprintf("%s-%04d", dossierB, i)
			doc.ID, doc.Dossier, doc.State, doc.KeptAt = sohoa.NewDocumentID(o.now()), dossier, sohoa.StateKept, o.now()
			doc.Name, doc.Digest = fmt.Sprintf("Phạm mật %d", i), sohoa.Sum([]byte(dossier))
			d := sohoa.Dossier{Code: dossier, Procedure: "1.001193", Agency: agencyB, Owner: sohoa.Owner{Name: "Phạm Mỹ Huệ"}, CreatedAt: o.now(), CreatedBy: "binh"}
			use := sohoa.Reuse{ID: sohoa.NewSetID(o.now()), Dossier: dossier, Requirement: paperCode, Document: doc.ID, State: sohoa.ReuseAccepted, At: o.now()}
			for _, put := range []func() error{
				func() error { return tx.PutDossier(d) }, func() error { return tx.PutDocument(doc) }, func() error { return tx.PutReuse(use) },
				func() error {
					_, err := tx.Append(sohoa.Entry{Actor: "binh", Action: sohoa.ActionKeep, Document: doc.ID, Dossier: dossier})
					return err
				},
			} {
				if err := put(); err != nil {
					return err
				}
			}
			changes = append(changes, search.Change{Document: doc.ID, Page: 1, Put: &search.PageDoc{Document: doc.ID, Page: 1, Text: strings.Repeat(words+" mật ", 1+i%3),
				Name: doc.Name, Dossier: dossier, Agency: agencyB, AgencyName: "UBND phường Mũi Né", Owner: d.Owner.Name, Accepted: o.now(), State: doc.State,
				Fields: map[string]string{sohoa.FieldTypeName: "Quyết định mật", sohoa.FieldIssuedDate: "2013-08-02"}}})
		}
		return nil
	})
	o.shelf.cursor++
	if err := o.shelf.index.Apply(o.t.Context(), changes, o.shelf.cursor); err != nil {
		o.t.Fatal(err)
	}
	if err := o.shelf.index.CaughtUp(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}
