package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
	"sohoa/ingest/queue"
)

// Forms of the files that tell what was decided about dossiers, what
// procedures ask for, and which agencies there are.
const (
	DossierFormat    = "sohoa dossier 1"
	ProceduresFormat = "sohoa procedures 1"
	AgenciesFormat   = "sohoa agencies 1"
)

// recordFile is the file of a record's object.
var recordFile = map[string]string{ocfl.KindDossier: "dossier.json", ocfl.KindProcedures: "procedures.json", ocfl.KindAgencies: "agencies.json"}

// DossierRecord is dossier.json in the object of a dossier for which something
// was decided about held results, or which was changed: so that the storage root alone tells it,
// also of a dossier that has no document.
type DossierRecord struct {
	Format  string        `json:"format"`
	ID      sohoa.SetID   `json:"id"`     // of the object
	Change  int           `json:"change"` // counts what was decided
	Kept    time.Time     `json:"kept"`
	Dossier sohoa.Dossier `json:"dossier"`
	Agency  sohoa.Agency  `json:"agency"`
	Reuses  []sohoa.Reuse `json:"reuses"` // oldest first

	Omissions []sohoa.Omission `json:"omissions,omitempty"` // papers that are not digitised
}

// ProceduresRecord is procedures.json: all procedures with what they ask for.
type ProceduresRecord struct {
	Format     string            `json:"format"`
	ID         sohoa.SetID       `json:"id"`
	Change     int               `json:"change"`
	Kept       time.Time         `json:"kept"`
	Procedures []sohoa.Procedure `json:"procedures"`
}

// putReuse enters a reuse, which the storage root gets by a job.
func (s *Service) putReuse(tx archive.Tx, r sohoa.Reuse) error {
	if err := tx.PutReuse(r); err != nil {
		return err
	}
	return s.touch(tx, ocfl.KindDossier, r.Dossier)
}

// touch says that there is something to record, which a job does.
func (s *Service) touch(tx archive.Tx, kind, name string) error {
	r, err := tx.NamedRecord(kind, name)
	if errors.Is(err, sohoa.ErrNotExist) {
		r, err = archive.Record{ID: sohoa.NewSetID(s.Now()), Kind: kind, Name: name}, nil
	}
	if err != nil {
		return err
	}
	r.Change++
	if err := tx.PutRecord(r); err != nil {
		return err
	}
	job, err := recordJob(r)
	if err != nil {
		return err
	}
	return tx.Enqueue(job)
}

// touchDossier is touch for a dossier that has a record already: it changed
// itself.
func (s *Service) touchDossier(tx archive.Tx, code string) error {
	_, err := tx.NamedRecord(ocfl.KindDossier, code)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.touch(tx, ocfl.KindDossier, code)
}

// recordJob is the job that brings a record into the storage root.
func recordJob(r archive.Record) (archive.Job, error) {
	id, err := sohoa.ParseDocumentID(string(r.ID))
	return archive.Job{Stage: sohoa.StageRecord, Document: id}, err
}

func recordObject(r archive.Record) ocfl.ID { return ocfl.NewID(r.Kind, string(r.ID)) }

// bringRecord brings a record into the storage root, change by change as they
// come, and into the second copy. It may be cut off anywhere and run again: a
// version that holds the change already is not made again. Whether there is
// more is decided in the transaction that ends the job.
func (s *Service) bringRecord(ctx context.Context, job *queue.Running) error {
	for {
		r, err := s.Catalog.Record(ctx, sohoa.SetID(job.Document.String()))
		if errors.Is(err, sohoa.ErrNotExist) {
			return errGone
		}
		if err != nil {
			return err
		}
		if r.Kept < r.Change {
			if err := s.keepRecord(ctx, r); err != nil {
				return err
			}
			if _, err := s.recorded(ctx, r, nil); err != nil {
				return err
			}
		}
		if err := s.copyRecord(ctx, r); err != nil {
			return err
		}
		if done, err := s.recorded(ctx, r, job); err != nil || done {
			return err
		}
	}
}

