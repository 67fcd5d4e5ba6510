package bleve

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"sohoa"
	"sohoa/search"
)

// Keeping says when Keep works.
type Keeping struct {
	// Next is when the next daily look at everything is due, the last one
	// having been at that time, which is zero for never.
	Next func(last time.Time) time.Time
}

// retryRebuild is the pause before a rebuild that failed is tried again.
const retryRebuild = time.Minute

// Keep looks after the index until ctx ends, and returns ctx's error. At once,
// when a part of bleve breaks down, and daily it checks the segments; daily it
// verifies the index against the catalogue and repairs it. An index that is
// damaged, ahead of its journal or may have text of documents that are no more
// is rebuilt while it serves.
func (x *Index) Keep(ctx context.Context, src search.Catalogue, k Keeping) error {
	x.tend(ctx, src, false)
	for ctx.Err() == nil {
		h, err := x.Health()
		var last time.Time
		if err == nil && h.Verified != nil {
			last = h.Verified.At
		}
		timer := time.NewTimer(time.Until(k.Next(last)))
		select {
		case <-ctx.Done():
		case <-x.alarms:
			x.tend(ctx, src, false)
		case <-timer.C:
			x.tend(ctx, src, true)
		}
		timer.Stop()
	}
	return ctx.Err()
}

// tend does one round and tells what came of it.
func (x *Index) tend(ctx context.Context, src search.Catalogue, daily bool) {
	for {
		err := x.Tend(ctx, src, daily)
		if err == nil || ctx.Err() != nil {
			return
		}
		if errors.Is(err, sohoa.ErrConflict) { // it is still being filled
			rest(ctx, retryRebuild)
			continue
		}
		slog.ErrorContext(ctx, "search index could not be looked after", "err", err, "again", retryRebuild)
		rest(ctx, retryRebuild)
	}
}

// Tend is one round of Keep.
func (x *Index) Tend(ctx context.Context, src search.Catalogue, daily bool) error {
	why, err := x.wrong(ctx, src, daily)
	if err != nil {
		return err
	}
	if why != "" {
		slog.WarnContext(ctx, "search index is rebuilt while it serves", "why", why)
		if err := x.rebuild(ctx, src, why); err != nil {
			return err
		}
		slog.WarnContext(ctx, "search index is rebuilt", "why", why)
	}
	if !daily {
		return nil
	}
	v, err := x.Verify(ctx, src, Verifying{Repair: true, Rest: 3})
	if err == nil {
		level := slog.LevelInfo
		if v.Missing+v.Extra+v.Outdated > 0 {
			level = slog.LevelWarn
		}
		slog.Log(ctx, level, "search index was verified", "documents", v.Documents, "pages", v.Pages,
			"missing", v.Missing, "extra", v.Extra, "outdated", v.Outdated, "repaired", v.Repaired, "seconds", v.Seconds)
	}
	return err
}

// Examine is a round for one who asks. Without repair it changes nothing, but
// a Keep that runs rebuilds a damaged index all the same.
func (x *Index) Examine(ctx context.Context, src search.Catalogue, repair bool) (search.Health, error) {
	why, err := x.wrong(ctx, src, false)
	if err != nil {
		return search.Health{}, err
	}
	if why != "" && !repair {
		x.alarmed()
		return x.Health()
	}
	if why != "" {
		if err := x.rebuild(ctx, src, why); err != nil {
			return search.Health{}, err
		}
		if _, err := x.wrong(ctx, src, false); err != nil {
			return search.Health{}, err
		}
	}
	if _, err := x.Verify(ctx, src, Verifying{Repair: repair}); err != nil {
		return search.Health{}, err
	}
	return x.Health()
}

// wrong is why the index must be rebuilt, or nothing. Where documents were
// destroyed, that waits for the daily round.
func (x *Index) wrong(ctx context.Context, src search.Header, daily bool) (search.RebuildWhy, error) {
	damaged, err := x.Check(ctx)
	if err != nil {
		return "", err
	}
	x.state.Lock()
	x.health.Checked, x.health.Damaged = time.Now().UTC().Truncate(time.Second), damaged
	x.state.Unlock()
	if len(damaged) > 0 {
		x.because(search.RebuildDamaged)
		return search.RebuildDamaged, x.use(func(g *generation) error { g.doubted.Store(true); return nil })
	}
	err = x.use(func(g *generation) error { g.doubted.Store(false); return nil })
	if err != nil {
		return "", err
	}
	cursor, err := x.peek(ctx)
	if err != nil {
		return "", err
	}
	if head, err := src.Head(ctx); err != nil || cursor > head {
		return search.RebuildJournal, err
	}
	var since time.Time
	err = x.use(func(g *generation) error { since, err = g.erasure(); return err })
	if err == nil && daily && !since.IsZero() {
		return search.RebuildErasure, nil
	}
	return "", err
}

// rebuild is Rebuild for a reason.
func (x *Index) rebuild(ctx context.Context, src search.Source, why search.RebuildWhy) error {
	err := x.use(func(g *generation) error {
		if why != search.RebuildErasure { // then what is found is right all the same
			g.doubted.Store(true)
		}
		return nil
	})
	x.because(why)
	return errors.Join(err, x.Rebuild(ctx, src))
}

// because notes why the index is rebuilt.
func (x *Index) because(why search.RebuildWhy) {
	x.state.Lock()
	defer x.state.Unlock()
	x.health.Why = why
}

// peek is the cursor of the index, for one who does not follow it.
func (x *Index) peek(ctx context.Context) (cursor uint64, err error) {
	err = x.use(func(g *generation) error {
		cursor, err = g.Cursor(ctx)
		return err
	})
	return cursor, err
}

// alarmed has the next round of Keep begin now.
func (x *Index) alarmed() {
	select {
	case x.alarms <- struct{}{}:
	default: // one is due already
	}
}
