package main

import (
	"context"
	"log/slog"

	"sohoa"
	sheet "sohoa/web/table"
)

// scheduleCmd is the retention schedule.
type scheduleCmd struct {
	Export scheduleExportCmd `cmd:"" default:"withargs" help:"Print the schedule."`
	Import scheduleImportCmd `cmd:"" help:"Put the schedule of a file into force."`
}

type scheduleExportCmd struct {
	Format string `default:"csv" enum:"csv,xlsx,toml,json" help:"csv, xlsx, toml or json."`
}

// scheduleFile is a schedule in TOML.
type scheduleFile struct {
	Rule []sohoa.Rule `toml:"rule"`
}

var schedules = table[sohoa.Schedule, scheduleFile]{
	columns: sheet.Schedule,
	of: func(rows []sohoa.TableRow) (sohoa.Schedule, []sohoa.RowProblem) {
		rules, wrong := sohoa.RulesOf(rows)
		return sohoa.Schedule{Rules: rules}, wrong
	},
	rows:     sohoa.Schedule.Rows,
	fromTOML: func(f scheduleFile) sohoa.Schedule { return sohoa.Schedule{Rules: f.Rule} },
	toTOML:   func(s sohoa.Schedule) scheduleFile { return scheduleFile{s.Rules} },
}

// Run implements the command.
func (c *scheduleExportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		s, err := a.catalog.Schedule(ctx)
		if err != nil {
			return err
		}
		return schedules.write(out.out, c.Format, s)
	})
}

type scheduleImportCmd struct {
	File string `arg:"" help:"CSV or XLSX with the columns type,name,code,years,basis, or TOML with [[rule]]; - is CSV or XLSX from standard input."`
}

// Run implements the command. Every kept document has been compared with the
// schedule when it returns.
func (c *scheduleImportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	want, err := schedules.read(c.File, out.in)
	if err != nil {
		return err
	}
	return withArchive(ctx, set, log, func(a *app) error {
		now, err := a.catalog.Schedule(ctx)
		if err != nil {
			return err
		}
		want.Version = now.Version
		if _, err := a.service.SetSchedule(ctx, actor(), want); err != nil {
			return err
		}
		return a.service.FollowSchedule(ctx)
	})
}
