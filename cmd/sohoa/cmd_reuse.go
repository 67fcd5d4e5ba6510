package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// withReuse opens the archive for decisions about held results: with what
// their signatures must lead to.
func withReuse(ctx context.Context, set *settings, log *slog.Logger, f func(*app, ingest.ReuseActor) error) error {
	return withArchive(ctx, set, log, func(a *app) (err error) {
		if a.service.Signing.Roots, err = set.roots(set.Trust); err != nil {
			return err
		}
		return f(a, ingest.ReuseActor{Name: actor(), Scope: sohoa.Everything})
	})
}

// papersCmd shows what a dossier's procedure asks for.
type papersCmd struct {
	Code string `arg:"" help:"Code of the dossier."`
	JSON bool   `name:"json" help:"One paper a line as JSON."`
}

// Run implements the command.
func (c *papersCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withReuse(ctx, set, log, func(a *app, by ingest.ReuseActor) error {
		papers, err := a.service.Papers(ctx, by.Scope, c.Code)
		if err != nil {
			return err
		}
		if err := a.note(ctx, sohoa.Entry{Actor: by.Name, Action: sohoa.ActionViewDossier, Dossier: c.Code, Purpose: c.Code}, nil); err != nil {
			return err
		}
		for _, p := range papers {
			if c.JSON {
				if err := json.NewEncoder(out.out).Encode(paperJSON{p.Requirement, p.Reuse, p.Offers, p.Documents, p.Omitted}); err != nil {
					return err
				}
				continue
			}
			printPaper(out.out, set, p)
		}
		return nil
	})
}

// paperJSON is a paper that is asked for, as JSON.
type paperJSON struct {
	Requirement sohoa.Requirement  `json:"requirement"`
	Reuse       *sohoa.Reuse       `json:"reuse,omitempty"`
	Offers      int                `json:"offers"`
	Documents   []sohoa.DocumentID `json:"documents,omitempty"`
	Omitted     *sohoa.Omission    `json:"omitted,omitempty"`
}

func printPaper(w io.Writer, set *settings, p ingest.Paper) {
	printRequirement(w, set, p.Requirement)
	if p.Reuse != nil {
		fmt.Fprint(w, "             ")
		printReuse(w, set, *p.Reuse)
	}
	if o := p.Omitted; o != nil {
		fmt.Fprintf(w, "             %s %s (%s, %s)\n", set.in("không số hóa:", "not digitised:"), o.Reason, o.By, sohoa.OnPaper(o.At))
	}
	for _, id := range p.Documents {
		fmt.Fprintf(w, "             %s %s\n", set.in("có trong hồ sơ:", "in the dossier:"), id)
	}
	if p.Offers > 0 {
		fmt.Fprintf(w, "             %s\n", set.in("đang có %d kết quả dùng lại được: sohoa held", "%d held results can be used: sohoa held", p.Offers))
	}
}

// heldCmd shows what is held for a paper that a dossier needs.
type heldCmd struct {
	Code        string `arg:"" help:"Code of the dossier."`
	Requirement string `arg:"" help:"Code of the paper that is asked for."`
	JSON        bool   `name:"json" help:"One result a line as JSON."`
}

