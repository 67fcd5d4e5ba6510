package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/BurntSushi/toml"

	"sohoa"
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
	File string `arg:"" help:"CSV with the columns procedure,name,result,requirement,paper,types,scope,days,optional, or TOML with [[procedure]]; - is CSV from standard input."`
}

// Run implements the command.
func (c *procedureImportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	all, err := c.read(out.in)
	if err != nil {
		return err
	}
	return withArchive(ctx, set, log, func(a *app) error {
		if err := a.service.SetProcedures(ctx, actor(), all); err != nil {
			return err
		}
		fmt.Fprintln(out.err, set.in("Đã nhập %d thủ tục.", "%d procedures entered.", len(all)))
		return nil
	})
}

func (c *procedureImportCmd) read(in io.Reader) ([]sohoa.Procedure, error) {
	if c.File == "-" {
		return sohoa.ReadProceduresCSV(in)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, openFailed(c.File, err)
	}
	defer f.Close()
	if !strings.HasSuffix(c.File, ".toml") {
		return sohoa.ReadProceduresCSV(f)
	}
	var file procedureFile
	if _, err := toml.NewDecoder(f).Decode(&file); err != nil {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "procedure.table", Detail: err.Error()}
	}
	return file.Procedure, nil
}

type procedureExportCmd struct {
	Format string `default:"csv" enum:"csv,toml,json" help:"csv, toml or json."`
}

// Run implements the command.
func (c *procedureExportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		all, err := a.catalog.Procedures(ctx)
		if err != nil {
			return err
		}
		switch c.Format {
		case "toml":
			return toml.NewEncoder(out.out).Encode(procedureFile{all})
		case "json":
			return json.NewEncoder(out.out).Encode(all)
		}
		return sohoa.WriteProceduresCSV(out.out, all)
	})
}
