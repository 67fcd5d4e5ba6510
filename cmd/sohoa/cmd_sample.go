package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// sampleCmd draws quality samples and looks at them. They are judged on the
// pages, where it is known who does it.
type sampleCmd struct {
	Draw   sampleDrawCmd   `cmd:"" help:"Draw kept documents by chance, to be judged."`
	List   sampleListCmd   `cmd:"" help:"Samples, newest first."`
	Show   sampleShowCmd   `cmd:"" help:"One sample with its documents and its result."`
	Verify sampleVerifyCmd `cmd:"" help:"Draw a sample again and compare."`
}

type sampleDrawCmd struct {
	From      string `required:"" placeholder:"DAY" help:"First day on which documents were kept."`
	Until     string `required:"" placeholder:"DAY" help:"Last day."`
	Size      int    `short:"n" default:"20" help:"Documents to draw."`
	Agency    string `name:"at" placeholder:"AGENCY" help:"Only at this agency and those below it."`
	Procedure string `help:"Only of dossiers of this procedure."`
	Type      string `help:"Only of this kind."`
	Fresh     bool   `help:"Leave out what an earlier sample has."`
	Seed      string `help:"The seed, where witnesses chose one; made at random if left out."`
	JSON      bool   `name:"json" help:"One JSON object."`
}

// Run implements the command.
func (c *sampleDrawCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		s, err := a.service.DrawSample(ctx, ingest.Inspector{Name: actor(), Scope: sohoa.Everything}, ingest.SampleDraw{Agency: c.Agency,
			Procedure: c.Procedure, Type: c.Type, From: sohoa.Date(c.From), Until: sohoa.Date(c.Until), Size: c.Size, Fresh: c.Fresh, Seed: c.Seed})
		if err != nil {
			return err
		}
		return printSample(ctx, a, set, out, s, c.JSON)
	})
}

type sampleListCmd struct {
	Open bool `help:"Only those that are not closed."`
	JSON bool `name:"json" help:"One a line as JSON."`
}

// Run implements the command.
func (c *sampleListCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		found, err := a.catalog.FindSamples(ctx, sohoa.Everything, archive.SampleQuery{Open: c.Open, Limit: sohoa.MaxDisposalItems})
		for _, s := range found {
			if c.JSON {
				err = errors.Join(err, json.NewEncoder(out.out).Encode(s))
				continue
			}
			fmt.Fprintln(out.out, sampleText(set, s))
		}
		return err
	})
}

// sampleText is a sample in one line.
func sampleText(set *settings, s sohoa.Sample) string {
	state := set.in("đang đánh giá", "open")
	if s.Result != nil {
		low, high := sohoa.Wilson(s.Result.DocumentsGood, s.Result.Documents)
		state = set.in("%d/%d không có lỗi (%.1f–%.1f %%)", "%d/%d without fault (%.1f–%.1f %%)", s.Result.DocumentsGood, s.Result.Documents, 100*low, 100*high)
	}
	return fmt.Sprintf("%s  %s – %s  %s  %s", s.ID, s.From, s.Until, set.in("%d trên %d", "%d of %d", s.Drawn, s.Among), state)
}

// sampleOf finds a sample by what a person typed.
func (a *app) sampleOf(ctx context.Context, id string) (sohoa.Sample, error) {
	parsed, err := sohoa.ParseSetID(id)
	if err != nil {
		return sohoa.Sample{}, err
	}
	return a.catalog.Sample(ctx, sohoa.Everything, parsed)
}

type sampleShowCmd struct {
	ID   string `arg:"" help:"Sample ID."`
	JSON bool   `name:"json" help:"One JSON object."`
}

// Run implements the command.
func (c *sampleShowCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		s, err := a.sampleOf(ctx, c.ID)
		if err != nil {
			return err
		}
		return printSample(ctx, a, set, out, s, c.JSON)
	})
}

// printSample prints a sample with its documents.
func printSample(ctx context.Context, a *app, set *settings, out *streams, s sohoa.Sample, asJSON bool) error {
	items, err := a.catalog.SampleItems(ctx, s.ID)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out.out).Encode(struct {
			sohoa.Sample
			Items []sohoa.SampleItem `json:"items"`
		}{s, items})
	}
	fmt.Fprintln(out.out, sampleText(set, s))
	fmt.Fprintln(out.out, set.in("  số gieo %s", "  seed %s", s.Seed))
	for _, i := range items {
		var faults []string
		for _, v := range i.Verdicts {
			for _, answer := range v.Answers {
				if answer.Fault != "" {
					faults = append(faults, fmt.Sprintf("%d:%s:%s", v.Page, answer.Question, answer.Fault))
				}
			}
		}
		slices.Sort(faults)
		fmt.Fprintf(out.out, "  %s  %s  %d/%d  %s\n", i.Document, i.Dossier, len(i.Verdicts), i.Pages+1, strings.Join(faults, " "))
	}
	return nil
}

type sampleVerifyCmd struct {
	ID   string `arg:"" help:"Sample ID."`
	JSON bool   `name:"json" help:"One JSON object."`
}

// Run implements the command.
func (c *sampleVerifyCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		s, err := a.sampleOf(ctx, c.ID)
		if err != nil {
			return err
		}
		check, err := a.service.VerifySample(ctx, sohoa.Everything, s.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			err = json.NewEncoder(out.out).Encode(check)
		} else {
			printDraw(set, out, check)
		}
		if err == nil && !check.Holds() {
			return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "sample.differs", Args: []string{string(s.ID)}}
		}
		return err
	})
}

// printDraw says what came of drawing a sample again.
func printDraw(set *settings, out *streams, check ingest.SampleCheck) {
	if check.Same {
		fmt.Fprintln(out.out, set.in("Danh sách %d giấy tờ vẫn như khi rút.", "The list of %d documents is as it was.", check.Among))
	} else {
		fmt.Fprintln(out.out, set.in("Khi rút có %d giấy tờ, nay có %d.", "There were %d documents, now there are %d.", check.Sample.Among, check.Among))
	}
	for _, id := range check.Gone {
		fmt.Fprintln(out.out, set.in("  %s đã rút, nay không còn trong danh sách", "  %s was drawn, and is not in the list any more", id))
	}
	for _, id := range check.Passed {
		fmt.Fprintln(out.out, set.in("  %s đáng lẽ phải được rút", "  %s should have been drawn", id))
	}
	if check.Holds() {
		fmt.Fprintln(out.out, set.in("Mẫu được rút đúng như ghi.", "The sample was drawn as it says."))
	}
}