// Run implements the command.
func (c *heldCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withReuse(ctx, set, log, func(a *app, by ingest.ReuseActor) error {
		offers, err := a.service.Held(ctx, by, c.Code, c.Requirement)
		if err != nil {
			return err
		}
		for _, o := range offers {
			if c.JSON {
				if err := json.NewEncoder(out.out).Encode(offerJSON{o.Document.ID, o.Dossier.Code, o.Agency, o.Verdict, o.Checks, o.Decided}); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(out.out, "%s  %-8s %s  %s\n    %s\n", o.Document.ID, verdictWords[set.Lang][o.Verdict], o.Dossier.Code, o.Document.Name, o.Agency.Name)
			printChecks(out.out, set.Lang, o.Checks)
			if o.Decided != nil {
				fmt.Fprint(out.out, "    ")
				printReuse(out.out, set, *o.Decided)
			}
		}
		return nil
	})
}

// offerJSON is something that is held, as JSON. The owner is that of the
// dossier at hand.
type offerJSON struct {
	Document sohoa.DocumentID   `json:"document"`
	Dossier  string             `json:"dossier"`
	Agency   sohoa.Agency       `json:"agency"`
	Verdict  sohoa.ReuseOutcome `json:"verdict"`
	Checks   []sohoa.ReuseCheck `json:"checks"`
	Decided  *sohoa.Reuse       `json:"decided,omitempty"`
}

// The words for outcomes and states.
var (
	verdictWords = map[sohoa.Lang]map[sohoa.ReuseOutcome]string{
		sohoa.Vietnamese: {sohoa.ReusePass: "dùng được", sohoa.ReuseConfirm: "cần xác nhận", sohoa.ReuseFail: "không dùng được"},
		sohoa.English:    {sohoa.ReusePass: "usable", sohoa.ReuseConfirm: "to be confirmed", sohoa.ReuseFail: "not usable"},
	}
	reuseWords = map[sohoa.Lang]map[sohoa.ReuseState]string{
		sohoa.Vietnamese: {sohoa.ReuseAccepted: "đã dùng lại", sohoa.ReuseDeclined: "không dùng lại", sohoa.ReuseEnded: "thôi dùng"},
		sohoa.English:    {sohoa.ReuseAccepted: "reused", sohoa.ReuseDeclined: "declined", sohoa.ReuseEnded: "ended"},
	}
)

// printChecks writes the rules that something does not simply pass.
func printChecks(w io.Writer, lang sohoa.Lang, checks []sohoa.ReuseCheck) {
	for _, c := range checks {
		if c.Because != nil {
			fmt.Fprintf(w, "    %-10s %s: %s\n", c.Rule, verdictWords[lang][c.Outcome], c.Because.Text(lang))
		}
	}
}

// printReuse writes a reuse in one line, and a loss in another.
func printReuse(w io.Writer, set *settings, r sohoa.Reuse) {
	fmt.Fprintf(w, "%s  %s  %s/%s  %s  %s %s\n", r.ID, reuseWords[set.Lang][r.State], r.Dossier, r.Requirement, r.Document, r.Result, r.Reason)
	if r.Lost != nil {
		seen := set.in("chưa ai biết", "nobody knows yet")
		if !r.Lost.Seen.IsZero() {
			seen = set.in("%s đã biết", "%s knows", r.Lost.By)
		}
		fmt.Fprintf(w, "    ! %s, %s (%s)\n", forceWords[set.Lang][r.Lost.Force], r.Lost.At.In(sohoa.Hanoi).Format(clock), seen)
	}
}

// reuseCmd is the decisions about held results.
type reuseCmd struct {
	Accept  reuseAcceptCmd  `cmd:"" help:"Use a held result in a dossier."`
	Decline reuseDeclineCmd `cmd:"" help:"Say why a held result is not used."`
	End     reuseEndCmd     `cmd:"" help:"Take a result out of a dossier again."`
	Seen    reuseSeenCmd    `cmd:"" help:"Note that a loss of force is known, and what is done."`
	List    reuseListCmd    `cmd:"" help:"List decisions, the newest first."`
	Figures reuseFiguresCmd `cmd:"" help:"Count reuse by agency, by the national formula."`
}

// reuseFlags name what is decided about.
type reuseFlags struct {
	Dossier     string `arg:"" help:"Code of the dossier."`
	Requirement string `arg:"" help:"Code of the paper that is asked for."`
	ID          string `arg:"" help:"Document ID of the held result."`
	Note        string `help:"In words."`
	JSON        bool   `name:"json" help:"As one JSON object."`
}

// decide opens the archive and decides.
func (f *reuseFlags) decide(ctx context.Context, set *settings, out *streams, log *slog.Logger, do func(*app, ingest.ReuseActor, ingest.ReuseRequest) (sohoa.Reuse, error)) error {
	id, err := sohoa.ParseDocumentID(f.ID)
	if err != nil {
		return err
	}
	return withReuse(ctx, set, log, func(a *app, by ingest.ReuseActor) error {
		r, err := do(a, by, ingest.ReuseRequest{Dossier: f.Dossier, Requirement: f.Requirement, Document: id, Note: f.Note})
		return putOut(out.out, set, f.JSON, r, err)
	})
}

// putOut writes a reuse, unless something went wrong before.
func putOut(w io.Writer, set *settings, asJSON bool, r sohoa.Reuse, err error) error {
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(w).Encode(r)
	}
	printReuse(w, set, r)
	printChecks(w, set.Lang, r.Checks)
	return nil
}

type reuseAcceptCmd struct {
	reuseFlags
	Confirm bool `help:"Confirm what is not certain: that you looked at it."`
}

// Run implements the command.
func (c *reuseAcceptCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return c.decide(ctx, set, out, log, func(a *app, by ingest.ReuseActor, r ingest.ReuseRequest) (sohoa.Reuse, error) {
		r.Confirmed = c.Confirm
		return a.service.AcceptReuse(ctx, by, r)
	})
}

type reuseDeclineCmd struct {
	reuseFlags
	Reason string `required:"" help:"outdated, illegible, other-one, person, original, brought or mistake."`
}

// Run implements the command.
func (c *reuseDeclineCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return c.decide(ctx, set, out, log, func(a *app, by ingest.ReuseActor, r ingest.ReuseRequest) (sohoa.Reuse, error) {
		r.Reason = sohoa.ReuseReason(c.Reason)
		return a.service.DeclineReuse(ctx, by, r)
	})
}

type reuseEndCmd struct {
	ID     string `arg:"" help:"ID of the reuse."`
	Reason string `required:"" help:"outdated, illegible, other-one, person, original, brought or mistake."`
	Note   string `help:"In words."`
	JSON   bool   `name:"json" help:"As one JSON object."`
}

