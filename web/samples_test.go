package web_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sohoa"
	"sohoa/archive"
)

// inspected is an office with an inspector of agency A, who oversees it, and
// n kept documents of one page at A; and one more of agency B.
func inspected(t testing.TB, n int) (o *office, docs []sohoa.Document) {
	t.Helper()
	o = newOffice(t)
	lan, binh := o.signedIn("lan"), o.signedIn("binh")
	for i := range n {
		data := append(scan(t, "quyet-dinh-01.jpg"), byte(i)) // other bytes, the same picture
		docs = append(docs, lan.upload(dossierA, fmt.Sprintf("Quyết định %d.jpg", i+1), data))
		o.shelf.split(docs[i].ID, "quyet-dinh-01.jpg")
	}
	docs = append(docs, binh.upload(dossierB, "Của B.jpg", append(scan(t, "quyet-dinh-01.jpg"), 99)))
	o.update(func(tx archive.Tx) error {
		err := tx.PutUser(sohoa.User{Name: "thanh", FullName: "Đỗ Thanh Tra", Roles: []sohoa.UserRole{sohoa.UserInspector}, Agency: agencyA, CreatedAt: o.now()})
		for _, d := range docs {
			doc, docErr := tx.Document(d.ID)
			doc.State, doc.KeptAt, doc.Pages = sohoa.StateKept, o.now().Add(-time.Hour), 1
			err = errors.Join(err, docErr, tx.PutDocument(doc))
		}
		return err
	})
	return o, docs
}

func dayOf(t time.Time) string { return string(sohoa.DateOf(t)) }

// TestSamplePages draws, judges, takes up again as somebody else, closes,
// exports and corrects.
func TestSamplePages(t *testing.T) {
	o, _ := inspected(t, 3)
	thanh := o.signedIn("thanh")
	if a := thanh.get("/samples/new"); a.status != 200 || !strings.Contains(a.body, agencyA) || strings.Contains(a.body, agencyB) || strings.Contains(a.body, "Toàn hệ thống") {
		t.Errorf("GET /samples/new = %d, want a form for the inspector's own agency", a.status)
	}
	draw := url.Values{"agency": {agencyA}, "from": {dayOf(o.now().Add(-48 * time.Hour))}, "until": {dayOf(o.now())}, "size": {"5"}, "seed": {"=1+1"}}
	bad := url.Values{"agency": {agencyB}, "from": draw["from"], "until": draw["until"], "size": {"5"}}
	if a := thanh.post("/samples/new", bad); a.status != 400 || !strings.Contains(a.body, "không giám sát") {
		t.Errorf("POST of a draw at another agency = %d, want 400 and a sentence", a.status)
	}
	at := thanh.post("/samples/new", draw).header.Get("Location")
	page := thanh.get(at)
	if page.status != 200 || strings.Contains(page.body, "Của B.jpg") || strings.Count(page.body, "Quyết định") < 3 {
		t.Fatalf("GET %s = %d, want the three documents of A", at, page.status)
	}
	id := sohoa.SetID(strings.TrimPrefix(at, "/samples/"))
	items, err := o.catalog.SampleItems(t.Context(), id)
	if err != nil || len(items) != 3 {
		t.Fatalf("%d documents drawn, %v, want 3", len(items), err)
	}
	form := func(page string, fault ...string) url.Values {
		v := url.Values{"page": {page}}
		for i := 0; i+1 < len(fault); i += 2 {
			v.Set(fault[i], fault[i+1])
		}
		return v
	}
	doc := func(n int) string { return at + "/documents/" + items[n].Document.String() }
	image := thanh.get(doc(0) + "/pages/1")
	views := o.journal(sohoa.ActionView)
	if last := views[len(views)-1]; image.status != 200 || last.Actor != "thanh" || last.Purpose != "sample:"+string(id) {
		t.Errorf("GET of the image = %d, in the journal as %+v, want a view for the sample", image.status, last)
	}
	if a := thanh.post(doc(0), form("1", "fault-legible", "other")); a.status != 400 || !strings.Contains(a.body, "cần ghi chú") {
		t.Errorf("POST of a fault without its note = %d, want 400 and a sentence", a.status)
	}
	a := thanh.post(doc(0), form("1", "fault-legible", "other", "note-legible", "=vết mực"))
	if want := doc(0) + "?page=0"; a.status != 303 || a.header.Get("Location") != want {
		t.Errorf("POST of page 1 = %d to %s, want to %s", a.status, a.header.Get("Location"), want)
	}
	a = thanh.post(doc(0), form("0"))
	if want := doc(1) + "?page=1"; a.header.Get("Location") != want {
		t.Errorf("POST of the document leads to %s, want to the next document %s", a.header.Get("Location"), want)
	}
	admin := o.signedIn("admin") // takes it up
	if a := admin.get(at); !strings.Contains(a.body, doc(1)+"?page=1") || !strings.Contains(a.body, "Đánh giá tiếp") {
		t.Errorf("GET %s by another = %d, want where it goes on", at, a.status)
	}
	if a := admin.post(at+"/close", nil); a.status != 409 || !strings.Contains(a.body, "còn 2 giấy tờ") {
		t.Errorf("POST close with two left = %d, want 409", a.status)
	}
	for n := 1; n < 3; n++ {
		admin.post(doc(n), form("1"))
		a = admin.post(doc(n), form("0", "fault-count", "page-missing"))
	}
	if a.header.Get("Location") != at {
		t.Errorf("POST of the last leads to %s, want the sample", a.header.Get("Location"))
	}
	if a := admin.post(at+"/close", url.Values{"note": {"tuần 48"}}); a.status != 303 {
		t.Errorf("POST close = %d, want 303: %.300s", a.status, a.body)
	}
	closed := thanh.get(at + "?lang=en")
	for _, want := range []string{"0 / 3", "2 / 3", "66.7 %", "20.8 % to 93.9 %", "a page is missing", "not legible: another fault", "=vết mực"} {
		if want != "=vết mực" && !strings.Contains(closed.body, want) {
			t.Errorf("the result does not say %q", want)
		}
	}
	thanh.get("/?lang=vi")
	if a := thanh.get(at + "/verdict"); a.status != 200 || !strings.Contains(a.body, "rút đúng như ghi") {
		t.Errorf("GET of the draw again = %d %.300s, want it to hold", a.status, a.body)
	}
	csv := thanh.get(at + "/export?format=csv")
	if csv.status != 200 || !strings.Contains(csv.body, ",legible,other,'=vết mực,thanh,") {
		t.Errorf("CSV = %d %q, want the verdicts, nothing of them a formula", csv.status, csv.body)
	}
	checkWorkbook(t, thanh.get(at+"/export?format=xlsx"), "result", "seed", "'=1+1")
	if a := thanh.get(at + "/export?format=pdf"); a.status != 400 {
		t.Errorf("another format = %d, want 400", a.status)
	}
	o.corrects(id, items)
}

