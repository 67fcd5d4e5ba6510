package s3

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"

	"sohoa"
	"sohoa/archive"
)

// Open implements archive.Blobs. Reading from the beginning to the end ends
// with the Problem "store.changed" (sohoa.ErrVerification) in place of io.EOF
// if the bytes are not those that were put. ReadAt fetches blocks of one
// mebibyte and keeps the latest four.
func (s *Store) Open(ctx context.Context, key string) (archive.Blob, error) {
	if err := archive.CheckKey(key); err != nil {
		return nil, err
	}
	b := &blob{store: s, ctx: ctx, key: key, hash: sha256.New()}
	if err := b.start(); err != nil {
		return nil, fmt.Errorf("open %s: %w", key, explain(ctx, err))
	}
	return b, nil
}

// Stat implements archive.Blobs.
func (s *Store) Stat(ctx context.Context, key string) (archive.BlobInfo, error) {
	if err := archive.CheckKey(key); err != nil {
		return archive.BlobInfo{}, err
	}
	bounded, cancel := s.bound(ctx, 0)
	defer cancel()
	o, err := s.core.StatObject(bounded, s.config.Bucket, s.prefix+key, minio.StatObjectOptions{})
	if err != nil {
		return archive.BlobInfo{}, fmt.Errorf("stat %s: %w", key, explain(ctx, err))
	}
	return s.info(o), nil
}

func (s *Store) info(o minio.ObjectInfo) archive.BlobInfo {
	return archive.BlobInfo{
		Key: strings.TrimPrefix(o.Key, s.prefix), Size: o.Size, Digest: digestOf(o), Modified: o.LastModified.UTC(),
	}
}

// digestOf is zero for objects that others put into the bucket.
func digestOf(o minio.ObjectInfo) sohoa.Digest {
	d, _ := sohoa.ParseDigest(o.UserMetadata[digestKey])
	return d
}

// List implements archive.Blobs. Digests are not part of a listing.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[archive.BlobInfo, error] {
	return func(yield func(archive.BlobInfo, error) bool) {
		if err := archive.CheckPrefix(prefix); err != nil {
			yield(archive.BlobInfo{}, err)
			return
		}
		opts := minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}
		for o := range s.core.ListObjectsIter(ctx, s.config.Bucket, opts) {
			if o.Err != nil {
				yield(archive.BlobInfo{}, fmt.Errorf("list %s: %w", prefix, explain(ctx, o.Err)))
				return
			}
			if strings.HasSuffix(o.Key, "/") {
				continue // a folder marker, made by other programs
			}
			if !yield(s.info(o), nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(archive.BlobInfo{}, err)
		}
	}
}

// errSilent is the end of a connection on which nothing came for too long.
var errSilent = errors.New("the store went silent")

// blob is one open object, of the version that was opened.
type blob struct {
	store  *Store
	ctx    context.Context
	key    string
	etag   string
	size   int64
	digest sohoa.Digest

	pos    int64         // of Read
	hash   hash.Hash     // of the bytes before pos; nil if not all were read
	stream io.ReadCloser // at pos, or nil

	mu     sync.Mutex // guards blocks
	blocks []block    // least recently used first
}

type block struct {
	index int64
	data  []byte
}

// Bounds of the cache of ReadAt.
const (
	blockBytes = 1 << 20
	maxBlocks  = 4
)

func (b *blob) Size() int64 { return b.size }

// start sends the first request, which also describes the object.
func (b *blob) start() error {
	stream, o, err := b.get(b.ctx, 0, 0)
	if err != nil {
		return err
	}
	b.stream, b.etag, b.size, b.digest = stream, o.ETag, o.Size, digestOf(o)
	return nil
}

// get requests the bytes from off to before end, or to the last if end is 0.
func (b *blob) get(ctx context.Context, off, end int64) (io.ReadCloser, minio.ObjectInfo, error) {
	var opts minio.GetObjectOptions
	if off > 0 || end > 0 {
		if err := opts.SetRange(off, end-1); err != nil {
			return nil, minio.ObjectInfo{}, err
		}
	}
	if b.etag != "" {
		if err := opts.SetMatchETag(b.etag); err != nil {
			return nil, minio.ObjectInfo{}, err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watched{ctx: ctx, cancel: cancel, timeout: b.store.config.Timeout}
	w.timer = time.AfterFunc(time.Duration(b.store.config.Retries)*(w.timeout+time.Second), w.silent)
	r, o, _, err := b.store.core.GetObject(ctx, b.store.config.Bucket, b.store.prefix+b.key, opts)
	if err != nil {
		w.stop()
		return nil, o, err
	}
	w.ReadCloser = r
	return w, o, nil
}

// watched is a response that ends when nothing comes for too long.
type watched struct {
	io.ReadCloser
	ctx     context.Context
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	timeout time.Duration
}

func (w *watched) silent() { w.cancel(errSilent) }

func (w *watched) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

func (w *watched) Read(p []byte) (int, error) {
	w.timer.Reset(w.timeout)
	n, err := w.ReadCloser.Read(p)
	w.timer.Stop()
	if err != nil && err != io.EOF && context.Cause(w.ctx) == errSilent {
		err = errSilent
	}
	return n, err
}

func (w *watched) Close() error {
	w.stop()
	return w.ReadCloser.Close()
}

// Read continues with a new request where a connection breaks.
func (b *blob) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if b.pos >= b.size {
		return 0, b.verify()
	}
	var last error
	for range b.store.config.Retries {
		if err := b.connect(); err != nil {
			return 0, b.explain(err)
		}
		n, err := b.stream.Read(p[:min(int64(len(p)), b.size-b.pos)])
		if n > 0 {
			b.pos += int64(n)
			if b.hash != nil {
				b.hash.Write(p[:n])
			}
			return n, nil
		}
		if err != nil {
			last = err
			b.disconnect()
		}
		if b.ctx.Err() != nil {
			return 0, b.explain(err)
		}
	}
	return 0, fmt.Errorf("read %s: %w", b.key, unavailable(fmt.Errorf("broke off at byte %d of %d: %w", b.pos, b.size, last)))
}

func (b *blob) explain(err error) error {
	return fmt.Errorf("read %s: %w", b.key, explain(b.ctx, err))
}

// verify is how reading ends.
func (b *blob) verify() error {
	if b.hash == nil || b.digest.IsZero() || sohoa.Digest(b.hash.Sum(nil)) == b.digest {
		return io.EOF
	}
	return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{b.key}}
}

func (b *blob) connect() error {
	if b.stream != nil {
		return nil
	}
	var err error
	b.stream, _, err = b.get(b.ctx, b.pos, b.size)
	return err
}

func (b *blob) disconnect() {
	if b.stream != nil {
		b.stream.Close() // its error says nothing about bytes that were read
		b.stream = nil
	}
}

func (b *blob) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += b.pos
	case io.SeekEnd:
		offset += b.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek %s to %d: %w", b.key, offset, sohoa.ErrInvalid)
	}
	if offset == b.pos {
		return offset, nil
	}
	b.disconnect()
	b.pos, b.hash = offset, nil
	if offset == 0 {
		b.hash = sha256.New()
	}
	return offset, nil
}

func (b *blob) Close() error {
	b.disconnect()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blocks = nil
	return nil
}
