package web

import (
	"context"
	"net/http"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/hooks"
)

// HookDesk is where webhooks are entered. hooks.Desk is one, and describes the
// methods.
type HookDesk interface {
	Add(ctx context.Context, actor string, h sohoa.Webhook) (sohoa.Webhook, error)
	Drop(ctx context.Context, actor string, id sohoa.SetID) error
	Retry(ctx context.Context, actor string, id sohoa.SetID) (sohoa.Webhook, error)
}

var _ HookDesk = (*hooks.Desk)(nil)

// deliveriesShown is how many deliveries of a webhook its page lists.
const deliveriesShown = 100

// webhooksPage is what the page of the webhooks shows.
type webhooksPage struct {
	Webhooks []sohoa.Webhook
	Keys     []sohoa.APIKey // that may have one
	Events   []sohoa.HookEvent
	Enter    bool // webhooks are entered here
	Typed    sohoa.Webhook
	Secret   string // of the one that was made, shown once
	Error    string
}

// Tells reports whether an event is chosen.
func (p webhooksPage) Tells(e sohoa.HookEvent) bool {
	for _, chosen := range p.Typed.Events {
		if chosen == e {
			return true
		}
	}
	return false
}

func (s *Server) pageWebhooks(w http.ResponseWriter, r *http.Request) error {
	return s.renderWebhooks(w, r, http.StatusOK, webhooksPage{})
}

func (s *Server) renderWebhooks(w http.ResponseWriter, r *http.Request, status int, p webhooksPage) error {
	var err error
	if p.Webhooks, err = s.cfg.Catalog.Webhooks(r.Context()); err != nil {
		return err
	}
	keys, err := s.cfg.Catalog.APIKeys(r.Context())
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.May(sohoa.KeyWebhook) && k.Revoked.IsZero() && s.cfg.Now().Before(k.Expires) {
			p.Keys = append(p.Keys, k)
		}
	}
	p.Events, p.Enter = sohoa.HookEvents, s.cfg.Hooks != nil
	s.render(w, r, status, "webhooks", frame{Title: text(r, "webhooks.title"), Body: p})
	return nil
}

// hookDesk is where webhooks are entered, if anywhere.
func (s *Server) hookDesk() (HookDesk, error) {
	if s.cfg.Hooks == nil {
		return nil, newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	return s.cfg.Hooks, nil
}

// postWebhook adds a webhook and shows its secret this once.
func (s *Server) postWebhook(w http.ResponseWriter, r *http.Request) error {
	d, err := s.hookDesk()
	if err != nil {
		return err
	}
	h := sohoa.Webhook{URL: clean(r.PostFormValue("url")), Key: r.PostFormValue("key")}
	for _, e := range r.PostForm["event"] {
		h.Events = append(h.Events, sohoa.HookEvent(e))
	}
	made, err := d.Add(r.Context(), userOf(r.Context()).Name, h)
	if err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		return s.renderWebhooks(w, r, status, webhooksPage{Typed: h, Error: message})
	}
	return s.renderWebhooks(w, r, http.StatusOK, webhooksPage{Secret: made.Secret})
}

// webhookPage is what the page of one webhook shows.
type webhookPage struct {
	sohoa.Webhook
	Deliveries []sohoa.Delivery
	State      sohoa.DeliveryState // that is asked for
	States     []sohoa.DeliveryState
	Enter      bool
}

func (s *Server) pageWebhook(w http.ResponseWriter, r *http.Request) error {
	h, err := s.webhook(r.Context(), r.PathValue("webhook"))
	if err != nil {
		return err
	}
	p := webhookPage{Webhook: h, Enter: s.cfg.Hooks != nil, State: sohoa.DeliveryState(r.URL.Query().Get("state")),
		States: []sohoa.DeliveryState{sohoa.DeliveryPending, sohoa.DeliveryDone, sohoa.DeliveryFailed}}
	if p.Deliveries, err = s.cfg.Catalog.Deliveries(r.Context(), archive.DeliveryQuery{Hook: h.ID, State: p.State, Limit: deliveriesShown}); err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, "webhook", frame{Title: text(r, "webhooks.one"), Body: p})
	return nil
}

func (s *Server) postWebhookRetry(w http.ResponseWriter, r *http.Request) error {
	h, err := s.webhook(r.Context(), r.PathValue("webhook"))
	if err != nil {
		return err
	}
	if _, err := hooks.New(hooks.Config{Catalog: s.cfg.Catalog, Now: s.cfg.Now}).Retry(r.Context(), userOf(r.Context()).Name, h.ID); err != nil {
		return err
	}
	http.Redirect(w, r, pathOf("admin", "webhooks", string(h.ID)), http.StatusSeeOther)
	return nil
}

func (s *Server) postWebhookDrop(w http.ResponseWriter, r *http.Request) error {
	d, err := s.hookDesk()
	if err != nil {
		return err
	}
	h, err := s.webhook(r.Context(), r.PathValue("webhook"))
	if err != nil {
		return err
	}
	if err := d.Drop(r.Context(), userOf(r.Context()).Name, h.ID); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/webhooks", http.StatusSeeOther)
	return nil
}
