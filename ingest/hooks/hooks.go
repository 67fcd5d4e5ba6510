// Package hooks tells programs what happens to results: webhooks.
//
// What is told follows the journal. Each webhook has a place in it up to
// which deliveries were made; a delivery and the new place are entered in one
// transaction, so that nothing is missed and nothing is made twice, whenever
// the program is cut off. A delivery is sent at least once: one whose answer
// was lost is sent again under the same identifier. Those of one webhook are
// sent one after the other in the order of the journal; one that fails holds
// up those behind it, and after sohoa.MaxHookAttempts its webhook is disabled
// and the journal says so. Nothing is lost by that either: when it is enabled
// again it goes on from where it was.
//
// The form is that of Standard Webhooks 1.0 (webhook-id, webhook-timestamp,
// webhook-signature). A body holds codes and times, and nothing else about
// anybody.
package hooks

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sohoa"
	"sohoa/archive"
)

// Config is what a Desk is made of.
type Config struct {
	Catalog archive.Catalog
	Policy  Policy
	Roots   *x509.CertPool   // optional; what receivers' certificates lead to, in place of the system's
	Log     *slog.Logger     // optional; discards
	Now     func() time.Time // optional; the clock
	Timeout time.Duration    // optional; of one delivery, sohoa.MaxHookTime
}

// Desk is where webhooks are entered, and what sends. It is safe for
// concurrent use.
type Desk struct {
	Config
	client *http.Client
	holder string // of the lease
}

// New makes a desk.
func New(cfg Config) *Desk {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = sohoa.MaxHookTime
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Desk{Config: cfg, client: cfg.Policy.client(cfg.Roots, cfg.Timeout), holder: sohoa.NewDocumentID(cfg.Now()).String()}
}

// Add enters a webhook of a key. It is told what happens from now on. Its
// secret, which is in the answer, is not shown again.
func (d *Desk) Add(ctx context.Context, actor string, h sohoa.Webhook) (sohoa.Webhook, error) {
	if err := h.Check(); err != nil {
		return h, err
	}
	if err := d.Policy.Allows(h.URL); err != nil {
		return h, err
	}
	now := d.Now().UTC()
	h.ID, h.CreatedAt, h.CreatedBy, h.Secret = sohoa.NewSetID(now), now, actor, sohoa.NewHookSecret()
	h.Day = sohoa.DateOf(now.AddDate(0, 0, -1))
	slices.Sort(h.Events)
	h.Events = slices.Compact(h.Events)
	all, err := d.Catalog.Webhooks(ctx)
	if err != nil {
		return h, err
	}
	if len(all) >= sohoa.MaxHooks {
		return h, &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "hook.many", Args: []string{strconv.Itoa(len(all))}}
	}
	return h, d.Catalog.Update(ctx, func(tx archive.Tx) error {
		k, err := tx.APIKey(h.Key)
		if err != nil {
			return err
		}
		if err := usable(k, now); err != nil {
			return err
		}
		e, err := enter(tx, actor, sohoa.ActionHook, map[string]any{"hook": h.ID, "key": h.Key, "url": h.URL, "events": h.Events})
		if err != nil {
			return err
		}
		h.Cursor = e.Seq
		return tx.PutWebhook(h)
	})
}

// usable reports as "hook.key" that a key has no webhooks now.
func usable(k sohoa.APIKey, now time.Time) error {
	if !k.Revoked.IsZero() || !now.Before(k.Expires) || !k.May(sohoa.KeyWebhook) {
		return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "hook.key"}
	}
	return nil
}

func enter(tx archive.Tx, actor string, action sohoa.Action, about map[string]any) (sohoa.Entry, error) {
	b, err := json.Marshal(about)
	if err != nil {
		return sohoa.Entry{}, err
	}
	return tx.Append(sohoa.Entry{Actor: actor, Action: action, Detail: string(b)})
}

// Drop removes a webhook with what waits for it.
func (d *Desk) Drop(ctx context.Context, actor string, id sohoa.SetID) error {
	return d.Catalog.Update(ctx, func(tx archive.Tx) error {
		if _, err := tx.Webhook(id); err != nil {
			return err
		}
		if err := tx.RemoveWebhook(id); err != nil {
			return err
		}
		_, err := enter(tx, actor, sohoa.ActionHook, map[string]any{"hook": id, "removed": true})
		return err
	})
}

// Retry enables a webhook again, and sends at once what waits and what was
// given up.
func (d *Desk) Retry(ctx context.Context, actor string, id sohoa.SetID) (sohoa.Webhook, error) {
	waiting, err := d.Catalog.Deliveries(ctx, archive.DeliveryQuery{Hook: id, State: sohoa.DeliveryPending, Limit: sohoa.MaxHookPending})
	if err != nil {
		return sohoa.Webhook{}, err
	}
	failed, err := d.Catalog.Deliveries(ctx, archive.DeliveryQuery{Hook: id, State: sohoa.DeliveryFailed, Limit: sohoa.MaxHookPending})
	if err != nil {
		return sohoa.Webhook{}, err
	}
	var h sohoa.Webhook
	return h, d.Catalog.Update(ctx, func(tx archive.Tx) error {
		if h, err = tx.Webhook(id); err != nil {
			return err
		}
		h.Disabled, h.Problem, h.Failures = time.Time{}, nil, 0
		for _, m := range append(failed, waiting...) {
			m.State, m.Attempts, m.Next = sohoa.DeliveryPending, 0, time.Time{}
			if err := tx.PutDelivery(m); err != nil {
				return err
			}
		}
		if err := tx.PutWebhook(h); err != nil {
			return err
		}
		_, err := enter(tx, actor, sohoa.ActionHook, map[string]any{"hook": id, "retried": len(failed) + len(waiting)})
		return err
	})
}

// hook returns a webhook, or sohoa.ErrNotExist.
func (d *Desk) hook(ctx context.Context, id sohoa.SetID) (sohoa.Webhook, error) {
	all, err := d.Catalog.Webhooks(ctx)
	if err != nil {
		return sohoa.Webhook{}, err
	}
	i := slices.IndexFunc(all, func(h sohoa.Webhook) bool { return h.ID == id })
	if i < 0 {
		return sohoa.Webhook{}, archive.UnknownWebhook(id)
	}
	return all[i], nil
}

// key returns the key of a webhook if it may have one now.
func (d *Desk) key(ctx context.Context, name string) (sohoa.APIKey, error) {
	all, err := d.Catalog.APIKeys(ctx)
	if err != nil {
		return sohoa.APIKey{}, err
	}
	i := slices.IndexFunc(all, func(k sohoa.APIKey) bool { return k.Name == name })
	if i < 0 {
		return sohoa.APIKey{}, &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "hook.key"}
	}
	return all[i], usable(all[i], d.Now())
}

func missing(err error) bool { return errors.Is(err, sohoa.ErrNotExist) }
