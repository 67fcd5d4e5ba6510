package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sohoa"
	"sohoa/archive"
)

// flagsShown is how many flags the page shows.
const flagsShown = 200

// flagPages are those on which an inspector sees who read a lot.
func (s *Server) flagPages() doors {
	return doors{
		"GET /flags": {sohoa.PowerInspect, s.pageFlags}, "POST /flags/{flag}/close": {sohoa.PowerInspect, s.postCloseFlag},
	}
}

// flagsPage is what the page of flags shows: those that are open first.
type flagsPage struct {
	Flags []flagLine
	Limit [2]int // documents and persons
	Error string
}

// flagLine is a flag as it is shown.
type flagLine struct {
	sohoa.Flag
	Name    string // full name of the actor
	Own     bool   // it is about the reader
	Entries string // address of what is behind it
	By      string // full name of who closed it
}

func (s *Server) pageFlags(w http.ResponseWriter, r *http.Request) error {
	return s.renderFlags(w, r, http.StatusOK, "")
}

func (s *Server) renderFlags(w http.ResponseWriter, r *http.Request, status int, mistake string) error {
	ctx := r.Context()
	found, err := s.cfg.Catalog.Flags(ctx, scopeOf(ctx), archive.FlagQuery{Limit: flagsShown})
	if err != nil {
		return err
	}
	who, err := s.names(ctx)
	if err != nil {
		return err
	}
	p := flagsPage{Limit: [2]int{sohoa.MaxReadDocuments, sohoa.MaxReadPersons}, Error: mistake}
	for _, f := range found {
		line := flagLine{Flag: f, Name: who.of(f.Actor), Own: f.Actor == userOf(ctx).Name, Entries: behindFlag(f)}
		if f.Closed != nil {
			line.By = who.of(f.Closed.By)
		}
		p.Flags = append(p.Flags, line)
	}
	slices.SortStableFunc(p.Flags, func(a, b flagLine) int { return closedLast(a) - closedLast(b) })
	s.render(w, r, status, "flags", frame{Title: text(r, "flags.title"), Body: p})
	return nil
}

func closedLast(l flagLine) int {
	if l.Open() {
		return 0
	}
	return 1
}

// behindFlag is the address of the search in the journal for what a flag is
// about.
func behindFlag(f sohoa.Flag) string {
	day := func(t time.Time) string { return t.In(sohoa.Hanoi).Format(time.DateOnly) }
	actions := []string{string(sohoa.ActionView), string(sohoa.ActionDownload), string(sohoa.ActionExport), string(sohoa.ActionCopy), string(sohoa.ActionHeld)}
	return "/journal?" + url.Values{"actor": {f.Actor}, "from": {day(f.From)}, "until": {day(f.Until)}, "action": {strings.Join(actions, " ")},
		"purpose": {"flag " + string(f.ID)}}.Encode()
}

// postCloseFlag notes that an inspector looked at a flag. Nobody closes one
// about themselves.
func (s *Server) postCloseFlag(w http.ResponseWriter, r *http.Request) error {
	failure := s.closeFlag(r)
	if failure == nil {
		http.Redirect(w, r, "/flags", http.StatusSeeOther)
		return nil
	}
	message, status, err := refused(r, failure)
	if err != nil {
		return err
	}
	return s.renderFlags(w, r, status, message)
}

func (s *Server) closeFlag(r *http.Request) error {
	ctx := r.Context()
	id := sohoa.SetID(r.PathValue("flag"))
	f, err := s.cfg.Catalog.Flag(ctx, scopeOf(ctx), id)
	if err != nil {
		return err
	}
	if f.Actor == userOf(ctx).Name {
		return newProblem(sohoa.ErrForbidden, "flag.own")
	}
	note := clean(r.PostFormValue("note"))
	if n := utf8.RuneCountInString(note); n == 0 || n > sohoa.MaxReasonRunes {
		return newProblem(sohoa.ErrInvalid, "flag.note", strconv.Itoa(sohoa.MaxReasonRunes))
	}
	return archive.CloseFlag(ctx, s.cfg.Catalog, id, sohoa.Decision{By: userOf(ctx).Name, At: s.cfg.Now().UTC(), Reason: note})
}
