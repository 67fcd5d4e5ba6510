package backup

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many objects are read, or files written, at the same time.
const atOnce = 8

// ordered calls work for everything in seq, atOnce at a time, and done with
// the results in the order of seq. It holds a few of them.
func ordered[T, R any](ctx context.Context, seq iter.Seq2[T, error], work func(context.Context, T) (R, error), done func(R) error) error {
	g, ctx := errgroup.WithContext(ctx)
	type slot chan R
	slots := make(chan slot, 2*atOnce) // in the order of seq
	busy := make(chan struct{}, atOnce)
	g.Go(func() error {
		defer close(slots)
		for v, err := range seq {
			if err != nil {
				return err
			}
			s := make(slot, 1)
			select {
			case busy <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			g.Go(func() error {
				defer func() { <-busy }()
				r, err := work(ctx, v)
				if err == nil {
					s <- r
				}
				return err
			})
			select {
			case slots <- s:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		for s := range slots {
			select {
			case r := <-s:
				if err := done(r); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return g.Wait()
}
