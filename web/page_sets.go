package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sohoa"
	"sohoa/archive"
)

// How many sets the list and the home page show.
const (
	setsShown = 100
	homeSets  = 5
	newest    = 1000 // documents that are looked through for those of today
)

// setsPage is what the list of signing sets shows.
type setsPage struct {
	Show string // waiting, made, open or all
	Sets []setLine
	Wait int // documents that wait for the reader, in all sets
}

// setLine is a set in a list.
type setLine struct {
	archive.SetSummary
	Creator string
}

// setFilters are the lists of sets, by what they show.
var setFilters = []string{"waiting", "made", "open", "all"}

func (s *Server) pageSets(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Desk == nil {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	p := setsPage{Show: r.URL.Query().Get("show")}
	if !slices.Contains(setFilters, p.Show) {
		p.Show = setFilters[0]
	}
	if p.Show == setFilters[0] && userOf(r.Context()).May(sohoa.PowerSign) {
		return s.pageQueue(w, r)
	}
	me := userOf(r.Context()).Name
	q := archive.SetQuery{Limit: setsShown, Open: p.Show != "all" && p.Show != "made"}
	switch p.Show {
	case "waiting":
		q.Signer = me
	case "made":
		q.Creator = me
	}
	var err error
	if p.Sets, err = s.findSets(r.Context(), q); err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, "sets", frame{Title: text(r, "sets.title"), Body: p})
	return nil
}

func (s *Server) findSets(ctx context.Context, q archive.SetQuery) ([]setLine, error) {
	found, err := s.cfg.Catalog.FindSigningSets(ctx, scopeOf(ctx), q)
	if err != nil {
		return nil, err
	}
	who, err := s.names(ctx)
	var lines []setLine
	for _, set := range found {
		lines = append(lines, setLine{set, who.of(set.CreatedBy)})
	}
	return lines, err
}

// waitingSets are the sets that wait for the reader, and the number of their
// documents that do.
func (s *Server) waitingSets(ctx context.Context) (lines []setLine, documents int, err error) {
	if s.cfg.Desk == nil {
		return nil, 0, nil
	}
	lines, err = s.findSets(ctx, archive.SetQuery{Signer: userOf(ctx).Name, Open: true, Limit: setsShown})
	for _, l := range lines {
		documents += l.Waiting
	}
	return lines[:min(len(lines), homeSets)], documents, err
}

// newSetPage is what the page shows where a set is made.
type newSetPage struct {
	Title      string
	Due        sohoa.Date
	Dossier    string
	Documents  []candidate
	Rows       []sohoa.SignStep // as many as can be filled in
	Shown      int              // of these, those that are seen
	Colleagues []sohoa.User
	Error      string
}

// candidate is a document that can be put up for signing, or why it cannot.
type candidate struct {
	Doc    sohoa.Document
	Chosen bool
	Why    string // key of a sentence; empty if it can
}

// Ready is the number of documents that can be chosen.
func (p newSetPage) Ready() int {
	n := 0
	for _, c := range p.Documents {
		if c.Why == "" {
			n++
		}
	}
	return n
}

