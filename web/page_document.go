package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/archive"
)

const fromFacts = "facts"

// documentPage is what the page of a document shows.
type documentPage struct {
	Doc    sohoa.Document
	Sheets sheetsPart
	Facts  factsPart
}

// factsPart is what is known about a document, beside its pages.
type factsPart struct {
	TwoCopies bool // there is a second store
	Doc       sohoa.Document
	From      string
	Purpose   string
	Files     []sohoa.File
	Signed    bool
	History   []entryLine

	Work        bool      // the reader takes papers in
	Arrangeable bool      // its pages can be put in order, now or once they are read
	Mine        bool      // it waits for the reader's signature
	PutUp       bool      // it can be put up for signing
	Giveable    bool      // it can be copied and exported
	Life        *lifePart // nil for what is not kept
	Reuse       *reusePart
	Faults      []faultCard // that samples found
	About       docFacts
}

// madeLine is a signature that was made here as it is shown.
type madeLine struct {
	sohoa.SignatureMade
	Name string // full name of who signed
	For  string // and of the one in whose place
}

// sheetsPart is the pages of a document.
type sheetsPart struct {
	Doc     sohoa.Document
	Growing bool   // pages are still being read
	Refresh string // this part again
	Thumbs  []thumb
	Sheets  []sheet
}

// thumb is a small image of a page that leads to the large one.
type thumb struct {
	Number        int
	Image         string // empty while there is none
	Width, Height int
}

// thumbWidth is how wide thumbnails are shown, in CSS pixels.
const thumbWidth = 96

func (s *Server) pageDocument(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.viewed(r.Context(), r.PathValue("id"), 0, r.URL.Query().Get("purpose"))
	if err != nil {
		return hideMalformed(err)
	}
	return s.renderDocument(w, r, http.StatusOK, doc, "")
}

// renderDocument writes the page of a document, with what is wrong with a
// decision about it.
func (s *Server) renderDocument(w http.ResponseWriter, r *http.Request, status int, doc sohoa.Document, mistake string) error {
	p := documentPage{Doc: doc}
	seal, err := s.sealing(r.Context())
	if err != nil {
		return err
	}
	purpose, err := s.viewPurpose(r.Context(), doc, r.URL.Query().Get("purpose"))
	if err != nil {
		return err
	}
	if p.Sheets, err = s.sheets(r, doc); err != nil {
		return err
	}
	if p.Facts, err = s.facts(r, doc); err != nil {
		return err
	}
	if p.Facts.Life != nil {
		p.Facts.Life.Error = mistake
	}
	live := "?document=" + doc.ID.String()
	s.render(w, r, status, "document", frame{Title: doc.Name, Query: seal.get(r.URL.Query(), "q"), Purpose: purpose.String(), Live: live, Body: p})
	return nil
}

