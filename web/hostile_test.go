package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// TestHostileQueries sends what no browser would, as pages, forms and JSON.
// Each is found nothing for, or refused in words; nothing breaks or is echoed
// as markup.
func TestHostileQueries(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	lan.get("/dossiers/" + dossierA)
	for name, query := range map[string]string{
		"as long as may be": strings.Repeat("ắ", 300), "a rune longer": strings.Repeat("ắ", 301), "50 KB": strings.Repeat("khai ", 10_000),
		"10,000 filters": strings.Repeat("loai:x ", 10_000), "as many filters as fit": strings.Repeat("so:1 ", 60), "filters of nothing": `loai:"" so: -nguoi:`,
		"a regular expression": `(a+)+$ .* [a-z]{1000} \d \p{L}`, "wildcards": "* ? ~ ^ khai* \"*\"", "engine's syntax": "+agency:x ^9 fuzzy~2 _id:1 a:b:c",
		"NUL": "khai\x00sinh", "broken UTF-8": "khai\xff\xfe\xc3 sinh", "broken UTF-8 in quotes": "\"kh\xe1\xba", "right to left": "\u202ekhai\u202c sinh\u2066", "marks alone": strings.Repeat("\u0301", 300),
		"markup": `<img src=x onerror=alert(1)> "><script>alert(1)</script>`, "markup in a filter": `nguoi:"<script>alert(1)</script>"`, "template": "{{.}} {{printf}} ${7*7}",
		"quotes that do not close": `"khai "sinh" “x «y`, "minus alone": "- -- -\"\"", "lines": "khai\r\nSet-Cookie: x=1\r\n\r\nsinh", "separators": "\x1f\x1e\x1d ~ \u2028",
		"SQL": `' OR 1=1; DROP TABLE documents;--`, "a path": "../../../etc/passwd", "emoji": strings.Repeat("👩‍👩‍👧", 40), "a far date": "ngay:9999999999..-1 nam:0..99999999999999999999",
		"amounts": "999999999999999999999999999999 tỷ", "numerals": "12" + strings.Repeat("/3", 140),
	} {
		t.Run(name, func(t *testing.T) {
			for way, a := range map[string]answer{
				"page": lan.get("/search?q=" + url.QueryEscape(query)), "form": lan.follow(lan.post("/search", url.Values{"q": {query}})),
				"API": lan.get("/api/v1/search?boxes=true&facets=true&q=" + url.QueryEscape(query)), "body": lan.do("POST", "/api/v1/search", strings.NewReader(`{"q":`+jsonText(query)+`}`), "Content-Type", "application/json"),
				"suggestions": lan.post("/search/suggest", url.Values{"q": {query}}), "document": lan.get("/documents/" + doc.ID.String() + "?q=" + url.QueryEscape(query)),
			} {
				if a.status != http.StatusOK && a.status != http.StatusBadRequest && a.status != http.StatusRequestEntityTooLarge && a.status != http.StatusSeeOther {
					t.Errorf("%s = %d %.300s, want 200 or a refusal", way, a.status, a.body)
				}
				if strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<img src=x") || a.header.Get("Set-Cookie") == "x=1" {
					t.Errorf("%s gives markup back", way)
				}
			}
		})
	}
}

// jsonText writes a string as JSON, broken UTF-8 and all.
func jsonText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < 0x20:
			b.WriteString(`\u00` + string("01"[c>>4]) + string("0123456789abcdef"[c&15]))
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// follow goes where an answer leads, once.
func (c *client) follow(a answer) answer {
	if at := a.header.Get("Location"); at != "" {
		return c.get(at)
	}
	return a
}

// TestForeignCursors goes on where another search, another reader or nobody
// ended.
func TestForeignCursors(t *testing.T) {
	o := newOffice(t)
	lan, binh := o.signedIn("lan"), o.signedIn("binh")
	for _, name := range []string{"giay-khai-sinh-01.jpg", "quyet-dinh-01.jpg"} {
		d := lan.upload(dossierA, name, scan(t, name))
		o.shelf.split(d.ID, name)
		o.shelf.read(d.ID, 1, name)
	}
	lan.get("/dossiers/" + dossierA)
	binh.get("/dossiers/" + url.PathEscape(dossierB))
	var first struct{ Next string }
	lan.get("/api/v1/search?q=cong+hoa&limit=1").decode(t, &first)
	if first.Next == "" {
		t.Fatal("the first of two results says that nothing follows")
	}
	if a := lan.get("/api/v1/search?q=cong+hoa&limit=1&after=" + first.Next); a.status != 200 || !strings.Contains(a.body, `"document"`) {
		t.Errorf("the second page = %d %s, want a document", a.status, a.body)
	}
	if a := binh.get("/api/v1/search?q=cong+hoa&limit=1&after=" + first.Next); a.status != 200 || strings.Contains(a.body, `"document"`) {
		t.Errorf("another reader goes on: %d %s, want what they may see, which is nothing", a.status, a.body)
	}
	for name, query := range map[string]string{
		"another query": "q=xa+hoi&after=" + first.Next, "another order": "q=cong+hoa&order=newest&after=" + first.Next, "cut": "q=cong+hoa&after=" + first.Next[1:],
		"altered": "q=cong+hoa&after=A" + first.Next, "nothing": "q=cong+hoa&after=%00", "markup": "q=cong+hoa&after=%3Cscript%3E",
	} {
		page, api := lan.get("/search?"+query), lan.get("/api/v1/search?"+query)
		if page.status != http.StatusBadRequest || api.status != http.StatusBadRequest || !strings.Contains(api.body, "query.after") || !strings.Contains(page.body, `role="alert"`) {
			t.Errorf("going on after that of %s = %d, API %d %s; want 400 in words", name, page.status, api.status, api.body)
		}
	}
}

// TestKeyRevokedMeanwhile revokes a key while its request is worked on.
func TestKeyRevokedMeanwhile(t *testing.T) {
	o := newOffice(t)
	doc := o.offer(sohoa.ReusePass)
	p := o.program("mot-cua", sohoa.KeyReuse, sohoa.KeyLookUp)
	o.reuse.entered, o.reuse.gate = make(chan struct{}), make(chan struct{})
	body, path := `{"requirement":"GKS","document":"`+doc.ID.String()+`"}`, "/dossiers/"+dossierA+"/reuses"
	var first answer
	var wg sync.WaitGroup
	wg.Go(func() { first = p.call("POST", path, body, "Idempotency-Key", "k") })
	<-o.reuse.entered
	keys, err := o.catalog.APIKeys(t.Context())
	if err != nil || len(keys) != 1 {
		t.Fatalf("APIKeys = %+v, %v, want the one", keys, err)
	}
	keys[0].Revoked = o.now()
	o.update(func(tx archive.Tx) error { return tx.PutAPIKey(keys[0]) })
	close(o.reuse.gate)
	wg.Wait()
	o.reuse.entered = nil
	if first.status != http.StatusOK {
		t.Errorf("what was begun = %d %s, want it done", first.status, first.body)
	}
	if a := p.call("POST", path, body, "Idempotency-Key", "k"); a.status != http.StatusUnauthorized || a.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("the same again = %d %s, want 401 and no answer from before", a.status, a.body)
	}
	if files := o.signedIn("lan").get("/api/v1/reuses/" + string(o.reuses(dossierA)[0].ID)); files.status != http.StatusOK {
		t.Errorf("the use = %d, want it there", files.status)
	}
}
