package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa/search"
	"sohoa/search/searchtest"
)

// latency is how long queries took that came at once.
type latency struct {
	Clients  int     `json:"clients"`
	Indexing float64 `json:"indexing"` // pages per second that were indexed meanwhile
	Asked    int     `json:"rate"`     // and that were to be
	Queries  int     `json:"queries"`
	P50      float64 `json:"p50"` // ms
	P99      float64 `json:"p99"`
	CPU      float64 `json:"cpuMilliseconds"` // per query, with that of indexing

	Kinds map[string][2]float64 `json:"kinds"` // p50 and p99 of each kind of query
}

// opening is how long an index takes from being opened to its first answer.
type opening struct {
	Cold float64 `json:"coldMilliseconds"` // nothing of its files is in memory
	Warm float64 `json:"warmMilliseconds"`
}

// latencies times queries by so many clients, and opening. Indexing comes
// last: it changes the index.
func (m *measurement) latencies(ctx context.Context, e engine, dir string, f *engineFigures) error {
	if err := m.reopen(ctx, e, dir, &f.Open); err != nil {
		return err
	}
	for _, rate := range []int{0, m.o.Rate} {
		for _, clients := range m.o.Clients {
			m.say("%s: %d clients, %d pages/s", f.Name, clients, rate)
			l, err := m.latency(ctx, e, dir, clients, rate)
			if err != nil {
				return err
			}
			f.Latency = append(f.Latency, l)
			if f.Memory, err = memoryOf(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// reopen closes e and opens it, twice.
func (m *measurement) reopen(ctx context.Context, e engine, dir string, o *opening) error {
	for _, t := range []*float64{&o.Cold, &o.Warm} {
		if err := e.close(); err != nil {
			return err
		}
		if t == &o.Cold {
			if err := evict(dir); err != nil {
				return err
			}
		}
		start := time.Now()
		if err := e.open(ctx); err != nil {
			return err
		}
		if _, err := e.find(ctx, m.queries[0].Text, wanted); err != nil {
			return err
		}
		*t = time.Since(start).Seconds() * 1000
	}
	return nil
}

// latency has clients ask for some time, each the next query when it has the
// answer to the last.
func (m *measurement) latency(ctx context.Context, e engine, dir string, clients, rate int) (latency, error) {
	until, cancel := context.WithTimeout(ctx, m.o.For)
	defer cancel()
	before, err := cpuTime(e)
	if err != nil {
		return latency{}, err
	}
	start := time.Now()
	var pages int
	c := m.newClients()
	g, gctx := errgroup.WithContext(ctx)
	for range clients {
		g.Go(func() error { return c.ask(gctx, e, until.Done()) })
	}
	if rate > 0 {
		g.Go(func() (err error) {
			pages, err = m.indexMeanwhile(gctx, e, dir, until.Done())
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return latency{}, err
	}
	after, err := cpuTime(e)
	l := latency{Clients: clients, Asked: rate, Indexing: float64(pages) / time.Since(start).Seconds(), Kinds: map[string][2]float64{}}
	var all []time.Duration
	for kind, took := range c.took {
		all = append(all, took...)
		p50, p99 := percentiles(took)
		l.Kinds[kind] = [2]float64{p50, p99}
	}
	l.P50, l.P99 = percentiles(all)
	l.Queries, l.CPU = len(all), ms(after-before)/float64(len(all))
	return l, err
}

// percentiles are the median and the 99th of a hundred, in milliseconds.
func percentiles(took []time.Duration) (p50, p99 float64) {
	slices.Sort(took)
	return ms(took[len(took)/2]), ms(took[len(took)*99/100])
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// clients ask the same list of queries.
type clients struct {
	queries []searchtest.Sought
	next    atomic.Int64

	mu   sync.Mutex
	took map[string][]time.Duration // by kind; guarded by mu
}

// newClients shuffles the queries, the same way each time.
func (m *measurement) newClients() *clients {
	c := &clients{queries: slices.Clone(m.queries), took: map[string][]time.Duration{}}
	rnd := rand.New(rand.NewPCG(m.o.QuerySeed, 0))
	rnd.Shuffle(len(c.queries), func(i, j int) { c.queries[i], c.queries[j] = c.queries[j], c.queries[i] })
	return c
}

// ask is one client.
func (c *clients) ask(ctx context.Context, e engine, done <-chan struct{}) error {
	for {
		q := c.queries[int(c.next.Add(1)-1)%len(c.queries)]
		start := time.Now()
		if _, err := e.find(ctx, q.Text, wanted); err != nil {
			return err
		}
		took := time.Since(start)
		c.mu.Lock()
		c.took[q.Kind] = append(c.took[q.Kind], took)
		c.mu.Unlock()
		select {
		case <-done:
			return nil
		default:
		}
	}
}

// indexMeanwhile indexes new papers at the rate asked for, in a batch a
// second, and returns how many pages it got in. It notes what is in the index
// beyond the corpus.
func (m *measurement) indexMeanwhile(ctx context.Context, e engine, dir string, done <-chan struct{}) (pages int, err error) {
	st, err := readStamp(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, writeStamp(dir, st)) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var batch []search.PageDoc
		for ; len(batch) < m.o.Rate; st.Next++ {
			batch = append(batch, m.papers.Paper(st.Next).Pages...)
		}
		if err := e.add(ctx, batch); err != nil {
			return pages, err
		}
		pages += len(batch)
		select {
		case <-tick.C:
		case <-done:
			return pages, nil
		}
	}
}
