package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"sohoa"
)

// question is one request.
type question struct {
	url   string
	body  []byte // posted as an OCSP request; nil gets
	limit int64  // bytes of the answer
}

// firstFew bounds the addresses of one certificate that are asked.
func firstFew(urls []string) []string {
	var out []string
	for _, u := range urls {
		lower := strings.ToLower(u)
		if (strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")) && len(out) < 3 {
			out = append(out, u) // LDAP is not asked
		}
	}
	return out
}

// errPrivate says that a name led to an address that is not public.
var errPrivate = errors.New("the address is not public")

// get asks q. The error is the Problem sign.evidence-refused or
// sign.evidence-unavailable.
func (c *Collector) get(ctx context.Context, q question) ([]byte, error) {
	u, err := url.Parse(q.url)
	if err != nil {
		return nil, detailed(sohoa.ErrForbidden, "sign.evidence-refused", err, q.url)
	}
	if len(c.Hosts) > 0 && !c.listed(u.Host) {
		return nil, problem(sohoa.ErrForbidden, "sign.evidence-refused", u.Host)
	}
	b, err := c.exchange(ctx, q)
	if errors.Is(err, errPrivate) {
		return nil, detailed(sohoa.ErrForbidden, "sign.evidence-refused", err, u.Host)
	}
	if err != nil {
		return nil, detailed(sohoa.ErrUnavailable, "sign.evidence-unavailable", err, u.Host)
	}
	return b, nil
}

// exchange sends q and reads the answer, within bounds of time and size.
func (c *Collector) exchange(ctx context.Context, q question) ([]byte, error) {
	limit := c.Timeout
	if limit == 0 {
		limit = sohoa.EvidenceTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	method := http.MethodGet
	if q.body != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, q.url, bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	if q.body != nil {
		r.Header.Set("Content-Type", "application/ocsp-request")
	}
	c.once.Do(c.connect)
	answer, err := c.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", answer.Status)
	}
	b, err := io.ReadAll(io.LimitReader(answer.Body, q.limit+1))
	if err == nil && int64(len(b)) > q.limit {
		err = fmt.Errorf("more than %d bytes", q.limit)
	}
	return b, err
}

// connect makes the client: no proxy, no redirection, no private address that
// is not listed.
func (c *Collector) connect() {
	c.client = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DialContext: c.dial, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
	}
}

// dial connects. The address is checked after the name was looked up, so that
// a name cannot answer twice.
func (c *Collector) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{}
	if !c.listed(address) {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !Public(at.Addr()) {
				return errPrivate
			}
			return nil
		}
	}
	return d.DialContext(ctx, network, address)
}

// listed reports whether the caller named host, which may have a port.
func (c *Collector) listed(host string) bool {
	bare := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		bare = h
	}
	return slices.ContainsFunc(c.Hosts, func(h string) bool {
		return strings.EqualFold(h, host) || strings.EqualFold(h, bare)
	})
}

// reserved are networks of which package netip does not say that they are not
// public (RFC 6890).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"),
}

// Public reports whether a is an address on the Internet.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() &&
		!slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(a) })
}
