package web_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"sohoa/archive"
	"sohoa/web"
)

// behindProxy is an office whose server trusts the proxy that asks it, this
// machine, and another one.
func behindProxy(t *testing.T) *office {
	t.Helper()
	return newOfficeConfigured(t, func(c *web.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("::1/128")}
	})
}

// guess tries a password from an address.
func (c *client) guess(name, password, from string) int {
	return c.post("/sign-in", signInForm(name, password), "X-Forwarded-For", from).status
}

// Many addresses against one user slow strange addresses of that user, and
// nothing else: neither where they have signed in before, nor other users.
func TestManyAddressesAgainstOneUser(t *testing.T) {
	o := behindProxy(t)
	now := time.Now()
	o.now = func() time.Time { return now }
	mine := o.signedIn("lan")
	mine.post("/sign-out", nil)
	o.signedIn("binh")
	statuses := map[int]int{}
	for i := range 30 {
		statuses[o.stranger().guess("lan", "sai", fmt.Sprintf("203.0.113.%d", i))]++
	}
	if statuses[401] != 20 || statuses[429] != 10 {
		t.Errorf("30 addresses = %v, want 20 looked at and 10 refused", statuses)
	}
	if got := o.stranger().guess("lan", goodPassword, "198.51.100.7"); got != http.StatusTooManyRequests {
		t.Errorf("lan at a strange address = %d, want 429", got)
	}
	if got := mine.guess("lan", goodPassword, "198.51.100.8"); got != http.StatusSeeOther {
		t.Errorf("lan where she has signed in before = %d, want 303", got)
	}
	if got := o.stranger().guess("binh", goodPassword, "203.0.113.1"); got != http.StatusSeeOther {
		t.Errorf("another user = %d, want 303", got)
	}
	now = now.Add(time.Minute + time.Second)
	if got := o.stranger().guess("lan", goodPassword, "198.51.100.9"); got != http.StatusSeeOther {
		t.Errorf("lan at a strange address a minute later = %d, want 303", got)
	}
}

// One address that tries many users is slowed, whomever it tries; others are
// not, and right passwords of an office behind one address do not count.
func TestOneAddressAgainstManyUsers(t *testing.T) {
	o := behindProxy(t)
	now := time.Now()
	o.now = func() time.Time { return now }
	o.signedIn("lan")
	o.signedIn("binh")
	for range 5 {
		if got := o.stranger().guess("lan", goodPassword, "203.0.113.5"); got != http.StatusSeeOther {
			t.Fatalf("lan = %d, want 303", got)
		}
	}
	statuses := map[int]int{}
	for i := range 50 {
		statuses[o.stranger().guess(fmt.Sprintf("user%d", i), "Matkhau@2026", "203.0.113.5")]++
	}
	if statuses[401] != 40 || statuses[429] != 10 {
		t.Errorf("50 users = %v, want 40 looked at and 10 refused", statuses)
	}
	if got := o.stranger().guess("binh", goodPassword, "203.0.113.5"); got != http.StatusTooManyRequests {
		t.Errorf("binh from there = %d, want 429", got)
	}
	if got := o.stranger().guess("binh", goodPassword, "203.0.113.6"); got != http.StatusSeeOther {
		t.Errorf("binh from elsewhere = %d, want 303", got)
	}
}

// A cookie of one's own making, or of somebody else, makes no device known.
func TestKnownDevicesAreOnesOwn(t *testing.T) {
	o := behindProxy(t)
	now := time.Now()
	o.now = func() time.Time { return now }
	a := o.stranger().post("/sign-in", signInForm("lan", "sai"))
	if a.status != http.StatusUnauthorized {
		t.Fatal(a.status)
	}
	o.signedIn("lan")
	binh := o.signedIn("binh")
	binh.post("/sign-out", nil)
	for i := range 20 {
		o.stranger().guess("lan", "sai", fmt.Sprintf("203.0.113.%d", i))
	}
	if got := binh.guess("lan", "sai", "198.51.100.1"); got != http.StatusTooManyRequests {
		t.Errorf("lan at binh's device = %d, want 429", got)
	}
}

// Where a request comes from is believed only from proxies that are trusted.
func TestAddressesBehindProxies(t *testing.T) {
	o := behindProxy(t)
	o.signedIn("lan")
	for name, tt := range map[string]struct {
		header []string
		want   string
	}{
		"no header":                     {nil, "127.0.0.1"},
		"one hop":                       {[]string{"X-Forwarded-For", "203.0.113.9"}, "203.0.113.9"},
		"what the client wrote before":  {[]string{"X-Forwarded-For", "8.8.8.8, 203.0.113.9"}, "203.0.113.9"},
		"through two trusted":           {[]string{"X-Forwarded-For", "8.8.8.8, 203.0.113.9, 10.0.0.7"}, "203.0.113.9"},
		"only trusted":                  {[]string{"X-Forwarded-For", "10.0.0.8, 10.0.0.7"}, "10.0.0.8"},
		"not an address":                {[]string{"X-Forwarded-For", "203.0.113.9, unknown"}, "127.0.0.1"},
		"with a port":                   {[]string{"X-Forwarded-For", "203.0.113.9:4711"}, "203.0.113.9"},
		"an IPv6 network counts as one": {[]string{"X-Forwarded-For", "2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"},
		"Forwarded":                     {[]string{"Forwarded", `for=8.8.8.8, for="[2001:db8::1]:80";proto=https`}, "2001:db8::/64"},
		"both, the same":                {[]string{"Forwarded", "for=203.0.113.9", "X-Forwarded-For", "203.0.113.9"}, "203.0.113.9"},
		"both, one made up":             {[]string{"Forwarded", "for=8.8.8.8", "X-Forwarded-For", "203.0.113.9"}, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			c := o.stranger()
			o.update(func(tx archive.Tx) error { _, err := tx.EndDevices("lan", ""); return err })
			a := c.post("/sign-in", signInForm("lan", goodPassword), tt.header...)
			if a.status != http.StatusSeeOther {
				t.Fatalf("sign-in = %d", a.status)
			}
			devices, err := o.catalog.Devices(t.Context(), "lan")
			if err != nil || len(devices) != 1 || devices[0].Address != tt.want {
				t.Errorf("devices = %+v, %v, want one at %s", devices, err, tt.want)
			}
		})
	}
	t.Run("an untrusted peer", func(t *testing.T) {
		o := newOffice(t)
		o.signedIn("lan")
		o.stranger().post("/sign-in", signInForm("lan", goodPassword), "X-Forwarded-For", "203.0.113.9")
		devices, err := o.catalog.Devices(t.Context(), "lan")
		if err != nil || len(devices) != 2 || devices[0].Address != "127.0.0.1" || devices[1].Address != "127.0.0.1" {
			t.Errorf("devices = %+v, %v, want this machine's address", devices, err)
		}
	})
}
