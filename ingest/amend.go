package ingest

import (
	"context"
	"errors"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/queue"
)

// Amendment is a decision about a document that is kept.
type Amendment struct {
	Actor  string // User.Name
	Action sohoa.Action
	Detail map[string]any // as Entry.Detail
	// Change changes doc.Life, or refuses with a Problem. It may run several
	// times.
	Change func(tx archive.Tx, doc *sohoa.Document) error
}

// Amend changes what is decided about a kept document. The change and its
// journal entry are durable when Amend returns; a job makes it a version of
// the document in the storage root. Errors: sohoa.ErrNotExist,
// sohoa.ErrConflict for a document that is not kept, and those of Change.
func (s *Service) Amend(ctx context.Context, id sohoa.DocumentID, a Amendment) (doc sohoa.Document, err error) {
	err = s.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		doc, err = s.AmendIn(tx, id, a)
		return err
	})
	return doc, err
}

// AmendIn is Amend inside a transaction.
func (s *Service) AmendIn(tx archive.Tx, id sohoa.DocumentID, a Amendment) (sohoa.Document, error) {
	doc, err := tx.Document(id)
	if err != nil {
		return doc, err
	}
	if doc.State != sohoa.StateKept {
		return doc, conflict("set.not-kept", id.String())
	}
	if err := a.Change(tx, &doc); err != nil {
		return doc, err
	}
	doc.Life.Change++
	if err := tx.PutDocument(doc); err != nil {
		return doc, err
	}
	if err := s.journalBy(tx, a.Actor, doc, a.Action, a.Detail); err != nil {
		return doc, err
	}
	if err := s.tellReuses(tx, a.Actor, doc); err != nil {
		return doc, err
	}
	return doc, tx.Enqueue(archive.Job{Stage: sohoa.StageAmend, Document: id})
}

// unrecorded reports whether something was decided about a document, or its
// fields were confirmed, that the storage root does not have yet.
func unrecorded(doc sohoa.Document) bool {
	return doc.LifeKept < doc.Life.Change || doc.FieldsKept < doc.FieldsAt
}

// amend makes what was decided about a document its next version. Whether
// there is more is decided in the transaction that ends the job. Signatures
// are made for a version, so that one which is under way comes first.
func (s *Service) amend(ctx context.Context, job *queue.Running, id sohoa.DocumentID) error {
	for {
		p, doc, err := s.takeRecord(ctx, job, id)
		if err != nil || p.ID == "" {
			return err
		}
		k := keeping{action: sohoa.ActionAmend, message: "record changed", pending: p.ID, more: true,
			within: func(tx archive.Tx, _ *sohoa.Document) error { return tx.RemovePending(p.ID) }}
		if k.signing, err = s.signingNow(ctx, doc); err != nil {
			return err
		}
		if err := s.keep(ctx, job, doc, k); err != nil {
			return err
		}
	}
}

// takeRecord makes a document the job's own, if there is something to record
// of it; else the job is complete.
func (s *Service) takeRecord(ctx context.Context, job *queue.Running, id sohoa.DocumentID) (p sohoa.PendingSignature, doc sohoa.Document, err error) {
	err = s.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		p = sohoa.PendingSignature{}
		if doc, err = tx.Document(id); err != nil {
			return err
		}
		under, err := tx.DocumentPending(id)
		switch {
		case err == nil && under.Flow == sohoa.FlowRecord:
			p = under // an interrupted run took it
			return nil
		case err != nil && !errors.Is(err, sohoa.ErrNotExist):
			return err
		case !unrecorded(doc) || doc.State != sohoa.StateKept:
			return tx.Complete(job)
		case err == nil:
			return queue.Later(busyPause) // what is under way makes a version of its own, with the record as it is then
		}
		t := turn{doc: doc}
		p = t.newPending("", sohoa.FlowRecord, s.Now().UTC())
		return tx.PutPending(p)
	})
	return p, doc, err
}

// signingNow is where a document stands in the set that it is in.
func (s *Service) signingNow(ctx context.Context, doc sohoa.Document) (*RecordSigning, error) {
	item, err := s.Catalog.DocumentItem(ctx, doc.ID)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	set, err := s.Catalog.SigningSet(ctx, sohoa.Everything, item.Set)
	return &RecordSigning{Set: set, Item: item}, err
}
