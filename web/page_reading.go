package web

import (
	"errors"
	"net/http"
	"strconv"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// readingPage is what the page of a reading copy shows.
type readingPage struct {
	Copy  ingest.ReadingCopy
	Base  string // address of its pages
	Pages []sheetSize
	Error string
}

// sheetSize is a page and the room that it takes.
type sheetSize struct{ Number, Width, Height int }

// issue makes a reading copy and fills in its address.
func (s *Server) issue(r *http.Request, c ingest.CopyRequest, p *exportPage) error {
	days, err := strconv.Atoi(r.FormValue("days"))
	if err != nil {
		days = sohoa.MaxReadingDays
	}
	got, err := s.cfg.Giver.IssueReading(r.Context(), c, days)
	if err != nil {
		return err
	}
	scheme := "http"
	if r.TLS != nil || s.cfg.SecureCookies {
		scheme = "https"
	}
	p.Link = scheme + "://" + r.Host + pathOf("read", got.Document.ID.String(), got.Secret)
	p.Until = got.Until.In(sohoa.Hanoi).Format("15:04 02/01/2006")
	return nil
}

// reading finds the reading copy of an address. Who guesses is slowed down, and
// who looks at more than anybody reads.
func (s *Server) reading(r *http.Request) (ingest.ReadingCopy, error) {
	if err := s.mayRead(r.Context()); err != nil {
		return ingest.ReadingCopy{}, err
	}
	if s.cfg.Giver == nil {
		return ingest.ReadingCopy{}, newProblem(sohoa.ErrNotExist, "copy.unknown")
	}
	id, err := sohoa.ParseDocumentID(r.PathValue("id"))
	if err != nil {
		return ingest.ReadingCopy{}, newProblem(sohoa.ErrNotExist, "copy.unknown")
	}
	c, err := s.cfg.Giver.Reading(r.Context(), id, r.PathValue("secret"))
	if errors.Is(err, sohoa.ErrNotExist) && !s.lookups.take(visitOf(r.Context()).addr) {
		err = newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	return c, err
}

// pageReading shows a document to whoever has its link, page by page as
// pictures, until the link ends; there is nothing to download.
func (s *Server) pageReading(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	c, err := s.reading(r)
	p := readingPage{Copy: c, Base: pathOf("read", r.PathValue("id"), r.PathValue("secret"))}
	if err != nil {
		p.Error = sohoa.AsProblem(err).Text(visitOf(r.Context()).lang)
		s.render(w, r, statusOf(err), "reading", frame{Title: text(r, "reading.title"), Body: p})
		return nil
	}
	pages, err := s.cfg.Catalog.Pages(r.Context(), c.Document.ID)
	if err != nil {
		return err
	}
	for _, page := range pages {
		size := blankSheet(page)
		p.Pages = append(p.Pages, sheetSize{page.Number, size.Width, size.Height})
	}
	if err := s.journalReading(r, c, 0); err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, "reading", frame{Title: text(r, "reading.title"), Body: p})
	return nil
}

// journalReading notes that a reading copy, or a page of it, was looked at by
// somebody whom nobody knows; the copy's own entry says for whom it is.
func (s *Server) journalReading(r *http.Request, c ingest.ReadingCopy, page int) error {
	return s.cfg.Catalog.Update(r.Context(), func(tx archive.Tx) error {
		_, err := tx.Append(sohoa.Entry{Actor: "reader", Action: sohoa.ActionView, Document: c.Document.ID, Dossier: c.Document.Dossier, Page: page,
			Purpose: text(r, "reading.title")})
		return err
	})
}

// getReadingPage is the picture of a page.
func (s *Server) getReadingPage(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	c, err := s.reading(r)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(r.PathValue("page"))
	if err != nil || number < 1 {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	picture, err := s.cfg.Giver.ReadingPage(r.Context(), c, number)
	if err != nil {
		return err
	}
	if err := s.journalReading(r, c, number); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Content-Disposition", "inline")
	_, _ = w.Write(picture)
	return nil
}
