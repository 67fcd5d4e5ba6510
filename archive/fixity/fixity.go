// Package fixity reads the copies of an archive again, finds what is not as it
// was kept, and repairs either copy from the other.
//
// An Examiner looks at one copy: every object in it, every object that only
// the other copy or the catalogue has, every file that belongs to none, and the
// files of the storage root itself. It reads several files at once, needs little
// memory however large the archive is, and may be bounded to a rate.
//
// An Auditor makes passes of it: each copy is read within a set period, from
// where an earlier process stopped, by one process at a time; what is found
// stands in the catalogue and in the journal until it is repaired.
package fixity

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// Bounds of one examination.
const (
	objectsAtOnce = 8   // objects that are read at the same time
	filesAtOnce   = 4   // files of each of them
	ahead         = 256 // results that wait for an earlier one
	busyTries     = 3   // looks at an object that is being written to
	maxBusy       = 1000
)

// Known is what the catalogue knows of an object.
type Known struct {
	Gone   bool // it was destroyed, or is not kept yet: nothing is missed or repaired
	First  int  // the version that the first copy must have; 0 is not known
	Second int  // the version that the second copy must have
}

// Examiner looks at the objects of one copy. Its fields must not change while
// it works.
type Examiner struct {
	Copy  archive.CopyName
	Root  *ocfl.Store // of that copy
	Other *ocfl.Store // optional: of the other one
	Known func(ctx context.Context, id ocfl.ID) (Known, error)
	// Kept yields the documents that the catalogue has as kept, after the given
	// one, in order.
	Kept   func(ctx context.Context, after ocfl.ID, each func(ocfl.ID) error) error // optional
	Rate   int64                                                                    // bytes a second; 0 is as fast as it goes
	Repair bool                                                                     // repair what is found
	Now    func() time.Time

	read  atomic.Int64 // bytes so far
	pacer pacer
}

// Result is what was found at one object, or at the root itself.
type Result struct {
	ID       ocfl.ID // empty for what belongs to no object
	Findings []ocfl.Finding
	Repaired []ocfl.Repaired // of them
	Left     []ocfl.Finding  // of them, if Repair was asked for: what could not be repaired
	Busy     bool            // it could not be judged, since it is being written to
	Cursor   string          // everything before this was looked at; Run goes on from here
}

// Read returns how many bytes were read so far.
func (e *Examiner) Read() int64 { return e.read.Load() }

func (e *Examiner) reading() ocfl.Reading {
	return ocfl.Reading{AtOnce: filesAtOnce, Pace: func(ctx context.Context, n int) error {
		e.read.Add(int64(n))
		return e.pacer.wait(ctx, n, e.Rate)
	}}
}

// Object looks at one object. One that nobody has is sohoa.ErrNotExist.
func (e *Examiner) Object(ctx context.Context, id ocfl.ID) (Result, error) {
	r := Result{ID: id}
	known, err := e.Known(ctx, id)
	if err != nil {
		return r, err
	}
	a := ocfl.Against{Reading: e.reading(), Other: e.Other}
	if !known.Gone {
		a.Expect, a.Leads = known.First, e.Copy == archive.FirstCopy
		if e.Copy == archive.SecondCopy {
			a.Expect = known.Second
		}
	}
	err = e.Root.Check(ctx, id, a, func(f ocfl.Finding) { r.Findings = append(r.Findings, f) })
	if err == nil && e.Repair && len(r.Findings) > 0 {
		err = e.mend(ctx, &r, a)
	}
	if errors.Is(err, ocfl.ErrBusy) {
		return Result{ID: id, Busy: true}, nil
	}
	return r, err
}

// mend repairs an object; what was found is what the repair found.
func (e *Examiner) mend(ctx context.Context, r *Result, a ocfl.Against) error {
	m, err := e.Root.Mend(ctx, r.ID, a, e.Now())
	r.add(m)
	return err
}

func (r *Result) add(m ocfl.Mended) {
	r.Repaired, r.Left, r.Findings = m.Repaired, m.Left, nil
	for _, f := range m.Repaired {
		r.Findings = append(r.Findings, f.Finding)
	}
	r.Findings = append(r.Findings, m.Left...)
}

