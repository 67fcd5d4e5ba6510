package ingest

import (
	"context"
	"errors"
	"fmt"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// recovering is what the certificates in a storage root say, while a catalogue
// is rebuilt from it.
type recovering struct {
	dead  map[sohoa.DocumentID]sohoa.SetID // destroyed; never entered again
	under []DestructionCertificate         // orders that were not carried out to the end
}

// recoverDisposals enters what certificates tell: disposals, and tombstones of
// what was destroyed.
func (s *Service) recoverDisposals(ctx context.Context, each func(sohoa.DocumentID, error)) (r recovering, err error) {
	r.dead = map[sohoa.DocumentID]sohoa.SetID{}
	for id, err := range s.Keeper.Objects(ctx) {
		if err != nil {
			return r, fmt.Errorf("list the storage root: %w", err)
		}
		if id.Kind() != ocfl.KindDisposal {
			continue
		}
		c, err := s.readCertificate(ctx, id)
		if err == nil {
			err = s.recoverDisposal(ctx, &r, c)
		}
		if err != nil {
			each(sohoa.DocumentID{}, fmt.Errorf("certificate %s: %w", id, err))
		}
	}
	return r, nil
}

// recoverDisposal enters one certificate. An order goes on: how far it came
// nobody knows, and destroying what is gone does nothing.
func (s *Service) recoverDisposal(ctx context.Context, r *recovering, c DestructionCertificate) error {
	for n := range c.Items {
		i := &c.Items[n]
		if i.State == sohoa.VerdictDestroying {
			if err := s.Keeper.RecoverObject(ctx, ocfl.DocumentID(i.Document)); err != nil {
				return err // it may have been cut off in the middle
			}
		}
		if i.State == sohoa.VerdictDestroyed {
			r.dead[i.Document] = c.Disposal.ID
		}
	}
	_, err := s.Catalog.Disposal(ctx, sohoa.Everything, c.Disposal.ID)
	if err == nil || !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	if !c.Done() {
		r.under = append(r.under, c)
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.enterCertificate(tx, c) })
}

func (s *Service) enterCertificate(tx archive.Tx, c DestructionCertificate) error {
	if err := errors.Join(enterAgency(tx, c.Agency), tx.PutDisposal(c.Disposal)); err != nil {
		return err
	}
	for _, i := range c.Items {
		if err := tx.PutDisposalItem(i); err != nil {
			return err
		}
		if err := s.buryAgain(tx, c, i); err != nil {
			return err
		}
	}
	return nil
}

// buryAgain enters the tombstone of a document that the catalogue does not
// know. Of its dossier nothing is known but the code.
func (s *Service) buryAgain(tx archive.Tx, c DestructionCertificate, i sohoa.DisposalItem) error {
	if i.State != sohoa.VerdictDestroyed && i.State != sohoa.VerdictDestroying {
		return nil
	}
	if _, err := tx.Document(i.Document); !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	_, err := tx.Dossier(i.Dossier)
	if errors.Is(err, sohoa.ErrNotExist) {
		err = tx.PutDossier(sohoa.Dossier{Code: i.Dossier, Agency: c.Disposal.Agency, CreatedAt: s.Now().UTC(), CreatedBy: system})
	}
	if err != nil || i.State != sohoa.VerdictDestroyed {
		return err // its tombstone comes when all of it is gone
	}
	return s.bury(tx, i)
}

// risen is the Problem of a document that was destroyed and is in the storage
// root all the same; nil for others.
func (r recovering) risen(id sohoa.DocumentID) error {
	if by, ok := r.dead[id]; ok {
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "recover.destroyed", Args: []string{id.String(), string(by)}}
	}
	return nil
}

// resume lets the orders that were not carried out to the end go on: their
// documents, recovered meanwhile, are served no longer.
func (r recovering) resume(ctx context.Context, s *Service) error {
	for _, c := range r.under {
		job, err := destroyJob(c.Disposal)
		if err != nil {
			return err
		}
		err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
			for _, i := range c.Items {
				if i.State != sohoa.VerdictDestroying {
					continue
				}
				doc, err := tx.Document(i.Document)
				if errors.Is(err, sohoa.ErrNotExist) {
					continue // nothing of it is in the storage root any more
				}
				if err != nil {
					return err
				}
				doc.State, doc.Disposal = sohoa.StateDestroying, c.Disposal.ID
				if err := tx.PutDocument(doc); err != nil {
					return err
				}
			}
			return tx.Enqueue(job)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
