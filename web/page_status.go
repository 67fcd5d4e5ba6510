package web

import (
	"context"
	"net/http"
	"strings"

	"sohoa"
)

// statusPage is what the page shows on which people ask how far a dossier is.
type statusPage struct {
	Code  string // as it was typed; the digits never come back
	Found *dossierStatus
	Error string
	Last  int // how many last digits are asked for
}

func (s *Server) pageStatus(w http.ResponseWriter, r *http.Request) error {
	s.renderStatus(w, r, http.StatusOK, statusPage{})
	return nil
}

func (s *Server) renderStatus(w http.ResponseWriter, r *http.Request, status int, p statusPage) {
	p.Last = sohoa.StatusDigits
	w.Header().Set("X-Robots-Tag", "noindex")
	s.render(w, r, status, "status", frame{Title: text(r, "status.title"), Body: p})
}

// postStatus answers to a code and digits. Both are posted, so that neither is
// in an address.
func (s *Server) postStatus(w http.ResponseWriter, r *http.Request) error {
	code := clip(clean(r.PostFormValue("code")))
	found, err := s.statusFor(r.Context(), code, r.PostFormValue("digits"))
	if err == nil {
		s.renderStatus(w, r, http.StatusOK, statusPage{Code: code, Found: &found})
		return nil
	}
	status := statusOf(err)
	if status != http.StatusNotFound && status != http.StatusTooManyRequests && status != http.StatusBadRequest {
		return err
	}
	s.renderStatus(w, r, status, statusPage{Code: code, Error: sohoa.AsProblem(err).Text(visitOf(r.Context()).lang)})
	return nil
}

// dossierState says how far a dossier is, as its owner needs to know it.
type dossierState string

// The states, as far as they are known here.
const (
	dossierReceived   dossierState = "received"   // nothing of it is digitised yet
	dossierDigitising dossierState = "digitising" // papers are being read and kept
	dossierSigning    dossierState = "signing"    // something waits for a signature
	dossierProcessing dossierState = "processing"
	dossierEnded      dossierState = "ended"
)

// dossierStates are all of them in their order.
var dossierStates = []dossierState{dossierReceived, dossierDigitising, dossierProcessing, dossierSigning, dossierEnded}

// dossierStatus is what the owner of a dossier is told: nobody's name, and
// nothing that stands on a paper.
type dossierStatus struct {
	Dossier   sohoa.Dossier
	Agency    string
	Procedure string
	State     dossierState
	States    []dossierState
	Late      bool // the day of return has passed
	Papers    int  // that are digitised
	Missing   []string
	Unsorted  bool // a paper that came in may be one of those missing
}

// statusOfDossier gathers what the owner of a dossier is told.
func (s *Server) statusOfDossier(ctx context.Context, d sohoa.Dossier) (dossierStatus, error) {
	st := dossierStatus{Dossier: d, States: dossierStates}
	var err error
	if st.Agency, err = s.agencyName(ctx, d.Agency); err != nil {
		return st, err
	}
	procedure, err := s.procedure(ctx, d.Procedure)
	if err != nil {
		return st, err
	}
	st.Procedure = procedure.Name
	docs, err := s.cfg.Catalog.FindDocuments(ctx, sohoa.Everything, documentsOf(d.Code))
	if err != nil {
		return st, err
	}
	st.State = stateOfDossier(d, docs)
	st.Late = d.Ended == "" && d.Due != "" && d.Due < sohoa.DateOf(s.cfg.Now())
	for _, doc := range docs {
		if doc.State == sohoa.StateKept && len(doc.MovedTo) == 0 {
			st.Papers++
		}
		st.Unsorted = st.Unsorted || doc.Life.Type == ""
	}
	if d.Ended == "" {
		st.Missing, err = s.missingOf(ctx, d, procedure, docs)
	}
	return st, err
}

// stateOfDossier says how far a dossier with these documents is.
func stateOfDossier(d sohoa.Dossier, docs []sohoa.Document) dossierState {
	if d.Ended != "" {
		return dossierEnded
	}
	if len(docs) == 0 {
		return dossierReceived
	}
	state := dossierProcessing
	for _, doc := range docs {
		switch {
		case doc.State == sohoa.StateAccepted || doc.State == sohoa.StateReading || doc.State == sohoa.StateRead || doc.State == sohoa.StateParked:
			return dossierDigitising
		case doc.Set != "":
			state = dossierSigning
		}
	}
	return state
}

// missingOf names the papers that a procedure asks for in any case and that
// are neither among the documents nor taken from what is held.
func (s *Server) missingOf(ctx context.Context, d sohoa.Dossier, p sohoa.Procedure, docs []sohoa.Document) ([]string, error) {
	reused, err := s.cfg.Catalog.FindReuses(ctx, sohoa.Everything, acceptedIn(d.Code))
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, u := range reused {
		have[u.Requirement] = true
	}
	var missing []string
	for _, r := range p.Requirements {
		for _, doc := range docs {
			have[r.Code] = have[r.Code] || r.Satisfied(doc.Life.Type)
		}
		if !have[r.Code] && !r.Optional {
			missing = append(missing, r.Name)
		}
	}
	return missing, nil
}

// digitsOf are the digits of what was typed, which may have spaces, dots and
// hyphens between; empty if there is anything else.
func digitsOf(typed string) string {
	digits := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '.', '-', '\u00a0':
			return -1
		}
		return r
	}, typed)
	if strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits
}
