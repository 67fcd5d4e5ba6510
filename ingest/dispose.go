package ingest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sohoa"
	"sohoa/archive"
)

// Disposing says who approves the destruction of documents, and how it begins.
type Disposing struct {
	Approvers []string      // optional: User.Name of who may approve; none are the administrators
	Wait      time.Duration // from the second approval to the first destruction
}

// DisposalDesk is where documents are proposed for disposal, and where it is
// decided. What was approved a job does (destroy.go). Errors beside Problems
// about what was entered are those of the catalogue.
type DisposalDesk interface {
	// Propose makes a disposal of kept documents that are due. They are marked
	// and stay as they are.
	Propose(ctx context.Context, actor string, p Proposal) (sohoa.Disposal, error)
	// Decide enters what the council decided about every document that is
	// still in the disposal. It may be entered again until it is approved.
	Decide(ctx context.Context, actor string, id sohoa.SetID, c sohoa.Council, verdicts []Verdict) (sohoa.Disposal, error)
	// Approve is one of the two approvals that a destruction needs. With the
	// second, documents that are kept get their new period.
	Approve(ctx context.Context, actor string, id sohoa.SetID) (sohoa.Disposal, error)
	// WithdrawDisposal ends a disposal of which nothing is destroyed yet.
	WithdrawDisposal(ctx context.Context, actor string, id sohoa.SetID, reason string) (sohoa.Disposal, error)
	// MayApprove reports whether a user has the right to approve.
	MayApprove(u sohoa.User) bool
	// Certificate returns the newest certificate of a disposal that has begun.
	Certificate(ctx context.Context, id sohoa.SetID) (DestructionCertificate, error)
}

var _ DisposalDesk = (*Service)(nil)

// Proposal is documents that somebody proposes for disposal.
type Proposal struct {
	Title     string
	Reason    string
	Documents []sohoa.DocumentID
}

// Verdict is what the council decided about one document.
type Verdict struct {
	Document sohoa.DocumentID
	Keep     *Period // for how much longer, from the end of the year of the decision; nil is to destroy it
}

// maxTitleRunes bounds the title of a disposal.
const maxTitleRunes = 200

// Propose implements DisposalDesk.
func (s *Service) Propose(ctx context.Context, actor string, p Proposal) (d sohoa.Disposal, err error) {
	user, err := s.person(ctx, actor, sohoa.PowerDispose)
	if err != nil {
		return d, err
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(p.Title)); n == 0 || n > maxTitleRunes {
		return d, invalid("disposal.title")
	}
	if err := sohoa.CheckReason(p.Reason); err != nil {
		return d, err
	}
	if len(p.Documents) == 0 || len(p.Documents) > sohoa.MaxDisposalItems {
		return d, invalid("disposal.documents", strconv.Itoa(sohoa.MaxDisposalItems))
	}
	now := s.Now().UTC()
	d = sohoa.Disposal{ID: sohoa.NewSetID(now), Title: strings.TrimSpace(p.Title), State: sohoa.DisposalProposed,
		Proposed: sohoa.Decision{By: actor, At: now, Reason: strings.TrimSpace(p.Reason)}}
	if d.Agency, err = s.commonAgency(ctx, user, p.Documents); err != nil {
		if sohoa.AsProblem(err).Code == "set.agencies" {
			err = invalid("disposal.agencies")
		}
		return d, err
	}
	return d, s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.enterDisposal(tx, d, p.Documents) })
}

// enterDisposal enters a disposal and marks its documents.
func (s *Service) enterDisposal(tx archive.Tx, d sohoa.Disposal, documents []sohoa.DocumentID) error {
	if err := tx.PutDisposal(d); err != nil {
		return err
	}
	if err := s.append(tx, sohoa.Entry{Actor: d.Proposed.By, Action: sohoa.ActionPropose}, detail{"disposal": d.ID, "documents": len(documents)}); err != nil {
		return err
	}
	for i, id := range documents {
		doc, err := tx.Document(id)
		if err != nil {
			return err
		}
		if doc.Disposal != "" || slices.Contains(documents[:i], id) {
			return conflict("disposal.taken", id.String())
		}
		if err := s.disposable(tx, doc); err != nil {
			return err
		}
		doc.Disposal = d.ID
		r := doc.Life.Retention
		err = errors.Join(tx.PutDocument(doc), tx.PutDisposalItem(sohoa.DisposalItem{Disposal: d.ID, Document: id, Position: i,
			State: sohoa.VerdictNone, Dossier: doc.Dossier, Type: doc.Life.Type, Result: doc.Life.Result, Due: r.Due, Basis: r.Basis}),
			s.journalBy(tx, d.Proposed.By, doc, sohoa.ActionPropose, detail{"disposal": d.ID}), s.tellReuses(tx, d.Proposed.By, doc))
		if err != nil {
			return err
		}
	}
	return nil
}

