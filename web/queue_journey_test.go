package web_test

import (
	"fmt"
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
