package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"reflect"

	"github.com/alecthomas/kong"

	"sohoa"
)

// version is what --version prints.
const version = "0.1.0"

// The exit statuses.
const (
	exitDone = iota
	exitFailed
	exitUsage
	exitNotFound
	exitVerification
)

// cli is the command line.
type cli struct {
	settings `embed:""`

	Version versionFlag `help:"Print the version and exit."`

	Serve   serveCmd   `cmd:"" help:"Serve the web pages and work on documents."`
	Worker  workerCmd  `cmd:"" help:"Work on documents without serving pages, beside others that share the database."`
	Add     addCmd     `cmd:"" help:"Digitise files or folders; returns when each is kept."`
	Search  searchCmd  `cmd:"" help:"Find documents by their text."`
	Show    showCmd    `cmd:"" help:"Show a document: pages, state, history."`
	Get     getCmd     `cmd:"" help:"Get a rendition of a document."`
	Retry   retryCmd   `cmd:"" help:"Take a parked document up again."`
	Arrange arrangeCmd `cmd:"" help:"Show or set the pages of a document that is not signed yet."`
	Split   splitCmd   `cmd:"" help:"Make two documents of one that is not signed yet."`
	Hold    holdCmd    `cmd:"" help:"Keep a document from being signed until its release."`
	Release releaseCmd `cmd:"" help:"Let a held document be signed and kept."`
	Revoke  revokeCmd  `cmd:"" help:"Take a result out of force by a decision, or take that back."`
	Replace replaceCmd `cmd:"" help:"Say which document took the place of a result."`
	Confirm confirmCmd `cmd:"" help:"Confirm the fields of a document, compared with the paper."`
	Life    lifeCmd    `cmd:"" help:"Show or set validity, kind, retention and holds of a document."`
	End     endCmd     `cmd:"" help:"Enter the last day of work on a dossier, from which retention counts."`

	Agencies  agencyCmd    `cmd:"" name:"agency" help:"Agencies whose dossiers are kept."`
	Procedure procedureCmd `cmd:"" help:"Procedures and the papers that they ask for."`
	Papers    papersCmd    `cmd:"" help:"What a dossier's procedure asks for, and what there is."`
	Held      heldCmd      `cmd:"" help:"What is held of a dossier's owner for a paper that is asked for."`
	Reuse     reuseCmd     `cmd:"" help:"Use held results instead of papers, decline or end that, count it."`
	Compare   compareCmd   `cmd:"" help:"Note that a digitised paper was compared with the original."`

	Schedule     scheduleCmd `cmd:"" help:"The retention schedule: print it, or put another into force."`
	Sample       sampleCmd   `cmd:"" help:"Random samples of what was kept, for the inspection of its quality."`
	Disposal     disposalCmd `cmd:"" help:"What is due for disposal, disposals, and certificates of destruction."`
	Ocr          ocrCmd      `cmd:"" help:"Recognise files without keeping them."`
	Sign         signCmd     `cmd:"" help:"Sign a PDF (PAdES)."`
	Renew        renewCmd    `cmd:"" help:"Renew the proof of a signed PDF: evidence and a new document timestamp (B-LTA)."`
	Verify       verifyCmd   `cmd:"" help:"Check the signatures of PDFs or kept documents."`
	Testca       testcaCmd   `cmd:"" help:"A certificate authority for tests and demonstrations, with timestamps, OCSP and revocation lists."`
	Fixity       fixityCmd   `cmd:"" help:"Re-hash what is stored."`
	Reindex      reindexCmd  `cmd:"" help:"Rebuild the search index from the journal."`
	Index        indexCmd    `cmd:"" help:"Look after the search index."`
	Recover      recoverCmd  `cmd:"" help:"Rebuild the catalogue from the storage root."`
	Journal      journalCmd  `cmd:"" help:"Verify the journal, prove its entries, find in it."`
	User         userCmd     `cmd:"" help:"Add a user, or renew their set-up link."`
	Config       configCmd   `cmd:"" help:"List every setting."`
	Bench        benchCmd    `cmd:"" help:"Measure pages per CPU-minute end to end."`
	Copy         copyCmd     `cmd:"" help:"Bring what is kept into the second copy."`
	Backup       backupCmd   `cmd:"" help:"Back the archive up, and look after back-ups."`
	Restore      restoreCmd  `cmd:"" help:"Restore the archive from a back-up, or try that out."`
	MigrateStore migrateCmd  `cmd:"" help:"Move the object store to another place while it is used."`
	Key          keyCmd      `cmd:"" help:"Make a key to encrypt stored content with."`
	Webhook      webhookCmd  `cmd:"" help:"Addresses that are told what happens to results."`
	ApiKey       apiKeyCmd   `cmd:"" help:"Keys of programs that use the API."`
	Export       exportCmd   `cmd:"" help:"Write a document, a dossier or a year as E-ARK packages (SIP, AIP, DIP)."`
	Import       importCmd   `cmd:"" help:"Take in an E-ARK package (SIP, AIP) after checking all of it."`
	Give         giveCmd     `cmd:"" help:"Give a copy of a document to somebody: reading, plain, certified, DIP."`
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// versionFlag prints the version.
type versionFlag bool

// BeforeReset implements kong's hook: it runs before anything else.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	fmt.Fprintln(app.Stdout, "sohoa", version)
	app.Exit(exitDone)
	return nil
}

