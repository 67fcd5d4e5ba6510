package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/evidence"
)

// signCmd signs one PDF.
type signCmd struct {
	In       string `arg:"" help:"PDF to sign."`
	Out      string `short:"o" required:"" placeholder:"FILE" help:"Write the signed PDF here."`
	Key      string `required:"" placeholder:"FILE.p12|pkcs11:...|csc:..." help:"PKCS#12 file, address of a key in a PKCS#11 token (RFC 7512), or at a remote service (csc:https://HOST/csc/v2?credential=ID)."`
	Password string `env:"SOHOA_KEY_PASSWORD" secret:"" help:"Password or PIN of the key; better in the environment than in a flag."`
	Cert     string `placeholder:"FILE" help:"Certificate to use with the key in place of the one beside it, then those above it."`
	Level    string `default:"B-B" help:"B-B; B-T with --tsa; B-LT or B-LTA with --tsa and --trust, whose roots the evidence must lead to."`
	Field    string `help:"Empty signature field to fill, or name of a new one."`
	Reason   string `help:"Reason to state."`
	Location string `help:"Place to state."`

	markFlags
	remoteLogin `embed:""`
}

// Run implements the command.
func (c *signCmd) Run(ctx context.Context, set *settings, out *streams) error {
	level, err := signing.ParseLevel(c.Level)
	if err != nil {
		return err
	}
	key, closeKey, err := c.openSignatory(ctx, set, out)
	if err != nil {
		return err
	}
	defer closeKey()
	tsa, err := newTSA(set, set.TSA)
	if err != nil {
		return err
	}
	if tsa == nil && level != signing.LevelB {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.needs-tsa", Args: []string{string(level)}}
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
	req, err := c.request(set, key, level, tsa)
	if err != nil {
		return err
	}
	job := signJob{key, req, stamperOf(tsa), func(p *sohoa.Problem) {
		fmt.Fprintln(out.err, "sohoa:", p.Text(set.Lang))
	}}
	var result signing.Result
	err = writeOut(c.Out, out.out, func(w io.Writer) error {
		made, err := job.sign(ctx, in, info.Size())
		if err != nil {
			return err
		}
		result = made.Result
		return made.Write(ctx, w, in)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out.out, "%s  %s  %s\n", c.Out, result.Level, result.Field)
	if result.TimestampProblem != nil {
		// The file is good, but it is not what was asked for.
		return result.TimestampProblem
	}
	if result.EvidenceProblem != nil {
		return result.EvidenceProblem
	}
	return nil
}

// signJob is what it takes to make one signature.
type signJob struct {
	key     signing.Signatory
	req     signing.Request
	stamper signing.Stamper
	tell    func(*sohoa.Problem) // what the person has to know meanwhile
}

// sign makes the signature, with all that its level asks for.
func (j signJob) sign(ctx context.Context, in io.ReaderAt, size int64) (*signing.Completed, error) {
	p, err := signing.Prepare(ctx, in, size, j.key.Certificates(), j.req)
	if err != nil {
		return nil, err
	}
	v, err := j.value(ctx, p)
	if err != nil {
		return nil, err
	}
	made, err := signing.Complete(ctx, p, v, j.stamper)
	if err != nil {
		return nil, err
	}
	return made, made.Extend(ctx, in, j.stamper, j.req.Evidence)
}

// stamperOf keeps a nil client from becoming an interface that is not nil.
func stamperOf(tsa *signing.TSA) signing.Stamper {
	if tsa == nil {
		return nil
	}
	return tsa
}

func (c *signCmd) request(set *settings, key signing.Signatory, level signing.Level, tsa *signing.TSA) (signing.Request, error) {
	now := time.Now()
	req := signing.Request{Level: level, Field: c.Field, Reason: c.Reason, Location: c.Location, Time: now,
		Name: key.Certificates()[0].Subject.CommonName}
	if tsa != nil {
		req.Evidence = &evidence.Collector{Roots: tsa.Roots, Hosts: set.EvidenceHosts}
	}
	var err error
	req.Mark, err = c.markFlags.mark(now)
	return req, err
}
