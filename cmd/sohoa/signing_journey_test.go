package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sohoa"
	"sohoa/signing/testca"
)

// personPIN opens the key of the person who signs.
const personPIN = "271828"

// TestSigningJourney is an official's day, in Chromium, with the program as it
// is installed: scans are put up for signing, one is refused, the others are
// signed with one PIN where a frame was dragged; then a stranger checks a PDF
// and the code of its printed copy.
func TestSigningJourney(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	key := filepath.Join(t.TempDir(), "person.p12")
	s := p.serve("--demo", t.TempDir(), "--signer-keys", firstAdmin+"="+key, "--public-url", "https://so-hoa.example")
	issuePerson(t, filepath.Join(p.data, demoCADir), key)
	b := newWindow(t, s)
	b.open(strings.TrimPrefix(s.link, s.base))
	b.fill(`input[name=password]`, password)
	b.fill(`input[name=again]`, password+"\r")
	b.wait(`form[action="/dossiers"]`)
	ids := b.brings("quyet-dinh-01.jpg", "bien-ban-01.pdf", "cong-van-01.png")
	b.putsUp()
	b.refuses(ids[1])
	b.placesMark(ids[0])
	b.signs(ids[0], ids[2])

	b.open("/documents/" + ids[0])
	b.wait(`.made-signatures .signed-B-T`)
	signed := b.download(`a[href*="/files/signed"]`)
	code := b.evalString(`fetch('/api/v1/documents/` + ids[0] + `').then(r => r.json()).then(d => d.lookup || '')`)
	b.click(`form[action="/sign-out"] button`)
	b.wait(`form[action="/sign-in"]`)
	b.open("/verify")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#pdf"), []string{signed}))
	b.wait(`.banner.TOTAL-PASSED`)
	if n := b.evalInt(`document.querySelectorAll('.signature').length`); n != 2 {
		t.Errorf("the report shows %d signatures, want the agency's and the person's", n)
	}
	b.open("/q/" + code)
	b.wait(`.banner.TOTAL-PASSED`)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#pdf"), []string{signed}))
	b.wait(`#result .relation.same`)
	if text := b.evalString(`document.querySelector('main').innerText`); strings.Contains(text, "Phạm Mỹ Huệ") {
		t.Error("the page of the printed copy names a citizen")
	}
	b.quiet()
}

// issuePerson makes a key for the administrator of a demonstration.
func issuePerson(t *testing.T, authority, file string) {
	t.Helper()
	ca, err := testca.Open(authority, nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.Person("Quản trị viên", demoAgency.Name)
	if err != nil {
		t.Fatal(err)
	}
	p12, err := id.PKCS12(personPIN)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeNew(file, p12); err != nil {
		t.Fatal(err)
	}
}

// brings opens a dossier, brings samples into it, waits until they are kept
// and returns their documents in that order.
func (b *window) brings(names ...string) []string {
	b.t.Helper()
	b.fill(`input[name=code]`, "H00.00.01-261122-0078")
	b.fill(`input[name=person]`, "Phạm Mỹ Huệ")
	b.click(`form[action="/dossiers"] button`)
	b.wait(`#drop`)
	var ids []string
	for _, name := range names {
		b.do(chromedp.SetUploadFiles(chromedp.CSS("#pick"), []string{filepath.Join(samples, name)}))
		b.wait(`.uploads li:nth-child(` + string(rune('1'+len(ids))) + `).sent`)
		b.wait(`#documents .doc:nth-child(` + string(rune('1'+len(ids))) + `)`)
		ids = append(ids, b.evalString(`document.querySelector('#documents .doc').dataset.doc`))
	}
	b.wait(`.docs:not(:has(.doc:not([data-state=kept])))`) // all of them
	return ids
}

// putsUp makes a set of the dossier's documents that its reader alone signs.
func (b *window) putsUp() {
	b.t.Helper()
	b.open("/sets/new?dossier=H00.00.01-261122-0078")
	b.wait(`#add-signer:not([hidden])`)
	b.evalBool(`(document.querySelector('[name=part0]').value = '` + string(sohoa.PartPerson) + `', document.querySelector('[name=part1]').value = '', true)`)
	b.click(`.newset .primary`)
	b.wait(`#items .item:nth-child(3) .item-mine`)
}

// chooses leaves only the documents named chosen.
func (b *window) chooses(ids ...string) {
	b.t.Helper()
	b.wait(`#picked:not(:empty)`) // the script runs
	b.click(`[data-pick=none]`)
	for _, id := range ids {
		b.click(`[id="` + id + `"] .pick`)
	}
}

func (b *window) refuses(id string) {
	b.t.Helper()
	b.chooses(id)
	b.click(`#act [data-for-mine] details summary`)
	b.fill(`textarea[name=refusal]`, "Sai tên người nhận")
	b.click(`[formaction$="/refuse"]`)
	b.wait(`[id="` + id + `"] .item-refused`)
}

// placesMark drags a frame over the lower half of the first page.
func (b *window) placesMark(id string) {
	b.t.Helper()
	b.click(`[id="` + id + `"] a[href$="/place"]`)
	b.wait(`#place .area`)
	b.do(chromedp.ScrollIntoView(chromedp.CSS(`#place .area`)))
	at := evaluate[[]float64](b, `(() => { const m = document.querySelector('#place').getScreenCTM(), p = (x, y) => { const q = new DOMPoint(x, y).matrixTransform(m); return [q.x, q.y] };
		return [...p(330, 600), ...p(500, 670)] })()`)
	b.do(chromedp.DragAndDropXY(at[0], at[1], at[2], at[3]))
	b.wait(`#place .box:not(.proposed)`)
	b.click(`.placing form .primary`)
	b.wait(`#items`)
}

// signs signs the chosen documents with one PIN and waits until they are done.
func (b *window) signs(ids ...string) {
	b.t.Helper()
	b.chooses(ids...)
	b.fill(`input[name=pin]`, personPIN)
	b.click(`#act .primary`)
	for _, id := range ids {
		b.wait(`[id="` + id + `"] .item-done`)
	}
}

func (b *window) evalInt(script string) int { b.t.Helper(); return evaluate[int](b, script) }
