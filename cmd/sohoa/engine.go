package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sync/errgroup"

	"sohoa/ingest/hooks"
	"sohoa/search"
	"sohoa/search/bleve"
)

// engine is the half of the program that works: it runs the stages and keeps
// the index. One process at a time has it, guarded by the lock of the data
// folder; others leave the work to that one. Where the database is shared, the
// lock guards what is in the folder (index, working files, control socket),
// and engines with other folders work beside this one.
type engine struct {
	*app
	index   *bleve.Index
	group   *errgroup.Group
	ctx     context.Context // of the work; it ends when a part of it fails
	stop    context.CancelFunc
	release func()
	moves   moveState // of the object store
	told    *hooks.Desk
}

// start takes the lock and starts to work. It returns nil if another process
// has the lock.
func (a *app) start(ctx context.Context) (*engine, error) {
	release, ok, err := a.hold()
	if err != nil || !ok {
		return nil, err
	}
	e := &engine{app: a, release: release}
	if err := a.equip(ctx); err != nil {
		release()
		return nil, err
	}
	if err := a.service.Sweep(ctx); err != nil {
		release()
		return nil, err
	}
	keeping, err := a.set.keeping()
	if err != nil {
		release()
		return nil, err
	}
	if e.index, err = a.openIndex(); err != nil {
		release()
		return nil, err
	}
	told, err := a.hooks()
	if err != nil {
		release()
		return nil, errors.Join(err, e.index.Close())
	}
	e.told = told
	work, stop := context.WithCancel(ctx)
	e.stop = stop
	e.group, e.ctx = errgroup.WithContext(work)
	e.group.Go(func() error { return a.service.Work(e.ctx, a.queue) })
	e.group.Go(func() error { return search.Follow(e.ctx, e.index, a.feed()) })
	e.group.Go(func() error { return e.index.Keep(e.ctx, a.feed(), keeping) })
	e.group.Go(func() error { return e.serveControl(e.ctx) })
	e.group.Go(func() error { return e.backUpDaily(e.ctx) })
	e.group.Go(func() error { return told.Run(e.ctx) })
	return e, nil
}

// equip opens what recognises and signs. Only who works needs it: an archive
// can be looked at without a model or a key, a token is logged in to once, and
// a wrong PIN is not tried by every command.
func (a *app) equip(ctx context.Context) error {
	if a.service.Reader != nil {
		return nil
	}
	reader, err := newReader(a.set)
	if err != nil {
		return err
	}
	a.closers = append(a.closers, reader.Close)
	stamper, err := a.stamper()
	if err != nil {
		return err
	}
	a.tsa = stamper
	if a.service.Sealer, err = newSealer(ctx, a, stamper); err != nil {
		return err
	}
	if a.service.Signing, err = newSigning(a, stamper); err != nil {
		return err
	}
	a.service.Reader = reader
	return nil
}

// openIndex opens the search index; one that is missing or damaged starts
// anew and fills itself from the journal.
func (a *app) openIndex() (*bleve.Index, error) {
	privacy, err := a.privacy()
	if err != nil {
		return nil, fmt.Errorf("open search index: %w", err)
	}
	idx, _, err := bleve.Open(a.path(indexDir), privacy) // says why it is made anew
	if errors.Is(err, fs.ErrPermission) {
		err = notOurs(a.path(indexDir), err)
	}
	if err != nil {
		return nil, fmt.Errorf("open search index: %w", err)
	}
	return idx, nil
}

// Stop ends the work: what is under way finishes or is given back.
func (e *engine) Stop() error {
	e.stop()
	err := e.group.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	err = errors.Join(err, e.index.Close())
	e.release()
	return err
}
