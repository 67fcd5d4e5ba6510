package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
)

// theirNumber is the identity number of the owner of dossierA.
const theirNumber = "001190012678"

// numbered gives dossierA's owner a number and a day of return.
func (o *office) numbered() {
	o.t.Helper()
	o.update(func(tx archive.Tx) error {
		d, err := tx.Dossier(dossierA)
		if err != nil {
			return err
		}
		d.Owner.IDNumber, d.Due = theirNumber, "2999-12-30"
		return tx.PutDossier(d)
	})
}

func askStatus(c *client, code, digits string) answer {
	c.t.Helper()
	return c.post("/status", url.Values{"code": {code}, "digits": {digits}})
}

func TestStatusOfADossier(t *testing.T) {
	o := newOffice(t)
	o.numbered()
	o.update(func(tx archive.Tx) error {
		return tx.PutProcedure(sohoa.Procedure{Code: "1.001193", Name: "Đăng ký khai sinh", Requirements: []sohoa.Requirement{
			{Code: "GCS", Name: "Giấy chứng sinh", Types: []string{"chung-sinh"}}, {Code: "UQ", Name: "Văn bản ủy quyền", Types: []string{"uy-quyen"}, Optional: true}}})
	})
	stranger := o.stranger()
	for _, lang := range []string{"vi", "en"} {
		if bad := untranslated.FindString(stranger.get("/status?lang=" + lang).body); bad != "" {
			t.Errorf("GET /status in %s shows %q", lang, bad)
		}
		a := askStatus(stranger, dossierA, "2678")
		if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" {
			t.Fatalf("POST /status in %s = %d and shows %q", lang, a.status, bad)
		}
		for _, want := range []string{"Đăng ký khai sinh", "UBND xã Kỳ Sơn", "30/12/2999", "Giấy chứng sinh", dossierA} {
			if !strings.Contains(a.body, want) {
				t.Errorf("the state in %s lacks %q", lang, want)
			}
		}
		for _, secret := range []string{"Phạm", "Huệ", theirNumber, "2678", "ủy quyền"} {
			if strings.Contains(a.body, secret) {
				t.Errorf("the state in %s tells %q", lang, secret)
			}
		}
		if a.header.Get("Cache-Control") != "no-store" {
			t.Error("the state may be kept by the browser")
		}
	}
	lan := o.signedIn("lan")
	state := func(want string) {
		t.Helper()
		if a := askStatus(stranger, dossierA, theirNumber); !strings.Contains(a.body, `banner state-`+want+`"`) {
			t.Errorf("the state is not %s: %d", want, a.status)
		}
	}
	stranger.get("/status?lang=vi")
	state("received")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "giay-khai-sinh-01.jpg"))
	state("digitising")
	o.shelf.split(doc.ID, "giay-khai-sinh-01.jpg")
	o.shelf.read(doc.ID, 1, "giay-khai-sinh-01.jpg")
	o.shelf.keep(doc.ID)
	state("processing")
	o.update(func(tx archive.Tx) error {
		d, err := tx.Dossier(dossierA)
		d.Ended = "2026-11-30"
		if err != nil {
			return err
		}
		return tx.PutDossier(d)
	})
	state("ended")
	for _, e := range o.journal(sohoa.ActionStatus) {
		if e.Actor != "public" || e.Dossier != dossierA || strings.Contains(e.Detail, "2678") || !strings.Contains(e.Detail, "told") {
			t.Errorf("journal: %+v, want who was told, without the digits", e)
		}
	}
}

