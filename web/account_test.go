package web_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/web"
)

// phone makes codes as an authenticator does (RFC 6238), from the secret in
// letters.
type phone struct{ secret []byte }

func newPhone(t testing.TB, text string) phone {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil || len(secret) != 20 {
		t.Fatalf("secret %q = %d bytes, %v", text, len(secret), err)
	}
	return phone{secret}
}

func (p phone) code(at time.Time) string {
	m := hmac.New(sha1.New, p.secret)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := m.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

// between is what stands in a page between two pieces.
func between(t testing.TB, body, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, before)
	found, _, also := strings.Cut(rest, after)
	if !ok || !also {
		t.Fatalf("nothing between %q and %q in %s", before, after, body)
	}
	return found
}

var recoveryCode = regexp.MustCompile(`<code>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</code>`)

// setTOTP turns codes on and returns the phone and the recovery codes.
func (c *client) setTOTP(t testing.TB) (phone, []string) {
	t.Helper()
	page := c.post("/account/totp", nil)
	if page.status != 200 || !strings.Contains(page.body, "<svg") || strings.Contains(page.body, "data:") {
		t.Fatalf("POST /account/totp = %d, want a QR code drawn in the page: %s", page.status, page.body)
	}
	p := newPhone(t, between(t, page.body, `class="code" readonly value="`, `"`))
	form := url.Values{"sealed": {between(t, page.body, `name="sealed" value="`, `"`)}}
	form["sealed"][0] = strings.ReplaceAll(form["sealed"][0], "&#43;", "+")
	form.Set("code", "000000")
	if a := c.post("/account/totp/confirm", form); a.status != http.StatusUnauthorized || !strings.Contains(a.body, "<svg") {
		t.Errorf("a wrong first code = %d, want 401 and the same page", a.status)
	}
	form.Set("code", p.code(c.now()))
	a := c.post("/account/totp/confirm", form)
	var codes []string
	for _, m := range recoveryCode.FindAllStringSubmatch(a.body, -1) {
		codes = append(codes, m[1])
	}
	if a.status != 200 || len(codes) != 10 {
		t.Fatalf("POST /account/totp/confirm = %d with %d recovery codes, want 200 with 10", a.status, len(codes))
	}
	return p, codes
}

// enter types a name and a password, and says where that leads.
func (c *client) enter(name string) string {
	c.t.Helper()
	a := c.post("/sign-in", signInForm(name, goodPassword))
	if a.status != http.StatusSeeOther {
		c.t.Fatalf("sign-in of %s = %d, want 303: %s", name, a.status, a.body)
	}
	return a.header.Get("Location")
}

func (c *client) typeCode(code string) answer {
	return c.post("/sign-in/code", url.Values{"code": {code}, "next": {"/search"}})
}

func TestCodesAsSecondStep(t *testing.T) {
	o := newOffice(t)
	now := time.Now().Truncate(30 * time.Second)
	o.now = func() time.Time { return now }
	lan := o.signedIn("lan")
	p, recovery := lan.setTOTP(t)

	c := o.stranger()
	if next := c.enter("lan"); !strings.HasPrefix(next, "/sign-in/code") {
		t.Fatalf("after the password = %q, want the page for the code", next)
	}
	if a := c.get("/sets"); a.status != http.StatusSeeOther || a.header.Get("Location") != "/sign-in?next=%2Fsets" {
		t.Errorf("GET / with a password alone = %d, want the sign-in page", a.status)
	}
	if a := c.typeCode(p.code(now)); a.status != http.StatusUnauthorized {
		t.Errorf("the code that turned it on, again = %d, want 401", a.status)
	}
	for name, tt := range map[string]struct {
		at   time.Time
		want int
	}{"two steps early": {now.Add(time.Minute), 401}, "two steps late": {now.Add(-time.Minute), 401}} {
		if a := c.typeCode(p.code(tt.at)); a.status != tt.want {
			t.Errorf("code %s = %d, want %d", name, a.status, tt.want)
		}
	}
	if a := c.typeCode(" " + p.code(now.Add(30 * time.Second))[:3] + " " + p.code(now.Add(30 * time.Second))[3:]); a.status != 303 || a.header.Get("Location") != "/search" {
		t.Errorf("code one step early, in groups = %d, want 303", a.status)
	}
	if a := c.get("/sets"); a.status != 200 {
		t.Errorf("GET / after the code = %d, want 200", a.status)
	}

	again := o.stranger()
	again.enter("lan")
	if a := again.typeCode(p.code(now.Add(30 * time.Second))); a.status != http.StatusUnauthorized {
		t.Errorf("a code used twice = %d, want 401", a.status)
	}
	if a := again.typeCode(strings.ToUpper(recovery[3])); a.status != http.StatusSeeOther {
		t.Errorf("recovery code = %d, want 303", a.status)
	}
	twice := o.stranger()
	twice.enter("lan")
	if a := twice.typeCode(recovery[3]); a.status != http.StatusUnauthorized {
		t.Errorf("recovery code used twice = %d, want 401", a.status)
	}
	if a := o.stranger().typeCode(recovery[4]); a.status != http.StatusUnauthorized {
		t.Errorf("a code without a password = %d, want 401", a.status)
	}
	now = now.Add(5*time.Minute + time.Second)
	if a := twice.typeCode(recovery[4]); a.status != http.StatusUnauthorized || !strings.Contains(a.body, "Đã quá lâu") {
		t.Errorf("a code after five minutes = %d, want 401 and why", a.status)
	}
}

