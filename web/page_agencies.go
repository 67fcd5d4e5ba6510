package web

import (
	"net/http"

	"sohoa"
)

// agenciesPage is what the page of the agencies shows.
type agenciesPage struct {
	Agencies []agencyLine
	Choices  []sohoa.PlacedAgency // to put one under
	Top      bool                 // the reader may put one at the top
	Edit     string               // code of the one that is changed
	New      sohoa.Agency
	Typed    sohoa.Agency // of the one that is changed
	Error    string
	Imported []int
}

// agencyLine is an agency with who is of it.
type agencyLine struct {
	sohoa.PlacedAgency
	People int
}

func (s *Server) pageAgencies(w http.ResponseWriter, r *http.Request) error {
	return s.renderAgencies(w, r, http.StatusOK, agenciesPage{Edit: r.URL.Query().Get("edit"), Imported: imported(r)})
}

func (s *Server) renderAgencies(w http.ResponseWriter, r *http.Request, status int, p agenciesPage) error {
	ctx := r.Context()
	all, err := s.agenciesInScope(ctx)
	if err != nil {
		return err
	}
	users, err := s.usersInScope(ctx)
	if err != nil {
		return err
	}
	count := map[string]int{}
	for _, u := range users {
		count[u.Agency]++
	}
	p.Choices, p.Top = sohoa.AgencyTree(all), scopeOf(ctx).All
	for _, a := range p.Choices {
		p.Agencies = append(p.Agencies, agencyLine{a, count[a.Code]})
		if a.Code == p.Edit && p.Typed.Code == "" {
			p.Typed = a.Agency
		}
	}
	s.render(w, r, status, "agencies", frame{Title: text(r, "agencies.title"), Body: p})
	return nil
}

func (s *Server) postAgency(w http.ResponseWriter, r *http.Request) error {
	a := sohoa.Agency{Code: clean(r.PostFormValue("code")), Name: clean(r.PostFormValue("name")), Parent: r.PostFormValue("parent")}
	if err := s.enterAgency(r, a, true); err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		return s.renderAgencies(w, r, status, agenciesPage{New: a, Error: message})
	}
	http.Redirect(w, r, "/admin/agencies#a-"+a.Code, http.StatusSeeOther)
	return nil
}

func (s *Server) postAgencyChange(w http.ResponseWriter, r *http.Request) error {
	if err := s.checkManaged(r, r.PathValue("agency")); err != nil {
		return err
	}
	a := sohoa.Agency{Code: r.PathValue("agency"), Name: clean(r.PostFormValue("name")), Parent: r.PostFormValue("parent")}
	if err := s.enterAgency(r, a, false); err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		return s.renderAgencies(w, r, status, agenciesPage{Edit: a.Code, Typed: a, Error: message})
	}
	http.Redirect(w, r, "/admin/agencies#a-"+a.Code, http.StatusSeeOther)
	return nil
}

// checkManaged reports that an agency is not the reader's to administer as if
// it was not there.
func (s *Server) checkManaged(r *http.Request, code string) error {
	if err := s.checkAgency(r.Context(), code); err != nil {
		return newProblem(sohoa.ErrNotExist, "agency.unknown", code)
	}
	return nil
}
