package ingest

import (
	"context"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/fixity"
)

// FixityPlan says how often the copies are read again.
type FixityPlan struct {
	Period time.Duration // within which everything is; 0 is never
	Rate   int64         // bytes a second of each copy; 0 is as fast as it goes
}

// Auditor examines and repairs the copies.
func (s *Service) Auditor() *fixity.Auditor {
	a := &fixity.Auditor{Catalog: s.Catalog, First: s.Keeper, Period: s.Fixity.Period, Rate: s.Fixity.Rate,
		Worker: s.worker, Log: s.Log, Now: s.Now}
	if s.Second != nil {
		a.Second = s.Second.Keeper
		a.Ready = func(ctx context.Context, c archive.CopyName) error {
			if c == archive.SecondCopy {
				return s.SecondReady(ctx)
			}
			return nil
		}
	}
	return a
}

// repairing names the repair in the background.
const repairing = "repair of the copies"

// RepairCopies begins to repair, in the background, what the open findings are
// about. It is sohoa.ErrConflict while that is under way.
func (s *Service) RepairCopies(ctx context.Context, actor string) error {
	if !s.work.begin(repairing) {
		return conflict("copy.repairing")
	}
	s.work.run(func(ctx context.Context) {
		defer s.work.end(repairing)
		n, err := s.Auditor().Repair(ctx, actor)
		if err != nil {
			s.Log.Error("repair of the copies did not end", "err", err)
		}
		s.Log.Info("copies repaired", "repaired", n.Repaired, "left", n.Left)
	})
	return nil
}

// CopiesState is how the copies stand.
type CopiesState struct {
	archive.CopyCounts
	Within    time.Duration // after which a document in one copy is overdue; 0 is no second copy
	Second    bool          // there is a second copy
	Late      []sohoa.Document
	Copies    []CopyState
	Findings  []archive.FixityFinding // newest first
	Open      int                     // of all findings, those that are not repaired
	Period    time.Duration
	Repairing bool
}

// CopyState is how one copy stands.
type CopyState struct {
	Name    archive.CopyName
	Problem *sohoa.Problem // why its store cannot be used at the moment
	Since   time.Time      // since when, where that is known
	Passes  []archive.FixityPass
	Due     time.Time // when the next pass begins; zero while one is under way, or if there are none
	Open    int       // findings that are not repaired
	Overdue bool      // not everything was read within the period
}

// shown is how many documents, passes and findings CopiesState has at most.
const shown = 50

// probeTime bounds asking a store whether it answers.
const probeTime = 3 * time.Second

// Copies tells how the copies stand.
func (s *Service) Copies(ctx context.Context) (CopiesState, error) {
	state := CopiesState{Second: s.Second != nil, Period: s.Fixity.Period}
	before := s.Now()
	if s.Second != nil {
		state.Within = s.Second.Within
		before = before.Add(-s.Second.Within)
	}
	var err error
	if state.CopyCounts, err = s.Catalog.CountCopies(ctx, before); err != nil {
		return state, err
	}
	if s.Second != nil {
		if state.Late, err = s.Catalog.Uncopied(ctx, before, shown); err != nil {
			return state, err
		}
	}
	if state.Findings, err = s.Catalog.FindFixity(ctx, archive.FindingQuery{Limit: shown}); err != nil {
		return state, err
	}
	open, err := s.Catalog.CountFindings(ctx)
	if err != nil {
		return state, err
	}
	auditor := s.Auditor()
	for _, name := range auditor.Copies() {
		c := CopyState{Name: name, Open: open[name]}
		state.Open += c.Open
		if err := s.copyState(ctx, auditor, &c); err != nil {
			return state, err
		}
		state.Copies = append(state.Copies, c)
	}
	s.work.mu.Lock()
	state.Repairing = s.work.busy[repairing]
	s.work.mu.Unlock()
	return state, nil
}

// copyState asks the store of a copy whether it answers, and the catalogue for
// its passes.
func (s *Service) copyState(ctx context.Context, auditor *fixity.Auditor, c *CopyState) (err error) {
	if c.Passes, err = s.Catalog.FixityPasses(ctx, c.Name, shown); err != nil {
		return err
	}
	if s.Fixity.Period > 0 {
		if c.Due, err = auditor.Due(ctx, c.Name); err != nil {
			return err
		}
		c.Overdue = s.lapsed(c.Passes)
	}
	blobs := archive.Blobs(s.Blobs)
	if c.Name == archive.SecondCopy {
		blobs = s.Second.Blobs
	}
	probe, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	if _, err := s.readSecond(probe, blobs); err != nil && ctx.Err() == nil {
		c.Problem = sohoa.AsProblem(err)
	}
	if c.Name == archive.SecondCopy {
		s.second.mu.Lock()
		defer s.second.mu.Unlock()
		if s.second.problem != nil {
			c.Problem, c.Since = s.second.problem, s.second.since
		}
	}
	return nil
}

// lapsed reports whether the newest pass that ended began longer ago than the
// period; where none has ended, whether the oldest did.
func (s *Service) lapsed(passes []archive.FixityPass) bool {
	var from time.Time
	for _, p := range passes { // newest first
		from = p.Started
		if !p.Ended.IsZero() {
			break
		}
	}
	return !from.IsZero() && s.Now().Sub(from) > s.Fixity.Period
}
