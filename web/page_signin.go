package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sohoa"
)

// signInPages are those by which people come in and go.
func (s *Server) signInPages() map[string]handler {
	open := map[string]handler{
		"GET /sign-in": s.pageSignIn, "POST /sign-in": s.postSignIn, "POST /sign-out": s.postSignOut,
		"GET /sign-in/code": s.pageCode, "POST /sign-in/code": s.postCode,
		"POST /sign-in/passkey/begin": asJSON(s.beginUse), "POST /sign-in/passkey": asJSON(s.postUsePasskey),
		"GET /setup/{token}": s.pageSetup, "POST /setup/{token}": s.postSetup,
	}
	if s.signOn != nil {
		open["GET /sign-in/province"], open["GET /sign-in/province/back"] = s.pageSignOn, s.pageSignOnBack
	}
	return open
}

// signInForm is what the sign-in page shows.
type signInForm struct {
	Name, Next, Error string
	SignOn            string // name of the province's sign-on, if there is one
}

func (s *Server) pageSignIn(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if visitOf(r.Context()).user != nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	s.renderSignIn(w, r, http.StatusOK, signInForm{Next: next})
	return nil
}

func (s *Server) renderSignIn(w http.ResponseWriter, r *http.Request, status int, form signInForm) {
	if s.signOn != nil {
		form.SignOn = s.signOn.Name
	}
	s.render(w, r, status, "signin", frame{Title: text(r, "sign-in.title"), Entering: true, Body: form})
}

// postSignIn checks a password; who has a second factor is asked for it next.
func (s *Server) postSignIn(w http.ResponseWriter, r *http.Request) error {
	form := signInForm{Name: strings.TrimSpace(r.PostFormValue("name")), Next: localPath(r.PostFormValue("next"))}
	o, err := s.signIn(r, form.Name, r.PostFormValue("password"))
	next := form.Next
	if err == nil {
		next, err = s.step(w, r, o, form.Next)
	}
	if err != nil {
		message, status, err := s.mistake(r, err)
		if err != nil {
			return err
		}
		form.Error = message
		s.renderSignIn(w, r, status, form)
		return nil
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// mistake is wrong, and words too what is refused to somebody who signs in.
func (s *Server) mistake(r *http.Request, err error) (string, int, error) {
	if errors.Is(err, sohoa.ErrForbidden) {
		return sohoa.AsProblem(err).Text(visitOf(r.Context()).lang), statusOf(err), nil
	}
	return wrong(r, err)
}

func (s *Server) pageCode(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if visitOf(r.Context()).user != nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return s.renderCode(w, r, http.StatusOK, signInForm{Next: next})
}

// renderCode asks for the second step; who has not taken the first is sent to
// it.
func (s *Server) renderCode(w http.ResponseWriter, r *http.Request, status int, form signInForm) error {
	o, err := s.half(r.Context())
	if isProblem(err, "user.half") {
		s.renderSignIn(w, r, statusOf(err), signInForm{Next: form.Next, Error: sohoa.AsProblem(err).Text(visitOf(r.Context()).lang)})
		return nil
	}
	if err != nil {
		return err
	}
	form.Name = o.User
	s.render(w, r, status, "code", frame{Title: text(r, "code.title"), Entering: true, Body: form})
	return nil
}

func (s *Server) postCode(w http.ResponseWriter, r *http.Request) error {
	form := signInForm{Next: localPath(r.PostFormValue("next"))}
	if err := s.finish(w, r, r.PostFormValue("code")); err != nil {
		message, status, err := s.mistake(r, err)
		if err != nil {
			return err
		}
		form.Error = message
		return s.renderCode(w, r, status, form)
	}
	http.Redirect(w, r, form.Next, http.StatusSeeOther)
	return nil
}

// localPath is where to go after signing in; never another site.
func localPath(p string) string {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") {
		return "/"
	}
	return p
}

// escapeQuery is an address as part of another.
func escapeQuery(p string) string { return url.QueryEscape(p) }

func (s *Server) postSignOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.endSession(r.Context()); err != nil {
		return err
	}
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

// setupForm is what the set-up page shows.
type setupForm struct {
	Name, Error string
	Min         int
}

func (s *Server) pageSetup(w http.ResponseWriter, r *http.Request) error {
	name, err := s.setupUser(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	s.renderSetup(w, r, http.StatusOK, setupForm{Name: name})
	return nil
}

func (s *Server) renderSetup(w http.ResponseWriter, r *http.Request, status int, form setupForm) {
	form.Min = minPasswordRunes
	s.render(w, r, status, "setup", frame{Title: text(r, "setup.title"), Entering: true, Body: form})
}

// postSetup uses the link up and signs its user in.
func (s *Server) postSetup(w http.ResponseWriter, r *http.Request) error {
	ctx, token := r.Context(), r.PathValue("token")
	name, err := s.setupUser(ctx, token)
	if err != nil {
		return err
	}
	password := r.PostFormValue("password")
	if password != r.PostFormValue("again") {
		s.renderSetup(w, r, http.StatusBadRequest, setupForm{Name: name, Error: text(r, "setup.differ")})
		return nil
	}
	user, encoded, err := s.setPassword(ctx, token, password)
	if err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		s.renderSetup(w, r, status, setupForm{Name: name, Error: message})
		return nil
	}
	next, err := s.step(w, r, opened{User: user, Password: encoded, By: byLink}, "/")
	if err != nil {
		return err
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// stateCount is how many documents are in a state.
type stateCount struct {
	State sohoa.State
	Count int
}

// stateOrder is the order in which states are shown.
var stateOrder = []sohoa.State{sohoa.StateAccepted, sohoa.StateReading, sohoa.StateRead, sohoa.StateKept, sohoa.StateParked}

func orderStates(counts map[sohoa.State]int) []stateCount {
	var out []stateCount
	for _, state := range stateOrder {
		out = append(out, stateCount{state, counts[state]})
	}
	return out
}
