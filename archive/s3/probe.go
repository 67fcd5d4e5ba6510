package s3

import (
	"context"
	"errors"
	"strings"

	"github.com/minio/minio-go/v7"

	"sohoa"
)

// probeName is a small object from which Open learns what the store can do.
// No key begins with a dot, so it is in nobody's way; List leaves it out.
const probeName = ".sohoa-probe"

const probeText = "What this store can do was tried out with this object.\n"

// probe tries out what the settings ask for, so that what is missing is a
// Problem now and not with the first document, and whether the store refuses
// to write over what is there.
func (s *Store) probe(ctx context.Context) error {
	if err := s.probeLock(ctx); err != nil {
		return err
	}
	// The first makes it, if it is not there yet; the second must be refused.
	for range 2 {
		_, err := s.putProbe(ctx, true)
		if s.conditional = isRefusal(err); s.conditional {
			break
		}
		if err != nil && !isUnknown(err) {
			return s.unsupported(err, "encryption")
		}
	}
	if s.sse == nil {
		return nil
	}
	return s.probeEncryption(ctx)
}

func (s *Store) putProbe(ctx context.Context, onlyNew bool) (minio.UploadInfo, error) {
	opts := minio.PutObjectOptions{ServerSideEncryption: s.sse}
	if onlyNew {
		opts.SetMatchETagExcept("*")
	}
	d := sohoa.Sum([]byte(probeText))
	return s.core.PutObject(ctx, s.config.Bucket, s.prefix+probeName, strings.NewReader(probeText), int64(len(probeText)), "", d.String(), opts)
}

// isRefusal recognises a condition that was not met: somebody else's bytes
// are there, or are just being written.
func isRefusal(err error) bool {
	code := minio.ToErrorResponse(err).Code
	return code == "PreconditionFailed" || code == "ConditionalRequestConflict"
}

// isUnknown recognises a store that does not know conditions.
func isUnknown(err error) bool {
	return minio.ToErrorResponse(err).Code == "NotImplemented"
}

// probeEncryption sees whether the store says that it encrypts. A probe of
// before encryption was asked for is written anew.
func (s *Store) probeEncryption(ctx context.Context) error {
	for range 2 {
		o, err := s.core.StatObject(ctx, s.config.Bucket, s.prefix+probeName, minio.StatObjectOptions{})
		if err == nil && o.Metadata.Get("X-Amz-Server-Side-Encryption") != "" {
			return nil
		}
		if err == nil || minio.ToErrorResponse(err).Code == "NoSuchKey" {
			_, err = s.putProbe(ctx, false)
		}
		if err != nil {
			return s.unsupported(err, "encryption")
		}
	}
	return s.unsupported(errors.New("it stores without encrypting"), "encryption")
}

func (s *Store) probeLock(ctx context.Context) error {
	if s.config.Lock == LockNone {
		return nil
	}
	enabled, _, _, _, err := s.core.GetObjectLockConfig(ctx, s.config.Bucket)
	if err == nil && enabled != "Enabled" {
		err = errors.New("the bucket was made without it")
	}
	if err != nil {
		return s.unsupported(err, "Object Lock")
	}
	return nil
}

// unsupported is err as what the store says when it cannot do something that
// the settings ask for; an outage and a refusal stay what they are.
func (s *Store) unsupported(err error, what string) error {
	if e := minio.ToErrorResponse(err); e.Code != "" && !isOneOf(e, "NotImplemented", "ObjectLockConfigurationNotFoundError", "InvalidRequest", "InvalidArgument") &&
		!strings.Contains(e.Code, "KMS") && !strings.Contains(e.Code, "Encrypt") {
		return err
	}
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "store.unsupported", Args: []string{s.config.Bucket, what}, Detail: err.Error()}
}
