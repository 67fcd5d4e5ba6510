package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"

	"sohoa"
)

// visit is what is known about whoever sent a request.
type visit struct {
	lang  sohoa.Lang
	user  *sohoa.User   // nil when nobody is signed in; of a program, what stands for one
	key   *sohoa.APIKey // nil unless a program asks
	whom  string        // the user of the program, as it says
	host  string        // of the service, as the request names it
	scope sohoa.Scope   // where they may do what they ask for, see authorise
	addr  string        // where limits count; an IPv6 network of 64 bits counts as one
	log   *slog.Logger

	since uint64 // the journal's newest entry when a page was asked for; what comes later the page must be told
}

type visitKey struct{}

// visitOf returns the visit of a request; never nil.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{lang: sohoa.Vietnamese, log: slog.New(slog.DiscardHandler)}
}

// userOf returns who is signed in. Handlers behind a sign-in call it.
func userOf(ctx context.Context) sohoa.User {
	if u := visitOf(ctx).user; u != nil {
		return *u
	}
	return sohoa.User{}
}

// scopeOf is what whoever sent the request may do with what they ask for; nothing
// before authorise was called.
func scopeOf(ctx context.Context) sohoa.Scope {
	return visitOf(ctx).scope
}

// langCookie remembers the language that a person chose.
const langCookie = "lang"

const year = 365 * 24 * 60 * 60

// greet finds out the language and the address of a request. "?lang=" chooses
// a language and is remembered.
func (s *Server) greet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{lang: sohoa.Vietnamese, addr: address(remote(r, s.cfg.TrustedProxies)), host: r.Host, log: s.cfg.Log}
		if c, err := r.Cookie(s.cookieName(langCookie)); err == nil {
			v.lang = language(c.Value, v.lang)
		}
		if asked := r.URL.Query().Get("lang"); asked != "" {
			v.lang = language(asked, v.lang)
			http.SetCookie(w, &http.Cookie{Name: s.cookieName(langCookie), Value: string(v.lang), Path: "/", MaxAge: year,
				HttpOnly: true, Secure: s.cfg.SecureCookies, SameSite: http.SameSiteLaxMode})
		}
		w.Header().Set("Content-Language", string(v.lang))
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
	})
}

func language(s string, otherwise sohoa.Lang) sohoa.Lang {
	switch l := sohoa.Lang(s); l {
	case sohoa.Vietnamese, sohoa.English:
		return l
	}
	return otherwise
}

// address is the part of a remote address that limits count by.
func address(host string) string {
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Unmap().Is4() {
		return host
	}
	network, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return network.String()
}
