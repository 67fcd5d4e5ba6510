package hooks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"sohoa"
	"sohoa/signing/evidence"
)

// Policy says which addresses may be told: hosts that were named, at addresses
// of the Internet or of networks that were named. The zero Policy allows none.
type Policy struct {
	hosts    []string // host:port
	networks []netip.Prefix
}

// ParsePolicy reads the setting webhook_hosts: hosts (port 443), host:port, and
// networks that are not public, such as 10.1.0.0/16. A host that is an address
// is a network of its own too.
func ParsePolicy(entries []string) (Policy, error) {
	var p Policy
	for _, e := range entries {
		e = strings.ToLower(strings.TrimSpace(e))
		if n, err := netip.ParsePrefix(e); err == nil {
			p.networks = append(p.networks, n.Masked())
			continue
		}
		u, err := url.Parse("https://" + e)
		if err != nil || u.Host != e || u.Hostname() == "" || strings.ContainsAny(e, "/@*?# ") {
			return Policy{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "hook.setting", Args: []string{e}}
		}
		p.hosts = append(p.hosts, hostPort(u))
		if a, err := netip.ParseAddr(u.Hostname()); err == nil {
			p.networks = append(p.networks, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
		}
	}
	return p, nil
}

// hostPort is the host of u with its port.
func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	default:
		port = "443"
	}
	return net.JoinHostPort(strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), port)
}

// Allows reports as the Problem "hook.host" that an address may not be told.
// Without TLS it may be on this machine alone.
func (p Policy) Allows(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "hook.host", Args: []string{address}}
	}
	local, err := netip.ParseAddr(u.Hostname())
	secure := u.Scheme == "https" || u.Scheme == "http" && err == nil && local.IsLoopback()
	if !secure || !slices.Contains(p.hosts, hostPort(u)) {
		return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "hook.host", Args: []string{u.Host}}
	}
	return nil
}

// reaches reports whether a network address may be connected to.
func (p Policy) reaches(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	return evidence.Public(a) || slices.ContainsFunc(p.networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// errPrivate is wrapped with the address.
var errPrivate = errors.New("not a public address, and in no network of webhook_hosts")

// privateError says which address was refused.
type privateError struct{ address string }

func (e *privateError) Error() string { return e.address + ": " + errPrivate.Error() }
func (e *privateError) Unwrap() error { return errPrivate }

// client makes connections that the policy allows. The address is looked at
// when the connection is made, after the name was looked up, so that a name
// cannot answer twice. It uses no proxy, follows no redirect, and keeps
// nothing open.
func (p Policy) client(roots *x509.CertPool, timeout time.Duration) *http.Client {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !p.reaches(at.Addr()) {
			return &privateError{address}
		}
		return nil
	}}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: nil,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
			TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
}
