package web_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sohoa"
	"sohoa/archive"
)

// TestFieldsJourney is a clerk who confirms three papers by keyboard alone,
// corrects one value by dragging over words of the image, and finds the paper
// by what they corrected.
func TestFieldsJourney(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	var docs []sohoa.Document
	for _, name := range []string{"Quyết định một", "Quyết định hai", "Quyết định ba"} {
		docs = append(docs, o.waiting(lan, dossierA, name))
	}
	b := newBrowser(o, "fields", 1366, 768, false)
	b.enters("lan")
	b.open("/")
	b.fits("01-home")
	b.run(chromedp.KeyEvent("f"))
	b.wait(`#fields`)
	b.at(docs[0])
	b.wait(`.here`)
	b.fits("02-fields")
	b.corrects()
	b.fits("03-corrected")
	b.run(chromedp.KeyEvent(kb.Escape))
	if got := b.focused(); got != "codeNotation OĐ-UBND" {
		t.Errorf("Escape leaves %q, want what was read", got)
	}
	b.corrects()
	b.run(chromedp.KeyEvent(kb.Enter)) // that field
	if got := b.focused(); got != "codeNumber " {
		t.Errorf("Enter leads to %q, want the next field", got)
	}
	b.run(chromedp.KeyEvent("977"), chromedp.KeyEvent(kb.Enter))
	b.fits("04-typed")
	b.all()
	b.at(docs[1])
	// One key for a paper on which all is right.
	b.all()
	b.at(docs[2])
	for range sohoa.FieldNames { // or one for each field
		b.run(chromedp.KeyEvent(kb.Enter))
	}
	b.wait(`.good[role=status]`)
	b.fits("05-done")
	o.sees(docs[0], "QĐ-UBND", "977")
	o.shelf.find(docs[0].ID, 1, truth(t, "quyet-dinh-01.jpg", 1)) // as the index follows the journal
	b.open("/dossiers/" + dossierA)                               // the purpose of the search
	b.open("/search")
	b.fill(`#query`, "so:977")
	b.run(chromedp.KeyEvent(kb.Enter))
	b.wait(`.hits a[href*="` + docs[0].ID.String() + `"]`)
	b.fits("06-found")
	b.quiet()
}

// at checks which paper is on the screen, and that its first field has the
// focus.
func (b *browser) at(doc sohoa.Document) {
	b.t.Helper()
	b.wait(`#fields[action*="` + doc.ID.String() + `"]`)
	b.wait(`.field.at .mark`)
	if got := b.focused(); !strings.HasPrefix(got, "codeNotation") {
		b.t.Errorf("the focus is on %q, want the field that may be misread", got)
	}
}

// focused is the name and the value of the field that has the focus.
func (b *browser) focused() string {
	b.t.Helper()
	return eval[string](b, `document.activeElement.name + ' ' + document.activeElement.value`)
}

// all confirms all that is left.
func (b *browser) all() {
	b.t.Helper()
	b.run(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

// corrects drags over the notation on the image.
func (b *browser) corrects() {
	b.t.Helper()
	at := eval[[]float64](b, `(() => { const w = [...document.querySelectorAll('#page-1 .words tspan')].find(w => w.textContent.includes('QĐ-UBND')).getBoundingClientRect();
		return [w.left + 1, w.top + 1, w.right - 1, w.bottom - 1] })()`)
	b.run(chromedp.DragAndDropXY(at[0], at[1], at[2], at[3]))
	if got := b.focused(); got != "codeNotation QĐ-UBND" {
		b.t.Errorf("dragging over the notation fills in %q", got)
	}
}

// sees checks what was confirmed.
func (o *office) sees(doc sohoa.Document, notation, number string) {
	o.t.Helper()
	d, err := o.catalog.Document(o.t.Context(), sohoa.Everything, doc.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	f := d.Field(sohoa.FieldCodeNotation)
	if d.Unconfirmed() || f.Value != notation || f.Page != 1 || f.Box.Width() < 20 || f.By != "lan" || f.Read.Value != "OĐ-UBND" || d.Field(sohoa.FieldCodeNumber).Value != number {
		o.t.Errorf("confirmed as %+v, number %+v", f, d.Field(sohoa.FieldCodeNumber))
	}
	left, err := o.catalog.CountUnconfirmed(o.t.Context(), sohoa.Everything, archive.UnconfirmedQuery{})
	if err != nil || left != 0 {
		o.t.Errorf("%d papers still wait, %v", left, err)
	}
}

// TestFieldsOnPhone confirms a paper on a phone, with taps on words.
func TestFieldsOnPhone(t *testing.T) {
	o := newOffice(t)
	doc := o.waiting(o.signedIn("lan"), dossierA, "Quyết định một")
	b := newBrowser(o, "fields-phone", 390, 844, true)
	b.enters("lan")
	b.open("/documents/" + doc.ID.String() + "/fields")
	b.wait(`.here`)
	b.fits("01-fields")
	b.run(chromedp.Focus(chromedp.CSS(`#f-codeNotation`)))
	b.wait(`.field.at[data-field=codeNotation]`)
	at := eval[[]float64](b, `(() => { const w = [...document.querySelectorAll('#page-1 .words tspan')].find(w => w.textContent.includes('QĐ-UBND')).getBoundingClientRect();
		return [w.left + w.width / 2, w.top + w.height / 2] })()`)
	b.run(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: "touchStart", TouchPoints: []*input.TouchPoint{{X: at[0], Y: at[1]}}})
		if err == nil {
			_, err = cdp.Call(ctx, tab, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: "touchEnd", TouchPoints: []*input.TouchPoint{}})
		}
		return err
	}))
	eval[bool](b, `new Promise(done => setInterval(() => document.activeElement.value !== 'OĐ-UBND' && done(true), 20))`)
	if got := b.focused(); got != "codeNotation QĐ-UBND" {
		t.Errorf("a tap on the notation fills in %q", got)
	}
	b.fits("02-tapped")
	b.click(`#fields [name=then][value=stay]`)
	b.wait(`#known`)
	b.fits("03-document")
	b.quiet()
}

// TestDocumentByKeys goes through the pages of a document by keys, and to its
// fields.
func TestDocumentByKeys(t *testing.T) {
	o := newOffice(t)
	doc := o.long(o.signedIn("lan"), 4)
	b := newBrowser(o, "document", 1366, 768, false)
	b.enters("lan")
	b.open("/documents/" + doc.ID.String())
	b.wait(`.thumb[aria-current][href="#page-1"]`)
	b.run(chromedp.KeyEvent(kb.PageDown))
	b.wait(`.thumb[aria-current][href="#page-2"]`)
	b.wait(`#page-2 .words tspan`)
	b.run(chromedp.KeyEvent(kb.ArrowRight))
	b.wait(`.thumb[aria-current][href="#page-3"]`)
	b.run(chromedp.KeyEvent(kb.PageUp))
	b.wait(`.thumb[aria-current][href="#page-2"]`)
	b.fits("01-second")
	b.run(chromedp.KeyEvent("f"))
	b.at(doc)
	b.quiet()
}
