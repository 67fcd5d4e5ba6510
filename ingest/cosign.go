package ingest

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
	"sohoa/ingest/queue"
)

// cosign keeps a signature that was made on a kept document, and does the
// office's own steps, until nothing of that is left to do. Whether there is
// more is decided in the transaction that ends the job.
func (s *Service) cosign(ctx context.Context, job *queue.Running, id sohoa.DocumentID) error {
	for {
		p, t, err := s.nextMade(ctx, job, id)
		if err != nil || p.ID == "" {
			return err
		}
		if p.Signed() {
			err = s.keepMade(ctx, job, t, p)
		} else {
			err = s.keepOffice(ctx, job, t, p)
		}
		var refused *refusal
		if errors.As(err, &refused) {
			return s.refuseMade(ctx, job, p, refused)
		}
		if err != nil {
			return err
		}
	}
}

// busyPause is when to look again at a document that is being renewed.
const busyPause = 10 * time.Second

// nextMade is what the job has to keep next; zero if there is nothing, and
// then the job is complete. The office's own step is taken here.
func (s *Service) nextMade(ctx context.Context, job *queue.Running, id sohoa.DocumentID) (p sohoa.PendingSignature, t turn, err error) {
	err = s.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		p, t = sohoa.PendingSignature{}, turn{}
		if t.doc, err = tx.Document(id); err != nil {
			return err
		}
		under, err := tx.DocumentPending(id)
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		if under.Signed() {
			p = under
			return t.recall(tx, p.Set)
		}
		if p, err = s.takeOffice(tx, &t, under); err != nil || p.ID != "" {
			return err
		}
		return tx.Complete(job)
	})
	return p, t, err
}

// recall fills in the place that the document has in a set.
func (t *turn) recall(tx archive.Tx, id sohoa.SetID) (err error) {
	if id == "" {
		return nil
	}
	if t.set, err = tx.SigningSet(id); err != nil {
		return err
	}
	if t.item, err = tx.SetItem(id, t.doc.ID); err == nil && t.item.Step < len(t.set.Steps) {
		t.step = t.set.Steps[t.item.Step]
	}
	return err
}

// takeOffice makes the document the office's own, if it is its turn.
func (s *Service) takeOffice(tx archive.Tx, t *turn, under sohoa.PendingSignature) (p sohoa.PendingSignature, err error) {
	item, err := tx.DocumentItem(t.doc.ID)
	if errors.Is(err, sohoa.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	if err := t.recall(tx, item.Set); err != nil {
		return p, err
	}
	if under.Flow == sohoa.FlowSystem && under.Set == item.Set {
		return under, nil // an interrupted run took it
	}
	if !office(item) || t.doc.Signature == sohoa.SignatureAwaiting {
		return p, nil
	}
	if under.ID != "" {
		return p, queue.Later(busyPause)
	}
	s.address(&t.doc, t.step.Part)
	p = t.newPending("", sohoa.FlowSystem, s.Now().UTC())
	if err := t.hold(tx, p); err != nil {
		return p, err
	}
	return p, tx.PutDocument(t.doc)
}

// refuseMade ends a signature that cannot become the document's next version.
// Its item is due again, with the reason.
func (s *Service) refuseMade(ctx context.Context, job *queue.Running, p sohoa.PendingSignature, why error) error {
	s.Log.Warn("signature not kept", "document", p.Document.String(), "set", p.Set, "err", why)
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if err := s.dropIn(tx, p, sohoa.AsProblem(why)); err != nil {
			return err
		}
		return tx.Complete(job)
	})
}

// final makes err a refusal if what was signed will not become good by trying
// again.
func final(err error) error {
	var known *refusal
	if errors.As(err, &known) || err == nil {
		return err
	}
	if sohoa.Permanent(err) || errors.Is(err, sohoa.ErrVerification) || errors.Is(err, sohoa.ErrConflict) {
		return &refusal{err}
	}
	return err
}

// keepMade makes a signature that was made the document's next version.
func (s *Service) keepMade(ctx context.Context, job *queue.Running, t turn, p sohoa.PendingSignature) error {
	kept, err := s.committed(ctx, t.doc, p.ID)
	if err != nil {
		return err
	}
	if kept {
		return s.keepSignature(ctx, job, t, p, newSignature{})
	}
	if t.doc.Revision != p.Revision {
		return &refusal{conflict("sign.changed")}
	}
	n, err := s.signatureOf(ctx, t, p)
	if err != nil {
		return final(err)
	}
	if t.step.Delegate == p.Actor {
		n.made.For = t.step.User
	}
	return s.keepSignature(ctx, job, t, p, n)
}

