package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxHops bounds how many addresses of a forwarded request are looked at.
const maxHops = 20

// remote is the address that a request comes from: the peer's, or, if that is
// a proxy that is trusted, the right-most of those that proxies noted which is
// none. Headers that whoever asks could have sent are no help: where both
// X-Forwarded-For and Forwarded (RFC 7239) are there and differ, one of them
// is not the proxy's, and the visit is taken for the proxy's own.
func remote(r *http.Request, trusted []netip.Prefix) string {
	peer := hostOf(r.RemoteAddr)
	if !isTrusted(peer, trusted) {
		return peer
	}
	old, std := r.Header.Values("X-Forwarded-For"), r.Header.Values("Forwarded")
	from := furthest(peer, listed(old), trusted)
	if len(std) == 0 {
		return from
	}
	by := furthest(peer, forwarded(std), trusted)
	if len(old) > 0 && from != by {
		return peer
	}
	return by
}

// furthest is the right-most hop that is not trusted; with what is not an
// address ends what can be believed.
func furthest(peer string, hops []string, trusted []netip.Prefix) string {
	at := peer
	for i, hop := range slices.Backward(hops) {
		if len(hops)-i > maxHops {
			break
		}
		ip, err := netip.ParseAddr(hop)
		if err != nil {
			break
		}
		at = ip.Unmap().WithZone("").String()
		if !isTrusted(at, trusted) {
			break
		}
	}
	return at
}

func isTrusted(host string, trusted []netip.Prefix) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(ip.Unmap().WithZone("")) })
}

// listed are the addresses of X-Forwarded-For, with or without ports.
func listed(values []string) (hops []string) {
	for _, v := range values {
		for hop := range strings.SplitSeq(v, ",") {
			hops = append(hops, hostOf(strings.TrimSpace(hop)))
		}
	}
	return hops
}

// forwarded are the addresses of Forwarded: for=192.0.2.1;proto=https,
// for="[2001:db8::1]:4711".
func forwarded(values []string) (hops []string) {
	for _, v := range values {
		for element := range strings.SplitSeq(v, ",") {
			hop := ""
			for pair := range strings.SplitSeq(element, ";") {
				name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
				if strings.EqualFold(name, "for") {
					hop = hostOf(strings.Trim(value, `"`))
				}
			}
			hops = append(hops, hop)
		}
	}
	return hops
}

// hostOf is an address without its port and brackets.
func hostOf(s string) string {
	if a, err := netip.ParseAddrPort(s); err == nil {
		return a.Addr().String()
	}
	return strings.Trim(s, "[]")
}
