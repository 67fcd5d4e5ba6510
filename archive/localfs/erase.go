package localfs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/durable"
)

// Remove implements archive.Eraser. Folders that become empty go too.
func (s *Store) Remove(ctx context.Context, key string) error {
	if err := cmp.Or(archive.CheckKey(key), ctx.Err()); err != nil {
		return err
	}
	fi, err := s.root.Lstat(key)
	if err == nil && fi.IsDir() {
		err = fmt.Errorf("is a folder: %w", sohoa.ErrNotExist)
	}
	if err == nil {
		err = s.root.Remove(key)
	}
	if err == nil {
		err = s.prune(path.Dir(key))
	}
	if err != nil {
		return fmt.Errorf("remove %s: %w", key, explain(err))
	}
	return nil
}

// RemoveAll implements archive.Eraser. Folders that become empty go too.
func (s *Store) RemoveAll(ctx context.Context, prefix string) error {
	if err := cmp.Or(archive.CheckFolder(prefix), ctx.Err()); err != nil {
		return err
	}
	dir := strings.TrimSuffix(prefix, "/")
	fi, err := s.root.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !fi.IsDir() {
		return nil
	}
	if err == nil {
		err = s.root.RemoveAll(dir)
	}
	if err == nil {
		err = s.prune(path.Dir(dir))
	}
	if err != nil {
		return fmt.Errorf("remove %s: %w", prefix, explain(err))
	}
	return nil
}

// prune removes dir and the folders above it as far as they are empty, and
// makes the removals durable.
func (s *Store) prune(dir string) error {
	for ; dir != "."; dir = path.Dir(dir) {
		if err := s.root.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			break // not empty
		}
	}
	err := durable.SyncDir(s.root, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process removed it, and synced
	}
	return err
}
