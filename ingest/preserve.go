package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
	"sohoa/archive/vault"
	"sohoa/ingest/queue"
)

// RecordFormat names the form of metadata.json in a preserved object.
const RecordFormat = "sohoa record 1"

// recordName is the logical path of the record in a preserved object.
const recordName = "metadata.json"

// Record is the metadata file of a preserved object: all that the catalogue
// knows of the document, so that the catalogue can be rebuilt (docs/format.md).
type Record struct {
	Format    string          `json:"format"`
	Document  sohoa.Document  `json:"document"`
	Dossier   sohoa.Dossier   `json:"dossier"`
	Agency    sohoa.Agency    `json:"agency"`
	Procedure sohoa.Procedure `json:"procedure"`
	Pages     []sohoa.Page    `json:"pages"`
	Files     []RecordFile    `json:"files"`
	History   []sohoa.Entry   `json:"history"` // the document's journal so far

	Arrangement *sohoa.Arrangement `json:"arrangement,omitempty"` // of its pages, if a person arranged them

	Pending sohoa.SetID    `json:"pending,omitempty"` // PendingSignature.ID of the signature that this version was kept for
	Signing *RecordSigning `json:"signing,omitempty"` // the signing set that this version was signed in

	self sohoa.File // the record as a file, without its key
}

// RecordSigning is a signing set as it was when a version was kept, and where
// the document stood in it from then on.
type RecordSigning struct {
	Set  sohoa.SigningSet `json:"set"`
	Item sohoa.SetItem    `json:"item"`
}

// RecordFile is a file of the object by its logical path.
type RecordFile struct {
	Path string `json:"path"` // empty for an image that is made again from the original
	sohoa.File
}

// keeping is what differs between the occasions on which a version is kept.
type keeping struct {
	action  sohoa.Action
	actor   string      // who did it; empty is the system
	message string      // of the OCFL version
	replace *sohoa.File // a file that is not in the catalogue yet

	pending sohoa.SetID    // of the signature that is kept
	signing *RecordSigning // where that leaves the document
	within  func(tx archive.Tx, doc *sohoa.Document) error
	more    bool // the job has more to do
}

// preserve makes the document a version of an OCFL object. Only when that was
// read back is it kept.
func (s *Service) preserve(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	if doc.Stage != sohoa.StagePreserve {
		return errGone
	}
	k := keeping{action: sohoa.ActionKeep, message: "captured"}
	doc, err := s.retained(ctx, doc)
	if err != nil {
		return err
	}
	if doc.Signature == sohoa.SignatureDue {
		clerk, err := s.Catalog.User(ctx, doc.AcceptedBy)
		if err != nil {
			return err
		}
		k.within = func(tx archive.Tx, doc *sohoa.Document) error { return s.joinOperatorSet(tx, doc, clerk) }
	}
	return s.keep(ctx, job, doc, k)
}

// keep commits one version to the storage root and then to the catalogue. A
// version that an interrupted run has committed already is adopted.
func (s *Service) keep(ctx context.Context, job *queue.Running, doc sohoa.Document, k keeping) error {
	record, err := s.record(ctx, doc, k)
	if err != nil {
		return err
	}
	head, err := s.commitObject(ctx, &record, k)
	if err != nil {
		return fmt.Errorf("preserve %s: %w", doc.ID, err)
	}
	if err := s.lock(ctx, record.Document); err != nil {
		return fmt.Errorf("preserve %s: %w", doc.ID, err)
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.enterKept(tx, job, k, record, kept(record, head)) })
	if err != nil {
		return err
	}
	// Nothing refers to the working copies any more. If this fails, Sweep
	// removes them.
	if err := s.Blobs.RemoveAll(ctx, workDir(doc.ID)); err != nil {
		s.Log.Warn("working copies left behind", "document", doc.ID.String(), "err", err)
	}
	return nil
}

