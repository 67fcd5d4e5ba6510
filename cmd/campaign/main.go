// Command campaign tries to make sohoa lose something. It serves an archive
// from the real program in a process of its own, has people use it over HTTP,
// injects faults at random moments by a seed, and keeps its own books of what
// the server acknowledged. Every so often it lets the server come to rest and
// compares: every acknowledged document is there with its bytes, kept or
// parked with a reason and never half; nothing is there that nobody sent; the
// storage root is valid, the second copy equal to it, the journal whole, the
// index complete, and no job or working file left over.
//
//	go run ./cmd/campaign --seed 1 --faults 1000
//	go run ./cmd/campaign --seed 2 --store s3 --database postgres
//	go run ./cmd/campaign --bench
//
// As root on Linux it runs in name spaces of its own, so that its mounts and
// its processes end with it however it ends. Without root the faults that need
// a file system of their own are left out, and the report says so. What is
// injected and checked is in docs/decisions/campaign.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// options are the command line.
type options struct {
	Seed     uint64        `default:"1" help:"The faults, their moments and the papers follow from it."`
	Faults   int           `default:"1000" help:"How many to inject."`
	Every    int           `default:"100" help:"Check after so many."`
	Pace     time.Duration `default:"600ms" help:"Mean time between two faults."`
	Store    string        `default:"local" enum:"local,s3" help:"local, or s3: versitygw behind a faulty proxy."`
	Database string        `default:"sqlite" enum:"sqlite,postgres" help:"sqlite or postgres."`
	Time     time.Duration `default:"0" placeholder:"DURATION" help:"Inject no faults after so long; 0 is no bound."`
	Dir      string        `placeholder:"DIR" help:"Folder of the campaign; it must not exist. Default is a new one, removed when all is well."`
	Only     []string      `placeholder:"KIND" help:"Faults of these kinds only."`
	NoClock  bool          `help:"Build the server as it is, so that its clock cannot be moved."`
	Bench    bool          `help:"Measure documents kept per second instead, on local files and on versitygw."`
	JSON     bool          `name:"json" help:"Print the report as JSON."`
	Program  string        `placeholder:"FILE" help:"Server to use instead of building one; it was built for the moved clock unless --no-clock is set."`
}

// exit statuses.
const (
	exitWell = iota
	exitFailed
	exitUsage
	exitViolation
)

func main() {
	var o options
	kong.Parse(&o, kong.Name("campaign"), kong.Description("Injects faults into a running sohoa and checks that nothing is lost."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status, err := alone(func() int { return run(ctx, o) })
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "campaign:", err)
		status = exitFailed
	}
	os.Exit(status)
}

// run runs a campaign and returns the exit status.
func run(ctx context.Context, o options) int {
	dir, err := makeDir(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "campaign:", err)
		return exitUsage
	}
	if o.Bench {
		err = bench(ctx, o, dir)
		return ended(o, dir, err)
	}
	c, err := newCampaign(ctx, o, dir)
	if err == nil {
		err = c.run(ctx)
	}
	if c != nil {
		err = errors.Join(err, c.close())
		c.report.finish(err)
		printReport(o, c.report)
	}
	return ended(o, dir, err)
}

// ended says how it ended, and removes the folder of a good end.
func ended(o options, dir string, err error) int {
	var v violation
	switch {
	case err == nil:
		if o.Dir == "" {
			if err := os.RemoveAll(dir); err != nil {
				fmt.Fprintln(os.Stderr, "campaign:", err)
			}
		}
		return exitWell
	case errors.As(err, &v):
		fmt.Fprintf(os.Stderr, "campaign: VIOLATION: %v\nIts folder is %s; again with --seed %d\n", err, dir, o.Seed)
		return exitViolation
	}
	fmt.Fprintf(os.Stderr, "campaign: %v\nIts folder is %s\n", err, dir)
	return exitFailed
}

func makeDir(o options) (string, error) {
	if o.Dir == "" {
		// In memory if there is such a folder: what is synced is on the disk
		// of the campaign all the same, and it takes no time.
		base := "/dev/shm"
		if fi, err := os.Stat(base); err != nil || !fi.IsDir() || o.Bench {
			base = ""
		}
		return os.MkdirTemp(base, "sohoa-campaign-")
	}
	if err := os.Mkdir(o.Dir, 0o755); err != nil {
		return "", err
	}
	return filepath.Abs(o.Dir)
}

func printReport(o options, r *report) {
	if !o.JSON {
		fmt.Print(r.text())
		return
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", " ")
	e.Encode(r)
}

// violation is a promise that was not kept.
type violation struct{ what string }

func (v violation) Error() string { return v.what }

func violated(format string, args ...any) error { return violation{fmt.Sprintf(format, args...)} }
