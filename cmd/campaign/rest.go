package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // drivers; the catalogue has its own connections
	_ "modernc.org/sqlite"

	"sohoa"
	"sohoa/archive"
)

// Bounds of coming to rest.
const (
	restTime  = 10 * time.Minute
	restPause = 150 * time.Millisecond
	tellEvery = 5 * time.Second
	retries   = 6 // of one parked document, when no fault is left
)

// settle waits until the server has nothing left to do: its queue is empty,
// nothing is parked, held, or waiting for a signature. Where all that is left
// waits for a time to come, time is made to pass.
func (c *campaign) settle(ctx context.Context) error {
	began, told := time.Now(), time.Now()
	tried := map[sohoa.DocumentID]int{}
	for idle := 0; idle < 2; {
		left, err := c.once(ctx, tried)
		var v violation
		if errors.As(err, &v) {
			return err
		}
		if time.Since(began) > restTime {
			return violated("after %v without a fault there is still to do: %s (%v)", restTime, left, err)
		}
		if err == nil && left == "" {
			idle++
			continue
		}
		idle = 0
		if time.Since(told) > tellEvery {
			told = time.Now()
			c.report.note("settling for %.0f s: %s (%v)", time.Since(began).Seconds(), left, err)
		}
		if err := wait(ctx, restPause); err != nil {
			return err
		}
	}
	return nil
}

// once looks once at what is left to do and does what a person has to. It
// returns what is left.
func (c *campaign) once(ctx context.Context, tried map[sohoa.DocumentID]int) (left string, err error) {
	jobs, err := c.jobs(ctx)
	if err != nil {
		return "", err
	}
	if len(jobs.lost) > 0 {
		return "", violated("jobs that nobody will do: %s", strings.Join(jobs.lost, "; "))
	}
	if jobs.now > 0 {
		return fmt.Sprintf("%d jobs, %s", jobs.now, jobs.first), nil
	}
	if !jobs.next.IsZero() {
		return fmt.Sprintf("%d jobs from %v on", jobs.later, jobs.next), c.pass(ctx, jobs.next)
	}
	for _, do := range []func(context.Context, map[sohoa.DocumentID]int) (int, error){c.retryParked, c.releaseHeld, c.signOpen} {
		n, err := do(ctx, tried)
		if err != nil || n > 0 {
			return fmt.Sprintf("%d documents that wait for a person", n), err
		}
	}
	return "", nil
}

// timeIsOurs reports whether the campaign can let time pass for everybody. A
// database or an object store elsewhere keeps its own.
func (c *campaign) timeIsOurs() bool { return c.pg == nil && c.gateway == nil && !c.o.NoClock }

// pass lets the world's clock go on to the time of the next job, or brings the
// job forward.
func (c *campaign) pass(ctx context.Context, to time.Time) error {
	if !c.timeIsOurs() {
		return c.exec(ctx, "UPDATE "+c.jobTable()+" SET scheduled_at = CURRENT_TIMESTAMP WHERE state IN ('retryable', 'scheduled')")
	}
	if d := to.Sub(c.clock.Now()); d > 0 {
		c.clock.pass(d + time.Second)
	}
	return nil
}

func (c *campaign) jobTable() string {
	if c.pg != nil {
		return "sohoa.river_job"
	}
	return "river_job"
}

// queued is what the queue holds.
type queued struct {
	now, later int
	next       time.Time // of the later ones
	first      string    // one of those that can be done now
	lost       []string  // that River has given up
}

// jobs looks into the queue, past the server.
func (c *campaign) jobs(ctx context.Context) (q queued, err error) {
	db, err := c.database()
	if err != nil {
		return q, err
	}
	defer db.Close()
	texts := "json(args), json(errors)"
	if c.pg != nil {
		texts = "args::text, errors::text"
	}
	rows, err := db.QueryContext(ctx, "SELECT state, scheduled_at, "+texts+" FROM "+c.jobTable()+" WHERE state <> 'completed'")
	if err != nil {
		return q, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := q.add(rows); err != nil {
			return q, err
		}
	}
	return q, rows.Err()
}

// add counts the job of a row.
func (q *queued) add(row *sql.Rows) error {
	var state, args string
	var at, failures any
	if err := row.Scan(&state, &at, &args, &failures); err != nil {
		return err
	}
	when, err := instant(at)
	if err != nil {
		return err
	}
	switch state {
	case "available", "running", "pending":
		q.now++
		q.first = state + " " + args
	case "retryable", "scheduled":
		q.later++
		if q.next.IsZero() || when.Before(q.next) {
			q.next = when
		}
	default:
		q.lost = append(q.lost, fmt.Sprintf("%s %s %v", state, args, failures))
	}
	return nil
}

