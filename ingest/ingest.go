// Package ingest takes files in and carries them through the pipeline until
// they are kept: split, read, compose, sign, preserve, and stamp for those
// that were kept without the timestamp they should have.
//
// Guarantees. Accept returns only when the bytes and the catalogue entry are
// durable. Every stage may be interrupted at any point and run again: its
// effect, the jobs that follow it and the end of its own job are one
// transaction, and what it wrote before that is overwritten by the next run.
// A stage that keeps failing parks the document with the reason; a page that
// cannot be read costs that page's text and no more.
//
// Before a document is signed a person may hold it and arrange its pages
// (Arrange, Split, Undo). Originals and page images stay as they are: an
// arrangement is a list of references to them. Whether a document is still
// unsigned is decided in the transaction that changes it.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
	"sohoa/archive/vault"
	"sohoa/ingest/queue"
	"sohoa/ingest/raster"
	"sohoa/ocr"
)

// system is the actor of what nobody asked for in person.
const system = "system"

// maxCrashes is how often one job may take the whole program down before it
// is parked.
const maxCrashes = 50

// Store is what ingest needs of the object store.
type Store interface {
	archive.Blobs
	archive.Eraser
}

// Config is what a Service is made of. Every field without "optional" must be
// set.
type Config struct {
	Catalog  archive.Catalog
	Blobs    Store
	Vault    *vault.Store // optional: what Blobs stands on, where it is not the store that Keeper is in
	Keeper   *ocfl.Store
	Second   *SecondCopy // optional: where everything that is kept is once more
	Raster   *raster.Rasterizer
	Reader   *ocr.Reader
	Sealer   Sealer         // optional: without it documents are kept unsigned, and say so
	Signing  Signing        // optional: how people sign, and what signatures come to
	Fidelity sohoa.Fidelity // optional: of access copies; empty is none
	Signs    sohoa.Role     // optional: the rendition that is signed, RolePDF or RoleAccess; empty is RolePDF
	TempDir  string         // for working files, of this process alone; emptied by Sweep
	Fixity   FixityPlan     // optional: how often the copies are read again
	Shared   bool           // optional: other processes work on the same catalogue
	Disposal Disposing      // optional: who approves destruction, and when it begins
	HoldAll  bool           // optional: every document is held until a person releases it
	Log      *slog.Logger
	Now      func() time.Time // optional; the clock

	ConfirmFirst bool // optional: no document is signed before a person confirmed its fields
}

// SecondCopy is a second storage root in another failure domain.
type SecondCopy struct {
	Blobs  Store
	Keeper *ocfl.Store
	Within time.Duration // a version that is not there after this is shown as overdue
}

// Jobs is the queue of the catalogue's database: *queue.Queue for SQLite,
// *queue.Postgres for PostgreSQL.
type Jobs interface {
	// Run works on jobs with h until ctx ends.
	Run(ctx context.Context, h queue.Handler) error
}

// Service is the pipeline. Its methods are safe for concurrent use, also
// from several processes on one catalogue. Where the catalogue is not Shared
// only one of these may run Sweep and Work.
type Service struct {
	Config

	work     *works // in the background, until Close
	journals journalKeeping
	second   second
	reuse    reuseKeeping
	worker   string // a name that no other process has
}

// New makes a service.
func New(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{Config: cfg, work: newWorks(), worker: sohoa.NewDocumentID(cfg.Now()).String()}
}

// Work runs the stages on jobs until ctx ends, looks after signatures that
// expire and evidence that gets old, and keeps the journal.
func (s *Service) Work(ctx context.Context, jobs Jobs) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return jobs.Run(ctx, s.handle) })
	g.Go(func() error { return s.tend(ctx) })
	g.Go(func() error { return s.Journal().Run(ctx) })
	g.Go(func() error { return s.Auditor().Run(ctx) })
	return g.Wait()
}

// handle runs one job and decides what its failure means.
func (s *Service) handle(ctx context.Context, job *queue.Running) error {
	if job.Crashes > maxCrashes {
		return s.giveUp(ctx, job, fmt.Errorf("this stage ended the program %d times", job.Crashes))
	}
	err := s.stage(ctx, job)
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case errors.Is(err, errParked):
		return s.leave(ctx, job, func(d sohoa.Document) bool { return d.State == sohoa.StateParked })
	case errors.Is(err, errHeld):
		return s.leave(ctx, job, func(d sohoa.Document) bool { return d.Held })
	case errors.Is(err, errGone):
		return s.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.Complete(job) })
	case later(job.Stage):
		return err // the document is kept and shown as waiting; never parked for this
	case sohoa.Permanent(err) || job.Failures+1 >= sohoa.MaxAttempts:
		return s.giveUp(ctx, job, err)
	}
	return err
}

