package signing

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/digitorus/timestamp"

	"sohoa"
	"sohoa/signing/validation/cms"
)

// TSA gets timestamps over HTTP (RFC 3161) from the first of several
// authorities that gives a good one. One that failed rests: it is not asked for
// a while, longer each time, so that hundreds of documents do not wait for it
// in turn. While all rest there is no timestamp; trying again is for the
// caller, who has a queue. Only the addresses in URLs are asked, redirections
// are not followed. A TSA is safe for concurrent use; its fields must not be
// changed once it is in use.
type TSA struct {
	URLs    []string       // in order of preference
	Roots   *x509.CertPool // what their certificates must lead to; nil trusts none
	Timeout time.Duration  // of one request; 0 is sohoa.TSATimeout
	Client  *http.Client   // nil is http.DefaultClient

	mu    sync.Mutex
	known map[string]*authority // by URL; guarded by mu
}

var _ Stamper = (*TSA)(nil)

// Stamp implements Stamper. A token is good if it is over digest, answers our
// nonce, states its time to the minute, is signed, and its signer's certificate
// was good for timestamps, and for nothing else, when the token was made. The
// error is the Problem sign.tsa-unavailable or sign.tsa-answer of the last
// authority asked, or sign.tsa-rests.
func (t *TSA) Stamp(ctx context.Context, digest []byte) ([]byte, error) {
	if len(t.URLs) == 0 {
		return nil, problem(sohoa.ErrInvalid, "sign.no-tsa")
	}
	var failed error
	for _, url := range t.URLs {
		token, err := t.authority(url).serve(ctx, func() ([]byte, error) { return t.ask(ctx, url, digest) })
		if err == nil {
			return token, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		if !errors.Is(err, errRests) {
			failed = err
		}
	}
	if failed == nil {
		failed = detailed(sohoa.ErrUnavailable, "sign.tsa-rests", errRests, t.URLs[0])
	}
	return nil, failed
}

// authority returns what is known of the one at url.
func (t *TSA) authority(url string) *authority {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]*authority{}
	}
	if t.known[url] == nil {
		t.known[url] = &authority{seats: make(chan struct{}, sohoa.MaxTSACalls)}
	}
	return t.known[url]
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
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(t.Timeout, sohoa.TSATimeout))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/timestamp-query")
	client := *http.DefaultClient
	if t.Client != nil {
		client = *t.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
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
	case ts.Accuracy > maxAccuracy:
		return fmt.Errorf("the timestamp states its time to %v only", ts.Accuracy)
	}
	return t.checkSigner(ts)
}

// maxAccuracy is the vaguest time that proves something.
const maxAccuracy = time.Minute

// checkSigner verifies the token's only signature and its certificate at the
// time stated.
func (t *TSA) checkSigner(ts *timestamp.Timestamp) error {
	token, err := cms.ParseToken(ts.RawToken)
	if err != nil {
		return fmt.Errorf("read token: %w", err)
	}
	return checkToken(token, t.Roots)
}

// CheckTimestamp returns the time that an RFC 3161 token states, if it is over
// text and its signer's certificate led to one of roots, and was for timestamps
// alone, when it was made. The error is the Problem sign.timestamp.
func CheckTimestamp(token, text []byte, roots *x509.CertPool) (time.Time, error) {
	t, err := cms.ParseToken(token)
	if err == nil {
		err = t.Covers(text)
	}
	if err == nil {
		err = checkToken(t, roots)
	}
	if err != nil {
		return time.Time{}, detailed(sohoa.ErrVerification, "sign.timestamp", err)
	}
	return t.Time, nil
}

// checkToken verifies a token and the certificate of its signer. Without roots
// none is trusted.
func checkToken(token *cms.Token, roots *x509.CertPool) error {
	if err := token.Verify(); err != nil {
		return fmt.Errorf("verify token: %w", err)
	}
	signer := token.Signers[0].Certificate
	if !cms.MayStamp(signer) {
		return errors.New("the certificate is not for timestamps alone")
	}
	between := x509.NewCertPool()
	for _, c := range token.Certificates {
		between.AddCert(c)
	}
	if roots == nil {
		roots = x509.NewCertPool()
	}
	_, err := signer.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: token.Time,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		return fmt.Errorf("verify the authority's certificate: %w", err)
	}
	return nil
}
