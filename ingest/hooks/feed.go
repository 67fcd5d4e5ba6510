package hooks

import (
	"context"
	"encoding/json"
	"time"

	"sohoa"
	"sohoa/archive"
)

// feedBatch is how many entries, or documents, are looked at at a time.
const feedBatch = 200

// actions are the journal entries that an event may follow.
var actions = map[sohoa.HookEvent][]sohoa.Action{
	sohoa.HookAvailable: {sohoa.ActionKeep, sohoa.ActionType, sohoa.ActionAssign, sohoa.ActionReinstate, sohoa.ActionValidity},
	sohoa.HookRevoked:   {sohoa.ActionRevoke},
	sohoa.HookReplaced:  {sohoa.ActionReplace},
	sohoa.HookExpired:   {sohoa.ActionValidity},
	sohoa.HookLost:      {sohoa.ActionReuseLost},
}

// message is the body of a delivery.
type message struct {
	Type sohoa.HookEvent `json:"type"`
	Time time.Time       `json:"timestamp"`
	Data messageData     `json:"data"`
}

// messageData is what a message is about: codes, and nothing else.
type messageData struct {
	Dossier    string           `json:"dossier"` // in which the result is held; with reuse.lost, which uses it
	Document   sohoa.DocumentID `json:"document"`
	Result     string           `json:"result,omitempty"` // its code
	Type       string           `json:"type,omitempty"`   // code of its kind
	Force      sohoa.Force      `json:"force"`
	ReplacedBy sohoa.DocumentID `json:"replacedBy,omitzero"`
}

// found is something to tell.
type found struct {
	seq  uint64
	body message
}

// feed makes deliveries of what happened since the place of h, up to the bound
// of what may wait, and returns h at its new place, and whether there is more
// to look at.
func (d *Desk) feed(ctx context.Context, h sohoa.Webhook, k sohoa.APIKey) (sohoa.Webhook, bool, error) {
	waiting, err := d.Catalog.Deliveries(ctx, archive.DeliveryQuery{Hook: h.ID, State: sohoa.DeliveryPending, Limit: sohoa.MaxHookPending})
	if err != nil || len(waiting) > sohoa.MaxHookPending-2*feedBatch {
		return h, false, err
	}
	next := h
	happened, more, err := d.happened(ctx, &next, k)
	if err != nil {
		return h, false, err
	}
	ended, moreEnded, err := d.ended(ctx, &next, k)
	if err != nil {
		return h, false, err
	}
	if next.Cursor == h.Cursor && next.Day == h.Day && next.After == h.After {
		return h, false, nil
	}
	h, err = d.enterFound(ctx, h, next, append(happened, ended...))
	return h, more || moreEnded, err
}

// enterFound enters deliveries and the place up to which they go. Where
// somebody else did meanwhile, nothing happens.
func (d *Desk) enterFound(ctx context.Context, had, next sohoa.Webhook, all []found) (sohoa.Webhook, error) {
	var h sohoa.Webhook
	return h, d.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		if h, err = tx.Webhook(had.ID); err != nil {
			return err
		}
		if h.Cursor != had.Cursor || h.Day != had.Day || h.After != had.After {
			return nil
		}
		h.Cursor, h.Day, h.After = next.Cursor, next.Day, next.After
		for _, f := range all {
			body, err := json.Marshal(f.body)
			if err != nil {
				return err
			}
			h.Made++
			m := sohoa.Delivery{Hook: h.ID, Number: h.Made, Event: f.body.Type, Seq: f.seq, Body: body, State: sohoa.DeliveryPending, Made: d.Now().UTC()}
			if err := tx.PutDelivery(m); err != nil {
				return err
			}
		}
		return tx.PutWebhook(h)
	})
}

