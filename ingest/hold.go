package ingest

import (
	"context"
	"errors"
	"slices"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/queue"
)

// errHeld says that the document of a job is held.
var errHeld = errors.New("the document is held")

// errOvertaken says that the pages of a document were arranged while a stage
// was at work on them. The stage is tried again like any that failed.
var errOvertaken = errors.New("the pages were arranged meanwhile")

// Hold keeps a document from being signed until its release, so that its
// pages can be arranged. It is read and found all the same. A document that is
// being signed, signed or kept is the Problem "arrange.signing" or
// "arrange.signed", of sohoa.ErrConflict; which comes first is decided in the
// catalogue. One that is held already is left as it is.
func (s *Service) Hold(ctx context.Context, actor string, id sohoa.DocumentID) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(id)
		if err != nil {
			return err
		}
		if err := s.hold(tx, actor, &doc); err != nil {
			return err
		}
		return tx.PutDocument(doc)
	})
}

// hold makes doc a held one. The caller puts it. One that is parked where the
// pages are the matter, or the key, waits for its person only.
func (s *Service) hold(tx archive.Tx, actor string, doc *sohoa.Document) error {
	if err := unsigned(*doc); err != nil {
		return err
	}
	if doc.Waits != "" || doc.State == sohoa.StateParked && (doc.Stage == sohoa.StageCompose || doc.Stage == sohoa.StageSign) {
		doc.State, doc.Stage, doc.Problem, doc.Waits = sohoa.StateRead, sohoa.StageCompose, nil, ""
	}
	doc.HeldCount = false // a person holds it now
	if doc.Held {
		return nil
	}
	doc.Held = true
	_, err := tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionHold, Document: doc.ID, Dossier: doc.Dossier})
	return err
}

// unsigned reports as a Problem that it is too late to arrange the pages of
// doc. Signing has begun with the commit of its PDF, unless it failed or waits
// for a person.
func unsigned(doc sohoa.Document) error {
	switch {
	case doc.Revision > 0 || doc.State == sohoa.StateKept:
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "arrange.signed"}
	case doc.Waits == sohoa.WaitFields:
		return nil
	case doc.Stage == sohoa.StagePreserve, doc.Stage == sohoa.StageSign && doc.State != sohoa.StateParked:
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "arrange.signing"}
	}
	return nil
}

// Release lets a held document go on: its PDF is made of the pages as they are
// arranged, signed and kept. One that is not held is left as it is. With it go
// the documents whose last pages it took; they are not released by themselves
// (Problem "arrange.emptied").
func (s *Service) Release(ctx context.Context, actor string, id sohoa.DocumentID) error {
	var removed []sohoa.DocumentID
	err := s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(id)
		if err != nil || !doc.Held {
			return err
		}
		if doc.State == sohoa.StateRead && doc.Pages == 0 {
			return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "arrange.emptied"}
		}
		if p := doc.Miscounted(); p != nil {
			return p
		}
		if err := s.release(tx, actor, doc); err != nil {
			return err
		}
		removed, err = s.releaseEmptied(tx, actor, doc.Dossier)
		return err
	})
	if err == nil {
		s.clear(ctx, removed)
	}
	return err
}

// clear removes the working files of documents that are no more. What is left
// if this fails, Sweep removes.
func (s *Service) clear(ctx context.Context, ids []sohoa.DocumentID) {
	for _, id := range ids {
		if err := s.Blobs.RemoveAll(ctx, workDir(id)); err != nil {
			s.Log.Warn("working copies left behind", "document", id.String(), "err", err)
		}
	}
}

// release commits that doc is held no more, and the job that it waited for.
func (s *Service) release(tx archive.Tx, actor string, doc sohoa.Document) error {
	doc.Held, doc.HeldCount = false, false
	if err := tx.PutDocument(doc); err != nil {
		return err
	}
	_, err := tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionRelease, Document: doc.ID, Dossier: doc.Dossier})
	if err != nil || doc.State != sohoa.StateRead {
		return err
	}
	return tx.Enqueue(archive.Job{Stage: doc.Stage, Document: doc.ID})
}

// releaseEmptied goes through the documents of a dossier that have no page any
// more, and ends those whose pages cannot come back: what has an original is
// preserved with it, what was split off was made of pages only and is removed.
func (s *Service) releaseEmptied(tx archive.Tx, actor, dossier string) (removed []sohoa.DocumentID, err error) {
	emptied, err := tx.Emptied(dossier)
	if err != nil {
		return nil, err
	}
	for _, doc := range emptied {
		holders, err := tx.Holders(doc.ID)
		if err != nil {
			return nil, err
		}
		held, err := anyHeld(tx, slices.Concat(holders, doc.MovedTo))
		if err != nil {
			return nil, err
		}
		switch {
		case held:
		case doc.Digest.IsZero():
			removed = append(removed, doc.ID)
			if _, err = tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionRelease, Document: doc.ID, Dossier: doc.Dossier}); err == nil {
				err = tx.RemoveDocument(doc.ID)
			}
		default:
			doc.MovedTo, doc.Stage = holders, sohoa.StagePreserve
			doc.Signature, doc.SignReason = sohoa.SignatureNone, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sign.moved"}
			err = s.release(tx, actor, doc)
		}
		if err != nil {
			return nil, err
		}
	}
	return removed, nil
}

// anyHeld reports whether one of the documents is held with pages, which may
// go back.
func anyHeld(tx archive.Tx, ids []sohoa.DocumentID) (bool, error) {
	for _, id := range ids {
		doc, err := tx.Document(id)
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return false, err
		}
		if doc.Held && doc.Pages > 0 {
			return true, nil
		}
	}
	return false, nil
}

// waits reports whether a stage of a held document waits for its release.
func waits(stage sohoa.Stage) bool {
	return stage == sohoa.StageCompose || stage == sohoa.StageSign || stage == sohoa.StagePreserve
}

// composed reports as errHeld or errOvertaken that what compose made of doc
// must not be committed any more.
func (s *Service) composed(tx archive.Tx, doc sohoa.Document) error {
	now, err := tx.Document(doc.ID)
	switch {
	case err != nil:
		return err
	case now.Held:
		return errHeld
	case now.Arrangement != doc.Arrangement || now.Stage != sohoa.StageCompose:
		return errOvertaken
	}
	return nil
}

// leave ends a job whose document must not go on, as long as stopped says so.
// If a person let it go on in between, they found this job still there and
// added none, so this one does the work.
func (s *Service) leave(ctx context.Context, job *queue.Running, stopped func(sohoa.Document) bool) error {
	ended := false
	err := s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(job.Document)
		if err != nil {
			return err
		}
		if ended = stopped(doc); ended {
			return tx.Complete(job)
		}
		return nil
	})
	if err != nil || ended {
		return err
	}
	return s.handle(ctx, job)
}