// Run implements the command.
func (c *reuseEndCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withReuse(ctx, set, log, func(a *app, by ingest.ReuseActor) error {
		r, err := a.service.EndReuse(ctx, by, sohoa.SetID(c.ID), sohoa.ReuseReason(c.Reason), c.Note)
		return putOut(out.out, set, c.JSON, r, err)
	})
}

type reuseSeenCmd struct {
	ID   string `arg:"" help:"ID of the reuse."`
	Note string `help:"What is done about it."`
	JSON bool   `name:"json" help:"As one JSON object."`
}

// Run implements the command.
func (c *reuseSeenCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withReuse(ctx, set, log, func(a *app, by ingest.ReuseActor) error {
		r, err := a.service.SeenLoss(ctx, by, sohoa.SetID(c.ID), c.Note)
		return putOut(out.out, set, c.JSON, r, err)
	})
}

type reuseListCmd struct {
	Dossier  string `placeholder:"CODE" help:"Only those of a dossier."`
	Document string `placeholder:"ID" help:"Only those of a held result."`
	Lost     bool   `help:"Only those that lost their force."`
	Unseen   bool   `help:"Only those of which nobody knows yet that they did."`
	Limit    int    `default:"100" help:"At most so many."`
	JSON     bool   `name:"json" help:"One reuse a line as JSON."`
}

// Run implements the command.
func (c *reuseListCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	q := archive.ReuseQuery{Dossier: c.Dossier, Lost: c.Lost, Unseen: c.Unseen, Limit: c.Limit}
	if c.Document != "" {
		id, err := sohoa.ParseDocumentID(c.Document)
		if err != nil {
			return err
		}
		q.Document = id
	}
	return withArchive(ctx, set, log, func(a *app) error {
		all, err := a.catalog.FindReuses(ctx, sohoa.Everything, q)
		if err != nil {
			return err
		}
		for _, r := range all {
			if c.JSON {
				if err := json.NewEncoder(out.out).Encode(r); err != nil {
					return err
				}
				continue
			}
			printReuse(out.out, set, r)
		}
		return nil
	})
}

type reuseFiguresCmd struct {
	From  string `placeholder:"DAY" help:"First day; the first of this year if left out."`
	Until string `placeholder:"DAY" help:"Last day; today if left out."`
	JSON  bool   `name:"json" help:"One agency a line as JSON."`
}

// Run implements the command.
func (c *reuseFiguresCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	today := sohoa.DateOf(time.Now())
	from, until := sohoa.Date(c.From), sohoa.Date(c.Until)
	if from == "" {
		from = today[:5] + "01-01"
	}
	if until == "" {
		until = today
	}
	return withArchive(ctx, set, log, func(a *app) error {
		figures, err := a.service.ReuseFigures(ctx, sohoa.Everything, from, until)
		if err != nil {
			return err
		}
		for _, f := range figures {
			if c.JSON {
				if err := json.NewEncoder(out.out).Encode(figuresOf(f)); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintln(out.out, set.in("%s  %s\n  tái sử dụng %d/%d hồ sơ (%.1f %%), %d giấy tờ không phải nộp, %d không dùng, %d thành phần có sẵn, %d mất hiệu lực (%d chưa ai biết)",
				"%s  %s\n  %d of %d dossiers reuse (%.1f %%), %d papers not asked for, %d declined, something held for %d, %d lost their force (%d unseen)",
				f.Agency.Code, f.Agency.Name, f.Reusing, f.Received, rate(f), f.Accepted, f.Declined, f.Offered, f.Lost, f.Unseen))
		}
		return nil
	})
}

// rate is the national rate of reuse in per cent.
func rate(f ingest.ReuseFigures) float64 {
	if f.Received == 0 {
		return 0
	}
	return 100 * float64(f.Reusing) / float64(f.Received)
}

// figuresJSON is the counts of an agency as JSON.
type figuresJSON struct {
	Agency   sohoa.Agency `json:"agency"`
	From     sohoa.Date   `json:"from"`
	Until    sohoa.Date   `json:"until"`
	Received int          `json:"received"`
	Reusing  int          `json:"reusing"`
	Rate     float64      `json:"rate"` // per cent
	Accepted int          `json:"accepted"`
	Declined int          `json:"declined"`
	Offered  int          `json:"offered"`
	Lost     int          `json:"lost"`
	Unseen   int          `json:"unseen"`
	At       time.Time    `json:"at"`
}

func figuresOf(f ingest.ReuseFigures) figuresJSON {
	return figuresJSON{f.Agency, f.From, f.Until, f.Received, f.Reusing, rate(f), f.Accepted, f.Declined, f.Offered, f.Lost, f.Unseen, f.At}
}

// compareCmd notes that a digitised paper was compared with the original.
type compareCmd struct {
	ID   string `arg:"" help:"Document ID."`
	Form string `arg:"" help:"What was brought: original, register, certified or electronic."`
}

// Run implements the command.
func (c *compareCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withDocument(ctx, set, log, c.ID, func(a *app, doc sohoa.Document) error {
		doc, err := a.service.Compare(ctx, actor(), doc.ID, sohoa.PaperForm(c.Form))
		return printLife(out.out, set.Lang, doc, err)
	})
}
