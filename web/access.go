package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"sohoa"
	"sohoa/archive"
)

// Sessions last a working day, and end earlier when nothing is asked of them.
const (
	sessionLifetime = 12 * time.Hour
	sessionIdle     = 3 * time.Hour
	sessionRefresh  = 10 * time.Minute // how often its last use is written down
)

// What a session holds.
const (
	sessionUser   = "user"   // User.Name
	sessionCred   = "cred"   // credMark of the password it was opened with
	sessionUsed   = "used"   // Unix time of the last use, to within sessionRefresh
	sessionDevice = "device" // archive.Device.ID
	sessionProved = "proved" // Unix time when its user last proved who they are
	sessionBare   = "bare"   // whether its user still has to set up a second factor
)

func (s *Server) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = s.cfg.Sessions
	m.Lifetime = sessionLifetime
	m.Cookie.Name = s.cookieName("session")
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = s.cfg.SecureCookies
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }
	return m
}

// credMark ties a session to a password, so that a new one ends it.
func credMark(password string) string { return sohoa.Sum([]byte(password)).String()[:16] }

// identify finds the user of a request's session.
func (s *Server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := s.sessions.GetString(r.Context(), sessionUser)
		if name == "" {
			next.ServeHTTP(w, r)
			return
		}
		user, err := s.sessionUser(r.Context(), name)
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			s.fail(w, r, err)
			return
		}
		if err == nil {
			visitOf(r.Context()).user = &user
			if led, err := s.lead(w, r); led || err != nil {
				if err != nil {
					s.fail(w, r, err)
				}
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// sessionUser returns the user of the session, as they are now. A session ends
// with a new password, with its device, and when nothing is asked of it.
func (s *Server) sessionUser(ctx context.Context, name string) (sohoa.User, error) {
	cred, err := s.cfg.Catalog.Credentials(ctx, name)
	if err != nil {
		return sohoa.User{}, err
	}
	user, err := s.cfg.Catalog.User(ctx, name)
	if err != nil {
		return sohoa.User{}, err
	}
	now, used := s.cfg.Now(), time.Unix(s.sessions.GetInt64(ctx, sessionUsed), 0)
	device, err := s.cfg.Catalog.Device(ctx, s.sessions.GetString(ctx, sessionDevice))
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return sohoa.User{}, err
	}
	ended := err != nil || device.User != name || user.Disabled || now.Sub(used) > sessionIdle
	if ended || s.sessions.GetString(ctx, sessionCred) != credMark(cred.Password) {
		if err := s.endSession(ctx); err != nil {
			return sohoa.User{}, err
		}
		return sohoa.User{}, sohoa.ErrNotExist
	}
	if now.Sub(used) > sessionRefresh {
		s.sessions.Put(ctx, sessionUsed, now.Unix())
		device.Last, device.Address = now.UTC(), visitOf(ctx).addr
		err = s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.UseDevice(device) })
	}
	return user, err
}

// opened is somebody who has proved who they are.
type opened struct {
	User     string // User.Name
	Password string // as kept, see credMark
	By       string // how, for the journal and the list of devices
	Strong   bool   // by more than a password
}

// signIn checks a name and a password.
func (s *Server) signIn(r *http.Request, name, password string) (opened, error) {
	ctx := r.Context()
	cred, err := s.cfg.Catalog.Credentials(ctx, name)
	known := err == nil
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return opened{}, err
	}
	right, err := s.checkGuess(r, name, cred.Password, password)
	if err != nil {
		return opened{}, err
	}
	if !right {
		if err := s.journalFailure(ctx, name, byPassword, known); err != nil {
			return opened{}, err
		}
		return opened{}, newProblem(sohoa.ErrForbidden, "user.sign-in")
	}
	return opened{User: name, Password: cred.Password, By: byPassword}, nil
}

// openSession signs somebody in. The token changes, so that one planted before
// the sign-in is worth nothing after it.
func (s *Server) openSession(w http.ResponseWriter, r *http.Request, o opened) error {
	ctx := r.Context()
	user, err := s.cfg.Catalog.User(ctx, o.User)
	if err != nil {
		return err
	}
	if user.Disabled {
		return newProblem(sohoa.ErrForbidden, "user.disabled")
	}
	device := s.newDevice(r, o)
	err = s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		if err := tx.PutDevice(device); err != nil {
			return err
		}
		_, err := tx.Append(sohoa.Entry{Actor: o.User, Action: sohoa.ActionSignIn, Detail: signDetail(ctx, o.By)})
		return err
	})
	if err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.forgetHalf(ctx)
	now := s.cfg.Now().Unix()
	s.sessions.Put(ctx, sessionUser, o.User)
	s.sessions.Put(ctx, sessionCred, credMark(o.Password))
	s.sessions.Put(ctx, sessionUsed, now)
	s.sessions.Put(ctx, sessionProved, now)
	s.sessions.Put(ctx, sessionDevice, device.ID)
	s.sessions.Put(ctx, sessionBare, !o.Strong && s.needsSecond(user))
	s.takeUp(ctx, "", "")
	return s.remember(w, r, o.User)
}

// endSession ends the session of a request, here and in the list of devices.
func (s *Server) endSession(ctx context.Context) error {
	name, id := s.sessions.GetString(ctx, sessionUser), s.sessions.GetString(ctx, sessionDevice)
	if name != "" && id != "" {
		err := s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.EndDevice(name, id) })
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
	}
	return s.sessions.Destroy(ctx)
}

// signDetail is what the journal says of a sign-in: from where and how.
func signDetail(ctx context.Context, by string) string {
	b, err := json.Marshal(map[string]string{"address": visitOf(ctx).addr, "by": by})
	if err != nil {
		return ""
	}
	return string(b)
}

// journal adds one entry, with the user of a program in its detail.
func (s *Server) journal(ctx context.Context, e sohoa.Entry) error {
	e.Detail = withWhom(ctx, e.Detail)
	return s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		_, err := tx.Append(e)
		return err
	})
}

// viewAgain is how long one entry stands for repeated views of the same page
// by the same person for the same purpose.
const viewAgain = 10 * time.Minute

// journalView notes that the user looks at a document, or at one page of it
// if page is not 0, and refuses them without a purpose, see viewPurpose.
func (s *Server) journalView(ctx context.Context, doc sohoa.Document, page int, purpose string) error {
	p, err := s.viewPurpose(ctx, doc, purpose)
	if err != nil {
		return err
	}
	e := sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionView, Document: doc.ID, Dossier: doc.Dossier,
		Page: page, Purpose: clip(p.String())}
	key, err := json.Marshal([]any{e.Actor, e.Document, e.Page, e.Purpose})
	if err != nil {
		return err
	}
	if s.seen.has(string(key)) {
		return nil
	}
	if err := s.mayRead(ctx); err != nil {
		return err
	}
	if err := s.journal(ctx, e); err != nil {
		return err
	}
	s.seen.add(string(key))
	s.seen.add(glimpse(ctx, doc))
	return nil
}

// maxPurposeRunes bounds what a person states as purpose.
const maxPurposeRunes = 200

func clip(purpose string) string {
	if r := []rune(purpose); len(r) > maxPurposeRunes {
		return string(r[:maxPurposeRunes])
	}
	return purpose
}
