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
)

// Sealer signs with the office's own key.
type Sealer interface {
	// Seal writes in with one signature added to out, and has verified it
	// there. A document that must not be signed is a sohoa.ErrForbidden
	// problem.
	Seal(ctx context.Context, in io.ReaderAt, size int64, out io.Writer, as Sealing) (Seal, error)
}

// Seal says what a Sealer reached.
type Seal struct {
	State   sohoa.SignatureState
	Problem *sohoa.Problem // why it is less than was asked for; nil if it is not

	Made       sohoa.SignatureMade // its Part, User, For and Revision are the caller's
	ProofUntil time.Time           // as Document.ProofUntil
}

// sign adds our signature. A document that cannot be signed is kept all the
// same, and says why it is unsigned.
func (s *Service) sign(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	if doc.Stage != sohoa.StageSign {
		return errGone
	}
	doc.Stage = sohoa.StagePreserve
	first, err := s.operatorFirst(ctx, doc)
	if err != nil {
		return err
	}
	if first {
		doc.Signature = sohoa.SignatureDue
		return s.signed(ctx, job, doc, nil)
	}
	if s.Sealer == nil {
		doc.Signature = sohoa.SignatureNone
		doc.SignReason = &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sign.no-key"}
		return s.signed(ctx, job, doc, nil)
	}
	role, err := s.toSign(ctx, doc)
	if err != nil {
		return err
	}
	as := Sealing{Part: sohoa.PartAgency, Base: s.notedAs(ctx, doc.ID, role)}
	as.Mark, err = s.markOf(ctx, showing{doc: doc, step: sohoa.SignStep{Part: as.Part}, qr: s.address(&doc, as.Part)})
	if err != nil {
		return err
	}
	file, seal, err := s.seal(ctx, doc, role, func(ctx context.Context, in io.ReaderAt, size int64, out *os.File) (Seal, error) {
		return s.Sealer.Seal(ctx, in, size, out, as)
	})
	var refused *refusal
	if errors.As(err, &refused) {
		doc.Signature, doc.SignReason = sohoa.SignatureNone, sohoa.AsProblem(err)
		return s.signed(ctx, job, doc, nil)
	}
	if err != nil {
		return err
	}
	doc.Signature, doc.SignReason, doc.SignedRole = seal.State, seal.Problem, role
	seal.Made.Part, seal.Made.Revision = sohoa.PartAgency, doc.Revision+1
	doc.Signatures, doc.ProofUntil = []sohoa.SignatureMade{seal.Made}, seal.ProofUntil
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
		doc, err := current(tx, doc)
		if err != nil {
			return err
		}
		if file != nil {
			if err := tx.PutFile(doc.ID, *file); err != nil {
				return err
			}
		}
		return s.advance(tx, job, doc, sohoa.ActionSign, d)
	})
}

// seal signs a rendition, or stamps it, and stores the result as the signed
// one.
func (s *Service) seal(ctx context.Context, doc sohoa.Document, role sohoa.Role,
	do func(context.Context, io.ReaderAt, int64, *os.File) (Seal, error),
) (file sohoa.File, seal Seal, err error) {
	in, _, err := s.Open(ctx, doc.ID, role, 0)
	if err != nil {
		return file, seal, err
	}
	defer in.Close()
	file, err = s.produce(ctx, doc.ID, sohoa.File{Role: sohoa.RoleSigned, Key: signedKey(doc.ID)}, func(out *os.File) error {
		if seal, err = do(ctx, in, in.Size(), out); err != nil {
			if sohoa.Permanent(err) {
				return &refusal{err}
			}
			return err
		}
		return stillPDFA(doc, out)
	})
	return file, seal, err
}
