package web_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sohoa"
	"sohoa/archive"
	"sohoa/web"
)

// arrives opens a session of a user by a set-up link, and waits for what their
// home page must have.
func (b *browser) arrives(user, selector string) {
	b.t.Helper()
	token, err := web.SetupLink(b.t.Context(), b.catalog, user)
	if err != nil {
		b.t.Fatal(err)
	}
	b.open("/setup/" + token)
	b.fill(`input[name=password]`, goodPassword)
	b.fill(`input[name=again]`, goodPassword+"\r")
	b.wait(selector)
}

// keys presses keys one after the other.
func (b *browser) keys(all ...string) {
	b.t.Helper()
	for _, k := range all {
		b.run(chromedp.KeyEvent(k))
	}
}

// TestOfficialByKeyboard is an official's morning without a mouse: three of four
// signed over two sets with one PIN, one opened, read and refused. The seal
// keeper finishes, and the clerk sees what was refused and why.
func TestOfficialByKeyboard(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"official", 1366, 768, false}, {"official-phone", 390, 844, true}} {
		t.Run(size.name, func(t *testing.T) {
			o := newOffice(t)
			o.hires()
			lan := o.signedIn("lan")
			calm, _ := o.putUp(lan, 2, "chutich", "vanthu")
			urgent, _ := o.putUpIn(lan, dossierA2, 2, "chutich", "vanthu")
			o.due(urgent.ID, sohoa.DateOf(o.now().AddDate(0, 0, -1)))
			o.due(calm.ID, sohoa.DateOf(o.now().AddDate(0, 0, 2)))
			b := newBrowser(o, size.name, size.width, size.height, size.phone)
			b.arrives("chutich", `.urgency.overdue .queue-row`)
			b.fits("01-waiting")
			b.signsByKeys(3, 1)
			b.refusesByKeys()
			b.arrives("vanthu", `#queue .queue-row:nth-child(1)`)
			b.signsByKeys(3, 0)
			b.wait(`#queue .none`)
			b.fits("05-nothing-waits")
			if got := fmt.Sprint(o.states(urgent.ID), o.states(calm.ID)); got != "[done done] [done refused]" {
				t.Errorf("states = %s", got)
			}
			b.arrives("lan", `form[action="/dossiers"]`)
			b.open("/dossiers/" + dossierA)
			b.wait(`.dossier-signing .refused`)
			b.fits("06-clerk-sees")
			b.quiet()
		})
	}
}

// signsByKeys chooses the first n documents, signs them with one PIN, and sees
// so many left.
func (b *browser) signsByKeys(n, left int) {
	b.t.Helper()
	for range n {
		b.keys("j", " ")
	}
	b.wait(`#official:has(.pick:checked) #queued`)
	if got := eval[int](b, `document.querySelectorAll('.queue-row .pick:checked').length`); got != n {
		b.t.Fatalf("%d documents are chosen by j and Space, want %d", got, n)
	}
	b.fits("02-chosen")
	b.keys("s")
	b.wait(`#act input[name=pin]:focus`)
	b.run(chromedp.KeyEvent(goodPIN + kb.Enter))
	b.wait(fmt.Sprintf(`#queue[data-signing="0"][data-count="%d"]`, left))
}

// refusesByKeys opens the document that is left and refuses it with a reason.
func (b *browser) refusesByKeys() {
	b.t.Helper()
	b.keys("j", kb.Enter)
	b.wait(`#signview #place .area`)
	b.fits("03-view")
	b.keys("r")
	b.wait(`#act textarea[name=refusal]:focus`)
	b.run(chromedp.KeyEvent("Sai năm sinh của người nhận"))
	b.fits("04-refusing")
	b.run(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2))) // Ctrl
	b.wait(`#queue .none`)
}

