package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/web"
)

// index is the real one whose answers a test may change, and which notes the
// queries.
type index struct {
	*bleve.Index
	suggestions []search.Suggestion                        // instead of its own
	results     func(search.Query) (search.Results, error) // instead of its own
	asked       []search.Query
}

var _ web.Suggester = (*index)(nil)

func (i *index) Search(ctx context.Context, q search.Query) (search.Results, error) {
	i.asked = append(i.asked, q)
	if i.results != nil {
		return i.results(q)
	}
	return i.Index.Search(ctx, q)
}

func (i *index) Suggest(ctx context.Context, prefix string, scope sohoa.Scope) ([]search.Suggestion, error) {
	if i.suggestions == nil {
		return i.Index.Suggest(ctx, prefix, scope)
	}
	if !scope.All && !scope.Includes(agencyA) {
		return nil, nil
	}
	return i.suggestions, nil
}

// paperCode is the paper that the procedure of the test dossiers asks for, and
// paperKind the kind that satisfies it.
const (
	paperCode = "KQ.000123"
	paperKind = "gcn-qsdd"
)

// reuseDesk is a desk on the real catalogue whose rules a test decides.
type reuseDesk struct {
	o *office

	mu      sync.Mutex
	held    map[string][]ingest.Offer // by requirement, in any dossier
	fail    error                     // of AcceptReuse, if not nil
	accepts int                       // calls of AcceptReuse
	entered chan struct{}             // told by AcceptReuse, if not nil, before it waits for
	gate    chan struct{}
}

var _ ingest.ReuseDesk = (*reuseDesk)(nil)

// offers makes the procedure ask for papers, and offers a document for one of
// them: what a person must confirm, where nothing else is said.
func (o *office) offers(dossier string, id sohoa.DocumentID, outcomes ...sohoa.ReuseOutcome) {
	o.t.Helper()
	o.update(func(tx archive.Tx) error {
		return tx.PutProcedure(sohoa.Procedure{Code: "1.001193", Name: "Đăng ký khai sinh", Requirements: []sohoa.Requirement{
			{Code: paperCode, Name: "Giấy chứng nhận quyền sử dụng đất", Types: []string{paperKind}, MaxDays: 3650},
			{Code: "KQ.000456", Name: "Tờ khai <b>đăng ký</b>"},
			{Code: "KQ.000789", Name: "Văn bản ủy quyền", Optional: true},
		}})
	})
	doc, err := o.catalog.Document(o.t.Context(), sohoa.Everything, id)
	if err != nil {
		o.t.Fatal(err)
	}
	d, err := o.catalog.Dossier(o.t.Context(), sohoa.Everything, doc.Dossier)
	if err != nil {
		o.t.Fatal(err)
	}
	offer := ingest.Offer{Document: doc, Dossier: d, Agency: sohoa.Agency{Code: d.Agency, Name: "UBND phường Mũi Né"}, Checks: []sohoa.ReuseCheck{
		{Rule: sohoa.RuleOwner, Outcome: sohoa.ReusePass}, {Rule: sohoa.RuleType, Outcome: sohoa.ReusePass}, {Rule: sohoa.RuleForce, Outcome: sohoa.ReusePass},
		{Rule: sohoa.RuleSignature, Outcome: sohoa.ReusePass}}}
	if len(outcomes) == 0 {
		outcomes = []sohoa.ReuseOutcome{sohoa.ReuseConfirm}
	}
	for _, outcome := range outcomes {
		offer.Checks = append(offer.Checks, sohoa.ReuseCheck{Rule: sohoa.RuleOrigin, Outcome: outcome,
			Because: &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "reuse.origin"}})
	}
	offer.Verdict = sohoa.ReuseVerdict(offer.Checks)
	o.reuse.held[paperCode] = append(o.reuse.held[paperCode], offer)
}

