package web

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func FuzzRemote(f *testing.F) {
	f.Add("203.0.113.9, 10.0.0.1", `for="[2001:db8::1]:80";proto=https`)
	f.Add(",,", "for=;for=_hidden")
	f.Add("[::1%eth0]:1", `FOR="unknown"`)
	trusted := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, old, std string) {
		r := httptest.NewRequest("GET", "/", nil) // from 192.0.2.1
		r.Header.Set("X-Forwarded-For", old)
		r.Header.Set("Forwarded", std)
		if _, err := netip.ParseAddr(remote(r, trusted)); err != nil {
			t.Errorf("remote(%q, %q) is no address: %v", old, std, err)
		}
		if got := remote(r, nil); got != "192.0.2.1" {
			t.Errorf("without trusted proxies = %s, want the peer", got)
		}
	})
}
