package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sohoa"
	"sohoa/search"
)

// TestReuseJourney is a clerk's case: a dossier for which another agency holds
// the paper, which is accepted; a search by keys; and the news that the paper
// was revoked.
func TestReuseJourney(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"reuse", 1366, 768, false}, {"reuse-phone", 390, 844, true}} {
		t.Run(size.name, func(t *testing.T) {
			o := newOffice(t)
			o.printed(o.signedIn("lan"))
			doc := o.elsewhere()
			o.offers(dossierA, doc.ID, sohoa.ReuseFail)
			o.index.suggestions = []search.Suggestion{{Text: `nguoi:"Phạm Mỹ Huệ"`, Kind: search.SuggestPerson}, {Text: "khai sinh", Kind: search.SuggestWord}}
			b := newBrowser(o, size.name, size.width, size.height, size.phone)
			b.enters("lan")
			b.accepts()
			b.searches()
			o.loses(dossierA)
			b.learns()
			b.open("/figures")
			b.fits("09-figures")
			b.quiet()
		})
	}
}

// accepts opens the dossier, looks at what is offered and takes it.
func (b *browser) accepts() {
	b.t.Helper()
	b.open("/dossiers/" + dossierA)
	b.wait(`.paper-offered .button`)
	b.fits("03-papers")
	b.click(`.paper-offered .button`)
	b.wait(`.offer.confirm svg image`)
	b.fits("04-offers")
	b.click(`.offer.confirm input[name=confirmed]`)
	b.click(`.offer.confirm .accept button`)
	b.wait(`.badge.paper-reused`)
	b.fits("05-reused")
}

// searches types, chooses a suggestion by keys and looks at what is found.
func (b *browser) searches() {
	b.t.Helper()
	b.open("/search")
	b.wait(`#query[role=combobox]`)
	b.fits("06-search")
	b.fill(`#query`, "kha")
	b.wait(`#query-options [role=option]`)
	b.run(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown))
	if got := eval[string](b, `document.querySelector('#query').value + ' ' + document.querySelector('#' + document.querySelector('#query').getAttribute('aria-activedescendant')).getAttribute('aria-selected')`); got != "khai sinh true" {
		b.t.Errorf("two arrows down choose %q, want the second suggestion", got)
	}
	b.fits("07-suggested")
	b.run(chromedp.KeyEvent(kb.Escape))
	if got := eval[string](b, `document.querySelector('#query').value`); got != "kha" {
		b.t.Errorf("Escape leaves %q, want what was typed", got)
	}
	b.run(chromedp.KeyEvent(kb.ArrowDown))
	b.wait(`#query-options [role=option]`)
	b.run(chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter))
	b.wait(`.hits .marked .marks rect`)
	b.fits("08-found")
}

// learns sees the notice of a loss, on the home page and at the dossier.
func (b *browser) learns() {
	b.t.Helper()
	b.open("/")
	b.wait(`.loss`)
	b.fits("10-home")
	b.click(`.loss a`)
	b.wait(`.loss form`)
	b.fits("11-lost")
	b.fill(`.loss input[name=note]`, "Đã hẹn người dân bổ sung")
	b.click(`.loss button`)
	b.wait(`body:not(:has(.loss)) #papers`) // what is known is not told any more
}
