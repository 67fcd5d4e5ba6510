package archive

import (
	"context"
	"encoding/json"
	"time"

	"sohoa"
)

// Accounts are the reads about how people sign in beside their password, and
// where they have.
type Accounts interface {
	// Factors returns those of a user; of one who set none up, none.
	Factors(ctx context.Context, user string) (Factors, error)
	// FactorsBy finds whose handle, or whose subject of the province's
	// sign-on, it is, or sohoa.ErrNotExist.
	FactorsBy(ctx context.Context, by FactorKey) (Factors, error)
	// Devices returns where a user is signed in, last used first.
	Devices(ctx context.Context, user string) ([]Device, error)
	// Device returns one that has not ended, or sohoa.ErrNotExist.
	Device(ctx context.Context, id string) (Device, error)
}

// FactorKey is what tells people apart without their name; one of its fields
// is set.
type FactorKey struct{ Handle, Subject string }

// AccountsTx are the changes to them.
type AccountsTx interface {
	// Users returns all; no other transaction that asked changes any until
	// this one ends.
	Users() ([]sohoa.User, error)
	// Factors is as Accounts.Factors. Who changes them asks for Credentials
	// first, which keeps others out until the transaction ends.
	Factors(user string) (Factors, error)
	// PutFactors fails with sohoa.ErrConflict where the subject is another's.
	PutFactors(f Factors) error
	// PutDevice enters one, and clears away those that have expired.
	PutDevice(d Device) error
	// UseDevice enters the last use of one that has not ended meanwhile.
	UseDevice(d Device) error
	// EndDevice fails with sohoa.ErrNotExist where the user has none such.
	EndDevice(user, id string) error
	// EndDevices ends all of a user but one, and says how many.
	EndDevices(user, but string) (ended int, err error)
}

// Factors are what a user proves who they are with, beside the password or in
// place of it, as kept.
type Factors struct {
	User     string         `json:"user"`
	Handle   string         `json:"handle"`            // by which authenticators know the user; at random (WebAuthn Level 3, 14.6.1)
	Subject  string         `json:"subject,omitempty"` // issuer and subject at the province's sign-on
	TOTP     *TOTP          `json:"totp,omitempty"`
	Recovery []sohoa.Digest `json:"recovery,omitempty"` // one-time codes that are left, as HMAC-SHA-256
	Passkeys []Passkey      `json:"passkeys,omitempty"`
}

// Second reports whether there is more than a password.
func (f Factors) Second() bool { return f.TOTP != nil || len(f.Passkeys) > 0 }

// TOTP is a secret that a program on the user's phone has too (RFC 6238).
type TOTP struct {
	Sealed []byte    `json:"sealed"` // the secret, encrypted
	Since  time.Time `json:"since"`
	Step   int64     `json:"step"` // of the newest code that was used; it and older ones are good no more
}

// Passkey is a public key of a user's authenticator (WebAuthn Level 3).
type Passkey struct {
	ID         string          `json:"id"` // of ours, in addresses
	Name       string          `json:"name"`
	RP         string          `json:"rp"` // host name that it is good for
	Created    time.Time       `json:"created"`
	Used       time.Time       `json:"used,omitzero"`
	Credential json.RawMessage `json:"credential"` // as the library writes it
}

// Device is where a user is signed in: one session of one browser.
type Device struct {
	ID      string    `json:"id"` // in addresses; not the session's token
	User    string    `json:"user"`
	Agent   string    `json:"agent"` // User-Agent as sent, clipped
	Address string    `json:"address"`
	By      string    `json:"by"` // how they signed in
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Expires time.Time `json:"expires"`
}

// UnknownDevice is the Problem of a device that is not there.
func UnknownDevice(id string) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "device.unknown", Args: []string{id}}
}
