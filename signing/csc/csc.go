// Package csc signs with a key that a remote service keeps, by the API of the
// Cloud Signature Consortium, version 2 (ETSI TS 119 432). A Credential is a
// signing.Signatory.
//
// Terms are the API's: a credential is a key with its certificate; it is
// authorised by factors, such as a PIN or a code sent to a telephone; the
// service answers with signature activation data (SAD), which permits the
// hashes that it was asked for, and nothing else, to be signed.
//
// What holds:
//
//   - One authorisation covers all digests of a call, up to the number that
//     the service permits or sohoa.MaxRemoteDigests; more take several
//     authorisations, each with its factors.
//   - Every value is verified with the certificate before it is returned.
//   - Factors that the service refused are not sent to it again: services lock
//     keys after a few tries.
//   - Only the configured host is asked, and the configured token address; over
//     TLS, unless the host is this machine; without proxy and redirections.
//     Answers are bounded in time and size.
//   - Secrets are in no ticket, error or log.
//
// Browser log-in (authorisation mode oauth2code) is not done here: the caller
// may bring the access token that came of one.
package csc

import (
	"context"
	"crypto/x509"
	"slices"
	"sync"

	"sohoa"
	"sohoa/signing"
)

// Config says where a key is and how it is reached.
type Config struct {
	URL        string // base of the API, e.g. https://sign.example.vn/csc/v2
	Credential string // identifier of the key; "" is the only one there

	Token        string // access token; "" gets one with the two below
	ClientID     string // OAuth 2.0 client credentials
	ClientSecret string
	TokenURL     string // of the OAuth 2.0 token endpoint; "" is what the service says, if it is on the same host

	// Ask returns the value of a factor, e.g. a PIN. It is asked once for each
	// authorisation and may wait for a person. Nil has none.
	Ask func(ctx context.Context, f Factor) (string, error)

	Asynchronous bool           // have the service sign later, where it can
	Roots        *x509.CertPool // for the TLS connection; nil is the system's
}

// Factor is one thing that authorises the use of a key.
type Factor struct {
	Type        string `json:"type"` // e.g. Password, ChallengeResponse
	ID          string `json:"id"`   // e.g. PIN, OTP
	Label       string `json:"label"`
	Description string `json:"description"`
	Generator   string `json:"generator"` // e.g. totp: what the user's device makes
	Challenge   string `json:"-"`         // to answer; "" if it went to the user's telephone
}

// name is what to call f to people.
func (f Factor) name() string {
	if f.Label != "" {
		return f.Label
	}
	return f.ID
}

// Credential is one key of a service. It is safe for concurrent use.
type Credential struct {
	config  Config
	client  *client
	methods []string // that the service has
	details credentialDetails
	certs   []*x509.Certificate

	mu      sync.Mutex
	refused map[sohoa.Digest]bool // factors that were refused, under mu
	parts   map[string]part       // what became of the parts of tickets, under mu
}

var _ signing.Signatory = (*Credential)(nil)

// Open asks the service for the key that config names and for its
// certificates. Nothing is authorised yet. Problems have codes that begin with
// "remote.".
func Open(ctx context.Context, config Config) (*Credential, error) {
	client, err := newClient(config)
	if err != nil {
		return nil, err
	}
	c := &Credential{config: config, client: client, refused: map[sohoa.Digest]bool{}, parts: map[string]part{}}
	if c.methods, err = client.start(ctx); err != nil {
		return nil, err
	}
	if c.config.Credential == "" {
		if c.config.Credential, err = client.only(ctx); err != nil {
			return nil, err
		}
	}
	if err := c.describe(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// ID is the key's identifier at the service.
func (c *Credential) ID() string { return c.config.Credential }

// Certificates implements signing.Signatory.
func (c *Credential) Certificates() []*x509.Certificate { return slices.Clone(c.certs) }

// Limit is how many digests one authorisation covers.
func (c *Credential) Limit() int {
	return min(max(c.details.Multisign, 1), sohoa.MaxRemoteDigests)
}

// problem makes a Problem.
func problem(kind error, code string, args ...string) *sohoa.Problem {
	return &sohoa.Problem{Kind: kind, Code: code, Args: args}
}

// detailed is problem with err as detail for operators.
func detailed(kind error, code string, err error, args ...string) *sohoa.Problem {
	p := problem(kind, code, args...)
	p.Detail = err.Error()
	return p
}
