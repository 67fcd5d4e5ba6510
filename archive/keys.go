package archive

import (
	"context"
	"time"

	"sohoa"
)

// Programs are the reads about programs that use the API: their keys and the
// webhooks by which they are told.
type Programs interface {
	// APIKeys returns all keys by name, also those that are good no more.
	APIKeys(ctx context.Context) ([]sohoa.APIKey, error)
	// KeyByHash finds a key by the hash of its secret.
	KeyByHash(ctx context.Context, hash sohoa.Digest) (sohoa.APIKey, error)
	// Webhooks returns all webhooks, the oldest first.
	Webhooks(ctx context.Context) ([]sohoa.Webhook, error)
	// Deliveries returns those that q selects, the newest first.
	Deliveries(ctx context.Context, q DeliveryQuery) ([]sohoa.Delivery, error)
	// Expired returns kept documents in scope whose last day of validity is
	// day, after the given one, in the order of their identifiers.
	Expired(ctx context.Context, scope sohoa.Scope, day sohoa.Date, after sohoa.DocumentID, limit int) ([]sohoa.Document, error)
}

// DeliveryQuery selects deliveries; zero fields select all.
type DeliveryQuery struct {
	Hook   sohoa.SetID
	State  sohoa.DeliveryState
	Oldest bool // the oldest first
	Limit  int  // 0 is 100
}

// ProgramsTx are the changes to them.
type ProgramsTx interface {
	// APIKey returns the key of a name, or sohoa.ErrNotExist.
	APIKey(name string) (sohoa.APIKey, error)
	// PutAPIKey enters all of a key but its last use.
	PutAPIKey(k sohoa.APIKey) error
	// UseAPIKey enters the last use of a key.
	UseAPIKey(name string, at time.Time) error
	// Webhook returns a webhook, or sohoa.ErrNotExist.
	Webhook(id sohoa.SetID) (sohoa.Webhook, error)
	PutWebhook(h sohoa.Webhook) error
	// RemoveWebhook removes it with its deliveries.
	RemoveWebhook(id sohoa.SetID) error
	PutDelivery(d sohoa.Delivery) error
	// TrimDeliveries removes those of a hook that are not pending any more and
	// were made before t, or are numbered before first.
	TrimDeliveries(hook sohoa.SetID, t time.Time, first int) error
	// Answer returns what was answered to a request of an actor, or
	// sohoa.ErrNotExist.
	Answer(actor, id string) (APIAnswer, error)
	PutAnswer(a APIAnswer) error
	RemoveAnswer(actor, id string) error
	// RemoveAnswers removes those that are kept until before t.
	RemoveAnswers(t time.Time) error
	// Secret returns the secret of the installation that has a name, which is
	// fresh where there was none.
	Secret(name string, fresh []byte) ([]byte, error)
}

// APIAnswer is the answer to a request that may come again
// (draft-ietf-httpapi-idempotency-key-header).
type APIAnswer struct {
	Actor   string
	ID      string       // Idempotency-Key
	Request sohoa.Digest // of method, path and body
	Until   time.Time    // for as long as it is kept; while it is worked on, when that is taken to have failed
	Status  int          // 0 while it is worked on
	Type    string       // media type
	Body    []byte
}

// UnknownWebhook is the Problem of a webhook that is not there.
func UnknownWebhook(id sohoa.SetID) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "hook.unknown", Args: []string{string(id)}}
}

// UnknownKey is the Problem of an API key that is not there.
func UnknownKey(name string) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "key.unknown", Args: []string{name}}
}
