package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
)

// journalFindCmd finds entries.
type journalFindCmd struct {
	Person   string   `placeholder:"NUMBER|NAME" help:"Identity number or full name of the owner of dossiers: all that was done with these and their documents, and the searches that found them."`
	Document string   `placeholder:"ID" help:"One document."`
	Dossier  string   `placeholder:"CODE" help:"One dossier."`
	Actor    string   `placeholder:"USER" help:"Who did it."`
	Action   []string `placeholder:"ACTION" help:"What was done, as document.view."`
	From     string   `placeholder:"2026-11-30" help:"Not before this day."`
	Until    string   `placeholder:"2026-12-31" help:"Not after this day."`
	Before   uint64   `placeholder:"N" help:"Entries before this one: the next page."`
	Limit    int      `default:"100" help:"So many entries at most."`
	Purpose  string   `help:"What it is looked up for; the journal keeps that."`
	JSON     bool     `name:"json" help:"One entry a line as JSON."`
}

// Run implements the command. The newest entries come first.
func (c *journalFindCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	entries, err := archive.Report(ctx, a.catalog, archive.Asking{Actor: actor(), Purpose: c.Purpose}, q)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !c.JSON {
			fmt.Fprintln(out.out, strings.TrimRight(fmt.Sprintf("%d  %s  %s  %s  %s %s  %s", e.Seq, e.Time.In(sohoa.Hanoi).Format(clock), e.Actor, e.Action, e.Dossier, e.Document, e.Purpose), " "))
		} else if err := json.NewEncoder(out.out).Encode(e); err != nil {
			return err
		}
	}
	return nil
}

func (c *journalFindCmd) query() (archive.JournalQuery, error) {
	q := archive.JournalQuery{Person: c.Person, Dossier: c.Dossier, Actor: c.Actor, Before: c.Before, Limit: c.Limit}
	for _, name := range c.Action {
		q.Actions = append(q.Actions, sohoa.Action(name))
	}
	if err := q.Document.UnmarshalText([]byte(c.Document)); err != nil {
		return q, err
	}
	var err error
	if q.From, err = archive.Day(c.From); err != nil {
		return q, err
	}
	if q.Until, err = archive.Day(c.Until); err == nil && !q.Until.IsZero() {
		q.Until = q.Until.Add(24 * time.Hour)
	}
	return q, err
}
