package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/archive/s3"
	"sohoa/ingest"
)

// openSecond makes the second copy that the settings name; nil if none. Its
// store is opened when it is first needed: it may be away.
func (a *app) openSecond() (*ingest.SecondCopy, error) {
	if a.set.SecondStore == "none" {
		return nil, nil
	}
	if err := a.checkSecond(); err != nil {
		return nil, err
	}
	store := &laterStore{open: a.openSecondStore}
	a.closers = append(a.closers, store.Close)
	keeper, err := ocfl.OpenLater(store, ocflPrefix)
	if err != nil {
		return nil, err
	}
	return &ingest.SecondCopy{Blobs: store, Keeper: keeper, Within: a.set.SecondWithin}, nil
}

// checkSecond refuses a second store at the place of the first one. That one is
// not the other by another name is found out when it is used.
func (a *app) checkSecond() error {
	set := a.set
	same := &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "copy.same-place"}
	if set.SecondStore == "s3" {
		if set.Store == "s3" && strings.EqualFold(set.SecondS3Endpoint, set.S3Endpoint) && set.SecondS3Bucket == set.S3Bucket {
			return same
		}
		return nil
	}
	if set.SecondDir == "" {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "copy.folder", Args: []string{"second_dir"}}
	}
	if set.Store != "local" {
		return nil
	}
	first, second := resolved(a.path(objectsDir))+"/", resolved(set.SecondDir)+"/"
	if strings.HasPrefix(first, second) || strings.HasPrefix(second, first) {
		return same
	}
	return nil
}

// resolved is a path without links, as far as it is there.
func resolved(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return name
}

func (a *app) openSecondStore(ctx context.Context) (ingest.Store, func() error, error) {
	set := a.set
	if set.SecondStore == "s3" {
		store, err := s3.Open(ctx, s3.Config{
			Endpoint: set.SecondS3Endpoint, Region: set.SecondS3Region, Bucket: set.SecondS3Bucket, Prefix: set.SecondS3Prefix,
			AccessKey: set.SecondS3AccessKey, SecretKey: set.SecondS3SecretKey, TLS: !set.SecondS3Insecure, PathStyle: !set.SecondS3HostStyle,
		})
		return store, func() error { return nil }, err
	}
	// localfs would make the folder, and fill the disk under a mount point.
	if info, err := os.Stat(set.SecondDir); err != nil || !info.IsDir() {
		return nil, nil, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "copy.folder", Args: []string{set.SecondDir}}
	}
	store, err := localfs.Open(set.SecondDir)
	if err != nil {
		return nil, nil, err
	}
	return store, store.Close, nil
}

// laterStore is a store that is opened when it is first used. It is safe for
// concurrent use.
type laterStore struct {
	open func(context.Context) (ingest.Store, func() error, error)

	mu    sync.Mutex
	store ingest.Store
	close func() error
}

var (
	_ ingest.Store   = (*laterStore)(nil)
	_ archive.Purger = (*laterStore)(nil)
)

func (l *laterStore) get(ctx context.Context) (ingest.Store, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.store != nil {
		return l.store, nil
	}
	store, closer, err := l.open(ctx)
	if err != nil {
		var p *sohoa.Problem
		if ctx.Err() == nil && !errors.As(err, &p) && !errors.Is(err, sohoa.ErrUnavailable) {
			// It is there and cannot be used, which may pass too.
			err = &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.unavailable", Detail: err.Error()}
		}
		return nil, err
	}
	l.store, l.close = store, closer
	return store, nil
}

// Close closes the store if it was opened.
func (l *laterStore) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.store == nil {
		return nil
	}
	return l.close()
}

// Reopen has the store opened anew when it is needed next: a folder that was
// opened while its disk was away stays the empty mount point.
func (l *laterStore) Reopen() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.store == nil {
		return nil
	}
	l.store = nil
	return l.close()
}

// Put implements archive.Blobs.
func (l *laterStore) Put(ctx context.Context, key string, r io.Reader) (archive.BlobInfo, error) {
	s, err := l.get(ctx)
	if err != nil {
		return archive.BlobInfo{}, err
	}
	return s.Put(ctx, key, r)
}

// Open implements archive.Blobs.
func (l *laterStore) Open(ctx context.Context, key string) (archive.Blob, error) {
	s, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return s.Open(ctx, key)
}

// Stat implements archive.Blobs.
func (l *laterStore) Stat(ctx context.Context, key string) (archive.BlobInfo, error) {
	s, err := l.get(ctx)
	if err != nil {
		return archive.BlobInfo{}, err
	}
	return s.Stat(ctx, key)
}

// List implements archive.Blobs.
func (l *laterStore) List(ctx context.Context, prefix string) iter.Seq2[archive.BlobInfo, error] {
	return func(yield func(archive.BlobInfo, error) bool) {
		s, err := l.get(ctx)
		if err != nil {
			yield(archive.BlobInfo{}, err)
			return
		}
		s.List(ctx, prefix)(yield)
	}
}

// Remove implements archive.Eraser.
func (l *laterStore) Remove(ctx context.Context, key string) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return s.Remove(ctx, key)
}

// RemoveAll implements archive.Eraser.
func (l *laterStore) RemoveAll(ctx context.Context, prefix string) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return s.RemoveAll(ctx, prefix)
}

// Purge implements archive.Purger as far as the store does.
func (l *laterStore) Purge(ctx context.Context, key string) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return archive.Purge(ctx, s, key)
}

// PurgeAll implements archive.Purger as far as the store does.
func (l *laterStore) PurgeAll(ctx context.Context, prefix string) error {
	s, err := l.get(ctx)
	if err != nil {
		return err
	}
	return archive.PurgeAll(ctx, s, prefix)
}
