package web_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"sohoa"
	"sohoa/archive"
	"sohoa/web/table"
)

// brings posts a form with a file.
func (c *client) brings(path string, file []byte, fields url.Values) answer {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if file != nil {
		w, err := form.CreateFormFile("file", "danh-sach.xlsx")
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := w.Write(file); err != nil {
			c.t.Fatal(err)
		}
	}
	for name, values := range fields {
		for _, v := range values {
			if err := form.WriteField(name, v); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	if err := form.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.do(http.MethodPost, path, &body, "Content-Type", form.FormDataContentType())
}

// sheet is a table as a spreadsheet saves it.
func sheet(t testing.TB, format string, columns []table.Column, rows ...[]string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := table.Write(&b, format, table.Head(columns, sohoa.Vietnamese), rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	keptTable = regexp.MustCompile(`(?s)<textarea name="table"[^>]*>(.*?)</textarea>`)
	seenField = regexp.MustCompile(`name="seen" value="([^"]*)"`)
)

// onward are the fields by which a preview is entered.
func onward(t testing.TB, page answer, act string) url.Values {
	t.Helper()
	kept, seen := keptTable.FindStringSubmatch(page.body), seenField.FindStringSubmatch(page.body)
	if kept == nil || seen == nil {
		t.Fatalf("%d, no preview: %s", page.status, page.body)
	}
	return url.Values{"table": {html.UnescapeString(kept[1])}, "seen": {seen[1]}, "act": {act}}
}

func (o *office) user(name string) (sohoa.User, error) { return o.catalog.User(o.t.Context(), name) }

func TestPeopleAreImportedAllOrNone(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	file := sheet(t, "xlsx", table.People,
		[]string{"hoa.le", "Lê Hoa", "Cán bộ một cửa, Văn thư", agencyA},
		[]string{"Lan Anh", "Lan Anh", "văn thư", agencyB},
		[]string{"lan", "Nguyễn Thị Lan", "can bo mot cua; staff", agencyA},
		[]string{"binh", "Trần Văn Bình", "clerk", agencyB})
	before := len(o.journal(sohoa.ActionUser))
	preview := admin.brings("/admin/import/people", file, nil)
	for _, want := range []string{"Dòng 3", `<b>1</b> <span class="badge fate-wrong">`, `<b>1</b> <span class="badge fate-new">`, `<b>1</b> <span class="badge fate-changed">`,
		`<b>1</b> <span class="badge fate-same">`, "<del>clerk</del>", sohoa.AsProblem((sohoa.User{Name: "Lan Anh"}).Check()).Text(sohoa.Vietnamese)} {
		if !strings.Contains(preview.body, html.EscapeString(want)) && !strings.Contains(preview.body, want) {
			t.Errorf("the preview lacks %q: %s", want, preview.body)
		}
	}
	early := admin.brings("/admin/import/people", nil, onward(t, preview, "enter"))
	if _, err := o.user("hoa.le"); err == nil || !strings.Contains(early.body, "Dòng 3") || len(o.journal(sohoa.ActionUser)) != before {
		t.Fatalf("a table with a wrong line was entered: %d", early.status)
	}

	fix := onward(t, preview, "check")
	fix.Set("3-0", "lananh")
	checked := admin.brings("/admin/import/people", nil, fix)
	entered := admin.brings("/admin/import/people", nil, onward(t, checked, "enter"))
	if entered.status != http.StatusSeeOther || entered.header.Get("Location") != "/admin/users?imported=2-1-0" {
		t.Fatalf("entering = %d to %q: %s", entered.status, entered.header.Get("Location"), entered.body)
	}
	for name, want := range map[string]sohoa.User{
		"hoa.le": {FullName: "Lê Hoa", Roles: []sohoa.UserRole{sohoa.UserClerk, sohoa.UserSealKeeper}, Agency: agencyA},
		"lananh": {FullName: "Lan Anh", Roles: []sohoa.UserRole{sohoa.UserSealKeeper}, Agency: agencyB},
		"lan":    {FullName: "Nguyễn Thị Lan", Roles: []sohoa.UserRole{sohoa.UserClerk, sohoa.UserStaff}, Agency: agencyA},
	} {
		u, err := o.user(name)
		if d := cmp.Diff([]any{want.FullName, want.Roles, want.Agency}, []any{u.FullName, u.Roles, u.Agency}); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
		}
	}
	if after := o.journal(sohoa.ActionUser); len(after) != before+3 {
		t.Errorf("the journal has %d entries more, want one for each of 3", len(after)-before)
	}
	if page := admin.get("/admin/users?imported=2-1-0"); !strings.Contains(page.body, "Đã nhập: 2 mới, 1 thay đổi, 0 bỏ.") {
		t.Errorf("the list does not say what was entered: %s", page.body)
	}
}

func TestImportOfWhatChangedMeanwhileIsShownAgain(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	preview := admin.brings("/admin/import/people", sheet(t, "csv", table.People, []string{"moi", "Người Mới", "clerk", agencyA}), nil)
	o.update(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: "moi", FullName: "Người Khác", Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: agencyB, CreatedAt: o.now()})
	})
	a := admin.brings("/admin/import/people", nil, onward(t, preview, "enter"))
	if u, err := o.user("moi"); err != nil || u.FullName != "Người Khác" || a.status != http.StatusConflict || !strings.Contains(a.body, "<del>Người Khác</del>") {
		t.Errorf("what was not shown was entered: %d, %+v, %v", a.status, u, err)
	}
}

