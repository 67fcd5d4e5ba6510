package archive

import (
	"context"
	"time"

	"sohoa"
)

// CopyName names one of the copies of what is kept.
type CopyName string

// The copies.
const (
	FirstCopy  CopyName = "first"
	SecondCopy CopyName = "second"
)

// FixityPass is one reading of everything in one copy.
type FixityPass struct {
	ID       string         `json:"id"` // sorts by the time it was begun
	Copy     CopyName       `json:"copy"`
	Started  time.Time      `json:"started"`
	Ended    time.Time      `json:"ended,omitzero"` // zero while it is under way
	Cursor   string         `json:"cursor,omitempty"`
	Objects  int            `json:"objects"`
	Bytes    int64          `json:"bytes"` // of files that were hashed
	Findings int            `json:"findings"`
	Repaired int            `json:"repaired"`          // of them, so far, until the next pass
	Busy     int            `json:"busy,omitempty"`    // objects that were being written to each time they were looked at
	Problem  *sohoa.Problem `json:"problem,omitempty"` // why it does not go on at the moment

	Worker string    `json:"worker,omitempty"` // which process is at it
	Beat   time.Time `json:"beat,omitzero"`    // when that was last heard of
}

// FixityFinding is one thing in a copy that is not as it should be, for as
// long as it is so, and afterwards.
type FixityFinding struct {
	ID     string    `json:"id"` // sorts by Found
	Copy   CopyName  `json:"copy"`
	Object string    `json:"object,omitempty"` // the OCFL ID; empty for files that belong to none
	Key    string    `json:"key,omitempty"`    // of the file; empty is the whole object
	Kind   string    `json:"kind"`             // as ocfl.Kind
	Detail string    `json:"detail,omitempty"` // for operators
	Pass   string    `json:"pass,omitempty"`   // the pass that found it first
	Found  time.Time `json:"found"`
	Seen   time.Time `json:"seen"`            // when it was found last
	Ended  time.Time `json:"ended,omitzero"`  // when it was repaired, or found no more; zero while it is open
	From   string    `json:"from,omitempty"`  // where the bytes of the repair came from; empty if nobody here repaired it
	Actor  string    `json:"actor,omitempty"` // who had it repaired
}

// CopyCounts are how many documents have a second copy.
type CopyCounts struct {
	Kept    int       // documents that are kept
	Behind  int       // of them, those whose newest version is in one copy only
	Overdue int       // of these, those that are so for longer than asked
	Oldest  time.Time // since when the oldest of them is; zero if there is none
}

// Fixities are the reads about fixity passes and second copies.
type Fixities interface {
	// CountCopies counts kept documents. Those kept before the given time and
	// not copied since are overdue.
	CountCopies(ctx context.Context, before time.Time) (CopyCounts, error)
	// Uncopied returns kept documents whose newest version, kept before t, the
	// second copy has not, those kept first first.
	Uncopied(ctx context.Context, t time.Time, limit int) ([]sohoa.Document, error)
	// KeptAfter returns up to limit kept documents after the given one, in the
	// order of their identifiers.
	KeptAfter(ctx context.Context, after sohoa.DocumentID, limit int) ([]sohoa.Document, error)
	// ObjectCopied returns the version of an object that is no document which
	// the second copy has; 0 if none.
	ObjectCopied(ctx context.Context, object string) (int, error)
	// SecondStore identifies the store that has the second copy; empty if
	// there never was one.
	SecondStore(ctx context.Context) (string, error)
	// FixityPasses returns the newest passes of a copy first.
	FixityPasses(ctx context.Context, c CopyName, limit int) ([]FixityPass, error)
	// FindFixity returns the newest findings first.
	FindFixity(ctx context.Context, q FindingQuery) ([]FixityFinding, error)
	// CountFindings counts the open findings by copy.
	CountFindings(ctx context.Context) (map[CopyName]int, error)
}

// FindingQuery selects findings; zero fields select all.
type FindingQuery struct {
	Copy   CopyName
	Object string
	Open   bool
	Limit  int // 0 is 100
}

// FixitiesTx are the changes to them.
type FixitiesTx interface {
	// FixityPass returns the newest pass of a copy, or sohoa.ErrNotExist.
	FixityPass(c CopyName) (FixityPass, error)
	PutFixityPass(p FixityPass) error
	// OpenFinding returns the open finding about a file, or sohoa.ErrNotExist.
	OpenFinding(c CopyName, object, key string) (FixityFinding, error)
	PutFixityFinding(f FixityFinding) error
	// EndFindings ends the open findings of a copy that were last seen before
	// t, and returns how many there were.
	EndFindings(c CopyName, t, at time.Time) (int, error)
	// PutObjectCopied enters the version of an object that is no document
	// which the second copy has.
	PutObjectCopied(object string, version int) error
	// PutSecondStore enters another store as that of the second copy: nothing
	// is copied yet.
	PutSecondStore(id string) error
}
