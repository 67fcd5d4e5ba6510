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
	"sohoa/archive/eark"
	"sohoa/ingest"
)

// importCmd takes an information package in. What it takes is worked on by
// the service, or by the next command that does.
type importCmd struct {
	Path    string `arg:"" help:"A SIP or AIP: a ZIP file or a folder."`
	Dossier string `placeholder:"CODE" help:"Put the documents into this dossier. Default: the one that the package names."`
	Purpose string `help:"Why; it is kept in the journal."`
	JSON    bool   `name:"json" help:"One JSON object."`
}

// Run implements the command.
func (c *importCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	src, done, err := openPackage(c.Path)
	if err != nil {
		return err
	}
	defer done()
	got, err := a.service.Import(ctx, src, ingest.ImportRequest{Actor: actor(), Purpose: c.Purpose, Scope: sohoa.Everything,
		Dossier: c.Dossier, Agency: set.Agency, Version: version})
	var faults eark.Faults
	if errors.As(err, &faults) {
		for _, f := range faults {
			fmt.Fprintln(out.err, f.Text(set.Lang))
		}
		return quietError(exitVerification)
	}
	if err != nil {
		return err
	}
	return c.print(out.out, got)
}

func (c *importCmd) print(w io.Writer, got ingest.Imported) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(got)
	}
	for _, d := range got.Documents {
		mark := "+"
		if d.Existing {
			mark = "="
		}
		if _, err := fmt.Fprintf(w, "%s  %s  %s  %s\n", mark, d.ID, d.Dossier, d.Name); err != nil {
			return err
		}
	}
	return nil
}

// openPackage opens a package that somebody brings.
func openPackage(path string) (src *eark.Source, done func() error, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, openFailed(path, err)
	}
	if info.IsDir() {
		root, err := os.OpenRoot(path)
		if err != nil {
			return nil, nil, openFailed(path, err)
		}
		src, err = eark.OpenFolder(root.FS())
		return src, root.Close, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, openFailed(path, err)
	}
	src, err = eark.OpenZIP(f, info.Size())
	return src, f.Close, err
}
