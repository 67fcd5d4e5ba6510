// Package token signs with keys in PKCS#11 tokens: USB tokens, smart cards and
// HSMs.
//
// The vendor's module is foreign code that may crash or hang. It is loaded in
// a child process only, which logs in once, pools the sessions and signs
// digests; a child that dies costs nothing but a new log-in. A request that
// takes longer than sohoa.MaxTokenTime is ended with its child.
//
// Tokens lock after a few wrong PINs. So a PIN that a token refused is never
// tried again by the same Token, and none is tried when the token says that
// one try is left. The PIN travels through a pipe; it is in no command line,
// environment, log or error of this program.
package token

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"sohoa"
	"sohoa/ocr/child"
	"sohoa/signing"
)

// Config says which key is meant and how to get at it.
type Config struct {
	URI     string        // RFC 7512, as ParseURI reads it
	PIN     string        // where the URI names none
	Timeout time.Duration // of one request; 0 is sohoa.MaxTokenTime
	Exe     string        // executable that calls child.Run; empty is this one
}

// Token is a logged-in token. It is safe for concurrent use; requests wait
// for each other.
type Token struct {
	uri     *URI
	pool    *child.Pool
	timeout time.Duration
	base    request // what all requests have in common

	turn     chan struct{} // held by the request under way; guards the rest
	loggedIn bool
	refused  error // why this PIN is not tried again
}

// Open logs in to a token. It fails with a *sohoa.Problem: sign.token-uri,
// sign.token-module, sign.token-missing, sign.token-choose, sign.password,
// sign.pin-missing, sign.pin-last, sign.pin-locked or sign.token-failed; or
// with the error of ctx.
func Open(ctx context.Context, cfg Config) (*Token, error) {
	u, err := ParseURI(cfg.URI)
	if err != nil {
		return nil, err
	}
	pin, err := u.pin(cfg.PIN)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(u.Module); err != nil {
		return nil, moduleMissing(u.Module, err)
	}
	pool, err := child.NewPool(child.Config{Role: role, Size: 1, Env: moduleEnv(os.Environ()), Exe: cfg.Exe})
	if err != nil {
		return nil, fmt.Errorf("open token: %w", err)
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = sohoa.MaxTokenTime
	}
	t := &Token{uri: u, pool: pool, timeout: cfg.Timeout, turn: make(chan struct{}, 1)}
	t.base = request{Module: u.Module, PIN: pin, ID: u.ID, Object: u.Object, Token: tokenID{Label: u.Token,
		Manufacturer: u.Manufacturer, Model: u.Model, Serial: u.Serial, Slot: u.Slot, Name: u.tokenName()}}
	if _, err := t.ask(ctx, t.base); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func moduleMissing(path string, err error) error {
	p := &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.token-module", Args: []string{path}, Detail: err.Error()}
	if errors.Is(err, fs.ErrNotExist) {
		p.Kind = sohoa.ErrNotExist
	}
	return p
}

// moduleEnv is what modules are told by their own variables. Others, with the
// secrets among them, are not handed on.
func moduleEnv(environ []string) []string {
	var env []string
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		name = strings.ToUpper(name)
		if strings.HasSuffix(name, "PIN") || strings.Contains(name, "PASS") {
			continue
		}
		for _, prefix := range modulePrefixes {
			if strings.HasPrefix(name, prefix) {
				env = append(env, v)
				break
			}
		}
	}
	return env
}

// modulePrefixes begin the variables of the modules in use: SoftHSM, OpenSC
// and its spy, p11-kit, Luna, nShield, Utimaco, CloudHSM, YubiHSM, Kryoptic.
var modulePrefixes = []string{"SOFTHSM2_", "OPENSC_", "PKCS11", "P11_KIT_", "CHRYSTOKI", "CKNFAST_", "NFAST_",
	"CS_PKCS11", "CLOUDHSM_", "YUBIHSM_", "KRYOPTIC_"}

// Close logs out by ending the child; a request under way ends first.
func (t *Token) Close() error { return t.pool.Close() }

// Key returns the key that the URI names. Its certificate is above[0], or
// where none is given the newest in the token that is for this key; those
// above it are looked for in the rest of above and in the token. It fails with
// sign.token-key, sign.token-choose, sign.token-certificate, or as
// signing.NewKey and Open do. The key signs until the Token is closed.
func (t *Token) Key(ctx context.Context, above ...*x509.Certificate) (*signing.Key, error) {
	a, err := t.ask(ctx, t.base)
	if err != nil {
		return nil, err
	}
	list, bag := t.candidates(a)
	var chosen *candidate
	if len(above) > 0 {
		bag = append(above[1:len(above):len(above)], bag...)
		chosen, err = t.chooseFor(list, above[0])
	} else {
		chosen, err = t.choose(list)
	}
	if err != nil {
		return nil, err
	}
	return signing.NewKey(&signer{t, chosen.public, chosen.print}, chosen.certificate, bag)
}

// ask puts a request to the child. One that died idle, or while it signed, is
// replaced once; one that died before it ever was logged in is not, lest the
// PIN be counted against us again and again.
func (t *Token) ask(ctx context.Context, q request) (reply, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
	if t.refused != nil {
		return reply{}, t.refused
	}
	a, err := t.do(ctx, q)
	if errors.Is(err, child.ErrDied) && t.loggedIn {
		a, err = t.do(ctx, q)
	}
	return a, t.judge(ctx, err)
}

func (t *Token) do(ctx context.Context, q request) (a reply, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return a, err
	}
	err = t.pool.Do(ctx, child.Request{Body: body, Idle: t.timeout}, func(b []byte) error {
		if err := json.Unmarshal(b, &a); err != nil {
			return err
		}
		if a.Problem != nil {
			return a.Problem // which ends the child too
		}
		return nil
	})
	return a, err
}

// judge takes in what came of a request, and makes its error one for people.
func (t *Token) judge(ctx context.Context, err error) error {
	var p *sohoa.Problem
	switch {
	case err == nil:
		t.loggedIn = true
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case !errors.As(err, &p):
		p = failed("ask the module", err)
	}
	if t.base.PIN != "" {
		p.Detail = strings.ReplaceAll(p.Detail, t.base.PIN, "…") // a module may print it
	}
	switch p.Code {
	case "sign.password", "sign.pin-locked", "sign.pin-last":
		t.refused = p
	}
	return p
}

// signer is a key in the token.
type signer struct {
	token  *Token
	public crypto.PublicKey
	print  [sha256.Size]byte // of its PKIX form
}

var _ crypto.Signer = (*signer)(nil)

// Public implements crypto.Signer.
func (s *signer) Public() crypto.PublicKey { return s.public }

// Sign implements crypto.Signer: PKCS #1 v1.5, or PSS with *rsa.PSSOptions;
// ECDSA in DER. The token has random numbers of its own.
func (s *signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	hash := opts.HashFunc()
	if !hash.Available() || len(digest) != hash.Size() {
		return nil, fmt.Errorf("sign a digest of %d bytes by %v: %w", len(digest), hash, sohoa.ErrInvalid)
	}
	o := &order{Public: bytes.Clone(s.print[:]), Digest: digest, Hash: hash}
	if pss, ok := opts.(*rsa.PSSOptions); ok {
		o.PSS, o.Salt = true, pss.SaltLength
		if o.Salt <= 0 { // rsa.PSSSaltLengthAuto or PSSSaltLengthEqualsHash
			o.Salt = hash.Size()
		}
	}
	q := s.token.base
	q.Sign = o
	a, err := s.token.ask(context.Background(), q)
	return a.Value, err
}