// newSignature is a signed file that becomes a document's next version.
type newSignature struct {
	file    *sohoa.File
	made    sohoa.SignatureMade
	problem *sohoa.Problem // why it is less than was asked for
	role    sohoa.Role     // that was signed
	proof   time.Time      // as Document.ProofUntil
}

func (s *Service) signatureOf(ctx context.Context, t turn, p sohoa.PendingSignature) (n newSignature, err error) {
	if n.role, err = s.newest(ctx, t.doc); err != nil {
		return n, err
	}
	if p.File != nil {
		n.file, n.made, n.proof = p.File, *p.Made, p.ProofUntil
		return n, nil
	}
	return n, s.complete(ctx, t.doc, p, &n)
}

// keepOffice does the office's own step.
func (s *Service) keepOffice(ctx context.Context, job *queue.Running, t turn, p sohoa.PendingSignature) error {
	kept, err := s.committed(ctx, t.doc, p.ID)
	if err != nil {
		return err
	}
	if kept {
		return s.keepSignature(ctx, job, t, p, newSignature{})
	}
	if s.Sealer == nil {
		return &refusal{&sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sign.no-key"}}
	}
	role, err := s.newest(ctx, t.doc)
	if err != nil {
		return err
	}
	shows := showing{doc: t.doc, step: t.step, qr: s.address(&t.doc, t.step.Part)}
	if place, ok := t.item.Places[t.item.Step]; ok {
		shows.place = &place
	}
	as := Sealing{Part: t.step.Part, Base: s.notedAs(ctx, t.doc.ID, role)}
	if as.Mark, err = s.markOf(ctx, shows); err != nil {
		return err
	}
	file, seal, err := s.seal(ctx, t.doc, role, func(ctx context.Context, in io.ReaderAt, size int64, out *os.File) (Seal, error) {
		return s.Sealer.Seal(ctx, in, size, out, as)
	})
	if err != nil {
		return final(err)
	}
	seal.Made.Part, seal.Made.Revision = t.step.Part, t.doc.Revision+1
	return s.keepSignature(ctx, job, t, p, newSignature{&file, seal.Made, seal.Problem, role, seal.ProofUntil})
}

// keepSignature keeps the next version of a document, and moves its item on.
func (s *Service) keepSignature(ctx context.Context, job *queue.Running, t turn, p sohoa.PendingSignature, n newSignature) error {
	doc := t.doc
	k := keeping{action: sohoa.ActionSign, actor: p.Actor, message: "signed", replace: n.file, pending: p.ID, more: true,
		within: func(tx archive.Tx, doc *sohoa.Document) error { return s.signedItem(tx, doc, p) }}
	if n.file != nil {
		doc.Signatures = append(doc.Signatures[:len(doc.Signatures):len(doc.Signatures)], n.made)
		doc.Signature, doc.SignReason, doc.ProofUntil = n.made.Level, n.problem, n.proof
		if doc.SignedRole == "" {
			doc.SignedRole = n.role
		}
		if p.Set != "" {
			k.signing = &RecordSigning{Set: t.set, Item: advance(t.item, t.set, n.made)}
		}
	}
	if err := s.keep(ctx, job, doc, k); err != nil {
		return err
	}
	return s.Blobs.RemoveAll(ctx, workPrefix+string(p.ID)+"/")
}

// signedItem moves the item of a signature on that was kept.
func (s *Service) signedItem(tx archive.Tx, doc *sohoa.Document, p sohoa.PendingSignature) error {
	if err := tx.RemovePending(p.ID); err != nil || p.Set == "" {
		return err
	}
	var t turn
	t.doc = *doc
	if err := t.recall(tx, p.Set); err != nil {
		return err
	}
	if !t.item.State.Open() || t.item.Step != p.Step || len(doc.Signatures) == 0 {
		return nil
	}
	return s.putItem(tx, doc, advance(t.item, t.set, doc.Signatures[len(doc.Signatures)-1]))
}

// committed reports whether an interrupted run has made the next version of
// doc already, with this signature.
func (s *Service) committed(ctx context.Context, doc sohoa.Document, id sohoa.SetID) (bool, error) {
	head, err := s.Keeper.Head(ctx, ocfl.DocumentID(doc.ID))
	if err != nil || head.Head != doc.Revision+1 {
		return false, err
	}
	r, err := s.readRecord(ctx, head)
	return err == nil && r.Pending == id, err
}
