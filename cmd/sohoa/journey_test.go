package main

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

	cdpbrowser "github.com/chromedp/cdproto/browser"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sohoa/signing/validation"
)

// journeyTime bounds a journey, and stepTime what a person waits for on a page.
const (
	journeyTime = 6 * time.Minute
	stepTime    = time.Minute
)

// TestJourney is a clerk's first day, in Chromium, with the program as it is
// installed: password, dossier, scans, live states, selectable words, search,
// download, signature check.
func TestJourney(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	b := newWindow(t, p.serve("--demo", t.TempDir()))
	b.becomes("lan")
	b.opensDossier()
	b.evalBool(`(window.unreloaded = true)`)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#pick"), []string{
		filepath.Join(samples, "quyet-dinh-01.jpg"), filepath.Join(samples, "bien-ban-01.pdf"), filepath.Join(samples, "cong-van-01.png"),
	}))
	b.wait(`#documents .doc:nth-child(3)`)
	b.waitLong(`#documents:not(:has(.doc:not([data-state=kept])))`) // all of them
	if !b.evalBool(`window.unreloaded === true`) {
		t.Error("the page was loaded again while work proceeded")
	}

	b.fill(`#find`, "quyet dinh thu hoi\r")
	b.wait(`.hits mark`)
	b.click(`.hits h2 a`)
	b.wait(`#page-1 .marks rect`)
	selected := b.evalString(`(() => { const s = getSelection(); s.selectAllChildren(document.querySelector('#page-1 .words')); return s.toString() })()`)
	for _, want := range []string{"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "QUYẾT ĐỊNH", "trạm bơm"} {
		if !strings.Contains(selected, want) {
			t.Errorf("the selected text lacks %q: %q", want, selected)
		}
	}

	signed := b.download(`.files a[href*="/signed"]`)
	report, err := validateFile(t.Context(), signed)
	if err != nil || len(report.Signatures) != 1 || !report.Signatures[0].Intact() {
		t.Fatalf("the downloaded PDF: %+v, %v, want one signature, intact", report, err)
	}
	b.open("/verify")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#pdf"), []string{signed}))
	b.wait(`.verdict.TOTAL-PASSED`)
	b.open("/?lang=en")
	b.wait(`html[lang=en] form[action="/dossiers"]`)
	b.quiet()
}

// validateFile checks a PDF without trusting anybody.
func validateFile(ctx context.Context, path string) (*validation.Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return validation.Validate(ctx, f, info.Size(), validation.Options{})
}

// window is a headless Chromium in front of a server, before which one person
// sits after the other.
type window struct {
	t         *testing.T
	ctx       context.Context
	server    *server
	base      string
	downloads string          // folder
	user      string          // who is signed in
	ready     map[string]bool // who has a password

	mu         sync.Mutex
	complaints []string // of the console; policy violations are among them
}

// newWindow starts Chromium. Without it the test is skipped, except in CI.
func newWindow(t *testing.T, s *server) *window {
	t.Helper()
	path, err := exec.LookPath("chromium")
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
	b := &window{t: t, server: s, base: s.base, downloads: t.TempDir(), ready: map[string]bool{}}
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithListener(b.listen))
	t.Cleanup(cancel)
	b.ctx, cancel = context.WithTimeout(ctx, journeyTime)
	t.Cleanup(cancel)
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(1366, 768)); err != nil { // starts Chromium, which lives as long as this context
		t.Fatal(err)
	}
	return b
}

// listen collects what the console complains about.
func (b *window) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			b.complaints = append(b.complaints, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Text)
	}
}

// quiet fails the test for every complaint.
func (b *window) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		b.t.Errorf("the browser complains: %s", c)
	}
}

func (b *window) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.step("a step", stepTime, actions...)
}

// step does something that must come about within a time, or fails with what
// the page shows instead.
func (b *window) step(what string, within time.Duration, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, within)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.shot("failure")
		b.t.Fatalf("%s, as %q: %v; the page: %s", what, b.user, err, b.shown())
	}
}

// shown is what stands on the page, for the reader of a failure.
func (b *window) shown() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.ctx), clickAgain)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	return fmt.Sprint(text, err)
}

func (b *window) open(path string) {
	b.t.Helper()
	b.step("open "+path, stepTime, chromedp.Navigate(b.base+path), chromedp.WaitVisible(chromedp.CSS("main")))
}

