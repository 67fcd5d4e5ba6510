package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// newDossier posts the form of a new dossier and returns its code.
func (c *client) newDossier(form url.Values) (code string, a answer) {
	c.t.Helper()
	a = c.post("/dossiers", form)
	code, err := url.PathUnescape(strings.TrimPrefix(a.header.Get("Location"), "/dossiers/"))
	if err != nil {
		c.t.Fatal(err)
	}
	return code, a
}

// TestANewDossierTakesThreeFields: each as people have it at hand.
func TestANewDossierTakesThreeFields(t *testing.T) {
	o := newOffice(t)
	o.update(func(tx archive.Tx) error {
		return tx.PutProcedure(sohoa.Procedure{Code: "1.004", Name: "Đăng ký kết hôn"})
	})
	lan := o.signedIn("lan")
	prefix := sohoa.DossierPrefix(agencyA, o.now())
	for i, row := range []struct {
		name, procedure, person string
		want                    sohoa.Owner
		kind                    string
	}{
		{"the QR code of a card", "1.001193", "001090012345|011222333|Phạm Mỹ Huệ|31121990|Nữ|Kỳ Sơn|01012021", sohoa.Owner{Name: "Phạm Mỹ Huệ", IDNumber: "001090012345", BirthDate: "1990-12-31"}, "1.001193"},
		{"a number that is known", "khai sinh", "001090012345", sohoa.Owner{Name: "Phạm Mỹ Huệ", IDNumber: "001090012345", BirthDate: "1990-12-31"}, "1.001193"},
		{"a number and a name", "1.004 Đăng ký kết hôn", "001090012346 Lê Văn A", sohoa.Owner{Name: "Lê Văn A", IDNumber: "001090012346"}, "1.004"},
		{"a name", "KET HON", "Trần Thị B", sohoa.Owner{Name: "Trần Thị B"}, "1.004"},
	} {
		code, a := lan.newDossier(url.Values{"procedure": {row.procedure}, "person": {row.person}})
		if want := sohoa.NextDossierCode(prefix, prefix+strings.Repeat("0", 3)+string(rune('0'+i))); code != want {
			t.Errorf("%s: %d at %q, want the next code %s: %s", row.name, a.status, code, want, a.body)
			continue
		}
		d, err := o.catalog.Dossier(t.Context(), sohoa.Everything, code)
		if err != nil || d.Owner != row.want || d.Procedure != row.kind {
			t.Errorf("%s: %+v, %v, want %+v of %s", row.name, d, err, row.want, row.kind)
		}
	}
	for name, row := range map[string]struct{ procedure, person, code string }{
		"a number that nobody has":   {"1.004", "001090099999", "dossier.person"},
		"a name of two procedures":   {"đăng ký", "A", "procedure.which"},
		"no procedure":               {"xây nhà", "A", "procedure.unknown"},
		"a number of another office": {"1.004", "001090077777", "dossier.person"},
	} {
		o.update(func(tx archive.Tx) error {
			return tx.PutDossier(sohoa.Dossier{Code: "B-x", Agency: agencyB, Procedure: "1.004", Owner: sohoa.Owner{Name: "Của B", IDNumber: "001090077777"}, CreatedAt: o.now()})
		})
		_, a := lan.newDossier(url.Values{"procedure": {row.procedure}, "person": {row.person}})
		said, _, _ := strings.Cut((&sohoa.Problem{Code: row.code, Args: []string{row.person}}).Text(sohoa.Vietnamese), "“")
		if a.status != http.StatusBadRequest || !strings.Contains(a.body, said) && row.code == "dossier.person" || strings.Contains(a.body, "Của B") {
			t.Errorf("%s: %d, want 400 and %q", name, a.status, said)
		}
		if !strings.Contains(a.body, `value="`+row.person+`"`) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
}

// TestTwoClerksAtOnce get a code each.
func TestTwoClerksAtOnce(t *testing.T) {
	o := newOffice(t)
	clerks := []*client{o.signedIn("lan"), o.signedIn("lehoa")}
	var wait sync.WaitGroup
	codes := make([]string, 8)
	for i := range codes {
		wait.Go(func() {
			codes[i], _ = clerks[i%2].newDossier(url.Values{"procedure": {"1.001193"}, "person": {"A"}})
		})
	}
	wait.Wait()
	seen := map[string]bool{}
	for _, code := range codes {
		if seen[code] || !strings.HasPrefix(code, sohoa.DossierPrefix(agencyA, o.now())) {
			t.Errorf("codes %q, want each once", codes)
		}
		seen[code] = true
	}
}

// TestPeopleAreSuggested of dossiers of one's own office only.
func TestPeopleAreSuggested(t *testing.T) {
	o := newOffice(t)
	lan, binh := o.signedIn("lan"), o.signedIn("binh")
	lan.newDossier(url.Values{"procedure": {"1.001193"}, "person": {"001090012345 Đỗ <b>Thị</b> C"}, "ownerBirth": {"1990-12-31"}})
	for typed, want := range map[string]bool{"00109": true, "do": true, "do <b>": true, "d": false, "zz": false} {
		a := lan.post("/dossiers/people", url.Values{"q": {typed}})
		if got := strings.Contains(a.body, `data-text="001090012345 Đỗ &lt;b&gt;Thị&lt;/b&gt; C"`); a.status != 200 || got != want {
			t.Errorf("%q: %d %s, want her suggested: %t", typed, a.status, a.body, want)
		}
		if a := binh.post("/dossiers/people", url.Values{"q": {typed}}); strings.Contains(a.body, "001090012345") {
			t.Errorf("%q suggests to another office %s", typed, a.body)
		}
	}
}

// TestHomeHasTodayFirst: one's own, then others', then before; with what is
// missing.
func TestHomeHasTodayFirst(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "to-khai-01.jpg"))
	o.offers(dossierA, doc.ID)
	o.update(func(tx archive.Tx) error {
		old, others := sohoa.Dossier{Code: "OLD-1", Agency: agencyA, Procedure: "1.001193", CreatedBy: "lan", CreatedAt: o.now().AddDate(0, 0, -2)},
			sohoa.Dossier{Code: "OTHERS-1", Agency: agencyA, Procedure: "1.001193", CreatedBy: "lehoa", CreatedAt: o.now()}
		if err := tx.PutDossier(old); err != nil {
			return err
		}
		return tx.PutDossier(others)
	})
	body := lan.get("/").body
	at := func(s string) int { return strings.Index(body, s) }
	if mine, others, old := at(">"+dossierA+"<"), at(">OTHERS-1<"), at(">OLD-1<"); mine < 0 || mine > others || others > old {
		t.Errorf("mine at %d, others' at %d, old at %d, want them in this order", mine, others, old)
	}
	if !strings.Contains(body, "thiếu 2") { // the third is optional
		t.Error("nobody says that two papers are missing")
	}
	if a := lan.post("/dossiers/"+dossierA+"/papers/KQ.000456/omit", url.Values{"reason": {"beyond"}}); a.status != http.StatusSeeOther {
		t.Errorf("omit = %d", a.status)
	}
	if body := lan.get("/").body; !strings.Contains(body, "thiếu 1") {
		t.Error("what is not digitised is missing")
	}
}