func (f *reuseDesk) decided(ctx context.Context, dossier, requirement string, id sohoa.DocumentID) (*sohoa.Reuse, error) {
	all, err := f.o.catalog.FindReuses(ctx, sohoa.Everything, archive.ReuseQuery{Dossier: dossier, Requirement: requirement, Document: id})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

func (f *reuseDesk) Papers(ctx context.Context, scope sohoa.Scope, dossier string) ([]ingest.Paper, error) {
	d, err := f.o.catalog.Dossier(ctx, scope, dossier)
	if err != nil {
		return nil, err
	}
	p, err := f.o.catalog.Procedure(ctx, d.Procedure)
	if err != nil {
		return nil, err
	}
	docs, err := f.o.catalog.FindDocuments(ctx, scope, archive.DocumentQuery{Dossier: dossier})
	if err != nil {
		return nil, err
	}
	omitted, err := f.o.catalog.Omissions(ctx, scope, dossier)
	if err != nil {
		return nil, err
	}
	var all []ingest.Paper
	for _, r := range p.Requirements {
		paper := ingest.Paper{Requirement: r}
		if i := slices.IndexFunc(omitted, func(o sohoa.Omission) bool { return o.Requirement == r.Code }); i >= 0 {
			paper.Omitted = &omitted[i]
		}
		reuses, err := f.o.catalog.FindReuses(ctx, scope, archive.ReuseQuery{Dossier: dossier, Requirement: r.Code})
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(reuses, func(a, b sohoa.Reuse) int {
			return btoi(b.State == sohoa.ReuseAccepted) - btoi(a.State == sohoa.ReuseAccepted)
		})
		if len(reuses) > 0 {
			paper.Reuse = &reuses[0]
		} else {
			paper.Offers = len(f.held[r.Code])
		}
		for _, doc := range docs {
			if r.Covers(doc) {
				paper.Documents = append(paper.Documents, doc.ID)
			}
		}
		all = append(all, paper)
	}
	return all, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (f *reuseDesk) Held(ctx context.Context, by ingest.ReuseActor, dossier, requirement string) ([]ingest.Offer, error) {
	if _, err := f.o.catalog.Dossier(ctx, by.Scope, dossier); err != nil {
		return nil, err
	}
	all := slices.Clone(f.held[requirement])
	for i := range all {
		var err error
		if all[i].Decided, err = f.decided(ctx, dossier, requirement, all[i].Document.ID); err != nil {
			return nil, err
		}
	}
	return all, f.note(ctx, by, sohoa.ActionHeld, dossier, requirement)
}

func (f *reuseDesk) note(ctx context.Context, by ingest.ReuseActor, action sohoa.Action, dossier, requirement string) error {
	b, err := json.Marshal(map[string]string{"for": by.For})
	if err != nil {
		return err
	}
	return f.o.catalog.Update(ctx, func(tx archive.Tx) error {
		_, err := tx.Append(sohoa.Entry{Actor: by.Name, Action: action, Dossier: dossier,
			Purpose: sohoa.Purpose{Dossier: dossier, Requirement: requirement}.String(), Detail: string(b)})
		return err
	})
}

func (f *reuseDesk) AcceptReuse(ctx context.Context, by ingest.ReuseActor, r ingest.ReuseRequest) (sohoa.Reuse, error) {
	f.mu.Lock()
	f.accepts++
	entered, gate, fail := f.entered, f.gate, f.fail
	f.mu.Unlock()
	if entered != nil {
		entered <- struct{}{}
		<-gate
	}
	if fail != nil {
		return sohoa.Reuse{}, fail
	}
	offered := f.held[r.Requirement]
	i := slices.IndexFunc(offered, func(o ingest.Offer) bool { return o.Document.ID == r.Document })
	if i < 0 {
		return sohoa.Reuse{}, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "reuse.not-offered", Args: []string{r.Document.String()}}
	}
	if v := offered[i].Verdict; v == sohoa.ReuseFail || v == sohoa.ReuseConfirm && !r.Confirmed {
		return sohoa.Reuse{}, &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "lookup.unknown"}
	}
	return f.put(ctx, by, r, sohoa.ReuseAccepted)
}

func (f *reuseDesk) put(ctx context.Context, by ingest.ReuseActor, r ingest.ReuseRequest, state sohoa.ReuseState) (sohoa.Reuse, error) {
	if _, err := f.o.catalog.Dossier(ctx, by.Scope, r.Dossier); err != nil {
		return sohoa.Reuse{}, err
	}
	doc, err := f.o.catalog.Document(ctx, sohoa.Everything, r.Document)
	if err != nil {
		return sohoa.Reuse{}, err
	}
	now := f.o.now()
	out := sohoa.Reuse{ID: sohoa.NewSetID(now), Dossier: r.Dossier, Requirement: r.Requirement, Document: r.Document, Result: doc.Life.Result, State: state,
		Reason: r.Reason, Note: r.Note, By: by.Name, At: now.UTC(), Confirmed: r.Confirmed, Checks: []sohoa.ReuseCheck{{Rule: sohoa.RuleOwner, Outcome: sohoa.ReusePass}}}
	if err := f.o.catalog.Update(ctx, func(tx archive.Tx) error { return tx.PutReuse(out) }); err != nil {
		return out, err
	}
	return out, f.note(ctx, by, sohoa.ActionReuse, r.Dossier, r.Requirement)
}

