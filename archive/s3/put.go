package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
)

// Names of S3's checksum headers. minio-go passes them on from metadata.
const (
	checksumHeader  = "X-Amz-Checksum-Sha256"
	algorithmHeader = "X-Amz-Checksum-Algorithm"
	partsAtOnce     = 3
	abortTime       = 10 * time.Second
)

// Put implements archive.Blobs. The bytes are collected before the first is
// sent, in memory up to one part and in Config.SpoolDir beyond, so that a
// reader which fails never touches the store and every request can be tried
// again.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) (archive.BlobInfo, error) {
	return s.put(ctx, key, r, condition{})
}

// condition makes an upload one that the store refuses unless it is met.
type condition struct {
	only  func(*minio.PutObjectOptions) // nil is none
	fresh bool                          // it is that nothing is there
}

func (s *Store) put(ctx context.Context, key string, r io.Reader, only condition) (archive.BlobInfo, error) {
	if err := archive.CheckKey(key); err != nil {
		return archive.BlobInfo{}, err
	}
	body, err := s.collect(ctx, r)
	if err != nil {
		return archive.BlobInfo{}, fmt.Errorf("put %s: %w", key, full(err))
	}
	defer body.Close()
	body.condition = only
	tag, err := s.send(ctx, key, body)
	for try := 1; try < s.config.Retries && passes(err); try++ {
		tag, err = s.send(ctx, key, body)
	}
	if only.only != nil && isUnmet(err) {
		tag, err = s.refused(ctx, key, body, err)
	}
	if err != nil {
		return archive.BlobInfo{}, fmt.Errorf("put %s: %w", key, explain(ctx, altered(err)))
	}
	return archive.BlobInfo{Key: key, Size: body.size, Digest: body.digest, Modified: time.Now().UTC(), Tag: tag}, nil
}

// passes recognises refusals that another try need not meet: those of stores on
// a file system when somebody emptied the folder of the key at the same moment
// (versitygw; MinIO says that access is denied), that of a store to which two
// conditional uploads came at once, and the one that isOfAnother tells of.
func passes(err error) bool {
	e := minio.ToErrorResponse(err)
	return isOneOf(e, "ExistingObjectIsDirectory", "ConditionalRequestConflict", "BadRequest") || e.Code == minio.AccessDenied && !isLocked(e)
}

// altered recognises bytes that changed on the way: some stores then find
// that the signature, which covers them, does not match. That the secret is
// right was seen by Open.
func altered(err error) error {
	if minio.ToErrorResponse(err).Code == minio.SignatureDoesNotMatch {
		return unavailable(err)
	}
	return err
}

// full recognises a full spool disk.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.full", Detail: err.Error()}
	}
	return err
}

// body is all of a blob, ready to be sent any number of times.
type body struct {
	io.ReaderAt
	size   int64
	digest sohoa.Digest
	sums   sums
	file   *os.File // nil if in memory
	condition
}

// metadata is what stays with the object, and a header besides.
func (b *body) metadata(header, value string) map[string]string {
	return map[string]string{digestKey: b.digest.String(), blocksKey: b.sums.header(b.size), header: value}
}

// Close frees what holds the bytes.
func (b *body) Close() error {
	if b.file == nil {
		return nil
	}
	return b.file.Close()
}

// section reads n bytes from off.
func (b *body) section(off, n int64) *io.SectionReader {
	return io.NewSectionReader(b.ReaderAt, off, min(n, b.size-off))
}

// collect reads r to its end.
func (s *Store) collect(ctx context.Context, r io.Reader) (*body, error) {
	h, crc := sha256.New(), &summer{}
	r = io.TeeReader(ctxReader{ctx, r}, io.MultiWriter(h, crc))
	var head bytes.Buffer
	n, err := io.CopyN(&head, r, s.config.PartBytes+1)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if n <= s.config.PartBytes {
		return &body{ReaderAt: bytes.NewReader(head.Bytes()), size: n, digest: sohoa.Digest(h.Sum(nil)), sums: crc.sums(n)}, nil
	}
	f, err := s.spool()
	if err != nil {
		return nil, err
	}
	size, err := io.Copy(f, io.MultiReader(&head, r))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &body{ReaderAt: f, size: size, digest: sohoa.Digest(h.Sum(nil)), sums: crc.sums(size), file: f}, nil
}

