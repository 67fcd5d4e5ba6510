package web_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"sohoa"
	"sohoa/archive"
	"sohoa/search"
)

// corpus reads testdata/hostile.txt.
func corpus(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "hostile.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		s, err := strconv.Unquote(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, s)
	}
	if len(all) < 200 {
		t.Fatalf("the corpus has %d strings, want 200", len(all))
	}
	return all
}

// elements that no page of ours has.
var foreignElements = []string{"iframe", "object", "embed", "base", "frame", "frameset", "applet", "marquee", "portal", "math", "style", "foreignobject",
	"xmp", "plaintext", "listing", "animate", "set", "video", "audio", "mglyph", "x"}

// inert checks that nothing in a page does anything but lead on and send
// forms on this server.
func inert(t *testing.T, what, body string) {
	t.Helper()
	for z := html.NewTokenizer(strings.NewReader(body)); z.Next() != html.ErrorToken; {
		tok := z.Token()
		if tok.Type != html.StartTagToken && tok.Type != html.SelfClosingTagToken {
			continue
		}
		if slices.Contains(foreignElements, tok.Data) {
			t.Errorf("%s has the element %s", what, tok)
		}
		src := false
		for _, a := range tok.Attr {
			key := strings.ToLower(a.Key)
			if strings.HasPrefix(key, "on") || strings.Contains(key, "hx-on") || key == "style" || key == "srcdoc" || key == "http-equiv" {
				t.Errorf("%s has the attribute %s of %s", what, key, tok)
			}
			src = src || key == "src" && strings.HasPrefix(a.Val, "/static/")
			if addresses[key] && !ownAddress(a.Val) {
				t.Errorf("%s leads to %q: %s", what, a.Val, tok)
			}
		}
		if tok.Data == "script" && !src {
			t.Errorf("%s has the script %s", what, tok)
		}
	}
}

var addresses = map[string]bool{"href": true, "src": true, "action": true, "formaction": true, "xlink:href": true, "hx-get": true, "hx-post": true, "data-url": true, "data-suggest": true, "poster": true}

