package ingest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
	"sohoa/ingest/queue"
)

const (
	// secondKey is where the second store says which one it is.
	secondKey = "second.store"
	// awayPause is how long a second store that did not answer is left alone.
	awayPause = time.Minute
	// copyBatch is how many documents are enqueued for copying at a time.
	copyBatch = 10_000
	// objectsEvery is how often the storage root is looked through for objects
	// that are no documents and not copied.
	objectsEvery = 24 * time.Hour
)

// second is what this process knows of the second store.
type second struct {
	mu      sync.Mutex
	known   bool           // it is the one that the catalogue means
	problem *sohoa.Problem // why nothing could be copied; nil if the last attempt worked
	since   time.Time      // since when that is so
	next    time.Time      // no attempt before
	objects time.Time      // when objects that are no documents were last looked for
}

// failed notes why the second store cannot be used, and returns for how long
// it is to be left alone.
func (x *second) failed(err error, now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.problem == nil {
		x.since = now
	}
	x.problem, x.next = sohoa.AsProblem(err), now.Add(awayPause)
}

func (x *second) worked() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.problem, x.since, x.next = nil, time.Time{}, time.Time{}
}

// rest is for how long the second store is left alone.
func (x *second) rest(now time.Time) time.Duration {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.next.Sub(now)
}

// copied reports whether the second copy, if there is one, has all of a
// document.
func (s *Service) copied(doc sohoa.Document) bool {
	return s.Second == nil || doc.Copied >= doc.Revision
}

// copy brings the newest version of a document into the second copy. Whether
// there is a newer one by then is decided in the transaction that ends the job.
// While the second store is away the job waits: the document stays kept, and is
// shown as in one copy only.
func (s *Service) copy(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	for s.Second != nil && doc.State == sohoa.StateKept && !s.copied(doc) {
		if wait := s.second.rest(s.Now()); wait > 0 {
			return queue.Later(wait)
		}
		version, err := s.bring(ctx, ocfl.DocumentID(doc.ID), doc.Copied)
		if errors.Is(err, sohoa.ErrUnavailable) && ctx.Err() == nil {
			s.Log.Warn("second copy is away, will be tried again", "document", doc.ID.String(), "err", err)
			return queue.Later(awayPause)
		}
		if err != nil {
			return err
		}
		done := false
		if doc, done, err = s.enterCopied(ctx, doc.ID, version, job); err != nil || done {
			return err
		}
	}
	return errGone
}

// enterCopied enters the version that the second copy has, and ends the job
// with it if that is the newest. job may be nil.
func (s *Service) enterCopied(ctx context.Context, id sohoa.DocumentID, version int, job *queue.Running) (doc sohoa.Document, done bool, err error) {
	err = s.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		if doc, err = tx.Document(id); err != nil {
			return err
		}
		if doc.Copied < version {
			doc.Copied = version
			if err := tx.PutDocument(doc); err != nil {
				return err
			}
			if err := s.journal(tx, doc, sohoa.ActionCopied, detail{"revision": version}); err != nil {
				return err
			}
		}
		if done = job != nil && s.copied(doc); done {
			return tx.Complete(job)
		}
		return nil
	})
	return doc, done, err
}

// CopyObject brings the newest version of an object into the second copy, now.
// Without a second copy it does nothing. Errors: sohoa.ErrNotExist,
// sohoa.ErrUnavailable while the second store is away, sohoa.ErrConflict where
// it is not the store that it should be or holds something else, and
// sohoa.ErrVerification where either copy is damaged. What it could not copy is
// copied later, by Work.
func (s *Service) CopyObject(ctx context.Context, id ocfl.ID) error {
	if s.Second == nil {
		return nil
	}
	if id.Kind() != "" {
		return s.copyOther(ctx, id)
	}
	document, err := id.Document()
	if err != nil {
		return err
	}
	doc, err := s.Catalog.Document(ctx, sohoa.Everything, document)
	if err != nil {
		return err
	}
	if doc.State != sohoa.StateKept {
		return conflict("set.not-kept", doc.ID.String())
	}
	version, err := s.bring(ctx, id, doc.Copied)
	if err != nil {
		return err
	}
	_, _, err = s.enterCopied(ctx, document, version, nil)
	return err
}

// copyOther is CopyObject for an object that is no document.
func (s *Service) copyOther(ctx context.Context, id ocfl.ID) error {
	had, err := s.Catalog.ObjectCopied(ctx, string(id))
	if err != nil {
		return err
	}
	version, err := s.bring(ctx, id, had)
	if err != nil || version == had {
		return err
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.PutObjectCopied(string(id), version) })
}

// bring brings an object into the second copy, of which the catalogue knows
// version had there, and returns the version that is there now, read back.
func (s *Service) bring(ctx context.Context, id ocfl.ID, had int) (version int, err error) {
	defer func() {
		if err == nil {
			s.second.worked()
		} else if ctx.Err() == nil && !errors.Is(err, sohoa.ErrVerification) {
			s.second.failed(err, s.Now())
		}
	}()
	if err := s.identify(ctx); err != nil {
		return 0, err
	}
	before := false
	if had == 0 {
		if before, err = s.Second.Keeper.Has(ctx, id); err != nil {
			return 0, err
		}
	}
	version, fresh, err := s.Second.Keeper.Bring(ctx, id, s.Keeper)
	if err != nil || fresh && !before || version <= had {
		return version, err
	}
	// An earlier run brought something that nobody is known to have read back.
	var found *sohoa.Problem
	err = s.Second.Keeper.Check(ctx, id, ocfl.Against{Other: s.Keeper}, func(f ocfl.Finding) { found = f.Problem() })
	if err == nil && found != nil {
		err = found
	}
	return version, err
}

