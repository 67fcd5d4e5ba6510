package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"filippo.io/age"

	"sohoa"
	"sohoa/archive"
)

// Sizes of the age format, version 1.
const (
	nonceBytes = 16
	chunkBytes = 64 << 10
	tagBytes   = 16
	aheadBytes = chunkBytes + tagBytes + 4096 // read at once when a blob is opened: all of a small one
)

// Open implements archive.Blobs. The end of a blob that is read from its
// beginning is verified when it is reached; Seek and ReadAt verify it first.
func (s *Store) Open(ctx context.Context, key string) (archive.Blob, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if !s.mixed {
		b, err := s.inner.Open(ctx, key)
		return b, s.absent(ctx, key, err)
	}
	in, err := s.inner.Open(ctx, key+Suffix)
	if errors.Is(err, sohoa.ErrNotExist) {
		return s.inner.Open(ctx, key)
	}
	if err != nil {
		return nil, err
	}
	b, err := s.decrypt(in, key+Suffix)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", key, s.explain(key+Suffix, err)), in.Close())
	}
	return b, nil
}

// absent is err, or that the blob is there encrypted, which a vault without
// keys does not expect.
func (s *Store) absent(ctx context.Context, key string, err error) error {
	if !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	if _, there := s.inner.Stat(ctx, key+Suffix); there == nil {
		return closed(key+Suffix, "no key is set")
	}
	return err
}

// decrypt reads the header of an encrypted blob.
func (s *Store) decrypt(in archive.Blob, key string) (*blob, error) {
	ahead := make([]byte, min(in.Size(), aheadBytes))
	if _, err := io.ReadFull(source{in}, ahead); err != nil {
		return nil, err
	}
	header, err := age.ExtractHeader(io.MultiReader(bytes.NewReader(ahead), source{in}))
	if err != nil {
		return nil, err
	}
	size, err := plainSize(in.Size() - int64(len(header)))
	if err != nil {
		return nil, err
	}
	fileKey, err := s.keys.open(header)
	if err != nil {
		return nil, err
	}
	b := &blob{in: in, key: key, size: size, fileKey: age.NewInjectedFileKeyIdentity(fileKey)}
	b.at = sync.OnceValues(b.random)
	if len(header) > len(ahead) {
		return b, nil // its stream is begun anew
	}
	b.stream, err = age.Decrypt(io.MultiReader(bytes.NewReader(ahead), source{in}), b.fileKey)
	return b, err
}

// plainSize is the size of the plaintext of what follows a header.
func plainSize(payload int64) (int64, error) {
	payload -= nonceBytes
	chunks := (payload + chunkBytes + tagBytes - 1) / (chunkBytes + tagBytes)
	size := payload - chunks*tagBytes
	if payload < tagBytes || size < 0 || size <= (chunks-1)*chunkBytes && chunks > 1 {
		return 0, fmt.Errorf("%d bytes are no encrypted payload: %w", payload, sohoa.ErrVerification)
	}
	return size, nil
}

// source marks the errors of an inner blob.
type source struct{ archive.Blob }

func (s source) Read(p []byte) (int, error) {
	n, err := s.Blob.Read(p)
	return n, marked(err)
}

func (s source) ReadAt(p []byte, off int64) (int, error) {
	n, err := s.Blob.ReadAt(p, off)
	return n, marked(err)
}

func marked(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return storeError{err}
}

// blob is an encrypted blob that is open.
type blob struct {
	in      archive.Blob
	key     string // in the inner store
	size    int64  // of the plaintext, as that of the ciphertext says
	fileKey age.Identity

	pos    int64 // of Read
	stream io.Reader
	read   int64 // position of stream

	at func() (io.ReaderAt, error)
}

// random opens the blob for reading anywhere, which verifies its end.
func (b *blob) random() (io.ReaderAt, error) {
	r, size, err := age.DecryptReaderAt(source{b.in}, b.in.Size(), b.fileKey)
	if err == nil && size != b.size {
		err = fmt.Errorf("%d bytes, its size says %d", size, b.size)
	}
	return r, explain(b.key, err)
}

func (b *blob) Size() int64 { return b.size }

func (b *blob) Close() error { return b.in.Close() }

// Read reads on in the stream if that is where it is, else chunk by chunk.
func (b *blob) Read(p []byte) (int, error) {
	if b.pos == 0 && (b.stream == nil || b.read > 0) {
		if err := b.restart(); err != nil {
			return 0, err
		}
	}
	if b.stream == nil || b.read != b.pos {
		n, err := b.ReadAt(p, b.pos)
		b.pos += int64(n)
		if n > 0 && err == io.EOF {
			err = nil
		}
		return n, err
	}
	n, err := b.stream.Read(p)
	b.pos, b.read = b.pos+int64(n), b.read+int64(n)
	if err == io.EOF {
		return n, err
	}
	return n, explain(b.key, err)
}

// restart begins the stream anew.
func (b *blob) restart() error {
	if _, err := b.in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	stream, err := age.Decrypt(source{b.in}, b.fileKey)
	if err != nil {
		return explain(b.key, err)
	}
	b.stream, b.read = stream, 0
	return nil
}

func (b *blob) Seek(offset int64, whence int) (int64, error) {
	if _, err := b.at(); err != nil {
		return 0, err
	}
	switch whence {
	case io.SeekCurrent:
		offset += b.pos
	case io.SeekEnd:
		offset += b.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek %s to %d: %w", b.key, offset, sohoa.ErrInvalid)
	}
	b.pos = offset
	return offset, nil
}

// ReadAt decrypts the chunks in which the bytes are.
func (b *blob) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read %s at %d: %w", b.key, off, sohoa.ErrInvalid)
	}
	at, err := b.at()
	if err != nil {
		return 0, err
	}
	if off >= b.size {
		return 0, io.EOF
	}
	n, err := at.ReadAt(p, off)
	switch {
	case n == len(p) && err == io.EOF:
		return n, nil // as files do, and readers rely on
	case n < len(p) && err == nil:
		return n, io.EOF
	case err == io.EOF:
		return n, err
	}
	return n, explain(b.key, err)
}
