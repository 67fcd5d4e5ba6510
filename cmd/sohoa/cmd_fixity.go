package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"sohoa"
	"sohoa/archive/ocfl"
)

// fixityCmd re-hashes what is stored.
type fixityCmd struct {
	IDs  []string `arg:"" optional:"" name:"id" help:"Document IDs; without any, everything that is kept."`
	JSON bool     `name:"json" help:"One object a line as JSON."`
}

// fixityJSON is one line of `sohoa fixity --json`.
type fixityJSON struct {
	Object   ocfl.ID        `json:"object"`
	OK       bool           `json:"ok"`
	Findings []ocfl.Finding `json:"findings,omitempty"`
}

// Run implements the command. The exit status is 4 if anything is not as it
// was kept.
func (c *fixityCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	checked, bad := 0, 0
	check := func(id ocfl.ID) error {
		line := fixityJSON{Object: id}
		err := a.keeper.Fixity(ctx, id, func(f ocfl.Finding) { line.Findings = append(line.Findings, f) })
		if err != nil {
			return err
		}
		line.OK = len(line.Findings) == 0
		checked++
		if !line.OK {
			bad++
		}
		return c.print(out.out, set.Lang, line)
	}
	if err := c.each(ctx, a, check); err != nil {
		return err
	}
	fmt.Fprintf(out.err, "%d / %d\n", checked-bad, checked)
	if bad > 0 {
		return quietError(exitVerification)
	}
	return nil
}

// each calls check for every object asked for, or for all
func (c *fixityCmd) each(ctx context.Context, a *app, check func(ocfl.ID) error) error {
	for _, id := range c.IDs {
		doc, err := a.document(ctx, id)
		if err != nil {
			return err
		}
		if err := check(ocfl.DocumentID(doc.ID)); err != nil {
			return err
		}
	}
	if len(c.IDs) > 0 {
		return nil
	}
	for id, err := range a.keeper.Objects(ctx) {
		if err != nil {
			return err
		}
		if err := check(id); err != nil {
			return err
		}
	}
	return nil
}

func (c *fixityCmd) print(w io.Writer, lang sohoa.Lang, line fixityJSON) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(line)
	}
	if line.OK {
		_, err := fmt.Fprintf(w, "ok       %s\n", line.Object)
		return err
	}
	for _, f := range line.Findings {
		text := f.Detail
		if p := f.Problem(); p != nil {
			text = p.Text(lang)
		}
		if _, err := fmt.Fprintf(w, "%-8s %s  %s\n", f.Kind, line.Object, text); err != nil {
			return err
		}
	}
	return nil
}