// SecondReady reports why the second store cannot be used: it does not answer,
// or is not the one that it should be.
func (s *Service) SecondReady(ctx context.Context) error {
	if err := s.identify(ctx); err != nil {
		return err
	}
	_, err := s.readSecond(ctx, s.Second.Blobs)
	return err
}

// identify makes sure that the second store is the one that the catalogue
// means: a disk that is not mounted must not be taken for an empty copy.
func (s *Service) identify(ctx context.Context) error {
	s.second.mu.Lock()
	known := s.second.known
	s.second.mu.Unlock()
	if known {
		return nil
	}
	there, err := s.readSecond(ctx, s.Second.Blobs)
	if err != nil {
		return err
	}
	want, err := s.Catalog.SecondStore(ctx)
	if err != nil {
		return err
	}
	if want != there && want != "" {
		if r, ok := s.Second.Blobs.(interface{ Reopen() error }); ok {
			err = r.Reopen() // its disk may be mounted by the next time
		}
		return errors.Join(conflict("copy.other-store"), err)
	}
	return s.adopt(ctx, there, system)
}

// readSecond reads which store this is; empty if it does not say.
func (s *Service) readSecond(ctx context.Context, blobs archive.Blobs) (string, error) {
	b, err := blobs.Open(ctx, secondKey)
	if errors.Is(err, sohoa.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(io.LimitReader(b, 100))
	return string(data), errors.Join(err, b.Close())
}

// AdoptSecond takes the second store as it is now for the second copy: in place
// of one that was lost. Nothing counts as copied until it is there again. It is
// durable when it returns, with an entry in the journal.
func (s *Service) AdoptSecond(ctx context.Context, actor string) error {
	if s.Second == nil {
		return conflict("copy.none")
	}
	there, err := s.readSecond(ctx, s.Second.Blobs)
	if err != nil {
		return err
	}
	if err := s.adopt(ctx, there, actor); err != nil {
		return err
	}
	s.second.worked()
	return s.copyBehind(ctx)
}

// adopt gives the second store a name, if it has none, and enters it. A store
// in which the first one's files are found is no second one.
func (s *Service) adopt(ctx context.Context, there, actor string) error {
	if there == "" {
		there = sohoa.NewDocumentID(s.Now()).String()
		if _, err := s.Second.Blobs.Put(ctx, secondKey, bytes.NewReader([]byte(there))); err != nil {
			return err
		}
	}
	if here, err := s.readSecond(ctx, s.Blobs); err != nil || here == there {
		return errors.Join(err, conflict("copy.same-place"))
	}
	err := s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if now, err := s.Catalog.SecondStore(ctx); err != nil || now == there {
			return err
		}
		if err := tx.PutSecondStore(there); err != nil {
			return err
		}
		return s.append(tx, sohoa.Entry{Actor: actor, Action: sohoa.ActionSecond}, detail{"store": there})
	})
	if err == nil {
		s.second.mu.Lock()
		s.second.known = true
		s.second.mu.Unlock()
	}
	return err
}

// copyBehind enqueues the documents whose newest version the second copy has
// not, as after it was configured for an archive that was there before, and
// copies objects that are no documents.
func (s *Service) copyBehind(ctx context.Context) error {
	if s.Second == nil || s.second.rest(s.Now()) > 0 {
		return nil
	}
	if err := s.beginCopies(ctx); err != nil {
		s.second.failed(err, s.Now())
		return err
	}
	docs, err := s.Catalog.Uncopied(ctx, s.Now().Add(time.Second), copyBatch)
	if err != nil {
		return err
	}
	var jobs []archive.Job
	for _, d := range docs {
		jobs = append(jobs, archive.Job{Stage: sohoa.StageCopy, Document: d.ID})
	}
	if err := s.enqueue(ctx, jobs); err != nil {
		return err
	}
	return s.copyOthers(ctx)
}

// beginCopies identifies the second store, once, and repairs what an earlier
// run left half done there.
func (s *Service) beginCopies(ctx context.Context) error {
	s.second.mu.Lock()
	known := s.second.known
	s.second.mu.Unlock()
	if err := s.identify(ctx); err != nil || known || s.Shared {
		return err
	}
	_, err := s.Second.Keeper.Recover(ctx)
	return err
}

// copyOthers copies objects that are no documents, once a day. Whoever makes one
// copies it at once; this is for those that could not.
func (s *Service) copyOthers(ctx context.Context) error {
	s.second.mu.Lock()
	due := s.Now().Sub(s.second.objects) >= objectsEvery
	s.second.mu.Unlock()
	if !due {
		return nil
	}
	for place, err := range s.Keeper.Walk(ctx, "") {
		if err != nil {
			return err
		}
		if place.ID == "" || place.ID.Kind() == "" {
			continue
		}
		if err := s.copyOther(ctx, place.ID); err != nil {
			return err
		}
	}
	s.second.mu.Lock()
	s.second.objects = s.Now()
	s.second.mu.Unlock()
	return nil
}
