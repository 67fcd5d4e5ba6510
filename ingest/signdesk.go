package ingest

import (
	"context"
	"crypto/x509"
	"io"

	"sohoa"
	"sohoa/archive"
	"sohoa/signing"
)

// SigningDesk is where people sign documents that are kept. *Service is one.
// Every signature goes through the same two phases: a pending signature in the
// catalogue, then a value or a signed file that is verified before it becomes
// the document's next revision. All methods are safe for concurrent use, also
// from several processes.
//
// The actor is a User.Name, and must be who the step of the set names, or an
// administrator where that is said. Refusals are Problems: set.not-yours,
// set.not-due, set.ended, set.taken, sign.expired, sign.changed and those of
// package signing.
type SigningDesk interface {
	// CreateSet makes a set of kept documents, all of one agency, and enters
	// it. Its ID, state and times are filled in. The office's own steps are
	// done by jobs when it is their turn.
	CreateSet(ctx context.Context, actor string, s sohoa.SigningSet, documents []sohoa.DocumentID) (sohoa.SigningSet, error)
	// Delegate lets another user sign in the place of the one whose turn step
	// is, in all items that have not passed it. Whoever's turn it is may, and
	// administrators. An empty user takes it back.
	Delegate(ctx context.Context, actor string, id sohoa.SetID, step int, to, reason string) error
	// Refuse ends items that wait for the actor, with a reason: those of the
	// documents named, or all. Signatures that were made stay.
	Refuse(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID, reason string) error
	// Withdraw ends open items; without documents the whole set. Whoever made
	// the set may, and administrators. Signatures that were made stay.
	Withdraw(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID, reason string) error
	// Place says where the mark of a step goes on a document that has not
	// passed it; nil takes it back to the rule.
	Place(ctx context.Context, actor string, item sohoa.SetItem, step int, place *sohoa.Place) error

	// SignSet signs what waits for the actor in a set, or of it the documents
	// named, with the actor's own key on this server or at a remote service:
	// one PIN, one authorisation. It returns when the authorisation was given
	// and the work goes on in the background; items tell how it goes. A
	// remote service's answer is awaited by jobs, over restarts. What is left
	// of a set after a restart is signed by calling it again.
	SignSet(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID, pin string) (Started, error)

	// PrepareSignature is the first phase for whoever brings the value
	// themselves. The document waits for the actor in a set, or is in none
	// and the actor signs as part, at place if it is not nil.
	PrepareSignature(ctx context.Context, actor string, want Wanted) (sohoa.PendingSignature, *signing.Prepared, error)
	// CompleteSignature is the second.
	CompleteSignature(ctx context.Context, actor string, id sohoa.SetID, value []byte) (sohoa.Document, error)
	// CancelSignature ends a pending signature of the actor.
	CancelSignature(ctx context.Context, actor string, id sohoa.SetID) error

	// OpenTool makes one-time tickets with which a program on the actor's
	// machine fetches documents that wait for the actor and brings them back
	// signed. Only there are the secrets known.
	OpenTool(ctx context.Context, actor string, id sohoa.SetID, documents []sohoa.DocumentID) ([]ToolTicket, error)
	// ToolFile is the document of a ticket, for download.
	ToolFile(ctx context.Context, secret string) (archive.Blob, sohoa.Document, error)
	// ToolReturn takes the signed document of a ticket. It is accepted only
	// if ours is its prefix, and one valid signature by the actor is all that
	// was added; then the ticket is used up.
	ToolReturn(ctx context.Context, secret string, r io.Reader) (sohoa.Document, error)

	// KeyOf describes the key that the actor has on this server or at a
	// remote service; sohoa.ErrNotExist without one.
	KeyOf(ctx context.Context, actor string) (SignerKey, error)
}

// The kinds of keys that users have.
const (
	KeyFile   = "file"
	KeyToken  = "token"
	KeyRemote = "remote"
)

// Started says what SignSet set going.
type Started struct {
	Documents int    `json:"documents"`
	Ticket    string `json:"ticket,omitempty"` // a remote service waits for its user
}

// Wanted is what PrepareSignature is asked for.
type Wanted struct {
	Document     sohoa.DocumentID
	Part         sohoa.SignPart
	Place        *sohoa.Place
	Certificates []*x509.Certificate // the signer's, then those above it
	PSS          bool
}

// ToolTicket lets a program on the signer's machine fetch one document and
// bring it back.
type ToolTicket struct {
	Document sohoa.DocumentID `json:"document"`
	Name     string           `json:"name"`
	Secret   string           `json:"secret"`
}

// SignerKey is a key of a user.
type SignerKey struct {
	Kind    string `json:"kind"` // KeyFile, KeyToken or KeyRemote
	Subject string `json:"subject,omitempty"`
	PIN     bool   `json:"pin"` // it asks for one
}
