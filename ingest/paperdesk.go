package ingest

import (
	"context"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

var _ PaperDesk = (*Service)(nil)

// PaperDesk is where a clerk says what becomes of the papers that a procedure
// asks for. What lies outside the scope of who asks is sohoa.ErrNotExist. Each
// decision is durable, with its journal entry, when the method returns; the
// same again changes nothing.
type PaperDesk interface {
	// Omit says that a paper is not digitised. One that is in the dossier is
	// the Problem "paper.scanned", one for which a held result is used
	// "paper.reused".
	Omit(ctx context.Context, by ReuseActor, o sohoa.Omission) (sohoa.Omission, error)
	// Unomit takes that back.
	Unomit(ctx context.Context, by ReuseActor, dossier, requirement string) error
	// Assign says which paper of its dossier a document is; none if the code
	// is empty. A requirement of one kind gives the document its type, unless
	// it has another. What was not to be digitised is from then on, but what is
	// secret, which is the Problem "paper.secret".
	Assign(ctx context.Context, by ReuseActor, id sohoa.DocumentID, requirement string) (sohoa.Document, error)
	// Expect says how many pages a document has on paper; 0 that nobody
	// counted. As long as it has another number it is held; agreeing numbers
	// let go what was held for that only. It is "arrange.signing" or
	// "arrange.signed" where it is too late.
	Expect(ctx context.Context, by ReuseActor, id sohoa.DocumentID, pages int) (sohoa.Document, error)
}

// Omit implements PaperDesk.
func (s *Service) Omit(ctx context.Context, by ReuseActor, o sohoa.Omission) (sohoa.Omission, error) {
	o.Note = strings.TrimSpace(o.Note)
	if err := o.Check(); err != nil {
		return o, err
	}
	a, err := s.asked(ctx, by.Scope, o.Dossier, o.Requirement)
	if err != nil {
		return o, err
	}
	o.By, o.At = by.Name, s.Now().UTC()
	return o, s.Catalog.Update(ctx, func(tx archive.Tx) error {
		was, err := s.omission(tx, o.Dossier, o.Requirement)
		if err != nil {
			return err
		}
		if was != nil && was.Reason == o.Reason && was.Note == o.Note {
			o = *was
			return nil
		}
		if err := s.omissible(tx, o.Dossier, a.requirement); err != nil {
			return err
		}
		if err := tx.PutOmission(o); err != nil {
			return err
		}
		return s.paperChanged(tx, by, sohoa.Entry{Action: sohoa.ActionOmit, Dossier: o.Dossier}, o.Requirement, detail{"reason": o.Reason})
	})
}

// omissible reports as a Problem that there is something for a requirement.
// The dossier is locked, as whoever brings something in locks it.
func (s *Service) omissible(tx archive.Tx, dossier string, r sohoa.Requirement) error {
	covers, err := tx.Covers(dossier)
	for _, c := range covers {
		switch {
		case !c.For(r):
		case c.By == archive.CoverDocument:
			return conflict("paper.scanned", r.Name)
		case c.By == archive.CoverReuse:
			return conflict("paper.reused", r.Name)
		}
	}
	return err
}

// omission is that of a requirement, nil if there is none. The dossier is
// locked from then on.
func (s *Service) omission(tx archive.Tx, dossier, requirement string) (*sohoa.Omission, error) {
	if _, err := tx.Dossier(dossier); err != nil {
		return nil, err
	}
	all, err := tx.Omissions(dossier)
	return omissionOf(all, requirement), err
}

func omissionOf(all []sohoa.Omission, requirement string) *sohoa.Omission {
	for i := range all {
		if all[i].Requirement == requirement {
			return &all[i]
		}
	}
	return nil
}

// paperChanged journals a decision about a paper and has the storage root tell
// it.
func (s *Service) paperChanged(tx archive.Tx, by ReuseActor, e sohoa.Entry, requirement string, d detail) error {
	if err := s.touch(tx, ocfl.KindDossier, e.Dossier); err != nil {
		return err
	}
	return s.journalReuse(tx, by, e, requirement, d)
}

// Unomit implements PaperDesk.
func (s *Service) Unomit(ctx context.Context, by ReuseActor, dossier, requirement string) error {
	if _, err := s.Catalog.Dossier(ctx, by.Scope, dossier); err != nil {
		return err
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		was, err := s.omission(tx, dossier, requirement)
		if err != nil || was == nil {
			return err
		}
		return s.endOmission(tx, by, *was)
	})
}

