package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sohoa"
	"sohoa/archive"
)

// disposalCmd looks at disposals. They are proposed, decided and approved on
// the pages, where it is known who does it.
type disposalCmd struct {
	Due     disposalDueCmd     `cmd:"" help:"Documents whose retention has ended."`
	List    disposalListCmd    `cmd:"" help:"Disposals, newest first."`
	Show    disposalShowCmd    `cmd:"" help:"One disposal with its documents."`
	Certify disposalCertifyCmd `cmd:"" name:"certificate" help:"Print the order or the certificate of destruction."`
	Overdue disposalOverdueCmd `cmd:"" help:"Dossiers that should be in the archive: work ended more than --days ago, and something is not kept."`
}

type disposalDueCmd struct {
	Year    int    `help:"Only what is due since this year."`
	Type    string `help:"Only of this kind; - is without one."`
	Dossier string `help:"Only of this dossier."`
	Limit   int    `default:"1000" help:"Documents at most."`
}

// Run implements the command.
func (c *disposalDueCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		q := archive.DueQuery{Day: sohoa.DateOf(time.Now()), Year: c.Year, Type: c.Type, Dossier: c.Dossier, Limit: c.Limit}
		docs, err := a.catalog.Due(ctx, sohoa.Everything, q)
		for _, d := range docs {
			fmt.Fprintf(out.out, "%s  %s  %s  %s  %s  %s\n", d.ID, d.Life.Retention.Due, d.Dossier, d.Life.Type,
				set.in("%d lệnh giữ", "%d holds", len(d.Life.Retention.Holds)), d.Disposal)
		}
		return err
	})
}

type disposalListCmd struct {
	Open bool `help:"Only those that are not at their end."`
	JSON bool `name:"json" help:"One a line as JSON."`
}

// Run implements the command.
func (c *disposalListCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		found, err := a.catalog.FindDisposals(ctx, sohoa.Everything, archive.DisposalQuery{Open: c.Open, Limit: sohoa.MaxDisposalItems})
		for _, d := range found {
			if c.JSON {
				err = errors.Join(err, json.NewEncoder(out.out).Encode(d))
				continue
			}
			fmt.Fprintf(out.out, "%s  %-10s  %s  %s\n", d.ID, d.State, d.Proposed.At.In(sohoa.Hanoi).Format(clock), d.Title)
		}
		return err
	})
}

// disposalOf finds a disposal by what a person typed.
func (a *app) disposalOf(ctx context.Context, id string) (sohoa.Disposal, error) {
	parsed, err := sohoa.ParseSetID(id)
	if err != nil {
		return sohoa.Disposal{}, err
	}
	return a.catalog.Disposal(ctx, sohoa.Everything, parsed)
}

type disposalShowCmd struct {
	ID   string `arg:"" help:"Disposal ID."`
	JSON bool   `name:"json" help:"One JSON object."`
}

// Run implements the command.
func (c *disposalShowCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		d, err := a.disposalOf(ctx, c.ID)
		if err != nil {
			return err
		}
		items, err := a.catalog.DisposalItems(ctx, d.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(out.out).Encode(struct {
				sohoa.Disposal
				Items []sohoa.DisposalItem `json:"items"`
			}{d, items})
		}
		fmt.Fprintf(out.out, "%s  %s  %s\n", d.ID, d.State, d.Title)
		if d.Problem != nil {
			fmt.Fprintf(out.out, "  %s\n", d.Problem.Text(set.Lang))
		}
		for _, i := range items {
			why := ""
			if i.Problem != nil {
				why = i.Problem.Text(set.Lang)
			}
			fmt.Fprintf(out.out, "  %s  %-10s  %s  %s  %s\n", i.Document, i.State, i.Due, i.Dossier, why)
		}
		return nil
	})
}

type disposalCertifyCmd struct {
	ID   string `arg:"" help:"Disposal ID."`
	JSON bool   `name:"json" help:"As JSON."`
}

// Run implements the command.
func (c *disposalCertifyCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		d, err := a.disposalOf(ctx, c.ID)
		if err != nil {
			return err
		}
		certificate, err := a.service.Certificate(ctx, d.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(out.out).Encode(certificate)
		}
		_, err = io.WriteString(out.out, certificate.Text())
		return err
	})
}

type disposalOverdueCmd struct {
	Days int `default:"60" help:"Days from the end of work (TT 05/2025/TT-BNV: 60; Luật Lưu trữ: a year)."`
}

// Run implements the command.
func (c *disposalOverdueCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		day := sohoa.DateOf(time.Now().AddDate(0, 0, -c.Days))
		found, err := a.catalog.EndedDossiers(ctx, sohoa.Everything, day, sohoa.MaxDisposalItems)
		for _, d := range found {
			fmt.Fprintf(out.out, "%s  %s\n", d.Code, d.Ended)
		}
		return err
	})
}
