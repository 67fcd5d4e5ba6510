package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"
)

// person is somebody who uses the server. It is safe for concurrent use.
type person struct {
	name string
	base string
	http *http.Client

	mu      sync.Mutex // one sign-in at a time
	entered time.Time  // when it was last tried
}

// password is everybody's.
const password = "đọc sách mỗi tối"

// requestTime bounds a request.
const requestTime = 20 * time.Second

// signInPause is between two sign-ins of one person: the server counts them.
const signInPause = 2 * time.Second

func newPerson(name, base string) *person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // never without options
	}
	return &person{name: name, base: base, http: &http.Client{Jar: jar, Timeout: requestTime,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 8},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is what came back, whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// errUnanswered is that nobody knows what the server did.
var errUnanswered = errors.New("no answer")

// problem is the code of a refusal.
func (a answer) problem() string {
	var p struct{ Code string }
	_ = json.Unmarshal(a.body, &p) // without JSON there is no code
	return p.Code
}

// request is one request.
type request struct {
	method, path string
	mediaType    string
	body         io.Reader
	size         int64 // of body, 0 if unknown
	span         string
}

// do sends a request as a page of the server itself would, and signs in if
// the session has ended.
func (p *person) do(ctx context.Context, r request) (answer, error) {
	a, err := p.send(ctx, r)
	if err != nil || a.status != http.StatusUnauthorized && !strings.HasPrefix(a.header.Get("Location"), "/sign-in") {
		return a, err
	}
	if err := p.signIn(ctx); err != nil {
		return a, err
	}
	if r.body == nil {
		return p.send(ctx, r)
	}
	return a, fmt.Errorf("signed in anew: %w", errUnanswered)
}

func (p *person) send(ctx context.Context, r request) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, p.base+r.path, r.body)
	if err != nil {
		return answer{}, err
	}
	if r.size > 0 {
		req.ContentLength = r.size
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if r.mediaType != "" {
		req.Header.Set("Content-Type", r.mediaType)
	}
	if r.span != "" {
		req.Header.Set("Range", r.span)
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errUnanswered, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errUnanswered, err)
	}
	return answer{resp.StatusCode, resp.Header, b}, nil
}

func (p *person) signIn(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait := signInPause - time.Since(p.entered); wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.entered = time.Now()
	form := url.Values{"name": {p.name}, "password": {password}}.Encode()
	a, err := p.send(ctx, request{method: "POST", path: "/sign-in", mediaType: "application/x-www-form-urlencoded", body: strings.NewReader(form)})
	if err != nil {
		return err
	}
	if a.status != http.StatusSeeOther {
		return fmt.Errorf("sign in as %s: status %d: %w", p.name, a.status, errUnanswered)
	}
	return nil
}

// setUp sets the person's password by a one-time link.
func (p *person) setUp(ctx context.Context, token string) error {
	form := url.Values{"password": {password}, "again": {password}}.Encode()
	a, err := p.send(ctx, request{method: "POST", path: "/setup/" + token, mediaType: "application/x-www-form-urlencoded", body: strings.NewReader(form)})
	if err == nil && a.status != http.StatusSeeOther {
		err = fmt.Errorf("set up %s: status %d\n%s", p.name, a.status, a.body)
	}
	return err
}

// get reads JSON into v.
func (p *person) get(ctx context.Context, path string, v any) (answer, error) {
	return p.call(ctx, "GET", path, nil, v)
}

// call sends in as JSON, unless it is nil, and reads the answer into out,
// unless that is nil or the server refused.
func (p *person) call(ctx context.Context, method, path string, in, out any) (answer, error) {
	r := request{method: method, path: path}
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return answer{}, err
		}
		r.mediaType, r.body, r.size = "application/json", bytes.NewReader(b), int64(len(b))
	}
	a, err := p.do(ctx, r)
	if err != nil || a.status >= 300 || out == nil {
		return a, err
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		return a, violated("%s %s answered %d with what is no JSON: %v\n%.300s", method, path, a.status, err, a.body)
	}
	return a, nil
}

// upload sends bytes and reads the document that they became.
func (p *person) upload(ctx context.Context, path string, b []byte, doc any) (answer, error) {
	a, err := p.do(ctx, request{method: "POST", path: path, mediaType: "application/octet-stream", body: bytes.NewReader(b), size: int64(len(b))})
	if err != nil || a.status >= 300 {
		return a, err
	}
	return a, json.Unmarshal(a.body, doc)
}
