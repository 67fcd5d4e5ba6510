// Package oidctest is an OpenID provider for tests, which stands for a
// province's sign-on: discovery, the authorisation code flow with PKCE
// (RFC 7636), and ID tokens signed with RS256. It can misbehave in one way at
// a time. Everybody is who they say; it serves on loopback only.
package oidctest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Fault is what a provider does wrong.
type Fault string

// The faults.
const (
	None          Fault = ""
	WrongNonce    Fault = "nonce"
	WrongIssuer   Fault = "issuer"
	WrongAudience Fault = "audience"
	Expired       Fault = "expired"
	Unsigned      Fault = "unsigned"  // alg none
	OtherKey      Fault = "other key" // signed by a key that is not published
	NoToken       Fault = "no token"
	Denied        Fault = "denied" // the person said no
	Down          Fault = "down"
)

// The client that the provider knows.
const (
	ClientID     = "sohoa"
	ClientSecret = "bí mật+&="
)

// Provider is one that serves. Its fields may be changed between requests,
// under Lock.
type Provider struct {
	sync.Mutex
	Fault  Fault
	Now    func() time.Time
	Claims map[string]any // in every ID token, beside those that must be there

	server     *httptest.Server
	key, other *rsa.PrivateKey
	codes      map[string]grant
}

// grant is what a code stands for.
type grant struct{ challenge, nonce, redirect, subject string }

// Start serves until the test ends.
func Start(t testing.TB) *Provider {
	t.Helper()
	p := &Provider{Now: time.Now, Claims: map[string]any{}, codes: map[string]grant{}}
	for _, key := range []**rsa.PrivateKey{&p.key, &p.other} {
		var err error
		if *key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			t.Fatal(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discover)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.ask)
	mux.HandleFunc("POST /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	p.server = httptest.NewServer(mux) // on 127.0.0.1
	t.Cleanup(p.server.Close)
	return p
}

// Issuer is the address of the provider.
func (p *Provider) Issuer() string { return p.server.URL }

// Set makes the provider misbehave from now on.
func (p *Provider) Set(f Fault) {
	p.Lock()
	defer p.Unlock()
	p.Fault = f
}

func (p *Provider) is(f Fault) bool {
	p.Lock()
	defer p.Unlock()
	return p.Fault == f
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}

func (p *Provider) discover(w http.ResponseWriter, _ *http.Request) {
	if p.is(Down) {
		answer(w, http.StatusServiceUnavailable, map[string]string{"error": "temporarily_unavailable"})
		return
	}
	at := p.Issuer()
	answer(w, http.StatusOK, map[string]any{"issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token",
		"jwks_uri": at + "/keys", "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"}})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"keys": []map[string]string{{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1",
		"n": b64(p.key.N.Bytes()), "e": b64(big.NewInt(int64(p.key.E)).Bytes())}}})
}

// ask shows the page on which people say who they are.
func (p *Provider) ask(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><html lang="vi"><title>Đăng nhập của tỉnh</title><link rel="icon" href="data:,"><main><form method="post" action="/authorize?%s">`+
		`<label>Tên <input name="subject"></label> <button>Đăng nhập</button></form></main></html>`, html.EscapeString(r.URL.RawQuery))
}

// authorize sends people back with a code.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" ||
		q.Get("code_challenge") == "" || q.Get("state") == "" || q.Get("nonce") == "" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	v := url.Values{"state": {q.Get("state")}}
	if p.is(Denied) {
		v.Set("error", "access_denied")
	} else {
		code := rand.Text()
		v.Set("code", code)
		p.Lock()
		p.codes[code] = grant{q.Get("code_challenge"), q.Get("nonce"), q.Get("redirect_uri"), r.PostFormValue("subject")}
		p.Unlock()
	}
	back.RawQuery = v.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// token gives an ID token for a code, once, to the client that began.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.Lock()
	g, known := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	p.Unlock()
	id, secret, _ := r.BasicAuth()
	if plain, err := url.QueryUnescape(secret); err == nil {
		secret = plain // RFC 6749, 2.3.1
	}
	if id != ClientID || secret != ClientSecret {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || b64(sum[:]) != g.challenge || r.PostFormValue("redirect_uri") != g.redirect || r.PostFormValue("grant_type") != "authorization_code" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	out := map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 60}
	if !p.is(NoToken) {
		out["id_token"] = p.idToken(g)
	}
	answer(w, http.StatusOK, out)
}

func (p *Provider) idToken(g grant) string {
	p.Lock()
	defer p.Unlock()
	now := p.Now()
	claims := map[string]any{"iss": p.Issuer(), "aud": ClientID, "sub": g.subject, "nonce": g.nonce, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}
	for name, value := range p.Claims {
		claims[name] = value
	}
	head, key := map[string]string{"alg": "RS256", "kid": "1", "typ": "JWT"}, p.key
	switch p.Fault {
	case WrongNonce:
		claims["nonce"] = rand.Text()
	case WrongIssuer:
		claims["iss"] = "https://other.example"
	case WrongAudience:
		claims["aud"] = "another"
	case Expired:
		claims["exp"] = now.Add(-time.Hour).Unix()
	case OtherKey:
		key = p.other
	case Unsigned:
		head["alg"] = "none"
	}
	text := encoded(head) + "." + encoded(claims)
	if p.Fault == Unsigned {
		return text + "."
	}
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // a key of ours signs
	}
	return text + "." + b64(signature)
}

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // what is given here can be written
	}
	return b64(b)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
