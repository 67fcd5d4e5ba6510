package web

import (
	"net/http"
	"slices"

	"sohoa"
	"sohoa/archive"
)

// confirmRows is how many documents the queue shows.
const confirmRows = 200

// confirmPage is the queue of documents whose fields wait for a person.
type confirmPage struct {
	Dossier string // only those of one
	Groups  []confirmGroup
	Shown   int
	All     int
	Most    int  // beyond it they are not counted
	Done    bool // the last one was just confirmed
}

// confirmGroup is the documents of one dossier that wait, oldest first.
type confirmGroup struct {
	Dossier string
	Owner   string
	Agency  string
	Docs    []sohoa.Document
}

func (s *Server) pageConfirm(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), archive.UnconfirmedQuery{Dossier: r.URL.Query().Get("dossier"), Limit: confirmRows}
	p := confirmPage{Dossier: q.Dossier, Most: sohoa.MaxUnconfirmed, Done: r.URL.Query().Get("done") != ""}
	docs, err := s.cfg.Catalog.Unconfirmed(ctx, scopeOf(ctx), q)
	if err != nil {
		return err
	}
	if p.All, err = s.cfg.Catalog.CountUnconfirmed(ctx, scopeOf(ctx), q); err != nil {
		return err
	}
	if err := s.journalList(ctx, sohoa.ActionList, q.Dossier, docs); err != nil {
		return err
	}
	at := map[string]int{}
	for _, d := range docs {
		i, known := at[d.Dossier]
		if !known {
			g, err := s.confirmGroup(r, d.Dossier)
			if err != nil {
				return err
			}
			i = len(p.Groups)
			at[d.Dossier], p.Groups = i, append(p.Groups, g)
		}
		p.Groups[i].Docs = append(p.Groups[i].Docs, d)
	}
	p.Shown = len(docs)
	s.render(w, r, http.StatusOK, "confirm", frame{Title: text(r, "confirm.title"), Body: p})
	return nil
}

func (s *Server) confirmGroup(r *http.Request, code string) (g confirmGroup, err error) {
	d, err := s.cfg.Catalog.Dossier(r.Context(), scopeOf(r.Context()), code)
	if err != nil {
		return g, err
	}
	g = confirmGroup{Dossier: code, Owner: d.Owner.Name}
	if scopeOf(r.Context()).All || len(scopeOf(r.Context()).Agencies) > 1 {
		g.Agency, err = s.agencyName(r.Context(), d.Agency)
	}
	return g, err
}

// getNextUnconfirmed leads to the document that is next in the queue.
func (s *Server) getNextUnconfirmed(w http.ResponseWriter, r *http.Request) error {
	after, err := sohoa.ParseDocumentID(r.URL.Query().Get("after"))
	if err != nil {
		after = sohoa.DocumentID{} // from the beginning
	}
	next, err := s.nextUnconfirmed(r.Context(), after, r.URL.Query().Get("dossier"))
	if err != nil {
		return err
	}
	to := "/confirm"
	if !next.ID.IsZero() {
		to = pathOf("documents", next.ID.String(), "fields")
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// Unconfirmed reports whether documents of the dossier wait for confirmation.
func (p dossierPage) Unconfirmed() bool {
	return slices.ContainsFunc(p.Rows.Rows, func(r docRow) bool { return r.Doc.Unconfirmed() })
}