// disposable reports as a Problem why a document cannot be disposed of now.
func (s *Service) disposable(tx archive.Tx, doc sohoa.Document) error {
	if doc.State != sohoa.StateKept {
		return conflict("set.not-kept", doc.ID.String())
	}
	if err := doc.Life.Retention.MayEnd(sohoa.DateOf(s.Now())); err != nil {
		return err
	}
	p, err := tx.DocumentPending(doc.ID)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	if err == nil && !p.System() || doc.Set != "" || doc.Signature == sohoa.SignatureAwaiting {
		return conflict("disposal.signing", doc.ID.String())
	}
	return standsOn(tx, doc.ID)
}

// Decide implements DisposalDesk.
func (s *Service) Decide(ctx context.Context, actor string, id sohoa.SetID, c sohoa.Council, verdicts []Verdict) (d sohoa.Disposal, err error) {
	c.By, c.At = actor, s.Now().UTC()
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if d, err = tx.Disposal(id); err != nil {
			return err
		}
		items, err := tx.DisposalItems(id)
		if err != nil {
			return err
		}
		items = judged(items, verdicts)
		if err := d.Decide(c, items); err != nil {
			return err
		}
		for _, i := range items {
			if i.State == sohoa.VerdictDestroy {
				err = unshared(tx, i, items)
			}
			if err := errors.Join(err, tx.PutDisposalItem(i)); err != nil {
				return err
			}
		}
		return s.putDisposal(tx, actor, d, sohoa.ActionDecide, detail{"decision": c.Decision, "minutes": c.Minutes, "day": c.Day})
	})
	return d, err
}

// judged are the items that are still in a disposal, with their verdicts.
func judged(items []sohoa.DisposalItem, verdicts []Verdict) []sohoa.DisposalItem {
	items = slices.DeleteFunc(items, func(i sohoa.DisposalItem) bool { return i.State == sohoa.VerdictSpared })
	for n := range items {
		i := &items[n]
		i.State, i.Keep, i.Reason = sohoa.VerdictNone, nil, ""
		at := slices.IndexFunc(verdicts, func(v Verdict) bool { return v.Document == i.Document })
		if at < 0 {
			continue
		}
		i.State = sohoa.VerdictDestroy
		if k := verdicts[at].Keep; k != nil {
			i.State, i.Reason, i.Keep = sohoa.VerdictKeep, k.Reason, &sohoa.Retention{Code: k.Code, Years: k.Years}
		}
	}
	return items
}

// unshared reports as a Problem that a document that is to be destroyed shares
// pages with one that is not.
func unshared(tx archive.Tx, i sohoa.DisposalItem, items []sohoa.DisposalItem) error {
	with, err := tx.Sharing(i.Document)
	if err != nil {
		return err
	}
	for _, other := range with {
		if !slices.ContainsFunc(items, func(o sohoa.DisposalItem) bool { return o.Document == other && o.State.Ends() }) {
			return conflict("disposal.shared", i.Document.String(), other.String())
		}
	}
	return nil
}

// putDisposal enters a disposal as it now is.
func (s *Service) putDisposal(tx archive.Tx, actor string, d sohoa.Disposal, action sohoa.Action, what detail) error {
	what["disposal"], what["state"] = d.ID, d.State
	return errors.Join(tx.PutDisposal(d), s.append(tx, sohoa.Entry{Actor: actor, Action: action}, what))
}

// MayApprove implements DisposalDesk.
func (s *Service) MayApprove(u sohoa.User) bool {
	if len(s.Disposal.Approvers) == 0 {
		return u.May(sohoa.PowerDispose)
	}
	return slices.Contains(s.Disposal.Approvers, u.Name)
}