// A link sets a new password; who has it still needs the phone.
func TestLinksDoNotReplaceCodes(t *testing.T) {
	o := newOffice(t)
	o.signedIn("lan").setTOTP(t)
	token, err := web.SetupLink(t.Context(), o.catalog, "lan")
	if err != nil {
		t.Fatal(err)
	}
	c := o.stranger()
	a := c.post("/setup/"+token, url.Values{"password": {goodPassword}, "again": {goodPassword}})
	if next := a.header.Get("Location"); !strings.HasPrefix(next, "/sign-in/code") {
		t.Errorf("after the link = %q, want the page for the code", next)
	}
	if a := c.get("/sets"); a.status != http.StatusSeeOther {
		t.Errorf("GET / after the link = %d, want the sign-in page", a.status)
	}
}

func TestGuessedCodesAreLimited(t *testing.T) {
	o := newOffice(t)
	now := time.Now().Truncate(30 * time.Second)
	o.now = func() time.Time { return now }
	p, _ := o.signedIn("lan").setTOTP(t)
	c := o.stranger()
	c.enter("lan")
	statuses := map[int]int{}
	for range 20 {
		statuses[c.typeCode("123456").status]++
		now = now.Add(10 * time.Second)
	}
	if statuses[401] > 12 || statuses[429] < 8 {
		t.Errorf("20 guesses in 200 s = %v, want most refused without a look", statuses)
	}
	_ = p
}

