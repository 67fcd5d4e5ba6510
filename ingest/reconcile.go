package ingest

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// Reconcile makes the catalogue agree with an object store that was copied
// after it, and while documents were worked on (archive/backup). A document
// whose object is at a newer version is entered as Recover does; one that is
// not kept and lacks a working file is parked with the reason
// "restore.lost"; one that is kept and has no object is told of as
// "store.missing". It calls each for all of these. It may be cut off and done
// again. Nobody may be working.
func (s *Service) Reconcile(ctx context.Context, each func(sohoa.DocumentID, error)) (entered int, err error) {
	entered, err = s.Recover(ctx, each)
	if err != nil {
		return entered, err
	}
	for _, state := range []sohoa.State{sohoa.StateAccepted, sohoa.StateReading, sohoa.StateRead} {
		docs, err := s.Catalog.FindDocuments(ctx, sohoa.Everything, archive.DocumentQuery{State: state, Limit: math.MaxInt32})
		if err != nil {
			return entered, err
		}
		for _, doc := range docs {
			if err := s.reconcileWork(ctx, doc, each); err != nil {
				return entered, err
			}
		}
	}
	return entered, s.missingObjects(ctx, each)
}

// reconcileWork parks a document that lacks a working file.
func (s *Service) reconcileWork(ctx context.Context, doc sohoa.Document, each func(sohoa.DocumentID, error)) error {
	files, err := s.Catalog.Files(ctx, doc.ID)
	if err != nil {
		return err
	}
	for _, f := range files {
		if strings.HasPrefix(f.Key, cachePrefix) {
			continue // made again
		}
		_, err := s.Blobs.Stat(ctx, f.Key)
		if err == nil {
			continue
		}
		if !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		lost := &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "restore.lost", Args: []string{f.Key}}
		if err := s.park(ctx, doc.ID, lost); err != nil {
			return err
		}
		each(doc.ID, lost)
		return nil
	}
	return nil
}

// park stops a document of which nobody works.
func (s *Service) park(ctx context.Context, id sohoa.DocumentID, why *sohoa.Problem) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(id)
		if err != nil {
			return err
		}
		doc.State, doc.Problem = sohoa.StateParked, why
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		return s.journal(tx, doc, sohoa.ActionPark, detail{"stage": doc.Stage, "code": why.Code})
	})
}

// missingObjects looks for kept documents that have no object, if there are
// fewer objects than such documents.
func (s *Service) missingObjects(ctx context.Context, each func(sohoa.DocumentID, error)) error {
	states, err := s.Catalog.States(ctx, sohoa.Everything)
	if err != nil {
		return err
	}
	objects := 0
	for id, err := range s.Keeper.Objects(ctx) {
		if err != nil {
			return err
		}
		if id.Kind() == "" {
			objects++
		}
	}
	if objects >= states[sohoa.StateKept] {
		return nil
	}
	docs, err := s.Catalog.FindDocuments(ctx, sohoa.Everything, archive.DocumentQuery{State: sohoa.StateKept, Limit: math.MaxInt32})
	if err != nil {
		return err
	}
	for _, doc := range docs {
		if err := s.missingObject(ctx, doc, each); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) missingObject(ctx context.Context, doc sohoa.Document, each func(sohoa.DocumentID, error)) error {
	id := ocfl.DocumentID(doc.ID)
	_, err := s.Keeper.Head(ctx, id)
	if errors.Is(err, sohoa.ErrNotExist) || errors.Is(err, fs.ErrNotExist) {
		each(doc.ID, &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.missing", Args: []string{string(id)}})
		return nil
	}
	return err
}
