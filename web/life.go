package web

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"sohoa"
	"sohoa/ingest"
	"sohoa/search"
)

// Records is where people decide about what is kept: its life, the retention
// schedule and disposal. An Intake that is one too, as ingest.Service is, has
// the pages and operations for it.
type Records interface {
	ingest.LifeDesk
	ingest.ScheduleDesk
	ingest.DisposalDesk
}

var _ Records = (*ingest.Service)(nil)

// force is what a result is worth now, as it is shown.
type force struct {
	Force sohoa.Force
	Since string // day, or empty
	By    string // number of the decision, or empty
}

func (s *Server) forceOf(l sohoa.Life) force {
	f := force{Force: l.Force(s.cfg.Now())}
	switch f.Force {
	case sohoa.ForceRevoked:
		f.Since, f.By = sohoa.OnPaper(l.Revoked.At), l.Revoked.Decision
	case sohoa.ForceReplaced:
		f.Since, f.By = sohoa.OnPaper(l.Replaced.At), l.Replaced.Decision
	case sohoa.ForceExpired:
		f.Since = l.ValidUntil.OnPaper()
	case sohoa.ForceNotYet:
		f.Since = l.ValidFrom.OnPaper()
	}
	return f
}

// lifePart is the panel about force and retention of a document.
type lifePart struct {
	Doc      sohoa.Document
	Force    force
	Schedule sohoa.Schedule
	Rule     sohoa.Rule
	Shorter  bool // the schedule would keep it shorter
	Decides  bool // the reader may enter decisions
	Admin    bool
	Today    sohoa.Date
	Error    string
}

// Kind is the name of the document's type.
func (p lifePart) Kind() string {
	if p.Doc.Life.Type == "" {
		return ""
	}
	return p.Rule.Name
}

// life gathers the panel. What is not kept has none.
func (s *Server) life(ctx context.Context, doc sohoa.Document) (*lifePart, error) {
	if doc.State != sohoa.StateKept {
		return nil, nil
	}
	schedule, err := s.cfg.Catalog.Schedule(ctx)
	if err != nil {
		return nil, err
	}
	p := &lifePart{Doc: doc, Force: s.forceOf(doc.Life), Schedule: schedule, Rule: schedule.For(doc.Life.Type), Today: sohoa.DateOf(s.cfg.Now())}
	r := doc.Life.Retention
	p.Shorter = r.Longer(p.Rule.Retention(r, 0))
	if p.Decides, err = s.mayOver(ctx, sohoa.PowerDecide, doc); err != nil {
		return nil, err
	}
	p.Decides = p.Decides && s.records != nil
	p.Admin, err = s.mayOver(ctx, sohoa.PowerDispose, doc)
	return p, err
}

// decide does what a form or an operation asks for.
type decide func(ctx context.Context, actor string, id sohoa.DocumentID) (sohoa.Document, error)

// LifeInput is what somebody decided about a kept document. Which parts count
// depends on the operation. It is exported so that the API library sees its
// fields.
type LifeInput struct {
	Decision string `json:"decision,omitempty" maxLength:"200" doc:"Number, notation and date of the decision."`
	Reason   string `json:"reason,omitempty" maxLength:"1000"`
	At       string `json:"at,omitempty" maxLength:"40" doc:"From when on: a day, or a moment in RFC 3339; now if left out. For lifting a hold, when that was set."`
	By       string `json:"by,omitempty" maxLength:"26" doc:"The document that takes its place."`
	From     string `json:"from,omitempty" maxLength:"10" doc:"First day of validity, YYYY-MM-DD."`
	Until    string `json:"until,omitempty" maxLength:"10" doc:"Last day of validity, YYYY-MM-DD."`
	Scope    string `json:"scope,omitempty" maxLength:"300" doc:"Where it is valid."`
	Type     string `json:"type,omitempty" maxLength:"60" doc:"Of the retention schedule."`
	Code     string `json:"code,omitempty" maxLength:"2" doc:"Period of retention, 01 to 07."`
	Years    int    `json:"years,omitempty" minimum:"0" maximum:"500" doc:"Of period 07."`
}

// lifePowers are the decisions that take another power than PowerDecide.
var lifePowers = map[string]sohoa.Power{"retention": sohoa.PowerDispose, "lift-hold": sohoa.PowerDispose}

// decision is what in means as the operation op.
func (s *Server) decision(op string, in LifeInput) (decide, error) {
	at, err := sohoa.ParseMoment(in.At)
	if err != nil {
		return nil, err
	}
	ruling := sohoa.Ruling{Decision: clean(in.Decision), Reason: clean(in.Reason)}
	desk := s.records
	switch op {
	case "revoke":
		return func(ctx context.Context, actor string, id sohoa.DocumentID) (sohoa.Document, error) {
			return desk.Revoke(ctx, actor, id, at, ruling)
		}, nil
	case "reinstate":
		return func(ctx context.Context, actor string, id sohoa.DocumentID) (sohoa.Document, error) {
			return desk.Reinstate(ctx, actor, id, ruling)
		}, nil
	case "replace":
		return s.replacement(at, in)
	case "validity":
		v := ingest.Validity{From: sohoa.Date(in.From), Until: sohoa.Date(in.Until), Scope: in.Scope}
		return func(ctx context.Context, actor string, id sohoa.DocumentID) (sohoa.Document, error) {
			return desk.SetValidity(ctx, actor, id, v)
		}, nil
	case "type":
		return func(ctx context.Context, actor string, id sohoa.DocumentID) (sohoa.Document, error) {
			return desk.SetType(ctx, actor, id, in.Type)
		}, nil
	}
	return s.retaining(op, in, at)
}

