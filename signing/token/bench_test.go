package token_test

import (
	"crypto"
	"testing"

	"sohoa/signing/testca"
)

// BenchmarkSign measures one signature value through the child and SoftHSM.
func BenchmarkSign(b *testing.B) {
	for _, alg := range []testca.Algorithm{testca.RSA2048, testca.P256} {
		b.Run(string(alg), func(b *testing.B) {
			h := newHSM(b, "T")
			h.equip("T", identity(b, "A", alg))
			k, err := h.open("token=T").Key(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := k.Signer.Sign(nil, sha[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
