package web_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sohoa"
)

// TestCounterJourney is a clerk's case from the counter to the archive: a
// dossier of three fields, what is held is taken, two scans are dropped on
// their papers, one of which lacks a page, a blank page is left out.
func TestCounterJourney(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"counter", 1366, 768, false}, {"counter-phone", 390, 844, true}} {
		t.Run(size.name, func(t *testing.T) {
			o := newOffice(t)
			o.printed(o.signedIn("lan"))
			o.offers(dossierA, o.elsewhere().ID)
			b := newBrowser(o, size.name, size.width, size.height, size.phone)
			b.enters("lan")
			dossier := b.beginsDossier()
			b.refusesToScanWhatIsHeld()
			b.takesWhatIsHeld()
			b.saysShown()
			b.dropsTwo(dossier)
			b.quiet()
		})
	}
}

// beginsDossier makes one by keys alone and returns its code.
func (b *browser) beginsDossier() string {
	b.t.Helper()
	b.fits("01-home")
	b.run(chromedp.KeyEvent("n"))
	b.wait(`input[name=code]:focus`)
	eval[bool](b, `(document.activeElement.value = '', true)`) // a key that is sent without a keyboard is typed though it was taken
	b.run(chromedp.KeyEvent(kb.Enter))                         // no barcode: the next of the day
	b.run(chromedp.KeyEvent("khai sinh" + kb.Enter))
	b.run(chromedp.KeyEvent("001090012345 Phạm Mỹ Huệ" + kb.Enter))
	b.wait(`#papers .paper-offered`)
	code := eval[string](b, `document.querySelector('h1 bdi').textContent`)
	if want := sohoa.DossierPrefix(agencyA, b.now()) + "0001"; code != want {
		b.t.Errorf("the dossier is %s, want %s", code, want)
	}
	if got := eval[string](b, `document.querySelector('.meta').innerText.replace(/\s+/g, ' ')`); !strings.Contains(got, "Phạm Mỹ Huệ") || !strings.Contains(got, "001090012345") {
		b.t.Errorf("the dossier says %q, want its owner", got)
	}
	b.fits("02-dossier")
	return code
}

// drops drags a sample scan onto an element.
func (b *browser) drops(selector, name string) {
	b.t.Helper()
	data := base64.StdEncoding.EncodeToString(scan(b.t, name))
	eval[bool](b, fmt.Sprintf(`(() => { const bytes = Uint8Array.from(atob(%q), (c) => c.charCodeAt(0)), files = new DataTransfer();
		files.items.add(new File([bytes], %q, { type: 'image/jpeg' }));
		const on = document.querySelector(%q);
		for (const kind of ['dragover', 'drop']) on.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
		return true })()`, data, name, selector))
}

func (b *browser) refusesToScanWhatIsHeld() {
	b.t.Helper()
	b.drops(`.paper-offered .doc-name`, "bien-ban-02.jpg")
	b.wait(`#uploads .failed`)
	b.drops(`h1`, "bien-ban-02.jpg")
	b.wait(`#uploads .failed:nth-child(2)`)
	if n := eval[int](b, `document.querySelectorAll('#documents .doc').length`); n > 0 {
		b.t.Errorf("%d documents were brought before what is held was looked at", n)
	}
}

func (b *browser) takesWhatIsHeld() {
	b.t.Helper()
	b.click(`.paper-offered .button`)
	b.wait(`.offer.confirm svg image`)
	b.click(`.offer.confirm input[name=confirmed]`)
	b.click(`.offer.confirm .accept button`)
	b.wait(`.badge.paper-reused`)
	b.wait(`#drop`) // nothing is left to be looked at first
}

// saysShown says of a paper that it was only shown, and takes that back.
func (b *browser) saysShown() {
	b.t.Helper()
	b.click(`[data-paper="KQ.000789"] button[value=shown]`)
	b.wait(`[data-paper="KQ.000789"].paper-shown`)
	b.fits("03-shown")
	if got := eval[string](b, `document.activeElement.id`); got != "omit-KQ.000789" {
		b.t.Errorf("the focus is on %q, want the button that takes it back", got)
	}
	b.run(chromedp.KeyEvent(kb.Enter))
	b.wait(`[data-paper="KQ.000789"].paper-optional`)
	b.click(`[data-paper="KQ.000789"] .omit summary`)
	b.fits("04-reasons")
	b.click(`[data-paper="KQ.000789"] button[value=secret]`)
	b.wait(`[data-paper="KQ.000789"].paper-omitted`)
	b.click(`#omit-KQ\.000789`)
	b.wait(`[data-paper="KQ.000789"].paper-optional`)
}