// hideMalformed makes an address with a broken identifier one that is not
// there. What is wrong with a purpose is said.
func hideMalformed(err error) error {
	if errors.Is(err, sohoa.ErrInvalid) && !strings.HasPrefix(sohoa.AsProblem(err).Code, "purpose.") {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	return err
}

// facts gathers what the side of a document's page shows.
func (s *Server) facts(r *http.Request, doc sohoa.Document) (factsPart, error) {
	f := factsPart{Doc: doc, From: fromFacts, Purpose: r.URL.Query().Get("purpose"), Work: worker(r.Context()), TwoCopies: s.cfg.TwoCopies,
		Giveable: s.cfg.Giver != nil && doc.State == sohoa.StateKept && userOf(r.Context()).May(sohoa.PowerGive)}
	f.Arrangeable = f.Work && arrangeableSoon(doc)
	files, err := s.cfg.Catalog.Files(r.Context(), doc.ID)
	if err != nil {
		return f, err
	}
	for _, role := range []sohoa.Role{sohoa.RoleSigned, sohoa.RoleAccess, sohoa.RolePDF, sohoa.RoleOriginal} {
		for _, file := range files {
			if file.Role == role {
				f.Files = append(f.Files, file)
				f.Signed = f.Signed || role == sohoa.RoleSigned
			}
		}
	}
	history, err := s.cfg.Catalog.History(r.Context(), doc.ID)
	if err == nil {
		history, err = s.discreet(r.Context(), history)
	}
	if err != nil {
		return f, err
	}
	f.History = entryLines(history, false)
	if f.About, err = s.documentFacts(r.Context(), doc, history); err != nil {
		return f, err
	}
	f.About.Purpose = f.Purpose
	if f.Life, err = s.life(r.Context(), doc); err != nil {
		return f, err
	}
	if f.Reuse, err = s.reuseOf(r.Context(), doc); err != nil {
		return f, err
	}
	if f.Faults, err = s.faultCards(r.Context(), archive.FaultQuery{Document: doc.ID}, "/documents/"+doc.ID.String()); err != nil {
		return f, err
	}
	return f, s.signatures(r.Context(), &f)
}

// signatures fills in whether the reader may sign a document, or put it up.
func (s *Server) signatures(ctx context.Context, f *factsPart) error {
	f.PutUp = s.putsUp(ctx) && s.unsignable(f.Doc) == ""
	if f.Doc.Set == "" {
		return nil
	}
	item, err := s.cfg.Catalog.DocumentItem(ctx, f.Doc.ID)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	f.Mine = err == nil && item.State == sohoa.ItemDue && item.Signer == userOf(ctx).Name
	return err
}

func (s *Server) partFacts(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.shown(r.Context(), r.PathValue("id"))
	if err == nil {
		err = s.glimpsed(r.Context(), doc)
	}
	if err != nil {
		return err
	}
	return s.renderFacts(w, r, doc)
}

func (s *Server) renderFacts(w http.ResponseWriter, r *http.Request, doc sohoa.Document) error {
	f, err := s.facts(r, doc)
	if err != nil {
		return err
	}
	s.part(w, r, "facts", f)
	return nil
}

// sheets prepares the pages of a document: all of their frames, and the
// content of the one that is asked for. The others come when they are looked
// at.
func (s *Server) sheets(r *http.Request, doc sohoa.Document) (sheetsPart, error) {
	ctx, q := r.Context(), r.URL.Query()
	part := sheetsPart{Doc: doc, Refresh: "/documents/" + doc.ID.String() + "/sheets" + keep(q, "q", sealedParam, "purpose", "page")}
	pages, err := s.cfg.Catalog.Pages(ctx, doc.ID)
	if err != nil {
		return part, err
	}
	part.Growing = len(pages) == 0 && doc.State != sohoa.StateKept || doc.PagesRead < doc.Pages
	open, err := strconv.Atoi(q.Get("page"))
	if err != nil || open < 1 || open > len(pages) {
		open = 1
	}
	for _, p := range pages {
		sh := blankSheet(p)
		part.Thumbs = append(part.Thumbs, smallOf(sh, q.Get("purpose")))
		if p.Number == open {
			if sh, err = s.drawSheet(ctx, p, q); err != nil {
				return part, err
			}
		} else {
			sh.Later, sh.Label = partURL(p, q), text(r, "page.number", p.Number)
		}
		part.Sheets = append(part.Sheets, sh)
	}
	return part, nil
}

// smallOf leads to a page. A small image is there once the page was read.
func smallOf(sh sheet, purpose string) thumb {
	t := thumb{Number: sh.Page.Number, Width: thumbWidth, Height: thumbWidth * sh.Height / max(sh.Width, 1)}
	if sh.Page.Read {
		t.Image = pageURL(sh.Page, "thumb", purpose)
	}
	return t
}

// pageURL is where a file of a page is.
func pageURL(p sohoa.Page, file, purpose string) string {
	u := fmt.Sprintf("%s%s/pages/%d/%s", filesPrefix, p.Document, p.Number, file)
	if purpose != "" {
		u += "?" + url.Values{"purpose": {purpose}}.Encode()
	}
	return u
}

// keep is the query of an address with only the named parameters.
func keep(q url.Values, names ...string) string {
	kept := url.Values{}
	for _, n := range names {
		if v := q.Get(n); v != "" {
			kept.Set(n, v)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "?" + kept.Encode()
}

func (s *Server) partSheets(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.viewed(r.Context(), r.PathValue("id"), 0, r.URL.Query().Get("purpose"))
	if err != nil {
		return err
	}
	part, err := s.sheets(r, doc)
	if err != nil {
		return err
	}
	s.part(w, r, "sheets", part)
	return nil
}

// partPage writes one page with its image and words.
func (s *Server) partPage(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	number, err := strconv.Atoi(r.PathValue("page"))
	if err != nil {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	doc, err := s.shown(ctx, r.PathValue("id"))
	if err != nil {
		return hideMalformed(err)
	}
	page, err := s.findPage(ctx, doc.ID, number)
	if err != nil {
		return err
	}
	if err := s.journalView(ctx, doc, number, q.Get("purpose")); err != nil {
		return err
	}
	sh, err := s.drawSheet(ctx, page, q)
	if err != nil {
		return err
	}
	s.part(w, r, "sheet", sh)
	return nil
}

func (s *Server) findPage(ctx context.Context, id sohoa.DocumentID, number int) (sohoa.Page, error) {
	pages, err := s.cfg.Catalog.Pages(ctx, id)
	if err != nil {
		return sohoa.Page{}, err
	}
	for _, p := range pages {
		if p.Number == number {
			return p, nil
		}
	}
	return sohoa.Page{}, newProblem(sohoa.ErrNotExist, "page.unknown", strconv.Itoa(number))
}
