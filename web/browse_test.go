package web_test

import (
	"context"
	"net/url"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// tells is the script by which a page notes what it is refused: violations of
// the content security policy, Trusted Types among them.
const tells = `window.refused = []; document.addEventListener('securitypolicyviolation', (e) => refused.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));`

// as gives the browser the cookies of somebody who is signed in.
func (b *browser) as(c *client) {
	b.t.Helper()
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
			return err
		}
		at, err := url.Parse(c.server.URL)
		if err != nil {
			return err
		}
		for _, one := range c.http.Jar.Cookies(at) {
			if _, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: one.Name, Value: one.Value, URL: c.server.URL}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// before runs a script in every page before its own.
func (b *browser) before(script string) {
	b.t.Helper()
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}