// retaining is decision for what concerns retention.
func (s *Server) retaining(op string, in LifeInput, at time.Time) (decide, error) {
	reason := clean(in.Reason)
	switch op {
	case "retention":
		p := ingest.Period{Code: sohoa.RetentionCode(in.Code), Years: in.Years, Ruling: sohoa.Ruling{Decision: clean(in.Decision), Reason: reason}}
		return func(ctx context.Context, actor string, id sohoa.DocumentID) (sohoa.Document, error) {
			return s.records.SetRetention(ctx, actor, id, p)
		}, nil
	case "hold":
		return func(ctx context.Context, actor string, id sohoa.DocumentID) (sohoa.Document, error) {
			return s.records.HoldLegally(ctx, actor, id, reason)
		}, nil
	case "lift-hold":
		return func(ctx context.Context, actor string, id sohoa.DocumentID) (sohoa.Document, error) {
			return s.records.LiftHold(ctx, actor, id, at, reason)
		}, nil
	}
	return nil, newProblem(sohoa.ErrInvalid, "request.invalid")
}

// replacement names a document that the reader may see.
func (s *Server) replacement(at time.Time, in LifeInput) (decide, error) {
	by, err := sohoa.ParseDocumentID(in.By)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, actor string, id sohoa.DocumentID) (sohoa.Document, error) {
		if _, err := s.cfg.Catalog.Document(ctx, scopeOf(ctx), by); err != nil {
			return sohoa.Document{}, newProblem(sohoa.ErrConflict, "life.replacement", by.String())
		}
		return s.records.Replace(ctx, actor, id, sohoa.Replacement{By: by, At: at, Decision: clean(in.Decision)})
	}, nil
}

// enter enters a decision about a document that whoever asks may see.
func (s *Server) enter(ctx context.Context, id, op string, in LifeInput) (sohoa.Document, error) {
	doc, err := s.document(ctx, id)
	if err != nil {
		return doc, err
	}
	may, err := true, error(nil)
	if power, more := lifePowers[op]; more {
		may, err = s.mayOver(ctx, power, doc)
	}
	if err != nil || !may || s.records == nil {
		return doc, errors.Join(err, newProblem(sohoa.ErrForbidden, "forbidden"))
	}
	do, err := s.decision(op, in)
	if err != nil {
		return doc, err
	}
	changed, err := do(ctx, userOf(ctx).Name, doc.ID)
	if err != nil {
		return doc, err
	}
	return changed, nil
}

// postLife enters the decision of a form. A mistake is said in the panel.
func (s *Server) postLife(w http.ResponseWriter, r *http.Request) error {
	years, _ := strconv.Atoi(r.PostFormValue("years")) // none is 0
	in := LifeInput{Decision: r.PostFormValue("decision"), Reason: r.PostFormValue("reason"), At: r.PostFormValue("at"), By: r.PostFormValue("by"),
		From: r.PostFormValue("from"), Until: r.PostFormValue("until"), Scope: clean(r.PostFormValue("scope")), Type: r.PostFormValue("type"),
		Code: r.PostFormValue("code"), Years: years}
	doc, failure := s.enter(r.Context(), r.PathValue("id"), r.PathValue("op"), in)
	if failure == nil {
		http.Redirect(w, r, pathOf("documents", doc.ID.String())+"#life", http.StatusSeeOther)
		return nil
	}
	message, status, err := wrong(r, failure)
	if err != nil {
		return hideMalformed(err)
	}
	if doc.ID.IsZero() {
		return failure
	}
	return s.renderDocument(w, r, status, doc, message)
}

// hitDocs are the documents of search results as they are now, those left out
// that are no more.
func (s *Server) hitDocs(ctx context.Context, found *search.Results) (map[sohoa.DocumentID]sohoa.Document, error) {
	docs := map[sohoa.DocumentID]sohoa.Document{}
	hits := found.Hits[:0:0]
	for _, h := range found.Hits {
		doc, err := s.cfg.Catalog.Document(ctx, scopeOf(ctx), h.Document)
		if errors.Is(err, sohoa.ErrNotExist) || err == nil && unserved(doc) {
			found.Total--
			continue
		}
		if err != nil {
			return nil, err
		}
		docs[h.Document] = doc
		hits = append(hits, h)
	}
	found.Hits = hits
	return docs, nil
}

// unserved reports whether a document was destroyed, or is being.
func unserved(d sohoa.Document) bool {
	return d.State == sohoa.StateDestroyed || d.State == sohoa.StateDestroying
}

// served is shown for what is going to be read: not for what is being
// destroyed.
func (s *Server) served(ctx context.Context, id string) (sohoa.Document, error) {
	doc, err := s.shown(ctx, id)
	if err == nil && unserved(doc) {
		err = newProblem(sohoa.ErrNotExist, "document.destroyed", doc.ID.String(), sohoa.OnPaper(doc.Destroyed), string(doc.Disposal))
		if doc.State == sohoa.StateDestroying {
			err = newProblem(sohoa.ErrConflict, "document.destroying", doc.ID.String())
		}
	}
	return doc, err
}

// ours is the force of the document that a checked file is a rendition of; nil
// if none here is.
func (s *Server) ours(ctx context.Context, r io.Reader) (*force, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return nil, err
	}
	doc, err := s.cfg.Catalog.Stored(ctx, sohoa.Digest(h.Sum(nil)))
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && doc.State != sohoa.StateKept {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f := s.forceOf(doc.Life)
	return &f, nil
}
