package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"sohoa"
	"sohoa/ingest"
	"sohoa/signing"
	"sohoa/signing/csc"
	"sohoa/signing/evidence"
	"sohoa/signing/token"
)

// newSigning makes what people sign with.
func newSigning(a *app, stamper *signing.TSA) (ingest.Signing, error) {
	s := ingest.Signing{Level: a.set.SignLevel, OperatorFirst: a.set.OperatorSigns, PublicURL: a.set.PublicURL}
	var err error
	if s.Roots, err = a.set.roots(a.set.Trust); err != nil {
		return s, err
	}
	if stamper != nil {
		s.Stamper = stamper
		s.Evidence = &evidence.Collector{Roots: stamper.Roots, Hosts: a.set.EvidenceHosts}
	}
	u := &users{set: a.set}
	for _, list := range []struct {
		into *map[string]string
		from []string
	}{{&u.keys, a.set.SignerKeys}, {&u.certs, a.set.SignerCerts}, {&u.images, a.set.SignerImages}} {
		if *list.into, err = byUser(list.from); err != nil {
			return s, err
		}
	}
	s.Keys, s.Certificates, s.Images = u, u, u
	return s, nil
}

// byUser reads a list of USER=VALUE.
func byUser(list []string) (map[string]string, error) {
	values := map[string]string{}
	for _, entry := range list {
		user, value, ok := strings.Cut(entry, "=")
		if !ok || user == "" || value == "" {
			return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "settings.user", Args: []string{entry}}
		}
		values[user] = value
	}
	return values, nil
}

// users are what settings say about the keys of users.
type users struct {
	set    *settings
	keys   map[string]string // by User.Name: PKCS#12 file, pkcs11: or csc: address
	certs  map[string]string // by User.Name: file with the certificate that they sign with
	images map[string]string // by User.Name: PNG file of the signature
}

var (
	_ ingest.Keys         = (*users)(nil)
	_ ingest.Certificates = (*users)(nil)
	_ ingest.Images       = (*users)(nil)
)

// noKey is the Problem of a user who has none here.
func noKey(user string) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sign.no-user-key", Args: []string{user}}
}

// KeyOf implements ingest.Keys.
func (u *users) KeyOf(_ context.Context, user string) (ingest.SignerKey, error) {
	where, ok := u.keys[user]
	switch {
	case !ok:
		return ingest.SignerKey{}, noKey(user)
	case token.IsURI(where):
		return ingest.SignerKey{Kind: ingest.KeyToken, PIN: true}, nil
	case csc.IsAddress(where):
		return ingest.SignerKey{Kind: ingest.KeyRemote, PIN: true}, nil
	}
	return ingest.SignerKey{Kind: ingest.KeyFile, PIN: true}, nil
}

// Open implements ingest.Keys.
func (u *users) Open(ctx context.Context, user, pin string) (signing.Signatory, io.Closer, error) {
	where, ok := u.keys[user]
	if !ok {
		return nil, nil, noKey(user)
	}
	if csc.IsAddress(where) {
		key, err := u.openRemote(ctx, where, pin)
		return key, io.NopCloser(nil), err
	}
	key, closeKey, err := u.set.openKey(ctx, keySource{name: where, password: pin})
	return key, closing(closeKey), unnamed(err, user)
}

// closing makes a closer of a function.
type closing func() error

// Close implements io.Closer.
func (c closing) Close() error { return c() }

// unnamed is err without the name of the file, which is nobody's business but
// the administrator's.
func unnamed(err error, user string) error {
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != "sign.password" && p.Code != "sign.key" {
		return err
	}
	named := *p
	named.Args = []string{user}
	return &named
}

// openRemote opens a key of a remote service. Where that asks for a one-time
// password too, it stands behind the PIN, after a blank.
func (u *users) openRemote(ctx context.Context, address, pin string) (signing.Signatory, error) {
	config, err := csc.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	config.ClientID, config.ClientSecret = u.set.CSCClientID, u.set.CSCClientSecret
	pin, once, _ := strings.Cut(pin, " ")
	config.Ask = func(_ context.Context, f csc.Factor) (string, error) {
		if oneTime(f) {
			return once, nil
		}
		return pin, nil
	}
	key, err := csc.Open(ctx, config)
	if err != nil {
		return nil, err
	}
	return key, nil
}

// CertificateOf implements ingest.Certificates.
func (u *users) CertificateOf(_ context.Context, user string) (*x509.Certificate, error) {
	name, ok := u.certs[user]
	if !ok {
		return nil, fmt.Errorf("certificate of %s: %w", user, sohoa.ErrNotExist)
	}
	certs, err := u.set.certificates(name)
	if err != nil {
		return nil, misconfigured(err)
	}
	return certs[0], nil
}

// SignatureImage implements ingest.Images.
func (u *users) SignatureImage(_ context.Context, user string) ([]byte, error) {
	return u.image(u.images[user])
}

// SealImage implements ingest.Images.
func (u *users) SealImage(context.Context) ([]byte, error) { return u.image(u.set.SealImage) }

func (u *users) image(name string) ([]byte, error) {
	if name == "" {
		return nil, fmt.Errorf("picture of a mark: %w", sohoa.ErrNotExist)
	}
	data, err := os.ReadFile(u.set.find(name))
	if err != nil {
		return nil, misconfigured(openFailed(name, err))
	}
	return data, nil
}
