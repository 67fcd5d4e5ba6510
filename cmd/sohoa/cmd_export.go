package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"sohoa"
	"sohoa/archive/eark"
	"sohoa/ingest"
)

// exportCmd writes information packages.
type exportCmd struct {
	Document string `xor:"what" placeholder:"ID" help:"Export this document."`
	Dossier  string `xor:"what" placeholder:"CODE" help:"Export this dossier."`
	Year     int    `xor:"what" placeholder:"YYYY" help:"Export the dossiers of a year: a package each, and the transfer list."`
	Office   string `placeholder:"CODE" help:"With --year: of this office alone."`
	As       string `default:"sip" enum:"sip,aip,dip,ocfl" help:"sip, aip or dip; of a document also ocfl, its bare object."`
	Purpose  string `required:"" help:"Why; it is kept in the journal."`
	Out      string `short:"o" required:"" placeholder:"FILE" help:"A new .zip or .tar file, or a folder that exists."`
	JSON     bool   `name:"json" help:"One package a line as JSON."`
}

// Run implements the command.
func (c *exportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	want := ingest.ExportRequest{Actor: actor(), Purpose: c.Purpose, Scope: sohoa.Everything, Kind: eark.Kind(strings.ToUpper(c.As)),
		Dossier: c.Dossier, Year: c.Year, Agency: c.Office, Version: version}
	if c.As == "ocfl" {
		want.Kind, want.OCFL = eark.AIP, true
	}
	if c.Document != "" {
		doc, err := a.document(ctx, c.Document)
		if err != nil {
			return err
		}
		want.Document = doc.ID
	}
	plan, err := a.service.Export(ctx, want)
	if err != nil {
		return err
	}
	var done []ingest.Exported
	err = packed(c.Out, func(sink eark.Sink) (err error) {
		done, err = plan.Write(ctx, sink)
		return err
	})
	if err != nil {
		return err
	}
	return c.print(out.out, done)
}

// packed calls write with a sink for path: a folder that is there, or a new
// ZIP or TAR file, which appears only when it is complete.
func packed(path string, write func(eark.Sink) error) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return write(eark.Folder(path))
	}
	return writeOut(path, nil, func(w io.Writer) error {
		if filepath.Ext(path) == ".tar" {
			return write(eark.TAR(w))
		}
		return write(eark.ZIP(w))
	})
}

func (c *exportCmd) print(w io.Writer, done []ingest.Exported) error {
	for _, e := range done {
		var err error
		switch {
		case c.JSON:
			err = json.NewEncoder(w).Encode(e)
		case e.Left != "":
			_, err = fmt.Fprintf(w, "-  %s  %s\n", e.Dossier, e.Left)
		default:
			_, err = fmt.Fprintf(w, "%s  %s  %d  %s\n", e.Package, e.Dossier, e.Documents, e.METS)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
