package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"sohoa"
)

// agencyCmd is the list of agencies whose dossiers are kept here. Users, keys
// and dossiers can be of a listed one only.
type agencyCmd struct {
	List agencyListCmd `cmd:"" default:"withargs" help:"List agencies, each below the one above it."`
	Add  agencyAddCmd  `cmd:"" help:"Enter an agency, or change one that is there."`
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
		for _, g := range sohoa.AgencyTree(all) {
			fmt.Fprintf(out.out, "%-14s %s\n", strings.Repeat("  ", g.Depth)+g.Code, g.Name)
		}
		return nil
	})
}

type agencyAddCmd struct {
	Code  string  `arg:"" help:"Code of the agency (mã định danh), such as H49.64.33."`
	Name  string  `arg:"" help:"Its name, as it stands on papers."`
	Under *string `placeholder:"CODE" help:"Code of the agency above it; empty is none. Default is what it was."`
}

// Run implements the command.
func (c *agencyAddCmd) Run(ctx context.Context, set *settings, _ *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		g := sohoa.Agency{Code: c.Code, Name: strings.TrimSpace(c.Name)}
		all, err := a.catalog.Agencies(ctx)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(k sohoa.Agency) bool { return k.Code == g.Code }); i >= 0 {
			g.Parent = all[i].Parent
		}
		if c.Under != nil {
			g.Parent = *c.Under
		}
		return a.service.SetAgencies(ctx, actor(), []sohoa.Agency{g})
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
	return a.service.SetAgencies(ctx, actor(), missing)
}
