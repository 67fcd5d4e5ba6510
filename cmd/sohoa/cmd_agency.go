package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"sohoa"
	"sohoa/archive"
)

// agencyCmd is the list of agencies whose dossiers are kept here. Users, keys
// and dossiers can be of a listed one only.
type agencyCmd struct {
	List agencyListCmd `cmd:"" default:"withargs" help:"List agencies."`
	Add  agencyAddCmd  `cmd:"" help:"Enter an agency, or change the name of one that is there."`
}

type agencyListCmd struct {
	JSON bool `name:"json" help:"One agency a line as JSON."`
}

// Run implements the command.
func (c *agencyListCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		all, err := a.catalog.Agencies(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printLines(out.out, all)
		}
		for _, g := range all {
			fmt.Fprintf(out.out, "%-14s %s\n", g.Code, g.Name)
		}
		return nil
	})
}

type agencyAddCmd struct {
	Code string `arg:"" help:"Code of the agency (mã định danh), such as H49.64.33."`
	Name string `arg:"" help:"Its name, as it stands on papers."`
}

// Run implements the command.
func (c *agencyAddCmd) Run(ctx context.Context, set *settings, _ *streams, log *slog.Logger) error {
	g := sohoa.Agency{Code: c.Code, Name: strings.TrimSpace(c.Name)}
	if err := g.Check(); err != nil {
		return err
	}
	return withArchive(ctx, set, log, func(a *app) error { return a.enterAgencies(ctx, g) })
}

// enterAgencies enters agencies.
func (a *app) enterAgencies(ctx context.Context, all ...sohoa.Agency) error {
	return a.catalog.Update(ctx, func(tx archive.Tx) error {
		for _, g := range all {
			about, err := json.Marshal(map[string]string{"agency": g.Code, "name": g.Name})
			if err != nil {
				return err
			}
			if err := tx.PutAgency(g); err != nil {
				return err
			}
			if _, err := tx.Append(sohoa.Entry{Actor: actor(), Action: sohoa.ActionAgency, Detail: string(about)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// knowAgencies enters those agencies that are not there yet by their code
// alone, so that who belongs to one can make dossiers of it.
func (a *app) knowAgencies(ctx context.Context, codes ...string) error {
	known, err := a.catalog.Agencies(ctx)
	if err != nil {
		return err
	}
	var missing []sohoa.Agency
	for _, code := range codes {
		if code != "" && !slices.ContainsFunc(known, func(g sohoa.Agency) bool { return g.Code == code }) {
			missing = append(missing, sohoa.Agency{Code: code, Name: code})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return a.enterAgencies(ctx, missing...)
}
