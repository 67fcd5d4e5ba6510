package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"sohoa"
	"sohoa/archive"
)

// lastSignIns is how many of a user's sign-ins an administrator is shown.
const lastSignIns = 20

// userPage is what an administrator sees of one person.
type userPage struct {
	User     sohoa.User
	Roles    []sohoa.UserRole // to choose from
	Agencies []sohoa.Agency   // to choose from
	Whole    bool             // the whole installation may be chosen too
	Factors  archive.Factors
	Devices  []deviceLine
	SignIns  []signInLine
	Link     string // a new one-time link, shown once
	Done     string
	Error    string
}

// Has reports whether the person has a role.
func (p userPage) Has(r sohoa.UserRole) bool { return slices.Contains(p.User.Roles, r) }

// inReach reports whether people of an agency, "" being the whole
// installation, are within a scope.
func inReach(scope sohoa.Scope, agency string) bool {
	return scope.All || agency != "" && scope.Includes(agency)
}

func (s *Server) pageUser(w http.ResponseWriter, r *http.Request) error {
	u, err := s.managed(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	p := userPage{User: u}
	if done := r.URL.Query().Get("done"); slices.Contains(userOps, done) || done == "change" {
		p.Done = "user.done-" + done
	}
	return s.renderUser(w, r, http.StatusOK, p)
}

func (s *Server) renderUser(w http.ResponseWriter, r *http.Request, status int, p userPage) error {
	ctx, scope := r.Context(), scopeOf(r.Context())
	p.Roles, p.Whole = sohoa.UserRoles, scope.All
	all, err := s.cfg.Catalog.Agencies(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if scope.Includes(a.Code) {
			p.Agencies = append(p.Agencies, a)
		}
	}
	if p.Factors, err = s.cfg.Catalog.Factors(ctx, p.User.Name); err != nil {
		return err
	}
	devices, err := s.cfg.Catalog.Devices(ctx, p.User.Name)
	if err != nil {
		return err
	}
	p.Devices = deviceLines(devices, userOf(ctx).Name, s.sessions.GetString(ctx, sessionDevice))
	if p.SignIns, err = s.signInsOf(ctx, p.User.Name); err != nil {
		return err
	}
	s.render(w, r, status, "user", frame{Title: p.User.FullName + " (" + p.User.Name + ")", Body: p})
	return nil
}

// signInLine is a sign-in on a page.
type signInLine struct {
	Time    time.Time
	Failed  bool
	Address string `json:"address"`
	By      string `json:"by"`
}

// signInsOf are the newest sign-ins of a user, failed ones among them.
func (s *Server) signInsOf(ctx context.Context, name string) (lines []signInLine, err error) {
	entries, err := s.cfg.Catalog.FindEntries(ctx, archive.JournalQuery{Actor: name, Limit: lastSignIns,
		Actions: []sohoa.Action{sohoa.ActionSignIn, sohoa.ActionSignFail}})
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		line := signInLine{Time: e.Time, Failed: e.Action == sohoa.ActionSignFail}
		if err := json.Unmarshal([]byte(e.Detail), &line); err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Seq, err)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// postUserChange changes what somebody is.
func (s *Server) postUserChange(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	u, err := s.managed(ctx, r.PathValue("name"))
	if err != nil {
		return err
	}
	r.ParseForm()
	want := u
	want.FullName, want.Roles, want.Agency = clean(r.PostFormValue("fullName")), roles(r.PostForm["role"]), r.PostFormValue("agency")
	if err := s.changeUser(ctx, u, want); err != nil {
		return s.userMistake(w, r, want, err)
	}
	http.Redirect(w, r, pathOf("admin", "users", u.Name)+"?done=change", http.StatusSeeOther)
	return nil
}

func (s *Server) userMistake(w http.ResponseWriter, r *http.Request, u sohoa.User, err error) error {
	message, status, err := s.mistake(r, err)
	if err != nil {
		return err
	}
	return s.renderUser(w, r, status, userPage{User: u, Error: message})
}

// changeUser makes was what is wanted, and signs them out where they may do
// something else from now on. Nobody raises anybody above their own scope, and
// the installation keeps an administrator.
func (s *Server) changeUser(ctx context.Context, was, want sohoa.User) error {
	if err := want.Check(); err != nil {
		return err
	}
	if !inReach(scopeOf(ctx), want.Agency) {
		return newProblem(sohoa.ErrForbidden, "user.above")
	}
	if want.Agency != "" && want.Agency != was.Agency {
		if err := s.checkAgency(ctx, want.Agency); err != nil {
			return err
		}
	}
	return ChangeUser(ctx, s.cfg.Catalog, userOf(ctx).Name, want)
}

// ChangeUser makes a user, who is there, what is wanted, in one transaction
// with its entry in the journal; actor is who does. Where roles, agency or
// Disabled change, the user is signed out everywhere. The last administrator
// of the whole installation stays one: it is the Problem "user.last-admin".
func ChangeUser(ctx context.Context, catalog archive.Catalog, actor string, want sohoa.User) error {
	return catalog.Update(ctx, func(tx archive.Tx) error {
		all, err := tx.Users()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(u sohoa.User) bool { return u.Name == want.Name })
		if at < 0 {
			return newProblem(sohoa.ErrNotExist, "user.unknown", want.Name)
		}
		was := all[at]
		all[at] = want
		if overall(was) && !slices.ContainsFunc(all, overall) {
			return newProblem(sohoa.ErrConflict, "user.last-admin")
		}
		if err := tx.PutUser(want); err != nil {
			return err
		}
		if !slices.Equal(was.Roles, want.Roles) || was.Agency != want.Agency || want.Disabled {
			if _, err := tx.EndDevices(want.Name, ""); err != nil {
				return err
			}
		}
		_, err = tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionUser, Detail: changeDetail(was, want)})
		return err
	})
}

