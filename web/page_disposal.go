package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/web/table"
)

// How much the pages about disposal show.
const (
	dueShown      = 500
	disposalShown = 100
	archiveWithin = 60 * 24 * time.Hour // from the end of work to the archive (TT 05/2025/TT-BNV)
)

// disposalsPage is what the list of disposals shows.
type disposalsPage struct {
	Due       []sohoa.Document
	Query     archive.DueQuery
	Schedule  sohoa.Schedule
	Disposals []sohoa.Disposal
	Overdue   []sohoa.Dossier
	Title     string
	Reason    string
	Error     string
}

func (s *Server) pageDisposals(w http.ResponseWriter, r *http.Request) error {
	return s.renderDisposals(w, r, http.StatusOK, disposalsPage{})
}

func (s *Server) renderDisposals(w http.ResponseWriter, r *http.Request, status int, p disposalsPage) error {
	ctx, scope, c, q := r.Context(), scopeOf(r.Context()), s.cfg.Catalog, r.URL.Query()
	year, _ := strconv.Atoi(q.Get("year")) // none is 0
	p.Query = archive.DueQuery{Day: sohoa.DateOf(s.cfg.Now()), Year: year, Type: q.Get("type"), Dossier: clean(q.Get("dossier")), Limit: dueShown}
	var err error
	if p.Due, err = c.Due(ctx, scope, p.Query); err != nil {
		return err
	}
	p.Due = slices.DeleteFunc(p.Due, func(d sohoa.Document) bool { return d.Disposal != "" })
	if p.Schedule, err = c.Schedule(ctx); err != nil {
		return err
	}
	if p.Disposals, err = c.FindDisposals(ctx, scope, archive.DisposalQuery{Limit: disposalShown}); err != nil {
		return err
	}
	if p.Overdue, err = c.EndedDossiers(ctx, scope, sohoa.DateOf(s.cfg.Now().Add(-archiveWithin)), disposalShown); err != nil {
		return err
	}
	s.render(w, r, status, "disposals", frame{Title: text(r, "disposal.title"), Body: p})
	return nil
}

func (s *Server) postPropose(w http.ResponseWriter, r *http.Request) error {
	p := ingest.Proposal{Title: clean(r.PostFormValue("title")), Reason: clean(r.PostFormValue("reason"))}
	ids, failure := chosenDocuments(r)
	p.Documents = ids
	var d sohoa.Disposal
	if failure == nil {
		d, failure = s.records.Propose(r.Context(), userOf(r.Context()).Name, p)
	}
	if failure == nil {
		http.Redirect(w, r, pathOf("disposal", string(d.ID)), http.StatusSeeOther)
		return nil
	}
	message, status, err := wrong(r, failure)
	if err != nil {
		return err
	}
	return s.renderDisposals(w, r, status, disposalsPage{Title: p.Title, Reason: p.Reason, Error: message})
}

// disposalPage is what the page of one disposal shows.
type disposalPage struct {
	sohoa.Disposal
	Rows      []disposalRow
	Names     names
	Approves  bool // the reader may approve it now
	Begun     bool // there is an order or a certificate
	Council   sohoa.Council
	Error     string
	Today     sohoa.Date
	Undecided bool // the council's decision can be entered
}

// disposalRow is one document of a disposal.
type disposalRow struct {
	sohoa.DisposalItem
	Name string
}

func (s *Server) pageDisposal(w http.ResponseWriter, r *http.Request) error {
	return s.renderDisposal(w, r, http.StatusOK, "")
}

// disposal finds the disposal of a request, as the reader may see it.
func (s *Server) disposal(ctx context.Context, id string) (sohoa.Disposal, error) {
	parsed, err := sohoa.ParseSetID(id)
	if err != nil {
		return sohoa.Disposal{}, hideMalformed(err)
	}
	return s.cfg.Catalog.Disposal(ctx, scopeOf(ctx), parsed)
}

func (s *Server) renderDisposal(w http.ResponseWriter, r *http.Request, status int, mistake string) error {
	ctx := r.Context()
	d, err := s.disposal(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := disposalPage{Disposal: d, Error: mistake, Today: sohoa.DateOf(s.cfg.Now()), Begun: d.State == sohoa.DisposalDestroying || d.State == sohoa.DisposalDone,
		Undecided: d.State == sohoa.DisposalProposed || d.State == sohoa.DisposalDecided}
	if d.Council != nil {
		p.Council = *d.Council
	}
	if p.Rows, err = s.disposalRows(ctx, d.ID); err != nil {
		return err
	}
	if p.Names, err = s.names(ctx); err != nil {
		return err
	}
	user := userOf(ctx)
	p.Approves = d.State == sohoa.DisposalDecided && user.Name != d.Proposed.By && s.records.MayApprove(user) &&
		!slices.ContainsFunc(d.Approvals, func(a sohoa.Approval) bool { return a.By == user.Name })
	s.render(w, r, status, "disposal", frame{Title: d.Title, Body: p})
	return nil
}

func (s *Server) disposalRows(ctx context.Context, id sohoa.SetID) ([]disposalRow, error) {
	items, err := s.cfg.Catalog.DisposalItems(ctx, id)
	if err != nil {
		return nil, err
	}
	var rows []disposalRow
	for _, i := range items {
		doc, err := s.cfg.Catalog.Document(ctx, scopeOf(ctx), i.Document)
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return nil, err
		}
		rows = append(rows, disposalRow{i, doc.Name})
	}
	return rows, nil
}

