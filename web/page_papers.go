package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"sohoa"
)

// papersPart is what a procedure asks for on the page of a dossier. It comes
// anew after every decision, and when a document changes.
type papersPart struct {
	Dossier sohoa.Dossier
	Lines   []paperLine
	Reasons []sohoa.OmitReason // but the commonest, which has a button of its own
	Work    bool               // the reader may decide
	Reuse   bool               // the reader may use what is held
	Upload  string             // where files go
	Error   string
}

// Undecided counts the papers for which something is held of which nobody
// said yet whether it is used.
func (p papersPart) Undecided() (n int) {
	for _, l := range p.Lines {
		if l.State == paperOffered {
			n++
		}
	}
	return n
}

// Missing counts the papers that are asked for and not there.
func (p papersPart) Missing() (n int) {
	for _, l := range p.Lines {
		if l.State == paperMissing || l.State == paperOffered || l.State == paperDeclined || l.State == paperLost {
			n++
		}
	}
	return n
}

// Lost are the papers in whose place something is used that is of no force any
// more, and of which nobody said that they know it.
func (p papersPart) Lost() (lost []paperLine) {
	for _, l := range p.Lines {
		if l.State == paperLost && l.Reuse.Lost.Seen.IsZero() {
			lost = append(lost, l)
		}
	}
	return lost
}

// Receives reports whether a scan of the paper is taken where it stands: what
// is held is looked at first, and what is secret is not taken at all.
func (l paperLine) Receives() bool {
	return l.State != paperOffered && (l.Omitted == nil || l.Omitted.Reason != sohoa.OmitSecret)
}

// Omissible reports whether it can be said that the paper is not digitised.
func (l paperLine) Omissible() bool {
	return l.Omitted == nil && len(l.Docs) == 0 && l.State != paperReused && l.State != paperLost
}

func (s *Server) papersPart(ctx context.Context, d sohoa.Dossier) (papersPart, error) {
	p := papersPart{Dossier: d, Reasons: sohoa.OmitReasons[1:], Work: worker(ctx), Reuse: userOf(ctx).May(sohoa.PowerReuse), Upload: apiPrefix + pathOf("dossiers", d.Code, "documents")}
	var err error
	p.Lines, err = s.papers(ctx, d.Code)
	return p, err
}

// worker reports whether the reader takes papers in.
func worker(ctx context.Context) bool {
	u := visitOf(ctx).user
	return u != nil && u.May(sohoa.PowerWork)
}

// paperPages are the forms by which a clerk says what becomes of papers.
func (s *Server) paperPages() doors {
	return doors{
		"GET /dossiers/{code}/papers":               {sohoa.PowerRead, s.partPapers},
		"POST /dossiers/{code}/papers/{req}/omit":   {sohoa.PowerWork, s.postOmit},
		"POST /dossiers/{code}/papers/{req}/unomit": {sohoa.PowerWork, s.postUnomit},
		"POST /dossiers/{code}/upload":              {sohoa.PowerWork, s.postUpload},
		"POST /documents/{id}/requirement":          {sohoa.PowerWork, s.postAssign},
		"POST /documents/{id}/expected":             {sohoa.PowerWork, s.postExpect},
		"POST /documents/{id}/blank":                {sohoa.PowerWork, s.postBlank},
	}
}

func (s *Server) partPapers(w http.ResponseWriter, r *http.Request) error {
	d, err := s.cfg.Catalog.Dossier(r.Context(), scopeOf(r.Context()), r.PathValue("code"))
	if err == nil {
		err = s.journalList(r.Context(), sohoa.ActionViewDossier, d.Code, nil)
	}
	if err != nil {
		return err
	}
	return s.renderPapers(w, r, d, "")
}

// renderPapers writes what the procedure asks for anew; a form without script
// gets the page of the dossier.
func (s *Server) renderPapers(w http.ResponseWriter, r *http.Request, d sohoa.Dossier, mistake string) error {
	p, err := s.papersPart(r.Context(), d)
	if err != nil {
		return err
	}
	p.Error = mistake
	s.part(w, r, "papers", p)
	return nil
}

func (s *Server) postOmit(w http.ResponseWriter, r *http.Request) error {
	return s.paperSaid(w, r, func(ctx context.Context, code, req string) error {
		_, err := s.cfg.Intake.Omit(ctx, reuseActor(ctx), sohoa.Omission{Dossier: code, Requirement: req,
			Reason: sohoa.OmitReason(r.PostFormValue("reason")), Note: clean(r.PostFormValue("note"))})
		return err
	})
}

