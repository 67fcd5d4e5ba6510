package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"sohoa/search/searchtest"
)

// report is what was measured. Times are in seconds unless they say so.
type report struct {
	Started   time.Time    `json:"started"`
	Commit    string       `json:"commit,omitempty"` // of the program, as far as it knows
	Cores     int          `json:"cores"`
	Seed      uint64       `json:"seed"`
	QuerySeed uint64       `json:"querySeed"`
	Runs      []runFigures `json:"runs"`
}

// runFigures are those of one share of errors.
type runFigures struct {
	Noise     float64            `json:"noise"`
	Documents int                `json:"documents"`
	Right     map[string]float64 `json:"right"` // documents that are right, in the mean of each kind
	Engines   []engineFigures    `json:"engines"`
}

// engineFigures are those of one engine.
type engineFigures struct {
	Name     string            `json:"name"`
	Index    indexFigures      `json:"index"`
	Quality  map[string]*found `json:"quality,omitempty"`
	Misses   []miss            `json:"misses,omitempty"`
	QueryCPU float64           `json:"queryCPUMilliseconds"` // per query of Quality
	Open     opening           `json:"open,omitzero"`
	Latency  []latency         `json:"latency,omitempty"`
	Memory   memory            `json:"memory,omitzero"` // after the last queries
}

// indexFigures are the cost of the corpus.
type indexFigures struct {
	Documents  int     `json:"documents"`
	Pages      int     `json:"pages"`
	CPU        float64 `json:"cpu"` // without generating the pages
	Wall       float64 `json:"wall"`
	Bytes      int64   `json:"bytes"`      // of all files of the engine
	Generating float64 `json:"generating"` // CPU of the generator
}

func newReport(o options) *report {
	r := &report{Started: time.Now().UTC(), Cores: runtime.NumCPU(), Seed: o.Seed, QuerySeed: o.QuerySeed}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				r.Commit = s.Value
			}
		}
	}
	return r
}

// head says what was measured.
func (r *report) head() string {
	return fmt.Sprintf("retrieval, %s, %d cores, papers of seed %d, queries of seed %d\n", r.Started.Format(time.DateTime), r.Cores, r.Seed, r.QuerySeed)
}

// text are the figures for people, with so many misses of each kind.
func (f runFigures) text(examples int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%g %% of words misread, %d documents\n", f.Noise*100, f.Documents)
	f.index(&b)
	f.quality(&b)
	f.latency(&b)
	f.misses(&b, examples)
	return b.String()
}

// ratio is x beside ours.
func ratio(x, ours float64) string {
	if ours == 0 {
		return ""
	}
	return fmt.Sprintf("%.2fx", x/ours)
}

// index is the table of indexing.
func (f runFigures) index(b *strings.Builder) {
	fmt.Fprintf(b, "\n%-9s %9s %12s %7s %11s %7s %8s\n", "indexing", "pages", "pages/CPU s", "", "bytes/page", "", "wall s")
	for _, e := range f.Engines {
		x, ours := e.Index, f.Engines[0].Index
		speed, bytes := float64(x.Pages)/x.CPU, float64(x.Bytes)/float64(x.Pages)
		fmt.Fprintf(b, "%-9s %9d %12.0f %7s %11.0f %7s %8.0f\n", e.Name, x.Pages, speed, ratio(speed, float64(ours.Pages)/ours.CPU),
			bytes, ratio(bytes, float64(ours.Bytes)/float64(ours.Pages)), x.Wall)
	}
	fmt.Fprintf(b, "the generator makes %.0f pages/CPU s\n", float64(f.Engines[0].Index.Pages)/f.Engines[0].Index.Generating)
}

// quality is the table of known items.
func (f runFigures) quality(b *strings.Builder) {
	if f.Engines[0].Quality == nil {
		return
	}
	fmt.Fprintf(b, "\n%-20s %6s", "R@1 R@10 MRR", "right")
	for _, e := range f.Engines {
		fmt.Fprintf(b, "   %-22s", fmt.Sprintf("%s (%d)", e.Name, e.Quality["all"].Queries))
	}
	for _, kind := range append(searchtest.Kinds[:len(searchtest.Kinds):len(searchtest.Kinds)], "all") {
		fmt.Fprintf(b, "\n%-20s", kind)
		if n, ok := f.Right[kind]; ok {
			fmt.Fprintf(b, " %6.1f", n)
		} else {
			fmt.Fprintf(b, " %6s", "")
		}
		for _, e := range f.Engines {
			if q := e.Quality[kind]; q.Queries > 0 {
				fmt.Fprintf(b, "   %.3f %.3f %.3f     ", q.First, q.Ten, q.MRR)
			}
		}
	}
	fmt.Fprintf(b, "\n%-27s", "CPU ms/query")
	for _, e := range f.Engines {
		fmt.Fprintf(b, "   %-22s", fmt.Sprintf("%.1f %s", e.QueryCPU, ratio(e.QueryCPU, f.Engines[0].QueryCPU)))
	}
	b.WriteString("\n")
}

// latency is the table of times.
func (f runFigures) latency(b *strings.Builder) {
	if len(f.Engines[0].Latency) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%-9s %8s %8s %9s %9s %7s %9s %7s %9s %7s\n", "latency", "clients", "pages/s", "queries", "p50 ms", "", "p99 ms", "", "CPU ms", "")
	for _, e := range f.Engines {
		for i, l := range e.Latency {
			ours := f.Engines[0].Latency[i]
			fmt.Fprintf(b, "%-9s %8d %8.1f %9d %9.1f %7s %9.1f %7s %9.1f %7s\n", e.Name, l.Clients, l.Indexing, l.Queries,
				l.P50, ratio(l.P50, ours.P50), l.P99, ratio(l.P99, ours.P99), l.CPU, ratio(l.CPU, ours.CPU))
		}
	}
	for _, l := range f.Engines[0].Latency {
		fmt.Fprintf(b, "\n%s, %d clients, %d pages/s, p50/p99 ms:", f.Engines[0].Name, l.Clients, l.Asked)
		for _, kind := range searchtest.Kinds {
			fmt.Fprintf(b, "  %s %.0f/%.0f", kind, l.Kinds[kind][0], l.Kinds[kind][1])
		}
	}
	fmt.Fprintf(b, "\n\n%-9s %13s %13s %12s %13s %9s\n", "", "open cold ms", "open warm ms", "RSS MB", "anonymous MB", "heap MB")
	for _, e := range f.Engines {
		fmt.Fprintf(b, "%-9s %13.0f %13.0f %12d %13d %9d\n", e.Name, e.Open.Cold, e.Open.Warm, e.Memory.Resident>>20, e.Memory.Anonymous>>20, e.Memory.Heap>>20)
	}
}

// misses are examples of queries whose first document is wrong.
func (f runFigures) misses(b *strings.Builder, most int) {
	told := map[string]int{}
	for _, x := range f.Engines[0].Misses {
		if told[x.Kind]++; told[x.Kind] <= most {
			fmt.Fprintf(b, "miss: %s: %q wants %s, which is %s of %d; first is %s\n", x.Kind, x.Text, x.Want, place(x.Rank), x.Found, x.First)
		}
	}
}

// place is a rank for people.
func place(rank int) string {
	if rank == 0 {
		return "none"
	}
	return fmt.Sprintf("number %d", rank)
}
