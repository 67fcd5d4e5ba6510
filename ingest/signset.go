package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sohoa"
	"sohoa/archive"
)

var _ SigningDesk = (*Service)(nil)

// CreateSet implements SigningDesk.
func (s *Service) CreateSet(ctx context.Context, actor string, set sohoa.SigningSet, documents []sohoa.DocumentID) (sohoa.SigningSet, error) {
	user, err := s.person(ctx, actor, sohoa.PowerSign)
	if err != nil {
		return set, err
	}
	if err := set.Check(); err != nil {
		return set, err
	}
	if len(documents) == 0 || len(documents) > sohoa.MaxSetItems {
		return set, invalid("set.documents", strconv.Itoa(sohoa.MaxSetItems))
	}
	if set.Agency, err = s.commonAgency(ctx, user, documents); err != nil {
		return set, err
	}
	for _, step := range set.Steps {
		if err := s.mayBeAsked(ctx, set.Agency, step.User, step.Delegate); err != nil {
			return set, err
		}
	}
	now := s.Now().UTC()
	set.ID, set.State, set.CreatedAt, set.CreatedBy = sohoa.NewSetID(now), sohoa.SetOpen, now, actor
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.enterSet(tx, set, documents) })
	return set, err
}

// commonAgency is the agency of all documents, which the user must see.
func (s *Service) commonAgency(ctx context.Context, user person, documents []sohoa.DocumentID) (string, error) {
	agencies, dossiers := map[string]bool{}, map[string]bool{}
	agency := ""
	for _, id := range documents {
		doc, err := archive.Owned(ctx, s.Catalog, user.scope, id)
		if err != nil {
			return "", err
		}
		if dossiers[doc.Dossier] {
			continue
		}
		dossiers[doc.Dossier] = true
		d, err := s.Catalog.Dossier(ctx, user.scope, doc.Dossier)
		if err != nil {
			return "", err
		}
		agency = d.Agency
		agencies[agency] = true
	}
	if len(agencies) > 1 {
		return "", invalid("set.agencies")
	}
	return agency, nil
}

// mayBeAsked reports as a Problem that one of the users does not exist, or
// may not see the documents of an agency.
func (s *Service) mayBeAsked(ctx context.Context, agency string, names ...string) error {
	for _, name := range names {
		if name == "" {
			continue
		}
		u, err := s.Catalog.User(ctx, name)
		scope := sohoa.Scope{}
		if err == nil {
			scope, err = archive.ScopeOf(ctx, s.Catalog, u, sohoa.PowerSign)
		}
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		if scope.Includes(agency) {
			continue
		}
		return invalid("set.signer", name)
	}
	return nil
}

// enterSet puts a set with its documents into the catalogue.
func (s *Service) enterSet(tx archive.Tx, set sohoa.SigningSet, documents []sohoa.DocumentID) error {
	if err := tx.PutSigningSet(set); err != nil {
		return err
	}
	for i, id := range documents {
		doc, err := tx.Document(id)
		if err != nil {
			return err
		}
		if doc.State != sohoa.StateKept || len(doc.MovedTo) > 0 {
			return conflict("set.not-kept", id.String())
		}
		if err := doc.Reusable(s.Now()); err != nil {
			return err
		}
		if slices.Contains(documents[:i], id) {
			return invalid("set.twice", id.String())
		}
		if err := s.enterItem(tx, &doc, set, i); err != nil {
			return err
		}
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		if err := s.journalBy(tx, set.CreatedBy, doc, sohoa.ActionSet, detail{"set": set.ID}); err != nil {
			return err
		}
	}
	return nil
}

// enterItem makes doc the document of a set at a position. The caller puts
// it.
func (s *Service) enterItem(tx archive.Tx, doc *sohoa.Document, set sohoa.SigningSet, position int) error {
	p, err := tx.DocumentPending(doc.ID)
	if err == nil && !p.System() {
		if p.Signed() || s.Now().Before(p.Expires) {
			return archive.DocumentTaken(doc.ID.String())
		}
		err = tx.RemovePending(p.ID)
	}
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	item := proceed(sohoa.SetItem{Set: set.ID, Document: doc.ID, Position: position}, set)
	if doc.Signature == sohoa.SignatureAwaiting {
		item.State, item.Signer = sohoa.ItemStamping, ""
	}
	if err := s.putItem(tx, doc, item); err != nil {
		return err
	}
	return s.callOffice(tx, item)
}