// dropsTwo drops two papers: one with a blank back, one that lacks a page.
func (b *browser) dropsTwo(dossier string) {
	b.t.Helper()
	b.fill(`#expected`, "1")
	b.drops(`[data-paper="KQ.000456"] .doc-state`, "to-khai-01.jpg")
	b.wait(`[data-paper="KQ.000456"].paper-scanned`)
	b.fill(`#expected`, "3")
	b.drops(`[data-paper="KQ.000789"] .doc-name`, "quyet-dinh-01.jpg")
	b.wait(`[data-paper="KQ.000789"].paper-scanned`)
	docs := b.documentsOf(dossier)
	first, second := docs["to-khai-01.jpg"], docs["quyet-dinh-01.jpg"]
	b.shelf.split(first.ID, "to-khai-01.jpg", "trang-trang-01.jpg")
	b.shelf.split(second.ID, "quyet-dinh-01.jpg", "giay-khai-sinh-01.jpg")
	row := func(d sohoa.Document) string { return `.doc[data-doc="` + d.ID.String() + `"] ` }
	b.wait(row(second) + `.badge.miscounted`)
	b.shelf.read(first.ID, 1, "to-khai-01.jpg")
	b.wait(row(first) + `.thumb img`) // the page appears while others are read
	b.shelf.read(first.ID, 2, "trang-trang-01.jpg")
	b.shelf.read(second.ID, 1, "quyet-dinh-01.jpg")
	b.shelf.read(second.ID, 2, "giay-khai-sinh-01.jpg")
	b.wait(row(first) + `form[action$="/blank"] button`)
	b.fits("05-counted")
	b.click(row(first) + `form[action$="/blank"] button`)
	b.wait(row(first) + `form[action$="/release"] button`)
	b.click(row(first) + `form[action$="/release"] button`)
	b.wait(`#facts`)
	b.shelf.keep(first.ID)
	b.wait(`#facts[data-state=kept]`)
	b.open("/")
	b.wait(`.needs a[href="#counted"]`)
	b.fits("06-needs")
	b.open("/dossiers/" + dossier)
	b.wait(row(second) + `.warn`)
	b.fits("07-miscounted")
	b.run(chromedp.SetValue(chromedp.CSS(row(second)+`input[name=expected]`), "2"))
	b.click(row(second) + `form[action$="/expected"] button`)
	b.run(chromedp.WaitNotPresent(chromedp.CSS(row(second) + `.badge.miscounted`)))
	b.shelf.keep(second.ID)
	b.wait(row(second) + `.badge.kept`)
	b.fits("08-kept")
}

// TestCounterSendsAgain drops a file while the archive is away, and sends it
// once more when it is back.
func TestCounterSendsAgain(t *testing.T) {
	o := newOffice(t)
	b := newBrowser(o, "counter-again", 1366, 768, false)
	b.enters("lan")
	b.open("/dossiers/" + dossierA)
	b.wait(`#drop`)
	b.shelf.fail(&sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.unavailable"})
	b.drops(`h1`, "bien-ban-02.jpg")
	b.wait(`#uploads .failed button`)
	b.fits("09-failed")
	b.shelf.fail(nil)
	b.click(`#uploads .failed button`)
	b.wait(`#uploads .sent`)
	b.wait(`#documents .doc`)
}

// documentsOf are the documents of a dossier by their names.
func (o *office) documentsOf(dossier string) map[string]sohoa.Document {
	o.t.Helper()
	docs := map[string]sohoa.Document{}
	var all struct{ Documents []sohoa.Document }
	o.signedIn("lehoa").get("/api/v1/documents?dossier="+dossier).decode(o.t, &all)
	for _, d := range all.Documents {
		docs[d.Name] = d
	}
	return docs
}

// TestCounterByKeys goes through the lists without a mouse.
func TestCounterByKeys(t *testing.T) {
	o := newOffice(t)
	b := newBrowser(o, "counter-keys", 1366, 768, false)
	b.enters("lan")
	press := func(keys ...string) {
		for _, k := range keys {
			b.run(chromedp.KeyEvent(k))
		}
	}
	press("?")
	b.wait(`#keys[open]`)
	b.fits("01-help")
	press(kb.Escape)
	b.run(chromedp.WaitNotVisible(chromedp.CSS(`#keys`)))
	press("/")
	if got := eval[string](b, `document.activeElement.id`); got != "find" {
		t.Errorf("/ goes to %q, want the search box", got)
	}
	press(kb.Tab, kb.Tab)
	at := func() string { return eval[string](b, `document.activeElement.textContent`) }
	eval[bool](b, `(document.activeElement.blur(), true)`)
	press("j")
	first := at()
	press(kb.ArrowDown)
	second := at()
	press("k")
	if first == second || at() != first || !strings.HasPrefix(first, "H49") {
		t.Errorf("j, down, k go to %q, %q, %q, want the first, the second, the first", first, second, at())
	}
	press(kb.Enter)
	b.wait(`h1 .kind`)
	if got := eval[string](b, `document.querySelector('h1 bdi').textContent`); got != first {
		t.Errorf("Enter opens %q, want %q", got, first)
	}
	press("n")
	b.wait(`input[name=code]:focus`)
	b.quiet()
}