// TestCitizenOnAPhone looks up a dossier's state and checks a signed PDF,
// without an account; a kiosk goes back to its start by itself.
func TestCitizenOnAPhone(t *testing.T) {
	o := newOffice(t)
	o.numbered()
	o.update(func(tx archive.Tx) error {
		return tx.PutProcedure(sohoa.Procedure{Code: "1.001193", Name: "Đăng ký khai sinh", Requirements: []sohoa.Requirement{{Code: "GCS", Name: "Giấy chứng sinh", Types: []string{"chung-sinh"}}}})
	})
	doc := o.printed(o.signedIn("lan"))
	b := newBrowser(o, "citizen", 390, 844, true)
	b.open("/")
	b.wait(`.way`)
	b.fits("01-start")
	b.click(`.way[href="/status"]`)
	b.fill(`input[name=code]`, dossierA)
	b.fill(`input[name=digits]`, "0000")
	b.click(`main button[type=submit]`)
	b.wait(`.error`)
	b.fits("02-wrong")
	b.fill(`input[name=digits]`, "2678\r")
	b.wait(`.status-report`)
	b.fits("03-state")

	b.quietBut404()
	b.open("/q")
	b.fill(`#code`, sohoa.FormatLookup(doc.Lookup)+"\r")
	b.wait(`.banner.force-in-force`)
	b.fits("04-copy")

	path := filepath.Join(t.TempDir(), "giấy khai sinh.pdf")
	if err := os.WriteFile(path, o.signedFile(o.signedIn("lan"), doc), 0o600); err != nil {
		t.Fatal(err)
	}
	b.open("/verify")
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#pdf"), []string{path}))
	b.wait(`.verdict.TOTAL-PASSED`)
	b.wait(`.ours`)
	b.fits("05-verified")

	b.open("/?kiosk=1")
	b.open("/status")
	b.wait(`.kiosk-out`)
	eval[bool](b, `(Object.assign(document.getElementById('kiosk').dataset, { after: 1, warn: 1 }), true)`)
	b.keys(kb.Shift) // a touch, from which time runs anew
	b.wait(`#kiosk:not([hidden])`)
	b.fits("06-kiosk")
	b.wait(`.way`) // by itself
	b.quiet()
}

// quietBut404 forgets what the console says about an answer that is meant to
// be 404.
func (b *browser) quietBut404() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = nil
}

// TestStaffFindsReusesAndGives is a handler's look-up: a search for the dossier
// at hand, from hit to hit by keys, what the dossier misses used again, and a
// link given and called back.
func TestStaffFindsReusesAndGives(t *testing.T) {
	o := newOffice(t)
	o.update(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: "thuly", FullName: "Hồ Thị Lý", Roles: []sohoa.UserRole{sohoa.UserStaff}, Agency: agencyA, CreatedAt: o.now()})
	})
	lan := o.signedIn("lan")
	own := o.printed(lan)
	o.shelf.find(own.ID, 1, truth(t, "giay-khai-sinh-01.jpg", 1))
	held := lan.upload(dossierA2, "Giấy chứng nhận.jpg", scan(t, "quyet-dinh-01.jpg"))
	o.shelf.split(held.ID, "quyet-dinh-01.jpg")
	o.shelf.read(held.ID, 1, "quyet-dinh-01.jpg")
	o.shelf.keep(held.ID)
	o.typed(held.ID, paperKind)
	o.shelf.find(held.ID, 1, truth(t, "quyet-dinh-01.jpg", 1))
	o.offers(dossierA, held.ID)
	b := newBrowser(o, "staff", 1366, 768, false)
	b.arrives("thuly", `main h1`)
	b.open("/dossiers/" + dossierA)
	b.fill(`#find`, "xã hội\r") // stands on both papers
	b.wait(`.hits .hit:nth-child(2) .give`)
	b.fits("01-hits")
	b.click(`.hit:nth-child(1) h2 a`)
	b.wait(`#hit-next:not([hidden])`)
	b.wait(`#page-1 .marks rect`)
	b.fits("02-first-hit")
	first := eval[string](b, `location.pathname`)
	b.keys("n")
	b.wait(`#hit-previous:not([hidden])`)
	b.wait(`#page-1 .marks rect`)
	if second := eval[string](b, `location.pathname`); second == first {
		t.Error("n stays at the first hit")
	}
	b.click(`#hit-list`)
	b.wait(`.hits .acts .primary`)
	b.click(`.hits .acts .primary`)
	b.wait(`.offer .accept button`)
	b.fits("03-offer")
	b.click(`.offer input[name=confirmed]`)
	b.click(`.offer .accept button`)
	b.wait(`.badge.paper-reused`)

	b.open("/documents/" + own.ID.String())
	b.click(`.give summary`)
	eval[bool](b, `(document.querySelector('.give select').value = 'reading', true)`)
	b.fill(`.give input[name=purpose]`, " ông Nam đọc")
	b.click(`.give button`)
	b.wait(`#link a.code`)
	b.wait(`#given .force-in-force`)
	b.fits("04-given")
	b.click(`#given details summary`)
	b.fill(`#given input[name=purpose]`, "gửi nhầm\r")
	b.wait(`#given .force-revoked`)
	b.fits("05-called-back")
	form := `new URLSearchParams({ document: '` + own.ID.String() + `', as: 'certified', purpose: 'ông Nam' })`
	if status := eval[int](b, `fetch('/export', { method: 'POST', body: `+form+` }).then(r => r.status)`); status != http.StatusOK {
		t.Errorf("a certified copy = %d", status)
	}
	b.quiet()
}