// exited carries an exit status out of kong, which has printed all there is.
type exited int

// run is the program: it parses args, runs the command and returns the exit
// status.
func run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) (status int) {
	defer func() {
		if e, ok := recover().(exited); ok {
			status = int(e)
		}
	}()
	var c cli
	parser, err := kong.New(&c,
		kong.Name("sohoa"),
		kong.Description("Số hoá: digitise, sign, archive and find the papers of a one-stop office."),
		kong.Writers(out, errw),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.UsageOnError(),
		kong.Vars{"version": version},
		kong.Resolvers(fileResolver(args)),
		kong.KindMapper(reflect.String, kong.MapperFunc(verbatim)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(errw, "sohoa:", err)
		return exitFailed
	}
	k, err := parser.Parse(args)
	if err != nil {
		report(err, sohoa.Lang(earlyFlag(args, "lang", "SOHOA_LANG", string(sohoa.Vietnamese))), errw)
		return exitUsage
	}
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		fmt.Fprintln(errw, "sohoa:", err)
		return exitFailed
	}
	log := slog.New(slog.NewTextHandler(errw, &slog.HandlerOptions{Level: c.LogLevel}))
	c.describe(parser, k)
	k.BindTo(ctx, (*context.Context)(nil))
	err = k.Run(&c.settings, &streams{in, out, errw}, log, parser)
	return report(err, c.Lang, errw)
}

// verbatim takes a string as it stands. kong would replace what is not UTF-8
// in it, and the file of that name would not be found.
func verbatim(ctx *kong.DecodeContext, target reflect.Value) error {
	t, err := ctx.Scan.PopValue("string")
	if err == nil {
		target.SetString(fmt.Sprint(t.Value))
	}
	return err
}

// report says to a person what went wrong and turns it into an exit status.
func report(err error, lang sohoa.Lang, w io.Writer) int {
	if err == nil {
		return exitDone
	}
	var quiet quietError
	var problem *sohoa.Problem
	switch {
	case errors.As(err, &quiet):
		return int(quiet)
	case errors.As(err, &problem):
		fmt.Fprintln(w, "sohoa:", graphic(problem.Text(lang)))
		if problem.Detail != "" {
			fmt.Fprintln(w, "  ", problem.Detail)
		}
	default:
		fmt.Fprintln(w, "sohoa:", err)
	}
	return exitStatus(err)
}

// exitStatus is the one table from error kinds to exit statuses.
func exitStatus(err error) int {
	switch {
	case errors.Is(err, sohoa.ErrNotExist):
		return exitNotFound
	case errors.Is(err, sohoa.ErrVerification):
		return exitVerification
	}
	return exitFailed
}

// quietError is an exit status for which the command has said everything.
type quietError int

func (e quietError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }
