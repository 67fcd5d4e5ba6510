package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"sohoa"
	"sohoa/archive"
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
		sohoa.ForceRevoked: "hủy hiệu lực", sohoa.ForceReplaced: "được thay thế"},
	sohoa.English: {sohoa.ForceIn: "in force", sohoa.ForceNotYet: "not yet in force", sohoa.ForceExpired: "expired",
		sohoa.ForceRevoked: "revoked", sohoa.ForceReplaced: "replaced"},
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
	if l.ValidFrom != "" || l.ValidUntil != "" {
		fmt.Fprintf(w, "  %s – %s  %s\n", l.ValidFrom, l.ValidUntil, l.Scope)
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

// withArchive opens the archive for f.
func withArchive(ctx context.Context, set *settings, log *slog.Logger, f func(*app) error) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

// scheduleCmd is the retention schedule.
type scheduleCmd struct {
	Export scheduleExportCmd `cmd:"" default:"withargs" help:"Print the schedule."`
	Import scheduleImportCmd `cmd:"" help:"Put the schedule of a file into force."`
}

type scheduleExportCmd struct {
	Format string `default:"csv" enum:"csv,toml,json" help:"csv, toml or json."`
}

// scheduleFile is a schedule in TOML.
type scheduleFile struct {
	Rule []sohoa.Rule `toml:"rule"`
}

// Run implements the command.
func (c *scheduleExportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		s, err := a.catalog.Schedule(ctx)
		if err != nil {
			return err
		}
		switch c.Format {
		case "toml":
			return toml.NewEncoder(out.out).Encode(scheduleFile{s.Rules})
		case "json":
			return json.NewEncoder(out.out).Encode(s)
		}
		return s.WriteCSV(out.out)
	})
}

type scheduleImportCmd struct {
	File string `arg:"" help:"CSV with the columns type,name,code,years,basis, or TOML with [[rule]]; - is CSV from standard input."`
}

// Run implements the command. Every kept document has been compared with the
// schedule when it returns.
func (c *scheduleImportCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	want, err := c.read(out.in)
	if err != nil {
		return err
	}
	return withArchive(ctx, set, log, func(a *app) error {
		now, err := a.catalog.Schedule(ctx)
		if err != nil {
			return err
		}
		want.Version = now.Version
		if _, err := a.service.SetSchedule(ctx, actor(), want); err != nil {
			return err
		}
		return a.service.FollowSchedule(ctx)
	})
}

func (c *scheduleImportCmd) read(in io.Reader) (sohoa.Schedule, error) {
	if c.File == "-" {
		return sohoa.ReadScheduleCSV(in)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return sohoa.Schedule{}, openFailed(c.File, err)
	}
	defer f.Close()
	if !strings.HasSuffix(c.File, ".toml") {
		return sohoa.ReadScheduleCSV(f)
	}
	var rules scheduleFile
	if _, err := toml.NewDecoder(f).Decode(&rules); err != nil {
		return sohoa.Schedule{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "schedule.table", Detail: err.Error()}
	}
	return sohoa.Schedule{Rules: rules.Rule}, nil
}

// disposalCmd looks at disposals. They are proposed, decided and approved on
// the pages, where it is known who does it.
type disposalCmd struct {
	Due     disposalDueCmd     `cmd:"" help:"Documents whose retention has ended."`
	List    disposalListCmd    `cmd:"" help:"Disposals, newest first."`
	Show    disposalShowCmd    `cmd:"" help:"One disposal with its documents."`
	Certify disposalCertifyCmd `cmd:"" name:"certificate" help:"Print the order or the certificate of destruction."`
	Overdue disposalOverdueCmd `cmd:"" help:"Dossiers that should be in the archive: work ended more than --days ago, and something is not kept."`
}

type disposalDueCmd struct {
	Year    int    `help:"Only what is due since this year."`
	Type    string `help:"Only of this kind; - is without one."`
	Dossier string `help:"Only of this dossier."`
	Limit   int    `default:"1000" help:"Documents at most."`
}

