// Package vault keeps blobs encrypted in another store. What lies there is
// files of the age format (https://age-encryption.org/v1), each under its key
// with ".age" at the end, so that anybody who has the key can read them with
// the age tool and without this program.
//
// Callers of archive.Blobs do not see that: keys, sizes and digests are those
// of the plaintext, Read, Seek and ReadAt decrypt as they go, 64 KiB at a time.
// Blobs from before encryption was switched on stay as they are and are read
// as they are; those put while it is switched off are plain.
//
// Guarantees. No byte is returned that was not authenticated. A blob that was
// altered, cut short or whose parts were reordered ends with the Problem
// "store.changed", in place of io.EOF at the latest, and from Seek and ReadAt
// before the first byte if its end is not the one that was written. That a whole
// blob was put in the place of another is found by the digests in the inventories
// and the catalogue, not here: whoever knows a recipient can encrypt to it.
//
// In the store, beside the blobs:
//
//	vault/<name>.json   a set of recipients that blobs were encrypted to
//
// docs/decisions/encryption.md has the reasons.
package vault

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"filippo.io/age"

	"sohoa"
	"sohoa/archive"
)

// Suffix is what the key of an encrypted blob ends in, in the store below.
const Suffix = ".age"

// Inner is the store in which a vault keeps its blobs.
type Inner interface {
	archive.Blobs
	archive.Eraser
}

// Store is a store whose blobs are encrypted in another one. Make it with
// Open. Its keys must not end in Suffix nor begin with "vault/", and have four
// bytes less than others.
// It is safe for concurrent use if the inner one is.
type Store struct {
	inner   Inner
	keys    Keys
	mixed   bool  // both forms of a blob may be there
	missing error // which key is not here; nil if none
}

var (
	_ archive.Blobs  = (*Store)(nil)
	_ archive.Eraser = (*Store)(nil)
	_ archive.Copier = (*Store)(nil)
	_ archive.Purger = (*Store)(nil)
)

// Open opens the vault in a store. With keys.To it encrypts from now on; that
// is noted in the store. A key that is missing is no error yet: see Missing.
func Open(ctx context.Context, inner Inner, keys Keys) (*Store, error) {
	s := &Store{inner: inner, keys: keys, mixed: len(keys.To) > 0}
	if err := s.begin(ctx); err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	return s, nil
}

// Missing is nil if everything that was ever encrypted here can be read; else
// the Problem "vault.no-key" or "vault.wrong-key", which names the recipients
// of the key that is missing. Such a store must not be used for more than to
// tell that: blobs that need the key are the Problem "vault.closed".
func (s *Store) Missing() error { return s.missing }

// Encrypts reports whether new blobs are encrypted.
func (s *Store) Encrypts() bool { return len(s.keys.To) > 0 }

// checkKey is archive.CheckKey for the keys of a vault.
func checkKey(key string) error {
	if strings.HasSuffix(key, Suffix) || strings.HasPrefix(key, knownPrefix) {
		return fmt.Errorf("key %q is the vault's own: %w", key, sohoa.ErrInvalid)
	}
	return cmp.Or(archive.CheckKey(key), archive.CheckKey(key+Suffix))
}

// checkFolder is archive.CheckFolder for them.
func checkFolder(prefix string) error {
	if strings.HasPrefix(prefix, knownPrefix) {
		return fmt.Errorf("folder %q is the vault's own: %w", prefix, sohoa.ErrInvalid)
	}
	return archive.CheckFolder(prefix)
}