func (f *reuseDesk) DeclineReuse(ctx context.Context, by ingest.ReuseActor, r ingest.ReuseRequest) (sohoa.Reuse, error) {
	if !slices.Contains(sohoa.ReuseReasons, r.Reason) {
		return sohoa.Reuse{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "request.invalid"}
	}
	return f.put(ctx, by, r, sohoa.ReuseDeclined)
}

func (f *reuseDesk) change(ctx context.Context, by ingest.ReuseActor, id sohoa.SetID, do func(*sohoa.Reuse)) (sohoa.Reuse, error) {
	r, err := f.o.catalog.Reuse(ctx, by.Scope, id)
	if err != nil {
		return r, err
	}
	do(&r)
	return r, f.o.catalog.Update(ctx, func(tx archive.Tx) error { return tx.PutReuse(r) })
}

func (f *reuseDesk) EndReuse(ctx context.Context, by ingest.ReuseActor, id sohoa.SetID, reason sohoa.ReuseReason, note string) (sohoa.Reuse, error) {
	return f.change(ctx, by, id, func(r *sohoa.Reuse) { r.State, r.Reason, r.Note = sohoa.ReuseEnded, reason, note })
}

func (f *reuseDesk) SeenLoss(ctx context.Context, by ingest.ReuseActor, id sohoa.SetID, note string) (sohoa.Reuse, error) {
	return f.change(ctx, by, id, func(r *sohoa.Reuse) {
		if r.Lost == nil {
			r.Lost = &sohoa.ReuseLoss{Force: sohoa.ForceRevoked}
		}
		r.Lost.Seen, r.Lost.By, r.Lost.Note = f.o.now().UTC(), by.Name, note
	})
}

func (f *reuseDesk) Compare(ctx context.Context, actor string, id sohoa.DocumentID, form sohoa.PaperForm) (sohoa.Document, error) {
	var doc sohoa.Document
	return doc, f.o.catalog.Update(ctx, func(tx archive.Tx) error {
		d, err := tx.Document(id)
		d.Life.Compared = &sohoa.Comparison{By: actor, At: f.o.now().UTC(), Form: form}
		doc = d
		return errors.Join(err, tx.PutDocument(d))
	})
}

// loses takes an accepted result of a dossier out of force.
func (o *office) loses(dossier string) {
	o.t.Helper()
	all, err := o.catalog.FindReuses(o.t.Context(), sohoa.Everything, archive.ReuseQuery{Dossier: dossier, State: sohoa.ReuseAccepted})
	if err != nil || len(all) == 0 {
		o.t.Fatalf("FindReuses = %d, %v, want an accepted one", len(all), err)
	}
	all[0].Lost = &sohoa.ReuseLoss{Force: sohoa.ForceRevoked, At: o.now().UTC()}
	o.update(func(tx archive.Tx) error { return tx.PutReuse(all[0]) })
}

func (f *reuseDesk) DossierChanged(_ archive.Tx, had, now sohoa.Dossier) error {
	if had.Owner.Name != now.Owner.Name {
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "dossier.owner-reused", Args: []string{had.Code}}
	}
	return nil
}

func (f *reuseDesk) ReuseFigures(ctx context.Context, scope sohoa.Scope, from, until sohoa.Date) ([]ingest.ReuseFigures, error) {
	agencies, err := f.o.catalog.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	start, _ := time.ParseInLocation(time.DateOnly, string(from), sohoa.Hanoi)
	end, _ := time.ParseInLocation(time.DateOnly, string(until), sohoa.Hanoi)
	counts, err := f.o.catalog.ReuseCounts(ctx, scope, start, end.AddDate(0, 0, 1))
	var all []ingest.ReuseFigures
	for _, c := range counts {
		line := ingest.ReuseFigures{Received: c.Received, Reusing: c.Reusing, Accepted: c.Accepted, Declined: c.Declined, Lost: c.Lost, Unseen: c.Unseen, From: from, Until: until}
		for _, a := range agencies {
			if a.Code == c.Agency {
				line.Agency = a
			}
		}
		all = append(all, line)
	}
	return all, err
}

// move gives a dossier to another agency.
func (o *office) move(dossier, agency string) {
	o.t.Helper()
	o.update(func(tx archive.Tx) error {
		d, err := tx.Dossier(dossier)
		d.Agency = agency
		return errors.Join(err, tx.PutDossier(d))
	})
}
