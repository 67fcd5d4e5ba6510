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

// journeyTime bounds the journey.
const journeyTime = 6 * time.Minute

// TestJourney is a person's first day, in Chromium, with the program as it is
// installed: password, dossier, scans, live states, selectable words, search,
// download, signature check.
func TestJourney(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	s := p.serve("--demo", t.TempDir())
	b := newWindow(t, s)
	b.open(strings.TrimPrefix(s.link, s.base))
	b.fill(`input[name=password]`, "một câu dễ nhớ")
	b.fill(`input[name=again]`, "một câu dễ nhớ\r")
	b.wait(`form[action="/dossiers"]`)

	b.fill(`input[name=code]`, "H00.00.01-261122-0077")
	b.fill(`input[name=person]`, "Phạm Mỹ Huệ")
	b.click(`form[action="/dossiers"] button`)
	b.wait(`#drop`)
	b.evalBool(`(window.unreloaded = true)`)
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#pick"), []string{
		filepath.Join(samples, "quyet-dinh-01.jpg"), filepath.Join(samples, "bien-ban-01.pdf"), filepath.Join(samples, "cong-van-01.png"),
	}))
	b.wait(`.docs .doc:nth-child(3)`)
	b.wait(`.docs:not(:has(.doc:not([data-state=kept])))`) // all of them
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

	signed := b.download(`a[href*="/files/signed"]`)
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

// window is a headless Chromium in front of a server.
type window struct {
	t         *testing.T
	ctx       context.Context
	base      string
	downloads string // folder

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
	b := &window{t: t, base: s.base, downloads: t.TempDir()}
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithListener(b.listen))
	t.Cleanup(cancel)
	b.ctx, cancel = context.WithTimeout(ctx, journeyTime)
	t.Cleanup(cancel)
	b.do(chromedp.EmulateViewport(1366, 768))
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
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("%v; the page: %s", err, b.shown())
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
	b.do(chromedp.Navigate(b.base+path), chromedp.WaitVisible(chromedp.CSS("main")))
}

func (b *window) wait(selector string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS(selector)))
}
func (b *window) click(selector string) { b.t.Helper(); b.do(chromedp.Click(chromedp.CSS(selector))) }
func (b *window) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

func (b *window) evalBool(script string) bool     { b.t.Helper(); return evaluate[bool](b, script) }
func (b *window) evalString(script string) string { b.t.Helper(); return evaluate[string](b, script) }

// evaluate returns the value of a script.
func evaluate[T any](b *window, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
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
		b.do(chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
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