// TestPapersOverHTTP says by the API what becomes of papers.
func TestPapersOverHTTP(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "to-khai-01.jpg"))
	o.offers(dossierA2, doc.ID)
	api := "/api/v1/dossiers/" + dossierA + "/papers/KQ.000456/omission"
	put := func(path, body string) answer {
		return lan.do(http.MethodPut, path, strings.NewReader(body), "Content-Type", "application/json")
	}
	if a := put(api, `{"reason":"lazy"}`); a.status != http.StatusUnprocessableEntity {
		t.Errorf("for no reason = %d, want 422", a.status)
	}
	if a := put(api, `{"reason":"secret","note":"x"}`); a.status != http.StatusOK || !strings.Contains(a.body, `"by":"lan"`) {
		t.Errorf("PUT = %d %s", a.status, a.body)
	}
	type paper struct {
		State     string
		Omitted   *sohoa.Omission
		Digitised int `json:"DuocSoHoa"`
	}
	state := func() paper {
		t.Helper()
		var got struct{ Papers []paper }
		lan.get("/api/v1/dossiers/"+dossierA+"/papers").decode(t, &got)
		return got.Papers[1]
	}
	if p := state(); p.State != "omitted" || p.Omitted == nil || p.Omitted.Reason != sohoa.OmitSecret || p.Digitised != 0 {
		t.Errorf("the paper is %+v, want it not digitised", p)
	}
	to := uploadPath(dossierA, "b.jpg") + "&requirement=KQ.000456&expected=2"
	if a := lan.do(http.MethodPost, to, strings.NewReader("secret")); a.status != http.StatusConflict || !strings.Contains(a.body, "paper.secret") {
		t.Errorf("upload of what is secret = %d %s, want 409 paper.secret", a.status, a.body)
	}
	if a := lan.do(http.MethodDelete, api, nil); a.status != http.StatusNoContent {
		t.Errorf("DELETE = %d %s", a.status, a.body)
	}
	var brought sohoa.Document
	lan.do(http.MethodPost, to, strings.NewReader(string(scan(t, "quyet-dinh-01.jpg")))).decode(t, &brought)
	if brought.Life.Requirement != "KQ.000456" || brought.Expected != 2 {
		t.Errorf("brought %+v, want the paper and two pages", brought)
	}
	if p := state(); p.State != "scanned" || p.Digitised != 1 {
		t.Errorf("the paper is %+v, want it scanned", p)
	}
	o.shelf.split(brought.ID, "quyet-dinh-01.jpg")
	var found struct {
		Documents []struct {
			ID           sohoa.DocumentID
			CountMessage string
		}
	}
	lan.get("/api/v1/documents?miscounted=true").decode(t, &found)
	if len(found.Documents) != 1 || found.Documents[0].ID != brought.ID || found.Documents[0].CountMessage == "" {
		t.Errorf("with other numbers of pages: %+v, want the document, in words", found)
	}
	path := "/api/v1/documents/" + brought.ID.String()
	if a := put(path+"/expected", `{"pages":1}`); a.status != http.StatusOK || strings.Contains(a.body, `"held":true`) {
		t.Errorf("the right number = %d %s, want it let go", a.status, a.body)
	}
	if a := put(path+"/requirement", `{"requirement":"NONE"}`); a.status != http.StatusNotFound {
		t.Errorf("an unknown paper = %d %s, want 404", a.status, a.body)
	}
	if a := put(path+"/requirement", `{"requirement":""}`); a.status != http.StatusOK || state().State != "missing" {
		t.Errorf("no paper = %d, and it is %+v", a.status, state())
	}
}

