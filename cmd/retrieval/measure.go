package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"sohoa/search"
	"sohoa/search/searchtest"
)

// measurement is one share of errors, for all engines.
type measurement struct {
	o         options
	dir       string
	noise     float64
	papers    *searchtest.Papers
	documents int // of the corpus, once counted
	queries   []searchtest.Sought
	progress  io.Writer
}

func newMeasurement(o options, dir string, noise float64, progress io.Writer) *measurement {
	return &measurement{o: o, dir: filepath.Join(dir, fmt.Sprintf("noise-%g", noise)), noise: noise,
		papers: searchtest.NewPapers(o.Seed, noise), progress: progress}
}

func (m *measurement) say(format string, args ...any) {
	fmt.Fprintf(m.progress, "%s noise %g: %s\n", time.Now().Format("15:04:05"), m.noise, fmt.Sprintf(format, args...))
}

// run measures every engine.
func (m *measurement) run(ctx context.Context) (runFigures, error) {
	out := runFigures{Noise: m.noise}
	if err := m.prepare(ctx); err != nil {
		return out, err
	}
	out.Documents = m.documents
	if m.o.Quality && m.o.Right {
		out.Right = m.countRight()
	}
	for _, name := range m.o.Engines {
		f, err := m.engine(ctx, name)
		if err != nil {
			return out, fmt.Errorf("%s: %w", name, err)
		}
		out.Engines = append(out.Engines, f)
		debug.FreeOSMemory() // the next engine's memory is counted
	}
	return out, nil
}

// prepare counts the documents that have so many pages, and makes the queries.
func (m *measurement) prepare(ctx context.Context) error {
	for pages := 0; pages < m.o.Pages; m.documents++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		pages += m.papers.PageCount(m.documents)
	}
	m.queries = m.papers.Sought(m.o.QuerySeed, m.documents, m.o.Queries)
	return nil
}

// countRight is how many documents are right, in the mean of each kind.
func (m *measurement) countRight() map[string]float64 {
	sum, n := map[string]float64{}, map[string]float64{}
	for i, count := range m.papers.CountRight(m.queries, m.documents) {
		sum[m.queries[i].Kind] += float64(count)
		n[m.queries[i].Kind]++
	}
	for kind := range sum {
		sum[kind] /= n[kind]
	}
	return sum
}

// engine measures one engine.
func (m *measurement) engine(ctx context.Context, name string) (f engineFigures, err error) {
	dir := filepath.Join(m.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return f, err
	}
	e, err := newEngine(name, dir)
	if err != nil {
		return f, err
	}
	f.Name = name
	if err := e.open(ctx); err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	if f.Index, err = m.fill(ctx, e, dir); err != nil {
		return f, err
	}
	if m.o.Quality {
		m.say("%s: %d queries", name, m.asked(name))
		if err := m.quality(ctx, e, m.queries[:m.asked(name)], &f); err != nil {
			return f, err
		}
	}
	if m.o.Latency {
		err = m.latencies(ctx, e, dir, &f)
	}
	return f, err
}

// asked is how many queries an engine gets.
func (m *measurement) asked(name string) int {
	if name != "ours" && m.o.PeerQueries > 0 {
		return min(m.o.PeerQueries, len(m.queries))
	}
	return len(m.queries)
}

// fillBatch is how many pages are indexed at once when the corpus is.
const fillBatch = 1000

// stampEvery is after how many pages it is noted how far filling came. A run
// that was stopped goes on there.
const stampEvery = 10_000

// stamp is what a folder holds, in the file stamp.json there.
type stamp struct {
	Seed  uint64       `json:"seed"`
	Noise float64      `json:"noise"`
	Index indexFigures `json:"index"`
	Next  int          `json:"next"` // the first paper that is not in it
}

// fill indexes the corpus, or what is still missing of it, or finds it there.
func (m *measurement) fill(ctx context.Context, e engine, dir string) (indexFigures, error) {
	st, err := readStamp(dir)
	if errors.Is(err, fs.ErrNotExist) {
		st, err = stamp{Seed: m.o.Seed, Noise: m.noise, Index: indexFigures{Documents: m.documents}}, nil
	}
	if err != nil {
		return indexFigures{}, err
	}
	if st.Seed != m.o.Seed || st.Noise != m.noise || st.Index.Documents != m.documents {
		return indexFigures{}, fmt.Errorf("%s holds another corpus", dir)
	}
	if st.Next >= m.documents {
		return st.Index, nil
	}
	for st.Next < m.documents {
		if err := m.fillSome(ctx, e, &st); err != nil {
			return indexFigures{}, err
		}
		if err := writeStamp(dir, st); err != nil {
			return indexFigures{}, err
		}
	}
	if st.Index.Bytes, err = e.bytes(ctx); err != nil {
		return indexFigures{}, err
	}
	return st.Index, writeStamp(dir, st)
}

// fillSome indexes so many pages, and ends the filling after the last.
func (m *measurement) fillSome(ctx context.Context, e engine, st *stamp) error {
	start := time.Now()
	before, err := cpuTime(e)
	if err != nil {
		return err
	}
	var generating time.Duration
	x := &st.Index
	for target := x.Pages + stampEvery; x.Pages < target && st.Next < m.documents; {
		var pages []search.PageDoc
		pages, st.Next, generating = m.generate(st.Next, generating)
		if err := e.add(ctx, pages); err != nil {
			return err
		}
		x.Pages += len(pages)
	}
	if st.Next >= m.documents {
		if err := e.filled(ctx); err != nil {
			return err
		}
	}
	after, err := cpuTime(e)
	x.CPU += (after - before - generating).Seconds()
	x.Wall += time.Since(start).Seconds()
	x.Generating += generating.Seconds()
	m.say("%T: %d pages", e, x.Pages)
	return err
}

// generate makes the next batch of papers from n on, adding the CPU time that
// it takes to spent.
func (m *measurement) generate(n int, spent time.Duration) (pages []search.PageDoc, next int, sum time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := ownTime(rusageThread)
	for len(pages) < fillBatch && n < m.documents {
		pages = append(pages, m.papers.Paper(n).Pages...)
		n++
	}
	return pages, n, spent + ownTime(rusageThread) - start
}

func stampFile(dir string) string { return filepath.Join(dir, "stamp.json") }

func readStamp(dir string) (stamp, error) {
	var st stamp
	b, err := os.ReadFile(stampFile(dir))
	if err != nil {
		return st, err
	}
	return st, json.Unmarshal(b, &st)
}

func writeStamp(dir string, st stamp) error {
	b, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return os.WriteFile(stampFile(dir), b, 0o644)
}
