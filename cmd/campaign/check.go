package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"sohoa"
)

// check lets the server come to rest and compares what it has with what it
// promised. The workload waits meanwhile. At the end everything is compared,
// before that what is new and a sample of the rest.
func (c *campaign) check(ctx context.Context, last bool) error {
	c.faults.Wait()
	c.quiet.Lock()
	defer c.quiet.Unlock()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	began, clock := time.Now(), c.clock.base.Load()
	if err := c.server.until(ctx, func() bool { return c.server.ready }); err != nil {
		return err
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	figures := checked{Faults: c.report.Faults, Memory: c.server.memory(), MostMemory: c.memory.Swap(0)}
	// What is looked after every few minutes is looked after at a start.
	if err := errors.Join(c.server.halt(), c.server.start(ctx)); err != nil {
		return err
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	figures.Settling, figures.Passed = time.Since(began).Seconds(), time.Duration(c.clock.base.Load()-clock).Seconds()
	began = time.Now()
	if err := c.lookAtAll(ctx, last); err != nil {
		return err
	}
	if err := c.server.halt(); err != nil {
		return err
	}
	if err := c.compare(ctx, &figures); err != nil {
		return err
	}
	if last {
		if err := c.sweep(ctx); err != nil {
			return err
		}
	}
	figures.Comparing = time.Since(began).Seconds()
	c.count(figures)
	if last {
		return nil
	}
	return c.server.start(ctx)
}

// count adds the figures of a check to the report.
func (c *campaign) count(f checked) {
	c.report.mu.Lock()
	defer c.report.mu.Unlock()
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.report.Checks = append(c.report.Checks, f)
	c.report.Starts, c.report.ByItself, c.report.SlowStart = c.server.starts, c.server.byItself, c.server.slowest.Seconds()
}

// lookAtAll looks at documents as people see them: their state, their bytes,
// and that they are found.
func (c *campaign) lookAtAll(ctx context.Context, last bool) error {
	c.server.mu.Lock()
	said := c.server.fatal
	c.server.mu.Unlock()
	if len(said) > 0 {
		return violated("the server said %q", said)
	}
	random := rand.New(rand.NewPCG(c.o.Seed, uint64(len(c.report.Checks))))
	r := &reader{c, c.office.people["admin"]}
	for _, i := range c.ledger.acknowledged() {
		if i.checked > 0 && !last && random.IntN(20) > 0 {
			continue
		}
		path := "/api/v1/documents/" + i.id.String()
		for _, look := range []func() error{
			func() error { return r.view(ctx, path, i) },
			func() error { return r.original(ctx, path, i, "") },
			func() error { return c.find(ctx, r.person, i) },
		} {
			if err := look(); err != nil {
				return certain(err)
			}
		}
		if i.state != sohoa.StateKept {
			return violated("%s, paper %d, is %s at rest, want kept", i.id, i.N, i.state)
		}
	}
	return nil
}

// certain makes a violation of whatever fails when nothing is wrong any more.
func certain(err error) error {
	var v violation
	if errors.As(err, &v) || errors.Is(err, context.Canceled) {
		return err
	}
	return violated("at rest: %v", err)
}

// Bounds of finding.
const (
	findTries = 100
	findPause = 100 * time.Millisecond
)

var number = regexp.MustCompile(`[0-9]{5,}`)

// find searches a document by the number that stands on it and on no other,
// as it was read.
func (c *campaign) find(ctx context.Context, p *person, i *item) error {
	mark := i.mark()
	if i.Kind != paperPDF {
		a, err := p.do(ctx, request{method: "GET", path: "/api/v1/documents/" + i.id.String() + "/text"})
		if err != nil || a.status != http.StatusOK {
			return errors.Join(err, refused(a, "text of "+i.id.String()))
		}
		if mark = number.FindString(string(a.body)); mark == "" {
			c.report.act("mark not read")
			return nil
		}
	}
	var found struct {
		Rebuilding bool
		Hits       []struct{ Document sohoa.DocumentID }
	}
	for range findTries {
		a, err := p.get(ctx, "/api/v1/search?limit=50&q="+url.QueryEscape(mark)+"&purpose="+url.QueryEscape(i.Dossier), &found)
		if err == nil && a.status != http.StatusOK {
			err = refused(a, "search of "+mark)
		}
		if err != nil {
			return err
		}
		for _, h := range found.Hits {
			if h.Document == i.id {
				return nil
			}
		}
		if err := wait(ctx, findPause); err != nil {
			return err
		}
	}
	return violated("%s, paper %d, is not found by %s (rebuilding: %t, found: %d)", i.id, i.N, mark, found.Rebuilding, len(found.Hits))
}

// sweepAfter is more than the time for which uploads that were never entered
// stay (ingest.orphanAge).
const sweepAfter = 31 * 24 * time.Hour

// sweep lets a month pass, and has the server sweep: nothing that belongs to
// no document may stay.
func (c *campaign) sweep(ctx context.Context) error {
	if !c.timeIsOurs() {
		return nil
	}
	c.clock.pass(sweepAfter)
	if err := errors.Join(c.server.start(ctx), c.settle(ctx), c.server.halt()); err != nil {
		return err
	}
	blobs, done, err := c.blobs(ctx)
	if err != nil {
		return err
	}
	defer done()
	for info, err := range blobs.List(ctx, "work/") {
		if err != nil {
			return err
		}
		return violated("%s is still there after a month, stored %v", info.Key, info.Modified)
	}
	return nil
}