// TestStatusTellsNothingApart asks for what is not to be shown in every way.
func TestStatusTellsNothingApart(t *testing.T) {
	o := newOffice(t)
	o.numbered()
	stranger := o.stranger()
	var bodies []string
	for _, try := range [][2]string{{dossierA, "0000"}, {"H49.64.33-999999-9999", "2678"}, {dossierA2, "2678"}, {dossierA2, "0000"}, {dossierA, "12678"}} {
		a := askStatus(stranger, try[0], try[1])
		if a.status != http.StatusNotFound {
			t.Errorf("POST /status of %q = %d, want 404", try, a.status)
		}
		bodies = append(bodies, regexp.MustCompile(`value="[^"]*"`).ReplaceAllString(a.body, ""))
	}
	for i, b := range bodies {
		if b != bodies[0] {
			t.Errorf("answer %d differs from the first:\n%s\n%s", i, b, bodies[0])
		}
	}
	for _, digits := range []string{"", "678", "abcd", "26 78x", strings.Repeat("1", 21)} {
		if a := askStatus(stranger, dossierA, digits); a.status != http.StatusBadRequest {
			t.Errorf("POST /status with %q = %d, want 400", digits, a.status)
		}
	}
	if got := len(o.journal(sohoa.ActionStatus)); got != len(bodies) {
		t.Errorf("%d entries in the journal, want one for each of %d answers", got, len(bodies))
	}
}

// TestStatusDigitsAreNotGuessed guesses at a dossier from many addresses: then
// the last digits no longer do, and the owner's whole number still does.
func TestStatusDigitsAreNotGuessed(t *testing.T) {
	o := newOffice(t)
	o.numbered()
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	o.now = func() time.Time { return now }
	stranger := o.stranger()
	limited := 0
	for range 12 { // one address
		if askStatus(stranger, "H49.64.33-261122-7777", "0000").status == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 {
		t.Error("twelve wrong tries from one address are not limited")
	}
	for range 11 { // as from many addresses: each minute one more is let in
		now = now.Add(time.Minute)
		askStatus(stranger, dossierA, "0000")
	}
	now = now.Add(time.Minute)
	known, unknown := askStatus(stranger, dossierA, "2678"), askStatus(stranger, "H49.64.33-261122-7777", "2678")
	if known.status != http.StatusTooManyRequests || !strings.Contains(known.body, "toàn bộ số định danh") {
		t.Errorf("the right last digits after many guesses = %d, want the whole number to be asked for", known.status)
	}
	if unknown.status != known.status {
		t.Errorf("a code that nobody has = %d, want %d as for one that is guessed at", unknown.status, known.status)
	}
	if a := askStatus(stranger, dossierA, "001 190 012 678"); a.status != http.StatusOK {
		t.Errorf("the owner with the whole number = %d, want 200", a.status)
	}
	now = now.Add(6 * time.Hour)
	if a := askStatus(stranger, dossierA, "2678"); a.status != http.StatusOK {
		t.Errorf("the last digits when nobody guesses any more = %d, want 200", a.status)
	}
}

func TestStartPage(t *testing.T) {
	o := newOffice(t)
	stranger := o.stranger()
	for _, lang := range []string{"vi", "en"} {
		a := stranger.get("/?lang=" + lang)
		if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" {
			t.Errorf("GET / in %s = %d and shows %q", lang, a.status, bad)
		}
		for _, way := range []string{"/status", "/q", "/verify", "/sign-in"} {
			if !strings.Contains(a.body, `href="`+way+`"`) {
				t.Errorf("the start page lacks the way to %s", way)
			}
		}
	}
	if a := stranger.get("/status"); strings.Contains(a.body, "kiosk.js") {
		t.Error("a phone goes back to the start by itself")
	}
	stranger.get("/?kiosk=1")
	for _, path := range []string{"/status", "/q", "/verify"} {
		if a := stranger.get(path); !strings.Contains(a.body, `id="kiosk"`) || !strings.Contains(a.body, "kiosk.js") {
			t.Errorf("%s on a kiosk stays on the screen", path)
		}
	}
	stranger.get("/?kiosk=0")
	if a := stranger.get("/status"); strings.Contains(a.body, "kiosk.js") {
		t.Error("the screen is still a kiosk")
	}
	// A scanner types the whole address of a QR code.
	code := sohoa.NewLookup()
	if a := stranger.get("/q?code=" + url.QueryEscape("https://mc.example/q/"+code)); a.header.Get("Location") != "/q/"+code {
		t.Errorf("a scanned address leads to %q", a.header.Get("Location"))
	}
}
