package ingest

import (
	"context"
	"errors"

	"sohoa"
	"sohoa/archive"
)

// tellReuses lets every dossier that uses a document know what its force is
// now, if it did not: a result that was of force is lost, one that is of force
// again is not. It belongs into each transaction that changes the force of a
// kept document, after the document was put.
func (s *Service) tellReuses(tx archive.Tx, actor string, doc sohoa.Document) error {
	reuses, err := tx.DocumentReuses(doc.ID)
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	force := doc.Force(now)
	for _, r := range reuses {
		if r.State != sohoa.ReuseAccepted || forceOf(r) == force {
			continue
		}
		r.Lost = nil
		if force != sohoa.ForceIn {
			r.Lost = &sohoa.ReuseLoss{Force: force, At: now}
		}
		if err := s.putReuse(tx, r); err != nil {
			return err
		}
		e := sohoa.Entry{Action: sohoa.ActionReuseLost, Document: r.Document, Dossier: r.Dossier}
		if err := s.journalReuse(tx, ReuseActor{Name: actor}, e, r.Requirement, detail{"reuse": r.ID, "force": force}); err != nil {
			return err
		}
	}
	return nil
}

// forceOf is what a dossier was told of the force of what it uses.
func forceOf(r sohoa.Reuse) sohoa.Force {
	if r.Lost == nil {
		return sohoa.ForceIn
	}
	return r.Lost.Force
}

// standsOn reports as a Problem that a dossier on which work goes on uses a
// document.
func standsOn(tx archive.Tx, id sohoa.DocumentID) error {
	reuses, err := tx.DocumentReuses(id)
	if err != nil {
		return err
	}
	for _, r := range reuses {
		if r.State != sohoa.ReuseAccepted {
			continue
		}
		d, err := tx.Dossier(r.Dossier)
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		if err == nil && d.Ended == "" {
			return conflict("disposal.reused", id.String(), r.Dossier)
		}
	}
	return nil
}

// turnReuses tells the dossiers that use results whose force ended or began by
// a day or a decision of which the time has come. It looks at what ended since
// it was last here; at first at all.
func (s *Service) turnReuses(ctx context.Context) error {
	s.reuse.mu.Lock()
	from := s.reuse.swept
	s.reuse.mu.Unlock()
	until := s.Now().UTC()
	seen := map[sohoa.DocumentID]bool{}
	for {
		turned, err := s.Catalog.Turned(ctx, from, until, turnBatch)
		if err != nil {
			return err
		}
		again := false
		for _, id := range turned {
			if seen[id] {
				continue // it is as they know by now
			}
			seen[id], again = true, true
			if err := s.turnReuse(ctx, id); err != nil {
				return err
			}
		}
		if !again {
			break
		}
	}
	s.reuse.mu.Lock()
	defer s.reuse.mu.Unlock()
	s.reuse.swept = until
	return nil
}

// turnBatch is how many results are looked up at a time.
const turnBatch = 200

func (s *Service) turnReuse(ctx context.Context, id sohoa.DocumentID) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(id)
		if err != nil {
			return err
		}
		return s.tellReuses(tx, system, doc)
	})
}