// TestBlankPagesLeaveInOneStep and come back where pages are arranged.
func TestBlankPagesLeaveInOneStep(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.held("a.jpg", "to-khai-01.jpg", "trang-trang-01.jpg")
	if body := lan.get("/dossiers/" + dossierA).body; !strings.Contains(body, "Bỏ trang trắng (1)") {
		t.Error("the blank page is not offered for deletion")
	}
	if a := lan.post("/documents/"+doc.ID.String()+"/blank", nil, "HX-Request", "true"); a.status != 200 || strings.Contains(a.body, "Bỏ trang trắng") {
		t.Errorf("POST = %d %s, want the row without its blank page", a.status, a.body)
	}
	var now arrangementReply
	lan.get("/api/v1/documents/"+doc.ID.String()+"/arrangement").decode(t, &now)
	if now.List != "1" || len(now.Dropped) != 1 || !now.CanUndo {
		t.Errorf("arrangement = %+v, want page 1, and undo", now)
	}
}

// TestUploadWithoutScript takes the files of a form with what it says of them.
func TestUploadWithoutScript(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	o.offers(dossierA2, lan.upload(dossierA2, "x.jpg", scan(t, "to-khai-01.jpg")).ID)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range map[string]string{"expected": "2", "hold": "yes", "requirement": "KQ.000456"} {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"to-khai-01.jpg", "quyet-dinh-01.jpg"} {
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(scan(t, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	sent := body.Bytes()
	post := func(b []byte) answer {
		return lan.do(http.MethodPost, "/dossiers/"+dossierA+"/upload", bytes.NewReader(b), "Content-Type", form.FormDataContentType())
	}
	if a := post(sent); a.status != http.StatusSeeOther {
		t.Fatalf("POST = %d %s", a.status, a.body)
	}
	docs := o.documentsOf(dossierA)
	for _, name := range []string{"to-khai-01.jpg", "quyet-dinh-01.jpg"} {
		if d := docs[name]; d.Expected != 2 || !d.Held || d.Life.Requirement != "KQ.000456" {
			t.Errorf("%s is %+v, want it held, counted and assigned", name, d)
		}
	}
	if a := post(sent[:len(sent)/3]); a.status != http.StatusBadRequest {
		t.Errorf("a form that breaks off = %d, want 400", a.status)
	}
}

// FuzzPerson types anything as a person: it is refused, or makes a dossier of
// somebody with a name.
func FuzzPerson(f *testing.F) {
	for _, s := range []string{"001090012345", "001090012345 A", "1|2|3|4", "|||", "001|x|Nguyễn|31131990", "\x00", "🙂"} {
		f.Add(s)
	}
	o := newOffice(f)
	lan := o.signedIn("lan")
	f.Fuzz(func(t *testing.T, person string) {
		form := url.Values{"procedure": {"1.001193"}, "person": {person}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.server.URL+"/dossiers", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		a, err := lan.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode == http.StatusBadRequest {
			return
		}
		d, err := o.catalog.Dossier(t.Context(), sohoa.Everything, strings.TrimPrefix(a.Header.Get("Location"), "/dossiers/"))
		if err != nil || d.Owner.Name == "" || d.Owner.BirthDate.Check() != nil {
			t.Errorf("%q gives %d and %+v, %v", person, a.StatusCode, d.Owner, err)
		}
	})
}
