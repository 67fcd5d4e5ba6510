package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive/eark"
	"sohoa/ingest"
)

// giveCmd gives a copy of a document to somebody.
type giveCmd struct {
	ID      string `arg:"" help:"Document ID."`
	Kind    string `default:"plain" enum:"reading,plain,certified,dip" help:"reading (a link that ends), plain (BẢN SAO on each page), certified (signed by the agency) or dip."`
	Days    int    `default:"15" help:"For how many days a reading copy is open."`
	Purpose string `required:"" help:"Why, and for whom; it is kept in the journal."`
	Out     string `short:"o" placeholder:"FILE" help:"Write to this file; of a reading copy, its link. Default: standard output."`
}

// Run implements the command.
func (c *giveCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	doc, err := a.document(ctx, c.ID)
	if err != nil {
		return err
	}
	r := ingest.CopyRequest{Actor: actor(), Purpose: c.Purpose, Scope: sohoa.Everything, Document: doc.ID, Kind: ingest.CopyKind(c.Kind)}
	switch r.Kind {
	case ingest.CopyReading:
		return c.reading(ctx, a, r, out.out)
	case "dip":
		plan, err := a.service.Export(ctx, ingest.ExportRequest{Actor: r.Actor, Purpose: r.Purpose, Scope: r.Scope, Kind: eark.DIP,
			Document: doc.ID, Version: version})
		if err != nil {
			return err
		}
		return writeOut(c.Out, out.out, func(w io.Writer) error {
			_, err := plan.Write(ctx, eark.ZIP(w))
			return err
		})
	case ingest.CopyCertified:
		if err := a.equip(ctx); err != nil { // the office's key
			return err
		}
	}
	f, err := a.service.Copy(ctx, r)
	if err != nil {
		return err
	}
	defer f.Close()
	return writeOut(c.Out, out.out, func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
}

// reading issues a reading copy and prints its address.
func (c *giveCmd) reading(ctx context.Context, a *app, r ingest.CopyRequest, w io.Writer) error {
	got, err := a.service.IssueReading(ctx, r, c.Days)
	if err != nil {
		return err
	}
	return writeOut(c.Out, w, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s/read/%s/%s\n%s\n", strings.TrimSuffix(a.set.PublicURL, "/"), got.Document.ID, got.Secret,
			got.Until.In(sohoa.Hanoi).Format(time.RFC3339))
		return err
	})
}
