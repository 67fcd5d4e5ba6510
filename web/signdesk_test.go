package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/signing"
	"sohoa/web"
)

// goodPIN opens every key of the test office.
const goodPIN = "271828"

// desk is a web.SigningDesk on the real catalogue that signs with keys of the
// test authority, at once or when the test lets it.
type desk struct {
	*office
	kind string // of everybody's key; empty where nobody has one

	mu       sync.Mutex
	gate     chan struct{} // nil: sign at once; else once for every receive
	tickets  map[string]sohoa.SetItem
	prepared map[sohoa.SetID]*signing.Prepared
	work     sync.WaitGroup
}

var _ web.SigningDesk = (*desk)(nil)

func newDesk(o *office) *desk {
	d := &desk{office: o, kind: "file", tickets: map[string]sohoa.SetItem{}, prepared: map[sohoa.SetID]*signing.Prepared{}}
	o.t.Cleanup(d.work.Wait)
	return d
}

func refuse(code string, args ...string) error {
	return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: code, Args: args}
}

func (d *desk) CreateSet(ctx context.Context, actor string, s sohoa.SigningSet, documents []sohoa.DocumentID) (sohoa.SigningSet, error) {
	s.ID, s.State, s.CreatedAt, s.CreatedBy, s.Agency = sohoa.NewSetID(time.Now()), sohoa.SetOpen, time.Now().UTC(), actor, agencyA
	if err := s.Check(); err != nil {
		return s, err
	}
	return s, d.catalog.Update(ctx, func(tx archive.Tx) error {
		errs := []error{tx.PutSigningSet(s)}
		for i, id := range documents {
			doc, err := tx.Document(id)
			doc.Set = s.ID
			_, err2 := tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionSet, Document: id, Dossier: doc.Dossier})
			errs = append(errs, err, err2, tx.PutDocument(doc),
				tx.PutSetItem(sohoa.SetItem{Set: s.ID, Document: id, Position: i, State: sohoa.ItemDue, Signer: s.Steps[0].Signer()}))
		}
		return errors.Join(errs...)
	})
}

