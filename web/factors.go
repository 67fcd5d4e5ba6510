package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
)

// SecondFactor says who must have more than a password.
type SecondFactor string

// Who must.
const (
	SecondNone   SecondFactor = "none"   // nobody; who has set one up is asked for it
	SecondAdmins SecondFactor = "admins" // who may manage people, the installation, or read the journal
	SecondAll    SecondFactor = "all"
)

// needsSecond reports whether u must have a second factor.
func (s *Server) needsSecond(u sohoa.User) bool {
	switch s.cfg.SecondFactor {
	case SecondAll:
		return true
	case SecondAdmins:
		return u.May(sohoa.PowerManage) || u.May(sohoa.PowerOperate) || u.May(sohoa.PowerInspect)
	}
	return false
}

// lead brings whoever still has to set up a second factor to where that is
// done, and lets them do nothing else. It reports whether it has answered.
func (s *Server) lead(w http.ResponseWriter, r *http.Request) (bool, error) {
	ctx := r.Context()
	if !s.sessions.GetBool(ctx, sessionBare) {
		return false, nil
	}
	f, err := s.cfg.Catalog.Factors(ctx, userOf(ctx).Name)
	if err != nil {
		return false, err
	}
	if f.Second() {
		s.sessions.Remove(ctx, sessionBare)
		return false, nil
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if slices.Contains([]string{"account", "sign-out", "sign-in"}, first) {
		return false, nil
	}
	if r.Method == http.MethodGet && first != "api" && r.Header.Get("HX-Request") == "" {
		http.Redirect(w, r, "/account", http.StatusSeeOther)
		return true, nil
	}
	return false, newProblem(sohoa.ErrForbidden, "user.second-factor")
}

// What a session holds of somebody who has shown a password only and must show
// more.
const (
	halfUser = "half.user"
	halfCred = "half.cred" // credMark
	halfBy   = "half.by"
	halfAt   = "half.at" // Unix time
)

// halfTime is how long the second step may take.
const halfTime = 5 * time.Minute

// step signs somebody in, or, if they have a second factor and have not shown
// it, remembers how far they are: then next is where they show it.
func (s *Server) step(w http.ResponseWriter, r *http.Request, o opened, next string) (string, error) {
	ctx := r.Context()
	f, err := s.cfg.Catalog.Factors(ctx, o.User)
	if err != nil {
		return "", err
	}
	if o.Strong || !f.Second() {
		return next, s.openSession(w, r, o)
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return "", err
	}
	s.sessions.Put(ctx, halfUser, o.User)
	s.sessions.Put(ctx, halfCred, credMark(o.Password))
	s.sessions.Put(ctx, halfBy, o.By)
	s.sessions.Put(ctx, halfAt, s.cfg.Now().Unix())
	return "/sign-in/code?next=" + escapeQuery(next), nil
}

// half is who has taken the first step in this session; of nobody it is
// "user.half".
func (s *Server) half(ctx context.Context) (opened, error) {
	gone := newProblem(sohoa.ErrForbidden, "user.half")
	o := opened{User: s.sessions.GetString(ctx, halfUser), By: s.sessions.GetString(ctx, halfBy)}
	at := time.Unix(s.sessions.GetInt64(ctx, halfAt), 0)
	if o.User == "" || s.cfg.Now().Sub(at) > halfTime {
		return o, gone
	}
	cred, err := s.cfg.Catalog.Credentials(ctx, o.User)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && credMark(cred.Password) != s.sessions.GetString(ctx, halfCred) {
		return o, gone
	}
	o.Password = cred.Password
	return o, err
}

func (s *Server) forgetHalf(ctx context.Context) {
	for _, key := range []string{halfUser, halfCred, halfBy, halfAt} {
		s.sessions.Remove(ctx, key)
	}
}

// finish takes the second step by a code.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, typed string) error {
	ctx := r.Context()
	o, err := s.half(ctx)
	if err != nil {
		return err
	}
	right, err := s.guess(s.codes, r, o.User)
	if err != nil {
		return err
	}
	by, err := s.useCode(ctx, o.User, typed)
	if isProblem(err, "user.code") {
		return errors.Join(s.journalFailure(ctx, o.User, byCode, true), err)
	}
	if err != nil {
		return err
	}
	right()
	o.By, o.Strong = o.By+"+"+by, true
	return s.openSession(w, r, o)
}

// provedFor is how long after they proved who they are people may change what
// they sign in with.
const provedFor = 15 * time.Minute

// proved lets a handler be used by who has proved lately who they are; others
// do so first. A machine that somebody left is not enough to change how they
// sign in.
func (s *Server) proved(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		at := time.Unix(s.sessions.GetInt64(r.Context(), sessionProved), 0)
		if s.cfg.Now().Sub(at) <= provedFor {
			return h(w, r)
		}
		if strings.HasPrefix(r.Header.Get("Accept"), "application/json") {
			return newProblem(sohoa.ErrForbidden, "user.prove")
		}
		http.Redirect(w, r, "/account/confirm", http.StatusSeeOther)
		return nil
	}
}

// changeFactors changes how a user signs in, in one transaction with its entry
// in the journal.
func (s *Server) changeFactors(ctx context.Context, user, act string, change func(archive.Tx, *archive.Factors) error) error {
	return s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		f, err := lockedFactors(tx, user)
		if err != nil {
			return err
		}
		if err := change(tx, &f); err != nil {
			return err
		}
		if err := tx.PutFactors(f); err != nil {
			return err
		}
		_, err = tx.Append(sohoa.Entry{Actor: cmp.Or(userOf(ctx).Name, user), Action: sohoa.ActionUser, Detail: userDetail(act, user)})
		return err
	})
}

// keepsSecond refuses a change that would leave a user without the second
// factor that they must have.
func (s *Server) keepsSecond(u sohoa.User, f archive.Factors) error {
	if s.needsSecond(u) && !f.Second() {
		return newProblem(sohoa.ErrConflict, "user.last-factor")
	}
	return nil
}
