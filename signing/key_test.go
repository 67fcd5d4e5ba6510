package signing_test

import (
	"crypto/x509"
	"testing"
	"time"

	"sohoa/signing"
	"sohoa/signing/testca"
)

func TestLoadPKCS12(t *testing.T) {
	now := time.Now()
	tests := []struct {
		name     string
		opts     []testca.Option
		password string
		code     string
	}{
		{"RSA", []testca.Option{testca.WithKey(testca.RSA2048)}, "mật khẩu", ""},
		{"ECDSA", []testca.Option{testca.WithKey(testca.P256)}, "mật khẩu", ""},
		{"wrong password", []testca.Option{testca.WithKey(testca.P256)}, "sai", "sign.password"},
		{"no password", []testca.Option{testca.WithKey(testca.P256)}, "", "sign.password"},
		{"expired", []testca.Option{testca.WithKey(testca.P256), testca.WithValidity(now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0))}, "mật khẩu", "sign.key-expired"},
		{"weak", []testca.Option{testca.WithKey(testca.RSA1024)}, "mật khẩu", "sign.key-weak"},
		{"for servers", []testca.Option{testca.WithKey(testca.P256), testca.WithUsage(x509.KeyUsageKeyAgreement)}, "mật khẩu", "sign.key-usage"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, err := ca(t).Agency("Trung tâm Phục vụ hành chính công", tt.opts...)
			if err != nil {
				t.Fatal(err)
			}
			p12, err := id.PKCS12("mật khẩu")
			if err != nil {
				t.Fatal(err)
			}
			k, err := signing.LoadPKCS12(p12, tt.password)
			if tt.code != "" {
				wantProblem(t, err, tt.code)
				return
			}
			if err != nil || !k.Certificate.Equal(id.Certificate) || len(k.Chain) != 1 {
				t.Fatalf("LoadPKCS12 = %+v, %v; want the key and 1 certificate above", k, err)
			}
			out, _ := signWith(t, plain{}.table(), k, signing.Request{}, nil)
			wantSigned(t, out, 1)
		})
	}
}

func TestLoadPKCS12Garbage(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("not a key"), make([]byte, 4096)} {
		_, err := signing.LoadPKCS12(b, "x")
		wantProblem(t, err, "sign.key")
	}
}

func TestKeyBelongsToCertificate(t *testing.T) {
	a, b := key(t, testca.P256), key(t, testca.P384)
	mixed := &signing.Key{Signer: a.Signer, Certificate: b.Certificate, Chain: b.Chain}
	wantProblem(t, mixed.Check(time.Now()), "sign.key-mismatch")
}
