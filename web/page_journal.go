package web

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/journal"
	"sohoa/web/table"
)

// How much of the journal is shown and exported.
const (
	journalShown    = 100    // entries on a page
	journalExported = 10_000 // in one file
	journalHeads    = 14     // days
)

// JournalVerifier verifies the whole journal and keeps the result.
// journal.Keeper is one.
type JournalVerifier interface {
	Verify(ctx context.Context, by string, elsewhere ...journal.Named) (archive.JournalCheck, error)
}

var _ JournalVerifier = (*journal.Keeper)(nil)

// journalPage is what the page of the journal shows.
type journalPage struct {
	Form    url.Values
	Asked   bool
	Entries []entryLine
	Next    string // address of the page after
	Export  string // query of the exports
	Error   string
	Chain   chainPart
	Heads   []archive.JournalHead
	Verify  bool
	Whole   bool // the reader may see the chain and its heads
}

// Get is a field of the form.
func (p journalPage) Get(name string) string { return p.Form.Get(name) }

// chainPart is the newest check of the journal.
type chainPart struct {
	Head  uint64 // entries there are now
	Check *archive.JournalCheck
}

func (s *Server) chain(ctx context.Context) (chainPart, error) {
	head, err := s.cfg.Catalog.Head(ctx)
	if err != nil {
		return chainPart{}, err
	}
	check, err := s.cfg.Catalog.JournalCheck(ctx)
	if errors.Is(err, sohoa.ErrNotExist) {
		return chainPart{Head: head}, nil
	}
	return chainPart{head, &check}, err
}

// journalFields are the parameters of a search in the journal.
var journalFields = []string{"person", "dossier", "document", "actor", "action", "from", "until", "purpose"}

func (s *Server) pageJournal(w http.ResponseWriter, r *http.Request) error {
	seal, err := s.sealing(r.Context())
	if err != nil {
		return err
	}
	form := r.URL.Query()
	form.Set("person", seal.get(form, "person"))
	return s.renderJournal(w, r, form)
}

// postSearchJournal sends what was typed on to its address, without identity
// numbers, as postSearch.
func (s *Server) postSearchJournal(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	seal, err := s.sealing(r.Context())
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/journal?"+journalAddress(seal, r.PostForm).Encode(), http.StatusSeeOther)
	return nil
}