// recorded enters that the storage root has a record at its change, and ends
// the job if there is none beyond it. job may be nil.
func (s *Service) recorded(ctx context.Context, r archive.Record, job *queue.Running) (done bool, err error) {
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		now, err := tx.NamedRecord(r.Kind, r.Name)
		if err != nil {
			return err
		}
		now.Kept = max(now.Kept, r.Change)
		if err := tx.PutRecord(now); err != nil {
			return err
		}
		if done = job != nil && now.Kept == now.Change; done {
			return tx.Complete(job)
		}
		return nil
	})
	return done, err
}

// keepRecord makes what the catalogue says the next version of a record's
// object.
func (s *Service) keepRecord(ctx context.Context, r archive.Record) error {
	object := recordObject(r)
	if err := s.Keeper.RecoverObject(ctx, object); err != nil {
		return err
	}
	head, err := s.Keeper.Head(ctx, object)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	kept := 0
	if head.Head > 0 {
		if kept, err = s.recordedChange(ctx, head, r.Kind); err != nil {
			return err
		}
	}
	if kept < r.Change {
		b, err := s.describe(ctx, r)
		if err != nil {
			return err
		}
		path, content, err := s.Encrypted(recordFile[r.Kind], b)
		if err != nil {
			return err
		}
		_, err = s.Keeper.Commit(ctx, object, ocfl.Version{Expect: head.Head, Created: s.Now().UTC().Truncate(time.Second), Message: "decisions recorded",
			User: ocfl.User{Name: system}, Files: map[string]ocfl.Content{path: content}})
		if err != nil {
			return fmt.Errorf("record %s %s: %w", r.Kind, r.ID, err)
		}
	}
	return nil
}

// copyRecord brings a record into the second copy. While that is away the job
// waits.
func (s *Service) copyRecord(ctx context.Context, r archive.Record) error {
	err := s.CopyObject(ctx, recordObject(r))
	if errors.Is(err, sohoa.ErrUnavailable) && ctx.Err() == nil {
		s.Log.Warn("a record is not in the second copy yet, will be tried again", "record", string(r.ID), "err", err)
		return queue.Later(awayPause)
	}
	return err
}

// recordedChange is the change that the newest version of a record's object
// holds.
func (s *Service) recordedChange(ctx context.Context, o ocfl.Object, kind string) (int, error) {
	b, err := s.ReadFile(ctx, o, recordFile[kind])
	if err != nil {
		return 0, err
	}
	var r struct {
		Change int `json:"change"`
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return 0, fmt.Errorf("read %s of %s: %w: %w", recordFile[kind], o.ID, sohoa.ErrVerification, err)
	}
	return r.Change, nil
}

