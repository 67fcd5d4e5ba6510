package csc_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/csc"
	"sohoa/signing/csc/csctest"
	"sohoa/signing/testca"
)

// authority is one test CA for all tests.
var authority = sync.OnceValues(func() (*testca.Authority, error) { return testca.New(nil) })

var (
	identitiesMu sync.Mutex
	identities   = map[testca.Algorithm]*testca.Identity{}
)

// identity is the one identity with a key of its kind.
func identity(t testing.TB, alg testca.Algorithm) *testca.Identity {
	t.Helper()
	identitiesMu.Lock()
	defer identitiesMu.Unlock()
	if id, ok := identities[alg]; ok {
		return id
	}
	ca, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.Agency("Ủy ban nhân dân xã Vĩnh Nghĩa", testca.WithKey(alg))
	if err != nil {
		t.Fatal(err)
	}
	identities[alg] = id
	return id
}

// service is a simulated service with its address.
type service struct {
	*csctest.Server
	config csc.Config
}

// start runs a service over TLS.
func start(t testing.TB, alg testca.Algorithm, rules csctest.Rules) *service {
	t.Helper()
	s := csctest.New(identity(t, alg), rules)
	web := httptest.NewTLSServer(s)
	t.Cleanup(web.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	return &service{s, csc.Config{URL: web.URL + "/csc/v2", Roots: roots,
		ClientID: csctest.ClientID, ClientSecret: csctest.ClientSecret}}
}

// open opens the service's key.
func (s *service) open(t testing.TB) *csc.Credential {
	t.Helper()
	c, err := csc.Open(t.Context(), s.config)
	if err != nil {
		t.Fatalf("Open = %v", err)
	}
	return c
}

// digests are n different digests.
func digests(n int) [][]byte {
	var out [][]byte
	for i := range n {
		d := sha256.Sum256(fmt.Append(nil, "giấy tờ số ", i))
		out = append(out, d[:])
	}
	return out
}

// wantValues fails unless values are good for digests.
func wantValues(t testing.TB, c *csc.Credential, alg signing.Algorithm, values, digests [][]byte) {
	t.Helper()
	if len(values) != len(digests) {
		t.Fatalf("%d values, want %d", len(values), len(digests))
	}
	for i := range values {
		if _, err := alg.Verify(c.Certificates()[0].PublicKey, digests[i], values[i]); err != nil {
			t.Errorf("value %d: %v", i, err)
		}
	}
}

// wantProblem fails unless err is the Problem code.
func wantProblem(t testing.TB, err error, code string) {
	t.Helper()
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != code {
		t.Errorf("error = %v, want the problem %s", err, code)
		return
	}
	for _, secret := range []string{csctest.ClientSecret, csctest.Token, "824613"} {
		if strings.Contains(p.Error(), secret) {
			t.Errorf("error %q tells a secret", p.Error())
		}
	}
}

// pin answers every factor with p.
func pin(p string) func(context.Context, csc.Factor) (string, error) {
	return func(context.Context, csc.Factor) (string, error) { return p, nil }
}

const goodPIN = "824613"

func TestOneAuthorisationSignsThreeHundred(t *testing.T) {
	s := start(t, testca.P256, csctest.Rules{PIN: goodPIN, Multisign: 500})
	asked := 0
	s.config.Ask = func(_ context.Context, f csc.Factor) (string, error) {
		asked++
		return goodPIN, nil
	}
	c := s.open(t)
	if n := len(c.Certificates()); n != 2 {
		t.Errorf("%d certificates, want 2: the key's and its issuer's", n)
	}
	want := digests(300)
	values, ticket, err := c.SignDigests(t.Context(), signing.ECDSA, want)
	if err != nil || ticket != "" {
		t.Fatalf("SignDigests = ticket %q, %v", ticket, err)
	}
	wantValues(t, c, signing.ECDSA, values, want)
	if got := s.Counts(); asked != 1 || got.Authorisations != 1 || got.Signings != 1 || got.Signatures != 300 {
		t.Errorf("asked for the PIN %d times, service asked %+v; want 1 authorisation of 300", asked, got)
	}
}

func TestAuthorisationsAreSplitAtTheServicesLimit(t *testing.T) {
	s := start(t, testca.P256, csctest.Rules{PIN: goodPIN, Multisign: 40})
	s.config.Ask = pin(goodPIN)
	c := s.open(t)
	want := digests(100)
	values, _, err := c.SignDigests(t.Context(), signing.ECDSA, want)
	if err != nil {
		t.Fatal(err)
	}
	wantValues(t, c, signing.ECDSA, values, want)
	if n := s.Counts().Authorisations; n != 3 || c.Limit() != 40 {
		t.Errorf("%d authorisations, limit %d; want 3 of at most 40", n, c.Limit())
	}
}

func TestEveryAlgorithm(t *testing.T) {
	for _, tt := range []struct {
		key testca.Algorithm
		alg signing.Algorithm
	}{
		{testca.RSA2048, signing.RSAPKCS1}, {testca.RSA2048, signing.RSAPSS}, {testca.P384, signing.ECDSA},
	} {
		t.Run(string(tt.key)+"/"+string(tt.alg), func(t *testing.T) {
			c := start(t, tt.key, csctest.Rules{Multisign: 2}).open(t)
			values, _, err := c.SignDigests(t.Context(), tt.alg, digests(2))
			if err != nil {
				t.Fatal(err)
			}
			wantValues(t, c, tt.alg, values, digests(2))
		})
	}
	_, _, err := start(t, testca.P256, csctest.Rules{}).open(t).SignDigests(t.Context(), signing.RSAPSS, digests(1))
	wantProblem(t, err, "remote.algorithm")
}

func TestOneTimePasswordsAreSentAndAsked(t *testing.T) {
	s := start(t, testca.P256, csctest.Rules{PIN: goodPIN, OTP: true, Challenge: true, Multisign: 5})
	s.config.Ask = func(_ context.Context, f csc.Factor) (string, error) {
		switch f.ID {
		case "PIN":
			return goodPIN, nil
		case "SMS":
			if f.Challenge == "" {
				t.Error("the challenge is missing")
			}
		}
		return s.Telephone(), nil
	}
	// The simulator's telephone shows one thing at a time: only one of the two
	// can be right.
	_, _, err := s.open(t).SignDigests(t.Context(), signing.ECDSA, digests(2))
	wantProblem(t, err, "remote.factor-wrong")

	for _, rules := range []csctest.Rules{{PIN: goodPIN, OTP: true, Multisign: 2}, {Challenge: true, Multisign: 2}} {
		u := start(t, testca.P256, rules)
		u.config.Ask = func(_ context.Context, f csc.Factor) (string, error) {
			if f.ID == "PIN" {
				return goodPIN, nil
			}
			return u.Telephone(), nil
		}
		c := u.open(t)
		values, _, err := c.SignDigests(t.Context(), signing.ECDSA, digests(4)) // two authorisations, a password each
		if err != nil {
			t.Fatalf("%+v: %v", rules, err)
		}
		wantValues(t, c, signing.ECDSA, values, digests(4))
	}
}

func TestRefusedPINIsNotSentAgain(t *testing.T) {
	s := start(t, testca.P256, csctest.Rules{PIN: goodPIN})
	s.config.Ask = pin("000000")
	c := s.open(t)
	for range 5 {
		_, _, err := c.SignDigests(t.Context(), signing.ECDSA, digests(1))
		wantProblem(t, err, "remote.factor-wrong")
	}
	if n := s.Counts().Authorisations; n != 1 {
		t.Errorf("the wrong PIN was sent %d times, want 1: services lock keys", n)
	}
	for i := range 4 { // a person who tries
		s.config.Ask = pin(fmt.Sprint(i))
		_, _, err := s.open(t).SignDigests(t.Context(), signing.ECDSA, digests(1))
		want := "remote.factor-wrong"
		if i > 1 {
			want = "remote.locked"
		}
		wantProblem(t, err, want)
	}
	s.config.Ask = nil
	_, _, err := s.open(t).SignDigests(t.Context(), signing.ECDSA, digests(1))
	wantProblem(t, err, "remote.factor-missing")
}

func TestTicketSurvivesRestart(t *testing.T) {
	s := start(t, testca.RSA2048, csctest.Rules{PIN: goodPIN, Multisign: 2, Polls: 2})
	s.config.Ask, s.config.Asynchronous = pin(goodPIN), true
	c := s.open(t)
	want := digests(3)
	values, ticket, err := c.SignDigests(t.Context(), signing.RSAPKCS1, want)
	if err != nil || values != nil || ticket == "" {
		t.Fatalf("SignDigests = %d values, ticket %q, %v; want a ticket", len(values), ticket, err)
	}
	if strings.Contains(ticket, goodPIN) {
		t.Error("the ticket tells the PIN")
	}
	s.config.Ask = nil // nobody is there to enter the PIN again
	c = s.open(t)
	for i := 0; ; i++ {
		values, err = c.Collect(t.Context(), ticket)
		if !errors.Is(err, signing.ErrNotYet) {
			break
		}
		if i == 10 {
			t.Fatal("never there")
		}
		c = s.open(t)
	}
	if err != nil {
		t.Fatal(err)
	}
	wantValues(t, c, signing.RSAPKCS1, values, want)
	if again, err := s.open(t).Collect(t.Context(), ticket); err != nil || len(again) != 3 {
		t.Errorf("Collect again = %d values, %v; want them while the service keeps them", len(again), err)
	}
	if n := s.Counts().Polls; n < 4 {
		t.Errorf("polled %d times, want at least 4", n)
	}
}

func TestUserConfirmsElsewhere(t *testing.T) {
	s := start(t, testca.P256, csctest.Rules{PIN: goodPIN, Confirm: true, Multisign: 2})
	s.config.Ask = pin(goodPIN)
	want := digests(3)
	_, ticket, err := s.open(t).SignDigests(t.Context(), signing.ECDSA, want)
	if err != nil || ticket == "" {
		t.Fatalf("SignDigests = ticket %q, %v; want a ticket", ticket, err)
	}
	c := s.open(t)
	for range 3 {
		if _, err := c.Collect(t.Context(), ticket); !errors.Is(err, signing.ErrNotYet) {
			t.Fatalf("Collect before the user confirmed = %v, want ErrNotYet", err)
		}
	}
	s.Confirm()
	values, err := c.Collect(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	wantValues(t, c, signing.ECDSA, values, want)
	_, err = s.open(t).Collect(t.Context(), ticket)
	wantProblem(t, err, "remote.expired") // as Collect says: those are had once
}

func TestMisbehaviourIsFoundOut(t *testing.T) {
	tests := []struct {
		fault csctest.Fault
		code  string
	}{
		{csctest.FaultValue, "remote.value"},
		{csctest.FaultTrickster, "remote.value"},
		{csctest.FaultReplay, "remote.value"},
		{csctest.FaultFew, "remote.answer"},
		{csctest.FaultBase64, "remote.answer"},
		{csctest.FaultEmpty, "remote.answer"},
		{csctest.FaultGarbage, "remote.answer"},
		{csctest.FaultHuge, "remote.answer"},
		{csctest.FaultExpired, "remote.expired"},
		{csctest.FaultStatus, "remote.unavailable"},
		{csctest.FaultRedirect, "remote.redirected"},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault), func(t *testing.T) {
			s := start(t, testca.P256, csctest.Rules{PIN: goodPIN, Multisign: 3})
			s.config.Ask = pin(goodPIN)
			c := s.open(t)
			if _, _, err := c.SignDigests(t.Context(), signing.ECDSA, digests(3)); err != nil {
				t.Fatal(err)
			}
			s.Misbehave(tt.fault)
			other := digests(6)[3:]
			values, ticket, err := c.SignDigests(t.Context(), signing.ECDSA, other)
			wantProblem(t, err, tt.code)
			if values != nil || ticket != "" {
				t.Errorf("SignDigests = %d values, ticket %q beside the error", len(values), ticket)
			}
			s.Misbehave(csctest.FaultNone)
			if _, _, err := c.SignDigests(t.Context(), signing.ECDSA, other); err != nil {
				t.Errorf("SignDigests afterwards = %v, want success", err)
			}
		})
	}
}

