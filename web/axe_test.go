package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"sohoa"
)

// axeScript is the accessibility engine axe-core (MPL-2.0), which ./check
// installs for tests.
func axeScript(t testing.TB) string {
	t.Helper()
	path := os.Getenv("SOHOA_AXE_JS")
	if path == "" {
		path = filepath.Join("..", ".tools", "axe", "axe.min.js")
	}
	b, err := os.ReadFile(path)
	if err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// axeRun lists what WCAG 2.2 A and AA forbid, and what makes pages hard to
// use with a keyboard or a screen reader.
const axeRun = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] })
	.then((r) => r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical' || ['heading-order', 'landmark-unique', 'region', 'page-has-heading-one'].includes(v.id))
		.flatMap((v) => v.nodes.slice(0, 3).map((n) => v.impact + ' ' + v.id + ': ' + n.html.slice(0, 160) + ' | ' + (n.any[0] || n.all[0] || n.none[0] || {}).message)))`

// layoutRun lists what our own rules forbid: a page wider than the window, a
// focus that cannot be seen, a heading that is missing.
const layoutRun = `(() => {
	const found = [];
	const root = document.documentElement;
	if (root.scrollWidth > root.clientWidth) found.push('wider than the window by ' + (root.scrollWidth - root.clientWidth) + ': ' +
		[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest('.scroll, .thumbs, .paper, details:not([open]) > *')).slice(0, 3).map((e) => e.localName + '.' + e.className).join(', '));
	if (document.querySelectorAll('h1').length !== 1) found.push(document.querySelectorAll('h1').length + ' h1');
	const seen = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility === 'visible';
	for (const e of [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter(seen).slice(0, 60)) {
		e.focus({ preventScroll: true, focusVisible: true });
		if (document.activeElement !== e) continue;
		const ringed = [e, ...(e.labels || []), e.parentElement, e.closest('.drop, .tile')].filter(Boolean).some((x) => {
			const s = getComputedStyle(x);
			return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || x !== e && x.matches(':focus-within') && s.boxShadow !== 'none' || x.closest('svg') && parseFloat(s.strokeWidth) >= 2;
		});
		if (!ringed && !e.matches('.unseen')) found.push('focus is not seen on ' + e.outerHTML.slice(0, 120));
	}
	return found;
})()`

// axed is a window with axe-core in it. The policy of our pages is off, which
// would keep it out.
func axed(o *office, name string, width, height int64, phone bool) *browser {
	b := newBrowserFor(o, name, width, height, phone, 10*time.Minute)
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true})
		return err
	}))
	b.before(axeScript(o.t))
	return b
}

// look opens a page and returns what is wrong with it.
func (b *browser) look(path string) []string {
	b.t.Helper()
	b.run(chromedp.Navigate(b.server.URL + path))
	return slices.Concat(eval[[]string](b, axeRun), eval[[]string](b, layoutRun))
}

// TestAccessibility opens every page at both widths, in both languages, as an
// administrator and as somebody else who may. What is wrong on many pages is
// complained of once.
func TestAccessibility(t *testing.T) {
	o := newOffice(t)
	f := furnish(o)
	lookers := f.lookers()
	lookers[0].screens = append(lookers[0].screens, screen{"error", "/nothing"})
	told, looks, opened := map[string]bool{}, map[string]int{}, 0
	for _, size := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"desktop", 1366, 768, false}, {"phone", 390, 844, true}} {
		b := axed(o, "axe-"+size.name, size.width, size.height, size.phone)
		for _, v := range lookers {
			b.as(v.client)
			for _, s := range v.screens {
				n := looks[size.name+s.pattern]
				if looks[size.name+s.pattern]++; n > 2 || n > 1 && s.pattern != "GET /{$}" {
					continue // others of its kind were looked at, in both languages
				}
				opened++
				lang := []string{"vi", "en"}[n%2]
				for _, problem := range b.look(withLang(s.path, lang)) {
					if !told[problem] {
						told[problem] = true
						t.Errorf("%s as %q, %s, %s: %s", s.pattern, v.role, size.name, lang, problem)
					}
				}
			}
		}
	}
	if opened < 80 {
		t.Errorf("%d pages were opened, want all", opened)
	}
	testTitles(t, f)
}

// withLang is an address in a language.
func withLang(path, lang string) string {
	if strings.Contains(path, "?") {
		return path + "&lang=" + lang
	}
	return path + "?lang=" + lang
}

// testTitles checks that pages of different routes have different titles, and
// say their language.
func testTitles(t *testing.T, f *furnished) {
	t.Helper()
	admin, patterns := f.people[sohoa.UserAdmin], f.patterns()
	for _, lang := range []string{"vi", "en"} {
		titles := map[string]string{}
		for _, s := range admin.crawl(patterns, f.start...) {
			body := admin.get(withLang(s.path, lang)).body
			_, title, _ := strings.Cut(body, "<title>")
			title, _, _ = strings.Cut(title, "</title>")
			if other := titles[title]; other != "" && other != s.pattern {
				t.Errorf("%s and %s have the same title %q", other, s.pattern, title)
			}
			titles[title] = s.pattern
			if !strings.Contains(body, fmt.Sprintf("<html lang=%q>", lang)) {
				t.Errorf("%s is not in %s", s.path, lang)
			}
		}
	}
}

// TestShortcuts presses keys: the help dialog, search, and the switch.
func TestShortcuts(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	lan.get("/dossiers/" + dossierA)
	b := newBrowser(o, "keys", 1366, 768, false)
	b.as(lan)
	b.open("/documents/" + doc.ID.String())
	b.run(chromedp.KeyEvent("?"))
	b.wait(`#keys[open] tbody tr`)
	b.shot("dialog")
	rows := eval[[]string](b, `[...document.querySelectorAll('#keys tbody tr')].map((r) => r.innerText.trim())`)
	if len(rows) < 5 || slices.ContainsFunc(rows, func(r string) bool { return len(strings.Fields(r)) < 2 }) {
		t.Errorf("shortcuts are listed as %q, want five with what they do", rows)
	}
	b.run(chromedp.KeyEvent("\x1b"))
	b.run(chromedp.KeyEvent("+"))
	if zoom := eval[string](b, `document.querySelector('.reader').style.getPropertyValue('--zoom')`); zoom != "1.25" {
		t.Errorf("after + the zoom is %q, want 1.25", zoom)
	}
	b.run(chromedp.KeyEvent("/"))
	if at := eval[string](b, `document.activeElement.id`); at != "find" {
		t.Errorf("after / the focus is on %q, want the search box", at)
	}
	b.run(chromedp.KeyEvent("?"))
	if got := eval[string](b, `document.querySelector('#find').value + document.querySelector('#keys').open`); !strings.HasSuffix(got, "?false") {
		t.Errorf("typing ? gives %q, want the character and no dialog", got)
	}
	b.click(`.menu > summary`)
	b.wait(`.menu-box`)
	b.click(`[data-keys-open]`)
	b.click(`[data-keys-off]`)
	b.run(chromedp.KeyEvent("\x1b"))
	b.open("/documents/" + doc.ID.String())
	b.run(chromedp.KeyEvent("+"), chromedp.KeyEvent("?"))
	if got := eval[string](b, `document.querySelector('.reader').style.getPropertyValue('--zoom') + document.querySelector('#keys').open`); got != "false" {
		t.Errorf("switched off, + and ? still give %s", got)
	}
	var said map[string]any
	if err := json.Unmarshal([]byte(eval[string](b, `JSON.stringify({ keys: localStorage.getItem('keys') })`)), &said); err != nil || said["keys"] != "off" {
		t.Errorf("what is remembered: %v, %v", said, err)
	}
	b.quiet()
}
