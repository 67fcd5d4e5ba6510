package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"sohoa"
	"sohoa/archive"
	"sohoa/signing"
)

// batchSize is how many documents of a set are prepared before the key signs
// them, where the key answers at once. A crash between costs the work on these.
const batchSize = 20

// SignSet implements SigningDesk.
func (s *Service) SignSet(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID, pin string) (Started, error) {
	b := &batch{Service: s, set: id}
	var err error
	if b.user, err = s.person(ctx, actor, sohoa.PowerSign); err != nil {
		return Started{}, err
	}
	if b.documents, err = s.waitingFor(ctx, b.user, id, documents); err != nil {
		return Started{}, err
	}
	key, err := s.KeyOf(ctx, actor)
	if err != nil {
		return Started{}, err
	}
	if !s.work.begin(actor + " " + string(id)) {
		return Started{}, conflict("set.busy", string(id))
	}
	if b.key, b.closer, err = s.Signing.Keys.Open(ctx, actor, pin); err != nil {
		s.work.end(actor + " " + string(id))
		return Started{}, err
	}
	if key.Kind == KeyRemote {
		defer b.end()
		return b.ask(ctx)
	}
	s.work.run(func(ctx context.Context) {
		defer b.end()
		b.sign(ctx)
	})
	return Started{Documents: len(b.documents)}, nil
}

// KeyOf implements SigningDesk.
func (s *Service) KeyOf(ctx context.Context, actor string) (SignerKey, error) {
	if s.Signing.Keys == nil {
		return SignerKey{}, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sign.no-user-key"}
	}
	return s.Signing.Keys.KeyOf(ctx, actor)
}

// waitingFor are the documents of a set that wait for a user: those named, or
// all.
func (s *Service) waitingFor(ctx context.Context, user person, id sohoa.SetID, documents []sohoa.DocumentID) ([]sohoa.DocumentID, error) {
	if _, err := s.Catalog.SigningSet(ctx, user.scope, id); err != nil {
		return nil, err
	}
	items, err := s.Catalog.SetItems(ctx, id)
	if err != nil {
		return nil, err
	}
	var waiting []sohoa.DocumentID
	for _, i := range items {
		if i.Signer == user.Name && i.State.Open() && (len(documents) == 0 || slices.Contains(documents, i.Document)) {
			waiting = append(waiting, i.Document)
		}
	}
	if len(waiting) == 0 {
		return nil, conflict("set.not-due", string(id))
	}
	return waiting, nil
}

// batch is the documents of a set that one user signs under one authorisation.
type batch struct {
	*Service
	user      person
	set       sohoa.SetID
	documents []sohoa.DocumentID
	key       signing.Signatory
	closer    io.Closer
}

// end gives the key back.
func (b *batch) end() {
	if err := b.closer.Close(); err != nil {
		b.Log.Warn("key not closed", "user", b.user.Name, "err", err)
	}
	b.work.end(b.user.Name + " " + string(b.set))
}

// round is a part of a batch between the two phases. What was prepared is in
// the catalogue.
type round struct {
	ids       []sohoa.SetID
	digests   [][]byte
	algorithm signing.Algorithm
}

// prepare is the first phase for documents. One that cannot be signed has the
// Problem at its item, and is left out.
func (b *batch) prepare(ctx context.Context, documents []sohoa.DocumentID, flow sohoa.SignFlow) (round, error) {
	var r round
	var last error
	for _, id := range documents {
		p, prepared, err := b.Service.prepare(ctx, preparing{user: b.user, set: b.set, flow: flow,
			Wanted: Wanted{Document: id, Certificates: b.key.Certificates()}})
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if err != nil {
			last = err
			b.failed(ctx, id, err)
			continue
		}
		r.ids, r.digests = append(r.ids, p.ID), append(r.digests, prepared.Digest())
		r.algorithm = prepared.Algorithm
	}
	if len(r.ids) > 0 {
		last = nil
	}
	return r, last
}

// failed notes at an item why it could not be signed.
func (b *batch) failed(ctx context.Context, id sohoa.DocumentID, err error) {
	b.Log.Warn("not signed", "document", id.String(), "set", b.set, "err", err)
	if err := b.blame(ctx, b.set, id, sohoa.AsProblem(err)); err != nil {
		b.Log.Warn("reason not noted", "document", id.String(), "err", err)
	}
}

