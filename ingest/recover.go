package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// Recover rebuilds the catalogue from the storage root. It enters every
// object that the catalogue does not know, calls each with the result, and
// returns how many it entered. Objects that it knows are left alone. What had
// been accepted and was not kept yet is told of as the Problem
// "recover.unfinished": its dossier is not known any more, its original is.
//
// The journal comes first. One that cannot be restored beside what the
// catalogue has already keeps no document from being entered; its error comes
// at the end.
func (s *Service) Recover(ctx context.Context, each func(sohoa.DocumentID, error)) (n int, err error) {
	journalErr := s.recoverJournal(ctx)
	defer func() { err = errors.Join(err, journalErr) }()
	for id, err := range s.Keeper.Objects(ctx) {
		if err != nil {
			return n, fmt.Errorf("list the storage root: %w", err)
		}
		if id.Kind() != "" {
			continue
		}
		doc, known, err := s.recoverObject(ctx, id)
		if known {
			continue
		}
		if err == nil {
			n++
		}
		each(doc, err)
	}
	err = s.eachWork(ctx, func(id sohoa.DocumentID, _ time.Time) error {
		_, err := s.Catalog.Document(ctx, sohoa.Everything, id)
		if errors.Is(err, sohoa.ErrNotExist) {
			problem, err := s.unfinished(ctx, id)
			if err == nil {
				each(id, problem)
			}
			return err
		}
		return err
	})
	return n, err
}

// unfinished words what is known of a document that was lost before it was
// kept. One that was split off is made of pages of originals that are told of,
// or kept, themselves.
func (s *Service) unfinished(ctx context.Context, id sohoa.DocumentID) (*sohoa.Problem, error) {
	if _, err := s.Blobs.Stat(ctx, returnedKey(sohoa.SetID(id.String()))); err == nil {
		return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "recover.signature", Args: []string{id.String(), returnedKey(sohoa.SetID(id.String()))}}, nil
	}
	_, err := s.Blobs.Stat(ctx, originalKey(id))
	if errors.Is(err, sohoa.ErrNotExist) {
		return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "recover.arranged", Args: []string{id.String()}}, nil
	}
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "recover.unfinished", Args: []string{id.String(), originalKey(id)}}, err
}

// eachWork calls f for every document that has working copies, with the time
// at which the first of them was stored.
func (s *Service) eachWork(ctx context.Context, f func(id sohoa.DocumentID, stored time.Time) error) error {
	seen := map[sohoa.DocumentID]bool{}
	for info, err := range s.Blobs.List(ctx, workPrefix) {
		if err != nil {
			return fmt.Errorf("list working copies: %w", err)
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(info.Key, workPrefix), "/")
		id, err := sohoa.ParseDocumentID(name)
		if err != nil || seen[id] {
			continue
		}
		seen[id] = true
		if err := f(id, info.Modified); err != nil {
			return err
		}
	}
	return nil
}

// recoverObject enters one object.
func (s *Service) recoverObject(ctx context.Context, object ocfl.ID) (id sohoa.DocumentID, known bool, err error) {
	id, err = object.Document()
	if err != nil {
		return id, false, err
	}
	if _, err = s.Catalog.Document(ctx, sohoa.Everything, id); err == nil || !errors.Is(err, sohoa.ErrNotExist) {
		return id, err == nil, err
	}
	head, err := s.Keeper.Head(ctx, object)
	if err != nil {
		return id, false, err
	}
	r, err := s.readRecord(ctx, head)
	if err != nil {
		return id, false, err
	}
	r.Document.LifeKept, r.Document.Copied = r.Document.Life.Change, 0
	return id, false, s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.enterRecord(tx, r, kept(r, head)) })
}

// enterRecord puts what a record knows into the catalogue.
func (s *Service) enterRecord(tx archive.Tx, r Record, files []sohoa.File) error {
	steps := []func() error{
		func() error { return tx.PutAgency(r.Agency) },
		func() error { return tx.PutProcedure(r.Procedure) },
		func() error { return tx.PutDossier(r.Dossier) },
		func() error { return tx.PutDocument(r.Document) },
	}
	for _, p := range r.Pages {
		steps = append(steps, func() error { return tx.PutPage(p) })
	}
	for _, f := range files {
		steps = append(steps, func() error { return tx.PutFile(r.Document.ID, f) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	if r.Arrangement != nil {
		if err := tx.PutArrangement(*r.Arrangement); err != nil {
			return err
		}
	}
	if err := s.enterSigning(tx, r); err != nil {
		return err
	}
	if err := tx.Enqueue(s.follows(r.Document)...); err != nil {
		return err
	}
	return s.journal(tx, r.Document, sohoa.ActionRecover, detail{"revision": r.Document.Revision})
}

// enterSigning puts a document back into the signing set in which its newest
// version was signed, if somebody there is still to sign. Of sets in which
// nobody had signed yet no record tells.
func (s *Service) enterSigning(tx archive.Tx, r Record) error {
	doc := r.Document
	doc.Set = ""
	if r.Signing == nil {
		return tx.PutDocument(doc)
	}
	set, item := r.Signing.Set, r.Signing.Item
	known, err := tx.SigningSet(set.ID)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	if err == nil {
		set = known
	}
	set.State = sohoa.SetOpen // unless nothing in it waits, as putItem finds
	if err := tx.PutSigningSet(set); err != nil {
		return err
	}
	if err := s.putItem(tx, &doc, item); err != nil {
		return err
	}
	if err := s.callOffice(tx, item); err != nil {
		return err
	}
	return tx.PutDocument(doc)
}

// orphanAge is how old bytes that nobody refers to must be before Sweep
// removes them. An Accept may be about to enter them; and if the catalogue was
// lost, they are all that is left of documents that were not kept yet.
const orphanAge = 30 * 24 * time.Hour

// Sweep finishes or removes what interrupted runs left behind: versions half
// written to the storage root, working files, bytes of uploads that never
// became documents (after orphanAge), and working copies of documents that are
// kept. Call it before Work, in the process that works.
func (s *Service) Sweep(ctx context.Context) error {
	if err := s.finish(ctx); err != nil {
		return err
	}
	temps, err := filepath.Glob(filepath.Join(s.TempDir, "*"))
	if err != nil {
		return err
	}
	for _, name := range temps {
		if err := os.RemoveAll(name); err != nil {
			return fmt.Errorf("sweep working files: %w", err)
		}
	}
	return s.eachWork(ctx, func(id sohoa.DocumentID, stored time.Time) error { return s.sweepDocument(ctx, id, stored) })
}

// finish repairs what was being preserved. Where the catalogue is shared,
// another process may be preserving it right now; there each object is
// repaired by the next run of its own job, which is the only one at it.
func (s *Service) finish(ctx context.Context) error {
	if s.Shared {
		return nil
	}
	if _, err := s.Keeper.Recover(ctx); err != nil {
		return fmt.Errorf("finish what was being preserved: %w", err)
	}
	return nil
}

// sweepDocument removes the working copies of a document that is kept or that
// never came to be.
func (s *Service) sweepDocument(ctx context.Context, id sohoa.DocumentID, stored time.Time) error {
	doc, err := s.Catalog.Document(ctx, sohoa.Everything, id)
	unknown := errors.Is(err, sohoa.ErrNotExist)
	if err != nil && !unknown {
		return err
	}
	if unknown && s.Now().Sub(stored) < orphanAge || !unknown && doc.State != sohoa.StateKept {
		return nil
	}
	return s.Blobs.RemoveAll(ctx, workDir(id))
}
