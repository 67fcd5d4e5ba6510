package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sohoa"
	"sohoa/archive"
)

var _ ReuseDesk = (*Service)(nil)

// maxOffers is how many held results are judged for one requirement: those of
// a kind before those of none, the newest. A person has few of one kind.
const maxOffers = 50

// maxJudgings is how often a result is judged that changes meanwhile.
const maxJudgings = 5

// errChanged says that a document is not the one that was judged.
var errChanged = errors.New("the document changed while it was judged")

// asking is a dossier with a requirement of its procedure.
type asking struct {
	dossier     sohoa.Dossier
	requirement sohoa.Requirement
	kinds       []string
}

// asked finds a requirement of a dossier in scope.
func (s *Service) asked(ctx context.Context, scope sohoa.Scope, dossier, requirement string) (a asking, err error) {
	if a.dossier, err = s.Catalog.Dossier(ctx, scope, dossier); err != nil {
		return a, err
	}
	procedure, err := s.Catalog.Procedure(ctx, a.dossier.Procedure)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return a, err
	}
	var ok bool
	if a.requirement, ok = procedure.Requirement(requirement); !ok {
		return a, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "requirement.unknown", Args: []string{requirement, a.dossier.Procedure}}
	}
	a.kinds, err = s.kindNames(ctx, a.requirement)
	return a, err
}

// kindNames are the names by which people call what satisfies a requirement:
// its own, and those of its kinds.
func (s *Service) kindNames(ctx context.Context, r sohoa.Requirement) ([]string, error) {
	schedule, err := s.Catalog.Schedule(ctx)
	names := []string{r.Name}
	for _, rule := range schedule.Rules {
		if r.Satisfied(rule.Type) {
			names = append(names, rule.Name)
		}
	}
	return names, err
}

// judging is what a requirement wants now.
func (s *Service) judging(a asking) judging {
	return judging{at: s.Now(), requirement: a.requirement, owner: a.dossier.Owner, kinds: a.kinds}
}

// candidate gathers what is to be known of a held document.
func (s *Service) candidate(ctx context.Context, doc sohoa.Document) (c candidate, err error) {
	c = candidate{doc: doc, scanned: doc.Master != sohoa.MasterOriginal}
	if c.dossier, err = s.Catalog.Dossier(ctx, sohoa.Everything, doc.Dossier); err != nil {
		return c, err
	}
	if !c.scanned {
		pages, err := s.Catalog.Pages(ctx, doc.ID)
		if err != nil {
			return c, err
		}
		c.scanned = allScanned(pages)
	}
	c.signed, c.digest, err = s.signatures(ctx, doc, c.scanned)
	return c, err
}

// allScanned reports whether a PDF that came signed is of scanned pages: none
// brought text of its own.
func allScanned(pages []sohoa.Page) bool {
	return len(pages) > 0 && !slices.ContainsFunc(pages, func(p sohoa.Page) bool { return p.TextSource != sohoa.TextOCR })
}

// offers are what is held for a requirement, but for what is known to be of
// another kind or of the dossier itself.
func (s *Service) offers(ctx context.Context, a asking) ([]Offer, error) {
	if len(a.requirement.Types) == 0 {
		return nil, nil
	}
	o := a.dossier.Owner
	held, err := s.Catalog.Held(ctx, archive.HeldQuery{IDNumber: o.IDNumber, Name: o.Name, BirthDate: o.BirthDate, Types: a.requirement.Types, Limit: maxOffers})
	if err != nil {
		return nil, err
	}
	var all []Offer
	for _, doc := range held {
		if doc.Dossier == a.dossier.Code || s.judging(a).typeRule(candidate{doc: doc}).outcome == sohoa.ReuseFail {
			continue
		}
		c, err := s.candidate(ctx, doc)
		if err != nil {
			return nil, fmt.Errorf("judge %s: %w", doc.ID, err)
		}
		checks := s.judging(a).checks(c)
		agency, _, err := s.Names(ctx, c.dossier)
		if err != nil {
			return nil, err
		}
		all = append(all, Offer{Document: doc, Dossier: c.dossier, Agency: agency, Verdict: sohoa.ReuseVerdict(checks), Checks: checks})
	}
	slices.SortStableFunc(all, func(x, y Offer) int { return cmp.Compare(severity(x.Verdict), severity(y.Verdict)) })
	return all, nil
}

