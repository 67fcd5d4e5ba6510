package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// queuePages are those of what waits for the reader's signature, across sets.
func (s *Server) queuePages() doors {
	return doors{
		"GET /sets/waiting": {sohoa.PowerSign, s.partQueue}, "POST /sets/sign": {sohoa.PowerSign, s.postSign}, "POST /sets/refuse": {sohoa.PowerSign, s.postRefuse},
		"GET /sets/{set}/documents/{id}/sign": {sohoa.PowerSign, s.pageSignView},
	}
}

// urgency says how soon something must be signed.
type urgency string

// The urgencies, the most urgent first. What failed comes before all of them:
// it stays on top until it is signed, refused or taken back.
const (
	urgentFailed  urgency = "failed"
	urgentOverdue urgency = "overdue"
	urgentToday   urgency = "today"
	urgentSoon    urgency = "soon"
	urgentLater   urgency = "later"
	urgentUndated urgency = "undated"
)

// soonDays is how many days ahead is soon.
const soonDays = 3

// returnedFor is how long what was refused is shown to who put it up, unless
// they put it up again.
const returnedFor = 30 * 24 * time.Hour

// urgencies are all of them in their order.
var urgencies = []urgency{urgentFailed, urgentOverdue, urgentToday, urgentSoon, urgentLater, urgentUndated}

// urgencyOf says how soon something must be signed that is due on a day.
func urgencyOf(due sohoa.Date, now time.Time) urgency {
	switch {
	case due == "":
		return urgentUndated
	case due < sohoa.DateOf(now):
		return urgentOverdue
	case due == sohoa.DateOf(now):
		return urgentToday
	case due <= sohoa.DateOf(now.AddDate(0, 0, soonDays)):
		return urgentSoon
	}
	return urgentLater
}

// queueRow is one document that waits, as it is shown.
type queueRow struct {
	archive.Waiting
	Key       string // names it in forms: set/document
	Href      string // where it is signed
	Procedure string
	Creator   string
	Part      sohoa.SignPart
	Urgency   urgency
	Day       sohoa.Date // by which it must be signed
	Before    []string   // who signed it before, in this set
	Refuser   string     // who refused it
	Busy      bool       // it is being signed
	Chosen    bool
}

// queueGroup is what is equally urgent.
type queueGroup struct {
	Urgency urgency
	Rows    []queueRow
}

// queuePart is the list of what waits. It comes anew while things are signed.
type queuePart struct {
	Groups   []queueGroup
	Returned []queueRow // refused, of what the reader put up
	Count    int        // that wait for the reader
	Sets     int        // in so many sets
	Signing  int
}

// queuePage is what the page of an official shows.
type queuePage struct {
	Queue  queuePart
	Show   string            // of the tabs of sets
	Key    *ingest.SignerKey // the reader's; nil without one
	Reason string            // that was typed
	Error  string
}

// pageQueue shows what waits for the reader's signature.
func (s *Server) pageQueue(w http.ResponseWriter, r *http.Request) error {
	return s.renderQueue(w, r, http.StatusOK, queuePage{})
}

// renderQueue writes the page of what waits, with what went wrong.
func (s *Server) renderQueue(w http.ResponseWriter, r *http.Request, status int, p queuePage) error {
	var err error
	if p.Queue, err = s.queue(r.Context()); err != nil {
		return err
	}
	chosen := r.PostForm["item"]
	for g := range p.Queue.Groups {
		for i := range p.Queue.Groups[g].Rows {
			row := &p.Queue.Groups[g].Rows[i]
			row.Chosen = slices.Contains(chosen, row.Key)
		}
	}
	if p.Key, err = s.keyOf(r.Context()); err != nil {
		return err
	}
	p.Show = setFilters[0]
	s.render(w, r, status, "queue", frame{Title: text(r, "queue.title"), Live: "?", Body: p})
	return nil
}

