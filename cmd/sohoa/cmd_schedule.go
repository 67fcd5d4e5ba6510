package main

import (
	"context"
	"io"
	"log/slog"

	"sohoa"
)

// scheduleCmd is the retention schedule.
type scheduleCmd struct {
	Export scheduleExportCmd `cmd:"" default:"withargs" help:"Print the schedule."`
	Import scheduleImportCmd `cmd:"" help:"Put the schedule of a file into force."`
}

type scheduleExportCmd struct {
	Format string `default:"csv" enum:"csv,toml,json" help:"csv, toml or json."`
}

// scheduleFile is a schedule in TOML.
type scheduleFile struct {
	Rule []sohoa.Rule `toml:"rule"`
}

var schedules = table[sohoa.Schedule, scheduleFile]{
	readCSV:  sohoa.ReadScheduleCSV,
	writeCSV: func(w io.Writer, s sohoa.Schedule) error { return s.WriteCSV(w) },
	fromTOML: func(f scheduleFile) sohoa.Schedule { return sohoa.Schedule{Rules: f.Rule} },
	toTOML:   func(s sohoa.Schedule) scheduleFile { return scheduleFile{s.Rules} },
	broken:   "schedule.table",
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
	File string `arg:"" help:"CSV with the columns type,name,code,years,basis, or TOML with [[rule]]; - is CSV from standard input."`
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
