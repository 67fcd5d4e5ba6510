package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/hooks"
)

func (s *Server) registerWebhooks(api huma.API) {
	list := operation("list-webhooks", http.MethodGet, "/webhooks", "The webhooks of the key; of administrators, all")
	huma.Register(api, list, s.apiWebhooks)
	deliveries := operation("list-deliveries", http.MethodGet, "/webhooks/{webhook}/deliveries", "What was sent to a webhook and what waits, newest first")
	deliveries.Errors = []int{http.StatusForbidden, http.StatusNotFound}
	huma.Register(api, deliveries, s.apiDeliveries)
	retry := operation("retry-webhook", http.MethodPost, "/webhooks/{webhook}/retry", "Enable a webhook again, and send at once what waits and what was given up")
	retry.Errors = []int{http.StatusForbidden, http.StatusNotFound}
	huma.Register(api, retry, s.apiRetryWebhook)
}

// WebhookView is a webhook as the API shows it, without its secret.
type WebhookView struct {
	ID       sohoa.SetID       `json:"id"`
	URL      string            `json:"url"`
	Key      string            `json:"key"`
	Events   []sohoa.HookEvent `json:"events"`
	Created  time.Time         `json:"created"`
	Success  time.Time         `json:"success,omitzero" doc:"The last delivery."`
	Failures int               `json:"failures" doc:"Attempts in a row that failed."`
	Disabled time.Time         `json:"disabled,omitzero" doc:"Nothing is sent since then."`
	Code     string            `json:"code,omitempty" doc:"Why, for programs."`
	Because  string            `json:"because,omitempty" doc:"Why, for people."`
}

func viewWebhook(ctx context.Context, h sohoa.Webhook) WebhookView {
	v := WebhookView{ID: h.ID, URL: h.URL, Key: h.Key, Events: h.Events, Created: h.CreatedAt, Success: h.Success, Failures: h.Failures, Disabled: h.Disabled}
	if h.Problem != nil {
		v.Code, v.Because = h.Problem.Code, h.Problem.Text(visitOf(ctx).lang)
	}
	return v
}

// webhooks are those that whoever asks may see: a program its own, an
// administrator all, a clerk none.
func (s *Server) webhooks(ctx context.Context) ([]sohoa.Webhook, error) {
	all, err := s.cfg.Catalog.Webhooks(ctx)
	k := keyOf(ctx)
	return slices.DeleteFunc(all, func(h sohoa.Webhook) bool {
		return k == nil && !userOf(ctx).May(sohoa.PowerOperate) || k != nil && h.Key != k.Name
	}), err
}

func (s *Server) webhook(ctx context.Context, id string) (sohoa.Webhook, error) {
	parsed, err := sohoa.ParseSetID(id)
	if err != nil {
		return sohoa.Webhook{}, err
	}
	all, err := s.webhooks(ctx)
	if err != nil {
		return sohoa.Webhook{}, err
	}
	i := slices.IndexFunc(all, func(h sohoa.Webhook) bool { return h.ID == parsed })
	if i < 0 {
		return sohoa.Webhook{}, archive.UnknownWebhook(parsed)
	}
	return all[i], nil
}

type webhooksOutput struct {
	Body struct {
		Webhooks []WebhookView `json:"webhooks"`
	}
}

func (s *Server) apiWebhooks(ctx context.Context, _ *struct{}) (*webhooksOutput, error) {
	all, err := s.webhooks(ctx)
	if err != nil {
		return nil, err
	}
	out := &webhooksOutput{}
	out.Body.Webhooks = []WebhookView{}
	for _, h := range all {
		out.Body.Webhooks = append(out.Body.Webhooks, viewWebhook(ctx, h))
	}
	return out, nil
}

// DeliveryView is a message to a webhook.
type DeliveryView struct {
	ID       string              `json:"id" doc:"webhook-id."`
	Event    sohoa.HookEvent     `json:"event"`
	State    sohoa.DeliveryState `json:"state" enum:"pending,delivered,failed"`
	Made     time.Time           `json:"made"`
	Attempts int                 `json:"attempts"`
	Last     time.Time           `json:"last,omitzero"`
	Next     time.Time           `json:"next,omitzero"`
	Status   int                 `json:"status,omitempty" doc:"Of the last answer."`
	Code     string              `json:"code,omitempty"`
	Because  string              `json:"because,omitempty"`
}

type deliveriesInput struct {
	Webhook string `path:"webhook" doc:"26 letters and digits."`
	State   string `query:"state" enum:"pending,delivered,failed"`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type deliveriesOutput struct {
	Body struct {
		Deliveries []DeliveryView `json:"deliveries"`
	}
}

func (s *Server) apiDeliveries(ctx context.Context, in *deliveriesInput) (*deliveriesOutput, error) {
	h, err := s.webhook(ctx, in.Webhook)
	if err != nil {
		return nil, err
	}
	all, err := s.cfg.Catalog.Deliveries(ctx, archive.DeliveryQuery{Hook: h.ID, State: sohoa.DeliveryState(in.State), Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &deliveriesOutput{}
	out.Body.Deliveries = []DeliveryView{}
	for _, d := range all {
		v := DeliveryView{ID: d.ID(), Event: d.Event, State: d.State, Made: d.Made, Attempts: d.Attempts, Last: d.Last, Next: d.Next, Status: d.Status}
		if d.Problem != nil {
			v.Code, v.Because = d.Problem.Code, d.Problem.Text(visitOf(ctx).lang)
		}
		out.Body.Deliveries = append(out.Body.Deliveries, v)
	}
	return out, nil
}

type retryWebhookInput struct {
	Webhook string `path:"webhook" doc:"26 letters and digits."`
}

type webhookOutput struct{ Body WebhookView }

func (s *Server) apiRetryWebhook(ctx context.Context, in *retryWebhookInput) (*webhookOutput, error) {
	h, err := s.webhook(ctx, in.Webhook)
	if err != nil {
		return nil, err
	}
	if h, err = hooks.New(hooks.Config{Catalog: s.cfg.Catalog, Now: s.cfg.Now}).Retry(ctx, userOf(ctx).Name, h.ID); err != nil {
		return nil, err
	}
	return &webhookOutput{viewWebhook(ctx, h)}, nil
}
