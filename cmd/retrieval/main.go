// Command retrieval measures the search: how well it finds known papers among
// generated ones whose text was misread, what a query and an indexed page
// cost, and the same of SQLite FTS5 and PostgreSQL as one would naturally use
// them, on the same pages in the same run.
//
//	go run ./cmd/retrieval                       # 200,000 pages, 2,000 queries, at 2 % and 5 % of words misread
//	go run ./cmd/retrieval --latency --dir /tmp/r # and time queries; what was indexed stays in /tmp/r for the next run
//	go run ./cmd/retrieval --pages 1000000 --noise .05 --engines ours --latency
//
// A known item is a document. Where more than one document is as right, as
// with the name of somebody who has several or shares it, the first right one
// counts; the column "right" says how many there are. What is asked, counted
// and compared is in docs/decisions/retrieval.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// options are the command line.
type options struct {
	Pages       int           `default:"200000" help:"How many, at least; documents are whole."`
	Noise       []float64     `default:"0.02,0.05" help:"Shares of the words that recognition got wrong."`
	Seed        uint64        `default:"1" help:"The papers follow from it."`
	QuerySeed   uint64        `default:"1" help:"The queries follow from it; figures are of a seed that nothing was tuned on."`
	Queries     int           `default:"2000" help:"How many, the ten kinds in turn."`
	PeerQueries int           `default:"0" help:"How many of them the peers get; 0 is all."`
	Engines     []string      `default:"ours,fts5,postgres" enum:"ours,fts5,postgres" help:"Which to measure."`
	Dir         string        `placeholder:"DIR" help:"Folder of the indexes, which stay there and are used again. Default is a new one, removed in the end."`
	Quality     bool          `default:"true" negatable:"" help:"Ask for known papers."`
	Right       bool          `default:"true" negatable:"" help:"Count the documents that are as right, which makes all papers once more."`
	Latency     bool          `help:"Time queries by clients at once, without and with indexing meanwhile; and opening."`
	Clients     []int         `default:"1,8" help:"How many at once, with --latency."`
	For         time.Duration `default:"20s" help:"How long each, with --latency."`
	Rate        int           `default:"30" help:"Pages per second that are indexed meanwhile, with --latency."`
	Examples    int           `default:"0" help:"Print so many misses of ours for each kind."`
	JSON        bool          `name:"json" help:"Print the report as JSON."`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("retrieval"), kong.Description("Measures how well and how fast known papers are found, beside SQLite FTS5 and PostgreSQL."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "retrieval:", err)
		os.Exit(1)
	}
}

// run measures, telling progress what it does, and prints the report.
func run(ctx context.Context, o options, out, progress io.Writer) (err error) {
	dir := o.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "retrieval-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, 0o755)); err != nil { // PostgreSQL is another user
		return err
	}
	r := newReport(o)
	if !o.JSON {
		fmt.Fprint(out, r.head())
	}
	for _, noise := range o.Noise {
		m := newMeasurement(o, dir, noise, progress)
		figures, err := m.run(ctx)
		if err != nil {
			return err
		}
		r.Runs = append(r.Runs, figures)
		if !o.JSON {
			fmt.Fprint(out, figures.text(o.Examples))
		}
	}
	if !o.JSON {
		return nil
	}
	e := json.NewEncoder(out)
	e.SetIndent("", " ")
	return e.Encode(r)
}
