package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// paperState says how far a paper is that a procedure asks for.
type paperState string

// The states, the most urgent first.
const (
	paperLost     paperState = "lost"     // what was used is of no force any more
	paperReused   paperState = "reused"   // something that is held takes its place
	paperScanned  paperState = "scanned"  // it is in the dossier
	paperShown    paperState = "shown"    // it is not digitised, but was shown
	paperOmitted  paperState = "omitted"  // it is not digitised for another reason
	paperOffered  paperState = "offered"  // something is held that may take its place
	paperDeclined paperState = "declined" // what is held is not used
	paperMissing  paperState = "missing"
	paperOptional paperState = "optional" // missing, and asked for only where it applies
)

// paperLine is a paper that a procedure asks for, as it is shown.
type paperLine struct {
	ingest.Paper
	State paperState
	Href  string         // where it can be reused
	Used  sohoa.Document // of Paper.Reuse; zero where the reader may not see it
	Docs  []sohoa.Document
}

func stateOfPaper(p ingest.Paper) paperState {
	accepted := p.Reuse != nil && p.Reuse.State == sohoa.ReuseAccepted
	switch {
	case accepted && p.Reuse.Lost != nil:
		return paperLost
	case accepted:
		return paperReused
	case len(p.Documents) > 0:
		return paperScanned
	case p.Omitted != nil && p.Omitted.Reason == sohoa.OmitShown:
		return paperShown
	case p.Omitted != nil:
		return paperOmitted
	case p.Offers > 0:
		return paperOffered
	case p.Reuse != nil:
		return paperDeclined
	case p.Optional:
		return paperOptional
	}
	return paperMissing
}

