package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"sohoa"
	"sohoa/archive"
)

// deskPart is the pages of a document as they are put in order. It comes anew
// after every operation, and when somebody else changed them.
type deskPart struct {
	Doc     sohoa.Document
	Now     sohoa.Arrangement
	Tiles   []tile
	Dropped []tile
	Others  []sohoa.Document // those that pages can go to or come from
	Refusal *sohoa.Problem   // why nothing can be arranged; nil if it can
	Upload  string           // where a better scan of a page goes
	Error   string
	Done    string          // what was just done, if it cannot be seen
	Part    *sohoa.Document // the other document that has the pages
}

// tile is one page on the desk.
type tile struct {
	Number        int    // 0 for a dropped one
	Value         string // names the page, not turned
	ID            string // of the element
	Image         string
	Look          string // the page as it is read; empty for a dropped one
	Width, Height int
	Turn          int
	Foreign       bool // it came from another document
	Blank         bool
	Problem       *sohoa.Problem
	Chosen        bool
}

// tileSide is the longer side of a page on the desk, in CSS pixels.
const tileSide = 170

func (s *Server) pageArrange(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.viewed(r.Context(), r.PathValue("id"), 0, r.URL.Query().Get("purpose"))
	if err != nil {
		return hideMalformed(err)
	}
	part, err := s.desk(r, doc)
	if err != nil {
		return err
	}
	return s.renderDesk(w, r, http.StatusOK, part)
}

// renderDesk writes the page, or the part of it that htmx asks for.
func (s *Server) renderDesk(w http.ResponseWriter, r *http.Request, status int, part deskPart) error {
	if r.Header.Get("HX-Request") != "" {
		s.part(w, r, "desk", part)
		return nil
	}
	title := text(r, "arrange.title") + ": " + part.Doc.Name
	s.render(w, r, status, "arrange", frame{Title: title, Live: "?document=" + part.Doc.ID.String(), Body: part})
	return nil
}

func (s *Server) partDesk(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.document(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	part, err := s.desk(r, doc)
	if err != nil {
		return err
	}
	s.part(w, r, "desk", part)
	return nil
}

// desk prepares the pages of a document. Those that the request names as
// chosen stay so.
func (s *Server) desk(r *http.Request, doc sohoa.Document) (deskPart, error) {
	ctx := r.Context()
	part := deskPart{Doc: doc, Refusal: refusal(doc), Upload: apiPrefix + pathOf("dossiers", doc.Dossier, "documents")}
	var err error
	if part.Now, err = s.cfg.Intake.Arrangement(ctx, doc.ID); err != nil {
		return part, err
	}
	pages, err := s.cfg.Catalog.Pages(ctx, doc.ID)
	if err != nil {
		return part, err
	}
	chosen, _ := chosenPages(r, doc.ID) // what makes no sense is not chosen
	for _, p := range pages {
		part.Tiles = append(part.Tiles, tileOf(doc.ID, p, chosen))
	}
	if part.Dropped, err = s.dropped(ctx, part.Now); err != nil {
		return part, err
	}
	part.Others, err = s.neighbours(ctx, doc)
	return part, err
}

// refusal says why the pages of doc cannot be arranged now.
func refusal(doc sohoa.Document) *sohoa.Problem {
	switch {
	case doc.State == sohoa.StateKept:
		return newProblem(sohoa.ErrConflict, "arrange.signed")
	case doc.State == sohoa.StateParked && doc.Stage != sohoa.StageCompose && doc.Stage != sohoa.StageSign:
		return newProblem(sohoa.ErrConflict, "arrange.parked")
	case doc.State == sohoa.StateAccepted || doc.State == sohoa.StateReading:
		return newProblem(sohoa.ErrConflict, "arrange.reading", strconv.Itoa(doc.PagesRead), strconv.Itoa(doc.Pages))
	case doc.State == sohoa.StateRead && doc.Stage != sohoa.StageCompose:
		return newProblem(sohoa.ErrConflict, "arrange.signing")
	case doc.Master == sohoa.MasterOriginal:
		return newProblem(sohoa.ErrConflict, "arrange.original")
	}
	return nil
}

// arrangeableSoon reports whether the pages of doc can be arranged, now or once
// they are read.
func arrangeableSoon(doc sohoa.Document) bool {
	p := refusal(doc)
	return p == nil || p.Code == "arrange.reading"
}

// neighbours are the other documents of the dossier that can be arranged.
func (s *Server) neighbours(ctx context.Context, doc sohoa.Document) ([]sohoa.Document, error) {
	docs, err := s.cfg.Catalog.FindDocuments(ctx, scopeOf(ctx), archive.DocumentQuery{Dossier: doc.Dossier, Limit: dossierDocuments})
	var others []sohoa.Document
	for _, d := range docs {
		if d.ID != doc.ID && refusal(d) == nil {
			others = append(others, d)
		}
	}
	return others, err
}

// dropped are the pages that are left out, as far as they are known: those of
// a document that was recovered are in its original only.
func (s *Server) dropped(ctx context.Context, now sohoa.Arrangement) ([]tile, error) {
	var tiles []tile
	for _, ref := range now.Dropped {
		leaf, err := s.cfg.Catalog.Leaf(ctx, ref)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		p := leaf.Page
		p.From, p.Turn, p.Number = ref, (p.Turn+ref.Turn)%360, 0
		tiles = append(tiles, tileOf(now.Document, p, nil)) // it was chosen to be dropped
	}
	return tiles, nil
}

func tileOf(id sohoa.DocumentID, p sohoa.Page, chosen map[sohoa.PageRef]bool) tile {
	from := p.Origin()
	sh := blankSheet(p)
	long := max(sh.Width, sh.Height, 1)
	q := url.Values{"page": {sohoa.FormatPages(id, []sohoa.PageRef{from})}}
	look := ""
	if p.Number > 0 {
		look = fmt.Sprintf("/documents/%s?page=%d#page-%d", id, p.Number, p.Number)
	}
	return tile{
		Look: look, Number: p.Number, Value: from.Document.String() + ":" + strconv.Itoa(from.Page), ID: fmt.Sprintf("p-%s-%d", from.Document, from.Page),
		Image: apiPrefix + pathOf("documents", id.String(), "arrangement", "thumb") + "?" + q.Encode(),
		Width: sh.Width * tileSide / long, Height: sh.Height * tileSide / long,
		Turn: from.Turn, Foreign: from.Document != id, Blank: p.Blank, Problem: p.Problem, Chosen: chosen[from.Leaf()],
	}
}

// chosenPages are the pages that a request names.
func chosenPages(r *http.Request, id sohoa.DocumentID) (map[sohoa.PageRef]bool, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	chosen := map[sohoa.PageRef]bool{}
	for _, v := range r.Form["page"] {
		refs, err := sohoa.ParsePages(id, v)
		if err != nil {
			return chosen, err
		}
		for _, ref := range refs {
			chosen[ref.Leaf()] = true
		}
	}
	return chosen, nil
}

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