// callOffice enqueues the office's own step, if it is its turn.
func (s *Service) callOffice(tx archive.Tx, item sohoa.SetItem) error {
	if !office(item) {
		return nil
	}
	return tx.Enqueue(archive.Job{Stage: sohoa.StageCosign, Document: item.Document})
}

// Delegate implements SigningDesk.
func (s *Service) Delegate(ctx context.Context, actor string, id sohoa.SetID, step int, to, reason string) error {
	user, err := s.person(ctx, actor, sohoa.PowerSign)
	if err != nil {
		return err
	}
	set, err := s.Catalog.SigningSet(ctx, user.scope, id)
	if err != nil {
		return err
	}
	if err := checkReason(reason, false); err != nil {
		return err
	}
	if err := s.mayBeAsked(ctx, set.Agency, to); err != nil {
		return err
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		set, err := tx.SigningSet(id)
		if err != nil {
			return err
		}
		if err := mayDelegate(user, set, step); err != nil {
			return err
		}
		return s.delegate(tx, delegation{set, step, to, actor, reason})
	})
}

// mayDelegate reports as a Problem that a user may not say who signs a step.
func mayDelegate(user person, set sohoa.SigningSet, step int) error {
	switch {
	case set.State != sohoa.SetOpen:
		return conflict("set.ended", string(set.ID))
	case step < 0 || step >= len(set.Steps) || set.Steps[step].User == "":
		return invalid("set.step", strconv.Itoa(step))
	case !user.May(sohoa.PowerManage) && user.Name != set.Steps[step].User:
		return forbidden("set.not-yours", string(set.ID))
	}
	return nil
}

// delegation is a step of a set that somebody else signs from now on.
type delegation struct {
	set               sohoa.SigningSet
	step              int
	to, actor, reason string
}

func (s *Service) delegate(tx archive.Tx, d delegation) error {
	d.set.Steps = slices.Clone(d.set.Steps)
	d.set.Steps[d.step].Delegate = d.to
	if err := tx.PutSigningSet(d.set); err != nil {
		return err
	}
	items, err := tx.SetItems(d.set.ID)
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.Step != d.step || i.State != sohoa.ItemDue {
			continue // what is being signed is, unless it expires
		}
		i.Signer, i.Since = d.set.Steps[d.step].Signer(), s.Now().UTC()
		if err := tx.PutSetItem(i); err != nil {
			return err
		}
	}
	_, err = tx.Append(sohoa.Entry{Actor: d.actor, Action: sohoa.ActionDelegate, Purpose: d.reason,
		Detail: fmt.Sprintf(`{"set":%q,"step":%d,"to":%q}`, d.set.ID, d.step, d.to)})
	return err
}

// checkReason reports as a Problem that a reason is missing or too long.
func checkReason(reason string, needed bool) error {
	if n := utf8.RuneCountInString(reason); n > sohoa.MaxReasonRunes || needed && strings.TrimSpace(reason) == "" {
		return invalid("set.reason", strconv.Itoa(sohoa.MaxReasonRunes))
	}
	return nil
}

// Refuse implements SigningDesk.
func (s *Service) Refuse(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID, reason string) error {
	if err := checkReason(reason, true); err != nil {
		return err
	}
	mine := func(_ sohoa.SigningSet, i sohoa.SetItem) error {
		if i.Signer != actor {
			return forbidden("set.not-yours", i.Document.String())
		}
		return nil
	}
	return s.end(ctx, id, ending{actor: actor, documents: documents, reason: reason, state: sohoa.ItemRefused, action: sohoa.ActionRefuse, may: mine})
}

// Withdraw implements SigningDesk.
func (s *Service) Withdraw(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID, reason string) error {
	user, err := s.person(ctx, actor, sohoa.PowerSign)
	if err != nil {
		return err
	}
	if err := checkReason(reason, false); err != nil {
		return err
	}
	creator := func(set sohoa.SigningSet, _ sohoa.SetItem) error {
		if !user.May(sohoa.PowerManage) && set.CreatedBy != actor {
			return forbidden("set.not-yours", string(set.ID))
		}
		return nil
	}
	return s.end(ctx, id, ending{actor: actor, documents: documents, reason: reason, state: sohoa.ItemWithdrawn, action: sohoa.ActionWithdraw, may: creator})
}

// ending is the end of items that are not signed by everybody.
type ending struct {
	actor     string
	documents []sohoa.DocumentID // none: all that may be ended
	reason    string
	state     sohoa.ItemState
	action    sohoa.Action
	may       func(sohoa.SigningSet, sohoa.SetItem) error
}

