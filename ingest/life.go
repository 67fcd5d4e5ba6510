package ingest

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"sohoa"
	"sohoa/archive"
)

// LifeDesk is where people enter what was decided about results that are
// kept. No method touches their papers. Each returns the document as it then
// is; the change and its journal entry are durable. Errors beside those of
// Amend are Problems about what was entered.
type LifeDesk interface {
	// Revoke takes a result out of force (NĐ 45/2020/NĐ-CP, Article 15). A
	// zero at is now.
	Revoke(ctx context.Context, actor string, id sohoa.DocumentID, at time.Time, r sohoa.Ruling) (sohoa.Document, error)
	// Reinstate takes a revocation or a replacement back, by another decision.
	Reinstate(ctx context.Context, actor string, id sohoa.DocumentID, r sohoa.Ruling) (sohoa.Document, error)
	// Replace says that another document took the place of a result. With.By
	// is that document, With.Decision may be empty, a zero With.At is now.
	Replace(ctx context.Context, actor string, id sohoa.DocumentID, with sohoa.Replacement) (sohoa.Document, error)
	SetValidity(ctx context.Context, actor string, id sohoa.DocumentID, v Validity) (sohoa.Document, error)
	// SetType names the kind of paper, by which its retention follows from the
	// schedule. A shorter one than it has does not.
	SetType(ctx context.Context, actor string, id sohoa.DocumentID, kind string) (sohoa.Document, error)
	// SetRetention gives a document another period than the schedule does; one
	// that is shorter needs a ruling.
	SetRetention(ctx context.Context, actor string, id sohoa.DocumentID, p Period) (sohoa.Document, error)
	// HoldLegally keeps a document beyond its retention, for a reason. A
	// document that is proposed for disposal leaves it.
	HoldLegally(ctx context.Context, actor string, id sohoa.DocumentID, reason string) (sohoa.Document, error)
	// LiftHold ends the hold that was set at a moment.
	LiftHold(ctx context.Context, actor string, id sohoa.DocumentID, set time.Time, reason string) (sohoa.Document, error)
}

var _ LifeDesk = (*Service)(nil)

// Validity is when and where a result is in force.
type Validity struct {
	From, Until sohoa.Date
	Scope       string
}

// Period is a retention that a person decided on.
type Period struct {
	Code  sohoa.RetentionCode
	Years int // of sohoa.RetentionOther
	sohoa.Ruling
}

// Revoke implements LifeDesk.
func (s *Service) Revoke(ctx context.Context, actor string, id sohoa.DocumentID, at time.Time, r sohoa.Ruling) (sohoa.Document, error) {
	if err := r.Check(); err != nil {
		return sohoa.Document{}, err
	}
	now := s.Now().UTC()
	if at.IsZero() {
		at = now
	}
	d := map[string]any{"decision": r.Decision, "reason": r.Reason, "at": at.UTC().Format(time.RFC3339)}
	return s.Amend(ctx, id, Amendment{Actor: actor, Action: sohoa.ActionRevoke, Detail: d, Change: func(_ archive.Tx, doc *sohoa.Document) error {
		if doc.Life.Revoked != nil {
			return conflict("life.is-revoked")
		}
		doc.Life.Revoked = &sohoa.Revocation{At: at.UTC(), Decision: strings.TrimSpace(r.Decision), Reason: strings.TrimSpace(r.Reason), By: actor, Entered: now}
		return nil
	}})
}

// Reinstate implements LifeDesk.
func (s *Service) Reinstate(ctx context.Context, actor string, id sohoa.DocumentID, r sohoa.Ruling) (sohoa.Document, error) {
	if err := r.Check(); err != nil {
		return sohoa.Document{}, err
	}
	d := map[string]any{"decision": r.Decision, "reason": r.Reason}
	return s.Amend(ctx, id, Amendment{Actor: actor, Action: sohoa.ActionReinstate, Detail: d, Change: func(_ archive.Tx, doc *sohoa.Document) error {
		revoked, replaced := doc.Life.Revoked, doc.Life.Replaced
		if revoked == nil && replaced == nil {
			return conflict("life.in-force")
		}
		if revoked != nil && sameDecision(revoked.Decision, r.Decision) || replaced != nil && sameDecision(replaced.Decision, r.Decision) {
			return conflict("life.decision-same", r.Decision)
		}
		doc.Life.Revoked, doc.Life.Replaced = nil, nil
		return nil
	}})
}

// sameDecision compares numbers of decisions as people write them.
func sameDecision(a, b string) bool {
	squeeze := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	return squeeze(a) == squeeze(b)
}