// An administrator of one agency reaches what is theirs and no more.
func TestAdministratorOfAnAgency(t *testing.T) {
	o := newOffice(t)
	o.update(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: "quantri", FullName: "Quản trị A", Roles: []sohoa.UserRole{sohoa.UserAdmin}, Agency: agencyA, CreatedAt: o.now()})
	})
	a := o.signedIn("quantri")
	page := a.get("/admin/users")
	if !strings.Contains(page.body, "lehoa") || strings.Contains(page.body, "binh") || strings.Contains(page.body, `value="admin" aria-label`) {
		t.Errorf("the list is not of agency A alone: %s", page.body)
	}
	for name, row := range map[string][]string{
		"of another agency":        {"moi", "Mới", "clerk", agencyB},
		"of the whole":             {"moi", "Mới", "admin", ""},
		"somebody of another":      {"binh", "Trần Văn Bình", "clerk", agencyA},
		"of an agency that is not": {"moi", "Mới", "clerk", "H0"},
		"themselves":               {"quantri", "Quản trị A", "clerk", agencyA},
	} {
		preview := a.brings("/admin/import/people", sheet(t, "xlsx", table.People, row), nil)
		if !strings.Contains(preview.body, `<b>1</b> <span class="badge fate-wrong">`) {
			t.Errorf("%s: not refused: %s", name, preview.body)
		}
	}
	for _, path := range []string{"/admin/procedures", "/admin/import/procedures", "/admin/export/schedule"} {
		if got := a.get(path); got.status != http.StatusForbidden {
			t.Errorf("GET %s = %d, want 403", path, got.status)
		}
	}
	if got := a.post("/admin/users/binh/link", nil); got.status != http.StatusNotFound {
		t.Errorf("a link for somebody of B = %d, want 404", got.status)
	}
	if got := a.post("/admin/agencies/"+agencyB, url.Values{"name": {"X"}}); got.status != http.StatusNotFound {
		t.Errorf("renaming agency B = %d, want 404", got.status)
	}
	if got := a.post("/admin/agencies", url.Values{"code": {"H49.64.33.1"}, "name": {"Tổ một cửa"}, "parent": {agencyA}}); got.status != http.StatusSeeOther {
		t.Errorf("an agency under their own = %d, want 303: %s", got.status, got.body)
	}
}

