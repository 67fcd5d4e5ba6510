package web

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"

	"sohoa"
)

// lookupPage is what the page of a printed copy shows.
type lookupPage struct {
	Code   string // as it was typed, if it leads nowhere
	Kept   *kept
	Report *reportPart // of the file that was compared
	Found  relation
	Error  string
}

// pageLookup asks for a code, or leads to the page of the one that was typed.
func (s *Server) pageLookup(w http.ResponseWriter, r *http.Request) error {
	code := clean(r.URL.Query().Get("code"))
	if code == "" {
		s.renderLookup(w, r, http.StatusOK, lookupPage{})
		return nil
	}
	if i := strings.LastIndex(code, "/q/"); i >= 0 {
		code = code[i+len("/q/"):] // a scanner types the whole address of the QR code
	}
	parsed, err := sohoa.ParseLookup(code)
	if err != nil {
		s.renderLookup(w, r, http.StatusNotFound, lookupPage{Code: code, Error: sohoa.AsProblem(err).Text(visitOf(r.Context()).lang)})
		return nil
	}
	http.Redirect(w, r, pathOf("q", parsed), http.StatusSeeOther)
	return nil
}

// pageKept shows everybody what they may know of a document.
func (s *Server) pageKept(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	k, err := s.keptBy(ctx, r.PathValue("code"))
	if err != nil {
		p := lookupPage{Code: r.PathValue("code"), Error: sohoa.AsProblem(err).Text(visitOf(ctx).lang)}
		if status := statusOf(err); status == http.StatusNotFound || status == http.StatusTooManyRequests {
			s.renderLookup(w, r, status, p)
			return nil
		}
		return err
	}
	s.renderLookup(w, r, http.StatusOK, lookupPage{Kept: &k})
	return nil
}

func (s *Server) renderLookup(w http.ResponseWriter, r *http.Request, status int, p lookupPage) {
	w.Header().Set("X-Robots-Tag", "noindex")
	s.render(w, r, status, "lookup", frame{Title: text(r, "lookup.title"), Body: p})
}

// postCompare compares the file of a form with the one that is kept.
func (s *Server) postCompare(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	k, err := s.keptBy(ctx, r.PathValue("code"))
	if err != nil {
		return err
	}
	p := lookupPage{Kept: &k}
	status := http.StatusOK
	body, name, err := formPDF(w, r)
	if err == nil {
		p.Found, p.Report, err = s.compare(ctx, k, body, name)
	}
	if err != nil {
		if p.Error, status, err = wrong(r, err); err != nil {
			return err
		}
	}
	if r.Header.Get("HX-Request") != "" {
		s.part(w, r, "compared", p)
		return nil
	}
	s.renderLookup(w, r, status, p)
	return nil
}

// compare says what a file that somebody brings is to the one that is kept, and
// what its own signatures are worth.
func (s *Server) compare(ctx context.Context, k kept, body io.Reader, name string) (found relation, part *reportPart, err error) {
	err = s.spool(ctx, body, name, func(f *os.File, size int64) error {
		report, err := s.validate(ctx, f, size)
		if err != nil {
			return err
		}
		part = newReportPart(report, name, visitOf(ctx).lang)
		if found, err = s.relate(ctx, k, f, report); err != nil {
			return err
		}
		return s.journalLookup(ctx, k.doc, found)
	})
	return found, part, err
}
