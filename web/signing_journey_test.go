package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sohoa"
)

// TestSigningJourney is an official's morning: a set that waits, one document
// refused, a mark dragged, the others signed with one PIN and seen to go on.
func TestSigningJourney(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"signing", 1366, 768, false}, {"signing-phone", 390, 844, true}} {
		t.Run(size.name, func(t *testing.T) {
			o := newOffice(t)
			o.desk.gate = make(chan struct{})
			lan := o.signedIn("lan")
			set, ids := o.putUp(lan, 4, "lehoa", "lan")
			b := newBrowser(o, size.name, size.width, size.height, size.phone)
			b.enters("lehoa")
			b.fits("01-home")
			b.click(`.waiting .docs a`)
			b.wait(`#items .item:nth-child(4) .item-mine`)
			b.fits("02-set")
			b.places(set, ids[0])
			b.refuses(ids[1])
			b.signs(ids[0], ids[2], ids[3])
			b.quiet()
		})
	}
}

// enters opens a session by a set-up link.
func (b *browser) enters(user string) {
	b.t.Helper()
	b.setUp(user)
}

// places drags a frame over the page, moves it by keys and saves it.
func (b *browser) places(set sohoa.SigningSet, id sohoa.DocumentID) {
	b.t.Helper()
	row := `[id="` + id.String() + `"] `
	b.click(row + `a[href$="/place"]`)
	b.wait(`#place .area`)
	b.run(chromedp.ScrollIntoView(chromedp.CSS(`#place .area`)))
	at := eval[[]float64](b, `(() => { const m = document.querySelector('#place').getScreenCTM(), p = (x, y) => { const q = new DOMPoint(x, y).matrixTransform(m); return [q.x, q.y] };
		return [...p(100, 600), ...p(250, 660)] })()`)
	b.run(chromedp.DragAndDropXY(at[0], at[1], at[2], at[3]))
	b.wait(`#place .box:not(.proposed)`)
	got := eval[[]float64](b, `['x', 'y', 'width', 'height'].map(n => Number(document.querySelector('.placing form').elements[n].value))`)
	for i, want := range []float64{100, 600, 150, 60} {
		if diff := got[i] - want; diff < -2 || diff > 2 {
			b.t.Errorf("dragging gave %v, want about 100, 600, 150, 60", got)
			break
		}
	}
	b.fits("03-place")
	eval[bool](b, `(document.querySelector('#place .area').focus(), true)`)
	b.run(chromedp.KeyEvent(kb.ArrowRight))
	if moved := eval[float64](b, `Number(document.querySelector('.placing form').elements.x.value)`); moved != got[0]+5 {
		b.t.Errorf("an arrow key moved the frame from %v to %v, want 5 points", got[0], moved)
	}
	b.click(`.placing form .primary`)
	b.wait(`#items`)
	items, err := b.catalog.SetItems(b.t.Context(), set.ID)
	if err != nil || items[0].Places[0].Page != 1 || items[0].Places[0].X != got[0]+5 {
		b.t.Errorf("saved %v, %v, want the frame at %v", items[0].Places, err, got[0]+5)
	}
}

// choose leaves only the documents named chosen.
func (b *browser) choose(ids ...sohoa.DocumentID) {
	b.t.Helper()
	b.wait(`#picked:not(:empty)`) // the script runs
	b.click(`[data-pick=none]`)
	for _, id := range ids {
		b.click(`[id="` + id.String() + `"] .pick`)
	}
}

func (b *browser) refuses(id sohoa.DocumentID) {
	b.t.Helper()
	b.choose(id)
	b.click(`#act [data-for-mine] details summary`)
	b.fill(`textarea[name=refusal]`, "Sai năm sinh của người nhận")
	b.fits("04-refuse")
	b.click(`[formaction$="/refuse"]`)
	b.wait(`[id="` + id.String() + `"] .item-refused`)
	b.fits("05-refused")
}

// signs signs the chosen documents with one PIN and sees each of them go on
// without a reload.
func (b *browser) signs(ids ...sohoa.DocumentID) {
	b.t.Helper()
	b.choose(ids...)
	b.fill(`input[name=pin]`, goodPIN)
	b.click(`#act .primary`)
	b.wait(fmt.Sprintf(`#items:has(.item:nth-child(%d) .item-signing)`, len(ids)+1))
	eval[int](b, `window.unreloaded = 1`)
	for i, id := range ids {
		b.desk.gate <- struct{}{}
		b.wait(`[id="` + id.String() + `"] .item-due`)
		if i == 0 {
			b.fits("06-half-signed")
		}
	}
	b.wait(`#set-head[data-mine="0"] .step:nth-child(2).now`)
	b.fits("07-signed")
	if eval[int](b, `window.unreloaded || 0`) != 1 {
		b.t.Error("the page was loaded again while documents were signed")
	}
	if eval[bool](b, `!document.querySelector('[data-for-mine]').hidden`) {
		b.t.Error("the page still offers to sign what waits for nobody here")
	}
	b.click(`[id="` + ids[0].String() + `"] .doc-name a`)
	b.wait(`.made-signatures li`)
	b.wait(`.facts .badge.TOTAL-PASSED`)
	b.fits("08-document")
}
