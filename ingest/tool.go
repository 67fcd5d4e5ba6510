package ingest

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/signing/returned"
	"sohoa/signing/validation"
)

// OpenTool implements SigningDesk. A ticket's secret has 256 bits; the
// catalogue has its SHA-256 only.
func (s *Service) OpenTool(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID) ([]ToolTicket, error) {
	user, err := s.person(ctx, actor, sohoa.PowerSign)
	if err != nil {
		return nil, err
	}
	waiting, err := s.waitingFor(ctx, user, id, documents)
	if err != nil {
		return nil, err
	}
	var tickets []ToolTicket
	for _, d := range waiting {
		ticket, err := s.openTool(ctx, user, id, d)
		if err != nil && len(documents) > 0 {
			return nil, err
		}
		if err == nil {
			tickets = append(tickets, ticket)
			continue
		}
		if err := s.blame(ctx, id, d, sohoa.AsProblem(err)); err != nil {
			return nil, err
		}
	}
	return tickets, nil
}

func (s *Service) openTool(ctx context.Context, user person, id sohoa.SetID, document sohoa.DocumentID) (ToolTicket, error) {
	var b [32]byte
	rand.Read(b[:]) // never fails since Go 1.24
	ticket := ToolTicket{Document: document, Secret: base64.RawURLEncoding.EncodeToString(b[:])}
	err := s.Catalog.Update(ctx, func(tx archive.Tx) error {
		t, err := s.turnOf(tx, user.Name, document, id)
		if err != nil {
			return err
		}
		ticket.Name = t.doc.Name
		p := t.newPending(user.Name, sohoa.FlowTool, s.Now().UTC())
		p.Secret = sohoa.Sum([]byte(ticket.Secret))
		if err := t.hold(tx, p); err != nil {
			return err
		}
		return s.journalBy(tx, user.Name, t.doc, sohoa.ActionPrepare,
			detail{"part": p.Part, "flow": p.Flow, "revision": p.Revision, "set": p.Set})
	})
	return ticket, err
}

// ticketOf finds what a secret stands for. Whether it never was, is used up or
// has expired is all the same to who asks.
func (s *Service) ticketOf(ctx context.Context, secret string) (sohoa.PendingSignature, sohoa.Document, error) {
	unknown := &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sign.ticket"}
	if secret == "" {
		return sohoa.PendingSignature{}, sohoa.Document{}, unknown
	}
	found, err := s.Catalog.FindPending(ctx, archive.PendingQuery{Secret: sohoa.Sum([]byte(secret)), Flow: sohoa.FlowTool})
	if err != nil {
		return sohoa.PendingSignature{}, sohoa.Document{}, err
	}
	if len(found) != 1 || s.Now().After(found[0].Expires) || found[0].Signed() {
		return sohoa.PendingSignature{}, sohoa.Document{}, unknown
	}
	doc, err := s.Catalog.Document(ctx, sohoa.Everything, found[0].Document)
	if err == nil && doc.Revision != found[0].Revision {
		err = conflict("sign.changed")
	}
	return found[0], doc, err
}

// ToolFile implements SigningDesk.
func (s *Service) ToolFile(ctx context.Context, secret string) (archive.Blob, sohoa.Document, error) {
	p, doc, err := s.ticketOf(ctx, secret)
	if err != nil {
		return nil, doc, err
	}
	role, err := s.newest(ctx, doc)
	if err != nil {
		return nil, doc, err
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		return s.journalBy(tx, p.Actor, doc, sohoa.ActionDownload, detail{"role": role, "flow": p.Flow})
	})
	if err != nil {
		return nil, doc, err
	}
	b, _, err := s.Open(ctx, doc.ID, role, 0)
	return b, doc, err
}

// ToolReturn implements SigningDesk.
func (s *Service) ToolReturn(ctx context.Context, secret string, r io.Reader) (sohoa.Document, error) {
	p, doc, err := s.ticketOf(ctx, secret)
	if err != nil {
		return doc, err
	}
	want, err := s.expects(ctx, p.Actor)
	if err != nil {
		return doc, err
	}
	role, err := s.newest(ctx, doc)
	if err != nil {
		return doc, err
	}
	sent, _, err := s.Open(ctx, doc.ID, role, 0)
	if err != nil {
		return doc, err
	}
	defer sent.Close()
	var made sohoa.SignatureMade
	var proof time.Time
	file, err := s.produce(ctx, p.Document, sohoa.File{Role: sohoa.RoleSigned, Key: returnedKey(p.ID)}, func(out *os.File) error {
		size, err := copyBounded(out, r, sent.Size()+sohoa.MaxReturnedBytes)
		if err != nil {
			return err
		}
		back, err := returned.Check(ctx, returned.File{ReaderAt: sent, Size: sent.Size()}, returned.File{ReaderAt: out, Size: size}, want)
		if err != nil {
			return err
		}
		made, proof = s.madeElsewhere(back.Signature), back.Report.ProofUntil
		return stillPDFA(doc, out)
	})
	if err != nil {
		return doc, err
	}
	made.Part, made.User, made.Revision = p.Part, p.Actor, doc.Revision+1
	p.File, p.Made, p.ProofUntil = &file, &made, proof
	if err := s.takeFile(ctx, p); err != nil {
		return doc, err
	}
	return s.Catalog.Document(ctx, sohoa.Everything, doc.ID)
}

// copyBounded copies at most one byte more than limit.
func copyBounded(w io.Writer, r io.Reader, limit int64) (int64, error) {
	n, err := io.Copy(w, io.LimitReader(r, limit+1))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return n, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "file.incomplete", Args: []string{"PDF"}}
	}
	return n, err
}

// expects says whose signature a user's program must bring back.
func (s *Service) expects(ctx context.Context, actor string) (returned.Expected, error) {
	want := returned.Expected{Roots: s.Signing.Roots, Now: s.Now()}
	user, err := s.person(ctx, actor, sohoa.PowerSign)
	if err != nil {
		return want, err
	}
	known, err := s.registered(ctx, actor)
	if err != nil {
		return want, err
	}
	if known == nil {
		want.Subject = returned.Subject{Name: user.FullName}
		return want, nil
	}
	want.Certificates = []*x509.Certificate{known}
	want.Roots = append(want.Roots[:len(want.Roots):len(want.Roots)], own(want.Certificates))
	return want, nil
}

// madeElsewhere is what is known of a signature that was brought back.
func (s *Service) madeElsewhere(v validation.Signature) sohoa.SignatureMade {
	m := sohoa.SignatureMade{Signer: v.Signer, Field: v.Field, Time: v.ClaimedTime.UTC(), Level: sohoa.SignatureBasic}
	if n := v.Covers.ByteRange; len(n) == 4 {
		m.Size = n[2] + n[3]
	}
	switch {
	case v.Proof == validation.ProofSignature:
		m.Stamped, m.Level = v.ProofTime.UTC(), sohoa.SignatureTimed
	case s.Signing.Stamper != nil:
		m.Level = sohoa.SignatureAwaiting
	}
	return m
}

// takeFile enters what was brought back and accepted, with the job that keeps
// it; the ticket is used up.
func (s *Service) takeFile(ctx context.Context, p sohoa.PendingSignature) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		now, err := tx.Pending(p.ID)
		if errors.Is(err, sohoa.ErrNotExist) || err == nil && now.Signed() {
			return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sign.ticket"}
		}
		if err != nil {
			return err
		}
		p.Secret = sohoa.Digest{}
		if err := tx.PutPending(p); err != nil {
			return err
		}
		return tx.Enqueue(archive.Job{Stage: sohoa.StageCosign, Document: p.Document})
	})
}
