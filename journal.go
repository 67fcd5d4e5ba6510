package sohoa

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"
)

// journalVersion leads the bytes that an entry's hash covers.
const journalVersion = "sohoa journal 1\n"

// Seal sets the entry's place in the chain: the sequence number after prev,
// the hash of prev, and its own hash. The zero Entry precedes the first.
// Time is cut to microseconds in UTC, which is how it is kept.
func (e *Entry) Seal(prev Entry) {
	e.Seq, e.Prev = prev.Seq+1, prev.Hash
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	e.Hash = e.hash()
}

// Follows reports as an error why e is not the unaltered entry after prev.
func (e Entry) Follows(prev Entry) error {
	switch {
	case e.Seq != prev.Seq+1:
		return fmt.Errorf("journal entry %d follows %d: %w", e.Seq, prev.Seq, ErrVerification)
	case e.Prev != prev.Hash:
		return fmt.Errorf("journal entry %d does not continue the chain: %w", e.Seq, ErrVerification)
	case e.Hash != e.hash():
		return fmt.Errorf("journal entry %d was altered: %w", e.Seq, ErrVerification)
	}
	return nil
}

// hash covers every field but Hash. Each field is written as its length in
// decimal, a colon and its bytes, so that no two entries share an encoding
// (docs/format.md).
func (e Entry) hash() Digest {
	h := sha256.New()
	h.Write([]byte(journalVersion))
	for _, f := range []string{
		strconv.FormatUint(e.Seq, 10),
		strconv.FormatInt(e.Time.UnixMicro(), 10),
		e.Actor, string(e.Action), e.Document.String(), e.Dossier,
		strconv.Itoa(e.Page), e.Purpose, e.Detail, string(e.Prev[:]),
	} {
		fmt.Fprintf(h, "%d:%s", len(f), f)
	}
	return Digest(h.Sum(nil))
}