// end ends items of a set, all of them or none.
func (s *Service) end(ctx context.Context, id sohoa.SetID, e ending) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		set, err := tx.SigningSet(id)
		if err != nil {
			return err
		}
		if set.State != sohoa.SetOpen {
			return conflict("set.ended", string(id))
		}
		items, err := tx.SetItems(id)
		if err != nil {
			return err
		}
		chosen, err := e.choose(set, items)
		if err != nil {
			return err
		}
		for _, i := range chosen {
			if err := s.endItem(tx, i, e); err != nil {
				return err
			}
		}
		state := sohoa.SetDone
		if e.state == sohoa.ItemWithdrawn && len(e.documents) == 0 {
			state = sohoa.SetWithdrawn
		}
		return endSet(tx, id, state)
	})
}

// choose returns the items that end.
func (e ending) choose(set sohoa.SigningSet, items []sohoa.SetItem) ([]sohoa.SetItem, error) {
	var chosen []sohoa.SetItem
	why := error(conflict("set.ended", string(set.ID)))
	for _, i := range items {
		named := slices.Contains(e.documents, i.Document)
		if len(e.documents) > 0 && !named || !named && !i.State.Open() {
			continue
		}
		err := e.may(set, i)
		if err == nil && !i.State.Open() {
			err = conflict("set.ended", i.Document.String())
		}
		if err != nil && named {
			return nil, err
		}
		if err != nil {
			why = err
			continue
		}
		chosen = append(chosen, i)
	}
	if len(chosen) == 0 || len(chosen) < len(e.documents) {
		return nil, why
	}
	return chosen, nil
}

// endItem ends one item, and a signature that was prepared for it. One that
// was made is kept first.
func (s *Service) endItem(tx archive.Tx, item sohoa.SetItem, e ending) error {
	p, err := tx.DocumentPending(item.Document)
	if err == nil && (p.Signed() || p.Flow == sohoa.FlowSystem && p.Set != "") {
		return conflict("set.signing", item.Document.String())
	}
	if err == nil && !p.System() {
		err = tx.RemovePending(p.ID)
	}
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	item.State, item.Signer, item.Problem = e.state, "", nil
	item.Ended = &sohoa.Decision{By: e.actor, At: s.Now().UTC(), Reason: e.reason}
	item.Since = item.Ended.At
	doc, err := tx.Document(item.Document)
	if err != nil {
		return err
	}
	doc.Set = ""
	if doc.Signature == sohoa.SignatureDue {
		doc.Signature, doc.SignReason = sohoa.SignatureNone, &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "sign.item-" + string(e.state)}
	}
	if err := tx.PutSetItem(item); err != nil {
		return err
	}
	if err := tx.PutDocument(doc); err != nil {
		return err
	}
	_, err = tx.Append(sohoa.Entry{Actor: e.actor, Action: e.action, Document: doc.ID, Dossier: doc.Dossier, Purpose: e.reason,
		Detail: fmt.Sprintf(`{"set":%q,"step":%d}`, item.Set, item.Step)})
	return err
}

// Place implements SigningDesk.
func (s *Service) Place(ctx context.Context, actor string, item sohoa.SetItem, step int, place *sohoa.Place) error {
	user, err := s.person(ctx, actor, sohoa.PowerSign)
	if err != nil {
		return err
	}
	if place != nil && !place.Good() {
		return invalid("set.place")
	}
	if _, err := s.Catalog.SigningSet(ctx, user.scope, item.Set); err != nil {
		return err
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		set, err := tx.SigningSet(item.Set)
		if err != nil {
			return err
		}
		now, err := tx.SetItem(item.Set, item.Document)
		if err != nil {
			return err
		}
		if err := mayPlace(user, set, now, step); err != nil {
			return err
		}
		places := map[int]sohoa.Place{}
		for n, p := range now.Places {
			places[n] = p
		}
		if delete(places, step); place != nil {
			places[step] = *place
		}
		now.Places = places
		return tx.PutSetItem(now)
	})
}

// mayPlace reports as a Problem that a user may not say where the mark of a
// step goes: who signs it may, who made the set, and administrators.
func mayPlace(user person, set sohoa.SigningSet, item sohoa.SetItem, step int) error {
	switch {
	case step < 0 || step >= len(set.Steps):
		return invalid("set.step", strconv.Itoa(step))
	case !item.State.Open() || step < item.Step || step == item.Step && item.State != sohoa.ItemDue:
		return conflict("set.ended", item.Document.String())
	case !user.May(sohoa.PowerManage) && user.Name != set.CreatedBy && user.Name != set.Steps[step].Signer():
		return forbidden("set.not-yours", item.Document.String())
	}
	return nil
}
