package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa"
)

// What is measured: born-digital PDFs of two pages.
const (
	benchDocuments = 150
	benchBytes     = 600_000
	benchSenders   = 4
	benchRounds    = 2
)

// measured is one line of the figures.
type measured struct {
	store    string
	accepted time.Duration // until all were acknowledged
	kept     time.Duration // until all were kept
}

// bench measures how many documents are kept per second that come in over
// HTTP, without faults: on local files and on versitygw in turn, on the same
// disk, signed with timestamps, the index following.
func bench(ctx context.Context, o options, dir string) error {
	if o.Program == "" {
		o.Program, o.NoClock = filepath.Join(dir, "sohoa"), true
		if err := build(ctx, o.Program); err != nil {
			return err
		}
	}
	for round := range benchRounds {
		for _, store := range []string{"local", "s3"} {
			o.Store = store
			m, err := benchOnce(ctx, o, filepath.Join(dir, fmt.Sprintf("%s-%d", store, round+1)))
			if err != nil {
				return err
			}
			fmt.Printf("%-9s %d documents of %d bytes: acknowledged %5.1f/s, kept %5.1f/s\n", m.store, benchDocuments, benchBytes,
				benchDocuments/m.accepted.Seconds(), benchDocuments/m.kept.Seconds())
		}
	}
	return nil
}

func benchOnce(ctx context.Context, o options, dir string) (m measured, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return m, err
	}
	c, err := newCampaign(ctx, o, dir)
	if c != nil {
		defer func() { err = errors.Join(err, c.close(), os.RemoveAll(dir)) }()
	}
	if err != nil {
		return m, err
	}
	m.store = map[string]string{"local": "local", "s3": "versitygw"}[o.Store]
	s := &sender{c: c, person: c.office.people["lan"]}
	if err := s.open(ctx); err != nil {
		return m, err
	}
	began := time.Now()
	g, work := errgroup.WithContext(ctx)
	g.SetLimit(benchSenders)
	for range benchDocuments {
		g.Go(func() error {
			i, b := c.ledger.send(paper{Seed: o.Seed, Kind: paperPDF, Pad: benchBytes}, s.dossier, false)
			ok, err := c.bring(work, s.person, i, b)
			if err == nil && !ok {
				err = fmt.Errorf("paper %d was not acknowledged", i.N)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return m, err
	}
	m.accepted = time.Since(began)
	for c.waiting() > 0 {
		if err := errors.Join(wait(ctx, restPause), c.look(ctx, nil)); err != nil {
			return m, err
		}
	}
	m.kept = time.Since(began)
	return m, c.allKept()
}

// allKept reports a document that was parked instead.
func (c *campaign) allKept() error {
	for _, i := range c.ledger.acknowledged() {
		if i.state != sohoa.StateKept {
			return fmt.Errorf("%s is %s, want kept", i.id, i.state)
		}
	}
	return nil
}
