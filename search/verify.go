package search

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"sohoa"
)

// Catalogue is a Source that an index can be compared with.
type Catalogue interface {
	Source
	Header
	// Documents returns up to limit documents after the given one, by rising
	// identifier; none after the last.
	Documents(ctx context.Context, after sohoa.DocumentID, limit int) ([]sohoa.DocumentID, error)
}

// Stamp tells versions of a page apart. An index keeps the one of what it
// indexed.
func (p Privacy) Stamp(d PageDoc) string {
	if d.TextSum == "" {
		sum := sha256.Sum256([]byte(d.Text))
		d.TextSum = hex.EncodeToString(sum[:])
	}
	d.Text = ""
	b, err := json.Marshal(d)
	if err != nil { // it holds strings and times only
		panic(err)
	}
	return p.hash("page:" + string(b))[:16]
}

// Verified is what came of comparing an index with a Catalogue.
type Verified struct {
	At        time.Time `json:"at"`
	Seconds   float64   `json:"seconds"`
	Documents int       `json:"documents"` // in the catalogue
	Pages     int       `json:"pages"`
	Missing   int       `json:"missing"`  // pages that the index lacks
	Extra     int       `json:"extra"`    // pages that are no more
	Outdated  int       `json:"outdated"` // pages that are not as they were indexed
	Repaired  bool      `json:"repaired"` // these are right now
	Examples  []string  `json:"examples,omitempty"`
}

// Sound reports whether the index is as it should be.
func (v Verified) Sound() bool { return v.Missing+v.Extra+v.Outdated == 0 || v.Repaired }

// Health is how an index is.
type Health struct {
	Pages      uint64     `json:"pages"`
	Rebuilding bool       `json:"rebuilding"`
	Why        RebuildWhy `json:"why,omitempty"` // of Rebuilding, where it was not asked for
	Checked    time.Time  `json:"checked,omitzero"`
	Damaged    []string   `json:"damaged,omitempty"` // files, as of Checked
	Verified   *Verified  `json:"verified,omitempty"`
}

// RebuildWhy is why an index is rebuilt.
type RebuildWhy string

// The reasons.
const (
	RebuildDamaged RebuildWhy = "damaged" // a file is not what was written
	RebuildSchema  RebuildWhy = "schema"  // another version of the program made it
	RebuildKey     RebuildWhy = "key"     // the key of identity numbers is another
	RebuildJournal RebuildWhy = "journal" // it is ahead of the journal, which was restored
	RebuildErasure RebuildWhy = "erasure" // it may still have text of destroyed documents
)
