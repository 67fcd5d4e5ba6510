package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sohoa"
	"sohoa/web"
	"sohoa/web/oidctest"
)

// newProvince is an office with a province's sign-on.
func newProvince(t *testing.T) (*office, *oidctest.Provider) {
	t.Helper()
	p := oidctest.Start(t)
	return newOfficeConfigured(t, func(c *web.Config) {
		c.SignOn = &web.SignOn{Issuer: p.Issuer(), ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret,
			Name: "Cổng tỉnh", Claim: "preferred_username"}
	}), p
}

// abroad goes to the provider from path, says there who it is, and returns
// where that sends it.
func (c *client) abroad(t *testing.T, path, subject string) (back string) {
	t.Helper()
	a := c.get(path)
	if a.status != http.StatusSeeOther {
		t.Fatalf("GET %s = %d, want 303: %s", path, a.status, a.body)
	}
	resp, err := c.http.PostForm(a.header.Get("Location"), url.Values{"subject": {subject}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	back = strings.TrimPrefix(resp.Header.Get("Location"), c.server.URL)
	if resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(back, "/sign-in/province/back?") {
		t.Fatalf("the provider sends to %d %q", resp.StatusCode, back)
	}
	return back
}

func (c *client) signOn(t *testing.T, subject string) answer {
	t.Helper()
	return c.get(c.abroad(t, "/sign-in/province?next=/search", subject))
}

func TestSignOn(t *testing.T) {
	o, p := newProvince(t)
	p.Claims["preferred_username"] = "lan"
	lan := o.stranger()
	if a := lan.signOn(t, "sub-1"); a.status != 303 || a.header.Get("Location") != "/search" {
		t.Fatalf("sign-on = %d to %q: %s", a.status, a.header.Get("Location"), a.body)
	}
	if a := lan.get("/"); a.status != 200 || !strings.Contains(a.body, "Nguyễn Thị Lan") {
		t.Errorf("GET / = %d, want lan's", a.status)
	}
	lan.post("/sign-out", nil)
	if a := lan.get("/sets"); a.status != http.StatusSeeOther {
		t.Errorf("GET / after signing out = %d", a.status)
	}
	// From now on the subject is lan, whatever the claim says; another subject
	// with lan's name is not.
	p.Claims["preferred_username"] = "admin"
	again := o.stranger()
	again.signOn(t, "sub-1")
	if a := again.get("/account"); !strings.Contains(a.body, "Nguyễn Thị Lan") {
		t.Errorf("the subject of lan with another name came in as somebody else: %d", a.status)
	}
	p.Claims["preferred_username"] = "lan"
	if a := o.stranger().signOn(t, "sub-2"); a.status != http.StatusConflict {
		t.Errorf("another subject with lan's name = %d, want 409", a.status)
	}
	p.Claims["preferred_username"] = "nguoi-la"
	if a := o.stranger().signOn(t, "sub-3"); a.status != http.StatusForbidden || !strings.Contains(a.body, "chưa có tài khoản") {
		t.Errorf("somebody who is not entered = %d, want 403 in words", a.status)
	}
	entries := o.journal(sohoa.ActionSignIn)
	if e := entries[len(entries)-1]; e.Actor != "lan" || !strings.Contains(e.Detail, `"by":"sign-on"`) {
		t.Errorf("the journal has %+v", e)
	}
}

func TestSignOnRefusesWhatIsNotRight(t *testing.T) {
	o, p := newProvince(t)
	p.Claims["preferred_username"] = "lan"
	for _, fault := range []oidctest.Fault{oidctest.WrongNonce, oidctest.WrongIssuer, oidctest.WrongAudience, oidctest.Expired,
		oidctest.Unsigned, oidctest.OtherKey, oidctest.NoToken, oidctest.Denied} {
		t.Run(string(fault), func(t *testing.T) {
			p.Set(fault)
			c := o.stranger()
			a := c.signOn(t, "sub-1")
			if a.status != http.StatusForbidden || !strings.Contains(a.body, `role="alert"`) || !strings.Contains(a.body, "Cổng tỉnh") {
				t.Errorf("sign-on = %d, want 403 in words", a.status)
			}
			if a := c.get("/sets"); a.status != http.StatusSeeOther {
				t.Errorf("GET / = %d, want the sign-in page", a.status)
			}
		})
	}
	p.Set(oidctest.None)
	c, thief := o.stranger(), o.stranger()
	back := c.abroad(t, "/sign-in/province", "sub-1")
	if a := thief.get(back); a.status != http.StatusForbidden {
		t.Errorf("an answer in another browser = %d, want 403", a.status)
	}
	thief.get("/sign-in/province")
	if a := thief.get(back); a.status != http.StatusForbidden {
		t.Errorf("an answer to another question = %d, want 403", a.status)
	}
	if a := c.get(strings.Replace(back, "state=", "state=x", 1)); a.status != http.StatusForbidden {
		t.Errorf("another state = %d, want 403", a.status)
	}
	if a := c.get(back); a.status != http.StatusForbidden {
		t.Errorf("the right state after a wrong one = %d, want 403: it counts once", a.status)
	}
	if n := len(o.journal(sohoa.ActionSignIn)); n != 0 {
		t.Errorf("%d sign-ins in the journal, want none", n)
	}
}

func TestSignOnThatIsDown(t *testing.T) {
	o, p := newProvince(t)
	p.Set(oidctest.Down)
	if a := o.stranger().get("/sign-in/province"); a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "hiện không trả lời") {
		t.Errorf("GET /sign-in/province = %d, want 503 in words", a.status)
	}
	p.Set(oidctest.None)
	p.Claims["preferred_username"] = "lan"
	if a := o.stranger().signOn(t, "sub-1"); a.status != 303 {
		t.Errorf("after it is back = %d, want 303", a.status)
	}
}

// The sign-on stands for the password; a second factor is asked for unless the
// provider says that it had one.
func TestSignOnAndSecondFactors(t *testing.T) {
	o, p := newProvince(t)
	lan := o.signedIn("lan")
	ph, _ := lan.setTOTP(t)
	_ = ph
	back := lan.abroad(t, "/account/sign-on", "sub-9")
	if a := lan.get(back); a.status != 303 || a.header.Get("Location") != "/account?done=linked" {
		t.Fatalf("linking = %d: %s", a.status, a.body)
	}
	c := o.stranger()
	if a := c.signOn(t, "sub-9"); !strings.HasPrefix(a.header.Get("Location"), "/sign-in/code") {
		t.Errorf("sign-on = %d to %q, want the page for the code", a.status, a.header.Get("Location"))
	}
	p.Claims["amr"] = []string{"pwd", "mfa"}
	if a := o.stranger().signOn(t, "sub-9"); a.header.Get("Location") != "/search" {
		t.Errorf("sign-on with several factors = %d to %q, want /search", a.status, a.header.Get("Location"))
	}
	o.signedIn("admin").post("/admin/users/lan/disable", nil)
	if a := o.stranger().signOn(t, "sub-9"); a.status != http.StatusForbidden || !strings.Contains(a.body, "đã bị khóa") {
		t.Errorf("sign-on of a disabled user = %d, want 403", a.status)
	}
}

func TestSignOnSettings(t *testing.T) {
	for issuer, good := range map[string]bool{"https://sso.example.vn": true, "http://127.0.0.1:9": true, "http://localhost:9": true,
		"http://sso.example.vn": false, "": false, "sso": false} {
		if err := web.CheckSignOn(web.SignOn{Issuer: issuer, ClientID: "x"}); (err == nil) != good {
			t.Errorf("CheckSignOn(%q) = %v, want good %t", issuer, err, good)
		}
	}
}

func TestJourneyBySignOn(t *testing.T) {
	o, p := newProvince(t)
	p.Claims["preferred_username"] = "lan"
	b := newBrowser(o, "sign-on", 390, 844, true)
	b.others = []string{p.Issuer()}
	b.open("/sign-in")
	b.fits("01-sign-in")
	b.click(`a[href^="/sign-in/province"]`)
	b.wait(`input[name=subject]`)
	b.fill(`input[name=subject]`, "sub-1")
	b.click(`button`)
	b.wait(`form[action="/dossiers"]`)
	b.run(chromedp.Navigate(b.server.URL+"/account"), chromedp.WaitVisible(chromedp.CSS("#devices")))
	b.fits("02-account")
	b.quiet()
	b.click(`form[action="/sign-out"] button`)
	b.wait(`form[action="/sign-in"]`)
	b.quiet()
}
