package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sohoa"
)

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
	done := doc.State == sohoa.StateKept || doc.State == sohoa.StateDestroyed
	if unknown && s.Now().Sub(stored) < orphanAge || !unknown && !done {
		return nil
	}
	return s.Blobs.RemoveAll(ctx, workDir(id))
}