// partQueue writes the list of what waits.
func (s *Server) partQueue(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Desk == nil {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	p, err := s.queue(r.Context())
	if err != nil {
		return err
	}
	s.part(w, r, "queue-list", p)
	return nil
}

// waiting are the documents that wait for the reader, the most urgent first:
// what failed before all others.
func (s *Server) waiting(ctx context.Context) ([]archive.Waiting, error) {
	scope, err := s.scopeWith(ctx, sohoa.PowerSign)
	if err != nil {
		return nil, err
	}
	found, err := s.cfg.Catalog.FindWaiting(ctx, scope, archive.WaitingQuery{Signer: userOf(ctx).Name, Limit: sohoa.MaxWaiting})
	slices.SortStableFunc(found, func(a, b archive.Waiting) int {
		return slices.Index(urgencies, s.urgencyOf(a)) - slices.Index(urgencies, s.urgencyOf(b))
	})
	return found, err
}

func (s *Server) urgencyOf(w archive.Waiting) urgency {
	if w.Item.Problem != nil {
		return urgentFailed
	}
	return urgencyOf(w.Due(), s.cfg.Now())
}

// queue gathers what waits for the reader, and what they put up and got back.
func (s *Server) queue(ctx context.Context) (queuePart, error) {
	var p queuePart
	found, err := s.waiting(ctx)
	if err != nil {
		return p, err
	}
	rows, err := s.queueRows(ctx, found)
	if err != nil {
		return p, err
	}
	sets := map[sohoa.SetID]bool{}
	for _, row := range rows {
		sets[row.Set.ID] = true
		if row.Busy {
			p.Signing++
		} else {
			p.Count++
		}
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Urgency != row.Urgency {
			p.Groups = append(p.Groups, queueGroup{Urgency: row.Urgency})
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Rows = append(g.Rows, row)
	}
	p.Sets = len(sets)
	p.Returned, err = s.returned(ctx)
	return p, err
}

// returned is what the reader put up and somebody refused, until it is put up
// again.
func (s *Server) returned(ctx context.Context) ([]queueRow, error) {
	scope, err := s.scopeWith(ctx, sohoa.PowerSign)
	if err != nil {
		return nil, err
	}
	found, err := s.cfg.Catalog.FindWaiting(ctx, scope, archive.WaitingQuery{Creator: userOf(ctx).Name, Limit: sohoa.MaxWaiting})
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(w archive.Waiting) bool {
		return w.Item.State != sohoa.ItemRefused || w.Item.Ended == nil || s.cfg.Now().Sub(w.Item.Ended.At) > returnedFor
	})
	return s.queueRows(ctx, found)
}

// queueRows prepares documents in sets for the screen.
func (s *Server) queueRows(ctx context.Context, found []archive.Waiting) ([]queueRow, error) {
	who, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	procedures, err := s.cfg.Catalog.Procedures(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]queueRow, 0, len(found))
	for _, w := range found {
		row := queueRow{Waiting: w, Key: string(w.Set.ID) + "/" + w.Document.ID.String(), Href: signHref(w.Set.ID, w.Document.ID),
			Procedure: homePage{Procedures: procedures}.ProcedureName(w.Dossier.Procedure), Creator: who.of(w.Set.CreatedBy),
			Urgency: s.urgencyOf(w), Day: w.Due(), Busy: w.Item.State == sohoa.ItemSigning}
		if w.Item.Step < len(w.Set.Steps) {
			row.Part = w.Set.Steps[w.Item.Step].Part
		}
		for _, m := range w.Item.Signed {
			row.Before = append(row.Before, signerName(m, who))
		}
		if w.Item.Ended != nil {
			row.Refuser = who.of(w.Item.Ended.By)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// signerName is who made a signature, as people know them.
func signerName(m sohoa.SignatureMade, who names) string {
	if m.User == "" {
		return m.Signer
	}
	return who.of(m.User)
}

// signHref is where one document of a set is signed.
func signHref(set sohoa.SetID, doc sohoa.DocumentID) string {
	return pathOf("sets", string(set), "documents", doc.String(), "sign")
}

// chosenItem is a document of a set that a form names.
type chosenItem struct {
	set sohoa.SetID
	doc sohoa.DocumentID
}

// setChoice is what a form chose of one set.
type setChoice struct {
	set  sohoa.SetID
	docs []sohoa.DocumentID
}

// chosenItems are those that a form names, each set in one piece, in their
// order.
func chosenItems(r *http.Request) ([]setChoice, error) {
	if err := r.ParseForm(); err != nil {
		return nil, newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	var choices []setChoice
	for _, key := range r.PostForm["item"] {
		item, err := parseItem(key)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(choices, func(c setChoice) bool { return c.set == item.set })
		if i < 0 {
			i, choices = len(choices), append(choices, setChoice{set: item.set})
		}
		choices[i].docs = append(choices[i].docs, item.doc)
	}
	if len(choices) == 0 {
		return nil, newProblem(sohoa.ErrInvalid, "set.choose")
	}
	return choices, nil
}

func parseItem(key string) (chosenItem, error) {
	set, doc, _ := strings.Cut(key, "/")
	id, err := sohoa.ParseSetID(set)
	if err != nil {
		return chosenItem{}, err
	}
	document, err := sohoa.ParseDocumentID(doc)
	return chosenItem{id, document}, err
}

// postSign signs what is chosen, of all sets, with one PIN. A set that cannot
// be signed is said, and those after it are left: a PIN that is wrong is tried
// once.
func (s *Server) postSign(w http.ResponseWriter, r *http.Request) error {
	choices, err := chosenItems(r)
	if err != nil {
		return s.queueFailed(w, r, err)
	}
	key, err := s.keyOf(r.Context())
	if err != nil {
		return err
	}
	if key != nil && key.Kind == keyRemote && len(choices) > 1 {
		return s.queueFailed(w, r, newProblem(sohoa.ErrInvalid, "set.remote-one"))
	}
	next := nextOr(r, "/sets")
	pin := pinOf(r)
	for _, c := range choices {
		if _, err := s.set(r.Context(), string(c.set)); err != nil {
			return s.queueFailed(w, r, err)
		}
		_, err := s.cfg.Desk.SignSet(r.Context(), userOf(r.Context()).Name, c.set, c.docs, pin)
		if err = s.journalPIN(r.Context(), c.set, c.docs, err); err != nil {
			return s.queueFailed(w, r, err)
		}
	}
	return s.leaveFor(w, r, next)
}

// postRefuse refuses what is chosen, with one reason.
func (s *Server) postRefuse(w http.ResponseWriter, r *http.Request) error {
	choices, err := chosenItems(r)
	if err != nil {
		return s.queueFailed(w, r, err)
	}
	next := nextOr(r, "/sets")
	for _, c := range choices {
		if _, err := s.set(r.Context(), string(c.set)); err != nil {
			return s.queueFailed(w, r, err)
		}
		if err := s.cfg.Desk.Refuse(r.Context(), userOf(r.Context()).Name, c.set, c.docs, clean(r.PostFormValue("refusal"))); err != nil {
			return s.queueFailed(w, r, err)
		}
	}
	return s.leaveFor(w, r, next)
}

// nextOr is where a form leads when what it asks for is under way, as it says
// itself.
func nextOr(r *http.Request, otherwise string) string {
	if next := r.PostFormValue("next"); next != "" {
		return localPath(next)
	}
	return otherwise
}

// queueFailed says what went wrong where the form was: beside the document, or
// above the list.
func (s *Server) queueFailed(w http.ResponseWriter, r *http.Request, failure error) error {
	message, status, err := refused(r, failure)
	if err != nil {
		return err
	}
	if item, err := parseItem(r.PostFormValue("at")); err == nil {
		set, err := s.set(r.Context(), string(item.set))
		if err != nil {
			return err
		}
		return s.renderSignView(w, r, status, signAsk{set: set, doc: item.doc.String(), message: message})
	}
	return s.renderQueue(w, r, status, queuePage{Error: message, Reason: clean(r.PostFormValue("refusal"))})
}

// pinOf is the PIN of a form, with the one-time password as remote keys expect
// it.
func pinOf(r *http.Request) string {
	pin := r.PostFormValue("pin")
	if once := strings.TrimSpace(r.PostFormValue("otp")); once != "" {
		pin += " " + once
	}
	return pin
}
