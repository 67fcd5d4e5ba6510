package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"sohoa"
	"sohoa/archive"
)

// ScheduleDesk is where the retention schedule is kept.
type ScheduleDesk interface {
	// SetSchedule puts rules into force. Version is that of the schedule that
	// they were made of; another in the meantime is the Problem
	// "schedule.changed". Documents follow in the background: a longer period
	// applies at once, a shorter one is left to a person's decision.
	SetSchedule(ctx context.Context, actor string, s sohoa.Schedule) (sohoa.Schedule, error)
	// EndDossier enters the last day of work on a dossier, from which the
	// retention of its documents counts; an empty day takes it back.
	EndDossier(ctx context.Context, actor, code string, day sohoa.Date) (sohoa.Dossier, error)
}

var _ ScheduleDesk = (*Service)(nil)

// SetSchedule implements ScheduleDesk.
func (s *Service) SetSchedule(ctx context.Context, actor string, want sohoa.Schedule) (sohoa.Schedule, error) {
	if err := want.Check(); err != nil {
		return want, err
	}
	made := want
	made.By, made.At = actor, s.Now().UTC()
	return made, s.Catalog.Update(ctx, func(tx archive.Tx) error {
		now, err := tx.Schedule()
		if err != nil {
			return err
		}
		if now.Version != want.Version {
			return conflict("schedule.changed")
		}
		made.Version = now.Version + 1
		if err := tx.PutSchedule(made); err != nil {
			return err
		}
		return s.append(tx, sohoa.Entry{Actor: actor, Action: sohoa.ActionSchedule}, detail{"version": made.Version, "rules": made.Rules})
	})
}

// scheduleVersion is the number that a document has in Retention.Rule once it
// was compared with a schedule: 0 is none.
func scheduleVersion(s sohoa.Schedule) int { return s.Version + 1 }

// SetType implements LifeDesk.
func (s *Service) SetType(ctx context.Context, actor string, id sohoa.DocumentID, kind string) (sohoa.Document, error) {
	return s.Amend(ctx, id, s.typing(actor, kind))
}

// typing is the decision that a document is of a kind. Of one that is not kept
// yet the retention follows when it is.
func (s *Service) typing(actor, kind string) Amendment {
	d := map[string]any{"type": kind}
	return Amendment{Actor: actor, Action: sohoa.ActionType, Detail: d, Change: func(tx archive.Tx, doc *sohoa.Document) error {
		schedule, err := tx.Schedule()
		if err != nil {
			return err
		}
		if !schedule.Knows(kind) {
			return invalid("life.type", kind)
		}
		if doc.Revision == 0 {
			doc.Life.Type = kind
			return nil
		}
		if doc.Life.Type == "" && doc.Life.Retention.Ruling == nil {
			doc.Life.Retention.Code = "" // it was kept for ever because nobody knew what it is
		}
		doc.Life.Type = kind
		return s.retain(tx, actor, doc, scheduled(*doc, schedule))
	}}
}

// scheduled is the retention of a document compared with the schedule: what
// keeps it longer applies. Against a ruling the schedule stands only where it
// has become longer since.
func scheduled(doc sohoa.Document, schedule sohoa.Schedule) sohoa.Retention {
	now := doc.Life.Retention
	want := schedule.For(doc.Life.Type).Retention(now, scheduleVersion(schedule))
	now.Rule = want.Rule
	switch {
	case now.Code == "":
		return want
	case now.Ruling != nil && period(want) == now.Over, now.Longer(want):
		return now
	case now.Ruling != nil && !want.Longer(now):
		return now
	}
	return want
}

// period writes a period as Retention.Over has it.
func period(r sohoa.Retention) string { return fmt.Sprintf("%s %d", r.Code, r.Years) }

// retain gives a document a retention, counted from the end of the year in
// which the work on its dossier ended; where nobody entered that, in which it
// was brought in. A document that is not due any more leaves its disposal.
func (s *Service) retain(tx archive.Tx, actor string, doc *sohoa.Document, r sohoa.Retention) error {
	d, err := tx.Dossier(doc.Dossier)
	if err != nil {
		return err
	}
	doc.Life.Retention = r.From(retentionStart(d, *doc, r))
	if err := doc.Life.Retention.MayEnd(sohoa.DateOf(s.Now())); err != nil {
		return s.spareFor(tx, actor, doc, sohoa.AsProblem(err))
	}
	return nil
}

func retentionStart(d sohoa.Dossier, doc sohoa.Document, r sohoa.Retention) sohoa.Date {
	return sohoa.RetentionStart(cmp.Or(r.Since, d.Ended, sohoa.DateOf(doc.AcceptedAt)))
}

// retained is a document that is kept for the first time, with the retention
// that the schedule gives it.
func (s *Service) retained(ctx context.Context, doc sohoa.Document) (sohoa.Document, error) {
	schedule, err := s.Catalog.Schedule(ctx)
	if err != nil {
		return doc, err
	}
	d, err := s.Catalog.Dossier(ctx, sohoa.Everything, doc.Dossier)
	if err != nil {
		return doc, err
	}
	r := scheduled(doc, schedule)
	doc.Life.Retention = r.From(retentionStart(d, doc, r))
	return doc, nil
}

// retainedIn is retained of a document that was typed while its first version
// was being made.
func (s *Service) retainedIn(tx archive.Tx, doc sohoa.Document, life sohoa.Life) (sohoa.Document, error) {
	schedule, err := tx.Schedule()
	if err != nil {
		return doc, err
	}
	d, err := tx.Dossier(doc.Dossier)
	if err != nil {
		return doc, err
	}
	doc.Life = life
	r := scheduled(doc, schedule)
	doc.Life.Retention = r.From(retentionStart(d, doc, r))
	return doc, nil
}

