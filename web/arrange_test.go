package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sohoa"
)

// held uploads a document that waits to be arranged and reads its pages.
func (c *client) held(name string, scans ...string) sohoa.Document {
	c.t.Helper()
	a := c.do(http.MethodPost, uploadPath(dossierA, name)+"&hold=true", strings.NewReader(name+scans[0]))
	if a.status != http.StatusAccepted {
		c.t.Fatalf("upload = %d %s", a.status, a.body)
	}
	var doc sohoa.Document
	a.decode(c.t, &doc)
	if !doc.Held {
		c.t.Errorf("uploaded with hold: %+v, want it held", doc)
	}
	c.shelf.split(doc.ID, scans...)
	for i, name := range scans {
		c.shelf.read(doc.ID, i+1, name)
	}
	return doc
}

// api sends a JSON body and decodes the answer.
func (c *client) api(method, path string, body any, answerTo any) answer {
	c.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := c.do(method, "/api/v1/documents/"+path, strings.NewReader(string(b)), "Content-Type", "application/json")
	if answerTo != nil {
		a.decode(c.t, answerTo)
	}
	return a
}

// arrangementReply is an arrangement as programs get it, or a problem.
type arrangementReply struct {
	Version int
	List    string
	Held    bool
	CanUndo bool
	Pages   []sohoa.PageRef
	Dropped []sohoa.PageRef
	Code    string
}

// arrange gives a document the pages of a list.
func (c *client) arrange(id sohoa.DocumentID, version int, list string) (arrangementReply, answer) {
	c.t.Helper()
	refs, err := sohoa.ParsePages(id, list)
	if err != nil {
		c.t.Fatal(err)
	}
	var reply arrangementReply
	a := c.api(http.MethodPut, id.String()+"/arrangement", map[string]any{"version": version, "pages": refs}, &reply)
	return reply, a
}

func TestArrangeOverHTTP(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.held("a.jpg", "quyet-dinh-01.jpg", "giay-khai-sinh-01.jpg", "to-khai-01.jpg")
	id := doc.ID.String()
	var now arrangementReply
	lan.get("/api/v1/documents/"+id+"/arrangement").decode(t, &now)
	if now.Version != 0 || now.List != "1-3" || !now.Held || now.CanUndo {
		t.Errorf("arrangement = %+v, want it as it came, held", now)
	}
	got, a := lan.arrange(doc.ID, 0, "3@90,1")
	if a.status != http.StatusOK || got.Version != 1 || got.List != "3@90,1" || len(got.Dropped) != 1 || !got.CanUndo {
		t.Errorf("PUT = %d %+v, want version 1", a.status, got)
	}
	if got, a := lan.arrange(doc.ID, 0, "1"); a.status != http.StatusConflict || got.Code != "arrange.changed" {
		t.Errorf("PUT of an old version = %d %s, want 409 arrange.changed", a.status, got.Code)
	}
	for name, test := range map[string]struct {
		path   string
		body   any
		status int
	}{
		"no pages":     {"/arrangement", map[string]any{"version": 1, "pages": []any{}}, 422},
		"half a turn":  {"/arrangement", map[string]any{"version": 1, "pages": []any{map[string]any{"page": 1, "turn": 45}}}, 422},
		"no such page": {"/arrangement", map[string]any{"version": 1, "pages": []any{map[string]any{"page": 9}}}, 400},
		"broken id":    {"/arrangement", map[string]any{"version": 1, "pages": []any{map[string]any{"page": 1, "document": "x"}}}, 400},
	} {
		if a := lan.api(http.MethodPut, id+test.path, test.body, nil); a.status != test.status {
			t.Errorf("%s: PUT = %d %s, want %d", name, a.status, a.body, test.status)
		}
	}
	var part sohoa.Document
	a = lan.api(http.MethodPost, id+"/split", map[string]int{"version": 1, "after": 1}, &part)
	if a.status != http.StatusCreated || part.SplitFrom != doc.ID || a.header.Get("Location") != "/api/v1/documents/"+part.ID.String() {
		t.Errorf("split = %d %+v at %q, want 201", a.status, part, a.header.Get("Location"))
	}
	var undone arrangementReply
	if a := lan.api(http.MethodPost, id+"/arrangement/undo", map[string]int{"version": 2}, &undone); a.status != http.StatusOK || undone.List != "3@90,1" {
		t.Errorf("undo = %d %+v, want what was before the split", a.status, undone)
	}
	if a := lan.get("/api/v1/documents/" + part.ID.String()); a.status != http.StatusNotFound {
		t.Errorf("the part after the undo = %d, want 404", a.status)
	}
	var view sohoa.Document
	if a := lan.api(http.MethodPost, id+"/release", nil, &view); a.status != http.StatusAccepted || view.Held {
		t.Errorf("release = %d %+v, want 202 and not held", a.status, view)
	}
	if a := lan.api(http.MethodPost, id+"/hold", nil, &view); a.status != http.StatusOK || !view.Held {
		t.Errorf("hold = %d %+v, want 200 and held", a.status, view)
	}
	o.shelf.keep(doc.ID)
	if a := lan.api(http.MethodPost, id+"/hold", nil, nil); a.status != http.StatusConflict {
		t.Errorf("hold of a kept document = %d, want 409", a.status)
	}
	if entries := o.journal(sohoa.ActionArrange); len(entries) != 5 || entries[0].Actor != "lan" || !strings.Contains(entries[0].Detail, `"after":"3@90,1"`) {
		t.Errorf("journal of arrangements = %+v, want five by lan", entries)
	}
}

