package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sohoa"
	"sohoa/ingest"
	"sohoa/signing"
	"sohoa/signing/csc"
	"sohoa/signing/testca"
	"sohoa/signing/token"
	"sohoa/signing/validation"
)

// testTSA, in place of a URL, is the timestamp unit of the test authority in
// the data folder, run by this process.
const testTSA = "test"

// newSealer makes what signs documents; nil without a key.
func newSealer(ctx context.Context, a *app, stamper *signing.TSA) (ingest.Sealer, error) {
	if a.set.SignKey == "" {
		return nil, nil
	}
	key, closeKey, err := a.set.openKey(ctx, keySource{a.set.SignKey, a.set.SignPassword, a.set.SignCert})
	if err != nil {
		return nil, misconfigured(err)
	}
	a.closers = append(a.closers, closeKey)
	name := key.Certificate.Subject.CommonName
	if len(key.Certificate.Subject.Organization) > 0 {
		name = key.Certificate.Subject.Organization[0]
	}
	roots, err := a.set.roots(a.set.Trust)
	if err != nil {
		return nil, err
	}
	sealer := &ingest.OfficeSealer{Key: key, Agency: name, Now: time.Now, Roots: roots}
	if stamper != nil {
		sealer.Stamper = stamper
	}
	return sealer, nil
}

// stamper asks the configured timestamp authorities; nil without any.
func (a *app) stamper() (*signing.TSA, error) {
	urls := slices.Clone(a.set.TSA)
	for i, u := range urls {
		if u != testTSA {
			continue
		}
		url, stop, err := serveTestTSA(a.path(demoCADir))
		if err != nil {
			return nil, err
		}
		urls[i] = url
		a.closers = append(a.closers, stop)
	}
	return newTSA(a.set, urls)
}

// newTSA makes a client of the authorities at urls; nil if there are none.
func newTSA(set *settings, urls []string) (*signing.TSA, error) {
	if len(urls) == 0 {
		return nil, nil
	}
	roots, err := set.roots(set.Trust)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	for _, r := range roots {
		pool.AddCert(r.Certificate)
	}
	return &signing.TSA{URLs: urls, Roots: pool, Timeout: set.TSATimeout}, nil
}

// serveTestTSA answers timestamp requests on a port of its own, loopback only.
func serveTestTSA(dir string) (url string, stop func() error, err error) {
	ca, err := testca.Open(dir, nil)
	if err != nil {
		return "", nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: ca.TSA(), ReadHeaderTimeout: sohoa.TSATimeout}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	return "http://" + l.Addr().String(), func() error {
		err := server.Close()
		if serveErr := <-done; !errors.Is(serveErr, http.ErrServerClosed) {
			err = errors.Join(err, serveErr)
		}
		return err
	}, nil
}

// find locates a file that a setting names: as it stands, or in the data
// folder, where the settings file is.
func (set *settings) find(name string) string {
	if _, err := os.Stat(name); err != nil && name != "" && !filepath.IsAbs(name) {
		if inData := filepath.Join(set.Data, name); fileExists(inData) {
			return inData
		}
	}
	return name
}

func fileExists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// keySource says where a key is.
type keySource struct {
	name     string // of a PKCS#12 file, or the address of a key in a token or at a remote service
	password string // or PIN
	cert     string // file with its certificate and those above it; "" is what lies beside the key
}

// openKey opens a key that is here, which signs until it is closed.
func (set *settings) openKey(ctx context.Context, from keySource) (*signing.Key, func() error, error) {
	if csc.IsAddress(from.name) {
		return nil, nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "remote.not-here", Args: []string{from.name}}
	}
	certs, err := set.certificates(from.cert)
	if err != nil {
		return nil, nil, err
	}
	if token.IsURI(from.name) {
		return openTokenKey(ctx, from, certs)
	}
	key, err := set.loadKey(from.name, from.password)
	if err == nil && len(certs) > 0 {
		key, err = signing.NewKey(key.Signer, certs[0], append(certs[1:], key.Chain...))
	}
	return key, func() error { return nil }, err
}

// openTokenKey opens a key in a PKCS#11 token.
func openTokenKey(ctx context.Context, from keySource, certs []*x509.Certificate) (*signing.Key, func() error, error) {
	t, err := token.Open(ctx, token.Config{URI: from.name, PIN: from.password})
	if err != nil {
		return nil, nil, err
	}
	key, err := t.Key(ctx, certs...)
	if err != nil {
		return nil, nil, errors.Join(err, t.Close())
	}
	return key, t.Close, nil
}

// certificates reads a file that a flag or a setting names; none without one.
func (set *settings) certificates(name string) ([]*x509.Certificate, error) {
	if name == "" {
		return nil, nil
	}
	data, err := os.ReadFile(set.find(name))
	if err != nil {
		return nil, openFailed(name, err)
	}
	certs, err := parseCertificates(data)
	if err != nil {
		return nil, fmt.Errorf("certificate %s: %w", filepath.Base(name), err)
	}
	return certs, nil
}

// loadKey opens a PKCS#12 file.
func (set *settings) loadKey(name, password string) (*signing.Key, error) {
	data, err := os.ReadFile(set.find(name))
	if err != nil {
		kind := sohoa.ErrInvalid
		if errors.Is(err, fs.ErrNotExist) {
			kind = sohoa.ErrNotExist
		}
		return nil, &sohoa.Problem{Kind: kind, Code: "sign.key", Args: []string{name}, Detail: err.Error()}
	}
	key, err := signing.LoadPKCS12(data, password)
	var problem *sohoa.Problem
	if errors.As(err, &problem) && (problem.Code == "sign.key" || problem.Code == "sign.password") {
		named := *problem
		named.Args = []string{name} // it has no name yet
		return nil, &named
	}
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	return key, nil
}

// roots reads the trusted certificates that settings name: FILE, or NAME=FILE
// for the name of the world of trust that they stand for, which is otherwise
// that of the file; timestamps:... trusts them for timestamps only.
func (set *settings) roots(worlds []string) ([]validation.Root, error) {
	var roots []validation.Root
	for _, w := range worlds {
		from := parseWorld(w)
		data, err := os.ReadFile(set.find(from.file))
		if err != nil {
			return nil, fmt.Errorf("trusted certificates: %w", err)
		}
		certs, err := parseCertificates(data)
		if err != nil {
			return nil, fmt.Errorf("trusted certificates in %s: %w", from.file, err)
		}
		for _, c := range certs {
			roots = append(roots, validation.Root{World: from.name, Certificate: c, TimestampsOnly: from.timestamps})
		}
	}
	return roots, nil
}

// world is where the certificates of a world of trust are.
type world struct {
	name, file string
	timestamps bool // for timestamps only
}

func parseWorld(s string) world {
	file, timestamps := strings.CutPrefix(s, "timestamps:")
	name, after, named := strings.Cut(file, "=")
	if !named || name == "" {
		return world{filepath.Base(file), file, timestamps}
	}
	return world{name, after, timestamps}
}

// parseCertificates reads one or more certificates, PEM or DER.
func parseCertificates(data []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	block, rest := pem.Decode(data)
	if block == nil {
		return x509.ParseCertificates(data)
	}
	for ; block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("no certificate: %w", sohoa.ErrInvalid)
	}
	return certs, nil
}
