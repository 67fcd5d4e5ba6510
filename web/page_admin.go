package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/search"
)

// journalTail is how many journal entries the administrator's page shows.
const journalTail = 40

// adminPage is what the administrator's page shows.
type adminPage struct {
	Users    []sohoa.User
	Agencies []sohoa.Agency
	States   []stateCount
	Parked   docRows
	Tail     []entryLine
	Chain    chainPart
	Index    *search.Health // nil where nobody knows
	New      sohoa.User
	Roles    []sohoa.UserRole // to choose from
	Error    string
	Link     string // a new one-time link, shown once
	LinkFor  string
}

func (s *Server) pageAdmin(w http.ResponseWriter, r *http.Request) error {
	return s.renderAdmin(w, r, http.StatusOK, adminPage{})
}

func (s *Server) renderAdmin(w http.ResponseWriter, r *http.Request, status int, p adminPage) error {
	ctx, c := r.Context(), s.cfg.Catalog
	p.Roles = sohoa.UserRoles
	var err error
	if p.Users, err = c.Users(ctx); err != nil {
		return err
	}
	if p.Agencies, err = c.Agencies(ctx); err != nil {
		return err
	}
	counts, err := c.States(ctx, scopeOf(ctx))
	if err != nil {
		return err
	}
	p.States = orderStates(counts)
	if p.Parked, err = s.parked(r); err != nil {
		return err
	}
	head, err := c.Head(ctx)
	if err != nil {
		return err
	}
	after := head - min(head, journalTail)
	tail, err := c.Entries(ctx, after, journalTail)
	if err != nil {
		return err
	}
	p.Tail = entryLines(tail, true)
	if p.Chain, err = s.chain(ctx); err != nil {
		return err
	}
	if s.cfg.IndexHealth != nil {
		h, err := s.cfg.IndexHealth()
		if err != nil {
			return err
		}
		p.Index = &h
	}
	s.render(w, r, status, "admin", frame{Title: text(r, "admin.title"), Live: "?", Body: p})
	return nil
}

// roles are those that a form chose.
func roles(chosen []string) []sohoa.UserRole { return sohoa.SplitRoles(strings.Join(chosen, ",")) }

func (s *Server) postUser(w http.ResponseWriter, r *http.Request) error {
	u := sohoa.User{
		Name: clean(r.PostFormValue("name")), FullName: clean(r.PostFormValue("fullName")),
		Roles: roles(r.PostForm["role"]), Agency: r.PostFormValue("agency"), CreatedAt: s.cfg.Now().UTC(),
	}
	if err := s.createUser(r.Context(), u); err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		return s.renderAdmin(w, r, status, adminPage{New: u, Error: message})
	}
	return s.showLink(w, r, u.Name)
}

func (s *Server) createUser(ctx context.Context, u sohoa.User) error {
	if err := u.Check(); err != nil {
		return err
	}
	if u.Agency == "" && !scopeOf(ctx).All {
		return newProblem(sohoa.ErrForbidden, "forbidden")
	}
	if u.Agency != "" {
		if err := s.checkAgency(ctx, u.Agency); err != nil {
			return err
		}
	}
	return s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		_, err := tx.Credentials(u.Name)
		if err == nil {
			return newProblem(sohoa.ErrConflict, "user.exists", u.Name)
		}
		if !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		if err := tx.PutUser(u); err != nil {
			return err
		}
		_, err = tx.Append(sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionUser, Detail: userDetail("create", u.Name)})
		return err
	})
}

func (s *Server) postLink(w http.ResponseWriter, r *http.Request) error {
	return s.showLink(w, r, r.PathValue("name"))
}

// showLink makes a one-time link and shows it this once.
func (s *Server) showLink(w http.ResponseWriter, r *http.Request, name string) error {
	token, err := setupLink(r.Context(), s.cfg.Catalog, userOf(r.Context()).Name, name, s.cfg.Now())
	if err != nil {
		return err
	}
	scheme := "http"
	if r.TLS != nil || s.cfg.SecureCookies {
		scheme = "https"
	}
	return s.renderAdmin(w, r, http.StatusOK, adminPage{Link: scheme + "://" + r.Host + "/setup/" + token, LinkFor: name})
}

// userDetail is what the journal says about a change to a user.
func userDetail(act, name string) string {
	b, err := json.Marshal(map[string]string{"act": act, "user": name})
	if err != nil {
		return ""
	}
	return string(b)
}
