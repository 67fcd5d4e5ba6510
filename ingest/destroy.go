package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
	"sohoa/ingest/queue"
)

// Pauses of a destruction: while a document is being written, and while a
// store holds a lock.
const (
	destroySoon  = 2 * time.Second
	destroyLater = 10 * time.Minute
)

// destroy does what a disposal that was approved by two people says. It may be
// cut off anywhere and run again:
//
//  1. what is to go is read from the storage root, and noted;
//  2. in one transaction the disposal begins: documents that may not go any
//     more are spared, the others are served no longer;
//  3. the order is kept as an object of the storage root, version 1 of the
//     certificate, so that the root alone tells what was about to happen;
//  4. each document goes, from every copy, and is replaced by a tombstone once
//     nothing is found of it;
//  5. the certificate is kept as version 2. Only now is the disposal done.
//
// A store that is away or holds a lock leaves the disposal where it is, with
// the reason; it goes on later.
func (s *Service) destroy(ctx context.Context, job *queue.Running) error {
	id := sohoa.SetID(job.Document.String())
	d, err := s.Catalog.Disposal(ctx, sohoa.Everything, id)
	if err != nil {
		return err
	}
	if d.State != sohoa.DisposalApproved && d.State != sohoa.DisposalDestroying {
		return errGone
	}
	if wait := d.After.Sub(s.Now()); wait > 0 {
		return queue.Later(wait)
	}
	err = s.destroyAll(ctx, d)
	if err == nil {
		err = s.certify(ctx, job, id)
	}
	var p *sohoa.Problem
	if !errors.As(err, &p) || ctx.Err() != nil {
		return err
	}
	if noted := s.waits(ctx, id, p); noted != nil {
		return noted
	}
	if p.Code == "disposal.locked" {
		return queue.Later(destroyLater)
	}
	return err
}

// resumeDisposals enqueues again what a job should be at and may not be.
func (s *Service) resumeDisposals(ctx context.Context) error {
	open, err := s.Catalog.FindDisposals(ctx, sohoa.Everything, archive.DisposalQuery{Open: true, Limit: sohoa.MaxSetItems})
	if err != nil {
		return err
	}
	var jobs []archive.Job
	for _, d := range open {
		if d.State != sohoa.DisposalApproved && d.State != sohoa.DisposalDestroying {
			continue
		}
		job, err := destroyJob(d)
		if err != nil {
			return err
		}
		jobs = append(jobs, job)
	}
	return s.enqueue(ctx, jobs)
}

// waits notes why a destruction does not go on.
func (s *Service) waits(ctx context.Context, id sohoa.SetID, why *sohoa.Problem) error {
	s.Log.Warn("destruction waits", "disposal", string(id), "code", why.Code, "detail", why.Detail)
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		d, err := tx.Disposal(id)
		if err != nil {
			return err
		}
		d.Problem = why
		return tx.PutDisposal(d)
	})
}

// destroyAll destroys the documents of a disposal, those that can be before it
// tells of one that cannot.
func (s *Service) destroyAll(ctx context.Context, d sohoa.Disposal) error {
	if err := s.listContents(ctx, d.ID); err != nil {
		return err
	}
	if err := s.beginDestroying(ctx, d.ID); err != nil {
		return err
	}
	if err := s.keepCertificate(ctx, d.ID, 0); err != nil {
		return err
	}
	items, err := s.Catalog.DisposalItems(ctx, d.ID)
	if err != nil {
		return err
	}
	var waits error
	for _, i := range items {
		if i.State != sohoa.VerdictDestroying {
			continue
		}
		if err := s.destroyDocument(ctx, i); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			waits = errors.Join(waits, err)
		}
	}
	return waits
}

// listContents notes what the objects of documents that are to go consist of.
func (s *Service) listContents(ctx context.Context, id sohoa.SetID) error {
	items, err := s.Catalog.DisposalItems(ctx, id)
	if err != nil {
		return err
	}
	listed := map[sohoa.DocumentID]sohoa.DisposalItem{}
	for _, i := range items {
		if i.State != sohoa.VerdictDestroy {
			continue
		}
		if i.Files, i.Versions, err = s.doomed(ctx, i.Document); err != nil {
			return err
		}
		listed[i.Document] = i
	}
	if len(listed) == 0 {
		return nil
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error { return putListed(tx, id, listed) })
}

// putListed notes contents in the items that are still to be destroyed.
func putListed(tx archive.Tx, id sohoa.SetID, listed map[sohoa.DocumentID]sohoa.DisposalItem) error {
	if _, err := tx.Disposal(id); err != nil { // locks it
		return err
	}
	items, err := tx.DisposalItems(id)
	if err != nil {
		return err
	}
	for _, i := range items {
		now, ok := listed[i.Document]
		if !ok || i.State != sohoa.VerdictDestroy {
			continue
		}
		i.Files, i.Versions = now.Files, now.Versions
		if err := tx.PutDisposalItem(i); err != nil {
			return err
		}
	}
	return nil
}