func TestAgenciesStandInATree(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	file := sheet(t, "csv", table.Agencies, []string{"X.1", "Xã Một", "X"}, []string{"X", "Tỉnh X", ""}, []string{agencyA, "UBND xã Kỳ Sơn", "X.1"})
	preview := admin.brings("/admin/import/agencies", file, nil)
	if a := admin.brings("/admin/import/agencies", nil, onward(t, preview, "enter")); a.header.Get("Location") != "/admin/agencies?imported=2-1-0" {
		t.Fatalf("entering = %d %s: %s", a.status, a.header.Get("Location"), a.body)
	}
	all, err := o.catalog.Agencies(t.Context())
	want := []sohoa.Agency{{Code: agencyA, Name: "UBND xã Kỳ Sơn", Parent: "X.1"}, {Code: agencyB, Name: "UBND phường Mũi Né"}, {Code: "X", Name: "Tỉnh X"}, {Code: "X.1", Name: "Xã Một", Parent: "X"}}
	if d := cmp.Diff(want, all); err != nil || d != "" {
		t.Fatalf("%v (-want +got):\n%s", err, d)
	}
	circle := admin.post("/admin/agencies/X", url.Values{"name": {"Tỉnh X"}, "parent": {agencyA}})
	if circle.status != http.StatusBadRequest || !strings.Contains(circle.body, `role="alert"`) {
		t.Errorf("a circle = %d: %s", circle.status, circle.body)
	}
	if a := admin.post("/admin/agencies", url.Values{"code": {"X"}, "name": {"Khác"}}); a.status != http.StatusConflict {
		t.Errorf("an agency that is there = %d, want 409", a.status)
	}
	if a := admin.post("/admin/agencies/X.1", url.Values{"name": {"Xã Nhất"}, "parent": {""}}); a.status != http.StatusSeeOther {
		t.Errorf("a change = %d: %s", a.status, a.body)
	}
	out := admin.get("/admin/export/agencies?format=csv")
	if want := "\ufeffMã cơ quan,Tên cơ quan,Trực thuộc\nH49.64.34,UBND phường Mũi Né,\nX,Tỉnh X,\nX.1,Xã Nhất,\nH49.64.33,UBND xã Kỳ Sơn,X.1\n"; out.body != want {
		t.Errorf("export = %q, want %q", out.body, want)
	}
}

func TestProceduresAreImportedAndEdited(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	rows := [][]string{{"1.001193", "Đăng ký khai sinh", "", "TP1", "Giấy chứng sinh", "giay-chung-sinh", "", "sáu mươi", ""}, {"1.001193", "", "", "TP2", "Tờ khai", "", "", "", "x"}}
	preview := admin.brings("/admin/import/procedures", sheet(t, "xlsx", table.Procedures, rows...), nil)
	if !strings.Contains(preview.body, "Dòng 2") || !strings.Contains(preview.body, "sáu mươi") {
		t.Fatalf("the wrong line is not shown: %s", preview.body)
	}
	fix := onward(t, preview, "check")
	fix.Set("2-7", "60")
	checked := admin.brings("/admin/import/procedures", nil, fix)
	if !strings.Contains(checked.body, "chưa có loại: giay-chung-sinh") {
		t.Errorf("it is not said that the schedule lacks a kind: %s", checked.body)
	}
	if a := admin.brings("/admin/import/procedures", nil, onward(t, checked, "enter")); a.status != http.StatusSeeOther {
		t.Fatalf("entering = %d: %s", a.status, a.body)
	}
	p, err := o.catalog.Procedure(t.Context(), "1.001193")
	want := []sohoa.Requirement{{Code: "TP1", Name: "Giấy chứng sinh", Types: []string{"giay-chung-sinh"}, MaxDays: 60}, {Code: "TP2", Name: "Tờ khai", Optional: true}}
	if d := cmp.Diff(want, p.Requirements); err != nil || d != "" {
		t.Fatalf("%v (-want +got):\n%s", err, d)
	}

	page := admin.get("/admin/procedures/1.001193")
	form := url.Values{"seen": {seenField.FindStringSubmatch(page.body)[1]}, "name": {p.Name}, "code-0": {"TP1"}, "paper-0": {"Giấy chứng sinh"}, "types-0": {"giay-chung-sinh"},
		"code-1": {"TP2"}, "paper-1": {"Tờ khai"}, "code-2": {"TP3"}, "paper-2": {"Ảnh"}, "act": {"up-1"}}
	moved := admin.post("/admin/procedures/1.001193", form)
	if i, j := strings.Index(moved.body, `value="TP2"`), strings.Index(moved.body, `value="TP1"`); i < 0 || j < i || !strings.Contains(moved.body, "Có thay đổi chưa lưu.") {
		t.Errorf("TP2 was not moved up: %s", moved.body)
	}
	form.Set("act", "save")
	form.Set("days-1", "-3")
	if a := admin.post("/admin/procedures/1.001193", form); a.status != http.StatusBadRequest || !strings.Contains(a.body, `value="TP3"`) {
		t.Errorf("negative days = %d, want 400 with what was typed: %s", a.status, a.body)
	}
	form.Del("days-1")
	if a := admin.post("/admin/procedures/1.001193", form); a.status != http.StatusSeeOther {
		t.Errorf("saving = %d: %s", a.status, a.body)
	}
	if a := admin.post("/admin/procedures/1.001193", form); a.status != http.StatusConflict {
		t.Errorf("saving over another's change = %d, want 409", a.status)
	}
	if p, err := o.catalog.Procedure(t.Context(), "1.001193"); err != nil || len(p.Requirements) != 3 || p.Requirements[0].MaxDays != 0 {
		t.Errorf("saved is %+v, %v", p, err)
	}
}

