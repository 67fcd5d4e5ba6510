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
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"sohoa"
	"sohoa/archive"
)

// Config says where the bucket is. Only Endpoint, Bucket and the keys are
// needed.
type Config struct {
	Endpoint  string // host[:port]
	Bucket    string
	AccessKey string
	SecretKey string
	Region    string // default us-east-1
	Prefix    string // put before every key, without a slash at the end; default none
	TLS       bool   // https
	PathStyle bool   // https://host/bucket/key in place of https://bucket.host/key

	CreateBucket bool          // make the bucket if it is missing
	PartBytes    int64         // larger blobs are sent in parts of this size; default 8 MiB, at least 5 MiB
	SpoolDir     string        // for blobs larger than one part while they are sent; default os.TempDir
	Timeout      time.Duration // longest silence of the store; default 30 s
	Retries      int           // attempts at one request; default 5
}

// Defaults and fixed values.
const (
	defaultPart    = 8 << 20
	minPart        = 5 << 20 // S3's lower bound
	defaultTimeout = 30 * time.Second
	defaultRetries = 5
	minRate        = 128 << 10 // bytes a second below which an upload is given up
	abandoned      = 24 * time.Hour
	digestKey      = "Sha256" // user metadata, as net/http spells it
	blocksKey      = "Blocks" // the same
)

// Store is a bucket of blobs. Make it with Open.
type Store struct {
	config Config
	core   minio.Core
	prefix string // "" or ends in a slash
}

var (
	_ archive.Blobs  = (*Store)(nil)
	_ archive.Eraser = (*Store)(nil)
	_ archive.Copier = (*Store)(nil)
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
	c.Region = cmp.Or(c.Region, "us-east-1")
	c.PartBytes = max(cmp.Or(c.PartBytes, defaultPart), minPart)
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.Retries = cmp.Or(c.Retries, defaultRetries)
	s := &Store{config: c}
	if c.Prefix != "" {
		s.prefix = c.Prefix + "/"
		if err := archive.CheckFolder(s.prefix); err != nil {
			return nil, err
		}
	}
	lookup := minio.BucketLookupDNS
	if c.PathStyle {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.New(c.Endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure:       c.TLS,
		Region:       c.Region,
		BucketLookup: lookup,
		Transport:    understood{transport(c.Timeout), c.Timeout},
		MaxRetries:   c.Retries,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sohoa.ErrInvalid, err)
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
		return s.core.MakeBucket(ctx, s.config.Bucket, minio.MakeBucketOptions{Region: s.config.Region})
	case !ok:
		return fmt.Errorf("no such bucket: %w", sohoa.ErrNotExist)
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
