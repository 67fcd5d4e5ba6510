package csc_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/csc"
)

// FuzzAnswer opens a key at a service that answers anything.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"key":{"status":"enabled","algo":["1.2.840.10045.4.3.2"]},"cert":{"certificates":["AAAA"]},"auth":{"mode":"explicit","expression":"PIN AND OTP","objects":[{"id":"PIN"}]},"multisign":-1}`))
	f.Add([]byte(`{"error":"invalid_request","error_description":"Credential locked"}`))
	f.Add([]byte(`{"methods":["signatures/signPolling"],"oauth2":"https://[::1/","credentialIDs":["a"],"access_token":"x","expires_in":-9223372036854775808}`))
	var answer atomic.Pointer[[]byte]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := *answer.Load()
		if len(b) > 0 && b[0] == 'E' {
			w.WriteHeader(400 + int(b[len(b)-1])%120)
		}
		w.Write(b)
	}))
	f.Cleanup(server.Close)
	f.Fuzz(func(t *testing.T, b []byte) {
		answer.Store(&b)
		c, err := csc.Open(t.Context(), csc.Config{URL: server.URL, Token: "x", Ask: pin("1")})
		if err == nil {
			_, _, err = c.SignDigests(t.Context(), signing.ECDSA, digests(2))
		}
		var p *sohoa.Problem
		if !errors.As(err, &p) {
			t.Errorf("answer %q: %v, want a problem", b, err)
		}
	})
}