// spool makes a file without a name: it is gone when it is closed.
func (s *Store) spool() (*os.File, error) {
	f, err := os.CreateTemp(s.config.SpoolDir, "sohoa-put-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// ctxReader ends with the error of its context.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// send returns the ETag.
func (s *Store) send(ctx context.Context, key string, b *body) (string, error) {
	ctx, cancel := s.bound(ctx, b.size)
	defer cancel()
	if b.size > s.config.PartBytes {
		return s.sendParts(ctx, s.prefix+key, b)
	}
	want := base64.StdEncoding.EncodeToString(b.digest[:])
	opts := minio.PutObjectOptions{UserMetadata: b.metadata(checksumHeader, want), ServerSideEncryption: s.sse}
	if b.only != nil {
		b.only(&opts)
	}
	got, err := s.core.PutObject(ctx, s.config.Bucket, s.prefix+key, b.section(0, b.size), b.size, "", b.digest.String(), opts)
	if err != nil {
		return "", err
	}
	return got.ETag, compare(got.ChecksumSHA256, want)
}

// compare checks the store's echo of a checksum. Stores that give none have
// verified the signed SHA-256 of the request (AWS Signature Version 4).
func compare(got, want string) error {
	if got != "" && got != want {
		return unavailable(fmt.Errorf("the store acknowledged the checksum %s, sent was %s", got, want))
	}
	return nil
}

// sendParts uploads in parts; readers see nothing until the last request.
func (s *Store) sendParts(ctx context.Context, object string, b *body) (string, error) {
	opts := minio.PutObjectOptions{UserMetadata: b.metadata(algorithmHeader, "SHA256"), ServerSideEncryption: s.sse}
	id, err := s.core.NewMultipartUpload(ctx, s.config.Bucket, object, opts)
	if err != nil {
		return "", err
	}
	tag, err := s.completeParts(ctx, object, id, b)
	if err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
		defer cancel()
		// What cannot be aborted now is aborted by a later Open.
		_ = s.core.AbortMultipartUpload(ctx, s.config.Bucket, object, id)
	}
	return tag, err
}

func (s *Store) completeParts(ctx context.Context, object, id string, b *body) (string, error) {
	count := int((b.size + s.config.PartBytes - 1) / s.config.PartBytes)
	parts, sums := make([]minio.CompletePart, count), make([]sohoa.Digest, count)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(partsAtOnce)
	for i := range count {
		g.Go(func() (err error) {
			data := b.section(int64(i)*s.config.PartBytes, s.config.PartBytes)
			parts[i], sums[i], err = s.sendPart(gctx, object, id, i+1, data)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return "", err
	}
	var opts minio.PutObjectOptions
	if b.only != nil {
		b.only(&opts)
	}
	got, err := s.core.CompleteMultipartUpload(ctx, s.config.Bucket, object, id, parts, opts)
	if minio.ToErrorResponse(err).Code == "NoSuchUpload" {
		return "", s.completed(ctx, strings.TrimPrefix(object, s.prefix), b, err)
	}
	if err != nil {
		return "", err
	}
	return got.ETag, compare(got.ChecksumSHA256, composite(sums))
}

// completed decides what it means that an upload is not there any more: that
// it was completed and the answer got lost, if the bytes are there.
func (s *Store) completed(ctx context.Context, key string, b *body, gone error) error {
	info, err := s.Stat(ctx, key)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	if err != nil || info.Digest != b.digest || info.Size != b.size {
		return unavailable(gone)
	}
	return nil
}

// composite is the checksum of checksums that S3 gives an object in parts.
func composite(sums []sohoa.Digest) string {
	h := sha256.New()
	for _, d := range sums {
		h.Write(d[:])
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil)) + "-" + strconv.Itoa(len(sums))
}

func (s *Store) sendPart(ctx context.Context, object, id string, number int, data *io.SectionReader) (minio.CompletePart, sohoa.Digest, error) {
	h := sha256.New()
	if _, err := io.Copy(h, data); err != nil {
		return minio.CompletePart{}, sohoa.Digest{}, err
	}
	sum := sohoa.Digest(h.Sum(nil))
	want := base64.StdEncoding.EncodeToString(sum[:])
	opts := minio.PutObjectPartOptions{Sha256Hex: sum.String(), CustomHeader: map[string][]string{checksumHeader: {want}}}
	body := io.NewSectionReader(data, 0, data.Size())
	part, err := s.core.PutObjectPart(ctx, s.config.Bucket, object, id, number, body, data.Size(), opts)
	if err != nil {
		return minio.CompletePart{}, sum, err
	}
	return minio.CompletePart{PartNumber: number, ETag: part.ETag, ChecksumSHA256: want}, sum, compare(part.ChecksumSHA256, want)
}
