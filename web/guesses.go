package web

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"time"

	"sohoa"
)

// Limits on guessing passwords and codes (docs/decisions/sign-in.md).
const (
	signInBurst = 5 // by user and address, or by user and a device of theirs
	signInEvery = 30 * time.Second
	userBurst   = 20 // by user, from addresses where they were never
	userEvery   = time.Minute
	fromBurst   = 40 // by address, whoever is tried
	fromEvery   = 10 * time.Second
	codeBurst   = 10 // codes of one user, from addresses where they were never
	codeEvery   = 5 * time.Minute
)

// guesses bounds attempts, so that whoever guesses shuts out themselves and
// not the user: each lane counts by itself, and a device at which the user has
// signed in before is in a lane of its own.
type guesses struct{ device, pair, from, user *limiter }

func newGuesses(now func() time.Time, userBurst int, userEvery time.Duration) guesses {
	return guesses{
		device: newLimiter(now, signInBurst, signInEvery), pair: newLimiter(now, signInBurst, signInEvery),
		from: newLimiter(now, fromBurst, fromEvery), user: newLimiter(now, userBurst, userEvery),
	}
}

// take lets one attempt at name pass, or is the Problem "request.too-many".
// An attempt that was right gives back what it took, by the function returned.
func (g guesses) take(name, addr, device string) (right func(), err error) {
	who := sohoa.Sum([]byte(name)).String() // of one length, whatever was typed
	tooMany := newProblem(sohoa.ErrUnavailable, "request.too-many")
	if device != "" {
		if !g.device.take(who + device) {
			return nil, tooMany
		}
		return func() { g.device.reset(who + device) }, nil
	}
	// In this order: what is refused here does not use up what others share.
	if !g.pair.take(who+addr) || !g.from.take(addr) || !g.user.take(who) {
		return nil, tooMany
	}
	return func() {
		g.pair.reset(who + addr)
		g.from.giveBack(addr)
		g.user.giveBack(who)
	}, nil
}

// knownFor is how long a device counts as one of a user's after they last
// signed in there.
const knownFor = 180 * 24 * time.Hour

// knownCookie is the name of the cookie by which a device of a user is known:
// one for each user, so that a counter's machine knows all who work at it.
func knownCookie(name string) string {
	d := sohoa.Sum([]byte(name))
	return "known-" + hex.EncodeToString(d[:6])
}

// knownMAC signs when somebody signed in at a device.
func knownMAC(key []byte, name string, said []byte) []byte {
	return linkMAC(key, append([]byte("device\x00"+name+"\x00"), said...))
}

// remember tells the browser that name has signed in there.
func (s *Server) remember(w http.ResponseWriter, r *http.Request, name string) error {
	key, err := s.secret(r.Context(), "devices")
	if err != nil {
		return err
	}
	said := append(binary.BigEndian.AppendUint64(nil, uint64(s.cfg.Now().Unix())), newSecret()[:8]...)
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(knownCookie(name)), Value: base64.RawURLEncoding.EncodeToString(append(knownMAC(key, name, said), said...)),
		Path: "/", MaxAge: int(knownFor / time.Second), HttpOnly: true, Secure: s.cfg.SecureCookies, SameSite: http.SameSiteLaxMode})
	return nil
}

// knownDevice is which device of name's a request comes from; "" is none.
func (s *Server) knownDevice(r *http.Request, name string) (string, error) {
	c, err := r.Cookie(s.cookieName(knownCookie(name)))
	if err != nil {
		return "", nil
	}
	key, err := s.secret(r.Context(), "devices")
	if err != nil {
		return "", err
	}
	const mac, said = 32, 16
	b, err := base64.RawURLEncoding.Strict().DecodeString(c.Value)
	if err != nil || len(b) != mac+said || !hmac.Equal(b[:mac], knownMAC(key, name, b[mac:])) {
		return "", nil
	}
	at := time.Unix(int64(binary.BigEndian.Uint64(b[mac:])), 0)
	if s.cfg.Now().Sub(at) > knownFor {
		return "", nil
	}
	return string(b[mac:]), nil
}

// guess is take for a request.
func (s *Server) guess(g guesses, r *http.Request, name string) (right func(), err error) {
	device, err := s.knownDevice(r, name)
	if err != nil {
		return nil, err
	}
	return g.take(name, visitOf(r.Context()).addr, device)
}

// checkGuess checks a password that name typed, within the limits.
func (s *Server) checkGuess(r *http.Request, name, encoded, password string) (bool, error) {
	right, err := s.guess(s.signIns, r, name)
	if err != nil {
		return false, err
	}
	ok, err := s.checkPassword(r.Context(), encoded, password)
	if ok {
		right()
	}
	return ok, err
}

// journalFailure notes a failed sign-in. A name that no user has may be a
// password typed into the wrong field, and is not written down.
func (s *Server) journalFailure(ctx context.Context, name, by string, known bool) error {
	if !known {
		if !s.strange.take(visitOf(ctx).addr) {
			return nil
		}
		name = "unknown"
	}
	return s.journal(ctx, sohoa.Entry{Actor: name, Action: sohoa.ActionSignFail, Detail: signDetail(ctx, by)})
}
