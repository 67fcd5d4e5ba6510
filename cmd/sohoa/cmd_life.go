package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sohoa"
	"sohoa/ingest"
)

// revokeCmd takes a result out of force, or takes that back.
type revokeCmd struct {
	ID       string `arg:"" help:"Document ID."`
	Decision string `required:"" help:"Number, notation and date of the decision."`
	Reason   string `required:"" help:"Why."`
	At       string `placeholder:"DAY" help:"From when on, as 2026-11-30 or RFC 3339; now if left out."`
	Undo     bool   `help:"Take a revocation or replacement back, by another decision."`
}

// Run implements the command.
func (c *revokeCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	at, err := sohoa.ParseMoment(c.At)
	if err != nil {
		return err
	}
	r := sohoa.Ruling{Decision: c.Decision, Reason: c.Reason}
	return withDocument(ctx, set, log, c.ID, func(a *app, doc sohoa.Document) (err error) {
		if c.Undo {
			doc, err = a.service.Reinstate(ctx, actor(), doc.ID, r)
		} else {
			doc, err = a.service.Revoke(ctx, actor(), doc.ID, at, r)
		}
		return printLife(out.out, set.Lang, doc, err)
	})
}

// replaceCmd says which document took the place of a result.
type replaceCmd struct {
	ID       string `arg:"" help:"Document ID."`
	By       string `arg:"" help:"The document that takes its place."`
	Decision string `help:"Number, notation and date of the decision."`
	At       string `placeholder:"DAY" help:"From when on; now if left out."`
}

// Run implements the command.
func (c *replaceCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	at, err := sohoa.ParseMoment(c.At)
	if err != nil {
		return err
	}
	by, err := sohoa.ParseDocumentID(c.By)
	if err != nil {
		return err
	}
	return withDocument(ctx, set, log, c.ID, func(a *app, doc sohoa.Document) error {
		doc, err := a.service.Replace(ctx, actor(), doc.ID, sohoa.Replacement{By: by, At: at, Decision: c.Decision})
		return printLife(out.out, set.Lang, doc, err)
	})
}

// lifeCmd shows or sets force and retention of a document.
type lifeCmd struct {
	ID       string  `arg:"" help:"Document ID."`
	From     *string `placeholder:"DAY" help:"First day of validity; empty for none."`
	Until    *string `placeholder:"DAY" help:"Last day of validity; empty for none."`
	Scope    *string `help:"Where it is valid."`
	Type     *string `help:"Kind of paper, of the retention schedule."`
	Hold     string  `name:"legal-hold" placeholder:"REASON" help:"Keep it beyond its retention."`
	LiftHold int     `placeholder:"N" help:"End its N-th hold; needs --reason."`
	Period   string  `placeholder:"CODE" help:"Another period of retention, 01 to 07; a shorter one needs --decision and --reason."`
	Years    int     `help:"Of period 07."`
	Decision string  `help:"Number, notation and date of the decision."`
	Reason   string  `help:"Why."`
	JSON     bool    `name:"json" help:"The document's life as one JSON object."`
}

// Run implements the command.
func (c *lifeCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withDocument(ctx, set, log, c.ID, func(a *app, doc sohoa.Document) (err error) {
		for _, do := range c.changes(ctx, a, doc) {
			if doc, err = do(); err != nil {
				return err
			}
		}
		if c.JSON {
			return json.NewEncoder(out.out).Encode(doc.Life)
		}
		return printLife(out.out, set.Lang, doc, nil)
	})
}