func ownAddress(s string) bool {
	return s == "" || s[0] == '#' || s[0] == '?' || s[0] == '/' && !strings.HasPrefix(s, "//") && !strings.HasPrefix(s, `/\`)
}

// haunt puts every string of the corpus into every text that people and papers
// bring: by the API and the forms where those take it, past them otherwise, as
// a catalogue from before may have it. It returns the document that has most.
func (o *office) haunt(c *client, all []string) sohoa.Document {
	o.t.Helper()
	shot := scan(o.t, "trang-trang-01.jpg")
	var doc sohoa.Document
	for i, s := range all {
		a := c.do(http.MethodPost, uploadPath(dossierA, s), bytes.NewReader(fmt.Append(slices.Clip(shot), i)))
		if a.status != http.StatusAccepted {
			o.t.Fatalf("upload of %q = %d %s, want 202", s, a.status, a.body)
		}
		a.decode(o.t, &doc)
	}
	o.shelf.split(doc.ID, "giay-khai-sinh-01.jpg")
	o.shelf.readAs(doc.ID, 1, hauntedText(all))
	o.shelf.keep(doc.ID)
	o.update(func(tx archive.Tx) (err error) {
		if doc, err = tx.Document(doc.ID); err != nil {
			return err
		}
		for i, s := range all {
			names := []string{sohoa.FieldSubject, sohoa.FieldOrganName, sohoa.FieldCodeNumber, sohoa.FieldCodeNotation, sohoa.FieldTypeName}
			doc.Fields = append(doc.Fields, sohoa.Field{Name: names[i%len(names)], Value: s, Text: s, Page: 1, Rule: s, Confidence: 50})
			if err := o.hauntRecords(tx, i, s); err != nil {
				return err
			}
		}
		doc.Lookup = sohoa.NewLookup()
		return tx.PutDocument(doc)
	})
	return doc
}

// hauntRecords puts one string into what is no document.
func (o *office) hauntRecords(tx archive.Tx, i int, s string) error {
	now := o.now()
	dossier := sohoa.Dossier{Code: fmt.Sprintf("%s %d", s, i), Procedure: "1.001193", Agency: agencyA, Owner: sohoa.Owner{Name: s}, Subject: s, CreatedAt: now, CreatedBy: s}
	procedure := sohoa.Procedure{Code: fmt.Sprintf("9.%06d", i), Name: s, Requirements: []sohoa.Requirement{{Code: "K", Name: s}}}
	first, err := tx.Procedure("1.001193")
	if err != nil {
		return err
	}
	first.Requirements = append(first.Requirements, sohoa.Requirement{Code: fmt.Sprintf("T.%d", i), Name: s, Types: []string{"khai-sinh"}})
	user := sohoa.User{Name: fmt.Sprintf("u%d", i), FullName: s, Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: agencyA, CreatedAt: now}
	set := sohoa.SigningSet{ID: sohoa.NewSetID(now), Title: s, Agency: agencyA, Steps: []sohoa.SignStep{{Part: sohoa.PartCopy, User: "lan", Form: s, Number: s}}, State: sohoa.SetOpen, CreatedAt: now, CreatedBy: s}
	saved := sohoa.SavedSearch{ID: sohoa.NewSetID(now), User: "the-admin", Name: s, Query: s, At: now}
	if err := tx.PutDossier(dossier); err != nil {
		return err
	}
	for _, put := range []func() error{
		func() error { return tx.PutAgency(sohoa.Agency{Code: fmt.Sprintf("%s.%d", agencyA, i), Name: s}) }, func() error { return tx.PutProcedure(procedure) },
		func() error { return tx.PutProcedure(first) }, func() error { return tx.PutUser(user) }, func() error { return tx.PutSigningSet(set) }, func() error { return tx.PutSavedSearch(saved) },
		func() error {
			_, err := tx.Append(sohoa.Entry{Actor: s, Action: sohoa.ActionView, Dossier: s, Purpose: s, Detail: string(mustJSON(map[string]string{"query": s, "title": s, "reason": s}))})
			return err
		},
	} {
		if err := put(); err != nil {
			return err
		}
	}
	return nil
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// hauntedText is a page on which the corpus stands, a line for each string.
func hauntedText(all []string) sohoa.PageText {
	text := sohoa.PageText{Page: 1, Width: 1653, Height: 2338, DPI: 200, Source: sohoa.TextOCR, Engine: "test"}
	for i, s := range all {
		box := sohoa.Rect{X0: 100, Y0: float64(10 + 8*i), X1: 900, Y1: float64(17 + 8*i)}
		text.Lines = append(text.Lines, sohoa.Line{Box: box, Baseline: sohoa.Segment{X0: 100, Y0: box.Y1, X1: 900, Y1: box.Y1}, Height: 7,
			Words: []sohoa.Word{{Text: s, Box: box, Confidence: 20}, {Text: "khai", Box: box, Confidence: 90}}})
	}
	return text
}

// hauntedStart are the pages where a crawl begins.
func hauntedStart(doc sohoa.Document) []string {
	id := doc.ID.String()
	return []string{"/", "/dossiers/" + dossierA, "/documents/" + id, "/documents/" + id + "/row", "/documents/" + id + "/signatures", "/sets", "/sets/new?document=" + id, "/search?q=khai&purpose=" + dossierA,
		"/dossiers/" + dossierA + "/papers/T.1", "/export?document=" + id, "/admin", "/journal", "/figures", "/disposal", "/schedule", "/archive", "/q/" + doc.Lookup}
}

// TestCorpusInPages shows the corpus on every page, and looks in a browser for
// anything that ran, was asked for elsewhere, or is an element that is not ours.
func TestCorpusInPages(t *testing.T) {
	o := newOffice(t)
	all := corpus(t)
	lan := o.signedIn("lan")
	admin := o.staffed()[sohoa.UserAdmin]
	doc := o.haunt(lan, all)
	for i, s := range all {
		if i%10 == 0 {
			o.index.suggestions = append(o.index.suggestions, search.Suggestion{Text: s, Kind: search.SuggestWord})
		}
	}
	b := newBrowserFor(o, "corpus", 1366, 768, false, 10*time.Minute)
	b.before(tells + `window.ran = []; window.hit = (n) => ran.push(n); for (const f of ['alert', 'confirm', 'prompt', 'print', 'open']) window[f] = () => ran.push(f);`)
	shown := 0
	for _, c := range []*client{lan, admin} {
		b.as(c)
		for _, s := range c.crawl(o.patterns(), hauntedStart(doc)...) {
			inert(t, s.path, c.get(s.path).body)
			b.run(chromedp.Navigate(b.server.URL + s.path))
			shown++
			if got := eval[[]string](b, haunted); len(got) > 0 {
				t.Errorf("%s: %q", s.path, got)
			}
		}
	}
	b.open("/search?q=khai&purpose=" + dossierA)
	b.fill(`#find`, "khai sinh")
	b.wait(`#find-options [role=option]`)
	if got := eval[[]string](b, haunted); len(got) > 0 {
		t.Errorf("suggestions: %q", got)
	}
	b.quiet()
	if shown < 30 {
		t.Errorf("%d pages were shown, want all", shown)
	}
}

// haunted is a script that lists what ran and what stands in the page that is
// not ours. It wakes whatever waits for the pointer or the focus.
const haunted = `(async () => {
	const found = ran.map((n) => 'ran ' + n).concat(refused);
	const all = [...document.querySelectorAll('body *')];
	for (const e of all.slice(0, 4000)) for (const n of ['mouseover', 'pointerenter', 'pointerover', 'focus', 'toggle', 'animationstart']) e.dispatchEvent(new Event(n));
	await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
	for (const e of document.querySelectorAll('*')) {
		if (/^(iframe|object|embed|base|frame|frameset|marquee|portal|math|style|foreignObject|xmp|plaintext|animate|set|video|audio)$/i.test(e.localName)) found.push('element ' + e.localName);
		if (e.localName === 'script' && !(e.getAttribute('src') || '').startsWith('/static/')) found.push('script');
		for (const a of e.attributes) {
			if (/^(on|hx-on|data-hx-on|srcdoc|http-equiv)/i.test(a.name)) found.push('attribute ' + a.name);
			if (/^(href|src|action|formaction|xlink:href)$/.test(a.name) && a.value && !/^([#?]|\/(?![\/\\]))/.test(a.value)) found.push(a.name + ' ' + a.value);
		}
	}
	return [...new Set(found.concat(ran.map((n) => 'ran ' + n)))];
})()`

// TestCorpusInQueries sends the corpus where people type and in addresses.
func TestCorpusInQueries(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	o.printed(lan)
	lan.get("/dossiers/" + dossierA)
	for i, s := range corpus(t) {
		q, p := url.QueryEscape(s), url.PathEscape(s)
		more := []string{"/dossiers/" + p + "/papers/" + p, "/search?q=khai&purpose=" + q, "/journal?purpose=" + q, "/figures?from=" + q, "/sets?state=" + q, "/" + p, "/q/" + p, "/sets/" + p}
		for _, path := range []string{"/search?q=" + q, "/?text=" + q, "/dossiers/" + p, more[i%len(more)]} {
			a := lan.get(path)
			inert(t, path, a.body)
			if a.status >= http.StatusInternalServerError || a.header.Get("Set-Cookie") == "hit" {
				t.Errorf("GET %s = %d", path, a.status)
			}
		}
		forms := []struct {
			path string
			form url.Values
		}{
			{"/dossiers", url.Values{"code": {s}, "ownerName": {s}, "subject": {s}, "procedure": {s}, "agency": {s}}}, {"/at-hand", url.Values{"dossier": {s}, "next": {s}}},
			{"/search/saved", url.Values{"name": {s}, "q": {s}}}, {"/sets/new", url.Values{"title": {s}, "document": {s}, "user0": {s}, "part0": {s}}},
			{"/sign-in", url.Values{"name": {s}, "password": {"x"}, "next": {s}}}, {"/dossiers", url.Values{"code": {fmt.Sprintf("H49.64.33-261122-%04d", 1000+i)}, "procedure": {"1.001193"}, "ownerName": {s}, "subject": {s}}},
		}
		f := forms[i%len(forms)]
		a := lan.post(f.path, f.form)
		inert(t, "POST "+f.path, a.body)
		if at := a.header.Get("Location"); !ownAddress(at) || a.status >= http.StatusInternalServerError || a.header.Get("Set-Cookie") == "hit" {
			t.Errorf("POST %s with %q = %d to %q", f.path, s, a.status, at)
		}
	}
}

// TestCorpusInFiles looks at what programs get: JSON, tables, and the headers
// of downloads.
func TestCorpusInFiles(t *testing.T) {
	o := newOffice(t)
	all := corpus(t)
	lan := o.signedIn("lan")
	admin := o.staffed()[sohoa.UserAdmin]
	o.haunt(lan, all)
	var list struct{ Documents []sohoa.Document }
	a := lan.get("/api/v1/documents?dossier=" + dossierA + "&limit=500")
	if !json.Valid([]byte(a.body)) || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		t.Fatalf("GET documents = %d %s", a.status, a.header.Get("Content-Type"))
	}
	a.decode(t, &list)
	names := map[string]bool{}
	for _, d := range list.Documents {
		names[d.Name] = true
		file := lan.get("/files/" + d.ID.String() + "/original")
		disposition := file.header.Get("Content-Disposition")
		if file.status != http.StatusOK || !plainDisposition(disposition) || len(file.header.Values("Content-Disposition")) != 1 || file.header.Get("Set-Cookie") != "" {
			t.Errorf("%q is saved as %q", d.Name, disposition)
		}
		guarded(t, d.Name, file)
	}
	if len(names) < 100 {
		t.Errorf("%d names of files, want those of the corpus", len(names))
	}
	for _, path := range []string{"/journal/export?purpose=" + dossierA, "/figures/export"} {
		table := admin.get(path)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table.body, "\ufeff"))).ReadAll()
		if err != nil || table.status != http.StatusOK {
			t.Errorf("GET %s = %d, %v", path, table.status, err)
		}
		for _, cell := range slices.Concat(rows...) {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) {
				t.Errorf("GET %s has the cell %q, which programs calculate", path, cell)
			}
		}
	}
	if got := slices.Sorted(maps.Keys(names)); slices.ContainsFunc(got, func(s string) bool { return strings.ContainsAny(s, "/\\\x00\r\n") }) {
		t.Errorf("names hold separators: %q", got)
	}
}

// plainDisposition reports whether a Content-Disposition has the form of RFC
// 6266 with a quoted name in ASCII and one in the form of RFC 8187, and
// nothing beside.
func plainDisposition(s string) bool {
	rest, ok := strings.CutPrefix(s, `attachment; filename="`)
	plain, coded, found := strings.Cut(rest, `"; filename*=UTF-8''`)
	if !ok || !found || strings.ContainsAny(plain, "\"\\/%;\r\n") || strings.ContainsAny(coded, "\"\\/; \r\n'") {
		return false
	}
	sc := bufio.NewScanner(strings.NewReader(plain + coded))
	for sc.Scan() {
		for _, r := range sc.Text() {
			if r < ' ' || r > '~' {
				return false
			}
		}
	}
	name, err := url.PathUnescape(coded)
	return err == nil && !strings.ContainsAny(name, "/\\\x00\r\n\u202e")
}