// happened are the entries after the place of h that it is to be told.
func (d *Desk) happened(ctx context.Context, h *sohoa.Webhook, k sohoa.APIKey) (all []found, more bool, err error) {
	head, err := d.Catalog.Head(ctx)
	if err != nil || head <= h.Cursor {
		return nil, false, err
	}
	q := archive.JournalQuery{After: h.Cursor, Oldest: true, Limit: feedBatch}
	events := map[sohoa.Action][]sohoa.HookEvent{}
	for _, e := range h.Events {
		for _, a := range actions[e] {
			q.Actions, events[a] = append(q.Actions, a), append(events[a], e)
		}
	}
	entries, err := d.Catalog.FindEntries(ctx, q)
	if err != nil {
		return nil, false, err
	}
	for _, e := range entries {
		for _, event := range events[e.Action] {
			body, tell, err := d.message(ctx, *h, k, event, e)
			if err != nil {
				return nil, false, err
			}
			if tell {
				all = append(all, found{e.Seq, body})
			}
		}
		h.Cursor = e.Seq
	}
	more = len(entries) == feedBatch
	if !more { // nothing else up to what was the newest then
		h.Cursor = max(h.Cursor, head)
	}
	return all, more, nil
}

// message is what an entry has h told, if anything.
func (d *Desk) message(ctx context.Context, h sohoa.Webhook, k sohoa.APIKey, event sohoa.HookEvent, e sohoa.Entry) (m message, tell bool, err error) {
	doc, err := d.Catalog.Document(ctx, sohoa.Everything, e.Document)
	if missing(err) || err == nil && doc.State != sohoa.StateKept {
		return m, false, nil
	}
	if err != nil {
		return m, false, err
	}
	code := doc.Dossier
	if event == sohoa.HookLost {
		code = e.Dossier
	}
	if _, err := d.Catalog.Dossier(ctx, k.Scope(), code); err != nil {
		if missing(err) {
			err = nil
		}
		return m, false, err
	}
	force := doc.Life.Force(d.Now())
	switch event {
	case sohoa.HookAvailable:
		tell = doc.Life.Type != "" && (force == sohoa.ForceIn || force == sohoa.ForceNotYet) &&
			(e.Action != sohoa.ActionValidity || hadExpired(e))
	case sohoa.HookExpired: // what ends later is found when it does
		tell = force == sohoa.ForceExpired && doc.Life.ValidUntil <= h.Day
	default:
		tell = true
	}
	return d.about(event, e.Time, code, doc), tell, nil
}

// hadExpired reports whether a result had expired before the change of validity
// that an entry tells.
func hadExpired(e sohoa.Entry) bool {
	var detail struct {
		Was sohoa.Force `json:"was"`
	}
	return json.Unmarshal([]byte(e.Detail), &detail) == nil && detail.Was == sohoa.ForceExpired
}

func (d *Desk) about(event sohoa.HookEvent, at time.Time, dossier string, doc sohoa.Document) message {
	m := message{Type: event, Time: at.UTC(), Data: messageData{Dossier: dossier, Document: doc.ID, Result: doc.Life.Result,
		Type: doc.Life.Type, Force: doc.Life.Force(d.Now())}}
	if doc.Life.Replaced != nil {
		m.Data.ReplacedBy = doc.Life.Replaced.By
	}
	return m
}

// ended are the results whose last day is over since the day of h.
func (d *Desk) ended(ctx context.Context, h *sohoa.Webhook, k sohoa.APIKey) (all []found, more bool, err error) {
	day, ok := after(h.Day)
	if !ok || day >= sohoa.DateOf(d.Now()) {
		return nil, false, nil
	}
	var wants bool
	for _, e := range h.Events {
		wants = wants || e == sohoa.HookExpired
	}
	var docs []sohoa.Document
	if wants {
		if docs, err = d.Catalog.Expired(ctx, k.Scope(), day, h.After, feedBatch); err != nil {
			return nil, false, err
		}
	}
	over, _ := sohoa.ParseMoment(string(day)) // a day that after made
	for _, doc := range docs {
		if doc.Life.Force(d.Now()) == sohoa.ForceExpired {
			all = append(all, found{0, d.about(sohoa.HookExpired, over.AddDate(0, 0, 1), doc.Dossier, doc)})
		}
		h.After = doc.ID
	}
	if len(docs) < feedBatch {
		h.Day, h.After = day, sohoa.DocumentID{}
	}
	return all, true, nil
}

// after is the day after d.
func after(d sohoa.Date) (sohoa.Date, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	return sohoa.Date(t.AddDate(0, 0, 1).Format(time.DateOnly)), err == nil
}
