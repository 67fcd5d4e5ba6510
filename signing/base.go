package signing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"

	"sohoa"
	"sohoa/signing/revision"
)

// Base is what is noted of a document when it is stored, so that a signature
// reads and hashes what it appends and no more: SHA-256 as far as the document
// goes, and the objects that a signature on the first page builds on. It
// travels as JSON of a few kilobytes, and is good as long as the bytes are.
//
// Prepare takes its word for the document. It refuses one that does not fit the
// size and the last bytes; a change elsewhere is found by Completed.Write,
// which reads all of the document. So a Base counts only if Digest is the one
// that the archive has for the file.
type Base struct {
	Version  int                `json:"version"`
	Size     int64              `json:"size"` // of the document, bytes
	Digest   sohoa.Digest       `json:"digest"`
	State    []byte             `json:"state"`              // of SHA-256 after the last byte
	End      sohoa.Digest       `json:"end"`                // of the last 1,024 bytes
	Skeleton *revision.Skeleton `json:"skeleton,omitempty"` // nil where it would be large, or the document permits no signature
}

const (
	baseVersion = 1
	endBytes    = 1024
	maxSkeleton = 32 << 10 // of an object each page of a thousand takes 10 bytes
)

// Noter notes the Base of a document while its bytes are written to it. It is
// for one goroutine.
type Noter struct {
	sum  hash.Hash
	size int64
}

// NewNoter begins.
func NewNoter() *Noter { return &Noter{sum: sha256.New()} }

// Write implements io.Writer. It never fails.
func (n *Noter) Write(p []byte) (int, error) {
	n.size += int64(len(p))
	return n.sum.Write(p)
}

// Base returns what was noted. pdf are the same bytes, as they are stored; some
// kilobytes of them are read.
func (n *Noter) Base(pdf io.ReaderAt) (*Base, error) {
	b := &Base{Version: baseVersion, Size: n.size}
	n.sum.Sum(b.Digest[:0])
	var err error
	if b.State, err = n.sum.(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
		return nil, fmt.Errorf("note a document: %w", err)
	}
	if b.End, err = endOf(pdf, n.size); err != nil {
		return nil, fmt.Errorf("note a document: %w", err)
	}
	b.Skeleton = skeletonOf(pdf, n.size)
	return b, nil
}

// endOf is the SHA-256 of the last bytes.
func endOf(pdf io.ReaderAt, size int64) (sohoa.Digest, error) {
	n := min(size, endBytes)
	end := make([]byte, n)
	if m, err := pdf.ReadAt(end, size-n); int64(m) < n {
		return sohoa.Digest{}, fmt.Errorf("read the end of the document: %w", err)
	}
	return sohoa.Sum(end), nil
}

// skeletonOf reads what a signature needs, by preparing one that nobody gets.
// Without a skeleton Prepare reads the document, and says what is wrong with
// it.
func skeletonOf(pdf io.ReaderAt, size int64) *revision.Skeleton {
	fm, err := document{pdf: pdf, size: size}.form()
	if err != nil {
		return nil
	}
	name := fm.freeName()
	d := &draft{form: fm, update: fm.file.NewUpdate()}
	if fm.permit(name) != nil || d.addField(name, d.update.Add(revision.NewDict())) != nil {
		return nil
	}
	if _, err := d.update.Bytes(nil); err != nil {
		return nil
	}
	s := fm.file.Skeleton()
	total := len(s.Trailer)
	for _, b := range s.Objects {
		total += len(b.Text)
	}
	if total > maxSkeleton {
		return nil
	}
	return &s
}

// restore returns SHA-256 as it was after the last byte of the document, which
// must be the size bytes in pdf.
func (b *Base) restore(pdf io.ReaderAt, size int64) (hash.Hash, error) {
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(b.State); err != nil {
		return nil, detailed(sohoa.ErrVerification, "sign.base", err)
	}
	end, err := endOf(pdf, size)
	if err != nil {
		return nil, err
	}
	if b.Size != size || b.End != end || !bytes.Equal(h.Sum(nil), b.Digest[:]) {
		return nil, detailed(sohoa.ErrVerification, "sign.base", errNotBase)
	}
	return h, nil
}

var errNotBase = errors.New("size, last bytes or digest differ")

// usable reports whether b is there, and as this version writes it.
func (b *Base) usable() bool { return b != nil && b.Version == baseVersion }

// open reads the structure of the document to sign.
func (d *draft) open(pdf io.ReaderAt, size int64) (*revision.File, error) {
	if d.req.Base.usable() && d.req.Base.Skeleton != nil {
		return d.req.Base.Skeleton.Open(pdf, size)
	}
	return revision.Open(pdf, size)
}

// hash returns SHA-256 as it is after the last byte of the document.
func (d *draft) hash(ctx context.Context, pdf io.ReaderAt, size int64) (h hash.Hash, err error) {
	if d.req.Base.usable() {
		return d.req.Base.restore(pdf, size)
	}
	h, d.prepared.seen, err = hashAll(ctx, pdf, size)
	return h, err
}