// journalAddress are the parameters of a search in the journal.
func journalAddress(seal sealing, form url.Values) url.Values {
	q := url.Values{"purpose": {form.Get("purpose")}}
	for _, name := range journalFields {
		if v := form.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	q.Del("person")
	seal.set(q, "person", form.Get("person"))
	return q
}

func (s *Server) renderJournal(w http.ResponseWriter, r *http.Request, form url.Values) error {
	ctx := r.Context()
	p := journalPage{Form: form, Verify: s.cfg.Journal != nil}
	seal, err := s.sealing(ctx)
	if err != nil {
		return err
	}
	if p.Whole = scopeOf(ctx).All; p.Whole {
		if p.Chain, err = s.chain(ctx); err != nil {
			return err
		}
		if p.Heads, err = s.cfg.Catalog.JournalHeads(ctx, journalHeads); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if form.Has("purpose") {
		entries, err := s.report(ctx, form, journalShown)
		if err != nil {
			if p.Error, status, err = wrong(r, err); err != nil {
				return err
			}
		} else {
			p.show(entries, seal)
		}
	}
	s.render(w, r, status, "journal", frame{Title: text(r, "journal.title"), Body: p})
	return nil
}

// show fills in what was found. The newest entries come first.
func (p *journalPage) show(entries []sohoa.Entry, seal sealing) {
	p.Asked = true
	for _, e := range entries {
		p.Entries = append(p.Entries, entryLine{e, 1, true})
	}
	q := journalAddress(seal, p.Form)
	p.Export = q.Encode()
	if len(entries) == journalShown {
		q.Set("before", strconv.FormatUint(entries[len(entries)-1].Seq, 10))
		p.Next = "/journal?" + q.Encode()
	}
}

// report finds the entries that a form asks for. That somebody asked, and what
// for, stands in the journal before they see them.
func (s *Server) report(ctx context.Context, form url.Values, limit int) ([]sohoa.Entry, error) {
	purpose := clean(form.Get("purpose"))
	if purpose == "" {
		return nil, newProblem(sohoa.ErrInvalid, "journal.purpose")
	}
	q := archive.JournalQuery{Person: clean(form.Get("person")), Dossier: clean(form.Get("dossier")), Actor: clean(form.Get("actor")), Limit: limit}
	for _, name := range strings.Fields(form.Get("action")) {
		q.Actions = append(q.Actions, sohoa.Action(name))
	}
	if err := q.Document.UnmarshalText([]byte(clean(form.Get("document")))); err != nil {
		return nil, err
	}
	var err error
	if q.From, err = archive.Day(form.Get("from")); err != nil {
		return nil, err
	}
	if q.Until, err = archive.Day(form.Get("until")); err != nil {
		return nil, err
	}
	if !q.Until.IsZero() {
		q.Until = q.Until.Add(24 * time.Hour)
	}
	q.Before, _ = strconv.ParseUint(form.Get("before"), 10, 64) // 0 begins at the newest
	if !scopeOf(ctx).All {
		if err := s.confine(ctx, &q); err != nil {
			return nil, err
		}
	}
	entries, err := archive.Report(ctx, s.cfg.Catalog, archive.Asking{Actor: userOf(ctx).Name, Purpose: clip(purpose)}, q)
	if err != nil {
		return nil, err
	}
	return s.discreet(ctx, entries)
}

// confine keeps a search in the journal to what the reader oversees. A paper
// or a dossier that is another's is answered like one that is not there: with
// nothing.
func (s *Server) confine(ctx context.Context, q *archive.JournalQuery) error {
	scope := scopeOf(ctx)
	q.Within = &scope
	if !q.Document.IsZero() {
		if _, err := archive.Owned(ctx, s.cfg.Catalog, scope, q.Document); errors.Is(err, sohoa.ErrNotExist) {
			q.Within = &sohoa.Scope{}
		} else if err != nil {
			return err
		}
	}
	if q.Dossier != "" {
		if _, err := s.cfg.Catalog.Dossier(ctx, scope, q.Dossier); errors.Is(err, sohoa.ErrNotExist) {
			q.Within = &sohoa.Scope{}
		} else if err != nil {
			return err
		}
	}
	return nil
}

// exportJournal answers with all that a form asks for, as CSV or JSON lines.
func (s *Server) exportJournal(w http.ResponseWriter, r *http.Request) error {
	form := r.URL.Query()
	seal, err := s.sealing(r.Context())
	if err != nil {
		return err
	}
	form.Set("person", seal.get(form, "person"))
	entries, err := s.report(r.Context(), form, journalExported)
	if err != nil {
		return err
	}
	if form.Get("format") == "json" {
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.Header().Set("Content-Disposition", attachment("journal.jsonl"))
		enc := json.NewEncoder(w)
		for _, e := range entries {
			if enc.Encode(e) != nil {
				return nil // the client is gone
			}
		}
		return nil
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", attachment("journal.csv"))
	_, _ = w.Write([]byte("\ufeff")) // spreadsheets take it for UTF-8 by this
	c := csv.NewWriter(w)
	_ = c.Write([]string{"seq", "time", "actor", "action", "document", "dossier", "page", "purpose", "detail", "hash"})
	for _, e := range entries {
		_ = c.Write([]string{strconv.FormatUint(e.Seq, 10), onPaper(e.Time, "2006-01-02 15:04:05"), inert(e.Actor), string(e.Action), e.Document.String(),
			inert(e.Dossier), strconv.Itoa(e.Page), inert(e.Purpose), inert(e.Detail), e.Hash.String()})
	}
	c.Flush()
	return nil // an error of writing: the client is gone
}

// inert keeps spreadsheets from taking what somebody typed for a formula.
func inert(s string) string { return table.Inert(s) }

// postVerifyJournal verifies the whole journal.
func (s *Server) postVerifyJournal(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Journal == nil {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	check, err := s.cfg.Journal.Verify(r.Context(), userOf(r.Context()).Name)
	if err != nil {
		return err
	}
	if !check.OK() {
		s.cfg.Log.Error("journal does not verify", "findings", len(check.Findings), "first", check.Findings[0].Code)
	}
	return s.renderJournal(w, r, url.Values{})
}

// getJournalHead gives the newest head of a day to be kept elsewhere.
func (s *Server) getJournalHead(w http.ResponseWriter, r *http.Request) error {
	heads, err := s.cfg.Catalog.JournalHeads(r.Context(), 0)
	if err != nil {
		return err
	}
	day := r.PathValue("day")
	for _, h := range heads {
		if h.Day != day {
			continue
		}
		head, err := journal.ParseHead([]byte(h.Text))
		if err != nil {
			return err
		}
		head.Token = h.Token
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Disposition", attachment("journal-"+day+".txt"))
		_, _ = w.Write([]byte(head.File())) // the client may be gone
		return nil
	}
	return newProblem(sohoa.ErrNotExist, "journal.day", day)
}
