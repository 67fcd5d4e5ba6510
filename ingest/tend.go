package ingest

import (
	"context"
	"time"

	"sohoa"
	"sohoa/archive"
)

// tendEvery is how often what waits for nobody's act is looked after.
const tendEvery = 10 * time.Minute

// tend looks after signing until ctx ends, now and every few minutes. Its
// failures are logged, and mended by the next time.
func (s *Service) tend(ctx context.Context) error {
	timer := time.NewTicker(tendEvery)
	defer timer.Stop()
	var renewed time.Time
	for {
		chores := []func(context.Context) error{s.expire, s.resume, s.FollowSchedule, s.resumeDisposals, s.turnReuses, s.resumeRecords, s.copyBehind}
		if now := s.Now(); now.Sub(renewed) >= renewEvery {
			chores, renewed = append(chores, s.renewDue, s.renewLocks), now
		}
		for _, do := range chores {
			if err := do(ctx); err != nil && ctx.Err() == nil {
				s.Log.Warn("looking after signatures and copies failed, will be tried again", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// expire ends signatures that were prepared and not made in time; their items
// are due again.
func (s *Service) expire(ctx context.Context) error {
	old, err := s.Catalog.FindPending(ctx, archive.PendingQuery{Before: s.Now()})
	if err != nil {
		return err
	}
	for _, p := range old {
		if p.Signed() || p.System() {
			continue
		}
		if err := s.dropUnsigned(ctx, p.ID, conflict("sign.expired")); err != nil {
			return err
		}
	}
	return nil
}

// resume enqueues again what a job should be at and may not be: signatures that
// were made, tickets of remote services, and turns of the office, as after its
// key was missing.
func (s *Service) resume(ctx context.Context) error {
	under, err := s.Catalog.FindPending(ctx, archive.PendingQuery{})
	if err != nil {
		return err
	}
	var jobs []archive.Job
	tickets := map[string]bool{}
	for _, p := range under {
		switch {
		case p.Signed() || p.Flow == sohoa.FlowSystem && p.Set != "":
			jobs = append(jobs, archive.Job{Stage: sohoa.StageCosign, Document: p.Document})
		case p.Flow == sohoa.FlowRecord:
			jobs = append(jobs, archive.Job{Stage: sohoa.StageAmend, Document: p.Document})
		case p.Flow == sohoa.FlowSystem:
			jobs = append(jobs, archive.Job{Stage: sohoa.StageRenew, Document: p.Document})
		case p.Ticket != "" && !tickets[p.Actor+" "+p.Ticket]:
			tickets[p.Actor+" "+p.Ticket] = true
			jobs = append(jobs, archive.Job{Stage: sohoa.StageCollect, Document: p.Document})
		}
	}
	more, err := s.officeTurns(ctx)
	if err != nil {
		return err
	}
	return s.enqueue(ctx, append(jobs, more...))
}

// officeTurns are the jobs of items that wait for the office's own key.
func (s *Service) officeTurns(ctx context.Context) ([]archive.Job, error) {
	if s.Sealer == nil {
		return nil, nil
	}
	sets, err := s.Catalog.FindSigningSets(ctx, sohoa.Everything, archive.SetQuery{Open: true, Limit: sohoa.MaxSetItems})
	if err != nil {
		return nil, err
	}
	var jobs []archive.Job
	for _, set := range sets {
		items, err := s.Catalog.SetItems(ctx, set.ID)
		if err != nil {
			return nil, err
		}
		for _, i := range items {
			if office(i) {
				jobs = append(jobs, archive.Job{Stage: sohoa.StageCosign, Document: i.Document})
			}
		}
	}
	return jobs, nil
}

func (s *Service) enqueue(ctx context.Context, jobs []archive.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.Enqueue(jobs...) })
}
