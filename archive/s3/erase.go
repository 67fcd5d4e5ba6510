package s3

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/minio/minio-go/v7"

	"sohoa/archive"
)

// Remove implements archive.Eraser. In a versioned bucket a delete marker
// hides the blob, and its versions stay: see Purge.
func (s *Store) Remove(ctx context.Context, key string) error {
	// S3 does not tell whether there was something to remove.
	if _, err := s.Stat(ctx, key); err != nil {
		return err
	}
	bounded, cancel := s.bound(ctx, 0)
	defer cancel()
	if err := s.core.RemoveObject(bounded, s.config.Bucket, s.prefix+key, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("remove %s: %w", key, explain(ctx, err))
	}
	return nil
}

// RemoveAll implements archive.Eraser.
func (s *Store) RemoveAll(ctx context.Context, prefix string) error {
	if err := archive.CheckFolder(prefix); err != nil {
		return err
	}
	var listErr error
	results, err := s.core.RemoveObjectsWithIter(ctx, s.config.Bucket, s.objects(ctx, prefix, &listErr), minio.RemoveObjectsOptions{})
	if err == nil {
		for r := range results {
			err = cmp.Or(err, r.Err)
		}
	}
	if err = cmp.Or(err, listErr); err != nil {
		return fmt.Errorf("remove %s: %w", prefix, explain(ctx, err))
	}
	return nil
}

// objects are those to remove; an error of the listing ends up in *failed.
func (s *Store) objects(ctx context.Context, prefix string, failed *error) iter.Seq[minio.ObjectInfo] {
	return func(yield func(minio.ObjectInfo) bool) {
		for info, err := range s.List(ctx, prefix) {
			if err != nil {
				*failed = err
				return
			}
			if !yield(minio.ObjectInfo{Key: s.prefix + info.Key}) {
				return
			}
		}
	}
}

// copyBytes is the size for which the time of a copy is bounded: the size
// itself would take another request.
const copyBytes = 1 << 30

// Copy implements archive.Copier: the store copies, the digest goes along.
func (s *Store) Copy(ctx context.Context, dst, src string) error {
	if err := cmp.Or(archive.CheckKey(dst), archive.CheckKey(src)); err != nil {
		return err
	}
	bounded, cancel := s.bound(ctx, copyBytes)
	defer cancel()
	_, err := s.core.Client.CopyObject(bounded,
		minio.CopyDestOptions{Bucket: s.config.Bucket, Object: s.prefix + dst, Encryption: s.sse},
		minio.CopySrcOptions{Bucket: s.config.Bucket, Object: s.prefix + src})
	if err != nil {
		return fmt.Errorf("copy %s to %s: %w", src, dst, explain(ctx, err))
	}
	return nil
}
