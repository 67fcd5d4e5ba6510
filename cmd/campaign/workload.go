package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"sohoa"
)

// The workload.
const (
	senders    = 3
	readers    = 2
	maxWaiting = 25 // acknowledged and not kept; more are not brought in
	perDossier = 60
	actPause   = 40 * time.Millisecond
	lookEvery  = 400 * time.Millisecond
	sendTries  = 12
	sendPause  = 300 * time.Millisecond
)

// startWorkload lets people work until ctx ends.
func (c *campaign) startWorkload(ctx context.Context, group *sync.WaitGroup) {
	act := func(n uint64, pause time.Duration, step func(ctx context.Context, random *rand.Rand) error) {
		random := rand.New(rand.NewPCG(c.o.Seed, 100+n))
		group.Go(func() {
			for ctx.Err() == nil {
				c.quiet.RLock()
				err := step(ctx, random)
				c.quiet.RUnlock()
				var v violation
				if errors.As(err, &v) {
					c.failed(err)
					return
				}
				if wait(ctx, time.Duration(float64(pause)*(0.5+random.Float64()))) != nil {
					return
				}
			}
		})
	}
	names := []string{"lan", "binh", "admin"}
	for n := range uint64(senders) {
		s := &sender{c: c, person: c.office.people[names[n%2]], number: int(n)}
		act(n, actPause, s.step)
	}
	for n := range uint64(readers) {
		r := &reader{c, c.office.people[names[n]]}
		act(10+n, 2*actPause, r.step)
	}
	act(20, 10*actPause, (&arranger{c, c.office.people["lan"]}).step)
	act(21, 20*actPause, (&signing{c, c.office.people[signer]}).step)
	act(22, lookEvery, c.look)
}

// waiting is how many documents are acknowledged and not seen kept or parked.
func (c *campaign) waiting() (n int) {
	c.ledger.with(func() {
		for _, i := range c.ledger.items {
			if !i.id.IsZero() && i.state != sohoa.StateKept && i.state != sohoa.StateParked {
				n++
			}
		}
	})
	return n
}

// sender brings papers in.
type sender struct {
	c       *campaign
	person  *person
	number  int
	dossier string
	count   int // of dossiers
	sent    int // into the present one
}

func (s *sender) step(ctx context.Context, random *rand.Rand) error {
	if s.c.waiting() > maxWaiting {
		return wait(ctx, sendPause)
	}
	if s.dossier == "" || s.sent >= perDossier {
		if err := s.open(ctx); err != nil {
			return err
		}
	}
	chance := random.IntN(100)
	p := paper{Seed: s.c.o.Seed, Kind: paperPDF, Pad: 1<<random.IntN(18) + random.IntN(4096)}
	switch {
	case chance < 8:
		again := s.c.ledger.pick(random, 1, false, func(*item) bool { return true })
		if len(again) == 0 {
			return nil
		}
		s.c.report.act("duplicate")
		_, err := s.c.bring(ctx, s.person, again[0], again[0].bytes())
		return err
	case chance < 14:
		p.Kind = paperScan
	}
	s.sent++
	i, b := s.c.ledger.send(p, s.dossier, false)
	if chance >= 94 {
		s.c.report.act("cut upload")
		s.c.breakOff(ctx, s.person, i, b[:random.IntN(len(b))])
		if chance >= 97 {
			return nil // and never again
		}
	}
	_, err := s.c.bring(ctx, s.person, i, b)
	return err
}

// open opens a dossier.
func (s *sender) open(ctx context.Context) error {
	code := fmt.Sprintf("HS-%d-%d-%d", s.c.o.Seed, s.number, s.count+1)
	a, err := s.person.call(ctx, "POST", "/api/v1/dossiers", map[string]string{
		"code": code, "procedure": procedure.Code, "ownerName": "Nguyễn Văn Thử", "subject": "Chiến dịch",
	}, nil)
	if err != nil {
		return err
	}
	// That it is there already is an answer to what was not answered before.
	if a.status != http.StatusCreated && a.problem() != "dossier.exists" {
		return refused(a, "open dossier "+code)
	}
	s.count, s.dossier, s.sent = s.count+1, code, 0
	s.c.ledger.with(func() {
		s.c.ledger.dossiers[code] = true
		s.c.ledger.write(line{Event: "dossier", What: code})
	})
	return nil
}

// passing are refusals that a fault explains, beside those of status 500 and
// more: the store gave out bytes that are not those that were put, and the
// server noticed. That it goes on doing so at rest is found at the next check.
var passing = map[string]bool{"store.changed": true}

