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
// if the bytes are not those that were put. Both Read and ReadAt fetch blocks
// of one mebibyte (up to eight, in blobs beyond 128), which are verified; ReadAt
// keeps the latest four.
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
		Tag: o.ETag,
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
			if strings.HasSuffix(o.Key, "/") || o.Key == s.prefix+probeName {
				continue // a folder marker, made by other programs; our own probe
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

	sums sums

	pos     int64         // of Read
	hash    hash.Hash     // of the bytes before pos; nil if not all were read
	current block         // the one that Read was in last
	stream  io.ReadCloser // at offset at, or nil
	at      int64

	mu     sync.Mutex // guards blocks
	blocks []block    // least recently used first
}

type block struct {
	index int64
	data  []byte // nil is none
}

// maxBlocks bounds the cache of ReadAt.
const maxBlocks = 4

func (b *blob) Size() int64 { return b.size }

// start sends the first request, which also describes the object. A
// description that contradicts itself is asked for again: it may have been
// altered on the way.
func (b *blob) start() error {
	for range b.store.config.Retries {
		stream, o, err := b.get(b.ctx, 0, 0)
		if err != nil {
			return err
		}
		sums, ok := parseSums(o.UserMetadata[blocksKey], o.Size)
		if ok {
			b.stream, b.etag, b.size, b.digest, b.sums = stream, o.ETag, o.Size, digestOf(o), sums
			return nil
		}
		stream.Close() // its error says nothing about what is stored
	}
	return b.changed()
}

func (b *blob) changed() error {
	return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{b.key}}
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

// Read hands out verified blocks. It continues with a new request where a
// connection breaks.
func (b *blob) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if b.pos >= b.size {
		return 0, b.verify()
	}
	index := b.pos / b.block()
	if b.current.data == nil || b.current.index != index {
		if err := b.load(index); err != nil {
			return 0, b.explain(err)
		}
	}
	n := copy(p, b.current.data[b.pos-index*b.block():])
	if b.hash != nil {
		b.hash.Write(p[:n])
	}
	b.pos += int64(n)
	return n, nil
}

func (b *blob) block() int64 { return blockBytes(b.size) }

// load makes a block the current one.
func (b *blob) load(index int64) error {
	start := index * b.block()
	data := b.buffer(min(b.block(), b.size-start))
	n, last := 0, error(nil)
	for range b.store.config.Retries {
		if err := b.connect(start + int64(n)); err != nil {
			return err
		}
		m, err := io.ReadFull(b.stream, data[n:])
		b.at += int64(m)
		if n += m; n == len(data) && b.sums.right(index, data) {
			b.current = block{index, data}
			return nil
		}
		b.disconnect()
		if b.ctx.Err() != nil {
			return err
		}
		last = err
		if n == len(data) {
			n, last = 0, b.changed()
		}
	}
	return b.broken(start+int64(n), last)
}

// buffer is of n bytes; that of the current block, which goes.
func (b *blob) buffer(n int64) []byte {
	data := b.current.data
	b.current.data = nil
	if int64(cap(data)) < n {
		return make([]byte, n)
	}
	return data[:n]
}

// broken is the end of the attempts to read what is at off.
func (b *blob) broken(off int64, err error) error {
	if errors.Is(err, sohoa.ErrVerification) {
		return err
	}
	return unavailable(fmt.Errorf("broke off at byte %d of %d: %w", off, b.size, err))
}

func (b *blob) explain(err error) error {
	return fmt.Errorf("read %s: %w", b.key, explain(b.ctx, err))
}

// verify is how reading ends.
func (b *blob) verify() error {
	if b.hash == nil || b.digest.IsZero() || sohoa.Digest(b.hash.Sum(nil)) == b.digest {
		return io.EOF
	}
	return b.changed()
}

// connect has the stream at off.
func (b *blob) connect(off int64) (err error) {
	if b.stream != nil && b.at == off {
		return nil
	}
	b.disconnect()
	b.stream, _, err = b.get(b.ctx, off, b.size)
	b.at = off
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
