package main

import (
	"context"
	"log/slog"

	"sohoa"
)

// workerCmd works on documents, without serving pages: beside a 'serve' on
// another machine, with which it shares a PostgreSQL database and an S3 store.
type workerCmd struct{}

// Run implements the command.
func (c *workerCmd) Run(ctx context.Context, set *settings, log *slog.Logger) error {
	if set.shared() && set.Store == "local" {
		// It would look in its own folder for files that are in another's.
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "database.local-store"}
	}
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	var e *engine
	err = a.patiently(ctx, func() (again bool, err error) {
		e, err = a.start(ctx)
		return err == nil && e == nil, err
	})
	if err != nil || e == nil {
		return err
	}
	<-e.ctx.Done() // told to stop, or a part of the work failed
	return e.Stop()
}
