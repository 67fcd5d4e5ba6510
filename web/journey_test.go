package web_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sohoa"
	"sohoa/web"
)

// journeyTime bounds one journey through the pages.
const journeyTime = 2 * time.Minute

// browser is a headless Chromium at one size of window.
type browser struct {
	*office
	ctx  context.Context
	name string // leads the names of screenshots

	others []string // origins of other services that pages may lead to

	mu         sync.Mutex
	complaints []string // errors on the console, policy violations among them
}

// newBrowser starts Chromium. Without it the test is skipped, except in CI.
func newBrowser(o *office, name string, width, height int64, phone bool) *browser {
	o.t.Helper()
	return newBrowserFor(o, name, width, height, phone, journeyTime)
}

// newBrowserFor is newBrowser for a journey with a bound of its own.
func newBrowserFor(o *office, name string, width, height int64, phone bool, bound time.Duration) *browser {
	t := o.t
	t.Helper()
	path, err := findChromium()
	if err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("force-prefers-reduced-motion", true), // a page that still scrolls is clicked beside
		chromedp.Flag("disable-sync", true), chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	b := &browser{office: o, name: name}
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithListener(b.listen))
	t.Cleanup(cancel)
	b.ctx, cancel = context.WithTimeout(ctx, bound)
	t.Cleanup(cancel)
	var emulate []chromedp.EmulateViewportOption
	if phone {
		emulate = append(emulate, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	b.run(chromedp.EmulateViewport(width, height, emulate...))
	return b
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no chromium: %w", exec.ErrNotFound)
}

// listen collects what the console complains about.
func (b *browser) listen(event any) {
	var what string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			what = e.Entry.Text + " " + e.Entry.URL
		}
	case *runtime.EventExceptionThrown:
		what = e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			what += " " + x.Description
		}
	case *page.EventJavascriptDialogOpening:
		what = "a dialog says " + e.Message
	case *network.EventRequestWillBeSent:
		allowed := append([]string{b.server.URL + "/", "data:", "blob:" + b.server.URL, "about:"}, b.others...)
		if at := e.Request.URL; !slices.ContainsFunc(allowed, func(prefix string) bool { return strings.HasPrefix(at, prefix) }) {
			what = "a request goes to " + at
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			what = fmt.Sprint("console.error ", e.Args)
		}
	}
	if what != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.complaints = append(b.complaints, what)
	}
}

// quiet fails the test for every complaint so far.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		b.t.Errorf("the browser complains: %s", c)
	}
	b.complaints = nil
}

func (b *browser) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.shot("failure")
		b.t.Fatal(err)
	}
}

// open loads a page.
func (b *browser) open(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.server.URL+path), chromedp.WaitVisible(chromedp.CSS("main")))
}

func (b *browser) wait(selector string) {
	b.t.Helper()
	b.run(chromedp.WaitVisible(chromedp.CSS(selector)))
}

func (b *browser) click(selector string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS(selector)))
}

