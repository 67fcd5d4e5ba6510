package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sohoa"
	"sohoa/archive"
)

// SignOn is an OpenID provider by which people sign in too: the province's
// sign-on. Only who is entered here comes in.
type SignOn struct {
	Issuer       string // its address; https, or on this machine
	ClientID     string
	ClientSecret string
	Name         string // on the button
	Claim        string // of the ID token, that says the sign-in name; empty lets in only who linked the two before
}

// Bounds on talking to the provider.
const (
	signOnTime  = 10 * time.Second // one question
	signOnBytes = 1 << 20          // its answer
	signOnWait  = 15 * time.Minute // from going there to coming back
)

// sessionSignOn is what a session holds meanwhile.
const sessionSignOn = "sign-on"

// CheckSignOn reports as the Problem "signon.settings" what is wrong with so.
func CheckSignOn(so SignOn) error {
	u, err := url.Parse(so.Issuer)
	if err == nil && u.Scheme == "http" {
		addr, _ := netip.ParseAddr(u.Hostname())
		if u.Hostname() == "localhost" || addr.IsLoopback() {
			u.Scheme = "https"
		}
	}
	if err != nil || u.Scheme != "https" || u.Host == "" || so.ClientID == "" {
		return newProblem(sohoa.ErrInvalid, "signon.settings", so.Issuer)
	}
	return nil
}

// signOn is the provider, found at its first use.
type signOn struct {
	SignOn
	now    func() time.Time
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider // nil until it answered
}

func newSignOn(so SignOn, now func() time.Time) *signOn {
	client := &http.Client{Timeout: signOnTime, Transport: bounded{http.DefaultTransport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &signOn{SignOn: so, now: now, client: client}
}

// bounded lets answers be read up to signOnBytes.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, signOnBytes), resp.Body}
	}
	return resp, err
}

// find asks the provider what it can do, until it has answered once.
func (so *signOn) find(ctx context.Context) (*oidc.Provider, error) {
	so.mu.Lock()
	defer so.mu.Unlock()
	if so.provider != nil {
		return so.provider, nil
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, so.client), so.Issuer)
	if err != nil {
		return nil, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "signon.unavailable", Args: []string{so.Name}, Detail: err.Error()}
	}
	so.provider = p
	return p, nil
}

// config is the client that we are.
func (so *signOn) config(p *oidc.Provider, base string) *oauth2.Config {
	return &oauth2.Config{ClientID: so.ClientID, ClientSecret: so.ClientSecret, Endpoint: p.Endpoint(),
		RedirectURL: base + "/sign-in/province/back", Scopes: []string{oidc.ScopeOpenID, "profile"}}
}

// away is what must come back from the provider.
type away struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // PKCE
	Next     string `json:"next"`
	Link     string `json:"link,omitempty"` // User.Name of who links the two
	At       int64  `json:"at"`             // Unix time
}

// pageSignOn sends somebody to the provider.
func (s *Server) pageSignOn(w http.ResponseWriter, r *http.Request) error {
	return s.goAway(w, r, away{Next: localPath(r.URL.Query().Get("next"))})
}

// pageLinkSignOn sends there who is signed in, to link the two.
func (s *Server) pageLinkSignOn(w http.ResponseWriter, r *http.Request) error {
	return s.goAway(w, r, away{Next: "/account?done=linked", Link: userOf(r.Context()).Name})
}

func (s *Server) goAway(w http.ResponseWriter, r *http.Request, a away) error {
	ctx := r.Context()
	if !s.starts.take(visitOf(ctx).addr) {
		return newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	p, err := s.signOn.find(ctx)
	if err != nil {
		return s.signOnMistake(w, r, err)
	}
	a.State, a.Nonce, a.Verifier, a.At = rand.Text(), rand.Text(), oauth2.GenerateVerifier(), s.cfg.Now().Unix()
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionSignOn, b)
	to := s.signOn.config(p, s.base(ctx)).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier))
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// signOnMistake shows on the sign-in page what went wrong; why stands in the
// log.
func (s *Server) signOnMistake(w http.ResponseWriter, r *http.Request, err error) error {
	p := sohoa.AsProblem(err)
	if p.Code == "internal" {
		return err
	}
	s.cfg.Log.Warn("sign-on failed", "err", p.Code, "detail", p.Detail)
	if visitOf(r.Context()).user != nil {
		return s.accountMistake(w, r, err)
	}
	s.renderSignIn(w, r, statusOf(err), signInForm{Next: "/", Error: p.Text(visitOf(r.Context()).lang)})
	return nil
}

// pageSignOnBack is where the provider sends people back to.
func (s *Server) pageSignOnBack(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, token, err := s.comeBack(r)
	if err != nil {
		return s.signOnMistake(w, r, err)
	}
	subject := token.Issuer + "\n" + token.Subject
	if a.Link != "" {
		if a.Link != userOf(ctx).Name {
			return s.signOnMistake(w, r, newProblem(sohoa.ErrForbidden, "signon.late"))
		}
		err = s.linkSubject(ctx, a.Link, subject)
	} else {
		a.Next, err = s.comeIn(w, r, token, subject, a.Next)
	}
	if err != nil {
		return s.signOnMistake(w, r, err)
	}
	http.Redirect(w, r, a.Next, http.StatusSeeOther)
	return nil
}

