package vault

import (
	"context"
	"errors"

	"filippo.io/age"

	"sohoa"
)

// storeError marks what the inner store reports, among errors of age.
type storeError struct{ error }

func (e storeError) Unwrap() error { return e.error }

// explain turns an error of reading an encrypted blob into one of
// archive.Blobs: what the store reports, that no key fits, or that the bytes
// are not what was put.
func explain(key string, err error) error {
	var store storeError
	var mismatch *age.NoIdentityMatchError
	var problem *sohoa.Problem
	switch {
	case err == nil:
		return nil
	case errors.As(err, &store):
		return store.error
	case errors.As(err, &problem), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &mismatch):
		return closed(key, mismatch.Error())
	}
	return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{key}, Detail: err.Error()}
}

// explain is explain for a blob whose header was read. Everything that was
// encrypted here was encrypted to recipients that are noted: where there is a
// key for each, a blob that none opens is not what was put.
func (s *Store) explain(key string, err error) error {
	var mismatch *age.NoIdentityMatchError
	if s.missing == nil && len(s.keys.From) > 0 && errors.As(err, &mismatch) {
		return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{key}, Detail: mismatch.Error()}
	}
	return explain(key, err)
}

// closed says that none of the keys opens a blob.
func closed(key, detail string) error {
	return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "vault.closed", Args: []string{key}, Detail: detail}
}

// unwrapped words that a file key could not be wrapped or unwrapped by what
// keeps the key.
func unwrapped(err error) error {
	return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "vault.keeper", Detail: err.Error()}
}
