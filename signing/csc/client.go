package csc

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"sohoa"
)

// client speaks to one service.
type client struct {
	base     *url.URL
	http     *http.Client
	fixed    string // access token that was configured
	id       string
	secret   string
	tokenURL string

	mu     sync.Mutex
	token  string    // access token, under mu
	expiry time.Time // of token, under mu
}

func newClient(config Config) (*client, error) {
	base, err := parseBase(config.URL)
	if err != nil {
		return nil, err
	}
	if config.TokenURL != "" {
		if _, err := parseBase(config.TokenURL); err != nil {
			return nil, err
		}
	}
	return &client{
		base: base, fixed: config.Token, id: config.ClientID, secret: config.ClientSecret, tokenURL: config.TokenURL,
		http: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				TLSClientConfig:        &tls.Config{RootCAs: config.Roots, MinVersion: tls.VersionTLS12},
				MaxResponseHeaderBytes: 64 << 10,
				DisableKeepAlives:      true,
			},
		},
	}, nil
}

// parseBase reads an address that may be asked: https, or http to this
// machine, without user, query and fragment.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || len(s) > maxAddress {
		return nil, problem(sohoa.ErrInvalid, "remote.address", shown(s))
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, problem(sohoa.ErrForbidden, "remote.no-tls", u.Host)
	}
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// start asks what the service is: the methods that it has.
func (c *client) start(ctx context.Context) ([]string, error) {
	var info struct {
		OAuth2  string   `json:"oauth2"`
		Methods []string `json:"methods"`
	}
	status, body, err := c.post(ctx, c.base.JoinPath("info").String(), "application/json", "", []byte("{}"))
	if err != nil {
		return nil, err
	}
	if err := c.read(status, body, &info); err != nil {
		return nil, err
	}
	if c.tokenURL == "" && c.fixed == "" {
		return info.Methods, c.findTokens(info.OAuth2)
	}
	return info.Methods, nil
}

// findTokens takes the token endpoint that the service names, if it is on the
// host that was configured.
func (c *client) findTokens(base string) error {
	if c.id == "" {
		return problem(sohoa.ErrInvalid, "remote.no-login", c.base.Host)
	}
	u, err := parseBase(base)
	if err != nil || u.Host != c.base.Host || u.Scheme != c.base.Scheme {
		return problem(sohoa.ErrForbidden, "remote.other-host", shown(base), c.base.Host)
	}
	c.tokenURL = u.JoinPath("oauth2", "token").String()
	return nil
}

// call asks for method with an access token and reads the answer. An access
// token that expired is renewed once. The status is 200, 202 or 204.
func (c *client) call(ctx context.Context, method string, request, answer any) (int, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return 0, fmt.Errorf("write a request for %s: %w", method, err)
	}
	for renewed := false; ; renewed = true {
		token, err := c.access(ctx, renewed)
		if err != nil {
			return 0, err
		}
		status, got, err := c.post(ctx, c.base.JoinPath(method).String(), "application/json", token, body)
		if err != nil {
			return 0, err
		}
		if status == http.StatusUnauthorized && c.fixed == "" && !renewed {
			continue
		}
		return status, c.read(status, got, answer)
	}
}

// read decodes a good answer, or returns what a bad one says.
func (c *client) read(status int, body []byte, answer any) error {
	switch status {
	case http.StatusNoContent:
		return nil
	case http.StatusOK, http.StatusAccepted:
		if len(bytes.TrimSpace(body)) == 0 {
			return nil
		}
		if err := json.Unmarshal(body, answer); err != nil {
			return detailed(sohoa.ErrVerification, "remote.answer", err, c.base.Host)
		}
		return nil
	}
	return c.refusal(status, body)
}