// doomed are the files of a document's object. Of one that is damaged the
// catalogue knows what it was.
func (s *Service) doomed(ctx context.Context, id sohoa.DocumentID) ([]sohoa.DestroyedFile, int, error) {
	files, versions, err := s.Keeper.Contents(ctx, ocfl.DocumentID(id))
	if err == nil {
		return files, versions, nil
	}
	if !errors.Is(err, sohoa.ErrVerification) && !errors.Is(err, sohoa.ErrNotExist) {
		return nil, 0, s.notNow("first", id, err)
	}
	known, err := s.Catalog.Files(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	for _, f := range known {
		if f.Role != sohoa.RoleThumb {
			files = append(files, sohoa.DestroyedFile{Path: f.Key, Size: f.Size, Digest: f.Digest})
		}
	}
	doc, err := s.Catalog.Document(ctx, sohoa.Everything, id)
	return files, doc.Revision, err
}

// notNow words that a store refuses.
func (s *Service) notNow(store string, id sohoa.DocumentID, err error) error {
	p := sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "disposal.away", Args: []string{store}, Detail: err.Error()}
	if errors.Is(err, sohoa.ErrForbidden) {
		p.Code, p.Args = "disposal.locked", []string{store, id.String()}
	}
	return &p
}

// beginDestroying begins a disposal: what may not go any more is spared.
func (s *Service) beginDestroying(ctx context.Context, id sohoa.SetID) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		d, err := tx.Disposal(id)
		if err != nil {
			return err
		}
		if err := d.Begin(s.Now()); err != nil {
			return err
		}
		d.Problem = nil
		items, err := tx.DisposalItems(id)
		if err != nil {
			return err
		}
		if err := s.spareAll(tx, items); err != nil {
			return err
		}
		for _, i := range items {
			if i.State != sohoa.VerdictDestroy {
				continue
			}
			if err := s.beginDocument(tx, i); err != nil {
				return err
			}
		}
		return tx.PutDisposal(d)
	})
}

// spareAll takes out of items what may not be destroyed any more, and what
// shares pages with it.
func (s *Service) spareAll(tx archive.Tx, items []sohoa.DisposalItem) error {
	for changed := true; changed; {
		changed = false
		for n := range items {
			i := &items[n]
			if i.State != sohoa.VerdictDestroy {
				continue
			}
			doc, err := tx.Document(i.Document)
			if err != nil {
				return err
			}
			why := s.disposable(tx, doc)
			if why == nil {
				why = unshared(tx, *i, items)
			}
			if why == nil {
				continue
			}
			var p *sohoa.Problem
			if !errors.As(why, &p) {
				return why
			}
			i.State, changed = sohoa.VerdictSpared, true
			if err := errors.Join(s.spareFor(tx, system, &doc, p), tx.PutDocument(doc), s.tellReuses(tx, system, doc)); err != nil {
				return err
			}
		}
	}
	return nil
}

// beginDocument lets nobody have a document any more. What is being written
// for it right now, by a job, comes first.
func (s *Service) beginDocument(tx archive.Tx, i sohoa.DisposalItem) error {
	doc, err := tx.Document(i.Document)
	if err != nil {
		return err
	}
	_, err = tx.DocumentPending(i.Document)
	if err == nil || doc.Revision != i.Versions {
		return queue.Later(destroySoon)
	}
	if !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	doc.State = sohoa.StateDestroying
	i.State = sohoa.VerdictDestroying
	return errors.Join(tx.PutDocument(doc), tx.PutDisposalItem(i), s.tellReuses(tx, system, doc))
}

// destroyDocument destroys one document, in every copy, and enters its
// tombstone when nothing is found of it any more.
func (s *Service) destroyDocument(ctx context.Context, i sohoa.DisposalItem) error {
	i.Copies = nil
	for _, place := range s.places() {
		if err := errors.Join(place.keeper.Destroy(ctx, ocfl.DocumentID(i.Document)), place.keeper.ClearQuarantine(ctx, ocfl.DocumentID(i.Document))); err != nil {
			return s.notNow(place.name, i.Document, err)
		}
		i.Copies = append(i.Copies, place.name)
	}
	for _, dir := range []string{workDir(i.Document), cacheDir(i.Document)} {
		if err := archive.PurgeAll(ctx, s.Blobs, dir); err != nil {
			return s.notNow("first", i.Document, err)
		}
	}
	for _, place := range s.places() {
		left, err := place.keeper.Remains(ctx, ocfl.DocumentID(i.Document))
		if err != nil {
			return s.notNow(place.name, i.Document, err)
		}
		if left != "" {
			return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "disposal.remains", Args: []string{place.name, left}}
		}
	}
	i.State, i.At, i.Problem = sohoa.VerdictDestroyed, s.Now().UTC(), nil
	return s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.bury(tx, i) })
}

// place is a storage root that documents are destroyed in.
type place struct {
	name   string
	keeper *ocfl.Store
}

func (s *Service) places() []place {
	all := []place{{"first", s.Keeper}}
	if s.Second != nil {
		all = append(all, place{"second", s.Second.Keeper})
	}
	return all
}

// bury enters that a document is no more.
func (s *Service) bury(tx archive.Tx, i sohoa.DisposalItem) error {
	tomb := sohoa.Document{ID: i.Document, Dossier: i.Dossier, State: sohoa.StateDestroyed, Disposal: i.Disposal, Destroyed: i.At,
		Life: sohoa.Life{Type: i.Type, Result: i.Result}}
	if err := errors.Join(tx.BuryDocument(tomb), tx.PutDisposalItem(i), s.tellReuses(tx, system, tomb)); err != nil {
		return fmt.Errorf("bury %s: %w", i.Document, err)
	}
	return s.journal(tx, tomb, sohoa.ActionDestroy, detail{"disposal": i.Disposal, "versions": i.Versions, "files": len(i.Files), "copies": i.Copies})
}
