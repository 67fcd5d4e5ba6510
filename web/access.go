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
	sessionUser = "user" // User.Name
	sessionCred = "cred" // credMark of the password it was opened with
	sessionUsed = "used" // Unix time of the last use, to within sessionRefresh
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
		}
		next.ServeHTTP(w, r)
	})
}

// sessionUser returns the user of the session, as they are now.
func (s *Server) sessionUser(ctx context.Context, name string) (sohoa.User, error) {
	cred, err := s.cfg.Catalog.Credentials(ctx, name)
	if err != nil {
		return sohoa.User{}, err
	}
	now, used := s.cfg.Now(), time.Unix(s.sessions.GetInt64(ctx, sessionUsed), 0)
	if s.sessions.GetString(ctx, sessionCred) != credMark(cred.Password) || now.Sub(used) > sessionIdle {
		if err := s.sessions.Destroy(ctx); err != nil {
			return sohoa.User{}, err
		}
		return sohoa.User{}, sohoa.ErrNotExist
	}
	if now.Sub(used) > sessionRefresh {
		s.sessions.Put(ctx, sessionUsed, now.Unix())
	}
	return s.cfg.Catalog.User(ctx, name)
}

// signIn checks a name and a password and opens a session under a new token.
func (s *Server) signIn(ctx context.Context, name, password string) error {
	key := name + "\x00" + visitOf(ctx).addr
	if !s.signIns.take(key) {
		return newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	cred, err := s.cfg.Catalog.Credentials(ctx, name)
	known := err == nil
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	right, err := s.checkPassword(ctx, cred.Password, password)
	if err != nil {
		return err
	}
	if !right {
		if err := s.journalFailure(ctx, name, known); err != nil {
			return err
		}
		return newProblem(sohoa.ErrForbidden, "user.sign-in")
	}
	s.signIns.reset(key)
	return s.openSession(ctx, name, cred.Password)
}

// openSession signs name in. The token changes, so that one planted before
// the sign-in is worth nothing after it.
func (s *Server) openSession(ctx context.Context, name, password string) error {
	if err := s.journal(ctx, sohoa.Entry{Actor: name, Action: sohoa.ActionSignIn, Detail: addrDetail(ctx)}); err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionUser, name)
	s.sessions.Put(ctx, sessionCred, credMark(password))
	s.sessions.Put(ctx, sessionUsed, s.cfg.Now().Unix())
	s.takeUp(ctx, "", "")
	return nil
}

// journalFailure notes a failed sign-in. A name that no user has may be a
// password typed into the wrong field, and is not written down.
func (s *Server) journalFailure(ctx context.Context, name string, known bool) error {
	if !known {
		if !s.strange.take(visitOf(ctx).addr) {
			return nil
		}
		name = "unknown"
	}
	return s.journal(ctx, sohoa.Entry{Actor: name, Action: sohoa.ActionSignFail, Detail: addrDetail(ctx)})
}

func addrDetail(ctx context.Context) string {
	b, err := json.Marshal(map[string]string{"address": visitOf(ctx).addr})
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
