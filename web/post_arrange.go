package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"sohoa"
)

// postArrange does one operation. A mistake, or somebody else's change, is
// said beside the pages as they are now.
func (s *Server) postArrange(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	doc, err := s.document(ctx, r.PathValue("id"))
	if err != nil {
		return hideMalformed(err)
	}
	if r.PostFormValue("op") == "release" {
		return s.postRelease(w, r)
	}
	done, failure := s.operate(r, doc)
	message, status := "", http.StatusOK
	if failure != nil {
		if message, status, err = wrong(r, failure); err != nil {
			return err
		}
	}
	dossier := doc.Dossier
	if doc, err = s.document(ctx, doc.ID.String()); errors.Is(err, sohoa.ErrNotExist) {
		return s.leaveFor(w, r, pathOf("dossiers", dossier)) // it was a part, and its split was taken back
	}
	if err != nil {
		return err
	}
	part, err := s.desk(r, doc)
	if err != nil {
		return err
	}
	part.Error, part.Done, part.Part = message, done.text, done.part
	return s.renderDesk(w, r, status, part)
}

// outcome is what an operation has done, if the pages do not show it.
type outcome struct {
	text string
	part *sohoa.Document // the other document that has the pages
}

// operate does the operation that a form asks for.
func (s *Server) operate(r *http.Request, doc sohoa.Document) (outcome, error) {
	ctx, actor, done := r.Context(), userOf(r.Context()).Name, outcome{}
	chosen, err := chosenPages(r, doc.ID)
	if err != nil {
		return done, err
	}
	now, err := s.cfg.Intake.Arrangement(ctx, doc.ID)
	if err != nil {
		return done, err
	}
	version, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil || version != now.Version {
		return done, newProblem(sohoa.ErrConflict, "arrange.changed")
	}
	op := r.PostFormValue("op")
	if op == "undo" {
		_, err = s.cfg.Intake.Undo(ctx, actor, now)
		return done, err
	}
	if len(chosen) == 0 && op != "take" {
		return done, newProblem(sohoa.ErrInvalid, "arrange.choose")
	}
	switch op {
	case "split":
		part, err := s.cfg.Intake.Split(ctx, actor, now, lastChosen(now, chosen))
		if err == nil {
			done.text, done.part = text(r, "arrange.was-split", part.Pages), &part
		}
		return done, err
	case "give":
		return s.give(r, now, chosen, done)
	}
	if now.Pages, err = s.wanted(r, now, op, chosen); err != nil {
		return done, err
	}
	_, err = s.cfg.Intake.Arrange(ctx, actor, now)
	return done, err
}

// wanted are the pages that an operation leaves the document with.
func (s *Server) wanted(r *http.Request, now sohoa.Arrangement, op string, chosen map[sohoa.PageRef]bool) ([]sohoa.PageRef, error) {
	if pages, ok := rearranged(now, op, chosen); ok {
		return pages, nil
	}
	switch op {
	case "place":
		before := sohoa.PageRef{}
		if v := r.PostFormValue("before"); v != "" {
			refs, err := sohoa.ParsePages(now.Document, v)
			if err != nil {
				return nil, err
			}
			before = refs[0]
		}
		return placed(now, chosen, before), nil
	case "take", "replace":
		other, err := s.other(r)
		if err != nil || op == "take" {
			return append(now.Pages, other.Pages...), err
		}
		return replaced(now, chosen, other.Pages), nil
	}
	return nil, newProblem(sohoa.ErrInvalid, "request.invalid")
}

// other is the arrangement of the document that an operation concerns beside
// the one at hand.
func (s *Server) other(r *http.Request) (sohoa.Arrangement, error) {
	doc, err := s.document(r.Context(), r.PostFormValue("other"))
	if err != nil {
		return sohoa.Arrangement{}, newProblem(sohoa.ErrInvalid, "arrange.other")
	}
	if p := refusal(doc); p != nil {
		return sohoa.Arrangement{}, p
	}
	return s.cfg.Intake.Arrangement(r.Context(), doc.ID)
}

// give moves the chosen pages to the end of another document.
func (s *Server) give(r *http.Request, now sohoa.Arrangement, chosen map[sohoa.PageRef]bool, done outcome) (outcome, error) {
	other, err := s.other(r)
	if err != nil {
		return done, err
	}
	moved := only(now.Pages, chosen)
	other.Pages = append(other.Pages, moved...)
	if _, err := s.cfg.Intake.Arrange(r.Context(), userOf(r.Context()).Name, other); err != nil {
		return done, err
	}
	done.text = text(r, "arrange.given", len(moved))
	if doc, err := s.document(r.Context(), other.Document.String()); err == nil {
		done.part = &doc
	}
	return done, nil
}

// postHold holds a document and shows its pages.
func (s *Server) postHold(w http.ResponseWriter, r *http.Request) error {
	return s.holdOrRelease(w, r, s.cfg.Intake.Hold, "arrange")
}

// postRelease lets a document go on and shows it.
func (s *Server) postRelease(w http.ResponseWriter, r *http.Request) error {
	return s.holdOrRelease(w, r, s.cfg.Intake.Release, "")
}

func (s *Server) holdOrRelease(w http.ResponseWriter, r *http.Request, change func(context.Context, string, sohoa.DocumentID) error, then string) error {
	doc, err := s.document(r.Context(), r.PathValue("id"))
	if err != nil {
		return hideMalformed(err)
	}
	if err := change(r.Context(), userOf(r.Context()).Name, doc.ID); err != nil {
		return err
	}
	to := pathOf("documents", doc.ID.String())
	if then != "" {
		to += "/" + then
	}
	return s.leaveFor(w, r, to)
}

// leaveFor sends a browser to another page.
func (s *Server) leaveFor(w http.ResponseWriter, r *http.Request, to string) error {
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
