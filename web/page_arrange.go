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
