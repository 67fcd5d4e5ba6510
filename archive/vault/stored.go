package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"sohoa"
)

// Stored is a blob as the inner store has it.
type Stored struct {
	Key    string
	Digest sohoa.Digest
}

// Key is the vault's key of a key of the inner store.
func Key(stored string) string { return strings.TrimSuffix(stored, Suffix) }

// Stored returns where a blob is in the inner store, and its digest there, for
// a plaintext of digest plain. An encrypted blob is read from its beginning to
// its end: if it does not have that plaintext, it is the Problem
// "store.changed". A plain one is not read.
func (s *Store) Stored(ctx context.Context, key string, plain sohoa.Digest) (Stored, error) {
	if err := checkKey(key); err != nil {
		return Stored{}, err
	}
	if !s.mixed {
		return Stored{key, plain}, nil
	}
	at, err := s.locate(ctx, key)
	if err != nil || !strings.HasSuffix(at, Suffix) {
		return Stored{at, plain}, err
	}
	got, stored, err := s.digests(ctx, at)
	if err != nil {
		return Stored{}, fmt.Errorf("read %s: %w", key, s.explain(at, err))
	}
	if got != plain {
		return Stored{}, &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{at},
			Detail: fmt.Sprintf("its plaintext has the digest %v, want %v", got, plain)}
	}
	return Stored{at, stored}, nil
}

// digests reads an encrypted blob and hashes both sides of it.
func (s *Store) digests(ctx context.Context, stored string) (plain, cipher sohoa.Digest, err error) {
	in, err := s.inner.Open(ctx, stored)
	if err != nil {
		return plain, cipher, storeError{err}
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	outside, inside := sha256.New(), sha256.New()
	r, err := s.keys.decrypt(io.TeeReader(source{in}, outside))
	if err != nil {
		return plain, cipher, err
	}
	if _, err := io.Copy(inside, r); err != nil {
		return plain, cipher, err
	}
	return sohoa.Digest(inside.Sum(nil)), sohoa.Digest(outside.Sum(nil)), nil
}

// Encrypt returns a small file as the vault stores it, and what its name ends
// in then.
func (s *Store) Encrypt(b []byte) (stored []byte, suffix string, err error) {
	if !s.Encrypts() {
		return b, "", nil
	}
	stored, err = encrypted(b, s.keys)
	return stored, Suffix, err
}

func encrypted(b []byte, k Keys) ([]byte, error) {
	r, err := age.EncryptReader(bytes.NewReader(b), k.To...)
	if err != nil {
		return nil, unwrapped(err)
	}
	return io.ReadAll(r)
}

// Read returns the plaintext of a small file of at most limit bytes that the
// inner store has under a key, which says whether it is encrypted. If it does
// not have that digest there, it is the Problem "store.changed".
func (s *Store) Read(ctx context.Context, stored Stored, limit int64) ([]byte, error) {
	in, err := s.inner.Open(ctx, stored.Key)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(in, limit))
	if err := errors.Join(err, in.Close()); err != nil {
		return nil, err
	}
	if sohoa.Sum(b) != stored.Digest {
		return nil, &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{stored.Key}}
	}
	if !strings.HasSuffix(stored.Key, Suffix) {
		return b, nil
	}
	r, err := s.keys.decrypt(bytes.NewReader(b))
	if err != nil {
		return nil, s.explain(stored.Key, err)
	}
	plain, err := io.ReadAll(r)
	return plain, s.explain(stored.Key, err)
}
