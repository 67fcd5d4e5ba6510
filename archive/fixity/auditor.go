package fixity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// Auditor makes fixity passes and enters what they find. Its methods are safe
// for concurrent use, also by several processes on one catalogue.
type Auditor struct {
	Catalog archive.Catalog
	First   *ocfl.Store
	Second  *ocfl.Store   // optional
	Period  time.Duration // within which everything is read again; 0 is never
	Rate    int64         // bytes a second of each copy; 0 is as fast as it goes
	// Ready reports why the store of a copy must not be looked at, as where it is
	// not the one that it should be. An empty mount point is no lost copy.
	Ready  func(ctx context.Context, c archive.CopyName) error // optional
	Worker string                                              // this process, by a name that no other has
	Log    *slog.Logger
	Now    func() time.Time
}

const (
	lease     = 2 * time.Minute  // a pass whose process was not heard of for this long is taken over
	beatEvery = 20 * time.Second // how often it is
	flushed   = 500              // results after which the cursor is entered
	dueEvery  = time.Minute      // how often Run looks whether a pass is due
	settling  = 10 * time.Minute // Run begins no pass before, so that short-lived processes begin none
	rest      = 10 * time.Minute // after a pass could not go on
	keptBatch = 1000
)

// Copies are the names of the copies that there are.
func (a *Auditor) Copies() []archive.CopyName {
	if a.Second == nil {
		return []archive.CopyName{archive.FirstCopy}
	}
	return []archive.CopyName{archive.FirstCopy, archive.SecondCopy}
}

// Examiner is one of a copy, which knows what the catalogue knows. While the
// second copy is away the first is looked at by itself.
func (a *Auditor) Examiner(ctx context.Context, c archive.CopyName) *Examiner {
	e := &Examiner{Copy: c, Root: a.First, Other: a.Second, Known: a.known, Kept: a.kept, Rate: a.Rate, Now: a.Now}
	if c == archive.SecondCopy {
		e.Root, e.Other = a.Second, a.First
	} else if e.Other != nil && a.Check(ctx, archive.SecondCopy) != nil {
		e.Other = nil
	}
	return e
}

func (a *Auditor) known(ctx context.Context, id ocfl.ID) (Known, error) {
	if id.Kind() != "" {
		copied, err := a.Catalog.ObjectCopied(ctx, string(id))
		return Known{Second: copied}, err
	}
	document, err := id.Document()
	if err != nil {
		return Known{}, nil // it is no object of ours
	}
	doc, err := a.Catalog.Document(ctx, sohoa.Everything, document)
	switch {
	case errors.Is(err, sohoa.ErrNotExist):
		return Known{}, nil // the catalogue was lost
	case err != nil:
		return Known{}, err
	case doc.State != sohoa.StateKept:
		return Known{Gone: true}, nil
	}
	return Known{First: doc.Revision, Second: doc.Copied}, nil
}

func (a *Auditor) kept(ctx context.Context, after ocfl.ID, each func(ocfl.ID) error) error {
	var last sohoa.DocumentID
	if after != "" {
		var err error
		if last, err = after.Document(); err != nil {
			return err
		}
	}
	for {
		docs, err := a.Catalog.KeptAfter(ctx, last, keptBatch)
		if err != nil || len(docs) == 0 {
			return err
		}
		for _, d := range docs {
			if err := each(ocfl.DocumentID(d.ID)); err != nil {
				return err
			}
			last = d.ID
		}
	}
}

// Run makes passes until ctx ends: each copy's next one in time to end within
// the period. A pass that an earlier process left goes on at once. What fails
// is logged, entered with the pass, and tried again later.
func (a *Auditor) Run(ctx context.Context) error {
	if a.Period <= 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, c := range a.Copies() {
		g.Go(func() error { return a.watch(ctx, c) })
	}
	return g.Wait()
}

