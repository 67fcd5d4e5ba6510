package main

import (
	"context"
	"fmt"
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
	b := newWindow(t, newProgram(t).serve("--demo", t.TempDir()))
	b.becomes("lan")
	b.opensDossier()
	b.uploadsHeld("bien-ban-01.pdf", "to-khai-01.jpg")
	b.evalBool(`([...document.querySelectorAll('#documents .doc')].find(d => d.textContent.includes('bien-ban')).querySelector('a').click(), true)`)
	b.wait(`#facts a[href$="/arrange"]`)
	b.shot("2-document")
	b.click(`#facts a[href$="/arrange"]`)
	b.wait(`.tiles .tile:nth-child(4) img`)
	b.pages("1 2 3 4", "as it came")
	b.shot("3-arrange")
	b.arrangesByKeys()
	b.arrangesByMouse()
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.shot("7-phone")
	b.click(`.tile:nth-child(3) label`) // it was selected
	b.click(`.tile:nth-child(1) label`)
	b.click(`button[value=later]`)
	b.pages("3@270 1@90 4@270|2", "moved by touch")
	if over := evaluate[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		t.Errorf("the page is %d pixels wider than a phone", over)
	}
	b.click(`button[value=release]`)
	b.waitLong(`#facts[data-state=kept] a[href$="/signatures"]`)
	b.shot("8-kept")
	b.quiet()
}

// uploadsHeld brings samples into the dossier on the screen that wait to be
// arranged.
func (b *window) uploadsHeld(names ...string) {
	b.t.Helper()
	b.click(`#hold`)
	var files []string
	for _, name := range names {
		files = append(files, filepath.Join(samples, name))
	}
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#pick"), files))
	for i := range names {
		b.waitLong(fmt.Sprintf(`#documents .doc:nth-child(%d) .badge.held`, i+1))
	}
	b.shot("1-dossier")
	b.open(b.evalString(`location.pathname`))
	if !b.evalBool(`document.querySelector('#hold').checked`) {
		b.t.Error("the choice to hold uploads is not remembered")
	}
}

// arrangesByKeys turns, moves and drops the focused page, and a range.
func (b *window) arrangesByKeys() {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS(`.tile:nth-child(1) input`)), chromedp.KeyEvent("b"))
	if got := b.evalString(`[...document.querySelectorAll('.tiles input:checked')].map(i => i.value.split(':')[1]).join(' ')`); got != "2 4" {
		b.t.Errorf("b selects %q, want the blank pages 2 and 4", got)
	}
	b.do(chromedp.KeyEvent("a"), chromedp.KeyEvent("a")) // all, then none
	b.do(chromedp.Focus(chromedp.CSS(`.tile:nth-child(1) input`)), chromedp.KeyEvent("R"))
	b.pages("1@90 2 3 4", "R on page 1")
	b.do(chromedp.KeyEvent(kb.ArrowRight, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	b.pages("2 1@90 3 4", "Alt and right")
	b.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.Delete))
	b.pages("2 1@90 4|3", "right and Delete")
	if !b.evalBool(`document.activeElement.matches('.tiles input')`) {
		b.t.Error("after a page was dropped none has the focus")
	}
	b.do(chromedp.KeyEvent("u"))
	b.pages("2 1@90 3 4", "u")
	b.do(chromedp.Focus(chromedp.CSS(`.tile:nth-child(3) input`)), chromedp.KeyEvent(" "),
		chromedp.KeyEvent(kb.ArrowRight, chromedp.KeyModifiers(chromedp.ModifierShift)), chromedp.KeyEvent("r"))
	b.pages("2 1@90 3@270 4@270", "a range turned left")
	b.shot("4-selected")
	if !b.evalBool(`document.querySelectorAll('.tiles input:checked').length === 2`) {
		b.t.Error("the range is not selected any more")
	}
}

// arrangesByMouse drags the selected pages, drops one and takes it in again,
// replaces a page by a better scan, and splits.
func (b *window) arrangesByMouse() {
	b.t.Helper()
	b.do(chromedp.DragAndDrop(chromedp.CSS(`.tile:nth-child(4) .shot`), chromedp.CSS(`.tile:nth-child(1) input`)))
	b.pages("3@270 4@270 2 1@90", "dragged to the front")
	b.chooseTiles("-1")
	b.click(`button[value=drop]`)
	b.pages("3@270 4@270 2|1@90", "page 1 dropped")
	b.click(`.tile.dropped input`)
	b.click(`button[value=restore]`)
	b.pages("1@90 3@270 4@270 2", "and taken in again, before what follows it in the original")
	b.chooseTiles("-2")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#better"), []string{filepath.Join(samples, "cong-van-01.png")}))
	b.pages("1@90 3@270 4@270 other|2", "page 2 replaced")
	b.shot("5-replaced")
	b.chooseTiles("-4")
	b.click(`button[value=split]`)
	b.wait(`p.good a`)
	b.pages("1@90 3@270 4@270|2", "split after page 4")
	b.shot("6-split")
}

// chooseTiles selects the pages whose elements are named so.
func (b *window) chooseTiles(end string) {
	b.t.Helper()
	b.evalBool(`(document.querySelectorAll('.tiles input').forEach(i => { i.checked = i.id.endsWith('` + end + `') }), true)`)
}

// pages waits until the desk shows these pages, dropped ones after a bar.
func (b *window) pages(want, when string) {
	b.t.Helper()
	got := b.evalString(`new Promise((done) => {
		const is = () => {
			if (document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')) return 'still on its way';
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
	ctx, cancel := context.WithTimeout(b.ctx, stepTime)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, b.t.Name()+"-"+name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Errorf("screenshot %s: %v", name, err)
	}
}
