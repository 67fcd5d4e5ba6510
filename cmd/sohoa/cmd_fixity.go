package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/fixity"
	"sohoa/archive/ocfl"
)

// fixityCmd re-hashes what is stored.
type fixityCmd struct {
	IDs    []string `arg:"" optional:"" name:"id" help:"Document IDs; without any, everything that is kept."`
	Copy   string   `default:"both" enum:"first,second,both" help:"Which copy: first, second or both."`
	Repair bool     `help:"Repair what is found, from the other copy or from what the object says of itself."`
	JSON   bool     `name:"json" help:"One object a line as JSON."`
}

// fixityJSON is one line of `sohoa fixity --json`.
type fixityJSON struct {
	Object   ocfl.ID          `json:"object"`
	Copy     archive.CopyName `json:"copy"`
	OK       bool             `json:"ok"`
	Findings []ocfl.Finding   `json:"findings,omitempty"`
	Repaired []ocfl.Repaired  `json:"repaired,omitempty"`
}

// Run implements the command. The exit status is 4 if anything is not as it
// was kept and was not repaired.
func (c *fixityCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openStored(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	r := fixityRun{fixityCmd: c, app: a, out: out.out, auditor: a.service.Auditor()}
	r.auditor.Rate = 0
	for _, name := range r.auditor.Copies() {
		if c.Copy == string(name) || c.Copy == "both" {
			if err := r.copy(ctx, name); err != nil {
				return err
			}
		}
	}
	if c.Copy == string(archive.SecondCopy) && a.service.Second == nil {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "copy.none"}
	}
	fmt.Fprintf(out.err, "%d / %d\n", r.checked-r.bad, r.checked)
	if r.bad > 0 {
		return quietError(exitVerification)
	}
	return nil
}

// fixityRun is one run of the command.
type fixityRun struct {
	*fixityCmd
	app          *app
	out          io.Writer
	auditor      *fixity.Auditor
	checked, bad int
}

// copy looks at one copy.
func (r *fixityRun) copy(ctx context.Context, name archive.CopyName) error {
	if err := r.auditor.Check(ctx, name); err != nil {
		return err
	}
	e := r.auditor.Examiner(ctx, name)
	e.Repair = r.Repair
	each := func(result fixity.Result) error { return r.take(ctx, name, result) }
	if len(r.IDs) == 0 {
		return e.Run(ctx, "", each)
	}
	for _, id := range r.IDs {
		doc, err := r.app.document(ctx, id)
		if err != nil {
			return err
		}
		result, err := e.Object(ctx, ocfl.DocumentID(doc.ID))
		if errors.Is(err, sohoa.ErrNotExist) && name == archive.SecondCopy {
			continue // it is not copied yet
		}
		if err != nil {
			return err
		}
		if err := each(result); err != nil {
			return err
		}
	}
	return nil
}

// take prints a result, and enters what was repaired.
func (r *fixityRun) take(ctx context.Context, name archive.CopyName, result fixity.Result) error {
	if result.ID == "" && len(result.Findings) == 0 || result.Busy {
		return nil
	}
	line := fixityJSON{Object: result.ID, Copy: name, Findings: result.Findings, Repaired: result.Repaired}
	line.OK = len(line.Findings) == len(line.Repaired)
	r.checked++
	if !line.OK {
		r.bad++
	}
	if len(result.Findings) > 0 {
		if err := r.auditor.Enter(ctx, name, "", result); err != nil {
			return err
		}
	}
	return r.print(line)
}

func (r *fixityRun) print(line fixityJSON) error {
	if r.JSON {
		return json.NewEncoder(r.out).Encode(line)
	}
	copy := ""
	if line.Copy == archive.SecondCopy {
		copy = "  (second)"
	}
	if len(line.Findings) == 0 {
		_, err := fmt.Fprintf(r.out, "ok       %s%s\n", line.Object, copy)
		return err
	}
	repaired := map[string]ocfl.Source{}
	for _, f := range line.Repaired {
		repaired[f.Key] = f.From
	}
	for _, f := range line.Findings {
		text, kind := f.Detail, string(f.Kind)
		if p := f.Problem(); p != nil {
			text = p.Text(r.app.set.Lang)
		}
		if from := repaired[f.Key]; from != "" {
			kind, text = "repaired", fmt.Sprintf("%s: %s (%s)", f.Kind, f.Key, from)
		}
		if _, err := fmt.Fprintf(r.out, "%-8s %s%s  %s\n", kind, line.Object, copy, text); err != nil {
			return err
		}
	}
	return nil
}
