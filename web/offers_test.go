package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// typed says of what kind a kept document is.
func (o *office) typed(id sohoa.DocumentID, kind string) {
	o.t.Helper()
	o.update(func(tx archive.Tx) error {
		d, err := tx.Document(id)
		if err != nil {
			return err
		}
		d.Life.Type = kind
		return tx.PutDocument(d)
	})
}

// elsewhere is a certificate that the other agency keeps, offered for dossierA.
func (o *office) elsewhere() sohoa.Document {
	o.t.Helper()
	binh := o.signedIn("binh")
	doc := binh.upload(dossierB, "Giấy chứng nhận.jpg", scan(o.t, "quyet-dinh-01.jpg"))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg", "giay-khai-sinh-01.jpg")
	o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")
	o.shelf.keep(doc.ID)
	o.typed(doc.ID, paperKind)
	o.offers(dossierA, doc.ID)
	return doc
}

func offersPath(dossier string) string {
	return "/dossiers/" + url.PathEscape(dossier) + "/papers/" + paperCode
}

// reuses are those of a dossier.
func (o *office) reuses(dossier string) []sohoa.Reuse {
	o.t.Helper()
	all, err := o.catalog.FindReuses(o.t.Context(), sohoa.Everything, archive.ReuseQuery{Dossier: dossier})
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

// TestReuseOfWhatAnotherAgencyHolds goes from the dossier to an accepted result,
// to its loss.
func TestReuseOfWhatAnotherAgencyHolds(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.elsewhere()
	page := lan.get("/dossiers/" + dossierA).body
	for _, want := range []string{"Giấy chứng nhận quyền sử dụng đất", "Đã có sẵn: 1", "Còn thiếu", "Chỉ cần khi có", `Tờ khai &lt;b&gt;`, offersPath(dossierA)} {
		if !strings.Contains(page, want) {
			t.Errorf("the dossier does not show %q", want)
		}
	}
	image := offersPath(dossierA) + "/documents/" + doc.ID.String() + "/pages/1"
	offers := lan.get(offersPath(dossierA)).body
	for _, want := range []string{"Cần xác nhận", "<b>Đúng người</b>: đạt", "cần người xác nhận", `name="confirmed" value="yes" required`, `href="` + image + `"`} {
		if !strings.Contains(offers, want) {
			t.Errorf("the offers do not show %q", want)
		}
	}
	if strings.Contains(offers, `href="/documents/`+doc.ID.String()) {
		t.Error("the offers lead to a document that the reader may not open")
	}
	if a := lan.get(image); a.status != 200 || a.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("GET of the page = %d %s, want its image", a.status, a.header.Get("Content-Type"))
	}
	if views := o.journal(sohoa.ActionView); len(views) == 0 || views[len(views)-1].Purpose != dossierA+"/"+paperCode || views[len(views)-1].Document != doc.ID {
		t.Errorf("views = %+v, want that of the page with what for", views)
	}

	form := url.Values{"document": {doc.ID.String()}}
	if a := lan.post(offersPath(dossierA)+"/accept", form); a.status != http.StatusConflict || !strings.Contains(a.body, `role="alert"`) || len(o.reuses(dossierA)) != 0 {
		t.Errorf("accepting without confirming = %d, want 409 beside the offers", a.status)
	}
	form.Set("confirmed", "yes")
	if a := lan.post(offersPath(dossierA)+"/accept", form); a.status != http.StatusSeeOther || a.header.Get("Location") != "/dossiers/"+dossierA+"#papers" {
		t.Fatalf("accepting = %d to %q: %s", a.status, a.header.Get("Location"), a.body)
	}
	if all := o.reuses(dossierA); len(all) != 1 || !all[0].Confirmed || all[0].By != "lan" || all[0].State != sohoa.ReuseAccepted {
		t.Errorf("reuses = %+v, want the accepted one", all)
	}
	if a := lan.get("/dossiers/" + dossierA); !strings.Contains(a.body, "Đã có, dùng lại") || strings.Contains(a.body, "không còn giá trị") {
		t.Error("the dossier does not show what it reuses")
	}
	// Where it is held, other agencies' dossiers are only counted.
	binh := o.signedIn("binh")
	held := binh.get("/documents/" + doc.ID.String()).body
	if !strings.Contains(held, "của cơ quan khác: 1.") || strings.Contains(held, dossierA) {
		t.Error("the document does not count its use, or names another agency's dossier")
	}
	if a := binh.get("/api/v1/documents/" + doc.ID.String() + "/history"); a.status != 200 || strings.Contains(a.body, dossierA) || !strings.Contains(a.body, `"actor":"lan"`) {
		t.Errorf("history by binh = %d, want lan's views without the dossier that they were for", a.status)
	}

	o.loses(dossierA)
	if a := lan.get("/"); !strings.Contains(a.body, "Hồ sơ dùng giấy tờ không còn giá trị") || !strings.Contains(a.body, "/dossiers/"+dossierA) {
		t.Error("the home page does not tell of the loss")
	}
	lost := lan.get("/dossiers/" + dossierA).body
	_, seen, found := strings.Cut(lost, `action="`)
	for found && !strings.Contains(seen[:strings.IndexByte(seen, '"')], "/seen") {
		_, seen, found = strings.Cut(seen, `action="`)
	}
	if !found || !strings.Contains(lost, "Hủy hiệu lực") {
		t.Fatalf("the dossier does not tell of the loss, or has no form for it")
	}
	path := seen[:strings.IndexByte(seen, '"')]
	if a := lan.post(path, url.Values{"note": {"Đã <b>hẹn</b> người dân"}}); a.status != http.StatusSeeOther {
		t.Errorf("POST %s = %d, want 303", path, a.status)
	}
	after := lan.get("/dossiers/" + dossierA).body
	if strings.Contains(after, `/seen"`) || !strings.Contains(after, "Đã &lt;b&gt;hẹn&lt;/b&gt; người dân") {
		t.Error("the loss is not shown as known, with its note")
	}
	if a := lan.get("/"); strings.Contains(a.body, "Hồ sơ dùng giấy tờ không còn giá trị") {
		t.Error("the home page still tells of a loss that is known")
	}
}

