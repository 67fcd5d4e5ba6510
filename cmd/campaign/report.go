package main

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// discard is for what is opened beside the server.
var discard = slog.New(slog.NewTextHandler(io.Discard, nil))

// report is what a campaign did and found.
type report struct {
	Seed     uint64    `json:"seed"`
	Store    string    `json:"store"`
	Database string    `json:"database"`
	Started  time.Time `json:"started"`
	Seconds  float64   `json:"seconds"`
	LeftOut  []string  `json:"leftOut,omitempty"` // and why

	mu     sync.Mutex     // guards what follows
	Faults int            `json:"faults"`
	Kinds  map[string]int `json:"kinds"` // faults by kind
	Acts   map[string]int `json:"acts"`  // of the workload, by kind and outcome
	Parked map[string]int `json:"parked"`
	last   []string       // faults
	log    io.Writer      // of faults and checks, as they come

	Checks     []checked `json:"checks"`
	Starts     int       `json:"starts"`        // of the server
	ByItself   int       `json:"endedByItself"` // ends of the server that nobody asked for
	SlowStart  float64   `json:"slowestStartSeconds"`
	Violation  string    `json:"violation,omitempty"`
	LastFaults []string  `json:"lastFaults,omitempty"` // before a violation
}

// checked are the figures of one check.
type checked struct {
	Faults     int     `json:"faults"` // until then
	Documents  int     `json:"documents"`
	Kept       int     `json:"kept"`
	Signatures int     `json:"signatures"`
	Sets       int     `json:"sets"`
	Entries    uint64  `json:"entries"` // of the journal
	Objects    int     `json:"objects"`
	Copied     int     `json:"copied"`     // objects of the second root
	Unentered  int     `json:"unentered"`  // uploads that were cut off and wait to be swept
	Memory     int64   `json:"memory"`     // of the server at rest, bytes
	Settling   float64 `json:"settling"`   // seconds until it was at rest
	Passed     float64 `json:"passed"`     // of the world's clock meanwhile
	Comparing  float64 `json:"comparing"`  // seconds
	MostMemory int64   `json:"mostMemory"` // of the server since the last check
}

func newReport(o options) *report {
	return &report{log: io.Discard, Seed: o.Seed, Store: o.Store, Database: o.Database, Started: time.Now(), Kinds: map[string]int{}, Acts: map[string]int{}, Parked: map[string]int{}}
}

// keptLast is how many faults are told of after a violation.
const keptLast = 30

func (r *report) fault(n int, kind, detail string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Faults++
	r.Kinds[kind]++
	l := fmt.Sprintf("%s %d %s %s", time.Now().UTC().Format("15:04:05.000"), n, kind, detail)
	fmt.Fprintln(r.log, l)
	r.last = append(r.last, l)
	if len(r.last) > keptLast {
		r.last = r.last[1:]
	}
}

// note writes a line among the faults.
func (r *report) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.log, "%s %s\n", time.Now().UTC().Format("15:04:05.000"), fmt.Sprintf(format, args...))
}

func (r *report) act(kind string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Acts[kind]++
}

func (r *report) parked(code string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Parked[code]++
}

// finish ends the report.
func (r *report) finish(err error) {
	r.Seconds = time.Since(r.Started).Seconds()
	if err != nil {
		r.Violation, r.LastFaults = err.Error(), r.last
	}
}

// text is the report for people.
func (r *report) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d, %s, %s: %d faults in %.0f s\n", r.Seed, r.Store, r.Database, r.Faults, r.Seconds)
	counts := func(title string, m map[string]int) {
		fmt.Fprintf(&b, "%s:", title)
		for _, k := range slices.Sorted(maps.Keys(m)) {
			fmt.Fprintf(&b, "  %s %d", k, m[k])
		}
		b.WriteString("\n")
	}
	counts("faults", r.Kinds)
	counts("acts", r.Acts)
	counts("parked, then taken up again", r.Parked)
	fmt.Fprintf(&b, "server: %d starts, %d ends by itself, slowest start %.1f s\n", r.Starts, r.ByItself, r.SlowStart)
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "check after %4d: %5d documents, %5d kept, %5d signatures, %4d sets, %6d entries, %5d objects, %5d copied, %3d unentered; "+
			"memory %d MiB, at most %d; settled in %.1f s (clock %+.0f s), compared in %.1f s\n", c.Faults, c.Documents, c.Kept, c.Signatures, c.Sets,
			c.Entries, c.Objects, c.Copied, c.Unentered, c.Memory>>20, c.MostMemory>>20, c.Settling, c.Passed, c.Comparing)
	}
	for _, l := range r.LeftOut {
		fmt.Fprintf(&b, "left out: %s\n", l)
	}
	if r.Violation != "" {
		fmt.Fprintf(&b, "VIOLATION: %s\nthe last faults:\n  %s\n", r.Violation, strings.Join(r.LastFaults, "\n  "))
	}
	return b.String()
}
