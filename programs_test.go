package sohoa_test

import (
	"strings"
	"testing"

	"sohoa"
)

// What is taken for a secret is one that could have been made here.
func FuzzSecrets(f *testing.F) {
	f.Add(sohoa.NewKeySecret())
	f.Add(sohoa.NewHookSecret())
	f.Add("sohoa_" + strings.Repeat("0", 52))
	f.Add("whsec_")
	f.Add("whsec_AAAA\nAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		digest, ok := sohoa.HashKeySecret(s)
		if ok != !digest.IsZero() || ok && (len(s) != len(sohoa.NewKeySecret()) || !strings.HasPrefix(s, sohoa.KeyPrefix) || digest != sohoa.Sum([]byte(s))) {
			t.Errorf("HashKeySecret(%q) = %v, %t", s, digest, ok)
		}
		if key := sohoa.HookKey(s); key != nil && (len(key) < 24 || !strings.HasPrefix(s, "whsec_") || ok) {
			t.Errorf("HookKey(%q) is %d bytes", s, len(key))
		}
	})
}
