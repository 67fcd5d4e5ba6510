package signing

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"

	"sohoa"
)

// TSA gets timestamps over HTTP (RFC 3161) from the first of several
// authorities that gives a good one. It is safe for concurrent use.
type TSA struct {
	URLs   []string       // in order of preference
	Roots  *x509.CertPool // what their certificates must lead to; nil trusts none
	Client *http.Client   // nil is http.DefaultClient; time is bounded by TSATimeout in any case
}

var _ Stamper = (*TSA)(nil)

// Stamp implements Stamper. A token is good if it is over digest, answers our
// nonce, is signed, and its signer's certificate was good for timestamps, and
// for nothing else, when the token was made. The error is the Problem
// sign.tsa-unavailable or sign.tsa-answer of the last authority asked.
func (t *TSA) Stamp(ctx context.Context, digest []byte) ([]byte, error) {
	err := error(problem(sohoa.ErrInvalid, "sign.no-tsa"))
	for _, url := range t.URLs {
		var token []byte
		if token, err = t.ask(ctx, url, digest); err == nil {
			return token, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

// ask asks one authority.
func (t *TSA) ask(ctx context.Context, url string, digest []byte) ([]byte, error) {
	var b [8]byte
	rand.Read(b[:]) // never fails since Go 1.24
	nonce := new(big.Int).SetBytes(b[:])
	request, err := (&timestamp.Request{
		HashAlgorithm: crypto.SHA256, HashedMessage: digest, Certificates: true, Nonce: nonce}).Marshal()
	if err != nil {
		return nil, fmt.Errorf("make a timestamp request: %w", err)
	}
	answer, err := t.post(ctx, url, request)
	if err != nil {
		return nil, detailed(sohoa.ErrUnavailable, "sign.tsa-unavailable", err, url)
	}
	var ts *timestamp.Timestamp
	err = guard(func() (err error) {
		if ts, err = timestamp.ParseResponse(answer); err != nil {
			return err
		}
		return t.check(ts, digest, nonce)
	})
	if err != nil {
		return nil, detailed(sohoa.ErrVerification, "sign.tsa-answer", err, url)
	}
	return ts.RawToken, nil
}

// post sends a request and reads the answer, within bounds of time and size.
func (t *TSA) post(ctx context.Context, url string, request []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, sohoa.TSATimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/timestamp-query")
	client := t.Client
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, sohoa.MaxTSABytes+1))
	if err == nil && len(body) > sohoa.MaxTSABytes {
		err = fmt.Errorf("more than %d bytes", sohoa.MaxTSABytes)
	}
	return body, err
}

// guard runs fn, which hands foreign bytes to parsers that are not ours, and
// turns a panic of theirs into an error.
func guard(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("read timestamp: panic: %v", r)
		}
	}()
	return fn()
}

// check returns an error unless ts answers our request and is trusted.
func (t *TSA) check(ts *timestamp.Timestamp, digest []byte, nonce *big.Int) error {
	switch {
	case ts.HashAlgorithm != crypto.SHA256 || !bytes.Equal(ts.HashedMessage, digest):
		return errors.New("the timestamp is over something else")
	case ts.Nonce == nil || ts.Nonce.Cmp(nonce) != 0:
		return errors.New("the timestamp answers another request")
	case ts.Time.IsZero():
		return errors.New("the timestamp states no time")
	}
	return t.checkSigner(ts)
}

// checkSigner verifies the token's only signature and its certificate at the
// time stated.
func (t *TSA) checkSigner(ts *timestamp.Timestamp) error {
	p7, err := pkcs7.Parse(ts.RawToken)
	if err != nil {
		return fmt.Errorf("read token: %w", err)
	}
	signer := p7.GetOnlySigner()
	if signer == nil {
		return errors.New("the token does not have one signer with its certificate")
	}
	if err := p7.Verify(); err != nil {
		return fmt.Errorf("verify token: %w", err)
	}
	if err := checkUsage(signer); err != nil {
		return err
	}
	between := x509.NewCertPool()
	for _, c := range p7.Certificates {
		between.AddCert(c)
	}
	roots := t.Roots
	if roots == nil {
		roots = x509.NewCertPool()
	}
	_, err = signer.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: ts.Time,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		return fmt.Errorf("verify the authority's certificate: %w", err)
	}
	return nil
}

var oidExtKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// checkUsage wants timestamping as the one extended key usage, critical (RFC
// 3161, 2.3).
func checkUsage(c *x509.Certificate) error {
	if len(c.ExtKeyUsage) != 1 || len(c.UnknownExtKeyUsage) != 0 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping {
		return errors.New("the certificate is not for timestamps alone")
	}
	for _, e := range c.Extensions {
		if e.Id.Equal(oidExtKeyUsage) && e.Critical {
			return nil
		}
	}
	return errors.New("the certificate's extended key usage is not critical")
}