func TestScheduleIsImported(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	preview := admin.brings("/admin/import/schedule", sheet(t, "xlsx", table.Schedule, []string{"giay-khai-sinh", "Giấy khai sinh", "1", "", "NĐ 123"}, []string{"", "Khác", "07", "5", "luật"}), nil)
	if !strings.Contains(preview.body, `<b>5</b> <span class="badge fate-gone">`) {
		t.Errorf("what the schedule loses is not shown: %s", preview.body)
	}
	if a := admin.brings("/admin/import/schedule", nil, onward(t, preview, "enter")); a.header.Get("Location") != "/schedule?imported=1-1-5" {
		t.Fatalf("entering = %d to %s: %s", a.status, a.header.Get("Location"), a.body)
	}
	if s, err := o.catalog.Schedule(t.Context()); err != nil || s.Version != 1 || s.For("giay-khai-sinh").Code != sohoa.RetentionForever || s.For("x").Years != 5 {
		t.Errorf("the schedule is %+v, %v", s, err)
	}
	f, err := excelize.OpenReader(strings.NewReader(admin.get("/admin/export/schedule?format=xlsx").body))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if v, err := f.GetCellValue("schedule", "C2"); err != nil || v != "01" {
		t.Errorf("C2 = %q, %v, want 01", v, err)
	}
}

func TestWrongFilesAreRefusedInWords(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	for name, file := range map[string][]byte{"no file": nil, "a picture": scan(t, "giay-khai-sinh-01.jpg"), "other columns": []byte("a,b\n1,2\n")} {
		a := admin.brings("/admin/import/people", file, nil)
		if a.status != http.StatusBadRequest || !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%s = %d, want 400 with a sentence: %s", name, a.status, a.body)
		}
	}
	if a := admin.brings("/admin/import/people", bytes.Repeat([]byte("a,b\n"), sohoa.MaxTableBytes/2), nil); a.status != http.StatusBadRequest {
		t.Errorf("a large file = %d, want 400", a.status)
	}
}

func TestLinksOfSeveralPeople(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	a := admin.post("/admin/users/links", url.Values{"user": {"lan", "binh"}, "format": {"csv"}})
	if !strings.Contains(a.body, "\nlan,Nguyễn Thị Lan,http://") || a.header.Get("Content-Disposition") == "" {
		t.Fatalf("links = %d %q", a.status, a.body)
	}
	link := strings.TrimSpace(a.body[strings.LastIndex(a.body, ",")+1:])
	if got := o.stranger().get(strings.TrimPrefix(link, o.server.URL)); got.status != http.StatusOK {
		t.Errorf("GET %s = %d, want 200", link, got.status)
	}
	if a := admin.post("/admin/users/links", nil); a.status != http.StatusBadRequest {
		t.Errorf("links of nobody = %d, want 400", a.status)
	}
	page := admin.get("/admin/users?q=binh&state=unset")
	if !strings.Contains(page.body, "1 người") || strings.Contains(page.body, "lehoa") {
		t.Errorf("the filter: %s", page.body)
	}
}
