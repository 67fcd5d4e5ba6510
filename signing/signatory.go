package signing

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
)

// Signatory makes the signature values of one certificate for any number of
// digests under one authorisation: a key that is at hand, a token with its
// PIN, a remote service whose user confirms on their telephone. A *Key is one.
type Signatory interface {
	// Certificates returns the certificate and those above it, without the
	// root.
	Certificates() []*x509.Certificate
	// SignDigests asks for the values of digests, SHA-256 of signed
	// attributes, by alg. It returns them in the order of digests, or a ticket
	// if the service will have them later. A refusal is a Problem, and
	// concerns all of them.
	SignDigests(ctx context.Context, alg Algorithm, digests [][]byte) (values [][]byte, ticket string, err error)
	// Collect returns the values for a ticket, also one given before a
	// restart, or ErrNotYet.
	Collect(ctx context.Context, ticket string) (values [][]byte, err error)
}

// ErrNotYet says that a Signatory is still at work, or waits for its user.
var ErrNotYet = errors.New("the signature values are not there yet")

var _ Signatory = (*Key)(nil)

// SignDigests implements Signatory. There is never a ticket.
func (k *Key) SignDigests(ctx context.Context, alg Algorithm, digests [][]byte) ([][]byte, string, error) {
	values := make([][]byte, len(digests))
	for i, d := range digests {
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		v, err := k.Signer.Sign(rand.Reader, d, alg.Options())
		if err != nil {
			return nil, "", fmt.Errorf("sign with the key of %s: %w", name(k.Certificate), err)
		}
		values[i] = v
	}
	return values, "", nil
}

// Collect implements Signatory. No ticket is ever given out.
func (k *Key) Collect(context.Context, string) ([][]byte, error) {
	return nil, errors.New("collect signature values: the key gives no tickets")
}