// items changes documents of a set; none named is all.
func (d *desk) items(ctx context.Context, actor string, action sohoa.Action, id sohoa.SetID, documents []sohoa.DocumentID, change func(sohoa.SigningSet, *sohoa.SetItem) error) error {
	return d.catalog.Update(ctx, func(tx archive.Tx) error {
		set, err := tx.SigningSet(id)
		if err != nil {
			return err
		}
		items, err := tx.SetItems(id)
		if err != nil {
			return err
		}
		for _, item := range items {
			if len(documents) > 0 && !slices.Contains(documents, item.Document) || !item.State.Open() {
				continue
			}
			if err := change(set, &item); err != nil {
				return err
			}
			_, err := tx.Append(sohoa.Entry{Actor: actor, Action: action, Document: item.Document})
			if err := errors.Join(err, tx.PutSetItem(item)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *desk) Delegate(ctx context.Context, actor string, id sohoa.SetID, step int, to, _ string) error {
	err := d.catalog.Update(ctx, func(tx archive.Tx) error {
		set, err := tx.SigningSet(id)
		if err != nil {
			return err
		}
		set.Steps[step].Delegate = to
		return tx.PutSigningSet(set)
	})
	return errors.Join(err, d.items(ctx, actor, sohoa.ActionDelegate, id, nil, func(set sohoa.SigningSet, item *sohoa.SetItem) error {
		if item.Step == step {
			item.Signer = set.Steps[step].Signer()
		}
		return nil
	}))
}

func end(state sohoa.ItemState, actor, reason string) func(sohoa.SigningSet, *sohoa.SetItem) error {
	return func(_ sohoa.SigningSet, item *sohoa.SetItem) error {
		if reason == "" {
			return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "set.reason"}
		}
		if state == sohoa.ItemRefused && item.Signer != actor {
			return refuse("set.not-yours", item.Document.String())
		}
		item.State, item.Signer, item.Ended = state, "", &sohoa.Decision{By: actor, At: time.Now().UTC(), Reason: reason}
		return nil
	}
}

func (d *desk) Refuse(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID, reason string) error {
	return d.items(ctx, actor, sohoa.ActionRefuse, id, documents, end(sohoa.ItemRefused, actor, reason))
}

func (d *desk) Withdraw(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID, reason string) error {
	return d.items(ctx, actor, sohoa.ActionWithdraw, id, documents, end(sohoa.ItemWithdrawn, actor, reason))
}

func (d *desk) Place(ctx context.Context, actor string, item sohoa.SetItem, step int, place *sohoa.Place) error {
	return d.items(ctx, actor, sohoa.ActionSet, item.Set, []sohoa.DocumentID{item.Document}, func(_ sohoa.SigningSet, i *sohoa.SetItem) error {
		i.Places = map[int]sohoa.Place{}
		if place != nil {
			i.Places[step] = *place
		}
		return nil
	})
}

func (d *desk) SignSet(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID, pin string) (ingest.Started, error) {
	if d.kind == "file" && pin != goodPIN {
		return ingest.Started{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.password"}
	}
	var mine []sohoa.DocumentID
	err := d.items(ctx, actor, sohoa.ActionPrepare, id, documents, func(_ sohoa.SigningSet, item *sohoa.SetItem) error {
		if item.State == sohoa.ItemDue && item.Signer == actor {
			item.State, mine = sohoa.ItemSigning, append(mine, item.Document)
		}
		return nil
	})
	d.work.Go(func() {
		for _, doc := range mine {
			if d.gate != nil {
				select {
				case <-d.gate:
				case <-d.t.Context().Done():
					return
				}
			}
			if err := d.finish(actor, id, doc, nil); err != nil && d.t.Context().Err() == nil {
				d.t.Errorf("sign %s: %v", doc, err)
			}
		}
	})
	started := ingest.Started{Documents: len(mine)}
	if d.kind == "remote" {
		started.Ticket = "T1"
	}
	return started, err
}

// finish makes a signed PDF the next revision of a document and passes the
// document on; it signs itself if signed is nil.
func (d *desk) finish(actor string, id sohoa.SetID, document sohoa.DocumentID, signed []byte) error {
	ctx := d.t.Context()
	if signed == nil {
		before, err := d.file(document)
		if err != nil {
			return err
		}
		signed = signPDF(d.t, d.ca, before)
	}
	file, err := d.shelf.put(ctx, document, sohoa.RoleSigned, len(signed), bytes.NewReader(signed))
	if err != nil {
		return err
	}
	file.Page = 0
	err = d.catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(document)
		if err != nil {
			return err
		}
		doc.Revision++
		doc.Signatures = append(doc.Signatures, sohoa.SignatureMade{Part: sohoa.PartPerson, User: actor, Signer: "UBND xã Kỳ Sơn",
			Time: time.Now().UTC(), Level: sohoa.SignatureBasic, Size: file.Size, Revision: doc.Revision})
		return errors.Join(tx.PutFile(document, file), tx.PutDocument(doc))
	})
	if id == "" || err != nil {
		return err
	}
	return d.items(ctx, actor, sohoa.ActionSign, id, []sohoa.DocumentID{document}, func(set sohoa.SigningSet, item *sohoa.SetItem) error {
		item.Step++
		item.Signed = append(item.Signed, sohoa.SignatureMade{Part: sohoa.PartPerson, User: actor})
		item.State, item.Signer = sohoa.ItemDone, ""
		if item.Step < len(set.Steps) {
			item.State, item.Signer = sohoa.ItemDue, set.Steps[item.Step].Signer()
		}
		return nil
	})
}

// file is the signed PDF of a document, or what would be signed.
func (d *desk) file(id sohoa.DocumentID) ([]byte, error) {
	blob, _, err := d.shelf.Open(d.t.Context(), id, sohoa.RoleSigned, 0)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	return io.ReadAll(blob)
}

func (d *desk) PrepareSignature(ctx context.Context, actor string, want ingest.Wanted) (sohoa.PendingSignature, *signing.Prepared, error) {
	before, err := d.file(want.Document)
	if err != nil {
		return sohoa.PendingSignature{}, nil, err
	}
	p, err := signing.Prepare(ctx, bytes.NewReader(before), int64(len(before)), want.Certificates, signing.Request{PSS: want.PSS})
	if err != nil {
		return sohoa.PendingSignature{}, nil, err
	}
	pending := sohoa.PendingSignature{ID: sohoa.NewSetID(time.Now()), Document: want.Document, Actor: actor, Expires: p.Expires}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.prepared[pending.ID] = p
	return pending, p, d.catalog.Update(ctx, func(tx archive.Tx) error { return tx.PutPending(pending) })
}

func (d *desk) CompleteSignature(ctx context.Context, actor string, id sohoa.SetID, value []byte) (sohoa.Document, error) {
	d.mu.Lock()
	p := d.prepared[id]
	d.mu.Unlock()
	pending, err := d.catalog.Pending(ctx, id)
	if err != nil {
		return sohoa.Document{}, err
	}
	if pending.Actor != actor {
		return sohoa.Document{}, refuse("set.not-yours", pending.Document.String())
	}
	c, err := signing.Complete(ctx, p, value, nil)
	if err != nil {
		return sohoa.Document{}, err
	}
	before, err := d.file(pending.Document)
	if err != nil {
		return sohoa.Document{}, err
	}
	if err := errors.Join(d.finish(actor, "", pending.Document, append(before, c.Tail...)), d.CancelSignature(ctx, actor, id)); err != nil {
		return sohoa.Document{}, err
	}
	return d.catalog.Document(ctx, sohoa.Everything, pending.Document)
}

func (d *desk) CancelSignature(ctx context.Context, _ string, id sohoa.SetID) error {
	return d.catalog.Update(ctx, func(tx archive.Tx) error { return tx.RemovePending(id) })
}

func (d *desk) OpenTool(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID) ([]ingest.ToolTicket, error) {
	var tickets []ingest.ToolTicket
	err := d.items(ctx, actor, sohoa.ActionPrepare, id, documents, func(_ sohoa.SigningSet, item *sohoa.SetItem) error {
		if item.Signer != actor {
			return refuse("set.not-yours", item.Document.String())
		}
		secret := sohoa.NewLookup()
		d.mu.Lock()
		defer d.mu.Unlock()
		d.tickets[secret] = *item
		tickets = append(tickets, ingest.ToolTicket{Document: item.Document, Name: item.Document.String() + ".pdf", Secret: secret})
		return nil
	})
	return tickets, err
}

func (d *desk) ticket(secret string) (sohoa.SetItem, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	item, ok := d.tickets[secret]
	if !ok {
		return item, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "path.unknown"}
	}
	return item, nil
}

func (d *desk) ToolFile(ctx context.Context, secret string) (archive.Blob, sohoa.Document, error) {
	item, err := d.ticket(secret)
	if err != nil {
		return nil, sohoa.Document{}, err
	}
	doc, err := d.catalog.Document(ctx, sohoa.Everything, item.Document)
	if err != nil {
		return nil, doc, err
	}
	blob, _, err := d.shelf.Open(ctx, item.Document, sohoa.RoleSigned, 0)
	return blob, doc, err
}

func (d *desk) ToolReturn(ctx context.Context, secret string, r io.Reader) (sohoa.Document, error) {
	item, err := d.ticket(secret)
	if err != nil {
		return sohoa.Document{}, err
	}
	before, err := d.file(item.Document)
	if err != nil {
		return sohoa.Document{}, err
	}
	after, err := io.ReadAll(r)
	if err != nil {
		return sohoa.Document{}, err
	}
	if !bytes.HasPrefix(after, before) || len(after) == len(before) {
		return sohoa.Document{}, &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "sign.changed"}
	}
	d.mu.Lock()
	delete(d.tickets, secret)
	d.mu.Unlock()
	if err := d.finish(item.Signer, item.Set, item.Document, after); err != nil {
		return sohoa.Document{}, err
	}
	return d.catalog.Document(ctx, sohoa.Everything, item.Document)
}

func (d *desk) KeyOf(context.Context, string) (ingest.SignerKey, error) {
	if d.kind == "" {
		return ingest.SignerKey{}, sohoa.ErrNotExist
	}
	return ingest.SignerKey{Kind: d.kind, Subject: "Nguyễn Thị Lan", PIN: d.kind == "file"}, nil
}