// postDisposal does one step of a disposal.
func (s *Server) postDisposal(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), userOf(r.Context()).Name
	d, err := s.disposal(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	var failure error
	switch r.PathValue("op") {
	case "decide":
		var verdicts []ingest.Verdict
		if verdicts, failure = s.formVerdicts(r, d.ID); failure == nil {
			_, failure = s.records.Decide(ctx, actor, d.ID, formCouncil(r), verdicts)
		}
	case "approve":
		_, failure = s.records.Approve(ctx, actor, d.ID)
	case "withdraw":
		_, failure = s.records.WithdrawDisposal(ctx, actor, d.ID, clean(r.PostFormValue("reason")))
	default:
		failure = newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	if failure == nil {
		http.Redirect(w, r, pathOf("disposal", string(d.ID)), http.StatusSeeOther)
		return nil
	}
	message, status, err := refused(r, failure)
	if err != nil {
		return err
	}
	return s.renderDisposal(w, r, status, message)
}

// formCouncil is the council of a form.
func formCouncil(r *http.Request) sohoa.Council {
	c := sohoa.Council{Minutes: clean(r.PostFormValue("minutes")), Decision: clean(r.PostFormValue("decision")), Day: sohoa.Date(r.PostFormValue("day"))}
	for line := range strings.Lines(r.PostFormValue("members")) {
		if m := clean(line); m != "" {
			c.Members = append(c.Members, m)
		}
	}
	return c
}

// formVerdicts are what a form decides about the documents of a disposal.
func (s *Server) formVerdicts(r *http.Request, id sohoa.SetID) ([]ingest.Verdict, error) {
	items, err := s.cfg.Catalog.DisposalItems(r.Context(), id)
	if err != nil {
		return nil, err
	}
	var verdicts []ingest.Verdict
	for _, i := range items {
		name := i.Document.String()
		switch r.PostFormValue("verdict-" + name) {
		case "destroy":
			verdicts = append(verdicts, ingest.Verdict{Document: i.Document})
		case "keep":
			years, err := strconv.Atoi(r.PostFormValue("years-" + name))
			if err != nil {
				return nil, newProblem(sohoa.ErrInvalid, "disposal.verdict", name)
			}
			p := ingest.Period{Code: sohoa.RetentionOther, Years: years, Ruling: sohoa.Ruling{Reason: clean(r.PostFormValue("reason-" + name))}}
			verdicts = append(verdicts, ingest.Verdict{Document: i.Document, Keep: &p})
		}
	}
	return verdicts, nil
}

// pageCertificate shows the certificate of a disposal, or gives it to be
// saved: "?as=txt" and "?as=json".
func (s *Server) pageCertificate(w http.ResponseWriter, r *http.Request) error {
	d, err := s.disposal(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	c, err := s.records.Certificate(r.Context(), d.ID)
	if err != nil {
		return err
	}
	as, kind := r.URL.Query().Get("as"), "text/plain; charset=utf-8"
	body := []byte(c.Text())
	switch as {
	case "txt":
	case "json":
		kind = "application/json"
		if body, err = json.MarshalIndent(c, "", " "); err != nil {
			return err
		}
	default:
		s.render(w, r, http.StatusOK, "certificate", frame{Title: text(r, "disposal.certificate"), Body: certificatePage{d, c.Text()}})
		return nil
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", attachment("tieu-huy-"+string(d.ID)+"."+as))
	http.ServeContent(w, r, "", c.Issued, bytes.NewReader(body))
	return nil
}

type certificatePage struct {
	Disposal sohoa.Disposal
	Text     string
}

// schedulePage is what the page of the retention schedule shows.
type schedulePage struct {
	sohoa.Schedule
	CSV      string
	Error    string
	Imported []int
}

func (s *Server) pageSchedule(w http.ResponseWriter, r *http.Request) error {
	return s.renderSchedule(w, r, http.StatusOK, "", "")
}

func (s *Server) renderSchedule(w http.ResponseWriter, r *http.Request, status int, typed, mistake string) error {
	now, err := s.cfg.Catalog.Schedule(r.Context())
	if err != nil {
		return err
	}
	p := schedulePage{Schedule: now, CSV: typed, Error: mistake, Imported: imported(r)}
	if typed == "" {
		var b strings.Builder
		if err := table.WritePlain(&b, sohoa.ScheduleColumns, now.Rows()); err != nil {
			return err
		}
		p.CSV = b.String()
	}
	s.render(w, r, status, "schedule", frame{Title: text(r, "disposal.schedule"), Body: p})
	return nil
}

func (s *Server) postSchedule(w http.ResponseWriter, r *http.Request) error {
	typed := r.PostFormValue("table")
	var made sohoa.Schedule
	rows, failure := table.Read(strings.NewReader(typed), table.Schedule)
	if failure == nil {
		var wrongs []sohoa.RowProblem
		made.Rules, wrongs = sohoa.RulesOf(rows)
		failure = sohoa.FirstProblem(wrongs)
	}
	if failure == nil {
		version, err := strconv.Atoi(r.PostFormValue("version"))
		if err != nil {
			version = -1
		}
		made.Version = version
		_, failure = s.records.SetSchedule(r.Context(), userOf(r.Context()).Name, made)
	}
	if failure == nil {
		http.Redirect(w, r, "/schedule", http.StatusSeeOther)
		return nil
	}
	message, status, err := wrong(r, failure)
	if err != nil {
		return err
	}
	return s.renderSchedule(w, r, status, typed, message)
}

// postEnd enters the last day of work on a dossier.
func (s *Server) postEnd(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), r.PathValue("code"))
	if err != nil {
		return err
	}
	if _, err := s.records.EndDossier(ctx, userOf(ctx).Name, d.Code, sohoa.Date(r.PostFormValue("day"))); err != nil {
		return err
	}
	http.Redirect(w, r, pathOf("dossiers", d.Code), http.StatusSeeOther)
	return nil
}
