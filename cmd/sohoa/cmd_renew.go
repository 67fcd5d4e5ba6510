package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/evidence"
)

// renewCmd renews the proof of one signed PDF, or raises it to B-LTA.
type renewCmd struct {
	In  string `arg:"" help:"Signed PDF."`
	Out string `short:"o" required:"" placeholder:"FILE" help:"Write the renewed PDF here."`
}

// Run implements the command.
func (c *renewCmd) Run(ctx context.Context, set *settings, out *streams) error {
	tsa, err := newTSA(set, set.TSA)
	if err != nil {
		return err
	}
	if tsa == nil {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.needs-tsa", Args: []string{string(signing.LevelLTA)}}
	}
	in, err := os.Open(c.In)
	if err != nil {
		return openFailed(c.In, err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	var result signing.Result
	err = writeOut(c.Out, out.out, func(w io.Writer) error {
		source := &evidence.Collector{Roots: tsa.Roots, Hosts: set.EvidenceHosts}
		result, err = signing.Renew(ctx, in, info.Size(), w, tsa, source)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out.out, "%s  %s  %s\n", c.Out, result.Level, result.Field)
	return nil
}
