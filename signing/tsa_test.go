package signing_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/testca"
)

// stamper starts a timestamp authority that misbehaves as f says.
func stamper(t testing.TB, f testca.Fault) (*signing.TSA, *testca.TSA) {
	t.Helper()
	unit := ca(t).TSA()
	unit.Misbehave(f)
	server := httptest.NewServer(unit)
	t.Cleanup(server.Close)
	return &signing.TSA{URLs: []string{server.URL}, Roots: ca(t).Pool()}, unit
}

func TestTSA(t *testing.T) {
	digest := sha256.Sum256([]byte("quyết định"))
	tests := []struct {
		fault testca.Fault
		code  string // "" is success
	}{
		{testca.FaultNone, ""},
		{testca.FaultImprint, "sign.tsa-answer"},
		{testca.FaultNonce, "sign.tsa-answer"},
		{testca.FaultNoNonce, "sign.tsa-answer"},
		{testca.FaultUntrusted, "sign.tsa-answer"},
		{testca.FaultUsage, "sign.tsa-answer"},
		{testca.FaultLapsed, "sign.tsa-answer"},
		{testca.FaultVague, "sign.tsa-answer"},
		{testca.FaultRejected, "sign.tsa-answer"},
		{testca.FaultTampered, "sign.tsa-answer"},
		{testca.FaultGarbage, "sign.tsa-answer"},
		{testca.FaultStatus, "sign.tsa-unavailable"},
		{testca.FaultRedirect, "sign.tsa-unavailable"},
		{testca.FaultOversized, "sign.tsa-unavailable"},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault), func(t *testing.T) {
			tsa, _ := stamper(t, tt.fault)
			token, err := tsa.Stamp(t.Context(), digest[:])
			if tt.code != "" {
				wantProblem(t, err, tt.code)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			ts, err := timestamp.Parse(token)
			if err != nil || !bytes.Equal(ts.HashedMessage, digest[:]) {
				t.Errorf("token = %+v, %v; want one over the digest", ts, err)
			}
		})
	}
}

func TestTSATrustsNothingByDefault(t *testing.T) {
	tsa, _ := stamper(t, testca.FaultNone)
	tsa.Roots = nil
	_, err := tsa.Stamp(t.Context(), make([]byte, 32))
	wantProblem(t, err, "sign.tsa-answer")
}

func TestTSATakesTheNext(t *testing.T) {
	bad, badUnit := stamper(t, testca.FaultStatus)
	good, goodUnit := stamper(t, testca.FaultNone)
	good.URLs = append(bad.URLs, good.URLs...)
	if _, err := good.Stamp(t.Context(), make([]byte, 32)); err != nil {
		t.Errorf("Stamp = %v, want the second authority's token", err)
	}
	if badUnit.Requests() != 1 || goodUnit.Requests() != 1 {
		t.Errorf("%d and %d requests, want 1 each", badUnit.Requests(), goodUnit.Requests())
	}
}

// TestTSATimeLimit lets the client's own deadline pass, in a tenth of a second.
func TestTSATimeLimit(t *testing.T) {
	tsa, _ := stamper(t, testca.FaultHang)
	tsa.Client = &http.Client{Timeout: 100 * time.Millisecond}
	_, err := tsa.Stamp(t.Context(), make([]byte, 32))
	wantProblem(t, err, "sign.tsa-unavailable")
}

func TestSignWithoutTimestamp(t *testing.T) {
	tests := []struct {
		name string
		tsa  func(*testing.T) signing.Stamper
		code string
	}{
		{"down", func(t *testing.T) signing.Stamper { s, _ := stamper(t, testca.FaultStatus); return s }, "sign.tsa-unavailable"},
		{"lying", func(t *testing.T) signing.Stamper { s, _ := stamper(t, testca.FaultImprint); return s }, "sign.tsa-answer"},
		{"none", func(t *testing.T) signing.Stamper { return nil }, "sign.no-tsa"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, res := signWith(t, plain{}.stream(), key(t, testca.RSA2048), signing.Request{Level: signing.LevelT}, tt.tsa(t))
			if res.Level != signing.LevelB || res.TimestampProblem == nil {
				t.Fatalf("Sign = %+v, want B-B and a problem", res)
			}
			wantProblem(t, res.TimestampProblem, tt.code)
			wantSigned(t, out, 1)

			tsa, _ := stamper(t, testca.FaultNone)
			later, res := addTimestamp(t, out, tsa)
			if res.Level != signing.LevelT || res.TimestampTime.IsZero() || len(later) != len(out) {
				t.Errorf("AddTimestamp = %+v, %d bytes; want B-T, %d", res, len(later), len(out))
			}
			wantSigned(t, later, 1)
		})
	}
}

func addTimestamp(t *testing.T, pdf []byte, tsa signing.Stamper) ([]byte, signing.Result) {
	t.Helper()
	var out bytes.Buffer
	res, err := signing.AddTimestamp(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), &out, tsa)
	if err != nil {
		t.Fatalf("AddTimestamp = %v", err)
	}
	return out.Bytes(), res
}

func TestAddTimestampRefuses(t *testing.T) {
	tsa, _ := stamper(t, testca.FaultNone)
	down, _ := stamper(t, testca.FaultStatus)
	waiting, _ := sign(t, plain{}.table(), signing.Request{Level: signing.LevelT}, nil)
	timed, _ := addTimestamp(t, waiting, tsa)
	covered, _ := sign(t, waiting, signing.Request{Level: signing.LevelT}, tsa)
	narrow, _ := sign(t, plain{}.table(), signing.Request{}, nil)
	tests := []struct {
		name string
		pdf  []byte
		tsa  signing.Stamper
		code string
	}{
		{"unsigned", plain{}.table(), tsa, "sign.not-waiting"},
		{"timed", timed, tsa, "sign.not-waiting"},
		{"covered by another", covered, tsa, "sign.not-waiting"},
		{"no room", narrow, tsa, "sign.reserve"},
		{"authority down", waiting, down, "sign.tsa-unavailable"},
		{"no authority", waiting, nil, "sign.no-tsa"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := signing.AddTimestamp(t.Context(), bytes.NewReader(tt.pdf), int64(len(tt.pdf)), &out, tt.tsa)
			wantProblem(t, err, tt.code)
			if out.Len() != 0 {
				t.Errorf("%d bytes were written", out.Len())
			}
		})
	}
}

func TestCancelledSigningFails(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	pdf := plain{}.table()
	var out bytes.Buffer
	_, err := signing.Sign(ctx, bytes.NewReader(pdf), int64(len(pdf)), &out, key(t, testca.P256), signing.Request{}, nil)
	if err == nil || out.Len() != 0 || sohoa.Permanent(err) {
		t.Errorf("Sign after the end = %v with %d bytes written, want an error that may be tried again", err, out.Len())
	}
}
