package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"

	"sohoa"
	"sohoa/signing/validation"
)

// verifyCmd checks the signatures of PDFs, or of kept documents.
type verifyCmd struct {
	What []string `arg:"" name:"file-or-id" help:"PDF files, or document IDs."`
	JSON bool     `name:"json" help:"One report a line as JSON."`
}

// Run implements the command. The exit status is 4 unless every file has a
// signature and every signature passes.
func (c *verifyCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	roots, err := set.roots(set.Trust)
	if err != nil {
		return err
	}
	v := verifying{set: set, log: log, opts: validation.Options{Roots: roots}}
	defer v.close()
	passed := true
	for _, what := range c.What {
		report, err := v.verify(ctx, what)
		if err != nil {
			return fmt.Errorf("verify %s: %w", what, err)
		}
		passed = passed && report.Conclusion == validation.TotalPassed
		if err := c.print(out.out, set.Lang, what, report); err != nil {
			return err
		}
	}
	if !passed {
		return quietError(exitVerification)
	}
	return nil
}

// verifyJSON is one line of `sohoa verify --json`.
type verifyJSON struct {
	Name string `json:"name"`
	*validation.Report
}

func (c *verifyCmd) print(w io.Writer, lang sohoa.Lang, name string, report *validation.Report) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(verifyJSON{name, report})
	}
	if _, err := fmt.Fprintf(w, "%s\n", name); err != nil {
		return err
	}
	return report.WriteText(w, lang)
}

// verifying opens the archive only when a document ID asks for it.
type verifying struct {
	set  *settings
	log  *slog.Logger
	opts validation.Options
	app  *app
}

func (v *verifying) close() {
	if v.app != nil {
		v.app.Close()
	}
}

// verify checks one file or document.
func (v *verifying) verify(ctx context.Context, what string) (*validation.Report, error) {
	f, err := os.Open(what)
	if err == nil {
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		return validation.Validate(ctx, f, info.Size(), v.opts)
	}
	if _, parseErr := sohoa.ParseDocumentID(what); parseErr != nil {
		return nil, openFailed(what, err)
	}
	if v.app == nil {
		if v.app, err = openApp(ctx, v.set, v.log); err != nil {
			return nil, err
		}
	}
	doc, err := v.app.document(ctx, what)
	if err != nil {
		return nil, err
	}
	b, _, err := v.app.service.Open(ctx, doc.ID, sohoa.RoleSigned, 0)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return validation.Validate(ctx, b, b.Size(), v.opts)
}
