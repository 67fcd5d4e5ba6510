package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/web"
)

// waiting brings a paper of a dossier as far as it waits for confirmation,
// with a number that was misread.
func (o *office) waiting(c *client, dossier, name string) sohoa.Document {
	o.t.Helper()
	doc := c.upload(dossier, name, append(scan(o.t, "quyet-dinh-01.jpg"), name...))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
	o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")
	o.shelf.keep(doc.ID)
	o.update(func(tx archive.Tx) (err error) {
		if doc, err = tx.Document(doc.ID); err != nil {
			return err
		}
		doc.Fields = append(doc.Fields, sohoa.Field{Name: sohoa.FieldCodeNotation, Value: "OĐ-UBND", Text: "OĐ-UBND", Page: 1,
			Box: sohoa.Rect{X0: 480, Y0: 265, X1: 650, Y1: 295}, Confidence: 62, Rule: "notation-only"})
		doc.FieldsAt = 1
		return tx.PutDocument(doc)
	})
	return doc
}

// form is what the page of a document's fields sends when nothing is changed.
func (o *office) form(doc sohoa.Document, other map[string]string) url.Values {
	form := url.Values{"version": {strconv.Itoa(doc.FieldsAt)}, "then": {"next"}}
	for _, name := range sohoa.FieldNames {
		value := doc.Field(name).Value
		if t, err := time.Parse(time.DateOnly, value); err == nil {
			value = t.Format("02/01/2006")
		}
		if v, ok := other[name]; ok {
			value = v
		}
		form.Set(name, value)
	}
	return form
}

func body(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestConfirmPages confirms papers by forms: the queue, the order of fields,
// mistakes beside them, and two people at one paper.
func TestConfirmPages(t *testing.T) {
	o := newOffice(t)
	lan, hoa, binh := o.signedIn("lan"), o.signedIn("lehoa"), o.signedIn("binh")
	first, second := o.waiting(lan, dossierA, "Quyết định một"), o.waiting(lan, dossierA, "Quyết định hai")
	page := "/documents/" + first.ID.String() + "/fields"
	for _, lang := range []string{"en", "vi"} {
		for _, path := range []string{page, "/confirm", "/", "/dossiers/" + dossierA, "/documents/" + first.ID.String()} {
			a := lan.get(path + "?lang=" + lang)
			if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" {
				t.Errorf("%s in %s = %d, shows %q", path, lang, a.status, bad)
			}
		}
	}
	a := lan.get(page)
	order := regexp.MustCompile(`data-field="(\w+)"`).FindAllStringSubmatch(a.body, -1)
	if len(order) != len(sohoa.FieldNames) || order[0][1] != sohoa.FieldCodeNotation || order[1][1] != sohoa.FieldCodeNumber {
		t.Errorf("the fields come as %v, want what may be misread first, then what was not read", order)
	}
	for what, want := range map[string]string{"words": "nên xem lại", "place": "480.0 265.0 650.0 295.0", "next image": second.ID.String() + "/pages/1/image", "count": "Còn 2 giấy tờ"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page lacks the %s %q", what, want)
		}
	}
	if a := binh.get(page); a.status != http.StatusNotFound {
		t.Errorf("the page for another agency = %d, want 404", a.status)
	}
	if a := binh.get("/confirm"); strings.Contains(a.body, first.ID.String()) {
		t.Error("the queue of another agency has the paper")
	}
	a = lan.post(page, o.form(first, map[string]string{"codeNotation": "QĐ-UBND", "issuedDate": "31/02/2026", "organName": "UBND <xã>"}))
	if a.status != http.StatusBadRequest || !strings.Contains(a.body, `id="e-issuedDate"`) || !strings.Contains(a.body, "UBND &lt;xã&gt;") {
		t.Errorf("a day that never was = %d, want 400 with what was typed and the mistake at its field", a.status)
	}
	a = lan.post(page, o.form(first, map[string]string{"codeNotation": "QĐ-UBND", "issuedDate": "ngày 2 tháng 3 năm 2023"}))
	if want := "/documents/" + second.ID.String() + "/fields"; a.status != http.StatusSeeOther || a.header.Get("Location") != want {
		t.Fatalf("confirming leads with %d to %q, want %q", a.status, a.header.Get("Location"), want)
	}
	a = hoa.post(page, o.form(first, map[string]string{"codeNotation": "KĐ-UBND"}))
	if a.status != http.StatusConflict || !strings.Contains(a.body, "Nguyễn Thị Lan vừa đối chiếu") || !strings.Contains(a.body, `value="KĐ-UBND"`) || !strings.Contains(a.body, `data-take="QĐ-UBND"`) {
		t.Errorf("confirming what another has = %d, want 409 with both values", a.status)
	}
	if a := lan.post("/documents/"+second.ID.String()+"/fields", o.form(second, nil)); !strings.HasPrefix(a.header.Get("Location"), "/confirm?done") {
		t.Errorf("the last paper leads to %q, want the end of the queue", a.header.Get("Location"))
	}
	if a := lan.get("/confirm?done=1"); !strings.Contains(a.body, "Không còn giấy tờ nào chờ") {
		t.Error("the queue does not say that nothing waits")
	}
	if a := lan.get("/documents/" + first.ID.String()); !strings.Contains(a.body, "đã đối chiếu") || strings.Contains(a.body, "chưa đối chiếu trường") || !strings.Contains(a.body, "OĐ-UBND") {
		t.Error("the page of a confirmed paper does not say so, or not what was read")
	}
}

