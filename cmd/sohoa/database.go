package main

import (
	"context"
	"io"

	"github.com/alexedwards/scs/v2"

	"sohoa/archive"
	"sohoa/archive/postgres"
	"sohoa/archive/sqlite"
	"sohoa/ingest"
	"sohoa/ingest/queue"
)

// database is what the configured database holds.
type database struct {
	catalog  archive.Catalog
	sessions scs.Store // of the web pages
	queue    ingest.Jobs
}

// shared says whether other machines may work on the same catalogue.
func (set *settings) shared() bool { return set.Database != "" }

// openDatabase opens the configured database: PostgreSQL, or SQLite in the
// data folder.
func (a *app) openDatabase(ctx context.Context) error {
	open := openSQLite
	if a.set.shared() {
		open = openPostgres
	}
	d, closer, err := open(ctx, a)
	if err != nil {
		return err
	}
	a.database = d
	a.closers = append(a.closers, closer.Close)
	return nil
}

func openSQLite(ctx context.Context, a *app) (database, io.Closer, error) {
	q := queue.New(a.log)
	c, err := sqlite.Open(ctx, a.path(catalogueFile), q)
	if err != nil {
		return database{}, nil, err
	}
	return database{c, c.Sessions(), q}, c, nil
}

func openPostgres(ctx context.Context, a *app) (database, io.Closer, error) {
	q := queue.NewPostgres(a.log)
	c, err := postgres.Open(ctx, a.set.Database, q)
	if err != nil {
		return database{}, nil, err
	}
	return database{c, c.Sessions(), q}, c, nil
}
