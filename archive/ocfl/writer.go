package ocfl

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	ocflgo "github.com/srerickson/ocfl-go"
	ocflfs "github.com/srerickson/ocfl-go/fs"

	"sohoa"
	"sohoa/archive"
)

// Content is where the bytes of one file of a Version come from.
type Content struct {
	key    string // a blob, if bytes is nil
	bytes  []byte
	digest sohoa.Digest
	kept   bool
}

// Blob is the content of the blob key, which is copied. A zero digest is
// found by reading the blob once more.
func Blob(key string, d sohoa.Digest) Content { return Content{key: key, digest: d} }

// Bytes is the content b, which must not change until Commit returns.
func Bytes(b []byte) Content {
	return Content{bytes: append([]byte{}, b...), digest: sohoa.Sum(b)}
}

// Kept is what the same path has in the version that is followed.
func Kept() Content { return Content{kept: true} }

// writer is the file system that one Commit writes through: it reads back
// what it wrote. Its content is addressed by digest: as a source of content
// it is itself, with the digest as path.
type writer struct {
	*filesystem
	sources map[string]Content // by digest; read only while the plan runs
}

var (
	_ ocflfs.CopyFS        = (*writer)(nil)
	_ ocflgo.ContentSource = (*writer)(nil)
)

// GetContent implements ocflgo.ContentSource.
func (w *writer) GetContent(hex string) (ocflfs.FS, string) {
	if _, ok := w.sources[hex]; !ok {
		return nil, ""
	}
	return w, hex
}

// Copy implements ocflfs.CopyFS. src is a digest.
func (w *writer) Copy(ctx context.Context, dst, src string) (int64, error) {
	c := w.sources[src]
	if err := w.put(ctx, dst, c); err != nil {
		return 0, err
	}
	return w.readBack(ctx, dst, c)
}

func (w *writer) put(ctx context.Context, dst string, c Content) error {
	if c.bytes != nil {
		_, err := w.blobs.Put(ctx, dst, bytes.NewReader(c.bytes))
		return err
	}
	if copier, ok := w.blobs.(archive.Copier); ok {
		return missing(c.key, copier.Copy(ctx, dst, c.key))
	}
	src, err := w.blobs.Open(ctx, c.key)
	if err != nil {
		return missing(c.key, err)
	}
	_, err = w.blobs.Put(ctx, dst, src)
	return errors.Join(err, src.Close())
}

// readBack hashes what is stored under dst.
func (w *writer) readBack(ctx context.Context, dst string, c Content) (int64, error) {
	b, err := w.blobs.Open(ctx, dst)
	if err != nil {
		return 0, err
	}
	h := sha256.New()
	n, err := io.Copy(h, b)
	if err := errors.Join(err, b.Close()); err != nil {
		return 0, err
	}
	if got := sohoa.Digest(h.Sum(nil)); got != c.digest {
		name := c.key
		if name == "" {
			name = dst
		}
		return 0, &sohoa.Problem{
			Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{name},
			Detail: fmt.Sprintf("read back as %v, want %v", got, c.digest),
		}
	}
	return n, nil
}

// Write implements ocflfs.WriteFS for declarations and inventories, which
// ocfl-go has in memory.
func (w *writer) Write(ctx context.Context, name string, r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	c := Bytes(b)
	if err := w.put(ctx, name, c); err != nil {
		return 0, err
	}
	return w.readBack(ctx, name, c)
}

// hash is the digest of a blob.
func (f *filesystem) hash(ctx context.Context, key string) (sohoa.Digest, error) {
	b, err := f.blobs.Open(ctx, key)
	if err != nil {
		return sohoa.Digest{}, err
	}
	h := sha256.New()
	_, err = io.Copy(h, b)
	return sohoa.Digest(h.Sum(nil)), errors.Join(err, b.Close())
}

// missing names the blob that a Commit was to copy.
func missing(key string, err error) error {
	if errors.Is(err, sohoa.ErrNotExist) {
		return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "store.missing", Args: []string{key}, Detail: err.Error()}
	}
	return err
}
