package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"sohoa"
)

// Blobs is a store of bytes by key. Implementations pass archivetest.Blobs.
// All methods are safe for concurrent use.
//
// Keys are made by us from identifiers and digests, never from names that
// people give; CheckKey has their form. A key is not at the same time the
// folder of another ("a" and "a/b").
//
// Errors: sohoa.ErrNotExist for a key that is not there, sohoa.ErrInvalid for
// one that is malformed, a sohoa.Problem "store.full" or "store.unavailable"
// (sohoa.ErrUnavailable) where trying again can help, sohoa.ErrVerification
// where bytes are not what they were.
type Blobs interface {
	// Put stores all of r under key, hashing on the way. When it returns nil
	// the bytes are durable; until then readers see what was there before,
	// afterwards all of the new bytes, never a part. An error of r is in the
	// chain of the error returned, and nothing is left behind. The caller
	// keeps r.
	Put(ctx context.Context, key string, r io.Reader) (BlobInfo, error)

	// Open opens a blob for reading. ctx bounds the reading too. The caller
	// closes the blob.
	Open(ctx context.Context, key string) (Blob, error)

	// Stat describes a blob without reading it.
	Stat(ctx context.Context, key string) (BlobInfo, error)

	// List yields the blobs whose key begins with prefix, sorted by key byte
	// by byte. It ends after the first error. Blobs that come or go meanwhile
	// may or may not be among them.
	List(ctx context.Context, prefix string) iter.Seq2[BlobInfo, error]
}

// Blob is an open blob. Read and Seek are for one goroutine; ReadAt is safe
// for many.
type Blob interface {
	io.ReadSeekCloser
	io.ReaderAt
	Size() int64 // bytes
}

// BlobInfo describes a blob.
type BlobInfo struct {
	Key      string
	Size     int64        // bytes
	Digest   sohoa.Digest // SHA-256 as it was when stored; zero where the store does not know it
	Modified time.Time    // when it was stored, UTC
	Tag      string       // changes with the bytes under the key (Creator.PutOver); empty where the store does not know it
}

// Eraser is the power to remove blobs. It is apart from Blobs so that most
// code cannot.
type Eraser interface {
	// Remove removes one blob, durably. It is sohoa.ErrNotExist if there is
	// none. A store with versions keeps them (Purger).
	Remove(ctx context.Context, key string) error
	// RemoveAll removes every blob whose key begins with prefix, which ends
	// in "/" and names at least one folder. That there is none is no error.
	RemoveAll(ctx context.Context, prefix string) error
}

// Copier is a store that can copy inside itself without the bytes passing
// through this process. The copy has not been read by anybody: who needs to
// know that it is right reads it back.
type Copier interface {
	// Copy is as Put of the bytes under src.
	Copy(ctx context.Context, dst, src string) error
}

// DigestOf reads a blob to its end and returns the digest of its bytes, and how
// many they are.
func DigestOf(ctx context.Context, b Blobs, key string) (d sohoa.Digest, size int64, err error) {
	f, err := b.Open(ctx, key)
	if err != nil {
		return d, 0, err
	}
	h := sha256.New()
	size, err = io.Copy(h, f)
	return sohoa.Digest(h.Sum(nil)), size, errors.Join(err, f.Close())
}

// Bounds of keys. File systems allow 255 bytes a name, S3 1024 bytes a key.
const (
	MaxKeyBytes  = 900
	MaxNameBytes = 200 // between two slashes
)

// CheckKey reports as sohoa.ErrInvalid why key is malformed. A key is one or
// more names joined by slashes. A name has 1 to MaxNameBytes letters, digits
// and characters of "._=-", all ASCII, and does not begin with a dot.
func CheckKey(key string) error {
	if len(key) > MaxKeyBytes {
		return fmt.Errorf("key of %d bytes: %w", len(key), sohoa.ErrInvalid)
	}
	for name := range strings.SplitSeq(key, "/") {
		if name == "" || len(name) > MaxNameBytes || name[0] == '.' || strings.ContainsFunc(name, badRune) {
			return fmt.Errorf("key %q: %w", key, sohoa.ErrInvalid)
		}
	}
	return nil
}

// CheckPrefix is CheckKey for the prefix of a listing: it may be empty, and
// its last name may be empty or cut short.
func CheckPrefix(prefix string) error {
	return CheckKey(prefix + "x")
}

// CheckFolder is CheckKey for the prefix of Eraser.RemoveAll, which ends in a
// slash.
func CheckFolder(prefix string) error {
	key, ok := strings.CutSuffix(prefix, "/")
	if !ok {
		return fmt.Errorf("folder %q does not end in a slash: %w", prefix, sohoa.ErrInvalid)
	}
	return CheckKey(key)
}

func badRune(c rune) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return false
	}
	return !strings.ContainsRune("._=-", c)
}