// enterKept enters a version that is in the storage root. Meanwhile the
// document may have come into a set, have got a lookup code, been copied and
// been decided about; a decision that the version does not have follows as the
// next one.
func (s *Service) enterKept(tx archive.Tx, job *queue.Running, k keeping, record Record, files []sohoa.File) error {
	doc := record.Document
	now, err := tx.Document(doc.ID)
	if err != nil {
		return err
	}
	if now.State == sohoa.StateDestroying || now.State == sohoa.StateDestroyed {
		return errGone
	}
	doc.LifeKept, doc.FieldsKept = doc.Life.Change, doc.FieldsAt
	doc.Fields, doc.FieldsAt = now.Fields, now.FieldsAt
	switch {
	case now.Revision > 0: // what it is kept with first has its retention
		doc.Life = now.Life
	case now.Life.Change > doc.Life.Change: // it was typed meanwhile
		if doc, err = s.retainedIn(tx, doc, now.Life); err != nil {
			return err
		}
	}
	doc.Set, doc.Lookup, doc.Disposal, doc.Copied = now.Set, now.Lookup, now.Disposal, now.Copied
	for _, f := range files {
		if err := tx.PutFile(doc.ID, f); err != nil {
			return err
		}
	}
	if k.within != nil {
		if err := k.within(tx, &doc); err != nil {
			return err
		}
	}
	if err := tx.PutDocument(doc); err != nil {
		return err
	}
	actor := k.actor
	if actor == "" {
		actor = system
	}
	if err := s.journalBy(tx, actor, doc, k.action, detail{"revision": doc.Revision, "signature": doc.Signature}); err != nil {
		return err
	}
	if err := tx.Enqueue(s.follows(doc)...); err != nil || k.more {
		return err
	}
	return tx.Complete(job)
}

// follows are the jobs of a document that is kept.
func (s *Service) follows(doc sohoa.Document) (jobs []archive.Job) {
	switch {
	case doc.Signature == sohoa.SignatureAwaiting:
		jobs = append(jobs, archive.Job{Stage: sohoa.StageStamp, Document: doc.ID})
	case s.wantsEvidence(doc):
		jobs = append(jobs, archive.Job{Stage: sohoa.StageRenew, Document: doc.ID})
	}
	if unrecorded(doc) {
		jobs = append(jobs, archive.Job{Stage: sohoa.StageAmend, Document: doc.ID})
	}
	if !s.copied(doc) {
		jobs = append(jobs, archive.Job{Stage: sohoa.StageCopy, Document: doc.ID})
	}
	return jobs
}

// record describes the version to be kept.
func (s *Service) record(ctx context.Context, doc sohoa.Document, k keeping) (Record, error) {
	doc.State, doc.Stage, doc.Problem = sohoa.StateKept, "", nil
	doc.Revision++
	doc.KeptAt = s.Now().UTC()
	r := Record{Format: RecordFormat, Document: doc, Pending: k.pending, Signing: k.signing}
	var err error
	if r.Dossier, err = s.Catalog.Dossier(ctx, sohoa.Everything, doc.Dossier); err != nil {
		return r, err
	}
	if r.Agency, r.Procedure, err = s.Names(ctx, r.Dossier); err != nil {
		return r, err
	}
	if r.Pages, err = s.Catalog.Pages(ctx, doc.ID); err != nil {
		return r, err
	}
	if r.History, err = s.Catalog.History(ctx, doc.ID); err != nil {
		return r, err
	}
	if doc.Arrangement > 0 {
		a, err := s.arrangement(ctx, doc, doc.Arrangement)
		if err != nil {
			return r, err
		}
		r.Arrangement = &a
	}
	r.Files, err = s.recordFiles(ctx, doc, r.Pages, k)
	return r, err
}

// recordFiles are the stored files of a document, those of thumbnails left
// out.
func (s *Service) recordFiles(ctx context.Context, doc sohoa.Document, pages []sohoa.Page, k keeping) ([]RecordFile, error) {
	files, err := s.Catalog.Files(ctx, doc.ID)
	if err != nil {
		return nil, err
	}
	var all []RecordFile
	for _, f := range replaced(files, k.replace) {
		if f.Role == sohoa.RoleMetadata || f.Role == sohoa.RoleThumb {
			continue
		}
		path := logicalPath(f, doc)
		if path == "" && f.Role == sohoa.RoleImage && f.Page <= len(pages) {
			if path = pagePath(pages[f.Page-1]); path != "" {
				if f, err = s.sourceOf(ctx, pages[f.Page-1], f); err != nil {
					return nil, err
				}
			}
		}
		all = append(all, RecordFile{Path: path, File: f})
	}
	return all, nil
}

