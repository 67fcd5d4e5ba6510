package ingest

import (
	"context"
	"errors"
	"time"

	"sohoa"
	"sohoa/archive/ocfl"
)

// lock has the store lock what is kept of a document for as long as its
// retention says, where the store locks at all (archive.Retainer). Each version
// extends the lock of all the files that are there; no lock is shortened.
func (s *Service) lock(ctx context.Context, doc sohoa.Document) error {
	r := doc.Life.Retention
	return s.Keeper.Retain(ctx, ocfl.DocumentID(doc.ID), lockedUntil(r, s.Now()), len(r.Holds) > 0)
}

// lockedUntil is the end of a lock: the first day on which the document may
// be disposed of. What is kept for ever, or until somebody decides, is locked
// for sohoa.LockHorizon, and renewLocks moves that on.
func lockedUntil(r sohoa.Retention, now time.Time) time.Time {
	due, err := time.ParseInLocation(time.DateOnly, string(r.Due), sohoa.Hanoi)
	if err != nil {
		return now.Add(sohoa.LockHorizon)
	}
	return due
}

// renewLocks extends the locks that end within half of sohoa.LockHorizon and
// should last longer: of what is kept for ever, and of versions whose lock was
// cut off.
func (s *Service) renewLocks(ctx context.Context) error {
	if !s.Keeper.Retains() {
		return nil
	}
	var errs []error
	for id, err := range s.Keeper.Objects(ctx) {
		if err == nil {
			err = s.renewLock(ctx, id)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *Service) renewLock(ctx context.Context, id ocfl.ID) error {
	var r sohoa.Retention // of what is no document: for ever
	if doc, err := id.Document(); err == nil {
		d, err := s.Catalog.Document(ctx, sohoa.Everything, doc)
		if errors.Is(err, sohoa.ErrNotExist) || err == nil && d.State != sohoa.StateKept {
			return nil
		}
		if err != nil {
			return err
		}
		r = d.Life.Retention
	}
	until, err := s.Keeper.Retained(ctx, id)
	want := lockedUntil(r, s.Now())
	if err != nil || !until.Before(want) || until.After(s.Now().Add(sohoa.LockHorizon/2)) && r.Due == "" {
		return err
	}
	return s.Keeper.Retain(ctx, id, want, len(r.Holds) > 0)
}
