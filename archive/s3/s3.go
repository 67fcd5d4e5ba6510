// Package s3 keeps blobs in a bucket of an S3 store. Every upload carries
// SHA-256 checksums, per part and for the whole, which the store verifies and
// whose echo is compared; the digest stays with the object as metadata and is
// verified again whenever a blob is read from its beginning to its end.
//
// Requests are retried by minio-go with back-off where that is safe, reading
// resumes where a connection broke, and a store that stays silent for
// Config.Timeout counts as unavailable. Uploads that a crash left incomplete
// are invisible, and Open aborts those older than a day.
package s3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
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
		Transport:    understood{transport(c.Timeout)},
		MaxRetries:   c.Retries,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sohoa.ErrInvalid, err)
	}
	s.core = minio.Core{Client: client}
	return s, nil
}

func transport(timeout time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: timeout, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   timeout,
		ResponseHeaderTimeout: timeout,
		IdleConnTimeout:       time.Minute,
		MaxIdleConnsPerHost:   16,
		DisableCompression:    true,
	}
}

// understood asks once more, on another connection, what a server refused with
// 400 as it closed the connection, where there is no body to send again. An
// upload that was broken off leaves a server with bytes that it takes for a
// request (versitygw 1.8.0); its complaint about these arrives as the answer to
// the request that comes next.
type understood struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (u understood) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := u.RoundTripper.RoundTrip(r)
	if err != nil || res.StatusCode != http.StatusBadRequest || !res.Close || r.Body != nil && r.Body != http.NoBody {
		return res, err
	}
	_ = res.Body.Close() // what it complains of was not this request
	return u.RoundTripper.RoundTrip(r)
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

// explain turns what minio-go reports into the errors of archive.Blobs. ctx
// is the caller's: when it ended, that is the reason.
func explain(ctx context.Context, err error) error {
	if err == nil || isOurs(err) {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var e minio.ErrorResponse
	if !errors.As(err, &e) {
		if isNetwork(err) {
			return unavailable(err)
		}
		return err
	}
	switch {
	case e.Code == "NoSuchKey" || e.Code == "NoSuchUpload" || e.StatusCode == http.StatusNotFound && e.Code != "NoSuchBucket":
		return fmt.Errorf("%w: %w", sohoa.ErrNotExist, err)
	case e.StatusCode == http.StatusInsufficientStorage || e.Code == "QuotaExceeded" || e.Code == "XMinioStorageFull":
		return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.full", Detail: err.Error()}
	case e.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w: %w", sohoa.ErrForbidden, err)
	case e.StatusCode >= 500, e.StatusCode == http.StatusTooManyRequests, damagedOnTheWay(e.Code):
		return unavailable(err)
	}
	return err
}

func isOurs(err error) bool {
	for _, kind := range []error{sohoa.ErrNotExist, sohoa.ErrInvalid, sohoa.ErrUnavailable, sohoa.ErrVerification} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// isNetwork reports whether err came from a connection rather than from the
// caller's reader or the disk.
func isNetwork(err error) bool {
	var n net.Error
	return errors.As(err, &n) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errSilent)
}

func damagedOnTheWay(code string) bool {
	return code == "BadDigest" || strings.HasSuffix(code, "Mismatch") && code != "SignatureDoesNotMatch"
}

func unavailable(err error) error {
	return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.unavailable", Detail: err.Error()}
}
