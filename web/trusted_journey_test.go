package web_test

import (
	"strings"
	"testing"

	"sohoa/search"
)

// TestTrustedTypes sees htmx and the suggestions put answers of this server
// into a page, and everything else refused by the browser.
func TestTrustedTypes(t *testing.T) {
	o := newOffice(t)
	o.index.suggestions = []search.Suggestion{{Text: "phạm mỹ huệ", Kind: search.SuggestWord}}
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	b := newBrowser(o, "trusted", 1366, 768, false)
	b.as(lan)
	b.before(tells)
	b.open("/dossiers/" + dossierA)
	b.open("/documents/" + doc.ID.String())
	eval[bool](b, `(document.querySelector("#facts").dataset.old = "yes", htmx.trigger("#facts", "changed"), true)`)
	b.wait(`#facts:not([data-old])`)
	b.fill(`#find`, "phạm")
	b.wait(`#find-options [role=option]`)
	if refused := eval[[]string](b, `refused`); len(refused) > 0 {
		t.Errorf("our own pages are refused %q", refused)
	}
	for _, way := range []string{
		`document.querySelector('main').innerHTML = '<b>x</b>'`, `document.querySelector('main').outerHTML = 'x'`,
		`document.querySelector('main').insertAdjacentHTML('beforeend', '<b>x</b>')`, `new DOMParser().parseFromString('<b>x</b>', 'text/html')`,
		`Document.parseHTMLUnsafe('<b>x</b>')`, `document.createRange().createContextualFragment('<b>x</b>')`, `document.write('x')`,
		`document.createElement('iframe').srcdoc = 'x'`, `document.createElement('script').src = '/static/x.js'`, `document.createElement('script').text = 'x'`,
		`trustedTypes.createPolicy('sohoa', {})`, `trustedTypes.createPolicy('default', { createHTML: (s) => s })`, `setTimeout('1')`,
	} {
		if got := eval[string](b, `(() => { try { `+way+`; return 'done' } catch (e) { return e.name } })()`); got == "done" {
			t.Errorf("%s is done, want an error", way)
		}
	}
	b.complaints = nil // of what was tried
	eval[bool](b, `new Promise((done) => {
		['htmx:afterSwap', 'htmx:swapError', 'htmx:onLoadError', 'htmx:responseError'].forEach((n) => document.addEventListener(n, () => done(true)));
		htmx.ajax('GET', '/files/`+doc.ID.String()+`/original', '#said');
	})`)
	if got := eval[string](b, `document.querySelector('#said').innerHTML`); strings.Contains(got, "<") {
		t.Errorf("a file becomes part of the page: %.100q", got)
	}
}