// usable counts the offers that no rule fails.
func usable(offers []Offer) (n int) {
	for _, o := range offers {
		if o.Verdict != sohoa.ReuseFail {
			n++
		}
	}
	return n
}

// Papers implements ReuseDesk.
func (s *Service) Papers(ctx context.Context, scope sohoa.Scope, code string) ([]Paper, error) {
	dossier, err := s.Catalog.Dossier(ctx, scope, code)
	if err != nil {
		return nil, err
	}
	procedure, err := s.Catalog.Procedure(ctx, dossier.Procedure)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, nil // it asks for nothing that anybody entered
	}
	if err != nil {
		return nil, err
	}
	reuses, err := s.Catalog.FindReuses(ctx, scope, archive.ReuseQuery{Dossier: code, Limit: maxDossierDocuments})
	if err != nil {
		return nil, err
	}
	own, err := s.Catalog.FindDocuments(ctx, scope, archive.DocumentQuery{Dossier: code, Limit: maxDossierDocuments})
	if err != nil {
		return nil, err
	}
	omitted, err := s.Catalog.Omissions(ctx, scope, code)
	if err != nil {
		return nil, err
	}
	var papers []Paper
	for _, r := range procedure.Requirements {
		p := Paper{Requirement: r, Reuse: decided(reuses, r.Code), Omitted: omissionOf(omitted, r.Code)}
		for _, doc := range own {
			if r.Covers(doc) {
				p.Documents = append(p.Documents, doc.ID)
			}
		}
		if p.Reuse == nil && p.Omitted == nil {
			if p.Offers, err = s.countOffers(ctx, dossier, r); err != nil {
				return nil, err
			}
		}
		papers = append(papers, p)
	}
	return papers, nil
}

// decided is what counts of the decisions about a requirement, the newest
// first: what is accepted, or else the newest that was declined.
func decided(reuses []sohoa.Reuse, requirement string) *sohoa.Reuse {
	for _, state := range []sohoa.ReuseState{sohoa.ReuseAccepted, sohoa.ReuseDeclined} {
		i := slices.IndexFunc(reuses, func(r sohoa.Reuse) bool { return r.Requirement == requirement && r.State == state })
		if i >= 0 {
			return &reuses[i]
		}
	}
	return nil
}

// countOffers counts the results that no rule fails.
func (s *Service) countOffers(ctx context.Context, d sohoa.Dossier, r sohoa.Requirement) (int, error) {
	kinds, err := s.kindNames(ctx, r)
	if err != nil {
		return 0, err
	}
	offers, err := s.offers(ctx, asking{d, r, kinds})
	return usable(offers), err
}

// Held implements ReuseDesk.
func (s *Service) Held(ctx context.Context, by ReuseActor, dossier, requirement string) ([]Offer, error) {
	a, err := s.asked(ctx, by.Scope, dossier, requirement)
	if err != nil {
		return nil, err
	}
	offers, err := s.offers(ctx, a)
	if err != nil {
		return nil, err
	}
	reuses, err := s.Catalog.FindReuses(ctx, by.Scope, archive.ReuseQuery{Dossier: dossier, Requirement: requirement, Limit: maxDossierDocuments})
	if err != nil {
		return nil, err
	}
	found := make([]string, len(offers))
	for i := range offers {
		o := &offers[i]
		found[i] = o.Document.ID.String()
		of := slices.DeleteFunc(slices.Clone(reuses), func(r sohoa.Reuse) bool { return r.Document != o.Document.ID })
		o.Decided = decided(of, requirement)
	}
	return offers, s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if usable(offers) > 0 {
			if err := tx.PutOffer(dossier, requirement, s.Now().UTC()); err != nil {
				return err
			}
		}
		e := sohoa.Entry{Action: sohoa.ActionHeld, Dossier: dossier}
		return s.journalReuse(tx, by, e, requirement, detail{"found": found, "usable": usable(offers)})
	})
}

// journalReuse appends an entry about a requirement of a dossier.
func (s *Service) journalReuse(tx archive.Tx, by ReuseActor, e sohoa.Entry, requirement string, d detail) error {
	e.Actor, e.Purpose = by.Name, sohoa.Purpose{Dossier: e.Dossier, Requirement: requirement}.String()
	d["requirement"] = requirement
	if by.For != "" {
		d["for"] = by.For
	}
	return s.append(tx, e, d)
}