// overall reports whether u administers the whole installation.
func overall(u sohoa.User) bool {
	return !u.Disabled && u.Agency == "" && slices.Contains(u.Roles, sohoa.UserAdmin)
}

// changeDetail is what the journal says of a change: what somebody is now.
func changeDetail(was, now sohoa.User) string {
	act := "change"
	switch {
	case now.Disabled && !was.Disabled:
		act = "disable"
	case was.Disabled && !now.Disabled:
		act = "enable"
	}
	b, err := json.Marshal(map[string]string{"act": act, "user": now.Name, "role": sohoa.JoinRoles(now.Roles), "agency": now.Agency})
	if err != nil {
		return ""
	}
	return string(b)
}

// ResetFactors takes from a user what they sign in with beside their password,
// and signs them out everywhere.
func ResetFactors(ctx context.Context, catalog archive.Catalog, actor, user string) error {
	return catalog.Update(ctx, func(tx archive.Tx) error {
		f, err := lockedFactors(tx, user)
		if err != nil {
			return err
		}
		if err := tx.PutFactors(archive.Factors{User: user, Handle: f.Handle}); err != nil {
			return err
		}
		if _, err := tx.EndDevices(user, ""); err != nil {
			return err
		}
		_, err = tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionUser, Detail: userDetail("factors-remove", user)})
		return err
	})
}

// endDevices ends sign-ins of a user, and journals it.
func (s *Server) endDevices(ctx context.Context, user string, end func(archive.Tx) error) error {
	return s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		if err := end(tx); err != nil {
			return err
		}
		_, err := tx.Append(sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionUser, Detail: userDetail("sign-out", user)})
		return err
	})
}

// userOps are what an administrator does with one person.
var userOps = []string{"link", "disable", "enable", "reset-factors", "end-sessions"}

func (s *Server) postUserOp(w http.ResponseWriter, r *http.Request) error {
	ctx, op := r.Context(), r.PathValue("op")
	u, err := s.managed(ctx, r.PathValue("name"))
	if err != nil {
		return err
	}
	if !slices.Contains(userOps, op) {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	if op == "link" {
		return s.newLink(w, r, u)
	}
	if err := s.actOnUser(ctx, u, op); err != nil {
		return s.userMistake(w, r, u, err)
	}
	http.Redirect(w, r, pathOf("admin", "users", u.Name)+"?done="+op, http.StatusSeeOther)
	return nil
}

func (s *Server) actOnUser(ctx context.Context, u sohoa.User, op string) error {
	switch op {
	case "disable", "enable":
		u.Disabled = op == "disable"
		return ChangeUser(ctx, s.cfg.Catalog, userOf(ctx).Name, u)
	case "reset-factors":
		return ResetFactors(ctx, s.cfg.Catalog, userOf(ctx).Name, u.Name)
	}
	return s.endDevices(ctx, u.Name, func(tx archive.Tx) error {
		_, err := tx.EndDevices(u.Name, "")
		return err
	})
}

// newLink makes a one-time link and shows it this once.
func (s *Server) newLink(w http.ResponseWriter, r *http.Request, u sohoa.User) error {
	token, err := setupLink(r.Context(), s.cfg.Catalog, userOf(r.Context()).Name, u.Name, s.cfg.Now())
	if err != nil {
		return err
	}
	return s.renderUser(w, r, http.StatusOK, userPage{User: u, Link: s.base(r.Context()) + "/setup/" + token})
}