func (s *Server) pageNewSet(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Desk == nil {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	me := userOf(r.Context()).Name
	p := newSetPage{Rows: []sohoa.SignStep{{Part: sohoa.PartOperator, User: me}, {Part: sohoa.PartAgency}}, Shown: 2}
	docs, err := s.candidates(r)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(docs, unsealed) {
		p.Rows, p.Shown = p.Rows[:1], 1
	}
	p.Title = text(r, "newset.default", s.cfg.Now().In(sohoa.Hanoi).Format("02/01/2006 15:04"))
	return s.renderNewSet(w, r, http.StatusOK, p, docs, nil)
}

// unsealed reports whether the agency has yet to sign a document as its copy.
func unsealed(d sohoa.Document) bool {
	return !slices.ContainsFunc(d.Signatures, func(m sohoa.SignatureMade) bool { return m.Part == sohoa.PartAgency })
}

// candidates are the documents that an address names: one, those of a dossier,
// or those that the reader brought in today.
func (s *Server) candidates(r *http.Request) ([]sohoa.Document, error) {
	ctx, q := r.Context(), r.URL.Query()
	if id := q.Get("document"); id != "" {
		doc, err := s.document(ctx, id)
		return []sohoa.Document{doc}, hideMalformed(err)
	}
	if code := q.Get("dossier"); code != "" {
		return s.cfg.Catalog.FindDocuments(ctx, scopeOf(ctx), archive.DocumentQuery{Dossier: code, Limit: dossierDocuments})
	}
	docs, err := s.cfg.Catalog.FindDocuments(ctx, scopeOf(ctx), archive.DocumentQuery{Limit: newest})
	today, me := s.cfg.Now().In(sohoa.Hanoi).Format(time.DateOnly), userOf(ctx).Name
	return slices.DeleteFunc(docs, func(d sohoa.Document) bool {
		return d.AcceptedBy != me || d.AcceptedAt.In(sohoa.Hanoi).Format(time.DateOnly) != today
	}), err
}

// renderNewSet writes the page where a set is made. Of the documents those in
// chosen are, or all that can be if it is nil.
func (s *Server) renderNewSet(w http.ResponseWriter, r *http.Request, status int, p newSetPage, docs []sohoa.Document, chosen []sohoa.DocumentID) error {
	p.Dossier = r.URL.Query().Get("dossier")
	for _, d := range docs {
		why := s.unsignable(d)
		p.Documents = append(p.Documents, candidate{Doc: d, Why: why, Chosen: why == "" && (chosen == nil || slices.Contains(chosen, d.ID))})
	}
	for len(p.Rows) < sohoa.MaxSetSteps {
		p.Rows = append(p.Rows, sohoa.SignStep{})
	}
	users, err := s.cfg.Catalog.Users(r.Context())
	if err != nil {
		return err
	}
	scope := scopeOf(r.Context())
	p.Colleagues = slices.DeleteFunc(users, func(u sohoa.User) bool {
		return !u.May(sohoa.PowerSign) || u.Agency != "" && !scope.Includes(u.Agency)
	})
	s.render(w, r, status, "newset", frame{Title: text(r, "newset.title"), Body: p})
	return nil
}

// putsUp reports whether whoever is signed in can put documents up for signing.
func (s *Server) putsUp(ctx context.Context) bool {
	return s.cfg.Desk != nil && userOf(ctx).May(sohoa.PowerSign)
}

// unsignable is the key of the sentence that says why a document cannot be put
// up for signing; empty if it can.
func (s *Server) unsignable(d sohoa.Document) string {
	switch {
	case len(d.MovedTo) > 0:
		return "newset.moved"
	case d.State != sohoa.StateKept:
		return "newset.not-kept"
	case d.Set != "":
		return "newset.taken"
	case d.Reusable(s.cfg.Now()) != nil:
		return "newset.not-in-force"
	}
	return ""
}

func (s *Server) postSet(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Desk == nil {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	ids, failure := chosenDocuments(r)
	set := sohoa.SigningSet{Title: clean(r.PostFormValue("title")), Steps: formSteps(r), Due: sohoa.Date(clean(r.PostFormValue("due")))}
	if failure == nil {
		set, failure = s.createSet(r.Context(), set, ids)
	}
	if failure == nil {
		http.Redirect(w, r, pathOf("sets", string(set.ID)), http.StatusSeeOther)
		return nil
	}
	message, status, err := refused(r, failure)
	if err != nil {
		return err
	}
	docs, err := s.candidates(r)
	if err != nil {
		return err
	}
	p := newSetPage{Title: set.Title, Due: set.Due, Rows: set.Steps, Shown: max(len(set.Steps), 1), Error: message}
	return s.renderNewSet(w, r, status, p, docs, ids)
}

// createSet makes a set of documents that whoever asks may see.
func (s *Server) createSet(ctx context.Context, set sohoa.SigningSet, ids []sohoa.DocumentID) (sohoa.SigningSet, error) {
	for _, id := range ids {
		if _, err := s.cfg.Catalog.Document(ctx, scopeOf(ctx), id); err != nil {
			return set, err
		}
	}
	made, err := s.cfg.Desk.CreateSet(ctx, userOf(ctx).Name, set, ids)
	if err != nil {
		return set, err
	}
	return made, nil
}

// formSteps are the signers that a form names; rows without a part are left
// out.
func formSteps(r *http.Request) []sohoa.SignStep {
	var steps []sohoa.SignStep
	for i := range sohoa.MaxSetSteps {
		n := strconv.Itoa(i)
		step := sohoa.SignStep{Part: sohoa.SignPart(r.PostFormValue("part" + n)), User: r.PostFormValue("user" + n)}
		switch step.Part {
		case "":
			continue
		case sohoa.PartCopy:
			step.Form = clean(r.PostFormValue("more" + n))
		case sohoa.PartAttachment:
			step.Number = clean(r.PostFormValue("more" + n))
		}
		steps = append(steps, step)
	}
	return steps
}

// stepNumber is the 0-based step of a set that a text names, counted from 0.
func stepNumber(s string, set sohoa.SigningSet) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n >= len(set.Steps) {
		return 0, newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	return n, nil
}