// sign signs all with a key that answers at once, some at a time.
func (b *batch) sign(ctx context.Context) {
	for part := range slices.Chunk(b.documents, batchSize) {
		r, err := b.prepare(ctx, part, sohoa.FlowKey)
		if ctx.Err() != nil {
			return
		}
		if err != nil || len(r.ids) == 0 {
			continue // each has its reason
		}
		values, _, err := b.key.SignDigests(ctx, r.algorithm, r.digests)
		if err == nil && len(values) != len(r.ids) {
			err = fmt.Errorf("%d signature values for %d documents", len(values), len(r.ids))
		}
		if err == nil {
			err = b.acceptAll(ctx, r.answers(values))
		}
		if err != nil {
			b.give(ctx, r, err)
			return // the key is the matter; what is left stays due
		}
	}
}

// answers joins values to what they are for.
func (r round) answers(values [][]byte) []answer {
	all := make([]answer, len(r.ids))
	for i, id := range r.ids {
		all[i] = answer{id, values[i]}
	}
	return all
}

// give ends what was prepared and not signed; its items are due again.
func (b *batch) give(ctx context.Context, r round, why error) {
	ctx = context.WithoutCancel(ctx)
	b.Log.Warn("signing a set stopped", "user", b.user.Name, "set", b.set, "err", why)
	for _, id := range r.ids {
		if err := b.dropUnsigned(ctx, id, sohoa.AsProblem(why)); err != nil {
			b.Log.Warn("a prepared signature is left until it expires", "id", id, "err", err)
		}
	}
}

// dropUnsigned is drop for what has no value yet.
func (s *Service) dropUnsigned(ctx context.Context, id sohoa.SetID, why *sohoa.Problem) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		p, err := tx.Pending(id)
		if errors.Is(err, sohoa.ErrNotExist) || err == nil && p.Signed() {
			return nil
		}
		if err != nil {
			return err
		}
		return s.dropIn(tx, p, why)
	})
}

// ask asks a remote service for the values of all at once. Between its ticket
// and the catalogue a crash costs the authorisation, and no more.
func (b *batch) ask(ctx context.Context) (Started, error) {
	r, err := b.prepare(ctx, b.documents, sohoa.FlowRemote)
	if err != nil {
		b.give(ctx, r, err)
		return Started{}, err
	}
	values, ticket, err := b.key.SignDigests(ctx, r.algorithm, r.digests)
	switch {
	case err == nil && ticket != "":
		err = b.await(ctx, r, ticket)
	case err == nil && len(values) == len(r.ids):
		err = b.acceptAll(ctx, r.answers(values))
	case err == nil:
		err = fmt.Errorf("%d signature values for %d documents", len(values), len(r.ids))
	}
	if err != nil {
		b.give(ctx, r, err)
	}
	return Started{Documents: len(r.ids), Ticket: ticket}, err
}

// acceptAll is accept for any number.
func (s *Service) acceptAll(ctx context.Context, answers []answer) error {
	for part := range slices.Chunk(answers, batchSize) {
		if err := s.accept(ctx, part); err != nil && !errors.Is(err, sohoa.ErrConflict) {
			return err
		}
	}
	return nil
}

// await enters the ticket, and the job that asks for its values.
func (b *batch) await(ctx context.Context, r round, ticket string) error {
	for start := 0; start < len(r.ids); start += batchSize {
		part := r.ids[start:min(start+batchSize, len(r.ids))]
		err := b.Catalog.Update(ctx, func(tx archive.Tx) error { return b.ticketed(tx, part, start, ticket) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) ticketed(tx archive.Tx, part []sohoa.SetID, start int, ticket string) error {
	for i, id := range part {
		p, err := tx.Pending(id)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		p.Ticket, p.Index = ticket, start+i
		if err := tx.PutPending(p); err != nil {
			return err
		}
		if p.Index == 0 {
			if err := tx.Enqueue(archive.Job{Stage: sohoa.StageCollect, Document: p.Document}); err != nil {
				return err
			}
		}
	}
	return nil
}

// works are what goes on in the background, and for whom. One authorisation of
// a user for a set is used at a time in this process.
type works struct {
	ctx    context.Context
	cancel context.CancelFunc
	group  sync.WaitGroup

	mu   sync.Mutex
	busy map[string]bool
}

func newWorks() *works {
	w := &works{busy: map[string]bool{}}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

// begin is false if name has begun and not ended.
func (w *works) begin(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[name] || w.ctx.Err() != nil {
		return false
	}
	w.busy[name] = true
	return true
}

func (w *works) end(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, name)
}

func (w *works) run(f func(ctx context.Context)) { w.group.Go(func() { f(w.ctx) }) }

// Close ends what SignSet left to do in the background. What is not signed by
// then stays due.
func (s *Service) Close() error {
	s.work.cancel()
	s.work.group.Wait()
	return nil
}
