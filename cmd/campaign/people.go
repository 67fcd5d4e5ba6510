package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"sohoa"
)

// reader looks at papers.
type reader struct {
	c      *campaign
	person *person
}

func (r *reader) step(ctx context.Context, random *rand.Rand) error {
	found := r.c.ledger.pick(random, 1, false, func(*item) bool { return true })
	if len(found) == 0 {
		return nil
	}
	i := found[0]
	path := "/api/v1/documents/" + i.id.String()
	switch random.IntN(6) {
	case 0:
		return r.view(ctx, path, i)
	case 1:
		return r.original(ctx, path, i, "")
	case 2:
		b := i.bytes()
		from := random.IntN(len(b))
		to := from + random.IntN(len(b)-from)
		return r.original(ctx, path, i, fmt.Sprintf("bytes=%d-%d", from, to))
	case 3:
		return r.plain(ctx, path+"/history")
	case 4:
		if i.state != sohoa.StateKept {
			return nil
		}
		return r.plain(ctx, path+"/pages/1/thumb")
	}
	return r.plain(ctx, "/api/v1/search?q="+i.mark()+"&purpose="+url.QueryEscape(i.Dossier))
}

// view looks at a document, which must be there.
func (r *reader) view(ctx context.Context, path string, i *item) error {
	var doc sohoa.Document
	a, err := r.person.get(ctx, path, &doc)
	if err == nil && a.status != http.StatusOK {
		err = refused(a, "view of "+i.id.String())
	}
	if err != nil {
		return err
	}
	r.c.report.act("view")
	if doc.State == sohoa.StateParked && doc.Problem == nil {
		return violated("%s is parked without a reason", i.id)
	}
	return r.c.see(i, map[sohoa.DocumentID]sohoa.Document{doc.ID: doc})
}

// original downloads what was sent, or a part of it, and compares.
func (r *reader) original(ctx context.Context, path string, i *item, span string) error {
	a, err := r.person.do(ctx, request{method: "GET", path: path + "/files/original", span: span})
	if err == nil && a.status != http.StatusOK && a.status != http.StatusPartialContent {
		err = refused(a, "download of "+i.id.String())
	}
	if err != nil {
		return err
	}
	want := i.bytes()
	var from, to int
	if _, err := fmt.Sscanf(span, "bytes=%d-%d", &from, &to); err == nil {
		want = want[from : to+1]
	}
	if !bytes.Equal(a.body, want) {
		return violated("the original of %s (%s): %d bytes, %s, want %d, %s", i.id, span, len(a.body), sohoa.Sum(a.body), len(want), sohoa.Sum(want))
	}
	r.c.report.act("download")
	return nil
}

// plain asks for something that may be refused for now and must not be
// forbidden.
func (r *reader) plain(ctx context.Context, path string) error {
	a, err := r.person.do(ctx, request{method: "GET", path: path})
	if err == nil && a.status != http.StatusOK {
		err = refused(a, path)
	}
	if err == nil {
		r.c.report.act("look")
	}
	return err
}

// arranger brings scans in that are held, arranges their pages and releases
// them.
type arranger struct {
	c      *campaign
	person *person
}

// How long the arranger waits for pages to be read.
const (
	readTries = 50
	readPause = 200 * time.Millisecond
)

func (a *arranger) step(ctx context.Context, random *rand.Rand) error {
	dossier := ""
	a.c.ledger.with(func() {
		for d := range a.c.ledger.dossiers {
			dossier = max(dossier, d)
		}
	})
	if dossier == "" || a.c.waiting() > maxWaiting {
		return nil
	}
	i, b := a.c.ledger.send(paper{Seed: a.c.o.Seed, Kind: paperScans}, dossier, true)
	i.taken = true
	if ok, err := a.c.bring(ctx, a.person, i, b); err != nil || !ok {
		return err
	}
	for range readTries {
		var doc sohoa.Document
		answer, err := a.person.get(ctx, "/api/v1/documents/"+i.id.String(), &doc)
		if err == nil && answer.status == http.StatusOK && doc.State == sohoa.StateRead {
			return a.arrange(ctx, i, random)
		}
		if err := wait(ctx, readPause); err != nil {
			return err
		}
	}
	return nil // it is released at the next check
}