// comeBack judges what the provider sent back, and fetches the ID token.
func (s *Server) comeBack(r *http.Request) (a away, token *oidc.IDToken, err error) {
	ctx, q := r.Context(), r.URL.Query()
	b := s.sessions.PopBytes(ctx, sessionSignOn)
	if b != nil {
		err = json.Unmarshal(b, &a)
	}
	late := s.cfg.Now().Sub(time.Unix(a.At, 0)) > signOnWait
	if err != nil || b == nil || late || subtle.ConstantTimeCompare([]byte(a.State), []byte(q.Get("state"))) != 1 {
		return a, nil, newProblem(sohoa.ErrForbidden, "signon.late")
	}
	if iss := q.Get("iss"); iss != "" && iss != s.signOn.Issuer { // RFC 9207
		return a, nil, s.refusedSignOn("issuer of the answer: " + iss)
	}
	if said := q.Get("error"); said != "" {
		return a, nil, &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "signon.denied", Args: []string{s.signOn.Name}, Detail: said}
	}
	token, err = s.fetchToken(ctx, a, q.Get("code"))
	return a, token, err
}

func (s *Server) refusedSignOn(why string) error {
	return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "signon.refused", Args: []string{s.signOn.Name}, Detail: why}
}

// fetchToken exchanges a code for an ID token, and verifies that (OpenID
// Connect Core 1.0, 3.1.3.7).
func (s *Server) fetchToken(ctx context.Context, a away, code string) (*oidc.IDToken, error) {
	p, err := s.signOn.find(ctx)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, s.signOn.client)
	got, err := s.signOn.config(p, s.base(ctx)).Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return nil, s.refusedSignOn(err.Error())
	}
	raw, ok := got.Extra("id_token").(string)
	if !ok {
		return nil, s.refusedSignOn("no ID token")
	}
	token, err := p.Verifier(&oidc.Config{ClientID: s.signOn.ClientID, Now: s.signOn.now}).Verify(ctx, raw)
	if err != nil {
		return nil, s.refusedSignOn(err.Error())
	}
	if token.Subject == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.Nonce)) != 1 {
		return nil, s.refusedSignOn("nonce or subject")
	}
	return token, nil
}

// claims are what an ID token says beside what makes it valid.
type claims map[string]any

// strong reports whether the provider says that it checked several factors
// (RFC 8176).
func (c claims) strong() bool {
	amr, _ := c["amr"].([]any)
	return slices.Contains(amr, any("mfa"))
}

// comeIn signs in whom a token is about.
func (s *Server) comeIn(w http.ResponseWriter, r *http.Request, token *oidc.IDToken, subject, next string) (string, error) {
	ctx, c := r.Context(), claims{}
	if err := token.Claims(&c); err != nil {
		return "", s.refusedSignOn(err.Error())
	}
	name, err := s.signOnUser(ctx, c, subject)
	if err != nil {
		return "", err
	}
	cred, err := s.cfg.Catalog.Credentials(ctx, name)
	if err != nil {
		return "", err
	}
	return s.step(w, r, opened{User: name, Password: cred.Password, By: bySignOn, Strong: c.strong()}, next)
}

// signOnUser finds who is entered here: by the subject that they are linked
// with, or by the claim, which links them from then on.
func (s *Server) signOnUser(ctx context.Context, c claims, subject string) (string, error) {
	f, err := s.cfg.Catalog.FactorsBy(ctx, archive.FactorKey{Subject: subject})
	if err == nil || !errors.Is(err, sohoa.ErrNotExist) {
		return f.User, err
	}
	name, _ := c[s.signOn.Claim].(string)
	unknown := newProblem(sohoa.ErrForbidden, "signon.unknown", cmp.Or(clip(clean(name)), "?"))
	if s.signOn.Claim == "" || name == "" {
		return "", unknown
	}
	u, err := s.cfg.Catalog.User(ctx, name)
	if errors.Is(err, sohoa.ErrNotExist) {
		return "", errors.Join(unknown, s.journalFailure(ctx, "", bySignOn, false))
	}
	if err != nil {
		return "", err
	}
	return u.Name, s.linkSubject(ctx, u.Name, subject)
}

// linkSubject links a user with a subject. One who is linked with another
// stays so: a name that the provider gave to somebody else lets nobody in.
func (s *Server) linkSubject(ctx context.Context, user, subject string) error {
	err := s.changeFactors(ctx, user, "sign-on", func(_ archive.Tx, f *archive.Factors) error {
		if f.Subject != "" && f.Subject != subject {
			return newProblem(sohoa.ErrConflict, "signon.other", user)
		}
		f.Subject = subject
		return nil
	})
	if isProblem(err, "internal") && errors.Is(err, sohoa.ErrConflict) {
		return newProblem(sohoa.ErrConflict, "signon.other", user)
	}
	return err
}

func (s *Server) postUnlink(w http.ResponseWriter, r *http.Request) error {
	u := userOf(r.Context())
	err := s.changeFactors(r.Context(), u.Name, "sign-on-remove", func(_ archive.Tx, f *archive.Factors) error {
		f.Subject = ""
		return nil
	})
	if err != nil {
		return fmt.Errorf("unlink %s: %w", u.Name, err)
	}
	return toAccount(w, r, "unlinked")
}
