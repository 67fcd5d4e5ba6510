package sohoa

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// DocumentID names a document for ever. It is 26 letters and digits that sort
// by the time of acceptance (the ULID form: 48 bits of milliseconds, 80
// random bits). The zero value is no document.
type DocumentID struct{ s string }

// crockford is the alphabet of ULIDs: no I, L, O or U.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewDocumentID makes an identifier for a document accepted at t.
func NewDocumentID(t time.Time) DocumentID {
	var random [10]byte
	rand.Read(random[:]) // never fails since Go 1.24
	return documentID(t, random[:])
}

// documentID makes an identifier of a time and 80 bits.
func documentID(t time.Time, random []byte) DocumentID {
	// 130 bits are encoded; the first two are zero, as in a ULID.
	var b [17]byte
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(t.UnixMilli()))
	copy(b[1:7], ms[2:])
	copy(b[7:], random)
	return DocumentID{encodeULID(b)}
}

// encodeULID writes the 128 bits in b[1:] as 26 digits, led by two zero bits.
func encodeULID(b [17]byte) string {
	// 17 bytes are 136 bits, 28 digits; shifting left by 6 drops the excess
	// so that digit 0 starts two bits before b[1].
	var out [17]byte
	for i := range out {
		out[i] = b[i] << 6
		if i+1 < len(b) {
			out[i] |= b[i+1] >> 2
		}
	}
	return crockford.EncodeToString(out[:])[:26]
}

// ParseDocumentID reads an identifier in either case.
func ParseDocumentID(s string) (DocumentID, error) {
	u := strings.ToUpper(strings.TrimSpace(s))
	if len(u) != 26 || u[0] > '7' || strings.Trim(u, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		return DocumentID{}, &Problem{Kind: ErrInvalid, Code: "id.malformed", Args: []string{s}}
	}
	return DocumentID{u}, nil
}

// String returns the 26 characters, or "" for the zero value.
func (id DocumentID) String() string { return id.s }

// IsZero reports whether id names no document.
func (id DocumentID) IsZero() bool { return id.s == "" }

// MarshalText is the same as String.
func (id DocumentID) MarshalText() ([]byte, error) { return []byte(id.s), nil }

// UnmarshalText is ParseDocumentID; empty text is the zero value.
func (id *DocumentID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = DocumentID{}
		return nil
	}
	v, err := ParseDocumentID(string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// Digest is the SHA-256 of some bytes. The zero value is no digest.
type Digest [sha256.Size]byte

// Sum is the digest of b.
func Sum(b []byte) Digest { return sha256.Sum256(b) }

// ParseDigest reads 64 hexadecimal digits.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	if len(s) != hex.EncodedLen(len(d)) {
		return d, fmt.Errorf("digest %q: want %d hexadecimal digits: %w", s, hex.EncodedLen(len(d)), ErrInvalid)
	}
	if _, err := hex.Decode(d[:], []byte(s)); err != nil {
		return Digest{}, fmt.Errorf("digest %q: %w", s, ErrInvalid)
	}
	return d, nil
}

// String returns 64 hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// IsZero reports whether d is no digest.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText is String, or empty for the zero value.
func (d Digest) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText is ParseDigest; empty text is the zero value.
func (d *Digest) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Digest{}
		return nil
	}
	v, err := ParseDigest(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
