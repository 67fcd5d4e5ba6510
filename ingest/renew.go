package ingest

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/queue"
	"sohoa/signing"
	"sohoa/signing/validation"
)

const (
	// renewMargin is how long before its proof ends a document is renewed:
	// enough for an authority that is away for weeks.
	renewMargin = 90 * 24 * time.Hour
	// renewEvery is how often the catalogue is asked for such documents.
	renewEvery = 24 * time.Hour
	// renewBatch is how many of them are renewed at a time.
	renewBatch = 1000
)

// wantsEvidence reports whether everybody has signed a document that is to
// have more than timestamps.
func (s *Service) wantsEvidence(doc sohoa.Document) bool {
	more := s.Signing.Level == signing.LevelLT || s.Signing.Level == signing.LevelLTA
	return more && s.Signing.Evidence != nil && doc.Signature == sohoa.SignatureTimed && doc.Set == "" && doc.SignReason == nil
}

// ending reports whether what proves a document's signatures ends soon.
func (s *Service) ending(doc sohoa.Document) bool {
	return s.canRenew() && !doc.ProofUntil.IsZero() && doc.ProofUntil.Before(s.Now().Add(renewMargin))
}

func (s *Service) canRenew() bool { return s.Signing.Evidence != nil && s.Signing.Stamper != nil }

// renewDue enqueues the renewal of the documents whose proof ends soon.
func (s *Service) renewDue(ctx context.Context) error {
	if !s.canRenew() {
		return nil
	}
	docs, err := s.Catalog.ProofEnding(ctx, s.Now().Add(renewMargin), renewBatch)
	if err != nil {
		return err
	}
	var jobs []archive.Job
	for _, d := range docs {
		jobs = append(jobs, archive.Job{Stage: sohoa.StageRenew, Document: d.ID})
	}
	return s.enqueue(ctx, jobs)
}

// renew adds to a kept document the evidence that it is to have, or renews it
// before it ends, and keeps the result as its next revision. Nobody signs it
// meanwhile.
func (s *Service) renew(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	p, doc, err := s.takeRenewal(ctx, doc.ID)
	if err != nil {
		return err
	}
	if p.ID == "" {
		return errGone
	}
	err = s.renewTaken(ctx, job, doc, p)
	if err == nil {
		return nil
	}
	if final(err) != err && !errors.Is(err, sohoa.ErrConflict) {
		return s.unrenewed(ctx, job, p, sohoa.AsProblem(err))
	}
	return errors.Join(err, s.drop(context.WithoutCancel(ctx), p.ID, nil))
}

// takeRenewal makes a document the system's own, if it is to be renewed.
func (s *Service) takeRenewal(ctx context.Context, id sohoa.DocumentID) (p sohoa.PendingSignature, doc sohoa.Document, err error) {
	err = s.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		p = sohoa.PendingSignature{}
		if doc, err = tx.Document(id); err != nil {
			return err
		}
		under, err := tx.DocumentPending(id)
		switch {
		case err == nil && under.Flow == sohoa.FlowSystem && under.Set == "":
			p = under // an interrupted run took it
			return nil
		case err == nil:
			return queue.Later(busyPause)
		case !errors.Is(err, sohoa.ErrNotExist):
			return err
		case !s.wantsEvidence(doc) && !s.ending(doc) || doc.State != sohoa.StateKept:
			return nil
		}
		t := turn{doc: doc}
		p = t.newPending("", sohoa.FlowSystem, s.Now().UTC())
		return tx.PutPending(p)
	})
	return p, doc, err
}

// renewTaken renews a document that is taken.
func (s *Service) renewTaken(ctx context.Context, job *queue.Running, doc sohoa.Document, p sohoa.PendingSignature) error {
	k := keeping{action: sohoa.ActionRenew, message: "evidence added", pending: p.ID,
		within: func(tx archive.Tx, _ *sohoa.Document) error { return tx.RemovePending(p.ID) }}
	kept, err := s.committed(ctx, doc, p.ID)
	if err != nil {
		return err
	}
	if kept {
		return s.keep(ctx, job, doc, k)
	}
	var report *validation.Report
	level := sohoa.SignatureArchived
	if s.Signing.Level == signing.LevelLT && !s.ending(doc) {
		level = sohoa.SignatureLongTerm
	}
	file, _, err := s.seal(ctx, doc, sohoa.RoleSigned, func(ctx context.Context, in io.ReaderAt, size int64, out *os.File) (Seal, error) {
		result, err := s.extend(ctx, in, size, out, level)
		if err == nil {
			report, err = s.stillPasses(ctx, in, size, out, result.Size)
		}
		return Seal{}, err
	})
	if err != nil {
		return err
	}
	doc.Signature, doc.SignReason, doc.ProofUntil = level, nil, report.ProofUntil
	k.replace = &file
	return s.keep(ctx, job, doc, k)
}

// extend writes a document with what a level asks for.
func (s *Service) extend(ctx context.Context, in io.ReaderAt, size int64, out io.Writer, level sohoa.SignatureState) (signing.Result, error) {
	if level == sohoa.SignatureLongTerm {
		return signing.AddEvidence(ctx, in, size, out, s.Signing.Evidence)
	}
	return signing.Renew(ctx, in, size, out, s.Signing.Stamper, s.Signing.Evidence)
}

// stillPasses reads a renewed document back: each of its signatures must be
// judged no worse than before.
func (s *Service) stillPasses(ctx context.Context, in io.ReaderAt, size int64, out *os.File, grown int64) (*validation.Report, error) {
	opts := validation.Options{Roots: s.Signing.Roots, Now: s.Now()}
	before, err := validation.Validate(ctx, in, size, opts)
	if err != nil {
		return nil, err
	}
	after, err := validation.Validate(ctx, out, grown, opts)
	if err != nil {
		return nil, err
	}
	for i, was := range before.Signatures {
		if i >= len(after.Signatures) || after.Signatures[i].Field != was.Field || !after.Signatures[i].Intact() ||
			was.Indication == validation.TotalPassed && after.Signatures[i].Indication != validation.TotalPassed {
			return nil, &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "sign.self-check", Detail: was.Field}
		}
	}
	return after, nil
}

// unrenewed notes why a document cannot have its evidence. A person has to see
// to it; what proves it so far still does, and when that is about to end, each
// sweep tries again.
func (s *Service) unrenewed(ctx context.Context, job *queue.Running, p sohoa.PendingSignature, why *sohoa.Problem) error {
	s.Log.Warn("evidence not added", "document", p.Document.String(), "err", why)
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(p.Document)
		if err != nil {
			return err
		}
		doc.SignReason = why
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		if err := tx.RemovePending(p.ID); err != nil {
			return err
		}
		return tx.Complete(job)
	})
}