func TestPromisedValuesAreChecked(t *testing.T) {
	for fault, code := range map[csctest.Fault]string{csctest.FaultValue: "remote.value", csctest.FaultFew: "remote.answer"} {
		s := start(t, testca.P256, csctest.Rules{Multisign: 2})
		s.config.Asynchronous = true
		c := s.open(t)
		_, ticket, err := c.SignDigests(t.Context(), signing.ECDSA, digests(2))
		if err != nil {
			t.Fatal(err)
		}
		s.Misbehave(fault)
		_, err = c.Collect(t.Context(), ticket)
		wantProblem(t, err, code)
	}
}

func TestHangingServiceEndsWithTheContext(t *testing.T) {
	s := start(t, testca.P256, csctest.Rules{})
	c := s.open(t)
	s.Misbehave(csctest.FaultHang)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := c.SignDigests(ctx, signing.ECDSA, digests(1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("SignDigests = %v, want the context's error", err)
	}
}

func TestLogIn(t *testing.T) {
	s := start(t, testca.P256, csctest.Rules{})
	c := s.open(t)
	s.EndLogins()
	if _, _, err := c.SignDigests(t.Context(), signing.ECDSA, digests(1)); err != nil {
		t.Errorf("SignDigests after the log-in ended = %v, want a new log-in", err)
	}
	if n := s.Counts().Tokens; n != 2 {
		t.Errorf("logged in %d times, want 2", n)
	}
	s.config.ClientSecret = "wrong"
	_, err := csc.Open(t.Context(), s.config)
	wantProblem(t, err, "remote.login")
	s.config.ClientID = ""
	_, err = csc.Open(t.Context(), s.config)
	wantProblem(t, err, "remote.no-login")
	s.config.Token = "stale"
	_, err = csc.Open(t.Context(), s.config)
	wantProblem(t, err, "remote.login")
}

func TestBrowserLogInNeedsItsToken(t *testing.T) {
	s := start(t, testca.P256, csctest.Rules{Browser: true, Multisign: 9})
	_, err := csc.Open(t.Context(), s.config)
	wantProblem(t, err, "remote.mode")
	s.config.Token = csctest.Token
	c := s.open(t)
	values, _, err := c.SignDigests(t.Context(), signing.ECDSA, digests(9))
	if err != nil {
		t.Fatal(err)
	}
	wantValues(t, c, signing.ECDSA, values, digests(9))
	if n := s.Counts().Authorisations; n != 0 {
		t.Errorf("%d authorisations, want none: the token is one", n)
	}
}

func TestOpenRefuses(t *testing.T) {
	s := start(t, testca.P256, csctest.Rules{Others: 2})
	_, err := csc.Open(t.Context(), s.config)
	wantProblem(t, err, "remote.choose")
	s.config.Credential = "khoa-9"
	_, err = csc.Open(t.Context(), s.config)
	wantProblem(t, err, "remote.credential")
	s.config.Credential = csctest.Credential
	if c := s.open(t); c.ID() != csctest.Credential {
		t.Errorf("ID = %q, want %q", c.ID(), csctest.Credential)
	}
	for fault, code := range map[csctest.Fault]string{
		csctest.FaultOtherHost: "remote.other-host",
		csctest.FaultDisabled:  "remote.unusable",
		csctest.FaultRedirect:  "remote.redirected",
	} {
		s.Misbehave(fault)
		_, err := csc.Open(t.Context(), s.config)
		wantProblem(t, err, code)
	}
	s.Misbehave(csctest.FaultNone)
	s.config.Roots = nil // the system's do not know the test server
	_, err = csc.Open(t.Context(), s.config)
	wantProblem(t, err, "remote.unavailable")
}

func TestCollectRefusesStrangeTickets(t *testing.T) {
	c := start(t, testca.P256, csctest.Rules{}).open(t)
	for _, ticket := range []string{"", "{", "[]", `{"credential":"other"}`} {
		_, err := c.Collect(t.Context(), ticket)
		wantProblem(t, err, "remote.ticket")
	}
	_, err := c.Collect(t.Context(), `{"credential":"khoa-1","algorithm":"ECDSA","parts":[{"digests":["AAAA"],"response":"x"}]}`)
	wantProblem(t, err, "remote.expired")
}

func TestParseAddress(t *testing.T) {
	got, err := csc.ParseAddress("csc:https://ky.example.vn/csc/v2?credential=khoa%201&mode=async&token-url=https://dn.example.vn/oauth2/token")
	want := csc.Config{URL: "https://ky.example.vn/csc/v2", Credential: "khoa 1", Asynchronous: true, TokenURL: "https://dn.example.vn/oauth2/token"}
	if err != nil || got.URL != want.URL || got.Credential != want.Credential || !got.Asynchronous || got.TokenURL != want.TokenURL {
		t.Errorf("ParseAddress = %+v, %v; want %+v", got, err, want)
	}
	for address, code := range map[string]string{
		"pkcs11:token=T":                                    "remote.address",
		"csc:ky.example.vn":                                 "remote.address",
		"csc:https://u:p@ky.example.vn/csc":                 "remote.address",
		"csc:https://ky.example.vn/#x":                      "remote.address",
		"csc:https://k.vn/?pin=1":                           "remote.address",
		"csc:https://k.vn/?mode=sometimes":                  "remote.address",
		"csc:https://k.vn/?credential=%zz":                  "remote.address",
		"csc:http://ky.example.vn/csc/v2":                   "remote.no-tls",
		"csc:ftp://ky.example.vn/csc/v2":                    "remote.no-tls",
		"csc:https://k.vn/?token-url=http://dn.example.vn/": "remote.no-tls",
	} {
		_, err := csc.ParseAddress(address)
		wantProblem(t, err, code)
	}
	if _, err := csc.ParseAddress("csc:http://127.0.0.1:8080/csc/v2"); err != nil {
		t.Errorf("ParseAddress of this machine without TLS = %v, want success", err)
	}
}
