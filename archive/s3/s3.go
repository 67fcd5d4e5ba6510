// Package s3 keeps blobs in a bucket of an S3 store. Every upload carries
// SHA-256 checksums, per part and for the whole, which the store verifies and
// whose echo is compared; the digest and checksums of blocks stay with the
// object as metadata. Every block that is read is verified before its bytes
// are handed out, and the digest whenever a blob is read from its beginning to
// its end. What arrives altered is fetched again.
//
// Requests are retried by minio-go with back-off where that is safe, reading
// resumes where a connection broke, and a store that stays silent for
// Config.Timeout counts as unavailable. Uploads that a crash left incomplete
// are invisible, and Open aborts those older than a day.
package s3

import (
	"context"
	"fmt"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/encrypt"

	"sohoa"
	"sohoa/archive"
)

// Store is a bucket of blobs. Make it with Open.
type Store struct {
	config Config
	core   minio.Core
	prefix string // "" or ends in a slash

	sse         encrypt.ServerSide // nil is none
	conditional bool               // conditions on writing are honoured
}

var (
	_ archive.Blobs  = (*Store)(nil)
	_ archive.Eraser = (*Store)(nil)
	_ archive.Copier = (*Store)(nil)

	_ archive.Creator  = (*Store)(nil)
	_ archive.Purger   = (*Store)(nil)
	_ archive.Retainer = (*Store)(nil)
)

// Open checks that the bucket is there and aborts uploads that were left
// incomplete a day ago or earlier. A store that does not answer is the
// Problem "store.unavailable".
func Open(ctx context.Context, c Config) (*Store, error) {
	s, err := newStore(c)
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", c.Bucket, err)
	}
	if err := s.begin(ctx); err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", c.Bucket, explain(ctx, err))
	}
	return s, nil
}

func newStore(c Config) (*Store, error) {
	c.setDefaults()
	s := &Store{config: c}
	if c.Prefix != "" {
		s.prefix = c.Prefix + "/"
		if err := archive.CheckFolder(s.prefix); err != nil {
			return nil, err
		}
	}
	var err error
	if s.sse, err = c.encryption(); err != nil {
		return nil, err
	}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	s.core = minio.Core{Client: client}
	return s, nil
}

func (s *Store) begin(ctx context.Context) error {
	ctx, cancel := s.bound(ctx, 0)
	defer cancel()
	ok, err := s.core.BucketExists(ctx, s.config.Bucket)
	switch {
	case err != nil:
		return err
	case !ok && s.config.CreateBucket:
		err = s.core.MakeBucket(ctx, s.config.Bucket, minio.MakeBucketOptions{
			Region: s.config.Region, ObjectLocking: s.config.Lock != LockNone,
		})
	case !ok:
		err = fmt.Errorf("no such bucket: %w", sohoa.ErrNotExist)
	}
	if err != nil {
		return err
	}
	if err := s.probe(ctx); err != nil {
		return err
	}
	return s.abortAbandoned(ctx)
}

func (s *Store) abortAbandoned(ctx context.Context) error {
	for u := range s.core.ListIncompleteUploads(ctx, s.config.Bucket, s.prefix, true) {
		if u.Err != nil {
			return u.Err
		}
		if time.Since(u.Initiated) < abandoned {
			continue
		}
		if err := s.core.AbortMultipartUpload(ctx, s.config.Bucket, u.Key, u.UploadID); err != nil {
			return err
		}
	}
	return nil
}

// bound ends requests that move size bytes slower than any store in order
// would, all retries included.
func (s *Store) bound(ctx context.Context, size int64) (context.Context, context.CancelFunc) {
	d := time.Duration(s.config.Retries)*(s.config.Timeout+time.Second) + time.Duration(size/minRate)*time.Second
	return context.WithTimeout(ctx, d)
}
