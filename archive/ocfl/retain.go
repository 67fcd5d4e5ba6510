package ocfl

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
)

// Retains reports whether the store locks what it keeps (archive.Retainer).
func (s *Store) Retains() bool {
	r, ok := s.fs.blobs.(archive.Retainer)
	return ok && r.Retains()
}

// Retain has the store lock every file of an object until then, or longer,
// and hold it besides while held is true. Where the store does not lock it
// does nothing. It may be done again; what was locked meanwhile stays so. An
// object that is not there is sohoa.ErrNotExist.
func (s *Store) Retain(ctx context.Context, id ID, until time.Time, held bool) error {
	if !s.Retains() {
		return nil
	}
	dir, err := s.path(id)
	if err != nil {
		return err
	}
	files, err := s.sizes(ctx, dir)
	if err == nil && len(files) == 0 {
		err = sohoa.ErrNotExist
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", id, err)
	}
	r := s.fs.blobs.(archive.Retainer)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(copiesAtOnce)
	for key := range files {
		g.Go(func() error {
			return errors.Join(r.Retain(gctx, key, until), r.Hold(gctx, key, held))
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("lock %s: %w", id, err)
	}
	return nil
}

// checkUnlocked is the Problem "store.locked" while an object is locked.
func (s *Store) checkUnlocked(ctx context.Context, id ID) error {
	until, err := s.Retained(ctx, id)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	if err == nil && until.After(time.Now()) {
		err = &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "store.locked", Detail: "until " + until.Format(time.DateOnly)}
	}
	return err
}

// Retained is until when the newest version of an object is locked; zero is
// not.
func (s *Store) Retained(ctx context.Context, id ID) (time.Time, error) {
	dir, err := s.path(id)
	if err != nil || !s.Retains() {
		return time.Time{}, err
	}
	return s.fs.blobs.(archive.Retainer).Retained(ctx, path.Join(dir, inventoryFile))
}
