package ingest

import (
	"context"
	"errors"
	"io"
	"os"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/queue"
)

// Sealer signs with the office's own key.
type Sealer interface {
	// Seal writes in with one signature added to out, and has verified it
	// there. A document that must not be signed is a sohoa.ErrForbidden
	// problem.
	Seal(ctx context.Context, in io.ReaderAt, size int64, out io.Writer) (Seal, error)
	// Stamp writes in with the missing timestamp of its last signature to
	// out.
	Stamp(ctx context.Context, in io.ReaderAt, size int64, out io.Writer) (Seal, error)
}

// Seal says what a Sealer reached.
type Seal struct {
	State   sohoa.SignatureState
	Problem *sohoa.Problem // why it is less than was asked for; nil if it is not
}

// sign adds our signature. A document that cannot be signed is kept all the
// same, and says why it is unsigned.
func (s *Service) sign(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	if doc.Stage != sohoa.StageSign {
		return errGone
	}
	doc.Stage = sohoa.StagePreserve
	if s.Sealer == nil {
		doc.Signature = sohoa.SignatureNone
		doc.SignReason = &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sign.no-key"}
		return s.signed(ctx, job, doc, nil)
	}
	role, err := s.toSign(ctx, doc)
	if err != nil {
		return err
	}
	file, seal, err := s.seal(ctx, doc, role, s.Sealer.Seal)
	var refused *refusal
	if errors.As(err, &refused) {
		doc.Signature, doc.SignReason = sohoa.SignatureNone, sohoa.AsProblem(err)
		return s.signed(ctx, job, doc, nil)
	}
	if err != nil {
		return err
	}
	doc.Signature, doc.SignReason, doc.SignedRole = seal.State, seal.Problem, role
	return s.signed(ctx, job, doc, &file)
}

// toSign is the rendition that is signed. A document without an access copy
// has its pdf rendition signed.
func (s *Service) toSign(ctx context.Context, doc sohoa.Document) (sohoa.Role, error) {
	if s.Signs != sohoa.RoleAccess {
		return sohoa.RolePDF, nil
	}
	_, err := s.file(ctx, doc.ID, sohoa.RoleAccess, 0)
	if errors.Is(err, sohoa.ErrNotExist) {
		return sohoa.RolePDF, nil
	}
	return sohoa.RoleAccess, err
}

// refusal is a Sealer's word that a document cannot be signed. Other failures
// are not the document's.
type refusal struct{ error }

// Unwrap returns the reason.
func (r *refusal) Unwrap() error { return r.error }

// signed commits the end of the stage; file is nil if there is no signature.
func (s *Service) signed(ctx context.Context, job *queue.Running, doc sohoa.Document, file *sohoa.File) error {
	d := detail{"signature": doc.Signature}
	if file != nil {
		d["sha256"] = file.Digest.String()
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if file != nil {
			if err := tx.PutFile(doc.ID, *file); err != nil {
				return err
			}
		}
		return s.advance(tx, job, doc, sohoa.ActionSign, d)
	})
}

// seal runs one of the Sealer's methods on a rendition and stores the result
// as the signed one.
func (s *Service) seal(ctx context.Context, doc sohoa.Document, role sohoa.Role,
	do func(context.Context, io.ReaderAt, int64, io.Writer) (Seal, error),
) (file sohoa.File, seal Seal, err error) {
	in, _, err := s.Open(ctx, doc.ID, role, 0)
	if err != nil {
		return file, seal, err
	}
	defer in.Close()
	file, err = s.produce(ctx, signedKey(doc.ID), sohoa.RoleSigned, func(out *os.File) error {
		seal, err = do(ctx, in, in.Size(), out)
		if sohoa.Permanent(err) {
			return &refusal{err}
		}
		if err != nil || doc.Master != sohoa.MasterPDFA {
			return err
		}
		return lint(out)
	})
	return file, seal, err
}

// stamp adds the timestamp that a kept document waits for, and keeps the
// result as its next revision.
func (s *Service) stamp(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	if doc.Signature != sohoa.SignatureAwaiting || s.Sealer == nil {
		return errGone
	}
	file, seal, err := s.seal(ctx, doc, sohoa.RoleSigned, s.Sealer.Stamp)
	if err != nil {
		return err
	}
	doc.Signature, doc.SignReason = seal.State, seal.Problem
	return s.keep(ctx, job, doc, keeping{action: sohoa.ActionStamp, message: "timestamp added", replace: &file})
}
