package main

import (
	"context"
	"encoding/json"
	"errors"
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

	Extract string `and:"extract" placeholder:"FIELD" help:"Write the revision that this signature covers, byte for byte, to --output."`
	Output  string `and:"extract" short:"o" placeholder:"FILE" help:"Where to write it."`
}

// Validate reports wrong use to kong.
func (c *verifyCmd) Validate() error {
	if c.Extract != "" && len(c.What) != 1 {
		return errors.New("--extract takes one file")
	}
	return nil
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
	if c.Extract != "" {
		return c.extract(ctx, &v, out)
	}
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

// extract writes the revision that a signature covers. That it was cut out says
// nothing about whether the signature is valid.
func (c *verifyCmd) extract(ctx context.Context, v *verifying, out *streams) error {
	return v.opened(ctx, c.What[0], func(r io.ReaderAt, size int64) error {
		report, err := validation.Validate(ctx, r, size, v.opts)
		if err != nil {
			return err
		}
		s := report.Signature(c.Extract)
		if s == nil {
			return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "verify.no-field", Args: []string{c.Extract}}
		}
		revision, err := s.Signed(r)
		if err != nil {
			return err
		}
		return writeOut(c.Output, out.out, func(w io.Writer) error {
			_, err := io.Copy(w, revision)
			return err
		})
	})
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
func (v *verifying) verify(ctx context.Context, what string) (report *validation.Report, err error) {
	err = v.opened(ctx, what, func(r io.ReaderAt, size int64) error {
		report, err = validation.Validate(ctx, r, size, v.opts)
		return err
	})
	return report, err
}

// opened opens one file or document for use.
func (v *verifying) opened(ctx context.Context, what string, use func(io.ReaderAt, int64) error) error {
	f, err := os.Open(what)
	if err == nil {
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return use(f, info.Size())
	}
	if _, parseErr := sohoa.ParseDocumentID(what); parseErr != nil {
		return openFailed(what, err)
	}
	if v.app == nil {
		if v.app, err = openApp(ctx, v.set, v.log); err != nil {
			return err
		}
	}
	doc, err := v.app.document(ctx, what)
	if err != nil {
		return err
	}
	b, _, err := v.app.service.Open(ctx, doc.ID, sohoa.RoleSigned, 0)
	if err != nil {
		return err
	}
	if err := v.app.noted(ctx, doc, sohoa.ActionView, map[string]any{"verified": sohoa.RoleSigned}, ""); err != nil {
		return errors.Join(err, b.Close())
	}
	defer b.Close()
	return use(b, b.Size())
}