// post sends body and reads the answer, within bounds of time and size.
func (c *client) post(ctx context.Context, address, contentType, token string, body []byte) (int, []byte, error) {
	limited, cancel := context.WithTimeout(ctx, sohoa.MaxRemoteTime)
	defer cancel()
	r, err := http.NewRequestWithContext(limited, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, detailed(sohoa.ErrInvalid, "remote.address", err, shown(address))
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Accept", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return 0, nil, c.unavailable(ctx, err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(io.LimitReader(answer.Body, sohoa.MaxRemoteBytes+1))
	if err != nil {
		return 0, nil, c.unavailable(ctx, err)
	}
	if len(got) > sohoa.MaxRemoteBytes {
		return 0, nil, detailed(sohoa.ErrVerification, "remote.answer", fmt.Errorf("more than %d bytes", sohoa.MaxRemoteBytes), c.base.Host)
	}
	return answer.StatusCode, got, nil
}

// unavailable is what err means, unless the caller gave up.
func (c *client) unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("ask %s: %w", c.base.Host, ctx.Err())
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address
	}
	return detailed(sohoa.ErrUnavailable, "remote.unavailable", err, c.base.Host)
}

// access returns an access token; fresh asks for a new one.
func (c *client) access(ctx context.Context, fresh bool) (string, error) {
	if c.fixed != "" {
		return c.fixed, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !fresh && c.token != "" && time.Now().Before(c.expiry) {
		return c.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"service"},
		"client_id": {c.id}, "client_secret": {c.secret}}
	status, body, err := c.post(ctx, c.tokenURL, "application/x-www-form-urlencoded", "", []byte(form.Encode()))
	if err != nil {
		return "", err
	}
	answer := struct {
		Token   string `json:"access_token"`
		Seconds int64  `json:"expires_in"`
	}{Seconds: 3600}
	if status == http.StatusBadRequest || status == http.StatusUnauthorized {
		return "", problem(sohoa.ErrForbidden, "remote.login", c.base.Host)
	}
	if err := c.read(status, body, &answer); err != nil {
		return "", err
	}
	if answer.Token == "" {
		return "", detailed(sohoa.ErrVerification, "remote.answer", errors.New("no access token"), c.base.Host)
	}
	const margin, day = 10, 24 * 60 * 60 // seconds; the margin is for the way
	lasts := min(max(answer.Seconds, margin), day) - margin
	c.token, c.expiry = answer.Token, time.Now().Add(time.Duration(lasts)*time.Second)
	return c.token, nil
}

// refusal is what an answer that is an error says (CSC API v2, 10.1).
func (c *client) refusal(status int, body []byte) error {
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	json.Unmarshal(body, &answer) // what is no JSON says nothing
	detail := fmt.Errorf("status %d: %s: %s", status, shown(answer.Error), shown(answer.Description))
	says := strings.ToLower(answer.Description)
	host := c.base.Host
	switch {
	case status >= 500 || status == http.StatusTooManyRequests:
		return detailed(sohoa.ErrUnavailable, "remote.unavailable", detail, host)
	case status == http.StatusUnauthorized || answer.Error == "invalid_token" || answer.Error == "invalid_client":
		return detailed(sohoa.ErrForbidden, "remote.login", detail, host)
	case answer.Error == "invalid_authentication_data", answer.Error == "invalid_otp", answer.Error == "invalid_pin":
		return detailed(sohoa.ErrForbidden, "remote.factor-wrong", detail, host)
	case strings.Contains(says, "locked"):
		return detailed(sohoa.ErrForbidden, "remote.locked", detail, host)
	case strings.Contains(says, "sad expired"), strings.Contains(says, "parameter sad"),
		strings.Contains(says, "parameter handle"), strings.Contains(says, "parameter requestid"):
		return detailed(sohoa.ErrConflict, "remote.expired", detail, host)
	case strings.Contains(says, "parameter credentialid"):
		return detailed(sohoa.ErrNotExist, "remote.credential", detail, host)
	case status >= 300 && status < 400:
		return detailed(sohoa.ErrForbidden, "remote.redirected", detail, host)
	}
	return detailed(sohoa.ErrForbidden, "remote.refused", detail, host)
}

// shown makes foreign text fit to be shown: one line, not long.
func shown(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return s
}