// changes are what the flags ask for.
func (c *lifeCmd) changes(ctx context.Context, a *app, doc sohoa.Document) (all []func() (sohoa.Document, error)) {
	add := func(asked bool, do func() (sohoa.Document, error)) {
		if asked {
			all = append(all, do)
		}
	}
	s, by := a.service, actor()
	v := ingest.Validity{From: doc.Life.ValidFrom, Until: doc.Life.ValidUntil, Scope: doc.Life.Scope}
	for from, to := range map[*string]*string{c.From: (*string)(&v.From), c.Until: (*string)(&v.Until), c.Scope: &v.Scope} {
		if from != nil {
			*to = *from
		}
	}
	add(c.From != nil || c.Until != nil || c.Scope != nil, func() (sohoa.Document, error) { return s.SetValidity(ctx, by, doc.ID, v) })
	add(c.Type != nil, func() (sohoa.Document, error) { return s.SetType(ctx, by, doc.ID, *c.Type) })
	add(c.Period != "", func() (sohoa.Document, error) {
		return s.SetRetention(ctx, by, doc.ID, ingest.Period{Code: sohoa.RetentionCode(c.Period), Years: c.Years, Ruling: sohoa.Ruling{Decision: c.Decision, Reason: c.Reason}})
	})
	add(c.Hold != "", func() (sohoa.Document, error) { return s.HoldLegally(ctx, by, doc.ID, c.Hold) })
	add(c.LiftHold > 0, func() (sohoa.Document, error) {
		var set time.Time
		if holds := doc.Life.Retention.Holds; c.LiftHold <= len(holds) {
			set = holds[c.LiftHold-1].At
		}
		return s.LiftHold(ctx, by, doc.ID, set, c.Reason)
	})
	return all
}

// forceWords are the words for sohoa.Force.
var forceWords = map[sohoa.Lang]map[sohoa.Force]string{
	sohoa.Vietnamese: {sohoa.ForceIn: "còn hiệu lực", sohoa.ForceNotYet: "chưa có hiệu lực", sohoa.ForceExpired: "hết hiệu lực",
		sohoa.ForceRevoked: "hủy hiệu lực", sohoa.ForceReplaced: "được thay thế",
		sohoa.ForceDisposal: "xem xét hủy", sohoa.ForceDestroyed: "đã hủy"},
	sohoa.English: {sohoa.ForceIn: "in force", sohoa.ForceNotYet: "not yet in force", sohoa.ForceExpired: "expired",
		sohoa.ForceRevoked: "revoked", sohoa.ForceReplaced: "replaced",
		sohoa.ForceDisposal: "proposed for disposal", sohoa.ForceDestroyed: "destroyed"},
}

// printLife writes what a document is worth and how long it is kept, unless
// something went wrong before.
func printLife(w io.Writer, lang sohoa.Lang, doc sohoa.Document, err error) error {
	if err != nil {
		return err
	}
	l := doc.Life
	words := map[sohoa.Lang][]string{sohoa.Vietnamese: {"thời hạn lưu trữ", "vĩnh viễn", "lệnh giữ"}, sohoa.English: {"retention", "for ever", "hold"}}[lang]
	fmt.Fprintf(w, "%s  %s\n", doc.ID, forceWords[lang][l.Force(time.Now())])
	if r := l.Revoked; r != nil {
		fmt.Fprintf(w, "  %s  %s  %s\n", r.At.In(sohoa.Hanoi).Format(clock), r.Decision, r.Reason)
	}
	if r := l.Replaced; r != nil {
		fmt.Fprintf(w, "  %s  %s  %s\n", r.At.In(sohoa.Hanoi).Format(clock), r.By, r.Decision)
	}
	if l.ValidFrom != "" || l.ValidUntil != "" || l.Scope != "" {
		fmt.Fprintf(w, "  %s – %s  %s\n", l.ValidFrom, l.ValidUntil, l.Scope)
	}
	if c := l.Compared; c != nil {
		fmt.Fprintf(w, "  %s  %s  %s\n", c.At.In(sohoa.Hanoi).Format(clock), c.By, c.Form)
	}
	if l.Result != "" {
		fmt.Fprintf(w, "  %s\n", l.Result)
	}
	until := words[1]
	if l.Retention.Due != "" {
		until = string(l.Retention.Due)
	}
	fmt.Fprintf(w, "  %s: %s  %s  %s  (%s)\n", words[0], l.Retention.Code, until, l.Type, l.Retention.Basis)
	for n, h := range l.Retention.Holds {
		fmt.Fprintf(w, "  %s %d: %s, %s\n", words[2], n+1, h.Reason, h.By)
	}
	return nil
}

// endCmd enters the last day of work on a dossier.
type endCmd struct {
	Dossier string `arg:"" help:"Dossier code."`
	Day     string `arg:"" optional:"" help:"Last day of work on it, as 2026-11-30; none takes it back."`
}

// Run implements the command.
func (c *endCmd) Run(ctx context.Context, set *settings, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		_, err := a.service.EndDossier(ctx, actor(), c.Dossier, sohoa.Date(c.Day))
		return err
	})
}