// AcceptReuse implements ReuseDesk.
func (s *Service) AcceptReuse(ctx context.Context, by ReuseActor, r ReuseRequest) (sohoa.Reuse, error) {
	return s.decide(ctx, by, r, s.acceptIn)
}

// DeclineReuse implements ReuseDesk.
func (s *Service) DeclineReuse(ctx context.Context, by ReuseActor, r ReuseRequest) (sohoa.Reuse, error) {
	if err := checkReuseReason(r.Reason, r.Note); err != nil {
		return sohoa.Reuse{}, err
	}
	return s.decide(ctx, by, r, s.declineIn)
}

// checkReuseReason reports as a Problem that a reason is none of
// sohoa.ReuseReasons, or a note too long.
func checkReuseReason(reason sohoa.ReuseReason, note string) error {
	if !slices.Contains(sohoa.ReuseReasons, reason) {
		return invalid("reuse.reason", string(reason))
	}
	return checkNote(note)
}

func checkNote(note string) error {
	if utf8.RuneCountInString(note) > sohoa.MaxReasonRunes {
		return invalid("reuse.note", strconv.Itoa(sohoa.MaxReasonRunes))
	}
	return nil
}

// decision is what is about to be decided: reuse is as it will be, but for its
// state.
type decision struct {
	by      ReuseActor
	request ReuseRequest
	doc     sohoa.Document // as it is now, locked
	reuse   sohoa.Reuse
	before  []sohoa.Reuse // about the requirement, oldest first
}

// decide judges a result and decides about it in one transaction. What takes
// long is judged before that, of a revision; if there is another by then, it
// is judged again.
func (s *Service) decide(ctx context.Context, by ReuseActor, r ReuseRequest, in func(archive.Tx, decision) (sohoa.Reuse, error)) (reuse sohoa.Reuse, err error) {
	if err := checkNote(r.Note); err != nil {
		return reuse, err
	}
	for range maxJudgings {
		reuse, err = s.decideOnce(ctx, by, r, in)
		if !errors.Is(err, errChanged) {
			return reuse, err
		}
	}
	return reuse, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "reuse.changing"}
}

func (s *Service) decideOnce(ctx context.Context, by ReuseActor, r ReuseRequest, in func(archive.Tx, decision) (sohoa.Reuse, error)) (reuse sohoa.Reuse, err error) {
	a, err := s.asked(ctx, by.Scope, r.Dossier, r.Requirement)
	if err != nil {
		return reuse, err
	}
	doc, err := s.Catalog.Document(ctx, sohoa.Everything, r.Document)
	if err != nil {
		return reuse, err
	}
	if doc.Dossier == r.Dossier {
		return reuse, conflict("reuse.own", r.Document.String())
	}
	c, err := s.candidate(ctx, doc)
	if err != nil {
		return reuse, err
	}
	now := s.Now().UTC()
	id := sohoa.NewSetID(now)
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if a.dossier, err = tx.Dossier(r.Dossier); err != nil {
			return err
		}
		d := decision{by: by, request: r}
		if d.before, err = tx.DossierReuses(r.Dossier); err != nil {
			return err
		}
		d.before = slices.DeleteFunc(d.before, func(b sohoa.Reuse) bool { return b.Requirement != r.Requirement })
		if c.dossier, err = tx.Dossier(doc.Dossier); err != nil {
			return err
		}
		if d.doc, err = tx.Document(r.Document); err != nil {
			return err
		}
		if d.doc.Revision != doc.Revision {
			return errChanged
		}
		c.doc = d.doc
		d.reuse = sohoa.Reuse{ID: id, Dossier: r.Dossier, Requirement: r.Requirement, Document: r.Document, Result: d.doc.Life.Result, By: by.Name, At: now,
			Note: strings.TrimSpace(r.Note), Checks: s.judging(a).checks(c), Revision: d.doc.Revision, Digest: c.digest}
		reuse, err = in(tx, d)
		return err
	})
	return reuse, err
}

