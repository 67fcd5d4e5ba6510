package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"sohoa"
	"sohoa/archive/eark"
	"sohoa/ingest"
)

// Giver gives documents out: as packages and as copies. ingest.Service is one,
// and describes the methods.
type Giver interface {
	Export(ctx context.Context, want ingest.ExportRequest) (*ingest.Plan, error)
	Copy(ctx context.Context, r ingest.CopyRequest) (*ingest.CopyFile, error)
	IssueReading(ctx context.Context, r ingest.CopyRequest, days int) (ingest.ReadingCopy, error)
	Reading(ctx context.Context, id sohoa.DocumentID, secret string) (ingest.ReadingCopy, error)
	ReadingPage(ctx context.Context, c ingest.ReadingCopy, page int) ([]byte, error)
	Given(ctx context.Context, scope sohoa.Scope, id sohoa.DocumentID) ([]ingest.Given, error)
	EndReading(ctx context.Context, r ingest.CopyRequest, link string) error
}

var _ Giver = (*ingest.Service)(nil)

// exportPage is what the page for giving out shows.
type exportPage struct {
	Doc     *sohoa.Document // or
	Dossier string          // or, where both are empty, a year
	Year    int
	Purpose string
	Kinds   []string
	MaxDays int
	Link    string // of the reading copy that was issued
	Until   string
	Error   string
	Given   []givenLine // of Doc
	As      string      // the kind that is chosen
}

// What documents, dossiers and years can be given out as.
var (
	documentKinds = []string{"reading", "plain", "certified", "dip", "sip", "aip", "ocfl"}
	packageKinds  = []string{"sip", "aip", "dip"}
)

func (s *Server) pageExport(w http.ResponseWriter, r *http.Request) error {
	p, err := s.exportPage(r)
	if err != nil {
		return err
	}
	return s.renderExport(w, r, http.StatusOK, p)
}

func (s *Server) renderExport(w http.ResponseWriter, r *http.Request, status int, p exportPage) error {
	if p.Doc != nil {
		var err error
		if p.Given, err = s.givenLines(r.Context(), p.Doc.ID); err != nil {
			return err
		}
	}
	s.render(w, r, status, "export", frame{Title: text(r, "export.title"), Body: p})
	return nil
}

// exportPage finds what a request wants to give out.
func (s *Server) exportPage(r *http.Request) (exportPage, error) {
	p := exportPage{Kinds: packageKinds, As: packageKinds[0], MaxDays: sohoa.MaxReadingDays, Year: s.cfg.Now().In(sohoa.Hanoi).Year(), Purpose: clip(r.FormValue("purpose"))}
	if id := r.FormValue("document"); id != "" {
		doc, err := s.document(r.Context(), id)
		if err != nil {
			return p, hideMalformed(err)
		}
		p.Doc, p.Kinds = &doc, documentKinds
		if p.As = r.FormValue("as"); !slices.Contains(p.Kinds, p.As) {
			p.As = p.Kinds[0]
		}
		return p, nil
	}
	if code := r.FormValue("dossier"); code != "" {
		d, err := s.cfg.Catalog.Dossier(r.Context(), scopeOf(r.Context()), code)
		p.Dossier = d.Code
		return p, err
	}
	if year, err := strconv.Atoi(r.FormValue("year")); err == nil {
		p.Year = year
	}
	return p, nil
}

// postExport gives out what a form asks for. A mistake is said beside it.
func (s *Server) postExport(w http.ResponseWriter, r *http.Request) error {
	p, err := s.exportPage(r)
	if err != nil {
		return err
	}
	err = s.giveOut(w, r, &p)
	if err == nil {
		if p.Link == "" {
			return nil // the answer is the file
		}
		return s.renderExport(w, r, http.StatusOK, p)
	}
	status := statusOf(err)
	if errors.Is(err, sohoa.ErrForbidden) || errors.Is(err, sohoa.ErrNotExist) || errors.Is(err, sohoa.ErrUnavailable) {
		p.Error = sohoa.AsProblem(err).Text(visitOf(r.Context()).lang)
		return s.renderExport(w, r, status, p)
	}
	if p.Error, status, err = wrong(r, err); err != nil {
		return err
	}
	return s.renderExport(w, r, status, p)
}

// giveOut answers with the file, or fills in the link of a reading copy.
func (s *Server) giveOut(w http.ResponseWriter, r *http.Request, p *exportPage) error {
	kind := r.FormValue("as")
	if p.Doc != nil {
		c := ingest.CopyRequest{Actor: userOf(r.Context()).Name, Purpose: p.Purpose, Scope: scopeOf(r.Context()), Document: p.Doc.ID, Kind: ingest.CopyKind(kind)}
		switch c.Kind {
		case ingest.CopyReading:
			return s.issue(r, c, p)
		case ingest.CopyPlain, ingest.CopyCertified:
			return s.giveCopy(w, r, c)
		}
	}
	want := ingest.ExportRequest{Actor: userOf(r.Context()).Name, Purpose: p.Purpose, Scope: scopeOf(r.Context()), Dossier: p.Dossier, Version: s.cfg.Version,
		Agency: r.FormValue("agency"), OCFL: kind == "ocfl"}
	if want.Kind = kindOf(kind); want.Kind == "" {
		return newProblem(sohoa.ErrInvalid, "copy.kind", kind)
	}
	switch {
	case p.Doc != nil:
		want.Document = p.Doc.ID
	case p.Dossier == "":
		want.Year = p.Year
	}
	return s.givePackage(w, r, want)
}

// kindOf is the kind of package that a form names; empty is none.
func kindOf(name string) eark.Kind {
	return map[string]eark.Kind{"sip": eark.SIP, "aip": eark.AIP, "dip": eark.DIP, "ocfl": eark.AIP}[name]
}

// giveCopy answers with a copy.
func (s *Server) giveCopy(w http.ResponseWriter, r *http.Request, c ingest.CopyRequest) error {
	f, err := s.cfg.Giver.Copy(r.Context(), c)
	if err != nil {
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Disposition", attachment(f.Name))
	serveContent(w, r, f, sohoa.File{MediaType: "application/pdf", Size: f.Size, Digest: f.Digest})
	return nil
}

// givePackage answers with a ZIP file as it is made. An error in the middle
// cuts the connection: a part must not pass for the whole.
func (s *Server) givePackage(w http.ResponseWriter, r *http.Request, want ingest.ExportRequest) error {
	plan, err := s.cfg.Giver.Export(r.Context(), want)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", attachment(plan.Name()+".zip"))
	w.Header().Set("Cache-Control", "no-store")
	if _, err := plan.Write(r.Context(), eark.ZIP(io.Writer(&patient{w, http.NewResponseController(w)}))); err != nil {
		s.cfg.Log.Error("export cut off", "export", plan.Name(), "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
