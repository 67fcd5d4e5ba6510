package ingest

import (
	"context"
	"errors"
	"time"

	"sohoa"
	"sohoa/archive"
)

// turn is a kept document whose signature somebody is about to make, as it is
// in one transaction.
type turn struct {
	doc  sohoa.Document
	set  sohoa.SigningSet // zero outside of sets
	item sohoa.SetItem    // zero outside of sets
	step sohoa.SignStep
}

// conflict is a Problem about the state of things.
func conflict(code string, args ...string) *sohoa.Problem {
	return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: code, Args: args}
}

// forbidden is a Problem about who asks.
func forbidden(code string, args ...string) *sohoa.Problem {
	return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: code, Args: args}
}

// invalid is a Problem about what was asked.
func invalid(code string, args ...string) *sohoa.Problem {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: code, Args: args}
}

// person is a user who asks for something, and where they have the power that
// it takes.
type person struct {
	sohoa.User
	scope sohoa.Scope
}

// person returns the user of a name with where they have a power; a Problem of
// nobody.
func (s *Service) person(ctx context.Context, actor string, power sohoa.Power) (p person, err error) {
	p.User, err = s.Catalog.User(ctx, actor)
	if errors.Is(err, sohoa.ErrNotExist) {
		return p, forbidden("set.signer", actor)
	}
	if err == nil {
		p.scope, err = archive.ScopeOf(ctx, s.Catalog, p.User, power)
	}
	return p, err
}

// turnOf returns the turn of actor on a document, or a Problem if it is not
// theirs now. A signature of the same actor that was prepared and never made
// gives way, as does one that has expired. In a set, id names it.
func (s *Service) turnOf(tx archive.Tx, actor string, document sohoa.DocumentID, id sohoa.SetID) (t turn, err error) {
	if t.doc, err = tx.Document(document); err != nil {
		return t, err
	}
	if t.doc.State != sohoa.StateKept || len(t.doc.MovedTo) > 0 {
		return t, conflict("set.not-kept", document.String())
	}
	if err := t.doc.Reusable(s.Now()); err != nil {
		return t, err
	}
	if err := s.seat(tx, &t, actor, id); err != nil {
		return t, err
	}
	if t.doc.Signature == sohoa.SignatureAwaiting {
		return t, conflict("set.awaiting", document.String())
	}
	p, err := tx.DocumentPending(document)
	if errors.Is(err, sohoa.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	if p.Signed() || p.System() || p.Actor != actor && s.Now().Before(p.Expires) {
		return t, archive.DocumentTaken(document.String())
	}
	if t.inSet() {
		t.item.State = sohoa.ItemDue
	}
	return t, s.dropIn(tx, p, nil)
}

// seat fills in the place that the document has in a set.
func (s *Service) seat(tx archive.Tx, t *turn, actor string, id sohoa.SetID) (err error) {
	t.item, err = tx.DocumentItem(t.doc.ID)
	if errors.Is(err, sohoa.ErrNotExist) {
		t.item = sohoa.SetItem{}
		if id != "" {
			return conflict("set.ended", t.doc.ID.String())
		}
		return nil
	}
	if err != nil {
		return err
	}
	if id != "" && t.item.Set != id {
		return archive.DocumentTaken(t.doc.ID.String())
	}
	if t.set, err = tx.SigningSet(t.item.Set); err != nil {
		return err
	}
	if t.item.State == sohoa.ItemStamping || t.item.Step >= len(t.set.Steps) {
		return conflict("set.not-due", t.doc.ID.String())
	}
	if t.item.Signer != actor {
		return forbidden("set.not-yours", t.doc.ID.String())
	}
	t.step = t.set.Steps[t.item.Step]
	return nil
}

// inSet reports whether the turn is one in a set.
func (t *turn) inSet() bool { return t.item.Set != "" }

// hold enters that the signature is under way.
func (t *turn) hold(tx archive.Tx, p sohoa.PendingSignature) error {
	if err := tx.PutPending(p); err != nil {
		return err
	}
	if !t.inSet() {
		return nil
	}
	t.item.State, t.item.Problem = sohoa.ItemSigning, nil
	return tx.PutSetItem(t.item)
}

// newPending makes the record of a signature that actor is about to make.
func (t *turn) newPending(actor string, flow sohoa.SignFlow, now time.Time) sohoa.PendingSignature {
	return sohoa.PendingSignature{ID: sohoa.NewSetID(now), Document: t.doc.ID, Revision: t.doc.Revision,
		Set: t.item.Set, Step: t.item.Step, Part: t.step.Part, Actor: actor, Flow: flow,
		Created: now, Expires: now.Add(flowTime(flow))}
}

// flowTime is how long a signature may be under way.
func flowTime(flow sohoa.SignFlow) time.Duration {
	switch flow {
	case sohoa.FlowTool, sohoa.FlowRemote:
		return sohoa.MaxSignerWait
	case sohoa.FlowKey:
		return sohoa.MaxKeyWait
	}
	return sohoa.MaxPendingSignature
}

// drop ends a signature that is under way and was not made; its item is due
// again, with the reason if there is one. What is not there any more is left
// alone.
func (s *Service) drop(ctx context.Context, id sohoa.SetID, why *sohoa.Problem) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		p, err := tx.Pending(id)
		if errors.Is(err, sohoa.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.dropIn(tx, p, why)
	})
}

