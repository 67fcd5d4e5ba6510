package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"sohoa"
	sheet "sohoa/web/table"
)

// procedureCmd is the list of procedures, with the papers that they ask for.
type procedureCmd struct {
	List   procedureListCmd   `cmd:"" default:"1" help:"List procedures."`
	Show   procedureShowCmd   `cmd:"" help:"Show what a procedure asks for."`
	Import procedureImportCmd `cmd:"" help:"Enter the procedures of a file; those with the same code are replaced."`
	Export procedureExportCmd `cmd:"" help:"Print all procedures."`
}

// procedureFile is procedures in TOML.
type procedureFile struct {
	Procedure []sohoa.Procedure `toml:"procedure"`
}

var procedures = table[[]sohoa.Procedure, procedureFile]{
	columns:  sheet.Procedures,
	of:       sohoa.ProceduresOf,
	rows:     sohoa.ProcedureRows,
	fromTOML: func(f procedureFile) []sohoa.Procedure { return f.Procedure },
	toTOML:   func(all []sohoa.Procedure) procedureFile { return procedureFile{all} },
}

type procedureListCmd struct {
	JSON bool `name:"json" help:"One procedure a line as JSON."`
}

// Run implements the command.
func (c *procedureListCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		all, err := a.catalog.Procedures(ctx)
		if err != nil {
			return err
		}
		for _, p := range all {
			if c.JSON {
				if err := json.NewEncoder(out.out).Encode(p); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(out.out, "%-14s %2d  %s\n", p.Code, len(p.Requirements), p.Name)
		}
		return nil
	})
}

type procedureShowCmd struct {
	Code string `arg:"" help:"Code of the procedure."`
	JSON bool   `name:"json" help:"As one JSON object."`
}

// Run implements the command.
func (c *procedureShowCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		p, err := a.catalog.Procedure(ctx, c.Code)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(out.out).Encode(p)
		}
		fmt.Fprintf(out.out, "%s  %s\n", p.Code, p.Name)
		if p.Result != "" {
			fmt.Fprintf(out.out, "  → %s\n", p.Result)
		}
		for _, r := range p.Requirements {
			printRequirement(out.out, set, r)
		}
		return nil
	})
}

// printRequirement writes one paper that a procedure asks for.
func printRequirement(w io.Writer, set *settings, r sohoa.Requirement) {
	fmt.Fprintf(w, "  %-10s %s\n", r.Code, r.Name)
	var bounds []string
	if len(r.Types) > 0 {
		bounds = append(bounds, strings.Join(r.Types, " | "))
	}
	if r.Scope != "" {
		bounds = append(bounds, r.Scope)
	}
	if r.MaxDays > 0 {
		bounds = append(bounds, set.in("trong %d ngày", "of the last %d days", r.MaxDays))
	}
	if r.Optional {
		bounds = append(bounds, set.in("nếu có", "where it applies"))
	}
	if len(bounds) > 0 {
		fmt.Fprintf(w, "             %s\n", strings.Join(bounds, "; "))
	}
}

type procedureImportCmd struct {
	File string `arg:"" help:"CSV or XLSX with the columns procedure,name,result,requirement,paper,types,scope,days,optional, or TOML with [[procedure]]; - is CSV or XLSX from standard input."`
}

// Run implements the command.
func (c *procedureImportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	all, err := procedures.read(c.File, out.in)
	if err != nil {
		return err
	}
	return withArchive(ctx, set, log, func(a *app) error {
		if err := a.service.SetProcedures(ctx, actor(), all); err != nil {
			return err
		}
		fmt.Fprintln(out.err, set.in("Đã nhập %d thủ tục.", "%d procedures entered.", len(all)))
		return a.warnOfKinds(ctx, out.err, all)
	})
}

// warnOfKinds says which kinds of results procedures name that the retention
// schedule does not have: nothing can be of them until it does.
func (a *app) warnOfKinds(ctx context.Context, w io.Writer, all []sohoa.Procedure) error {
	schedule, err := a.catalog.Schedule(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{"": true}
	for _, r := range schedule.Rules {
		known[r.Type] = true
	}
	var unknown []string
	for _, p := range all {
		kinds := []string{p.Result}
		for _, r := range p.Requirements {
			kinds = append(kinds, r.Types...)
		}
		for _, kind := range kinds {
			if !known[kind] {
				known[kind], unknown = true, append(unknown, kind)
			}
		}
	}
	if len(unknown) > 0 {
		fmt.Fprintln(w, a.set.in("Bảng thời hạn lưu trữ chưa có loại: %s. Hãy thêm bằng sohoa schedule import, nếu không sẽ không giấy tờ nào thuộc loại đó.",
			"The retention schedule lacks these kinds: %s. Add them with sohoa schedule import; until then nothing can be of them.", strings.Join(unknown, ", ")))
	}
	return nil
}

type procedureExportCmd struct {
	Format string `default:"csv" enum:"csv,xlsx,toml,json" help:"csv, xlsx, toml or json."`
}

// Run implements the command.
func (c *procedureExportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		all, err := a.catalog.Procedures(ctx)
		if err != nil {
			return err
		}
		return procedures.write(out.out, c.Format, all)
	})
}