// refused judges a refusal: one that says that the server cannot now is to be
// expected under faults, one that finds fault with the request is not.
func refused(a answer, what string) error {
	switch a.status {
	case http.StatusTooManyRequests, http.StatusUnauthorized, http.StatusRequestTimeout:
	default:
		if a.status < http.StatusInternalServerError && !passing[a.problem()] {
			return violated("%s was refused: %d %s\n%.400s", what, a.status, a.problem(), a.body)
		}
	}
	return fmt.Errorf("%s: %d %s: %w", what, a.status, a.problem(), errUnanswered)
}

func uploadPath(i *item) string {
	return fmt.Sprintf("/api/v1/dossiers/%s/documents?name=%s&hold=%t", url.PathEscape(i.Dossier), url.QueryEscape(i.name()), i.Held)
}

// bring sends a paper until it is acknowledged, for a while.
func (c *campaign) bring(ctx context.Context, p *person, i *item, b []byte) (ok bool, err error) {
	for try := range sendTries {
		if try > 0 {
			if err := wait(ctx, sendPause); err != nil {
				return false, err
			}
		}
		var doc sohoa.Document
		a, err := p.upload(ctx, uploadPath(i), b, &doc)
		if err == nil && a.status != http.StatusAccepted && a.status != http.StatusOK {
			err = refused(a, "upload of "+i.name())
		}
		var v violation
		if errors.As(err, &v) {
			return false, err
		}
		if err != nil {
			c.report.act("upload unanswered")
			continue
		}
		if doc.Digest != i.Digest || doc.Size != int64(len(b)) {
			return false, violated("paper %d of %d bytes, %s, was acknowledged as %s of %d bytes, %s", i.N, len(b), i.Digest, doc.ID, doc.Size, doc.Digest)
		}
		c.report.act("upload")
		return true, c.ledger.acknowledge(i, doc.ID)
	}
	return false, nil
}

// breakOff begins an upload and breaks it off.
func (c *campaign) breakOff(ctx context.Context, p *person, i *item, part []byte) {
	r := request{method: "POST", path: uploadPath(i), mediaType: "application/octet-stream", size: int64(len(i.bytes())), body: &broken{part: part}}
	if a, err := p.send(ctx, r); err == nil && a.status < 300 {
		c.failed(violated("paper %d was acknowledged with %d after %d bytes of it", i.N, a.status, len(part)))
	}
}

// broken is a body that ends too early.
type broken struct {
	part []byte
}

var errBroken = errors.New("the line broke")

func (b *broken) Read(p []byte) (int, error) {
	if len(b.part) == 0 {
		return 0, errBroken
	}
	n := copy(p, b.part)
	b.part = b.part[n:]
	return n, nil
}

// look sees what state documents are in, and that none is gone or went back.
func (c *campaign) look(ctx context.Context, _ *rand.Rand) error {
	c.memory.Store(max(c.memory.Load(), c.server.memory()))
	dossiers := map[string][]*item{}
	c.ledger.with(func() {
		settled := true
		for n := int(c.lookFrom.Load()); n < len(c.ledger.items); n++ {
			i := c.ledger.items[n]
			if !i.id.IsZero() && i.state != sohoa.StateKept {
				dossiers[i.Dossier] = append(dossiers[i.Dossier], i)
				settled = false
			} else if i.id.IsZero() {
				settled = false
			}
			if settled {
				c.lookFrom.Store(int64(n))
			}
		}
	})
	for code, items := range dossiers {
		seen, err := c.documents(ctx, c.office.people["admin"], code)
		if err != nil {
			return err
		}
		for _, i := range items {
			if err := c.see(i, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// documents lists a dossier.
func (c *campaign) documents(ctx context.Context, p *person, dossier string) (map[sohoa.DocumentID]sohoa.Document, error) {
	var out struct{ Documents []sohoa.Document }
	a, err := p.get(ctx, "/api/v1/documents?limit=1000&dossier="+url.QueryEscape(dossier), &out)
	if err == nil && a.status != http.StatusOK {
		err = refused(a, "list dossier "+dossier)
	}
	seen := map[sohoa.DocumentID]sohoa.Document{}
	for _, d := range out.Documents {
		seen[d.ID] = d
	}
	return seen, err
}

// see notes the state of an item as the server lists it.
func (c *campaign) see(i *item, seen map[sohoa.DocumentID]sohoa.Document) error {
	d, ok := seen[i.id]
	if !ok {
		return violated("%s, paper %d, was acknowledged and is not listed in %s", i.id, i.N, i.Dossier)
	}
	if d.Digest != i.Digest {
		return violated("%s, paper %d, has digest %s, sent was %s", i.id, i.N, d.Digest, i.Digest)
	}
	c.ledger.with(func() {
		i.state, i.signed = d.State, d.Signature != sohoa.SignaturePending && d.Signature != sohoa.SignatureNone
	})
	return nil
}
