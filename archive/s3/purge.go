package s3

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/minio/minio-go/v7"

	"sohoa/archive"
)

// Purge implements archive.Purger. Delete markers go too.
func (s *Store) Purge(ctx context.Context, key string) error {
	if err := archive.CheckKey(key); err != nil {
		return err
	}
	object := s.prefix + key
	return s.purge(ctx, key, func(o minio.ObjectInfo) bool { return o.Key == object })
}

// PurgeAll implements archive.Purger. Delete markers go too.
func (s *Store) PurgeAll(ctx context.Context, prefix string) error {
	if err := archive.CheckFolder(prefix); err != nil {
		return err
	}
	return s.purge(ctx, prefix, func(minio.ObjectInfo) bool { return true })
}

// purge removes the versions of what begins with prefix that are chosen. It
// goes on after those that cannot be removed, and then looks again, so that
// what a store forgot to name as failed is not taken for gone.
func (s *Store) purge(ctx context.Context, prefix string, chosen func(minio.ObjectInfo) bool) error {
	var errs []error
	for o, err := range s.versions(ctx, prefix) {
		if err == nil && chosen(o) {
			err = s.removeVersion(ctx, o)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("purge %s: %w", prefix, err)
	}
	for o, err := range s.versions(ctx, prefix) {
		if err != nil {
			return fmt.Errorf("purge %s: %w", prefix, err)
		}
		if chosen(o) {
			return fmt.Errorf("purge %s: %w", prefix, unavailable(fmt.Errorf("version %s of %s is still there", o.VersionID, o.Key)))
		}
	}
	return nil
}

func (s *Store) removeVersion(ctx context.Context, o minio.ObjectInfo) error {
	bounded, cancel := s.bound(ctx, 0)
	defer cancel()
	err := s.core.RemoveObject(bounded, s.config.Bucket, o.Key, minio.RemoveObjectOptions{VersionID: o.VersionID})
	return explain(ctx, err)
}

// versions lists all versions and delete markers of what begins with prefix.
// A bucket without versions has one of each object. It ends after an error.
func (s *Store) versions(ctx context.Context, prefix string) iter.Seq2[minio.ObjectInfo, error] {
	return func(yield func(minio.ObjectInfo, error) bool) {
		opts := minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true, WithVersions: true}
		for o := range s.core.ListObjectsIter(ctx, s.config.Bucket, opts) {
			if o.Err != nil {
				yield(o, explain(ctx, o.Err))
				return
			}
			if !yield(o, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(minio.ObjectInfo{}, err)
		}
	}
}