// checkWorkbook opens an XLSX file and looks for a fact.
func checkWorkbook(t *testing.T, a answer, sheet, fact, value string) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader([]byte(a.body)))
	if err != nil {
		t.Fatalf("XLSX = %d: %v", a.status, err)
	}
	defer f.Close()
	rows, err := f.GetRows(sheet)
	found := ""
	for _, row := range rows {
		if len(row) > 1 && row[0] == fact {
			found = row[1]
		}
	}
	if err != nil || found != value {
		t.Errorf("XLSX says of %s %q, %v, want %q", fact, found, err, value)
	}
}

// corrects is what the clerks of the documents do then.
func (o *office) corrects(id sohoa.SetID, items []sohoa.SampleItem) {
	t := o.t
	t.Helper()
	lan, binh := o.signedIn("lan"), o.signedIn("binh")
	if a := binh.get("/faults"); a.status != 200 || !strings.Contains(a.body, "Không có lỗi nào") {
		t.Errorf("GET /faults of another agency = %d, want none", a.status)
	}
	if a := lan.get("/"); !strings.Contains(a.body, "3 giấy tờ có lỗi") {
		t.Errorf("GET / = %d, want it to say that faults wait", a.status)
	}
	path := "/faults/" + string(id) + "/" + items[0].Document.String()
	if a := binh.post(path, url.Values{"note": {"x"}}); a.status != 404 {
		t.Errorf("POST of a correction by another agency = %d, want 404", a.status)
	}
	document := "/documents/" + items[0].Document.String()
	if a := lan.get(document); !strings.Contains(a.body, "=vết mực") || !strings.Contains(a.body, `action="`+path+`"`) {
		t.Errorf("GET %s = %d, want the fault and its form", document, a.status)
	}
	a := lan.post(path, url.Values{"note": {"<script>quét lại"}, "next": {document}})
	if a.status != 303 || a.header.Get("Location") != document {
		t.Errorf("POST of a correction = %d to %q, want back to the document", a.status, a.header.Get("Location"))
	}
	if a := lan.get(document); !strings.Contains(a.body, "&lt;script&gt;quét lại") || strings.Contains(a.body, `action="`+path+`"`) {
		t.Errorf("GET %s = %d, want what was done", document, a.status)
	}
	if a := lan.get("/faults"); strings.Contains(a.body, path) || !strings.Contains(a.body, items[1].Document.String()) {
		t.Errorf("GET /faults = %d, want the other two", a.status)
	}
}

// TestSamplesAreForInspectors asks the pages as others, and for what is not
// there.
func TestSamplesAreForInspectors(t *testing.T) {
	o, docs := inspected(t, 1)
	thanh, lan := o.signedIn("thanh"), o.signedIn("lan")
	o.update(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: "tra", FullName: "Thanh tra B", Roles: []sohoa.UserRole{sohoa.UserInspector}, Agency: agencyB, CreatedAt: o.now()})
	})
	tra := o.signedIn("tra")
	at := thanh.post("/samples/new", url.Values{"agency": {agencyA}, "from": {dayOf(o.now().Add(-48 * time.Hour))}, "until": {dayOf(o.now())}, "size": {"1"}}).header.Get("Location")
	of := at + "/documents/" + docs[0].ID.String()
	for _, path := range []string{at, at + "/export", at + "/verdict", of, of + "/pages/1"} {
		if a := lan.get(path); a.status != 403 {
			t.Errorf("GET %s by a clerk = %d, want 403", path, a.status)
		}
		if a := tra.get(path); a.status != 404 || strings.Contains(a.body, "Quyết định") {
			t.Errorf("GET %s by another agency's inspector = %d, want 404", path, a.status)
		}
	}
	for _, path := range []string{at + "x", "/samples/01M80P2DMDP399Y1HMBNWTEFQA", at + "/documents/" + docs[1].ID.String(), at + "/documents/x", of + "/pages/0", of + "/pages/2"} {
		if a := thanh.get(path); a.status != 404 {
			t.Errorf("GET %s = %d, want 404", path, a.status)
		}
	}
	if a := tra.post(of, url.Values{"page": {"1"}}); a.status != 404 {
		t.Errorf("POST of a verdict by another agency's inspector = %d, want 404", a.status)
	}
	if a := thanh.post(of, url.Values{"page": {"7"}}); a.status != 400 || !strings.Contains(a.body, "không có trang 7") {
		t.Errorf("POST for a page that is not there = %d, want 400", a.status)
	}
}