// arrange gives a document another order of pages, and releases it.
func (a *arranger) arrange(ctx context.Context, i *item, random *rand.Rand) error {
	path := "/api/v1/documents/" + i.id.String()
	turn := 90 * random.IntN(4)
	type page struct {
		Page int `json:"page"`
		Turn int `json:"turn,omitempty"`
	}
	var got struct {
		Version int
		List    string
	}
	answer, err := a.person.call(ctx, "PUT", path+"/arrangement", map[string]any{"version": 0, "pages": []page{{2, 0}, {1, turn}}}, &got)
	if err == nil && answer.status != http.StatusOK && answer.problem() != "arrange.changed" && answer.problem() != "arrange.reading" {
		err = refused(answer, "arranging "+i.id.String())
	}
	if err != nil {
		return err
	}
	if answer.status == http.StatusOK {
		a.c.report.act("arrange")
		a.c.ledger.note(i, "arranged", got.List, func() { i.pages = got.List })
	}
	return a.c.release(ctx, a.person, i)
}

// release releases a held document.
func (c *campaign) release(ctx context.Context, p *person, i *item) error {
	answer, err := p.call(ctx, "POST", "/api/v1/documents/"+i.id.String()+"/release", nil, nil)
	if err == nil && answer.status != http.StatusAccepted {
		err = refused(answer, "release of "+i.id.String())
	}
	if err != nil {
		return err
	}
	c.report.act("release")
	c.ledger.note(i, "released", "", func() { i.released = true })
	return nil
}

// signing puts kept documents into sets and signs them.
type signing struct {
	c      *campaign
	person *person
}

// setItems is how many documents a set has at most.
const setItems = 6

func (s *signing) step(ctx context.Context, random *rand.Rand) error {
	items := s.c.ledger.pick(random, 1+random.IntN(setItems), true, func(i *item) bool { return i.state == sohoa.StateKept && i.signed && !i.taken })
	if len(items) == 0 {
		return nil
	}
	steps := []sohoa.SignStep{{Part: sohoa.PartPerson, User: signer}}
	if random.IntN(3) == 0 {
		steps = append(steps, sohoa.SignStep{Part: sohoa.PartSeal})
	}
	var ids []string
	for _, i := range items {
		ids = append(ids, i.id.String())
	}
	var set sohoa.SigningSet
	a, err := s.person.call(ctx, "POST", "/api/v1/sets", map[string]any{"title": "Bộ thử", "steps": steps, "documents": ids}, &set)
	if err == nil && a.status != http.StatusCreated {
		err = refused(a, "set")
	}
	if err != nil {
		return err
	}
	s.c.report.act("set")
	s.c.ledger.with(func() {
		s.c.ledger.sets[set.ID] = true
		s.c.ledger.write(line{Event: "set", What: string(set.ID)})
	})
	return s.c.signSet(ctx, s.person, set.ID)
}

// signSet signs what waits in a set.
func (c *campaign) signSet(ctx context.Context, p *person, id sohoa.SetID) error {
	a, err := p.call(ctx, "POST", "/api/v1/sets/"+url.PathEscape(string(id))+"/sign", map[string]string{"pin": pin}, nil)
	// Nothing may wait for the signer any more, or a request that was not
	// answered is still at it.
	if over := a.problem() == "set.not-due" || a.problem() == "set.busy"; err == nil && a.status != http.StatusAccepted && !over {
		err = refused(a, "signing set "+string(id))
	}
	if err == nil {
		c.report.act("sign set")
	}
	return errors.Join(err, ctx.Err())
}
