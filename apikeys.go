package sohoa

import (
	"crypto/rand"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// APIKey is what a program, such as the one-stop software, asks with. Its
// secret is shown once, when the key is made; what is kept is its hash.
type APIKey struct {
	Name      string         `json:"name"`     // the journal says "api:" and this
	Agencies  []string       `json:"agencies"` // Agency.Code of those whose papers it may see
	Scopes    []KeyScope     `json:"scopes"`   // what it may ask for
	Networks  []netip.Prefix `json:"networks,omitempty"`
	Rate      int            `json:"rate"` // requests a minute
	CreatedAt time.Time      `json:"createdAt"`
	CreatedBy string         `json:"createdBy"` // User.Name
	Expires   time.Time      `json:"expires"`
	Revoked   time.Time      `json:"revoked,omitzero"`
	LastUse   time.Time      `json:"lastUse,omitzero"` // to within KeyUseEvery

	Hash Digest `json:"-"` // of the secret
}

// KeyScope is a group of routes of the API.
type KeyScope string

// The scopes. Each is a group of its own: none includes another.
const (
	KeyLookUp  KeyScope = "look-up" // what is held of the owner of a dossier, and its files
	KeyReuse   KeyScope = "reuse"   // dossiers, papers, and decisions about reuse
	KeySearch  KeyScope = "search"  // full text, for a dossier at hand
	KeyWebhook KeyScope = "webhook" // its own webhooks and their deliveries
)

// KeyScopes are all of them.
var KeyScopes = []KeyScope{KeyLookUp, KeyReuse, KeySearch, KeyWebhook}

// APIActor leads the names of keys in the journal.
const APIActor = "api:"

// Actor is the name of the key in the journal. No user's name has a colon.
func (k APIKey) Actor() string { return APIActor + k.Name }

// Scope is what k may see.
func (k APIKey) Scope() Scope { return Scope{Agencies: k.Agencies} }

// May reports whether k has a scope.
func (k APIKey) May(s KeyScope) bool { return slices.Contains(k.Scopes, s) }

// Check reports as a Problem why k cannot be entered.
func (k APIKey) Check() error {
	refuse := func(code string, args ...string) error { return &Problem{Kind: ErrInvalid, Code: code, Args: args} }
	switch {
	case !userName.MatchString(k.Name):
		return refuse("user.name", k.Name)
	case len(k.Agencies) == 0 || len(k.Agencies) > MaxKeyAgencies || slices.Contains(k.Agencies, ""):
		return refuse("key.agencies", strconv.Itoa(MaxKeyAgencies))
	case len(k.Scopes) == 0:
		return refuse("key.scopes", joinScopes())
	case len(k.Networks) > MaxKeyNetworks:
		return refuse("key.networks", strconv.Itoa(MaxKeyNetworks))
	case k.Rate < 1 || k.Rate > MaxKeyRate:
		return refuse("key.rate", strconv.Itoa(MaxKeyRate))
	case !k.Expires.After(k.CreatedAt) || k.Expires.Sub(k.CreatedAt) > MaxKeyDays*24*time.Hour:
		return refuse("key.expires", strconv.Itoa(MaxKeyDays))
	}
	for _, s := range k.Scopes {
		if !slices.Contains(KeyScopes, s) {
			return refuse("key.scopes", joinScopes())
		}
	}
	return nil
}

func joinScopes() string {
	var names []string
	for _, s := range KeyScopes {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// Usable reports as the Problem "key.refused", which does not say why, that k
// is not good at a moment, or not from an address. Detail says why, for the
// journal.
func (k APIKey) Usable(now time.Time, from netip.Addr) error {
	refuse := func(why string) error {
		return &Problem{Kind: ErrForbidden, Code: "key.refused", Detail: why}
	}
	switch {
	case !k.Revoked.IsZero():
		return refuse("revoked")
	case !now.Before(k.Expires):
		return refuse("expired")
	case len(k.Networks) > 0 && !slices.ContainsFunc(k.Networks, func(n netip.Prefix) bool { return n.Contains(from.Unmap()) }):
		return refuse("network")
	}
	return nil
}

// keySecret is the form of a secret: 256 random bits.
var keySecret = regexp.MustCompile(`^sohoa_[0-9a-hjkmnp-tv-z]{52}$`)

// KeyPrefix leads every secret, so that people and programs that look for
// leaked ones know it.
const KeyPrefix = "sohoa_"

// NewKeySecret makes the secret of an API key.
func NewKeySecret() string { return KeyPrefix + strings.ToLower(crockford.EncodeToString(random(32))) }

// HashKeySecret is what is kept of a secret; ok is false of what is none.
func HashKeySecret(secret string) (d Digest, ok bool) {
	if !keySecret.MatchString(secret) {
		return d, false
	}
	return Sum([]byte(secret)), true
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24
	return b
}
