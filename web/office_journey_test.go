package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sohoa"
	"sohoa/web"
	"sohoa/web/table"
)

// goesIn signs a user in by their link.
func (b *browser) goesIn(user string) {
	b.t.Helper()
	token, err := web.SetupLink(b.t.Context(), b.catalog, user)
	if err != nil {
		b.t.Fatal(err)
	}
	b.open("/setup/" + token)
	b.fill(`input[name=password]`, goodPassword)
	b.fill(`input[name=again]`, goodPassword)
	b.click(`main button[type=submit]`)
	b.wait(`form[action="/sign-out"]`)
}

// tabs goes to something with the Tab key alone.
func (b *browser) tabs(selector string) {
	b.t.Helper()
	for range 120 {
		b.run(chromedp.KeyEvent(kb.Tab))
		if eval[bool](b, `document.activeElement.matches(`+"`"+selector+"`"+`)`) {
			return
		}
	}
	b.shot("failure")
	b.t.Fatalf("%s cannot be reached with the Tab key", selector)
}

func (b *browser) types(text string) {
	b.t.Helper()
	b.run(chromedp.KeyEvent(text))
}

// saved is a table in a file of its own.
func saved(t *testing.T, name string, columns []table.Column, rows ...[]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, sheet(t, "xlsx", columns, rows...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An administrator brings lists from a spreadsheet with one wrong row, mends
// it, and takes up again what is parked.
func TestJourneyOfAnAdministrator(t *testing.T) {
	o := newOffice(t)
	parked := o.park(dossierA, 3, sohoa.StageSign, "sign.no-key")
	b := newBrowser(o, "office", 1366, 768, false)
	b.goesIn("admin")
	b.open("/admin")
	b.fits("01-overview")
	b.importsPeople()
	b.importsProcedures()

	b.open("/admin/queue")
	b.fits("06-queue")
	b.tabs(`.why-list button`)
	b.types(kb.Enter)
	b.wait(`.notice`)
	if n := o.parkedNow(sohoa.Everything); n != 0 {
		t.Errorf("%d of %d are parked after the retry, want none", n, len(parked))
	}
	for _, page := range []string{"users", "agencies", "procedures", "health", "keys", "webhooks"} {
		b.open("/admin/" + page)
		b.fits("07-" + page)
	}
	b.open("/schedule")
	b.fits("08-schedule")
	b.open("/archive")
	b.fits("08-archive")
	b.quiet()
}

// importsPeople uses the keyboard for all but choosing the file.
func (b *browser) importsPeople() {
	b.t.Helper()
	b.open("/admin/import/people")
	b.fits("02-import")
	path := saved(b.t.(*testing.T), "nguoi-dung.xlsx", table.People, []string{"hoa.le", "Lê Hoa", "Cán bộ một cửa, Văn thư", agencyA}, []string{"Thu Hà", "Trần Thu Hà", "Văn thư", agencyB})
	b.run(chromedp.SetUploadFiles(chromedp.CSS(`main input[type=file]`), []string{path}))
	b.tabs(`main form button`)
	b.types(kb.Enter)
	b.wait(`#preview`)
	b.fits("03-wrong-row")
	b.tabs(`input[name="3-0"]`)
	b.types(strings.Repeat(kb.Backspace, 10) + "thuha")
	b.types(kb.Enter)
	b.wait(`button[value=enter]`)
	b.fits("04-mended")
	b.tabs(`button[value=enter]`)
	b.types(kb.Enter)
	b.wait(`main form[action="/admin/users"]`)
	u, err := b.user("thuha")
	if err != nil || u.FullName != "Trần Thu Hà" || u.Agency != agencyB {
		b.t.Errorf("the mended row became %+v, %v", u, err)
	}
	b.fits("05-entered")
}

func (b *browser) importsProcedures() {
	b.t.Helper()
	path := saved(b.t.(*testing.T), "thu-tuc.xlsx", table.Procedures, []string{"1.001193", "Đăng ký khai sinh", "", "TP1", "Giấy chứng sinh", "", "", "60", ""},
		[]string{"2.000635", "Cấp bản sao trích lục", "", "TP1", "Tờ khai", "", "", "một", ""})
	b.open("/admin/import/procedures")
	b.run(chromedp.SetUploadFiles(chromedp.CSS(`main input[type=file]`), []string{path}))
	b.click(`main form button`)
	b.wait(`#preview`)
	b.run(chromedp.Clear(chromedp.CSS(`input[name="3-7"]`)))
	b.click(`button[value=check]`)
	b.wait(`button[value=enter]`)
	b.click(`button[value=enter]`)
	b.wait(`main form[action="/admin/procedures"]`)
	b.open("/admin/procedures/2.000635")
	b.fits("05-procedure")
	p, err := b.catalog.Procedure(b.t.Context(), "2.000635")
	if err != nil || len(p.Requirements) != 1 || p.Requirements[0].MaxDays != 0 {
		b.t.Errorf("the mended procedure is %+v, %v", p, err)
	}
}

// The same pages on a phone: nothing has to be scrolled sideways.
func TestAdministratorsPagesOnAPhone(t *testing.T) {
	o := newOperated(t, nil)
	o.park(dossierA, 2, sohoa.StageSign, "sign.no-key")
	b := newBrowser(o, "office-phone", 360, 740, true)
	b.goesIn("admin")
	for _, page := range []string{"", "/users", "/agencies", "/agencies?edit=" + agencyA, "/procedures", "/procedures/1.001193", "/import/people", "/queue", "/health", "/settings", "/keys", "/webhooks"} {
		b.open("/admin" + page)
		b.fits(strings.NewReplacer("/", "-", "?", "-").Replace("page" + page))
	}
	b.open("/admin/import/people")
	b.run(chromedp.SetUploadFiles(chromedp.CSS(`main input[type=file]`), []string{saved(t, "sai.xlsx", table.People, []string{"Thu Hà", "Trần Thu Hà", "Văn thư", agencyB})}))
	b.click(`main form button`)
	b.wait(`#preview`)
	b.fits("wrong-row")
	b.quiet()
}
