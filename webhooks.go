package sohoa

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Webhook is an address that is told what happens to results, on behalf of an
// API key: what concerns the key's agencies, and no other.
type Webhook struct {
	ID        SetID       `json:"id"`
	URL       string      `json:"url"`
	Key       string      `json:"key"` // APIKey.Name
	Events    []HookEvent `json:"events"`
	CreatedAt time.Time   `json:"createdAt"`
	CreatedBy string      `json:"createdBy"`

	Cursor   uint64     `json:"cursor"`             // the journal entry up to which deliveries were made
	Day      Date       `json:"day"`                // up to and with which ended validities were looked at,
	After    DocumentID `json:"after,omitzero"`     // and how far the day after it is
	Made     int        `json:"made"`               // deliveries; the newest has this number
	Failures int        `json:"failures,omitempty"` // attempts in a row that failed
	Disabled time.Time  `json:"disabled,omitzero"`  // nothing is sent since then
	Problem  *Problem   `json:"problem,omitempty"`  // why
	Success  time.Time  `json:"success,omitzero"`   // the last delivery
	Secret   string     `json:"-"`                  // deliveries are signed with it; shown once, kept in the catalogue as it is
}

// HookEvent is something that a webhook is told.
type HookEvent string

// The events. Results are those of the key's agencies, uses those of its
// dossiers.
const (
	HookAvailable HookEvent = "result.available" // kept, of a known kind; or in force again
	HookRevoked   HookEvent = "result.revoked"
	HookReplaced  HookEvent = "result.replaced"
	HookExpired   HookEvent = "result.expired" // its last day of validity is over
	HookLost      HookEvent = "reuse.lost"     // what a dossier uses is of no force any more
)

// HookEvents are all of them.
var HookEvents = []HookEvent{HookAvailable, HookRevoked, HookReplaced, HookExpired, HookLost}

// Check reports as a Problem why h cannot be entered. Whether its host is
// allowed is for whoever sends to say.
func (h Webhook) Check() error {
	u, err := url.Parse(h.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "" ||
		len(h.URL) > MaxHookURL || strings.ContainsFunc(h.URL, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return &Problem{Kind: ErrInvalid, Code: "hook.url", Args: []string{strconv.Itoa(MaxHookURL)}}
	}
	ok := len(h.Events) > 0
	for _, e := range h.Events {
		ok = ok && slices.Contains(HookEvents, e)
	}
	if !ok {
		var names []string
		for _, e := range HookEvents {
			names = append(names, string(e))
		}
		return &Problem{Kind: ErrInvalid, Code: "hook.events", Args: []string{strings.Join(names, ", ")}}
	}
	return nil
}

// hookSecretPrefix leads secrets of webhooks (Standard Webhooks 1.0).
const hookSecretPrefix = "whsec_"

// NewHookSecret makes the secret of a webhook.
func NewHookSecret() string {
	return hookSecretPrefix + base64.StdEncoding.EncodeToString(random(32))
}

// HookKey is the key that a secret stands for; nil of what is no secret.
func HookKey(secret string) []byte {
	s, ok := strings.CutPrefix(secret, hookSecretPrefix)
	key, err := base64.StdEncoding.DecodeString(s)
	if !ok || err != nil || len(key) < 24 {
		return nil
	}
	return key
}

// Delivery is one message to a webhook.
type Delivery struct {
	Hook     SetID           `json:"hook"`
	Number   int             `json:"number"` // 1, 2, ... of its hook, in the order in which they are sent
	Event    HookEvent       `json:"event"`
	Seq      uint64          `json:"seq,omitempty"` // the journal entry that it tells; 0 of HookExpired
	Body     json.RawMessage `json:"body"`
	State    DeliveryState   `json:"state"`
	Made     time.Time       `json:"made"`
	Attempts int             `json:"attempts"`
	Next     time.Time       `json:"next,omitzero"` // of DeliveryPending: not before
	Last     time.Time       `json:"last,omitzero"` // attempt
	Status   int             `json:"status,omitempty"`
	Problem  *Problem        `json:"problem,omitempty"` // of the last attempt
}

// ID is what the receiver knows a message by: the same with every attempt.
func (d Delivery) ID() string { return string(d.Hook) + "." + strconv.Itoa(d.Number) }

// DeliveryState is how far a delivery got.
type DeliveryState string

// The states.
const (
	DeliveryPending DeliveryState = "pending"
	DeliveryDone    DeliveryState = "delivered"
	DeliveryFailed  DeliveryState = "failed" // given up; the hook is disabled
)
