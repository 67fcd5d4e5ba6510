package localfs

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"syscall"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/durable"
)

// Conditional implements archive.Creator.
func (s *Store) Conditional() bool { return true }

// PutNew implements archive.Creator by a hard link, which the system refuses
// where there is something.
func (s *Store) PutNew(ctx context.Context, key string, r io.Reader) (archive.BlobInfo, error) {
	return s.put(ctx, key, r, func(f *durable.File, d sohoa.Digest) error {
		err := commit(f.CommitNew, key)
		if errors.Is(err, fs.ErrExist) {
			return s.same(key, d, err)
		}
		return err
	})
}

// PutOver implements archive.Creator. Of those that come at once, also in
// several processes, one looks and writes at a time.
func (s *Store) PutOver(ctx context.Context, key, tag string, r io.Reader) (archive.BlobInfo, error) {
	return s.put(ctx, key, r, func(f *durable.File, d sohoa.Digest) error {
		turn, err := lockDir(s.root, tempDir, syscall.LOCK_EX)
		if err != nil {
			return err
		}
		defer turn.Close()
		info, err := s.Stat(ctx, key)
		if errors.Is(err, sohoa.ErrNotExist) {
			return archive.Overtaken(key, err)
		}
		if err != nil {
			return err
		}
		if info.Tag != tag {
			return s.same(key, d, fs.ErrExist)
		}
		return commit(f.Commit, key)
	})
}

// same is nil if what is under key has the digest: it was written already.
func (s *Store) same(key string, d sohoa.Digest, err error) error {
	f, openErr := s.root.Open(key)
	if openErr != nil {
		return archive.Overtaken(key, openErr)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if sohoa.Digest(h.Sum(nil)) != d {
		return archive.Overtaken(key, err)
	}
	return nil
}
