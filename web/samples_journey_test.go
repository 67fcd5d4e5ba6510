package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sohoa"
	"sohoa/archive"
	"sohoa/web"
)

// TestSampleJourney is an inspector's week: five documents drawn, judged by
// keys with two faults, taken up again in another session, and the result.
func TestSampleJourney(t *testing.T) {
	o, _ := inspected(t, 5)
	b := newBrowser(o, "samples", 1366, 768, false)
	b.comesIn("thanh")
	b.open("/samples/new")
	eval[bool](b, `(() => { for (const [name, value] of Object.entries({ from: '2020-01-01', until: '2099-12-31', size: '5' })) document.querySelector(`+"`[name=${name}]`"+`).value = value; return true })()`)
	b.fits("01-new")
	b.click(`main form button[type=submit]`)
	b.wait(`#go-on`)
	b.fits("02-drawn")
	found, err := o.catalog.FindSamples(t.Context(), sohoa.Everything, archive.SampleQuery{})
	if err != nil || len(found) != 1 {
		t.Fatalf("%d samples, %v, want the one that was drawn", len(found), err)
	}
	items, err := o.catalog.SampleItems(t.Context(), found[0].ID)
	if err != nil || len(items) != 5 {
		t.Fatalf("%d documents, %v, want five", len(items), err)
	}
	b.click(`#go-on`)
	b.judges(items[0], 1, "2", "03-fault")
	b.judges(items[0], 0, "", "04-whole")
	b.judges(items[1], 1, "", "")
	b.judges(items[1], 0, "3", "")
	b.quiet()

	again := newBrowser(o, "samples-again", 1366, 768, false)
	again.comesIn("thanh")
	again.open("/samples/" + string(found[0].ID))
	again.fits("05-again")
	again.click(`#go-on`)
	for _, i := range items[2:] {
		again.judges(i, 1, "", "")
		again.judges(i, 0, "", "")
	}
	again.wait(`form[action$="/close"]`)
	again.click(`form[action$="/close"] button`)
	again.wait(`#result`)
	again.fits("06-result")
	if got := eval[string](again, `document.querySelector('.big-figures').textContent`); !strings.Contains(got, "60,0 %") || !strings.Contains(got, "3 / 5") {
		t.Errorf("the result is %q, want 3 of 5 documents without fault", got)
	}
	again.quiet()
}

// comesIn sets a user's password by a link, which signs them in, whatever page
// they have first.
func (b *browser) comesIn(user string) {
	b.t.Helper()
	token, err := web.SetupLink(b.t.Context(), b.catalog, user)
	if err != nil {
		b.t.Fatal(err)
	}
	b.open("/setup/" + token)
	b.fill(`input[name=password]`, goodPassword)
	b.fill(`input[name=again]`, goodPassword)
	b.click(`main button[type=submit]`)
	b.wait(`form[action="/sign-out"] button`)
}

// judges presses a key, if any, and Enter where a page of a document is asked
// about; "" is no picture.
func (b *browser) judges(i sohoa.SampleItem, page int, key, shot string) {
	b.t.Helper()
	number := map[bool]string{true: "0", false: "1"}[page == 0]
	b.wait(`form[action$="` + i.Document.String() + `"]:has(input[name=page][value="` + number + `"]) button[type=submit]`)
	if key != "" {
		b.run(chromedp.KeyEvent(key))
		b.wait(`[data-key="` + key + `"]:not(:has(option[value=""]:checked)) .why`)
	}
	if shot != "" {
		b.fits(shot)
	}
	b.run(chromedp.KeyEvent(kb.Enter))
}

// TestFiguresJourney looks at the charts on a screen and on a phone.
func TestFiguresJourney(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"figures", 1366, 768, false}, {"figures-phone", 390, 844, true}} {
		t.Run(size.name, func(t *testing.T) {
			o := counted(t)
			b := newBrowser(o, size.name, size.width, size.height, size.phone)
			b.comesIn("admin")
			b.open("/figures?from=2026-07-01&step=month")
			b.wait(`.chart svg`)
			b.fits("01-figures")
			if n := eval[int](b, `document.querySelectorAll('.chart svg[aria-label]').length`); n != 2 {
				t.Errorf("%d charts with a summary, want 2", n)
			}
			b.quiet()
		})
	}
}
