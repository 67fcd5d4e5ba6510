package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// recoverers is how many objects are read at the same time, recoverBatch how
// many are entered in one transaction at most.
const (
	recoverers   = 8
	recoverBatch = 50
)

// Recover rebuilds the catalogue from the storage root. It enters every
// object that the catalogue does not know, and those of which it has an older
// version; it calls each, from one goroutine, with the result, and returns how
// many it entered. Objects that it knows as they are are left alone, so that it
// may be cut off and goes on when it is called again. An object that is older
// than the catalogue says is the Problem "restore.behind". What had been
// accepted and was not kept yet is told of as the Problem
// "recover.unfinished": its dossier is not known any more, its original is.
//
// The journal comes first. One that cannot be restored beside what the
// catalogue has already keeps no document from being entered; its error comes
// at the end.
func (s *Service) Recover(ctx context.Context, each func(sohoa.DocumentID, error)) (n int, err error) {
	journalErr := s.recoverJournal(ctx)
	defer func() { err = errors.Join(err, journalErr) }()
	disposals, err := s.recoverDisposals(ctx, each)
	if err != nil {
		return 0, err
	}
	r := recovery{Service: s, each: each, disposals: disposals}
	if err := r.objects(ctx); err != nil {
		return r.entered, err
	}
	if err := s.recoverRecords(ctx, each); err != nil {
		return r.entered, err
	}
	if err := disposals.resume(ctx, s); err != nil {
		return r.entered, err
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
	return r.entered, err
}

// recovery is one run of Recover.
type recovery struct {
	*Service
	each      func(sohoa.DocumentID, error)
	disposals recovering
	entered   int
}

// found is an object that the catalogue should have, or cannot.
type found struct {
	id     sohoa.DocumentID
	record Record
	files  []sohoa.File
	err    error
}

// objects reads the objects, several at a time, and enters them.
func (r *recovery) objects(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	objects, results := make(chan ocfl.ID), make(chan found)
	g.Go(func() error {
		defer close(objects)
		return r.list(ctx, objects)
	})
	var readers sync.WaitGroup
	for range recoverers {
		readers.Add(1)
		g.Go(func() error {
			defer readers.Done()
			return r.readAll(ctx, objects, results)
		})
	}
	g.Go(func() error {
		readers.Wait()
		close(results)
		return nil
	})
	g.Go(func() error { return r.enterAll(ctx, results) })
	return g.Wait()
}

func (r *recovery) list(ctx context.Context, objects chan<- ocfl.ID) error {
	for id, err := range r.Keeper.Objects(ctx) {
		if err != nil {
			return fmt.Errorf("list the storage root: %w", err)
		}
		if id.Kind() != "" {
			continue
		}
		select {
		case objects <- id:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (r *recovery) readAll(ctx context.Context, objects <-chan ocfl.ID, results chan<- found) error {
	for object := range objects {
		f, known, err := r.look(ctx, object)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		select {
		case results <- f:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// look reads one object, if the catalogue does not have it as it is. What is
// wrong with the object is in found; an error is about the catalogue.
func (r *recovery) look(ctx context.Context, object ocfl.ID) (f found, known bool, err error) {
	if f.id, f.err = object.Document(); f.err != nil {
		return f, false, nil
	}
	if f.err = r.disposals.risen(f.id); f.err != nil {
		return f, false, nil
	}
	now, err := r.Catalog.Document(ctx, sohoa.Everything, f.id)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return f, false, err
	}
	head, err := r.Keeper.Head(ctx, object)
	switch {
	case err != nil:
		f.err = err
	case now.Revision > head.Head:
		f.err = &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "restore.behind",
			Args: []string{f.id.String(), strconv.Itoa(head.Head), strconv.Itoa(now.Revision)}}
	case now.Revision == head.Head:
		return f, true, nil
	default:
		if f.record, f.err = r.readRecord(ctx, head); f.err == nil {
			f.files = kept(f.record, head)
		}
	}
	return f, false, ctx.Err()
}

// enterAll enters what comes, as much as is there in one transaction.
func (r *recovery) enterAll(ctx context.Context, results <-chan found) error {
	for f := range results {
		batch := []found{f}
		for more := true; more && len(batch) < recoverBatch; {
			select {
			case f, more = <-results:
				if more {
					batch = append(batch, f)
				}
			default:
				more = false
			}
		}
		if err := r.enterBatch(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// enterBatch enters some objects; if they do not go together, one by one.
func (r *recovery) enterBatch(ctx context.Context, batch []found) error {
	err := r.Catalog.Update(ctx, func(tx archive.Tx) error {
		for _, f := range batch {
			if f.err != nil {
				continue
			}
			if err := r.enter(tx, f); err != nil {
				return err
			}
		}
		return nil
	})
	if ctx.Err() != nil || errors.Is(err, sohoa.ErrUnavailable) {
		return err
	}
	if err != nil && len(batch) > 1 {
		for _, f := range batch {
			if err := r.enterBatch(ctx, []found{f}); err != nil {
				return err
			}
		}
		return nil
	}
	for _, f := range batch {
		if f.err == nil {
			f.err = err
		}
		if f.err == nil {
			r.entered++
		}
		r.each(f.id, f.err)
	}
	return nil
}

// enter puts what a record knows into the catalogue, in place of an older
// version.
func (r *recovery) enter(tx archive.Tx, f found) error {
	doc := &f.record.Document
	doc.LifeKept, doc.FieldsKept, doc.Copied, doc.Disposal = doc.Life.Change, doc.FieldsAt, 0, ""
	now, err := tx.Document(f.id)
	if errors.Is(err, sohoa.ErrNotExist) {
		return r.enterRecord(tx, f.record, f.files)
	}
	if err != nil || now.Revision >= f.record.Document.Revision {
		return err
	}
	return r.overtake(tx, f, now)
}

// overtake brings a document up to a newer version. What was under way for the
// older one ends; its jobs find nothing left to do. What is decided in the
// catalogue only stays.
func (r *recovery) overtake(tx archive.Tx, f found, now sohoa.Document) error {
	doc := f.record.Document
	if now.Life.Change > doc.Life.Change {
		doc.Life = now.Life
	}
	doc.Copied, doc.Lookup = now.Copied, cmp.Or(doc.Lookup, now.Lookup)
	p, err := tx.DocumentPending(doc.ID)
	switch {
	case err == nil && p.ID == f.record.Pending:
		err = tx.RemovePending(p.ID)
	case err == nil:
		err = r.dropIn(tx, p, &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "sign.changed"})
	case errors.Is(err, sohoa.ErrNotExist):
		err = nil
	}
	if err != nil {
		return err
	}
	if err := tx.ReplacePages(doc.ID, len(f.record.Pages), f.record.Pages, nil); err != nil {
		return err
	}
	f.record.Document = doc
	if err := r.enterRecord(tx, f.record, f.files); err != nil || f.record.Signing != nil || now.Set == "" {
		return err
	}
	doc.Set = now.Set
	return tx.PutDocument(doc)
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

// enterRecord puts what a record knows into the catalogue.
func (s *Service) enterRecord(tx archive.Tx, r Record, files []sohoa.File) error {
	steps := []func() error{
		func() error { return enterAgency(tx, r.Agency) },
		func() error { return enterProcedure(tx, r.Procedure) },
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

// enterProcedure enters the name of a procedure. What is known of it already
// is newer than what a document's record says.
func enterProcedure(tx archive.Tx, p sohoa.Procedure) error {
	_, err := tx.Procedure(p.Code)
	if errors.Is(err, sohoa.ErrNotExist) {
		return tx.PutProcedure(p)
	}
	return err
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
