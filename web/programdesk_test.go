package web_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// reuseDesk decides about held results without judging them. What it is asked
// and what it decides is in the catalogue, as with the real one.
type reuseDesk struct {
	o *office

	mu      sync.Mutex
	offers  []ingest.Offer
	fail    error         // of AcceptReuse, if not nil
	accepts int           // calls of AcceptReuse
	entered chan struct{} // told by AcceptReuse, if not nil, before it waits for
	gate    chan struct{}
}

var _ ingest.ReuseDesk = (*reuseDesk)(nil)

// decider is the desk of an office, which a test may exchange.
type decider struct{ ingest.ReuseDesk }

// newProgramOffice is an office whose desk does not judge.
func newProgramOffice(t testing.TB) *office {
	o := newOffice(t)
	o.decides.ReuseDesk = o.programs
	return o
}

func (d *reuseDesk) Papers(ctx context.Context, scope sohoa.Scope, dossier string) ([]ingest.Paper, error) {
	if _, err := d.o.catalog.Dossier(ctx, scope, dossier); err != nil {
		return nil, err
	}
	found, err := d.o.catalog.FindReuses(ctx, scope, archive.ReuseQuery{Dossier: dossier, Requirement: "GKS"})
	p := ingest.Paper{Requirement: sohoa.Requirement{Code: "GKS", Name: "Giấy khai sinh", Types: []string{"khai-sinh"}}, Offers: len(d.offers)}
	if len(found) > 0 {
		p.Reuse = &found[0]
	}
	return []ingest.Paper{p}, err
}

func (d *reuseDesk) Held(ctx context.Context, by ingest.ReuseActor, dossier, requirement string) ([]ingest.Offer, error) {
	if _, err := d.o.catalog.Dossier(ctx, by.Scope, dossier); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.offers), d.note(ctx, by, sohoa.ActionHeld, dossier, requirement)
}

func (d *reuseDesk) note(ctx context.Context, by ingest.ReuseActor, action sohoa.Action, dossier, requirement string) error {
	b, err := json.Marshal(map[string]string{"for": by.For})
	if err != nil {
		return err
	}
	return d.o.catalog.Update(ctx, func(tx archive.Tx) error {
		_, err := tx.Append(sohoa.Entry{Actor: by.Name, Action: action, Dossier: dossier,
			Purpose: sohoa.Purpose{Dossier: dossier, Requirement: requirement}.String(), Detail: string(b)})
		return err
	})
}

func (d *reuseDesk) AcceptReuse(ctx context.Context, by ingest.ReuseActor, r ingest.ReuseRequest) (sohoa.Reuse, error) {
	d.mu.Lock()
	d.accepts++
	entered, gate, fail := d.entered, d.gate, d.fail
	d.mu.Unlock()
	if entered != nil {
		entered <- struct{}{}
		<-gate
	}
	if fail != nil {
		return sohoa.Reuse{}, fail
	}
	return d.decide(ctx, by, r, sohoa.ReuseAccepted)
}

func (d *reuseDesk) DeclineReuse(ctx context.Context, by ingest.ReuseActor, r ingest.ReuseRequest) (sohoa.Reuse, error) {
	return d.decide(ctx, by, r, sohoa.ReuseDeclined)
}

func (d *reuseDesk) decide(ctx context.Context, by ingest.ReuseActor, r ingest.ReuseRequest, state sohoa.ReuseState) (sohoa.Reuse, error) {
	if _, err := d.o.catalog.Dossier(ctx, by.Scope, r.Dossier); err != nil {
		return sohoa.Reuse{}, err
	}
	doc, err := d.o.catalog.Document(ctx, sohoa.Everything, r.Document)
	if err != nil {
		return sohoa.Reuse{}, err
	}
	u := sohoa.Reuse{ID: sohoa.NewSetID(d.o.now()), Dossier: r.Dossier, Requirement: r.Requirement, Document: r.Document, Result: doc.Life.Result,
		State: state, Reason: r.Reason, By: by.Name, At: d.o.now().UTC(), Checks: []sohoa.ReuseCheck{{Rule: sohoa.RuleOwner, Outcome: sohoa.ReusePass}}}
	if err := d.o.catalog.Update(ctx, func(tx archive.Tx) error { return tx.PutReuse(u) }); err != nil {
		return u, err
	}
	return u, d.note(ctx, by, sohoa.ActionReuse, r.Dossier, r.Requirement)
}

func (d *reuseDesk) EndReuse(ctx context.Context, by ingest.ReuseActor, id sohoa.SetID, reason sohoa.ReuseReason, _ string) (sohoa.Reuse, error) {
	return d.change(ctx, by, id, func(u *sohoa.Reuse) { u.State, u.Reason = sohoa.ReuseEnded, reason })
}

func (d *reuseDesk) SeenLoss(ctx context.Context, by ingest.ReuseActor, id sohoa.SetID, note string) (sohoa.Reuse, error) {
	return d.change(ctx, by, id, func(u *sohoa.Reuse) { u.Lost = &sohoa.ReuseLoss{Force: sohoa.ForceRevoked, By: by.Name, Note: note} })
}

func (d *reuseDesk) change(ctx context.Context, by ingest.ReuseActor, id sohoa.SetID, f func(*sohoa.Reuse)) (sohoa.Reuse, error) {
	u, err := d.o.catalog.Reuse(ctx, by.Scope, id)
	if err != nil {
		return u, err
	}
	f(&u)
	return u, d.o.catalog.Update(ctx, func(tx archive.Tx) error { return tx.PutReuse(u) })
}

func (d *reuseDesk) Compare(context.Context, string, sohoa.DocumentID, sohoa.PaperForm) (sohoa.Document, error) {
	return sohoa.Document{}, sohoa.ErrForbidden
}

func (d *reuseDesk) ReuseFigures(_ context.Context, scope sohoa.Scope, from, until sohoa.Date) ([]ingest.ReuseFigures, error) {
	var all []ingest.ReuseFigures
	for _, code := range scope.Agencies {
		all = append(all, ingest.ReuseFigures{Agency: sohoa.Agency{Code: code}, From: from, Until: until, Received: 2, Reusing: 1})
	}
	return all, nil
}