func (b *window) wait(selector string) {
	b.t.Helper()
	b.step("wait for "+selector, stepTime, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// waitLong is wait for what the pipeline has to do first.
func (b *window) waitLong(selector string) {
	b.t.Helper()
	b.step("wait for "+selector, patience, chromedp.WaitVisible(chromedp.CSS(selector)))
}

func (b *window) click(selector string) {
	b.t.Helper()
	b.step("click "+selector, stepTime, chromedp.Click(chromedp.CSS(selector)))
}

// sends clicks the button of a form, and waits for the page that answers.
func (b *window) sends(selector string) {
	b.t.Helper()
	b.evalBool(`(document.documentElement.dataset.before = '', true)`)
	b.click(selector)
	b.wait(`html:not([data-before]) main`)
}

func (b *window) fill(selector, text string) {
	b.t.Helper()
	b.step("fill in "+selector, stepTime, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// choose takes an option of a list.
func (b *window) choose(selector, value string) {
	b.t.Helper()
	b.step("choose of "+selector, stepTime, chromedp.SetValue(chromedp.CSS(selector), value))
}

// leaves signs out whoever is signed in.
func (b *window) leaves() {
	b.t.Helper()
	if b.user != "" {
		b.click(`form[action="/sign-out"] button`)
		b.wait(`form[action="/sign-in"]`)
		b.user = ""
	}
}

// becomes puts another person of the office before the window. They set a
// password by their link the first time.
func (b *window) becomes(user string) {
	b.t.Helper()
	b.leaves()
	b.user = user
	if b.ready[user] {
		b.open("/sign-in")
		b.fill(`input[name=name]`, user)
		b.fill(`input[name=password]`, password+"\r")
	} else {
		b.open(b.server.link(user))
		b.fill(`input[name=password]`, password)
		b.fill(`input[name=again]`, password+"\r")
	}
	b.ready[user] = true
	b.wait(`form[action="/sign-out"]`)
}

// The dossier of the journeys.
const (
	journeyDossier = "H00.00.01-261122-0077"
	journeyNumber  = "052190004321" // identity number of its owner
)

// opensDossier makes the dossier of a journey, as clerks do.
func (b *window) opensDossier() {
	b.t.Helper()
	b.fill(`form[action="/dossiers"] input[name=code]`, journeyDossier)
	b.fill(`form[action="/dossiers"] input[name=procedure]`, "văn bản hành chính")
	b.fill(`form[action="/dossiers"] input[name=person]`, journeyNumber+" Phạm Mỹ Huệ")
	b.click(`form[action="/dossiers"] button.primary`)
	b.wait(`#drop`)
}

func (b *window) evalBool(script string) bool     { b.t.Helper(); return evaluate[bool](b, script) }
func (b *window) evalString(script string) string { b.t.Helper(); return evaluate[string](b, script) }

// evaluate returns the value of a script.
func evaluate[T any](b *window, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepTime)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// download clicks a link and returns the file that was saved. The page may be
// changing under the click, as pages that follow the pipeline do; a click that
// hit nothing is made again.
func (b *window) download(selector string) string {
	b.t.Helper()
	on := true
	begun, ended := make(chan struct{}, 100), make(chan string, 100)
	err := chromedp.Listen(b.ctx, func(event any) {
		switch e := event.(type) {
		case *cdpbrowser.EventDownloadWillBegin:
			begun <- struct{}{}
		case *cdpbrowser.EventDownloadProgress:
			if e.State == cdpbrowser.DownloadProgressStateCompleted {
				ended <- e.GUID
			}
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
			Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: b.downloads, EventsEnabled: &on})
		return err
	}))
	for {
		b.step("download "+selector, stepTime, chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
		select {
		case <-begun:
			return filepath.Join(b.downloads, b.await(ended))
		case <-time.After(clickAgain):
		case <-b.ctx.Done():
			b.t.Fatalf("download %s: %v", selector, b.ctx.Err())
		}
	}
}

// clickAgain is how long a click may take to have an effect.
const clickAgain = 10 * time.Second

// await returns what arrives first.
func (b *window) await(c <-chan string) string {
	b.t.Helper()
	select {
	case s := <-c:
		return s
	case <-b.ctx.Done():
		b.t.Fatal(b.ctx.Err())
		return ""
	}
}
