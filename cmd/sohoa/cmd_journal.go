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
	"sohoa/archive"
	"sohoa/archive/journal"
	"sohoa/ingest"
)

// journalCmd is about the journal as a whole.
type journalCmd struct {
	Verify      journalVerifyCmd      `cmd:"" default:"withargs" help:"Check that no entry was altered, removed or put in between."`
	Head        journalHeadCmd        `cmd:"" help:"Print the head of the journal's tree, to be kept elsewhere."`
	Prove       journalProveCmd       `cmd:"" help:"Prove that an entry is in the journal, or that a head only added to an older one."`
	VerifyProof journalVerifyProofCmd `cmd:"" help:"Check a proof; needs no archive."`
	Find        journalFindCmd        `cmd:"" help:"Find entries: who looked at this person's papers."`
}

// journalVerifyCmd verifies chain, tree and heads.
type journalVerifyCmd struct {
	Head []string `placeholder:"FILE" help:"A head that was kept elsewhere; the journal must go on from it."`
	JSON bool     `name:"json" help:"One JSON object."`
}

// Run implements the command. The exit status is 4 if anything was found.
func (c *journalVerifyCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	var heads []journal.Named
	for _, name := range c.Head {
		signed, err := readHead(name)
		if err != nil {
			return err
		}
		heads = append(heads, journal.Named{Name: filepath.Base(name), Signed: signed})
	}
	a, keeper, err := openJournal(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	check, err := keeper.Verify(ctx, actor(), heads...)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(out.out).Encode(check); err != nil {
			return err
		}
	} else {
		printCheck(out, set, check)
	}
	if !check.OK() {
		return quietError(exitVerification)
	}
	return nil
}

func printCheck(out *streams, set *settings, check archive.JournalCheck) {
	for _, f := range check.Findings {
		fmt.Fprintln(out.err, strings.Join(strings.Fields(fmt.Sprintf("%s %d %s %s", f.Code, f.Seq, f.Head, f.Detail)), " "))
	}
	fmt.Fprintf(out.out, "%d %s\n", check.Size, check.Hash)
	fmt.Fprintln(out.err, set.in("%d giá trị đầu, %d dấu thời gian, %d sai hỏng", "heads %d, timestamps %d, findings %d",
		check.Heads, check.Stamped, len(check.Findings)))
}

// openJournal opens the archive with what judges timestamps.
func openJournal(ctx context.Context, set *settings, log *slog.Logger) (*app, *journal.Keeper, error) {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return nil, nil, err
	}
	roots, err := set.roots(set.Trust)
	if err != nil {
		a.Close()
		return nil, nil, err
	}
	a.service.Signing = ingest.Signing{Roots: roots}
	return a, a.service.Journal(), nil
}

// readJournalFile reads a head or a proof.
func readJournalFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, openFailed(name, err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, sohoa.MaxJournalFile+1))
}

func readHead(name string) (journal.Signed, error) {
	b, err := readJournalFile(name)
	if err != nil {
		return journal.Signed{}, err
	}
	head, err := journal.ParseHead(b)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return head, err
}

// journalHeadCmd prints a head.
type journalHeadCmd struct {
	Size uint64 `xor:"which" help:"Over the first so many entries; default is all."`
	Day  string `xor:"which" placeholder:"2026-11-30" help:"The head kept at the end of a day, with its timestamp."`
	JSON bool   `name:"json" help:"One JSON object."`
	Out  string `short:"o" placeholder:"FILE" help:"Write it there."`
}

// Run implements the command.
func (c *journalHeadCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, keeper, err := openJournal(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	head, err := c.head(ctx, a, keeper)
	if err != nil {
		return err
	}
	text := head.File()
	if c.JSON {
		b, err := json.Marshal(headJSON{head.Origin, head.Size, head.Root, head.Token})
		if err != nil {
			return err
		}
		text = string(b) + "\n"
	}
	return writeJournal(c.Out, text, out)
}

// headJSON is what `sohoa journal head --json` prints.
type headJSON struct {
	Origin string       `json:"origin"`
	Size   uint64       `json:"size"`
	Root   sohoa.Digest `json:"root"`
	Token  []byte       `json:"token,omitempty"`
}

func (c *journalHeadCmd) head(ctx context.Context, a *app, keeper *journal.Keeper) (journal.Signed, error) {
	if c.Day == "" {
		head, err := keeper.Tree.Head(ctx, c.Size)
		return journal.Signed{Head: head}, err
	}
	heads, err := a.catalog.JournalHeads(ctx, 0)
	if err != nil {
		return journal.Signed{}, err
	}
	for _, h := range heads {
		if h.Day == c.Day {
			signed, err := journal.ParseHead([]byte(h.Text))
			signed.Token = h.Token
			return signed, err
		}
	}
	return journal.Signed{}, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "journal.day", Args: []string{c.Day}}
}

// writeJournal writes text to a file, or to the output without one.
func writeJournal(name, text string, out *streams) error {
	return writeOut(name, out.out, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// journalProveCmd makes a proof.
type journalProveCmd struct {
	Seq  uint64 `arg:"" optional:"" help:"Number of the entry."`
	From uint64 `placeholder:"N" help:"Instead of an entry: size of the older head."`
	Size uint64 `placeholder:"N" help:"Size of the head that the proof leads to; default is all entries."`
	Out  string `short:"o" placeholder:"FILE" help:"Write it there."`
}

// Run implements the command.
func (c *journalProveCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	if (c.Seq == 0) == (c.From == 0) {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "journal.prove"}
	}
	a, keeper, err := openJournal(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	var p journal.Proof
	if c.Seq > 0 {
		p, err = keeper.Tree.ProveEntry(ctx, c.Seq, c.Size)
	} else {
		p, err = keeper.Tree.ProveHead(ctx, c.From, c.Size)
	}
	if err != nil {
		return err
	}
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return writeJournal(c.Out, string(b)+"\n", out)
}

// journalVerifyProofCmd checks a proof without an archive.
type journalVerifyProofCmd struct {
	File string `arg:"" help:"The proof."`
	Head string `placeholder:"FILE" help:"The head that it must lead to, as it is kept elsewhere."`
}

// Run implements the command. It prints the head that the proof leads to: what
// that is worth, whoever reads it knows. The exit status is 4 for a proof that
// is wrong.
func (c *journalVerifyProofCmd) Run(set *settings, out *streams) error {
	b, err := readJournalFile(c.File)
	if err != nil {
		return err
	}
	p, err := journal.ParseProof(b)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	head, err := p.Check()
	if err != nil {
		return err
	}
	if c.Head != "" {
		want, err := readHead(c.Head)
		if err != nil {
			return err
		}
		if want.Head != head.Head {
			return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "journal.proof", Detail: "it leads to another head than " + c.Head}
		}
	}
	if p.Entry != nil {
		if err := json.NewEncoder(out.out).Encode(p.Entry); err != nil {
			return err
		}
	} else if _, err := io.WriteString(out.out, p.From); err != nil {
		return err
	}
	_, err = io.WriteString(out.out, head.Text())
	return err
}