// TestConfirmOverHTTP confirms through the API.
func TestConfirmOverHTTP(t *testing.T) {
	o := newOffice(t)
	lan, hoa, binh := o.signedIn("lan"), o.signedIn("lehoa"), o.signedIn("binh")
	doc := o.waiting(lan, dossierA, "Quyết định một")
	path := "/api/v1/documents/" + doc.ID.String() + "/fields"
	var view web.FieldsView
	lan.get(path).decode(t, &view)
	if !view.Unconfirmed || view.Version != 1 || len(view.Fields) != len(sohoa.FieldNames) {
		t.Fatalf("GET = %+v, want nine unconfirmed fields", view)
	}
	put := func(c *client, version int, notation string) answer {
		fields := []map[string]any{{"name": "typeName", "value": "Quyết định"}, {"name": "issuedDate", "value": "2023-03-02"},
			{"name": "codeNotation", "value": notation, "page": 1, "box": map[string]float64{"x0": 1, "y0": 2, "x1": 30, "y1": 40}}}
		return c.do(http.MethodPut, path, strings.NewReader(body(t, map[string]any{"version": version, "fields": fields, "type": "gcn-qsdd"})), "Content-Type", "application/json")
	}
	if a := put(binh, 1, "QĐ"); a.status != http.StatusNotFound {
		t.Errorf("PUT by another agency = %d, want 404", a.status)
	}
	if a := put(lan, 1, "<QĐ>"); a.status != http.StatusBadRequest || !strings.Contains(a.body, "body.fields.codeNotation") {
		t.Errorf("PUT of a wrong notation = %d %s, want 400 that names the field", a.status, a.body)
	}
	put(lan, 1, "QĐ-UBND").decode(t, &view)
	if f := view.Fields[2]; view.Unconfirmed || f.By != "lan" || f.Read == nil || f.Read.Value != "OĐ-UBND" || f.Box.X1 != 30 || view.Type != "gcn-qsdd" {
		t.Errorf("PUT = %+v, want it confirmed by lan, with what was read", view)
	}
	if a := put(lan, 1, "QĐ-UBND"); a.status != http.StatusOK || len(o.journal(sohoa.ActionConfirm)) != 1 {
		t.Errorf("the same PUT again = %d and %d entries, want 200 and one", a.status, len(o.journal(sohoa.ActionConfirm)))
	}
	var conflict struct {
		Code string
		Now  web.FieldsView
	}
	a := put(hoa, 1, "KĐ-UBND")
	a.decode(t, &conflict)
	if a.status != http.StatusConflict || conflict.Code != "fields.changed" || conflict.Now.Version != 2 || conflict.Now.Fields[2].Value != "QĐ-UBND" {
		t.Errorf("PUT after another = %d %+v, want 409 with what they confirmed", a.status, conflict)
	}
	if a := put(hoa, conflict.Now.Version, "KĐ-UBND"); a.status != http.StatusOK {
		t.Errorf("PUT of the version that was shown = %d %s", a.status, a.body)
	}
}

var _ ingest.ConfirmDesk = (*shelf)(nil)

// TestVersionsAreShown reads on the page of a document what each version is
// the first to have, and whose doing that is.
func TestVersionsAreShown(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.waiting(lan, dossierA, "Quyết định một")
	keep := func(action sohoa.Action, detail string) {
		o.update(func(tx archive.Tx) error {
			_, err := tx.Append(sohoa.Entry{Actor: "system", Action: action, Document: doc.ID, Dossier: doc.Dossier, Detail: detail})
			return err
		})
	}
	keep(sohoa.ActionKeep, `{"revision":1,"signature":"signed-B-T"}`)
	lan.post("/documents/"+doc.ID.String()+"/fields", o.form(doc, nil))
	keep(sohoa.ActionAmend, `{"revision":2,"signature":"signed-B-T"}`)
	keep(sohoa.ActionCopied, `{"revision":2}`)
	_, part, _ := strings.Cut(lan.get("/documents/"+doc.ID.String()).body, `id="versions"`)
	part, _, _ = strings.Cut(part, "</section>")
	second, first, found := strings.Cut(part, "</li>")
	if !found || strings.Count(part, "<li>") != 2 || !strings.Contains(second, "Đối chiếu trường thông tin · <bdi>Nguyễn Thị Lan") || strings.Contains(first, "Đối chiếu") {
		t.Errorf("the versions are %q, want two, the newer one with lan's confirmation", part)
	}
}