func TestDecliningNeedsAReason(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.elsewhere()
	form := url.Values{"document": {doc.ID.String()}, "note": {`<script>alert(1)</script>`}}
	if a := lan.post(offersPath(dossierA)+"/decline", form); a.status != http.StatusBadRequest || len(o.reuses(dossierA)) != 0 {
		t.Errorf("declining without a reason = %d, want 400", a.status)
	}
	form.Set("reason", string(sohoa.ReuseIllegible))
	if a := lan.post(offersPath(dossierA)+"/decline", form); a.status != http.StatusSeeOther {
		t.Errorf("declining = %d, want 303", a.status)
	}
	a := lan.get(offersPath(dossierA))
	if !strings.Contains(a.body, "không đọc được") || strings.Contains(a.body, "<script>alert") {
		t.Error("the offers do not show why it was declined, or not safely")
	}
}

func TestWhatFailsIsNotShown(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	binh := o.signedIn("binh")
	doc := binh.upload(dossierB, "a.jpg", scan(t, "quyet-dinh-01.jpg"))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
	o.offers(dossierA, doc.ID, sohoa.ReuseFail)
	a := lan.get(offersPath(dossierA))
	if !strings.Contains(a.body, "Không dùng được") || strings.Contains(a.body, "/accept") || strings.Contains(a.body, "<image") {
		t.Error("an offer that fails can be accepted, or its page is shown")
	}
	if a := lan.get(offersPath(dossierA) + "/documents/" + doc.ID.String() + "/pages/1"); a.status != http.StatusNotFound {
		t.Errorf("GET of its page = %d, want 404", a.status)
	}
}

