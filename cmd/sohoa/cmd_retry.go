package main

import (
	"context"
	"log/slog"
)

// retryCmd takes a parked document up again. The process that serves does
// the work; without one, the next `serve` or `add` does.
type retryCmd struct {
	ID string `arg:"" help:"Document ID."`
}

// Run implements the command.
func (c *retryCmd) Run(ctx context.Context, set *settings, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	doc, err := a.document(ctx, c.ID)
	if err != nil {
		return err
	}
	return a.service.Retry(ctx, actor(), doc.ID)
}