// replaced is files with f in the place of the one in its role.
func replaced(files []sohoa.File, f *sohoa.File) []sohoa.File {
	if f == nil {
		return files
	}
	at := slices.IndexFunc(files, func(have sohoa.File) bool { return have.Role == f.Role })
	if at < 0 {
		return append(files, *f)
	}
	files[at] = *f
	return files
}

// Names finds the agency and the procedure of a dossier; one that is not
// listed keeps its code only.
func (s *Service) Names(ctx context.Context, d sohoa.Dossier) (sohoa.Agency, sohoa.Procedure, error) {
	agency, procedure := sohoa.Agency{Code: d.Agency}, sohoa.Procedure{Code: d.Procedure}
	agencies, err := s.Catalog.Agencies(ctx)
	if err != nil {
		return agency, procedure, err
	}
	for _, a := range agencies {
		if a.Code == d.Agency {
			agency = a
		}
	}
	known, err := s.Catalog.Procedure(ctx, d.Procedure)
	if errors.Is(err, sohoa.ErrNotExist) {
		return agency, procedure, nil
	}
	procedure.Name = known.Name
	return agency, procedure, err
}

// maxRecordBytes bounds metadata.json; a thousand pages take about 1 MiB.
const maxRecordBytes = 64 << 20

// commitObject makes the record a version of its object and returns the
// object. If an interrupted run has made that version already, the record
// becomes the one that it holds.
func (s *Service) commitObject(ctx context.Context, r *Record, k keeping) (ocfl.Object, error) {
	id := ocfl.DocumentID(r.Document.ID)
	head, err := s.Keeper.Head(ctx, id)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return head, err
	}
	if head.Head == r.Document.Revision {
		if err := s.Keeper.RecoverObject(ctx, id); err != nil {
			return head, err
		}
		made, err := s.readRecord(ctx, head)
		if err == nil && made.Pending != k.pending {
			err = &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "sign.changed", Detail: "another version was kept"}
		}
		*r = made
		return head, err
	}
	by := k.actor
	if by == "" {
		by = r.Document.AcceptedBy
	}
	files, err := s.contents(ctx, head, r)
	if err != nil {
		return head, err
	}
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return head, err
	}
	r.self = selfOf(b)
	name, content, err := s.Encrypted(recordName, b)
	if err != nil {
		return head, err
	}
	files[name] = content
	return s.Keeper.Commit(ctx, id, ocfl.Version{
		Expect: r.Document.Revision - 1, Created: r.Document.KeptAt, Message: k.message,
		User: ocfl.User{Name: by}, Files: files,
	})
}

// readRecord reads the metadata file of an object.
func (s *Service) readRecord(ctx context.Context, o ocfl.Object) (Record, error) {
	var r Record
	data, err := s.ReadFile(ctx, o, recordName)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("read %s of %s: %w", recordName, o.ID, err)
	}
	if r.Format != RecordFormat {
		return r, fmt.Errorf("%s of %s is of format %q, want %q: %w", recordName, o.ID, r.Format, RecordFormat, sohoa.ErrInvalid)
	}
	r.self = selfOf(data)
	return r, nil
}

// kept returns the files of a record with the keys that they have in its
// object, the record itself among them.
func kept(r Record, o ocfl.Object) []sohoa.File {
	self := r.self
	self.Key = vault.Key(fileOf(o, recordName).Key)
	files := []sohoa.File{self}
	for _, f := range r.Files {
		if f.Path != "" {
			f.Key = vault.Key(o.Files[f.Path].Key)
		}
		files = append(files, f.File)
	}
	return files
}
