package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/hooks"
)

// webhookCmd is about the addresses that are told what happens to results.
type webhookCmd struct {
	Add        webhookAddCmd        `cmd:"" help:"Add an address for an API key; its secret is printed once."`
	List       webhookListCmd       `cmd:"" help:"List webhooks: state, key, events, address."`
	Remove     webhookRemoveCmd     `cmd:"" help:"Remove a webhook with what waits for it."`
	Deliveries webhookDeliveriesCmd `cmd:"" help:"List what was sent and what waits, the newest first."`
	Retry      webhookRetryCmd      `cmd:"" help:"Enable a webhook again, and send at once what waits and what was given up."`
}

// hooks is where webhooks are entered and sent from.
func (a *app) hooks() (*hooks.Desk, error) {
	policy, err := hooks.ParsePolicy(a.set.WebhookHosts)
	if err != nil {
		return nil, err
	}
	cfg := hooks.Config{Catalog: a.catalog, Policy: policy, Log: a.log}
	if a.set.WebhookCA != "" {
		pem, err := os.ReadFile(a.set.find(a.set.WebhookCA))
		if err != nil {
			return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "file.not-found", Args: []string{a.set.WebhookCA}, Detail: err.Error()}
		}
		if cfg.Roots, err = x509.SystemCertPool(); err != nil {
			cfg.Roots = x509.NewCertPool()
		}
		if !cfg.Roots.AppendCertsFromPEM(pem) {
			return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "hook.ca", Args: []string{a.set.WebhookCA}}
		}
	}
	return hooks.New(cfg), nil
}

// withHooks opens the archive and its webhooks for f.
func withHooks(ctx context.Context, set *settings, log *slog.Logger, f func(*app, *hooks.Desk) error) error {
	return withArchive(ctx, set, log, func(a *app) error {
		d, err := a.hooks()
		if err != nil {
			return err
		}
		return f(a, d)
	})
}

// webhookAddCmd adds a webhook.
type webhookAddCmd struct {
	URL    string   `arg:"" help:"Address, https://...; its host must be in webhook_hosts."`
	Key    string   `required:"" help:"Name of the API key on whose behalf it is told; with the scope webhook."`
	Events []string `required:"" placeholder:"EVENT" help:"What it is told: result.available, result.revoked, result.replaced, result.expired, reuse.lost."`
}

// Run implements the command.
func (c *webhookAddCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withHooks(ctx, set, log, func(_ *app, d *hooks.Desk) error {
		h := sohoa.Webhook{URL: c.URL, Key: c.Key}
		for _, e := range c.Events {
			h.Events = append(h.Events, sohoa.HookEvent(e))
		}
		h, err := d.Add(ctx, actor(), h)
		if err != nil {
			return err
		}
		fmt.Fprintf(out.out, "%s %s\n", h.ID, h.Secret)
		fmt.Fprintln(out.err, set.in("Hãy cất khóa bí mật này ngay: nó không được hiện lại.", "Keep this secret now: it is not shown again."))
		return nil
	})
}

// webhookListCmd lists webhooks.
type webhookListCmd struct {
	JSON bool `name:"json" help:"One JSON object a line."`
}

// Run implements the command.
func (c *webhookListCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		all, err := a.catalog.Webhooks(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printLines(out.out, all)
		}
		w := tabwriter.NewWriter(out.out, 0, 0, 2, ' ', 0)
		for _, h := range all {
			state := "enabled"
			if !h.Disabled.IsZero() {
				state = "disabled"
			}
			events := make([]string, len(h.Events))
			for i, e := range h.Events {
				events[i] = string(e)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", h.ID, state, h.Key, strings.Join(events, ","), h.URL, problemText(h.Problem, set.Lang))
		}
		return w.Flush()
	})
}

// attemptText is problemText with what only an operator can use: whether it
// was the name, the connection or the certificate.
func attemptText(p *sohoa.Problem, lang sohoa.Lang) string {
	if p == nil || p.Detail == "" {
		return problemText(p, lang)
	}
	return p.Text(lang) + " (" + p.Detail + ")"
}

func problemText(p *sohoa.Problem, lang sohoa.Lang) string {
	if p == nil {
		return ""
	}
	return p.Text(lang)
}

// webhookRemoveCmd removes a webhook.
type webhookRemoveCmd struct {
	ID string `arg:"" help:"The webhook."`
}

// Run implements the command.
func (c *webhookRemoveCmd) Run(ctx context.Context, set *settings, _ *streams, log *slog.Logger) error {
	id, err := sohoa.ParseSetID(c.ID)
	if err != nil {
		return err
	}
	return withHooks(ctx, set, log, func(_ *app, d *hooks.Desk) error { return d.Drop(ctx, actor(), id) })
}

// webhookDeliveriesCmd lists deliveries.
type webhookDeliveriesCmd struct {
	ID    string `arg:"" help:"The webhook."`
	State string `enum:"pending,delivered,failed," default:"" help:"Only those in one state: pending, delivered or failed."`
	Limit int    `default:"100" help:"How many."`
	JSON  bool   `name:"json" help:"One JSON object a line."`
}

// Run implements the command.
func (c *webhookDeliveriesCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	id, err := sohoa.ParseSetID(c.ID)
	if err != nil {
		return err
	}
	return withArchive(ctx, set, log, func(a *app) error {
		all, err := a.catalog.Deliveries(ctx, archive.DeliveryQuery{Hook: id, State: sohoa.DeliveryState(c.State), Limit: c.Limit})
		if err != nil {
			return err
		}
		if c.JSON {
			return printLines(out.out, all)
		}
		w := tabwriter.NewWriter(out.out, 0, 0, 2, ' ', 0)
		for _, m := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", m.ID(), m.State, m.Event, m.Attempts, attemptText(m.Problem, set.Lang))
		}
		return w.Flush()
	})
}

// webhookRetryCmd enables a webhook again.
type webhookRetryCmd struct {
	ID string `arg:"" help:"The webhook."`
}

// Run implements the command.
func (c *webhookRetryCmd) Run(ctx context.Context, set *settings, _ *streams, log *slog.Logger) error {
	id, err := sohoa.ParseSetID(c.ID)
	if err != nil {
		return err
	}
	return withHooks(ctx, set, log, func(_ *app, d *hooks.Desk) error {
		_, err := d.Retry(ctx, actor(), id)
		return err
	})
}