// watch makes the passes of one copy.
func (a *Auditor) watch(ctx context.Context, c archive.CopyName) error {
	timer := time.NewTicker(dueEvery)
	defer timer.Stop()
	began, notBefore := a.Now(), time.Time{}
	for {
		due, err := a.Due(ctx, c)
		now := a.Now()
		if err == nil && !now.Before(notBefore) && (due.IsZero() || !now.Before(due) && now.Sub(began) >= settling) {
			_, err = a.Pass(ctx, c)
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, sohoa.ErrConflict) {
			notBefore = a.Now().Add(rest)
			a.Log.Warn("fixity pass does not go on, will be tried again", "copy", c, "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// Due is when the next pass of a copy begins; zero if one is under way, which
// anybody may go on with.
func (a *Auditor) Due(ctx context.Context, c archive.CopyName) (time.Time, error) {
	passes, err := a.Catalog.FixityPasses(ctx, c, 1)
	if err != nil || len(passes) == 0 {
		return a.Now(), err
	}
	p := passes[0]
	if p.Ended.IsZero() {
		return time.Time{}, nil
	}
	// What it read first is to be read again within the period, and the next
	// pass may take twice as long.
	due := p.Started.Add(a.Period - 2*p.Ended.Sub(p.Started))
	if due.Before(p.Ended) {
		due = p.Ended
	}
	return due, nil
}

// Pass goes on with the pass of a copy that is under way, or makes a new one,
// to its end. It is sohoa.ErrConflict while another process is at it.
func (a *Auditor) Pass(ctx context.Context, c archive.CopyName) (archive.FixityPass, error) {
	if err := a.Check(ctx, c); err != nil {
		return archive.FixityPass{}, err
	}
	p, err := a.begin(ctx, c)
	if err != nil {
		return p, err
	}
	r := &recording{Auditor: a, pass: p, examiner: a.Examiner(ctx, c), from: p.Bytes}
	err = r.run(ctx)
	if err == nil {
		return r.end(ctx)
	}
	err = errors.Join(err, r.leave(context.WithoutCancel(ctx), err, ctx.Err() != nil))
	return r.pass, err
}

// Check is Ready, if there is one.
func (a *Auditor) Check(ctx context.Context, c archive.CopyName) error {
	if a.Ready == nil {
		return nil
	}
	return a.Ready(ctx, c)
}

// begin takes the pass that is under way, or a new one.
func (a *Auditor) begin(ctx context.Context, c archive.CopyName) (p archive.FixityPass, err error) {
	err = a.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		p, err = tx.FixityPass(c)
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		now := a.Now().UTC()
		if err != nil || !p.Ended.IsZero() {
			p = archive.FixityPass{ID: sohoa.NewDocumentID(now).String(), Copy: c, Started: now}
			if err := a.journal(tx, "", sohoa.ActionFixity, detail{"act": "begin", "copy": c, "pass": p.ID}); err != nil {
				return err
			}
		}
		if p.Worker != "" && p.Worker != a.Worker && now.Sub(p.Beat) < lease {
			return fmt.Errorf("fixity pass %s: %s is at it: %w", p.ID, p.Worker, sohoa.ErrConflict)
		}
		p.Worker, p.Beat, p.Problem = a.Worker, now, nil
		return tx.PutFixityPass(p)
	})
	return p, err
}

// recording is a pass under way.
type recording struct {
	*Auditor
	examiner *Examiner
	from     int64 // bytes that were read before

	mu      sync.Mutex
	pass    archive.FixityPass // guarded by mu
	results []Result           // with findings, not entered yet; guarded by mu
	since   int                // results since the last entering; guarded by mu
}

// run looks at everything, and lets itself be heard of meanwhile.
func (r *recording) run(ctx context.Context) error {
	work, stop := context.WithCancel(ctx)
	g, work := errgroup.WithContext(work)
	g.Go(func() error {
		defer stop()
		return r.examiner.Run(work, r.pass.Cursor, func(result Result) error { return r.take(work, result) })
	})
	g.Go(func() error {
		timer := time.NewTicker(beatEvery)
		defer timer.Stop()
		for {
			select {
			case <-work.Done():
				return nil
			case <-timer.C:
			}
			if err := r.enter(work); err != nil && work.Err() == nil {
				return err
			}
		}
	})
	return g.Wait()
}

// take counts a result; findings are entered at once.
func (r *recording) take(ctx context.Context, result Result) error {
	r.mu.Lock()
	if result.ID != "" {
		r.pass.Objects++
	}
	if result.Busy {
		r.pass.Busy++
	}
	if result.Cursor != "" {
		r.pass.Cursor = result.Cursor
	}
	r.pass.Findings += len(result.Findings)
	if len(result.Findings) > 0 && r.pass.Findings <= sohoa.MaxFindings {
		r.results = append(r.results, result)
	}
	r.since++
	due := len(r.results) > 0 || r.since >= flushed
	r.mu.Unlock()
	if !due {
		return nil
	}
	return r.enter(ctx)
}

// enter writes down how far the pass is.
func (r *recording) enter(ctx context.Context) error {
	return r.update(ctx, func(archive.Tx) error { return nil })
}

// update enters what there is, and what more does to r.pass, unless another
// process has taken the pass over.
func (r *recording) update(ctx context.Context, more func(archive.Tx) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pass.Beat, r.pass.Bytes = r.Now().UTC(), r.from+r.examiner.Read()
	err := r.Catalog.Update(ctx, func(tx archive.Tx) error {
		now, err := tx.FixityPass(r.pass.Copy)
		if err != nil {
			return err
		}
		if now.ID != r.pass.ID || now.Worker != r.Worker {
			return fmt.Errorf("fixity pass %s: %s has taken it over: %w", r.pass.ID, now.Worker, sohoa.ErrConflict)
		}
		r.pass.Repaired = now.Repaired
		for _, result := range r.results {
			if err := r.put(tx, entering{copy: r.pass.Copy, pass: r.pass.ID}, result); err != nil {
				return err
			}
		}
		if err := more(tx); err != nil {
			return err
		}
		return tx.PutFixityPass(r.pass)
	})
	if err == nil {
		r.results, r.since = nil, 0
	}
	return err
}

// end ends the pass; what it did not find any more has ended too.
func (r *recording) end(ctx context.Context) (archive.FixityPass, error) {
	err := r.update(ctx, func(tx archive.Tx) error {
		r.pass.Ended, r.pass.Worker, r.pass.Cursor = r.Now().UTC(), "", ""
		if _, err := tx.EndFindings(r.pass.Copy, r.pass.Started, r.pass.Ended); err != nil {
			return err
		}
		return r.journal(tx, "", sohoa.ActionFixity, detail{"act": "end", "copy": r.pass.Copy, "pass": r.pass.ID,
			"objects": r.pass.Objects, "bytes": r.pass.Bytes, "findings": r.pass.Findings})
	})
	return r.pass, err
}

// leave lets the pass go, for whoever goes on with it, and says why unless the
// program just stops.
func (r *recording) leave(ctx context.Context, cause error, stopped bool) error {
	if errors.Is(cause, sohoa.ErrConflict) {
		return nil // it is somebody else's
	}
	ctx, cancel := context.WithTimeout(ctx, sohoa.ShutdownGrace/4)
	defer cancel()
	return r.update(ctx, func(archive.Tx) error {
		r.pass.Worker = ""
		if !stopped {
			r.pass.Problem = sohoa.AsProblem(cause)
		}
		return nil
	})
}
