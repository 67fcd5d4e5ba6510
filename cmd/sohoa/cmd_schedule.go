package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/BurntSushi/toml"

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

// Run implements the command.
func (c *scheduleExportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		s, err := a.catalog.Schedule(ctx)
		if err != nil {
			return err
		}
		switch c.Format {
		case "toml":
			return toml.NewEncoder(out.out).Encode(scheduleFile{s.Rules})
		case "json":
			return json.NewEncoder(out.out).Encode(s)
		}
		return s.WriteCSV(out.out)
	})
}

type scheduleImportCmd struct {
	File string `arg:"" help:"CSV with the columns type,name,code,years,basis, or TOML with [[rule]]; - is CSV from standard input."`
}

// Run implements the command. Every kept document has been compared with the
// schedule when it returns.
func (c *scheduleImportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	want, err := c.read(out.in)
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

func (c *scheduleImportCmd) read(in io.Reader) (sohoa.Schedule, error) {
	if c.File == "-" {
		return sohoa.ReadScheduleCSV(in)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return sohoa.Schedule{}, openFailed(c.File, err)
	}
	defer f.Close()
	if !strings.HasSuffix(c.File, ".toml") {
		return sohoa.ReadScheduleCSV(f)
	}
	var rules scheduleFile
	if _, err := toml.NewDecoder(f).Decode(&rules); err != nil {
		return sohoa.Schedule{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "schedule.table", Detail: err.Error()}
	}
	return sohoa.Schedule{Rules: rules.Rule}, nil
}