// instant is a time as either database gives it.
func instant(v any) (time.Time, error) {
	switch v := v.(type) {
	case time.Time:
		return v, nil
	case string:
		v, _, _ = strings.Cut(v, " +0000") // of a time.Time that was put as it is
		for _, layout := range []string{"2006-01-02 15:04:05.999999999", time.RFC3339Nano, "2006-01-02 15:04:05.999999999-07:00"} {
			if t, err := time.ParseInLocation(layout, v, time.UTC); err == nil {
				return t, nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("%v is no time", v)
}

// database opens the catalogue's database past the server, for one look: an
// open connection would keep the disk busy.
func (c *campaign) database() (*sql.DB, error) {
	if c.pg != nil {
		return sql.Open("pgx", c.pg.Address("campaign"))
	}
	return sql.Open("sqlite", "file:"+url.PathEscape(filepath.Join(c.data, "sohoa.db"))+"?_pragma=busy_timeout(5000)")
}

func (c *campaign) exec(ctx context.Context, query string) error {
	db, err := c.database()
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, query)
	return err
}

// blames are the kinds of problems that are said of a file.
var blames = map[string]bool{"pdf": true, "image": true, "file": true, "document": true}

// retryParked takes parked documents up again, as an administrator would. One
// that is parked again and again, though nothing is wrong any more, is a
// violation.
func (c *campaign) retryParked(ctx context.Context, tried map[sohoa.DocumentID]int) (int, error) {
	p := c.office.people["admin"]
	var out struct{ Documents []sohoa.Document }
	a, err := p.get(ctx, "/api/v1/documents?limit=1000&state=parked", &out)
	if err == nil && a.status != http.StatusOK {
		err = refused(a, "list of what is parked")
	}
	if err != nil {
		return 0, err
	}
	for _, d := range out.Documents {
		if d.Problem == nil || d.Problem.Code == "" || d.Stage == "" {
			return 0, violated("%s is parked without a reason: %+v", d.ID, d)
		}
		// Every paper is good. One that is called damaged is given to nobody to
		// take up again, but back to whoever brought it.
		if kind, _, _ := strings.Cut(d.Problem.Code, "."); blames[kind] {
			return 0, violated("%s is parked at %s as if it were at fault: %s %v %s", d.ID, d.Stage, d.Problem.Code, d.Problem.Args, d.Problem.Detail)
		}
		if tried[d.ID]++; tried[d.ID] > retries {
			return 0, violated("%s is parked at %s for good, with nothing wrong any more: %s %v %s", d.ID, d.Stage, d.Problem.Code, d.Problem.Args, d.Problem.Detail)
		}
		c.report.parked(string(d.Stage) + " " + d.Problem.Code)
		a, err := p.call(ctx, "POST", "/api/v1/documents/"+d.ID.String()+"/retry", nil, nil)
		if err == nil && a.status != http.StatusAccepted {
			err = refused(a, "retry of "+d.ID.String())
		}
		if err != nil {
			return 0, err
		}
	}
	return len(out.Documents), nil
}

// releaseHeld releases documents that the arranger left.
func (c *campaign) releaseHeld(ctx context.Context, tried map[sohoa.DocumentID]int) (int, error) {
	var out struct{ Documents []sohoa.Document }
	p := c.office.people["admin"]
	a, err := p.get(ctx, "/api/v1/documents?limit=1000&held=true", &out)
	if err == nil && a.status != http.StatusOK {
		err = refused(a, "list of what is held")
	}
	if err != nil {
		return 0, err
	}
	for _, d := range out.Documents {
		var i *item
		c.ledger.with(func() { i = c.ledger.byBytes[contents{d.Dossier, d.Digest}] })
		if i == nil {
			return 0, violated("%s is held, and nobody sent it", d.ID)
		}
		if i.released {
			return 0, violated("%s is held after its release was acknowledged", d.ID)
		}
		if i.id.IsZero() { // it came without an answer
			if err := c.ledger.acknowledge(i, d.ID); err != nil {
				return 0, err
			}
		}
		if err := c.release(ctx, p, i); err != nil {
			return 0, err
		}
	}
	return len(out.Documents), nil
}

// signOpen signs what waits for its signer.
func (c *campaign) signOpen(ctx context.Context, tried map[sohoa.DocumentID]int) (int, error) {
	p := c.office.people[signer]
	var out struct{ Sets []archive.SetSummary }
	a, err := p.get(ctx, "/api/v1/sets?limit=1000&waiting=true", &out)
	if err == nil && a.status != http.StatusOK {
		err = refused(a, "list of sets")
	}
	if err != nil {
		return 0, err
	}
	for _, s := range out.Sets {
		if err := c.signSet(ctx, p, s.ID); err != nil {
			return 0, err
		}
	}
	return len(out.Sets), nil
}