func (s *Service) dropIn(tx archive.Tx, p sohoa.PendingSignature, why *sohoa.Problem) error {
	if err := tx.RemovePending(p.ID); err != nil || p.Set == "" {
		return err
	}
	item, err := tx.SetItem(p.Set, p.Document)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && (!item.State.Open() || item.Step != p.Step) {
		return nil
	}
	if err != nil {
		return err
	}
	item.State, item.Problem = sohoa.ItemDue, why
	return tx.PutSetItem(item)
}

// blame notes why an item could not be signed; it still waits.
func (s *Service) blame(ctx context.Context, id sohoa.SetID, document sohoa.DocumentID, why *sohoa.Problem) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		item, err := tx.SetItem(id, document)
		if err != nil || item.State != sohoa.ItemDue {
			return err
		}
		item.Problem = why
		return tx.PutSetItem(item)
	})
}

// advance moves an item on to the step after the one that was signed.
func advance(item sohoa.SetItem, set sohoa.SigningSet, made sohoa.SignatureMade) sohoa.SetItem {
	item.Signed = append(item.Signed[:len(item.Signed):len(item.Signed)], made)
	item.Step++
	item.Problem = nil
	if made.Level == sohoa.SignatureAwaiting {
		item.State, item.Signer = sohoa.ItemStamping, ""
		return item
	}
	return proceed(item, set)
}

// proceed makes an item due for whose turn it is, or done.
func proceed(item sohoa.SetItem, set sohoa.SigningSet) sohoa.SetItem {
	item.State, item.Signer = sohoa.ItemDone, ""
	if item.Step < len(set.Steps) {
		item.State, item.Signer = sohoa.ItemDue, set.Steps[item.Step].Signer()
	}
	return item
}

// office reports whether it is the turn of the office's own key.
func office(item sohoa.SetItem) bool { return item.State == sohoa.ItemDue && item.Signer == "" }

// putItem enters an item as it now is, and what follows from that for its
// document and its set. The caller puts the document.
func (s *Service) putItem(tx archive.Tx, doc *sohoa.Document, item sohoa.SetItem) error {
	item.Since = s.Now().UTC()
	if err := tx.PutSetItem(item); err != nil {
		return err
	}
	if item.State.Open() {
		doc.Set = item.Set
		return nil
	}
	doc.Set = ""
	return endSet(tx, item.Set, sohoa.SetDone)
}

// endSet ends a set of which no document waits any more.
func endSet(tx archive.Tx, id sohoa.SetID, state sohoa.SetState) error {
	set, err := tx.SigningSet(id)
	if err != nil {
		return err
	}
	items, err := tx.SetItems(id)
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.State.Open() {
			return nil
		}
	}
	set.State = state
	return tx.PutSigningSet(set)
}