// later reports whether a stage is one of kept documents.
func later(stage sohoa.Stage) bool {
	switch stage {
	case sohoa.StageStamp, sohoa.StageCosign, sohoa.StageCollect, sohoa.StageRenew, sohoa.StageAmend, sohoa.StageCopy, sohoa.StageDestroy, sohoa.StageRecord:
		return true
	}
	return false
}

// errGone says that a job has nothing left to do: its work was done by an
// earlier run.
var errGone = errors.New("nothing left to do")

// errParked says that the document of a job is parked.
var errParked = errors.New("the document is parked")

// stage does the work of one job.
func (s *Service) stage(ctx context.Context, job *queue.Running) error {
	if job.Stage == sohoa.StageDestroy {
		return s.destroy(ctx, job)
	}
	if job.Stage == sohoa.StageRecord {
		return s.bringRecord(ctx, job)
	}
	doc, err := s.Catalog.Document(ctx, sohoa.Everything, job.Document)
	if err != nil {
		return err
	}
	if doc.State == sohoa.StateParked {
		return errParked
	}
	if doc.State == sohoa.StateDestroying || doc.State == sohoa.StateDestroyed {
		return errGone
	}
	if doc.Held && waits(job.Stage) {
		return errHeld
	}
	switch job.Stage {
	case sohoa.StageSplit:
		return s.split(ctx, job, doc)
	case sohoa.StageRead:
		return s.read(ctx, job, doc)
	case sohoa.StageCompose:
		return s.compose(ctx, job, doc)
	case sohoa.StageSign:
		return s.sign(ctx, job, doc)
	case sohoa.StagePreserve:
		return s.preserve(ctx, job, doc)
	case sohoa.StageStamp:
		return s.stamp(ctx, job, doc)
	case sohoa.StageCosign:
		return s.cosign(ctx, job, doc.ID)
	case sohoa.StageCollect:
		return s.collect(ctx, job, doc)
	case sohoa.StageRenew:
		return s.renew(ctx, job, doc)
	case sohoa.StageAmend:
		return s.amend(ctx, job, doc.ID)
	case sohoa.StageCopy:
		return s.copy(ctx, job, doc)
	}
	return fmt.Errorf("no stage %q: %w", job.Stage, sohoa.ErrInvalid)
}

// giveUp ends a job that will not succeed: a page that cannot be recognised is
// marked with the reason, and the document goes on without its text; anything
// else parks the document.
func (s *Service) giveUp(ctx context.Context, job *queue.Running, cause error) error {
	s.Log.Error("stage given up", "stage", job.Stage, "document", job.Document.String(), "page", job.Page, "err", cause)
	problem := sohoa.AsProblem(cause)
	var page *unreadable
	if errors.As(cause, &page) {
		return s.unread(ctx, job, problem)
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(job.Document)
		if err != nil {
			return err
		}
		doc.State, doc.Stage, doc.Problem = sohoa.StateParked, job.Stage, problem
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		if err := s.journal(tx, doc, sohoa.ActionPark, detail{"stage": job.Stage, "code": problem.Code}); err != nil {
			return err
		}
		return tx.Complete(job)
	})
}

// Retry takes a parked document up again at the stage where it stopped. A
// document that is not parked is left as it is.
func (s *Service) Retry(ctx context.Context, actor string, id sohoa.DocumentID) error {
	pages, err := s.Catalog.Pages(ctx, id)
	if err != nil {
		return err
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(id)
		if err != nil || doc.State != sohoa.StateParked {
			return err
		}
		doc.State, doc.Problem = stateBefore(doc.Stage), nil
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		if _, err := tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionRetry, Document: id, Dossier: doc.Dossier}); err != nil {
			return err
		}
		return tx.Enqueue(jobsOf(doc, pages)...)
	})
}

// jobsOf are the jobs that take a document on from its stage.
func jobsOf(doc sohoa.Document, pages []sohoa.Page) []archive.Job {
	if doc.Stage != sohoa.StageRead {
		return []archive.Job{{Stage: doc.Stage, Document: doc.ID}}
	}
	var jobs []archive.Job
	for _, p := range pages {
		if !p.Read && p.Problem == nil {
			jobs = append(jobs, archive.Job{Stage: sohoa.StageRead, Document: doc.ID, Page: p.Number})
		}
	}
	return jobs
}

// stateBefore is the state of a document that waits for stage.
func stateBefore(stage sohoa.Stage) sohoa.State {
	switch stage {
	case sohoa.StageSplit:
		return sohoa.StateAccepted
	case sohoa.StageRead:
		return sohoa.StateReading
	}
	return sohoa.StateRead
}