// TestReuseRoutesAndRoles tries every route of reuse with each role, on one's
// own, another agency's and absent dossiers.
func TestReuseRoutesAndRoles(t *testing.T) {
	o := newOffice(t)
	lan, admin := o.signedIn("lan"), o.signedIn("admin")
	doc := o.elsewhere()
	if a := lan.post(offersPath(dossierA)+"/accept", url.Values{"document": {doc.ID.String()}, "confirmed": {"yes"}}); a.status != http.StatusSeeOther {
		t.Fatalf("accepting = %d", a.status)
	}
	used := string(o.reuses(dossierA)[0].ID)
	binh := o.signedIn("binh")
	absent := "H49.64.33-261122-9999"
	under := func(dossier, path string) string { return "/dossiers/" + url.PathEscape(dossier) + path }
	type route struct{ method, path string }
	routes := []route{
		{"GET", "/papers/" + paperCode},
		{"GET", "/papers/" + paperCode + "/documents/" + doc.ID.String() + "/pages/1"},
		{"POST", "/papers/" + paperCode + "/accept"}, {"POST", "/papers/" + paperCode + "/decline"}, {"POST", "/papers/" + paperCode + "/end"},
		{"POST", "/reuses/" + used + "/seen"},
	}
	form := url.Values{"document": {doc.ID.String()}, "confirmed": {"yes"}, "reuse": {used}, "reason": {"mistake"}, "note": {"x"}}
	ask := func(c *client, r route, dossier string) answer {
		if r.method == "GET" {
			return c.get(under(dossier, r.path))
		}
		return c.post(under(dossier, r.path), form)
	}
	before := o.reuses(dossierA)[0]
	for _, r := range routes {
		hidden, missing := ask(binh, r, dossierA), ask(binh, r, absent)
		if hidden.status != http.StatusNotFound || missing.status != http.StatusNotFound || strings.ReplaceAll(hidden.body, dossierA, absent) != missing.body {
			t.Errorf("%s %s by binh = %d, absent %d; want the same 404", r.method, r.path, hidden.status, missing.status)
		}
		want := http.StatusUnauthorized
		if r.method == "GET" {
			want = http.StatusSeeOther
		}
		if a := ask(o.stranger(), r, dossierA); a.status != want || strings.Contains(a.body, doc.ID.String()) && r.method == "GET" && !strings.Contains(r.path, "/pages/") {
			t.Errorf("%s %s by a stranger = %d, want %d", r.method, r.path, a.status, want)
		}
	}
	if after := o.reuses(dossierA); len(after) != 1 || after[0].State != before.State {
		t.Errorf("reuses after others tried = %+v, want the accepted one", after)
	}
	for name, c := range map[string]*client{"lan": lan, "admin": admin} {
		for _, r := range routes[:2] {
			if a := ask(c, r, dossierA); a.status != 200 {
				t.Errorf("%s %s by %s = %d, want 200", r.method, r.path, name, a.status)
			}
		}
	}
	for _, path := range []string{"/papers/X", "/papers/" + paperCode + "/documents/" + sohoa.NewDocumentID(o.now()).String() + "/pages/1", "/papers/" + paperCode + "/documents/x/pages/1"} {
		if a := lan.get(under(dossierA, path)); a.status != http.StatusNotFound {
			t.Errorf("GET %s by lan = %d, want 404", path, a.status)
		}
	}
	if a := lan.post(under(dossierA, "/papers/"+paperCode+"/other"), form); a.status != http.StatusNotFound {
		t.Errorf("an unknown decision = %d, want 404", a.status)
	}
	// Comparing is for who may see the paper.
	compared := "/documents/" + doc.ID.String() + "/compared"
	for name, tt := range map[string]struct {
		who  *client
		form string
		want int
	}{"another agency, which reuses it": {lan, "original", 404}, "no form": {binh, "x", 400}, "its own": {binh, "original", 303}, "a stranger": {o.stranger(), "original", 401}} {
		if a := tt.who.post(compared, url.Values{"form": {tt.form}}); a.status != tt.want {
			t.Errorf("POST %s by %s = %d, want %d", compared, name, a.status, tt.want)
		}
	}
	if a := binh.get("/documents/" + doc.ID.String()); !strings.Contains(a.body, "Đã đối chiếu với bản chính") {
		t.Error("the document does not say that it was compared")
	}
	if a := lan.post(under(dossierA, "/papers/"+paperCode+"/end"), form); a.status != http.StatusSeeOther || o.reuses(dossierA)[0].State != sohoa.ReuseEnded {
		t.Errorf("ending = %d, want 303 and an end", a.status)
	}
}

func TestFigures(t *testing.T) {
	o := newOffice(t)
	lan, admin := o.signedIn("lan"), o.signedIn("admin")
	doc := o.elsewhere()
	lan.post(offersPath(dossierA)+"/accept", url.Values{"document": {doc.ID.String()}, "confirmed": {"yes"}})
	for _, lang := range []string{"vi", "en"} {
		for name, c := range map[string]*client{"lan": lan, "admin": admin} {
			a := c.get("/figures?lang=" + lang)
			if bad := untranslated.FindString(a.body); a.status != 200 || bad != "" {
				t.Errorf("GET /figures in %s by %s = %d and shows %q", lang, name, a.status, bad)
			}
			if got := strings.Contains(a.body, "Mũi Né"); got != (name == "admin") {
				t.Errorf("GET /figures by %s shows the other agency: %t", name, got)
			}
		}
	}
	if a := lan.get("/figures?lang=vi"); !strings.Contains(a.body, "50,0 %") {
		t.Error("one of two dossiers reuses something, but the rate is not 50,0 %")
	}
	csv := admin.get("/figures/export")
	if csv.status != 200 || !strings.Contains(csv.body, agencyA+",UBND xã Kỳ Sơn,") || !strings.Contains(csv.body, ",2,1,0.5000,1,0,") {
		t.Errorf("CSV = %d %q, want a line of the agency", csv.status, csv.body)
	}
	if a := admin.get("/figures?from=hôm+qua"); a.status != http.StatusBadRequest || !strings.Contains(a.body, `role="alert"`) {
		t.Errorf("a bad day = %d, want 400 beside the form", a.status)
	}
	if a := o.stranger().get("/figures/export"); a.status != http.StatusSeeOther {
		t.Errorf("CSV for a stranger = %d, want the sign-in page", a.status)
	}
}