func (b *browser) fill(selector, text string) {
	b.t.Helper()
	b.run(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// eval returns the value of a script.
func eval[T any](b *browser, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.shot("failure")
		b.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// shot saves the window as a picture.
func (b *browser) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("SOHOA_SCREENSHOTS")
	if dir == "" {
		dir = b.t.TempDir()
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Logf("no screenshot %s: %v", name, err)
		return
	}
	if len(png) < 1000 {
		b.t.Errorf("screenshot %s has %d bytes", name, len(png))
	}
	if err := os.WriteFile(filepath.Join(dir, b.name+"-"+name+".png"), png, 0o644); err != nil {
		b.t.Error(err)
	}
}

// fits checks that nothing has to be scrolled sideways.
func (b *browser) fits(name string) {
	b.t.Helper()
	b.shot(name)
	if over := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		widest := eval[string](b, `[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest('.scroll, .thumbs, .paper, details:not([open]) > *')).map(e => e.tagName + '.' + e.className).slice(0, 5).join(', ')`)
		b.t.Errorf("%s is %d pixels wider than the window: %s", name, over, widest)
	}
}

// setUp sets a user's password by a link, signs out and in again.
func (b *browser) setUp(user string) {
	b.t.Helper()
	token, err := web.SetupLink(b.t.Context(), b.catalog, user)
	if err != nil {
		b.t.Fatal(err)
	}
	b.open("/setup/" + token)
	b.fits("01-setup")
	b.fill(`input[name=password]`, goodPassword)
	b.fill(`input[name=again]`, goodPassword)
	b.click(`main button[type=submit]`)
	b.wait(`#dossiers`)
	b.click(`form[action="/sign-out"] button`)
	b.wait(`form[action="/sign-in"]`)
	b.fits("02-sign-in")
	b.fill(`input[name=name]`, user)
	b.fill(`input[name=password]`, goodPassword)
	b.click(`main button[type=submit]`)
	b.wait(`#dossiers`)
}

// uploads brings sample scans into the dossier on the screen and returns the
// document that appears, without a reload.
func (b *browser) uploads(names ...string) sohoa.DocumentID {
	b.t.Helper()
	var paths []string
	for _, name := range names {
		path, err := filepath.Abs(filepath.Join("..", "testdata", "scans", name))
		if err != nil {
			b.t.Fatal(err)
		}
		paths = append(paths, path)
	}
	eval[int](b, `window.unreloaded = 1`)
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#pick"), paths))
	b.wait(`.docs .doc[data-state=accepted]`)
	id, err := sohoa.ParseDocumentID(eval[string](b, `document.querySelector('.docs .doc').dataset.doc`))
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// watches lets work on a document proceed and sees it happen on the page.
func (b *browser) watches(id sohoa.DocumentID, scans ...string) {
	b.t.Helper()
	row := `.docs .doc[data-doc="` + id.String() + `"]`
	b.shelf.park(id, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.unavailable"})
	b.wait(row + `[data-state=parked]`)
	b.fits("05-parked")
	b.click(row + ` .doc-problem button`)
	b.wait(row + `[data-state=accepted]`)
	b.shelf.split(id, scans...)
	b.wait(row + `[data-state=reading]`)
	b.shelf.read(id, 1, scans[0])
	b.wait(row + ` progress[value="1"]`)
	b.fits("06-reading")
	for i := 1; i < len(scans); i++ {
		b.shelf.read(id, i+1, scans[i])
	}
	b.wait(row + `[data-state=read]`)
	b.shelf.keep(id)
	b.wait(row + `[data-state=kept]`)
	b.fits("07-kept")
	if eval[int](b, `window.unreloaded || 0`) != 1 {
		b.t.Error("the page was loaded again while work proceeded")
	}
}

// readsAlong opens a document as soon as it is accepted and sees its pages
// come and their words, without a reload.
func (b *browser) readsAlong(scans ...string) {
	b.t.Helper()
	b.open("/dossiers/H49.64.33-261122-0077")
	id := b.uploads(scans[0])
	b.open("/documents/" + id.String())
	eval[int](b, `window.unreloaded = 1`)
	b.shelf.split(id, scans...)
	b.wait(`#page-1[data-unread] image`)
	b.fits("10-unread")
	b.shelf.read(id, 1, scans[0])
	b.wait(`#page-1:not([data-unread]) .words text`)
	b.shelf.read(id, 2, scans[1])
	b.wait(`#sheets:not([hx-get])`)
	b.wait(`.thumb:nth-child(2) img`)
	b.shelf.keep(id)
	b.wait(`#facts[data-state=kept] a[href$="/signatures"]`)
	if eval[int](b, `window.unreloaded || 0`) != 1 {
		b.t.Error("the page was loaded again while its document was read")
	}
}

// selects drags over the first line of text on the image, and copies a page.
func (b *browser) selects(text sohoa.PageText) {
	b.t.Helper()
	b.run(chromedp.ScrollIntoView(chromedp.CSS(`#page-1 .words text`)))
	at := eval[[]float64](b, `(() => { const w = document.querySelectorAll('#page-1 .words text')[2].querySelectorAll('tspan');
		const a = w[0].getBoundingClientRect(), z = w[w.length - 1].getBoundingClientRect();
		return [a.left + 1, a.top + a.height / 2, z.right - 1, z.top + z.height / 2] })()`)
	b.run(chromedp.DragAndDropXY(at[0], at[1], at[2], at[3]))
	if got, want := strings.TrimSpace(eval[string](b, `getSelection().toString()`)), lineText(text.Lines[2]); got != want {
		b.t.Errorf("dragging over line 3 selects %q, want %q", got, want)
	}
	b.fits("09-selected")
	got := eval[string](b, `(() => { const s = getSelection(); s.selectAllChildren(document.querySelector('#page-1 .words')); return s.toString() })()`)
	var want []string
	for _, l := range text.Lines {
		want = append(want, lineText(l))
	}
	if squeeze(got) != strings.Join(want, "\n") {
		b.t.Errorf("copying page 1 gives %q\nwant %q", squeeze(got), strings.Join(want, "\n"))
	}
	eval[bool](b, `(getSelection().removeAllRanges(), true)`)
}

func lineText(l sohoa.Line) string {
	var words []string
	for _, w := range l.Words {
		words = append(words, w.Text)
	}
	return strings.Join(words, " ")
}

// squeeze drops spaces at the ends of lines, and empty lines.
func squeeze(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func TestJourney(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"desktop", 1366, 768, false}, {"phone", 390, 844, true}} {
		t.Run(size.name, func(t *testing.T) {
			o := newOffice(t)
			b := newBrowser(o, size.name, size.width, size.height, size.phone)
			journey(b)
		})
	}
}

// journey is what a person does on their first day.
func journey(b *browser) {
	b.setUp("admin")
	b.fits("03-home")
	b.fill(`input[name=code]`, "H49.64.33-261122-0077")
	b.fill(`input[name=person]`, "015149597522 Phạm Mỹ Huệ")
	b.click(`#new summary`)
	b.fill(`form[action="/dossiers"] input[name=subject]`, "Thu hồi đất xây trạm bơm")
	b.click(`form[action="/dossiers"] button`)
	b.wait(`#drop`)
	b.fits("04-dossier")
	scans := []string{"quyet-dinh-01.jpg", "giay-khai-sinh-01.jpg"}
	id := b.uploads(scans[0])
	b.watches(id, scans...)

	b.click(`.docs .doc a`)
	b.wait(`#page-1 .words text`)
	b.wait(`.thumbs img`)
	b.fits("08-document")
	b.selects(truth(b.t, scans[0], 1))
	b.run(chromedp.ScrollIntoView(chromedp.CSS(`#page-2`)))
	b.wait(`#page-2 .words text`) // came when it was looked at
	b.fits("10-second-page")
	b.click(`[data-zoom=in]`)
	b.click(`[data-toggle=low]`)
	b.click(`[data-zoom=fit]`)

	b.readsAlong("to-khai-01.jpg", "bien-ban-02.jpg")

	b.fill(`#find`, "quyet dinh thu hoi\r")
	b.wait(`.hits mark`)
	b.fits("11-search")
	b.click(`.hits h2 a`)
	b.wait(`#page-1 .marks rect`)
	b.fits("12-marks")

	file := "/api/v1/documents/" + id.String() + "/files/signed"
	size := eval[int](b, `fetch('`+file+`').then(r => r.ok ? r.arrayBuffer() : Promise.reject(r.status)).then(a => a.byteLength)`)
	pdf := signPDF(b.t, b.ca, scan(b.t, "bien-ban-01.pdf"))
	if size < len(pdf)*9/10 {
		b.t.Errorf("signed PDF has %d bytes, want about %d", size, len(pdf))
	}
	eval[bool](b, `(document.querySelector('a[href$="/signatures"]').click(), true)`)
	b.wait(`.verdict.TOTAL-PASSED`)

	path := filepath.Join(b.t.TempDir(), "đã ký.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.open("/verify")
	b.fits("13-verify")
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#pdf"), []string{path}))
	b.wait(`.verdict.TOTAL-PASSED`)
	b.fits("14-verified")
	b.open("/journal?lang=en")
	b.click(`form[action="/journal/verify"] button`)
	b.wait(`#chain.good`)
	b.open("/admin?lang=en")
	b.wait(`#chain.good`)
	b.fits("15-admin")
	b.open("/")
	b.wait(`html[lang=en] form[action="/dossiers"]`)
	b.fits("16-home-english")
	b.quiet()
	b.run(chromedp.Navigate(b.server.URL+"/nothing"), chromedp.WaitVisible(chromedp.CSS(".status")))
	b.fits("17-not-found")
}