// operation posts the form of the desk as a browser without script does.
func (c *client) operation(id sohoa.DocumentID, version int, op string, form url.Values) answer {
	c.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	form.Set("op", op)
	form.Set("version", fmt.Sprint(version))
	return c.post("/documents/"+id.String()+"/arrange", form)
}

func TestDeskOperations(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	a := lan.held("a.jpg", "quyet-dinh-01.jpg", "giay-khai-sinh-01.jpg", "to-khai-01.jpg")
	b := lan.held("b.jpg", "to-khai-01.jpg")
	version := 0
	for _, step := range []struct {
		op    string
		form  url.Values
		pages string
	}{
		{"right", url.Values{"page": {"1", "3"}}, "1@90,2,3@90"},
		{"left", url.Values{"page": {"1"}}, "1-2,3@90"},
		{"over", url.Values{"page": {"2"}}, "1,2@180,3@90"},
		{"later", url.Values{"page": {"1", "2"}}, "3@90,1,2@180"},
		{"earlier", url.Values{"page": {"2"}}, "3@90,2@180,1"},
		{"place", url.Values{"page": {"1"}, "before": {"3"}}, "1,3@90,2@180"},
		{"place", url.Values{"page": {"1", "3"}, "before": {""}}, "2@180,1,3@90"},
		{"drop", url.Values{"page": {"2"}}, "1,3@90"},
		{"restore", url.Values{"page": {"2"}}, "1,2@180,3@90"},
		{"undo", nil, "1,3@90"},
		{"take", url.Values{"other": {b.ID.String()}}, "1,3@90," + b.ID.String() + ":1"},
		{"undo", nil, "1,3@90"},
		{"replace", url.Values{"page": {"3"}, "other": {b.ID.String()}}, "1," + b.ID.String() + ":1"},
		{"undo", nil, "1,3@90"},
		{"give", url.Values{"page": {"1"}, "other": {b.ID.String()}}, "3@90"},
	} {
		if page := lan.operation(a.ID, version, step.op, step.form); page.status != http.StatusOK || strings.Contains(page.body, `role="alert"`) {
			t.Errorf("%s %v = %d\n%s", step.op, step.form, page.status, page.body)
		}
		version++
		var now arrangementReply
		lan.get("/api/v1/documents/"+a.ID.String()+"/arrangement").decode(t, &now)
		if now.List != step.pages || now.Version != version {
			t.Errorf("%s %v leaves %q, version %d; want %q, %d", step.op, step.form, now.List, now.Version, step.pages, version)
		}
	}
	for name, test := range map[string]struct {
		op     string
		form   url.Values
		status int
		want   string
	}{
		"nothing chosen": {"right", nil, 400, "Hãy chọn trang trước"},
		"all dropped":    {"drop", url.Values{"page": {"3"}}, 400, "ít nhất một trang"},
		"no document":    {"give", url.Values{"page": {"3"}}, 400, "Hãy chọn tài liệu trước"},
		"no operation":   {"", url.Values{"page": {"3"}}, 400, "không hợp lệ"},
	} {
		page := lan.operation(a.ID, version, test.op, test.form)
		if page.status != test.status || !strings.Contains(page.body, test.want) || !strings.Contains(page.body, `id="desk"`) {
			t.Errorf("%s = %d, want %d with %q beside the pages", name, page.status, test.status, test.want)
		}
	}
	if page := lan.operation(a.ID, version-1, "right", url.Values{"page": {"3"}}); page.status != http.StatusConflict || !strings.Contains(page.body, "người khác") {
		t.Errorf("an old version = %d, want 409 in words", page.status)
	}
	if page := lan.operation(b.ID, 5, "split", url.Values{"page": {b.ID.String() + ":1"}}); page.status != http.StatusOK || !strings.Contains(page.body, "Đã tách 1 trang") {
		t.Errorf("split = %d, want the part named", page.status)
	}
	if page := lan.operation(a.ID, version, "release", nil); page.status != http.StatusSeeOther || page.header.Get("Location") != "/documents/"+a.ID.String() {
		t.Errorf("release = %d to %q, want to the document", page.status, page.header.Get("Location"))
	}
}

// TestDeskSaysWhyNot shows the page of documents that cannot be arranged.
func TestDeskSaysWhyNot(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "quyet-dinh-01.jpg"))
	path := "/documents/" + doc.ID.String()
	if page := lan.get(path + "/arrange"); !strings.Contains(page.body, "đang được đọc") || !strings.Contains(page.body, "Giữ lại để sắp xếp") {
		t.Errorf("before it is read: %d, want to be told, and a way to hold it", page.status)
	}
	if page := lan.post(path+"/hold", nil); page.status != http.StatusSeeOther || page.header.Get("Location") != path+"/arrange" {
		t.Errorf("POST hold = %d to %q, want to the pages", page.status, page.header.Get("Location"))
	}
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
	o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")
	if page := lan.get(path + "/arrange"); !strings.Contains(page.body, `name="op" value="right"`) {
		t.Errorf("once it is read: %d, want the tools", page.status)
	}
	o.shelf.keep(doc.ID)
	if page := lan.get(path + "/arrange"); !strings.Contains(page.body, "không sắp xếp lại trang được nữa") || strings.Contains(page.body, `name="op"`) {
		t.Errorf("once it is kept: %d, want to be told and no tools", page.status)
	}
}