// root looks at the files of the storage root itself.
func (e *Examiner) root(ctx context.Context) (Result, error) {
	var r Result
	if e.Repair {
		m, err := e.Root.MendRoot(ctx, e.Other, nil, e.Now())
		r.add(m)
		return r, err
	}
	err := e.Root.CheckRoot(ctx, e.Other, func(f ocfl.Finding) { r.Findings = append(r.Findings, f) })
	return r, err
}

// stray is a file that belongs to no object.
func (e *Examiner) stray(ctx context.Context, key string) (Result, error) {
	if e.Repair {
		var r Result
		m, err := e.Root.MendRoot(ctx, e.Other, []string{key}, e.Now())
		r.add(m)
		return r, err
	}
	return Result{Findings: []ocfl.Finding{{Key: key, Kind: ocfl.Extra, Detail: "it belongs to no object"}}}, nil
}

// task is one thing to look at.
type task struct {
	cursor string
	do     func(context.Context) (Result, error)
}

// outcome is a Result that is being worked on.
type outcome struct {
	task
	result Result
	err    error
	done   chan struct{}
}

// Run looks at everything, from a cursor on, which is empty at first, and calls
// each in order. It ends after the first error: of the stores, the catalogue,
// or each. What is damaged is no error.
func (e *Examiner) Run(ctx context.Context, cursor string, each func(Result) error) error {
	busy, err := e.run(ctx, func(ctx context.Context, give func(task) error) error { return e.everything(ctx, cursor, give) }, each)
	for try := 1; try < busyTries && err == nil && len(busy) > 0; try++ {
		again := busy
		busy, err = e.run(ctx, func(ctx context.Context, give func(task) error) error {
			for _, id := range again {
				if err := give(task{do: func(ctx context.Context) (Result, error) { return e.Object(ctx, id) }}); err != nil {
					return err
				}
			}
			return nil
		}, each)
	}
	if err != nil {
		return err
	}
	for _, id := range busy {
		if err := each(Result{ID: id, Busy: true}); err != nil {
			return err
		}
	}
	return nil
}

// run works on what produce gives, several at once, and hands the results on in
// order, but for those of objects that were busy: these it returns, as many as
// maxBusy.
func (e *Examiner) run(ctx context.Context, produce func(context.Context, func(task) error) error, each func(Result) error) (busy []ocfl.ID, err error) {
	g, ctx := errgroup.WithContext(ctx)
	queue, work := make(chan *outcome, ahead), make(chan *outcome)
	g.Go(func() error {
		defer close(queue)
		defer close(work)
		return produce(ctx, func(t task) error {
			o := &outcome{task: t, done: make(chan struct{})}
			return errors.Join(send(ctx, queue, o), send(ctx, work, o))
		})
	})
	for range objectsAtOnce {
		g.Go(func() error {
			for o := range work {
				o.result, o.err = o.do(ctx)
				close(o.done)
			}
			return nil
		})
	}
	g.Go(func() error {
		for o := range queue {
			select {
			case <-o.done:
			case <-ctx.Done():
				return ctx.Err()
			}
			if errors.Is(o.err, sohoa.ErrNotExist) {
				continue // it went away meanwhile
			}
			if o.err != nil {
				return o.err
			}
			if o.result.Busy && len(busy) < maxBusy {
				busy = append(busy, o.result.ID)
				continue
			}
			o.result.Cursor = o.cursor
			if err := each(o.result); err != nil {
				return err
			}
		}
		return nil
	})
	err = g.Wait()
	return busy, err
}

func send(ctx context.Context, c chan<- *outcome, o *outcome) error {
	select {
	case c <- o:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pacer bounds a rate over all goroutines.
type pacer struct {
	mu   sync.Mutex
	free time.Time // when what was read so far is paid for
}

// burst is how far reading may run ahead.
const burst = 200 * time.Millisecond

// wait returns when n more bytes may have been read.
func (p *pacer) wait(ctx context.Context, n int, rate int64) error {
	if rate <= 0 {
		return ctx.Err()
	}
	p.mu.Lock()
	now := time.Now()
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(float64(n) / float64(rate) * float64(time.Second)))
	pause := p.free.Sub(now) - burst
	p.mu.Unlock()
	if pause <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