// acceptIn accepts a result that the rules let pass.
func (s *Service) acceptIn(tx archive.Tx, d decision) (sohoa.Reuse, error) {
	if i := slices.IndexFunc(d.before, func(r sohoa.Reuse) bool { return r.State == sohoa.ReuseAccepted }); i >= 0 {
		if d.before[i].Document == d.doc.ID {
			return d.before[i], nil
		}
		return d.reuse, archive.RequirementTaken(d.reuse)
	}
	verdict := sohoa.ReuseVerdict(d.reuse.Checks)
	switch {
	case verdict == sohoa.ReuseFail:
		return d.reuse, because(d.reuse.Checks, verdict)
	case verdict == sohoa.ReuseConfirm && !d.request.Confirmed:
		p := conflict("reuse.confirm")
		p.Detail = because(d.reuse.Checks, verdict).Code
		return d.reuse, p
	}
	doc, err := s.nameResult(tx, d.by.Name, d.doc)
	if err != nil {
		return d.reuse, err
	}
	d.reuse.State, d.reuse.Result, d.reuse.Confirmed = sohoa.ReuseAccepted, doc.Life.Result, verdict == sohoa.ReuseConfirm
	return d.reuse, s.enterReuse(tx, d, sohoa.ActionReuse)
}

// because is the first reason for an outcome.
func because(checks []sohoa.ReuseCheck, outcome sohoa.ReuseOutcome) *sohoa.Problem {
	i := slices.IndexFunc(checks, func(c sohoa.ReuseCheck) bool { return c.Outcome == outcome })
	return checks[i].Because
}

// declineIn enters that a result is not used. The same again changes nothing.
func (s *Service) declineIn(tx archive.Tx, d decision) (sohoa.Reuse, error) {
	for i := len(d.before) - 1; i >= 0; i-- {
		b := d.before[i]
		if b.Document != d.doc.ID {
			continue
		}
		if b.State == sohoa.ReuseAccepted {
			return d.reuse, conflict("reuse.is-accepted")
		}
		if b.State == sohoa.ReuseDeclined && b.Reason == d.request.Reason && b.Note == d.reuse.Note {
			return b, nil
		}
		break
	}
	d.reuse.State, d.reuse.Reason = sohoa.ReuseDeclined, d.request.Reason
	return d.reuse, s.enterReuse(tx, d, sohoa.ActionDecline)
}

// enterReuse enters a decision with its journal entry.
func (s *Service) enterReuse(tx archive.Tx, d decision, action sohoa.Action) error {
	if err := s.putReuse(tx, d.reuse); err != nil {
		return err
	}
	what := detail{"reuse": d.reuse.ID, "revision": d.reuse.Revision, "verdict": sohoa.ReuseVerdict(d.reuse.Checks)}
	if d.reuse.Result != "" {
		what["result"] = d.reuse.Result
	}
	if d.reuse.Reason != "" {
		what["reason"] = d.reuse.Reason
	}
	if d.reuse.Confirmed {
		what["confirmed"] = true
	}
	e := sohoa.Entry{Action: action, Document: d.doc.ID, Dossier: d.reuse.Dossier}
	return s.journalReuse(tx, d.by, e, d.reuse.Requirement, what)
}

// nameResult gives a kept document the code of a result, if it has none: its
// dossier's, "-KQ" and a number that no document of the dossier ever had (NĐ
// 45/2020/NĐ-CP, Article 14).
func (s *Service) nameResult(tx archive.Tx, actor string, doc sohoa.Document) (sohoa.Document, error) {
	if doc.Life.Result != "" {
		return doc, nil
	}
	if _, err := tx.Dossier(doc.Dossier); err != nil { // locks it: one number at a time
		return doc, err
	}
	codes, err := tx.Results(doc.Dossier)
	if err != nil {
		return doc, err
	}
	prefix, last := doc.Dossier+"-KQ", 0
	for _, code := range codes {
		if n, err := strconv.Atoi(strings.TrimPrefix(code, prefix)); err == nil && strings.HasPrefix(code, prefix) {
			last = max(last, n)
		}
	}
	code := prefix + strconv.Itoa(last+1)
	return s.AmendIn(tx, doc.ID, Amendment{Actor: actor, Action: sohoa.ActionResult, Detail: detail{"result": code},
		Change: func(_ archive.Tx, doc *sohoa.Document) error {
			doc.Life.Result = code
			return nil
		}})
}

