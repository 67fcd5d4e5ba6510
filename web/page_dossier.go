package web

import (
	"net/http"
	"net/url"
	"slices"

	"sohoa"
	"sohoa/archive"
)

// How much the home page and a dossier's page show.
const (
	homeDossiers     = 50
	homeParked       = 10
	homeHeld         = 10
	homeRecent       = 6
	dossierDocuments = 500
)

// docRow is a document in a list.
type docRow struct {
	Doc     sohoa.Document
	From    string // "dossier" where all are of one dossier, otherwise empty
	Purpose string
}

// docRows is a list of documents that keeps itself up to date.
type docRows struct {
	Rows    []docRow
	Refresh string
}

func rowsOf(docs []sohoa.Document, from string) []docRow {
	rows := make([]docRow, 0, len(docs))
	for _, d := range docs {
		rows = append(rows, rowOf(d, from))
	}
	return rows
}

func rowOf(d sohoa.Document, from string) docRow {
	row := docRow{Doc: d}
	if from == fromDossier {
		row.From, row.Purpose = from, d.Dossier
	}
	return row
}

const fromDossier = "dossier"

// homePage is what the home page shows.
type homePage struct {
	Text       string
	Dossiers   []archive.DossierSummary
	Procedures []sohoa.Procedure
	Agencies   []sohoa.Agency // to choose from; none where there is no choice
	States     []stateCount
	ParkedRows docRows
	Held       []docRow
	Losses     []sohoa.Reuse // of results that dossiers use
	Faults     int           // documents of which samples found faults
	Recent     []docRow
	New        NewDossier
	Error      string

	Waiting          []setLine // sets that wait for the reader
	WaitingDocuments int       // of all such sets
}

// ProcedureName is the name of the procedure with a code.
func (p homePage) ProcedureName(code string) string {
	i := slices.IndexFunc(p.Procedures, func(x sohoa.Procedure) bool { return x.Code == code })
	if i < 0 {
		return code
	}
	return p.Procedures[i].Name
}

func (s *Server) pageHome(w http.ResponseWriter, r *http.Request) error {
	return s.renderHome(w, r, http.StatusOK, homePage{Text: clean(r.URL.Query().Get("text"))})
}

func (s *Server) renderHome(w http.ResponseWriter, r *http.Request, status int, p homePage) error {
	ctx, scope, c := r.Context(), scopeOf(r.Context()), s.cfg.Catalog
	var err error
	if p.Dossiers, err = c.FindDossiers(ctx, scope, archive.DossierQuery{Text: p.Text, Limit: homeDossiers}); err != nil {
		return err
	}
	if p.Procedures, err = c.Procedures(ctx); err != nil {
		return err
	}
	if scope.All {
		if p.Agencies, err = c.Agencies(ctx); err != nil {
			return err
		}
	}
	counts, err := c.States(ctx, scope)
	if err != nil {
		return err
	}
	p.States = orderStates(counts)
	if p.Faults, err = s.dueFaults(ctx); err != nil {
		return err
	}
	if p.ParkedRows, err = s.parked(r); err != nil {
		return err
	}
	held, err := c.FindDocuments(ctx, scope, archive.DocumentQuery{Held: true, Limit: homeHeld})
	if err != nil {
		return err
	}
	p.Held = rowsOf(held, "")
	recent, err := c.FindDocuments(ctx, scope, archive.DocumentQuery{Limit: homeRecent})
	if err != nil {
		return err
	}
	p.Recent = rowsOf(recent, "")
	if p.Losses, err = s.losses(ctx); err != nil {
		return err
	}
	if p.Waiting, p.WaitingDocuments, err = s.waitingSets(ctx); err != nil {
		return err
	}
	s.render(w, r, status, "home", frame{Title: text(r, "home.dossiers"), Live: "?", Body: p})
	return nil
}

// parked lists the documents that wait for a person.
func (s *Server) parked(r *http.Request) (docRows, error) {
	q := archive.DocumentQuery{State: sohoa.StateParked, Limit: homeParked}
	docs, err := s.cfg.Catalog.FindDocuments(r.Context(), scopeOf(r.Context()), q)
	return docRows{Rows: rowsOf(docs, ""), Refresh: "/parked"}, err
}

func (s *Server) partParked(w http.ResponseWriter, r *http.Request) error {
	rows, err := s.parked(r)
	if err != nil {
		return err
	}
	s.part(w, r, "rows", rows)
	return nil
}

