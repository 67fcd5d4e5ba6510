package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sohoa"
)

// TestSigningJourney is how results are signed, in Chromium, with the program
// as it is installed: a clerk puts scans up, an official refuses one and signs
// the others with one PIN, where a frame was dragged, and the seal keeper seals
// them; then a citizen looks up the dossier, a PDF and its printed copy.
func TestSigningJourney(t *testing.T) {
	t.Parallel()
	b := newWindow(t, newProgram(t).serve("--demo", t.TempDir(), "--public-url", "https://so-hoa.example"))
	b.becomes("lan")
	ids := b.brings("quyet-dinh-01.jpg", "bien-ban-01.pdf", "cong-van-01.png")
	b.putsUp()

	b.becomes("binh")
	b.wait(`#queue[data-count="3"]`) // it is where officials begin
	b.shot("sign-1-waiting")
	b.refuses(ids[1])
	b.placesMark(ids[0])
	b.signs(ids[0], ids[2])
	b.becomes("thu")
	b.signs(ids[0], ids[2])

	b.becomes("lan")
	b.open("/dossiers/" + journeyDossier)
	b.wait(`.dossier-signing .refused`)
	b.shot("sign-4-refused")
	b.open("/documents/" + ids[0])
	b.wait(`.made-signatures li:nth-child(3) .signed-B-T`)
	signed := b.download(`.files a[href*="/signed"]`)
	code := b.evalString(`fetch('/api/v1/documents/` + ids[0] + `').then(r => r.json()).then(d => d.lookup || '')`)
	b.leaves()
	b.checksAsCitizen(signed, code)
	b.quiet()
}

// brings makes the dossier of a journey, brings samples into it, waits until
// they are kept and returns their documents in that order.
func (b *window) brings(names ...string) []string {
	b.t.Helper()
	b.opensDossier()
	var ids []string
	for _, name := range names {
		b.do(chromedp.SetUploadFiles(chromedp.CSS("#pick"), []string{filepath.Join(samples, name)}))
		b.wait(`.uploads li:nth-child(` + string(rune('1'+len(ids))) + `).sent`)
		b.wait(`#documents .doc:nth-child(` + string(rune('1'+len(ids))) + `)`)
		ids = append(ids, b.evalString(`document.querySelector('#documents .doc').dataset.doc`))
	}
	b.waitLong(`#documents:not(:has(.doc:not([data-state=kept])))`) // all of them
	return ids
}

// putsUp makes a set of the dossier's documents, for the official and the seal
// keeper.
func (b *window) putsUp() {
	b.t.Helper()
	b.click(`a[href="/sets/new?dossier=` + journeyDossier + `"]`)
	b.click(`#add-signer`)
	b.choose(`[name=part0]`, string(sohoa.PartPerson))
	b.choose(`[name=user0]`, "binh")
	b.choose(`[name=part1]`, string(sohoa.PartSeal))
	b.choose(`[name=user1]`, "thu")
	b.shot("sign-0-new")
	b.click(`.newset .primary`)
	b.wait(`#items .item:nth-child(3) .item-due`)
}

// chooses leaves only the documents named chosen, of those that wait.
func (b *window) chooses(ids ...string) {
	b.t.Helper()
	b.wait(`#queued:not(:empty)`) // the script runs
	b.click(`[data-queue=none]`)
	for _, id := range ids {
		b.click(`.queue-row[data-doc="` + id + `"] .pick`)
	}
}

func (b *window) refuses(id string) {
	b.t.Helper()
	b.chooses(id)
	b.click(`#act details summary`)
	b.fill(`textarea[name=refusal]`, "Sai tên người nhận")
	b.click(`[formaction="/sets/refuse"]`)
	b.wait(`#queue:not(:has([data-doc="` + id + `"]))`)
}

// placesMark opens a document and drags a frame over the lower half of its
// first page.
func (b *window) placesMark(id string) {
	b.t.Helper()
	b.click(`.queue-row[data-doc="` + id + `"] a.open`)
	b.wait(`#place .area`)
	b.do(chromedp.ScrollIntoView(chromedp.CSS(`#place .area`)))
	at := evaluate[[]float64](b, `(() => { const m = document.querySelector('#place').getScreenCTM(), p = (x, y) => { const q = new DOMPoint(x, y).matrixTransform(m); return [q.x, q.y] };
		return [...p(330, 600), ...p(500, 670)] })()`)
	b.do(chromedp.DragAndDropXY(at[0], at[1], at[2], at[3]))
	b.wait(`#place .box:not(.proposed)`)
	b.shot("sign-2-placed")
	b.click(`#marking summary`)
	b.sends(`#place-form .primary`)
	b.open("/")
}

// signs signs the documents named, which are all that is left, with one PIN
// and waits until none is.
func (b *window) signs(ids ...string) {
	b.t.Helper()
	b.chooses(ids...)
	b.fill(`#act input[name=pin]`, demoPIN)
	b.shot("sign-3-" + b.user)
	b.click(`#act .primary`)
	b.waitLong(`#queue[data-signing="0"][data-count="0"]`)
}

// checksAsCitizen looks up the state of the dossier, a signed PDF and the code
// of its printed copy, without an account.
func (b *window) checksAsCitizen(signed, code string) {
	b.t.Helper()
	b.open("/")
	b.click(`.way[href="/status"]`)
	b.fill(`input[name=code]`, journeyDossier)
	b.fill(`input[name=digits]`, journeyNumber[len(journeyNumber)-4:]+"\r")
	b.wait(`.status-report`)
	b.shot("sign-5-status")
	b.open("/verify")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#pdf"), []string{signed}))
	b.wait(`.banner.TOTAL-PASSED`)
	b.shot("sign-6-verified")
	if n := b.evalInt(`document.querySelectorAll('.signature').length`); n != 3 {
		b.t.Errorf("the report shows %d signatures, want the agency's, the official's and the seal keeper's", n)
	}
	b.open("/q")
	b.fill(`#code`, code+"\r")
	b.wait(`.banner`)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#pdf"), []string{signed}))
	b.wait(`#result .relation.same`)
	b.shot("sign-7-copy")
	if text := b.evalString(`document.querySelector('main').innerText`); strings.Contains(text, "Phạm Mỹ Huệ") {
		b.t.Error("the page of the printed copy names a citizen")
	}
}

func (b *window) evalInt(script string) int { b.t.Helper(); return evaluate[int](b, script) }
