package web

import (
	"context"
	"net/http"

	"sohoa"
	"sohoa/ingest"
)

// givenLine is a copy that was given out, as it is shown.
type givenLine struct {
	ingest.Given
	Name   string // of who gave it
	Ender  string // of who called it back
	IsOpen bool
}

// givenLines lists the copies of a document that were given out.
func (s *Server) givenLines(ctx context.Context, id sohoa.DocumentID) ([]givenLine, error) {
	all, err := s.cfg.Giver.Given(ctx, scopeOf(ctx), id)
	if err != nil {
		return nil, err
	}
	who, err := s.names(ctx)
	var lines []givenLine
	for _, g := range all {
		lines = append(lines, givenLine{Given: g, Name: who.of(g.By), Ender: who.of(g.EndedBy), IsOpen: g.Open(s.cfg.Now())})
	}
	return lines, err
}

// postRecall calls a reading copy back. A mistake is said beside the list.
func (s *Server) postRecall(w http.ResponseWriter, r *http.Request) error {
	p, err := s.exportPage(r)
	if err != nil {
		return err
	}
	if p.Doc == nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	c := ingest.CopyRequest{Actor: userOf(r.Context()).Name, Purpose: p.Purpose, Scope: scopeOf(r.Context()), Document: p.Doc.ID}
	failure := s.cfg.Giver.EndReading(r.Context(), c, r.PostFormValue("link"))
	if failure == nil {
		http.Redirect(w, r, "/export?document="+p.Doc.ID.String()+"#given", http.StatusSeeOther)
		return nil
	}
	message, status, err := refused(r, failure)
	if err != nil {
		return err
	}
	p.Error, p.Purpose = message, ""
	return s.renderExport(w, r, status, p)
}