// Approve implements DisposalDesk.
func (s *Service) Approve(ctx context.Context, actor string, id sohoa.SetID) (d sohoa.Disposal, err error) {
	user, err := s.person(ctx, actor, sohoa.PowerDispose)
	if err != nil {
		return d, err
	}
	if !s.MayApprove(user.User) {
		return d, forbidden("disposal.approver")
	}
	if d, err = s.Catalog.Disposal(ctx, user.scope, id); err != nil {
		return d, err
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if d, err = tx.Disposal(id); err != nil {
			return err
		}
		if err := d.Approve(actor, s.Now().UTC(), s.Disposal.Wait); err != nil {
			return err
		}
		if err := s.putDisposal(tx, actor, d, sohoa.ActionApprove, detail{"approvals": len(d.Approvals)}); err != nil || d.State != sohoa.DisposalApproved {
			return err
		}
		if err := s.keepOn(tx, d); err != nil {
			return err
		}
		job, err := destroyJob(d)
		if err != nil {
			return err
		}
		return tx.Enqueue(job)
	})
	return d, err
}

// destroyJob is the job that does what was approved.
func destroyJob(d sohoa.Disposal) (archive.Job, error) {
	id, err := sohoa.ParseDocumentID(string(d.ID))
	return archive.Job{Stage: sohoa.StageDestroy, Document: id, After: d.After}, err
}

// keepOn gives the documents that the council keeps their new period, and lets
// them out of the disposal.
func (s *Service) keepOn(tx archive.Tx, d sohoa.Disposal) error {
	items, err := tx.DisposalItems(d.ID)
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.State != sohoa.VerdictKeep {
			continue
		}
		p := Period{Code: i.Keep.Code, Years: i.Keep.Years, Ruling: sohoa.Ruling{Decision: d.Council.Decision, Reason: i.Reason}}
		_, err := s.AmendIn(tx, i.Document, Amendment{Actor: d.Council.By, Action: sohoa.ActionRetention, Detail: detail{"disposal": d.ID, "code": p.Code, "years": p.Years},
			Change: func(tx archive.Tx, doc *sohoa.Document) error {
				doc.Disposal = ""
				return s.ruleRetention(tx, d.Council.By, doc, p, d.Council.Day)
			}})
		if err != nil {
			return err
		}
	}
	return nil
}

// WithdrawDisposal implements DisposalDesk.
func (s *Service) WithdrawDisposal(ctx context.Context, actor string, id sohoa.SetID, reason string) (d sohoa.Disposal, err error) {
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if d, err = tx.Disposal(id); err != nil {
			return err
		}
		if err := d.Withdraw(sohoa.Decision{By: actor, At: s.Now().UTC(), Reason: strings.TrimSpace(reason)}); err != nil {
			return err
		}
		items, err := tx.DisposalItems(id)
		if err != nil {
			return err
		}
		for _, i := range items {
			if err := s.unmark(tx, actor, i); err != nil {
				return err
			}
		}
		return s.putDisposal(tx, actor, d, sohoa.ActionStop, detail{"reason": reason})
	})
	return d, err
}

// unmark lets a document out of a disposal.
func (s *Service) unmark(tx archive.Tx, actor string, i sohoa.DisposalItem) error {
	doc, err := tx.Document(i.Document)
	if err != nil || doc.Disposal != i.Disposal || doc.State != sohoa.StateKept {
		return err
	}
	doc.Disposal = ""
	return errors.Join(tx.PutDocument(doc), s.tellReuses(tx, actor, doc))
}

// spareFor lets a document out of the disposal that it is in, with the reason.
// The caller puts the document.
func (s *Service) spareFor(tx archive.Tx, actor string, doc *sohoa.Document, why *sohoa.Problem) error {
	if doc.Disposal == "" {
		return nil
	}
	items, err := tx.DisposalItems(doc.Disposal)
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.Document == doc.ID {
			i.State, i.Problem, i.Keep = sohoa.VerdictSpared, why, nil
			err = tx.PutDisposalItem(i)
		}
	}
	if err != nil {
		return err
	}
	left := doc.Disposal
	doc.Disposal = ""
	return s.journalBy(tx, actor, *doc, sohoa.ActionSpare, detail{"disposal": left, "code": why.Code})
}
