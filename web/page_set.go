package web

import (
	"net/http"

	"sohoa"
)

// pageSet shows a signing set.
func (s *Server) pageSet(w http.ResponseWriter, r *http.Request) error {
	set, err := s.set(r.Context(), r.PathValue("set"))
	if err != nil {
		return err
	}
	return s.renderSet(w, r, http.StatusOK, set, "")
}

// renderSet writes the page of a set, with what went wrong.
func (s *Server) renderSet(w http.ResponseWriter, r *http.Request, status int, set sohoa.SigningSet, message string) error {
	p, err := s.setPage(r.Context(), set, r.URL.Query().Get("only"))
	if err != nil {
		return err
	}
	p.Error = message
	w.Header().Set("Content-Security-Policy", s.toolPolicy())
	s.render(w, r, status, "set", frame{Title: set.Title, Live: "?", Body: p})
	return nil
}

// partSet writes how far a set is.
func (s *Server) partSet(w http.ResponseWriter, r *http.Request) error {
	set, err := s.set(r.Context(), r.PathValue("set"))
	if err != nil {
		return err
	}
	items, err := s.cfg.Catalog.SetItems(r.Context(), set.ID)
	if err != nil {
		return err
	}
	head, err := s.setHead(r.Context(), set, items)
	if err != nil {
		return err
	}
	s.part(w, r, "set-head", head)
	return nil
}

// partItem writes the row of one document of a set.
func (s *Server) partItem(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	set, item, err := s.item(r)
	if err != nil {
		return err
	}
	who, err := s.names(ctx)
	if err != nil {
		return err
	}
	row, err := s.itemRow(ctx, set, item, who)
	if err != nil {
		return err
	}
	row.Chosen = row.Mine && r.FormValue("document") != ""
	s.part(w, r, "item", row)
	return nil
}

// item is the document of a set that an address names.
func (s *Server) item(r *http.Request) (sohoa.SigningSet, sohoa.SetItem, error) {
	set, err := s.set(r.Context(), r.PathValue("set"))
	if err != nil {
		return set, sohoa.SetItem{}, err
	}
	items, err := s.cfg.Catalog.SetItems(r.Context(), set.ID)
	for _, item := range items {
		if item.Document.String() == r.PathValue("id") {
			return set, item, err
		}
	}
	if err == nil {
		err = newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	return set, sohoa.SetItem{}, err
}

// setAct does something to a set that a form asks for, and shows the set. A
// mistake is said beside the set as it is.
func (s *Server) setAct(act func(r *http.Request, set sohoa.SigningSet) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		set, err := s.set(r.Context(), r.PathValue("set"))
		if err != nil {
			return err
		}
		failure := act(r, set)
		if failure == nil {
			return s.leaveFor(w, r, nextOr(r, pathOf("sets", string(set.ID))))
		}
		message, status, err := refused(r, failure)
		if err != nil {
			return err
		}
		return s.renderSet(w, r, status, set, message)
	}
}

// refused is wrong where somebody may be told no as well, or that a key or a
// service does not answer.
func refused(r *http.Request, err error) (string, int, error) {
	status := statusOf(err)
	if status == http.StatusForbidden || status == http.StatusServiceUnavailable {
		return sohoa.AsProblem(err).Text(visitOf(r.Context()).lang), status, nil
	}
	return wrong(r, err)
}

// chosenDocuments are those that a form names.
func chosenDocuments(r *http.Request) ([]sohoa.DocumentID, error) {
	if err := r.ParseForm(); err != nil {
		return nil, newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	return parseDocuments(r.PostForm["document"])
}

func parseDocuments(texts []string) ([]sohoa.DocumentID, error) {
	var ids []sohoa.DocumentID
	for _, text := range texts {
		id, err := sohoa.ParseDocumentID(text)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil, newProblem(sohoa.ErrInvalid, "set.choose")
	}
	return ids, nil
}

// documentsOrAll is parseDocuments where naming none means all of the set: nil.
func documentsOrAll(texts []string) ([]sohoa.DocumentID, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	return parseDocuments(texts)
}

func (s *Server) actSign(r *http.Request, set sohoa.SigningSet) error {
	ids, err := chosenDocuments(r)
	if err != nil {
		return err
	}
	_, err = s.cfg.Desk.SignSet(r.Context(), userOf(r.Context()).Name, set.ID, ids, pinOf(r))
	return s.journalPIN(r.Context(), set.ID, ids, err)
}

func (s *Server) actRefuse(r *http.Request, set sohoa.SigningSet) error {
	ids, err := chosenDocuments(r)
	if err != nil {
		return err
	}
	return s.cfg.Desk.Refuse(r.Context(), userOf(r.Context()).Name, set.ID, ids, clean(r.PostFormValue("refusal")))
}

func (s *Server) actWithdraw(r *http.Request, set sohoa.SigningSet) error {
	var ids []sohoa.DocumentID
	if r.PostFormValue("whole") == "" {
		var err error
		if ids, err = chosenDocuments(r); err != nil {
			return err
		}
	}
	return s.cfg.Desk.Withdraw(r.Context(), userOf(r.Context()).Name, set.ID, ids, clean(r.PostFormValue("withdrawal")))
}

func (s *Server) actDelegate(r *http.Request, set sohoa.SigningSet) error {
	step, err := stepNumber(r.PostFormValue("step"), set)
	if err != nil {
		return err
	}
	return s.cfg.Desk.Delegate(r.Context(), userOf(r.Context()).Name, set.ID, step, r.PostFormValue("to"), clean(r.PostFormValue("reason")))
}
