package s3

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"sohoa/archive"
)

// Retains implements archive.Retainer.
func (s *Store) Retains() bool { return s.config.Lock != LockNone }

// Retain implements archive.Retainer. It locks the newest version of the
// object, to the second.
func (s *Store) Retain(ctx context.Context, key string, until time.Time) error {
	until = until.UTC().Truncate(time.Second)
	if !s.Retains() || !until.After(time.Now()) {
		return nil
	}
	now, err := s.Retained(ctx, key)
	if err != nil || !until.After(now) {
		return err
	}
	bounded, cancel := s.bound(ctx, 0)
	defer cancel()
	mode := minio.RetentionMode(strings.ToUpper(string(s.config.Lock)))
	err = s.core.PutObjectRetention(bounded, s.config.Bucket, s.prefix+key, minio.PutObjectRetentionOptions{Mode: &mode, RetainUntilDate: &until})
	if err != nil {
		return fmt.Errorf("lock %s until %s: %w", key, until.Format(time.DateOnly), explain(ctx, err))
	}
	return nil
}

// Retained implements archive.Retainer.
func (s *Store) Retained(ctx context.Context, key string) (time.Time, error) {
	value, err := s.lockHeader(ctx, key, "X-Amz-Object-Lock-Retain-Until-Date")
	if err != nil {
		return time.Time{}, err
	}
	until, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return time.Time{}, nil // none
	}
	return until.UTC(), nil
}

// Hold implements archive.Retainer.
func (s *Store) Hold(ctx context.Context, key string, on bool) error {
	if !s.Retains() {
		return archive.CheckKey(key)
	}
	is, err := s.lockHeader(ctx, key, "X-Amz-Object-Lock-Legal-Hold")
	if err != nil || (is == "ON") == on {
		return err
	}
	bounded, cancel := s.bound(ctx, 0)
	defer cancel()
	status := minio.LegalHoldDisabled
	if on {
		status = minio.LegalHoldEnabled
	}
	err = s.core.PutObjectLegalHold(bounded, s.config.Bucket, s.prefix+key, minio.PutObjectLegalHoldOptions{Status: &status})
	if err != nil {
		return fmt.Errorf("legal hold of %s: %w", key, explain(ctx, err))
	}
	return nil
}

// lockHeader is what the store says about the lock of an object.
func (s *Store) lockHeader(ctx context.Context, key, name string) (string, error) {
	if err := archive.CheckKey(key); err != nil {
		return "", err
	}
	bounded, cancel := s.bound(ctx, 0)
	defer cancel()
	o, err := s.core.StatObject(bounded, s.config.Bucket, s.prefix+key, minio.StatObjectOptions{})
	if err != nil {
		return "", fmt.Errorf("stat %s: %w", key, explain(ctx, err))
	}
	return o.Metadata.Get(name), nil
}
