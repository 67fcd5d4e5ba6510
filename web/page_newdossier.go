package web

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"sohoa"
	"sohoa/archive"
)

// typedDossier is a new dossier as it is typed: a code, a procedure and a
// person, each as people have it at hand.
type typedDossier struct {
	Code      string
	Procedure string // a code, or part of a name
	Person    string // an identity number, a name, both, or what stands in the QR code of an identity card
	Birth     string
	Subject   string
	Agency    string
	Due       string // NgayHenTra
}

// typed reads the form. Earlier names of its fields are understood too.
func typed(r *http.Request) typedDossier {
	field := func(name string) string { return clean(r.PostFormValue(name)) }
	person := field("person")
	if person == "" {
		person = clean(field("ownerId") + " " + field("ownerName"))
	}
	return typedDossier{field("code"), field("procedure"), person, field("ownerBirth"), field("subject"), field("agency"), field("due")}
}

func (s *Server) postDossier(w http.ResponseWriter, r *http.Request) error {
	t := typed(r)
	in, err := s.understood(r.Context(), t)
	var d sohoa.Dossier
	if err == nil {
		d, err = s.createDossier(r.Context(), in)
	}
	if err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		return s.renderHome(w, r, status, homePage{New: t, Error: message})
	}
	http.Redirect(w, r, pathOf("dossiers", d.Code), http.StatusSeeOther)
	return nil
}

// understood is what was typed, with the procedure's code, and of a person who
// was here before what is missing.
func (s *Server) understood(ctx context.Context, t typedDossier) (NewDossier, error) {
	in := NewDossier{Code: t.Code, Agency: t.Agency, Subject: t.Subject, Due: t.Due}
	all, err := s.cfg.Catalog.Procedures(ctx)
	if err != nil {
		return in, err
	}
	if in.Procedure, err = procedureOf(all, t.Procedure); err != nil {
		return in, err
	}
	owner := parsePerson(t.Person)
	if t.Birth != "" {
		owner.BirthDate = sohoa.Date(t.Birth)
	}
	if owner, err = s.knownOwner(ctx, owner); err != nil {
		return in, err
	}
	if owner.Name == "" && owner.IDNumber != "" {
		return in, newProblem(sohoa.ErrInvalid, "dossier.person", owner.IDNumber)
	}
	in.OwnerName, in.OwnerID, in.OwnerBirth = owner.Name, owner.IDNumber, string(owner.BirthDate)
	return in, nil
}

// knownOwner adds to an owner with a number what an earlier dossier in scope
// says of the same number.
func (s *Server) knownOwner(ctx context.Context, o sohoa.Owner) (sohoa.Owner, error) {
	if o.IDNumber == "" || o.Name != "" && o.BirthDate != "" {
		return o, nil
	}
	known, err := s.cfg.Catalog.Owners(ctx, scopeOf(ctx), archive.OwnerQuery{IDNumber: o.IDNumber, Limit: maxPeople})
	i := slices.IndexFunc(known, func(k sohoa.Owner) bool { return k.IDNumber == o.IDNumber })
	if err != nil || i < 0 {
		return o, err
	}
	if o.Name == "" {
		o.Name = known[i].Name
	}
	if o.BirthDate == "" && archive.NameKey(o.Name) == archive.NameKey(known[i].Name) {
		o.BirthDate = known[i].BirthDate
	}
	return o, nil
}

// procedureOf finds the procedure that somebody typed: by its code, a line that
// begins with it, or part of its name that no other one has. It is the Problem
// "procedure.which" where several have it.
func procedureOf(all []sohoa.Procedure, typed string) (string, error) {
	first, _, _ := strings.Cut(typed, " ")
	wanted, found := archive.Fold(typed), ""
	for _, p := range all {
		if p.Code == typed || p.Code == first {
			return p.Code, nil
		}
	}
	for _, p := range all {
		if wanted == "" || !strings.Contains(archive.Fold(p.Code+" "+p.Name), wanted) {
			continue
		}
		if archive.Fold(p.Name) == wanted {
			return p.Code, nil
		}
		if found != "" {
			return "", newProblem(sohoa.ErrInvalid, "procedure.which", typed)
		}
		found = p.Code
	}
	if found == "" {
		return "", newProblem(sohoa.ErrInvalid, "procedure.unknown", typed)
	}
	return found, nil
}

// numbered is an identity number that a name may follow.
var numbered = regexp.MustCompile(`^([0-9]{9,12})(?:[ ·,;-]+(.*))?$`)

// parsePerson reads how people write a person: a number of 9 to 12 digits, a
// name, both, or the QR code of an identity card
// (number|old number|name|ddmmyyyy|...).
func parsePerson(typed string) (o sohoa.Owner) {
	if parts := strings.Split(typed, "|"); len(parts) >= 4 {
		o = sohoa.Owner{IDNumber: clean(parts[0]), Name: clean(parts[2])}
		if d := clean(parts[3]); len(d) == 8 {
			o.BirthDate = sohoa.Date(d[4:] + "-" + d[2:4] + "-" + d[:2])
		}
		if o.BirthDate.Check() != nil {
			o.BirthDate = ""
		}
		return o
	}
	if m := numbered.FindStringSubmatch(typed); m != nil {
		return sohoa.Owner{IDNumber: m[1], Name: clean(m[2])}
	}
	return sohoa.Owner{Name: typed}
}

// beginDossier fills in what a new dossier most probably has: the procedure
// that the clerk took last, and how its code will be.
func (s *Server) beginDossier(ctx context.Context, p *homePage) error {
	if !worker(ctx) {
		return nil
	}
	agency := userOf(ctx).Agency
	if agency == "" && len(p.Agencies) > 0 {
		agency = p.Agencies[0].Code
	}
	p.Proposed = sohoa.NextDossierCode(sohoa.DossierPrefix(agency, s.cfg.Now()), "")
	if p.New.Procedure != "" || len(p.Procedures) == 0 {
		return nil
	}
	if len(p.Procedures) == 1 {
		p.New.Procedure = p.Procedures[0].Code + " " + p.Procedures[0].Name
		return nil
	}
	last, err := s.cfg.Catalog.FindDossiers(ctx, scopeOf(ctx), archive.DossierQuery{By: userOf(ctx).Name, Limit: 1})
	for _, d := range last {
		if one := p.procedure(d.Procedure); one.Name != one.Code {
			p.New.Procedure = one.Code + " " + one.Name
		}
	}
	return err
}

// maxPeople is how many people are suggested.
const maxPeople = 8

// partPeople suggests people of earlier dossiers of the reader's office, as
// they are typed.
func (s *Server) partPeople(w http.ResponseWriter, r *http.Request) error {
	typed := parsePerson(clean(r.PostFormValue("q")))
	q := archive.OwnerQuery{IDNumber: typed.IDNumber, Name: typed.Name, Limit: maxPeople}
	if strings.Trim(typed.Name, "0123456789") == "" && typed.IDNumber == "" {
		q = archive.OwnerQuery{IDNumber: typed.Name, Limit: maxPeople} // the beginning of a number
	}
	if len([]rune(q.IDNumber+q.Name)) < 2 {
		s.part(w, r, "people", nil)
		return nil
	}
	people, err := s.cfg.Catalog.Owners(r.Context(), scopeOf(r.Context()), q)
	if err != nil {
		return err
	}
	s.part(w, r, "people", people)
	return nil
}