func (s *Server) postUnomit(w http.ResponseWriter, r *http.Request) error {
	return s.paperSaid(w, r, func(ctx context.Context, code, req string) error {
		return s.cfg.Intake.Unomit(ctx, reuseActor(ctx), code, req)
	})
}

// paperSaid does what a form says about a paper, and shows the papers.
func (s *Server) paperSaid(w http.ResponseWriter, r *http.Request, do func(ctx context.Context, code, req string) error) error {
	ctx := r.Context()
	d, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), r.PathValue("code"))
	if err != nil {
		return err
	}
	failure := do(ctx, d.Code, r.PathValue("req"))
	if r.Header.Get("HX-Request") == "" {
		if failure != nil {
			return failure
		}
		http.Redirect(w, r, pathOf("dossiers", d.Code)+"#papers", http.StatusSeeOther)
		return nil
	}
	message := ""
	if failure != nil {
		if message, _, err = wrong(r, failure); err != nil {
			return err
		}
	}
	return s.renderPapers(w, r, d, message)
}

func (s *Server) postAssign(w http.ResponseWriter, r *http.Request) error {
	return s.documentSaid(w, r, func(ctx context.Context, doc sohoa.Document) error {
		_, err := s.cfg.Intake.Assign(ctx, reuseActor(ctx), doc.ID, clean(r.PostFormValue("requirement")))
		return err
	})
}

func (s *Server) postExpect(w http.ResponseWriter, r *http.Request) error {
	return s.documentSaid(w, r, func(ctx context.Context, doc sohoa.Document) error {
		pages, typed := 0, strings.TrimSpace(r.PostFormValue("expected"))
		if typed != "" {
			var err error
			if pages, err = strconv.Atoi(typed); err != nil {
				return newProblem(sohoa.ErrInvalid, "pages.expected", typed, strconv.Itoa(sohoa.MaxPages))
			}
		}
		_, err := s.cfg.Intake.Expect(ctx, reuseActor(ctx), doc.ID, pages)
		return err
	})
}

// postBlank leaves out the blank pages of a document, which can be undone
// where its pages are arranged. One that has no others keeps them.
func (s *Server) postBlank(w http.ResponseWriter, r *http.Request) error {
	return s.documentSaid(w, r, func(ctx context.Context, doc sohoa.Document) error {
		now, err := s.cfg.Intake.Arrangement(ctx, doc.ID)
		if err != nil {
			return err
		}
		pages, err := s.cfg.Catalog.Pages(ctx, doc.ID)
		if err != nil {
			return err
		}
		blank := map[sohoa.PageRef]bool{}
		for _, p := range pages {
			if p.Blank {
				blank[p.Origin().Leaf()] = true
			}
		}
		if len(blank) == 0 {
			return nil
		}
		now.Pages, _ = rearranged(now, "drop", blank)
		_, err = s.cfg.Intake.Arrange(ctx, userOf(ctx).Name, now)
		return err
	})
}

// documentSaid does what a form says about a document of the reader's office,
// and shows its row, or without script its dossier. A mistake stands in the
// row.
func (s *Server) documentSaid(w http.ResponseWriter, r *http.Request, do func(context.Context, sohoa.Document) error) error {
	ctx := r.Context()
	doc, err := s.document(ctx, r.PathValue("id"))
	if err != nil {
		return hideMalformed(err)
	}
	failure := do(ctx, doc)
	if r.Header.Get("HX-Request") == "" {
		if failure != nil {
			return failure
		}
		http.Redirect(w, r, pathOf("dossiers", doc.Dossier)+"#"+doc.ID.String(), http.StatusSeeOther)
		return nil
	}
	message := ""
	if failure != nil {
		if message, _, err = wrong(r, failure); err != nil {
			return err
		}
	}
	if doc, err = s.document(ctx, doc.ID.String()); err != nil {
		return err
	}
	asked, err := s.askedOf(ctx, doc.Dossier)
	if err != nil {
		return err
	}
	row, err := s.rowIn(ctx, doc, asked)
	if err != nil {
		return err
	}
	row.Error = message
	s.part(w, r, "row", row)
	return nil
}
