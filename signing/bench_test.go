package signing_test

import (
	"bytes"
	"crypto"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/digitorus/pdf"
	pdfsign "github.com/digitorus/pdfsign/sign"

	"sohoa/signing"
	"sohoa/signing/testca"
)

// byPdfsign signs with github.com/digitorus/pdfsign, our counterpart.
func byPdfsign(t testing.TB, in []byte, k *signing.Key, out io.Writer) {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(in), int64(len(in)))
	if err != nil {
		t.Fatal(err)
	}
	data := pdfsign.SignData{Signer: k.Signer, Certificate: k.Certificate, DigestAlgorithm: crypto.SHA256}
	data.Signature.CertType = pdfsign.ApprovalSignature
	data.Signature.Info.Date = time.Now()
	if err := pdfsign.Sign(bytes.NewReader(in), out, r, int64(len(in)), data); err != nil {
		t.Fatalf("pdfsign: %v", err)
	}
}

// TestCosignCounterpart adds our signature to pdfsign's.
func TestCosignCounterpart(t *testing.T) {
	var theirs bytes.Buffer
	byPdfsign(t, plain{}.table(), key(t, testca.RSA2048), &theirs)
	out, _ := sign(t, theirs.Bytes(), signing.Request{}, nil)
	vs := pdfsig(t, out)
	if len(vs) != 2 || !vs[0].Valid || !vs[1].Valid || !vs[1].Total {
		t.Errorf("pdfsig = %+v, want two valid signatures", vs)
	}
}

// TestMemoryDoesNotGrowWithTheDocument signs 64 MB out of a reader.
func TestMemoryDoesNotGrowWithTheDocument(t *testing.T) {
	in := plain{objects: map[int]string{4: big(64 << 20)}}.table()
	k := key(t, testca.P256)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := signing.Sign(t.Context(), bytes.NewReader(in), int64(len(in)), io.Discard, k, signing.Request{}, nil)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20 {
		t.Errorf("signing 64 MB allocated %d bytes, want at most 2 MB", n)
	}
}

func BenchmarkSign(b *testing.B) {
	in := plain{objects: map[int]string{4: big(2_100_000)}}.table()
	for _, alg := range []testca.Algorithm{testca.P256, testca.RSA2048} {
		k := key(b, alg)
		b.Run("sohoa/"+string(alg), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := signing.Sign(b.Context(), bytes.NewReader(in), int64(len(in)), io.Discard, k, signing.Request{}, nil)
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("pdfsign/"+string(alg), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				byPdfsign(b, in, k, io.Discard)
			}
		})
	}
}