// Secrets and codes are nowhere as they are.
func TestSecretsAreKeptEncrypted(t *testing.T) {
	o := newOffice(t)
	p, recovery := o.signedIn("lan").setTOTP(t)
	f, err := o.catalog.Factors(t.Context(), "lan")
	if err != nil || f.TOTP == nil || len(f.Recovery) != 10 {
		t.Fatalf("Factors = %+v, %v", f, err)
	}
	entries, err := o.catalog.Entries(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%q %v %+v", f.TOTP.Sealed, f.Recovery, entries)
	for _, secret := range []string{string(p.secret), base32.StdEncoding.EncodeToString(p.secret), recovery[0], strings.ReplaceAll(recovery[0], "-", "")} {
		if strings.Contains(all, secret) || strings.Contains(all, fmt.Sprintf("%q", secret)) {
			t.Errorf("%q is kept or journalled", secret)
		}
	}
	for _, act := range []string{"totp"} {
		if !strings.Contains(all, `"act":"`+act+`"`) {
			t.Errorf("the journal lacks %q", act)
		}
	}
}

func TestAdministratorsAreLedToASecondFactor(t *testing.T) {
	o := newOfficeConfigured(t, func(c *web.Config) { c.SecondFactor = web.SecondAdmins })
	admin := o.signedIn("admin")
	if a := admin.get("/admin"); a.status != 303 || a.header.Get("Location") != "/account" {
		t.Errorf("GET /admin = %d to %q, want 303 to /account", a.status, a.header.Get("Location"))
	}
	for _, path := range []string{"/api/v1/dossiers", "/parked"} {
		if a := admin.get(path, "HX-Request", "true"); a.status != http.StatusForbidden {
			t.Errorf("GET %s = %d, want 403", path, a.status)
		}
	}
	if a := admin.post("/admin/users", nil); a.status != http.StatusForbidden {
		t.Errorf("POST /admin/users = %d, want 403", a.status)
	}
	if a := admin.get("/account"); a.status != 200 || !strings.Contains(a.body, "Cần thiết lập xác thực hai lớp") {
		t.Errorf("GET /account = %d, want what is needed", a.status)
	}
	admin.setTOTP(t)
	if a := admin.get("/admin"); a.status != 200 {
		t.Errorf("GET /admin with a second factor = %d, want 200", a.status)
	}
	if a := admin.post("/account/totp/remove", nil); a.status != http.StatusConflict {
		t.Errorf("removing the last factor = %d, want 409", a.status)
	}
	lan := o.signedIn("lan")
	if a := lan.get("/sets"); a.status != 200 {
		t.Errorf("GET / by a clerk = %d, want 200", a.status)
	}
}

func TestDevicesAreListedAndEnded(t *testing.T) {
	o := newOffice(t)
	one := o.signedIn("lan")
	two := o.stranger()
	a := two.post("/sign-in", signInForm("lan", goodPassword), "User-Agent", "Mozilla/5.0 (Linux; Android 15) <b>x</b> Chrome/140.0 Safari/537.36")
	if a.status != http.StatusSeeOther {
		t.Fatalf("sign-in = %d", a.status)
	}
	page := one.get("/account").body
	if strings.Count(page, "<li data-this>") != 1 || !strings.Contains(page, "<b>Chrome</b> · Android") || strings.Contains(page, "<b>x") {
		t.Errorf("the page lists devices as %s", between(t, page, `id="devices"`, "</section>"))
	}
	binh := o.signedIn("binh")
	id := between(t, page, `action="/account/devices/`, `/end"`)
	if a := binh.post("/account/devices/"+id+"/end", nil); a.status != http.StatusNotFound {
		t.Errorf("ending another's = %d, want 404", a.status)
	}
	if a := one.post("/account/devices/"+id+"/end", nil); a.status != http.StatusSeeOther {
		t.Errorf("ending one's own = %d, want 303", a.status)
	}
	if a := two.get("/sets"); a.status != http.StatusSeeOther {
		t.Errorf("GET / there = %d, want the sign-in page", a.status)
	}
	two.enter("lan")
	one.post("/account/devices/end", nil)
	if a, b := two.get("/sets").status, one.get("/sets").status; a != 303 || b != 200 {
		t.Errorf("after ending all others: there %d, here %d, want 303 and 200", a, b)
	}
	one.post("/sign-out", nil)
	if all, err := o.catalog.Devices(t.Context(), "lan"); err != nil || len(all) != 0 {
		t.Errorf("after signing out: %v, %v, want no device", all, err)
	}
}

func TestPasswordIsChanged(t *testing.T) {
	o := newOffice(t)
	one, two := o.signedIn("lan"), o.stranger()
	two.enter("lan")
	const next = "bốn con mèo mun"
	change := func(old, password string) answer {
		return one.post("/account/password", url.Values{"old": {old}, "password": {password}, "again": {password}})
	}
	if a := change("sai", next); a.status != http.StatusForbidden || !strings.Contains(a.body, "hiện tại không đúng") {
		t.Errorf("with a wrong old password = %d, want 403", a.status)
	}
	for _, plain := range []string{"ngắn", "Matkhau@123", "1234567890123", "P@ssw0rd2026", "Nguyễn Thị Lan 1990", "qwertyuiop1", "aaaaaaaaaaaa", "Anhyeuem1234", "admin@123456", "vietnam@2026!"} {
		if a := change(goodPassword, plain); a.status != http.StatusBadRequest {
			t.Errorf("to %q = %d, want 400", plain, a.status)
		}
	}
	if a := change(goodPassword, next); a.status != http.StatusSeeOther {
		t.Fatalf("with the right one = %d: %s", a.status, a.body)
	}
	if a, b := one.get("/sets").status, two.get("/sets").status; a != 200 || b != 303 {
		t.Errorf("after the change: here %d, elsewhere %d, want 200 and 303", a, b)
	}
}

// Changing how one signs in takes a proof that is not old.
func TestFactorsTakeAFreshProof(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	o.now = func() time.Time { return time.Now().Add(16 * time.Minute) }
	if a := lan.post("/account/totp", nil); a.header.Get("Location") != "/account/confirm" {
		t.Errorf("POST /account/totp later = %d to %q, want /account/confirm", a.status, a.header.Get("Location"))
	}
	if a := lan.post("/account/confirm", url.Values{"password": {"sai"}}); a.status != http.StatusForbidden {
		t.Errorf("confirming with a wrong password = %d, want 403", a.status)
	}
	lan.post("/account/confirm", url.Values{"password": {goodPassword}})
	lan.setTOTP(t)
}

func TestAdministratorManagesOnePerson(t *testing.T) {
	o := newOffice(t)
	o.update(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: "chief", FullName: "Trưởng phòng", Roles: []sohoa.UserRole{sohoa.UserAdmin}, Agency: agencyA, CreatedAt: o.now()})
	})
	admin, chief, lan := o.signedIn("admin"), o.signedIn("chief"), o.signedIn("lan")
	lan.setTOTP(t)
	if a := admin.get("/admin/users/lan"); a.status != 200 || !strings.Contains(a.body, "Nguyễn Thị Lan") {
		t.Fatalf("GET /admin/users/lan = %d", a.status)
	}
	for _, path := range []string{"/admin/users/binh", "/admin/users/admin", "/admin/users/nobody"} {
		if a := chief.get(path); a.status != http.StatusNotFound {
			t.Errorf("GET %s by an administrator of agency A = %d, want 404", path, a.status)
		}
		for _, op := range []string{"", "/link", "/disable", "/reset-factors"} {
			if a := chief.post(path+op, url.Values{"fullName": {"X"}, "role": {"clerk"}, "agency": {agencyA}}); a.status != http.StatusNotFound {
				t.Errorf("POST %s by an administrator of agency A = %d, want 404", path+op, a.status)
			}
		}
	}
	if a := chief.post("/admin/users/chief", url.Values{"fullName": {"X"}, "role": {"admin"}, "agency": {""}}); a.status != http.StatusForbidden {
		t.Errorf("raising oneself to the whole installation = %d, want 403", a.status)
	}
	if a := admin.post("/admin/users/admin/disable", nil); a.status != http.StatusConflict {
		t.Errorf("disabling the last administrator = %d, want 409", a.status)
	}
	if a := admin.post("/admin/users/admin", url.Values{"fullName": {"X"}, "role": {"inspector"}, "agency": {""}}); a.status != http.StatusConflict {
		t.Errorf("making the last administrator an inspector = %d, want 409", a.status)
	}
	a := chief.post("/admin/users/lan", url.Values{"fullName": {"Lan"}, "role": {"clerk", "seal-keeper"}, "agency": {agencyA}})
	if u, err := o.catalog.User(t.Context(), "lan"); a.status != 303 || err != nil || sohoa.JoinRoles(u.Roles) != "clerk,seal-keeper" {
		t.Errorf("new roles = %d, %+v, %v", a.status, u, err)
	}
	if a := lan.get("/sets"); a.status != http.StatusSeeOther {
		t.Errorf("GET / after the roles changed = %d, want the sign-in page", a.status)
	}
	admin.post("/admin/users/lan/reset-factors", nil)
	if f, err := o.catalog.Factors(t.Context(), "lan"); err != nil || f.Second() {
		t.Errorf("after reset-factors: %+v, %v, want none", f, err)
	}
	admin.post("/admin/users/lan/disable", nil)
	if a := o.stranger().post("/sign-in", signInForm("lan", goodPassword)); a.status != http.StatusForbidden || !strings.Contains(a.body, "đã bị khóa") {
		t.Errorf("sign-in of a disabled user = %d, want 403", a.status)
	}
	admin.post("/admin/users/lan/enable", nil)
	lan = o.stranger()
	lan.enter("lan")
	admin.post("/admin/users/lan/end-sessions", nil)
	if a := lan.get("/sets"); a.status != http.StatusSeeOther {
		t.Errorf("GET / after end-sessions = %d, want the sign-in page", a.status)
	}
	var acts []string
	for _, e := range o.journal(sohoa.ActionUser) {
		if strings.Contains(e.Detail, `"user":"lan"`) && (e.Actor == "admin" || e.Actor == "chief") {
			acts = append(acts, e.Actor+" "+between(t, e.Detail, `"act":"`, `"`))
		}
	}
	if got, want := strings.Join(acts, ", "), "chief change, admin factors-remove, admin disable, admin enable, admin sign-out"; got != want {
		t.Errorf("the journal has %q, want %q", got, want)
	}
}
