package main

import (
	"context"
	"fmt"
	"log/slog"

	"sohoa"
	"sohoa/archive/ocfl"
)

// copyCmd brings what is kept into the second copy now.
type copyCmd struct {
	IDs   []string `arg:"" optional:"" name:"id" help:"Document IDs; without any, everything that the second copy has not."`
	Adopt bool     `help:"Take the second store as it is now in place of the one that was lost."`
}

// Run implements the command.
func (c *copyCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openStored(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	if a.service.Second == nil {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "copy.none"}
	}
	if c.Adopt {
		if err := a.service.AdoptSecond(ctx, "admin"); err != nil {
			return err
		}
	}
	if len(c.IDs) == 0 {
		err = a.copyAll(ctx)
	}
	for i := 0; i < len(c.IDs) && err == nil; i++ {
		var doc sohoa.Document
		if doc, err = a.document(ctx, c.IDs[i]); err == nil {
			err = a.service.CopyObject(ctx, ocfl.DocumentID(doc.ID))
		}
	}
	if err != nil {
		return err
	}
	state, err := a.service.Copies(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out.out, "%d / %d\n", state.Kept-state.Behind, state.Kept)
	return nil
}

// copyAll copies every object of the storage root. What the second copy has is
// not read again.
func (a *app) copyAll(ctx context.Context) error {
	if err := a.service.SecondReady(ctx); err != nil {
		return err
	}
	for id, err := range a.keeper.Objects(ctx) {
		if err != nil {
			return err
		}
		document, err := id.Document()
		if err == nil {
			doc, err := a.catalog.Document(ctx, sohoa.Everything, document)
			if err != nil || doc.State != sohoa.StateKept || doc.Copied >= doc.Revision {
				continue
			}
		}
		if err := a.service.CopyObject(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