// describe is the file of a record, at its change or one that came later.
func (s *Service) describe(ctx context.Context, r archive.Record) ([]byte, error) {
	now := s.Now().UTC().Truncate(time.Second)
	if r.Kind == ocfl.KindProcedures {
		all, err := s.Catalog.Procedures(ctx)
		if err != nil {
			return nil, err
		}
		return json.MarshalIndent(ProceduresRecord{Format: ProceduresFormat, ID: r.ID, Change: r.Change, Kept: now, Procedures: all}, "", " ")
	}
	if r.Kind == ocfl.KindAgencies {
		all, err := s.Catalog.Agencies(ctx)
		if err != nil {
			return nil, err
		}
		return json.MarshalIndent(AgenciesRecord{Format: AgenciesFormat, ID: r.ID, Change: r.Change, Kept: now, Agencies: all}, "", " ")
	}
	d := DossierRecord{Format: DossierFormat, ID: r.ID, Change: r.Change, Kept: now}
	var err error
	if d.Dossier, err = s.Catalog.Dossier(ctx, sohoa.Everything, r.Name); err != nil {
		return nil, err
	}
	if d.Agency, _, err = s.Names(ctx, d.Dossier); err != nil {
		return nil, err
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if d.Reuses, err = tx.DossierReuses(r.Name); err != nil {
			return err
		}
		d.Omissions, err = tx.Omissions(r.Name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(d, "", " ")
}

// resumeRecords enqueues again what a job should be at and may not be.
func (s *Service) resumeRecords(ctx context.Context) error {
	behind, err := s.Catalog.Unrecorded(ctx, 0)
	if err != nil {
		return err
	}
	var jobs []archive.Job
	for _, r := range behind {
		job, err := recordJob(r)
		if err != nil {
			return err
		}
		jobs = append(jobs, job)
	}
	return s.enqueue(ctx, jobs)
}

// recoverRecords enters what the records in the storage root tell: agencies,
// procedures, and dossiers with what was decided about them. It comes after the documents,
// whose records may know older names.
func (s *Service) recoverRecords(ctx context.Context, each func(sohoa.DocumentID, error)) error {
	for id, err := range s.Keeper.Objects(ctx) {
		if err != nil {
			return fmt.Errorf("list the storage root: %w", err)
		}
		if _, ours := recordFile[id.Kind()]; !ours {
			continue
		}
		if err := s.recoverRecord(ctx, id); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			each(sohoa.DocumentID{}, fmt.Errorf("record %s: %w", id, err))
		}
	}
	return nil
}

func (s *Service) recoverRecord(ctx context.Context, id ocfl.ID) error {
	head, err := s.Keeper.Head(ctx, id)
	if err != nil {
		return err
	}
	b, err := s.ReadFile(ctx, head, recordFile[id.Kind()])
	if err != nil {
		return err
	}
	if id.Kind() == ocfl.KindProcedures {
		var p ProceduresRecord
		if err := decodeRecord(b, &p, &p.Format, ProceduresFormat); err != nil {
			return err
		}
		return s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.enterProcedures(tx, p) })
	}
	if id.Kind() == ocfl.KindAgencies {
		var a AgenciesRecord
		if err := decodeRecord(b, &a, &a.Format, AgenciesFormat); err != nil {
			return err
		}
		return s.Catalog.Update(ctx, func(tx archive.Tx) error { return restoreAgencies(tx, a) })
	}
	var d DossierRecord
	if err := decodeRecord(b, &d, &d.Format, DossierFormat); err != nil {
		return err
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.enterDossier(tx, d) })
}

// decodeRecord reads a record, and what format it says it is of.
func decodeRecord(b []byte, into any, format *string, want string) error {
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%w: %w", sohoa.ErrVerification, err)
	}
	if *format != want {
		return fmt.Errorf("of format %q, want %q: %w", *format, want, sohoa.ErrInvalid)
	}
	return nil
}

// newer reports whether a record in the storage root knows more than the
// catalogue, and enters that it is known.
func newer(tx archive.Tx, r archive.Record) (bool, error) {
	known, err := tx.NamedRecord(r.Kind, r.Name)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return false, err
	}
	if err == nil && known.Change >= r.Change {
		return false, nil
	}
	r.ID = cmp.Or(known.ID, r.ID)
	return true, tx.PutRecord(r)
}

func (s *Service) enterProcedures(tx archive.Tx, p ProceduresRecord) error {
	more, err := newer(tx, archive.Record{ID: p.ID, Kind: ocfl.KindProcedures, Change: p.Change, Kept: p.Change})
	if err != nil || !more {
		return err
	}
	for _, one := range p.Procedures {
		if err := tx.PutProcedure(one); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) enterDossier(tx archive.Tx, d DossierRecord) error {
	more, err := newer(tx, archive.Record{ID: d.ID, Kind: ocfl.KindDossier, Name: d.Dossier.Code, Change: d.Change, Kept: d.Change})
	if err != nil || !more {
		return err
	}
	if err := errors.Join(enterAgency(tx, d.Agency), tx.PutDossier(d.Dossier)); err != nil {
		return err
	}
	for _, r := range d.Reuses {
		if err := tx.PutReuse(r); err != nil {
			return err
		}
	}
	return enterOmissions(tx, d)
}

// enterOmissions puts what a record says of papers that are not digitised in
// place of what is known: it is newer.
func enterOmissions(tx archive.Tx, d DossierRecord) error {
	known, err := tx.Omissions(d.Dossier.Code)
	if err != nil {
		return err
	}
	for _, o := range known {
		if err := tx.RemoveOmission(o.Dossier, o.Requirement); err != nil {
			return err
		}
	}
	for _, o := range d.Omissions {
		if err := tx.PutOmission(o); err != nil {
			return err
		}
	}
	return nil
}