// Replace implements LifeDesk.
func (s *Service) Replace(ctx context.Context, actor string, id sohoa.DocumentID, with sohoa.Replacement) (sohoa.Document, error) {
	now := s.Now().UTC()
	if with.At.IsZero() {
		with.At = now
	}
	with.At, with.Actor, with.Entered, with.Decision = with.At.UTC(), actor, now, strings.TrimSpace(with.Decision)
	if utf8.RuneCountInString(with.Decision) > sohoa.MaxDecisionRunes {
		return sohoa.Document{}, invalid("life.decision")
	}
	d := map[string]any{"by": with.By.String(), "decision": with.Decision, "at": with.At.Format(time.RFC3339)}
	return s.Amend(ctx, id, Amendment{Actor: actor, Action: sohoa.ActionReplace, Detail: d, Change: func(tx archive.Tx, doc *sohoa.Document) error {
		switch {
		case doc.Life.Revoked != nil:
			return conflict("life.is-revoked")
		case doc.Life.Replaced != nil:
			return conflict("life.is-replaced")
		}
		if err := s.mayReplace(tx, id, with.By); err != nil {
			return err
		}
		doc.Life.Replaced = &with
		return nil
	}})
}

// mayReplace reports as a Problem that one document cannot take another's
// place: it must be kept and in force, and so not be replaced by that one.
func (s *Service) mayReplace(tx archive.Tx, id, by sohoa.DocumentID) error {
	refused := conflict("life.replacement", by.String())
	if id == by {
		return refused
	}
	other, err := tx.Document(by)
	if errors.Is(err, sohoa.ErrNotExist) {
		return refused
	}
	if err != nil {
		return err
	}
	force := other.Life.Force(s.Now())
	if other.State != sohoa.StateKept || len(other.MovedTo) > 0 || force != sohoa.ForceIn && force != sohoa.ForceNotYet {
		return refused
	}
	return nil
}

// SetValidity implements LifeDesk.
func (s *Service) SetValidity(ctx context.Context, actor string, id sohoa.DocumentID, v Validity) (sohoa.Document, error) {
	v = v.tidy()
	if err := v.check(); err != nil {
		return sohoa.Document{}, err
	}
	return s.Amend(ctx, id, s.validity(actor, v))
}

func (v Validity) tidy() Validity {
	v.Scope = strings.TrimSpace(v.Scope)
	return v
}

// check reports as a Problem that v cannot be.
func (v Validity) check() error {
	switch {
	case v.From.Check() != nil:
		return v.From.Check()
	case v.Until.Check() != nil:
		return v.Until.Check()
	case v.From != "" && v.Until != "" && v.Until < v.From:
		return invalid("life.dates")
	case utf8.RuneCountInString(v.Scope) > sohoa.MaxScopeRunes:
		return invalid("life.scope")
	}
	return nil
}

// validity is the decision that a result is valid as v says.
func (s *Service) validity(actor string, v Validity) Amendment {
	d := map[string]any{"from": v.From, "until": v.Until, "scope": v.Scope}
	return Amendment{Actor: actor, Action: sohoa.ActionValidity, Detail: d, Change: func(_ archive.Tx, doc *sohoa.Document) error {
		was := doc.Life.Force(s.Now())
		doc.Life.ValidFrom, doc.Life.ValidUntil, doc.Life.Scope = v.From, v.Until, v.Scope
		if doc.Life.Force(s.Now()) != was {
			d["was"] = was
		}
		return nil
	}}
}

// HoldLegally implements LifeDesk.
func (s *Service) HoldLegally(ctx context.Context, actor string, id sohoa.DocumentID, reason string) (sohoa.Document, error) {
	if err := sohoa.CheckReason(reason); err != nil {
		return sohoa.Document{}, err
	}
	now := s.Now().UTC().Truncate(time.Microsecond)
	d := map[string]any{"reason": reason}
	return s.Amend(ctx, id, Amendment{Actor: actor, Action: sohoa.ActionLegalHold, Detail: d, Change: func(tx archive.Tx, doc *sohoa.Document) error {
		holds := doc.Life.Retention.Holds
		doc.Life.Retention.Holds = append(holds[:len(holds):len(holds)], sohoa.LegalHold{Reason: strings.TrimSpace(reason), By: actor, At: now})
		return s.spareFor(tx, actor, doc, conflict("disposal.hold", reason))
	}})
}

// LiftHold implements LifeDesk.
func (s *Service) LiftHold(ctx context.Context, actor string, id sohoa.DocumentID, set time.Time, reason string) (sohoa.Document, error) {
	if err := sohoa.CheckReason(reason); err != nil {
		return sohoa.Document{}, err
	}
	d := map[string]any{"reason": reason, "set": set.UTC().Format(time.RFC3339Nano)}
	return s.Amend(ctx, id, Amendment{Actor: actor, Action: sohoa.ActionLiftHold, Detail: d, Change: func(_ archive.Tx, doc *sohoa.Document) error {
		var left []sohoa.LegalHold
		for _, h := range doc.Life.Retention.Holds {
			if !h.At.Equal(set) {
				left = append(left, h)
			}
		}
		if len(left) == len(doc.Life.Retention.Holds) {
			return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "retention.hold"}
		}
		doc.Life.Retention.Holds = left
		return nil
	}})
}