// Put implements archive.Blobs. The plaintext reaches the inner store only if
// the vault does not encrypt.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) (archive.BlobInfo, error) {
	if err := checkKey(key); err != nil {
		return archive.BlobInfo{}, err
	}
	if !s.Encrypts() {
		info, err := s.inner.Put(ctx, key, r)
		if err != nil {
			return info, err
		}
		return info, s.clear(ctx, key+Suffix)
	}
	plain := &counted{r: r, hash: sha256.New()}
	body, err := age.EncryptReader(plain, s.keys.To...)
	if err != nil {
		return archive.BlobInfo{}, fmt.Errorf("put %s: %w", key, unwrapped(err))
	}
	info, err := s.inner.Put(ctx, key+Suffix, body)
	if err != nil {
		return archive.BlobInfo{}, err
	}
	info.Key, info.Size, info.Digest = key, plain.n, sohoa.Digest(plain.hash.Sum(nil))
	return info, s.clear(ctx, key)
}

// clear removes the other form of a blob that was just put. The encrypted one
// is what readers see while both are there, so that one step makes the change.
func (s *Store) clear(ctx context.Context, stored string) error {
	if !s.mixed {
		return nil
	}
	if err := s.inner.Remove(ctx, stored); err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	return nil
}

// counted hashes and counts what is read.
type counted struct {
	r    io.Reader
	hash hash.Hash
	n    int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.hash.Write(p[:n])
	c.n += int64(n)
	return n, err
}

// Remove implements archive.Eraser. A plain blob that is left beside its
// encrypted form goes first, so that it never comes to light.
func (s *Store) Remove(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := s.inner.Remove(ctx, key)
	if !s.mixed || err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	encrypted := s.inner.Remove(ctx, key+Suffix)
	if err == nil && errors.Is(encrypted, sohoa.ErrNotExist) {
		return nil
	}
	return encrypted
}

// RemoveAll implements archive.Eraser.
func (s *Store) RemoveAll(ctx context.Context, prefix string) error {
	if err := checkFolder(prefix); err != nil {
		return err
	}
	return s.inner.RemoveAll(ctx, prefix)
}

// Purge implements archive.Purger as far as the inner store does.
func (s *Store) Purge(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return cmp.Or(archive.Purge(ctx, s.inner, key), archive.Purge(ctx, s.inner, key+Suffix))
}

// PurgeAll implements archive.Purger as far as the inner store does.
func (s *Store) PurgeAll(ctx context.Context, prefix string) error {
	if err := checkFolder(prefix); err != nil {
		return err
	}
	return archive.PurgeAll(ctx, s.inner, prefix)
}

// Copy implements archive.Copier for every inner store: an encrypted blob is
// copied as it is, without its key. A plain one is encrypted, if the vault
// encrypts.
func (s *Store) Copy(ctx context.Context, dst, src string) error {
	if err := cmp.Or(checkKey(dst), checkKey(src)); err != nil {
		return err
	}
	from, err := s.locate(ctx, src)
	if err != nil {
		return fmt.Errorf("copy to %s: %w", dst, err)
	}
	encrypted := strings.HasSuffix(from, Suffix)
	if !encrypted && s.Encrypts() {
		return s.transfer(ctx, s, dst, from)
	}
	to, other := dst, dst+Suffix
	if encrypted {
		to, other = other, to
	}
	if c, ok := s.inner.(archive.Copier); ok {
		err = c.Copy(ctx, to, from)
	} else {
		err = s.transfer(ctx, s.inner, to, from)
	}
	if err != nil {
		return err
	}
	return s.clear(ctx, other)
}

// transfer puts the stored bytes under src into a store.
func (s *Store) transfer(ctx context.Context, to archive.Blobs, dst, src string) error {
	in, err := s.inner.Open(ctx, src)
	if err != nil {
		return err
	}
	_, err = to.Put(ctx, dst, in)
	return errors.Join(err, in.Close())
}

// locate returns the key under which a blob is in the inner store.
func (s *Store) locate(ctx context.Context, key string) (string, error) {
	forms := []string{key, key + Suffix}
	if s.mixed {
		forms[0], forms[1] = forms[1], forms[0]
	}
	_, err := s.inner.Stat(ctx, forms[0])
	if errors.Is(err, sohoa.ErrNotExist) {
		_, err := s.inner.Stat(ctx, forms[1])
		return forms[1], err
	}
	return forms[0], err
}
