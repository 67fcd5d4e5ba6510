package returned_test

import (
	"bytes"
	"testing"

	"sohoa/signing"
)

// FuzzCheck gives back a document with something behind it. Nothing may be
// accepted but what the expected signer's key signed.
func FuzzCheck(f *testing.F) {
	sent, want := document(), expected(f)
	id := person(f, chair)
	genuine := [][]byte{
		signed(f, sent, id, signing.Request{}),
		signed(f, sent, id, visible()),
		signed(f, sent, id, signing.Request{Level: signing.LevelLT}),
		handmade{id: id}.sign(f, sent),
	}
	for _, g := range genuine {
		f.Add(g[len(sent):])
	}
	f.Add(update(sent, object{4, forged})[len(sent):])
	f.Add([]byte("rubbish"))
	f.Fuzz(func(t *testing.T, tail []byte) {
		got, err := check(t, sent, append(bytes.Clone(sent), tail...), want)
		if err != nil {
			return
		}
		r := got.Signature.Covers.ByteRange
		back := append(bytes.Clone(sent), tail...)
		for _, g := range genuine {
			end := r[2] + r[3]
			if int64(len(g)) >= end && bytes.Equal(back[:r[1]], g[:r[1]]) && bytes.Equal(back[r[2]:end], g[r[2]:end]) {
				return
			}
		}
		t.Errorf("Check accepted what nobody signed: %q", tail)
	})
}

// BenchmarkCheck judges a signed document of 10 MB.
func BenchmarkCheck(b *testing.B) {
	sent := update(document(), object{50, stream(string(bytes.Repeat([]byte("0123456789abcdef"), 10<<16)))})
	back, want := signed(b, sent, person(b, chair), visible()), expected(b)
	b.SetBytes(int64(len(back)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := check(b, sent, back, want); err != nil {
			b.Fatal(err)
		}
	}
}