// Run implements the command.
func (c *disposalDueCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		q := archive.DueQuery{Day: sohoa.DateOf(time.Now()), Year: c.Year, Type: c.Type, Dossier: c.Dossier, Limit: c.Limit}
		docs, err := a.catalog.Due(ctx, sohoa.Everything, q)
		for _, d := range docs {
			fmt.Fprintf(out.out, "%s  %s  %s  %s  %d holds  %s\n", d.ID, d.Life.Retention.Due, d.Dossier, d.Life.Type, len(d.Life.Retention.Holds), d.Disposal)
		}
		return err
	})
}

type disposalListCmd struct {
	Open bool `help:"Only those that are not at their end."`
	JSON bool `name:"json" help:"One a line as JSON."`
}

// Run implements the command.
func (c *disposalListCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		found, err := a.catalog.FindDisposals(ctx, sohoa.Everything, archive.DisposalQuery{Open: c.Open, Limit: sohoa.MaxDisposalItems})
		for _, d := range found {
			if c.JSON {
				err = errors.Join(err, json.NewEncoder(out.out).Encode(d))
				continue
			}
			fmt.Fprintf(out.out, "%s  %-10s  %s  %s\n", d.ID, d.State, d.Proposed.At.In(sohoa.Hanoi).Format(clock), d.Title)
		}
		return err
	})
}

// disposalOf finds a disposal by what a person typed.
func (a *app) disposalOf(ctx context.Context, id string) (sohoa.Disposal, error) {
	parsed, err := sohoa.ParseSetID(id)
	if err != nil {
		return sohoa.Disposal{}, err
	}
	return a.catalog.Disposal(ctx, sohoa.Everything, parsed)
}

type disposalShowCmd struct {
	ID   string `arg:"" help:"Disposal ID."`
	JSON bool   `name:"json" help:"One JSON object."`
}

// Run implements the command.
func (c *disposalShowCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		d, err := a.disposalOf(ctx, c.ID)
		if err != nil {
			return err
		}
		items, err := a.catalog.DisposalItems(ctx, d.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(out.out).Encode(struct {
				sohoa.Disposal
				Items []sohoa.DisposalItem `json:"items"`
			}{d, items})
		}
		fmt.Fprintf(out.out, "%s  %s  %s\n", d.ID, d.State, d.Title)
		if d.Problem != nil {
			fmt.Fprintf(out.out, "  %s\n", d.Problem.Text(set.Lang))
		}
		for _, i := range items {
			why := ""
			if i.Problem != nil {
				why = i.Problem.Text(set.Lang)
			}
			fmt.Fprintf(out.out, "  %s  %-10s  %s  %s  %s\n", i.Document, i.State, i.Due, i.Dossier, why)
		}
		return nil
	})
}

type disposalCertifyCmd struct {
	ID   string `arg:"" help:"Disposal ID."`
	JSON bool   `name:"json" help:"As JSON."`
}

// Run implements the command.
func (c *disposalCertifyCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		d, err := a.disposalOf(ctx, c.ID)
		if err != nil {
			return err
		}
		certificate, err := a.service.Certificate(ctx, d.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(out.out).Encode(certificate)
		}
		_, err = io.WriteString(out.out, certificate.Text())
		return err
	})
}

type disposalOverdueCmd struct {
	Days int `default:"60" help:"Days from the end of work (TT 05/2025/TT-BNV: 60; Luật Lưu trữ: a year)."`
}

// Run implements the command.
func (c *disposalOverdueCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		day := sohoa.DateOf(time.Now().AddDate(0, 0, -c.Days))
		found, err := a.catalog.EndedDossiers(ctx, sohoa.Everything, day, sohoa.MaxDisposalItems)
		for _, d := range found {
			fmt.Fprintf(out.out, "%s  %s\n", d.Code, d.Ended)
		}
		return err
	})
}
