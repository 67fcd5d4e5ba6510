package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sohoa"
)

// showCmd shows what is known of a document.
type showCmd struct {
	ID      string `arg:"" help:"Document ID."`
	JSON    bool   `name:"json" help:"One JSON object."`
	Purpose string `help:"What it is looked up for, as the code of the dossier at hand; the journal keeps that."`
}

// showJSON is what `sohoa show --json` prints.
type showJSON struct {
	sohoa.Document
	PageList []sohoa.Page  `json:"pageList"`
	Force    sohoa.Force   `json:"force,omitempty"` // of what is kept, now
	Files    []sohoa.File  `json:"files"`
	History  []sohoa.Entry `json:"history"`
}

// Run implements the command.
func (c *showCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	s := showJSON{}
	if s.Document, err = a.document(ctx, c.ID); err != nil {
		return err
	}
	if err := a.noted(ctx, s.Document, sohoa.ActionView, nil, c.Purpose); err != nil {
		return err
	}
	if s.PageList, err = a.catalog.Pages(ctx, s.ID); err != nil {
		return err
	}
	if s.Files, err = a.catalog.Files(ctx, s.ID); err != nil {
		return err
	}
	if s.History, err = a.catalog.History(ctx, s.ID); err != nil {
		return err
	}
	if s.State == sohoa.StateKept {
		s.Force = s.Life.Force(time.Now())
	}
	if c.JSON {
		return json.NewEncoder(out.out).Encode(s)
	}
	s.print(out.out, set.Lang)
	s.printCopies(out.out, a.service.Second != nil)
	return nil
}

// clock is how times are shown to people.
const clock = "02/01/2006 15:04:05"

// print writes the document for people.
func (s showJSON) print(w io.Writer, lang sohoa.Lang) {
	fmt.Fprintln(w, summary(s.Document, lang))
	fmt.Fprintf(w, "  %s  %s  %d B  sha256 %s\n", s.Dossier, s.MediaType, s.Size, s.Digest)
	fmt.Fprintf(w, "  %s %s  revision %d  %s\n", s.AcceptedAt.In(sohoa.Hanoi).Format(clock), s.AcceptedBy, s.Revision, s.Master)
	if s.State == sohoa.StateKept {
		_ = printLife(w, lang, s.Document, nil) // as with the lines around it
	}
	for _, f := range s.Fields {
		fmt.Fprintln(w, fieldLine(f))
	}
	for _, p := range s.PageList {
		fmt.Fprintf(w, "  p.%-4d %dx%d %.0f dpi  turn %d  skew %.1f  %s/%s  %d words  conf %.0f",
			p.Number, p.Width, p.Height, p.DPI, p.Turn, p.Skew, because(string(p.Source), p.SourceReason), p.TextSource, p.Words, p.Confidence)
		if !p.From.Document.IsZero() {
			fmt.Fprintf(w, "  from %s", sohoa.FormatPages(s.ID, []sohoa.PageRef{p.From}))
		}
		if p.PDF.Form != "" {
			fmt.Fprintf(w, "  pdf %s", treatment(p.PDF))
		}
		if p.Access.Form != "" {
			fmt.Fprintf(w, "  access %s", treatment(p.Access))
		}
		if p.Problem != nil {
			fmt.Fprintf(w, "  %s", p.Problem.Text(lang))
		}
		fmt.Fprintln(w)
	}
	for _, e := range s.History {
		page := ""
		if e.Page > 0 {
			page = fmt.Sprintf(" p.%d", e.Page)
		}
		fmt.Fprintf(w, "  %6d  %s  %-18s %s%s %s\n", e.Seq, e.Time.In(sohoa.Hanoi).Format(clock), e.Action, e.Actor, page, e.Detail)
	}
}

// printCopies says in how many copies the newest version is.
func (s showJSON) printCopies(w io.Writer, second bool) {
	switch {
	case s.State != sohoa.StateKept || !second:
	case s.Copied >= s.Revision:
		fmt.Fprintln(w, "  copies 2 / 2")
	default:
		fmt.Fprintf(w, "  copies 1 / 2 since %s\n", s.KeptAt.In(sohoa.Hanoi).Format(clock))
	}
}

// treatment is what was done to a page for a rendition.
func treatment(t sohoa.Treatment) string {
	return fmt.Sprintf("%s %d B", because(string(t.Form), t.Reason), t.Bytes)
}

// because adds the code of a reason, if there is one.
func because(what, reason string) string {
	if reason == "" {
		return what
	}
	return what + " (" + reason + ")"
}

// fieldLine is a field for people: its value, where it stands and how surely
// it was read, who confirmed it, and what recognition had read instead.
func fieldLine(f sohoa.Field) string {
	line := fmt.Sprintf("  %-13s %s  (%.0f%%, p.%d, %s)", f.Name, f.Value, f.Confidence, f.Page, confirmed(f))
	switch {
	case f.Value == "":
		line = fmt.Sprintf("  %-13s -  (%s)", f.Name, confirmed(f))
	case f.Page == 0:
		line = fmt.Sprintf("  %-13s %s  (%.0f%%, %s)", f.Name, f.Value, f.Confidence, confirmed(f))
	}
	if f.Read != nil {
		line += fmt.Sprintf("  read %q (%.0f%%)", f.Read.Value, f.Read.Confidence)
	}
	return line
}

func confirmed(f sohoa.Field) string {
	switch {
	case !f.Confirmed:
		return "unconfirmed"
	case f.By == "":
		return "confirmed"
	}
	return fmt.Sprintf("confirmed by %s %s", f.By, f.At.In(sohoa.Hanoi).Format(clock))
}
