package s3

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/minio/minio-go/v7"

	"sohoa"
	"sohoa/archive"
)

// Conditional implements archive.Creator.
func (s *Store) Conditional() bool { return s.conditional }

// PutNew implements archive.Creator by If-None-Match.
func (s *Store) PutNew(ctx context.Context, key string, r io.Reader) (archive.BlobInfo, error) {
	if !s.conditional {
		return s.Put(ctx, key, r)
	}
	return s.put(ctx, key, r, condition{isNew, true})
}

func isNew(o *minio.PutObjectOptions) { o.SetMatchETagExcept("*") }

// PutOver implements archive.Creator by If-Match. The tag is the ETag.
func (s *Store) PutOver(ctx context.Context, key, tag string, r io.Reader) (archive.BlobInfo, error) {
	if !s.conditional {
		return s.Put(ctx, key, r)
	}
	return s.put(ctx, key, r, condition{func(o *minio.PutObjectOptions) { o.SetMatchETag(tag) }, false})
}

// refused decides what a condition that was not met means: the same bytes are
// there, perhaps because the answer to an earlier attempt got lost, or others.
// Or nothing is: it was removed meanwhile, or the store takes a delete marker
// for something (versitygw 1.8.0). Then what was to be new is put again.
func (s *Store) refused(ctx context.Context, key string, b *body, refusal error) (string, error) {
	info, err := s.Stat(ctx, key)
	switch {
	case errors.Is(err, sohoa.ErrNotExist) && b.fresh:
		return s.sendAgain(ctx, key, b)
	case err != nil && !errors.Is(err, sohoa.ErrNotExist):
		return "", err
	case err == nil && info.Digest == b.digest && info.Size == b.size:
		return info.Tag, nil
	}
	return "", archive.Overtaken(key, refusal)
}

// sendAgain sends what the store refused though nothing is there: with the
// condition, or without it where a delete marker is what the store sees.
func (s *Store) sendAgain(ctx context.Context, key string, b *body) (string, error) {
	b.fresh = false
	hidden, err := s.isHidden(ctx, key)
	if err != nil {
		return "", err
	}
	if hidden {
		b.only = nil
	}
	tag, err := s.send(ctx, key, b)
	if b.only != nil && isUnmet(err) {
		return s.refused(ctx, key, b, err)
	}
	return tag, err
}

// isHidden reports whether the newest version of a key is a delete marker.
func (s *Store) isHidden(ctx context.Context, key string) (bool, error) {
	for o, err := range s.versions(ctx, key) {
		if err != nil {
			return false, err
		}
		if o.Key == s.prefix+key && o.IsLatest {
			return o.IsDeleteMarker, nil
		}
	}
	return false, nil
}

// isUnmet recognises a condition that was not met; for PutOver also that
// nothing is there.
func isUnmet(err error) bool {
	e := minio.ToErrorResponse(err)
	return e.Code == "PreconditionFailed" || e.StatusCode == http.StatusPreconditionFailed || e.Code == "NoSuchKey"
}
