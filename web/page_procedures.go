package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/archive"
)

// proceduresShown is how many procedures one page lists.
const proceduresShown = 100

// proceduresPage is what the page of the procedures shows.
type proceduresPage struct {
	Procedures []sohoa.Procedure
	Query      string
	Found      int
	More       bool // than are shown: the search must be narrower
	New        sohoa.Procedure
	Error      string
	Imported   []int
}

func (s *Server) pageProcedures(w http.ResponseWriter, r *http.Request) error {
	return s.renderProcedures(w, r, http.StatusOK, proceduresPage{Imported: imported(r)})
}

func (s *Server) renderProcedures(w http.ResponseWriter, r *http.Request, status int, p proceduresPage) error {
	all, err := s.cfg.Catalog.Procedures(r.Context())
	if err != nil {
		return err
	}
	p.Query = clean(r.URL.Query().Get("q"))
	words := strings.Fields(archive.Fold(p.Query))
	all = slices.DeleteFunc(all, func(v sohoa.Procedure) bool {
		in := archive.Fold(v.Code + " " + v.Name + " " + v.Result)
		return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(in, word) })
	})
	p.Found, p.More = len(all), len(all) > proceduresShown
	p.Procedures = all[:min(len(all), proceduresShown)]
	s.render(w, r, status, "procedures", frame{Title: text(r, "procedures.title"), Body: p})
	return nil
}

// procedurePage is what the page of one procedure shows.
type procedurePage struct {
	sohoa.Procedure
	Rules   []sohoa.Rule // what kinds there are
	Seen    string       // the version that is edited
	Unknown []string     // kinds that the schedule lacks
	Error   string
	Saved   bool
	Changed bool // something is typed that is not saved
}

// Blank is the number of the line below the last paper.
func (p procedurePage) Blank() int { return len(p.Requirements) }

func (s *Server) pageProcedure(w http.ResponseWriter, r *http.Request) error {
	now, err := s.cfg.Catalog.Procedure(r.Context(), r.PathValue("procedure"))
	if err != nil {
		return err
	}
	return s.renderProcedure(w, r, http.StatusOK, procedurePage{Procedure: now, Seen: procedureVersion(now), Saved: r.URL.Query().Has("saved")})
}

func (s *Server) renderProcedure(w http.ResponseWriter, r *http.Request, status int, p procedurePage) error {
	schedule, err := s.cfg.Catalog.Schedule(r.Context())
	if err != nil {
		return err
	}
	p.Rules = slices.DeleteFunc(schedule.Rules, func(r sohoa.Rule) bool { return r.Type == "" })
	if p.Unknown, err = s.unknownKinds(r.Context(), []sohoa.Procedure{p.Procedure}); err != nil {
		return err
	}
	s.render(w, r, status, "procedure", frame{Title: p.Code + " " + p.Name, Body: p})
	return nil
}

// procedureVersion tells one state of a procedure from another.
func procedureVersion(p sohoa.Procedure) string {
	b, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

func (s *Server) postProcedure(w http.ResponseWriter, r *http.Request) error {
	p := sohoa.Procedure{Code: clean(r.PostFormValue("code")), Name: clean(r.PostFormValue("name")), Result: clean(r.PostFormValue("result"))}
	_, err := s.cfg.Catalog.Procedure(r.Context(), p.Code)
	if err == nil {
		err = newProblem(sohoa.ErrConflict, "procedure.exists", p.Code)
	} else if statusOf(err) == http.StatusNotFound {
		err = s.setProcedures(r.Context(), []sohoa.Procedure{p})
	}
	if err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		return s.renderProcedures(w, r, status, proceduresPage{New: p, Error: message})
	}
	http.Redirect(w, r, pathOf("admin", "procedures", p.Code), http.StatusSeeOther)
	return nil
}

// postProcedureChange moves or removes a line of what is typed and shows it
// again, or saves it.
func (s *Server) postProcedureChange(w http.ResponseWriter, r *http.Request) error {
	typed, err := typedProcedure(r)
	if err != nil {
		return err
	}
	p := procedurePage{Procedure: typed, Seen: r.PostFormValue("seen"), Changed: true}
	if act, line, ok := strings.Cut(r.PostFormValue("act"), "-"); ok {
		p.Requirements = reordered(p.Requirements, act, line)
		return s.renderProcedure(w, r, http.StatusOK, p)
	}
	now, err := s.cfg.Catalog.Procedure(r.Context(), typed.Code)
	if err != nil {
		return err
	}
	err = s.saveProcedure(r, now, p)
	if err == nil {
		http.Redirect(w, r, pathOf("admin", "procedures", typed.Code)+"?saved", http.StatusSeeOther)
		return nil
	}
	message, status, err := wrong(r, err)
	if err != nil {
		return err
	}
	p.Error = message
	return s.renderProcedure(w, r, status, p)
}

func (s *Server) saveProcedure(r *http.Request, now sohoa.Procedure, p procedurePage) error {
	if procedureVersion(now) != p.Seen {
		return newProblem(sohoa.ErrConflict, "procedure.changed", p.Code)
	}
	return s.setProcedures(r.Context(), []sohoa.Procedure{p.Procedure})
}

// typedProcedure is a procedure as the form has it: a paper in each line in
// which something is typed.
func typedProcedure(r *http.Request) (sohoa.Procedure, error) {
	if err := r.ParseForm(); err != nil {
		return sohoa.Procedure{}, newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	p := sohoa.Procedure{Code: r.PathValue("procedure"), Name: clean(r.PostForm.Get("name")), Result: clean(r.PostForm.Get("result"))}
	for i := range sohoa.MaxRequirements + 1 {
		n := strconv.Itoa(i)
		field := func(name string) string { return clean(r.PostForm.Get(name + "-" + n)) }
		q := sohoa.Requirement{Code: field("code"), Name: field("paper"), Scope: field("scope"), Optional: field("optional") != ""}
		if types := strings.FieldsFunc(field("types"), func(r rune) bool { return strings.ContainsRune(" ,;", r) }); len(types) > 0 {
			q.Types = types
		}
		if days := field("days"); days != "" {
			v, err := strconv.Atoi(days)
			if err != nil {
				v = -1 // Check refuses it, and says where
			}
			q.MaxDays = v
		}
		if q.Code != "" || q.Name != "" || q.Scope != "" || len(q.Types) > 0 {
			p.Requirements = append(p.Requirements, q)
		}
	}
	return p, nil
}

// reordered are papers with one of them moved up or down, or removed.
func reordered(all []sohoa.Requirement, act, line string) []sohoa.Requirement {
	i, err := strconv.Atoi(line)
	if err != nil || i < 0 || i >= len(all) {
		return all
	}
	switch {
	case act == "remove":
		return slices.Delete(all, i, i+1)
	case act == "up" && i > 0:
		all[i-1], all[i] = all[i], all[i-1]
	case act == "down" && i+1 < len(all):
		all[i+1], all[i] = all[i], all[i+1]
	}
	return all
}
