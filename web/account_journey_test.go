package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"sohoa/web"
)

// named gives the server of an office a name, which passkeys need.
func (o *office) named() { o.server.URL = strings.Replace(o.server.URL, "127.0.0.1", "localhost", 1) }

// authenticator gives the browser one that verifies its user at once, and
// returns a switch for that.
func (b *browser) authenticator() (verifies func(bool)) {
	b.t.Helper()
	var id webauthn.AuthenticatorID
	b.run(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		r, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
		id = r.AuthenticatorID
		return err
	}))
	return func(on bool) {
		b.t.Helper()
		b.run(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: id, IsUserVerified: on})
			return err
		}))
	}
}

func (b *browser) signOut() {
	b.t.Helper()
	b.click(`form[action="/sign-out"] button`)
	b.wait(`form[action="/sign-in"]`)
}

// TestJourneyOfAnAccount is a new person's way from the link to a passkey.
func TestJourneyOfAnAccount(t *testing.T) {
	o := newOfficeConfigured(t, func(c *web.Config) { c.SecondFactor = web.SecondAll })
	o.named()
	now := time.Now().Truncate(30 * time.Second)
	o.now = func() time.Time { return now }
	token, err := web.SetupLink(t.Context(), o.catalog, "lan")
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(o, "account", 1366, 768, false)
	verifies := b.authenticator()

	b.open("/setup/" + token)
	b.fill(`input[name=password]`, goodPassword)
	b.fill(`input[name=again]`, goodPassword)
	b.click(`main button[type=submit]`)
	b.wait(`form[action="/account/totp"]`) // led there
	b.fits("01-lead")
	b.click(`form[action="/account/totp"] button`)
	b.wait(`svg.qr`)
	b.fits("02-totp")
	p := newPhone(t, eval[string](b, `document.querySelector('input.code').value`))
	b.fill(`input[name=code]`, p.code(now))
	b.click(`main button[type=submit]`)
	b.wait(`#codes`)
	b.fits("03-codes")
	if n := eval[int](b, `document.querySelectorAll('#codes code').length`); n != 10 {
		t.Errorf("%d recovery codes, want 10", n)
	}
	b.click(`#codes a`)
	b.wait(`form[action="/dossiers"]`)
	b.signOut()

	now = now.Add(30 * time.Second)
	b.fill(`input[name=name]`, "lan")
	b.fill(`input[name=password]`, goodPassword)
	b.click(`main button[type=submit]`)
	b.wait(`form[action="/sign-in/code"]`)
	b.fits("04-code")
	b.fill(`input[name=code]`, p.code(now))
	b.click(`main button[type=submit]`)
	b.wait(`form[action="/dossiers"]`)

	b.open("/account")
	b.wait(`[data-passkey=make]`)
	b.fill(`#passkey-name`, "Máy quầy 3")
	b.click(`[data-passkey=make]`)
	b.wait(`form[action$="/remove"][action*="/passkeys/"]`)
	b.fits("05-passkey")
	b.quiet()
	b.signOut()

	verifies(false)
	b.click(`[data-passkey=use]`)
	b.wait(`[data-says]:not([hidden])`)
	verifies(true)
	b.fits("06-sign-in")
	b.mu.Lock()
	b.complaints = nil // of the refusal
	b.mu.Unlock()
	b.click(`[data-passkey=use]`)
	b.wait(`form[action="/dossiers"]`)
	if f, err := o.catalog.Factors(t.Context(), "lan"); err != nil || len(f.Passkeys) != 1 || f.Passkeys[0].Name != "Máy quầy 3" || f.Passkeys[0].Used.IsZero() {
		t.Errorf("Factors = %+v, %v, want a passkey that was used", f, err)
	}

	other := o.stranger()
	now = now.Add(30 * time.Second)
	other.enter("lan")
	if a := other.typeCode(p.code(now)); a.status != 303 {
		t.Fatalf("signing in elsewhere = %d", a.status)
	}
	b.open("/account")
	if n := eval[int](b, `document.querySelectorAll('#devices li').length`); n != 2 {
		t.Errorf("%d devices are listed, want 2", n)
	}
	b.run(chromedp.ScrollIntoView(chromedp.CSS(`#devices`)))
	b.fits("07-devices")
	b.click(`form[action="/account/devices/end"] button`)
	b.wait(`.notice-line`)
	if a := other.get("/sets"); a.status != 303 {
		t.Errorf("GET /sets elsewhere = %d, want the sign-in page", a.status)
	}
	b.quiet()
}

// Passkeys take who is signed in; their answers count once.
func TestPasskeysAreGuarded(t *testing.T) {
	o := newOffice(t)
	if a := o.stranger().post("/sign-in/passkey/begin", nil); a.status != 400 || !strings.Contains(a.body, "passkey.host") {
		t.Errorf("beginning at an IP address = %d %s, want passkey.host", a.status, a.body)
	}
	o.named()
	for path, want := range map[string]int{"/account/passkeys/begin": 401, "/account/passkeys": 401, "/sign-in/passkey": 403} {
		if a := o.stranger().do("POST", path, strings.NewReader(`{"credential":{}}`), "Content-Type", "application/json", "Accept", "application/json"); a.status != want {
			t.Errorf("POST %s by a stranger = %d, want %d: %s", path, a.status, want, a.body)
		}
	}
	c := o.stranger()
	a := c.post("/sign-in/passkey/begin", nil)
	if a.status != 200 || !strings.Contains(a.body, `"userVerification":"required"`) || !strings.Contains(a.body, `"rpId":"localhost"`) {
		t.Fatalf("begin = %d %s", a.status, a.body)
	}
	for _, body := range []string{`{`, `{"credential":{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{}}}`, `{"credential":null}`} {
		if a := c.do("POST", "/sign-in/passkey", strings.NewReader(body), "Content-Type", "application/json"); a.status != 400 && a.status != 403 {
			t.Errorf("POST of %s = %d %s, want it refused", body, a.status, a.body)
		}
	}
}
