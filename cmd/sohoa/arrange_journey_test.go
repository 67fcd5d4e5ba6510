package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestArrangeJourney puts the pages of a scan in order, in Chromium, at the
// size of a desk and of a phone: upload that waits, keys, dragging, split, a
// better scan of a page, undo, release.
func TestArrangeJourney(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	s := p.serve("--demo", t.TempDir())
	b := newWindow(t, s)
	b.open(s.link[len(s.base):])
	b.fill(`input[name=password]`, "một câu dễ nhớ")
	b.fill(`input[name=again]`, "một câu dễ nhớ\r")
	b.wait(`form[action="/dossiers"]`)
	b.fill(`input[name=code]`, "H00.00.01-261122-0078")
	b.fill(`input[name=ownerName]`, "Phạm Mỹ Huệ")
	b.click(`form[action="/dossiers"] button`)
	b.wait(`#drop`)
	b.click(`#hold`)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#pick"), []string{filepath.Join(samples, "bien-ban-01.pdf"), filepath.Join(samples, "to-khai-01.jpg")}))
	b.wait(`.docs .doc:nth-child(1) .badge.held`)
	b.wait(`.docs .doc:nth-child(2) .badge.held`)
	b.shot("1-dossier")
	b.open(b.evalString(`location.pathname`))
	if !b.evalBool(`document.querySelector('#hold').checked`) {
		t.Error("the choice to hold uploads is not remembered")
	}
	// The newer one comes first, so the PDF is the one with four pages.
	b.evalBool(`([...document.querySelectorAll('.docs .doc')].find(d => d.textContent.includes('bien-ban')).querySelector('a').click(), true)`)
	b.wait(`#facts a[href$="/arrange"]`)
	b.shot("2-document")
	b.click(`#facts a[href$="/arrange"]`)
	b.wait(`.tiles .tile:nth-child(4) img`)
	b.pages("1 2 3 4", "as it came")
	b.shot("3-arrange")

	// Keys: the focused page is turned, moved, dropped; shift selects a range.
	b.do(chromedp.Focus(chromedp.CSS(`.tile:nth-child(1) input`)), chromedp.KeyEvent("R"))
	b.pages("1@90 2 3 4", "R on page 1")
	b.do(chromedp.KeyEvent(kb.ArrowRight, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.pages("2 1@90 3 4", "Alt and right")
	b.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.Delete))
	b.pages("2 1@90 4|3", "right and Delete")
	if !b.evalBool(`document.activeElement.matches('.tiles input')`) {
		t.Error("after a page was dropped none has the focus")
	}
	b.do(chromedp.KeyEvent("u"))
	b.pages("2 1@90 3 4", "u")
	b.click(`.tile:nth-child(4) input`)
	b.click(`button[value=drop]`)
	b.pages("2 1@90 3|4", "page 4 dropped by mouse")
	b.click(`.tile.dropped input`)
	b.click(`button[value=restore]`)
	b.pages("2 1@90 3 4", "and taken in again")
	b.click(`.tile:nth-child(4) input`) // it is still selected
	b.do(chromedp.Focus(chromedp.CSS(`.tile:nth-child(3) input`)), chromedp.KeyEvent(" "),
		chromedp.KeyEvent(kb.ArrowRight, chromedp.KeyModifiers(chromedp.ModifierShift)))
	b.do(chromedp.KeyEvent("r"))
	b.pages("2 1@90 3@270 4@270", "a range turned left")
	b.shot("4-selected")
	if !b.evalBool(`document.querySelectorAll('.tiles input:checked').length === 2`) {
		t.Error("the range is not selected any more")
	}
	// Dragging takes the selected pages along.
	b.do(chromedp.DragAndDrop(chromedp.CSS(`.tile:nth-child(4) .shot`), chromedp.CSS(`.tile:nth-child(1) input`)))
	b.pages("3@270 4@270 2 1@90", "dragged to the front")

	// A better scan of a page takes its place.
	b.evalBool(`(document.querySelectorAll('.tiles input').forEach(i => { i.checked = i.id.endsWith('-2') }), true)`)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#better"), []string{filepath.Join(samples, "cong-van-01.png")}))
	b.pages("3@270 4@270 other 1@90|2", "page 2 replaced")
	b.shot("5-replaced")

	// The last two become a document of their own.
	b.evalBool(`(document.querySelectorAll('.tiles input').forEach(i => { i.checked = i.id.endsWith('-4') }), true)`)
	b.click(`button[value=split]`)
	b.wait(`p.good a`)
	b.pages("3@270 4@270|2", "split after page 4")
	b.shot("6-split")
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.shot("7-phone")
	b.click(`.tile:nth-child(2) label`)
	b.click(`.tile:nth-child(1) label`)
	b.click(`button[value=later]`)
	b.pages("4@270 3@270|2", "moved by touch")
	if over := evaluate[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		t.Errorf("the page is %d pixels wider than a phone", over)
	}
	b.click(`button[value=release]`)
	b.wait(`#facts[data-state=kept] a[href$="/signatures"]`)
	b.shot("8-kept")
	b.quiet()
}

// pages waits until the desk shows these pages, dropped ones after a bar.
func (b *window) pages(want, when string) {
	b.t.Helper()
	got := b.evalString(`new Promise((done) => {
		const is = () => {
			const own = document.querySelector('#desk').dataset.doc;
			const name = (t) => { const [id, n] = t.dataset.page.split(':'); const turn = t.querySelector('img').src.split('%40')[1];
				return (id === own ? n : 'other') + (turn ? '@' + turn : ''); };
			const of = (list) => [...document.querySelectorAll(list)].map(name).join(' ');
			const dropped = of('.tile.dropped');
			return of('.tile:not(.dropped)') + (dropped ? '|' + dropped : '');
		};
		let left = 600;
		const look = () => { if (is() === ` + "`" + want + "`" + ` || left-- < 0) done(is()); else setTimeout(look, 50); };
		look();
	})`)
	if got != want {
		b.shot("failure")
		b.t.Fatalf("%s: the pages are %q, want %q", when, got, want)
	}
	if !b.evalBool(`Promise.all([...document.querySelectorAll('.tile img')].map(i => i.decode().then(() => true, () => false))).then(a => a.every(x => x))`) {
		b.t.Errorf("%s: a thumbnail is not shown", when)
	}
}

// shot saves the window as a picture, where SOHOA_SCREENSHOTS says.
func (b *window) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("SOHOA_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "arrange-"+name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Errorf("screenshot %s: %v", name, err)
	}
}