func (s *Service) endOmission(tx archive.Tx, by ReuseActor, o sohoa.Omission) error {
	if err := tx.RemoveOmission(o.Dossier, o.Requirement); err != nil {
		return err
	}
	return s.paperChanged(tx, by, sohoa.Entry{Action: sohoa.ActionOmitEnd, Dossier: o.Dossier}, o.Requirement, detail{"reason": o.Reason})
}

// Assign implements PaperDesk.
func (s *Service) Assign(ctx context.Context, by ReuseActor, id sohoa.DocumentID, requirement string) (doc sohoa.Document, err error) {
	if _, err := archive.Owned(ctx, s.Catalog, by.Scope, id); err != nil {
		return doc, err
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if doc, err = tx.Document(id); err != nil {
			return err
		}
		if doc.State == sohoa.StateDestroying || doc.State == sohoa.StateDestroyed {
			return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "document.unknown", Args: []string{id.String()}}
		}
		if doc.Life.Requirement == requirement {
			return nil
		}
		doc, err = s.assignIn(tx, by, doc, requirement)
		return err
	})
	return doc, err
}

// assignIn is Assign inside a transaction, of a document that is something
// else. What is kept gets a next version.
func (s *Service) assignIn(tx archive.Tx, by ReuseActor, doc sohoa.Document, requirement string) (sohoa.Document, error) {
	was, err := s.requirementIn(tx, doc.Dossier, doc.Life.Requirement)
	if err != nil {
		was = sohoa.Requirement{} // the procedure asks for it no longer
	}
	now, err := s.receivable(tx, by, doc.Dossier, requirement)
	if err != nil {
		return doc, err
	}
	d := detail{"requirement": requirement}
	change := func(tx archive.Tx, doc *sohoa.Document) error {
		doc.Life.Requirement = requirement
		if doc.Life.Type != "" && doc.Life.Type != was.OnlyType() || doc.Life.Type == now.OnlyType() {
			return nil // somebody said what it is
		}
		doc.Life.Type = now.OnlyType()
		d["type"] = doc.Life.Type
		if doc.State != sohoa.StateKept {
			return nil
		}
		schedule, err := tx.Schedule()
		if err != nil {
			return err
		}
		return s.retype(tx, by.Name, doc, schedule)
	}
	if doc.State == sohoa.StateKept {
		return s.AmendIn(tx, doc.ID, Amendment{Actor: by.Name, Action: sohoa.ActionAssign, Detail: d, Change: change})
	}
	if err := change(tx, &doc); err != nil {
		return doc, err
	}
	doc.Life.Change++
	if err := tx.PutDocument(doc); err != nil {
		return doc, err
	}
	return doc, s.journalBy(tx, by.Name, doc, sohoa.ActionAssign, d)
}

// retype gives a document the retention of its type. What nobody knew what it
// was is kept for ever until then.
func (s *Service) retype(tx archive.Tx, actor string, doc *sohoa.Document, schedule sohoa.Schedule) error {
	if !schedule.Knows(doc.Life.Type) || doc.Life.Retention.Ruling != nil {
		return nil
	}
	doc.Life.Retention.Code = ""
	return s.retain(tx, actor, doc, scheduled(*doc, schedule))
}

// requirementIn finds a requirement of a dossier's procedure; none for the
// empty code.
func (s *Service) requirementIn(tx archive.Tx, dossier, code string) (r sohoa.Requirement, err error) {
	d, err := tx.Dossier(dossier)
	if err != nil || code == "" {
		return r, err
	}
	p, err := tx.Procedure(d.Procedure)
	if err != nil {
		return r, err
	}
	r, ok := p.Requirement(code)
	if !ok {
		return r, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "requirement.unknown", Args: []string{code, d.Procedure}}
	}
	return r, nil
}

// receivable is a requirement for which a document is brought in or assigned.
// It is the Problem "paper.secret" of what must not be digitised; what somebody
// said not to digitise for another reason is digitised all the same.
func (s *Service) receivable(tx archive.Tx, by ReuseActor, dossier, code string) (sohoa.Requirement, error) {
	r, err := s.requirementIn(tx, dossier, code)
	if err != nil || code == "" {
		return r, err
	}
	o, err := s.omission(tx, dossier, code)
	switch {
	case err != nil || o == nil:
		return r, err
	case o.Reason == sohoa.OmitSecret:
		return r, conflict("paper.secret", r.Name)
	}
	return r, s.endOmission(tx, by, *o)
}