// EndReuse implements ReuseDesk.
func (s *Service) EndReuse(ctx context.Context, by ReuseActor, id sohoa.SetID, reason sohoa.ReuseReason, note string) (sohoa.Reuse, error) {
	if err := checkReuseReason(reason, note); err != nil {
		return sohoa.Reuse{}, err
	}
	return s.changeReuse(ctx, by, id, func(r *sohoa.Reuse) (sohoa.Action, detail, error) {
		if r.State == sohoa.ReuseEnded {
			return "", nil, nil
		}
		if r.State != sohoa.ReuseAccepted {
			return "", nil, conflict("reuse.not-accepted")
		}
		r.State, r.Reason = sohoa.ReuseEnded, reason
		r.Ended = &sohoa.Decision{By: by.Name, At: s.Now().UTC(), Reason: strings.TrimSpace(note)}
		return sohoa.ActionReuseEnd, detail{"reason": reason}, nil
	})
}

// SeenLoss implements ReuseDesk.
func (s *Service) SeenLoss(ctx context.Context, by ReuseActor, id sohoa.SetID, note string) (sohoa.Reuse, error) {
	if err := checkNote(note); err != nil {
		return sohoa.Reuse{}, err
	}
	return s.changeReuse(ctx, by, id, func(r *sohoa.Reuse) (sohoa.Action, detail, error) {
		switch {
		case r.Lost == nil:
			return "", nil, conflict("reuse.not-lost")
		case !r.Lost.Seen.IsZero():
			return "", nil, nil
		}
		r.Lost.Seen, r.Lost.By, r.Lost.Note = s.Now().UTC(), by.Name, strings.TrimSpace(note)
		return sohoa.ActionReuseSeen, detail{"force": r.Lost.Force}, nil
	})
}

// changeReuse changes a reuse in scope, with its journal entry. No action is
// no change.
func (s *Service) changeReuse(ctx context.Context, by ReuseActor, id sohoa.SetID, change func(*sohoa.Reuse) (sohoa.Action, detail, error)) (r sohoa.Reuse, err error) {
	known, err := s.Catalog.Reuse(ctx, by.Scope, id)
	if err != nil {
		return r, err
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if _, err := tx.Dossier(known.Dossier); err != nil { // locks it, as whoever accepts does
			return err
		}
		if r, err = tx.Reuse(id); err != nil {
			return err
		}
		action, what, err := change(&r)
		if err != nil || action == "" {
			return err
		}
		if err := s.putReuse(tx, r); err != nil {
			return err
		}
		what["reuse"] = r.ID
		return s.journalReuse(tx, by, sohoa.Entry{Action: action, Document: r.Document, Dossier: r.Dossier}, r.Requirement, what)
	})
	return r, err
}

// Compare implements ReuseDesk.
func (s *Service) Compare(ctx context.Context, actor string, id sohoa.DocumentID, form sohoa.PaperForm) (sohoa.Document, error) {
	if !slices.Contains(sohoa.PaperForms, form) {
		return sohoa.Document{}, invalid("compare.form", string(form))
	}
	now := s.Now().UTC()
	return s.Amend(ctx, id, Amendment{Actor: actor, Action: sohoa.ActionCompare, Detail: detail{"form": form},
		Change: func(_ archive.Tx, doc *sohoa.Document) error {
			doc.Life.Compared = &sohoa.Comparison{By: actor, At: now, Form: form}
			return nil
		}})
}

// ReuseFigures implements ReuseDesk.
func (s *Service) ReuseFigures(ctx context.Context, scope sohoa.Scope, from, until sohoa.Date) ([]ReuseFigures, error) {
	first, err := sohoa.ParseMoment(string(from))
	if err != nil {
		return nil, err
	}
	last, err := sohoa.ParseMoment(string(until))
	if err != nil {
		return nil, err
	}
	if from == "" || until == "" || until < from {
		return nil, invalid("reuse.days")
	}
	counts, err := s.Catalog.ReuseCounts(ctx, scope, first, last.AddDate(0, 0, 1))
	if err != nil {
		return nil, err
	}
	agencies, err := s.Catalog.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]sohoa.Agency{}
	for _, a := range agencies {
		names[a.Code] = a
	}
	figures := make([]ReuseFigures, len(counts))
	for i, n := range counts {
		agency, listed := names[n.Agency]
		if !listed {
			agency.Code = n.Agency
		}
		figures[i] = ReuseFigures{Agency: agency, Received: n.Received, Reusing: n.Reusing, Accepted: n.Accepted, Declined: n.Declined,
			Offered: n.Offered, Lost: n.Lost, Unseen: n.Unseen, From: from, Until: until, At: s.Now().UTC()}
	}
	return figures, nil
}
