package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"text/tabwriter"
	"time"

	"sohoa"
	"sohoa/archive"
)

// apiKeyCmd is about the keys of programs that use the API.
type apiKeyCmd struct {
	New    apiKeyNewCmd    `cmd:"" help:"Make a key for --agency CODE[,CODE]; its secret is printed once."`
	List   apiKeyListCmd   `cmd:"" help:"List keys: scopes, agencies, expiry, last use."`
	Revoke apiKeyRevokeCmd `cmd:"" help:"Revoke a key at once."`
}

// apiKeyNewCmd makes a key. The agencies whose papers it may see are those of
// the setting agency, which here may be several, joined by commas.
type apiKeyNewCmd struct {
	Name    string   `arg:"" help:"Name of the program; the journal says api:NAME."`
	Scope   []string `required:"" placeholder:"SCOPE" help:"What it may ask for: look-up, reuse, search, webhook."`
	Expires int      `default:"365" placeholder:"DAYS" help:"For how many days it is good."`
	From    []string `placeholder:"NETWORK" help:"Networks from which it may be used, such as 10.1.0.0/16; none is from everywhere."`
	Rate    int      `default:"300" help:"Requests a minute."`
	Replace bool     `help:"Put it in the place of the key of that name, which is good no more."`
}

// Run implements the command.
func (c *apiKeyNewCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	now := time.Now().UTC()
	k := sohoa.APIKey{Name: c.Name, Agencies: strings.Split(set.Agency, ","), Rate: c.Rate, CreatedAt: now, CreatedBy: actor(), Expires: now.AddDate(0, 0, c.Expires)}
	for _, s := range c.Scope {
		k.Scopes = append(k.Scopes, sohoa.KeyScope(s))
	}
	for _, n := range c.From {
		p, err := netip.ParsePrefix(n)
		if err != nil {
			return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "hook.network", Args: []string{n}}
		}
		k.Networks = append(k.Networks, p.Masked())
	}
	if err := k.Check(); err != nil {
		return err
	}
	secret := sohoa.NewKeySecret()
	k.Hash, _ = sohoa.HashKeySecret(secret)
	return withArchive(ctx, set, log, func(a *app) error {
		if err := a.addKey(ctx, k, c.Replace); err != nil {
			return err
		}
		fmt.Fprintln(out.out, secret)
		fmt.Fprintln(out.err, set.in("Hãy cất khóa này ngay: nó không được hiện lại. Hạn dùng: %s.", "Keep this key now: it is not shown again. It is good until %s.",
			sohoa.OnPaper(k.Expires)))
		return nil
	})
}

// addKey enters a key, and its agencies.
func (a *app) addKey(ctx context.Context, k sohoa.APIKey, replace bool) error {
	if err := a.knowAgencies(ctx, k.Agencies...); err != nil {
		return err
	}
	return archive.EnterKey(ctx, a.catalog, actor(), k, replace)
}

// apiKeyListCmd lists keys.
type apiKeyListCmd struct {
	JSON bool `name:"json" help:"One JSON object a line."`
}

// Run implements the command.
func (c *apiKeyListCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		keys, err := a.catalog.APIKeys(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printLines(out.out, keys)
		}
		w := tabwriter.NewWriter(out.out, 0, 0, 2, ' ', 0)
		for _, k := range keys {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.Name, keyState(k, time.Now()), joinScopes(k.Scopes), strings.Join(k.Agencies, ","),
				day(k.Expires), day(k.LastUse))
		}
		return w.Flush()
	})
}

// printLines writes each of all as a line of JSON.
func printLines[T any](w io.Writer, all []T) error {
	e := json.NewEncoder(w)
	for _, v := range all {
		if err := e.Encode(v); err != nil {
			return err
		}
	}
	return nil
}

func keyState(k sohoa.APIKey, now time.Time) string {
	switch {
	case !k.Revoked.IsZero():
		return "revoked"
	case !now.Before(k.Expires):
		return "expired"
	}
	return "good"
}

func joinScopes(scopes []sohoa.KeyScope) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return strings.Join(names, ",")
}

// day is the day of a moment, or "-".
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return string(sohoa.DateOf(t))
}

// apiKeyRevokeCmd revokes a key.
type apiKeyRevokeCmd struct {
	Name string `arg:"" help:"Name of the key."`
}

// Run implements the command.
func (c *apiKeyRevokeCmd) Run(ctx context.Context, set *settings, _ *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		return archive.RevokeKey(ctx, a.catalog, actor(), c.Name, time.Now())
	})
}