// SetRetention implements LifeDesk.
func (s *Service) SetRetention(ctx context.Context, actor string, id sohoa.DocumentID, p Period) (sohoa.Document, error) {
	want := sohoa.Retention{Code: p.Code, Years: p.Years}
	if err := want.CheckPeriod(); err != nil {
		return sohoa.Document{}, err
	}
	d := map[string]any{"code": p.Code, "years": p.Years, "decision": p.Decision, "reason": p.Reason}
	return s.Amend(ctx, id, Amendment{Actor: actor, Action: sohoa.ActionRetention, Detail: d, Change: func(tx archive.Tx, doc *sohoa.Document) error {
		if p.Ruling.Check() != nil && doc.Life.Retention.Longer(want) {
			return invalid("retention.shorter")
		}
		return s.ruleRetention(tx, actor, doc, p, doc.Life.Retention.Since)
	}})
}

// ruleRetention sets the period that somebody decided on.
func (s *Service) ruleRetention(tx archive.Tx, actor string, doc *sohoa.Document, p Period, since sohoa.Date) error {
	schedule, err := tx.Schedule()
	if err != nil {
		return err
	}
	now := doc.Life.Retention
	over := schedule.For(doc.Life.Type).Retention(now, 0)
	return s.retain(tx, actor, doc, sohoa.Retention{Code: p.Code, Years: p.Years, Basis: cmp.Or(p.Decision, p.Reason), Rule: now.Rule,
		Since: since, Over: period(over), Ruling: &p.Ruling, Holds: now.Holds})
}

// EndDossier implements ScheduleDesk.
func (s *Service) EndDossier(ctx context.Context, actor, code string, day sohoa.Date) (d sohoa.Dossier, err error) {
	if err := day.Check(); err != nil {
		return d, err
	}
	docs, err := s.Catalog.FindDocuments(ctx, sohoa.Everything, archive.DocumentQuery{Dossier: code, State: sohoa.StateKept, Limit: maxDossierDocuments})
	if err != nil {
		return d, err
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if d, err = tx.Dossier(code); err != nil {
			return err
		}
		d.Ended = day
		if err := errors.Join(tx.PutDossier(d), s.touchDossier(tx, code)); err != nil {
			return err
		}
		return s.append(tx, sohoa.Entry{Actor: actor, Action: sohoa.ActionEnd, Dossier: code, Purpose: code}, detail{"day": day})
	})
	if err != nil {
		return d, err
	}
	for _, doc := range docs {
		if err := s.restart(ctx, actor, doc); err != nil {
			return d, err
		}
	}
	return d, nil
}

// maxDossierDocuments is more than a dossier has.
const maxDossierDocuments = 100_000

// restart counts the retention of a document anew. One that is not kept any
// more is left alone.
func (s *Service) restart(ctx context.Context, actor string, doc sohoa.Document) error {
	_, err := s.Amend(ctx, doc.ID, Amendment{Actor: actor, Action: sohoa.ActionRetention, Detail: map[string]any{"dossier": doc.Dossier},
		Change: func(tx archive.Tx, doc *sohoa.Document) error {
			before := doc.Life.Retention.Starts
			if err := s.retain(tx, actor, doc, doc.Life.Retention); err != nil {
				return err
			}
			if doc.Life.Retention.Starts == before {
				return errSame
			}
			return nil
		}})
	return unlessSame(err)
}

// errSame says that a decision changes nothing.
var errSame = errors.New("nothing changes")

// unlessSame is err, unless it says that there is nothing to change, or nobody
// to change it for.
func unlessSame(err error) error {
	if errors.Is(err, errSame) || errors.Is(err, sohoa.ErrConflict) || errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	return err
}

// scheduleBatch is how many documents are looked up at a time to be compared
// with a new schedule.
const scheduleBatch = 200

// FollowSchedule compares the kept documents with the schedule in force, those
// left out that were compared with it already, and returns when there is none
// left. Several may do it at a time.
func (s *Service) FollowSchedule(ctx context.Context) error {
	for {
		schedule, err := s.Catalog.Schedule(ctx)
		if err != nil {
			return err
		}
		docs, err := s.Catalog.Unscheduled(ctx, scheduleVersion(schedule), scheduleBatch)
		if err != nil || len(docs) == 0 {
			return err
		}
		for _, doc := range docs {
			if err := s.reschedule(ctx, doc.ID, schedule); err != nil {
				return err
			}
		}
	}
}

// reschedule compares one document with the schedule. Where nothing but the
// number of the schedule differs, the catalogue alone has it: what follows from
// the schedule is in the storage root already.
func (s *Service) reschedule(ctx context.Context, id sohoa.DocumentID, schedule sohoa.Schedule) error {
	return unlessSame(s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(id)
		if err != nil || doc.State != sohoa.StateKept {
			return err
		}
		before, after := doc.Life.Retention, scheduled(doc, schedule)
		if before.Code == after.Code && before.Years == after.Years && before.Basis == after.Basis {
			doc.Life.Retention.Rule = after.Rule
			return tx.PutDocument(doc)
		}
		_, err = s.AmendIn(tx, id, Amendment{Actor: system, Action: sohoa.ActionRetention, Detail: detail{"schedule": schedule.Version},
			Change: func(tx archive.Tx, doc *sohoa.Document) error { return s.retain(tx, system, doc, after) }})
		return err
	}))
}
