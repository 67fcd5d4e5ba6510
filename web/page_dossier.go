package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"sohoa"
	"sohoa/archive"
)

// How much a dossier's page shows.
const (
	dossierDocuments = 500
	rowThumbs        = 12 // pages of a document
)

// docRow is a document in a list.
type docRow struct {
	Doc     sohoa.Document
	From    string // "dossier" where all are of one dossier, otherwise empty
	Purpose string

	Thumbs []thumb             // of its first pages, where it is not signed yet
	More   int                 // pages that are not shown
	Blank  int                 // blank pages
	Can    bool                // its pages can be arranged, now or once they are read
	Asked  []sohoa.Requirement // papers that it can be, as its dossier's procedure asks
	Work   bool                // the reader may decide
	Error  string
}

// docRows is a list of documents that keeps itself up to date.
type docRows struct {
	Rows    []docRow
	Refresh string
}

func rowsOf(ctx context.Context, docs []sohoa.Document) []docRow {
	rows := make([]docRow, 0, len(docs))
	for _, d := range docs {
		rows = append(rows, rowOf(ctx, d, ""))
	}
	return rows
}

// Miscounted is as sohoa.Document.Miscounted.
func (r docRow) Miscounted() *sohoa.Problem { return r.Doc.Miscounted() }

// rowIn is the row of a document on the page of its dossier: with its pages as
// they come, and the papers that it can be.
func (s *Server) rowIn(ctx context.Context, d sohoa.Document, asked []sohoa.Requirement) (docRow, error) {
	row := rowOf(ctx, d, fromDossier)
	row.Asked, row.Can = asked, arrangeableSoon(d)
	if d.State == sohoa.StateKept || d.Pages == 0 {
		return row, nil
	}
	pages, err := s.cfg.Catalog.Pages(ctx, d.ID)
	if err != nil {
		return row, err
	}
	for _, p := range pages {
		if p.Blank {
			row.Blank++
		}
		if p.Number <= rowThumbs {
			row.Thumbs = append(row.Thumbs, smallOf(blankSheet(p), d.Dossier))
		}
	}
	row.More = max(0, len(pages)-rowThumbs)
	if row.Blank == len(pages) || refusal(d) != nil {
		row.Blank = 0 // not all of it, and not what cannot be left out
	}
	return row, nil
}

func rowOf(ctx context.Context, d sohoa.Document, from string) docRow {
	row := docRow{Doc: d, Work: worker(ctx)}
	if from == fromDossier {
		row.From, row.Purpose = from, d.Dossier
	}
	return row
}

const fromDossier = "dossier"

// dossierPage is what the page of a dossier shows.
type dossierPage struct {
	Dossier   sohoa.Dossier
	Procedure string
	Agency    string
	Rows      docRows
	PutUp     bool // there is something that can be put up for signing
	Giveable  bool // it can be exported
	Papers    papersPart
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
	p := dossierPage{Dossier: d, Procedure: d.Procedure, Agency: d.Agency}
	if p.Rows, err = s.dossierRows(r, d.Code); err != nil {
		return err
	}
	if p.Papers, err = s.papersPart(ctx, d); err != nil {
		return err
	}
	if p.Signing, err = s.signingOf(ctx, d.Code, p.Rows.Rows); err != nil {
		return err
	}
	p.Giveable, p.Reuses = s.cfg.Giver != nil, s.cfg.Reuse != nil
	p.PutUp = s.putsUp(ctx) && slices.ContainsFunc(p.Rows.Rows, func(r docRow) bool { return s.unsignable(r.Doc) == "" })
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
	rows := docRows{Refresh: pathOf("dossiers", code, "documents")}
	if err != nil {
		return rows, err
	}
	asked, err := s.askedOf(r.Context(), code)
	for _, d := range docs {
		row, err := s.rowIn(r.Context(), d, asked)
		if err != nil {
			return rows, err
		}
		rows.Rows = append(rows.Rows, row)
	}
	return rows, err
}

// askedOf are the papers that the procedure of a dossier asks for.
func (s *Server) askedOf(ctx context.Context, code string) ([]sohoa.Requirement, error) {
	d, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), code)
	if err != nil {
		return nil, err
	}
	p, err := s.procedure(ctx, d.Procedure)
	return p.Requirements, err
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
	return s.renderRow(w, r, doc)
}

// renderRow writes the row of a document anew.
func (s *Server) renderRow(w http.ResponseWriter, r *http.Request, doc sohoa.Document) error {
	row := rowOf(r.Context(), doc, r.URL.Query().Get("from"))
	if row.From == fromDossier {
		asked, err := s.askedOf(r.Context(), doc.Dossier)
		if err == nil {
			row, err = s.rowIn(r.Context(), doc, asked)
		}
		if err != nil {
			return err
		}
	}
	s.part(w, r, "row", row)
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
	return s.renderRow(w, r, doc)
}
