package bleve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"sohoa"
	"sohoa/search"
)

// Rebuild makes a new generation from the start of src's journal while the
// present one serves and follows, then puts it in its place. On error, the
// present one stays. Calls wait for each other.
func (x *Index) Rebuild(ctx context.Context, src search.Source) error {
	x.rebuilding.Lock()
	defer x.rebuilding.Unlock()
	name, err := x.prepare()
	if err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	next := name.next()
	path := filepath.Join(x.dir, next.String())
	if err := os.RemoveAll(path); err != nil { // of a Rebuild that failed
		return fmt.Errorf("rebuild index: %w", err)
	}
	fresh, err := createGeneration(path, x.privacy)
	if err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	err = search.CatchUp(ctx, fresh, src)
	if err == nil {
		err = x.replace(ctx, fresh, src, next)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("rebuild index: %w", err), fresh.Close(), os.RemoveAll(path))
	}
	removeOthers(x.dir, func(s string) bool { return s != name.String() })
	dropRemains(x.dir)
	return nil
}

// prepare returns the name of the live generation, for one that is to replace it.
func (x *Index) prepare() (generationName, error) {
	x.writes.Lock()
	defer x.writes.Unlock()
	if x.closed {
		return generationName{}, fmt.Errorf("index %s is closed: %w", x.dir, sohoa.ErrUnavailable)
	}
	return x.name, x.restoreDir()
}

// replace puts fresh in the place of the live generation. It holds writes, so
// that fresh has all that the live one has.
func (x *Index) replace(ctx context.Context, fresh *generation, src search.Source, name generationName) error {
	x.writes.Lock()
	defer x.writes.Unlock()
	if err := search.CatchUp(ctx, fresh, src); err != nil {
		return err
	}
	if err := fresh.CaughtUp(ctx); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return fmt.Errorf("index %s is closed: %w", x.dir, sohoa.ErrUnavailable)
	}
	if err := setCurrent(x.dir, name); err != nil {
		return err
	}
	old := x.live
	x.name = name
	x.serve(fresh)
	x.because("")
	if old == nil {
		return nil
	}
	if err := old.Close(); err != nil {
		slog.Warn("replaced index did not close", "err", err)
	}
	return nil
}
