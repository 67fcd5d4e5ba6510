package signing_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/json"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/testca"
)

// prepare prepares a signature by the key of its kind.
func prepare(t testing.TB, pdf []byte, alg testca.Algorithm, req signing.Request) *signing.Prepared {
	t.Helper()
	p, err := signing.Prepare(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), key(t, alg).Certificates(), req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPreparedSurvivesRestart(t *testing.T) {
	pdf := append(plain{objects: map[int]string{4: big(5 << 20)}}.table(), '\n')
	record, err := json.Marshal(prepare(t, pdf, testca.RSA2048, signing.Request{Level: signing.LevelT, Name: "Văn thư"}))
	if err != nil {
		t.Fatal(err)
	}
	if len(record) > 10<<10 {
		t.Errorf("the record of a 5 MB document has %d bytes, want at most 10 KB", len(record))
	}
	var p signing.Prepared
	if err := json.Unmarshal(record, &p); err != nil {
		t.Fatal(err)
	}
	if p.BaseDigest != sohoa.Sum(pdf) || p.BaseSize != int64(len(pdf)) {
		t.Errorf("record is of %d bytes %v, want the document", p.BaseSize, p.BaseDigest)
	}
	value, err := key(t, testca.RSA2048).Sign(t.Context(), &p)
	if err != nil {
		t.Fatal(err)
	}
	var outs [2]bytes.Buffer
	for i := range outs { // completing twice gives the same bytes
		c, err := signing.Complete(t.Context(), &p, value, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(t.Context(), &outs[i], bytes.NewReader(pdf)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(outs[0].Bytes(), outs[1].Bytes()) {
		t.Error("completing twice gave two documents")
	}
	wantSigned(t, outs[0].Bytes(), 1)
}

// big is a content stream of n blanks.
func big(n int) string {
	return "<</Length " + strconv.Itoa(n) + ">>\nstream\n" + string(bytes.Repeat([]byte(" "), n)) + "\nendstream"
}

func TestPrepareIsDeterministic(t *testing.T) {
	req := signing.Request{Name: "A", Reason: "B", Location: "C", Time: moment}
	a, b := prepare(t, plain{}.table(), testca.P256, req), prepare(t, plain{}.table(), testca.P256, req)
	if !bytes.Equal(a.Attributes, b.Attributes) || !bytes.Equal(a.After, b.After) {
		t.Error("Prepare gave two results for one request")
	}
}

func TestCompleteTakesBareECDSA(t *testing.T) {
	for _, alg := range []testca.Algorithm{testca.P256, testca.P521} {
		t.Run(string(alg), func(t *testing.T) {
			p := prepare(t, plain{}.table(), alg, signing.Request{})
			private := key(t, alg).Signer.(*ecdsa.PrivateKey)
			r, s, err := ecdsa.Sign(rand.Reader, private, p.Digest())
			if err != nil {
				t.Fatal(err)
			}
			n := (private.Params().BitSize + 7) / 8
			value := append(r.FillBytes(make([]byte, n)), s.FillBytes(make([]byte, n))...)
			c, err := signing.Complete(t.Context(), p, value, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantSigned(t, append(plain{}.table(), c.Tail...), 1)
		})
	}
}

func TestCompleteRefusesWrongValue(t *testing.T) {
	for _, alg := range []testca.Algorithm{testca.P256, testca.RSA2048} {
		p := prepare(t, plain{}.table(), alg, signing.Request{})
		value, err := key(t, alg).Sign(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		value[len(value)-1] ^= 1
		_, err = signing.Complete(t.Context(), p, value, nil)
		wantProblem(t, err, "sign.self-check")
	}
}

func TestPreparedExpires(t *testing.T) {
	k := key(t, testca.P256) // made outside, where time is real
	synctest.Test(t, func(t *testing.T) {
		// The bubble's clock starts in 2000, before the certificate.
		pdf := plain{}.table()
		p, err := signing.Prepare(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), k.Certificates(), signing.Request{Time: moment})
		if err != nil {
			t.Fatal(err)
		}
		value, err := k.Sign(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(sohoa.MaxPendingSignature)
		if _, err := signing.Complete(t.Context(), p, value, nil); err != nil {
			t.Errorf("Complete at the last moment = %v, want success", err)
		}
		time.Sleep(time.Nanosecond)
		_, err = signing.Complete(t.Context(), p, value, nil)
		wantProblem(t, err, "sign.expired")
	})
}

func TestWriteNoticesChange(t *testing.T) {
	pdf := plain{}.table()
	p := prepare(t, pdf, testca.P256, signing.Request{})
	value, err := key(t, testca.P256).Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	c, err := signing.Complete(t.Context(), p, value, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Replace(pdf, []byte("300 300 re"), []byte("300 400 re"), 1)
	wantProblem(t, c.Write(t.Context(), &bytes.Buffer{}, bytes.NewReader(other)), "sign.changed")
}