func (s *Server) postDossier(w http.ResponseWriter, r *http.Request) error {
	in := NewDossier{
		Code: r.PostFormValue("code"), Procedure: r.PostFormValue("procedure"), Agency: r.PostFormValue("agency"),
		OwnerName: r.PostFormValue("ownerName"), OwnerID: r.PostFormValue("ownerId"), OwnerBirth: r.PostFormValue("ownerBirth"), Due: r.PostFormValue("due"), Subject: r.PostFormValue("subject"),
	}
	d, err := s.createDossier(r.Context(), in)
	if err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		return s.renderHome(w, r, status, homePage{New: in, Error: message})
	}
	http.Redirect(w, r, pathOf("dossiers", d.Code), http.StatusSeeOther)
	return nil
}

// dossierPage is what the page of a dossier shows.
type dossierPage struct {
	Dossier   sohoa.Dossier
	Procedure string
	Agency    string
	Upload    string // where files go
	Rows      docRows
	PutUp     bool // there is something that can be put up for signing
	Giveable  bool // it can be exported
	Papers    []paperLine
	Reuses    bool // what is held may take the place of papers
	Signing   []signingLine
}

func (s *Server) pageDossier(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), r.PathValue("code"))
	if err == nil {
		err = s.journalList(ctx, sohoa.ActionViewDossier, d.Code, nil)
	}
	if err != nil {
		return err
	}
	s.takeUp(ctx, d.Code, "")
	p := dossierPage{Dossier: d, Procedure: d.Procedure, Agency: d.Agency, Upload: apiPrefix + pathOf("dossiers", d.Code, "documents")}
	if p.Rows, err = s.dossierRows(r, d.Code); err != nil {
		return err
	}
	if p.Papers, err = s.papers(ctx, d.Code); err != nil {
		return err
	}
	if p.Signing, err = s.signingOf(ctx, d.Code, p.Rows.Rows); err != nil {
		return err
	}
	p.Giveable, p.Reuses = s.cfg.Giver != nil, s.cfg.Reuse != nil
	p.PutUp = s.cfg.Desk != nil && slices.ContainsFunc(p.Rows.Rows, func(r docRow) bool { return s.unsignable(r.Doc) == "" })
	procedures, err := s.cfg.Catalog.Procedures(ctx)
	if err != nil {
		return err
	}
	agencies, err := s.cfg.Catalog.Agencies(ctx)
	if err != nil {
		return err
	}
	p.Procedure = homePage{Procedures: procedures}.ProcedureName(d.Procedure)
	for _, a := range agencies {
		if a.Code == d.Agency {
			p.Agency = a.Name
		}
	}
	live := "?" + url.Values{"dossier": {d.Code}}.Encode()
	s.render(w, r, http.StatusOK, "dossier", frame{Title: d.Code, Purpose: d.Code, Live: live, Body: p})
	return nil
}

func (s *Server) dossierRows(r *http.Request, code string) (docRows, error) {
	q := archive.DocumentQuery{Dossier: code, Limit: dossierDocuments}
	docs, err := s.cfg.Catalog.FindDocuments(r.Context(), scopeOf(r.Context()), q)
	return docRows{Rows: rowsOf(docs, fromDossier), Refresh: pathOf("dossiers", code, "documents")}, err
}

func (s *Server) partDocuments(w http.ResponseWriter, r *http.Request) error {
	d, err := s.cfg.Catalog.Dossier(r.Context(), scopeOf(r.Context()), r.PathValue("code"))
	if err == nil {
		err = s.journalList(r.Context(), sohoa.ActionViewDossier, d.Code, nil)
	}
	if err != nil {
		return err
	}
	rows, err := s.dossierRows(r, d.Code)
	if err != nil {
		return err
	}
	s.part(w, r, "rows", rows)
	return nil
}

func (s *Server) partRow(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.document(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	s.part(w, r, "row", rowOf(doc, r.URL.Query().Get("from")))
	return nil
}

// postRetry takes a document up again. A page gets the row or the facts anew,
// a form without script its document.
func (s *Server) postRetry(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.retry(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	from := r.URL.Query().Get("from")
	if r.Header.Get("HX-Request") == "" {
		http.Redirect(w, r, "/documents/"+doc.ID.String(), http.StatusSeeOther)
		return nil
	}
	if from == fromFacts {
		return s.renderFacts(w, r, doc)
	}
	s.part(w, r, "row", rowOf(doc, from))
	return nil
}
