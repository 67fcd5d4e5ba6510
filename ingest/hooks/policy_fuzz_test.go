package hooks_test

import (
	"net/url"
	"strings"
	"testing"

	"sohoa"
	"sohoa/ingest/hooks"
)

// Whatever the setting and the address, only a host that the setting names is
// told, and without TLS nobody but this machine.
func FuzzPolicy(f *testing.F) {
	for _, entry := range []string{"mc.example", "MC.example.:8443", "10.1.0.0/16", "[::1]:80", "127.0.0.1:80", "*.example", "a b", "mc.example:"} {
		for _, address := range []string{"https://mc.example/h", "https://mc.example:8443/h", "https://mc.example@evil.example/h", "http://127.0.0.1/", "http://[::1%25lo]:80/", "https://10.1.2.3/"} {
			f.Add(entry, address)
		}
	}
	f.Fuzz(func(t *testing.T, entry, address string) {
		policy, err := hooks.ParsePolicy([]string{entry})
		if err != nil {
			if sohoa.AsProblem(err).Code != "hook.setting" {
				t.Fatalf("ParsePolicy(%q) = %v, want hook.setting", entry, err)
			}
			return
		}
		hook := sohoa.Webhook{URL: address, Events: sohoa.HookEvents}
		if hook.Check() != nil || policy.Allows(address) != nil {
			return
		}
		u, err := url.Parse(address)
		if err != nil || u.User != nil || u.Hostname() == "" {
			t.Fatalf("%q is allowed by %q, and is no address: %v", address, entry, err)
		}
		host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
		listed := strings.ToLower(strings.TrimSpace(entry))
		if rest, ok := strings.CutPrefix(strings.TrimPrefix(listed, "["), host); !ok || rest != "" && !strings.ContainsAny(rest[:1], ".:]") {
			t.Errorf("%q is allowed by %q, which names another host", address, entry)
		}
		if u.Scheme != "https" && (u.Scheme != "http" || !strings.HasPrefix(host, "127.") && host != "::1" && !strings.HasPrefix(host, "::1%") && !strings.HasPrefix(host, "::ffff:")) {
			t.Errorf("%q is allowed by %q without TLS", address, entry)
		}
	})
}