// papers lists what the procedure of a dossier asks for; nothing where nothing
// is reused here.
func (s *Server) papers(ctx context.Context, dossier string) ([]paperLine, error) {
	if s.cfg.Reuse == nil {
		return nil, nil
	}
	all, err := s.cfg.Reuse.Papers(ctx, scopeOf(ctx), dossier)
	if err != nil {
		return nil, err
	}
	lines := make([]paperLine, 0, len(all))
	for _, p := range all {
		l := paperLine{Paper: p, State: stateOfPaper(p), Href: pathOf("dossiers", dossier, "papers", p.Code)}
		if p.Reuse != nil {
			if l.Used, err = s.seenBy(ctx, p.Reuse.Document); err != nil {
				return nil, err
			}
		}
		for _, id := range p.Documents {
			doc, err := s.seenBy(ctx, id)
			if err != nil {
				return nil, err
			}
			l.Docs = append(l.Docs, doc)
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// seenBy is a document if the reader may see it, else the zero one.
func (s *Server) seenBy(ctx context.Context, id sohoa.DocumentID) (sohoa.Document, error) {
	doc, err := s.cfg.Catalog.Document(ctx, scopeOf(ctx), id)
	if errors.Is(err, sohoa.ErrNotExist) {
		return sohoa.Document{}, nil
	}
	return doc, err
}

// reusePart is what the page of a document says about its use elsewhere.
type reusePart struct {
	Doc      sohoa.Document
	Uses     []sohoa.Reuse // in dossiers that the reader may see
	Others   int           // in dossiers of others
	Compared *sohoa.Comparison
	Forms    []sohoa.PaperForm
	Own      bool // it is of a dossier that the reader may see
	Work     bool // the reader takes papers in
	Error    string
}

// Compares reports whether the reader may still note that it was compared.
func (p reusePart) Compares() bool {
	return p.Own && p.Work && p.Compared == nil && p.Doc.State == sohoa.StateKept
}

// paperForms are those in which a paper may be brought.
var paperForms = []sohoa.PaperForm{sohoa.PaperOriginal, sohoa.PaperRegister, sohoa.PaperCertified, sohoa.PaperElectronic}

// reuseOf gathers where a document is used; nil where nothing is reused here,
// and of what is not kept.
func (s *Server) reuseOf(ctx context.Context, doc sohoa.Document) (*reusePart, error) {
	if s.cfg.Reuse == nil || doc.State != sohoa.StateKept {
		return nil, nil
	}
	p := &reusePart{Doc: doc, Compared: doc.Life.Compared, Forms: paperForms, Work: worker(ctx)}
	q := archive.ReuseQuery{Document: doc.ID, State: sohoa.ReuseAccepted}
	var err error
	if p.Uses, err = s.cfg.Catalog.FindReuses(ctx, scopeOf(ctx), q); err != nil {
		return nil, err
	}
	if _, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), doc.Dossier); err == nil {
		p.Own = true
	} else if !errors.Is(err, sohoa.ErrNotExist) {
		return nil, err
	}
	all, err := s.cfg.Catalog.FindReuses(ctx, sohoa.Everything, q)
	p.Others = len(all) - len(p.Uses)
	return p, err
}

// lossesShown is how many lost results the home page names.
const lossesShown = 20

// losses are accepted results that lost their force and of which nobody said
// that they know it.
func (s *Server) losses(ctx context.Context) ([]sohoa.Reuse, error) {
	if s.cfg.Reuse == nil {
		return nil, nil
	}
	return s.cfg.Catalog.FindReuses(ctx, scopeOf(ctx), archive.ReuseQuery{State: sohoa.ReuseAccepted, Lost: true, Unseen: true, Limit: lossesShown})
}

// postCompared notes that a paper was compared with the original.
func (s *Server) postCompared(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.document(r.Context(), r.PathValue("id")) // who only reuses it has not seen the original
	if err != nil {
		return hideMalformed(err)
	}
	desk, err := s.reuseDesk()
	if err != nil {
		return err
	}
	form := sohoa.PaperForm(r.PostFormValue("form"))
	if !slices.Contains(paperForms, form) {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	_, failure := desk.Compare(r.Context(), userOf(r.Context()).Name, doc.ID, form)
	if failure == nil {
		http.Redirect(w, r, pathOf("documents", doc.ID.String())+"#reuse", http.StatusSeeOther)
		return nil
	}
	message, status, err := wrong(r, failure)
	if err != nil {
		return err
	}
	return s.renderDocument(w, r, status, doc, message)
}

// postSeenLoss notes that somebody knows of a loss, and what they do.
func (s *Server) postSeenLoss(w http.ResponseWriter, r *http.Request) error {
	ctx, desk, d, err := s.reuseOn(r)
	if err != nil {
		return err
	}
	id, err := sohoa.ParseSetID(r.PathValue("reuse"))
	if err != nil {
		return hideMalformed(err)
	}
	if _, err := desk.SeenLoss(ctx, reuseActor(ctx), id, clean(r.PostFormValue("note"))); err != nil {
		return err
	}
	http.Redirect(w, r, pathOf("dossiers", d.Code)+"#papers", http.StatusSeeOther)
	return nil
}

// reuseOn is what every form of a dossier's reuse needs: the desk, and the
// dossier if the reader may see it.
func (s *Server) reuseOn(r *http.Request) (context.Context, ingest.ReuseDesk, sohoa.Dossier, error) {
	ctx := r.Context()
	d, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), r.PathValue("code"))
	if err != nil {
		return ctx, nil, d, err
	}
	desk, err := s.reuseDesk()
	return ctx, desk, d, err
}

// decided is what a form of an offer decides.
func (s *Server) decided(r *http.Request, desk ingest.ReuseDesk, op string) error {
	ctx, note := r.Context(), strings.TrimSpace(r.PostFormValue("note"))
	reason := sohoa.ReuseReason(r.PostFormValue("reason"))
	if op == "end" {
		id, err := sohoa.ParseSetID(r.PostFormValue("reuse"))
		if err != nil {
			return err
		}
		_, err = desk.EndReuse(ctx, reuseActor(ctx), id, reason, note)
		return err
	}
	id, err := sohoa.ParseDocumentID(r.PostFormValue("document"))
	if err != nil {
		return err
	}
	ask := ingest.ReuseRequest{Dossier: r.PathValue("code"), Requirement: r.PathValue("req"), Document: id, Reason: reason, Note: note,
		Confirmed: r.PostFormValue("confirmed") != ""}
	if op == "decline" {
		_, err = desk.DeclineReuse(ctx, reuseActor(ctx), ask)
		return err
	}
	_, err = desk.AcceptReuse(ctx, reuseActor(ctx), ask)
	return err
}
