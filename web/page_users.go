package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/web/table"
)

// usersShown is how many people one page lists.
const usersShown = 50

// usersPage is what the page of the people shows.
type usersPage struct {
	Users    []sohoa.User
	Found    int
	Page     int
	Pages    int
	Query    url.Values
	Agencies []sohoa.PlacedAgency
	Names    map[string]string // of agencies, by code
	Roles    []sohoa.UserRole
	New      sohoa.User
	Error    string
	Links    []oneLink // shown once
	Imported []int
}

// oneLink is a new one-time link.
type oneLink struct{ Name, FullName, Link string }

// At is the address of another page of the same list.
func (p usersPage) At(page int) string {
	q := url.Values{"page": {strconv.Itoa(page)}}
	for _, k := range []string{"q", "role", "agency", "state"} {
		if v := p.Query.Get(k); v != "" {
			q.Set(k, v)
		}
	}
	return "/admin/users?" + q.Encode()
}

// Has reports whether the new user was given a role.
func (p usersPage) Has(r sohoa.UserRole) bool { return slices.Contains(p.New.Roles, r) }

func (s *Server) pageUsers(w http.ResponseWriter, r *http.Request) error {
	return s.renderUsers(w, r, http.StatusOK, usersPage{Imported: imported(r)})
}

func (s *Server) renderUsers(w http.ResponseWriter, r *http.Request, status int, p usersPage) error {
	users, err := s.usersInScope(r.Context())
	if err != nil {
		return err
	}
	all, err := s.agenciesInScope(r.Context())
	if err != nil {
		return err
	}
	p.Names, p.Agencies, p.Roles, p.Query = map[string]string{}, sohoa.AgencyTree(all), sohoa.UserRoles, r.URL.Query()
	for _, a := range all {
		p.Names[a.Code] = a.Name
	}
	users = slices.DeleteFunc(users, func(u sohoa.User) bool { return !asked(u, p.Query) })
	p.Found, p.Pages = len(users), max(1, (len(users)+usersShown-1)/usersShown)
	p.Page, _ = strconv.Atoi(p.Query.Get("page"))
	p.Page = min(max(p.Page, 1), p.Pages)
	p.Users = users[(p.Page-1)*usersShown : min(p.Page*usersShown, len(users))]
	s.render(w, r, status, "users", frame{Title: text(r, "admin.users"), Body: p})
	return nil
}

// asked reports whether a user is among those that a filter asks for.
func asked(u sohoa.User, q url.Values) bool {
	words := strings.Fields(archive.Fold(q.Get("q")))
	in := archive.Fold(u.Name + " " + u.FullName)
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(in, word) }) &&
		(q.Get("role") == "" || slices.Contains(u.Roles, sohoa.UserRole(q.Get("role")))) &&
		(q.Get("agency") == "" || u.Agency == q.Get("agency")) &&
		(q.Get("state") == "" || u.Ready == (q.Get("state") == "ready"))
}

func (s *Server) postUser(w http.ResponseWriter, r *http.Request) error {
	u := sohoa.User{
		Name: clean(r.PostFormValue("name")), FullName: clean(r.PostFormValue("fullName")),
		Roles: roles(r.PostForm["role"]), Agency: r.PostFormValue("agency"), CreatedAt: s.cfg.Now().UTC(),
	}
	if err := s.createUser(r, u); err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		return s.renderUsers(w, r, status, usersPage{New: u, Error: message})
	}
	return s.showLinks(w, r, u.Name)
}

// roles are those that a form chose.
func roles(chosen []string) []sohoa.UserRole { return sohoa.SplitRoles(strings.Join(chosen, ",")) }

func (s *Server) createUser(r *http.Request, u sohoa.User) error {
	ctx := r.Context()
	if err := u.Check(); err != nil {
		return err
	}
	if u.Agency == "" && !scopeOf(ctx).All {
		return newProblem(sohoa.ErrInvalid, "user.beyond")
	}
	if u.Agency != "" {
		if err := s.checkAgency(ctx, u.Agency); err != nil {
			return err
		}
	}
	return s.enterNewUser(ctx, u)
}

// postLinks makes one-time links for several people and gives them on the
// page, or as a table.
func (s *Server) postLinks(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	names := r.PostForm["user"]
	if len(names) == 0 {
		return s.renderUsers(w, r, http.StatusBadRequest, usersPage{Error: newProblem(sohoa.ErrInvalid, "user.none-chosen").Text(visitOf(r.Context()).lang)})
	}
	if r.PostForm.Get("format") == "" {
		return s.showLinks(w, r, names...)
	}
	links, err := s.makeLinks(r, names)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, l := range links {
		rows = append(rows, []string{l.Name, l.FullName, l.Link})
	}
	head := append(table.Head(table.People, visitOf(r.Context()).lang)[:2], text(r, "admin.link-column"))
	return giveTable(w, r, "links", head, rows)
}

// showLinks makes one-time links and shows them this once.
func (s *Server) showLinks(w http.ResponseWriter, r *http.Request, names ...string) error {
	links, err := s.makeLinks(r, names)
	if err != nil {
		return err
	}
	return s.renderUsers(w, r, http.StatusOK, usersPage{Links: links})
}

// makeLinks makes a one-time link for each of those whom the reader
// administers. A link that somebody got before is good no more.
func (s *Server) makeLinks(r *http.Request, names []string) ([]oneLink, error) {
	ctx := r.Context()
	scheme := "http"
	if r.TLS != nil || s.cfg.SecureCookies {
		scheme = "https"
	}
	var links []oneLink
	for _, name := range names {
		u, err := s.managed(ctx, name)
		if err != nil {
			return nil, err
		}
		token, err := setupLink(ctx, s.cfg.Catalog, userOf(ctx).Name, name, s.cfg.Now())
		if err != nil {
			return nil, err
		}
		links = append(links, oneLink{u.Name, u.FullName, scheme + "://" + r.Host + "/setup/" + token})
	}
	return links, nil
}
