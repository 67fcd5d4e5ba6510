package returned_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"sohoa/signing"
	"sohoa/signing/returned"
	"sohoa/signing/validation"
)

// fuzzLab names a folder in the environment: the processes that fuzz have to
// agree on who signed what.
const fuzzLab = "SOHOA_FUZZ_LAB"

// genuine makes signed documents, or reads those that the first process made,
// and returns them with whose signature is expected.
func genuine(f *testing.F, sent []byte) ([][]byte, returned.Expected) {
	f.Helper()
	dir, made := os.LookupEnv(fuzzLab)
	if !made {
		dir = f.TempDir()
		f.Setenv(fuzzLab, dir)
		id := person(f, chair)
		store(f, dir, id.Certificate.Raw, lab.Root().Raw,
			signed(f, sent, id, signing.Request{}),
			signed(f, sent, id, signing.Request{Level: signing.LevelLT}),
			handmade{id: id, rect: "400 700 560 760"}.sign(f, sent))
	}
	var kept [][]byte
	for i := range 5 {
		b, err := os.ReadFile(filepath.Join(dir, strconv.Itoa(i)))
		if err != nil {
			f.Fatal(err)
		}
		kept = append(kept, b)
	}
	signer, errSigner := x509.ParseCertificate(kept[0])
	root, errRoot := x509.ParseCertificate(kept[1])
	if err := errors.Join(errSigner, errRoot); err != nil {
		f.Fatal(err)
	}
	return kept[2:], returned.Expected{Certificates: []*x509.Certificate{signer}, Roots: []validation.Root{{World: "test", Certificate: root}}}
}

func store(f *testing.F, dir string, files ...[]byte) {
	f.Helper()
	for i, b := range files {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), b, 0o600); err != nil {
			f.Fatal(err)
		}
	}
}

// FuzzCheck gives back a document with something behind it. Nothing may be
// accepted but what the expected signer's key signed.
func FuzzCheck(f *testing.F) {
	sent := document()
	files, want := genuine(f, sent)
	for _, g := range files {
		f.Add(g[len(sent):])
	}
	f.Add(update(sent, object{4, forged})[len(sent):])
	f.Add([]byte("rubbish"))
	f.Fuzz(func(t *testing.T, tail []byte) {
		back := append(bytes.Clone(sent), tail...)
		got, err := check(t, sent, back, want)
		if err == nil && !madeFrom(files, back, got.Signature.Covers.ByteRange) {
			t.Errorf("Check accepted what nobody signed: %q", tail)
		}
	})
}

// madeFrom reports whether what byte range r of back covers is signed in one of
// files.
func madeFrom(files [][]byte, back []byte, r []int64) bool {
	end := r[2] + r[3]
	return slices.ContainsFunc(files, func(g []byte) bool {
		return int64(len(g)) >= end && bytes.Equal(back[:r[1]], g[:r[1]]) && bytes.Equal(back[r[2]:end], g[r[2]:end])
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
